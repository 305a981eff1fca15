"""The same bytes seen through many encodings: one stream of code points, a line for each reading.

Not for how likely any of them is: :mod:`mojibake_fix.detect.encoding.scoring` says that.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mojibake_fix.detect.encoding.catalogue import CATALOGUE
from mojibake_fix.detect.encoding.decoders import decode_marked
from mojibake_fix.model import BOUNDARY, STYLES, code_points

__all__ = [
    "_ANY_STYLE",
    "Readings",
    "is_marked",
    "joined_readings",
    "read_lines",
    "read_texts",
    "read_texts_as",
    "read_whole",
    "style_of",
]

F32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Points = npt.NDArray[np.uint32]
I64 = npt.NDArray[np.int64]

_ANY_STYLE = len(STYLES)
"""Row of the style tables for text in any of the model's styles; the next is for text in none of them."""
_NO_STYLE = _ANY_STYLE + 1


@dataclass(frozen=True, slots=True)
class Readings:
    """Lines, each read in one or more ways, as one stream of code points.

    Attributes:
        points: ``uint32[n]``, every reading followed by a line feed.
        ends: Offset of each reading's line feed: ``int64[m]``.
        styles: Row of the style tables that each reading is written in: ``uint8[m]``.
    """

    points: Points
    ends: I64
    styles: npt.NDArray[np.uint8]

    @property
    def starts(self) -> I64:
        """Offset of each reading's first code point: ``int64[m]``."""
        starts = np.empty_like(self.ends)
        starts[0] = 0
        starts[1:] = self.ends[:-1] + 1
        return starts

    def sums(self, values: npt.NDArray[np.generic]) -> F32:
        """Add up ``values`` (``[n]``, 0 at line feeds) over each reading: ``float32[m]``."""
        return np.add.reduceat(values, self.starts, dtype=np.float64).astype(np.float32)

    def counts(self, mask: Bools) -> F32:
        """Count, in each reading, where ``mask`` (``[n]``) is true: ``float32[m]``."""
        upto = mask.cumsum(dtype=np.int32)[self.ends]
        upto[1:] -= upto[:-1].copy()
        return upto.astype(np.float32)

    def damaged_places(self) -> F32:
        """Count, in each reading, the runs of bytes that are no character: ``float32[m]``."""
        marked = is_marked(self.points)
        marked[1:] &= ~marked[:-1].copy()
        return self.counts(marked)

    def pick(self, which: Sequence[int] | I64) -> Readings:
        """Return only the readings of these numbers, in this order."""
        starts, ends = self.starts, self.ends
        index = np.concatenate([np.arange(starts[i], ends[i] + 1) for i in which])
        lengths = np.array([ends[i] + 1 - starts[i] for i in which], np.int64)
        return Readings(self.points[index], np.cumsum(lengths) - 1, self.styles[np.asarray(which)])


def read_whole(data: bytes, names: Sequence[str]) -> Readings:
    """Read ``data`` as each encoding, a reading each, in the order of ``names``."""
    return joined_readings([_read(name, data).replace("\n", " ") for name in names], names)


def read_lines(data: bytes, names: Sequence[str]) -> Readings:
    """Read each line of ``data`` as each encoding: readings in the order of ``names``, and of lines within each."""
    return joined_readings([_read(name, data) for name in names], names)


def read_texts(texts: Sequence[str]) -> Readings:
    """Take texts as they are, a reading each, in any style."""
    return joined_readings([text.replace("\n", " ") for text in texts], ["utf-8"] * len(texts))


def read_texts_as(texts: Sequence[str], name: str, language: str | None = None) -> Readings:
    """Take texts that were read as this encoding, a reading each; in an encoding of all languages, in that one."""
    readings = joined_readings([text.replace("\n", " ") for text in texts], [name] * len(texts))
    if language not in STYLES or style_of(name) != _ANY_STYLE:
        return readings
    return replace(readings, styles=np.full_like(readings.styles, STYLES.index(language)))


def joined_readings(texts: Sequence[str], names: Sequence[str]) -> Readings:
    """Take texts that were read as these encodings; each line is a reading."""
    points = code_points("\n".join((*texts, "")))
    ends = (points == BOUNDARY).nonzero()[0]
    styles = np.array([style_of(name) for name in names], np.uint8)
    if len(ends) != len(names):
        styles = styles.repeat([text.count("\n") + 1 for text in texts])
    return Readings(points, ends, styles)


def is_marked(points: Points) -> Bools:
    """Tell which code points stand for a byte that is no character."""
    return (points >= 0xDC00) & (points < 0xDD00)


@functools.cache
def style_of(name: str) -> int:
    """The row of the style tables for text in this encoding."""
    row = CATALOGUE.get(name)
    if row is None or not row.languages:
        return _ANY_STYLE
    return STYLES.index(row.languages[0]) if row.languages[0] in STYLES else _NO_STYLE


def _read(name: str, data: bytes) -> str:
    text = decode_marked(name, data)
    # Vietnamese marks are characters of their own there; the model knows composed letters.
    return unicodedata.normalize("NFC", text) if name == "cp1258" else text
