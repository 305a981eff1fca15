"""Marks, brackets, ellipses, dashes and midpoints of a locale.

Sources: GB/T 15834-2011 for Simplified Chinese; the Ministry of Education's revised manual of punctuation (2008) for
Taiwan, and for Hong Kong with it; W3C clreq and jlreq for widths and for Japanese (JIS X 4051); the appendix on marks
of the Korean orthography (2014).  Only lines in the locale's language are touched, and no addresses and `code`.
Wave dashes and tildes stay as they are.  Not for quotes: :mod:`mojibake_fix.normalise.quotes`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from mojibake_fix.normalise import tables
from mojibake_fix.normalise.characters import CJK, Kind
from mojibake_fix.normalise.edits import Edit, Edits
from mojibake_fix.normalise.options import NormaliseOptions
from mojibake_fix.normalise.view import CHINESE, JAPANESE, KOREAN, OTHER, View

__all__ = [
    "find_ascii_style",
    "find_brackets",
    "find_dashes",
    "find_ellipses",
    "find_final_marks",
    "find_korean_style",
    "find_marks",
    "find_midpoints",
]

_LANGUAGE = MappingProxyType(
    {"zh-Hans": CHINESE, "zh-Hant-TW": CHINESE, "zh-Hant-HK": CHINESE, "ja": JAPANESE, "ko": KOREAN}
)
_FULL_WIDTH_LOCALES = frozenset(("zh-Hans", "zh-Hant-TW", "zh-Hant-HK", "ja"))

_MARKS = ",:;?!."
_FULL_MARKS, _JAPANESE_MARKS = list("，：；？！。"), list("、：；？！。")
_NUMBER_OF_MARK = np.array([max(_MARKS.find(chr(point)), 0) for point in range(0x80)])
_KOREAN_MARKS: Mapping[str, str] = MappingProxyType(
    dict(zip("，、。．：；？！（）［］｛｝", ",,..:;?!()[]{}", strict=True))
)
_ASCII_MARKS: Mapping[str, str] = MappingProxyType(
    dict(zip("，、。．：；？！（）［］｛｝【】〔〕《》〈〉", ",,..:;?!()[]{}[][]<><>", strict=True))
)

_WORDS = np.uint32(Kind.HAN | Kind.KANA | Kind.BOPOMOFO)
_BESIDE = CJK | Kind.OPENING | Kind.CLOSING | Kind.FULL_MARK
_BESIDE_OR_MARK = _BESIDE | Kind.ASCII_MARK
_CJK_OR_LETTER = CJK | Kind.LETTER
_BESIDE_OR_END = _BESIDE_OR_MARK | Kind.LINE_END
_OPENING, _CLOSING = ord("("), ord(")")
_FIRST_NOT_ASCII = 0x80

_FULL_CRIES = str.maketrans("!?", "！？")
_EXCLAIMED = re.compile("[!?]{2,3}")
"""Marks in a row that are one cry (GB/T 15834, 4.3.3: three at most)."""

_NUMBERING = tables.CHINESE_DIGITS | {"十", "百"}
_DEEPEST = 8
"""Brackets in brackets that are looked into."""
_LONGEST_LABEL = 8
_LONGEST_NUMBERING = 3
"""A bracket that closes so soon in a line that it begins numbers the line: ``(一)`` and ``(十二)`` stay."""

_ELLIPSIS = re.compile(r"\.{3,}|。{3,}|･{3,}|・{3,}")
_LONGEST_ELLIPSIS = 6
"""More dots in a row are a leader, as in a table of contents."""
_ASCII_ELLIPSIS = re.compile(r"…+|—+")
_DASH = re.compile(r"-{2,}|―{2,}|─{2,}|━{2,}")
_MOST_CROSSED = 3
"""Quotes and brackets in a row that a mark looks across for its neighbours."""


def _places(view: View, kind: int, options: NormaliseOptions) -> npt.NDArray[np.int64]:
    """Where ``kind`` occurs in lines of the locale's language, outside code."""
    return _of_locale(view, view.where(kind), options)


