r"""Find seven-bit double-byte text between shift sequences: HZ and ISO-2022, the latter with or without its ESC.

Every byte of such a text is printable ASCII, so the question is always whether it is code instead.  Three things
answer it: the sequences that open and close, whole and defined pairs between them, and which letters the pairs are
made of (real text has hardly a lower-case lead byte, code has little else).

Not for 8-bit encodings, and nothing is decoded here.
"""

from __future__ import annotations

import itertools
import math
import re
import string
from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeVar

from mojibake_fix.detect.context import TextContext
from mojibake_fix.lazy import lazy_pattern

__all__ = ["find_hz", "find_iso_2022_cn", "find_iso_2022_jp", "find_iso_2022_kr"]

_Found = tuple[int, int, float]
_T = TypeVar("_T")

_SHIFT_NATS = 10.2
"""What an opening and a closing sequence, with whole and defined pairs between them, are worth.

Over 565 million characters of source code and documentation, 64,358 places look like the opening of ISO-2022-JP
with any capital for its ``B``; 31 of them run on through whole, defined pairs to a closing with any capital, of
which two close in truth: ``-log(31 / 64358 * 2 / 26)``.
"""

_MIN_NATS = 8.0
"""A text none of whose spans reaches this is taken for code.

Over 50,377 files of the same 550 million characters, taken whole and by line: no false span, and each of the three
files that hold ISO-2022 is found.
"""

_ESC_NATS = 14.6
"""What a designation with its ESC is worth: three fixed characters of the 128 of ASCII."""


def _nats_by_character(
    *, lower: float, upper: float, digit: float, kana: float, symbol: float, other: float
) -> Mapping[str, float]:
    table = dict.fromkeys(map(chr, range(0x21, 0x7F)), other)
    for characters, nats in (
        (string.ascii_lowercase, lower),
        (string.ascii_uppercase, upper),
        (string.digits, digit),
        ("$%", kana),
        ("!#", symbol),
    ):
        table.update(dict.fromkeys(characters, nats))
    return table


# Log-likelihood ratios of one byte of a pair: 20,000 lines of real text a language against the printable runs of
# source code (two million pairs).  Trail bytes hardly differ between the character sets.
_TRAIL_NATS = _nats_by_character(lower=-1.2, upper=1.0, digit=1.5, kana=0.9, symbol=0.9, other=0.9)
_GB_LEAD_NATS = _nats_by_character(lower=-6.1, upper=1.3, digit=2.3, kana=-2.7, symbol=2.8, other=0.1)
_JIS_LEAD_NATS = _nats_by_character(lower=-7.5, upper=0.0, digit=1.3, kana=5.8, symbol=3.1, other=-0.4)
_KS_LEAD_NATS = _nats_by_character(lower=-8.2, upper=0.4, digit=2.8, kana=-2.9, symbol=-1.0, other=1.1)


