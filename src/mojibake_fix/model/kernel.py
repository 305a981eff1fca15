"""The compiled kernel: the same results as NumPy's versions, faster, where a compiler was at hand at installation.

It is a shared library without Python in it, found beside this module and called through ctypes with plain buffers, so
that one build serves every Python and other threads run meanwhile.  :func:`load_kernel` is None where it was not
built, or where ``MOJIBAKE_FIX_KERNEL=off`` asks for the pure versions.  What it computes is said where it is used.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "LIBRARY",
    "MOST_MARKERS",
    "MOST_PAIRINGS",
    "CompiledModel",
    "Gate",
    "Kernel",
    "LevelLayout",
    "Lexis",
    "ModelLayout",
    "Pairing",
    "Sums",
    "load_kernel",
]

LIBRARY = "_kernel.dll" if sys.platform == "win32" else "_kernel.so"
"""File name of the library, beside this module."""
SWITCH = "MOJIBAKE_FIX_KERNEL"
MOST_MARKERS, MARKER_BYTES, MOST_PAIRINGS = 32, 8, 8
"""Sizes of the tables of :class:`Gate`."""
SOURCES = (
    *("_kernel.c", "_kernel.h", "_tracks.c", "_tracks.h", "_rows.c", "_words.c", "_channels.c"),
    *("_bytes.c", "_passes.c", "_search.c"),
)

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
U16 = npt.NDArray[np.uint16]


class LevelLayout(ctypes.Structure):
    """``level`` of ``_kernel.h``."""

    _fields_ = (
        ("cells", ctypes.c_void_p),
        ("logp", ctypes.c_void_p),
        ("backoff", ctypes.c_void_p),
        ("segments", ctypes.c_uint64),
        ("seed", ctypes.c_uint64),
        ("value_bits", ctypes.c_uint32),
        ("fingerprint_bits", ctypes.c_uint32),
        ("logp_bits", ctypes.c_uint32),
        ("wide", ctypes.c_uint32),
    )


class ModelLayout(ctypes.Structure):
    """``model`` of ``_kernel.h``."""

    _fields_ = (
        ("fold", ctypes.c_void_p),
        ("scan", ctypes.c_void_p),
        ("unigram", ctypes.c_void_p),
        ("unigram_backoff", ctypes.c_void_p),
        ("floor", ctypes.c_void_p),
        ("levels", LevelLayout * 3),
        ("scan_bits", ctypes.c_uint32),
    )


class Sums(ctypes.Structure):
    """``sums`` of ``_kernel.h``: the running sums of the scan."""

    _fields_ = (
        ("unseen_step", ctypes.c_int32),
        ("unseen_letter_step", ctypes.c_int32),
        ("alarm", ctypes.c_int32),
        ("rare", ctypes.c_float),
        ("letter_weight", ctypes.c_float),
        ("few", ctypes.c_double),
        ("mixed_scripts", ctypes.c_double),
        ("scripts", ctypes.c_void_p),
        ("beside", ctypes.c_int64),
    )


class Lexis(ctypes.Structure):
    """``lexis`` of ``_kernel.h``: words, and what may have become of a letter of one."""

    _fields_ = (
        ("words", LevelLayout),
        ("small", ctypes.c_void_p),
        ("natures", ctypes.c_void_p),
        ("starts", ctypes.c_void_p),
        ("candidates", ctypes.c_void_p),
        ("letters", ctypes.c_void_p),
        ("contexts", ctypes.c_void_p),
        ("crc", ctypes.c_void_p),
        ("kinds", ctypes.c_void_p),
        ("of_next", ctypes.c_uint64),
        ("languages", ctypes.c_uint32),
        ("limit", ctypes.c_uint32),
        ("least_plain", ctypes.c_uint32),
    )


class Pairing(ctypes.Structure):
    """``pairing`` of ``_rows.c``: an encoding whose characters are pairs of bytes, and those that tell it."""

    _fields_ = (
        ("encode", ctypes.c_void_p),
        ("pairs", ctypes.c_void_p),
        ("first", ctypes.c_uint32),
        ("last", ctypes.c_uint32),
        ("least_letter_gain", ctypes.c_double),
    )


class Gate(ctypes.Structure):
    """``gate`` of ``_rows.c``: what the look at whole rows is to find."""

    _fields_ = (
        ("markers", (ctypes.c_uint8 * MARKER_BYTES) * MOST_MARKERS),
        ("marker_count", ctypes.c_int32),
        ("pairing_count", ctypes.c_int32),
        ("pairings", Pairing * MOST_PAIRINGS),
        ("least_weight", ctypes.c_double),
        ("least_weight_among_letters", ctypes.c_double),
        ("least_weight_of_letters", ctypes.c_double),
        ("before", ctypes.c_int64),
        ("behind", ctypes.c_int64),
        ("near", ctypes.c_int64),
        ("longest", ctypes.c_int64),
        ("least_share", ctypes.c_double),
        ("around", ctypes.c_int64),
        ("least_gain", ctypes.c_double),
        ("most_rejoined", ctypes.c_double),
        ("encodable", ctypes.c_double),
        ("marked", ctypes.c_float),
        ("unmarked", ctypes.c_float),
        ("no_code", ctypes.c_float),
        ("most_backoff", ctypes.c_float),
        ("words", ctypes.c_void_p),
        ("readings", ctypes.c_int32),
        ("mark_letter", ctypes.c_uint32),
        ("mark_payload", ctypes.c_uint32),
    )


class Kernel:
    """The loaded library."""

    def __init__(self, library: ctypes.CDLL) -> None:
        pointer, size, word = ctypes.c_void_p, ctypes.c_int64, ctypes.c_uint32
        self.library = library
        self._get = _function(
            library, "get", None, pointer, ctypes.c_int32, ctypes.c_uint64, ctypes.c_uint64, word, word, pointer, size,
            pointer, pointer,
        )  # fmt: skip
        self._absent = _function(library, "absent", None, pointer, word, pointer, size, pointer)
        self.logp = _function(library, "logp", None, pointer, pointer, size, pointer)
        self.logp_next = _function(library, "logp_next", None, *[pointer] * 5, size, pointer)
        self.alarms = _function(library, "alarms", size, pointer, pointer, pointer, size, pointer, pointer)
        self.weights = _function(library, "weights", None, *[pointer] * 5, size, pointer)
        self.channels = _function(
            library, "channels", ctypes.c_int32, *[pointer] * 4, ctypes.c_int32, pointer, ctypes.c_int32, pointer,
            ctypes.c_int32, pointer, pointer, ctypes.c_double, ctypes.c_int32, pointer, pointer,
        )  # fmt: skip
        self.misread_rows = _function(
            library, "misread_rows", ctypes.c_int32, *[pointer] * 7, size, ctypes.c_double, pointer
        )
        self.evident_rows = _function(
            library, "evident_rows", ctypes.c_int32, *[pointer] * 7, size, pointer, pointer, size
        )
        self.score_tracks = _function(library, "score_tracks", ctypes.c_int32, *[pointer] * 5, size, pointer)
        self.as_it_stands = _function(library, "as_it_stands", ctypes.c_int32, pointer, pointer, size, pointer, pointer)
        self.odd_words = _function(library, "odd_words_of_lines", size, pointer, pointer, size, pointer)
        self.readings = _function(
            library, "readings", None, *[pointer] * 3, size, *[pointer] * 2, *[ctypes.c_int32] * 2, *[pointer] * 5
        )
        self.table_lines = _function(
            library, "table_lines", None, *[pointer] * 3, size, pointer, size, *[ctypes.c_int32] * 2, *[pointer] * 4
        )
        self.skips = _function(
            library, "skips", ctypes.c_int32, *[pointer] * 5, size, ctypes.c_int32, ctypes.c_double, pointer
        )
        self.best_single = _function(library, "best_single", size, *[pointer] * 5, size, pointer, size, *[pointer] * 3)
        self.rows = _function(
            library, "rows", size, pointer, pointer, pointer, pointer, ctypes.c_int32, pointer, size, pointer, pointer
        )
        # What these compute is said in mojibake_fix.repair.beam.
        self.search = _function(library, "search", ctypes.c_int32, *[pointer] * 5, size, pointer)
        self.forget = _function(library, "forget", None, pointer)
        self.ways = _function(
            library, "ways", size, pointer, size, pointer, size, pointer, pointer, size, size, pointer
        )
        # What these compute is said in mojibake_fix.normalise.passes.
        self.classify = _function(
            library, "classify", word, pointer, size, pointer, pointer, word, word, *[pointer] * 3
        )
        self.meetings = _function(library, "meetings", size, pointer, size, pointer, word, word, pointer)
        self.count_kind = _function(library, "count_kind", None, *[pointer] * 3, size, pointer, word, pointer)
        self.splice = _function(
            library, "splice", None, pointer, size, pointer, pointer, pointer, size, pointer, pointer, pointer
        )

    def get(
        self,
        cells: npt.NDArray[Any],
        keys: npt.NDArray[np.uint64],
        *,
        segments: int,
        seed: int,
        value_bits: int,
        fingerprint_bits: int,
    ) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.bool_]]:
        """:meth:`mojibake_fix.model.fuse.StaticFunction.get`."""
        keys = np.ascontiguousarray(keys)
        values = np.empty(keys.shape, np.uint32)
        found = np.empty(keys.shape, np.bool_)
        self._get(
            cells.ctypes.data, cells.itemsize == 4, segments, seed, value_bits, fingerprint_bits, keys.ctypes.data,
            keys.size, values.ctypes.data, found.ctypes.data,
        )  # fmt: skip
        return values, found

    def absent(self, keys: npt.NDArray[np.uint32], bitmap: U8, bits: int) -> npt.NDArray[np.bool_]:
        """:func:`mojibake_fix.model.scan.absent`."""
        keys = np.ascontiguousarray(keys)
        out = np.empty(keys.shape, np.bool_)
        self._absent(bitmap.ctypes.data, bits, keys.ctypes.data, keys.size, out.ctypes.data)
        return out


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """A language model as the kernel sees it.

    Attributes:
        kernel: What computes.
        layout: The model.
        kept: The arrays that ``layout`` points into.
        gates: What was made of the model to look at rows, by what is looked for, with the arrays it points into.
    """

    kernel: Kernel
    layout: ModelLayout
    kept: tuple[Any, ...]
    gates: dict[tuple[str, bool, bool], tuple[Gate, list[U16]]] = field(default_factory=dict)

    def logp(self, codes: U16) -> F32:
        """:meth:`mojibake_fix.model.NgramModel.logp`."""
        codes = np.ascontiguousarray(codes)
        out = np.empty(codes.shape, np.float32)
        self.kernel.logp(ctypes.byref(self.layout), codes.ctypes.data, codes.size, out.ctypes.data)
        return out

    def logp_next(self, c3: U16, c2: U16, c1: U16, c0: U16) -> F32:
        """:meth:`mojibake_fix.model.NgramModel.logp_next`."""
        parts = [np.ascontiguousarray(part) for part in np.broadcast_arrays(c3, c2, c1, c0)]
        out = np.empty(parts[0].shape, np.float32)
        self.kernel.logp_next(
            ctypes.byref(self.layout), *(part.ctypes.data for part in parts), out.size, out.ctypes.data
        )
        return out

    def alarms(self, sums: Sums, codes: U16) -> tuple[I64, I64]:
        """The stretches of ``codes`` (boundaries before, between and behind its lines) over which the sum rang."""
        codes = np.ascontiguousarray(codes)
        # A stretch holds two characters at least.
        starts, ends = np.empty(codes.size // 2 + 1, np.int64), np.empty(codes.size // 2 + 1, np.int64)
        count = self.kernel.alarms(
            ctypes.byref(self.layout),
            ctypes.byref(sums),
            codes.ctypes.data,
            codes.size,
            starts.ctypes.data,
            ends.ctypes.data,
        )
        return starts[:count], ends[:count]

    def rows(self, sums: Sums, gate: Gate, data: int, offsets: I64, *, wide: bool, lines: U8 | None = None) -> U8:
        """Look at rows of text: flags (of ``_rows.c``) of each, ``uint8[len(offsets) - 1]``.

        Args:
            sums: The scan's running sums.
            gate: What to find.
            data: Address of the UTF-8 bytes, or (``wide``) of the code points.
            offsets: Where each row begins, and where the last one ends, in bytes or in code points.
            wide: Whether it is code points (uint32).
            lines: Where to write the flags of each line of all rows, if anywhere.

        Raises:
            MemoryError: There is no room for the longest line.
        """
        flags = np.empty(max(len(offsets) - 1, 0), np.uint8)
        offsets = np.ascontiguousarray(offsets)
        failed = self.kernel.rows(
            ctypes.byref(self.layout),
            ctypes.byref(sums),
            ctypes.byref(gate),
            data,
            wide,
            offsets.ctypes.data,
            flags.size,
            flags.ctypes.data,
            None if lines is None else lines.ctypes.data,
        )
        if failed:
            raise MemoryError("no room to look at a line")
        return flags

    def weights(self, sums: Sums, codes: U16, logp: F32, starts: I64, ends: I64) -> F64:
        """The highest running sum of each stretch of ``codes``."""
        out = np.empty(len(starts), np.float64)
        self.kernel.weights(
            ctypes.byref(sums), codes.ctypes.data, logp.ctypes.data, starts.ctypes.data, ends.ctypes.data, len(out),
            out.ctypes.data,
        )  # fmt: skip
        return out


@functools.cache
def load_kernel() -> Kernel | None:
    """Load the library, once a process; None where there is none, or none is wanted.

    One that is older than the sources beside it, in a checkout, is none: ``python build_kernel.py`` builds it again.
    """
    room = Path(__file__).parent
    path = room / LIBRARY
    if os.environ.get(SWITCH) == "off" or sys.byteorder != "little" or not path.exists():
        return None
    try:
        library = ctypes.CDLL(str(path))
        built_from = _function(library, "kernel_sources", ctypes.c_uint32)()
    except (OSError, AttributeError):
        # Of another platform, or of another version.
        return None
    if (room / SOURCES[0]).exists() and built_from != sources_crc(room):
        return None
    return Kernel(library)


def sources_crc(room: Path) -> int:
    """Return what tells the sources of the library from others: CRC-32 of all their lines."""
    return zlib.crc32(b"".join((room / name).read_bytes().replace(b"\r", b"") for name in SOURCES))


def _function(library: ctypes.CDLL, name: str, result: Any, *arguments: Any) -> Any:
    function = getattr(library, f"mojibake_{name}")
    function.restype, function.argtypes = result, arguments
    return function
