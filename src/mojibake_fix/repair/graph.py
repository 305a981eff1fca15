"""The graph of a lattice: arcs of observed bytes, walked by a decoder, as edges that each add one character.

A node is a place among the observed characters with a decoder's state; only nodes on a way from the beginning to the
end remain.  Many graphs are searched side by side (:mod:`mojibake_fix.repair.search`).  Probabilities are none of its
business, but for leaving out candidates that no text has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Edge:
    """From one node to another at a cost in nats, adding one of ``candidates``; nothing where that is None."""

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


class _Builder:
    def __init__(self, machine: Automaton, plausible: Plausible) -> None:
        self._machine = machine
        self._plausible = plausible
        self._edges: list[Edge] = []
        self._positions: list[int] = [0]

    def walk(self, arcs: Sequence[Sequence[Arc]]) -> int | None:
        waiting: list[dict[State, int]] = [{} for _ in range(len(arcs) + 1)]
        waiting[0][()] = 0
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
                        self._edge(at, between, cost, held)
                        grown.append((outcome.state, between, 0.0, outcome.emitted))
            ways = grown
        for current, at, cost, held in ways:
            self._join(at, cost, held, current, arc.end, reached)

    def _join(self, at: int, cost: float, held: U32 | None, state: State, end: int, reached: dict[State, int]) -> None:
        target = reached.get(state)
        if target is None:
            target = reached[state] = self._node(end)
        self._edge(at, target, cost, held)

    def append(self, node: int, candidates: U32) -> int:
        target = self._node(self._positions[node] + 1)
        self._edges.append(Edge(node, target, 0.0, candidates))
        return target

    def _node(self, position: int) -> int:
        self._positions.append(position)
        return len(self._positions) - 1

    def _edge(self, source: int, target: int, cost: float, held: U32 | None) -> None:
        self._edges.append(Edge(source, target, cost, None if held is None else self._plausible(held)))

    def finished(self, last: int) -> Graph:
        """Keep what lies on a way to ``last``, and number it anew."""
        alive = [False] * len(self._positions)
        alive[last] = True
        # Edges were made in an order in which those into a node precede those out of it, but for nodes between
        # positions; sorting by the position of the source and then backwards sees each target before its source.
        incoming: list[list[Edge]] = [[] for _ in self._positions]
        for edge in self._edges:
            incoming[edge.target].append(edge)
        agenda = [last]
        while agenda:
            for edge in incoming[agenda.pop()]:
                if not alive[edge.source]:
                    alive[edge.source] = True
                    agenda.append(edge.source)
        if not alive[0]:
            return _NO_GRAPH
        kept = [edge for edge in self._edges if alive[edge.source] and alive[edge.target]]
        return _numbered(kept, alive, self._positions, last)


def _numbered(edges: list[Edge], alive: list[bool], positions: list[int], last: int) -> Graph:
    outgoing: dict[int, list[Edge]] = {}
    waits: dict[int, int] = {}
    for edge in edges:
        outgoing.setdefault(edge.source, []).append(edge)
        waits[edge.target] = waits.get(edge.target, 0) + 1
    levels = {0: 0}
    agenda = [0]
    for node in agenda:
        for edge in outgoing.get(node, ()):
            levels[edge.target] = max(levels.get(edge.target, 0), levels[node] + 1)
            waits[edge.target] -= 1
            if not waits[edge.target]:
                agenda.append(edge.target)
    number = {node: place for place, node in enumerate(sorted(levels, key=lambda node: (levels[node], node)))}
    renamed = tuple(Edge(number[e.source], number[e.target], e.cost, e.candidates) for e in edges)
    order = sorted(number, key=number.__getitem__)
    return Graph(renamed, tuple(levels[node] for node in order), tuple(positions[node] for node in order), number[last])
