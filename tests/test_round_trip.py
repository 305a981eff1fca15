"""UTF-8 that a program read as CP932 and wrote back: where it is found, what is restored, and what is left alone."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import make_cases
from corpus.damage.round_trip import written_back
from mojibake_fix import fix_and_explain, fix_text
from mojibake_fix.detect.round_trip import MARK, READ_AS, find_written_back
from mojibake_fix.plan import Fault, Misread
from mojibake_fix.repair.round_trip import written_back_arcs

SENTENCES = {language: make_cases.sentences(language) for language in ("ja", "zh-Hans", "zh-Hant")}
DAMAGE = written_back()


def damaged(text: str) -> str:
    outcome = DAMAGE(text, random.Random(0))
    assert outcome is not None
    return outcome[0]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("この機能は使ぁE��せんので注意してください", "この機能は使いませんので注意してください"),
        ("// 値が空�E場合�E何もしなぁE", "// 値が空の場合は何もしない"),
        ("- 設定を保存すめE| 画面を閉じめE|", "- 設定を保存する | 画面を閉じる |"),
    ],
)
def test_what_was_lost_on_the_way_back_is_restored(raw: str, text: str) -> None:
    repair = fix_and_explain(raw)
    assert repair.text == text
    assert {step.fault for step in repair.plan.steps} == {Fault.LOSSY}
    assert repair.plan.steps[0].channel == (
        Misread("utf-8", "cp932", "pair-middle-dot"),
        Misread("cp932", "utf-8", "lead-fffd"),
    )
    assert not repair.plan.steps[0].lossless


@pytest.mark.parametrize("language", list(SENTENCES))
def test_damaged_sentences_come_nearer_to_the_truth_and_none_goes_further_from_it(language: str) -> None:
    lines = [line for line in SENTENCES[language] if len(line) >= 16 and DAMAGE(line, random.Random(0))][:10]
    better = 0
    for line in lines:
        raw = damaged(line)
        text = fix_text(raw)
        wrong, was_wrong = (sum(char not in line for char in each) for each in (text, raw))
        assert wrong <= was_wrong
        better += wrong < was_wrong
    assert better > len(lines) * 0.6


@pytest.mark.parametrize(
    "line",
    [
        "タッチEの位置を調べる",  # such an E is a name, if nothing else in the line is wrong
        "プランぁEを選ぶ",
        "L'\ufffdE DES SERPENTS",  # words in capitals that lost their accents
        "CAF\ufffdET",
        "壁EQを上げる",
        "EとFの間",
        "",
    ],
)
def test_an_e_that_may_be_one_stays(line: str) -> None:
    assert fix_text(line) == line


@settings(deadline=None)
@given(st.text(st.sampled_from("ぁめチ壁、\ufffdEe|a中は 。"), max_size=24))
def test_places_are_in_order_apart_and_hold_a_mark(line: str) -> None:
    spans = find_written_back(line)
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(set(edges))
    assert all("E" in line[start + 1 : end] for start, end in spans)


@settings(deadline=None)
@given(st.text(st.sampled_from("ぁめチ壁、\ufffdEe|a中は 。"), min_size=1, max_size=12), st.booleans())
def test_arcs_lead_on_and_a_text_may_always_have_been_what_it_is(text: str, at_end: bool) -> None:
    arcs = written_back_arcs(text, READ_AS, MARK, at_end=at_end)
    assert len(arcs) == len(text)
    for place, (char, here) in enumerate(zip(text, arcs, strict=True)):
        assert all(place < arc.end <= len(text) for arc in here)
        if char != "\ufffd":
            assert here[0].end == place + 1
            assert bytes(mask.bit_length() - 1 for mask in here[0].masks) == char.encode()


def test_line_breaks_stay_where_a_pair_took_one_along() -> None:
    text = "値を使う\nもう一度使う\n"
    data = text.encode().replace(b"\x86\n", b"\x81\x45\n")
    raw = data.decode("utf-8")
    assert "ぁE\n" in raw
    assert fix_text(raw) == text
