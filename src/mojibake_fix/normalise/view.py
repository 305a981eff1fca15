"""A text as the rules look at it: its code points, what they are, and which way of writing each line is.

Everything is computed once a text, when first asked for, with arrays.  Not for deciding what is changed.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from mojibake_fix.model import code_points
from mojibake_fix.normalise.characters import Kind, kinds

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

_WORDS = int(Kind.HAN | Kind.KANA | Kind.HANGUL | Kind.BOPOMOFO | Kind.LETTER | Kind.DIGIT)
_MARKS = 0xFFFF_FFFF & ~_WORDS

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

Bits = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]


class View:
    """One text, and what the rules ask about it."""

    def __init__(self, text: str, document: View | None = None) -> None:
        self.text = text
        self.document = document or self
        """The text that this is a part of: where a rule asks what a whole document tells."""
        self.points: Bits = code_points(text)
        self.bits: Bits = kinds()[self.points]
        self.present = int(np.bitwise_or.reduce(self.bits)) if self.bits.size else 0

    def where(self, kind: Kind) -> npt.NDArray[np.int64]:
        """Return the places of all characters of ``kind``, in order."""
        if not self.present & kind:
            return np.empty(0, np.int64)
        if kind & _WORDS:
            return np.flatnonzero((self.bits & np.uint32(kind)).astype(np.bool_))
        places, bits = self._marks
        return np.asarray(places[bits & np.uint32(kind) != 0])

    @functools.cached_property
    def _marks(self) -> tuple[npt.NDArray[np.int64], Bits]:
        """The characters that are no letters or digits, where nearly all rules look: a tenth of a text."""
        # Booleans are searched four times as fast as numbers are.
        places = np.flatnonzero((self.bits & np.uint32(_MARKS)).astype(np.bool_))
        return places, self.bits[places]

    @functools.cached_property
    def has_full_stops(self) -> bool:
        """Whether ideographic full stops occur."""
        return "。" in self.text

    def matches(self, pattern: re.Pattern[str], places: npt.NDArray[np.int64]) -> list[re.Match[str]]:
        """Return the matches that begin at one of ``places`` (in order), without overlaps."""
        found: list[re.Match[str]] = []
        position = 0
        for place in places.tolist():
            match = pattern.match(self.text, place) if place >= position else None
            if match is not None:
                found.append(match)
                position = match.end()
        return found

    def at(self, places: npt.NDArray[np.int64]) -> Bits:
        """Return the bits of the characters at ``places``; places outside the text count as line ends."""
        return np.asarray(self._padded.take(places + 1, mode="clip"))

    def is_at(self, place: int, kind: int) -> bool:
        """Tell whether the character at ``place`` is of ``kind``; a place outside the text is a line end."""
        if not 0 <= place < len(self.text):
            return bool(kind & Kind.LINE_END)
        return bool(self.bits.item(place) & kind)

    @functools.cached_property
    def _padded(self) -> Bits:
        edge = np.array([Kind.LINE_END], np.uint32)
        return np.concatenate((edge, self.bits, edge))

    @functools.cached_property
    def line_starts(self) -> npt.NDArray[np.int64]:
        """Where each line begins."""
        ends = self.where(Kind.LINE_END)
        return np.concatenate(([0], ends[self.points[ends] == 0x0A] + 1))

    def line(self, number: int) -> str:
        """Return one line, without its line feed."""
        start = int(self.line_starts[number])
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)]

    def line_of(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the number of the line that each of ``places`` is in."""
        return np.searchsorted(self.line_starts, places, side="right") - 1

    def only(self, lines: npt.NDArray[np.int64]) -> View:
        """Return a view of some lines, by their numbers in order, one below the other; they keep their language."""
        starts = self.line_starts
        ends = np.concatenate((starts[1:], [len(self.text)]))
        spans = zip(starts[lines].tolist(), ends[lines].tolist(), strict=True)
        part = View("".join([self.text[start:end] for start, end in spans]), self.document)
        # Behind a line feed at the very end is an empty line more.
        languages = np.zeros(len(part.line_starts), np.uint8)
        languages[: len(lines)] = self.line_languages[lines]
        part.line_languages = languages
        return part

    @functools.cached_property
    def line_bits(self) -> Bits:
        """The bits that occur in each line: ``uint32[lines]``."""
        starts = self.line_starts
        found = np.zeros(len(starts), np.uint32)
        # What follows a line feed at the very end is an empty line, which reduceat cannot express.
        whole = starts < len(self.bits)
        if whole.any():
            found[whole] = np.bitwise_or.reduceat(self.bits, starts[whole])
        return found

    def count_by_line(self, kind: Kind) -> npt.NDArray[np.int64]:
        """Return how many characters of ``kind`` each line has: ``int64[lines]``."""
        if not self.present & kind:
            return np.zeros(len(self.line_starts), np.int64)
        return _sum_by_line(self.bits & np.uint32(kind) != 0, self.line_starts)

    @functools.cached_property
    def line_languages(self) -> npt.NDArray[np.uint8]:
        """Which language each line is written in: ``uint8[lines]`` of the constants above."""
        bits = self.line_bits
        languages = np.where(bits & np.uint32(Kind.HAN) != 0, CHINESE, OTHER).astype(np.uint8)
        if not self.present & (Kind.KANA | Kind.HANGUL):
            return languages
        han = self.count_by_line(Kind.HAN)
        kana = self.count_by_line(Kind.KANA)
        hangul = self.count_by_line(Kind.HANGUL)
        japanese = (kana > 0) & (kana >= KANA_SHARE * (kana + han))
        korean = (hangul > 0) & (hangul >= HANGUL_SHARE * (hangul + kana + han))
        languages[japanese] = JAPANESE
        languages[korean & ~(japanese & (kana > hangul))] = KOREAN
        for line in self._quoting(languages).tolist():
            languages[line] = CHINESE
        decided = (languages == JAPANESE).sum(), (languages == KOREAN).sum()
        with_han = max(int((languages != OTHER).sum()), 1)
        for language, count in zip((JAPANESE, KOREAN), decided, strict=True):
            if count / with_han >= _DOCUMENT_SHARE:
                languages[(languages == CHINESE) & (kana == 0) & (hangul == 0)] = language
        return languages

    def _quoting(self, languages: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
        """The Chinese lines among those taken for Japanese or Korean: all kana and Hangul are quoted in them."""
        candidates = languages >= JAPANESE
        if not self.present & Kind.OPENING or not candidates.any():
            return np.empty(0, np.int64)
        around = np.where(self.quoted, np.uint32(0), self.bits)
        foreign = _sum_by_line(around & np.uint32(Kind.KANA | Kind.HANGUL) != 0, self.line_starts)
        han = _sum_by_line(around & np.uint32(Kind.HAN) != 0, self.line_starts)
        lines = np.flatnonzero(candidates & (foreign == 0) & (han >= _LEAST_AROUND))
        spoken = [_CHINESE_WORD.search(_QUOTED.sub("", self.line(line))) is not None for line in lines.tolist()]
        return lines[np.array(spoken, np.bool_)]

    @functools.cached_property
    def quoted(self) -> Bools:
        """Which characters are in brackets or CJK quotes that their line opens: ``bool[n]``."""
        opening = (self.bits & np.uint32(Kind.OPENING) != 0).view(np.int8)
        closing = (self.bits & np.uint32(Kind.CLOSING) != 0).view(np.int8)
        depth = np.cumsum(opening - closing, dtype=np.int32)
        before = np.concatenate(([0], depth))[self.line_starts]
        lengths = np.diff(self.line_starts, append=len(self.bits))
        return np.asarray(depth > np.repeat(before, lengths))

    def language_at(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        """Return the language of the line that each of ``places`` is in."""
        return np.asarray(self.line_languages[self.line_of(places)])

    @functools.cached_property
    def code_spans(self) -> list[tuple[int, int]]:
        """Addresses, mail addresses and `code`, half open, in order, disjoint."""
        text = self.text
        found = [*_around(text, _SCHEME_END, _SCHEME, _ADDRESS), *_around(text, "@", _MAILBOX, _DOMAIN)]
        if "`" in text:
            found += (match.span() for match in _QUOTED_CODE.finditer(text))
        disjoint: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if disjoint and start < disjoint[-1][1]:
                disjoint[-1] = disjoint[-1][0], max(end, disjoint[-1][1])
            else:
                disjoint.append((start, end))
        return disjoint

    @functools.cached_property
    def sequence_spans(self) -> list[tuple[int, int]]:
        """Ideographic description sequences, half open, in order."""
        spans: list[tuple[int, int]] = []
        position = 0
        while match := _SEQUENCE_SIGN.search(self.text, position):
            position = _sequence_end(self.text, match.start())
            spans.append((match.start(), position))
        return spans

    def outside(self, places: npt.NDArray[np.int64], spans: list[tuple[int, int]]) -> Bools:
        """Tell which of ``places`` are in none of ``spans`` (disjoint, in order)."""
        if not spans or not places.size:
            return np.ones(len(places), np.bool_)
        starts, ends = np.array(spans, np.int64).T
        before = np.searchsorted(starts, places, side="right") - 1
        return np.asarray((before < 0) | (places >= ends[np.maximum(before, 0)]))


def _sum_by_line(marks: Bools, starts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """How many of ``marks`` are set in each line."""
    count = np.zeros(len(starts), np.int64)
    whole = starts < len(marks)
    if whole.any():
        count[whole] = np.add.reduceat(marks.view(np.uint8), starts[whole], dtype=np.int64)
    return count


def _around(text: str, sign: str, before: re.Pattern[str], after: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Where ``sign`` stands between what matches ``before`` and ``after``."""
    place = text.find(sign)
    while place >= 0:
        begin = max(place - _LONGEST_MAILBOX, 0)
        end = place + len(sign)
        left = before.search(text[begin:place])
        if left is not None and (right := after.match(text, end)) is not None:
            end = right.end()
            yield begin + left.start(), end
        place = text.find(sign, end)


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
