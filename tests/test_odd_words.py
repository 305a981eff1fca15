"""Words that would be one with another letter: found by the kernel and by NumPy alike, and in hardly any clean line."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpus.damage import chain_of, misread_chain
from corpus.make_cases import sentences
from mojibake_fix.detect.odd_words import odd_words
from mojibake_fix.detect.rows import RowFlag, look_at_points
from mojibake_fix.detect.scan import scan, weigh
from mojibake_fix.model import code_points, load_model
from mojibake_fix.model.kernel import load_kernel

MODEL = load_model()
PURE = MODEL.pure()
LATIN = ("cs", "de", "en", "es", "fr", "it", "pl", "pt", "tr")
SPECS = ("cp1252>mac-roman", "mac-roman>cp1252", "cp850>cp1252", "cp1252>cp1250", "cp1252>cp1253", "cp1250>cp1252",
         "utf-8>gbk", "cp850>cp932", "cp1252>koi8-r", "cp1254>cp1252")  # fmt: skip
SENTENCES = [line for language in LATIN for line in sentences(language)]
MARKS = "‘’“”„…–—•·×°ªº®\xa0\xad¿¡?!èàčθи猫ｿＵœßİıŞ\n\x85\ue000\ufffdЁל"

needs_kernel = pytest.mark.skipif(load_kernel() is None, reason="no kernel was built, or none is wanted")
thorough = settings(deadline=None, max_examples=300, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A sentence, clean or misread, with a mark or two put into it."""
    line = draw(st.sampled_from(SENTENCES))
    spec = draw(st.sampled_from((None, *SPECS)))
    outcome = misread_chain(chain_of(spec))(line, random.Random(0)) if spec else None
    line = (outcome[0] if outcome else line).replace("\n", "")
    for mark in draw(st.lists(st.sampled_from(MARKS.replace("\n", "")), max_size=2)):
        place = draw(st.integers(0, len(line)))
        line = line[:place] + mark + line[place:]
    return line


FOUND = [
    ("Nessuno sapeva perchŠ era tardi.", "Š"),
    ("La matematica и fondamentale per tutti.", "и"),
    ("Tom č sempre in ritardo.", "č"),
    ("Vorrei che tu andassi lμ da sola.", "μ"),
    ("El autobœs llega a la misma hora.", "œ"),
    ("Elle te dＵeste, semble-t-il.", "Ｕ"),
    ("Per lei la casa 猫 bella.", "猫"),
    ("їQuieres venir conmigo al cine?", "ї"),
    ("…l ha perdido su paraguas.", "…"),
]
NOT_FOUND = (
    "Nessuno sapeva perché era tardi.",
    "She said that it’s “only a joke” – and left…",
    "¿Quieres venir conmigo? ¡No!",
    "In 北京 wohnen viele Leute, und die 大学 ist alt.",
    "Tom visited Łódź, Malmö and Århus with Zoë.",
    "The price is 5 € – or £4 – for 3 m² at 20 °C ± 1.",
    "Das Wort¹ steht im Glossar, die Quelle² im Anhang.",
)


@pytest.mark.parametrize("model", [pytest.param(MODEL, marks=needs_kernel), PURE], ids=["kernel", "NumPy"])
@pytest.mark.parametrize(("line", "letter"), FOUND)
def test_a_letter_that_makes_a_word_another_is_found(line: str, letter: str, model: object) -> None:
    assert odd_words([line], model) == [[line.index(letter)]]  # type: ignore[arg-type]


@pytest.mark.parametrize("line", NOT_FOUND)
def test_words_names_and_marks_are_not(line: str) -> None:
    assert odd_words([line], MODEL) == [[]]


def test_hardly_any_clean_sentence_has_one() -> None:
    assert sum(map(bool, odd_words(SENTENCES, MODEL))) <= len(SENTENCES) / 200


@needs_kernel
@thorough
@given(st.lists(st.one_of(lines(), st.text(st.characters(exclude_characters="\n"), max_size=30)), max_size=5))
@example(["", "a", "è", "a" * 39 + "Š", "a" * 40 + "Š", "aŠ" + "a" * 100])
def test_the_kernel_finds_what_numpy_does(batch: list[str]) -> None:
    assert odd_words(batch, MODEL) == odd_words(batch, PURE)


@needs_kernel
@thorough
@given(lines())
def test_a_line_with_one_is_looked_at(line: str) -> None:
    [places] = odd_words([line], MODEL)
    [flags] = look_at_points(code_points(line), [len(line)], MODEL, unescape="auto", readings=True)
    [marked] = scan([line], MODEL)
    assert all(any(span.in_word and span.start <= place < span.end for span in marked) for place in places)
    if places:
        assert flags & RowFlag.UNLIKELY
        assert weigh([line], [marked], MODEL) == [float("inf")]
