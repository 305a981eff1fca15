"""Misreads of single bytes behind which a program changed the text."""

from __future__ import annotations

import random
import unicodedata

import pytest

from corpus.damage import chain_of, misread_chain
from corpus.damage.post import STEPS
from mojibake_fix import fix_and_explain, fix_many, fix_text
from mojibake_fix.plan import Fault, apply_plan
from mojibake_fix.repair.posts import POSTS, may_be_read_as, posted_arcs

SENTENCES = {
    "zh-Hans": "他们把旧仓库改成了一间小小的书店，周末常常有人来这里读书。",
    "ja": "駅前の古い喫茶店は、来月から図書館になるそうです。",
    "ko": "내일 오후에 비가 온다고 하니 우산을 챙기세요.",
    "ru": "мы долго искали дорогу к старому мосту.",
    "de": "können sie mir bitte erklären, warum die tür so früh geöffnet wurde?",
}
CHAINS = (
    ("zh-Hans", "utf-8>cp1252"),
    ("zh-Hans", "utf-8>latin-1"),
    ("zh-Hans", "gbk>latin-1"),
    ("ja", "utf-8>mac-roman"),
    ("ko", "utf-8>cp1252"),
    ("ru", "utf-8>cp1252"),
    ("de", "utf-8>cp1252"),
)


def changed(text: str, spec: str, post: str) -> str:
    outcome = misread_chain(chain_of(spec))(text, random.Random(0))
    assert outcome is not None
    return POSTS[post](outcome[0])


def test_what_is_undone_is_what_the_damage_does() -> None:
    text = "Ã©ª½ ¨ ™ Š"
    assert all(POSTS[name](text) == STEPS[name](text) for name in POSTS)


@pytest.mark.parametrize("post", POSTS)
@pytest.mark.parametrize(("language", "spec"), CHAINS)
def test_a_misread_and_what_was_done_behind_it_are_undone_together(language: str, spec: str, post: str) -> None:
    text = SENTENCES[language]
    raw = changed(text, spec, post)
    found = fix_and_explain(raw)
    assert found.text.lower() == text
    assert apply_plan(raw, found.plan) == found.text == fix_many([raw])[0]
    assert fix_text(found.text) == found.text


def test_the_step_names_what_was_done_and_what_was_chosen() -> None:
    [step] = fix_and_explain(changed(SENTENCES["zh-Hans"], "gbk>cp1252", "nfkc")).plan.steps
    assert step.fault is Fault.LOSSY
    assert not step.lossless
    assert [str(link) for link in step.channel] == ["gbk read as cp1252, then nfkc"]
    assert all(0 <= start < end <= len(step.after) for start, end in step.restored)


def test_a_line_that_nothing_was_done_to_is_a_plain_misread() -> None:
    for language, spec in CHAINS:
        outcome = misread_chain(chain_of(spec))(SENTENCES[language], random.Random(0))
        assert outcome is not None
        [step] = fix_and_explain(outcome[0]).plan.steps
        assert [link.then for link in step.channel] == [""]
        assert step.lossless


@pytest.mark.parametrize(
    "text",
    [
        "add 1⁄2 cup of sugar and 3⁄4 cup of milk to the flour.",
        "le cœur a ses raisons que la raison ne connaît point, même à noël.",
        "ο συντελεστής μ είναι 0,3 και η γωνία 45°.",
        "não há órgãos à mão, disse a irmã à avó.",
        "der wert von μ liegt bei 1⁄2 ± 0,1 ...",
        "naı̈ve ̈ ̧ ́ marks of their own",
    ],
)
def test_small_letters_and_fractions_that_are_meant_stay(text: str) -> None:
    assert fix_text(text) == text


@pytest.mark.parametrize(
    "text", ["Musím pospíchat.", "¿Por qué están todos tan callados?", "Tom também fez isso.", "Così è la vita, però."]
)
def test_accents_that_are_characters_of_their_own_are_no_damage(text: str) -> None:
    apart = unicodedata.normalize("NFD", text)
    assert fix_text(apart) == apart


def test_an_image_of_several_characters_is_one_byte() -> None:
    [first, *_] = posted_arcs("1⁄2", "latin-1", "nfkc")
    assert {(arc.end, arc.masks) for arc in first} == {(1, (1 << 0x31 | 1 << 0xB9,)), (3, (1 << 0xBD,))}


def test_text_of_other_characters_was_not_read_as_an_encoding() -> None:
    assert may_be_read_as("ã©tã©", "latin-1", "lower-case")
    assert not may_be_read_as("жизнь", "latin-1", "lower-case")
    assert not may_be_read_as("plain", "latin-1", "lower-case")
