"""Phrases count each character n-gram once: inside words by words, across boundaries by pairs and triples."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.phrases import Phrase, gather

WORD = Phrase("政协", 5.0, 2, 0)
PAIR = Phrase("政协委员", 3.0, 2, 2)
TRIPLE = Phrase("政协的委员", 2.0, 2, 3)


def _encode(points: NDArray[np.uint32]) -> NDArray[np.uint16]:
    return points.astype(np.uint16)


def _ngrams(phrases: list[Phrase], order: int) -> dict[str, float]:
    keys, counts = gather(phrases).ngrams(order, _encode)
    assert (np.diff(keys.astype(np.float64)) > 0).all()
    texts = ("".join(chr(key >> 16 * place & 0xFFFF) for place in reversed(range(order))) for key in keys.tolist())
    return dict(zip(texts, counts.tolist(), strict=True))


@pytest.mark.parametrize(
    ("phrases", "order", "expected"),
    [
        ([WORD], 1, {"政": 5.0, "协": 5.0}),
        ([WORD], 2, {"政协": 5.0}),
        ([WORD], 3, {}),
        ([PAIR], 1, {}),
        ([PAIR], 2, {"协委": 3.0}),
        ([PAIR], 3, {"政协委": 3.0, "协委员": 3.0}),
        ([PAIR], 4, {"政协委员": 3.0}),
        ([TRIPLE], 2, {}),
        ([TRIPLE], 3, {"协的委": 2.0}),
        ([TRIPLE], 4, {"政协的委": 2.0, "协的委员": 2.0}),
        ([WORD, WORD, PAIR], 2, {"政协": 10.0, "协委": 3.0}),
        ([], 2, {}),
    ],
)
def test_an_ngram_is_counted_by_the_shortest_sequence_that_holds_it(
    phrases: list[Phrase], order: int, expected: dict[str, float]
) -> None:
    assert _ngrams(phrases, order) == expected


def test_kind_tells_words_from_sequences() -> None:
    assert [phrase.kind for phrase in (WORD, PAIR, TRIPLE)] == ["word", "cross", "cross"]
