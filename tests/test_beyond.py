"""Beyond repair: what nothing is left of is named, and ordinary text is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mojibake_fix.detect.beyond import find_beyond_repair
from mojibake_fix.encodings import misread

GONE = "\ufffd".encode()

READ_AS = ["gbk", "gb18030", "big5", "cp950", "big5-hkscs", "euc-jp", "euc-kr", "cp949", "johab", "cp932", "latin-1",
           "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp437", "cp850",
           "cp852", "cp866", "koi8-r", "koi8-u", "mac-roman", "cp874"]  # fmt: skip


@pytest.mark.parametrize("encoding", READ_AS)
@pytest.mark.parametrize("count", [2, 4, 20])
def test_the_replacement_character_is_known_in_every_reading(encoding: str, count: int) -> None:
    text = misread(GONE * count, encoding, "lead-fffd")
    (span,) = find_beyond_repair(text)
    assert (span.start, span.end) == (0, len(text))
    assert "U+FFFD" in span.reason


@pytest.mark.parametrize("count", [3, 5, 7])
def test_an_odd_number_leaves_only_its_torn_end(count: int) -> None:
    text = misread(GONE * count + b"!", "gbk", "lead-fffd")
    (span,) = find_beyond_repair(text)
    assert span.start == 0
    assert text[span.end :].strip("\ufffd!") == ""


@pytest.mark.parametrize("encoding", ["cp1252", "gbk", "big5", "cp949", "euc-jp", "cp932", "cp437", "koi8-r"])
def test_the_replacement_character_is_known_when_misread_twice(encoding: str) -> None:
    text = misread(misread(GONE, "cp1252").encode(), encoding)
    assert [(span.start, span.end) for span in find_beyond_repair(text)] == [(0, len(text))]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("前面的字锟斤拷锟斤拷后面的字", (4, 10)),
        ("斤拷锟斤拷锟", (0, 6)),
        ("caf\u00ef\u00bf\u00bd au lait", (3, 6)),
        ("烫烫烫烫烫烫", (0, 6)),
        ("值：屯屯屯屯", (2, 6)),
        ("葺葺葺葺", (0, 4)),
        ("铪铪铪铪", (0, 4)),
        ("\ufffd\ufffd \ufffd", (0, 4)),
        ("?? \ufffd!", (3, 4)),
    ],
)
def test_what_is_gone_is_reported(text: str, span: tuple[int, int]) -> None:
    (found,) = find_beyond_repair(text)
    assert (found.start, found.end) == span
    assert found.mention is False


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("常见的乱码有“锟斤拷”和“烫烫烫”。", True),
        ("Why does mojibake look like ï¿½ so often?", True),
        ("他说：「锟斤拷」", True),
        ("他说锟斤拷的", False),
        ("乱码 " + "锟斤拷" * 20, False),
    ],
)
def test_a_mention_is_told_from_damage(text: str, mention: bool) -> None:
    spans = find_beyond_repair(text)
    assert spans
    assert {span.mention for span in spans} == {mention}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "今天水烫，烫得手疼，烫烫的。",
        "屯里有屯，屯屯有人。",
        "斤斤计较，拷贝一份。",
        "公斤拷贝",
        "茂盛的草，一头驴，大陆。",
        "占쏙",
        "점심을 먹었다.",
        "¿Qué? ½ taza, ïle",
        "Ïï ½ ¿",
        "МММ, НННН!",
        "ÌÌÌ ÍÍÍÍ ÝÝÝ",
        "ﾌﾌﾌﾌﾌ ﾝﾝﾝﾝﾝ",
        "面面俱到 様様 簿記 錐",
        "a text with one \ufffd in it",
        "中\ufffd文",
        "縺\ufffdｽ繧",
        "????",
        "яПН",
        "∩┐ ╜ ╫ ┐",
    ],
)
def test_ordinary_text_is_not_reported(text: str) -> None:
    assert find_beyond_repair(text) == []


@given(st.text() | st.lists(st.sampled_from([*"锟斤拷烫屯ï¿½占쏙옙嚙踝蕭\ufffdｽﾃａ“” a"])).map("".join))
def test_spans_are_sorted_disjoint_and_in_range(text: str) -> None:
    position = 0
    for span in find_beyond_repair(text):
        assert position <= span.start < span.end <= len(text)
        position = span.end


@given(st.integers(2, 50), st.sampled_from(READ_AS))
def test_damage_amid_other_text_is_found(count: int, encoding: str) -> None:
    text = "x " + misread(GONE * 2 * count, encoding, "lead-fffd") + " y"
    (span,) = find_beyond_repair(text)
    assert (span.start, span.end) == (2, len(text) - 2)
