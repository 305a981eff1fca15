"""Observed text as the bytes that it was read from.

Where a character cannot have been read from any byte (U+FFFD, or a character of a clean neighbour) one placeholder byte
stands for it, so that every byte has an owner among the characters and every character at least one byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mojibake_fix.encodings import REPLACEMENT_CHARACTER, Encoding, encode_table, lookup
from mojibake_fix.model import code_points

__all__ = ["PLACEHOLDER", "ByteStream", "byte_lengths", "byte_stream", "byte_streams"]

I64 = npt.NDArray[np.int64]
U32 = npt.NDArray[np.uint32]
U8 = npt.NDArray[np.uint8]

PLACEHOLDER = 0xFF
"""The byte of a character that was not read from bytes: invalid in UTF-8 and as a lead or trail of every pair."""
_MIDDLE_DOT = 0x30FB
"""What Microsoft's decoders of Japanese encodings write instead."""
_ASTRAL_LENGTH = {"utf-8": 4, "gb18030": 4, "big5-hkscs": 2, "euc-tw": 4, "utf-16-le": 4, "utf-16-be": 4}


class ByteStream(NamedTuple):
    """The bytes of a text of ``n`` characters.

    Attributes:
        read_as: The encoding that the bytes were read as.
        points: Code points of the text: ``uint32[n]``.
        data: Its bytes: ``uint8[m]``.
        bounds: Offset of each character's first byte, and ``m``: ``int64[n + 1]``.
        passed: Which characters have no bytes in ``read_as``: ``bool[n]``.
    """

    read_as: str
    points: U32
    data: U8
    bounds: I64
    passed: npt.NDArray[np.bool_]

    @property
    def lost(self) -> npt.NDArray[np.bool_]:
        """Which of the characters without bytes are marks of lost ones: ``bool[n]``."""
        marks: npt.NDArray[np.bool_] = self.points == REPLACEMENT_CHARACTER
        if lookup(self.read_as).family == "jis":
            marks = marks | (self.points == _MIDDLE_DOT)
        return self.passed & marks

    def placeholders(self) -> I64:
        """Byte offsets of the characters that have no bytes."""
        return self.bounds[:-1][self.passed]


def byte_stream(text: str, read_as: str) -> ByteStream | None:
    """Return the bytes of ``text`` under ``read_as``; None where it cannot be aligned with them."""
    source = lookup(read_as)
    points = code_points(text)
    # Never read from a byte, though UTF-8 and GB 18030 could encode it.
    passed = points == REPLACEMENT_CHARACTER
    if source.family == "jis":
        passed |= points == _MIDDLE_DOT
    data = source.encode(text) if not passed.any() else None
    if data is None:
        astral = points > 0xFFFF
        passed |= ~astral & (encode_table(source)[points & np.uint32(0xFFFF)] == 0) & (points != 0)
        # Not np.unique, which imports all of numpy.ma, 30 ms of a start.
        beyond = [point for point in set(points[astral].tolist()) if source.encode(chr(point)) is None]
        passed |= np.isin(points, np.array(beyond, np.uint32))
        able = np.where(passed, np.uint32(1), points).astype("<u4")
        data = source.encode(able.tobytes().decode("utf-32-le", "surrogatepass"))
        if data is None:
            return None
    lengths = byte_lengths(points, source)
    lengths[passed] = 1
    bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
    if int(bounds[-1]) != len(data):
        return None
    array = np.frombuffer(data, np.uint8)
    if passed.any():
        array = array.copy()
        array[bounds[:-1][passed]] = PLACEHOLDER
    return ByteStream(read_as, points, array, bounds, passed)


def byte_streams(text: str, read_as: Sequence[str]) -> list[ByteStream]:
    """Return the bytes of ``text`` under each of ``read_as``; equal ones once, under the first name."""
    found: dict[bytes, ByteStream] = {}
    for name in read_as:
        stream = byte_stream(text, name)
        if stream is not None:
            found.setdefault(stream.data.tobytes(), stream)
    return list(found.values())


def byte_lengths(points: U32, encoding: Encoding) -> I64:
    """Bytes of each character: ``int64[n]``; a lone surrogate is one byte that was invalid."""
    if encoding.structure == "single":
        return np.ones(len(points), np.int64)
    if encoding.structure == "utf8":
        lengths = 1 + (points >= 0x80).astype(np.int64) + (points >= 0x800) + (points >= 0x10000)
    elif encoding.structure == "wide":
        lengths = np.where(points < 0x10000, 2, 4).astype(np.int64)
    else:
        lengths = (encode_table(encoding)[points & np.uint32(0xFFFF)] >> np.uint32(24)).astype(np.int64)
        lengths[lengths >= 0x81] = 4
        lengths[points == 0] = 1
        astral = points >= 0x10000
        if astral.any():
            lengths[astral] = _ASTRAL_LENGTH.get(encoding.name, 0)
    lengths[(points & np.uint32(0xFFFFFF00)) == 0xDC00] = 1
    return lengths
