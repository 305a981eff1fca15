"""Find text of which nothing is left: ``锟斤拷``, ``ï¿½``, ``烫烫烫``, or nothing but U+FFFD.

What happened: a decoder put U+FFFD for bytes that it could not read, the U+FFFD was stored as UTF-8 (EF BF BD), and
those bytes were read in another encoding.  Or a program printed memory that it never wrote: a debugging run-time
library fills it with one byte.  Either way the original bytes are gone, so such spans are reported and never changed.

A text *about* mojibake holds these strings too; :attr:`BeyondSpan.mention` says where that is likelier.
Not for U+FFFD between readable text, which the repair of lossy misreads deals with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from mojibake_fix.encodings import ENCODINGS, misread
from mojibake_fix.lazy import lazy_pattern

__all__ = ["BeyondSpan", "find_beyond_repair"]


class BeyondSpan(NamedTuple):
    """``text[start:end]`` is beyond repair.

    Attributes:
        start, end: Code-point offsets, half open.
        reason: What happened, for people to read.
        mention: Whether the text rather talks of such damage than suffers from it: the span is short and stands in
            quotation marks, or the text names the phenomenon.
    """

    start: int
    end: int
    reason: str
    mention: bool


def find_beyond_repair(text: str) -> list[BeyondSpan]:
    """Return the spans of ``text`` that are beyond repair, sorted and disjoint."""
    if "\ufffd" in text and not _READABLE.search(text):
        start, end = text.index("\ufffd"), text.rindex("\ufffd") + 1
        return [BeyondSpan(start, end, "nothing but U+FFFD", mention=False)]
    if not _TELLTALE.search(text):
        return []
    found = [
        (*match.span(), row)
        for sign in sorted(set(_TELLTALE.findall(text)))
        for start, end in _lines_with(text, sign)
        if _any_of(sign).search(text, start, end)
        for row in _rows()[sign]
        for match in row.pattern.finditer(text, start, end)
    ]
    found.sort(key=lambda item: (item[0], -item[1]))
    about: bool | None = None
    spans: list[BeyondSpan] = []
    for start, end, row in found:
        if spans and start < spans[-1].end:
            continue
        if about is None:
            about = _ABOUT_MOJIBAKE.search(text) is not None
        mention = end - start <= _SHORT and (about or _is_quoted(text, start, end))
        spans.append(BeyondSpan(start, end, row.reason, mention))
    return spans


_READABLE = lazy_pattern(r"[^\W\d_]|\d")
"""A letter or a digit of any script; U+FFFD is neither."""


_SHORT = 9
"""Characters of the longest mention: U+FFFD six times in a double-byte encoding, three times in a single-byte one."""

_ABOUT_MOJIBAKE = lazy_pattern(
    r"乱码|亂碼|编码|編碼|文字化け|文字コード|깨진|깨짐|인코딩|кракозябр|кодировк|U\+FFFD|0xC[CD]|mojibake|garbled|encoding"
    r"|replacement character",
    re.IGNORECASE,
)
"""Words of texts that talk of mojibake, in the languages that have most of it."""

_QUOTES = {"“": "”", "‘": "’", "「": "」", "『": "』", "《": "》", "（": "）", "(": ")", "【": "】", "«": "»"} | {
    quote: quote for quote in "\"'`"
}


def _is_quoted(text: str, start: int, end: int) -> bool:
    closing = _QUOTES.get(text[start - 1 : start])
    return closing is not None and text[end : end + 1] == closing


# --- The table -----------------------------------------------------------------------------------------------------

_REPLACEMENT = "\ufffd".encode()

_MEMORY_FILLS = {
    b"\xcc": "0xCC, stack memory never written",
    b"\xcd": "0xCD, heap memory never written",
    b"\xdd": "0xDD, heap memory after its release",
    b"\xee\xfe": "0xFEEE, heap memory after its release",
}
"""What the debugging C run-time library of Microsoft (/RTC1, the debug heap) and HeapFree of Windows leave in memory.

