"""What words say about a reading: those that a language has speak for it, those that none has against it.

Not for telling which words there are: that is :mod:`mojibake_fix.model.words`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mojibake_fix.model.words import SHORT, Word, WordLists, load_words, words_of
from mojibake_fix.repair.spans import Run
from mojibake_fix.repair.transcode import Reread

__all__ = [
    "MOST_OF_WORDS",
    "MOST_WITHOUT_WORDS",
    "WordTerms",
    "for_reading",
    "have_words",
    "may_have_words",
    "what_words_say",
    "whole_run",
    "with_gains",
]

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
U32 = npt.NDArray[np.uint32]

MOST_OF_WORDS, MOST_WITHOUT_WORDS = 16.0, 3.0
"""Nats that all words of a reading say at most, and where none of them is listed.  Of 709 damaged lines of eight
languages 665, 669 and 673 are read right with 9, 12 and 16; if readings without a word say 2 at most, 670, and 674 if
they say 6, where "AHÅ™" and two more that are right as they stand were read anew."""
_FIRST_EAST_ASIAN = 0x2E80
_LETTERS = re.compile(r"[^\W\d_]+")
_PLAIN = re.compile("[A-Za-z]+")
_LATIN = re.compile("[A-Za-z\xc0-\xd6\xd8-\xf6\xf8-\u024f\u1e00-\u1eff]+")
_OTHER_WORD, _OTHER_SPECIAL = -9.0, -15.5
"""Nats for a word, of ASCII or not, in a language that does not list it: somewhat less than its rarest listed one."""
_STRAY, _UNLIKELY = -7.0, -5.0
"""Nats, at most, for a language that the line's other words do not show, as names and quotations are of any; and what a
language must have for its words to count as the line's.  Of 13,500 clean lines with a name, a word of another language
or a letter put into them, 17 had a name read anew with -4 and without what is said of lists below, and 6 with both."""
_MOST_OF_A_WORD = 9.0
"""Nats: less than a word and its channel's prior, so that one that is in the lists by mistake decides nothing alone."""
_TITLE, _CAPITALS, _ODD_CAPITALS = -1.5, -3.0, -8.0
"""Nats for a word that begins with a capital, has no small letter, and has both otherwise: misread letters are capitals
as often as not, and words are not."""
_NOT_BESIDE, _BESIDE_NOTHING = -2.0, -5.0
"""Nats for a short word of which one neighbour is not listed, and neither is.  Of 115 è of Italian development text
36 % have both neighbours listed, 48 % one.  Of 5,049 sentences with foreign names and signs in them 9 are read anew;
without words, 31 were."""
_LANGUAGE_SHOWN = 6.0
"""Nats that plain words must say for some language for it to be one of which there are lists: "Sương mù trên sông dày
như len" has but one, which is Slovak."""
_ALL_LISTED, _NONE_LISTED = 4.0, -4.0
"""Nats for a reading of which all words that the text does not have are listed, and none is.  Readings of one letter
give a listed word in 825 of 926 damaged lines that have one; of those of 13,500 clean lines with letters put into them
that give none, 95 have evidence above 4 without this, and 16 with it."""
_IN_PLACE = -6.0
"""Nats: how likely a word by itself is beside a word for that to show that it is one."""
_MOST_OF_LETTERS, _NO_LETTER = 3.0, -5.0
"""Nats that the letters of an unlisted word say at most, for it and against it: one that no word has says all."""
_OPENING, _OPENED = re.compile(r"¿(?=[^¿]*\?)|¡(?=[^¡]*!)"), 7.0
"""A mark that opens a question or a cry, with one that closes it, and nats for it in Spanish, which has both."""
_RAISED, _OF_RAISED = re.compile(r"(?<=[a-z\xdf-\xf6\xf8-\xff])[\xaa\xb2\xb3\xb9\xba](?!\w)"), 5.0
"""A raised figure or letter behind a small one, and nats for it: notes have them, and training text has not.  Behind
"Ã" it is half of a letter."""
_QUOTED = re.compile("«[^«»]*»")
_HIGH, _OTHER_NAME = re.compile(r"[^\x00-\x7f]+"), -5.0
"""Nats for a word that no list has in place of another that begins with a capital: names have letters of any
language."""
_TYPED_AS = str.maketrans("аеорсухѕіјο", "aeopcyxsijo")


