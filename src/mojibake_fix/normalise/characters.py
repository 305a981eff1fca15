"""What each code point is to the rules: one table of bits, so that one look-up tells what a text needs.

The bits of :class:`Kind` say what a character is; a rule names those that can concern it, and is not even asked where
none of them occurs.  Not for deciding what is changed: that is each rule's own.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mojibake_fix.normalise import tables

__all__ = ["CJK", "Kind", "KindTable", "kinds"]


class Kind:
    """What a character is; several bits may be set.  Plain numbers: operations on flags cost 4 µs each."""

    HAN = 1 << 0
    KANA = 1 << 1
    HANGUL = 1 << 2
    BOPOMOFO = 1 << 3
    LETTER = 1 << 4
    """Of an alphabet: Latin, Greek, Cyrillic, Arabic, …"""
    DIGIT = 1 << 5
    """ASCII digits."""
    SPACE = 1 << 6
    """U+0020, and the ideographic and no-break spaces."""
    LINE_END = 1 << 7
    OPENING = 1 << 8
    """Opening brackets and quotes of CJK text."""
    CLOSING = 1 << 9
    FULL_MARK = 1 << 10
    """Full-width marks that end a clause or a sentence."""
    ASCII_MARK = 1 << 11
    """``, . : ; ? !``"""
    ASCII_BRACKET = 1 << 12
    DOTS = 1 << 13
    """What ellipses are made of."""
    DASHES = 1 << 14
    MIDPOINT = 1 << 15
    QUOTE = 1 << 16
    WIDE_ALNUM = 1 << 17
    NARROW_KANA = 1 << 18
    NARROW_HANGUL = 1 << 19
    CODE_SIGN = 1 << 20
    """What mail addresses and `code` are known by."""
    RADICAL = 1 << 21
    COMPATIBILITY = 1 << 22
    VARIANT = 1 << 23
    PRIVATE = 1 << 24
    CONTROL = 1 << 25
    ZERO_WIDTH = 1 << 26
    BIDI = 1 << 27
    FORMAT = 1 << 28
    """Soft hyphens and byte order marks."""
    UNSTABLE = 1 << 29
    """What Unicode's NFC may change, by itself or for what stands before it; and all that is not known to stay."""
    SELECTOR = 1 << 30
    FULL_STYLE = 1 << 31
    """Full-width punctuation that ``ascii`` and Korean write otherwise."""


CJK = Kind.HAN | Kind.KANA | Kind.HANGUL | Kind.BOPOMOFO

_RANGES: tuple[tuple[int, str], ...] = (
    # what, ranges of code points in hexadecimal, both ends included
    (Kind.HAN, "3005-3007 3021-3029 3400-4DBF 4E00-9FFF F900-FAFF 20000-3FFFD"),
    (Kind.KANA, "3041-3096 3099-309F 30A1-30FA 30FC-30FF 31F0-31FF FF66-FF9F 1AFF0-1B16F"),
    (Kind.HANGUL, "1100-11FF 3131-318E A960-A97C AC00-D7A3 D7B0-D7FB FFA1-FFDC"),
    (Kind.BOPOMOFO, "02EA-02EB 3105-312F 31A0-31BF"),
    (Kind.LETTER, "41-5A 61-7A AA B5 BA C0-D6 D8-F6 F8-02AF 0370-0373 0376-0377 037B-037D 0386 0388-0481 048A-0556 "
     "0561-0587 05D0-05EA 0620-064A 0671-06D3 0904-0939 0E01-0E30 10A0-10FF 1E00-1FBC"),
    (Kind.DIGIT, "30-39"),
    (Kind.SPACE, "20 A0 3000"),
    (Kind.LINE_END, "0A-0D 85 2028-2029"),
    (Kind.WIDE_ALNUM, "FF10-FF19 FF21-FF3A FF41-FF5A"),
    (Kind.NARROW_KANA, "FF61-FF9F"),
    (Kind.NARROW_HANGUL, "FFA0-FFDC"),
    (Kind.PRIVATE, "E000-F8FF"),
    (Kind.CONTROL, "00-08 0E-1F 7F-84 86-9F"),
    (Kind.ZERO_WIDTH, "200B-200D 2060-2064"),
    (Kind.BIDI, "061C 200E-200F 202A-202E 2066-206F"),
    (Kind.FORMAT, "AD FEFF"),
    (Kind.SELECTOR, "FE00-FE0F E0100-E01EF"),
)  # fmt: skip

_STABLE = (
    "00-2FF 3A3-482 48A-52F 1E00-1F15 2002-2064 2100-2125 2127-2129 212C-2328 232B-2ADB 3000-3029 3030-3098 309B-A66E "
    "AC00-D7A3 E000-F8FF FE30-FE6F FF00-FFEF 1F000-1FAFF"
)
"""Characters that NFC keeps whatever stands before them: NFC_Quick_Check is Yes, and none combines (UAX #15)."""

_MEMBERS: tuple[tuple[int, str], ...] = (
    (Kind.OPENING, "「『（《〈【〔〖〘〚［｛“‘﹁﹃"),
    (Kind.CLOSING, "」』）》〉】〕〗〙〛］｝”’﹂﹄"),
    (Kind.FULL_MARK, "，。、；：？！…．"),
    (Kind.ASCII_MARK, ",.:;?!"),
    (Kind.ASCII_BRACKET, "()[]"),
    (Kind.DOTS, ".。･・"),
    (Kind.DASHES, "-―─━"),
    (Kind.MIDPOINT, "·•‧∙⋅･・"),
    (Kind.CODE_SIGN, "@`"),
    (Kind.QUOTE, "\"'“”‘’「」『』"),
    (Kind.FULL_STYLE, "，、。．：；？！（）［］｛｝【】〔〕《》〈〉…—"),
)


class KindTable(NamedTuple):
    """What every code point is; a byte each, so that what a text needs of it stays in the fastest cache.

    Attributes:
        classes: The class of each code point: ``uint8[0x110000]``.
        bits: What the characters of each class are: ``uint32[256]`` of :class:`Kind`.
    """

    classes: npt.NDArray[np.uint8]
    bits: npt.NDArray[np.uint32]


@functools.lru_cache(maxsize=1)
def kinds() -> KindTable:
    """Return what every code point is, computed once a process."""
    table = np.full(0x110000, Kind.UNSTABLE, np.uint32)
    for part in _slices(_STABLE):
        table[part] = 0
    for kind, ranges in _RANGES:
        for part in _slices(ranges):
            table[part] |= np.uint32(kind)
    for kind, members in _MEMBERS:
        _mark(table, kind, map(ord, members))
    _mark(table, Kind.RADICAL, tables.radicals())
    _mark(table, Kind.COMPATIBILITY, tables.compatibility_ideographs())
    _mark(table, Kind.VARIANT, tables.misused_forms())
    # The same bits stand many times in a row: far fewer are to be sorted.
    starts = np.concatenate(([0], np.flatnonzero(table[1:] != table[:-1]) + 1))
    different, classes = np.unique(table[starts], return_inverse=True)
    bits = np.zeros(256, np.uint32)
    bits[: len(different)] = different
    return KindTable(np.repeat(classes.astype(np.uint8), np.diff(starts, append=len(table))), bits)


def _slices(ranges: str) -> Iterator[slice]:
    """The ranges of code points that are written in hexadecimal."""
    for part in ranges.split():
        low, _, high = part.partition("-")
        yield slice(int(low, 16), int(high or low, 16) + 1)


def _mark(table: npt.NDArray[np.uint32], kind: int, points: Iterable[int]) -> None:
    table[np.fromiter(points, np.int64)] |= np.uint32(kind)
