"""Arrays computed from the encodings: byte → code point, code point → bytes, and who can produce what.

All are cached and read-only.  Nothing here looks at text but :func:`common_encodings`.
"""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from mojibake_fix.encodings import datafile
from mojibake_fix.encodings.dialects import dialect
from mojibake_fix.encodings.euctw import cns_table
from mojibake_fix.encodings.registry import ENCODINGS, Encoding, lookup

__all__ = [
    "REPERTOIRE_LIMIT",
    "REPLACEMENT_CHARACTER",
    "byte_table",
    "common_encodings",
    "encode_table",
    "pair_table",
    "repertoire",
]

REPERTOIRE_LIMIT = 0x30000
"""Code points below this have a class of their own in repertoire.bin: planes 0 to 2."""

_BMP = 0x10000
_HALF = 0x80
_LINE_FEED = 1 << 24 | 0x0A << 16
_LONGEST_CODE = 4
_WITH_LONGER_CODES = frozenset(("euc-jp", "euc-tw", "gb18030"))
"""Encodings of more than single bytes and pairs of them."""
REPLACEMENT_CHARACTER = 0xFFFD
"""What most decoders write for bytes that they cannot map."""


def byte_table(encoding: Encoding | str) -> NDArray[np.uint32]:
    """Return the code points of single bytes: uint32[256], 0 where a byte alone is no character.

    NUL maps to 0 by itself.  All 0 for wide encodings.
    """
    return _byte_table(_resolve(encoding))


def pair_table(encoding: Encoding | str) -> NDArray[np.uint32]:
    """Return the code points of two-byte codes: uint32[65536] by ``lead << 8 | trail``, 0 where undefined.

    All 0 unless the structure is ``multi``.  The four codes of Big5-HKSCS that stand for two code points,
    and codes of three and four bytes (EUC-JP, EUC-TW, GB 18030), are not here.
    """
    return _pair_table(_resolve(encoding))


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
def _byte_table(encoding: Encoding) -> NDArray[np.uint32]:
    table = np.zeros(256, np.uint32)
    if encoding.structure == "wide":
        return _frozen(table)
    # Bytes that change what follows tell nothing of themselves if they are decoded with others.
    together = encoding.decode(bytes(range(_HALF))) if encoding.structure != "stateful" else None
    alone = 0
    if together is not None and len(together) == _HALF:
        table[:_HALF] = _points_of(together)
        alone = _HALF
    # A byte that begins a longer code is none by itself.
    for byte in {*range(alone, 0x100)}.difference(encoding.leads):
        char = encoding.decode(bytes((byte,)))
        if char:
            table[byte] = ord(char)
    return _frozen(table)


@cache
def _pair_table(encoding: Encoding) -> NDArray[np.uint32]:
    table = np.zeros(_BMP, np.uint32)
    if encoding.structure != "multi":
        return _frozen(table)
    if not encoding.codec:
        # EUC-TW: its decoder is a table already.
        table.reshape(256, 256)[0xA1:0xFF, 0xA1:0xFF] = cns_table()[0]
        return _frozen(table)
    leads, trails = (np.frombuffer(side, np.uint8) for side in (encoding.leads, encoding.trails))
    # A line break after each pair is in no code, so that every line is one pair's text.
    lines = np.full((len(leads), len(trails), 3), 0x0A, np.uint8)
    lines[:, :, 0], lines[:, :, 1] = leads[:, np.newaxis], trails
    codes = lines[:, :, 0].astype(np.uint32) << 8 | lines[:, :, 1]
    text = lines.tobytes().decode(encoding.codec, "replace")
    points = _points_of(text)
    starts, lengths = _lines(points)
    alone = np.flatnonzero(lengths[: codes.size] == 1)
    table[codes.ravel()[alone]] = points[starts[alone]]
    table[table == REPLACEMENT_CHARACTER] = 0
    # The dialect's rows laid over it: its decoder is asked about each of them, which takes 3 µs.
    rows = dialect(encoding.name)
    extra = [(code, char) for code, char in rows.extra.items() if len(code) == 2 and len(char) == 1]
    codes = np.frombuffer(b"".join(code for code, _ in extra), ">u2")
    table[codes] = _points_of("".join(char for _, char in extra))
    if single := sorted((point, ord(text)) for point, text in rows.after.items() if len(text) == 1):
        before, after = np.array(single, np.uint32).T
        place = np.minimum(np.searchsorted(before, table), len(before) - 1)
        table = np.where(before[place] == table, after[place], table)
    return _frozen(table)


@cache
def _encode_table(encoding: Encoding) -> NDArray[np.uint32]:
    table = np.zeros(_BMP, np.uint32)
    points = np.arange(_BMP, dtype=np.uint32)
    points = points[repertoire(points) >> np.uint64(encoding.bit) & np.uint64(1) == 1]
    if encoding.structure == "wide":
        if encoding.codec.startswith("utf-16"):
            units = points.byteswap() >> 16 if encoding.codec.endswith("le") else points
            table[points] = 2 << 24 | units << 8
    elif encoding.structure != "stateful":
        if encoding.structure == "multi" and encoding.name not in _WITH_LONGER_CODES:
            _invert_pairs(encoding, table)
        points = points[(points != 0x0A) & (table[points] == 0)]
        lines = np.full((len(points), 2), 0x0A, "<u4")
        lines[:, 0] = points
        table[points] = _packed(encoding.encode(lines.tobytes().decode("utf-32-le")[:-1]) or b"")
        table[0x0A] = _LINE_FEED
    return _frozen(table)


def _invert_pairs(encoding: Encoding, table: NDArray[np.uint32]) -> None:
    """Enter the code points that one pair of bytes alone stands for: an encoder is asked about the others.

    It has no choice, so that it need not be asked, which takes it 4 to 15 ms for a table.
    """
    pairs = _pair_table(encoding)
    codes = np.flatnonzero(pairs).astype(np.uint32)
    points = pairs[codes]
    codes, points = codes[points < _BMP], points[points < _BMP]
    ways = np.bincount(points, minlength=_BMP)
    ways[_byte_table(encoding)] = 0
    alone = ways[points] == 1
    table[points[alone]] = 2 << 24 | codes[alone] << 8


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