def may_have_words(text: str) -> bool:
    """Tell whether most letters of ``text`` are ASCII ones: only then words say what is right about the others."""
    plain = sum(map(len, _PLAIN.findall(text)))
    return 2 * plain > sum(map(len, _LETTERS.findall(text)))


class WordTerms(NamedTuple):
    """What words say about one track of ``n`` characters.

    Attributes:
        terms: To be added to its scores: ``float32[n]``, nats, at each word's last letter that is not ASCII.
        words: Where that is, of words of Latin letters: ``bool[n]``.
        anew: Of these, where the text as it stands does not have the word: ``bool[n]``.
        listed: Where the word is listed for a language that the line may be of: ``bool[n]``; of a word of one letter,
            where it is known beside its neighbours, too.
        in_place: Of each character that is a word by itself, beside how many of its neighbours it is known, in halves:
            ``float32[n]``.
    """

    terms: F32
    words: npt.NDArray[np.bool_]
    anew: npt.NDArray[np.bool_]
    listed: npt.NDArray[np.bool_]
    in_place: F32


def what_words_say(text: str, tracks: Sequence[U32], scores: Sequence[F32]) -> list[WordTerms]:
    """Return what words say about each of ``tracks``, of which the first is ``text`` as it stands.

    Args:
        text: The text.
        tracks: Code points.
        scores: Of each, by the language model (:func:`mojibake_fix.repair.spans.score_tracks`).
    """
    found = [_nothing(len(track)) for track in tracks]
    if may_have_words(text):
        _add_words(tracks, scores, found)
    return found


def for_reading(own: WordTerms, new: Reread, said: WordTerms) -> tuple[WordTerms, WordTerms]:
    """Return what words say about a text and about what it reads as anew: nothing where that is East Asian."""
    if bool(((new.points >= _FIRST_EAST_ASIAN) & ~new.holes).any()):
        return _nothing(len(own.terms)), _nothing(len(said.terms))
    return own, said


def _nothing(size: int) -> WordTerms:
    terms, in_place = np.zeros((2, size), np.float32)
    words, anew, listed = np.zeros((3, size), np.bool_)
    return WordTerms(terms, words, anew, listed, in_place)


def _add_words(tracks: Sequence[U32], scores: Sequence[F32], terms: Sequence[WordTerms]) -> None:
    texts = ["".join(map(chr, track.tolist())) for track in tracks]
    words = [words_of(text) for text in texts]
    special = [[word for word in found if not word.text.isascii()] for found in words]
    listable = [{word.form for word in found if _LATIN.fullmatch(word.text)} for found in special]
    plain = {word.form for word in words[0] if word.text.isascii()}
    # What was typed with a letter that looks like one of ASCII is that word.
    typed = {word.form: typed for word in special[0] if (typed := word.form.translate(_TYPED_AS)).isascii()}
    if not any(listable) and not any(map(_OPENING.search, texts)):
        return
    lists = load_words()
    short = {
        pair
        for found in special
        for word in found
        if len(word.form) <= SHORT
        for pair in (*word.neighbours, *word.kinds)
    }
    forms = sorted(plain.union(short, *listable, typed.values()))
    logp = dict(zip(forms, lists.look_up(forms), strict=True))
    special[0] = [
        word for word in special[0] if word.form not in typed or not np.isfinite(logp[typed[word.form]]).any()
    ]
    there = {word.form for word in words[0]}
    names = {
        _skeleton(word.form)
        for word in special[0]
        if word.text[0].isupper() and word.form in logp and not np.isfinite(logp[word.form]).any()
    }
    shown = _said(plain, logp, lists, _OTHER_WORD)
    is_known = bool(shown.max() > _LANGUAGE_SHOWN)
    shows = {form: _said([form], logp, lists, _OTHER_SPECIAL) for form in set().union(*listable)}
    for text, score, found, own, term in zip(texts, scores, special, listable, terms, strict=True):
        said = shown + sum(shows[form] for form in sorted(own))
        languages = _languages(said)
        for mark in _OPENING.finditer(text):
            is_spanish = languages[lists.languages.index("es")]
            term.terms[mark.start()] = np.logaddexp(0.0, is_spanish + _OPENED)
            term.listed[mark.start()] = term.anew[mark.start()] = is_spanish > _UNLIKELY
        for mark in _RAISED.finditer(text):
            term.terms[mark.start()] = _OF_RAISED
        for mark in _QUOTED.finditer(text):
            term.in_place[[mark.start(), mark.end() - 1]] = 1.0
        for word in found:
            # Where both readings part, so that a run has all of it or nothing.
            place = word.start + max(i for i, letter in enumerate(word.text) if not letter.isascii())
            by_characters = float(score[word.start : word.end].sum())
            # It does not show of itself which language it is of.
            likely = _languages(said - shows[word.form]) if word.form in shows else languages
            is_listed = word.form in logp and bool(np.isfinite(logp[word.form]).any())
            term.words[place] = _LATIN.fullmatch(word.text) is not None
            term.anew[place] = term.words[place] and word.form not in there and (is_known or is_listed)
            term.terms[place] = _of_word(word, by_characters, likely, logp, lists)
            if term is not terms[0] and not is_listed and _skeleton(word.form) in names:
                term.terms[place] += _OTHER_NAME
            if word.form not in logp or _of_case(word.text) == _ODD_CAPITALS:
                continue
            term.listed[place] = np.isfinite(logp[word.form][likely > _UNLIKELY]).any()
            if len(word.text) == 1:
                beside = [np.logaddexp.reduce(pair + likely) > _IN_PLACE for pair in _pairs(word, logp)]
                term.in_place[place] = sum(beside) / 2
                term.listed[place] &= all(beside)
                term.anew[place] &= all(beside) or not any(beside)


