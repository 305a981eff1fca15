"""Arrays of what the encodings are: byte → code point, code point → bytes, and who can produce what.

Those of encodings of several bytes are computed by ``corpus/build_tables.py`` and read from their file: to compute
them takes a process that repairs one line a third of its time.  All are cached and read-only.  Nothing here looks at
text but :func:`common_encodings`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mojibake_fix.encodings import datafile
from mojibake_fix.encodings.registry import ENCODINGS, Encoding, lookup

__all__ = [
    "FOURS_OF_BMP",
    "REPERTOIRE_LIMIT",
    "REPLACEMENT_CHARACTER",
    "byte_table",
    "common_encodings",
    "computed_encode_table",
    "encode_table",
    "four_table",
    "pair_table",
    "repertoire",
    "repertoire_classes",
    "simple_encode_table",
    "triple_table",
]

REPERTOIRE_LIMIT = 0x30000
"""Code points below this have a class of their own in repertoire.bin: planes 0 to 2."""

FOURS_OF_BMP = 39420
"""Codes of four bytes of GB 18030, in their order, whose characters are in the BMP."""

_BMP = 0x10000
_NO_PAIRS = np.zeros(_BMP, np.uint32)
_NO_PAIRS.setflags(write=False)
_LINE_FEED = 1 << 24 | 0x0A << 16
_LONGEST_CODE = 4
REPLACEMENT_CHARACTER = 0xFFFD
"""What most decoders write for bytes that they cannot map."""


def byte_table(encoding: Encoding | str) -> NDArray[np.uint32]:
    """Return the code points of single bytes: uint32[256], 0 where a byte alone is no character.

    NUL maps to 0 by itself.  All 0 for wide encodings.
    """
    return _singles()[_resolve(encoding).name]


def pair_table(encoding: Encoding | str) -> NDArray[np.uint32]:
    """Return the code points of two-byte codes: uint32[65536] by ``lead << 8 | trail``, 0 where undefined.

    All 0 unless the structure is ``multi``.  The four codes of Big5-HKSCS that stand for two code points,
    and codes of three and four bytes (EUC-JP, EUC-TW, GB 18030), are not here.
    """
    row = _resolve(encoding)
    return _pairs(row.name) if row.structure == "multi" else _NO_PAIRS


@lru_cache(maxsize=1)
def triple_table() -> NDArray[np.uint32]:
    """Return the code points of EUC-JP's codes of three bytes: uint32[65536] by the last two; the first one is 8F."""
    _, part = _stored()
    return np.frombuffer(part("triples/euc-jp"), "<u4")


@lru_cache(maxsize=1)
def four_table() -> NDArray[np.uint32]:
    """Return the code points of GB 18030's codes of four bytes, from 81 30 81 30 on, up to the end of the BMP.

    ``uint32[39420]``; those that former editions of it had are among them.
    """
    _, part = _stored()
    return _frozen(np.cumsum(np.frombuffer(part("fours/gb18030"), "<u4"), dtype=np.uint32))


def encode_table(encoding: Encoding | str) -> NDArray[np.uint32]:
    """Return the bytes of BMP code points: uint32[65536], 0 where a code point cannot be encoded.

    ``length << 24 | b1 << 16 | b2 << 8 | b3`` with the first byte in ``b1`` and unused bytes 0.  A code of
    four bytes (GB 18030, EUC-TW) is those bytes themselves, first byte on top: it is 0x81 or more, and so no length.
    All 0 for stateful encodings and UTF-32, which have no such codes.
    """
    return _encode_table(_resolve(encoding))


