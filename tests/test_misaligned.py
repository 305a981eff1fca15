"""Streams read astride their characters: restored where the evidence is there, and nothing else touched."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import make_cases
from corpus.damage import DAMAGES
from corpus.damage.stream import byte_gained, byte_lost, byte_split
from mojibake_fix import fix_many
from mojibake_fix.config import Config
from mojibake_fix.detect.misaligned import SuspectLine, find_misaligned, letters_alone
from mojibake_fix.encodings import misread
from mojibake_fix.engine.decision import in_document, posterior, shift_confidence
from mojibake_fix.engine.misaligned import repair_misaligned
from mojibake_fix.engine.stage import Found, start_round
from mojibake_fix.model import load_model
from mojibake_fix.plan import Fault, Plan, Step, apply_plan
from mojibake_fix.repair.observed import observed_arcs
from mojibake_fix.repair.patterns import byte_mask

MODEL = load_model()
NEGATIVE = Path(__file__).parent.parent / "corpus" / "cases" / "negative.jsonl"
SIMPLIFIED = "去年冬天我们全家搬到了河边的新房子里，早上推开窗户就能看见渔民在薄雾中撒网，孩子们都说比城里有意思多了。"
TRADITIONAL = "去年冬天我們全家搬到了河邊的新房子裡，早上推開窗戶就能看見漁民在薄霧中撒網，孩子們都說比城裡有意思多了。"
HARMLESS = (
    "什么?!你昨天居然没去上班？",
    "真的？！怎么会这样？！！",
    "问：可以退货吗?答：七天之内可以。",
    "他穿了一件T恤，戴着A型口罩，坐在B座大厅。",
    "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥",
    "鱻麤龘靐齉爩麣鸞籲灪",
    "???",
    "",
)


def found_in(text: str, made: tuple[Step, ...] = ()) -> Found:
    return repair_misaligned(start_round(text, MODEL, Config(), made))


def repaired(text: str) -> str:
    return apply_plan(text, Plan(tuple(sorted(found_in(text).steps, key=lambda step: step.start))))


def nearly(text: str, truth: str, wrong: int) -> bool:
    return abs(len(text) - len(truth)) <= wrong and sum(c not in text for c in truth) <= wrong


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from(("pair-question", "lead-fffd")))
def test_a_byte_lost_early_is_restored_but_for_what_was_lost(seed: int, policy: str) -> None:
    tail = SIMPLIFIED[12:]
    outcome = byte_lost("gbk", policy)(SIMPLIFIED[:12], random.Random(seed))
    assert outcome is not None
    whole = byte_lost("gbk", policy)(SIMPLIFIED[:12] + tail, random.Random(seed))
    assert whole is not None
    if len(set(whole[0]) & set(SIMPLIFIED)) < 20:
        assert nearly(repaired(whole[0]), SIMPLIFIED, 3)


@pytest.mark.parametrize("seed", range(12))
def test_a_repeated_byte_is_removed_exactly_but_for_the_last_character(seed: int) -> None:
    text = SIMPLIFIED + "完"
    outcome = byte_gained("gbk", "lead-fffd")(text, random.Random(seed))
    assert outcome is not None
    assert nearly(repaired(outcome[0]), text, 2)


@pytest.mark.parametrize(
    ("raw", "truth"),
    [
        ("這座城市的歷v和文化都很悠久。", "這座城市的歷史和文化都很悠久。"),  # the first byte of 史 is lost
        (
            "我們的產量增W多了兩倍，工廠也擴大了。",
            "我們的產量增多了兩倍，工廠也擴大了。",
        ),  # the second of 增 is there twice
    ],
)
def test_a_letter_that_is_what_is_left_of_a_character_is_seen(raw: str, truth: str) -> None:
    assert repaired(raw) == truth
    assert fix_many([raw, truth]) == [truth, truth]


@pytest.mark.parametrize(
    ("raw", "truth"),
    [
        ("客服会在三天之内桓础\ufffd", "客服会在三天之内回复。"),  # the first byte of 回 is lost
        ("这批货物下周一就能送到仓挚狻\ufffd", "这批货物下周一就能送到仓库。"),  # the second of 仓 is there twice
        ("孩子们放学以后都去河边ビ恪\ufffd", "孩子们放学以后都去河边抓鱼。"),  # the first of 抓 is lost
    ],
)
def test_a_short_shift_that_a_mark_ends_is_seen(raw: str, truth: str) -> None:
    assert repaired(raw) == truth
    assert fix_many([raw, truth]) == [truth, truth]


@pytest.mark.parametrize(
    ("raw", "truth"),
    [
        ("這間\\廳的菜色很有特色，價格也很公道。", "這間餐廳的菜色很有特色，價格也很公道。"),
        ("這間餐廳的菜色很有特色，價格]很公道。", "這間餐廳的菜色很有特色，價格也很公道。"),
    ],
)
def test_signs_alone_say_more_than_letters(raw: str, truth: str) -> None:
    assert repaired(raw) == truth


def test_letters_and_signs_alone_are_counted_by_what_text_has() -> None:
    assert letters_alone("這間\\廳，價格]很x，B座，T恤 a b，三C產品，五~六天，好~") == (3, 3, 2)


@pytest.mark.parametrize(
    "line",
    ["정말 그렇게 말했어??! 나는 몰랐는걸.", "이게 아니겠어??!!! 모두 알고 있었잖아.", "你怎么能这样说呢??!! 真的吗?!"],
)
def test_marks_in_a_row_are_what_people_write(line: str) -> None:
    assert fix_many([line]) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "這兩家銀行審查都有五P的原則，會上再度說明五P。",
        "他們做事有五P的原則。",
        "上個月開會時大家都同意有五P的原則，可是五P的內容不同。",
    ],
)
def test_a_letter_behind_a_numeral_is_a_name(line: str) -> None:
    assert fix_many([line]) == [line]


def test_no_letter_is_half_of_a_character_of_an_encoding_that_lacks_others_of_the_line() -> None:
    text = "那里很遠，他家住在中山市人民大街D"
    [[region]] = find_misaligned([SuspectLine(text.replace("里", "裡"), ())], MODEL)
    assert region.encodings == ("cp950",)
    assert find_misaligned([SuspectLine(text.replace("遠", "远"), ())], MODEL) == [[]]


def test_a_document_is_of_one_encoding() -> None:
    text = "維生素C含量高的西藍(lán)花可減少自由基損傷,堅(jiān)果中的維生素E能增強(qiáng)皮膚鎖水能力。"
    assert fix_many([text]) == ["維生素C含量高的西藍花可減少自由基損傷,堅果中的維生素E能增強皮膚鎖水能力。"]


def test_a_mark_is_a_lead_alone_only_where_no_pair_could_be_made() -> None:
    def can_be_alone(behind: str) -> bool:
        *_, last = observed_arcs("这?", "gbk", behind=behind)
        return any(len(arc.masks) == 1 and arc.masks[0] & byte_mask(0xD5) for arc in last)

    assert can_be_alone("2019 年")
    assert can_be_alone("")
    assert not can_be_alone("国家")


def test_a_mark_before_the_rest_of_a_tag_took_its_first_character() -> None:
    *_, last = observed_arcs("转化?", "gbk", behind="/p>")
    assert {arc.masks[-1] for arc in last} == {byte_mask(ord("<"))}
    *_, last = observed_arcs("转化?", "gbk", behind="/转")
    assert len(last) > 1


def test_a_document_that_sets_spaces_before_numbers_lost_one() -> None:
    text = "他在 2019 年买了一台新电脑，花了 6000 多块钱。"
    data = text.encode("gbk")
    assert repaired(misread(data[:1] + data, "gbk", "pair-question")) == text


def test_a_sentence_that_asks_ends_in_a_question_mark() -> None:
    text = "你们昨天晚上到底去了什么地方？"
    data = text.encode("gbk")
    assert repaired(misread(data[:1] + data, "gbk", "lead-fffd")) == text


@pytest.mark.parametrize("letter", "abxyABTVX")
def test_a_letter_that_is_meant_stays(letter: str) -> None:
    for text in (
        f"設{letter}為任意的正整數。",
        f"他住在福州街{letter}座三樓。",
        f"方案{letter}比較好。",
        f"参见附录{letter}。",
    ):
        assert repaired(text) == text


def test_a_shift_may_end_at_a_mark_in_the_middle_of_a_line() -> None:
    text = "我只是想知道其他国家/地区的情况如何，请你们告诉我。"
    data = text.encode("gbk")
    raw = misread(data[:1] + data[2:], "gbk", "pair-question")
    assert repaired(raw) == text


def test_what_is_damaged_does_not_speak_for_itself() -> None:
    this = start_round("解嚴前，臺灣人的結社、遊行、末蛂B出版都沒有保障。", MODEL, Config())
    inside = this.cache_outside([[(14, 17)]])
    key = MODEL.fold("末蛂").astype(np.uint64)
    assert (key[0] << np.uint64(16) | key[1]) not in inside.keys2
    assert (key[0] << np.uint64(16) | key[1]) in this.cache_outside([[]]).keys2


def test_a_split_at_an_exclamation_mark_is_undone() -> None:
    text = "老师说：“明天早上八点在学校门口集合，谁也不许迟到。”同学们都高兴地答应了，各自回家准备行李。"
    outcome = byte_split()(text, random.Random(0))
    assert outcome is not None
    assert "?！" in outcome[0]
    assert repaired(outcome[0]) == text
    [step] = found_in(outcome[0]).steps
    assert step.fault is Fault.MISALIGNED
    assert not step.lossless
    assert str(step.channel[0]).startswith("gbk read as gbk")


def test_a_split_that_was_folded_since_is_undone_in_folded_marks() -> None:
    text = "老師說:“明天早上八點在學校門口集合,誰也不許遲到。”同學們都高興地答應了,各自回家準備行李。"
    outcome = DAMAGES["byte-split-folded"](text, random.Random(0))
    assert outcome is not None
    assert repaired(outcome[0]) == text


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("他走得非??欤我们跟不上", True),
        ("他走了?!我们不知道", True),
        ("他走得很快,我们跟不上", True),
        ("他走得非??欤我们跟不上！", False),
        ("他走得很快", False),
    ],
)
def test_what_a_split_left_says_whether_marks_were_folded_since(text: str, folded: bool) -> None:
    assert start_round(text, MODEL, Config()).folded is folded


def test_a_reading_between_two_bytes_is_undone_in_its_whole_stretch() -> None:
    # 當地發展 with the reading of 94B5 written between 94 and B5, and one behind 發.
    assert repaired("志工們留在當?shù)匕l(fā)展了三年的教育工作") == "志工們留在當地發展了三年的教育工作"


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_stays(text: str) -> None:
    assert repaired(text) == text


def test_the_negative_cases_stay() -> None:
    for case in map(json.loads, NEGATIVE.read_text(encoding="utf-8").splitlines()):
        assert not found_in(case["original"]).steps, case["label"]


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "ja", "ko", "vi", "ru", "de"])
def test_clean_sentences_stay_alone_and_together(language: str) -> None:
    lines = make_cases.sentences(language)
    assert not found_in("\n".join(lines)).steps
    for line in lines[::4]:
        assert not found_in(line).steps


def test_what_one_place_shows_helps_the_others_of_its_document() -> None:
    alone = in_document([8.0], known=False)[0]
    together = in_document([8.0, 40.0], known=False)[0]
    after = in_document([8.0], known=True)[0]
    assert alone < together <= 8.0
    assert alone < after <= 8.0


@settings(max_examples=50)
@given(st.lists(st.floats(-50, 200), min_size=1, max_size=6), st.booleans())
def test_no_place_is_surer_than_it_is_by_itself(ratios: list[float], known: bool) -> None:
    assert all(odds < ratio for odds, ratio in zip(in_document(ratios, known=known), ratios, strict=True))


def test_probabilities_are_probabilities() -> None:
    assert [round(shift_confidence(x)) for x in (-1e9, -9.0, 9.0, 1e9)] == [0, 0, 1, 1]
    assert sum(posterior([-3.0, -4.0, -1e4])) == pytest.approx(1.0)


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=40))
def test_any_text_has_an_answer(text: str) -> None:
    found = found_in(text)
    apply_plan(text, Plan(tuple(sorted(found.steps, key=lambda step: step.start))))


def test_a_long_line_of_suspicious_characters_is_searched_in_pieces() -> None:
    text = "鱻麤龘靐齉爩麣鸞籲灪" * 800
    assert repaired(text) == text


def test_a_mark_at_the_end_of_a_line_may_have_taken_along_what_ended_it() -> None:
    text = "這間公司是哪一年成立的?"
    data = text.encode("gbk")
    assert repaired(misread(data[:7] + data[6:], "gbk", "pair-question")) == text


@pytest.mark.parametrize("text", ["这样做到底合不合乎宪\ufffd？", "你还有什么需要我帮忙的\ufffd？"])
def test_a_character_that_was_lost_before_a_mark_is_no_split(text: str) -> None:
    assert repaired(text) == text


def test_what_is_one_byte_of_an_encoding_is_of_it_for_the_kernel_too() -> None:
    text = "島上的風很大，大到連思念都站不穩。"
    raw = misread(text.encode("gbk")[:23] + text.encode("gbk")[24:], "gbk", "pair-question")
    assert "\N{EURO SIGN}" in raw
    assert fix_many([raw]) == [repaired(raw)] != [raw]
