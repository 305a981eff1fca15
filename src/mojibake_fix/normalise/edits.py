"""Changes of a text: one, or as many as it has marks, as arrays.  Not for what is changed, nor which rule did it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
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
    """Many edits: ``text[starts[i]:ends[i]]`` becomes ``after[i]``; ``int64[n]``, ``int64[n]``, n strings."""

    starts: I64
    ends: I64
    after: list[str]

    def __len__(self) -> int:
        return len(self.after)

    @classmethod
    def of(cls, edits: Iterable[Edit]) -> Edits:
        """Return the same edits as arrays."""
        starts, ends, after = zip(*edits, strict=True)
        return cls(np.array(starts, np.int64), np.array(ends, np.int64), list(after))

    @classmethod
    def at(cls, places: I64, after: Sequence[str]) -> Edits:
        """Return the edits that write one of ``after`` for the character at each of ``places``."""
        return cls(places, places + 1, list(after))

    @classmethod
    def inserted(cls, places: I64, text: str) -> Edits:
        """Return the edits that put ``text`` before each of ``places``."""
        return cls(places, places, [text] * len(places))

    @classmethod
    def joined(cls, parts: Sequence[Edits]) -> Edits:
        """Return the edits of all parts, one part behind the other."""
        return cls(
            np.concatenate([part.starts for part in parts]),
            np.concatenate([part.ends for part in parts]),
            list(itertools.chain.from_iterable(part.after for part in parts)),
        )

    def take(self, numbers: I64) -> Edits:
        """Return some of the edits, by their numbers."""
        after = self.after
        return Edits(self.starts[numbers], self.ends[numbers], [after[number] for number in numbers.tolist()])

    def moved(self, distances: I64) -> Edits:
        """Return the edits as many characters further on as ``distances`` says of each."""
        return Edits(self.starts + distances, self.ends + distances, self.after)

    def applied(self, text: str) -> str:
        """Return ``text`` with the edits made, which are in order and disjoint."""
        kept = zip([0, *self.ends.tolist()], [*self.starts.tolist(), len(text)], strict=True)
        pieces = [""] * (2 * len(self.after) + 1)
        pieces[::2] = [text[start:end] for start, end in kept]
        pieces[1::2] = self.after
        return "".join(pieces)
