"""The lattice: which text, encoded and damaged, can have become this, and which of those is the likeliest.

Each observed character is one or more *arcs*: the bytes that it may stand for, as masks
(:mod:`mojibake_fix.repair.patterns`), with a cost in nats.  The true encoding's automaton walks the arcs
(:mod:`mojibake_fix.repair.graph`), and a search by the language model and the balance of brackets keeps the best
(:mod:`mojibake_fix.repair.search`).  Given a text the damage is certain, so arc costs are only what chance has to do
with it (which of several inverses was at work), and a longer text pays for itself through the language model.  Not for
choosing the channel or deciding whether to change anything.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mojibake_fix.model import BOUNDARY, EMPTY_CACHE, DocumentCache, NgramModel, code_points, forms_of
from mojibake_fix.repair.brackets import follow, is_mark, open_brackets, unclosed
from mojibake_fix.repair.graph import Arc, compile_arcs
from mojibake_fix.repair.patterns import Automaton
from mojibake_fix.repair.search import Path, Place, search

__all__ = ["Arc", "Context", "Lattice", "Path", "best_paths", "best_paths_many", "score_text"]

F32 = npt.NDArray[np.float32]
U32 = npt.NDArray[np.uint32]

_RAREST = -15.0
_MOST_CANDIDATES = 1_500
"""Candidates of one character that a search looks at: none less likely by itself than this (nats), and so many."""
_FOLDED = np.array(list(map(ord, "！（），：；？")), np.uint32)
_SEEN = 4
"""Characters behind the span that the search scores."""


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
class Lattice:
    """One place: for each observed position the arcs that leave it, and the automaton of the true encoding.

    Where the text was ``folded`` after the damage, full-width forms of ASCII are restored as ASCII.
    """

    arcs: Sequence[Sequence[Arc]]
    machine: Automaton
    context: Context
    folded: bool = False


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
    return best_paths_many([Lattice(arcs, machine, context)], model, best=best)[0]


def best_paths_many(lattices: Sequence[Lattice], model: NgramModel, *, best: int = 8) -> list[list[Path]]:
    """Search lattices of one document (their contexts have the same forms and cache) side by side."""
    if not lattices:
        return []
    forms, cache = lattices[0].context.forms, lattices[0].context.cache
    worth = model.unigram[model.fold_table] + forms

    def plausible(points: U32, folded: bool) -> U32:
        if len(points) == 1 and not folded:
            return points
        if folded:
            points = np.where(np.isin(points, _FOLDED), points - np.uint32(0xFEE0), points)
        if int(points.max()) >= 0x10000:
            # Of these the folded alphabet knows the class only, and they are rarer than any that is kept.
            able = points[points < 0x10000]
            if not able.size:
                return points[:1]
            points = able
        value = worth[points]
        likely = value > _RAREST
        kept = points[likely]
        if len(kept) > _MOST_CANDIDATES:
            kept = kept[np.sort(np.argpartition(-value[likely], _MOST_CANDIDATES)[:_MOST_CANDIDATES])]
        return kept if kept.size else points[int(value.argmax())][None]

    # The lattices of a document share most of their candidates; by address, so the arrays are kept alive beside them.
    known: dict[tuple[int, bool], tuple[U32, U32]] = {}

    def chosen(points: U32, folded: bool) -> U32:
        key = (id(points), folded)
        if key not in known:
            known[key] = (points, plausible(points, folded))
        return known[key][1]

    places = []
    for lattice in lattices:
        following, rest = _following(lattice.context.right)
        choose = functools.partial(chosen, folded=lattice.folded)
        graph = compile_arcs(lattice.arcs, lattice.machine, choose, code_points(following))
        left = model.fold(lattice.context.left)
        places.append(Place(graph, left, model.fold(rest), len(following)))
    return search(places, model, forms, cache, best=best)


def score_text(text: str, model: NgramModel, context: Context) -> float:
    """Score ``text`` in its context exactly as the lattice scores its paths: nats."""
    following, rest = _following(context.right)
    points = code_points(text + following)
    left = model.fold(context.left)
    codes = np.concatenate((np.full(3, BOUNDARY, np.uint16), left[-3:]))[-3:]
    codes = np.concatenate((codes, model.fold(text + following)))
    logp = model.logp_next(codes[:-3], codes[1:-2], codes[2:-1], codes[3:])
    logp = context.cache.mix(logp, codes[1:-2], codes[2:-1], codes[3:])
    total = float((logp + forms_of(points, context.forms)).sum())
    stack = np.array([open_brackets(left)], np.int32)
    for code in codes[3:][is_mark(codes[3:])]:
        stack, matched = follow(stack, code[None])
        total += float(matched[0])
    return total + float(unclosed(stack, model.fold(rest))[0])


def _following(right: str) -> tuple[str, str]:
    """The characters behind the span that are scored, the end of the line being one, and the rest."""
    line_end = (right + "\n").index("\n") + 1
    seen = min(line_end, _SEEN)
    return (right + "\n")[:seen], right[seen:]
