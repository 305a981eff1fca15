"""Whether a text asks: a question mark at its end is likelier behind words that ask, however far in front they stand.

The language model sees three characters.  Not for telling what a sentence means.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mojibake_fix.lazy import lazy_pattern
from mojibake_fix.model import NgramModel

__all__ = ["MARKS", "forms_in_mood", "mood_logp"]

_ASKS = lazy_pattern(
    "什么|甚么|哪|谁|吗|呢|怎|为何|如何|何时|多少|是否|几|か(?=[。？?”]|$)|何|誰|どこ|なぜ|どう|까|나요|가요|는가|은가|무엇|어디|누구|"
    "언제|왜|어떻게|무슨|어느"
)
"""In the folded alphabet."""
MARKS = (0x3F, 0xFF1F)
"""Question marks: code points."""
_ASKING = np.float32(1.8)
_NOT_ASKING = np.float32(-1.1)
"""Nats for a question mark in a text that has such a word, and in one that has none: of training text, the least of
Simplified (2.5, -2.0) and Traditional Chinese (1.8, -1.2), Japanese (1.9, -1.0) and Korean (1.8, -1.1)."""


def forms_in_mood(forms: npt.NDArray[np.float32], text: str, model: NgramModel) -> npt.NDArray[np.float32]:
    """Return ``forms`` (``float32[65536]``, nats) with question marks as likely as they are in such a text."""
    changed = forms.copy()
    changed[list(MARKS)] += mood_logp(text, model)
    return changed


def mood_logp(text: str, model: NgramModel) -> np.float32:
    """Return what a text says of a question mark at its end: nats."""
    folded = model.fold(text).astype("<u2").tobytes().decode("utf-16-le", "replace")
    return _ASKING if _ASKS.search(folded) else _NOT_ASKING
