"""Readings that a converter wrote into Traditional text: ``協(xié)商``, ``當?shù)匕l(fā)展``.

The converter worked on GBK bytes.  Where it met the two bytes of a character of its list, it wrote the reading behind
them: behind the character, or between the bytes of two characters whose halves happened to match (*astride*).  Then the
lead byte before the ``(`` swallowed it, and everything up to the next ASCII byte is read astride.

A reading is verified against the character that its two bytes make.  What tells a converter from a textbook: it
glosses common characters that are written differently in Simplified, with their usual reading, in running text.
"""

from __future__ import annotations

import functools
import math
import os
import unicodedata
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mojibake_fix.encodings import encode_table, pair_table
from mojibake_fix.lazy import lazy_pattern
from mojibake_fix.model import NgramModel, code_points

__all__ = ["AstrideGloss", "Gloss", "converter_evidence", "find_astride_glosses", "find_glosses"]

_LETTERS = "a-züêāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_READING = lazy_pattern(rf"[(（]([{_LETTERS}]{{1,6}})[)）]")
_SWALLOWED = lazy_pattern(rf"[?\ufffd]([{_LETTERS}]{{1,6}})[)）]")

_PRIOR = -4.5
_USUAL_TONED = 7.0
_OTHER_TONED = 1.0
_UNCONVERTED_TONED = -6.0
_ALONE_TONED = -4.0
_TONELESS = 2.2
_DOUBLED = 6.0
_TRADITIONAL_TONELESS = 3.2
_RARE_UNIGRAM = -10.0
"""Nats for each reading: a usual one behind a common Traditional form, another one or a rare character, one behind a
character that both scripts share (a textbook's, for every converter seen glosses what it converted), one behind a
character that no other stands beside (a list of words to learn), one without tones
(which no textbook writes), a repeated one.  From the development examples: 1 to 24 readings a line, every one of the
first kind or toneless."""


class Gloss(NamedTuple):
    """A reading, brackets included, behind the character that it verifies: half-open code-point offsets."""

    start: int
    end: int
    host: int
    toned: bool
    usual: bool
    repeated: bool


class AstrideGloss(NamedTuple):
    """A reading that a converter wrote between the bytes of a character.

    ``text[start:end]`` stands for one byte of ``trails`` where the lead byte before it swallowed the bracket, and for
    none where it follows two whole bytes.
    """

    start: int
    end: int
    trails: tuple[int, ...] = ()


def find_glosses(text: str) -> list[Gloss]:
    """Return the verified readings that stand behind their character, in order."""
    if "(" not in text and "（" not in text:
        return []
    found: list[Gloss] = []
    for match in _READING.finditer(text):
        start = match.start()
        repeated = bool(found) and found[-1].end == start
        host = found[-1].host if repeated else start - 1
        if host < 0 or not "\u3400" <= text[host] <= "\u9fff":
            continue
        reading = match.group(1)
        if _is_reading(reading, text[host]):
            readings = _readings(text[host])
            toned = _toneless(reading) != reading
            usual = (
                bool(readings)
                and _toneless(reading) == _toneless(readings[0])
                and (not toned or reading == readings[0])
            )
            found.append(Gloss(start, match.end(), host, toned, usual, repeated))
    return found


def converter_evidence(text: str, glosses: list[Gloss], model: NgramModel) -> float:
    """Return how much, in nats, speaks for a converter having written ``glosses`` and not an author."""
    evidence = _PRIOR if glosses else -math.inf
    for gloss in glosses:
        point = ord(text[gloss.host])
        traditional = int(model.fold_table[point]) != point
        common = float(model.unigram[model.fold_table[point]]) > _RARE_UNIGRAM
        if gloss.repeated:
            evidence += _DOUBLED
        elif not gloss.toned:
            evidence += _TRADITIONAL_TONELESS if traditional else _TONELESS
        elif not traditional:
            evidence += _UNCONVERTED_TONED
        elif _stands_alone(text, gloss):
            evidence += _ALONE_TONED
        else:
            evidence += _USUAL_TONED if gloss.usual and common else _OTHER_TONED
    return evidence


