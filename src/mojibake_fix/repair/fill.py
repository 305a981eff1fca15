"""Fill the holes of a text that was read anew: restore the characters whose bytes were lost.

Holes that stand close together are one window; where the true encoding is one of pairs, so is all behind a hole that
may be out of step with it.  Windows do not see each other but for what is known between them, for the language model
reaches no further.  Not for choosing the channel.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from mojibake_fix.encodings import lookup
from mojibake_fix.model import DocumentCache, NgramModel
from mojibake_fix.repair.spans import Run
from mojibake_fix.repair.transcode import Reread

if TYPE_CHECKING:
    from mojibake_fix.repair.lattice import Path

__all__ = ["Filled", "fill"]

_KNOWN_BETWEEN = 2
"""Windows with at most so many known characters between them are searched as one.  From 0 to 4 the same lines come
right: what is known in between says most of what there is to say."""
_LONGEST = 240
"""Bytes of one window: a search takes time by its length, and a line may be of any."""
_MOST_PATHS = 5
_SEEN = 400
"""Characters to either side that the balance of brackets sees."""


class Choice(NamedTuple):
    """One window: half-open offsets in the filled text, and the texts that it may be, best first."""

    start: int
    end: int
    paths: tuple[Path, ...]


class Filled(NamedTuple):
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
    document: Callable[[], tuple[npt.NDArray[np.float32], DocumentCache]],
) -> Filled | None:
    """Return the text of ``run`` with its holes filled; None where no text of the encoding explains one.

    Args:
        left, right: What stands before and behind the run, taken to be right.
        document: Gives the forms and the cache of :class:`mojibake_fix.repair.lattice.Context`, where there are holes.
    """
    windows = _windows(new, run)
    if not windows:
        return Filled(_text(new, run.new_start, run.new_end), (), "")
    # 20 ms to import, which a text without holes can do without.
    from mojibake_fix.repair.holes import search_holes
    from mojibake_fix.repair.mood import forms_in_mood

    edges = [run.new_start, *(edge for window in windows for edge in window), run.new_end]
    known = [_text(new, a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    befores = list(itertools.accumulate(known, lambda text, more: (text + more)[-_SEEN:], initial=left[-_SEEN:]))[1:-1]
    behinds = list(
        itertools.accumulate(reversed(known), lambda text, more: (more + text)[:_SEEN], initial=right[:_SEEN])
    )[-2:0:-1]
    forms, cache = document()
    forms, said = forms_in_mood(forms, "".join((left[-_SEEN:], *known, right[:_SEEN])), model)
    consumes, found = search_holes(new, windows, list(zip(befores, behinds, strict=True)), model, forms, cache)
    if not all(found):
        return None
    pieces, choices, length = [known[0]], [], len(known[0])
    for paths, text in zip(found, known[1:], strict=True):
        before = "".join((left[-_SEEN:], *pieces))[-_SEEN:]
        ordered = sorted((_in_mood(path, before, said, model) for path in paths), key=lambda path: -path.score)
        chosen = ordered[0].text
        choices.append(Choice(length, length + len(chosen), tuple(ordered[:_MOST_PATHS])))
        pieces += (chosen, text)
        length += len(chosen) + len(text)
    return Filled("".join(pieces), tuple(choices), consumes)


def _in_mood(path: Path, before: str, given: float, model: NgramModel) -> Path:
    """Score a path by whether the sentences of its question marks ask; the search gave each mark ``given`` nats."""
    from mojibake_fix.repair.mood import MARKS, moods_of

    places = [len(before) + place for place, char in enumerate(path.text) if ord(char) in MARKS]
    if not places:
        return path
    return replace(path, score=path.score + moods_of(before + path.text, places, model) - given * len(places))


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
