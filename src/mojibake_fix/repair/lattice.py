"""The lattice: which text, encoded and damaged, can have become this, and which of those is the likeliest.

Each observed character is one or more *arcs*: the bytes that it may stand for, as masks
(:mod:`mojibake_fix.repair.patterns`), with a cost in nats.  The true encoding's automaton walks the arcs; the language
model and the balance of brackets score what it emits; a Viterbi beam keeps the best.  Given a text the damage is
certain, so arc costs are only what chance has to do with it (which of several inverses was at work), and a longer
text pays for itself through the language model.  Not for choosing the channel or deciding whether to change anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mojibake_fix.model import EMPTY_CACHE, DocumentCache, NgramModel, code_points
from mojibake_fix.repair.patterns import Automaton, Mask, State

__all__ = ["Arc", "Context", "Path", "best_paths", "score_text"]

F32 = npt.NDArray[np.float32]
U16 = npt.NDArray[np.uint16]
I32 = npt.NDArray[np.int32]

BEAM = 120
"""States kept for each decoder state at each observed character."""
MARGIN = 22.0
"""States further than this below the best one at the same place are dropped, in nats."""
_WIDEST = 40_000
"""Expansions scored at once; wider ones keep the candidates that are most frequent by themselves."""

_OPENERS = "“‘「『《〈（【〔"
_CLOSERS = "”’」』》〉）】〕"
_UNMATCHED = np.float32(-6.0)
"""A closing mark without its opening one, or an opening one inside its like."""
_UNCLOSED = np.float32(-5.0)
"""Each opening mark that the line never closes."""
_DEPTH_LIMIT = 1 << 12


@dataclass(frozen=True, slots=True)
class Arc:
    """One reading of the observed characters from this position up to ``end``.

    ``masks`` are the bytes they stand for, in order.  ``literal`` is a character that passes through as it is, between
    characters only.  ``needs`` restricts the arc to decoder states that are inside (True) or between (False) characters.
    """

    end: int
    masks: tuple[Mask, ...] = ()
    cost: float = 0.0
    literal: int | None = None
    needs: bool | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around the span, and how its characters are likely to be written.

    ``left`` and ``right`` are clean text; ``forms`` is ``float32[65536]``, nats, of the document's style; ``cache`` is
    what the document says elsewhere.
    """

    left: str
    right: str
    forms: F32
    cache: DocumentCache = EMPTY_CACHE


@dataclass(frozen=True, slots=True)
class Path:
    """A text that the span may have been: its score in nats, and the half-open spans that were not certain."""

    text: str
    score: float
    restored: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class _Beam:
    """States of equal decoder state: scores, last three characters (folded), open brackets, and where they are from."""

    score: F32
    c3: U16
    c2: U16
    c1: U16
    stack: I32
    node: I32

    def take(self, index: npt.NDArray[np.int64]) -> _Beam:
        return _Beam(
            self.score[index], self.c3[index], self.c2[index], self.c1[index], self.stack[index], self.node[index]
        )


@dataclass(slots=True)
class _Trellis:
    """Back-pointers of every emission, in blocks."""

    parents: list[I32] = field(default_factory=list)
    points: list[npt.NDArray[np.uint32]] = field(default_factory=list)
    certain: list[npt.NDArray[np.bool_]] = field(default_factory=list)
    size: int = 0

    def add(self, parents: I32, points: npt.NDArray[np.uint32], *, certain: bool) -> I32:
        self.parents.append(parents)
        self.points.append(points)
        self.certain.append(np.full(len(points), certain))
        nodes = np.arange(self.size, self.size + len(points), dtype=np.int32)
        self.size += len(points)
        return nodes


def best_paths(
    arcs: Sequence[Sequence[Arc]], machine: Automaton, model: NgramModel, context: Context, *, best: int = 8
) -> list[Path]:
    """Search the lattice.

    Args:
        arcs: For each observed position, the arcs that leave it; the last position's arcs end at ``len(arcs)``.
        machine: The automaton of the true encoding.
        best: How many texts to return.

    Returns:
        Distinct texts, best first; empty where nothing explains the observation.
    """
    search = _Search(machine, model, context)
    return search.run(arcs, best)


def score_text(text: str, model: NgramModel, context: Context) -> float:
    """Score ``text`` in its context exactly as the lattice scores its paths: nats."""
    search = _Search(None, model, context)
    beam = search.start()
    for point in code_points(text):
        beam = search.emit(beam, np.array([point], np.uint32))
    return float(search.finish(beam).score[0])


