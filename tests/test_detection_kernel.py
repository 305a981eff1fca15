"""The compiled kernel finds the same evidence about bytes as NumPy does, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mojibake_fix.detect.encoding import readings, scoring, single
from mojibake_fix.detect.encoding.catalogue import CATALOGUE
from mojibake_fix.model.kernel import load_kernel

pytestmark = pytest.mark.skipif(load_kernel() is None, reason="no kernel was built, or none is wanted")

NAMES = [name for name, row in CATALOGUE.items() if row.kind != "wide"]
TABLED = [name for name in NAMES if single.is_tabled(name)]
PIECES = ["昨天下午".encode("gbk"), "図書館で".encode("cp932"), "가나다".encode("cp949"), "schön’s ".encode("cp1252"),
          "Вчера".encode("koi8-r"), "😀𠀀".encode(), b"\n", b"\xff\xa0", b" a1", b"\x81"]  # fmt: skip
DATA = st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join))
many = settings(deadline=None, max_examples=150)


def without_kernel(call: object, *arguments: object, **options: object) -> object:
    with pytest.MonkeyPatch.context() as patch:
        for module in (scoring, single):
            patch.setattr(module, "compiled_evidence", lambda: None)
        assert callable(call)
        return call(*arguments, **options)


def same(one: scoring.Rarity, other: object) -> bool:
    assert isinstance(other, scoring.Rarity)
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("rare", "counted", "errors", "bursts")
    )


@given(DATA, st.booleans())
@example(b"", False)
@example(b"\n\n", True)
@many
def test_readings_are_scored_with_the_kernel_as_without(data: bytes, fine: bool) -> None:
    read = readings.read_lines(data, NAMES)
    assert same(scoring.rarity(read, fine=fine), without_kernel(scoring.rarity, read, fine=fine))
    score, found = scoring.quick_scores(read, fine=fine)
    pure_score, pure_found = without_kernel(scoring.quick_scores, read, fine=fine)  # type: ignore[misc]
    assert same(found, pure_found)
    assert np.array_equal(score, pure_score)
    assert np.array_equal(scoring.full_scores(read), without_kernel(scoring.full_scores, read))


@given(DATA, st.sampled_from(TABLED), st.booleans())
@example(b"", "cp1252", False)
@example(b"\xe4", "cp1252", False)
@many
def test_lines_of_one_byte_a_character_are_as_odd_with_the_kernel_as_without(
    data: bytes, name: str, fine: bool
) -> None:
    found = single.rarity_of_lines(data, name, fine=fine)
    assert same(found, without_kernel(single.rarity_of_lines, data, name, fine=fine))


@given(DATA, st.sampled_from([0.0, 25.0]))
@example(b"", 25.0)
@example(b"\xe4", 25.0)
@many
def test_the_same_encodings_of_one_byte_a_character_are_close_with_the_kernel_as_without(
    data: bytes, margin: float
) -> None:
    from mojibake_fix.detect.encoding.hints import Hints

    hints = Hints(None, None, None)
    assert single.best_single(data, hints, margin) == without_kernel(single.best_single, data, hints, margin)


def test_an_odd_line_is_odd() -> None:
    odd, plain = single.rarity_of_lines(b"\xff\xfe\xff\xfe\xff\xfe\nsch\xf6n", "cp1252", fine=True).rare
    assert odd >= 5
    assert plain == 0
