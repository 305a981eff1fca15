"""What a document puts behind its characters where bytes of ASCII follow: a space, a digit, or a mark.

It will have done so where such a byte was lost, too.  The language model knows all documents together, of which some
set a space before a number or a name and some do not.  Not for changing what is there.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from mojibake_fix.lazy import lazy_pattern

__all__ = ["forms_as_spaced"]

_KINDS = tuple(
    (lazy_pattern(f"(?<=[\u3040-\u9fff\uac00-\ud7a3])[{characters}](?=.)"), share, np.array(points))
    for characters, share, points in (
        (" ", 0.3, [0x20]),
        ("0-9", 0.3, [*range(0x30, 0x3A)]),
        ("!-/:-<>", 0.4, [*range(0x21, 0x30), *range(0x3A, 0x3D), 0x3E]),
    )
)
"""Kinds of ASCII behind a character, and about what share of them the language model expects.  Of 2,000 such places in
clean Simplified lines 74 % are spaces, of 1,400 in Traditional ones hardly any."""
_PRIOR_COUNT = 0.5
"""How many places of the document the model's own shares are worth."""


def forms_as_spaced(forms: npt.NDArray[np.float32], text: str) -> npt.NDArray[np.float32]:
    """Return ``forms`` (``float32[65536]``, nats) with what is ASCII behind characters as likely as in ``text``."""
    counts = [len(pattern.findall(text)) for pattern, _, _ in _KINDS]
    if not any(counts):
        return forms
    changed = forms.copy()
    for count, (_, usual, points) in zip(counts, _KINDS, strict=True):
        share = (count + _PRIOR_COUNT * usual) / (sum(counts) + _PRIOR_COUNT)
        changed[points] += math.log(share / usual)
    return changed