def repertoire(codepoints: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Return for each code point the mask of encodings that produce it: uint64, same shape.

    Bit ``Encoding.bit`` is set where that encoding's ``encode`` takes the character.  Surrogates have none.
    A table look-up: about 4 ns a code point.

    Raises:
        ModelFormatError: The table's file is damaged.
    """
    masks, ids, beyond = _repertoire()
    points = np.asarray(codepoints)
    found: NDArray[np.uint64] = masks.take(ids.take(points, mode="clip"))
    if points.size and int(points.max()) >= REPERTOIRE_LIMIT:
        found[points >= REPERTOIRE_LIMIT] = beyond
    return found


def repertoire_classes() -> tuple[NDArray[np.uint64], NDArray[np.uint16]]:
    """Return the masks of all classes of characters, and the class of each code point below ``REPERTOIRE_LIMIT``.

    What :func:`repertoire` looks up: ``uint64[classes]`` and ``uint16[REPERTOIRE_LIMIT]``.

    Raises:
        ModelFormatError: The table's file is damaged.
    """
    masks, ids, _ = _repertoire()
    return masks, ids


def common_encodings(text: str) -> list[str]:
    """Return the names of the encodings that can produce every character of ``text``, in registry order.

    All of them for an empty text; none where a lone surrogate is in it.
    """
    points = _points_of(text)
    mask = int(np.bitwise_and.reduce(repertoire(points), initial=np.uint64(0xFFFF_FFFF_FFFF_FFFF)))
    return [name for name, encoding in ENCODINGS.items() if mask >> encoding.bit & 1]


def _resolve(encoding: Encoding | str) -> Encoding:
    return lookup(encoding) if isinstance(encoding, str) else encoding


def _frozen(table: NDArray[np.uint32]) -> NDArray[np.uint32]:
    table.setflags(write=False)
    return table


@cache
def _encode_table(encoding: Encoding) -> NDArray[np.uint32]:
    header, part = _stored()
    if encoding.name not in header["codes"]:
        return _frozen(computed_encode_table(encoding))
    table = simple_encode_table(byte_table(encoding), pair_table(encoding))
    points, codes = np.cumsum(np.frombuffer(part(f"codes/{encoding.name}"), "<u4").reshape(2, -1), 1, np.uint32)
    table[points] = codes
    return _frozen(table)


def simple_encode_table(singles: NDArray[np.uint32], pairs: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return what :func:`encode_table` would if there were no longer codes, and the first of two were always right."""
    table = np.zeros(_BMP, np.uint32)
    for length, decoded in ((2, pairs), (1, singles)):
        code = np.flatnonzero(decoded)
        # The last one written stays.
        code = code[decoded[code] < _BMP][::-1].astype(np.uint32)
        table[decoded[code]] = length << 24 | code << np.uint32(24 - 8 * length)
    table[0] = 1 << 24
    return table


def computed_encode_table(encoding: Encoding) -> NDArray[np.uint32]:
    """Return what :func:`encode_table` does, asked of the encoder: up to 20 ms of work."""
    table = np.zeros(_BMP, np.uint32)
    points = np.arange(_BMP, dtype=np.uint32)
    points = points[repertoire(points) >> np.uint64(encoding.bit) & np.uint64(1) == 1]
    if encoding.structure == "wide":
        if encoding.codec.startswith("utf-16"):
            units = points.byteswap() >> 16 if encoding.codec.endswith("le") else points
            table[points] = 2 << 24 | units << 8
    elif encoding.structure != "stateful":
        # A line break after each character, so that every line is one's code.
        points = points[points != 0x0A]
        lines = np.full((len(points), 2), 0x0A, "<u4")
        lines[:, 0] = points
        table[points] = _packed(encoding.encode(lines.tobytes().decode("utf-32-le")[:-1]) or b"")
        table[0x0A] = _LINE_FEED
    return table


@lru_cache(maxsize=1)
def _stored() -> tuple[dict[str, Any], Callable[[str], bytes]]:
    return datafile.read_parts("codes.bin")


@lru_cache(maxsize=1)
def _singles() -> dict[str, NDArray[np.uint32]]:
    header, part = _stored()
    tables: NDArray[np.uint32] = np.frombuffer(part("singles"), "<u4").reshape(-1, 0x100)
    return dict(zip(header["singles"], tables, strict=True))


@cache
def _pairs(name: str) -> NDArray[np.uint32]:
    _, part = _stored()
    return np.frombuffer(part(f"pairs/{name}"), "<u4")


def _points_of(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))


def _lines(units: NDArray[np.uint8] | NDArray[np.uint32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where each line of bytes or code points starts, and how long it is without its line feed."""
    ends = np.append(np.flatnonzero(units == 0x0A), len(units))
    starts = np.append(0, ends[:-1] + 1)
    return starts, ends - starts


def _packed(codes: bytes) -> NDArray[np.uint32]:
    """Return the codes in ``codes``, a line each, as :func:`encode_table` has them: uint32[lines]."""
    units = np.frombuffer(codes, np.uint8)
    starts, lengths = _lines(units)
    padded = np.append(units, np.zeros(_LONGEST_CODE, np.uint8))
    code: NDArray[np.uint32] = np.zeros(len(starts), np.uint32)
    for number in range(_LONGEST_CODE):
        code = code << np.uint32(8) | np.where(number < lengths, padded[starts + number], 0).astype(np.uint32)
    return np.where(lengths == _LONGEST_CODE, code, lengths.astype(np.uint32) << np.uint32(24) | code >> np.uint32(8))


@lru_cache(maxsize=1)
def _repertoire() -> tuple[NDArray[np.uint64], NDArray[np.uint16], np.uint64]:
    """Masks of the classes, class of each code point below the limit, and the mask of all beyond it."""
    header, payload = datafile.read("repertoire.bin")
    size = 8 * int(header["classes"])
    masks = np.frombuffer(payload[:size], "<u8").astype(np.uint64)
    ids = np.frombuffer(payload[size:], "<u2").astype(np.uint16)
    # Planes 3 to 16 hold nothing but what all of Unicode's forms and GB 18030 hold.
    beyond = np.uint64(sum(1 << e.bit for e in ENCODINGS.values() if e.family == "unicode" or e.name == "gb18030"))
    return masks, ids, beyond
