"""Text *about* damaged text: quoted on purpose, and right as it stands.

Manuals, tests and forum posts show mojibake as examples.  What gives a mention away is what stands around it: a word
for the thing, or quotation marks tightly around a fragment.  Not for prose that is itself damaged.
"""

from __future__ import annotations

import functools
import re

from mojibake_fix.lazy import lazy_pattern

__all__ = ["is_all_quoted", "listing_evidence", "mention_evidence"]

_WORDS = lazy_pattern(
    r"乱码|亂碼|乱碼|文字化け|文字バケ|모지바케|깨진 (?:글자|문자)|글자가 깨|锟斤拷|烫烫烫|mojibake|garbled|gibberish"
    r"|кракозябр|iconv|ftfy|UnicodeDecodeError|misdecod|mis-decod|double.encod|\butf-?8\b|\blatin-?1\b|iso-8859"
    r"|windows-125\d|\bcp125\d|\bgbk\b|\bbig5\b|shift.?jis|euc-(?:jp|kr|tw)",
    re.IGNORECASE,
)
_STEMS = (
    *("码", "碼", "化け", "バケ", "모지바케", "깨", "锟斤拷", "烫烫烫", "кракозябр"),
    *("mojibake", "garbled", "gibberish", "iconv", "ftfy", "decod", "encod", "utf"),
    *("latin", "8859", "windows", "cp125", "gbk", "big5", "jis", "euc"),
)
"""Of each of these words a part, in small letters: to look for them takes a tenth of the time of the pattern."""
_WORD_EVIDENCE = 18.0
"""Nats for a word for the thing in the same line; development lines that quote mojibake gained up to 38 nats from
the misread that they quote, and no damaged line held such a word undamaged."""

_FRAGMENT = 4
_FRAGMENT_EVIDENCE = 9.0
"""Nats for each run of so few characters that are not ASCII and have no letter beside them, in a line with such a word:
a list of three examples gained 31."""
_FRAGMENTS = r"(?:[^\x00-\x7f]{1,8}|[A-Za-z]{1,12}[^\x00-\x7f]{1,4}[A-Za-z]{0,12}|[^\x00-\x7f]{1,4}[A-Za-z]{1,12})"
_QUOTED = lazy_pattern(
    rf"(?<=[\"'`“”‘’「」『』\[\](){{}}|/]){_FRAGMENTS}(?=[\"'`“”‘’「」『』\[\](){{}}|/])"
    rf"|(?:(?<=[\s(]„)|(?<=^„)){_FRAGMENTS}(?=[“”])|(?<=[«‹][\u00a0 ]){_FRAGMENTS}(?=[\u00a0 ][»›])"
)
_MARKS = lazy_pattern("[\"'`“”‘’「」『』\\[\\](){}|/„«‹]")
"""What every quotation has one of."""
_CODE = lazy_pattern(r"(?<=`)[^`\n]*[^\x00-\x7f`][^`\n]*(?=`)")
_NAMED = lazy_pattern(
    r"\b(?:letters?|letter[ae]|letras?|lettres?|buchstaben?|liter[ay]|písmen[oa]|harf\w*|caract[eèé]res?|carácter"
    r"|caratter[ei]|characters?|glyphs?|signs?|segn[oi]|sign[oe]s?|zeichens?|znaki?|símbolos?|symbole?s?|simbol[oi]"
    r"|la|il|les?|el|los|las|the|der|die|das|den|dem)"
    r" ([^\x00-\x7f])(?!\w)",
    re.IGNORECASE,
)
_NAMED_EVIDENCE = 18.0
"""Nats for a character behind a word for what it is, a letter or a sign, or behind an article: no word of one letter
stands there."""
_HIGH_RUN = lazy_pattern(r"[^\x00-\x7f]+")
_ALONE_EVIDENCE = 8.0
"""Nats for each character that is not ASCII and has no letter beside it, where most are such."""
_QUOTED_EVIDENCE = 9.0
_CODE_EVIDENCE = 18.0
"""Nats for each short fragment or word between quotation marks, which says nothing but itself; a list of such is a
list.  More for anything between backquotes: code."""


def mention_evidence(line: str, spans: list[tuple[int, int]]) -> float:
    """Return how much, in nats, speaks for the damage in ``spans`` of ``line`` being meant as it is.

    Args:
        spans: Half-open code-point spans of one line.
    """
    evidence = _NAMED_EVIDENCE * sum(any(start <= place < end for start, end in spans) for place in _named(line))
    if any(map(line.lower().__contains__, _STEMS)) and _WORDS.search(line):
        runs = [run for run in _runs(line, spans) if len(run[0]) <= _FRAGMENT and not _in_word(line, *run.span())]
        evidence += _WORD_EVIDENCE + _FRAGMENT_EVIDENCE * len(runs)
    for start, end in spans if _MARKS.search(line) else ():
        for pattern, nats in ((_QUOTED, _QUOTED_EVIDENCE), (_CODE, _CODE_EVIDENCE)):
            evidence += nats * sum(1 for quoted in pattern.finditer(line) if _overlap(quoted, start, end))
    return evidence


@functools.lru_cache(maxsize=64)
def _named(line: str) -> tuple[int, ...]:
    """Where characters are that are called what they are."""
    return tuple(named.start(1) for named in _NAMED.finditer(line))


def is_all_quoted(line: str, spans: list[tuple[int, int]]) -> bool:
    """Tell whether each of ``spans`` of ``line`` is in a short fragment between quotation marks: an example."""
    quoted = [match for pattern in (_QUOTED, _CODE) for match in pattern.finditer(line)]
    return all(any(_overlap(match, start, end) for match in quoted) for start, end in spans)


def listing_evidence(line: str, spans: list[tuple[int, int]], *, but: float = 0.0) -> float:
    """Return how much, in nats, speaks for the signs in ``spans`` of ``line`` being signs.

    Signs stand alone; of words, hardly a letter does.

    Args:
        spans: Half-open code-point spans of one line.
        but: How many of them are known to be words of one letter.
    """
    runs = _runs(line, spans)
    alone = sum(1 for run in runs if len(run[0]) == 1 and not _in_word(line, *run.span()))
    return _ALONE_EVIDENCE * max(alone - but, 0.0) if alone * 2 > len(runs) else 0.0


def _runs(line: str, spans: list[tuple[int, int]]) -> list[re.Match[str]]:
    """The runs of what is not ASCII in ``spans`` of ``line``."""
    return [run for start, end in spans for run in _HIGH_RUN.finditer(line, start, end)]


def _overlap(match: re.Match[str], start: int, end: int) -> bool:
    return match.start() < end and start < match.end()


def _in_word(line: str, start: int, end: int) -> bool:
    return line[max(start - 1, 0) : start].isalpha() or line[end : end + 1].isalpha()
