"""The lattice: the texts that can have become an observed one, scored as they are scored by themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mojibake_fix.encodings import lookup, misread
from mojibake_fix.model import code_points, document_forms, load_model
from mojibake_fix.repair.lattice import Arc, Context, Lattice, best_paths, best_paths_many, score_text
from mojibake_fix.repair.observed import observed_arcs
from mojibake_fix.repair.patterns import automaton, byte_mask, mask_range

MODEL = load_model()
SENTENCE = "我们昨天下午在图书馆门口见面，然后一起去吃晚饭。"
FORMS = document_forms(code_points(SENTENCE), MODEL)
TEXTS = st.text(st.sampled_from("我们昨天下午在图书馆门口，。“”（）ab 12\U0002000b"), max_size=12)


def context(left: str = "", right: str = "") -> Context:
    return Context(left, right, FORMS)


def exact_arcs(data: bytes) -> list[list[Arc]]:
    return [[Arc(place + 1, (byte_mask(byte),))] for place, byte in enumerate(data)]


@settings(deadline=None, max_examples=40)
@given(TEXTS, TEXTS, TEXTS)
def test_where_nothing_is_lost_the_only_path_is_the_text_with_its_own_score(text: str, left: str, right: str) -> None:
    surroundings = context(left, right)
    paths = best_paths(exact_arcs(text.encode()), automaton("utf-8"), MODEL, surroundings)
    assert [path.text for path in paths] == [text]
    assert paths[0].score == pytest.approx(score_text(text, MODEL, surroundings), abs=0.01)
    assert paths[0].restored == ()


def test_a_lost_byte_is_restored_and_marked() -> None:
    left, lost, right = SENTENCE[:6], SENTENCE[6], SENTENCE[7:]
    arcs = exact_arcs(lost.encode())
    arcs[2] = [Arc(3, (mask_range(0x80, 0xBF),))]
    paths = best_paths(arcs, automaton("utf-8"), MODEL, context(left, right))
    assert paths[0].text == lost
    assert paths[0].restored == ((0, 1),)


def test_paths_are_distinct_and_fall_in_score() -> None:
    arcs = [[Arc(1, (mask_range(0xB0, 0xF7), mask_range(0xA1, 0xFE)))]]
    paths = best_paths(arcs, automaton("gbk"), MODEL, context("我们昨天在图书", "门口见面"), best=8)
    assert paths[0].text == "馆"
    assert len({path.text for path in paths}) == len(paths) >= 4
    assert [path.score for path in paths] == sorted((path.score for path in paths), reverse=True)


def test_an_alternative_that_was_joined_on_the_way_keeps_its_own_score() -> None:
    arcs = [
        [Arc(1, (byte_mask(0x61),)), Arc(1, (byte_mask(0x62),), cost=0.5)],
        *exact_arcs("，然后一起去吃晚饭。".encode()),
    ]
    arcs[1:] = [[Arc(place + 2, arc.masks) for arc in those] for place, those in enumerate(arcs[1:])]
    paths = best_paths(arcs, automaton("utf-8"), MODEL, context())
    assert {path.text[0] for path in paths} == {"a", "b"}
    for path in paths:
        cost = 0.5 if path.text[0] == "b" else 0.0
        assert path.score == pytest.approx(score_text(path.text, MODEL, context()) - cost, abs=0.01)


def test_bytes_that_no_text_explains_have_no_path() -> None:
    assert best_paths(exact_arcs(b"\xe6\x88"), automaton("utf-8"), MODEL, context()) == []
    assert best_paths(exact_arcs(b"\x81"), automaton("gbk"), MODEL, context()) == []


def test_places_searched_side_by_side_are_searched_as_each_alone() -> None:
    machine = automaton("gbk")
    lattices = [
        Lattice(observed_arcs(span, "gbk", events=range(len(span)), lost_tail=True), machine, context("我们", "，然后"))
        for span in ("昨天下午", "?馆门", "“图书", "")
    ]
    together = best_paths_many(lattices, MODEL)
    for lattice, paths in zip(lattices, together, strict=True):
        [alone] = best_paths_many([lattice], MODEL)
        assert [path.text for path in alone] == [path.text for path in paths]
        assert np.allclose([p.score for p in alone], [p.score for p in paths], atol=0.01)


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 2 * len(SENTENCE) - 2))
def test_the_truth_is_among_the_readings_of_a_stream_that_lost_a_byte(lost: int) -> None:
    data = lookup("gbk").encode(SENTENCE)
    assert data is not None
    observed = misread(data[:lost] + data[lost + 1 :], "gbk", "pair-question")
    arcs = observed_arcs(observed, "gbk", events=range(len(observed)), lost_tail=True)
    paths = best_paths(arcs, automaton("gbk"), MODEL, context(), best=200)
    assert any(_differences(path.text, SENTENCE) <= 2 for path in paths[:3])


def _differences(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))