class _Search:
    """One search; holds what does not change while it runs, and the back-pointers."""

    def __init__(self, machine: Automaton | None, model: NgramModel, context: Context) -> None:
        self._machine = machine
        self._model = model
        self._context = context
        self._trellis = _Trellis()

    def start(self) -> _Beam:
        left = self._model.fold("\n\n\n" + self._context.left)[-3:]
        c3, c2, c1 = (np.array([c], np.uint16) for c in left)
        stack = np.array([_open_brackets(self._model.fold(self._context.left))], np.int32)
        return _Beam(np.zeros(1, np.float32), c3, c2, c1, stack, np.full(1, -1, np.int32))

    def run(self, arcs: Sequence[Sequence[Arc]], best: int) -> list[Path]:
        waiting: list[dict[State, list[_Beam]]] = [{} for _ in range(len(arcs) + 1)]
        waiting[0][()] = [self.start()]
        for position, leaving in enumerate(arcs):
            for state, beam in _best_states(waiting[position]):
                for arc in leaving:
                    if arc.needs is not None and arc.needs != bool(state):
                        continue
                    for reached, grown in self._walk(state, beam, arc):
                        waiting[arc.end].setdefault(reached, []).append(grown)
            waiting[position] = {}
        finished = waiting[-1].get((), [])
        if not finished:
            return []
        return self._texts(self.finish(_prune(finished)), best)

    def _walk(self, state: State, beam: _Beam, arc: Arc) -> list[tuple[State, _Beam]]:
        """Follow ``arc`` from ``state``: every decoder state that it can lead to, with its beam."""
        assert self._machine is not None
        if arc.literal is not None:
            reached = [] if state else [((), self.emit(beam, np.array([arc.literal], np.uint32)))]
        else:
            reached = [(state, beam)]
        for mask in arc.masks:
            following: list[tuple[State, _Beam]] = []
            for current, states in reached:
                for outcome in self._machine.extend(current, mask):
                    grown = states if outcome.emitted is None else self.emit(states, outcome.emitted)
                    following.append((outcome.state, grown))
            reached = following
        if arc.cost:
            for place, (current, states) in enumerate(reached):
                cheaper = states.score - np.float32(arc.cost)
                fields = (states.c3, states.c2, states.c1, states.stack, states.node)
                reached[place] = (current, _Beam(cheaper, *fields))
        return reached

    def emit(self, beam: _Beam, points: npt.NDArray[np.uint32]) -> _Beam:
        """Append each of ``points`` to each state; the best ``BEAM`` of what comes out."""
        model = self._model
        wide = len(points) * len(beam.score) > _WIDEST
        bmp = np.minimum(points, np.uint32(0xFFFF))
        if wide:
            room = max(_WIDEST // len(beam.score), 200)
            frequent = np.argsort(-model.unigram[model.fold_table[bmp]], kind="stable")[:room]
            points, bmp = points[frequent], bmp[frequent]
        codes = np.where(points > 0xFFFF, np.uint16(0xE001), model.fold_table[bmp]).astype(np.uint16)
        states = len(beam.score)
        which = np.repeat(np.arange(states), len(points))
        c0 = np.tile(codes, states)
        logp = model.logp_next(beam.c3[which], beam.c2[which], beam.c1[which], c0)
        logp = self._context.cache.mix(logp, beam.c2[which], beam.c1[which], c0)
        form = np.tile(self._context.forms[bmp], states)
        stack, balance = _brackets(beam.stack[which], c0)
        score = beam.score[which] + logp + form + balance
        if len(score) > BEAM:
            kept = np.argpartition(-score, BEAM)[:BEAM]
        else:
            kept = np.arange(len(score))
        which, place = which[kept], kept % len(points)
        nodes = self._trellis.add(beam.node[which], points[place], certain=len(points) == 1)
        return _Beam(score[kept], beam.c2[which], beam.c1[which], c0[kept], stack[kept], nodes)

    def finish(self, beam: _Beam) -> _Beam:
        """Score what follows: the next characters by the model, all of them by their brackets."""
        right = self._context.right
        codes = self._model.fold(right[:4] if len(right) > 4 else right + "\n")
        score, c3, c2, c1, stack = beam.score, beam.c3, beam.c2, beam.c1, beam.stack
        for code in codes:
            c0 = np.full(len(score), code, np.uint16)
            logp = self._model.logp_next(c3, c2, c1, c0)
            score = score + self._context.cache.mix(logp, c2, c1, c0)
            c3, c2, c1 = c2, c1, c0
        following = self._model.fold(right)
        for mark in following[(_OPENS[following] > 0) | (_CLOSES[following] > 0)]:
            stack, balance = _brackets(stack, np.full(len(score), mark, np.uint16))
            score = score + balance
        for depth in range(4):
            score = score + np.where(stack >> (4 * depth) > 0, _UNCLOSED, np.float32(0))
        return _Beam(score, beam.c3, beam.c2, beam.c1, beam.stack, beam.node)

    def _texts(self, beam: _Beam, best: int) -> list[Path]:
        trellis = self._trellis
        if trellis.size == 0:
            return []
        parents = np.concatenate(trellis.parents)
        points = np.concatenate(trellis.points)
        certain = np.concatenate(trellis.certain)
        paths: dict[str, Path] = {}
        for place in np.argsort(-beam.score, kind="stable"):
            characters: list[str] = []
            uncertain: list[int] = []
            node = int(beam.node[place])
            while node >= 0:
                if not certain[node]:
                    uncertain.append(len(characters))
                characters.append(chr(points[node]))
                node = int(parents[node])
            text = "".join(reversed(characters))
            if text not in paths:
                spans = _spans(sorted(len(characters) - 1 - place for place in uncertain))
                paths[text] = Path(text, float(beam.score[place]), spans)
            if len(paths) == best:
                break
        return list(paths.values())


def _spans(positions: list[int]) -> tuple[tuple[int, int], ...]:
    spans: list[tuple[int, int]] = []
    for position in positions:
        if spans and spans[-1][1] == position:
            spans[-1] = (spans[-1][0], position + 1)
        else:
            spans.append((position, position + 1))
    return tuple(spans)


def _best_states(waiting: dict[State, list[_Beam]]) -> list[tuple[State, _Beam]]:
    """The states worth going on from: recombined, at most ``BEAM`` a decoder state, within ``MARGIN`` of the best."""
    pruned = [(state, _prune(beams)) for state, beams in waiting.items()]
    if not pruned:
        return []
    floor = max(float(beam.score[0]) for _, beam in pruned) - MARGIN
    alive = ((state, beam, int((beam.score >= floor).sum())) for state, beam in pruned)
    return [(state, beam.take(np.arange(count))) for state, beam, count in alive if count]


def _prune(beams: list[_Beam]) -> _Beam:
    """Join beams, keep one of each set of states that no later character can tell apart, and the best of those."""
    if len(beams) == 1:
        joined = beams[0]
    else:
        joined = _Beam(
            np.concatenate([b.score for b in beams]),
            np.concatenate([b.c3 for b in beams]),
            np.concatenate([b.c2 for b in beams]),
            np.concatenate([b.c1 for b in beams]),
            np.concatenate([b.stack for b in beams]),
            np.concatenate([b.node for b in beams]),
        )
    order = np.argsort(-joined.score, kind="stable")
    history = (
        (joined.c3.astype(np.uint64) << np.uint64(48))
        | (joined.c2.astype(np.uint64) << np.uint64(32))
        | (joined.c1.astype(np.uint64) << np.uint64(16))
        | (joined.stack.astype(np.uint64) & np.uint64(0xFFFF))
    )
    _, first = np.unique(history[order], return_index=True)
    return joined.take(order[np.sort(first)[:BEAM]])


def _bracket_tables() -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    opens = np.zeros(0x10000, np.int32)
    closes = np.zeros(0x10000, np.int32)
    for kind, (opener, closer) in enumerate(zip(_OPENERS, _CLOSERS, strict=True), start=1):
        opens[ord(opener)] = kind
        closes[ord(closer)] = kind
    # The folded alphabet writes corner brackets as curly quotes and full-width parentheses as ASCII ones.
    opens[ord("(")], closes[ord(")")] = opens[ord("（")], closes[ord("）")]
    closes[ord("’")] = 0  # an apostrophe
    opens[ord("‘")] = 0
    return opens, closes


_OPENS, _CLOSES = _bracket_tables()


def _brackets(stack: I32, codes: U16) -> tuple[I32, F32]:
    """Push and pop: the stacks after ``codes``, and what the marks cost that do not match."""
    opened, closed = _OPENS[codes], _CLOSES[codes]
    if not (opened.any() or closed.any()):
        return stack, np.zeros(len(codes), np.float32)
    top = stack & 15
    doubled = (opened > 0) & (top == opened)
    pushed = np.where(opened > 0, (stack % _DEPTH_LIMIT) * 16 + opened, stack)
    matched = (closed > 0) & (top == closed)
    after = np.where(matched, stack >> 4, pushed).astype(np.int32)
    wrong = doubled | ((closed > 0) & ~matched)
    return after, np.where(wrong, _UNMATCHED, np.float32(0)).astype(np.float32)


def _open_brackets(left: U16) -> int:
    """The stack that the clean text before the span leaves open, by its folded characters."""
    packed = 0
    for mark in left[(_OPENS[left] > 0) | (_CLOSES[left] > 0)]:
        if _OPENS[mark]:
            packed = (packed % _DEPTH_LIMIT) * 16 + int(_OPENS[mark])
        elif packed & 15 == _CLOSES[mark]:
            packed >>= 4
    return packed
