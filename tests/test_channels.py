"""The compiled judgement of misreads leaves out no channel that matters, and reads windows anew as NumPy does."""

from __future__ import annotations

import math
import random
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpus import make_cases
from corpus.damage import DAMAGES
from mojibake_fix import Repair, fix_and_explain, fix_many, fix_text
from mojibake_fix.detect.misread import TIERS, readable_as
from mojibake_fix.detect.scan import Suspicion, scan
from mojibake_fix.encodings import ENCODINGS, lookup
from mojibake_fix.engine import evidence, suspects
from mojibake_fix.engine.looks import trial_of
from mojibake_fix.engine.stage import Line
from mojibake_fix.model import NgramModel, load_model
from mojibake_fix.model.kernel import load_kernel
from mojibake_fix.repair.channels import possible_channels
from tests.lines import weighed

MODEL = load_model()
PURE = MODEL.pure()
SENTENCES = Path(__file__).parent.parent / "corpus" / "sentences"
LINES = {path.stem: make_cases.sentences(path.stem) for path in sorted(SENTENCES.glob("*.txt"))}
ALL_LINES = [line for lines in LINES.values() for line in lines]
BOOST = 6.0
"""Nats: what a channel gains that another line has shown, so that nothing so far below the second best is tried."""
MARKS = "?？!・\ufffd\ufffdé€Ж中は한。 a1<\x00\x85\xa0\ue000\udc80\U00020087\U0001f600Ê\u0304\u0300"

