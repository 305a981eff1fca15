"""What words are made of: letters of one alphabet, and hardly a symbol.  Blocks as the Unicode Standard has them."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "LOOK_ALIKE",
    "is_letter",
    "look_alikes",
    "mixes_scripts",
    "script_numbers",
    "symbol_flags",
    "symbols_in_words",
]

_BLOCKS = (
    ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x24F), (0x1E00, 0x1EFF)),  # Latin
    ((0x370, 0x3FF), (0x1F00, 0x1FFF)),  # Greek
    ((0x400, 0x52F),),  # Cyrillic
    ((0x530, 0x58F),),  # Armenian
    ((0x590, 0x5FF),),  # Hebrew
    ((0x600, 0x6FF), (0x750, 0x77F)),  # Arabic
    ((0xE00, 0xE7F),),  # Thai
)
LOOK_ALIKE = 0x80
"""Set in the number of a letter that looks like one of the Latin alphabet, and of a mark that looks like another:
people type one for the other."""
_LOOK_ALIKES = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοАВЕКМНОРСТХЅІЈУаеорсухѕіј" + "\u00a0‐‑‒―‛‟′″"

_SYMBOLS = "¡¢£¤¥¦§¨©¬®¯±´¶¸¹²³¼½¾¿×÷†‡‰™˜ˆ€√∂∫≈≠∞∆∑∏◊" + "".join(map(chr, range(0x2500, 0x25A0)))


def is_letter(points: npt.NDArray[np.unsignedinteger[Any]]) -> npt.NDArray[np.bool_]:
    """Tell which characters are letters of an alphabet: ``bool[n]``."""
    letters: npt.NDArray[np.bool_] = (_numbers_of(points) & ~np.uint8(LOOK_ALIKE)) > 0
    return letters


def mixes_scripts(points: npt.NDArray[np.unsignedinteger[Any]]) -> npt.NDArray[np.bool_]:
    """Tell which characters follow a letter of another alphabet: ``bool[n - 1]`` for code points of ``[n]``.

    Letters that look like Latin ones do not count.
    """
    script = _numbers_of(points)
    script = np.where(script & LOOK_ALIKE, np.uint8(0), script)
    return _differ(script)


def look_alikes(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Tell which characters look like others, letters where another alphabet stands beside them: ``bool[n]``."""
    script = _numbers_of(points)
    alphabet = script & np.uint8(~LOOK_ALIKE & 0xFF)
    differs = np.concatenate(([False], _differ(alphabet), [False]))
    found: npt.NDArray[np.bool_] = (script >= LOOK_ALIKE) & ((alphabet == 0) | differs[:-1] | differs[1:])
    return found


def _numbers_of(points: npt.NDArray[np.unsignedinteger[Any]]) -> npt.NDArray[np.uint8]:
    numbers: npt.NDArray[np.uint8] = script_numbers()[np.minimum(points, 0xFFFF)]
    return numbers


def _differ(script: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    mixed: npt.NDArray[np.bool_] = (script[1:] != script[:-1]) & (script[1:] > 0) & (script[:-1] > 0)
    return mixed


def symbols_in_words(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Tell which characters are symbols, C1 controls among them, with letters before and behind: ``bool[n]``."""
    bmp = np.minimum(points, np.uint32(0xFFFF))
    letter = is_letter(bmp)
    symbol = symbol_flags()[bmp]
    # A run of symbols counts as a whole: what matters is the letters at its ends.
    index = np.arange(len(points))
    before = np.maximum.accumulate(np.where(symbol, 0, index))
    behind = np.minimum.accumulate(np.where(symbol, len(points) - 1, index)[::-1])[::-1]
    found: npt.NDArray[np.bool_] = symbol & letter[before] & letter[behind]
    return found


@functools.cache
def symbol_flags() -> npt.NDArray[np.bool_]:
    """Which code points of the BMP are symbols that words do not have, or C1 controls: ``bool[65536]``."""
    table = np.zeros(0x10000, bool)
    table[0x80:0xA0] = True
    table[[ord(symbol) for symbol in _SYMBOLS]] = True
    return table


@functools.cache
def script_numbers() -> npt.NDArray[np.uint8]:
    """The alphabet of each code point of the BMP, 0 for what is no letter of any here: ``uint8[65536]``.

    ``LOOK_ALIKE`` is set in those of letters and marks that look like others.
    """
    table = np.zeros(0x10000, np.uint8)
    for number, blocks in enumerate(_BLOCKS, start=1):
        for first, last in blocks:
            table[first : last + 1] = number
    table[[ord(letter) for letter in _LOOK_ALIKES]] |= LOOK_ALIKE
    return table
