"""Phrases: words and short sequences of words with expected counts, and the character n-grams that they count.

A phrase counts the n-grams that touch both its first and its last word.  So an n-gram inside a word is counted by
words only, one across a boundary by word pairs only, one that holds a whole word between two others by triples only,
and nothing is counted twice.  This module knows no lexicon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Phrase", "PhraseArrays", "gather"]


class Phrase(NamedTuple):
    """One to three words as one string, and the expected count of that string as such a sequence.

    It counts the n-grams ``text[start:end]`` with ``start < first_end`` and ``end > last_start``:
    those that touch its first and its last word.  In a word, ``first_end`` is its length and ``last_start`` 0.
    """

    text: str
    expected: float
    first_end: int
    last_start: int

    @property
    def kind(self) -> str:
        """``"word"``, or ``"cross"`` for a sequence whose n-grams cross a word boundary."""
        return "cross" if self.last_start else "word"


@dataclass(frozen=True, slots=True)
class PhraseArrays:
    """Phrases as arrays, from which n-grams of any order are counted.

    Attributes:
        points: ``uint32[characters]``, the code points of all texts, one text after the other.
        lengths: ``int64[n]``, characters of each text.
        counts: ``float64[n]``.
        first_end, last_start: ``int64[n]``, as in `Phrase`.
    """

    points: NDArray[np.uint32]
    lengths: NDArray[np.int64]
    counts: NDArray[np.float64]
    first_end: NDArray[np.int64]
    last_start: NDArray[np.int64]

    def ngrams(
        self, order: int, encode: Callable[[NDArray[np.uint32]], NDArray[np.uint16]]
    ) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
        """Return the n-grams of ``order`` (1 to 4) that the phrases count, and how often.

        Args:
            order: Characters of an n-gram.
            encode: Maps code points to 16-bit codes, one each (folding of scripts, say).

        Returns:
            ``uint64[n]``, keys of 16 bits a character, the last one lowest, unique and sorted;
            ``float64[n]``, counts.
        """
        codes = encode(self.points).astype(np.uint64)
        begin = np.cumsum(self.lengths) - self.lengths
        keys: list[NDArray[np.uint64]] = [np.empty(0, np.uint64)]
        weights: list[NDArray[np.float64]] = [np.empty(0)]
        for start in range(int(self.lengths.max(initial=0)) - order + 1):
            end = start + order
            counted = (end <= self.lengths) & (start < self.first_end) & (end > self.last_start)
            place = begin[counted] + start
            key = np.zeros(len(place), np.uint64)
            for step in range(order):
                key = key << np.uint64(16) | codes[place + step]
            keys.append(key)
            weights.append(self.counts[counted])
        unique, inverse = np.unique(np.concatenate(keys), return_inverse=True)
        return unique, np.bincount(inverse, np.concatenate(weights), len(unique)).astype(np.float64)


def gather(phrases: Iterable[Phrase]) -> PhraseArrays:
    """Return ``phrases`` as arrays."""
    texts: list[str] = []
    numbers: list[tuple[float, int, int]] = []
    for text, count, first_end, last_start in phrases:
        texts.append(text)
        numbers.append((count, first_end, last_start))
    points = np.frombuffer("".join(texts).encode("utf-32-le"), "<u4").astype(np.uint32)
    columns = np.array(numbers).reshape(-1, 3)
    return PhraseArrays(
        points,
        np.fromiter(map(len, texts), np.int64, len(texts)),
        columns[:, 0],
        columns[:, 1].astype(np.int64),
        columns[:, 2].astype(np.int64),
    )
