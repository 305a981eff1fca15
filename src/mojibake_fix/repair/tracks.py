"""How likely a text is as it stands, and what it may be read as: character by character, by the language model.

Beside that model speak the alphabets that words are of, the forms in which a document writes, and that much is no
running text.  The kernel gives the same (``_tracks.c``).  Not for which spans of a text are better read anew:
:mod:`mojibake_fix.repair.spans`.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mojibake_fix.encodings import REPLACEMENT_CHARACTER
from mojibake_fix.model import BOUNDARY, NgramModel, fold
from mojibake_fix.model.ngram import FIRST_OF_NO_USE, FORM_UNIT, OF_NO_USE, ONE_OF_ITS_CLASS
from mojibake_fix.model.scripts import look_alikes, mixes_scripts, script_numbers, symbol_flags, symbols_in_words

__all__ = ["TrackTerms", "as_it_stands", "score_tracks", "track_terms"]

F32 = npt.NDArray[np.float32]
U32 = npt.NDArray[np.uint32]

_MIXED_SCRIPTS = np.float32(-6.0)
"""Nats for two letters of different alphabets side by side: words have one.  The language model is one for all
languages, and knows the letters of some of them much better than those of others."""
_SYMBOL_IN_WORD = np.float32(-4.0)
"""Nats for a symbol between two letters that words do not have."""
_LOOK_ALIKE = np.float32(-3.5)
"""Nats, at least, for a letter of the text as it stands that looks like one of the word it is in: "Estа" with a
Cyrillic letter was typed so."""
_NO_TEXT_ENTER = -5.0
_NO_TEXT_NEXT = -1.5
_NO_TEXT_AGAIN = -0.2
_LONGEST_PERIOD = 4
_NO_TEXT = np.array([-4.6, -6.5, -10.5, -11.5], np.float32)
"""Nats a character for ASCII, for what single-byte encodings hold, for ideographs and syllables, for controls and
private use."""
_LOST = np.float32(-7.0) / np.float32(3)
"""Nats for a replacement character of the text as it stands, a third of what a character costs that holes stand for:
text of any encoding may have lost some of its own characters, of three bytes at most, so that marks say nothing for a
misread.  With the cost of a character that no text has, one in ten clean lines in which a few characters were lost was
read as something else."""


class TrackTerms(ctypes.Structure):
    """``scoring`` of ``_tracks.h``."""

    _fields_ = (
        ("scripts", ctypes.c_void_p),
        ("symbols", ctypes.c_void_p),
        ("form_unit", ctypes.c_double),
        ("astral_form", ctypes.c_double),
        ("form_of_no_use", ctypes.c_double),
        ("mixed_scripts", ctypes.c_double),
        ("symbol_in_word", ctypes.c_double),
        ("look_alike", ctypes.c_double),
        ("no_text", ctypes.c_double * 4),
        ("no_text_enter", ctypes.c_double),
        ("no_text_next", ctypes.c_double),
        ("no_text_again", ctypes.c_double),
        ("lost", ctypes.c_double),
        ("longest_period", ctypes.c_int32),
        ("first_of_no_use", ctypes.c_uint32),
    )


@functools.cache
def track_terms() -> TrackTerms:
    """Return the numbers of this module as the kernel sees them; what they point into is kept as long."""
    return TrackTerms(
        scripts=script_numbers().ctypes.data,
        symbols=symbol_flags().ctypes.data,
        form_unit=FORM_UNIT,
        astral_form=ONE_OF_ITS_CLASS,
        form_of_no_use=OF_NO_USE,
        mixed_scripts=float(_MIXED_SCRIPTS),
        symbol_in_word=float(_SYMBOL_IN_WORD),
        look_alike=float(_LOOK_ALIKE),
        no_text=tuple(_NO_TEXT.tolist()),
        no_text_enter=_NO_TEXT_ENTER,
        no_text_next=_NO_TEXT_NEXT,
        no_text_again=float(np.float32(_NO_TEXT_AGAIN)),
        lost=float(_LOST),
        longest_period=_LONGEST_PERIOD,
        first_of_no_use=FIRST_OF_NO_USE,
    )


def score_tracks(tracks: Sequence[U32], model: NgramModel) -> list[F32]:
    """Score code point tracks in one pass, each on its own, in the style that fits it best: nats a character."""
    if not tracks:
        return []
    if model.compiled is not None:
        return _scored(tracks, model)
    boundary = np.array([BOUNDARY], np.uint32)
    joined = np.concatenate([part for track in tracks for part in (boundary, track)])
    logp = model.logp(fold(joined, model.fold_table))
    logp[1:] += _MIXED_SCRIPTS * mixes_scripts(joined)
    logp += _SYMBOL_IN_WORD * symbols_in_words(joined)
    forms = model.form_logp(joined)
    scores, position = [], 0
    for track in tracks:
        begin, position = position + 1, position + 1 + len(track)
        form = forms[:, begin:position]
        scores.append(logp[begin:position] + form[int(form.sum(axis=1).argmax())])
    return scores


def _scored(tracks: Sequence[U32], model: NgramModel) -> list[F32]:
    """:func:`score_tracks` by the kernel."""
    assert model.compiled is not None
    points = np.ascontiguousarray(np.concatenate(tracks), np.uint32)
    offsets = np.cumsum([0, *map(len, tracks)], dtype=np.int64)
    scores = np.empty(points.size, np.float32)
    failed = model.compiled.kernel.score_tracks(
        ctypes.byref(model.compiled.layout), ctypes.byref(track_terms()), model.forms.ctypes.data, points.ctypes.data,
        offsets.ctypes.data, len(tracks), scores.ctypes.data,
    )  # fmt: skip
    if failed:
        raise MemoryError("no room to score a text")
    return np.split(scores, offsets[1:-1])


def as_it_stands(points: U32, logp: F32, model: NgramModel) -> F32:
    """The text's own track: each character by the language model, or as part of something that is no running text.

    Tables, code, inventories and lists of symbols are right as they stand, however unlikely their characters are in
    sentences.  A stretch of them costs ``_NO_TEXT_ENTER`` once, and then what a character of its class costs if all are
    alike (the logarithm of the class's size), ``_NO_TEXT_NEXT`` for one that repeats the one before or counts on, or
    ``_NO_TEXT_AGAIN`` for one of a short sequence that is there again, whole.
    """
    if model.compiled is None:
        return _as_it_stands_pure(points, logp)
    points, logp = np.ascontiguousarray(points), np.ascontiguousarray(logp)
    track = np.empty(len(points), np.float32)
    kernel, terms = model.compiled.kernel, ctypes.addressof(track_terms())
    if kernel.as_it_stands(terms, points.ctypes.data, points.size, logp.ctypes.data, track.ctypes.data):
        raise MemoryError("no room to score a text")
    return track


def _as_it_stands_pure(points: U32, logp: F32) -> F32:
    lost = points == REPLACEMENT_CHARACTER
    logp = np.where(lost, _LOST, np.maximum(logp, np.where(look_alikes(points), _LOOK_ALIKE, -np.inf)))
    logp = logp.astype(np.float32)
    flat = np.where(lost, _LOST, _NO_TEXT[_class_of(points)]).astype(np.float32)
    goes_on = (np.abs(np.diff(points.astype(np.int64))) <= 1) & (points[1:] != REPLACEMENT_CHARACTER)
    flat[1:] = np.where(goes_on, _NO_TEXT_NEXT, flat[1:])
    flat[_said_again(points)] = _NO_TEXT_AGAIN
    # The best of "by the model" and "a stretch of no text", as a two-state Viterbi search.
    outside, inside = 0.0, _NO_TEXT_ENTER
    entered: list[bool] = []
    left: list[bool] = []
    for plain, alike in zip(logp.tolist(), flat.tolist(), strict=True):
        enters = outside + _NO_TEXT_ENTER > inside
        entered.append(enters)
        inside = (outside + _NO_TEXT_ENTER if enters else inside) + alike
        left.append(inside > outside + plain)
        outside = max(outside + plain, inside)
    track = logp.copy()
    place = len(track)
    within = False
    while place > 0:
        place -= 1
        within = within or left[place]
        if within:
            track[place] = flat[place] + (_NO_TEXT_ENTER if entered[place] else 0.0)
            within = not entered[place]
    return track


def _said_again(points: U32) -> npt.NDArray[np.bool_]:
    """The characters with which up to ``_LONGEST_PERIOD`` characters are there the third time in a row, and later."""
    again = np.zeros(len(points), bool)
    for period in range(1, _LONGEST_PERIOD + 1):
        alike = (points[period:] == points[:-period]) & (points[period:] != REPLACEMENT_CHARACTER)
        counted = np.concatenate(([0], np.cumsum(alike)))
        whole = counted[2 * period :] - counted[: -2 * period] == 2 * period
        again[3 * period - 1 :] |= whole
    return again


def _class_of(points: U32) -> npt.NDArray[np.intp]:
    return np.select(
        [
            points < 0x80,
            (points < 0xA0) | ((points >= 0xD800) & (points < 0xF900)) | (points == REPLACEMENT_CHARACTER),
            (points < 0x2E80) | (points >= 0xFF61),
        ],
        [0, 3, 1],
        default=2,
    )