pytestmark = pytest.mark.skipif(load_kernel() is None, reason="no kernel was built, or none is wanted")
thorough = settings(deadline=None, max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def damaged_lines(draw: st.DrawFn) -> str:
    """Sentences, clean, damaged and cut, with marks between them."""
    pieces = []
    for _ in range(draw(st.integers(1, 2))):
        line = draw(st.sampled_from(ALL_LINES))
        name = draw(st.sampled_from([None, *sorted(DAMAGES)]))
        outcome = DAMAGES[name](line, random.Random(draw(st.integers(0, 9)))) if name else None
        start = draw(st.integers(0, 3))
        pieces += [(outcome[0] if outcome else line)[start:], draw(st.text(st.sampled_from(MARKS), max_size=3))]
    return "".join(pieces).replace("\n", " ")


@st.composite
def bytes_read_as(draw: st.DrawFn) -> str:
    """Any bytes, as some encoding has them."""
    name = draw(
        st.sampled_from(["gb18030", "gbk", "cp950", "big5-hkscs", "cp932", "euc-jp", "cp949", "cp1252", "cp437"])
    )
    return draw(st.binary(min_size=1, max_size=60)).decode(lookup(name).codec, "replace")


WINDOWS = st.one_of(damaged_lines(), bytes_read_as(), st.text(st.characters(), min_size=1, max_size=40))


@thorough
@given(WINDOWS, st.sampled_from(TIERS))
@example("aé?中?？文\ufffdÊ\U0001f600", TIERS[1])
@example("\ue000\ue7c7\u1e3f\ue5e5€", TIERS[1])
@example("é1é1ÿ\x81\x8d\x8f\x90\x9d", TIERS[1])
@example("0\x8f¢¯\x8f¢·\x8e¡\x8e¡¡¡\x8e¢¡¡", TIERS[2])
@example("\x88b\x88d\x88£\x88¥", TIERS[2])
def test_the_kernel_reads_a_window_anew_as_numpy_does(window: str, tier: object) -> None:
    encodings = tier.encodings  # type: ignore[attr-defined]
    usual = readable_as(window, [Suspicion(0, len(window))])
    for read_as in {tuple(usual[:8]), tuple(usual), ("cp1252", "gbk", "gb18030", "cp932", "euc-jp", "big5-hkscs")}:
        if not read_as:
            continue
        found = possible_channels(
            window, trial_of(read_as, encodings), evidence.LIMITS, MODEL, above=-math.inf, twice=False
        )
        expected = evidence.candidates_of(window, trial_of(read_as, encodings), PURE)
        if found is None:
            assert not all(ord(char) < 0x20000 and char not in "\u0304\u030c" for char in window)
        else:
            assert [(c.encoding, c.read_as) for c in found] == [(new.encoding, new.read_as) for new in expected]


@thorough
@given(damaged_lines(), st.sampled_from(TIERS))
@example("Ã©tÃ© 中文", TIERS[0])
@example("é" * 40 + "\ufffd中" * 9 + "\U0001f600\U0001f600", TIERS[1])
def test_no_channel_has_more_evidence_than_its_bound(window: str, tier: object) -> None:
    usual = tuple(readable_as(window, [Suspicion(0, len(window))]))
    trial = trial_of(usual, tier.encodings)  # type: ignore[attr-defined]
    found = possible_channels(window, trial, evidence.LIMITS, MODEL, above=-math.inf, twice=False) if usual else []
    bounds = {(channel.encoding, channel.read_as): channel.most for channel in found or []}
    candidates = [new for new in evidence.candidates_of(window, trial, PURE) if bounds]
    for hypothesis in evidence._judged(window, candidates, PURE, second=True):
        assert hypothesis.evidence <= bounds[hypothesis.channel]


def hypotheses(line: str, model: NgramModel) -> list[evidence.Hypothesis]:
    suspicions = scan([line], MODEL)[0]
    if not suspicions:
        return []
    [weight] = weighed([line], MODEL)
    found = evidence.hypotheses_of(Line(line, 0, suspicions), weight, model)
    least = max(found[1].evidence, 0.0) - BOOST if len(found) > 1 else -BOOST
    return [hypothesis for hypothesis in found if hypothesis.evidence > least]


@thorough
@given(damaged_lines())
def test_every_channel_that_matters_is_judged_with_the_kernel_as_without(line: str) -> None:
    assert hypotheses(line, MODEL) == hypotheses(line, PURE)


@pytest.mark.parametrize("language", list(LINES))
def test_every_channel_that_matters_is_judged_alike_in_every_language(language: str) -> None:
    rng = random.Random(language)
    for line in rng.sample(LINES[language], 2):
        for name in rng.sample(sorted(DAMAGES), 4):
            outcome = DAMAGES[name](line, rng)
            for piece in outcome[0].split("\n") if outcome else []:
                assert hypotheses(piece, MODEL) == hypotheses(piece, PURE)


@thorough
@given(st.lists(WINDOWS, max_size=4), st.sampled_from(["", "\n"]))
@example(["中文", "\ufffd" * 9 + "漢字" * 9, "a" * 20], "")
@example(["ÖÐÎÄ" + line for line in LINES["zh-Hans"][:3]], "\n")
@example(["\U000e0100" * 4 + LINES["ja"][0].encode().decode("cp932", "replace")], "")
def test_rows_that_may_have_been_misread_are_those_of_which_a_line_may(texts: list[str], joint: str) -> None:
    rows = [joint.join(texts), *texts]
    lines = [row.split("\n") for row in rows]
    expected = [any(True for _ in suspects.misread_lines(those, scan(those, MODEL), MODEL)) for those in lines]
    assert suspects.misread_texts(rows, MODEL) == expected


@pytest.mark.parametrize("place", [0, 3, 60, 200, 385])
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_damage_in_a_long_line_is_seen_by_what_is_near_it(language: str, place: int) -> None:
    line = "".join(LINES[language])[:390]
    odd = LINES[language][-1][:6].encode("utf-8").decode("gbk", "replace")
    text = line[:place] + odd + line[place:]
    lines, suspicions = [line, text], scan([line, text], MODEL)
    assert list(suspects.misread_lines(lines, suspicions, MODEL)) == [1]
    assert suspects.misread_texts(lines, MODEL) == [False, True]


def judged_without(text: str) -> Repair:
    with patch("mojibake_fix.engine.load_model", lambda: PURE):
        return fix_and_explain(text)


@thorough
@given(damaged_lines())
@example(ALL_LINES[0].encode().decode("gbk", "replace"))
def test_a_line_that_cannot_have_been_misread_has_no_hypothesis_to_make_or_report(line: str) -> None:
    suspicions = scan([line], MODEL)[0]
    if not suspicions:
        return
    [weight] = weighed([line], MODEL)
    if not suspects.may_be_misread(Line(line, 0, suspicions), weight, MODEL):
        assert all(h.evidence <= 0 for h in evidence.hypotheses_of(Line(line, 0, suspicions), weight, PURE))


def test_texts_are_repaired_with_the_kernel_as_without() -> None:
    rng = random.Random(11)
    texts = []
    for name in sorted(DAMAGES):
        language = rng.choice(["zh-Hans", "zh-Hant", "ja", "ko"])
        outcome = DAMAGES[name](rng.choice(LINES[language]), rng)
        texts += ["\n".join((outcome[0], rng.choice(LINES[language])))] if outcome else []
    expected = [judged_without(text) for text in texts]
    assert fix_many(texts) == [repair.text for repair in expected] == [fix_text(text) for text in texts]
    assert [fix_and_explain(text).plan for text in texts] == [repair.plan for repair in expected]
    assert sum(repair.text != text for repair, text in zip(expected, texts, strict=True)) >= 8


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "ja", "ko"])
def test_documents_of_many_lines_are_repaired_with_the_kernel_as_without(language: str) -> None:
    rng = random.Random(language)
    lines = rng.sample(LINES[language], 12)
    for name in ("byte-lost", "misread", "misread-lossy", "byte-split", "written-back", "gloss-astride"):
        outcome = DAMAGES[name](rng.choice(LINES[language]), rng)
        lines[rng.randrange(12)] = outcome[0] if outcome else lines[0]
    text = "\n".join(lines)
    assert fix_and_explain(text) == judged_without(text)


@pytest.mark.parametrize("size", [9, 399, 400, 30_000])
def test_lines_of_any_length_are_judged(size: int) -> None:
    line = ("中文，日本語。" * size)[:size]
    suspicions = [Suspicion(0, size)]
    assert suspects.may_be_misread(Line(line, 0, suspicions), math.inf, MODEL) is False
    broken = "".join(LINES["zh-Hans"])[:size].encode().decode("gbk", "replace")
    assert suspects.may_be_misread(Line(broken, 0, suspicions), math.inf, MODEL)


def test_without_the_kernel_every_line_that_weighs_enough_may_have_been_misread() -> None:
    line = Line("中文" * 20, 0, [Suspicion(0, 40)])
    assert suspects.may_be_misread(line, math.inf, PURE)
    assert not suspects.may_be_misread(line, 0.0, PURE)
    assert possible_channels("中文", trial_of(("gbk",), ("utf-8",)), evidence.LIMITS, PURE, above=0, twice=True) is None


def test_nothing_is_possible_where_nothing_can_have_been_read() -> None:
    assert possible_channels("中文", trial_of((), ("utf-8",)), evidence.LIMITS, MODEL, above=0, twice=True) == []
    assert set(ENCODINGS) >= {name for tier in TIERS for name in tier.encodings}
