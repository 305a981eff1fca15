"""Every case of ``corpus/cases``: what must be repaired is, what must not change does not.

Cases are data, one a line: ``label``, ``original``, ``fixed``, and where they are known ``fault`` and ``language``.
A case in ``known-failures.jsonl`` is expected to fail, and the run fails when it no longer does.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mojibake_fix import apply_plan, fix_and_explain, fix_many, fix_text

CASES = Path(__file__).parent.parent / "corpus" / "cases"


def load(name: str) -> list[dict[str, str]]:
    lines = (CASES / f"{name}.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


KNOWN_FAILURES = load("known-failures")
FAILING = {case["label"] for case in KNOWN_FAILURES}


def parameters(*names: str) -> list[object]:
    cases = [case for name in names for case in load(name) if case["label"] not in FAILING]
    return [pytest.param(case["original"], case["fixed"], id=case["label"]) for case in cases]


@pytest.mark.parametrize(("original", "fixed"), parameters("synthetic"))
def test_damaged_text_is_repaired_and_the_plan_replays(original: str, fixed: str) -> None:
    check(original, fixed)


@pytest.mark.parametrize(("original", "fixed"), parameters("negative"))
def test_text_that_is_right_stays_as_it_is(original: str, fixed: str) -> None:
    assert fixed == original
    check(original, fixed)


@pytest.mark.parametrize(
    ("original", "fixed"), [pytest.param(c["original"], c["fixed"], id=c["label"]) for c in KNOWN_FAILURES]
)
@pytest.mark.xfail(strict=True, raises=AssertionError, reason="known failure")
def test_known_failure(original: str, fixed: str) -> None:
    check(original, fixed)


def test_a_batch_gives_what_its_texts_give_one_by_one() -> None:
    originals = [case["original"] for name in ("synthetic", "negative") for case in load(name)][::4]
    assert fix_many(originals) == [fix_text(original) for original in originals]


@pytest.mark.parametrize("name", ["synthetic", "negative", "known-failures"])
def test_case_files_are_well_formed_and_their_labels_unique(name: str) -> None:
    cases = load(name)
    assert len({case["label"] for case in cases}) == len(cases)
    for case in cases:
        assert set(case) <= {"label", "original", "fixed", "fault", "language", "why"}
        assert (case["original"] != case["fixed"]) == (name == "synthetic" and case["fault"] != "beyond-repair") or (
            name == "known-failures"
        )


def test_there_are_enough_cases_of_both_kinds() -> None:
    assert len(load("synthetic")) >= 250
    assert len(load("negative")) >= 300


def test_every_known_failure_says_why() -> None:
    assert all(case.get("why") for case in KNOWN_FAILURES)


def check(original: str, fixed: str) -> None:
    repair = fix_and_explain(original)
    assert repair.text == fixed
    assert apply_plan(original, repair.plan) == fixed
    assert fix_text(fixed) == fixed
