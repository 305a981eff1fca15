"""Changes of a text: one, or as many as it has marks, as arrays.  Not for what is changed, nor which rule did it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["Edit", "Edits"]

I64 = npt.NDArray[np.int64]


class Edit(NamedTuple):
    """``text[start:end]`` becomes ``after``."""

    start: int
    end: int
    after: str

    @classmethod
    def between(cls, before: str, after: str, offset: int) -> Edit:
        """Return the edit that makes ``after`` of ``before``, which begins at ``offset``; common ends left out."""
        shorter = min(len(before), len(after))
        start = next((i for i in range(shorter) if before[i] != after[i]), shorter)
        end = next((i for i in range(shorter - start) if before[-1 - i] != after[-1 - i]), shorter - start)
        return cls(offset + start, offset + len(before) - end, after[start : len(after) - end])


@dataclass(frozen=True, slots=True)
class Edits:
    """Many edits: ``text[starts[i]:ends[i]]`` becomes ``words[which[i]]``; three of ``int64[n]``, and some strings."""

    starts: I64
    ends: I64
    which: I64
    words: list[str]

    def __len__(self) -> int:
        return len(self.which)

    def __iter__(self) -> Iterator[Edit]:
        words = self.words
        return map(Edit, self.starts.tolist(), self.ends.tolist(), [words[number] for number in self.which.tolist()])

    @classmethod
    def of(cls, edits: Sequence[Edit]) -> Edits:
        """Return the same edits as arrays."""
        starts, ends, after = zip(*edits, strict=True)
        return cls(np.array(starts, np.int64), np.array(ends, np.int64), np.arange(len(edits)), list(after))

    @classmethod
    def alike(cls, starts: I64, ends: I64, after: str) -> Edits:
        """Return the edits that write the same everywhere."""
        return cls(starts, ends, np.zeros(len(starts), np.int64), [after])

    @classmethod
    def joined(cls, parts: Sequence[Edits]) -> Edits:
        """Return the edits of all parts, one part behind the other."""
        firsts = itertools.accumulate((len(part.words) for part in parts), initial=0)
        return cls(
            np.concatenate([part.starts for part in parts]),
            np.concatenate([part.ends for part in parts]),
            np.concatenate([part.which + first for part, first in zip(parts, firsts, strict=False)]),
            list(itertools.chain.from_iterable(part.words for part in parts)),
        )

    def take(self, numbers: I64) -> Edits:
        """Return some of the edits, by their numbers."""
        return Edits(self.starts[numbers], self.ends[numbers], self.which[numbers], self.words)

    def moved(self, distances: I64) -> Edits:
        """Return the edits as many characters further on as ``distances`` says of each."""
        return Edits(self.starts + distances, self.ends + distances, self.which, self.words)
