"""How likely a text is: ``log P(text | language)`` of many readings at once, bytes without a character penalised.

Two scores share one scale, nats.  :func:`quick_scores` looks at unigrams and at the bitmap of bigrams that clean text
has; :func:`full_scores` asks the language model.  A reading is the same bytes seen through one encoding, so the scores
of two readings compare as they are.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mojibake_fix.detect.encoding import scripts
from mojibake_fix.detect.encoding.capitals import (
    CAPITAL,
    LEAST_OF_LOWERED,
    SMALL,
    case_table,
    cases,
    has_words_in_capitals,
    in_lower_case,
    is_behind_capital,
)
from mojibake_fix.detect.encoding.catalogue import CATALOGUE
from mojibake_fix.detect.encoding.compiled import CompiledEvidence, Worth
from mojibake_fix.detect.encoding.readings import Readings, is_marked
from mojibake_fix.detect.encoding.scripts import CJK, LOWER, OTHER_ALPHABETS, script_kinds, script_logp
from mojibake_fix.model import STYLES, fold, load_model
from mojibake_fix.model.scan import absent, pack_bigrams

__all__ = [
    "BURST",
    "ERROR",
    "FINE_BURST",
    "PAIR",
    "Rarity",
    "bursts",
    "compiled_evidence",
    "form_logp",
    "full_logp",
    "full_scores",
    "never_seen",
    "pair_logp",
    "quick_logp",
    "quick_scores",
    "rare_places",
    "rarity",
    "stray_logp",
]

F32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Points = npt.NDArray[np.uint32]
Codes = npt.NDArray[np.uint16]
I64 = npt.NDArray[np.int64]

ERROR = -11.0
"""Nats for a byte that is no character: two such cost more than the rarest character of two bytes (15).  With 8, 97.8 %
of European texts of 8 and 16 characters are told right, with 11 and 14 98.2 %."""
_UNSEEN_BELOW = 3.0
_SEEN_SHARE = 0.6
"""A bigram that clean text has is worth this share of its unigram's nats, one that it has not three nats more than
all: fitted to the model's own scores on training text."""
_LOWEST = -15.0
_FOREIGN = -3.0
_HANJA = -1.0
"""Nats for a kana in Chinese or Korean, a hangul in Chinese or Japanese; for a Han character in Korean.  Without the
first, 99.5 % of CJK texts of 3 and 4 characters are told right, with 3 or 6 nats 99.8 %; the second, from 0 to 3, and
the cost of Traditional forms, from 0 to 4, decide none of them."""
_TRADITIONAL_IN_GB = 2.0
"""Nats that a character in its Traditional form costs in GB 18030, where both forms have codes."""
_UNWRITTEN = -10.0
"""Nats for a character beyond the first plane that is neither an ideograph nor an emoji: four-byte codes of GB 18030
that noise makes."""
_STRAY, _MOST_STRAY, _LATIN = -5.0, 2, 5
"""Nats for Latin text, of so many letters, in which so many of another alphabet stand, or in an encoding for another
script but without any letter of that: without the first, 98.0 % of European texts of 8 and 16 characters are told
right, with 5 and 10 98.2 %, and with the second 0.1 % more."""
_OTHER_SCRIPTS = {"zh-Hans", "zh-Hant", "ja", "ko", "ru", "uk", "el", "he", "ar", "th"}
BURST, FINE_BURST, PAIR = (6, 8), (3, 4), (2, 2)
"""So many rare bigrams of so many in a row are damage rather than names; fewer where a stream that is read astride may
right itself soon; and two may be, where one character is out of place."""


@dataclass(frozen=True, slots=True)
class Rarity:
    """How much of readings is not as clean text is.

    Attributes:
        rare: How many bigrams with a character beyond ASCII clean text does not have, errors included: ``float32[m]``.
        counted: Of how many: ``float32[m]``.
        errors: How many bytes are no character: ``float32[m]``.
        bursts: Whether many rare bigrams follow each other: ``bool[m]``.
    """

    rare: F32
    counted: F32
    errors: F32
    bursts: Bools

    @property
    def share(self) -> F32:
        """The share of rare bigrams, 0 where none are counted: ``float32[m]``."""
        return np.asarray(self.rare / np.maximum(self.counted, 1), np.float32)


def rarity(readings: Readings, burst: tuple[int, int] = BURST) -> Rarity:
    """Tell how much of each reading is not as clean text is; ``burst``: so many rare bigrams of so many in a row."""
    compiled = compiled_evidence()
    if compiled is not None:
        return Rarity(*compiled.readings(readings, None, burst, scored=False)[1:])
    return _rarity(readings, _bigrams(readings), burst)