def _of_locale(view: View, places: npt.NDArray[np.int64], options: NormaliseOptions) -> npt.NDArray[np.int64]:
    """Those of ``places`` that are in lines of the locale's language, outside code."""
    if not places.size or options.punctuation is None:
        return places[:0]
    languages = view.language_at(places)
    wanted = _LANGUAGE.get(options.punctuation)
    places = places[languages != OTHER if wanted is None else languages == wanted]
    return np.asarray(places[view.outside(places, view.code_spans)])


def find_marks(view: View, options: NormaliseOptions) -> Edits | list[Edit]:
    """Half-width ``, : ; ? ! .`` between Han or kana, across quotes and brackets too, become full-width.

    Not beside Latin letters, spaces or other ASCII marks, but for ``?!``; beside digits only with Han before them: the
    comma of ``10,000`` and the colon of ``12:30`` belong to the number.  Not between two ASCII characters, as in code:
    ``"中","文"`` and ``"中":1``.  A full stop only in a text that has no ``。``, and never behind a single character or
    a number, which it may number: ``一.``.
    """
    if options.punctuation not in _FULL_WIDTH_LOCALES:
        return []
    places = _mark_places(view, options)
    beside = np.maximum(view.points.take(places - 1, mode="clip"), view.points.take(places + 1, mode="clip"))
    places = places[beside >= _FIRST_NOT_ASCII]
    after = _neighbours(view, places, 1, Kind.OPENING | Kind.QUOTE | Kind.ASCII_BRACKET)
    before_number = (after & np.uint32(Kind.DIGIT) != 0) & (view.points[places] != ord("."))
    places = places[(after & (_WORDS | np.uint32(Kind.FULL_MARK)) != 0) | before_number]
    return _full_width(view, places, _exclaimed(view, options, CJK | Kind.OPENING), options)


def find_final_marks(view: View, options: NormaliseOptions) -> Edits | list[Edit]:
    """The same marks behind Han or kana at the end of a line, quotes and brackets between them or not."""
    if options.punctuation not in _FULL_WIDTH_LOCALES:
        return []
    places = _mark_places(view, options)
    after = _neighbours(view, places, 1, Kind.CLOSING | Kind.QUOTE)
    places = places[after & np.uint32(Kind.LINE_END) != 0]
    return _full_width(view, places, _exclaimed(view, options, Kind.LINE_END | Kind.CLOSING), options)


def _exclaimed(view: View, options: NormaliseOptions, followed_by: int) -> list[Edit]:
    """Exclamation and question marks in a row behind Han or kana, become full-width together."""
    places = view.where(Kind.ASCII_MARK)
    places = places[view.at(places + 1) & np.uint32(Kind.ASCII_MARK) != 0]
    points = view.points[places]
    twins = ((points == ord("!")) | (points == ord("?"))) & (view.at(places - 1) & _WORDS != 0)
    return [
        Edit(*match.span(), match.group().translate(_FULL_CRIES))
        for match in view.matches(_EXCLAIMED, _of_locale(view, places[twins], options))
        if view.is_at(match.end(), followed_by)
    ]


def _mark_places(view: View, options: NormaliseOptions) -> npt.NDArray[np.int64]:
    """Single marks behind Han or kana."""
    return view.once((_mark_places, options.punctuation), lambda: _find_mark_places(view, options))


def _find_mark_places(view: View, options: NormaliseOptions) -> npt.NDArray[np.int64]:
    places = view.where(Kind.ASCII_MARK)
    before = _neighbours(view, places, -1, Kind.CLOSING | Kind.QUOTE | Kind.ASCII_BRACKET)
    beside = (view.at(places - 1) | view.at(places + 1)) & np.uint32(Kind.ASCII_MARK)
    return _of_locale(view, places[(before & _WORDS != 0) & (beside == 0)], options)


