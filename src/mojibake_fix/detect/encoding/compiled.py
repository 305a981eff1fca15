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

__all__ = ["CompiledEvidence", "Worth"]

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
        ("alone", ctypes.c_float * 3),
        ("symbol_in_word", ctypes.c_float),
        ("private_use", ctypes.c_float),
        ("unwritten", ctypes.c_float),
        ("error", ctypes.c_float),
        ("unseen_below", ctypes.c_float),
        ("lowest", ctypes.c_float),
        ("seen_share", ctypes.c_float),
    )


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
        size = len(readings.ends)
        score = np.empty(size, np.float32) if scored else None
        counts = np.empty((3, size), np.float32)
        bursts = np.empty(size, np.bool_)
        rare, counted, errors = counts
        self.model.kernel.readings(
            ctypes.byref(self.model.layout),
            ctypes.byref(self.worth),
            readings.points.ctypes.data,
            readings.points.size,
            readings.styles.ctypes.data,
            None if logp is None else logp.ctypes.data,
            *burst,
            None if score is None else score.ctypes.data,
            rare.ctypes.data,
            counted.ctypes.data,
            errors.ctypes.data,
            bursts.ctypes.data,
        )
        return score, rare, counted, errors, bursts

    def table_lines(
        self, codes: U16, no_code: npt.NDArray[np.bool_], data: bytes, burst: tuple[int, int]
    ) -> tuple[F32, F32, F32, npt.NDArray[np.bool_]]:
        """Return the same of each line of ``data`` in an encoding of one byte a character, without scores.

        Args:
            codes, no_code: What each byte is, and whether it is nothing: ``[256]``.
            data: The bytes.
            burst: So many rare bigrams, of so many in a row.
        """
        size = data.count(b"\n") + 1
        rare, counted, errors = np.empty((3, size), np.float32)
        bursts = np.empty(size, np.bool_)
        self.model.kernel.table_lines(
            ctypes.byref(self.model.layout),
            codes.ctypes.data,
            no_code.ctypes.data,
            data,
            len(data),
            *burst,
            rare.ctypes.data,
            counted.ctypes.data,
            errors.ctypes.data,
            bursts.ctypes.data,
        )
        return rare, counted, errors, bursts

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

    def telling(self, values: U8) -> tuple[npt.NDArray[np.bool_], I64]:
        """Return which bytes there are (``bool[256]``), and where pairs with one beyond ASCII begin."""
        used, places = np.empty(256, np.bool_), np.empty(values.size, np.int64)
        count = self.model.kernel.telling(values.ctypes.data, values.size, used.ctypes.data, places.ctypes.data)
        return used, places[:count]

    def singles(self, codes: U16, kinds: U8, rows: I64, values: U8, places: I64) -> tuple[F64, I64]:
        """Return the nats of the pairs of ``values`` at ``places`` in each of ``rows``, and how many are rare.

        Args:
            codes, kinds: Of each encoding and byte: ``[names, 256]``.
            rows: Which encodings.
            values: The bytes.
            places: Where the pairs begin.
        """
        scores, rare = np.empty(rows.size, np.float64), np.empty(rows.size, np.int64)
        places = np.ascontiguousarray(places)
        self.model.kernel.singles(
            ctypes.byref(self.model.layout),
            ctypes.byref(self.worth),
            codes.ctypes.data,
            kinds.ctypes.data,
            rows.ctypes.data,
            rows.size,
            values.ctypes.data,
            places.ctypes.data,
            places.size,
            scores.ctypes.data,
            rare.ctypes.data,
        )
        return scores, rare
