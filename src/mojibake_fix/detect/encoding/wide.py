"""UTF-16 and UTF-32 without a mark, where the bytes hold NULs; CJK text without any is scored as all else is."""

from __future__ import annotations

from mojibake_fix.detect.encoding.scoring import quick_scores, read_texts

__all__ = ["wide_encoding"]

_LOOK_AT = 1024
_READS = -4.0
"""Nats a byte that text in the encoding costs at most; noise costs 5.5, text of the other byte order 6 and more."""

_SHORT = 64
"""Data up to this size, in bytes, is judged as a whole."""
_RARE = 0.4
"""Share of bigrams that clean text does not have."""


def wide_encoding(data: bytes) -> str | None:
    """Return the encoding of two or four bytes a unit that ``data``, which holds NULs, reads well in; None if none."""
    best: tuple[float, str | None] = (_READS, None)
    head = data[:_LOOK_AT]
    half = len(head) // 8 * 4
    for name, unit in (("utf-16-le", 2), ("utf-16-be", 2), ("utf-32-le", 4), ("utf-32-be", 4)):
        # A byte lost or gained in one half leaves the other as it was, or shifted by one.
        halves = (head[:half], head[half:], head[half + 1 :], head[half + unit - 1 :]) if len(head) > _SHORT else ()
        for part in (head, *halves):
            score = _score(part[: len(part) // unit * unit], name)
            if score is not None:
                best = max(best, (score, name))
                break
    return best[1]


def _score(part: bytes, name: str) -> float | None:
    """Nats a byte of text that reads well in the encoding, None of what does not."""
    try:
        text = part.decode(name, "surrogatepass")
    except UnicodeError:
        return None
    if not text or "\0" in text:
        return None
    quick = quick_scores(read_texts([text]))
    if quick.rare[0] > max(_RARE * quick.counted[0], 4):
        return None
    return float(quick.score[0]) / len(part)
