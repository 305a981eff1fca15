"""A plan is data, and the repaired text is that data applied."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mojibake_fix.errors import MojibakeFixError, PlanMismatchError
from mojibake_fix.plan import Alternative, Fault, Misread, Plan, Repair, Step, apply_plan


def step(start: int, before: str, after: str, **rest: object) -> Step:
    found = Step(start, start + len(before), before, after, Fault.MISREAD)
    return dataclasses.replace(found, **rest)  # type: ignore[arg-type]


def test_an_empty_plan_gives_the_same_text() -> None:
    text = "没有坏"
    assert apply_plan(text, Plan()) is text or apply_plan(text, Plan()) == text


def test_steps_replace_their_spans_and_nothing_else() -> None:
    plan = Plan((step(1, "bb", "B"), step(4, "d", "DDD")))
    assert apply_plan("abbcde", plan) == "aBcDDDe"


def test_adjacent_steps_do_not_disturb_each_other() -> None:
    assert apply_plan("abc", Plan((step(0, "a", ""), step(1, "b", "xyz"), step(2, "c", "")))) == "xyz"


def test_a_step_may_insert() -> None:
    assert apply_plan("ac", Plan((step(1, "", "b"),))) == "abc"


def test_a_later_round_works_on_what_the_earlier_left() -> None:
    plan = Plan((step(0, "aaaa", "bb"), step(1, "b", "c", round=1)))
    assert apply_plan("aaaa.", plan) == "bc."


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(Plan((step(0, "x", "y"),)), id="another text"),
        pytest.param(Plan((step(9, "a", "y"),)), id="beyond the end"),
        pytest.param(Plan((step(0, "ab", "y"), step(1, "b", "z"))), id="overlapping"),
        pytest.param(Plan((step(1, "b", "z"), step(0, "a", "y"))), id="out of order"),
    ],
)
def test_a_plan_for_another_text_is_refused(plan: Plan) -> None:
    with pytest.raises(PlanMismatchError) as caught:
        apply_plan("abc", plan)
    assert isinstance(caught.value, MojibakeFixError)


def test_a_plan_is_a_sequence_of_its_steps() -> None:
    steps = (step(0, "a", "b"), step(2, "c", "d"))
    assert (len(Plan(steps)), tuple(Plan(steps))) == (2, steps)


def test_confidence_is_that_of_all_steps_together() -> None:
    plan = Plan((step(0, "a", "b", confidence=0.9), step(1, "b", "c", confidence=0.5)))
    assert Repair("bc", plan).confidence == pytest.approx(0.45)
    assert Repair("bc").confidence == 1.0


def test_alternatives_are_best_first_and_include_those_of_faults_left_alone() -> None:
    made = step(0, "a", "b", alternatives=(Alternative("c", 0.1),))
    left = step(1, "d", "e", alternatives=(Alternative("f", 0.4), Alternative("g", 0.05)))
    repair = Repair("bd", Plan((made,), (left,)))
    assert [alternative.text for alternative in repair.alternatives] == ["f", "c", "g"]


def test_values_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        step(0, "a", "b").after = "c"  # type: ignore[misc]


def test_a_channel_says_what_was_read_as_what() -> None:
    assert str(Misread("utf-8", "gbk")) == "utf-8 read as gbk"
    assert str(Misread("utf-8", "gbk", "pair-question")) == "utf-8 read as gbk (pair-question)"


@given(st.lists(st.tuples(st.text(), st.text(), st.booleans())))
def test_applying_any_plan_gives_the_pieces_it_names(pieces: list[tuple[str, str, bool]]) -> None:
    steps, position = [], 0
    for before, after, changed in pieces:
        if changed:
            steps.append(step(position, before, after))
        position += len(before)
    text = "".join(before for before, _, _ in pieces)
    expected = "".join(after if changed else before for before, after, changed in pieces)
    assert apply_plan(text, Plan(tuple(steps))) == expected