def quick_scores(readings: Readings, burst: tuple[int, int] = FINE_BURST) -> tuple[F32, Rarity]:
    """Score each reading by its unigrams and by which of its bigrams clean text has: ``float32[m]``, nats.

    The answer of :func:`rarity` is the second.
    """
    compiled = compiled_evidence()
    if compiled is not None:
        score, rare, counted, errors, with_burst = compiled.readings(readings, None, burst, scored=True)
        assert score is not None
        return score, Rarity(rare, counted, errors, with_burst)
    bigrams = _bigrams(readings)
    return readings.sums(_with_forms(bigrams.logp, readings)), _rarity(readings, bigrams, burst)


def quick_logp(codes: Codes, rare: Bools) -> F32:
    """Score folded characters, of any shape, by themselves and by whether they make a rare bigram: nats."""
    unigram = load_model().unigram[codes]
    unseen_logp = np.maximum(unigram - np.float32(_UNSEEN_BELOW), np.float32(_LOWEST))
    return np.where(rare, unseen_logp, unigram * np.float32(_SEEN_SHARE))


def pair_logp(first: Codes, second: Codes, case_first: Codes, case_second: Codes, behind: Bools) -> tuple[F32, Bools]:
    """Score the second of two characters side by side, of any shape, as they are or in lower case: nats, and if rare.

    Args:
        first, second: Folded characters.
        case_first, case_second: Their cases.
        behind: Whether the second is behind a capital.
    """
    rare = absent(pack_bigrams(first, second), load_model().scan)
    logp = quick_logp(second, rare)
    capitals = np.nonzero(behind & (case_second != SMALL) & ((case_first > SMALL) | (case_second > SMALL)))
    if not capitals[0].size:
        return logp, rare
    before, here = (
        np.where(case[capitals] > SMALL, case[capitals], codes[capitals])
        for case, codes in ((case_first, first), (case_second, second))
    )
    stored, _, found = load_model().levels[0].get((before.astype(np.uint64) << np.uint64(16)) | here)
    low_logp = np.where(found, stored, quick_logp(here, ~found))
    low_logp += np.float32(CAPITAL) * (case_second[capitals] > SMALL)
    logp[capitals] = np.maximum(logp[capitals], low_logp)
    rare[capitals] &= ~found | (stored < np.float32(LEAST_OF_LOWERED))
    return logp, rare


def full_scores(readings: Readings) -> F32:
    """Return ``log P(reading)`` by the language model, nats: ``float32[m]``."""
    compiled = compiled_evidence()
    if compiled is None:
        return readings.sums(full_logp(readings))
    score = compiled.readings(readings, _model_logp(readings), BURST, scored=True)[0]
    assert score is not None
    return score


def full_logp(readings: Readings) -> F32:
    """Return the log-probability of every code point, errors penalised: ``float32[n]``, nats."""
    return _with_forms(_model_logp(readings), readings)


def never_seen(points: Points) -> Bools:
    """Tell which of ``points`` are characters beyond ASCII that no text has which the model was trained on: ``bool``.

    Syllables of hangul are not among them: people spell as they speak.
    """
    model = load_model()
    unigram = model.unigram[fold(points, model.fold_table)]
    syllable = (points >= 0xAC00) & (points < 0xD7A4)
    found: Bools = (unigram <= model.unigram.min()) & (points >= 0x80) & ~is_marked(points) & ~syllable
    return found


