"""An input in pieces of at most a fixed size, so that a file larger than memory is done as a small one is.

A piece ends where a line ends.  Every input is cut the same way, whatever memory there is, and each piece is a
document of its own, so that what is repaired never depends on the machine.  A line longer than a piece is cut
between two of its characters.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from mojibake_fix.encodings import Encoding

__all__ = ["PIECE_BYTES", "cut"]

PIECE_BYTES = 1 << 20
"""Most bytes of a piece: a novel of Chinese in UTF-8.  A document's evidence is pooled over no more than this."""

_LONGEST_CHARACTER = 4


def cut(stream: BinaryIO, row: Encoding, size: int = PIECE_BYTES) -> Iterator[bytes]:
    """Yield the bytes of ``stream`` in pieces of at most ``size`` bytes.

    An encoding with shifts (HZ, ISO-2022) cannot be read from the middle: all of it is one piece.

    Args:
        stream: Where to read on from.
        row: The encoding of the bytes.
        size: Most bytes of a piece; more than a character has.
    """
    if row.structure == "stateful":
        if data := stream.read():
            yield data
        return
    rest = b""
    # One character more than a piece tells a carriage return at its end from half of a CRLF.
    while data := rest + stream.read(size + _LONGEST_CHARACTER - len(rest)):
        end = len(data) if len(data) <= size else _end_of_piece(data, row, size)
        yield data[:end]
        rest = data[end:]


def _end_of_piece(data: bytes, row: Encoding, size: int) -> int:
    # Outside wide encodings no byte of a longer character is a control code.
    feed, return_ = row.encode("\n") or b"\n", row.encode("\r") or b"\r"
    end = _last(data, feed, size) or _last(data, return_, size)
    if not end or _is_inside_pair(data, end, return_, feed):
        ends = range(size, size - _LONGEST_CHARACTER, -1)
        end = next((end for end in ends if row.decode(data[:end]) is not None), size)
    return end - len(return_) if _is_inside_pair(data, end, return_, feed) else end


def _is_inside_pair(data: bytes, end: int, return_: bytes, feed: bytes) -> bool:
    return data.endswith(return_, 0, end) and data.startswith(feed, end)


def _last(data: bytes, unit: bytes, size: int) -> int:
    """Where the last ``unit`` of ``data[:size]`` that stands on a boundary of units ends; 0 for none."""
    end = size
    while (start := data.rfind(unit, 0, end)) >= 0 and start % len(unit):
        end = start + len(unit) - 1
    return start + len(unit) if start >= 0 else 0
