"""The compiled kernel's look at many rows of text at once: which have anything that a stage would look at.

Decides what :mod:`mojibake_fix.engine.batch` decides without a kernel, from the same numbers, which are handed over
here.  It works on the buffer of an Arrow array as it is, or on one array of the code points of many strings.
Not for saying what is wrong with a row.
"""

from __future__ import annotations

import ctypes
import enum
import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from mojibake_fix.config import Unescape
from mojibake_fix.detect.escapes import escape_markers
from mojibake_fix.detect.misaligned import ASTRIDE_TERMS, ASTRIDE_TERMS_KNOWN, LETTERS_AS_SECOND_BYTES, PAIR_ENCODINGS
from mojibake_fix.detect.misread import WEIGHT_TERMS
from mojibake_fix.detect.odd_words import lexis
from mojibake_fix.detect.round_trip import ROUND_TRIP_TERMS
from mojibake_fix.detect.scan import SUMS
from mojibake_fix.encodings import encode_table, pair_table
from mojibake_fix.model import NgramModel, fold
from mojibake_fix.model.kernel import Gate, Pairing

__all__ = ["RowFlag", "look_at_lines", "look_at_points", "look_at_utf8"]

U8 = npt.NDArray[np.uint8]
U16 = npt.NDArray[np.uint16]
I64 = npt.NDArray[np.int64]


class RowFlag(enum.IntFlag):
    """What was found in a row; the bits of ``_rows.c``."""

    MARKER = 1
    """Something that every escape of some form contains: escapes are to be looked for."""
    READING = 2
    """Letters in parentheses that may be a converter's reading."""
    SPLIT = 4
    """Marks that a blind split may have left, or single bytes: streams read astride are to be looked for."""
    UNLIKELY = 8
    """A line that rang and weighs enough to have its misreads looked for."""
    SHIFTED = 16
    """A stretch that is likelier text when read from the middle of its characters."""
    INVALID = 32
    """Bytes that are no UTF-8; what comes behind them was not looked at."""
    LETTER = 64
    """A letter between wide characters that may be all that is left of another."""
    WRITTEN = 128
    """What a program may have written for two bytes that it could not read."""


def look_at_points(
    points: npt.NDArray[np.uint32],
    lengths: Iterable[int],
    model: NgramModel,
    *,
    unescape: Unescape,
    readings: bool,
    astride: bool = False,
) -> U8:
    """Look at rows of code points: flags (:class:`RowFlag`), ``uint8[rows]``.

    Args:
        points: All rows, one behind the other.
        lengths: How many code points each row has.
        model: A model that has a compiled form.
        unescape: Which escapes to look for.
        readings: Whether to look for readings.
        astride: Whether a stream has been found astride its characters elsewhere: then less is asked of each place.
    """
    lengths = np.fromiter(lengths, np.int64)
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
    return _look(points.ctypes.data, offsets, model, _gate(unescape, readings, astride, model), wide=True)


def look_at_lines(
    points: npt.NDArray[np.uint32], lines: int, model: NgramModel, *, unescape: Unescape, readings: bool, astride: bool
) -> U8:
    """Look at each line of one document: flags (:class:`RowFlag`), ``uint8[lines]``.

    Args:
        points: The document.
        lines: How many lines it has: one more than line feeds.
        model, unescape, readings, astride: As for :func:`look_at_points`.
    """
    assert model.compiled is not None
    flags = np.empty(lines, np.uint8)
    offsets = np.array([0, points.size], np.int64)
    gate = _gate(unescape, readings, astride, model)
    model.compiled.rows(SUMS, gate, points.ctypes.data, offsets, wide=True, lines=flags)
    return flags


def look_at_utf8(address: int, offsets: I64, model: NgramModel, *, unescape: Unescape, readings: bool) -> U8:
    """Look at rows of UTF-8, as an Arrow array holds them: flags (:class:`RowFlag`), ``uint8[len(offsets) - 1]``.

    Args:
        address: Of the buffer that ``offsets`` (in bytes, one more than there are rows) point into.
        offsets: Where each row begins, and where the last one ends.
        model: A model that has a compiled form.
        unescape: Which escapes to look for.
        readings: Whether to look for readings.
    """
    return _look(address, offsets, model, _gate(unescape, readings, False, model), wide=False)


def _look(data: int, offsets: I64, model: NgramModel, gate: Gate, *, wide: bool) -> U8:
    assert model.compiled is not None
    return model.compiled.rows(SUMS, gate, data, offsets, wide=wide)


def _gate(unescape: Unescape, readings: bool, astride: bool, model: NgramModel) -> Gate:
    """The tables of what is looked for, made once a model."""
    assert model.compiled is not None
    made = model.compiled.gates
    asked = (unescape, readings, astride)
    if asked not in made:
        made[asked] = _new_gate(unescape, readings, astride, model)
    return made[asked][0]


def _new_gate(unescape: Unescape, readings: bool, astride: bool, model: NgramModel) -> tuple[Gate, list[U16]]:
    gate = Gate(
        readings=readings,
        words=ctypes.addressof(lexis()),
        most_backoff=float(model.levels[1].backoff.max()),
        **WEIGHT_TERMS,
        **(ASTRIDE_TERMS_KNOWN if astride else ASTRIDE_TERMS),
        **ROUND_TRIP_TERMS,
    )
    markers = escape_markers(unescape)
    gate.marker_count = len(markers)
    for number, marker in enumerate(markers):
        gate.markers[number][: len(marker)] = tuple(marker.encode("ascii"))
    kept: list[U16] = []
    gate.pairing_count = len(PAIR_ENCODINGS)
    for number, (name, (first, last)) in enumerate(PAIR_ENCODINGS):
        encode, pairs = _bytes_of_points(name), fold(pair_table(name), model.fold_table)
        pairs[pair_table(name) == 0] = 0
        least = LETTERS_AS_SECOND_BYTES.get(name, math.inf)
        gate.pairings[number] = Pairing(encode.ctypes.data, pairs.ctypes.data, first, last, least)
        kept += (encode, pairs)
    return gate, kept


def _bytes_of_points(name: str) -> U16:
    """The two bytes of each code point, the one of ASCII; 0 for all others: ``uint16[65536]``."""
    packed = encode_table(name)
    double: U16 = np.where(packed >> 24 == 2, packed >> 8 & 0xFFFF, 0).astype(np.uint16)
    double[:0x80] = np.arange(0x80)
    return double
