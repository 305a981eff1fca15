"""Spaces: between CJK and Latin text, and between the characters of a text that is spaced out.

Between CJK and Latin text, layout engines add a quarter of an em by themselves (clreq, jlreq), so that both ways of
writing are right and neither is a default.
"""

from __future__ import annotations

import numpy as np

from mojibake_fix.normalise.characters import CJK, Kind
from mojibake_fix.normalise.edits import Edit, Edits
from mojibake_fix.normalise.options import NormaliseOptions
from mojibake_fix.normalise.view import KOREAN, OTHER, View

__all__ = ["find_spaced_out", "find_spacing"]

_IDEOGRAPHIC = Kind.HAN | Kind.KANA | Kind.BOPOMOFO
_ALNUM = Kind.LETTER | Kind.DIGIT
_SPACED_SHARE = 0.8
_LEAST_GAPS = 8
"""A line is spaced out where eight or more of its characters, and four fifths, have a space behind them: lists of
names have a space behind one in two or three, a calendar's week has seven characters."""


def find_spacing(view: View, options: NormaliseOptions) -> Edits | list[Edit]:
    """A space between CJK characters and Latin letters or digits: added, or removed.  Korean has its own spacing."""
    if options.spacing == "add":
        places = view.meetings(_IDEOGRAPHIC, _ALNUM)
    elif options.spacing == "remove":
        places = view.where(Kind.SPACE)
        places = places[view.points[places] == 0x20]
        before, after = view.at(places - 1), view.at(places + 1)
        ideographic, alnum = np.uint32(_IDEOGRAPHIC), np.uint32(_ALNUM)
        meets = ((before & ideographic != 0) & (after & alnum != 0)) | (
            (before & alnum != 0) & (after & ideographic != 0)
        )
        places = places[meets]
    else:
        return []
    languages = view.language_at(places)
    places = places[(languages != OTHER) & (languages != KOREAN)]
    places = places[view.outside(places, view.code_spans)]
    if options.spacing == "add":
        return Edits.alike(places, places, " ")
    return Edits.alike(places, places + 1, "")


def find_spaced_out(view: View, options: NormaliseOptions) -> Edits | list[Edit]:
    """Spaces between all the characters of a line go; a line with some spaces keeps them."""
    places = view.where(Kind.SPACE)
    if len(places) < _LEAST_GAPS:
        return []
    solid = np.uint32(CJK | Kind.FULL_MARK | Kind.OPENING | Kind.CLOSING)
    gaps = places[(view.at(places - 1) & solid != 0) & (view.at(places + 1) & solid != 0)]
    lines = view.line_of(gaps)
    count = np.bincount(lines, minlength=len(view.line_starts))
    many = np.flatnonzero(count >= _LEAST_GAPS)
    if not many.size:
        return []
    characters = view.count_in_lines(many, CJK | Kind.FULL_MARK | Kind.OPENING | Kind.CLOSING)
    hangul = view.line_bits[many] & np.uint32(Kind.HANGUL) != 0
    spaced = np.zeros(len(count), np.bool_)
    spaced[many] = (count[many] >= _SPACED_SHARE * (characters - 1)) & ~hangul
    gaps = gaps[spaced[lines]]
    return Edits.alike(gaps, gaps + 1, "")
