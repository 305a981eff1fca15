"""The waves of the beam search by the compiled kernel (``_search.c``): what :mod:`mojibake_fix.repair.search` does.

Not for what the search is, nor for reading texts off what it keeps.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mojibake_fix.model import DocumentCache, NgramModel
from mojibake_fix.model.cache import SHARE, SMALLEST, UNSEEN_COUNT
from mojibake_fix.repair import brackets
from mojibake_fix.repair.trellis import LEFT_BEHIND, End, Trellis

__all__ = ["search_compiled"]

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
U16 = npt.NDArray[np.uint16]
Bools = npt.NDArray[np.bool_]


class _Cache(ctypes.Structure):
    """``cache`` of ``_search.c``."""

    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("keys2", "counts2", "keys3", "counts3", "histories1")),
        ("size2", ctypes.c_int64),
        ("size3", ctypes.c_int64),
        *((name, ctypes.c_float) for name in ("share", "other_share", "unseen_count", "smallest")),
    )


_ARRAYS = (
    *("source", "target", "cost", "begin", "count", "empty", "edges_to", "level", "position", "is_last"),
    *("points", "codes", "forms"),
)


class _Lattice(ctypes.Structure):
    """``lattice`` of ``_search.c``."""

    _fields_ = (
        *((name, ctypes.c_void_p) for name in (*_ARRAYS, "opens", "closes")),
        ("cached", _Cache),
        *((name, ctypes.c_int64) for name in ("levels", "positions", "expansions", "fewest", "beam", "runners_up")),
        *((name, ctypes.c_float) for name in ("margin", "close", "unmatched", "opened_before")),
        ("deepest", ctypes.c_int32),
    )


class _Trellis(ctypes.Structure):
    """``trellis`` of ``_search.c``."""

    _fields_ = (
        ("parents", ctypes.c_void_p),
        ("points", ctypes.c_void_p),
        ("certain", ctypes.c_void_p),
        ("size", ctypes.c_int64),
        ("behind", ctypes.c_void_p),
        ("behind_count", ctypes.c_int64),
        ("endings", ctypes.c_void_p),
        ("ending_count", ctypes.c_int64),
    )


_ENDING = np.dtype([("number", "i8"), ("node", "i4"), ("stack", "i4"), ("score", "f4"), ("padding", "i4")])


def search_compiled(
    arrays: Mapping[str, npt.NDArray[Any]],
    numbers: Mapping[str, float],
    begin: tuple[I32, U16, I32],
    model: NgramModel,
    cache: DocumentCache,
) -> Trellis:
    """Search graphs that are laid out as arrays.

    Args:
        arrays: Nodes, edges and candidates, by the names of ``_search.c``.
        numbers: Levels, positions, and the bounds of the search.
        begin: The first node of each place, the three characters before it (``uint16[n, 3]``), its open marks.
        model: A model that has a compiled form.
        cache: What the document says elsewhere.

    Raises:
        MemoryError: There is no room for the search.
    """
    assert model.compiled is not None
    kernel = model.compiled.kernel
    kept = {name: np.ascontiguousarray(arrays[name]) for name in _ARRAYS}
    tables = brackets.marks()
    parts = (cache.keys2, cache.counts2, cache.keys3, cache.counts3, cache.histories1)
    cached = _Cache(
        *(part.ctypes.data for part in parts),
        len(cache.keys2),
        len(cache.keys3),
        SHARE,
        float(np.log1p(-SHARE)),
        UNSEEN_COUNT,
        SMALLEST,
    )
    lattice = _Lattice(
        *(array.ctypes.data for array in (*kept.values(), *tables)),
        cached=cached,
        unmatched=float(brackets.UNMATCHED),
        opened_before=float(brackets.OPENED_BEFORE),
        deepest=brackets.DEEPEST,
        **numbers,
    )
    nodes, histories, stacks = (np.ascontiguousarray(part) for part in begin)
    out = _Trellis()
    try:
        failed = kernel.search(
            ctypes.byref(model.compiled.layout), ctypes.byref(lattice), nodes.ctypes.data, histories.ctypes.data,
            stacks.ctypes.data, len(nodes), ctypes.byref(out),
        )  # fmt: skip
        if failed:
            raise MemoryError("no room to restore a text")
        return _copied(out)
    finally:
        kernel.forget(ctypes.byref(out))


def _copied(out: _Trellis) -> Trellis:
    ends = _array(out.endings, out.ending_count, _ENDING).tolist()
    return Trellis(
        _array(out.parents, out.size, np.dtype(np.int32)),
        _array(out.points, out.size, np.dtype(np.int32)),
        _array(out.certain, out.size, np.dtype(np.bool_)),
        [End(node, stack, score, number) for number, node, stack, score, _ in ends],
        _array(out.behind, out.behind_count, LEFT_BEHIND),
    )


def _array(address: int | None, size: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    return np.frombuffer(ctypes.string_at(address, size * dtype.itemsize) if address else b"", dtype)
