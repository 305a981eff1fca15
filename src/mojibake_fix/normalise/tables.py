"""Character tables of the rules: what stands for which character, and where that is laid down.

Small ones are computed from Unicode's data in Python; what Python does not have is in ``data/``, built by
``corpus/build_normalise_tables.py``.  Not for context: a table says what a character may become, a rule whether.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from mojibake_fix.encodings import datafile

__all__ = [
    "CHINESE_DIGITS",
    "compatibility_ideographs",
    "misused_forms",
    "narrow_forms",
    "radicals",
    "wide_alnum",
]

CHINESE_DIGITS = frozenset("一二三四五六七八九〇○零")

_DOUBLED_BY_MISTAKE = {
    0x20457: "\u34a8",
    0x2420E: "\u3db7",
    0x27144: "\u8641",
    0x23515: "\U000204f2",
    0x249E9: "\U000249bc",
}
"""Ideographs that Unicode has twice by mistake (The Unicode Standard, section 18.1), and the one to use."""

_LOOKALIKES = {"○": "〇", "◯": "〇", "ㄧ": "一"}
"""What is typed for an ideograph that looks the same: a circle for the digit zero, the zhuyin letter i for one."""


@functools.lru_cache(maxsize=1)
def radicals() -> Mapping[int, str]:
    """Return the ideograph of each Kangxi radical, CJK radical and CJK stroke that has one in the BMP.

    Source: Unicode's EquivalentUnifiedIdeograph.txt.

    Raises:
        ModelFormatError: The table's file is damaged.
    """
    _, payload = datafile.read("equivalent-ideographs.bin")
    pairs = np.frombuffer(payload, "<u4").reshape(-1, 2).tolist()
    return MappingProxyType({source: chr(target) for source, target in pairs if target < 0x10000})


@functools.lru_cache(maxsize=1)
def compatibility_ideographs() -> Mapping[int, str]:
    """Return the unified ideograph of each compatibility ideograph: its canonical decomposition."""
    blocks = (range(0xF900, 0xFB00), range(0x2F800, 0x2FA20))
    pairs = ((point, unicodedata.normalize("NFC", chr(point))) for block in blocks for point in block)
    return MappingProxyType({point: unified for point, unified in pairs if unified != chr(point)})


@functools.lru_cache(maxsize=1)
def misused_forms() -> Mapping[int, str]:
    """Return what to write for characters that are plain errors where they stand for an ideograph."""
    return MappingProxyType(_DOUBLED_BY_MISTAKE | {ord(wrong): right for wrong, right in _LOOKALIKES.items()})


@functools.lru_cache(maxsize=1)
def wide_alnum() -> Mapping[int, str]:
    """Return the ASCII letter or digit of each full-width one."""
    ranges = (range(0xFF10, 0xFF1A), range(0xFF21, 0xFF3B), range(0xFF41, 0xFF5B))
    return MappingProxyType({point: chr(point - 0xFEE0) for part in ranges for point in part})


@functools.lru_cache(maxsize=1)
def narrow_forms() -> Mapping[int, str]:
    """Return the usual form of each half-width kana, kana mark and Hangul letter (their compatibility mappings).

    The two half-width voicing marks get their spacing forms: where they follow kana, a rule composes them.
    """
    table = {point: unicodedata.normalize("NFKC", chr(point)) for point in (*range(0xFF61, 0xFF9E),)}
    table |= {0xFF9E: "゛", 0xFF9F: "゜"}
    for point in range(0xFFA0, 0xFFDD):
        decomposition = unicodedata.decomposition(chr(point))
        if decomposition:
            table[point] = chr(int(decomposition.split()[-1], 16))
    return MappingProxyType(table)
