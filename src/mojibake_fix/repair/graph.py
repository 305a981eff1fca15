"""The graph of a lattice: arcs of observed bytes, walked by a decoder, as edges that each add one character.

A node is a place among the observed characters with a decoder's state; only nodes on a way from the beginning to the
end remain.  Many graphs are searched side by side (:mod:`mojibake_fix.repair.search`).  Probabilities are none of its
business, but for leaving out candidates that no text has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mojibake_fix.repair.patterns import Automaton, Mask, State

__all__ = ["Arc", "Edge", "Graph", "compile_arcs"]

U32 = npt.NDArray[np.uint32]

Plausible = Callable[[U32], U32]
"""The candidates as they may be written, without those that are too rare to be worth a search; never none."""


@dataclass(frozen=True, slots=True)
class Arc:
    """One reading of the observed characters from this position up to ``end``.

    ``masks`` are the bytes they stand for, in order.  ``literal`` is a character that passes through as it is, between
    characters only.  ``needs`` restricts the arc to decoder states inside (True) or between (False) characters.
    """

    end: int
    masks: tuple[Mask, ...] = ()
    cost: float = 0.0
    literal: int | None = None
    needs: bool | None = None


class Edge(NamedTuple):
    """From one node to another at a cost in nats, adding one of ``candidates``; nothing where that is None.

    Not a dataclass: most edges lead nowhere, and these take four times as long to make.
    """

    source: int
    target: int
    cost: float
    candidates: U32 | None


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes are numbered from 0, the first; ``last`` is the final one, -1 where there is no way to it.

    ``levels`` has the length of the longest way to each node, so that every edge leads to a higher level;
    ``positions`` has the observed position of each.
    """

    edges: tuple[Edge, ...]
    levels: tuple[int, ...]
    positions: tuple[int, ...]
    last: int


_NO_GRAPH = Graph((), (), (), -1)


def compile_arcs(
    arcs: Sequence[Sequence[Arc]], machine: Automaton, plausible: Plausible, following: U32 | None = None
) -> Graph:
    """Walk ``arcs`` (for each observed position, those that leave it) with ``machine``.

    ``following`` are characters behind the last position that the search is to see too.
    """
    builder = _Builder(machine, plausible)
    last = builder.walk(arcs)
    if last is None:
        return _NO_GRAPH
    for point in (following if following is not None else np.empty(0, np.uint32)).tolist():
        last = builder.append(last, np.array([point], np.uint32))
    return builder.finished(last)


def _bytes_ahead(arcs: Sequence[Sequence[Arc]]) -> list[Mask]:
    """The bytes that may come next inside a character at each position, the end included."""
    ahead = [0] * (len(arcs) + 1)
    for position in range(len(arcs) - 1, -1, -1):
        for arc in arcs[position]:
            if arc.literal is None and arc.needs is not False:
                ahead[position] |= arc.masks[0] if arc.masks else ahead[arc.end]
    return ahead


class _Builder:
    def __init__(self, machine: Automaton, plausible: Plausible) -> None:
        self._machine = machine
        self._plausible = plausible
        self._edges: list[Edge] = []
        self._positions: list[int] = [0]
        self._ahead: list[Mask] = []

    def walk(self, arcs: Sequence[Sequence[Arc]]) -> int | None:
        waiting: list[dict[State, int]] = [{} for _ in range(len(arcs) + 1)]
        waiting[0][()] = 0
        self._ahead = _bytes_ahead(arcs)
        for position, leaving in enumerate(arcs):
            for state, node in waiting[position].items():
                inside = bool(state)
                for arc in leaving:
                    if arc.needs is None or arc.needs == inside:
                        self._follow(arc, state, node, position, waiting[arc.end])
            waiting[position] = {}
        return waiting[-1].get(())

    def _follow(self, arc: Arc, state: State, node: int, position: int, reached: dict[State, int]) -> None:
        if arc.literal is not None:
            if not state:
                self._join(node, arc.cost, np.array([arc.literal], np.uint32), (), arc.end, reached)
            return
        if len(arc.masks) == 1:
            for outcome in self._machine.extend(state, arc.masks[0]):
                self._join(node, arc.cost, outcome.emitted, outcome.state, arc.end, reached)
            return
        # Ways through the arc's bytes: decoder state, node, cost, and a character not yet written as an edge.
        ways: list[tuple[State, int, float, U32 | None]] = [(state, node, arc.cost, None)]
        for mask in arc.masks:
            grown: list[tuple[State, int, float, U32 | None]] = []
            for current, at, cost, held in ways:
                for outcome in self._machine.extend(current, mask):
                    if outcome.emitted is None:
                        grown.append((outcome.state, at, cost, held))
                    elif held is None:
                        grown.append((outcome.state, at, cost, outcome.emitted))
                    else:
                        between = self._node(position)
                        self._edges.append(Edge(at, between, cost, held))
                        grown.append((outcome.state, between, 0.0, outcome.emitted))
            ways = grown
        for current, at, cost, held in ways:
            self._join(at, cost, held, current, arc.end, reached)

    def _join(self, at: int, cost: float, held: U32 | None, state: State, end: int, reached: dict[State, int]) -> None:
        target = reached.get(state)
        if target is None:
            if state and not self._machine.inside & self._ahead[end]:
                return
            target = reached[state] = self._node(end)
        self._edges.append(Edge(at, target, cost, held))

    def append(self, node: int, candidates: U32) -> int:
        target = self._node(self._positions[node] + 1)
        self._edges.append(Edge(node, target, 0.0, candidates))
        return target

    def _node(self, position: int) -> int:
        self._positions.append(position)
        return len(self._positions) - 1

    def finished(self, last: int) -> Graph:
        """Keep what lies on a way to ``last``, number it anew, and leave out what no text has."""
        # Edges were made in an order in which those into a node precede those out of it.
        alive = [False] * len(self._positions)
        alive[last] = True
        kept: list[Edge] = []
        for edge in reversed(self._edges):
            if alive[edge.target]:
                alive[edge.source] = True
                kept.append(edge)
        if not alive[0]:
            return _NO_GRAPH
        levels = [0] * len(alive)
        for source, target, _, _ in reversed(kept):
            if levels[target] <= levels[source]:
                levels[target] = levels[source] + 1
        order = sorted((node for node, lives in enumerate(alive) if lives), key=levels.__getitem__)
        number = [0] * len(alive)
        for place, node in enumerate(order):
            number[node] = place
        edges = tuple(
            Edge(number[source], number[target], cost, held if held is None else self._plausible(held))
            for source, target, cost, held in reversed(kept)
        )
        positions = self._positions
        return Graph(
            edges, tuple(levels[node] for node in order), tuple(positions[node] for node in order), number[last]
        )
