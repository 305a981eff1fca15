"""What holds for every text, damaged or not: the promises of the library, each as a property."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpus import make_cases
from corpus.damage import DAMAGES
from corpus.damage.chains import DOUBLE_CHAINS, SINGLE_CHAINS, chain_of, read_wrong
from mojibake_fix import Repair, apply_plan, fix_and_explain, fix_bytes, fix_many, fix_text
from mojibake_fix.encodings import lookup, misread
from mojibake_fix.errors import MojibakeFixError
from mojibake_fix.plan import Fault

SENTENCES = Path(__file__).parent.parent / "corpus" / "sentences"
LANGUAGES = sorted(path.stem for path in SENTENCES.glob("*.txt"))
CJK = ("zh-Hans", "zh-Hant", "ja", "ko")
LINES = {language: make_cases.sentences(language) for language in LANGUAGES}
LONG = "".join(LINES["zh-Hans"])

CHAINS = sorted({spec for specs in SINGLE_CHAINS.values() for spec in specs} | set(DOUBLE_CHAINS))
ODD = "\ufffd?？\ue000\uf8ff\x00\x85\xa0\u0378\ud800\udfff\udc80\U0010ffff\U000e0001\u200d\ufeff\u2028\r\n\t"
ASTRIDE = "！。”“・（）(xié)&#20013;~{VPND~}锟斤拷烫"

ANY_TEXT = st.text(st.characters(), max_size=60)
ODD_TEXT = st.text(
    st.one_of(st.sampled_from(ODD + ASTRIDE), st.sampled_from("中文的是日本のですÃ©ÐÎ¤縺гЂ한글 a1")), max_size=60
)
BYTES_READ_WRONG = st.builds(
    lambda data, name: misread(data, name, "lead-fffd"),
    st.binary(max_size=60),
    st.sampled_from(["gbk", "gb18030", "cp950", "cp932", "cp949", "cp1252", "koi8-r"]),
)
SENTENCE = st.sampled_from(LANGUAGES).flatmap(lambda language: st.sampled_from(LINES[language]))
CJK_SENTENCE = st.sampled_from(CJK).flatmap(lambda language: st.sampled_from(LINES[language]))


@st.composite
def damaged_sentences(draw: st.DrawFn) -> str:
    """A sentence damaged by a model of :mod:`corpus.damage`; as it was where that model cannot damage it."""
    outcome = DAMAGES[draw(st.sampled_from(sorted(DAMAGES)))](draw(SENTENCE), random.Random(draw(st.integers(0, 99))))
    return "" if outcome is None else outcome[0]


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Lines clean and damaged, one below the other or side by side."""
    pieces = draw(st.lists(st.one_of(damaged_sentences(), SENTENCE, st.just("")), min_size=1, max_size=4))
    return draw(st.sampled_from(["\n", "\r\n", "", " "])).join(pieces)


TEXTS = st.one_of(ANY_TEXT, ODD_TEXT, BYTES_READ_WRONG, damaged_sentences(), documents())