Microsoft's documentation of the CRT debug heap and of /RTC names the first three, FEEEFEEE is HeapFree's mark under a
debugger.  0xFD, 0xAB and 0xBAADF00D decode to private use or to nothing, so no text shows them.
"""

_FILL_ENCODINGS = ("gbk", "cp950", "cp949")
"""Where a fill is a run of one rare character.  In cp932, cp1251 and cp1252 it is what people write: ``ﾌﾌﾌﾌ``."""

_FILL_RUN = 3
"""Characters of the shortest fill; Chinese doubles a character freely but hardly ever writes it three times."""


_TELLTALES = "锟踝鐃쏙쬂踡\ufffd½˝Ѕ┐╫╞ҐÔ√њѓ๏驴聶쩍遜ﾂ烫屯葺铪昍迋楥鞜儆袴硼澱"
"""Of each string one character that ordinary text hardly has; strings without one (``яПН``) are left out.

One look for any of these is all that clean text pays: 500 MB/s and more.
"""

_TELLTALE = lazy_pattern(f"[{_TELLTALES}]")


class _Row(NamedTuple):
    source: str
    pattern: re.Pattern[str]
    reason: str


def _lines_with(text: str, sign: str) -> Iterator[tuple[int, int]]:
    """Yield where the lines begin and end that have ``sign``; no pattern goes beyond a line."""
    place = text.find(sign)
    while place >= 0:
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        yield text.rfind("\n", 0, place) + 1, end
        place = text.find(sign, end)


@cache
def _rows() -> dict[str, list[_Row]]:
    """All rows, by telltale."""
    reasons: dict[str, str] = {}
    for pattern, reason in (*_replacement_patterns(), *_fill_patterns()):
        reasons.setdefault(pattern, reason)
    rows: dict[str, list[_Row]] = {sign: [] for sign in _TELLTALES}
    for pattern, reason in reasons.items():
        telltale = _TELLTALE.search(pattern)
        if telltale:
            rows[telltale[0]].append(_Row(pattern, lazy_pattern(pattern), reason))
    return rows


@cache
def _any_of(sign: str) -> re.Pattern[str]:
    """All patterns of a telltale at once."""
    return re.compile("|".join(f"(?:{row.source})" for row in _rows()[sign]) or "(?!)")


def _replacement_patterns() -> Iterator[tuple[str, str]]:
    """Yield patterns of U+FFFD in UTF-8, read in each encoding; once, or (by way of cp1252) twice."""
    twice = misread(_REPLACEMENT, "cp1252").encode()
    for encoding in ENCODINGS.values():
        if encoding.structure not in ("single", "multi"):
            continue
        for policy in ("lead-fffd", "pair-fffd"):
            reason = f"U+FFFD in UTF-8, read as {encoding.name}"
            yield from ((pattern, reason) for pattern in _repeating(misread(_REPLACEMENT * 2, encoding, policy)))
        again = encoding.decode(twice)
        if again is not None and again.isprintable():
            yield _at_least(1, again), f"U+FFFD in UTF-8, read as cp1252, and that in UTF-8 read as {encoding.name}"


def _repeating(pair: str) -> Iterator[str]:
    """Yield the pattern of any number of U+FFFD, given how two of them read."""
    half = len(pair) // 2
    if pair[:half] == pair[half:]:
        # Two characters with a U+FFFD between them are also what a lossy misread of other text leaves.
        yield _at_least(1 if half > 2 else 2, pair[:half])
    elif len(pair) == 3 and "\ufffd" not in pair:
        # Pairs of bytes over a period of three: the run may begin and end anywhere in the cycle.
        first, second, third = map(re.escape, pair)
        whole = f"(?:{second}?{third})?(?:{first}{second}{third})+(?:{first}{second}?)?"
        yield f"{whole}|{second}{third}{first}|{third}{first}{second}"


def _at_least(count: int, unit: str) -> str:
    return f"(?:{re.escape(unit)}){{{count},}}"


def _fill_patterns() -> Iterator[tuple[str, str]]:
    for fill, meaning in _MEMORY_FILLS.items():
        for name in _FILL_ENCODINGS:
            character = misread((fill * 2)[:2], name)
            yield _at_least(_FILL_RUN, character), f"debugging fill {meaning}, read as {name}"
