r"""Decode one text form of characters, strictly or not at all: ``&#20013;``, ``~{VPND~}``, ``$B$3$l(B``.

A form is named by the engine; each name is a row of :data:`DECODERS`.  Where a span is, and whether it was meant, is
the business of the detect side; what is not wholly valid is not decoded here, so that nothing is ever half decoded.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from mojibake_fix.encodings import lookup
from mojibake_fix.errors import UnknownEncodingError
from mojibake_fix.lazy import lazy_pattern

__all__ = ["DECODERS", "decode_escape"]


def decode_escape(text: str, form: str) -> str | None:
    """Return what ``text``, which is one span of escapes of ``form``, stands for; None if it is not strictly valid.

    Raises:
        KeyError: ``form`` is no key of :data:`DECODERS`.
    """
    try:
        decoded = DECODERS[form](text)
    except (ValueError, OverflowError, UnknownEncodingError):
        return None
    if decoded is None or not all(map(_is_text, decoded)):
        return None
    return decoded


def _is_text(character: str) -> bool:
    return character in "\t\n\r" or unicodedata.category(character) not in _NO_TEXT


_NO_TEXT = frozenset({"Cc", "Cn", "Co", "Cs"})


# --- Code points -------------------------------------------------------------------------------------------------

_ENTITY = lazy_pattern(r"&(?:(?:amp|#38|#[xX]26);){0,3}#(?:(?P<decimal>[0-9]{1,7})|[xX]([0-9A-Fa-f]{1,6}));")
_UNICODE_ESCAPE = lazy_pattern(r"\\{1,2}(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|U([0-9A-Fa-f]{8}))")
_PERCENT_U = lazy_pattern(r"%u([0-9A-Fa-f]{4})")


def _numeric_entities(text: str) -> str | None:
    # HTML has 80-9F mean the characters of cp1252, since that is what people who wrote them meant.
    code_points = _code_points(text, _ENTITY)
    if code_points is None:
        return None
    return _join(bytes((c,)).decode("cp1252") if 0x80 <= c < 0xA0 else chr(c) for c in code_points)


def _unicode_escapes(text: str) -> str | None:
    code_points = _code_points(text, _UNICODE_ESCAPE)
    return None if code_points is None else _join(map(chr, code_points))


def _percent_u(text: str) -> str | None:
    code_points = _code_points(text, _PERCENT_U)
    return None if code_points is None else _join(map(chr, code_points))


def _code_points(text: str, escape: re.Pattern[str]) -> list[int] | None:
    code_points: list[int] = []
    position = 0
    for match in escape.finditer(text):
        if match.start() != position or match.lastindex is None:
            return None
        code_points.append(int(match[match.lastindex], 10 if match.lastgroup == "decimal" else 16))
        position = match.end()
    return code_points if position == len(text) else None


def _join(characters: Iterable[str]) -> str:
    """Join characters, and surrogate pairs among them to the characters that they stand for."""
    return "".join(characters).encode("utf-16-le", "surrogatepass").decode("utf-16-le")


# --- Bytes -------------------------------------------------------------------------------------------------------

_HEX_BYTE = lazy_pattern(r"\\x([0-9A-Fa-f]{2})")
_OCTAL_BYTE = lazy_pattern(r"\\([0-3][0-7]{2})")
_PERCENT_BYTE = lazy_pattern(r"%([0-9A-Fa-f]{2})")
_EQUALS_BYTE = lazy_pattern(r"=([0-9A-Fa-f]{2})")
_SOFT_BREAK = lazy_pattern(r"=[ \t]{0,8}\r?\n")


def _hex_bytes(text: str) -> str | None:
    return _utf8(text, _HEX_BYTE, 16)


def _octal_bytes(text: str) -> str | None:
    return _utf8(text, _OCTAL_BYTE, 8)


def _percent(text: str) -> str | None:
    return _utf8(text, _PERCENT_BYTE, 16)


def _quoted_printable(text: str) -> str | None:
    return _utf8(_SOFT_BREAK.sub("", text), _EQUALS_BYTE, 16)


def _utf8(text: str, escape: re.Pattern[str], base: int) -> str | None:
    if escape.sub("", text):
        return None
    return bytes(int(digits, base) for digits in escape.findall(text)).decode("utf-8")


# --- Shifted pairs of bytes --------------------------------------------------------------------------------------

_HZ = lazy_pattern(r"~\{((?:[!-~]{2})+)~\}")
_SHIFT_OUT = lazy_pattern(r"(?:\x1b?\$\)[AC])?\x0e([ -~]+)\x0f")
_DESIGNATION = lazy_pattern(r"\x1b?\$\)[AC]")
_ESC_LOST = lazy_pattern(r"(?P<esc>\?|\ufffd|\u241b|\^\[|)\$[@B](?P<body>(?:[!-~]{2})+?)(?:(?:(?P=esc)|\x1b)\([BJ])?")
_TO_EIGHT_BITS = {code: code | 0x80 for code in range(0x21, 0x7F)}


def _hz(text: str) -> str | None:
    match = _HZ.fullmatch(text)
    return _eight_bit(match[1], "gbk") if match else None


def _iso_2022_kr(text: str) -> str | None:
    return _shift_out(text, "euc_kr")


def _iso_2022_cn(text: str) -> str | None:
    return _shift_out(text, "gbk")


def _shift_out(text: str, codec: str) -> str | None:
    if _DESIGNATION.fullmatch(text):
        return ""
    match = _SHIFT_OUT.fullmatch(text)
    return _eight_bit(match[1], codec) if match else None


def _eight_bit(body: str, codec: str) -> str:
    return body.translate(_TO_EIGHT_BITS).encode("latin-1").decode(codec)


def _iso_2022_jp(text: str) -> str | None:
    if text.startswith("\x1b"):
        # The ESC that closes may have been lost with the end of the line.
        data = text.encode("ascii")
        return _first_strict(data if data.endswith((b"\x1b(B", b"\x1b(J")) else data + b"\x1b(B")
    match = _ESC_LOST.fullmatch(text)
    return _first_strict(b"\x1b$B" + match["body"].encode("ascii") + b"\x1b(B") if match else None


_JAPANESE_CODECS = ("iso2022_jp", "iso2022_jp_2", "iso2022_jp_ext", "iso2022_jp_2004")
"""From the narrowest, so that each character is what the most common decoder gives."""


def _first_strict(data: bytes) -> str | None:
    decoded = (_strict(data, codec) for codec in _JAPANESE_CODECS)
    return next((text for text in decoded if text is not None), None) or _as_cp932(data)


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return None


def _as_cp932(data: bytes) -> str | None:
    """Decode with the rows that NEC and Microsoft added (``①``), which Python's codecs lack."""
    decoded = []
    for designation, body in re.findall(rb"\x1b(\$[@B]|\([BJ])([^\x1b]*)", data):
        if designation.startswith(b"$"):
            pairs = zip(body[::2], body[1::2], strict=True)
            body = b"".join(_shift_jis_code(row, cell) for row, cell in pairs)
        decoded.append(body.decode("cp932"))
    return "".join(decoded)


