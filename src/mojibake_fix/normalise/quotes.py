"""Quotation marks of one kind, nested right: “‘’”, 「『』」, or straight ones.

Only in CJK lines.  Outer and inner are told by how deep a quotation is, not by which mark it had, for texts that
mix kinds also nest them wrongly; but the inner pair is one of its own in Japanese (『 』 for titles) and in Korean
(‘ ’ for stress and thoughts), and stays.  An apostrophe is no quote.  Straight quotes pair up only where all of a
line's do and what they quote is CJK text: inches, code and attributes stay.
"""

from __future__ import annotations

import itertools
import operator
import re
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from mojibake_fix.normalise.characters import CJK, Kind
from mojibake_fix.normalise.edits import Edit
from mojibake_fix.normalise.options import NormaliseOptions
from mojibake_fix.normalise.view import JAPANESE, KOREAN, OTHER, Bools, View

__all__ = ["find_quotes"]

_OPENING = "“‘「『"
_CLOSING: Mapping[str, str] = MappingProxyType(dict(zip("”’」』", _OPENING, strict=True)))
_STYLES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"curly": ("“”", "‘’"), "corner": ("「」", "『』"), "straight": ('""', "''")}
)
"""Outer and inner pair of each style."""
_APOSTROPHES = "’'"
_STRAIGHT = '"'
_CODE = re.compile(r"""[=\[{\\]"|"(?:\s*:|[\]}]|,\s*")""")
"""Straight quotes of attributes, arrays, objects and arguments."""


def find_quotes(view: View, options: NormaliseOptions) -> list[Edit]:
    """Quotes of CJK lines become those of the style asked for."""
    if options.quotes is None:
        return []
    places = view.where(Kind.QUOTE)
    places = places[view.language_at(places) != OTHER]
    places = places[view.outside(places, view.code_spans)]
    if not places.size:
        return []
    pairs = _STYLES[options.quotes]
    lines = view.line_of(places)
    out_of_order = np.zeros(len(view.line_starts), np.bool_)
    out_of_order[lines[~_in_order(view.points[places], lines, pairs[0])]] = True
    wrong = out_of_order[lines]
    by_line = itertools.groupby(
        zip(lines[wrong].tolist(), places[wrong].tolist(), strict=True), key=operator.itemgetter(0)
    )
    found: list[Edit] = []
    for line, members in by_line:
        found += _line_edits(view, line, [place for _, place in members], pairs)
    return found


def _in_order(points: npt.NDArray[np.uint32], lines: npt.NDArray[np.int64], outer: str) -> Bools:
    """Tell which quotes are of the outer pair and open and close in turn, as nearly all do; the rest need a look."""
    first = np.concatenate(([True], lines[1:] != lines[:-1]))
    number = np.arange(len(lines)) - np.flatnonzero(first)[np.cumsum(first) - 1]
    return np.asarray(points == np.where(number % 2 == 0, ord(outer[0]), ord(outer[1])))


def _line_edits(view: View, line: int, places: list[int], pairs: tuple[str, str]) -> list[Edit]:
    text = view.text
    places = [place for place in places if not _is_apostrophe(text, place)]
    kept = pairs[1] if view.line_languages[line] in (JAPANESE, KOREAN) else ""
    places = [place for place in places if text[place] not in kept]
    sides = _straight_sides(view, [place for place in places if text[place] == _STRAIGHT])
    found: list[Edit] = []
    depth = 0
    for place in places:
        character = text[place]
        side = sides.get(place, 0 if character in _OPENING else 1 if character in _CLOSING else -1)
        # Where nothing is open, ’ is more likely an apostrophe; ” ends what an earlier line began.
        if side < 0 or (character == "’" and not depth):
            continue
        if side == 1:
            depth = max(depth - 1, 0)
        after = pairs[depth % 2][side]
        if side == 0:
            depth += 1
        if after != character:
            found.append(Edit(place, place + 1, after))
    return found


def _straight_sides(view: View, places: list[int]) -> dict[int, int]:
    """Whether each straight quote opens (0) or closes (1); empty where the line's do not pair up, or are code."""
    if len(places) % 2 or (places and _CODE.search(view.text, places[0] - 1, places[-1] + 2)):
        return {}
    sides: dict[int, int] = {}
    for start, end in zip(places[::2], places[1::2], strict=True):
        if view.is_at(start - 1, Kind.DIGIT) or not (view.at(np.arange(start + 1, end)) & np.uint32(CJK)).any():
            continue
        sides |= {start: 0, end: 1}
    return sides


def _is_apostrophe(text: str, place: int) -> bool:
    if text[place] not in _APOSTROPHES:
        return False
    before, after = text[max(place - 1, 0) : place], text[place + 1 : place + 2]
    return text[place] == "'" or (before.isascii() and before.isalnum() and after.isascii() and after.isalnum())
