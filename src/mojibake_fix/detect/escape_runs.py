r"""Find runs of escapes that each stand for one character or one byte: ``&#20013;``, ``\u4e2d``, ``%E4%B8%AD``.

Two kinds, each a table row: escapes of code points, which are valid where the code points are assigned, and escapes
of bytes, which are valid where the bytes are UTF-8.  Only runs with something beyond ASCII count, and ASCII that
markup or source code would give a meaning stays escaped.  Encoded words of mail and UTF-7 are here too.

Nothing is decoded here.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from mojibake_fix.detect.context import TextContext
from mojibake_fix.lazy import lazy_pattern

__all__ = [
    "find_encoded_words",
    "find_hex_bytes",
    "find_numeric_entities",
    "find_octal_bytes",
    "find_percent",
    "find_percent_u",
    "find_quoted_printable",
    "find_unicode_escapes",
    "find_utf7",
]

_Found = tuple[int, int, float]

_CHARACTER_NATS = math.log(95)
"""What one fixed character of a form is worth, against a text that draws from the 95 printable ASCII characters."""


# --- Escapes of code points --------------------------------------------------------------------------------------


class _Run(NamedTuple):
    """Adjacent escapes: their place, how many, and how many of them beyond ASCII."""

    start: int
    end: int
    number: int
    wide: int


class _CodePointEscape(NamedTuple):
    """One way to write a code point: the digits are the one group that matched, hexadecimal but for ``decimal_group``.

    ``fixed`` is the number of characters that are no digits.  ``kept`` are ASCII characters that stay escaped.
    ``c1_is_cp1252`` says that 80-9F mean characters, as HTML has it.
    """

    one: re.Pattern[str]
    fixed: int
    kept: str
    decimal_group: int = 0
    c1_is_cp1252: bool = False

    def runs(self, text: str, kept: str) -> Iterator[_Run]:
        run: _Run | None = None
        high_span = (-1, -1)
        for match in self.one.finditer(text):
            start, end = match.span()
            group = match.lastindex or 0
            code_point = int(match[group], 10 if group == self.decimal_group else 16)
            if 0xD800 <= code_point < 0xDC00:
                high_span = (start, end)
                continue
            if 0xDC00 <= code_point < 0xE000:
                if high_span[1] != start:
                    continue
                start = high_span[0]
            elif not self._is_character(code_point, kept):
                continue
            wide = code_point >= 0x80
            if run and run.end == start:
                run = _Run(run.start, end, run.number + 1, run.wide + wide)
            else:
                if run:
                    yield run
                run = _Run(start, end, 1, int(wide))
        if run:
            yield run

    def _is_character(self, code_point: int, kept: str) -> bool:
        if code_point < 0x80:
            character = chr(code_point)
            return (character.isprintable() or character in "\t\n\r") and character not in kept
        if code_point < 0xA0:
            return self.c1_is_cp1252 and code_point not in _CP1252_HOLES
        return code_point <= 0x10FFFF and _is_assigned(chr(code_point))

    def nats(self, run: _Run) -> float:
        return run.number * self.fixed * _CHARACTER_NATS


_CP1252_HOLES = frozenset({0x81, 0x8D, 0x8F, 0x90, 0x9D})
_NO_CHARACTERS = frozenset({"Cc", "Cn", "Co", "Cs"})


def _is_assigned(character: str) -> bool:
    return unicodedata.category(character) not in _NO_CHARACTERS


_MARKUP_CHARACTERS = "&<>"
_STRING_CHARACTERS = "\"'\\`\t\n\r"

_NUMERIC_ENTITY = _CodePointEscape(
    lazy_pattern(r"&(?:(?:amp|#38|#[xX]26);){0,3}#(?:([0-9]{1,7})|[xX]([0-9A-Fa-f]{1,6}));"),
    fixed=3,
    kept=_MARKUP_CHARACTERS,
    decimal_group=1,
    c1_is_cp1252=True,
)
_UNICODE_ESCAPE = _CodePointEscape(
    lazy_pattern(r"\\{1,2}(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|U([0-9A-Fa-f]{8}))"),
    fixed=2,
    kept=_MARKUP_CHARACTERS + _STRING_CHARACTERS,
)
_PERCENT_U = _CodePointEscape(
    lazy_pattern(r"%u([0-9A-Fa-f]{4})"), fixed=2, kept=_MARKUP_CHARACTERS + _STRING_CHARACTERS + "%+?#=/;"
)


def find_numeric_entities(text: str, context: TextContext | None) -> Iterator[_Found]:
    """Numeric character references, decimal and hexadecimal, escaped again up to three times (``&amp;#20013;``).

    A run of ASCII alone is reported only on a line that has a run beyond ASCII.  With a context, nothing is
    reported in code, nor where every reference stands alone in a text that talks about them.
    """
    form = _NUMERIC_ENTITY
    runs = form.runs(text, form.kept if context else form.kept + _STRING_CHARACTERS)
    if context:
        runs = (run for run in runs if not context.is_code_at(run.start))
    found = [run for line in _by_line(text, runs) if any(run.wide for run in line) for run in line]
    if context and all(_stands_alone(text, run) for run in found) and _ABOUT_REFERENCES.search(text):
        return
    for run in found:
        yield run.start, run.end, form.nats(run)


def find_unicode_escapes(text: str, _context: TextContext | None) -> Iterator[_Found]:
    r"""``\u4e2d``, ``\ud83d\ude00``, ``\u{1f600}``, ``\U0001f600``, also with the backslash doubled."""
    return _find_wide(text, _UNICODE_ESCAPE)


def find_percent_u(text: str, _context: TextContext | None) -> Iterator[_Found]:
    """``%u4E2D``, the ``escape()`` of ECMAScript, annex B."""
    return _find_wide(text, _PERCENT_U)


def _find_wide(text: str, form: _CodePointEscape) -> Iterator[_Found]:
    return ((run.start, run.end, form.nats(run)) for run in form.runs(text, form.kept) if run.wide)


def _by_line(text: str, runs: Iterator[_Run]) -> Iterator[list[_Run]]:
    line: list[_Run] = []
    for run in runs:
        if line and text.find("\n", line[-1].end, run.start) >= 0:
            yield line
            line = []
        line.append(run)
    if line:
        yield line


def _stands_alone(text: str, run: _Run) -> bool:
    """Whether it is one escape that no letter, ideograph or other escape touches, as an example in a text is."""
    return run.number == 1 and not (text[run.start - 1 : run.start].isalnum() or text[run.end : run.end + 1].isalnum())


_ABOUT_REFERENCES = lazy_pattern(
    r"entit|\bHTML|\bXML|\bUnicode|\bU\+[0-9A-F]{4}|\bescape|character (?:code|reference)|实体|實體|字符|字元|转义|跳脫"
    r"|文字参照|文字コード|エスケープ|엔티티|문자 참조|이스케이프",
    re.IGNORECASE,
)
"""Words of texts that talk of character references and give examples of them."""


# --- Escapes of bytes --------------------------------------------------------------------------------------------


class _ByteEscape(NamedTuple):
    """One way to write a byte, and the regular expressions that follow from it.

    ``run`` matches adjacent escapes (and soft line breaks, where the form has them); ``utf8`` a run that is UTF-8 by
    its lead and continuation bytes; ``leads`` its lead bytes, by length.
    """

    run: re.Pattern[str]
    utf8: re.Pattern[str]
    leads: tuple[re.Pattern[str], ...]
    one: re.Pattern[str]
    soft_break: re.Pattern[str] | None
    fixed: int

    @classmethod
    def of(cls, prefix: str, digits: _Digits, *, soft_break: str = "") -> _ByteEscape:
        lead2, lead3, lead4 = (prefix + lead for lead in digits.leads)
        tail = prefix + digits.continuation
        one = prefix + digits.any
        character = f"{prefix}{digits.ascii}|{lead2}{tail}|{lead3}{tail}{tail}|{lead4}{tail}{tail}{tail}"
        return cls(
            run=lazy_pattern(f"(?:{one}|{soft_break})+" if soft_break else f"(?:{one})+"),
            utf8=lazy_pattern(f"(?:{character})*"),
            leads=tuple(map(lazy_pattern, (lead2, lead3, lead4))),
            one=lazy_pattern(one),
            soft_break=lazy_pattern(soft_break) if soft_break else None,
            fixed=prefix.count("\\") // 2 + len(prefix.replace("\\", "")),
        )

    def runs(self, text: str) -> Iterator[tuple[int, int, float, bool]]:
        """Yield start, end, nats and whether it is beyond ASCII, of every run that is valid UTF-8."""
        for match in self.run.finditer(text):
            escapes, breaks = self.soft_break.subn("", match[0]) if self.soft_break else (match[0], 0)
            if not self.utf8.fullmatch(escapes):
                continue
            characters = [len(lead.findall(escapes)) for lead in self.leads]
            chance = sum(count * nats for count, nats in zip(characters, _UTF8_NATS, strict=True))
            fixed = breaks + len(self.one.findall(escapes)) * self.fixed
            yield *match.span(), fixed * _CHARACTER_NATS + chance, any(characters)


class _Digits(NamedTuple):
    """How the digits of a byte are written, by its role in UTF-8."""

    any: str
    ascii: str
    continuation: str
    leads: tuple[str, str, str]


_UTF8_NATS = (3.5, 5.5, 8.1)
"""Chance of a character of 2, 3 and 4 bytes in random bytes: 30/256, 16/256, 5/256, and 1/4 a continuation byte."""

_HEX = _Digits(
    any="[0-9A-Fa-f]{2}",
    ascii="(?:[2-7][0-9A-Fa-f]|0[9AaDd])",
    continuation="[89ABab][0-9A-Fa-f]",
    leads=("(?:[Cc][2-9A-Fa-f]|[Dd][0-9A-Fa-f])", "[Ee][0-9A-Fa-f]", "[Ff][0-4]"),
)
_OCTAL = _Digits(
    any="[0-3][0-7]{2}",
    ascii="(?:0[4-7]|1[0-7])[0-7]",
    continuation="2[0-7]{2}",
    leads=("3(?:0[2-7]|[1-3][0-7])", "3[45][0-7]", "36[0-4]"),
)

_HEX_BYTES = _ByteEscape.of(r"\\x", _HEX)
_OCTAL_BYTES = _ByteEscape.of(r"\\", _OCTAL)
_PERCENT = _ByteEscape.of("%", _HEX)
_QUOTED_PRINTABLE = _ByteEscape.of("=", _HEX, soft_break=r"=[ \t]{0,8}\r?\n")


def find_hex_bytes(text: str, _context: TextContext | None) -> Iterator[_Found]:
    r"""``\xE4\xB8\xAD``: UTF-8 bytes as source code writes them."""
    return _find_beyond_ascii(text, _HEX_BYTES)


def find_octal_bytes(text: str, _context: TextContext | None) -> Iterator[_Found]:
    r"""``\344\270\255``: UTF-8 bytes as git and many a shell write file names."""
    return _find_beyond_ascii(text, _OCTAL_BYTES)


def find_percent(text: str, _context: TextContext | None) -> Iterator[_Found]:
    """``%E4%B8%AD``: UTF-8 bytes percent-encoded, RFC 3986."""
    return _find_beyond_ascii(text, _PERCENT)


def find_quoted_printable(text: str, _context: TextContext | None) -> Iterator[_Found]:
    """``=E4=B8=AD``, RFC 2045, with its soft line breaks.

    One run beyond ASCII shows that the text is quoted-printable; then ``=3D`` and soft breaks are too.
    """
    runs = list(_QUOTED_PRINTABLE.runs(text))
    if any(wide for *_, wide in runs):
        yield from ((start, end, nats) for start, end, nats, _ in runs)


def _find_beyond_ascii(text: str, form: _ByteEscape) -> Iterator[_Found]:
    return ((start, end, nats) for start, end, nats, wide in form.runs(text) if wide)


# --- Words in mail -----------------------------------------------------------------------------------------------

_WORD = r"=\?[A-Za-z0-9_.:+-]{2,40}(?:\*[A-Za-z-]{1,20})?\?(?:[Bb]\?[A-Za-z0-9+/]{2,}={0,2}|[Qq]\?[!->@-~]+)\?="
_ENCODED_WORDS = lazy_pattern(rf"{_WORD}(?:[ \t\r\n]{{0,80}}{_WORD})*")
_WORD_FIXED = 7

_UTF7 = lazy_pattern(r"\+([A-Za-z0-9+/]*)(-?)")
_UTF7_UNIT_NATS = 2.0
"""A unit of 16 random bits is in the repertoire of one East Asian national standard: 6,900 to 8,800 of 65,536."""
_UTF7_MIN_NATS = 13.0
"""For a whole text: two characters that end in a hyphen, or two words that do not, or one of four characters.

A span of one character (``+abc-``) counts for nothing, being as likely a sum or a key.
"""
_UTF7_STANDARDS = ("gb2312", "euc_jp", "euc_kr", "big5")


def find_encoded_words(text: str, _context: TextContext | None) -> Iterator[_Found]:
    """``=?UTF-8?B?5Lit?=``, RFC 2047; words that follow one another, folded or not, are one span."""
    for match in _ENCODED_WORDS.finditer(text):
        yield *match.span(), _WORD_FIXED * _CHARACTER_NATS


def find_utf7(text: str, _context: TextContext | None) -> Iterator[_Found]:
    """``+Ti1lhw-``, RFC 2152: base64 of UTF-16.

    Enough East Asian text, each span in the repertoire of one standard, shows that the text is UTF-7; then every
    other span that is valid is too.
    """
    found: list[_Found] = []
    proof = 0.0
    for match in _UTF7.finditer(text):
        decoded = _decode_utf7(match[0])
        if decoded is None:
            continue
        units, padding = divmod(6 * len(match[1]), 16)
        fixed = len(match[0]) - len(match[1])
        nats = fixed * _CHARACTER_NATS + units * _UTF7_UNIT_NATS + padding * math.log(2)
        found.append((*match.span(), nats))
        if units >= 2 and _is_east_asian(decoded):
            proof += nats
    if proof >= _UTF7_MIN_NATS:
        yield from found


def _decode_utf7(shifted: str) -> str | None:
    if shifted == "+":
        return None
    try:
        decoded = shifted.encode("ascii").decode("utf-7")
    except UnicodeDecodeError:
        return None
    # What stands between the signs may be ASCII only where that is the escaped plus sign.
    return decoded if shifted == "+-" or all(_is_assigned(char) and char > "\x7f" for char in decoded) else None


def _is_east_asian(decoded: str) -> bool:
    return any(decoded.encode(standard, "ignore").decode(standard) == decoded for standard in _UTF7_STANDARDS)