class _Shift(NamedTuple):
    """One pair of shift sequences about pairs of one character set.

    ``pair`` matches one defined pair (by rows; single holes are the decoder's business).  ``body`` matches as many
    pairs as there are before a closing sequence.  ``of_identifiers`` says that the opening is what a variable of a
    shell or of Perl looks like, so that a body of letters and digits proves nothing.
    """

    opening: re.Pattern[str]
    closing: re.Pattern[str]
    body: re.Pattern[str]
    lead_nats: Mapping[str, float]
    of_identifiers: bool

    @classmethod
    def of(
        cls, opening: str, closing: str, pair: str, lead_nats: Mapping[str, float], *, of_identifiers: bool = False
    ) -> _Shift:
        body = f"(?:(?!{closing})(?:{pair}))*"
        return cls(lazy_pattern(opening), lazy_pattern(closing), lazy_pattern(body), lead_nats, of_identifiers)

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield start, end and body of every shifted span.

        Linear: a run of pairs that leads to no closing sequence is read once for each parity, since an opening
        inside it, at the same parity, leads to the same place.
        """
        position = 0
        hopeless = [-1, -1]
        for opening in self.opening.finditer(text):
            start, body_start = opening.span()
            if start < position or body_start <= hopeless[body_start % 2]:
                continue
            body = self.body.match(text, body_start)
            body_end = body.end() if body else body_start
            closing = self.closing.match(text, body_end)
            if closing and body_end > body_start:
                position = closing.end()
                yield start, position, text[body_start:body_end]
            else:
                hopeless[body_start % 2] = body_end

    def nats(self, body: str) -> float:
        pairs = body.replace(" ", "")
        return (
            _SHIFT_NATS
            + sum(map(self.lead_nats.__getitem__, pairs[::2]))
            + sum(map(_TRAIL_NATS.__getitem__, pairs[1::2]))
        )


_GB_PAIR = r"[!-)0-w][!-~]"
_JIS_PAIR = r"[!-'\-0-t][!-~]|\([!-@]"
_KS_PAIR = r"[!-,0-HJ-}][!-~]"

_HZ = _Shift.of(r"~\{", r"~\}", _GB_PAIR, _GB_LEAD_NATS)
_SHIFT_OUT_KS = _Shift.of(r"(?:\x1b?\$\)C)?\x0e", r"\x0f", _KS_PAIR + "| ", _KS_LEAD_NATS)
_SHIFT_OUT_GB = _Shift.of(r"(?:\x1b?\$\)A)?\x0e", r"\x0f", _GB_PAIR + "| ", _GB_LEAD_NATS)

_ESC_STANDS_AS = ("?", "\ufffd", "\N{SYMBOL FOR ESCAPE}", "^[")
"""What programs write for an ESC that they cannot show."""

_ESC_LOST = _Shift.of(r"\$[@B]", r"\x1b?\([BJ]", _JIS_PAIR, _JIS_LEAD_NATS, of_identifiers=True)
_UNCLOSED = lazy_pattern(rf"(?<!\x1b)\$[@B]((?:{_JIS_PAIR})+)")
_UNCLOSED_NATS = math.log(31 / 64358)
"""The prior of an opening that nothing closes, by the same count."""
_MIN_UNCLOSED_NATS, _LEAST_PAIRS = 20.0, 5
"""Of 100,000 files of programs and their documentation (1,068 million characters) two have a body of more than 8, of 9
and 11."""
_OF_VARIABLES = frozenset(string.ascii_letters + string.digits + "_$%")
"""Second bytes of kana that make a variable or a format of a program: one of another has to be there."""
_ESC_REPLACED = {
    mark: _Shift.of(re.escape(mark) + r"\$[@B]", re.escape(mark) + r"\([BJ]", _JIS_PAIR, _JIS_LEAD_NATS)
    for mark in _ESC_STANDS_AS
}

_ESC_DESIGNATION = r"\x1b(?:\$[@AB]|\$\([CDOPQ]|\(I)"
_ESC_PRESENT = lazy_pattern(rf"{_ESC_DESIGNATION}[ -~]*(?:{_ESC_DESIGNATION}[ -~]*)*(?:\x1b\([BJ])?")

_KR_DESIGNATION = lazy_pattern(r"\x1b?\$\)C")
_CN_DESIGNATION = lazy_pattern(r"\x1b?\$\)A")

_IDENTIFIER = lazy_pattern(r"\w+")
_ESC_SPELT_OUT = lazy_pattern(r"\\(?:x1[bB]|033|e|u001[bB])\Z")


def find_hz(text: str, context: TextContext | None) -> Iterator[_Found]:
    """HZ, RFC 1843: ``~{VPND~}``."""
    shifted = _HZ.find(text)
    yield from _weigh(_unquoted(text, shifted) if context else shifted, _HZ)


def find_iso_2022_jp(text: str, context: TextContext | None) -> Iterator[_Found]:
    """ISO-2022-JP, RFC 1468, 1554 and 2237, with its ESC; or with one for which nothing, or a mark, stands."""
    if "\x1b" in text:
        for match in _ESC_PRESENT.finditer(text):
            yield *match.span(), _ESC_NATS
    for mark, shift in _ESC_REPLACED.items():
        if mark + "$" in text:
            shifted = shift.find(text)
            yield from _weigh(_unquoted(text, shifted) if context else shifted, shift)
    shifted = _ESC_LOST.find(text)
    yield from _weigh(_unquoted(text, shifted) if context else shifted, _ESC_LOST)
    unclosed = _find_unclosed(text)
    yield from _unquoted(text, unclosed) if context else unclosed


def _find_unclosed(text: str) -> Iterator[_Found]:
    """What nothing closes, where the pairs alone prove it: up to where they speak for text most."""
    for match in _UNCLOSED.finditer(text):
        if _ESC_LOST.closing.match(text, match.end()):
            continue
        body, start = match[1], match.start(1)
        pairs = list(zip(body[::2], body[1::2], strict=True))
        said = [_JIS_LEAD_NATS[lead] + _TRAIL_NATS[trail] for lead, trail in pairs]
        nats = list(itertools.accumulate(said, initial=_UNCLOSED_NATS))
        # A quotation mark that ends the text looks like the first half of a sign.
        ends = [count for count, (lead, _) in enumerate(pairs, 1) if lead != '"']
        best = max(ends, key=nats.__getitem__, default=0)
        is_text = any(lead in "$%" and trail not in _OF_VARIABLES for lead, trail in pairs[:best])
        if best >= _LEAST_PAIRS and nats[best] >= _MIN_UNCLOSED_NATS and is_text:
            yield match.start(), start + 2 * best, nats[best]


def find_iso_2022_kr(text: str, _context: TextContext | None) -> Iterator[_Found]:
    """ISO-2022-KR, RFC 1557: KS X 1001 between SO and SI, its designation ``ESC $ ) C`` whole, cut or gone."""
    if not _CN_DESIGNATION.search(text):
        yield from _find_shift_out(text, _SHIFT_OUT_KS, _KR_DESIGNATION)


def find_iso_2022_cn(text: str, _context: TextContext | None) -> Iterator[_Found]:
    """ISO-2022-CN, RFC 1922: GB 2312 between SO and SI, known by its designation ``ESC $ ) A``."""
    if _CN_DESIGNATION.search(text):
        yield from _find_shift_out(text, _SHIFT_OUT_GB, _CN_DESIGNATION)


def _find_shift_out(text: str, shift: _Shift, designation: re.Pattern[str]) -> Iterator[_Found]:
    shifted = list(_weigh(shift.find(text), shift))
    if shifted:
        # A designation announces the shifts that follow, often on a line of its own; with them it has to go.
        yield from ((*match.span(), shifted[0][2]) for match in designation.finditer(text))
        yield from shifted


def _weigh(shifted: Iterator[tuple[int, int, str]], shift: _Shift) -> Iterator[_Found]:
    """Yield all spans if one of them is no code: the others, whatever their letters, came the same way."""
    spans = list(shifted)
    weights = [shift.nats(body) for _, _, body in spans]
    proven = any(
        nats >= _MIN_NATS and not (shift.of_identifiers and _IDENTIFIER.fullmatch(body))
        for (_, _, body), nats in zip(spans, weights, strict=True)
    )
    if proven:
        for (start, end, _), nats in zip(spans, weights, strict=True):
            yield start, end, max(nats, _SHIFT_NATS)


def _unquoted(text: str, shifted: Iterator[tuple[int, int, _T]]) -> Iterator[tuple[int, int, _T]]:
    """Leave out what stands between backticks, or in a program that spells its ESC out."""
    for start, end, body in shifted:
        between_backticks = text[start - 1 : start] == "`" and text[end : end + 1] == "`"
        if not between_backticks and not _ESC_SPELT_OUT.search(text, max(0, start - 6), start):
            yield start, end, body
