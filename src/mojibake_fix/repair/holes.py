"""Search the holes of a text that was read anew: which decoder lost their bytes, and what these may have been.

Not for where the holes are, nor for the text between them: :mod:`mojibake_fix.repair.fill`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mojibake_fix.model import DocumentCache, NgramModel
from mojibake_fix.repair.lattice import Arc, Context, Lattice, Path, best_paths_many
from mojibake_fix.repair.losses import CONSUMES, stream_arcs
from mojibake_fix.repair.patterns import automaton
from mojibake_fix.repair.transcode import Reread

__all__ = ["search_holes"]

_MOST_PATHS = 12
"""More than are kept: what a search does not see may put another one first."""
_MOST_ARCS = 6000
"""Arcs of one window beyond which it is left alone: it has some hundred bytes, and nearly all of them are in doubt."""


def search_holes(
    new: Reread,
    windows: list[tuple[int, int]],
    around: list[tuple[str, str]],
    model: NgramModel,
    forms: npt.NDArray[np.float32],
    cache: DocumentCache,
) -> tuple[str, list[list[Path]]]:
    """Return the decoder that explains all windows best, by what it consumes, and the paths of each window under it.

    Args:
        new: What the text was read as.
        windows: Half-open spans of its track that hold holes.
        around: What is known before and behind each.
        model, forms, cache: As in :class:`mojibake_fix.repair.lattice.Context`.
    """
    contexts = [Context(before, behind, forms, cache) for before, behind in around]
    machine = automaton(new.encoding)
    spans = [(int(new.ends[start]), int(new.ends[end])) for start, end in windows]
    marked = [bool(new.marked[start:end].any()) for start, end in windows]
    keys = [(consumes, number) for consumes in CONSUMES for number in range(len(windows))]
    found: dict[tuple[str, int], list[Path]] = {}
    # Without a mark bytes must have been dropped; with one they may have been too, if nothing else explains the place.
    for drops in (False, True):
        explained = {c for c in CONSUMES if all(found.get((c, n)) for n in range(len(windows)) if marked[n])}
        asked = [
            (consumes, number)
            for consumes, number in keys
            if not found.get((consumes, number))
            and (drops or marked[number])
            and (not explained or consumes in explained)
        ]
        # Decoders differ in few windows: what is the same under two of them is searched once.
        alike: dict[tuple[int, tuple[tuple[Arc, ...], ...]], list[tuple[str, int]]] = {}
        for consumes, number in asked:
            arcs = tuple(map(tuple, stream_arcs(new.stream, *spans[number], consumes, drops=drops)))
            alike.setdefault((number, arcs), []).append((consumes, number))
        small = {key: owners for key, owners in alike.items() if sum(map(len, key[1])) <= _MOST_ARCS}
        lattices = [Lattice(arcs, machine, contexts[number]) for number, arcs in small]
        searched = best_paths_many(lattices, model, best=_MOST_PATHS)
        found.update({key: [] for key in asked})
        for owners, paths in zip(small.values(), searched, strict=True):
            found.update(dict.fromkeys(owners, paths))
    by_policy = {consumes: [found.get((consumes, n), []) for n in range(len(windows))] for consumes in CONSUMES}
    chosen = max(by_policy, key=lambda consumes: _explained(by_policy[consumes]))
    return chosen, _pooled(by_policy, chosen) if all(by_policy[chosen]) else by_policy[chosen]


def _pooled(by_policy: dict[str, list[list[Path]]], chosen: str) -> list[list[Path]]:
    """The paths of each window under all decoders that explain each, as ``chosen`` does.

    Decoders that explain a line alike may tell what stood in one window from different texts.  A text scores what all
    windows would with it, under its decoder, but for what the others score under ``chosen``.
    """
    _, best = _explained(by_policy[chosen])
    pooled: list[dict[str, Path]] = [{} for _ in by_policy[chosen]]
    for found in by_policy.values():
        if not all(found):
            continue
        _, total = _explained(found)
        for texts, paths, usual in zip(pooled, found, by_policy[chosen], strict=True):
            for path in paths:
                score = path.score - paths[0].score + total - best + usual[0].score
                if path.text not in texts or texts[path.text].score < score:
                    texts[path.text] = replace(path, score=score)
    return [sorted(texts.values(), key=lambda path: -path.score)[:_MOST_PATHS] for texts in pooled]


def _explained(found: list[list[Path]]) -> tuple[int, float]:
    """How many windows a decoder explains, and how well: nats."""
    return sum(1 for paths in found if paths), sum(paths[0].score for paths in found if paths)
