"""Invisible characters that have no use where they stand; each kind is a rule of its own.

They come with copied web pages, PDF files and careless concatenation, and break search and comparison.  Where they do
something (in emoji, in Thai, Persian or Indic text, in right-to-left lines, at the start of a file) they stay.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mojibake_fix.normalise.characters import CJK, Kind
from mojibake_fix.normalise.edits import Edit, Edits
from mojibake_fix.normalise.options import NormaliseOptions
from mojibake_fix.normalise.view import OTHER, Bools, View

__all__ = ["find_bidi", "find_boms", "find_c0", "find_c1", "find_selectors", "find_soft_hyphens", "find_zero_width"]

_CJK_TEXT = CJK | Kind.FULL_MARK | Kind.OPENING | Kind.CLOSING
_PLAIN = _CJK_TEXT | Kind.SPACE | Kind.LINE_END | Kind.DIGIT | Kind.ASCII_MARK | Kind.ASCII_BRACKET
_INVISIBLE = Kind.ZERO_WIDTH | Kind.BIDI | Kind.FORMAT
_FIRST_C1 = 0x80
_SOFT_HYPHEN, _BOM = 0xAD, 0xFEFF
_MOST_SKIPPED = 8
"""Invisible characters in a row that are looked across for the neighbours of one."""


def find_boms(view: View, options: NormaliseOptions) -> Edits | list[Edit]:
    """Byte order marks that are not the first character."""
    places = view.where(Kind.FORMAT)
    return _deleted(places[(view.points[places] == _BOM) & (places > 0)])


def find_c1(view: View, options: NormaliseOptions) -> Edits | list[Edit]:
    """C1 control characters (ECMA-48), which no text format uses; NEL, a line end, stays."""
    places = view.where(Kind.CONTROL)
    return _deleted(places[view.points[places] >= _FIRST_C1])


def find_c0(view: View, options: NormaliseOptions) -> Edits | list[Edit]:
    """C0 control characters other than tabs and line ends, and DEL."""
    places = view.where(Kind.CONTROL)
    return _deleted(places[view.points[places] < _FIRST_C1])


def find_zero_width(view: View, options: NormaliseOptions) -> Edits | list[Edit]:
    """Zero-width spaces and joiners that touch CJK text on one side, and nothing that joins on the other."""
    places = view.where(Kind.ZERO_WIDTH)
    before, after = _seen_around(view, places)
    plain_before, plain_after = before & np.uint32(_PLAIN), after & np.uint32(_PLAIN)
    touching = (before | after) & np.uint32(_CJK_TEXT)
    # Latin letters join with nothing; the other alphabets of LETTER may.
    ascii_before = _is_ascii(view, places, -1)
    ascii_after = _is_ascii(view, places, 1)
    kept_apart = ((plain_before != 0) | ascii_before) & ((plain_after != 0) | ascii_after)
    return _deleted(places[(touching != 0) & kept_apart])


def find_bidi(view: View, options: NormaliseOptions) -> Edits | list[Edit]:
    """Direction marks, embeddings and isolates in CJK lines that have no right-to-left letters."""
    places = view.where(Kind.BIDI)
    if not places.size:
        return []
    points = view.points
    rightward = ((points >= 0x590) & (points < 0x900)) | ((points >= 0xFB1D) & (points < 0xFE00))
    rightward |= ((points >= 0xFE70) & (points < 0xFEFD)) | ((points >= 0x10800) & (points < 0x11000))
    mixed = np.zeros(len(view.line_starts), np.bool_)
    mixed[view.line_of(np.flatnonzero(rightward & ~view.which(Kind.BIDI)))] = True
    lines = view.line_of(places)
    return _deleted(places[~mixed[lines] & (view.line_languages[lines] != OTHER)])


def find_soft_hyphens(view: View, options: NormaliseOptions) -> Edits | list[Edit]:
    """Soft hyphens beside CJK characters, which are broken across lines without hyphens."""
    places = view.where(Kind.FORMAT)
    places = places[view.points[places] == _SOFT_HYPHEN]
    before, after = _seen_around(view, places)
    return _deleted(places[(before | after) & np.uint32(_CJK_TEXT) != 0])


def find_selectors(view: View, options: NormaliseOptions) -> Edits | list[Edit]:
    """Variation selectors behind ideographs: what is lost is which glyph the author wanted to see."""
    places = view.where(Kind.SELECTOR)
    return _deleted(places[view.at(places - 1) & np.uint32(Kind.HAN) != 0])


def _seen_around(view: View, places: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """The bits of the nearest visible characters on both sides."""
    found: list[npt.NDArray[np.uint32]] = []
    for direction in (-1, 1):
        at = places + direction
        for _ in range(_MOST_SKIPPED):
            hidden = view.at(at) & np.uint32(_INVISIBLE) != 0
            if not hidden.any():
                break
            at = np.where(hidden, at + direction, at)
        found.append(view.at(at))
    return found[0], found[1]


def _is_ascii(view: View, places: npt.NDArray[np.int64], direction: int) -> Bools:
    at = places + direction
    inside = (at >= 0) & (at < len(view.points))
    return inside & (view.points[np.clip(at, 0, max(len(view.points) - 1, 0))] < _FIRST_C1)


def _deleted(places: npt.NDArray[np.int64]) -> Edits | list[Edit]:
    """One edit for each run of neighbours among ``places``."""
    if not places.size:
        return []
    breaks = np.flatnonzero(np.diff(places) > 1)
    starts = places[np.concatenate(([0], breaks + 1))]
    ends = places[np.concatenate((breaks, [len(places) - 1]))] + 1
    return Edits.alike(starts, ends, "")