def have_words(text: str, tracks: Sequence[U32]) -> list[bool]:
    """Tell which of ``tracks`` have a listed word, or a mark that opens a question, that ``text`` does not have."""
    readings = ["".join(map(chr, track.tolist())) for track in tracks]
    there = {word.form for word in words_of(text)}
    forms = [{word.form for word in words_of(reading) if _LATIN.fullmatch(word.text)} - there for reading in readings]
    special = sorted({form for found in forms for form in found if not form.isascii()})
    listed = np.isfinite(load_words().look_up(special)).any(axis=1) if special else np.empty(0, np.bool_)
    known = {special[place] for place in np.flatnonzero(listed).tolist()}
    return [
        bool(found & known) or _OPENING.search(reading) is not None
        for found, reading in zip(forms, readings, strict=True)
    ]


def whole_run(new: Reread, wanted: npt.NDArray[np.bool_]) -> Run:
    """Return the run over all of the text's characters that are ``wanted`` (``bool[n]``), without its gain."""
    places = np.flatnonzero(wanted)
    first = int(np.searchsorted(new.text_cuts, places[0], side="right")) - 1
    last = int(np.searchsorted(new.text_cuts, places[-1], side="right"))
    start, end, new_start, new_end = (int(cut[i]) for cut in (new.text_cuts, new.new_cuts) for i in (first, last))
    return Run(start, end, new_start, new_end, gain=0.0)


def with_gains(runs: Sequence[Run], own: F32, logp: F32, of_own: WordTerms, said: WordTerms) -> list[Run]:
    """Return ``runs`` with their gains, of which at most :data:`MOST_OF_WORDS` in all are what words say.

    Args:
        own, logp: Scores of the two tracks, without what words say.
        of_own, said: What words say about them.
    """
    plain = [_gain(run, own, logp) for run in runs]
    of_words = [_gain_of_words(run, of_own, said) for run in runs]
    more = sum(
        int(said.listed[run.new_start : run.new_end].sum()) - int(of_own.listed[run.start : run.end].sum())
        for run in runs
    )
    most = MOST_OF_WORDS if more > 0 else MOST_WITHOUT_WORDS
    if runs:
        of_words[0] += _verdict(runs, said)
    share = min(1.0, most / max(sum(of_words), most))
    return [replace(run, gain=gain + share * words) for run, gain, words in zip(runs, plain, of_words, strict=True)]


def _gain_of_words(run: Run, of_own: WordTerms, said: WordTerms) -> float:
    """What words say for a run: what speaks against words that stand there counts for each that takes their place."""
    own, new = of_own.terms[run.start : run.end], said.terms[run.new_start : run.new_end]
    stand = int((of_own.terms[run.start : run.end] < 0.0).sum())
    share = min(1.0, int(said.words[run.new_start : run.new_end].sum()) / max(stand, 1))
    against = float(np.minimum(own, 0.0).sum())
    return float(new.sum()) - (share * against + float(np.maximum(own, 0.0).sum()))