def _shift_jis_code(row: int, cell: int) -> bytes:
    """Return the Shift_JIS form of a JIS code, both bytes 21-7E (JIS X 0208, appendix 1)."""
    lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
    trail = cell + (0x1F + (cell >= 0x60) if row % 2 else 0x7E)
    return bytes((lead, trail))


# --- Words in mail -----------------------------------------------------------------------------------------------

_WORD = lazy_pattern(r"=\?([^?*]+)(?:\*[^?]*)?\?([BbQq])\?([^?]*)\?=\s*")

_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "euc-kr": "cp949", "shift_jis": "cp932", "latin-1": "cp1252"}
"""What mail so labelled really holds, as the WHATWG Encoding Standard has it."""


def _encoded_words(text: str) -> str | None:
    """Decode adjacent words together: many programs split a character over two."""
    if _WORD.sub("", text):
        return None
    decoded: list[str] = []
    for label, group in itertools.groupby(_WORD.findall(text), key=lambda word: word[0].lower()):
        data = b"".join(_word_bytes(coding, payload) for _, coding, payload in group)
        name = lookup(label).name
        part = lookup(_WIDER.get(name, name)).decode(data)
        if part is None:
            return None
        decoded.append(part)
    return "".join(decoded)


def _word_bytes(coding: str, payload: str) -> bytes:
    data = payload.encode("ascii")
    if coding in "Bb":
        return base64.b64decode(data + b"=" * (-len(data) % 4), validate=True)
    return binascii.a2b_qp(data, header=True)


def _utf7(text: str) -> str | None:
    return text.encode("ascii").decode("utf-7")


DECODERS: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    {
        "numeric-entity": _numeric_entities,
        "hz": _hz,
        "iso-2022-jp": _iso_2022_jp,
        "iso-2022-kr": _iso_2022_kr,
        "iso-2022-cn": _iso_2022_cn,
        "unicode-escape": _unicode_escapes,
        "percent-u": _percent_u,
        "hex-bytes": _hex_bytes,
        "octal-bytes": _octal_bytes,
        "percent": _percent,
        "quoted-printable": _quoted_printable,
        "encoded-word": _encoded_words,
        "utf-7": _utf7,
    }
)
"""A decoder a form; each returns None, or raises UnicodeError or ValueError, where the form is not strictly valid."""
