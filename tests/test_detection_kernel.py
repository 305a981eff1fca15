"""The compiled kernel finds the same evidence about bytes as NumPy does, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mojibake_fix.detect.encoding import readings, scoring, single, slip
from mojibake_fix.detect.encoding.catalogue import CATALOGUE
from mojibake_fix.model.kernel import load_kernel

pytestmark = pytest.mark.skipif(load_kernel() is None, reason="no kernel was built, or none is wanted")

NAMES = [name for name, row in CATALOGUE.items() if row.kind != "wide"]
TABLED = [name for name in NAMES if single.is_tabled(name)]
PIECES = ["昨天下午".encode("gbk"), "図書館で".encode("cp932"), "가나다".encode("cp949"), "schön’s ".encode("cp1252"),
          "Вчера".encode("koi8-r"), "ВЧЕРА".encode("cp1251"), "À L'ÉCOLE, É".encode("cp1252"),
          "😀𠀀".encode(), b"\n", b"\xff\xa0", b" a1", b"\x81"]  # fmt: skip
DATA = st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join))
BURSTS = st.sampled_from([scoring.BURST, scoring.FINE_BURST, scoring.PAIR])
many = settings(deadline=None, max_examples=150)


def without_kernel(call: object, *arguments: object, **options: object) -> object:
    with pytest.MonkeyPatch.context() as patch:
        for module in (scoring, single, slip):
            patch.setattr(module, "compiled_evidence", lambda: None)
        assert callable(call)
        return call(*arguments, **options)


def same(one: scoring.Rarity, other: object) -> bool:
    assert isinstance(other, scoring.Rarity)
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("rare", "counted", "errors", "bursts")
    )


@given(DATA, BURSTS)
@example(b"", scoring.BURST)
@example(b"\n\n", scoring.PAIR)
@many
def test_readings_are_scored_with_the_kernel_as_without(data: bytes, burst: tuple[int, int]) -> None:
    read = readings.read_lines(data, NAMES)
    assert same(scoring.rarity(read, burst), without_kernel(scoring.rarity, read, burst))
    score, found = scoring.quick_scores(read, burst)
    pure_score, pure_found = without_kernel(scoring.quick_scores, read, burst)  # type: ignore[misc]
    assert same(found, pure_found)
    assert np.array_equal(score, pure_score)
    assert np.array_equal(scoring.full_scores(read), without_kernel(scoring.full_scores, read))


@given(DATA, st.sampled_from(TABLED), BURSTS)
@example(b"", "cp1252", scoring.PAIR)
@example(b"\xe4", "cp1252", scoring.PAIR)
@many
def test_lines_of_one_byte_a_character_are_as_odd_with_the_kernel_as_without(
    data: bytes, name: str, burst: tuple[int, int]
) -> None:
    found = single.rarity_of_lines(data, name, burst)
    assert same(found, without_kernel(single.rarity_of_lines, data, name, burst))


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


@given(DATA, st.sampled_from([name for name in CATALOGUE if slip.can_slip(name)]))
@example(b"", "gb18030")
@example("昨天下午".encode("gbk")[1:], "gb18030")
@example(b"\xea\xe7\xf7\xa0\xdc\xa1\x01", "cp932")
@many
def test_the_same_bytes_are_left_over_with_the_kernel_as_without(data: bytes, name: str) -> None:
    assert slip.find_slips(data, name) == without_kernel(slip.find_slips, data, name)


def test_an_odd_line_is_odd() -> None:
    odd, plain = single.rarity_of_lines(b"\xff\xfe\xff\xfe\xff\xfe\nsch\xf6n", "cp1252", scoring.FINE_BURST).rare
    assert odd >= 5
    assert plain == 0