def _neighbours(view: View, places: npt.NDArray[np.int64], step: int, crossed: int) -> npt.NDArray[np.uint32]:
    """The bits of the nearest characters on one side that are not of ``crossed``."""
    at = places + step
    for _ in range(_MOST_CROSSED):
        crossing = view.at(at) & np.uint32(crossed) != 0
        if not crossing.any():
            break
        at = np.where(crossing, at + step, at)
    return view.at(at)


def _full_width(
    view: View, places: npt.NDArray[np.int64], cries: list[Edit], options: NormaliseOptions
) -> Edits | list[Edit]:
    """The edits of single marks at ``places``, and of ``cries``."""
    stops = view.points[places] == ord(".")
    if stops.any():
        ends_sentence = [_ends_sentence(view, place) for place in places[stops].tolist()]
        places = np.concatenate((places[~stops], places[stops][np.array(ends_sentence, np.bool_)]))
    words = _JAPANESE_MARKS if options.punctuation == "ja" else _FULL_MARKS
    marks = Edits(places, places + 1, _NUMBER_OF_MARK[view.points[places]], words)
    return Edits.joined((marks, Edits.of(cries))) if cries else marks


def _ends_sentence(view: View, place: int) -> bool:
    if view.document.has_full_stops:
        return False
    line = np.searchsorted(view.line_starts, place, side="right") - 1
    # A label is short: what begins earlier is none.
    label = view.text[max(int(view.line_starts[line]), place - _LONGEST_LABEL) : place].strip(" \t　")
    return len(label) > 1 and not all(character in _NUMBERING for character in label)


def find_brackets(view: View, options: NormaliseOptions) -> Edits | list[Edit]:
    """Pairs of round brackets with CJK text at both ends inside and on both sides outside become full-width."""
    if options.punctuation not in _FULL_WIDTH_LOCALES:
        return []
    places = _places(view, Kind.ASCII_BRACKET, options)
    points = view.points[places]
    places = places[(points == _OPENING) | (points == _CLOSING)]
    # Only brackets beside CJK text inside can be part of a pair that changes.
    if not ((view.at(places - 1) | view.at(places + 1)) & np.uint32(_BESIDE)).any():
        return []
    starts, ends = _pairs(places, view.points[places] == _OPENING, view.line_of(places))
    outside_left, inside_left, inside_right, outside_right = (
        view.at(at) for at in (starts - 1, starts + 1, ends - 1, ends + 1)
    )
    in_cjk = (outside_left & np.uint32(_BESIDE) != 0) & (outside_right & np.uint32(_BESIDE_OR_END) != 0)
    in_cjk |= (
        (outside_left & np.uint32(Kind.LINE_END) != 0)
        & (outside_right & np.uint32(_BESIDE) != 0)
        & (ends - starts > _LONGEST_NUMBERING)
    )
    holds_cjk = (inside_left & np.uint32(_BESIDE) != 0) & (inside_right & np.uint32(_BESIDE) != 0)
    changed = in_cjk & holds_cjk & (ends - starts > 1)
    both = np.concatenate((starts[changed], ends[changed]))
    return Edits(both, both + 1, np.repeat(np.arange(2), changed.sum()), ["（", "）"])


