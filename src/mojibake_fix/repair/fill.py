"""Fill the holes of a text that was read anew: restore the characters whose bytes were lost.

Holes that stand close together are one window; where the true encoding is one of pairs, so is all behind a hole that
may be out of step with it.  Windows do not see each other but for what is known between them, for the language model
reaches no further.  Not for choosing the channel.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mojibake_fix.encodings import lookup
from mojibake_fix.model import DocumentCache, NgramModel
from mojibake_fix.repair.lattice import Arc, Context, Lattice, Path, best_paths_many
from mojibake_fix.repair.losses import CONSUMES, stream_arcs
from mojibake_fix.repair.mood import forms_in_mood
from mojibake_fix.repair.patterns import automaton
from mojibake_fix.repair.spans import Run
from mojibake_fix.repair.transcode import Reread

__all__ = ["Filled", "fill"]

_KNOWN_BETWEEN = 2
"""Windows with at most so many known characters between them are searched as one."""
_MOST_PATHS = 5
_MOST_ARCS = 6000
"""Arcs of one window beyond which it is left alone: it has some hundred bytes, and nearly all of them are in doubt."""
_LONGEST = 240
"""Bytes of one window: a search takes time by its length, and a line may be of any."""
_SEEN = 400
"""Characters to either side that the balance of brackets sees."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One window: half-open offsets in the filled text, and the texts that it may be, best first."""

    start: int
    end: int
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """The text of a run, what had to be chosen in it, and which bytes the decoder's marks stand for."""

    text: str
    choices: tuple[Choice, ...]
    consumes: str

    @property
    def restored(self) -> tuple[tuple[int, int], ...]:
        """The half-open spans of ``text`` that the language model chose."""
        return tuple(
            (choice.start + start, choice.start + end)
            for choice in self.choices
            for start, end in choice.paths[0].restored
        )


def fill(
    new: Reread,
    run: Run,
    *,
    left: str,
    right: str,
    model: NgramModel,
    forms: npt.NDArray[np.float32],
    cache: DocumentCache,
) -> Filled | None:
    """Return the text of ``run`` with its holes filled; None where no text of the encoding explains one.

    Args:
        left, right: What stands before and behind the run, taken to be right.
        forms, cache: As in :class:`mojibake_fix.repair.lattice.Context`.
    """
    windows = _windows(new, run)
    edges = [run.new_start, *(edge for window in windows for edge in window), run.new_end]
    known = [_text(new, a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    befores = list(itertools.accumulate(known, lambda text, more: (text + more)[-_SEEN:], initial=left[-_SEEN:]))[1:-1]
    behinds = list(
        itertools.accumulate(reversed(known), lambda text, more: (more + text)[:_SEEN], initial=right[:_SEEN])
    )[-2:0:-1]
    forms = forms_in_mood(forms, "".join((left[-_SEEN:], *known, right[:_SEEN])), model)
    contexts = [Context(a, b, forms, cache) for a, b in zip(befores, behinds, strict=True)]
    consumes, found = _search(new, windows, contexts, model) if windows else ("", [])
    if not all(found):
        return None
    pieces, choices, length = [known[0]], [], len(known[0])
    for paths, text in zip(found, known[1:], strict=True):
        chosen = paths[0].text
        choices.append(Choice(length, length + len(chosen), tuple(paths)))
        pieces += (chosen, text)
        length += len(chosen) + len(text)
    return Filled("".join(pieces), tuple(choices), consumes)


def _search(
    new: Reread, windows: list[tuple[int, int]], contexts: list[Context], model: NgramModel
) -> tuple[str, list[list[Path]]]:
    """The decoder that explains all windows best, by what it consumes, and the paths of each window under it."""
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
    return max(by_policy.items(), key=lambda item: _explained(item[1]))


def _explained(found: list[list[Path]]) -> tuple[int, float]:
    """How many windows a decoder explains, and how well: nats."""
    return sum(1 for paths in found if paths), sum(paths[0].score for paths in found if paths)


def _windows(new: Reread, run: Run) -> list[tuple[int, int]]:
    """Half-open spans of the new track that hold holes, and the marks beside them."""
    broken = new.broken
    inside = broken[run.new_start : run.new_end]
    edges = np.flatnonzero(np.diff(np.concatenate(([False], inside, [False])).astype(np.int8))) + run.new_start
    windows: list[tuple[int, int]] = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if start > run.new_start and _follows_a_gap(new, start, end):
            start -= 1
        end = _in_step(new, start, end, run.new_end)
        if windows and start - windows[-1][1] <= _KNOWN_BETWEEN:
            windows[-1] = (windows[-1][0], max(end, windows[-1][1]))
        else:
            windows.append((start, end))
    return windows


def _follows_a_gap(new: Reread, start: int, end: int) -> bool:
    """Whether the character before a window may be made of two: a byte of UTF-8 that goes on is left over behind it."""
    stray = 0x80 <= int(new.stream.data[new.ends[start]]) < 0xC0
    before = int(new.points[start - 1])
    return stray and before >= 0x80 and lookup(new.encoding).structure == "utf8" and not new.marked[start:end].any()


def _in_step(new: Reread, start: int, end: int, last: int) -> int:
    """Where the pairs behind a window are in step whatever was lost: a byte behind it is no part of one."""
    row = lookup(new.encoding)
    if row.structure != "multi":
        return end
    parts = frozenset(row.leads + row.trails)
    limit = int(np.searchsorted(new.ends, int(new.ends[start]) + _LONGEST, side="right")) - 1
    while end < min(last, limit) and int(new.stream.data[new.ends[end]]) in parts:
        end += 1
    return end


def _text(new: Reread, start: int, end: int) -> str:
    return new.points[start:end].astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
