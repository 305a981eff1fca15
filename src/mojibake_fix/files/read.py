"""Bytes of a file as text: by the encoding that the caller names, by a byte order mark, or as strict UTF-8.

Newlines are kept as they are.  Guessing an encoding is not done here: a wrong guess would be new damage.
"""

from __future__ import annotations

import codecs
import errno
import os
import sys
from dataclasses import dataclass

from mojibake_fix.encodings import Encoding, lookup
from mojibake_fix.errors import UndecodableInputError
from mojibake_fix.files.sources import Source

__all__ = ["BYTE_ORDER_MARKS", "Document", "decode", "read"]

# UTF-32 before UTF-16: FF FE begins both.
BYTE_ORDER_MARKS: dict[str, bytes] = {
    "utf-8": codecs.BOM_UTF8,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}

_LONGEST_CHARACTER = 4


@dataclass(frozen=True, slots=True)
class Document:
    """The text of one input, and how its bytes spelt it.

    Attributes:
        text: The characters, newlines as in the file, without a byte order mark.
        encoding: Name of the encoding in the registry.
        bom: Whether the bytes began with a byte order mark.
    """

    text: str
    encoding: str
    bom: bool


def read(source: Source, encoding: str | None = None) -> Document:
    """Return the text of ``source``; see :func:`decode`.

    Raises:
        OSError: It cannot be read.
        UndecodableInputError: Its bytes are not in the encoding.
        UnknownEncodingError: ``encoding`` is no encoding of the registry.
    """
    data = _read_stdin() if source.path is None else source.path.read_bytes()
    return decode(data, source.name, encoding)


def decode(data: bytes, name: str, encoding: str | None = None) -> Document:
    """Return ``data`` as text.

    Args:
        data: The whole input.
        name: What an error calls it.
        encoding: Its encoding, taken at its word; None goes by a byte order mark, and is UTF-8 without one.

    Raises:
        UndecodableInputError: Some byte is not in the encoding; the error gives its offset.
        UnknownEncodingError: ``encoding`` is no encoding of the registry.
    """
    row = lookup(encoding or _encoding_by_mark(data) or "utf-8")
    mark = BYTE_ORDER_MARKS.get(row.name, b"")
    bom = bool(mark) and data.startswith(mark)
    body = data[len(mark) :] if bom else data
    text = row.decode(body)
    if text is None:
        offset = _first_undecodable(body, row) + len(data) - len(body)
        raise UndecodableInputError(name, row.name, offset, _advice(data, offset, named=encoding is not None))
    return Document(text, row.name, bom)


def _encoding_by_mark(data: bytes) -> str | None:
    return next((name for name, mark in BYTE_ORDER_MARKS.items() if data.startswith(mark)), None)


def _advice(data: bytes, offset: int, *, named: bool) -> str:
    found = f"byte {data[offset]:02X}" if offset < len(data) else "the end"
    line = data.count(b"\n", 0, offset) + 1
    remedy = "give another encoding" if named else "give its encoding, such as --encoding gb18030"
    return f"{found} on line {line} does not fit; {remedy}"


def _first_undecodable(data: bytes, row: Encoding) -> int:
    """Return the offset of the first character of ``data`` that ``row`` cannot decode, by bisection.

    A prefix decodes if it ends between two characters before that offset: of as many prefixes in a row as a
    character has bytes, one does up to there, and none does after it.
    """
    decodable, undecodable = 0, len(data)
    while undecodable - decodable > 1:
        middle = (decodable + undecodable) // 2
        ends = range(min(middle + _LONGEST_CHARACTER, len(data)) - 1, middle - 1, -1)
        # What is decodable need not be decoded again, unless an escape in it governs what follows.
        start = 0 if row.structure == "stateful" else decodable
        boundary = next((end for end in ends if row.decode(data[start:end]) is not None), None)
        if boundary is None:
            undecodable = middle
        else:
            decodable = boundary
    return decodable


def _read_stdin() -> bytes:
    if sys.stdin is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), "<stdin>")
    return sys.stdin.buffer.read()
