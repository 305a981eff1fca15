"""What a span of UTF-8 may have been before a program read it as another encoding and wrote it back.

Not for where that was (:mod:`mojibake_fix.detect.round_trip`), nor for searching.
"""

from __future__ import annotations

import functools

from mojibake_fix.encodings import REPLACEMENT_CHARACTER
from mojibake_fix.repair.graph import Arc
from mojibake_fix.repair.losses import losses_of
from mojibake_fix.repair.patterns import Mask, byte_mask, mask_range

__all__ = ["written_back_arcs"]

_TRAIL = mask_range(0x80, 0xBF)
_SPACE, _MARKS, _HIGH = byte_mask(0x20), mask_range(0x21, 0x7E), mask_range(0x80, 0xFF)
_LEAD_OF_TWO, _LEAD_OF_THREE, _LEAD_OF_FOUR = mask_range(0xC2, 0xDF), mask_range(0xE0, 0xEF), mask_range(0xF0, 0xF4)
_CUT_SHORT = ((), (_LEAD_OF_TWO,), (_LEAD_OF_THREE,), (_LEAD_OF_THREE, _TRAIL), (_LEAD_OF_FOUR, _TRAIL, _TRAIL))
"""What U+FFFD may stand for in front of the first byte of the mark, which it stands for as well."""
_LEFT_OVER = ((_TRAIL,), (_LEAD_OF_THREE,), (_LEAD_OF_THREE, _TRAIL))
"""What it stands for elsewhere: what is left of a character whose other bytes became part of a mark."""
_COST_CHOICE = 1.0
"""Nats for each way in which U+FFFD may have come about: given the text all of it is certain."""
_COST_NO_SPACE = 2.0
"""Nats for a character of ASCII that went into a pair and is no space: of seven in public files six were spaces, which
the language model, made of running text, expects less than marks."""


def written_back_arcs(text: str, read_as: str, mark: bytes, *, at_end: bool) -> list[list[Arc]]:
    """Return the arcs that leave each position of ``text``.

    Args:
        text: What was observed, read as UTF-8.
        read_as: What the program read it as: a name of the registry.
        mark: The two bytes that it wrote for each pair that is no code; the second one is a letter.
        at_end: Whether ``text`` ends its line, so that the line break may have been part of a pair.
    """
    arcs: list[list[Arc]] = []
    beginnings: list[tuple[tuple[Mask, ...], float]]
    for place, char in enumerate(text):
        is_marked = text[place + 1 : place + 2].encode() == mark[1:]
        if ord(char) == REPLACEMENT_CHARACTER:
            here = [Arc(place + 1, masks, _COST_CHOICE) for masks in _LEFT_OVER]
            beginnings = [(masks, _COST_CHOICE) for masks in _CUT_SHORT]
        else:
            data = char.encode("utf-8", "surrogatepass")
            here = [Arc(place + 1, tuple(map(byte_mask, data)))]
            beginnings = [(tuple(map(byte_mask, data[:-1])), 0.0)]
            is_marked &= data[-1:] == mark[:1]
        if is_marked:
            here += [
                Arc(place + 2, (*masks, lead, trail), cost + more)
                for masks, cost in beginnings
                for lead, trail, more in _unread(read_as)
            ]
            if at_end and place + 2 == len(text):
                here += [Arc(place + 2, (*masks, losses_of(read_as).leads), cost) for masks, cost in beginnings]
        arcs.append(here)
    return arcs


@functools.cache
def _unread(read_as: str) -> tuple[tuple[Mask, Mask, float], ...]:
    """The pairs of bytes that are no code of ``read_as``, by products of masks, and what the second one costs.

    None is a control character.
    """
    found = []
    for leads, trails in losses_of(read_as).pairs:
        found += [(leads, trails & _SPACE, 0.0)] if trails & _SPACE else []
        found += [(leads, trails & _HIGH, 0.0)] if trails & _HIGH else []
        found += [(leads, trails & _MARKS, _COST_NO_SPACE)] if trails & _MARKS else []
    return tuple(found)
