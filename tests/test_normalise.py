"""What the normaliser does when asked, what it leaves alone, and that its rules keep to their word together."""

from __future__ import annotations

import itertools
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement

from mojibake_fix.errors import ConfigError
from mojibake_fix.normalise import RULES, NormaliseOptions, Rule, normalise, normalise_and_explain
from mojibake_fix.plan import Fault, apply_plan

SANE = "第一章，他說：「這裡的『天氣』很好……」——2021年，用 Python 3.11 寫的程式。\n第二章"


def options_of(rule: Rule) -> NormaliseOptions:
    if rule.by_default:
        return NormaliseOptions(**{rule.option: rule.value})
    return NormaliseOptions(rules=frozenset((rule.name,)))


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_a_rule_does_what_its_example_says(rule: Rule) -> None:
    done = normalise_and_explain(rule.before, options_of(rule))
    assert done.text == rule.after
    assert {step.rule for step in done.plan} >= {rule.name}
    assert {step.fault for step in done.plan} == {Fault.STYLE}
    assert apply_plan(rule.before, done.plan) == done.text
    assert normalise(rule.after, options_of(rule)) == rule.after


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_a_rule_can_be_left_out(rule: Rule) -> None:
    options = NormaliseOptions(**{rule.option: rule.value}, without=frozenset(RULES))
    assert normalise(rule.before, options) == rule.before


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_a_rule_can_be_turned_on_alone(rule: Rule) -> None:
    value = {} if rule.value is True else {rule.option: rule.value}
    options = NormaliseOptions(**value, rules=frozenset((rule.name,)), without=frozenset(RULES) - {rule.name})
    everything = "\n".join(each.before for each in RULES.values())
    assert normalise(rule.before, options) == rule.after
    assert {step.rule for step in normalise_and_explain(everything, options).plan} == {rule.name}


def test_each_step_names_its_span_in_the_text_of_its_round() -> None:
    text = "这里是云南,​好!\n用ＡＢＣ寫..."
    done = normalise_and_explain(
        text, script="zh-Hant", punctuation="zh-Hans", invisibles=True, width=True, spacing="add"
    )
    assert {step.rule for step in done.plan} == {
        "zero-width", "wide-letters", "script", "marks", "final-marks", "ellipses", "spacing",
    }  # fmt: skip
    current = text
    for number in range(max(step.round for step in done.plan) + 1):
        steps = sorted((step for step in done.plan if step.round == number), key=lambda step: step.start)
        assert steps
        assert all(current[step.start : step.end] == step.before for step in steps)
        for step in reversed(steps):
            current = current[: step.start] + step.after + current[step.end :]
    assert current == done.text == "這裡是雲南，好！\n用 ABC 寫……"


def test_each_kind_of_invisible_character_has_its_own_default() -> None:
    kinds = {
        "boms": "\ufeff", "c1-controls": "\x80", "c0-controls": "\x01", "zero-width": "\u200b",
        "bidi-controls": "\u202a", "soft-hyphens": "\xad", "variation-selectors": "\ufe00",
    }  # fmt: skip
    text = "".join("中" + sign for sign in kinds.values()) + "文"
    left = {name for name, sign in kinds.items() if sign in normalise(text, invisibles=True)}
    assert left == {"c0-controls", "variation-selectors"}
    for name, sign in kinds.items():
        only = normalise(text, rules={name}, without=set(RULES) - {name})
        assert only == text.replace(sign, "")
        if name not in left:
            assert sign in normalise(text, invisibles=True, without={name})


@pytest.mark.parametrize(
    ("name", "private", "standard"),
    [
        ("gb18030", "\ue7c7", "ḿ"),  # GB 18030-2005
        ("gb18030", "\ue81e\ue864", "龴龻"),  # GB 18030-2022
        ("gb18030", "\ue78d", "︐"),  # GB 18030-2022
        ("gb18030", "\ue863\ue7c8\ue815", "䶮ǹ⺁"),  # GBK, GB 18030-2000
        ("gb18030", "\ue816", "𠂇"),
        ("hkscs", "\ue000\uecda", "𠕇啲"),
        ("eten", "\uf6b1", "①"),
        ("eten", "\ue000", "\ue000"),
        ("hkscs", "\uf8ff", "\uf8ff"),
        ("gb18030", "\ue000\ue5e5", "\ue000\ue5e5"),
    ],
)
def test_private_codes_of_a_set_become_what_its_standard_says(name: str, private: str, standard: str) -> None:
    assert normalise(private, private_use=name) == standard


