"""Which bytes to look at: enough for certainty, so few that the cost does not grow with the file.

Windows start where the state of every encoding that is ASCII at its base is known: behind a byte that is no trail byte
of any of them.  Not for deciding what is in the windows.
"""

from __future__ import annotations

import re

__all__ = ["SMALL", "WHOLE", "windows", "without_markup"]

WHOLE = 512
"""Data up to this size is its own sample, in bytes."""
SMALL = 16 << 10
"""Data up to this size is gone through as a whole where that is cheap."""
_REACH = 4096
"""How far from its place a window may begin, in bytes; text without any such byte is read from its start."""
_SYNC = re.compile(rb"[\x00-\x2f]")
"""Bytes that end a character whatever the encoding: GB 18030 has trail bytes from 0x30 on."""
_NOT_SYNC = bytes(range(0x30, 0x100))
_HIGH = re.compile(rb"[\x80-\xff]")
_LEAD_IN = 12


_TAG = re.compile(rb"<[/!?]?[A-Za-z][^<>]{0,300}>")
_TAGS_IN = 4096
_MARKUP = bytes.maketrans(b'<>"=&', b"     ")
"""No encoding but wide ones has these bytes inside a character."""


def without_markup(data: bytes) -> bytes:
    """Return ``data`` with spaces for what text does not have beside its letters: brackets of tags, and CR before LF.

    Lengths and offsets stay.  Clean text has no letter beside a bracket, so that five words of Chinese in a page of
    HTML would look like none.
    """
    if b"\r\n" in data:
        data = data.replace(b"\r\n", b" \n")
    return data.translate(_MARKUP) if _TAG.search(data[:_TAGS_IN]) else data


def windows(data: bytes, count: int, size: int, *, first: int = 0) -> list[tuple[int, int]]:
    """Return up to ``count`` windows with bytes beyond ASCII, spread over ``data[first:]``.

    Args:
        data: The bytes.
        count: How many windows at most.
        size: How long each is, in bytes; it may be a little longer, to end with a character.
        first: Where the first byte beyond ASCII is.

    Returns:
        Sorted, disjoint (start, end); empty where there is no byte beyond ASCII.
    """
    if len(data) <= WHOLE:
        return [(0, len(data))]
    found: list[tuple[int, int]] = []
    stride = max((len(data) - first) // count, 1)
    behind = 0
    for number in range(count):
        place = first + number * stride
        if place < behind:
            continue
        start = _start(data, max(place, behind), behind)
        if start is None:
            break
        end = _end(data, min(start + size, len(data)))
        found.append((start, end))
        behind = end
    return found


def _start(data: bytes, place: int, behind: int) -> int | None:
    """Where a window at or behind ``place`` begins; None if there is no such place."""
    high = _HIGH.search(data, place)
    if high is None:
        return None
    at = high.start()
    low = max(at - _REACH, behind)
    begin = low + len(data[low:at].rstrip(_NOT_SYNC))
    if data[begin:at].isascii():
        # It need not be looked at.
        return max(begin, at - _LEAD_IN)
    if begin > low or low == behind:
        return begin
    forward = _SYNC.search(data, at, at + _REACH)
    return forward.end() if forward else None


def _end(data: bytes, place: int) -> int:
    sync = _SYNC.search(data, place, place + _REACH)
    return sync.end() if sync else place
