"""One script: what is converted, what is mended by its context, and what is left alone, with either OpenCC."""

from __future__ import annotations

import sys

import pytest

from mojibake_fix.errors import ConfigError
from mojibake_fix.normalise import normalise, normalise_and_explain
from mojibake_fix.normalise.opencc_bridge import converter, is_official
from mojibake_fix.plan import apply_plan

HALF_CONVERTED = "經過三年努力，我們終于完成了計劃。\n這些干部來自云南，他們以后還會回到那里。"


@pytest.mark.parametrize(
    ("text", "script", "result"),
    [
        ("这里是云南，我们终于到了。", "zh-Hant-TW", "這裡是雲南，我們終於到了。"),
        ("这里是云南，我们终于到了。", "zh-Hant-HK", "這裏是雲南，我們終於到了。"),
        ("這裡是雲南，我們終於到了。", "zh-Hans", "这里是云南，我们终于到了。"),
        ("他看著乾隆皇帝的畫。", "zh-Hans", "他看着乾隆皇帝的画。"),
        ("學校の圖書館で讀む", "ja", "学校の図書館で読む"),
        ("学校の図書館で読む", "ja-old", "學校の圖書館で讀む"),
        (HALF_CONVERTED, "zh-Hant-TW", "經過三年努力，我們終於完成了計劃。\n這些幹部來自雲南，他們以後還會回到那裡。"),
        (HALF_CONVERTED, "auto", "經過三年努力，我們終於完成了計劃。\n這些幹部來自雲南，他們以後還會回到那裡。"),
        ("皇後很喜歡這個髮現", "auto", "皇后很喜歡這個發現"),
        ("香港衞生署公佈數據，羣眾掛鈎", "zh-Hans", "香港卫生署公布数据，群众挂钩"),
        ("把書放在裏面，然後離開", "zh-Hant-TW", "把書放在裡面，然後離開"),
        ("我看著他著急，在裏面等着。", "zh-Hans", "我看着他着急，在里面等着。"),
        ("我们国家的經濟发展很快，这是大家都知道的。", "auto", "我们国家的经济发展很快，这是大家都知道的。"),
    ],
)
def test_a_script_is_unified(text: str, script: str, result: str) -> None:
    done = normalise_and_explain(text, script=script)
    assert done.text == result
    assert apply_plan(text, done.plan) == result
    assert normalise(result, script=script) == result


def test_a_word_that_is_mended_once_is_mended_everywhere() -> None:
    text = "這些干部終于來了。\n打造一流干部隊伍，省里的干部都說，云南的干部以后要終于職守。"
    assert "干部" not in normalise(text, script="zh-Hant-TW")


@pytest.mark.parametrize("script", ["auto", "zh-Hans", "zh-Hant", "zh-Hant-TW", "zh-Hant-HK"])
@pytest.mark.parametrize(
    "text",
    [
        "国会図書館の蔵書は、国内最大である。",
        "大韓民國(대한민국)의 수도는 서울이다.",
        "電気工学科、情報処理学会",
        "若干公里以外",
    ],
)
def test_what_is_not_chinese_or_right_already_stays(text: str, script: str) -> None:
    assert normalise(text, script=script) == text


@pytest.mark.parametrize(
    "text", ["他姓于，是皇后的人。", "他們干涉內政若干年，走了幾公里。", "發現他的頭髮很長", "乾隆皇帝與干支紀年"]
)
def test_traditional_that_is_right_stays(text: str) -> None:
    assert normalise(text, script="zh-Hant") == text


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("他說這個問題與大家的閱讀習慣無關。", "zh-Hant-HK"),
        ("稅務局在三戶人家的溫室裏脫了鞋。", "zh-Hant-HK"),
        ("祕書長走過橋樑，到了屋檐下。", "zh-Hant-TW"),
        ("著名的核心抽煙才能去台灣。", "zh-Hant-TW"),
        ("著名的核心抽煙才能去台灣。", "zh-Hant-HK"),
        ("秘書長走過橋梁，到了屋簷下。", "zh-Hant-TW"),
        ("他們在并州住了三年。", "zh-Hant"),
    ],
)
def test_forms_that_the_region_writes_stay(text: str, script: str) -> None:
    assert normalise(text, script=script) == text


@pytest.mark.parametrize(
    ("text", "script", "result"),
    [
        ("他說裡面有一群人和衛兵。", "zh-Hant-HK", "他說裏面有一羣人和衞兵。"),
        ("他說裏面有一羣人，看着衞兵。", "zh-Hant-TW", "他說裡面有一群人，看著衛兵。"),
    ],
)
def test_forms_of_another_region_become_those_of_the_one_asked_for(text: str, script: str, result: str) -> None:
    assert normalise(text, script=script) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("他在书店买了《国境の南、太陽の西》。", "他在書店買了《国境の南、太陽の西》。"),
        ("他们说“学校の図書館”很小。", "他們說“学校の図書館”很小。"),
        ("他们唱的是《大学가요제 国民》。", "他們唱的是《大学가요제 国民》。"),
    ],
)
def test_japanese_and_korean_that_chinese_quotes_stays(text: str, result: str) -> None:
    assert normalise(text, script="zh-Hant-TW") == result
    assert normalise(result, script="auto") == result


def test_words_of_a_region_stay_where_the_text_is_judged() -> None:
    assert normalise("我们的软件和打印机", script="zh-Hant-TW") == "我們的軟件和打印機"


def test_sequences_surrogates_and_nuls_pass_unharmed() -> None:
    text = "这个字是⿰亻国，\ud800国\0家"
    assert normalise(text, script="zh-Hant-TW") == "這個字是⿰亻国，\ud800國\0家"


def test_addresses_and_code_stay() -> None:
    text = "见https://例子.test/国家 和`国家`的国家"
    assert normalise(text, script="zh-Hant-TW") == "見https://例子.test/国家 和`国家`的國家"


def test_regional_words_only_when_asked() -> None:
    assert normalise("软件", script="zh-Hant-TW", source="zh-Hans") == "軟件"
    assert normalise("软件", script="zh-Hant-TW", source="zh-Hans", phrases=True) == "軟體"


def test_a_change_of_length_is_a_plan_too() -> None:
    text = "因特网的软件，打印机"
    done = normalise_and_explain(text, script="zh-Hant-TW", source="zh-Hans", phrases=True)
    assert apply_plan(text, done.plan) == done.text == converter("s2twp")(text)


def test_without_opencc_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    converter.cache_clear()
    monkeypatch.setitem(sys.modules, "opencc", None)
    with pytest.raises(ConfigError, match="pip install"):
        normalise("这里是云南", script="zh-Hant")
    converter.cache_clear()


def test_whichever_opencc_is_installed_has_every_conversion() -> None:
    for config in ("s2t", "s2tw", "s2hk", "t2s", "tw2s", "hk2s", "t2tw", "tw2t", "t2hk", "hk2t", "t2jp", "jp2t"):
        assert converter(config)("中文")
    assert isinstance(is_official(), bool)