thorough = settings(deadline=None, max_examples=30, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
brief = settings(deadline=None, max_examples=15, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def check_plan(text: str, repair: Repair) -> None:
    """Assert what must hold for a text and its repair, whatever they are."""
    plan = repair.plan
    assert apply_plan(text, plan) == repair.text
    assert 0.0 <= repair.confidence <= 1.0
    rounds = [step.round for step in plan.steps]
    assert rounds == sorted(rounds)
    current = text
    for number in sorted(set(rounds)):
        position, pieces = 0, []
        for step in (step for step in plan.steps if step.round == number):
            assert position <= step.start <= step.end <= len(current)
            assert current[step.start : step.end] == step.before
            assert step.before != step.after
            pieces += (current[position : step.start], step.after)
            position = step.end
        current = "".join((*pieces, current[position:]))
    assert current == repair.text
    for step in (*plan.steps, *plan.reported):
        assert 0.0 <= step.confidence <= 1.0
        assert all(0 <= start < end <= len(step.after) for start, end in step.restored)
        assert not (step.lossless and step.restored)
        assert all(0.0 <= alternative.confidence <= 1.0 for alternative in step.alternatives)
        assert step.after not in [alternative.text for alternative in step.alternatives]
        if step.lossless and step.channel:
            assert damage_again(step.after, step.channel) == step.before


def damage_again(text: str, channel: object) -> str | None:
    for link in channel:  # type: ignore[attr-defined]
        data = lookup(link.encoding).encode(text)
        if data is None:
            return None
        text = misread(data, link.read_as, link.policy)
    return text


# The plan is the repair.


@thorough
@given(TEXTS)
def test_the_plan_applied_is_the_repaired_text(text: str) -> None:
    repair = fix_and_explain(text)
    check_plan(text, repair)
    assert fix_text(text) == repair.text


@brief
@given(TEXTS, st.sampled_from([0.0, 0.5, 1.0]))
def test_so_it_is_whatever_confidence_is_asked_for(text: str, least: float) -> None:
    repair = fix_and_explain(text, min_confidence=least)
    check_plan(text, repair)
    assert all(step.confidence >= least for step in repair.plan.steps)
    assert all(step.confidence < least for step in repair.plan.reported if step.fault is not Fault.BEYOND_REPAIR)


@brief
@given(TEXTS, st.sampled_from(["auto", "all", "none"]), st.booleans())
def test_so_it_is_whatever_kinds_of_damage_are_asked_for(text: str, unescape: str, glosses: bool) -> None:
    repair = fix_and_explain(text, unescape=unescape, glosses=glosses)
    check_plan(text, repair)
    faults = {step.fault for step in repair.plan.steps}
    if unescape == "none":
        assert Fault.ESCAPE not in faults
    if not glosses:
        assert not faults & {Fault.GLOSS, Fault.GLOSS_ASTRIDE}


# Repairing again.


@thorough
@given(TEXTS)
def test_what_is_repaired_stays_as_it_is(text: str) -> None:
    once = fix_text(text)
    assert fix_text(once) == once


def test_a_reading_written_twice_is_removed_at_once_or_not_at_all() -> None:
    once = fix_text("嶈€(yao)(yao)浠")
    assert fix_text(once) == once


@pytest.mark.parametrize("name", DAMAGES)
def test_sentences_damaged_by_each_model_are_repaired_once_and_for_all(name: str) -> None:
    for language in CJK:
        rng = random.Random(f"{name} {language}")
        for line in rng.sample(LINES[language], 2):
            outcome = DAMAGES[name](line, rng)
            if outcome is None:
                continue
            raw = outcome[0]
            repair = fix_and_explain(raw)
            check_plan(raw, repair)
            assert fix_text(repair.text) == repair.text


# Clean text.


@pytest.mark.parametrize("language", LANGUAGES)
def test_clean_text_comes_back_the_same_object(language: str) -> None:
    for line in LINES[language]:
        repair = fix_and_explain(line)
        assert repair.text is line
        assert repair.plan.steps == ()
        assert repair.confidence == 1.0
    text = "\n".join(LINES[language])
    assert fix_text(text) is text


@brief
@given(st.lists(SENTENCE, min_size=1, max_size=6), st.sampled_from(["", " ", "\n", "\r\n", "\t", "\n\n"]))
def test_clean_sentences_of_any_languages_stay_side_by_side(lines: list[str], between: str) -> None:
    text = between.join(lines)
    assert fix_text(text) is text


@brief
@given(st.text(st.characters(max_codepoint=0x7F, exclude_characters="&~$%=\\(+"), max_size=80))
def test_ascii_without_escapes_comes_back_the_same_object(text: str) -> None:
    assert fix_text(text) is text
    assert fix_many([text])[0] is text


@brief
@given(CJK_SENTENCE, st.integers(0, 40), st.integers(1, 12))
def test_a_piece_of_a_clean_sentence_stays(line: str, start: int, length: int) -> None:
    piece = line[start : start + length]
    assert fix_text(piece) == piece


# Lossless steps.


@pytest.mark.parametrize("spec", CHAINS)
def test_a_lossless_step_inverts_exactly(spec: str) -> None:
    languages = [language for language in LANGUAGES if language != "en"]
    rng = random.Random(spec)
    raws = (read_wrong(rng.choice(LINES[language]), chain_of(spec)) for language in rng.sample(languages, 6))
    for raw in raws:
        if raw is None:
            continue
        for step in fix_and_explain(raw, min_confidence=0.0).plan.steps:
            if step.lossless and step.channel:
                assert damage_again(step.after, step.channel) == step.before


@brief
@given(CJK_SENTENCE.filter(lambda line: len(line) >= 20), st.sampled_from(["cp1252", "latin-1", "mac-roman"]))
def test_what_lost_nothing_is_restored_exactly(line: str, read_as: str) -> None:
    raw = lookup(read_as).decode(line.encode())
    if raw is None or lookup(read_as).encode(raw) != line.encode():
        return
    repair = fix_and_explain(raw)
    assert repair.text == line
    assert all(step.lossless and step.fault is Fault.MISREAD for step in repair.plan.steps)


# Batches.


@brief
@given(st.lists(TEXTS, max_size=5))
def test_a_batch_gives_what_its_texts_give_one_by_one(texts: list[str]) -> None:
    assert fix_many(texts) == [fix_text(text) for text in texts]


@brief
@given(st.lists(TEXTS, max_size=3), st.sampled_from([0.0, 1.0]), st.sampled_from(["all", "none"]))
def test_so_it_does_with_options(texts: list[str], least: float, unescape: str) -> None:
    options = {"min_confidence": least, "unescape": unescape}
    assert fix_many(texts, **options) == [fix_text(text, **options) for text in texts]


def test_a_batch_of_all_sentences_gives_the_same_objects() -> None:
    lines = [line for language in LANGUAGES for line in LINES[language]]
    for line, repaired in zip(lines, fix_many(iter(lines)), strict=True):
        assert repaired is line
    assert fix_many([]) == []


# Any text, any bytes.


@brief
@given(st.one_of(ODD_TEXT, ANY_TEXT))
@example("\ud800\udc00")
@example("\udce4\udcb8\udcad")
@example("\ufffd" * 50 + "中文" + "\ufffd" * 50)
@example("中文" + "?" * 100 + "日本")
@example("\x00中\x00文\x00")
@example("\ue000\ue001\ue002\uf8ff中")
@example("\n\n\r\r\n")
@example("\u0378\u0379\ufdd0\uffff\U0001ffff中文")
def test_any_text_has_an_answer_at_any_confidence(text: str) -> None:
    for least in (0.0, 0.9, 1.0):
        assert isinstance(fix_text(text, min_confidence=least), str)
    assert isinstance(fix_text(text, unescape="all"), str)


@pytest.mark.parametrize(
    "text",
    [
        "\ufffd" * 200_000,
        "?" * 200_000,
        "中?" * 20_000,
        "\ue000" * 50_000,
        "\ud800" * 20_000,
        "\udcd6\udcd0" * 10_000,
        "\x00" * 200_000,
        "\u0378" * 20_000,
        "\U0010fffd" * 20_000,
        "\x85" * 50_000,
        "烫" * 50_000,
        "锟斤拷" * 2_000,
        "é" * 50_000,
        "&#20013;" * 2_000,
        "(" * 100_000,
        "“" * 50_000,
        "中\n" * 20_000,
        "~{" * 20_000,
        "$B" * 20_000,
        "(xié)" * 10_000,
        "&" * 100_000,
        "\\u" * 20_000,
    ],
    ids=lambda text: f"{text[:4]!a}",
)
def test_runs_of_odd_characters_have_an_answer(text: str) -> None:
    repair = fix_and_explain(text)
    assert apply_plan(text, repair.plan) == repair.text


@pytest.mark.parametrize("spec", ["utf-8>cp1252", "gbk>latin-1"])
def test_a_very_long_line_that_lost_nothing_is_repaired(spec: str) -> None:
    text = (LONG * 40)[: 200_000 // (3 if spec.startswith("utf-8") else 2)]
    raw = read_wrong(text, chain_of(spec))
    assert raw is not None
    assert len(raw) > 190_000
    repair = fix_and_explain(raw)
    assert repair.text == text
    assert apply_plan(raw, repair.plan) == text


def test_a_long_lossy_line_is_repaired_all_along_it() -> None:
    text = (LONG * 10)[:10_000]
    raw = misread(text.encode(), "gbk", "lead-question")
    repair = fix_and_explain(raw)
    assert apply_plan(raw, repair.plan) == repair.text
    assert "?" not in repair.text.replace("?", "", text.count("?"))
    pieces = [text[start : start + 8] for start in range(0, len(text), 8)]
    assert sum(piece in repair.text for piece in pieces) > 0.9 * len(pieces)


@brief
@given(st.one_of(st.binary(max_size=80), CJK_SENTENCE.map(str.encode), CJK_SENTENCE.map(lambda s: s.encode("gb18030"))))
def test_any_bytes_have_an_answer_or_an_error_of_ours(data: bytes) -> None:
    with contextlib.suppress(MojibakeFixError):
        assert isinstance(fix_bytes(data), str)


# How sure.


@brief
@given(damaged_sentences())
def test_asking_for_certainty_repairs_no_more_than_asking_for_a_guess(text: str) -> None:
    guessed = fix_and_explain(text, min_confidence=0.0)
    certain = fix_and_explain(text, min_confidence=1.0)
    assert not [step for step in guessed.plan.reported if step.fault is not Fault.BEYOND_REPAIR]
    assert all(step.confidence == 1.0 for step in certain.plan.steps)
    if certain.plan.steps and not guessed.plan.steps:
        pytest.fail("certain of what was not even guessed")
