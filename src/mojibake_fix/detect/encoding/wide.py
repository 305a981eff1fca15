"""UTF-16 and UTF-32 without a mark, where the bytes hold NULs; CJK text without any is scored as all else is."""

from __future__ import annotations

from mojibake_fix.detect.encoding.readings import read_texts
from mojibake_fix.detect.encoding.scoring import quick_scores

__all__ = ["seems_wide", "wide_encoding"]

_LOOK_AT = 1024
_READS = -4.0
"""Nats a byte that text in the encoding costs at most; noise costs 5.5, text of the other byte order 6 and more."""

_SHORT = 64
"""Data up to this size, in bytes, is judged as a whole."""
_RARE = 0.4
"""Share of bigrams that clean text does not have."""


_GLANCE = 400
_APART = 0.6
"""Of so many bytes, the different ones at even places are at most such a share of those at odd ones, or vice versa."""


def seems_wide(data: bytes) -> bool:
    """Whether ``data`` may be UTF-16 without NULs: one byte of each unit is of few kinds, the other of many."""
    head = data[:_GLANCE]
    fewer, more = sorted((len(set(head[::2])), len(set(head[1::2]))))
    return len(data) > _SHORT and fewer <= _APART * more


def wide_encoding(data: bytes) -> str | None:
    """Return the encoding of two or four bytes a unit that ``data``, which holds NULs, reads well in; None if none."""
    head = data[:_LOOK_AT]
    units = {"utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}
    if len(set(head[::2])) < len(set(head[1::2])):
        units = {name: units[name] for name in ("utf-16-be", "utf-16-le", "utf-32-be", "utf-32-le")}
    # The other order of bytes makes nothing of what reads well in one.
    whole = next((name for name, unit in units.items() if _score(head, name, unit) is not None), None)
    if whole is not None or len(head) <= _SHORT:
        return whole
    # A byte lost or gained in one half leaves the other as it was, or shifted by one.
    half = len(head) // 8 * 4
    scores = {
        name: score
        for name, unit in units.items()
        for part in (head[:half], head[half:], head[half + 1 :], head[half + unit - 1 :])
        if (score := _score(part, name, unit)) is not None
    }
    return max(scores, key=lambda name: scores[name], default=None)


def _score(part: bytes, name: str, unit: int) -> float | None:
    """Nats a byte of text that reads well in the encoding, None of what does not."""
    part = part[: len(part) // unit * unit]
    try:
        text = part.decode(name, "surrogatepass")
    except UnicodeError:
        return None
    if not text or "\0" in text:
        return None
    [quick], found = quick_scores(read_texts([text]))
    score = float(quick) / len(part)
    return None if found.rare[0] > max(_RARE * found.counted[0], 4) or score <= _READS else score
