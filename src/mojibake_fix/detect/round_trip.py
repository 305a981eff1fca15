"""UTF-8 that a program read as another encoding and wrote back: where bytes that it could not read became its mark.

What could be read comes back as it was, so the text is whole but for some characters: ``使う`` has become ``使ぁE``,
for the last byte of う and the next one are no code of CP932, and the mark that stands for such is 81 45 there, the
last byte of ぁ and an E.  Whether it was so, the lattice and the language model say.
"""

from __future__ import annotations

from mojibake_fix.encodings import REPLACEMENT_CHARACTER, lookup
from mojibake_fix.lazy import lazy_pattern

__all__ = ["MARK", "READ_AS", "ROUND_TRIP_TERMS", "find_written_back"]

READ_AS = "cp932"
"""The encoding whose mark has a byte that goes on in UTF-8, so that what it wrote can be told from a lost character.
The marks of GBK, CP949 and Big5 are question marks, before which all of a character is gone."""
MARK = lookup(READ_AS).encode("・") or b""
_LETTER = chr(MARK[1])
_PAYLOAD = MARK[0] & 0x3F
_TOGETHER = 4
"""Characters between two marks that are restored together: so many behind each are seen by the search."""
_EAST_ASIAN = lazy_pattern("[\u2e80-\uffdc]")
_BESIDE = 2
"""Characters beside a mark of which one must be East Asian: elsewhere U+FFFD and a letter are a word in capitals that
lost its accents."""
ROUND_TRIP_TERMS = {"mark_letter": MARK[1], "mark_payload": _PAYLOAD}
"""These bytes, for :mod:`mojibake_fix.detect.rows`."""


def find_written_back(line: str) -> list[tuple[int, int]]:
    """Return the half-open spans of ``line`` that such marks may have been written into, by start, disjoint."""
    spans: list[tuple[int, int]] = []
    place = line.find(_LETTER, 1)
    while place > 0:
        if _is_written(line[place - 1]):
            start, end = place - 1, place + 1
            while start > 0 and ord(line[start - 1]) == REPLACEMENT_CHARACTER:
                start -= 1
            while end < len(line) and ord(line[end]) == REPLACEMENT_CHARACTER:
                end += 1
            if spans and start - spans[-1][1] <= _TOGETHER:
                start = spans.pop()[0]
            if _EAST_ASIAN.search(line, max(start - _BESIDE, 0), end + _BESIDE):
                spans.append((start, end))
        place = line.find(_LETTER, place + 1)
    return spans


def _is_written(char: str) -> bool:
    """Whether a character ends in the first byte of the mark in UTF-8, or stands for bytes of which that was one."""
    point = ord(char)
    return point == REPLACEMENT_CHARACTER or (point >= 0x80 and point & 0x3F == _PAYLOAD)