def _stands_alone(text: str, gloss: Gloss) -> bool:
    before, behind = text[max(gloss.host - 1, 0) : gloss.host], text[gloss.end : gloss.end + 1]
    return before not in (")", "）") and not any("\u3400" <= character <= "\u9fff" for character in (before, behind))


def find_astride_glosses(text: str) -> list[AstrideGloss]:
    """Return the readings that the two GBK bytes before them verify, though no whole character does, in order."""
    if ")" not in text and "）" not in text:
        return []
    table = encode_table("gbk")
    found: list[AstrideGloss] = []
    for match in _SWALLOWED.finditer(text):
        trails = _trails_behind(text, match.start(), match.group(1), table)
        if trails:
            found.append(AstrideGloss(match.start(), match.end(), trails))
    for match in _READING.finditer(text):
        before = text[match.start() - 1 : match.start()]
        if "\u3400" <= before <= "\u9fff" and _is_reading(match.group(1), before):
            continue
        code = _last_bytes(text, match.start(), table, 2)
        if len(code) == 2 and code[0] >= 0x81 and match.group(1) in _readings_of_code(code[0] << 8 | code[1]):
            found.append(AstrideGloss(match.start(), match.end()))
    return sorted(found, key=lambda gloss: gloss.start)


def _trails_behind(text: str, end: int, reading: str, table: npt.NDArray[np.uint32]) -> tuple[int, ...]:
    """The bytes that make a character of that reading with the last one of ``text[:end]``.

    A mark of ASCII may have been a full-width one when the reading was written.
    """
    trails = [trail for byte in _last_bytes(text, end, table, 1) for trail in _trails_read_as(byte, reading)]
    before = text[end - 1 : end]
    if "!" <= before <= "~":
        wide = int(table[ord(before) + 0xFEE0])
        trails += _trails_read_as(wide >> 8 & 0xFF, reading)
    return tuple(dict.fromkeys(trails))


def _last_bytes(text: str, end: int, table: npt.NDArray[np.uint32], count: int) -> bytes:
    """The last GBK bytes of ``text[:end]``, or fewer where it is not GBK."""
    data = b""
    for point in reversed(code_points(text[max(end - count, 0) : end]).tolist()):
        packed = int(table[point]) if point < 0x10000 else 0
        length = packed >> 24
        if not 1 <= length <= 2:
            break
        data = packed.to_bytes(4, "big")[1 : 1 + length] + data
    return data[-count:]


@functools.lru_cache(maxsize=4096)
def _trails_read_as(lead: int, reading: str) -> tuple[int, ...]:
    return tuple(trail for trail in range(0x40, 0xFF) if reading in _readings_of_code(lead << 8 | trail))


def _readings_of_code(code: int) -> tuple[str, ...]:
    point = int(pair_table("gbk")[code])
    if not point:
        return ()
    readings = _readings(chr(point))
    return readings + tuple(_toneless(reading) for reading in readings)


def _is_reading(reading: str, character: str) -> bool:
    """Whether a character is read so; a reading without tone marks stands for those with any."""
    readings = _readings(character)
    toned = _toneless(reading) != reading
    return reading in readings or (not toned and reading in {_toneless(r) for r in readings})


@functools.lru_cache(maxsize=1 << 15)
def _readings(character: str) -> tuple[str, ...]:
    """The Mandarin readings of a character with tone marks, usual one first (pypinyin's table)."""
    return tuple(_pinyin_table().get(ord(character), "").split(","))


@functools.cache
def _pinyin_table() -> dict[int, str]:
    # pypinyin loads 47,000 phrases on import unless told not to; only its table of characters is wanted.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin.pinyin_dict import pinyin_dict

    table: dict[int, str] = pinyin_dict
    return table


@functools.lru_cache(maxsize=4096)
def _toneless(reading: str) -> str:
    decomposed = unicodedata.normalize("NFD", reading)
    bare = "".join(c for c in decomposed if c not in "\u0300\u0301\u0304\u030c")
    return unicodedata.normalize("NFC", bare)