def _pairs(
    places: npt.NDArray[np.int64], opens: npt.NDArray[np.bool_], lines: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The brackets that belong together: innermost first, then what is left without them."""
    found: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]] = []
    for _ in range(_DEEPEST):
        first = np.flatnonzero(opens[:-1] & ~opens[1:] & (lines[:-1] == lines[1:]))
        found.append((places[first], places[first + 1]))
        left = np.ones(len(places), np.bool_)
        left[first] = left[first + 1] = False
        places, opens, lines = places[left], opens[left], lines[left]
        if not first.size or not places.size:
            break
    starts, ends = zip(*found, strict=True)
    return np.concatenate(starts), np.concatenate(ends)


def find_ellipses(view: View, options: NormaliseOptions) -> list[Edit]:
    """Three to six dots, full stops or midpoints beside CJK text become ``……``, in Korean ``…``."""
    if options.punctuation == "ascii":
        return []
    wanted = "…" if options.punctuation == "ko" else "……"
    found: list[Edit] = []
    for match in view.matches(_ELLIPSIS, _of_locale(view, _repeated(view, view.where(Kind.DOTS), 3), options)):
        start, end = match.span()
        beside = view.is_at(start - 1, _BESIDE) or view.is_at(end, _BESIDE)
        if beside and end - start <= _LONGEST_ELLIPSIS and not view.is_at(start - 1, Kind.DOTS):
            found.append(Edit(start, end, wanted))
    return found


def find_dashes(view: View, options: NormaliseOptions) -> list[Edit]:
    """Two hyphens, bars or box-drawing lines between CJK characters become ``——``.

    A single ``—`` is a connector of its own (GB/T 15834, 4.13), and longer rows are rules; both stay.
    """
    if options.punctuation not in _FULL_WIDTH_LOCALES:
        return []
    found: list[Edit] = []
    for match in view.matches(_DASH, _of_locale(view, _repeated(view, view.where(Kind.DASHES), 2), options)):
        start, end = match.span()
        before, after = view.is_at(start - 1, _BESIDE), view.is_at(end, _BESIDE)
        opening = view.is_at(start - 1, Kind.LINE_END) and view.is_at(end, CJK)
        keeps = options.punctuation == "ja" and match.group() == "――"
        if end - start == 2 and ((before and after) or opening) and not keeps:
            found.append(Edit(start, end, "——"))
    return found


def find_midpoints(view: View, options: NormaliseOptions) -> Edits | list[Edit]:
    """Points between two CJK characters become U+00B7 in Chinese and Korean, ``・`` in Japanese (clreq; JIS X 4051)."""
    if options.punctuation == "ascii":
        return []
    point = "・" if options.punctuation == "ja" else "·"
    places = view.where(Kind.MIDPOINT)
    between = (view.at(places - 1) & np.uint32(CJK) != 0) & (view.at(places + 1) & np.uint32(CJK) != 0)
    places = _of_locale(view, places[between & (view.points[places] != ord(point))], options)
    return Edits.alike(places, places + 1, point)


def find_korean_style(view: View, options: NormaliseOptions) -> list[Edit]:
    """Full-width marks and brackets beside Hangul or Han in Korean lines become half-width, marks with their space."""
    if options.punctuation != "ko":
        return []
    found: list[Edit] = []
    for place in _places(view, Kind.FULL_STYLE, options).tolist():
        mark = _KOREAN_MARKS.get(view.text[place])
        if mark is not None and (view.is_at(place - 1, CJK) or view.is_at(place + 1, CJK)):
            spaced = mark in ",.:;?!" and view.is_at(place + 1, _CJK_OR_LETTER)
            found.append(Edit(place, place + 1, mark + " " * spaced))
    return found


def find_ascii_style(view: View, options: NormaliseOptions) -> list[Edit]:
    """Full-width marks, brackets, ellipses and dashes of CJK lines become ASCII; quotes are the quotes rule's."""
    if options.punctuation != "ascii":
        return []
    places = _places(view, Kind.FULL_STYLE, options)
    found = [
        Edit(place, place + 1, _ASCII_MARKS[view.text[place]])
        for place in places.tolist()
        if view.text[place] in _ASCII_MARKS
    ]
    runs = view.matches(_ASCII_ELLIPSIS, places)
    found += [Edit(*run.span(), "..." if run.group()[0] == "…" else "--") for run in runs]
    return sorted(found, key=lambda edit: edit.start)


def _repeated(view: View, places: npt.NDArray[np.int64], times: int) -> npt.NDArray[np.int64]:
    """The places where the same character stands ``times`` times from there on."""
    places = places[places + times <= len(view.points)]
    for offset in range(1, times):
        places = places[view.points[places] == view.points[places + offset]]
    return places
