"""What a search kept, and the texts that are read off it, best first.

A text is what leads to a state at the end; or, where a state on that way was as good as another one that stayed in its
place, what leads to the one and what comes behind the other.  Not for searching (:mod:`mojibake_fix.repair.search`).
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mojibake_fix.model.kernel import Kernel

__all__ = ["LEFT_BEHIND", "End", "Path", "Trellis", "texts_of"]

LEFT_BEHIND = np.dtype([("leader", "i8"), ("delta", "f4"), ("parent", "i4"), ("point", "i4"), ("certain", "i4")])
"""A state that was left behind for ``leader``: how far it fell short (nats), where it is from, what it added (-1:
nothing), and whether that was certain."""
_WAY = np.dtype([("score", "f8"), ("end", "i8"), ("node", "i8"), ("entry", "i8")])
_WAYS = 8
"""Ways that are looked at, for each text that is wanted: some give the same text.  Of 234 spans that lost a byte, all
have the same 24 texts with 4 as with all ways."""

_Character = tuple[int, bool]
"""A code point, and whether it was certain."""


@dataclass(frozen=True, slots=True)
class Path:
    """A text that the span may have been: its score in nats, and the half-open spans that were not certain."""

    text: str
    score: float
    restored: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """A state at the last node of a graph: its number, and its score before what follows is seen."""

    node: int
    stack: int
    score: float
    number: int


@dataclass(frozen=True, slots=True)
class Trellis:
    """All states that a search kept, by number: where each is from, what it added (-1: nothing), and if surely so.

    ``left_behind`` has those of one leader side by side (:data:`LEFT_BEHIND`).
    """

    parents: npt.NDArray[np.int32]
    points: npt.NDArray[np.int32]
    certain: npt.NDArray[np.bool_]
    ends: list[End]
    left_behind: npt.NDArray[Any]


def texts_of(
    trellis: Trellis, ends: Sequence[Sequence[tuple[float, int]]], seen: Sequence[int], best: int, kernel: Kernel | None
) -> list[list[Path]]:
    """Return the best texts of each place, distinct.

    Args:
        trellis: What the search kept.
        ends: Of each place, scores (nats) and numbers of the states at its end, best first.
        seen: Of each place, how many of the last characters are no part of the text.
        best: How many texts to return.
        kernel: What computes; None for Python.
    """
    reader = _Reader(trellis)
    ways = functools.partial(_ways, trellis) if kernel is None else functools.partial(_ways_compiled, trellis, kernel)
    return [
        reader.texts(ways(those[: 2 * best], _WAYS * best), those, left_out, best)
        for those, left_out in zip(ends, seen, strict=True)
    ]


_Ways = list[tuple[float, int, int, int]]
"""Score; which of the ends; the state up to which the way is that end's; what was left behind there, or -1."""


def _ways(trellis: Trellis, ends: Sequence[tuple[float, int]], most: int) -> _Ways:
    """The best ways to these ends, best first."""
    by_leader: dict[int, list[tuple[int, float]]] = {}
    for entry, (leader, delta, *_) in enumerate(trellis.left_behind.tolist()):
        by_leader.setdefault(leader, []).append((entry, delta))
    found: _Ways = []
    for end, (score, node) in enumerate(ends):
        found.append((score, end, node, -1))
        while node >= 0:
            found += [(score - delta, end, node, entry) for entry, delta in by_leader.get(node, ())]
            node = int(trellis.parents[node])
    found.sort(key=lambda way: -way[0])
    return found[:most]


def _ways_compiled(trellis: Trellis, kernel: Kernel, ends: Sequence[tuple[float, int]], most: int) -> _Ways:
    """:func:`_ways` by ``_search.c``.

    Raises:
        MemoryError: There is no room for them.
    """
    scores = np.array([score for score, _ in ends], np.float64)
    numbers = np.array([number for _, number in ends], np.int64)
    out = np.empty(most, _WAY)
    count = kernel.ways(
        trellis.parents.ctypes.data, len(trellis.parents), trellis.left_behind.ctypes.data, len(trellis.left_behind),
        scores.ctypes.data, numbers.ctypes.data, len(ends), most, out.ctypes.data,
    )  # fmt: skip
    if count < 0:
        raise MemoryError("no room to read a text off")
    found: _Ways = out[:count].tolist()
    return found


class _Reader:
    def __init__(self, trellis: Trellis) -> None:
        self._parents: list[int] = trellis.parents.tolist()
        self._points: list[int] = trellis.points.tolist()
        self._certain: list[bool] = trellis.certain.tolist()
        self._left_behind = trellis.left_behind

    def texts(self, ways: _Ways, ends: Sequence[tuple[float, int]], seen: int, best: int) -> list[Path]:
        """The distinct texts that ``ways`` give, without the last ``seen`` characters."""
        paths: dict[str, Path] = {}
        for score, end, node, entry in ways:
            if len(paths) == best:
                break
            backwards = self._trace(ends[end][1], node)
            if entry >= 0:
                _, _, node, point, certain = self._left_behind[entry].tolist()
                backwards += [(point, bool(certain))] if point >= 0 else []
            backwards += self._trace(node, -1)
            inside = backwards[: seen - 1 if seen else None : -1]
            text = "".join([chr(point) for point, _ in inside])
            if text not in paths:
                paths[text] = Path(text, score, _spans([certain for _, certain in inside]))
        return list(paths.values())

    def _trace(self, node: int, stop: int) -> list[_Character]:
        """The characters on the way back from a state to another one, without that one's, last first."""
        characters: list[_Character] = []
        while node != stop:
            if self._points[node] >= 0:
                characters.append((self._points[node], self._certain[node]))
            node = self._parents[node]
        return characters


def _spans(certain: list[bool]) -> tuple[tuple[int, int], ...]:
    """The half-open spans where ``certain`` is false."""
    edges = [place for place, pair in enumerate(itertools.pairwise([True, *certain, True])) if pair[0] != pair[1]]
    return tuple(zip(edges[::2], edges[1::2], strict=True))
