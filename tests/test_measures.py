"""What the benchmarks measure with: distances, right characters, harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fixers import naive_inverse
from benchmarks.measures import Score, distance, right_characters, score, table
from corpus.damage import chain_of
from corpus.damage.chains import read_wrong

SHORT = st.text(alphabet="ab中文", max_size=8)


@pytest.mark.parametrize(
    ("a", "b", "expected"), [("", "", 0), ("中文", "", 2), ("kitten", "sitting", 3), ("領導", "領(lǐng)導", 6)]
)
def test_distance(a: str, b: str, expected: int) -> None:
    assert distance(a, b) == distance(b, a) == expected


@given(a=SHORT, b=SHORT, c=SHORT)
def test_distance_is_a_metric(a: str, b: str, c: str) -> None:
    assert (distance(a, b) == 0) == (a == b)
    assert distance(a, c) <= distance(a, b) + distance(b, c)


def test_right_characters_are_those_of_the_truth_in_order() -> None:
    assert right_characters("中文字", "中?字") == 2
    assert right_characters("中文字", "") == 0


def test_a_line_is_harmed_when_it_is_further_from_the_truth_than_it_was() -> None:
    truths = ["中文字", "中文字", "中文字", "中文字"]
    raws = ["中文?", "中文?", "中文?", "中文字"]
    repaired = ["中文字", "中文?", "中!!", "中文了"]
    assert score(raws, truths, repaired) == Score(lines=4, exact=1, harmed=2, changed=3, characters=12, right=8)


def test_the_naive_inverse_leaves_holes() -> None:
    chain = chain_of("utf-8>gbk", "pair-question")
    raw = read_wrong("参数错误！", chain)
    assert raw is not None
    (text,) = naive_inverse(chain)([raw])
    assert "\ufffd" in text
    assert text.startswith("参数错误")


def test_a_table_is_aligned() -> None:
    assert table(("name", "n"), [("a", 1), ("bb", 22.5)]) == "name      n\na         1\nbb    22.50"
