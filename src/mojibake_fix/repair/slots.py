"""Short holes: all that they can be, character by character, and the best of it for many at once.

Where few bytes were lost the lattice is narrow: a handful of ways to part the bytes into characters, each of which is a
sequence of *slots* with some dozens of candidates.  Such sequences, of any number of places and texts, are searched
side by side, one slot a step, in arrays.  Wider lattices are :mod:`mojibake_fix.repair.lattice`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mojibake_fix.model import DocumentCache, NgramModel
from mojibake_fix.repair.brackets import follow, unclosed
from mojibake_fix.repair.lattice import Arc, Path
from mojibake_fix.repair.patterns import Automaton, State

__all__ = ["Place", "Slots", "search_slots", "slot_sequences"]

U32 = npt.NDArray[np.uint32]
U16 = npt.NDArray[np.uint16]
F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

_MOST_SEQUENCES = 48
_MOST_STEPS = 600
"""Ways to part the bytes of one place, and steps to find them, beyond which the lattice is the better search."""
_RAREST = -14.5
"""Nats: characters rarer than this by themselves are candidates only where there are no others."""
_BEAM = 24
_MARGIN = 16.0
"""States kept for each sequence, and how far below its best one, in nats."""


@dataclass(frozen=True, slots=True)
class Slots:
    """One way to part the bytes of a place: candidates (``uint32[k]``) for each character, and its cost in nats."""

    candidates: tuple[U32, ...]
    cost: float


@dataclass(frozen=True, slots=True)
class Place:
    """A place to fill: the ways to part its bytes, and what stands around it, folded."""

    ways: tuple[Slots, ...]
    left: U16
    right: U16
    open_brackets: int


def slot_sequences(arcs: Sequence[Sequence[Arc]], machine: Automaton, model: NgramModel) -> tuple[Slots, ...] | None:
    """Return every way from the first position to the last, often none; None where there are too many to list."""
    found: list[Slots] = []
    steps = 0
    agenda: list[tuple[int, State, tuple[U32, ...], float]] = [(0, (), (), 0.0)]
    while agenda:
        position, state, taken, cost = agenda.pop()
        if position == len(arcs):
            if not state:
                found.append(Slots(taken, cost))
                if len(found) > _MOST_SEQUENCES:
                    return None
            continue
        for arc in arcs[position]:
            steps += 1
            if steps > _MOST_STEPS:
                return None
            for reached, slots in _follow(arc, state, taken, machine, model):
                agenda.append((arc.end, reached, slots, cost + arc.cost))
    return tuple(found)


def _follow(
    arc: Arc, state: State, taken: tuple[U32, ...], machine: Automaton, model: NgramModel
) -> list[tuple[State, tuple[U32, ...]]]:
    if arc.needs is not None and arc.needs != bool(state):
        return []
    if arc.literal is not None:
        return [((), (*taken, np.array([arc.literal], np.uint32)))]
    reached = [(state, taken)]
    for mask in arc.masks:
        reached = [
            (outcome.state, slots if outcome.emitted is None else (*slots, _plausible(outcome.emitted, model)))
            for current, slots in reached
            for outcome in machine.extend(current, mask)
        ]
    return reached


def _plausible(points: U32, model: NgramModel) -> U32:
    if len(points) == 1:
        return points
    logp = model.unigram[model.fold_table[np.minimum(points, np.uint32(0xFFFF))]]
    usual = points[logp > _RAREST]
    return usual if usual.size else points[logp == logp.max()][:1]


def search_slots(
    places: Sequence[Place], model: NgramModel, forms: F32, cache: DocumentCache, *, best: int = 6
) -> list[list[Path]]:
    """Return for each place the likeliest texts, best first.

    Args:
        places: Where to look; ``left`` and ``right`` may be of any length, of which the nearest characters count.
        forms: ``float32[65536]``, nats: how likely each form of a character is in this document.
        cache: What the document says elsewhere.
        best: How many texts of each place to return.
    """
    if not places:
        return []
    owner = np.repeat(np.arange(len(places)), [len(place.ways) for place in places])
    ways = [way for place in places for way in place.ways]
    rights = [place.right[:3] for place in places]
    lengths = np.array([len(way.candidates) for way in ways])
    steps = lengths + np.array([len(rights[o]) for o in owner.tolist()])
    starts = np.zeros((len(ways), int(steps.max())), np.int64)
    counts = np.zeros_like(starts)
    flat: list[U32] = []
    size = 0
    for row, way in enumerate(ways):
        right = rights[owner[row]]
        for step, candidates in enumerate((*way.candidates, *(right[i : i + 1] for i in range(len(right))))):
            starts[row, step], counts[row, step] = size, len(candidates)
            flat.append(candidates.astype(np.uint32))
            size += len(candidates)
    points = np.concatenate(flat)
    codes = np.where(points > 0xFFFF, 0xE001, model.fold_table[np.minimum(points, np.uint32(0xFFFF))]).astype(np.uint16)
    form = forms[np.minimum(points, np.uint32(0xFFFF))]

    row = np.arange(len(ways))
    score = -np.array([way.cost for way in ways], np.float32)
    histories = np.stack([_last_three(place.left) for place in places])[owner]
    c3, c2, c1 = (histories[:, i].copy() for i in range(3))
    stack = np.array([place.open_brackets for place in places], np.int32)[owner]
    back: list[tuple[I64, I64]] = []
    finished: list[tuple[I64, F32, npt.NDArray[np.int32], I64, int]] = []
    for step in range(starts.shape[1]):
        count = counts[row, step]
        parent = np.repeat(np.arange(len(row)), count)
        offset = np.arange(len(parent)) - np.repeat(np.cumsum(count) - count, count)
        chosen = starts[row[parent], step] + offset
        c0 = codes[chosen]
        logp = model.logp_next(c3[parent], c2[parent], c1[parent], c0)
        logp = cache.mix(logp, c2[parent], c1[parent], c0)
        inside = step < lengths[row[parent]]
        grown, matched = follow(stack[parent], c0)
        new_score = score[parent] + logp + np.where(inside, form[chosen], np.float32(0)) + matched
        kept = _best_of_each(row[parent], new_score)
        back.append((parent[kept], chosen[kept]))
        parent = parent[kept]
        row, score, stack = row[parent], new_score[kept], grown[kept]
        c3, c2, c1 = c2[parent], c1[parent], c0[kept]
        done = steps[row] == step + 1
        if done.any():
            finished.append((row[done], score[done], stack[done], np.flatnonzero(done), step))
    return _texts(places, owner, lengths, counts, points, back, finished, best)


def _last_three(left: U16) -> U16:
    return np.concatenate((np.full(3, 0x0A, np.uint16), left[-3:]))[-3:]


def _best_of_each(row: I64, score: F32) -> I64:
    """The places of the best scores of each row: at most ``_BEAM``, within ``_MARGIN`` of the row's best."""
    order = np.lexsort((-score, row))
    ordered = row[order]
    first = np.concatenate(([True], ordered[1:] != ordered[:-1]))
    begin = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    rank = np.arange(len(order)) - begin
    kept = (rank < _BEAM) & (score[order] >= score[order[begin]] - np.float32(_MARGIN))
    return order[kept]


