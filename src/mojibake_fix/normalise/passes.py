"""The passes over all characters of a text: in the kernel where there is one (``_passes.c``), else with NumPy.

Both give the same.  Everything else that the normaliser does concerns a few of the characters, and is Python.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mojibake_fix.model import code_points
from mojibake_fix.model.kernel import Kernel
from mojibake_fix.normalise.characters import KindTable
from mojibake_fix.normalise.edits import Edits

__all__ = ["Classified", "classify", "count", "meetings", "splice"]

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
_LINE_FEED = 0x0A


class Classified(NamedTuple):
    """What a text's characters are.

    Attributes:
        padded: The class of each character, an edge before and behind them: ``uint8[n + 2]``.
        present: Which kinds there are at all.
        marks, rare: The places of the characters that were asked for, in order.
        starts: Where each line begins: ``int64[lines]``.
        by_line: Which kinds each line has: ``uint32[lines]``.
    """

    padded: U8
    present: int
    marks: I64
    rare: I64
    starts: I64
    by_line: U32


def classify(points: U32, table: KindTable, marks: int, rare: int, kernel: Kernel | None) -> Classified:
    """Look every character up; what is outside the text is a line end.

    Args:
        points: Of the text: ``uint32[n]``.
        table: What each code point is.
        marks: The kinds of which the places are wanted.
        rare: Some of these, of which the places are wanted by themselves, too.
        kernel: What computes, if anything does.
    """
    size = len(points)
    padded = np.empty(size + 2, np.uint8)
    padded[0] = padded[-1] = table.classes[_LINE_FEED]
    classes = padded[1:-1]
    if kernel is not None:
        room, counts = np.empty((4, size + 1), np.uint32), np.zeros(3, np.int64)
        present = kernel.classify(
            _address(points), size, _address(table.classes), _address(table.bits), marks, rare, _address(classes),
            _address(room), _address(counts),
        )  # fmt: skip
        found, rare_found, lines = counts.tolist()
        places, rare_places = room[0, :found].astype(np.int64), room[1, :rare_found].astype(np.int64)
        return Classified(
            padded, present, places, rare_places, room[2, :lines].astype(np.int64), room[3, :lines].copy()
        )
    np.take(table.classes, points, out=classes, mode="clip")
    places = np.flatnonzero((table.bits & np.uint32(marks) != 0)[classes])
    rare_places = np.flatnonzero((table.bits & np.uint32(rare) != 0)[classes])
    starts = np.concatenate(([0], np.flatnonzero(points == _LINE_FEED) + 1))
    by_line = np.zeros(len(starts), np.uint32)
    # What follows a line feed at the very end is an empty line, which reduceat cannot express.
    whole = starts < size
    if whole.any():
        by_line[whole] = np.bitwise_or.reduceat(table.bits[classes], starts[whole])
    return Classified(padded, int(np.bitwise_or.reduce(by_line)), places, rare_places, starts, by_line)


def meetings(classes: U8, bits: U32, one: int, other: int, kernel: Kernel | None) -> I64:
    """Return the places of characters of ``one`` kind behind one of the ``other``, or the other way round.

    Args:
        classes: Of the characters.
        bits: Of the classes.
        one, other: Kinds.
        kernel: What computes, if anything does.
    """
    if kernel is None:
        first, second = (bits & np.uint32(one) != 0)[classes], (bits & np.uint32(other) != 0)[classes]
        return np.flatnonzero((first[:-1] & second[1:]) | (second[:-1] & first[1:])) + 1
    out = np.empty(len(classes) + 1, np.int64)
    size = kernel.meetings(_address(classes), len(classes), _address(bits), one, other, _address(out))
    return out[:size]


def count(classes: U8, bits: U32, starts: I64, ends: I64, kind: int, kernel: Kernel | None) -> I64:
    """Return how many characters of ``kind`` there are from each of ``starts`` (in order, disjoint) to its end."""
    out = np.zeros(len(starts), np.int64)
    if kernel is not None:
        starts, ends = map(np.ascontiguousarray, (starts, ends))
        kernel.count_kind(
            _address(classes), _address(starts), _address(ends), len(starts), _address(bits), kind, _address(out)
        )
        return out
    some = np.flatnonzero(starts < ends)
    if some.size:
        marks = np.append((bits & np.uint32(kind) != 0)[classes], False)
        spans = np.stack((starts[some], ends[some]), axis=1).ravel()
        out[some] = np.add.reduceat(marks.view(np.uint8), spans, dtype=np.int64)[::2]
    return out


def splice(points: U32, edits: Edits, kernel: Kernel | None) -> U32:
    """Return ``points`` with ``edits`` made, which are in order and disjoint."""
    starts, ends, which = map(np.ascontiguousarray, (edits.starts, edits.ends, edits.which))
    written = code_points("".join(edits.words))
    offsets = np.cumsum([0, *map(len, edits.words)], dtype=np.int64)
    lengths = np.diff(offsets)[which]
    size = len(points) + int(lengths.sum() - (ends - starts).sum())
    if kernel is not None:
        out = np.empty(size, np.uint32)
        kernel.splice(
            _address(points), len(points), _address(starts), _address(ends), _address(which), len(starts),
            _address(written), _address(offsets), _address(out),
        )  # fmt: skip
        return out
    # Kept and written stretches in turn: where each is taken from, and how long it is.
    sources = np.empty(2 * len(starts) + 1, np.int64)
    sources[0], sources[2::2], sources[1::2] = 0, ends, offsets[which] + len(points)
    taken = np.empty_like(sources)
    taken[::2], taken[1::2] = np.append(starts, len(points)) - sources[::2], lengths
    begins = np.cumsum(taken) - taken
    index = np.repeat(sources - begins, taken) + np.arange(size)
    return np.concatenate((points, written))[index]


def _address(array: npt.NDArray[np.generic]) -> int:
    return array.ctypes.data
