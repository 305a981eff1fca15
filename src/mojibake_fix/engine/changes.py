"""What a change comes to: the ends that two texts share, and whether the damage, done again, gives what was there."""

from __future__ import annotations

from collections.abc import Sequence

from mojibake_fix.encodings import lookup, misread
from mojibake_fix.plan import Misread

__all__ = ["common_ends", "damage_again"]


def common_ends(before: str, others: Sequence[str]) -> tuple[int, int]:
    """Return how many characters all texts share at their beginning, and behind that at their end."""
    shortest = min(map(len, (before, *others)))
    head = 0
    while head < shortest and all(before[head] == other[head] for other in others):
        head += 1
    tail = 0
    while tail < shortest - head and all(before[-1 - tail] == other[-1 - tail] for other in others):
        tail += 1
    return head, tail


def damage_again(text: str, channel: Sequence[Misread]) -> str | None:
    """Return ``text`` read wrongly by each link of ``channel``, nothing lost; None where that cannot be."""
    for link in channel:
        data = lookup(link.encoding).encode(text)
        if data is None:
            return None
        try:
            text = misread(data, link.read_as)
        except UnicodeDecodeError:
            return None
    return text
