"""Arrays computed from the encodings: byte → code point, code point → bytes, and who can produce what.

All are cached and read-only.  Nothing here looks at text but :func:`common_encodings`.
"""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from mojibake_fix.encodings import datafile
from mojibake_fix.encodings.policies import Policy, misread
from mojibake_fix.encodings.registry import ENCODINGS, Encoding, lookup

__all__ = ["REPERTOIRE_LIMIT", "byte_table", "common_encodings", "encode_table", "pair_table", "repertoire"]

REPERTOIRE_LIMIT = 0x30000
"""Code points below this have a class of their own in repertoire.bin: planes 0 to 2."""

_BMP = 0x10000
_NO_CHARACTER = "\uffff"
_MARK_PAIRS = Policy("pair-mark", _NO_CHARACTER, "pair", ())


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
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))
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
    if encoding.structure != "wide":
        for byte in range(256):
            char = encoding.decode(bytes((byte,)))
            if char:
                table[byte] = ord(char)
    return _frozen(table)


@cache
def _pair_table(encoding: Encoding) -> NDArray[np.uint32]:
    table = np.zeros(_BMP, np.uint32)
    if encoding.structure != "multi":
        return _frozen(table)
    codes = [lead << 8 | trail for lead in encoding.leads for trail in encoding.trails]
    # A line break after each pair is in no code, so that every line is one pair's text.
    lines = b"".join([code.to_bytes(2, "big") + b"\n" for code in codes])
    for code, text in zip(codes, misread(lines, encoding, _MARK_PAIRS).split("\n"), strict=False):
        if len(text) == 1 and text != _NO_CHARACTER:
            table[code] = ord(text)
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
        points = points[points != 0x0A]
        data = encoding.encode("\n".join(map(chr, points.tolist()))) or b""
        table[points] = [_packed(code) for code in data.split(b"\n")]
        table[0x0A] = _packed(b"\n")
    return _frozen(table)


def _packed(code: bytes) -> int:
    if len(code) == 4:
        return int.from_bytes(code, "big")
    return len(code) << 24 | int.from_bytes(code.ljust(3, b"\0"), "big")


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
