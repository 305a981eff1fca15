"""What is evident is what the whole stage would find, with the kernel as without; what is not, is left to the stage."""

from __future__ import annotations

import dataclasses
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import make_cases
from corpus.damage import chain_of, misread_chain
from mojibake_fix import fix_and_explain, fix_many, fix_text
from mojibake_fix.engine import misreads
from mojibake_fix.engine.evident import evident_steps
from mojibake_fix.model import load_model
from mojibake_fix.plan import Fault, Misread

MODEL = load_model()
PURE = dataclasses.replace(MODEL, compiled=None)
LINES = {language: make_cases.sentences(language) for language in ("zh-Hans", "zh-Hant", "ja", "ko", "ru", "de")}
CHAINS = ("utf-8>latin-1", "utf-8>cp1252", "utf-8>gbk", "gbk>latin-1", "cp950>gbk", "cp932>cp1252", "cp949>cp1252")


def damaged(spec: str, line: str) -> str | None:
    outcome = misread_chain(chain_of(spec))(line, random.Random(0))
    return outcome[0] if outcome else None


@pytest.mark.parametrize("spec", CHAINS)
def test_most_lines_that_lost_nothing_are_evident(spec: str) -> None:
    language = {"cp950": "zh-Hant", "cp932": "ja", "cp949": "ko"}.get(spec.split(">")[0], "zh-Hans")
    pairs = [(line, raw) for line in LINES[language] if len(line) >= 16 and (raw := damaged(spec, line))]
    steps = evident_steps([raw for _, raw in pairs], MODEL)
    right = 0
    for (line, raw), step in zip(pairs, steps, strict=True):
        if step is not None:
            assert raw[: step.start] + step.after + raw[step.end :] == line
            assert step.lossless
            assert step.before == raw[step.start : step.end]
            right += 1
    assert right >= 0.6 * len(pairs) > 0


def test_no_clean_line_is_evident() -> None:
    lines = [line for those in LINES.values() for line in those]
    assert not any(evident_steps(lines, MODEL))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "plain",
        "è¿\x99æ\x98¯\nè¿\x99æ\x98¯ä¸\xadæ\x96\x87",
        "“caf\u00c3\u00a9” is what “café” looks like as mojibake",
        "è¿™æ˜¯ä¸\xadæ–‡, which ftfy cannot tell from mojibake",
        "è¿\ufffdæ\ufffdæ\ufffdä»¬ç\ufffdé",
    ],
)
def test_what_is_quoted_broken_or_short_is_not_evident(line: str) -> None:
    assert evident_steps([line], MODEL) == [None]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_the_kernel_tells_what_is_evident_as_numpy_does(data: st.DataObject) -> None:
    line = data.draw(st.sampled_from([line for those in LINES.values() for line in those]))
    raw = damaged(data.draw(st.sampled_from(CHAINS)), line) or line
    place = data.draw(st.integers(0, len(raw)))
    mixed = raw[:place] + data.draw(st.text(max_size=3)) + raw[place:]
    for text in (raw, mixed):
        assert evident_steps([text], MODEL) == evident_steps([text], PURE)


def test_a_batch_a_document_and_a_line_are_repaired_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line for line in LINES["zh-Hans"] if len(line) >= 16][:8]
    raws = [raw for line in lines if (raw := damaged("utf-8>cp1252", line))]
    document = "\n".join([*raws, LINES["zh-Hans"][0]])
    quick = [fix_and_explain(text) for text in [*raws, document]]
    assert fix_many([*raws, document]) == [repair.text for repair in quick]
    assert quick[-1].plan.steps[0].channel == (Misread("utf-8", "cp1252"),)
    assert {step.fault for repair in quick for step in repair.plan} == {Fault.MISREAD}
    monkeypatch.setattr(misreads, "evident_steps", lambda lines, _: [None] * len(lines))
    assert [fix_text(text) for text in [*raws, document]] == [repair.text for repair in quick]


def test_what_is_evident_is_made_only_if_it_is_as_sure_as_was_asked_for() -> None:
    raw = damaged("utf-8>latin-1", LINES["zh-Hans"][0])
    assert raw is not None
    assert fix_many([raw], min_confidence=0.999999999) == [raw]
