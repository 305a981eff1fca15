"""A text as the rules look at it: its code points, what they are, and which way of writing each line is.

Everything is computed once a text, when first asked for, with arrays.  Not for deciding what is changed.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from mojibake_fix.model import code_points, text_of
from mojibake_fix.model.kernel import load_kernel
from mojibake_fix.normalise import passes
from mojibake_fix.normalise.characters import Kind, kinds
from mojibake_fix.normalise.edits import Edits

__all__ = ["CHINESE", "HANGUL_SHARE", "JAPANESE", "KANA_SHARE", "KOREAN", "OTHER", "Bools", "View"]

OTHER, CHINESE, JAPANESE, KOREAN = range(4)
"""Ways of writing that a line can be in, as :attr:`View.line_languages` has them."""

KANA_SHARE = 0.12
"""Share of kana in the kana and Han of a Japanese line: Japanese titles that Chinese lines quote stay below it in all
but 0.1 % of the development lines, and 0.3 % of Japanese lines with kana do."""
HANGUL_SHARE = 0.25
_DOCUMENT_SHARE = 0.5
"""Lines with Han only are taken for Japanese (or Korean) where so many of the other lines are."""
_LEAST_AROUND = 4
_QUOTED = re.compile("[「『（《〈【〔“‘][^」』）》〉】〕”’]*")
_CHINESE_WORD = re.compile("[的这這们們了吗嗎说說没沒还還您么麼你她很是在]")
"""A line is Chinese and quotes Japanese where four Han or more and one of these are around the quotations, and no kana:
so are 0 of 156,001 Japanese lines with kana; 61 have four Han around them."""

_LOOKED_UP = (
    Kind.HAN | Kind.KANA | Kind.HANGUL | Kind.LETTER | Kind.DIGIT | Kind.LINE_END | Kind.FULL_MARK | Kind.FULL_STYLE
)
"""What most of a text is, or what few rules ask for: no list of its places is kept."""
_MARKS = 0xFFFF_FFFF & ~(_LOOKED_UP | Kind.UNSTABLE)
_COMMON = Kind.SPACE | Kind.OPENING | Kind.CLOSING
_RARE = _MARKS & ~_COMMON
_FULL_STOP, _COLON, _SLASH, _AT, _BACKTICK = map(ord, "。:/@`")

_SCHEME_END = "://"
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,30}\Z", re.IGNORECASE | re.ASCII)
_ADDRESS = re.compile(r"""[^\s<>"'“”‘’「」『』《》（）【】，。；！？、]+""")
_MAILBOX = re.compile(r"[\w.+-]{1,64}\Z", re.ASCII)
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)+", re.ASCII)
_QUOTED_CODE = re.compile(r"`[^`\n]+`")
_LONGEST_MAILBOX = 64

_SEQUENCE_ARITY = {"⿰": 2, "⿱": 2, "⿲": 3, "⿳": 3, "⿾": 1, "⿿": 1, "〾": 1, "㇯": 2} | {
    chr(point): 2 for point in range(0x2FF4, 0x2FFE)
}
_SEQUENCE_SIGN = re.compile("[⿰-⿿〾㇯]")
_LONGEST_SEQUENCE = 64

_T = TypeVar("_T")
Points = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]


