"""Whether bytes are text at all, told by the bytes; names and extensions are not looked at.

Which encoding a text is in is not answered here.
"""

from __future__ import annotations

import codecs

__all__ = ["BYTE_ORDER_MARKS", "HEAD_BYTES", "encoding_by_mark", "is_binary"]

HEAD_BYTES = 8192
"""How many bytes from the start decide whether a file is binary: as many as git looks at, rounded up."""

# UTF-32 before UTF-16: FF FE begins both.
BYTE_ORDER_MARKS: dict[str, bytes] = {
    "utf-8": codecs.BOM_UTF8,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}

# Tab, line feed, form feed, carriage return, and escape for terminal colours and ISO-2022.
_TEXT_CONTROLS = frozenset(b"\t\n\f\r\x1b\b\x1a")
_CONTROLS = bytes(byte for byte in range(32) if byte not in _TEXT_CONTROLS)

# No encoding of text puts control codes into characters, while one byte of ten of compressed data is one.
_MOST_CONTROLS = 0.01

_SIGNATURES = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\x28\xb5\x2f\xfd")


def encoding_by_mark(head: bytes) -> str | None:
    """Return the encoding whose byte order mark begins ``head``; None where there is none."""
    return next((name for name, mark in BYTE_ORDER_MARKS.items() if head.startswith(mark)), None)


def is_binary(head: bytes) -> bool:
    """Return whether a file that begins with ``head`` is no text.

    It is none if it begins as a well-known binary format does, has a NUL but no byte order mark of UTF-16 or
    UTF-32, or is not UTF-8 and has more control codes than a text in any encoding.

    Args:
        head: The first :data:`HEAD_BYTES` bytes; all of a shorter file.
    """
    if encoding_by_mark(head) is not None:
        return False
    if head.startswith(_SIGNATURES) or 0 in head:
        return True
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > _MOST_CONTROLS * len(head) and not _is_start_of_utf_8(head)


def _is_start_of_utf_8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
