"""The damage models do what they say: the tests and measurements of repair stand on them."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import make_cases
from corpus.damage import DAMAGES, Damage, chain_of, invert, misread_chain, then
from corpus.damage.chains import DOUBLE_CHAINS, SINGLE_CHAINS, read_wrong
from corpus.damage.escapes import ESCAPES
from corpus.damage.facts import changed_span
from corpus.damage.gloss import CONVERTER_SPLITS, TRADITIONAL, gloss, reading
from corpus.damage.stream import byte_gained, byte_lost, byte_split
from mojibake_fix.encodings import lookup
from mojibake_fix.plan import Fault

SENTENCES = Path(__file__).parent.parent / "corpus" / "sentences"
CJK = ("zh-Hans", "zh-Hant", "ja", "ko")
EXAMPLES = [line for lang in CJK for line in make_cases.sentences(lang)[::12]]
CHAINS = sorted({spec for specs in SINGLE_CHAINS.values() for spec in specs} | set(DOUBLE_CHAINS))


def seeded() -> random.Random:
    return random.Random(20)


@pytest.mark.parametrize("name", DAMAGES)
def test_the_same_seed_gives_the_same_damage(name: str) -> None:
    for text in EXAMPLES[::3]:
        assert DAMAGES[name](text, seeded()) == DAMAGES[name](text, seeded())


@pytest.mark.parametrize("name", DAMAGES)
def test_every_model_damages_some_sentence_and_says_where(name: str) -> None:
    texts = [line for language in CJK for line in load(language)[::3]]
    outcomes = [(text, DAMAGES[name](text, random.Random(text))) for text in texts]
    done = [(text, outcome) for text, outcome in outcomes if outcome is not None]
    assert done
    for text, (raw, facts) in done:
        assert raw != (text if facts.truth is None else facts.truth)
        assert facts.positions
        assert all(0 <= start <= end <= len(raw) for start, end in facts.positions)


@pytest.mark.parametrize("name", DAMAGES)
def test_ascii_suffers_nothing_but_overwriting(name: str) -> None:
    assert name == "beyond-memory" or DAMAGES[name]("plain text, nothing else.", seeded()) is None


@pytest.mark.parametrize("spec", CHAINS)
def test_a_lossless_misread_inverts_exactly(spec: str) -> None:
    chain = chain_of(spec)
    for text in EXAMPLES:
        outcome = misread_chain(chain)(text, seeded())
        if outcome is not None and outcome[1].lossless:
            assert invert(outcome[0], chain) == text


@given(text=st.text(), spec=st.sampled_from(CHAINS))
def test_what_is_called_lossless_is_so_for_any_text(text: str, spec: str) -> None:
    chain = chain_of(spec)
    outcome = misread_chain(chain)(text, seeded())
    if outcome is not None and outcome[1].lossless:
        assert invert(outcome[0], chain) == text
        assert read_wrong(text, chain) == outcome[0]


def test_a_chain_that_cannot_carry_a_character_gives_none() -> None:
    assert misread_chain(chain_of("gbk>latin-1"))("한국어", seeded()) is None
    assert misread_chain(chain_of("utf-8>gbk"))("中文！", seeded()) is None
    assert misread_chain(chain_of("gb2312>gbk"))("中文", seeded()) is None


def test_a_lossy_chain_says_so() -> None:
    outcome = misread_chain(chain_of("utf-8>gbk", "pair-question"))("中文！", seeded())
    assert outcome is not None
    raw, facts = outcome
    assert "?" in raw
    assert facts.fault is Fault.LOSSY
    assert not facts.lossless


def test_a_split_at_the_bytes_of_a_mark_tears_the_characters_beside_it() -> None:
    outcome = byte_split()("好。”在2日", seeded())
    assert outcome is not None
    assert outcome[0] == "好?！痹?日"
    assert outcome[1].positions == ((1, 5),)


def test_text_without_a_mark_astride_characters_is_not_split() -> None:
    assert byte_split()("好！他说。", seeded()) is None


@pytest.mark.parametrize("model", [byte_lost, byte_gained])
@pytest.mark.parametrize("encoding", ["gbk", "big5", "cp932", "euc-jp", "cp949"])
def test_a_lost_or_gained_byte_leaves_the_text_before_it_alone(model: Callable[[str], Damage], encoding: str) -> None:
    text = {"cp949": "그는 편지를 다 읽고도", "gbk": "他推开窗，满山的雾"}.get(encoding, "不思議、山中風雨")
    outcome = model(encoding)(text, seeded())
    assert outcome is not None
    raw, facts = outcome
    ((start, _),) = facts.positions
    assert raw[:start] == text[:start]
    assert facts.fault is Fault.MISALIGNED


def test_a_gloss_stands_behind_its_character() -> None:
    outcome = gloss("協領")("政協的領導", seeded())
    assert outcome is not None
    assert outcome[0] == "政協(xié)的領(lǐng)導"
    assert outcome[1].fault is Fault.GLOSS
    assert outcome[1].lossless


def test_a_gloss_astride_mispairs_what_follows() -> None:
    outcome = gloss("數")("當地發展", seeded())
    assert outcome is not None
    assert outcome[0] == "當?shù)匕l展"
    assert outcome[1].fault is Fault.GLOSS_ASTRIDE


def test_the_converter_splits_pages_only_behind_its_byte() -> None:
    damage = gloss("協", splits=CONVERTER_SPLITS)
    assert damage("日常、抓在", seeded()) is None
    outcome = damage("豐收。”村民", seeded())
    assert outcome is not None
    assert outcome[0].startswith("豐收?！")


def test_readings_are_the_dictionarys() -> None:
    assert reading("協") == "xié"
    assert reading("協", toned=False) == "xie"


def test_the_glossed_characters_are_encodable_in_gbk() -> None:
    assert all(lookup("gbk").encode(char) for char in TRADITIONAL)


def test_folding_gives_the_folded_truth() -> None:
    outcome = then(byte_split(), "fold")("他说，好。”在2日", seeded())
    assert outcome is not None
    assert outcome[1].truth == "他说,好。”在2日"
    assert "!" in outcome[0]


@pytest.mark.parametrize("name", ESCAPES)
def test_escapes_are_ascii(name: str) -> None:
    for text in EXAMPLES:
        written = ESCAPES[name](text)
        assert written is None or written.isascii()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("entity-decimal", "a&#20013;"),
        ("entity-hex", "a&#x4E2D;"),
        ("backslash-u", "a\\u4e2d"),
        ("percent", "a%E4%B8%AD"),
        ("percent-gbk", "a%D6%D0"),
        ("quoted-printable", "a=E4=B8=AD"),
        ("rfc2047", "=?UTF-8?B?YeS4rQ==?="),
        ("hz", "a~{VP~}"),
        ("hz-without-tildes", "a{VP}"),
        ("iso-2022-jp-without-esc", "a$BCf(B"),
    ],
)
def test_escape_forms(name: str, expected: str) -> None:
    assert ESCAPES[name]("a中") == expected


def test_beyond_repair_is_the_well_known_sight() -> None:
    outcome = DAMAGES["beyond-replacement"]("正在加载，请稍候", seeded())
    assert outcome is not None
    assert "锟斤拷" in outcome[0]
    assert outcome[1].fault is Fault.BEYOND_REPAIR


def test_mixed_lines_leave_some_lines_alone() -> None:
    lines = make_cases.sentences("zh-Hans")[:20]
    outcome = DAMAGES["mixed-lines"]("\n".join(lines), seeded())
    assert outcome is not None
    raw, facts = outcome
    kept = sum(a == b for a, b in zip(lines, raw.split("\n"), strict=True))
    assert 0 < kept < 20
    assert len(facts.parts) == 20 - kept


def test_changed_span_is_the_smallest() -> None:
    assert changed_span("abcd", "abXYd") == (2, 4)
    assert changed_span("aa", "aaa") == (2, 3)
    assert changed_span("same", "same") == (4, 4)


def test_the_case_file_is_what_the_script_makes() -> None:
    written = make_cases.TARGET.read_text(encoding="utf-8").splitlines()
    assert [make_cases.line_of(case) for case in make_cases.cases()] == written


@pytest.mark.parametrize("path", sorted(SENTENCES.glob("*.txt")), ids=lambda path: path.stem)
def test_sentence_files_are_plain_and_without_repeats(path: Path) -> None:
    lines = load(path.stem)
    assert len(lines) >= (120 if path.stem in CJK else 40)
    assert len(set(lines)) == len(lines)
    assert all(line and line == line.strip() for line in lines)


def load(language: str) -> list[str]:
    return (SENTENCES / f"{language}.txt").read_text(encoding="utf-8").splitlines()