def _texts(
    places: Sequence[Place],
    owner: I64,
    lengths: I64,
    counts: I64,
    points: U32,
    back: list[tuple[I64, I64]],
    finished: list[tuple[I64, F32, npt.NDArray[np.int32], I64, int]],
    best: int,
) -> list[list[Path]]:
    rows = np.concatenate([entry[0] for entry in finished])
    scores = np.concatenate([entry[1] for entry in finished])
    stacks = np.concatenate([entry[2] for entry in finished])
    states = np.concatenate([entry[3] for entry in finished])
    last = np.concatenate([np.full(len(entry[0]), entry[4]) for entry in finished])
    which = owner[rows]
    for number in np.unique(which).tolist():
        mine = which == number
        scores[mine] += unclosed(stacks[mine], places[number].right[3:])
    found: list[list[Path]] = [[] for _ in places]
    seen: list[set[str]] = [set() for _ in places]
    for index in np.lexsort((-scores, which)).tolist():
        number = int(which[index])
        if len(found[number]) >= best:
            continue
        way = int(rows[index])
        text = _trace(int(states[index]), int(last[index]), int(lengths[way]), points, back)
        if text not in seen[number]:
            seen[number].add(text)
            found[number].append(Path(text, float(scores[index]), _restored(counts[way, : lengths[way]])))
    return found


def _trace(state: int, step: int, length: int, points: U32, back: list[tuple[I64, I64]]) -> str:
    characters: list[str] = []
    while step >= 0:
        parents, chosen = back[step]
        if step < length:
            characters.append(chr(int(points[chosen[state]])))
        state = int(parents[state])
        step -= 1
    return "".join(reversed(characters))


def _restored(counts: I64) -> tuple[tuple[int, int], ...]:
    """The half-open spans of characters that had more than one candidate."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], counts > 1, [0])).astype(np.int8)))
    return tuple(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
