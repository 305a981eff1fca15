"""The evidence of readings from the compiled kernel: what :mod:`.scoring` and :mod:`.single` compute, in one pass.

Only the calls; what is computed, and that it is the same, is said there and held by ``tests/test_kernel.py``.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mojibake_fix.detect.encoding.readings import Readings
from mojibake_fix.model.kernel import CompiledModel

__all__ = ["MOST_TABLES", "Closeness", "CompiledEvidence", "TablesLayout", "Worth"]

_SCORES = 4
MOST_TABLES = 64
"""So many encodings of one byte a character fit."""

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
U16 = npt.NDArray[np.uint16]


class Worth(ctypes.Structure):
    """``worth`` of ``model/_bytes.c``."""

    _fields_ = (
        ("styles", ctypes.c_void_p),
        ("kinds", ctypes.c_void_p),
        ("next_to", ctypes.c_void_p),
        ("cases", ctypes.c_void_p),
        ("alone", ctypes.c_float * 3),
        ("symbol_in_word", ctypes.c_float),
        ("private_use", ctypes.c_float),
        ("capital", ctypes.c_float),
        ("least_of_lowered", ctypes.c_float),
        ("unwritten", ctypes.c_float),
        ("error", ctypes.c_float),
        ("unseen_below", ctypes.c_float),
        ("lowest", ctypes.c_float),
        ("seen_share", ctypes.c_float),
    )


class TablesLayout(ctypes.Structure):
    """``tables`` of ``model/_bytes.c``, of at most :data:`MOST_TABLES` rows."""

    _fields_ = (
        ("points", ctypes.c_void_p),
        ("codes", ctypes.c_void_p),
        ("cases", ctypes.c_void_p),
        ("kinds", ctypes.c_void_p),
        ("no_code", ctypes.c_void_p),
    )


class Closeness(ctypes.Structure):
    """``closeness`` of ``model/_bytes.c``."""

    _fields_ = (
        ("margin", ctypes.c_double),
        ("bias", ctypes.c_double),
        ("most_pairs", ctypes.c_int64),
        ("most_telling_pairs", ctypes.c_int64),
    )


class _Out:
    """Where the kernel writes of each line: rare, counted, errors, whether there is a burst, and its score.

    One array, for to ask an array where it is takes 1.3 µs, and a typical file 250.
    """

    def __init__(self, lines: int) -> None:
        self._table = np.empty((_SCORES + 1, lines), np.float32)
        first, step = self._table.ctypes.data, self._table.strides[0]
        self.addresses = range(first, first + (_SCORES + 1) * step, step) if step else (first,) * (_SCORES + 1)

    @property
    def rarities(self) -> tuple[F32, F32, F32, npt.NDArray[np.bool_]]:
        rare, counted, errors, bursts, _ = self._table
        return rare, counted, errors, bursts.view(np.bool_)[: len(bursts)]

    @property
    def scores(self) -> F32:
        return np.asarray(self._table[_SCORES])


@dataclass(frozen=True, slots=True)
class CompiledEvidence:
    """The model and what characters are worth, as the kernel sees them.

    Attributes:
        model: The language model.
        worth: The constants and tables of the scores.
        kept: The arrays that ``worth`` points into.
    """

    model: CompiledModel
    worth: Worth
    kept: tuple[npt.NDArray[np.generic], ...]

    def readings(
        self, readings: Readings, logp: F32 | None, burst: tuple[int, int], *, scored: bool
    ) -> tuple[F32 | None, F32, F32, F32, npt.NDArray[np.bool_]]:
        """Return of each reading its score, and its rare and counted bigrams, errors, and whether there is a burst.

        Args:
            readings: What to look at.
            logp: Log-probability of each code point, nats; None for quick scores.
            burst: So many rare bigrams, of so many in a row.
            scored: Whether scores are wanted.
        """
        out = _Out(len(readings.ends))
        self.model.kernel.readings(
            ctypes.byref(self.model.layout),
            ctypes.byref(self.worth),
            readings.points.ctypes.data,
            readings.points.size,
            readings.styles.ctypes.data,
            None if logp is None else logp.ctypes.data,
            *burst,
            out.addresses[_SCORES] if scored else None,
            *out.addresses[:_SCORES],
        )
        return (out.scores if scored else None), *out.rarities

    def table_lines(
        self, tables: TablesLayout, row: int, data: bytes, burst: tuple[int, int]
    ) -> tuple[F32, F32, F32, npt.NDArray[np.bool_]]:
        """Return the same of each line of ``data`` in an encoding of one byte a character, without scores.

        Args:
            tables, row: What each byte is, in the encoding of that row.
            data: The bytes.
            burst: So many rare bigrams, of so many in a row.
        """
        out = _Out(data.count(b"\n") + 1)
        self.model.kernel.table_lines(
            ctypes.byref(self.model.layout),
            ctypes.byref(self.worth),
            ctypes.byref(tables),
            row,
            data,
            len(data),
            *burst,
            *out.addresses[:_SCORES],
        )
        return out.rarities

    def skips(
        self, points: npt.NDArray[np.uint32], widths: U8, may_skip: npt.NDArray[np.bool_], style: int, skip: float
    ) -> npt.NDArray[np.bool_]:
        """Return which bytes are best left over: ``bool[n]``.

        Args:
            points, widths: What begins at each byte, and how many bytes it takes, 0 where nothing does.
            may_skip: Which bytes may be left over though something begins at them.
            style: Row of the style tables.
            skip: Nats for such a byte.

        Raises:
            MemoryError: There are too many bytes.
        """
        skipped = np.zeros(points.size, np.bool_)
        done = self.model.kernel.skips(
            ctypes.byref(self.model.layout),
            ctypes.byref(self.worth),
            points.ctypes.data,
            widths.ctypes.data,
            may_skip.ctypes.data,
            points.size,
            style,
            skip,
            skipped.ctypes.data,
        )
        if not done:
            raise MemoryError("no room to look for lost bytes")
        return skipped

    def best_single(
        self, tables: TablesLayout, closeness: Closeness, data: bytes, allowed: I64, priors: F64
    ) -> tuple[list[int], int, int]:
        """Return which rows of the tables read ``data`` best, and how many of the best one's pairs are rare, of all.

        Args:
            tables: What each byte is, in each encoding.
            closeness: What counts as close to the best.
            data: The bytes.
            allowed: The rows that may be answered, likeliest first.
            priors: How likely each row is, nats.

        Raises:
            MemoryError: There is no room for the pairs.
        """
        rows, counts = (ctypes.c_int64 * MOST_TABLES)(), (ctypes.c_int64 * 2)()
        count = self.model.kernel.best_single(
            ctypes.byref(self.model.layout),
            ctypes.byref(self.worth),
            ctypes.byref(tables),
            ctypes.byref(closeness),
            data,
            len(data),
            allowed.ctypes.data,
            allowed.size,
            priors.ctypes.data,
            rows,
            counts,
        )
        if count < 0:
            raise MemoryError("no room to look at pairs of bytes")
        return rows[:count], counts[0], counts[1]
