"""Readings: a converter's are removed, a textbook's stay."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.damage.gloss import gloss, gloss_aligned
from mojibake_fix.config import Config
from mojibake_fix.detect.glosses import converter_evidence, find_astride_glosses, find_glosses
from mojibake_fix.engine.glosses import repair_glosses
from mojibake_fix.engine.stage import start_round
from mojibake_fix.model import load_model
from mojibake_fix.plan import Fault, Plan, apply_plan

MODEL = load_model()
SENTENCE = "醫院門口的燈還亮著，護士們剛剛換班，聽說昨晚來了許多從鄉下趕來看病的農民。"
TEXTBOOK = (
    "生字：葉(yè)、雲(yún)、鳥(niǎo)、魚(yú)",
    "這個姓氏讀作仇(qiú)，不讀作仇(chóu)。",
    "小朋友跟我念：爸(bà)，媽(mā)，爺(yé)。",
    "「行」字有兩個讀音：銀行(háng)和行(xíng)走。",
    "函数 f(x) 在 a(n) 处连续，参见附录(c)。",
)


def removed(text: str) -> str:
    found = repair_glosses(start_round(text, MODEL, Config()))
    return apply_plan(text, Plan(tuple(sorted(found.steps, key=lambda step: step.start))))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_many_readings_of_a_converter_are_removed(seed: int) -> None:
    outcome = gloss_aligned(SENTENCE, random.Random(seed))
    assert outcome is not None
    if outcome[0].count("(") >= 6:
        assert removed(outcome[0]) == SENTENCE


@pytest.mark.parametrize("text", TEXTBOOK)
def test_readings_that_an_author_wrote_stay(text: str) -> None:
    assert removed(text) == text


def test_readings_without_tones_behind_many_characters_are_a_converters() -> None:
    outcome = gloss("院口燈亮護剛聽晚來許", toned=False, repeats=3)(SENTENCE, random.Random(1))
    assert outcome is not None
    assert removed(outcome[0]) == SENTENCE


def test_steps_say_what_they_are() -> None:
    raw = SENTENCE.replace("醫", "醫(yī)").replace("護", "護(hù)").replace("聽", "聽(tīng)")
    steps = repair_glosses(start_round(raw, MODEL, Config())).steps
    assert [step.before for step in steps] == ["(yī)", "(hù)", "(tīng)"]
    assert {step.fault for step in steps} == {Fault.GLOSS}
    assert all(step.confidence > 0.9 and step.evidence > 0 for step in steps)


def test_they_stay_where_that_is_asked_for() -> None:
    raw = SENTENCE.replace("醫", "醫(yī)").replace("護", "護(hù)").replace("聽", "聽(tīng)")
    assert not repair_glosses(start_round(raw, MODEL, Config(glosses=False))).steps


def test_a_wrong_reading_is_no_gloss() -> None:
    assert find_glosses("醫(lǎo)院") == []
    assert [(g.start, g.end) for g in find_glosses("醫(yī)院")] == [(1, 5)]


def test_a_reading_between_the_bytes_of_a_character_is_astride_and_one_behind_it_is_not() -> None:
    # 當 is AE94 and 地 is B5D8: between them stands 94B5, which is 數.
    [found] = find_astride_glosses("送到當?shù)匾晃火B老院")
    assert found.trails == (0xB5,) or 0xB5 in found.trails
    assert find_astride_glosses("醫(yī)院和護(hù)士") == []


def test_evidence_grows_with_every_reading() -> None:
    one, two = "醫(yī)院門口", "醫(yī)院門(mén)口"
    assert converter_evidence(two, find_glosses(two), MODEL) > converter_evidence(one, find_glosses(one), MODEL)