def stray_logp(readings: Readings, names: Sequence[str]) -> F32:
    """Nats for Latin text with a letter or two of another alphabet, or in an encoding not for it: ``float32[m]``.

    Args:
        readings: What to look at.
        names: The encodings that they were read as, each the same number of them, in their order.
    """
    kinds = script_kinds(readings.points)
    others, latin, cjk = (readings.counts(kinds == kind) for kind in (OTHER_ALPHABETS, LOWER, CJK))
    not_for_latin = np.array([_is_of_other_script(name) for name in names]).repeat(len(readings.ends) // len(names))
    stray = (others > 0) & (others <= _MOST_STRAY) | not_for_latin & (others + cjk == 0)
    found: F32 = np.float32(_STRAY) * (stray & (latin >= _LATIN))
    return found


def _is_of_other_script(name: str) -> bool:
    return bool(set(CATALOGUE[name].languages) & _OTHER_SCRIPTS) if name in CATALOGUE else False


def rare_places(readings: Readings) -> set[int]:
    """Return the code points of the only reading that make a rare bigram, beyond ASCII, with the one before."""
    bigrams = _bigrams(readings)
    return set(np.flatnonzero(bigrams.rare & bigrams.counted).tolist())


@functools.lru_cache(maxsize=1)
def compiled_evidence() -> CompiledEvidence | None:
    """The kernel with what characters are worth; None where there is no kernel."""
    compiled = load_model().compiled
    if compiled is None:
        return None
    kept = (_style_tables(), scripts.script_table(), scripts.NEXT_TO, case_table())
    worth = Worth(
        *(table.ctypes.data for table in kept),
        scripts.ALONE.ctypes.data_as(ctypes.POINTER(ctypes.c_float * 3)).contents,
        scripts.SYMBOL_IN_WORD,
        scripts.PRIVATE_USE,
        CAPITAL,
        LEAST_OF_LOWERED,
        _UNWRITTEN,
        ERROR,
        _UNSEEN_BELOW,
        _LOWEST,
        _SEEN_SHARE,
    )
    return CompiledEvidence(compiled, worth, kept)


def _model_logp(readings: Readings) -> F32:
    """By the language model, of each code point as it is or, if in a word in capitals, in lower case."""
    model = load_model()
    codes = fold(readings.points, model.fold_table)
    logp = model.logp(codes)
    case = cases(readings.points)
    if not has_words_in_capitals(case):
        return logp
    low, capitals = in_lower_case(codes, case, is_behind_capital(readings.points, case))
    found: F32 = np.maximum(logp, model.logp(low) + np.float32(CAPITAL) * capitals)
    return found


def _with_forms(logp: F32, readings: Readings) -> F32:
    """Add what the forms and the neighbours of characters are worth to ``logp``; errors and ends have their own."""
    styles = np.repeat(readings.styles, np.diff(readings.ends, prepend=-1))
    logp = logp + form_logp(readings.points, styles)
    logp += script_logp(readings.points)
    logp[is_marked(readings.points)] = ERROR
    logp[readings.ends] = 0
    return logp


@dataclass(frozen=True, slots=True)
class _Bigrams:
    """Of each code point, with the one before: its quick score in nats, whether that is rare, whether it counts."""

    logp: F32
    rare: Bools
    counted: Bools


def _bigrams(readings: Readings) -> _Bigrams:
    codes = fold(readings.points, load_model().fold_table)
    case = cases(readings.points)
    behind = is_behind_capital(readings.points, case)
    rare = np.zeros(len(codes), bool)
    logp = quick_logp(codes, rare)
    logp[1:], rare[1:] = pair_logp(codes[:-1], codes[1:], case[:-1], case[1:], behind[1:])
    rare |= is_marked(readings.points)
    counted = codes >= 0x80
    counted[1:] |= counted[:-1].copy()
    counted[readings.ends] = False
    return _Bigrams(logp, rare, counted)


def _rarity(readings: Readings, bigrams: _Bigrams, burst: tuple[int, int]) -> Rarity:
    found = bigrams.rare & bigrams.counted
    places = found.nonzero()[0]
    owners = readings.ends.searchsorted(places)
    with_burst = np.zeros(len(readings.ends), bool)
    with_burst[owners[bursts(places, owners, *burst)]] = True
    errors = readings.counts(is_marked(readings.points))
    return Rarity(readings.counts(found), readings.counts(bigrams.counted), errors, with_burst)


def bursts(places: I64, owners: I64, many: int, of: int) -> I64:
    """Return the indices, in ``places``, of the rare bigrams at which bursts begin.

    Args:
        places: Where the rare bigrams are, sorted.
        owners: Which reading each is in.
        many, of: So many of so many in a row are a burst.
    """
    last = many - 1
    return np.flatnonzero((places[last:] - places[:-last] < of) & (owners[last:] == owners[:-last]))


@functools.lru_cache(maxsize=1)
def _style_tables() -> F32:
    """``log P(form | folded character, style)``, and what text of a style has little of.

    ``float32[6, 65536]``, nats: the styles of the model, any style, no style.
    """
    forms = load_model().forms.astype(np.float32) * np.float32(1 / 8)
    rows = {style: forms[STYLES.index(style)] for style in STYLES}
    rows["zh-Hans"] = np.maximum(rows["zh-Hans"], rows["zh-Hant"] - np.float32(_TRADITIONAL_IN_GB))
    kana, hangul, han = slice(0x3041, 0x30FB), slice(0xAC00, 0xD7A4), slice(0x4E00, 0xA000)
    for style, foreign in (
        ("zh-Hans", (kana, hangul)),
        ("zh-Hant", (kana, hangul)),
        ("ja", (hangul,)),
        ("ko", (kana,)),
    ):
        for block in foreign:
            rows[style][block] += _FOREIGN
    rows["ko"][han] += _HANJA
    return np.stack([*(rows[style] for style in STYLES), forms.max(axis=0), np.zeros(0x10000, np.float32)])


def form_logp(points: Points, style: int | npt.NDArray[np.uint8]) -> F32:
    """Return what the forms of ``points`` are worth in a style (a row of the tables), or each in its own: nats."""
    index = (np.asarray(style, np.uint32) << np.uint32(16)) | np.minimum(points, 0xFFFF)
    found: F32 = _style_tables().ravel()[index]
    astral = points > 0xFFFF
    if astral.any():
        written = (points < 0x1FB00) & (points >= 0x1F000) | (points >= 0x20000)
        found[astral & ~(written & (points < 0x323B0))] = _UNWRITTEN
    return found
