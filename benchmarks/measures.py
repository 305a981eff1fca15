"""Measures of a repair, and plain tables to print them in.  Nothing here knows who repaired."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

__all__ = ["Score", "distance", "right_characters", "score", "table"]


@dataclass(frozen=True, slots=True)
class Score:
    """How a set of damaged lines came out.

    Attributes:
        lines: How many lines there were.
        exact: Lines that equal the truth.
        harmed: Lines further from the truth than they were, by edit distance.
        changed: Lines that were changed at all.
        characters: Characters of the truth.
        right: Characters of the truth that the repair has, in order.
    """

    lines: int = 0
    exact: int = 0
    harmed: int = 0
    changed: int = 0
    characters: int = 0
    right: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(*(a + b for a, b in zip(_values(self), _values(other), strict=True)))

    @property
    def exact_percent(self) -> float:
        """Exact lines in per cent; 0 where there are none."""
        return 100 * self.exact / self.lines if self.lines else 0.0

    @property
    def right_percent(self) -> float:
        """Right characters in per cent; 0 where there are none."""
        return 100 * self.right / self.characters if self.characters else 0.0


def score(raws: Sequence[str], truths: Sequence[str], repaired: Sequence[str]) -> Score:
    """Score repaired lines against the truth and the damaged lines that they were."""
    total = Score()
    for raw, truth, text in zip(raws, truths, repaired, strict=True):
        exact = text == truth
        harmed = not exact and text != raw and distance(text, truth) > distance(raw, truth)
        right = len(truth) if exact else right_characters(truth, text)
        total += Score(1, exact, harmed, text != raw, len(truth), right)
    return total


def right_characters(truth: str, text: str) -> int:
    """Return how many characters of ``truth`` stand in ``text`` in the same order (matching blocks)."""
    return sum(block.size for block in difflib.SequenceMatcher(None, truth, text, False).get_matching_blocks())


def distance(a: str, b: str) -> int:
    """Return the Levenshtein distance of two texts, a row of the matrix at a time."""
    if len(a) < len(b):
        a, b = b, a
    codes = np.frombuffer(b.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    steps = np.arange(len(codes) + 1)
    row = steps.copy()
    for i, char in enumerate(a, 1):
        best = np.minimum(row[1:] + 1, row[:-1] + (codes != ord(char)))
        row = np.minimum.accumulate(np.concatenate(([i], best)) - steps) + steps
    return int(row[-1])


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a plain text table: the first column to the left, the others to the right."""
    cells = [list(head), *([_shown(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(_line(row, widths) for row in cells)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(row, widths, strict=True)
    return "  ".join((first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)))


def _shown(cell: object) -> str:
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)


def _values(value: Score) -> list[int]:
    return list(asdict(value).values())
