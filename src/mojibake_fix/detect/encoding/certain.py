"""Answers that need no model: byte order marks, escapes, ASCII, UTF-8.  All at the speed of the codecs."""

from __future__ import annotations

import re

from mojibake_fix.detect.encoding.binary import BINARY_CONTROLS, control_share
from mojibake_fix.detect.encoding.decoders import decode_marked
from mojibake_fix.detect.encoding.escaped import byte_order_mark, escaped_encoding
from mojibake_fix.detect.encoding.hints import Hints
from mojibake_fix.detect.encoding.result import Candidate, Detection, Span

__all__ = ["certain", "may_be_wide", "one_span", "sure"]

_HEAD = 1024
_NOISY = 64
_TWO_BYTE_TEXT = 16
_ODD = re.compile("[\x00-\x08\x0e-\x1a\x7f-\x9f\ue000-\uf8ff\ufff0-\ufffb]")
"""UTF-8 of no more bytes than this, and all in codes of two bytes or one or with odd characters, may be Chinese in
another encoding."""
_PAIRED = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_WORDS = b"abcdefghijklmnopqrstuvwxyz "
_LOW = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x1B), *range(0x1C, 0x20)])
_SHORT_ASCII = 32
_LANGUAGE_OF_ESCAPED = {"hz": "zh-Hans", "iso-2022-kr": "ko", "iso-2022-cn": "zh-Hans"} | dict.fromkeys(
    ("iso-2022-jp", "iso-2022-jp-1", "iso-2022-jp-2", "iso-2022-jp-3", "iso-2022-jp-2004", "iso-2022-jp-ext"), "ja"
)


def certain(data: bytes, hints: Hints) -> Detection | None:
    """The answer where no model is needed."""
    mark = byte_order_mark(data)
    if mark is not None:
        name, length = mark
        return Detection(
            name, None, 1.0, one_span(data, name), "byte order mark", (Candidate(name, None, 1.0),), bom=length
        )
    if data.isascii():
        escaped = None if b"\0" in data else escaped_encoding(data)
        if escaped is not None and hints.allows(escaped):
            return sure(data, escaped, _LANGUAGE_OF_ESCAPED.get(escaped), "escape sequences")
        if b"\0" in data or may_be_wide(data):
            return None
        if len(data) >= _NOISY and control_share(data[:_HEAD]) > BINARY_CONTROLS:
            return Detection(None, reason="binary data: control characters", binary=True)
        return sure(data, "ascii", None, "nothing beyond ASCII" if data else "no bytes")
    if hints.allows("utf-8") and b"\0" not in data[:1024]:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            return _cesu_8(data) if _PAIRED.match(data, error.start) else None
        if len(data) <= _TWO_BYTE_TEXT and (max(text) < "\u0800" or _ODD.search(text)):
            return None
        return sure(data, "utf-8", None, "valid UTF-8")
    return None


def _cesu_8(data: bytes) -> Detection | None:
    """The answer for UTF-8 in which characters beyond the first plane are written as pairs of surrogates."""
    try:
        decode_marked("cesu-8", data).encode("utf-8")
    except UnicodeError:
        return None
    return sure(data, "cesu-8", None, "UTF-8 with surrogate pairs")


def may_be_wide(data: bytes) -> bool:
    """Whether a few bytes of ASCII look as little like words as UTF-16 does: half of the bytes of kana are ``0``."""
    if len(data) > _SHORT_ASCII or len(data) % 2 or not data:
        return False
    return 2 * len(data.translate(None, _WORDS)) >= len(data) or len(data.translate(None, _LOW)) < len(data)


def one_span(data: bytes, name: str) -> tuple[Span, ...]:
    """The spans of data that is in one encoding."""
    return (Span(0, len(data), name),)


def sure(data: bytes, name: str, language: str | None, reason: str) -> Detection:
    """The answer of which there is no doubt."""
    return Detection(name, language, 1.0, one_span(data, name), reason, (Candidate(name, language, 1.0),))
