"""How a long text is cut, in memory and in files alike: windows, each repaired as a document of its own.

One rule for both is what makes a file that is read in pieces come out as the same text does in one piece, and what
keeps memory and time in bounds.  Not for reading bytes: :mod:`mojibake_fix.files.pieces` applies the rule to them.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence

from mojibake_fix.plan import Plan, Repair, Step

__all__ = ["WINDOW", "first_window", "joined", "windows"]

WINDOW = 1 << 19
"""Most characters of a window: two novels of Chinese.  A document's evidence is pooled over no more than this."""

_SEPARATORS = (" \t", ',">')
"""Behind what a long line is cut, best first: no encoding has these bytes inside a character, and no escape either, but
for the second kind in 7-bit encodings."""

_LOOKED_BACK = 8
"""They are looked for in the last eighth of a window."""

_GROUP = 6
"""Where there are none, so many characters stay together: whole characters of two or three bytes that were misread byte
by byte, and two of UTF-8 that were misread as three of two bytes."""


def first_window(text: str, start: int = 0) -> int:
    """Return where the window that begins at ``start`` ends.

    It ends behind the last line feed of its :data:`WINDOW` characters, or in the middle of a line that is longer.
    """
    most = start + WINDOW
    if len(text) <= most:
        return len(text)
    return text.rfind("\n", start, most) + 1 or _cut_of_a_line(text, start, most)


def _cut_of_a_line(text: str, start: int, most: int) -> int:
    floor = most - WINDOW // _LOOKED_BACK
    for separators in _SEPARATORS:
        if end := max(text.rfind(separator, floor, most) for separator in separators) + 1:
            return end
    # Whatever it was a part of, a character ends with one of ASCII.
    last = next((at for at in range(most, start, -1) if text[at - 1] < "\x80"), start)
    end = most - (most - last) % _GROUP
    return end if end > start else most


def windows(text: str) -> Iterator[str]:
    """Yield the windows of ``text``: it itself, if it is not longer than one."""
    start = 0
    while start < len(text):
        end = first_window(text, start)
        yield text[start:end]
        start = end


def joined(texts: Sequence[str], repairs: Sequence[Repair]) -> Repair:
    """Return the repair of a text from those of its windows: one plan, whose rounds are those of all windows."""
    last = max((step.round for repair in repairs for step in repair.plan.steps), default=-1)
    # Where each window begins in the text of the round.
    lengths = [len(text) for text in texts]
    steps: list[Step] = []
    for number in range(last + 1):
        for window, start in enumerate(_starts(lengths)):
            made = [step for step in repairs[window].plan.steps if step.round == number]
            steps += [dataclasses.replace(step, start=step.start + start, end=step.end + start) for step in made]
            lengths[window] += sum(len(step.after) - len(step.before) for step in made)
    reported = [
        dataclasses.replace(step, start=step.start + start, end=step.end + start)
        for start, repair in zip(_starts(lengths), repairs, strict=True)
        for step in repair.plan.reported
    ]
    return Repair("".join(repair.text for repair in repairs), Plan(tuple(steps), tuple(reported)))


def _starts(lengths: Sequence[int]) -> list[int]:
    return list(itertools.accumulate(lengths[:-1], initial=0))