def test_the_manual_lists_every_rule_in_its_own_words() -> None:
    page = (Path(__file__).parent.parent / "docs" / "normalise.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows == [
        f"| `{rule.name}` | `{rule.option}`{'' if rule.by_default else ', by name'} | {rule.what} |"
        for rule in RULES.values()
    ]
    example = re.search(r'normalise\("(.*?)", (.*)\)\n# \'(.*)\'', page)
    assert example is not None
    options = dict(re.findall(r'(\w+)="([^"]*)"', example[2]))
    assert normalise(example[1], **options) == example[3]
    assert normalise("今日（きょう）", glosses="strip") == "今日（きょう）"


def test_nothing_is_done_unasked() -> None:
    text = "".join(rule.before for rule in RULES.values())
    assert normalise(text) is text


def test_a_text_in_the_form_asked_for_is_the_same_object() -> None:
    options = NormaliseOptions(
        script="zh-Hant-TW", punctuation="zh-Hant-TW", quotes="corner", width=True, compatibility=True,
        private_use="auto", invisibles=True, spacing="add", spaced_out=True, glosses="strip", form="NFC",
    )  # fmt: skip
    text = SANE.replace("2021年", "2021 年")
    assert normalise(text, options) is text


@pytest.mark.parametrize(
    ("option", "value"),
    [("script", "zh"), ("punctuation", "en"), ("quotes", "french"), ("form", "NFKC"), ("rules", "boms"), ("who", 1)],
)
def test_what_cannot_be_used_is_an_error(option: str, value: object) -> None:
    with pytest.raises(ConfigError):
        normalise("中文", **{option: value})


