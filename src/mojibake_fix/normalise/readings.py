"""How characters are read: Mandarin (pypinyin), Japanese on and kun, Korean (Unihan); whether a gloss is a reading.

A reading is verified where the readings of its characters, one behind the other, make all of it; with the sound changes
that compounds have.  Not for finding glosses: :mod:`mojibake_fix.normalise.glosses`.
"""

from __future__ import annotations

import functools
import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from mojibake_fix.encodings import datafile

__all__ = ["may_end_with", "reads_as_japanese", "reads_as_korean", "reads_as_mandarin"]

_TONES = "\u0300\u0301\u0304\u030c"
_VOICED = str.maketrans("かきくけこさしすせそたちつてとはひふへほ", "がぎぐげござじずぜぞだぢづでどばびぶべぼ")
_HALF_VOICED = str.maketrans("はひふへほ", "ぱぴぷぺぽ")
_GEMINATE = "つくちき"
_TO_HIRAGANA = {point: point - 0x60 for point in range(0x30A1, 0x30F7)}
_LONGEST_OKURIGANA = 3
_SHORT_READING = 3
"""Kana in a reading of which a stem may be one kana: 食べ is た and べ."""
_SYLLABLES_FROM, _INITIALS, _MEDIALS, _FINALS = 0xAC00, 19, 21, 28
_NIEUN, _RIEUL, _IEUNG = 2, 5, 11
_SOFTENED_MEDIALS = frozenset((2, 3, 6, 7, 12, 17, 20))
"""ㅑ ㅒ ㅕ ㅖ ㅛ ㅠ ㅣ: before them an initial ㄹ or ㄴ falls away (두음법칙)."""


@dataclass(frozen=True, slots=True)
class _Unihan:
    japanese: Mapping[str, tuple[str, ...]]
    korean: Mapping[str, str]


@functools.lru_cache(maxsize=1)
def _unihan() -> _Unihan:
    _, payload = datafile.read("readings.bin")
    japanese: dict[str, tuple[str, ...]] = {}
    korean: dict[str, str] = {}
    for line in payload.decode("utf-8").splitlines():
        character, kana, hangul = line.split("\t")
        if kana:
            japanese[character] = tuple(kana.split(" "))
        if hangul:
            korean[character] = hangul
    return _Unihan(japanese, korean)


def reads_as_japanese(base: str, reading: str) -> bool:
    """Tell whether ``base`` (kanji, with kana between them or not) can be read as ``reading`` (kana)."""
    wanted = reading.translate(_TO_HIRAGANA)
    positions = {0}
    previous = ""
    for character in base.translate(_TO_HIRAGANA):
        character = previous if character == "々" else character
        endings: set[int] = set()
        for reached in positions:
            for part in _japanese(character):
                if wanted.startswith(part, reached):
                    endings.add(reached + len(part))
        positions = endings
        previous = character
    return len(wanted) in positions


@functools.lru_cache(maxsize=4096)
def _japanese(character: str) -> frozenset[str]:
    """What ``character`` may be read as inside a word; kana is read as itself."""
    if "ぁ" <= character <= "ー":
        return frozenset((character,))
    parts: set[str] = set()
    for reading in _unihan().japanese.get(character, ()):
        stems = {reading[: len(reading) - cut] for cut in range(_LONGEST_OKURIGANA + 1)} - {""}
        for stem in {stem for stem in stems if len(stem) >= 2 or len(reading) <= _SHORT_READING}:
            parts |= {stem, stem[0].translate(_VOICED) + stem[1:], stem[0].translate(_HALF_VOICED) + stem[1:]}
    parts |= {part[:-1] + "っ" for part in parts if len(part) > 1 and part[-1] in _GEMINATE}
    return frozenset(parts)


def reads_as_korean(base: str, reading: str) -> bool:
    """Tell whether the hanja of ``base`` are read as the syllables of ``reading``, one each."""
    korean = _unihan().korean
    return len(base) == len(reading) and all(
        syllable in _korean(korean.get(character, "")) for character, syllable in zip(base, reading, strict=True)
    )


@functools.lru_cache(maxsize=4096)
def _korean(readings: str) -> frozenset[str]:
    """The readings and what the initial law makes of them: 래 → 내, 려 → 여, 녀 → 여."""
    found = set(readings)
    for syllable in readings:
        index = ord(syllable) - _SYLLABLES_FROM
        initial, rest = divmod(index, _MEDIALS * _FINALS)
        softened = rest // _FINALS in _SOFTENED_MEDIALS
        if initial in (_RIEUL, _NIEUN):
            changed = _IEUNG if softened else _NIEUN
            found.add(chr(_SYLLABLES_FROM + changed * _MEDIALS * _FINALS + rest))
    return frozenset(found)


def reads_as_mandarin(base: str, reading: str) -> bool:
    """Tell whether ``base`` is read as ``reading``: pinyin with or without tones, or zhuyin; a syllable a character."""
    zhuyin = any("\u3105" <= letter <= "\u312f" for letter in reading)
    wanted = re.sub(r"[\s'’·-]", "", unicodedata.normalize("NFC", reading).lower())
    positions = {0}
    for character in base:
        syllables = _zhuyin(character) if zhuyin else _pinyin(character)
        positions = {
            reached + len(syllable)
            for reached in positions
            for syllable in syllables
            if wanted.startswith(syllable, reached)
        }
    return len(wanted) in positions


def may_end_with(character: str, reading: str) -> bool:
    """Tell at little cost whether pinyin ``reading`` ends as ``character`` is read."""
    return reading.rstrip(" '’·-").lower().endswith(tuple(_pinyin(character)) or ("\0",))


@functools.lru_cache(maxsize=4096)
def _pinyin(character: str) -> frozenset[str]:
    toned = _mandarin().get(ord(character), "")
    readings = {reading for reading in toned.split(",") if reading}
    return frozenset(readings | {_toneless(reading) for reading in readings})


@functools.lru_cache(maxsize=4096)
def _zhuyin(character: str) -> frozenset[str]:
    _mandarin()
    from pypinyin import Style
    from pypinyin.style import convert

    readings = [reading for reading in _mandarin().get(ord(character), "").split(",") if reading]
    spelt = {convert(reading, Style.BOPOMOFO, strict=True) for reading in readings}
    light = {syllable[-1] + syllable[:-1] for syllable in spelt if syllable.endswith("˙")}
    return frozenset(
        spelt | light | {syllable.rstrip("ˊˇˋ˙") + "ˉ" for syllable in spelt if syllable[-1:] not in "ˊˇˋ˙"}
    )


@functools.cache
def _mandarin() -> Mapping[int, str]:
    # pypinyin loads 47,000 phrases on import unless told not to; only its table of characters is wanted.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin.pinyin_dict import pinyin_dict

    table: Mapping[int, str] = pinyin_dict
    return table


def _toneless(reading: str) -> str:
    decomposed = unicodedata.normalize("NFD", reading)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in _TONES))
