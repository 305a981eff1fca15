"""Words that are none, and would be if one letter were another that some misread makes of it: in Latin text.

What the scan does not see: "perchŠ" and "и una" have no bigram that clean text lacks.  Not for deciding anything: which
misread it was, if any, evidence tells.
"""

from __future__ import annotations

import ctypes
import functools
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mojibake_fix.encodings import ENCODINGS, byte_table
from mojibake_fix.lazy import lazy_pattern
from mojibake_fix.model import NgramModel, code_points
from mojibake_fix.model.kernel import LevelLayout, Lexis
from mojibake_fix.model.words import LANGUAGE_STEP, WordLists, kinds_in_words, load_words, place_of, word_keys

__all__ = ["lexis", "odd_words"]

U8 = npt.NDArray[np.uint8]
U16 = npt.NDArray[np.uint16]
U32 = npt.NDArray[np.uint32]

_LEAST_PLAIN = 8
"""Letters of ASCII beside each character that is not ASCII: with fewer, other letters of the line are damaged as well,
and the scan sees some of them.  Of 437 damaged lines of eight languages that are repaired because of this, two have
fewer than 8, 26 fewer than 12; of clean Turkish, Polish and Czech lines, half are looked at with 8."""
_LIMIT = 0x2600
"""Code points: what single bytes are is below, but for a few ligatures."""
_LONGEST_WORD = 40
"""Letters: none that is listed is as long."""
_A_LETTER, _A_LETTER_ALONE, _OPENS_QUESTION, _OPENS_CRY, _A_MARK = 1, 2, 4, 8, 16
"""What a character may have been, as bits: enum of ``_words.c``."""
_LATIN = ((0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x24F), (0x1E00, 0x1EFF))
_NO_LETTERS_ALONE = "ªºµ"
_MARKS = "‘’¿¡"
_BEFORE_MARK = 3
"""Marks that stand beside letters in any text: they may be a letter only behind so many others ("l’été" and "qu’il"
have fewer) and before one."""
_OPENING = {"¿": _OPENS_QUESTION, "¡": _OPENS_CRY}
_CLOSING = {_OPENS_QUESTION: "?", _OPENS_CRY: "!"}
_MOST_WIDE = 2
"""East Asian characters between letters that may be some of them: what two bytes are read as, or two letters."""
_WIDE = lazy_pattern("[\u2e80-\u2fff\u3040-\ud7a3\uf900-\ufeff\uff21-\uff3a\uff41-\uff5a\uff66-\uffef]+")
_HIGH = lazy_pattern("[^\x00-\x7f]")


@dataclass(frozen=True, slots=True, eq=False)
class _Tables:
    """What each code point below the limit may have been.

    Attributes:
        small: The small letter of each Latin letter that ASCII lacks, 0 for all others: ``uint16[limit]``.
        natures: What it may have been, as the bits of ``_words.c``: ``uint8[limit]``.
        starts: Where its letters begin among ``candidates``: ``uint16[limit + 1]``.
        candidates: Numbers of letters of the lists: ``uint8[c]``.
    """

    small: U16
    natures: U8
    starts: U16
    candidates: U8


def odd_words(lines: Sequence[str], model: NgramModel) -> list[list[int]]:
    """Return where each line (no line feeds in it) has a character that may be a misread letter of a word."""
    found: list[list[int]] = [[] for _ in lines]
    numbers = _looked_at(lines)
    if not numbers:
        return found
    chosen = [lines[number] for number in numbers]
    places = _pure(chosen) if model.compiled is None else _compiled(chosen, model)
    for number, of_line in zip(numbers, places, strict=True):
        found[number] = of_line
    return found


def _looked_at(lines: Sequence[str]) -> list[int]:
    """Which lines have few characters that are not ASCII beside their letters that are."""
    if all(map(str.isascii, lines)):
        return []
    points = code_points("\n".join(lines) + "\n")
    starts = np.cumsum([0, *(len(line) + 1 for line in lines)])[:-1]
    high = np.add.reduceat((points >= 0x80).astype(np.int64), starts)
    plain = np.add.reduceat(((points | np.uint32(0x20)) - np.uint32(0x61) < 26).astype(np.int64), starts)
    return np.flatnonzero((high > 0) & (plain >= _LEAST_PLAIN * high)).tolist()


