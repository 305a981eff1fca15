"""Streams read astride their characters: where one may begin, and where it must have ended.

A split, a lost or a gained byte, or a reading written between two bytes shifts the pairing of every byte up to the next
one that can only stand alone: a digit, a space or a mark of ASCII.  Only the place is found here; whether it was so,
the lattice and the language model say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mojibake_fix.detect.glosses import AstrideGloss
from mojibake_fix.detect.scan import Suspicion

__all__ = ["MisalignedRegion", "find_misaligned"]

_BEFORE = 4
"""Characters before the first suspicious one: the mark of a lost byte may look harmless by itself."""
_UNMARKED = 8
"""Suspicious characters in a row without any mark of a lost byte before a shift is thought of."""
_JOIN = 6
_ALONE = re.compile("[\x20-\x3e\x40\n]")
_MARKS = "?\ufffd"
_SPLIT = re.compile("[?\ufffd][！？][?\ufffd]?|[?\ufffd][!?][?\ufffd]")
"""What a blind split leaves between a full stop and a quotation mark, full-width or folded since."""


@dataclass(frozen=True, slots=True)
class MisalignedRegion:
    """A half-open span of one line, and what marks a shift in it: lost bytes, readings, or nothing but its look."""

    start: int
    end: int
    marked: bool
    glosses: tuple[AstrideGloss, ...]


def find_misaligned(
    line: str, suspicions: Sequence[Suspicion], glosses: Sequence[AstrideGloss]
) -> list[MisalignedRegion]:
    """Return the regions of ``line`` that may be read astride, disjoint, by start."""
    places = [(s.start, s.end) for s in suspicions] + [(g.start, g.end) for g in glosses]
    places += [match.span() for match in _SPLIT.finditer(line)]
    joined: list[tuple[int, int]] = []
    for start, end in sorted(places):
        begin = max(start - _BEFORE, 0)
        alone = _ALONE.search(line, end)
        finish = alone.start() if alone else len(line)
        if joined and begin <= joined[-1][1] + _JOIN:
            joined[-1] = (joined[-1][0], max(joined[-1][1], finish))
        else:
            joined.append((begin, finish))
    regions = []
    for start, end in joined:
        inside = tuple(g for g in glosses if start <= g.start and g.end <= end)
        marked = any(mark in line[start:end] for mark in _MARKS)
        longest = max((s.end - s.start for s in suspicions if start <= s.start < end), default=0)
        if inside or marked or longest >= _UNMARKED:
            regions.append(MisalignedRegion(start, end, marked, inside))
    return regions
