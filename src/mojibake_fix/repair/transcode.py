"""Undo a misread: encode as it was read, decode as it was meant.

The text as it stands and the text read anew are two tracks over the same bytes.  Bytes that the true encoding does not
have, and marks of lost ones, stand in the new track as lone surrogates: *holes*, which the lattice fills.  Where the
true encoding is one of pairs, a mark may have taken one byte or two, so what follows it is read at both parities.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mojibake_fix.encodings import Encoding, lookup
from mojibake_fix.model import NgramModel, code_points, fold, unseen
from mojibake_fix.repair.stream import PLACEHOLDER, ByteStream, byte_lengths

__all__ = ["Reread", "decode_with_holes", "is_hole", "reread", "rereads"]

I64 = npt.NDArray[np.int64]
U32 = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]

_QUESTION = 0x3F
_NO_MARKS = np.empty(0, np.int64)


class Reread(NamedTuple):
    """A text read anew, aligned with itself.

    Attributes:
        encoding: The true encoding.
        stream: The text's bytes, as they were read.
        points: The new track: ``uint32[m]``; holes are U+DC80 to U+DCFF.
        ends: Byte offset of each of its characters, and the length: ``int64[m + 1]``.
        text_cuts, new_cuts: Offsets, in the text and in the new track, of the boundaries that both share, 0 and the
            ends included: ``int64[k + 1]``.
    """

    encoding: str
    stream: ByteStream
    points: U32
    ends: I64
    text_cuts: I64
    new_cuts: I64

    @property
    def read_as(self) -> str:
        """The encoding that the bytes were read as."""
        return self.stream.read_as

    @property
    def holes(self) -> Bools:
        """Which characters of the new track stand for broken bytes or lost ones: ``bool[m]``."""
        return is_hole(self.points)

    @property
    def alike(self) -> Bools:
        """Which characters of the text have bytes that are the same characters in the new track: ``bool[n]``."""
        lengths, new_lengths = np.diff(self.text_cuts), np.diff(self.new_cuts)
        unit = np.repeat(np.arange(len(lengths)), lengths)
        place = np.arange(len(unit)) - self.text_cuts[unit] + self.new_cuts[unit]
        same = self.points[np.minimum(place, len(self.points) - 1)] == self.stream.points
        alike: Bools = (lengths == new_lengths)[unit] & same & ~self.stream.passed
        return alike

    @property
    def broken(self) -> Bools:
        """The holes, and the replacement marks of every kind that stand beside them: ``bool[m]``."""
        return self._stretches(self.holes | self._doubled_marks())

    def _doubled_marks(self) -> Bools:
        """Question marks in a row where others stand for lost bytes: a whole character of UTF-8 may be lost so."""
        marks = self.points == _QUESTION
        if not self.holes.any() or lookup(self.read_as).structure != "multi":
            return np.zeros(len(marks), bool)
        beside = np.concatenate(([False], marks, [False]))
        doubled: Bools = marks & (beside[:-2] | beside[2:])
        return doubled

    @property
    def marked(self) -> Bools:
        """The holes in whose stretch stands a replacement mark: ``bool[m]``."""
        lost = (self.points == 0xDC00 + PLACEHOLDER) | (self.points == 0xDC00 + _QUESTION)
        marked: Bools = self.holes & self._stretches(lost | (self.points == _QUESTION))
        return marked

    def _stretches(self, wanted: Bools) -> Bools:
        """The stretches of holes and marks that hold one of ``wanted``."""
        alike = self.holes | (self.points == _QUESTION)
        stretch = np.cumsum(np.diff(np.concatenate(([False], alike)).astype(np.int8)) != 0)
        inside: Bools = alike & (np.bincount(stretch, wanted & alike, minlength=len(alike) + 1) > 0)[stretch]
        return inside


def is_hole(points: U32) -> Bools:
    """Tell which code points stand for a byte that the true encoding does not have, or for a lost one."""
    holes: Bools = (points & np.uint32(0xFFFFFF00)) == 0xDC00
    return holes


def reread(stream: ByteStream, encoding: str, model: NgramModel) -> Reread | None:
    """Read a stream as ``encoding``; None where nothing would change or the two tracks cannot be aligned."""
    target = lookup(encoding)
    data = stream.data
    parted = target.structure == "multi" and lookup(stream.read_as).structure == "multi"
    marks = _marks(stream) if parted else _NO_MARKS
    decoded = _both_parities(data, marks, target, model) if marks.size else _decoded(data, target)
    if decoded is None:
        return None
    points, ends = decoded
    points = _pass_through(stream, points, ends)
    if len(points) == len(stream.points) and np.array_equal(points, stream.points):
        return None
    shared = np.intersect1d(stream.bounds, ends, assume_unique=True)
    if target.structure == lookup(stream.read_as).structure == "single":
        # Where every byte is a character, one reading fits as well as the other anywhere: the whole line has one.
        shared = shared[[0, -1]]
    return Reread(encoding, stream, points, ends, np.searchsorted(stream.bounds, shared), np.searchsorted(ends, shared))


def rereads(
    streams: Sequence[ByteStream], encodings: Sequence[str], most_holes: float, model: NgramModel
) -> list[Reread]:
    """Read every stream anew as every encoding, most usual first; equal results once.

    Args:
        most_holes: How many holes there may be beside the stream's high bytes, as a share of these.
    """
    found: list[Reread] = []
    results: set[bytes] = set()
    for stream in streams:
        for encoding in encodings:
            if encoding == stream.read_as or not _may_be(stream, encoding):
                continue
            new = reread(stream, encoding, model)
            if new is None or int(new.holes.sum()) > most_holes * _high(stream):
                continue
            result = new.points.tobytes()
            if result not in results:
                results.add(result)
                found.append(new)
    return found


def _high(stream: ByteStream) -> int:
    return int((stream.data >= 0x80).sum())


def _may_be(stream: ByteStream, encoding: str) -> bool:
    """Whether the bytes are of ``encoding`` at a glance: in UTF-8, bytes that begin and bytes that go on balance."""
    if lookup(encoding).structure != "utf8":
        return True
    data = stream.data
    going_on = int(((data >= 0x80) & (data < 0xC0)).sum())
    beginning = int(((data >= 0xC2) & (data < 0xF5)).sum())
    return beginning > 0 and going_on * 2 >= beginning


def _marks(stream: ByteStream) -> I64:
    """Byte offsets of what may stand for lost bytes: characters without bytes, and ``?`` beside high bytes."""
    data = stream.data
    high = np.concatenate(([False], data >= 0x80, [False]))
    question = (data == _QUESTION) & (high[:-2] | high[2:])
    question[stream.placeholders()] = True
    # A question mark that is the trail of a pair is no character.
    starts = np.zeros(len(data) + 1, bool)
    starts[stream.bounds] = True
    return np.flatnonzero(question & starts[:-1])


def decode_with_holes(data: bytes, target: Encoding) -> str:
    """Decode ``data``; each byte that ``target`` does not have is a hole."""
    text = target.decode(data)
    return target.transcoder().decode_lossy(data, "surrogate", _as_surrogate) if text is None else text


def _decoded(data: npt.NDArray[np.uint8], target: Encoding) -> tuple[U32, I64] | None:
    text = decode_with_holes(data.tobytes(), target)
    points = code_points(text)
    lengths = byte_lengths(points, target)
    ends = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
    return (points, ends) if int(ends[-1]) == len(data) and bool((lengths > 0).all()) else None


def _as_surrogate(data: bytes, start: int, end: int) -> tuple[str, int]:
    return chr(0xDC00 + data[start]), start + 1


def _both_parities(
    data: npt.NDArray[np.uint8], marks: I64, target: Encoding, model: NgramModel
) -> tuple[U32, I64] | None:
    """Decode what follows each mark from its first byte and from its second, and keep what looks better."""
    tracks = []
    for skipped in (0, 1):
        changed = data.copy()
        changed[marks] = PLACEHOLDER
        behind = marks + skipped
        behind = behind[(behind < len(data)) & (changed[np.minimum(behind, len(data) - 1)] >= 0x80)]
        changed[behind] = PLACEHOLDER
        decoded = _decoded(changed, target)
        if decoded is None:
            return None
        points, ends = decoded
        # The placeholder's own byte is not what stood there, and some encodings map it.
        hidden = changed[ends[:-1]] == PLACEHOLDER
        points = np.where(hidden, np.uint32(0xDC00) + data[ends[:-1]], points)
        codes = fold(np.concatenate((np.full(1, 0x0A, np.uint32), points)), model.fold_table)
        bad = unseen(codes, model.scan) + 1.0 * is_hole(points)
        runs = np.searchsorted(marks, ends[:-1], side="right")
        tracks.append((points, ends, runs, np.bincount(runs, bad, minlength=len(marks) + 1)))
    (points0, ends0, runs0, bad0), (points1, ends1, runs1, bad1) = tracks
    second = bad1 < bad0
    take0, take1 = ~second[runs0], second[runs1]
    starts = np.concatenate((ends0[:-1][take0], ends1[:-1][take1]))
    order = np.argsort(starts, kind="stable")
    points = np.concatenate((points0[take0], points1[take1]))[order]
    return points, np.concatenate((starts[order], ends0[-1:]))


def _pass_through(stream: ByteStream, points: U32, ends: I64) -> U32:
    """Put back what passed through, and the placeholder for what was lost."""
    if not stream.passed.any():
        return points
    places = np.searchsorted(ends, stream.placeholders())
    changed = points.copy()
    lost = stream.lost[stream.passed]
    changed[places] = np.where(lost, np.uint32(0xDC00 + PLACEHOLDER), stream.points[stream.passed])
    return changed
