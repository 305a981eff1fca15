"""Full-width letters and digits, half-width kana and Hangul, ideographic spaces.

They are relics of terminals and of encodings that had every character twice; the forms that the standards mean for
text are those of W3C clreq and jlreq.  Never NFKC: ``①``, ``½``, ``㈱`` and full-width punctuation stay.
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np

from mojibake_fix.normalise import tables
from mojibake_fix.normalise.characters import Kind
from mojibake_fix.normalise.edits import Edit, Edits
from mojibake_fix.normalise.options import NormaliseOptions
from mojibake_fix.normalise.view import OTHER, View

__all__ = ["find_ideographic_spaces", "find_narrow_hangul", "find_narrow_kana", "find_wide_alnum"]

_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]+(?:(?<=[０-９])[，．：／－](?=[０-９])[０-９]+)*")
_WIDE_JOINTS = {ord(wide): ascii_ for wide, ascii_ in zip("，．：／－", ",.:/-", strict=True)}
_NARROW_KANA = re.compile("[｡-ﾟ]+")
_NARROW_HANGUL = re.compile("[ﾠ-ￜ]+")
_WIDE_SPACE = ord("　")
_VOICING = {"゛": "\u3099", "゜": "\u309a"}
_VOICED = re.compile("[ヽか-とは-ほウカ-トハ-ホワ-ヲ][゛゜]")


def find_wide_alnum(view: View, options: NormaliseOptions) -> list[Edit]:
    """Full-width letters and digits, with the separators inside full-width numbers."""
    table = dict(tables.wide_alnum()) | _WIDE_JOINTS
    return [
        Edit(*match.span(), match.group().translate(table))
        for match in view.matches(_WIDE, view.where(Kind.WIDE_ALNUM))
    ]


def find_narrow_kana(view: View, options: NormaliseOptions) -> list[Edit]:
    """Half-width katakana and their marks; a voicing mark and its kana become one character."""
    table = dict(tables.narrow_forms())
    runs = view.matches(_NARROW_KANA, view.where(Kind.NARROW_KANA))
    return [Edit(*match.span(), _voiced(match.group().translate(table))) for match in runs]


def find_narrow_hangul(view: View, options: NormaliseOptions) -> list[Edit]:
    """Half-width Hangul letters become compatibility letters, as in KS X 1001; they are not made into syllables."""
    table = dict(tables.narrow_forms())
    runs = view.matches(_NARROW_HANGUL, view.where(Kind.NARROW_HANGUL))
    return [Edit(*match.span(), match.group().translate(table)) for match in runs]


def find_ideographic_spaces(view: View, options: NormaliseOptions) -> Edits | list[Edit]:
    """Ideographic spaces within CJK lines; those that indent a line, which is what they are for, stay."""
    places = view.where(Kind.SPACE)
    places = places[view.points[places] == _WIDE_SPACE]
    if not places.size:
        return []
    lines = view.line_of(places)
    # The first character of a line that is no ideographic space ends its indent.
    solid = np.flatnonzero(view.points != _WIDE_SPACE)
    first = np.searchsorted(solid, view.line_starts)
    indent_end = np.append(solid, len(view.text))[first]
    inside = (places > indent_end[lines]) & (view.line_languages[lines] != OTHER)
    places = places[inside]
    return Edits.alike(places, places + 1, " ")


def _voiced(text: str) -> str:
    def compose(match: re.Match[str]) -> str:
        kana, mark = match.group()[0], match.group()[1]
        composed = unicodedata.normalize("NFC", kana + _VOICING[mark])
        return composed if len(composed) == 1 else kana + mark

    return _VOICED.sub(compose, text)
