"""Encodings that say themselves what they are: byte order marks, and text in seven bits with escapes.

ISO-2022, HZ and UTF-7 look like ASCII; a reading is accepted only if it decodes as a whole and reads as text does.
"""

from __future__ import annotations

import codecs
import re

from mojibake_fix.detect.encoding.decoders import decode_marked
from mojibake_fix.detect.encoding.readings import read_texts
from mojibake_fix.detect.encoding.scoring import rarity

__all__ = ["byte_order_mark", "escaped_encoding", "without_ansi"]

_MARKS = (
    ("utf-8", codecs.BOM_UTF8),
    ("utf-32-le", codecs.BOM_UTF32_LE),
    ("utf-32-be", codecs.BOM_UTF32_BE),
    ("utf-16-le", codecs.BOM_UTF16_LE),
    ("utf-16-be", codecs.BOM_UTF16_BE),
    ("gb18030", b"\x84\x31\x95\x33"),
)

_PRIVATE = re.compile("[\ue000-\uf8ff]")
_OF_MARKED = 64
"""So many bytes behind a mark tell whether it is one."""
_ANSI = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\))")

_ESCAPES = (
    (re.compile(rb"\x1b\$\)C"), ("iso-2022-kr",)),
    (re.compile(rb"\x1b\$[)*][AGEH]"), ("iso-2022-cn",)),
    (
        re.compile(rb"\x1b\$(?:[@B]|\(D)|\x1b\([JI]"),
        ("iso-2022-jp", "iso-2022-jp-1", "iso-2022-jp-2", "iso-2022-jp-3", "iso-2022-jp-2004", "iso-2022-jp-ext"),
    ),
)
_HZ = re.compile(rb"~\{(?:[!-}][!-~])+")
_LOOK_AT = 1 << 16
"""HZ and UTF-7 are looked for in so many bytes from the first sign of them."""
_RARE = 0.45
"""Share of bigrams that clean text does not have above which a reading is no text: real text of a few characters has
up to a third, bytes that only look like an escape 60 % and more."""


def byte_order_mark(data: bytes) -> tuple[str, int] | None:
    """Return the encoding that a byte order mark names, and the mark's length.

    Two letters of cp1251 are that of UTF-16, too; the rest of such a text would be private-use characters.
    """
    for name, mark in _MARKS:
        if data.startswith(mark):
            head = data[len(mark) : _OF_MARKED].decode(name, "replace") if name.startswith("utf-16") else ""
            return None if 2 * len(_PRIVATE.findall(head)) > len(head) else (name, len(mark))
    return None


def without_ansi(data: bytes) -> bytes:
    """Return ``data`` without terminal escapes (colours, titles)."""
    return _ANSI.sub(b"", data) if b"\x1b" in data else data


def escaped_encoding(data: bytes) -> str | None:
    """Return the encoding with escapes that ``data``, all ASCII, is in; None if there is none."""
    if b"\x1b" in data:
        for pattern, names in _ESCAPES:
            if pattern.search(data):
                return next((name for name in names if _decodes(data, name)), names[0])
    if b"~{" in data and _HZ.search(data):
        start = data.index(b"~{")
        text = data[start : start + _LOOK_AT].decode("hz", "replace")
        if not text.isascii() and "\ufffd" not in text[:-1] and _reads_well(text):
            return "hz"
    if b"+" in data and _is_utf7(data):
        return "utf-7"
    return None


def _decodes(data: bytes, name: str) -> bool:
    try:
        if name == "iso-2022-cn":
            return "\ufffd" not in decode_marked(name, data)
        data.decode(name)
    except UnicodeError:
        return False
    return True


def _is_utf7(data: bytes) -> bool:
    start = data.index(b"+")
    part = data[start : start + _LOOK_AT]
    end = len(part) if start + len(part) == len(data) else part.rfind(b"\n")
    try:
        text = part[:end].decode("utf-7")
    except UnicodeError:
        return False
    return not text.isascii() and _reads_well(text)


def _reads_well(text: str) -> bool:
    found = rarity(read_texts([text[:2000]]))
    return bool(found.counted[0] > 0 and found.share[0] <= _RARE)
