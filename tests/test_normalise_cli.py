"""Every option of the command that asks for style does what the normaliser does, and no more."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from mojibake_fix.cli import main

ASKED = [
    # options, what is read, what is written
    (["--script", "zh-Hant-TW"], "这里是云南,好\n", "這裡是雲南,好\n"),
    (["--script", "zh-Hant-TW", "--source-script", "zh-Hans", "--phrases"], "软件\n", "軟體\n"),
    (["--script", "zh-Hant-TW", "--source-script", "zh-Hans"], "软件\n", "軟件\n"),
    (["--punctuation", "zh-Hans"], "你好,“世界”\n", "你好，“世界”\n"),
    (["--quotes", "corner"], "你好,“世界”\n", "你好,「世界」\n"),
    (["--width"], "中文ＡＢＣ，⼈⺠\n", "中文ABC，⼈⺠\n"),
    (["--compatibility"], "中文ＡＢＣ，⼈⺠\n", "中文ＡＢＣ，人民\n"),
    (["--private-use", "hkscs"], "我哋喺\ue000\n", "我哋喺𠕇\n"),
    (["--invisibles"], "中\u200b文\u200e字\n", "中文字\n"),
    (["--spacing", "add"], "用Python寫\n", "用 Python 寫\n"),
    (["--spacing", "remove"], "用 Python 寫\n", "用Python寫\n"),
    (["--spaced-out"], "今 天 的 天 气 真 的 很 好 啊\n", "今天的天气真的很好啊\n"),
    (["--readings", "strip"], "漢字（かんじ）を学ぶ\n", "漢字を学ぶ\n"),
    (["--readings", "ruby"], "漢字（かんじ）を学ぶ\n", "<ruby>漢字<rt>かんじ</rt></ruby>を学ぶ\n"),
    (["--readings", "keep"], "漢字（かんじ）を学ぶ\n", "漢字（かんじ）を学ぶ\n"),
    (["--form", "NFC"], "か\u3099\n", "が\n"),
    (["--form", "NFD"], "が\n", "か\u3099\n"),
    (["--rule", "variation-selectors"], "葛\U000e0100城\n", "葛城\n"),
    (["--punctuation", "zh-Hans", "--without-rule", "marks"], "你好,世界(中国)人\n", "你好,世界（中国）人\n"),
]


@pytest.mark.parametrize(("options", "read", "written"), ASKED, ids=lambda value: " ".join(value))
def test_an_option_asks_for_its_rules(options: list[str], read: str, written: str) -> None:
    done = CliRunner().invoke(main, options, input=read.encode())
    assert (done.exit_code, done.stdout_bytes.decode()) == (0, written)


@pytest.mark.parametrize("read", sorted({read for _, read, _ in ASKED}))
def test_without_options_style_stays(read: str) -> None:
    assert CliRunner().invoke(main, [], input=read.encode()).stdout_bytes.decode() == read


def test_a_report_names_rule_and_place() -> None:
    done = CliRunner().invoke(
        main, ["--punctuation", "zh-Hans", "--check", "--format", "json"], input="好的,你好\n".encode()
    )
    (finding,) = json.loads(done.stdout)["findings"]
    assert done.exit_code == 1
    assert (finding["rule"], finding["before"], finding["after"]) == ("marks", ",", "，")
    assert (finding["line"], finding["column"]) == (1, 3)
