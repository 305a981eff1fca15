"""How a document writes: which form of each folded character is likely in it.

A style's form table (:data:`mojibake_fix.model.STYLES`) is the prior; what the document itself shows adapts it, so that
a Traditional text with half-width commas is expected to go on with half-width commas.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mojibake_fix.model.ngram import NgramModel

__all__ = ["document_forms"]

_PRIOR_COUNT = 2.0
"""How many characters of the document the style's prior is worth, for each folded character."""
_MARKUP = np.array([ord("<"), ord(">")])
_MARKUP_PRIOR = 0.5
"""Text to learn from has lost its markup, and with it nearly all signs of these two that are not full-width."""
_OTHER_STYLES = 0.15
"""The share of the other styles in the prior: converted and mixed texts are common."""


def document_forms(points: npt.NDArray[np.uint32], model: NgramModel) -> npt.NDArray[np.float32]:
    """Return ``log P(form | folded character)`` in a document of these code points: ``float32[65536]``, nats."""
    bmp = points[points < 0x10000].astype(np.int64)
    seen = np.bincount(bmp, minlength=0x10000).astype(np.float64)
    folded_seen = np.bincount(model.fold_table.astype(np.int64), seen, minlength=0x10000)[model.fold_table]
    styles = model.forms.astype(np.float64) / 8
    likeliest = int((styles @ seen).argmax())
    prior = (1 - _OTHER_STYLES) * np.exp(styles[likeliest]) + _OTHER_STYLES * np.exp(styles).mean(axis=0)
    prior[_MARKUP] = np.maximum(prior[_MARKUP], _MARKUP_PRIOR)
    adapted = (seen + _PRIOR_COUNT * prior) / (folded_seen + _PRIOR_COUNT)
    forms: npt.NDArray[np.float32] = np.log(np.maximum(adapted, 1e-6)).astype(np.float32)
    return forms