def _verdict(runs: Sequence[Run], said: WordTerms) -> float:
    """What it says that all words that the runs give are listed, or that none is: nats."""
    anew = [said.anew[run.new_start : run.new_end] for run in runs]
    listed = [said.listed[run.new_start : run.new_end] for run in runs]
    words = sum(int(part.sum()) for part in anew)
    known = sum(int((part & are).sum()) for part, are in zip(anew, listed, strict=True))
    return 0.0 if not words else _ALL_LISTED if known == words else _NONE_LISTED if not known else 0.0


def _gain(run: Run, own: F32, new: F32) -> float:
    return float(new[run.new_start : run.new_end].sum() - own[run.start : run.end].sum())


def _of_word(word: Word, by_characters: float, languages: F64, logp: dict[str, F64], lists: WordLists) -> float:
    """How much likelier a word is than by its characters: nats."""
    unlisted = float(np.logaddexp.reduce(lists.missing + languages + _of_letters(word.text, lists)))
    if word.form not in logp:
        # A letter with an index, or of another alphabet, is a name of something.
        return unlisted if len(word.text) > SHORT else 0.0
    listed = logp[word.form]
    if len(word.form) <= SHORT:
        listed = listed + _beside(listed, *_pairs(word, logp))
    likely = float(np.logaddexp.reduce(listed + languages)) + _of_case(word.text)
    return min(float(np.logaddexp(likely - by_characters, unlisted)), _MOST_OF_A_WORD)


def _pairs(word: Word, logp: dict[str, F64]) -> list[F64]:
    """How likely a short word is beside either neighbour, or beside one of its kind: nats, by language."""
    return [
        np.where(np.isfinite(logp[pair]), logp[pair], logp[kind])
        for pair, kind in zip(word.neighbours, word.kinds, strict=True)
    ]


def _beside(listed: F64, before: F64, behind: F64) -> F64:
    """How much likelier a word is between its neighbours than anywhere: nats, by language."""
    either = np.isfinite(before) | np.isfinite(behind)
    with np.errstate(invalid="ignore"):
        gains = [np.where(np.isfinite(pair), pair - listed, _NOT_BESIDE) for pair in (before, behind)]
    return np.where(np.isfinite(listed), np.where(either, gains[0] + gains[1], _BESIDE_NOTHING), 0.0)


def _of_letters(word: str, lists: WordLists) -> F64:
    """How much likelier the letters of an unlisted word are in each language than in any: nats."""
    points = np.array([ord(letter) for letter in word if not letter.isascii()], np.uint32)
    places = np.minimum(np.searchsorted(lists.letters, points), len(lists.letters) - 1)
    known = lists.letters[places] == points
    of_each = lists.letter_logp[:, places]
    in_any = np.logaddexp.reduce(of_each, axis=0) - np.log(len(lists.languages))
    if not known.any() and len(points) == len(word):
        # A word of another alphabet is one of another language.
        return np.zeros(len(lists.languages))
    ratio = np.where(known, of_each - in_any, _NO_LETTER).sum(axis=1)
    return np.asarray(np.clip(ratio, _NO_LETTER, _MOST_OF_LETTERS))


def _said(forms: Iterable[str], logp: dict[str, F64], lists: WordLists, unlisted: float) -> F64:
    """How much likelier words are in each language than in one that does not list them: nats."""
    known = [logp[form] - unlisted for form in sorted(forms)]
    return np.asarray(np.maximum(np.array(known).reshape(-1, len(lists.languages)), 0.0).sum(axis=0))


def _skeleton(form: str) -> str:
    return _HIGH.sub("", form)


def _of_case(word: str) -> float:
    """What the capitals of a word cost: nats."""
    if word.islower():
        return 0.0
    if word[1:].islower() or len(word) == 1:
        return _TITLE
    return _CAPITALS if word.isupper() else _ODD_CAPITALS


def _languages(said: F64) -> F64:
    """How likely the line is in each language: nats."""
    likely: F64 = np.maximum(said - np.logaddexp.reduce(said), _STRAY)
    return likely - float(np.logaddexp.reduce(likely))
