"""An input in pieces, so that a file larger than memory is done as a small one is.

A piece is the bytes of one window (:mod:`mojibake_fix.windows`) of the input's text, so that what is repaired depends
neither on memory nor on whether the text came from a file.  What is no text in its encoding is cut by bytes: reading
such a piece says where it fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from mojibake_fix import windows
from mojibake_fix.encodings import Encoding
from mojibake_fix.files.newlines import split_off

__all__ = ["cut"]

_LONGEST_CHARACTER = 4
_SPARE = 16
"""A sixteenth more than the bytes that the first characters of a window make likely are looked at for all of them."""


def cut(stream: BinaryIO, row: Encoding) -> Iterator[bytes]:
    """Yield the bytes of ``stream`` in pieces that are a window each.

    An encoding with shifts (HZ, ISO-2022) cannot be read from the middle: all of it is one piece.

    Args:
        stream: Where to read on from.
        row: The encoding of the bytes.
    """
    if row.structure == "stateful":
        if data := stream.read():
            yield data
        return
    # In wide encodings a newline may be two characters.  One more than a window has tells where that ends, and a
    # carriage return at the end of it from half of a CRLF.
    most = _LONGEST_CHARACTER * (2 if row.structure == "wide" else 1) * (windows.WINDOW + 1)
    rest = b""
    while data := rest + stream.read(most - len(rest)):
        end = _end_of_piece(data, row, at_end=len(data) < most)
        yield data[:end]
        rest = data[end:]


def _end_of_piece(data: bytes, row: Encoding, *, at_end: bool) -> int:
    size = windows.WINDOW + 1
    while True:
        is_all = size >= len(data)
        text = _decoded(data, row, size, is_whole=is_all and at_end)
        if text is None:
            return _end_by_bytes(data, row)
        plain, _ = split_off(text)
        end = windows.first_window(plain)
        if end < len(plain):
            break
        if is_all:
            return len(data)
        # As many bytes as so many characters are likely to have.
        size = size * (windows.WINDOW + 1) // max(len(plain), 1) + size // _SPARE
    if plain[end - 1] != "\n":
        return _end_of_characters(data, row, text[:end])
    if plain is text and (end_in_bytes := _end_of_usual_spelling(data, row, text[:end])) is not None:
        return end_in_bytes
    return _end_of_line(data, row, plain.count("\n", 0, end))


def _decoded(data: bytes, row: Encoding, size: int, *, is_whole: bool) -> str | None:
    """The text of the first bytes of ``data``, of ``size`` or as few less as make whole characters; None if none do."""
    end = min(size, len(data))
    ends = [end] if is_whole else range(end, max(end - _LONGEST_CHARACTER, -1), -1)
    return next((text for end in ends if (text := row.decode(data[:end])) is not None), None)


def _end_of_usual_spelling(data: bytes, row: Encoding, text: str) -> int | None:
    """Where ``text`` ends, which ``data`` begins with; None if some character is spelt in another way than usual."""
    end = len(row.encode(text) or b"")
    return end if row.decode(data[:end]) == text else None


def _end_of_line(data: bytes, row: Encoding, number: int) -> int:
    """Return where line ``number``, counted from 1, ends with its newline."""
    feed, return_ = row.encode("\n") or b"\n", row.encode("\r") or b"\r"
    newline = re.compile(b"|".join(map(re.escape, (return_ + feed, return_, feed))))
    # Outside wide encodings no byte of a longer character is a control code.
    found = (match.end() for match in newline.finditer(data) if match.start() % len(feed) == 0)
    return next(islice(found, number - 1, None))


def _end_of_characters(data: bytes, row: Encoding, text: str) -> int:
    """Return where ``text`` ends, which ``data`` begins with and which has no newline."""
    end = _end_of_usual_spelling(data, row, text)
    if end is not None:
        return end
    low, high = 0, len(data)
    while low < high:
        middle = (low + high + 1) // 2
        if len(row.decode(data[: _whole_characters(data, row, middle)]) or "") <= len(text):
            low = middle
        else:
            high = middle - 1
    return _whole_characters(data, row, low)


def _whole_characters(data: bytes, row: Encoding, most: int) -> int:
    """Return where the last character ends that is whole in the first bytes of ``data``, which is text."""
    return next(end for end in range(most, -1, -1) if row.decode(data[:end]) is not None)


def _end_by_bytes(data: bytes, row: Encoding) -> int:
    size = windows.WINDOW
    if len(data) <= size:
        return len(data)
    feed = row.encode("\n") or b"\n"
    end = size
    while (start := data.rfind(feed, 0, end)) >= 0 and start % len(feed):
        end = start + len(feed) - 1
    return start + len(feed) if start >= 0 else size
