"""Fill the holes of a text that was read anew: restore the characters whose bytes were lost.

Holes that stand close together are one window; windows do not see each other but for what is already filled to their
left, for the language model reaches no further.  Not for choosing the channel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mojibake_fix.model import DocumentCache, NgramModel
from mojibake_fix.repair.lattice import Context, Path, best_paths
from mojibake_fix.repair.losses import stream_arcs
from mojibake_fix.repair.patterns import automaton
from mojibake_fix.repair.spans import Run
from mojibake_fix.repair.transcode import Reread

__all__ = ["Filled", "fill"]

_KNOWN_BETWEEN = 2
"""Windows with at most so many known characters between them are searched as one."""
_SEEN = 400
"""Characters to either side that the balance of brackets sees."""
_MARKS = (0x3F, 0x30FB)


@dataclass(frozen=True, slots=True)
class Choice:
    """One window: half-open offsets in the filled text, and the texts that it may be, best first."""

    start: int
    end: int
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """The text of a run, and what had to be chosen in it."""

    text: str
    choices: tuple[Choice, ...]

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
    pieces: list[str] = []
    choices: list[Choice] = []
    length = 0
    position = run.new_start
    windows = _windows(new, run)
    machine = automaton(new.encoding)
    for number, (start, end) in enumerate(windows):
        known = _text(new, position, start)
        pieces.append(known)
        length += len(known)
        following = windows[number + 1][0] if number + 1 < len(windows) else run.new_end
        behind = _text(new, end, following) + (right if following == run.new_end else "")
        context = Context((left + "".join(pieces))[-_SEEN:], behind[:_SEEN], forms, cache)
        paths = _search(new, start, end, machine, model, context)
        if not paths:
            return None
        chosen = paths[0].text
        pieces.append(chosen)
        choices.append(Choice(length, length + len(chosen), tuple(paths)))
        length += len(chosen)
        position = end
    pieces.append(_text(new, position, run.new_end))
    return Filled("".join(pieces), tuple(choices))


def _search(new: Reread, start: int, end: int, machine, model: NgramModel, context: Context) -> list[Path]:
    first, last = int(new.ends[start]), int(new.ends[end])
    for drops in (False, True):
        paths = best_paths(stream_arcs(new.stream, first, last, drops=drops), machine, model, context)
        if paths:
            return paths
    return []


def _windows(new: Reread, run: Run) -> list[tuple[int, int]]:
    """Half-open spans of the new track that hold holes, and the marks beside them."""
    points = new.points
    broken = new.holes
    marks = np.isin(points, _MARKS)
    while True:
        beside = np.zeros(len(points), bool)
        beside[1:] |= broken[:-1]
        beside[:-1] |= broken[1:]
        grown = broken | (marks & beside)
        if np.array_equal(grown, broken):
            break
        broken = grown
    inside = broken[run.new_start : run.new_end]
    edges = np.flatnonzero(np.diff(np.concatenate(([False], inside, [False])).astype(np.int8))) + run.new_start
    windows: list[tuple[int, int]] = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if windows and start - windows[-1][1] <= _KNOWN_BETWEEN:
            windows[-1] = (windows[-1][0], end)
        else:
            windows.append((start, end))
    return windows


def _text(new: Reread, start: int, end: int) -> str:
    return new.points[start:end].astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
