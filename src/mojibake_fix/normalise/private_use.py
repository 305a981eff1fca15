"""Private-use code points that old encodings left in text: GB 18030's, HKSCS's and ETEN's characters.

Characters of fonts count, too: the Symbol font's piece of a line, which word processors' documents have for a dash.

Before Unicode had them, codes of these sets were given private-use code points, by a rule that tells which: the
user-defined areas of a code page are laid out row by row.  Where the standard now has a character for the code, that is
what was meant.  Computed from the encodings; only code points that map to one assigned character are touched.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from mojibake_fix.encodings import GB18030_EDITIONS, lookup
from mojibake_fix.model import STYLES, load_model
from mojibake_fix.normalise.characters import Kind
from mojibake_fix.normalise.edits import Edit
from mojibake_fix.normalise.options import NormaliseOptions
from mojibake_fix.normalise.view import CHINESE, View

__all__ = ["find_private_use", "private_use_table"]

_BIG5_AREAS = (
    # first private-use code point, first lead byte, last lead byte (Windows code page 950, as Microsoft lays it out)
    (0xE000, 0xFA, 0xFE),
    (0xE311, 0x8E, 0xA0),
    (0xEEB8, 0x81, 0x8D),
)
_BIG5_TRAILS = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
_ETEN_FIRST = 0xF6B1
_ETEN_LEADS = range(0xC6, 0xC9)
_ETEN_FIRST_TRAIL_OF_C6 = 0xA1

_GBK_AREAS = (
    # first private-use code point, lead byte, trail bytes: what GBK had before Unicode (Windows code page 936)
    (0xE7C8, 0xA8, (0xBF,)),
    (0xE7E7, 0xA9, range(0x89, 0x96)),
    (0xE815, 0xFE, (*range(0x50, 0x7F), *range(0x80, 0xA1))),
)

_GLYPHS_OF_GB18030: Mapping[int, str] = MappingProxyType(
    dict(
        zip(
            (0xE81E, 0xE826, 0xE82B, 0xE82C, 0xE832, 0xE843, 0xE854, 0xE864),
            map(chr, range(0x9FB4, 0x9FBC)),
            strict=True,
        )
    )
    | dict(
        zip(
            (0xE816, 0xE817, 0xE818, 0xE831, 0xE83B, 0xE855),
            map(chr, (0x20087, 0x20089, 0x200CC, 0x215D7, 0x2298F, 0x241FE)),
            strict=True,
        )
    )
)
_SYMBOL_FONT: Mapping[str, str] = MappingProxyType({"\uf8e7": "—", "\uf0be": "—"})
"""``arrowhorizex`` of Adobe's glyph list, and its code 0xBE as Windows' symbol fonts have it: half a ``——``."""
_LEAST_ODDS = 3.0
"""Nats by which the text must look Traditional or Simplified before ``auto`` believes it."""


def find_private_use(view: View, options: NormaliseOptions) -> list[Edit]:
    """Private-use code points of the set asked for, or of the one whose script the text is in."""
    if options.private_use is None:
        return []
    name = _told_by(view.document) if options.private_use == "auto" else options.private_use
    table = private_use_table(name) if name else _SYMBOL_FONT
    text = view.text
    return [
        Edit(place, place + 1, table[text[place]])
        for place in view.where(Kind.PRIVATE).tolist()
        if text[place] in table
    ]


@functools.cache
def private_use_table(name: str) -> Mapping[str, str]:
    """Return the standard character (or two) of each private-use code point of ``name``: a value of the option."""
    if name == "gb18030":
        table = _gb18030()
    else:
        table = _eten()
        if name == "hkscs":
            table = _big5_areas() | table
    kept = {
        private: standard
        for private, standard in table.items()
        if not any(unicodedata.category(character) in ("Co", "Cn", "Cc") for character in standard)
    }
    return MappingProxyType(dict(_SYMBOL_FONT) | kept)


def _big5_areas() -> dict[str, str]:
    decode = lookup("big5-hkscs").decode
    table: dict[str, str] = {}
    for first, low, high in _BIG5_AREAS:
        codes = (bytes((lead, trail)) for lead in range(low, high + 1) for trail in _BIG5_TRAILS)
        for number, code in enumerate(codes):
            standard = decode(code)
            if standard:
                table[chr(first + number)] = standard
    return table


def _eten() -> dict[str, str]:
    """ETEN's symbols, kana and Cyrillic letters at C6A1-C8FE, which HKSCS has taken over."""
    decode = lookup("big5-hkscs").decode
    codes = [bytes((lead, trail)) for lead in _ETEN_LEADS for trail in _BIG5_TRAILS]
    codes = [code for code in codes if code >= bytes((_ETEN_LEADS[0], _ETEN_FIRST_TRAIL_OF_C6))]
    pairs = ((chr(_ETEN_FIRST + number), decode(code)) for number, code in enumerate(codes))
    return {private: standard for private, standard in pairs if standard}


def _gb18030() -> dict[str, str]:
    """What the private codes of GBK and GB 18030-2000 are in the later editions, and their glyphs."""
    decode = lookup("gb18030").decode
    table: dict[str, str] = {}
    for edition in GB18030_EDITIONS.values():
        for code, standard in edition.changes.items():
            private = code.decode("gb18030")
            if 0xE000 <= ord(private) <= 0xF8FF:
                table[private] = standard
    for first, lead, trails in _GBK_AREAS:
        for number, trail in enumerate(trails):
            later = decode(bytes((lead, trail)))
            if later:
                table.setdefault(chr(first + number), later)
    return table | {chr(point): glyph for point, glyph in _GLYPHS_OF_GB18030.items()}


def _told_by(view: View) -> str | None:
    """The set of the script that the Chinese text around is in; None where it does not tell."""
    languages = view.line_languages
    if not (languages == CHINESE).any():
        return None
    forms = load_model().form_logp(view.points[view.which(Kind.HAN)]).sum(axis=1)
    odds = float(forms[STYLES.index("zh-Hant")] - forms[STYLES.index("zh-Hans")])
    if abs(odds) < _LEAST_ODDS:
        return None
    return "hkscs" if odds > 0 else "gb18030"