def _compiled(lines: Sequence[str], model: NgramModel) -> list[list[int]]:
    assert model.compiled is not None
    points = code_points("\n".join(lines))
    places = np.empty(points.size, np.int64)
    count = model.compiled.kernel.odd_words(ctypes.byref(lexis()), points.ctypes.data, points.size, places.ctypes.data)
    starts = np.cumsum([0, *(len(line) + 1 for line in lines)])
    cuts = np.searchsorted(places[:count], starts)
    return [(places[a:b] - start).tolist() for a, b, start in zip(cuts[:-1], cuts[1:], starts[:-1], strict=True)]


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A character that may be a misread letter if its own word is not listed and one of the others is, or anyway."""

    line: int
    place: int
    end: int
    own: str | None
    others: tuple[str, ...]
    anyway: bool = False


def _pure(lines: Sequence[str]) -> list[list[int]]:
    doubts = [doubt for number, line in enumerate(lines) for doubt in _doubts(number, line)]
    lists = load_words()
    own = _listed(lists, {doubt.own for doubt in doubts if doubt.own})
    asked = [doubt for doubt in doubts if doubt.own not in own]
    others = _listed(lists, {word for doubt in asked for word in doubt.others})
    found: list[list[int]] = [[] for _ in lines]
    passed = (-1, 0)
    for doubt in doubts:
        if (doubt.line, doubt.place) < passed:
            continue
        if doubt.own in own:
            passed = (doubt.line, doubt.end)
        elif doubt.anyway or not others.isdisjoint(doubt.others):
            found[doubt.line].append(doubt.place)
    return found


def _listed(lists: WordLists, words: set[str]) -> set[str]:
    ordered = sorted(words)
    _, found = lists.function.get_pure(word_keys(ordered, np.array([len(lists.languages)])))
    return {word for word, is_there in zip(ordered, found[:, 0].tolist(), strict=True) if is_there}


def _doubts(number: int, line: str) -> Iterator[_Doubt]:
    tables = _tables()
    wide = {run.start(): run for run in _WIDE.finditer(line)}
    passed = 0
    for high in _HIGH.finditer(line):
        at = high.start()
        if at < passed:
            continue
        if at in wide:
            passed = wide[at].end()
            if _is_among_letters(line, at, passed):
                yield _Doubt(number, at, passed, None, (), anyway=True)
            continue
        nature = int(tables.natures[ord(line[at])]) if ord(line[at]) < _LIMIT else 0
        if not nature:
            continue
        start, end = at, at + 1
        while start > 0 and _small(line[start - 1]):
            start -= 1
        while end < len(line) and _small(line[end]):
            end += 1
        is_long = end - start > 1
        if nature & _A_MARK and (at - start < _BEFORE_MARK or end == at + 1):
            continue
        opens = (
            start == at
            and is_long
            and any(nature & bit and line.find(mark, end) >= 0 for bit, mark in _CLOSING.items())
        )
        others = _others(line, start, end, at) if nature & (_A_LETTER if is_long else _A_LETTER_ALONE) else ()
        own = "".join(map(_small, line[start:end])) if _small(line[at]) and end - start <= _LONGEST_WORD else None
        yield _Doubt(number, at, end, own, others, opens)


def _is_among_letters(line: str, start: int, end: int) -> bool:
    """Whether a wide character, or two, stands among letters as if it were one of them."""
    before, behind = line[start - 1] if start else " ", line[end] if end < len(line) else " "
    if end - start > _MOST_WIDE:
        return False
    return bool(_small(before) or _small(behind)) or (end - start == 1 and before == behind == " ")


def _others(line: str, start: int, end: int, at: int) -> tuple[str, ...]:
    """The words that may be listed, with another letter in one place."""
    lists, tables = load_words(), _tables()
    if end - start > _LONGEST_WORD:
        return ()
    head, tail = ("".join(map(_small, part)) for part in (line[start:at], line[at + 1 : end]))
    before, behind = place_of(head[-1:]), place_of(tail[:1])
    numbers = tables.candidates[tables.starts[ord(line[at])] : tables.starts[ord(line[at]) + 1]]
    able = lists.contexts[numbers, before] >> np.uint32(behind) & np.uint32(1)
    return tuple(f"{head}{chr(letter)}{tail}" for letter in lists.letters[numbers[able > 0]].tolist())


def _small(letter: str) -> str:
    """The small letter of a Latin one; the empty string for all others."""
    point = ord(letter)
    if point < 0x80:
        return letter.lower() if letter.isalpha() else ""
    small = int(_tables().small[point]) if point < _LIMIT else 0
    return chr(small) if small else ""


def lexis() -> Lexis:
    """Return the words, and what may have become of their letters, as the kernel sees them."""
    return _lexis()[0]


@functools.cache
def _lexis() -> tuple[Lexis, tuple[npt.NDArray[Any], ...]]:
    """They, and the arrays that they point into."""
    lists, tables = load_words(), _tables()
    function = lists.function
    arrays: tuple[npt.NDArray[Any], ...] = (
        *(tables.small, tables.natures, tables.starts, tables.candidates),
        *map(np.ascontiguousarray, (lists.letters, lists.contexts)),
        _crc(),
        kinds_in_words(_LIMIT),
    )
    layout = Lexis(
        LevelLayout(
            cells=function.cells.ctypes.data,
            segments=function.segments,
            seed=function.seed,
            value_bits=function.value_bits,
            fingerprint_bits=function.fingerprint_bits,
            wide=function.cells.itemsize == 4,
        ),
        *(array.ctypes.data for array in arrays),
        LANGUAGE_STEP,
        len(lists.languages),
        _LIMIT,
        _LEAST_PLAIN,
    )
    return layout, arrays


def _crc() -> U32:
    """CRC-32 of each byte, as table-driven computation wants it."""
    table = np.arange(0x100, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, np.uint32(0xEDB88320), np.uint32(0)) ^ table >> np.uint32(1)
    return table


@functools.cache
def _tables() -> _Tables:
    lists = load_words()
    small = np.zeros(_LIMIT, np.uint16)
    for first, last in _LATIN:
        for point in range(first, last + 1):
            small[point] = ord(chr(point).lower()[0])
    singles = [row for row in ENCODINGS.values() if row.structure == "single"]
    tables = np.stack([byte_table(row)[0x80:] for row in singles])
    # What a byte is in one encoding, and what it is in another one.
    seen, true = (table.ravel() for table in np.broadcast_arrays(tables[:, np.newaxis], tables[np.newaxis]))
    letters = np.full(0x10000, -1, np.int64)
    letters[lists.letters] = np.arange(len(lists.letters))
    is_latin = true < _LIMIT
    number = letters[
        np.where(is_latin & (small[np.where(is_latin, true, 0)] > 0), small[np.where(is_latin, true, 0)], 0)
    ]
    usable = (number >= 0) & (seen < _LIMIT) & (seen > 0)
    usable[usable] = small[seen[usable]] != lists.letters[number[usable]]
    # Asked for counts, np.unique does not import numpy.ma, which takes 40 ms.
    rows, _ = np.unique(seen[usable].astype(np.int64) << 8 | number[usable], return_counts=True)
    marks = np.array(list(map(ord, _MARKS)))
    starts = np.searchsorted(rows >> 8, np.arange(_LIMIT + 1)).astype(np.uint16)
    natures = np.where(np.diff(starts) > 0, _A_LETTER, 0).astype(np.uint8)
    for point in np.flatnonzero(natures).tolist():
        if unicodedata.category(chr(point))[0] in "LM" and chr(point) not in _NO_LETTERS_ALONE:
            natures[point] |= _A_LETTER_ALONE
    for mark, bit in _OPENING.items():
        there = seen[(true == ord(mark)) & (seen < _LIMIT) & (seen > 0)]
        natures[there[~np.isin(there, marks)]] |= bit
    natures[marks] |= _A_MARK
    return _Tables(small, natures, starts, (rows & 0xFF).astype(np.uint8))