class View:
    """One text, and what the rules ask about it.

    Attributes:
        points: Its code points: ``uint32[n]``.
    """

    def __init__(self, points: Points, document: View | None = None) -> None:
        self.points = points
        self._document = document
        self._kernel = load_kernel()
        self._table = kinds()
        self._kept: dict[object, Any] = {}

    @classmethod
    def of(cls, text: str) -> View:
        """Return a view of ``text``."""
        view = cls(code_points(text))
        view.text = text
        return view

    @property
    def document(self) -> View:
        """The text that this is a part of: where a rule asks what a whole document tells."""
        # Kept as an attribute, it would be a circle, and its arrays would stay until those are collected.
        return self._document or self

    @functools.cached_property
    def _classified(self) -> passes.Classified:
        return passes.classify(self.points, self._table, _MARKS, _RARE, self._kernel)

    @functools.cached_property
    def _padded(self) -> npt.NDArray[np.uint8]:
        return self._classified.padded

    @functools.cached_property
    def present(self) -> int:
        """The bits that occur."""
        return self._classified.present

    @functools.cached_property
    def line_starts(self) -> Places:
        """Where each line begins: ``int64[lines]``."""
        return self._classified.starts

    @functools.cached_property
    def line_bits(self) -> Bits:
        """The bits that occur in each line: ``uint32[lines]``."""
        return self._classified.by_line

    @functools.cached_property
    def text(self) -> str:
        """The text itself."""
        return text_of(self.points)

    def where(self, kind: int) -> Places:
        """Return the places of all characters of ``kind``, in order."""
        if not self.present & kind:
            return np.empty(0, np.int64)
        if kind & _LOOKED_UP:
            return np.flatnonzero(self.which(kind))
        places, bits = self._common_marks if kind & _COMMON else self._rare_marks
        return np.asarray(places[bits & np.uint32(kind) != 0])

    @functools.cached_property
    def _common_marks(self) -> tuple[Places, Bits]:
        """The characters where nearly all rules look: a twentieth of a text."""
        return self._classified.marks, self.at(self._classified.marks)

    @functools.cached_property
    def _rare_marks(self) -> tuple[Places, Bits]:
        """Those that are not only the spaces and full-width brackets that most of them are."""
        return self._classified.rare, self.at(self._classified.rare)

    def once(self, key: object, compute: Callable[[], _T]) -> _T:
        """Return what ``compute`` gives, computed when first asked for under ``key``: for rules that share a step."""
        if key not in self._kept:
            self._kept[key] = compute()
        found: _T = self._kept[key]
        return found

    def meetings(self, one: int, other: int) -> Places:
        """Return the places of characters of ``one`` kind behind one of the ``other``, or the other way round."""
        return passes.meetings(self._padded[1:-1], self._table.bits, one, other, self._kernel)

    @functools.cached_property
    def has_full_stops(self) -> bool:
        """Whether ideographic full stops occur."""
        return bool((self.points[self.where(Kind.DOTS)] == _FULL_STOP).any())

    def matches(self, pattern: re.Pattern[str], places: Places) -> list[re.Match[str]]:
        """Return the matches that begin at one of ``places`` (in order), without overlaps."""
        found: list[re.Match[str]] = []
        position = 0
        for place in places.tolist():
            match = pattern.match(self.text, place) if place >= position else None
            if match is not None:
                found.append(match)
                position = match.end()
        return found

    def which(self, kind: int) -> Bools:
        """Tell which characters are of ``kind``: ``bool[n]``."""
        of_class = self._table.bits & np.uint32(kind) != 0
        return np.asarray(of_class[self._padded[1:-1]])

    def at(self, places: Places) -> Bits:
        """Return the bits of the characters at ``places``; places outside the text count as line ends."""
        return self._table.bits.take(self._padded.take(places + 1, mode="clip"))

    def is_at(self, place: int, kind: int) -> bool:
        """Tell whether the character at ``place`` is of ``kind``; a place outside the text is a line end."""
        if not 0 <= place < len(self.points):
            return bool(kind & Kind.LINE_END)
        return bool(self._table.bits.item(self._padded.item(place + 1)) & kind)

    @functools.cached_property
    def line_ends(self) -> Places:
        """Where each line ends, behind its line feed: ``int64[lines]``."""
        return np.append(self.line_starts[1:], len(self.points))

    def line(self, number: int) -> str:
        """Return one line, without its line feed."""
        start = int(self.line_starts[number])
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)]

    def line_of(self, places: Places) -> Places:
        """Return the number of the line that each of ``places`` is in."""
        return np.searchsorted(self.line_starts, places, side="right") - 1

    def only(self, lines: Places) -> View:
        """Return a view of some lines, by their numbers in order, one below the other; they keep their language."""
        part = View(self._points_of(lines), self.document)
        part.line_languages = self._languages_of(lines, part)
        return part

    def only_changed(self, lines: Places, edits: Edits, places: Places, document: View) -> View | None:
        """Return :meth:`only` of what ``edits`` make of this text, which are all in ``lines``.

        None where for them some other line looks otherwise to a rule: in another language, or among full stops.

        Args:
            lines: Numbers of lines, in order.
            edits: In order and disjoint, none of them across lines.
            places: Which of ``lines`` each of the edits is in.
            document: The whole text, with the edits made.
        """
        starts = self.line_starts[lines]
        lengths = self.line_ends[lines] - starts
        moved = edits.moved((np.cumsum(lengths) - lengths - starts)[places])
        part = View(passes.splice(self._points_of(lines), moved, self._kernel), document)
        document.has_full_stops = part.has_full_stops or self._has_full_stops_outside(lines)
        if document.has_full_stops != self.has_full_stops:
            return None
        if not np.array_equal(part.own_languages[: len(lines)], self.own_languages[lines]):
            return None
        part.line_languages = self._languages_of(lines, part)
        return part

    def _points_of(self, lines: Places) -> Points:
        between = Edits.alike(
            np.append(0, self.line_ends[lines]), np.append(self.line_starts[lines], len(self.points)), ""
        )
        return passes.splice(self.points, between, self._kernel)

    def _languages_of(self, lines: Places, part: View) -> npt.NDArray[np.uint8]:
        # Behind a line feed at the very end is an empty line more.
        languages = np.zeros(len(part.line_starts), np.uint8)
        languages[: len(lines)] = self.line_languages[lines]
        return languages

    def _has_full_stops_outside(self, lines: Places) -> bool:
        places = self.where(Kind.DOTS)
        inside = np.zeros(len(self.line_starts), np.bool_)
        inside[lines] = True
        return bool((~inside[self.line_of(places[self.points[places] == _FULL_STOP])]).any())

    def changed(self, edits: Edits) -> View:
        """Return a view of the text with ``edits`` made, which are in order and disjoint."""
        return View(passes.splice(self.points, edits, self._kernel))

    def count_in(self, starts: Places, ends: Places, kind: int) -> Places:
        """Return how many characters of ``kind`` there are in each span: ``int64[spans]``."""
        return passes.count(self._padded[1:-1], self._table.bits, starts, ends, kind, self._kernel)

    def count_in_lines(self, lines: Places, kind: int) -> Places:
        """Return how many characters of ``kind`` each of ``lines`` has: ``int64[lines]``."""
        if not self.present & kind:
            return np.zeros(len(lines), np.int64)
        return self.count_in(self.line_starts[lines], self.line_ends[lines], kind)

    @functools.cached_property
    def line_languages(self) -> npt.NDArray[np.uint8]:
        """Which language each line is written in, for all that the document tells: ``uint8[lines]``, as above."""
        lines = np.flatnonzero(self.line_bits & np.uint32(Kind.KANA | Kind.HANGUL))
        if not lines.size:
            return self.own_languages
        languages = self.own_languages.copy()
        decided = (languages == JAPANESE).sum(), (languages == KOREAN).sum()
        with_han = max(int((languages != OTHER).sum()), 1)
        only_han = languages == CHINESE
        only_han[lines] = False
        for language, count in zip((JAPANESE, KOREAN), decided, strict=True):
            if count / with_han >= _DOCUMENT_SHARE:
                languages[only_han] = language
        return languages

    @functools.cached_property
    def own_languages(self) -> npt.NDArray[np.uint8]:
        """Which language each line is written in by itself: ``uint8[lines]`` of the constants above."""
        bits = self.line_bits
        languages = np.where(bits & np.uint32(Kind.HAN) != 0, CHINESE, OTHER).astype(np.uint8)
        lines = np.flatnonzero(bits & np.uint32(Kind.KANA | Kind.HANGUL))
        if not lines.size:
            return languages
        han, kana, hangul = (self.count_in_lines(lines, kind) for kind in (Kind.HAN, Kind.KANA, Kind.HANGUL))
        japanese = (kana > 0) & (kana >= KANA_SHARE * (kana + han))
        korean = (hangul > 0) & (hangul >= HANGUL_SHARE * (hangul + kana + han))
        languages[lines[japanese]] = JAPANESE
        languages[lines[korean & ~(japanese & (kana > hangul))]] = KOREAN
        languages[self._quoting(languages)] = CHINESE
        return languages

    def _quoting(self, languages: npt.NDArray[np.uint8]) -> Places:
        """The Chinese lines among those taken for Japanese or Korean: all kana and Hangul are quoted in them."""
        lines = np.flatnonzero((languages >= JAPANESE) & (self.line_bits & np.uint32(Kind.OPENING) != 0))
        if not lines.size:
            return lines
        foreign, han = (
            self.count_in_lines(lines, kind) - self._count_quoted(lines, kind)
            for kind in (Kind.KANA | Kind.HANGUL, Kind.HAN)
        )
        lines = lines[(foreign == 0) & (han >= _LEAST_AROUND)]
        spoken = [_CHINESE_WORD.search(_QUOTED.sub("", self.line(line))) is not None for line in lines.tolist()]
        return np.asarray(lines[np.array(spoken, np.bool_)])

    def _count_quoted(self, lines: Places, kind: int) -> Places:
        """How many of the characters of ``kind`` in each of ``lines`` are quoted."""
        starts, ends = self.quoted_spans
        count = self.count_in(starts, ends, kind)
        by_line = np.bincount(self.line_of(starts), count, len(self.line_starts)).astype(np.int64)
        return np.asarray(by_line[lines])

    @functools.cached_property
    def quoted_spans(self) -> tuple[Places, Places]:
        """What is in brackets or CJK quotes that its line opens, with the opening ones: starts and ends, in order."""
        marks = self.where(Kind.OPENING | Kind.CLOSING)
        depth = np.cumsum(np.where(self.at(marks) & np.uint32(Kind.OPENING) != 0, 1, -1))
        lines = self.line_of(marks)
        first = np.searchsorted(lines, lines)
        within = depth - np.concatenate(([0], depth))[first] > 0
        ends = np.minimum(np.append(marks[1:], len(self.points)), self.line_ends[lines])
        # One span from the outermost opening mark to what closes it, or to the line's end.
        inner = within[1:] & within[:-1] & (lines[1:] == lines[:-1])
        opens, closes = within.copy(), within.copy()
        opens[1:] &= ~inner
        closes[:-1] &= ~inner
        return marks[opens], ends[closes]

    def language_at(self, places: Places) -> npt.NDArray[np.uint8]:
        """Return the language of the line that each of ``places`` is in."""
        return np.asarray(self.line_languages[self.line_of(places)])

    @functools.cached_property
    def code_spans(self) -> list[tuple[int, int]]:
        """Addresses, mail addresses and `code`, half open, in order, disjoint."""
        points = self.points
        colons = self.where(Kind.ASCII_MARK)
        colons = colons[(points[colons] == _COLON) & (points.take(colons + 1, mode="clip") == _SLASH)]
        signs = self.where(Kind.CODE_SIGN)
        found = [
            *self._around(colons, _SCHEME_END, _SCHEME, _ADDRESS),
            *self._around(signs[points[signs] == _AT], "@", _MAILBOX, _DOMAIN),
            *(match.span() for match in self.matches(_QUOTED_CODE, signs[points[signs] == _BACKTICK])),
        ]
        disjoint: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if disjoint and start < disjoint[-1][1]:
                disjoint[-1] = disjoint[-1][0], max(end, disjoint[-1][1])
            else:
                disjoint.append((start, end))
        return disjoint

    def _around(
        self, places: Places, sign: str, before: re.Pattern[str], after: re.Pattern[str]
    ) -> Iterator[tuple[int, int]]:
        """Where ``sign`` stands at one of ``places`` (in order), between what matches ``before`` and ``after``."""
        position = 0
        for place in places.tolist():
            end = place + len(sign)
            if place < position or self.text[place:end] != sign:
                continue
            begin = max(place - _LONGEST_MAILBOX, 0)
            left = before.search(self.text[begin:place])
            if left is not None and (right := after.match(self.text, end)) is not None:
                position = right.end()
                yield begin + left.start(), position

    @functools.cached_property
    def sequence_spans(self) -> list[tuple[int, int]]:
        """Ideographic description sequences, half open, in order."""
        spans: list[tuple[int, int]] = []
        position = 0
        while match := _SEQUENCE_SIGN.search(self.text, position):
            position = _sequence_end(self.text, match.start())
            spans.append((match.start(), position))
        return spans

    def outside(self, places: Places, spans: list[tuple[int, int]]) -> Bools:
        """Tell which of ``places`` are in none of ``spans`` (disjoint, in order)."""
        if not spans or not places.size:
            return np.ones(len(places), np.bool_)
        starts, ends = np.array(spans, np.int64).T
        before = np.searchsorted(starts, places, side="right") - 1
        return np.asarray((before < 0) | (places >= ends[np.maximum(before, 0)]))


def _sequence_end(text: str, start: int) -> int:
    """Where the description sequence that begins at ``start`` ends, by the arity of its operators."""
    wanted = 1
    for place in range(start, min(start + _LONGEST_SEQUENCE, len(text))):
        if text[place] == "\n":
            break
        wanted += _SEQUENCE_ARITY.get(text[place], 0) - 1
        if not wanted:
            return place + 1
    return start + 1