def test_one_opencc_is_installed_on_every_platform() -> None:
    text = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    requirements = [
        Requirement(line) for line in re.findall(r'"((?:OpenCC|opencc-python-reimplemented)\b[^"]*; [^"]*)"', text)
    ]
    assert len(requirements) == 2
    wheels = {("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("win32", "AMD64")}
    machines = {"x86_64", "aarch64", "arm64", "AMD64", "i686", "riscv64", "ARM64"}
    for python, implementation, platform, machine in itertools.product(
        ("3.10", "3.14", "3.15"), ("cpython", "pypy"), ("linux", "darwin", "win32"), machines
    ):
        environment = {
            "python_version": python, "implementation_name": implementation, "sys_platform": platform,
            "platform_machine": machine,
        }  # fmt: skip
        wanted = [one.name for one in requirements if one.marker is not None and one.marker.evaluate(environment)]
        official = implementation == "cpython" and python != "3.15" and (platform, machine) in wheels
        assert wanted == ["OpenCC" if official else "opencc-python-reimplemented"]


def test_words_are_replaced_only_in_a_text_that_is_known() -> None:
    with pytest.raises(ConfigError, match="source"):
        NormaliseOptions(script="zh-Hant-TW", phrases=True)


CHANGED = [
    # text, options, result
    ("会议,讨论:全面!“是”", {"punctuation": "zh-Hans"}, "会议，讨论：全面！“是”"),
    ("他说:“好!”她笑", {"punctuation": "zh-Hans"}, "他说：“好！”她笑"),
    ("你好吗?", {"punctuation": "zh-Hans"}, "你好吗？"),
    ("去年,2021年", {"punctuation": "zh-Hans"}, "去年，2021年"),
    ("价格为:100元", {"punctuation": "zh-Hans"}, "价格为：100元"),
    ("真的?!不会吧!!!", {"punctuation": "zh-Hans"}, "真的？！不会吧！！！"),
    ("他说“真的?!”", {"punctuation": "zh-Hans"}, "他说“真的？！”"),
    ("これは,ペンです!", {"punctuation": "ja"}, "これは、ペンです！"),
    ("中文。。。中文", {"punctuation": "zh-Hans"}, "中文……中文"),
    ("ウィリアム·シェイクスピア", {"punctuation": "ja"}, "ウィリアム・シェイクスピア"),
    ("威廉・莎士比亞", {"punctuation": "zh-Hant-TW"}, "威廉·莎士比亞"),
    ("네，그래요．", {"punctuation": "ko"}, "네, 그래요."),
    ("他說「看『書』」。", {"quotes": "curly"}, "他說“看‘書’”。"),
    ("他說“看“書””。", {"quotes": "corner"}, "他說「看『書』」。"),
    ("“他走了。\n她也走了。”", {"quotes": "corner"}, "「他走了。\n她也走了。」"),
    ('他說"看書"。', {"quotes": "corner"}, "他說「看書」。"),
    ("他說「看『書』」。", {"quotes": "straight"}, "他說\"看'書'\"。"),
    ("ﾊﾟｿｺﾝとＰＣ", {"width": True}, "パソコンとPC"),
    ("第１、２章", {"width": True}, "第1、2章"),
    ("人口１，２３４．５萬", {"width": True}, "人口1,234.5萬"),
    ("⾃然語⾔", {"compatibility": True}, "自然語言"),
    ("召開(擴大)會議", {"punctuation": "zh-Hant-TW", "glosses": "strip"}, "召開（擴大）會議"),
    ("一九○五年", {"compatibility": True}, "一九〇五年"),
    ("中文\ue000ABC", {"private_use": "auto"}, "中文\ue000ABC"),
    ("我在這裏\uecda", {"private_use": "auto"}, "我在這裏啲"),
    ("我說\uf8e7\uf8e7好", {"private_use": "auto"}, "我說——好"),
    ("用 Python 寫", {"spacing": "remove"}, "用Python寫"),
    ("漢字（かんじ）と学校(がっこう)", {"glosses": "strip"}, "漢字と学校"),
    ("｜漢字《かんじ》", {"glosses": "ruby"}, "<ruby>漢字<rt>かんじ</rt></ruby>"),
    ("食べ物（たべもの）", {"glosses": "ruby"}, "<ruby>食べ物<rt>たべもの</rt></ruby>"),
    ("歷史(역사)", {"glosses": "strip"}, "歷史"),
    ("汉字（hàn zì）", {"glosses": "strip"}, "汉字"),
    ("漢(ㄏㄢˋ)字(ㄗˋ)", {"glosses": "strip"}, "漢字"),
    ("漢ㄏㄢˋ字ㄗˋ", {"glosses": "ruby"}, "<ruby>漢<rt>ㄏㄢˋ</rt></ruby><ruby>字<rt>ㄗˋ</rt></ruby>"),
]


@pytest.mark.parametrize("glosses", ["keep", "strip", "ruby"])
def test_a_remark_in_brackets_stays_in_the_width_that_is_asked_for(glosses: str) -> None:
    # What the brackets hold is no reading, so that no option takes it away.  Their width is punctuation: full-width in
    # Chinese (GB/T 15834, 5.1.3; the Ministry of Education's manual), and as it was where nobody asks for punctuation.
    text = "委員會迅速召開(擴大)會議,討論終于開始"
    kept = normalise(text, script="zh-Hant-TW", glosses=glosses)
    assert kept == "委員會迅速召開(擴大)會議,討論終於開始"
    full = normalise(text, script="zh-Hant-TW", glosses=glosses, punctuation="zh-Hant-TW")
    assert full == "委員會迅速召開（擴大）會議，討論終於開始"
    half = normalise(text, glosses=glosses, punctuation="zh-Hant-TW", without={"brackets"})
    assert half == "委員會迅速召開(擴大)會議，討論終于開始"


def test_a_line_that_did_not_change_is_looked_at_again_where_the_others_tell_otherwise() -> None:
    text = "漢字（かんじ）\n漢字（かんじ）\n会议,讨论"
    assert normalise(text, punctuation="zh-Hans") == text
    assert normalise(text, punctuation="zh-Hans", glosses="strip") == "漢字\n漢字\n会议，讨论"


def test_edits_of_one_rule_need_not_be_in_order() -> None:
    options = NormaliseOptions(punctuation="zh-Hans", rules={"marks"}, without=set(RULES) - {"marks"})
    assert normalise("真的?!好,好吗?!好,好", options) == "真的？！好，好吗？！好，好"


@pytest.mark.parametrize(("text", "options", "result"), CHANGED)
def test_it_changes_what_is_asked(text: str, options: dict[str, object], result: str) -> None:
    assert normalise(text, **options) == result


KEPT = [
    ('{"名": "值","键":"值","数":1}', {"punctuation": "zh-Hans", "quotes": "curly"}),
    ("f('中','文',[中])", {"punctuation": "zh-Hans"}),
    ('<a class="中文" title="好">', {"punctuation": "zh-Hans", "quotes": "curly"}),
    ('打印("中\\"文\\"")', {"quotes": "curly"}),
    ("比分是3:2,时间12:30", {"punctuation": "zh-Hans"}),
    ("见https://example.org/a,b?中=文", {"punctuation": "zh-Hans"}),
    ("见https://例.test/中,文 和`中,文`", {"punctuation": "zh-Hans"}),
    ("版本v1.0,价格1,000元", {"punctuation": "zh-Hans"}),
    ("真的!!!!!!!!!不会", {"punctuation": "zh-Hans"}),
    ("代码为a!=b?c:d,对吗", {"punctuation": "zh-Hans"}),
    ("目录..........12", {"punctuation": "zh-Hans"}),
    ("北京—上海", {"punctuation": "zh-Hans"}),
    ("标题---正文", {"punctuation": "zh-Hans"}),
    ("中文\ue7c7ABC", {"private_use": "auto"}),
    ("一.总则", {"punctuation": "zh-Hans"}),
    ("约翰.史密斯来了。", {"punctuation": "zh-Hans"}),
    ("函数f(x)的值", {"punctuation": "zh-Hans"}),
    ("これは,ペンです", {"punctuation": "zh-Hans"}),
    ("안녕,하세요", {"punctuation": "zh-Hans"}),
    ("hello,world!", {"punctuation": "zh-Hans"}),
    ("彼は『雪国』を読んで「『雪国』は良い」と言った", {"quotes": "corner"}),
    ("그는 ‘규제’를 “‘규제’는 없다”고 했다", {"quotes": "curly"}),
    ("10～20元和波〜", {"punctuation": "ascii", "width": True}),
    ("他说 don’t", {"quotes": "corner"}),
    ("这是小王’s的书", {"quotes": "corner"}),
    ('宽16"的屏', {"quotes": "curly"}),
    ("①½㈱㍻。，！", {"width": True, "compatibility": True}),
    ("⼈", {"compatibility": True}),
    ("張○○先生", {"compatibility": True}),
    ("👨\u200d👩\u200d👧", {"invisibles": True}),
    ("می\u200cخواهم", {"invisibles": True}),
    ("สวัสดี\u200bครับ", {"invisibles": True}),
    ("張三 李四 王五 趙六 錢七 孫八 周九 吳十 鄭百 王千", {"spaced_out": True}),
    ("今 天 很 好", {"spaced_out": True}),
    ("☎\ufe0f 中文", {"invisibles": True, "rules": {"variation-selectors"}}),
    ("中文\x01", {"invisibles": True}),
    ("葛\U000e0100城", {"invisibles": True}),
    ("بيت\u200f 中文", {"invisibles": True}),
    ("\ufeff中文", {"invisibles": True}),
    ("召開(擴大)會議", {"glosses": "strip"}),
    ("協商（重要）", {"glosses": "strip"}),
    ("東京（とても大きい）", {"glosses": "strip"}),
    ("漢字(학교)", {"glosses": "strip"}),
    ("北京（Peking）", {"glosses": "strip"}),
    ("協（xié）商", {"glosses": "keep"}),
    ("　　段首縮進", {"rules": {"ideographic-spaces"}}),
    ("　\n　　", {"rules": {"ideographic-spaces"}}),
    ("　", {"rules": {"ideographic-spaces"}}),
]


@pytest.mark.parametrize(("text", "options"), KEPT)
def test_it_leaves_the_rest_alone(text: str, options: dict[str, object]) -> None:
    assert normalise(text, **options) == text


def test_nfd_then_nfc_comes_back() -> None:
    text = "がぎぐ각한국é"
    assert normalise(normalise(text, form="NFD"), form="NFC") == text
    assert normalise(text, form="NFD") == unicodedata.normalize("NFD", text)


PIECES = st.one_of(
    st.sampled_from([rule.before for rule in RULES.values()]),
    st.sampled_from([rule.after for rule in RULES.values()]),
    st.text("中文的这這里裡于於干幹云,.?!:;()-—…·・“”「」'\" 　0aAカｶﾞ가⼈○一ㄅ\u200b\ufeff\u3099\ue000", max_size=12),
    st.sampled_from(["\n", "\0", "\ud800", "⿰亻国", "\U0002f800"]),
    st.text(max_size=4),
)
OPTIONS = st.builds(
    NormaliseOptions,
    script=st.sampled_from([None, "auto", "zh-Hans", "zh-Hant", "zh-Hant-TW", "zh-Hant-HK", "ja", "ja-old"]),
    punctuation=st.sampled_from([None, "zh-Hans", "zh-Hant-TW", "ja", "ko", "ascii"]),
    quotes=st.sampled_from([None, "curly", "corner", "straight"]),
    width=st.booleans(),
    compatibility=st.booleans(),
    private_use=st.sampled_from([None, "auto", "gb18030", "hkscs"]),
    invisibles=st.booleans(),
    spacing=st.sampled_from([None, "add", "remove"]),
    spaced_out=st.booleans(),
    glosses=st.sampled_from([None, "strip", "ruby"]),
    form=st.sampled_from([None, "NFC", "NFD"]),
    rules=st.sampled_from([frozenset(), frozenset(RULES)]),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES, max_size=8).map("".join), OPTIONS)
def test_all_rules_together_keep_their_word(text: str, options: NormaliseOptions) -> None:
    done = normalise_and_explain(text, options)
    assert normalise(text, options) == done.text
    assert apply_plan(text, done.plan) == done.text
    assert normalise(done.text, options) == done.text
