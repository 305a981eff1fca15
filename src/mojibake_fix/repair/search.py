"""The search: the likeliest texts of many graphs, side by side, by a language model and the balance of brackets.

A beam search in waves.  One wave takes every node of one level, of all places, and adds one character to each state
in a handful of array operations, so that the cost of a wave is shared by all that is searched.  States that no later
character can tell apart are joined; what was left behind in a join is remembered, for it is the alternative of the text
that won.  Not for making graphs (:mod:`mojibake_fix.repair.graph`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mojibake_fix.model import BOUNDARY, DocumentCache, NgramModel, fold, forms_of
from mojibake_fix.repair.beam import search_compiled
from mojibake_fix.repair.brackets import follow, open_brackets, unclosed
from mojibake_fix.repair.graph import Edge, Graph
from mojibake_fix.repair.trellis import LEFT_BEHIND, End, Path, Trellis, texts_of

__all__ = ["Path", "Place", "search"]

F32 = npt.NDArray[np.float32]
U16 = npt.NDArray[np.uint16]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

BEAM = 60
"""States kept for each node."""
MARGIN = np.float32(18.0)
"""States further than this below the best one at the same observed position are dropped, in nats."""
_EXPANSIONS = 3_000
_FEWEST_STATES = 5
"""Expansions of one edge: where it has many candidates, only the best states of its node take it.

Of 1,522 lines that lost bytes, of all kinds, or were shifted, 1,143 come right with these four and with 100, 20, 8,000
and 10, which take twice as long where much was lost and give 0.2 % more characters of UTF-8 read as CP950; 1,142 do
with a margin of 16."""
_RUNNERS_UP = 6
_CLOSE = np.float32(12.0)
"""States left behind in a join that are remembered: so many, within so many nats of the one that stayed."""


@dataclass(frozen=True, slots=True)
class Place:
    """A graph, what stands before it, and what follows behind the last of its characters: both folded.

    The last ``seen`` characters of each way through the graph are no part of the text asked for.
    """

    graph: Graph
    left: U16
    right: U16
    seen: int = 0


@dataclass(slots=True)
class _States:
    """States side by side: graph node, score, last three characters, open brackets, and where each is from."""

    node: I32
    score: F32
    c3: U16
    c2: U16
    c1: U16
    stack: I32
    parent: I32
    point: I64
    certain: Bools

    def take(self, index: I64 | Bools) -> _States:
        return _States(
            self.node[index],
            self.score[index],
            self.c3[index],
            self.c2[index],
            self.c1[index],
            self.stack[index],
            self.parent[index],
            self.point[index],
            self.certain[index],
        )


@dataclass(frozen=True, slots=True)
class _Histories:
    """What the language model says of each state's history."""

    backoff1: F32
    backoff2: F32
    backoff3: F32
    open2: Bools
    open3: Bools


_NOTHING = -1
"""Stands for the character of an edge that adds none."""


def search(
    places: Sequence[Place], model: NgramModel, forms: F32, cache: DocumentCache, *, best: int = 8
) -> list[list[Path]]:
    """Return for each place distinct texts, best first; none where its graph has no way to its end.

    Args:
        forms: ``float32[65536]``, nats: how likely each form of a character is in this document.
        cache: What the document says elsewhere.
        best: How many texts of each place to return.
    """
    alive = [number for number, place in enumerate(places) if place.graph.last >= 0]
    found: list[list[Path]] = [[] for _ in places]
    if alive:
        run = _Run([places[number] for number in alive], model, forms, cache)
        for number, paths in zip(alive, run.paths(best), strict=True):
            found[number] = paths
    return found


