"""A glance misses no words: what it passes over has none for the look that aligns each character."""

from __future__ import annotations

import random

import pytest

from corpus import make_cases
from corpus.damage import chain_of, misread_chain
from mojibake_fix.detect.misread import TIERS
from mojibake_fix.engine.evidence import candidates_of
from mojibake_fix.engine.looks import trial_of
from mojibake_fix.model import load_model
from mojibake_fix.repair.glance import may_give_words
from mojibake_fix.repair.words import have_words

READ_AS = ("cp1252", "latin-1", "gbk", "cp437", "mac-roman", "cp1250")
CHAINS = ("utf-8>cp1252", "utf-8>gbk", "mac-roman>cp1252", "cp1252>cp437", "cp1250>cp1252")


@pytest.mark.parametrize("language", ["fr", "de", "en"])
def test_a_glance_misses_no_words(language: str) -> None:
    model = load_model()
    rng = random.Random(language)
    lines = make_cases.sentences(language)[:12]
    damaged = [misread_chain(chain_of(rng.choice(CHAINS)))(line, rng) for line in lines]
    told = 0
    for line in [*lines, *(outcome[0] for outcome in damaged if outcome)]:
        for tier in TIERS:
            for new in candidates_of(line, trial_of(READ_AS, tier.encodings), model):
                seen = may_give_words(line, [(new.encoding, new.read_as)])
                # A word with a letter that no byte stands for was not read so.
                assert seen or new.stream.passed.any() or have_words(line, [new.points]) == [False]
                told += not seen
    assert told


def test_a_glance_sees_words_and_opening_marks() -> None:
    assert may_give_words("Le cafÃ© est fermÃ©.", [("utf-8", "cp1252")])
    assert may_give_words("Â¿Vamos?", [("utf-8", "latin-1")])
    assert not may_give_words("1995–2001, a span", [("utf-8", "cp1252"), ("cp437", "cp1252")])
    assert not may_give_words("plain", [("utf-8", "cp1252")])
