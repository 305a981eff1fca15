"""Latin text that ftfy repairs: what is inconsistent, or too short to tell; and what it must not be asked about."""

from __future__ import annotations

import math

import pytest

from mojibake_fix import apply_plan, fix_and_explain, fix_text
from mojibake_fix.engine.latin import latin_step
from mojibake_fix.engine.stage import Line
from mojibake_fix.model import load_model
from mojibake_fix.plan import Fault

MODEL = load_model()

REPAIRED = {
    "UTF-8 beside Windows-1252 in one line": (
        "Der Wirt sagte â\x80\x9ebis morgen\x93 und schloss die Tür.",
        "Der Wirt sagte „bis morgen“ und schloss die Tür.",
    ),
    "a no-break space that became a space": (
        "Nous allons Ã la mer et nous restons jusqu'Ã mardi, c'est dÃ©cidÃ©.",
        "Nous allons à la mer et nous restons jusqu'à mardi, c'est décidé.",
    ),
    "C1 controls": ("The shop said \x93open late\x94 on its door", "The shop said “open late” on its door"),
    "one word": ("crÃ¨merie", "crèmerie"),
    "one capital": ("THÃ‰ ET CAFÃ‰", "THÉ ET CAFÉ"),
    "surrogates of an emoji": ("See you tomorrow í\xa0½í¸\x80", "See you tomorrow \U0001f600"),
    "a sign between words": ("Prices rose â€” again â€” in May", "Prices rose — again — in May"),
}
LEFT = (
    "Charlotte’s fiancé… and Zoë’s café",
    "IKEA® sells the sofa “Ås” for £99",
    "PÃO, NÃO, SÃO: all of them are Portuguese",
    "The forum shows „Ã¼“ where it should not",
    "2 × 3 ≠ 7 ± 1, 20 °C, ¬p ∨ q, √2 ≈ 1.41",
    "ÐÞ and Åæ are letters of Icelandic and Norwegian",
)


@pytest.mark.parametrize(("damaged", "truth"), REPAIRED.values(), ids=list(REPAIRED))
def test_it_is_repaired_and_the_plan_says_how(damaged: str, truth: str) -> None:
    repair = fix_and_explain(damaged)
    assert repair.text == truth
    assert apply_plan(damaged, repair.plan) == truth
    assert fix_text(truth) == truth
    assert all(step.channel and step.confidence >= 0.9 and step.evidence > 0 for step in repair.plan.steps)


@pytest.mark.parametrize("text", LEFT)
def test_what_is_right_or_an_example_is_left(text: str) -> None:
    assert fix_text(text) == text


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("ÎÒÃÇ×òÌìÏÂÎçÔÚÍ¼Êé¹ÝÃÅ¿Ú¼ûÃæ", "我们昨天下午在图书馆门口见面"),  # of which ftfy would make Latin letters
        ("鎴戜滑鏄ㄥぉ涓嬪崍", "我们昨天下午"),
    ],
)
def test_east_asian_text_is_none_of_its_business(text: str, truth: str) -> None:
    assert fix_text(text) == truth


def test_controls_alone_do_not_say_that_it_was_windows_1252() -> None:
    # "ò" and "à" of Mac OS, which would be a bullet and a caret.
    damaged = "Domani sar\x98 tutto pronto, e la citt\x88 lo sa"
    assert latin_step(Line(damaged, 0, []), math.inf, -math.inf, MODEL) is None
    assert fix_text(damaged) == "Domani sarò tutto pronto, e la città lo sa"


def test_nothing_is_asked_where_another_reading_leaves_nothing_to_explain() -> None:
    damaged = "Nous avons dÃ©cidÃ© cela"
    assert latin_step(Line(damaged, 0, []), math.inf, math.inf, MODEL) is None
    step = latin_step(Line(damaged, 5, []), math.inf, -math.inf, MODEL)
    assert step is not None
    assert (step.start, step.before, step.after) == (17, "Ã©cidÃ©", "écidé")


def test_bytes_that_can_be_restored_are_not_given_up() -> None:
    # ftfy makes a replacement character of what is left of each letter.
    [step] = fix_and_explain("Ð\xa0ÑƒÑ�Ñ�ÐºÐ¸Ð¹ ÑÐ·Ñ‹Ðº").plan.steps
    assert step.fault == Fault.LOSSY
    assert step.after.startswith("Русский")


def test_a_repair_that_leaves_half_of_a_character_is_not_believed() -> None:
    for text in ("Очень вкусно.", "Она научилась играть."):
        assert fix_text(text.encode().decode("cp1252", "replace").replace("\ufffd", "?")) == text