class _Run:
    """One search; holds the joined graphs, and the back-pointers."""

    def __init__(self, places: Sequence[Place], model: NgramModel, forms: F32, cache: DocumentCache) -> None:
        self._places = places
        self._model = model
        self._cache = cache
        edges: list[tuple[Edge, int]] = []
        levels: list[int] = []
        positions: list[int] = []
        self._first: list[int] = []
        position = 0
        for place in places:
            graph = place.graph
            self._first.append(len(levels))
            edges += [(edge, len(levels)) for edge in graph.edges]
            levels += graph.levels
            positions += [position + p for p in graph.positions]
            position = positions[-1] + 1 + max(graph.positions)
        self._level = np.array(levels, np.int64)
        self._position = np.array(positions, np.int64)
        self._best_at = np.full(position + 1, -np.inf, np.float32)
        self._lay_out(edges, forms)
        self._parents: list[I32] = []
        self._points: list[I64] = []
        self._certain: list[Bools] = []
        self._size = 0
        self._left_behind: list[tuple[int, float, int, int, bool]] = []

    def _lay_out(self, edges: list[tuple[Edge, int]], forms: F32) -> None:
        """Edges as arrays, by the level of their source; their candidates, each array of them once, in one row."""
        edges.sort(key=lambda item: self._level[item[0].source + item[1]])
        starts: dict[int, int] = {}
        rows: list[U32] = [np.zeros(1, np.uint32)]
        size = 1
        begin = np.zeros(len(edges), np.int64)
        count = np.ones(len(edges), np.int64)
        empty = np.zeros(len(edges), bool)
        for index, (edge, _) in enumerate(edges):
            if edge.candidates is None:
                empty[index] = True
                continue
            if id(edge.candidates) not in starts:
                starts[id(edge.candidates)] = size
                rows.append(edge.candidates.astype(np.uint32))
                size += len(edge.candidates)
            begin[index] = starts[id(edge.candidates)]
            count[index] = len(edge.candidates)
        self._source = np.array([edge.source + first for edge, first in edges], np.int64)
        self._target = np.array([edge.target + first for edge, first in edges], np.int32)
        self._cost = np.array([edge.cost for edge, _ in edges], np.float32)
        self._begin, self._count, self._empty = begin, count, empty
        points = np.concatenate(rows)
        self._flat = points.astype(np.int64)
        self._codes = fold(points, self._model.fold_table)
        self._forms = forms_of(points, forms)
        self._edges_to = np.searchsorted(self._level[self._source], np.arange(int(self._level.max()) + 2))

    def paths(self, best: int) -> list[list[Path]]:
        """The best texts of each place."""
        lasts = [first + place.graph.last for first, place in zip(self._first, self._places, strict=True)]
        is_last = np.zeros(len(self._level), bool)
        is_last[lasts] = True
        trellis = self._waves(is_last) if self._model.compiled is None else self._compiled(is_last)
        owner = {last: number for number, last in enumerate(lasts)}
        ends: list[list[End]] = [[] for _ in self._places]
        for end in trellis.ends:
            ends[owner[end.node]].append(end)
        ordered = [_with_unclosed(those, place.right) for those, place in zip(ends, self._places, strict=True)]
        kernel = self._model.compiled.kernel if self._model.compiled is not None else None
        return texts_of(trellis, ordered, [place.seen for place in self._places], best, kernel)

    def _compiled(self, is_last: Bools) -> Trellis:
        arrays: dict[str, npt.NDArray[Any]] = {
            "source": self._source.astype(np.int32), "target": self._target, "cost": self._cost, "begin": self._begin,
            "count": self._count, "empty": self._empty, "edges_to": self._edges_to, "level": self._level,
            "position": self._position, "is_last": is_last, "points": self._flat.astype(np.uint32),
            "codes": self._codes, "forms": self._forms,
        }  # fmt: skip
        numbers = {
            "levels": int(self._level.max()) + 1, "positions": len(self._best_at), "expansions": _EXPANSIONS,
            "fewest": _FEWEST_STATES, "beam": BEAM, "runners_up": _RUNNERS_UP, "margin": float(MARGIN),
            "close": float(_CLOSE),
        }  # fmt: skip
        first = self._begin_states()
        histories = np.stack((first.c3, first.c2, first.c1), axis=1)
        return search_compiled(arrays, numbers, (first.node, histories, first.stack), self._model, self._cache)

    def _waves(self, is_last: Bools) -> Trellis:
        pending: list[list[_States]] = [[] for _ in range(int(self._level.max()) + 1)]
        pending[0].append(self._begin_states())
        ends: list[End] = []
        for level, pieces in enumerate(pending):
            if not pieces:
                continue
            states, histories, base = self._join(pieces)
            ends += [
                End(int(states.node[i]), int(states.stack[i]), float(states.score[i]), base + i)
                for i in np.flatnonzero(is_last[states.node]).tolist()
            ]
            for reached, grown in self._expand(states, histories, base, level):
                pending[reached].append(grown)
            pending[level] = []
        return Trellis(
            np.concatenate(self._parents),
            np.concatenate(self._points).astype(np.int32),
            np.concatenate(self._certain),
            ends,
            np.array(self._left_behind, LEFT_BEHIND),
        )

    def _begin_states(self) -> _States:
        count = len(self._places)
        left = np.stack([np.concatenate((np.full(3, BOUNDARY, np.uint16), p.left[-3:]))[-3:] for p in self._places])
        return _States(
            np.array(self._first, np.int32),
            np.zeros(count, np.float32),
            left[:, 0],
            left[:, 1],
            left[:, 2],
            np.array([open_brackets(p.left) for p in self._places], np.int32),
            np.full(count, -1, np.int32),
            np.full(count, _NOTHING, np.int64),
            np.ones(count, bool),
        )

    def _join(self, pieces: list[_States]) -> tuple[_States, _Histories, int]:
        """One of each set of states that no later character can tell apart, and the best of those at each node."""
        states = pieces[0] if len(pieces) == 1 else _concatenated(pieces)
        if len(states.node) > 1:
            floor = self._best_at[self._position[states.node]] - MARGIN
            states = states.take(states.score >= floor)
        histories, c3 = self._histories(states)
        if len(states.node) > 1:
            where = (states.node.astype(np.uint64) << np.uint64(16)) | states.stack.astype(np.uint16)
            past = (c3.astype(np.uint64) << np.uint64(32)) | (states.c2.astype(np.uint64) << np.uint64(16)) | states.c1
            order = np.lexsort((-states.score, past, where))
            new = _changes(where[order], past[order])
            winners = order[new]
            kept = winners[np.lexsort((-states.score[winners], states.node[winners]))]
            kept = kept[_ranks(states.node[kept]) < BEAM]
            if len(winners) < len(order):
                self._remember(states, order, new, kept)
            states = states.take(kept)
            histories = _Histories(*(getattr(histories, name)[kept] for name in _Histories.__slots__))
        base = self._size
        self._parents.append(states.parent)
        self._points.append(states.point)
        self._certain.append(states.certain)
        self._size += len(states.node)
        return states, histories, base

    def _remember(self, states: _States, order: I64, new: Bools, kept: I64) -> None:
        """Note what was left behind in joining, by the number of the state that stayed."""
        leader = order[np.flatnonzero(new)[np.cumsum(new) - 1]]
        delta = states.score[leader] - states.score[order]
        group_start = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
        rank = np.arange(len(order)) - group_start
        number = np.full(len(states.node), -1, np.int64)
        number[kept] = self._size + np.arange(len(kept))
        worth = np.flatnonzero((rank > 0) & (rank <= _RUNNERS_UP) & (delta <= _CLOSE) & (number[leader] >= 0))
        self._left_behind += zip(
            number[leader[worth]].tolist(),
            delta[worth].tolist(),
            states.parent[order[worth]].tolist(),
            states.point[order[worth]].tolist(),
            states.certain[order[worth]].tolist(),
            strict=True,
        )

    def _histories(self, states: _States) -> tuple[_Histories, U16]:
        """What the model says of the histories; and ``c3``, or 0 where no later character depends on it."""
        second, third, _ = self._model.levels
        w1, w2, w3 = (c.astype(np.uint64) for c in (states.c1, states.c2, states.c3))
        history2 = (w2 << np.uint64(16)) | w1
        _, backoff2, known2 = second.get(history2)
        _, backoff3, known3 = third.get((w3 << np.uint64(32)) | history2)
        open2 = states.c1 != BOUNDARY
        open3 = open2 & (states.c2 != BOUNDARY) & known2 & known3
        zero = np.float32(0)
        histories = _Histories(
            self._model.unigram_backoff[states.c1],
            np.where(open2, backoff2, zero),
            np.where(open3, backoff3, zero),
            open2 & known2,
            open3,
        )
        return histories, np.where(open3, states.c3, np.uint16(0))

    def _expand(self, states: _States, histories: _Histories, base: int, level: int) -> list[tuple[int, _States]]:
        edges = np.arange(self._edges_to[level], self._edges_to[level + 1])
        if not edges.size:
            return []
        nodes = self._source[edges]
        first = np.searchsorted(states.node, nodes)
        here = np.searchsorted(states.node, nodes, side="right") - first
        here = np.minimum(here, np.maximum(_EXPANSIONS // self._count[edges], _FEWEST_STATES))
        owner, offset = _spread(here)
        edge, state = edges[owner], first[owner] + offset
        which, offset = _spread(self._count[edge])
        edge, state = edge[which], state[which]
        chosen = self._begin[edge] + offset
        empty = self._empty[edge]
        c0 = self._codes[chosen]
        score = states.score[state] - self._cost[edge]
        target = self._target[edge]
        emits = ~empty if empty.any() else None
        if emits is None:
            logp = self._logp(states, histories, state, c0)
            stack, matched = follow(states.stack[state], c0)
            score = score + (logp + self._forms[chosen] + matched)
            c3, c2, c1 = states.c2[state], states.c1[state], c0
        else:
            some = np.flatnonzero(emits)
            logp = self._logp(states, histories, state[some], c0[some])
            stack = states.stack[state]
            stack[some], matched = follow(stack[some], c0[some])
            score[some] += logp + self._forms[chosen[some]] + matched
            c3 = np.where(emits, states.c2[state], states.c3[state])
            c2 = np.where(emits, states.c1[state], states.c2[state])
            c1 = np.where(emits, c0, states.c1[state])
        position = self._position[target]
        np.maximum.at(self._best_at, position, score)
        alive = np.flatnonzero(score >= self._best_at[position] - MARGIN)
        point = self._flat[chosen] if emits is None else np.where(emits, self._flat[chosen], _NOTHING)
        grown = _States(
            target[alive],
            score[alive],
            c3[alive],
            c2[alive],
            c1[alive],
            stack[alive],
            (base + state[alive]).astype(np.int32),
            point[alive],
            self._count[edge[alive]] == 1,
        )
        levels = self._level[grown.node]
        return [(reached, grown.take(levels == reached)) for reached in sorted(set(levels.tolist()))]

    def _logp(self, states: _States, histories: _Histories, state: I64, c0: U16) -> F32:
        """Score ``c0`` after the histories of ``state``, as :meth:`NgramModel.logp_next` does, with the cache: nats."""
        model = self._model
        second, third, fourth = model.levels
        c1, c2 = states.c1[state], states.c2[state]
        key2 = (c1.astype(np.uint64) << np.uint64(16)) | c0
        value, found = second.function.get(key2)
        logp = second.logp[value & np.uint32(len(second.logp) - 1)]
        score = np.where(found, logp, histories.backoff1[state] + model.unigram[c0])
        longer = np.flatnonzero(found & histories.open2[state])
        score_longer = score + histories.backoff2[state] + histories.backoff3[state]
        if longer.size:
            key3 = (c2[longer].astype(np.uint64) << np.uint64(32)) | key2[longer]
            value, found = third.function.get(key3)
            longer, key3 = longer[found], key3[found]
            logp = third.logp[value[found] & np.uint32(len(third.logp) - 1)]
            score_longer[longer] = logp + histories.backoff3[state[longer]]
            deeper = histories.open3[state[longer]]
            longer, key3 = longer[deeper], key3[deeper]
            if longer.size:
                key4 = (states.c3[state[longer]].astype(np.uint64) << np.uint64(48)) | key3
                value, found = fourth.function.get(key4)
                score_longer[longer[found]] = fourth.logp[value[found] & np.uint32(len(fourth.logp) - 1)]
        score = np.maximum(score_longer, model.floor[c0])
        return self._cache.mix(score, c2, c1, c0)


def _with_unclosed(ends: list[End], right: U16) -> list[tuple[float, int]]:
    """The scores of ends, with what they leave open before what follows, and their numbers, best first."""
    stacks = sorted({end.stack for end in ends})
    costs = dict(zip(stacks, unclosed(np.array(stacks, np.int32), right).tolist(), strict=True))
    return sorted(((end.score + costs[end.stack], end.number) for end in ends), reverse=True)


def _concatenated(pieces: list[_States]) -> _States:
    return _States(*(np.concatenate([getattr(piece, name) for piece in pieces]) for name in _States.__slots__))


def _changes(*rows: U64) -> Bools:
    """Where a row of sorted keys begins a new group."""
    new = np.zeros(len(rows[0]), bool)
    new[0] = True
    for row in rows:
        new[1:] |= row[1:] != row[:-1]
    return new


def _ranks(groups: I32) -> I64:
    """The place of each entry within its group, groups being together."""
    index = np.arange(len(groups))
    begins = np.concatenate(([True], groups[1:] != groups[:-1]))
    return index - np.maximum.accumulate(np.where(begins, index, 0))


def _spread(counts: I64) -> tuple[I64, I64]:
    """Each index as often as its count says, and beside it the numbers from 0 below the count."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
