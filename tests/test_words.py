"""Lists of words, and what words say about lines of which one letter was misread."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mojibake_fix
from mojibake_fix import Config, fix_and_explain, fix_text
from mojibake_fix.engine.misreads import repair_misreads
from mojibake_fix.engine.stage import start_round
from mojibake_fix.model import code_points, load_model
from mojibake_fix.model.container import read_container
from mojibake_fix.model.words import load_words, word_keys, words_of
from mojibake_fix.repair.spans import Run
from mojibake_fix.repair.tracks import score_tracks
from mojibake_fix.repair.words import MOST_OF_WORDS, have_words, may_have_words, what_words_say, with_gains

LISTS = load_words()
MODEL = load_model()
FILE = Path(mojibake_fix.__file__).parent / "data" / "words.bin"
MOST_BYTES = 565_000

REPAIRED = {
    "one letter, a word by itself": (
        "La vecchia libreria Þ in fondo alla strada.",
        "La vecchia libreria è in fondo alla strada.",
    ),
    "one letter in a word": ("El autobœs llega siempre a la misma hora.", "El autobús llega siempre a la misma hora."),
    "the last letter": ("Nasz pies lubi spaæ na kanapie.", "Nasz pies lubi spać na kanapie."),
    "the first syllable": ("ZÝtra pojedeme vlakem do hor.", "Zítra pojedeme vlakem do hor."),
    "a letter and its neighbour": ("O menino n縊 quer comer a sopa.", "O menino não quer comer a sopa."),
    "half of a letter is no note": ("Prima o poi me ne sbarazzerÃ².", "Prima o poi me ne sbarazzerò."),
    "sharp s": ("Gestern haben wir ein gro遝s Schiff gesehen.", "Gestern haben wir ein großes Schiff gesehen."),
    "a word by itself, of another alphabet": (
        "La finestra della cucina и rotta da ieri.",
        "La finestra della cucina è rotta da ieri.",
    ),
    "a word by itself, of an East Asian encoding": (
        "La finestra della cucina 猫 rotta da ieri.",
        "La finestra della cucina è rotta da ieri.",
    ),
    "a mark that opens a question": (
        "żDónde dejaste las llaves del coche?",
        "¿Dónde dejaste las llaves del coche?",
    ),
    "a sign that was a mark": ("└No tienes nada que hacer?", "¿No tienes nada que hacer?"),
    "a mark that opens a cry": ("ÁVen a comer ahora mismo!", "¡Ven a comer ahora mismo!"),
    "an apostrophe that was a letter": ("La panader’a abre temprano.", "La panadería abre temprano."),
    "half-width kana": ("La boulangerie est fermＦ le lundi.", "La boulangerie est fermée le lundi."),
    "a no-break space that was a letter": ("A f\xa0brica fechou no ano passado.", "A fábrica fechou no ano passado."),
    "a Greek letter": ("A porta da escola jα fechou.", "A porta da escola já fechou."),
    "by Mac OS": (
        "Sono attese piogge intense lungo la costa gi‡ da domani.",
        "Sono attese piogge intense lungo la costa già da domani.",
    ),
}
LEFT = (
    "Ieri il signor Kovač ha incontrato Modrić e la signora Škoda.",
    "Das Wort¹ steht im Glossar, die Quelle² im Anhang, die Zahl³ im Text.",
    "O preço é de 5 € por m² e o prazo é o 1º de maio.",
    "L'angolo α misura 30 gradi, e il raggio ρ vale 2.",
    "Le fleuve Ångerman coule en Suède, et l'Øresund au sud.",
    "Herr Wałęsa und Frau Çelik wohnen in der Gasse Nº 5.",
    "The variable xβ depends on yγ, and Tom† died in 1920.",
    "El número π y la letra ñ aparecen en la tabla.",
    "Il carattere 猫 significa gatto, e la lettera č si legge dolce.",
    "Die Stadt Jõgeva liegt bei Põltsamaa, nicht weit von Võru.",
    "Estа universidade é muito antiga, disse ela.",
)


@pytest.mark.parametrize(("damaged", "truth"), REPAIRED.values(), ids=list(REPAIRED))
def test_words_tell_what_a_letter_was(damaged: str, truth: str) -> None:
    repair = fix_and_explain(damaged)
    assert repair.text == truth
    assert all(step.lossless and step.confidence >= 0.9 for step in repair.plan.steps)
    assert fix_text(truth) == truth


@pytest.mark.parametrize("text", LEFT)
def test_names_and_signs_that_make_no_word_anew_are_left(text: str) -> None:
    assert fix_text(text) == text


def test_the_installed_lists_are_what_was_built_and_say_from_what() -> None:
    container = read_container(FILE, verify=True)
    assert FILE.stat().st_size <= MOST_BYTES
    assert {row["language"] for row in container.meta["provenance"]} >= set(LISTS.languages)
    assert all(row["licence"] and row["version"] for row in container.meta["provenance"])


@pytest.mark.parametrize(
    ("word", "language"),
    [
        ("perché", "it"),
        ("también", "es"),
        ("même", "fr"),
        ("não", "pt"),
        ("größe", "de"),
        ("jeśli", "pl"),
        ("když", "cs"),
    ],
)
def test_a_word_is_listed_for_its_language(word: str, language: str) -> None:
    logp = LISTS.look_up([word])[0]
    assert LISTS.languages[int(logp.argmax())] == language
    assert -12 < logp.max() < -3


def test_what_is_no_word_is_hardly_ever_found() -> None:
    words = [f"{a}ø{b}č{c}" for a in "bcdfg" for b in "hjklm" for c in "npqrstvwxz"]
    found = np.isfinite(LISTS.look_up(words))
    assert found.mean() < 0.002


def test_each_language_has_keys_of_its_own() -> None:
    keys = word_keys(["è", "più"], np.arange(len(LISTS.languages)))
    assert len(set(keys.ravel().tolist())) == keys.size


def test_words_are_letters_and_what_stands_between_letters() -> None:
    words = words_of("L'İzmir è «bellÎ©ssima», Tom¹. È m² x")
    assert [word.form for word in words] == ["l", "izmir", "è", "bellî©ssima", "tom", "è", "m", "x"]
    assert [word.neighbours for word in words if word.form == "è"] == [("izmir è", "è ^"), ("^ è", "è m")]
    assert all("L'İzmir è «bellÎ©ssima», Tom¹. È m² x"[word.start : word.end] == word.text for word in words)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("La città è bella.", True),
        ("Город большой.", False),
        ("", False),
        ("東京に行く NHK", False),
        ("123 — 45", False),
    ],
)
def test_words_are_asked_about_text_of_ascii_letters(text: str, expected: bool) -> None:
    assert may_have_words(text) is expected


def test_a_reading_that_gives_a_word_gains_and_one_that_gives_none_does_not() -> None:
    texts = ["Nessuno sapeva perchč era tardi.", "Nessuno sapeva perché era tardi.", "Nessuno sapeva perchø era tardi."]
    tracks = [code_points(text) for text in texts]
    stands, word, none = (said.terms.sum() for said in what_words_say(texts[0], tracks, score_tracks(tracks, MODEL)))
    assert word - stands > 6
    assert none - stands < 1
    assert have_words(texts[0], tracks) == [False, True, False]


def test_a_word_by_itself_is_known_beside_its_neighbours() -> None:
    text = "La casa è grande e Ż la lettera."
    tracks = [code_points(text)]
    [said] = what_words_say(text, tracks, score_tracks(tracks, MODEL))
    assert said.in_place[text.index("è")] > 0
    assert said.in_place[text.index("Ż")] == 0


def test_a_question_that_opens_is_spanish() -> None:
    texts = ["?Quieres venir conmigo al cine esta tarde?", "¿Quieres venir conmigo al cine esta tarde?"]
    tracks = [code_points(text) for text in texts]
    closed, opened = (said.terms.sum() for said in what_words_say(texts[0], tracks, score_tracks(tracks, MODEL)))
    assert opened - closed > 3


@pytest.mark.parametrize("line", [damaged for damaged, _ in REPAIRED.values()], ids=list(REPAIRED))
def test_the_kernel_leaves_out_no_channel_that_words_speak_for(line: str) -> None:
    compiled, pure = (repair_misreads(start_round(line, model, Config())).steps for model in (MODEL, MODEL.pure()))
    assert [(step.after, step.channel) for step in compiled] == [(step.after, step.channel) for step in pure]
    assert [step.evidence for step in compiled] == pytest.approx([step.evidence for step in pure], abs=0.1)


def test_all_words_of_a_line_say_so_much_at_most() -> None:
    text, truth = "Elle Útait trÞs fiÞre de sa riviÞre.", "Elle était très fière de sa rivière."
    tracks = [code_points(text), code_points(truth)]
    own, logp = score_tracks(tracks, MODEL)
    [of_own, said] = what_words_say(text, tracks, [own, logp])
    [run] = with_gains([Run(0, len(text), 0, len(truth), 0.0)], own, logp, of_own, said)
    assert said.terms.sum() - of_own.terms.sum() > MOST_OF_WORDS
    assert run.gain == pytest.approx(float(logp.sum() - own.sum()) + MOST_OF_WORDS, abs=0.01)
