"""Characters that stand for an ideograph without being it: radicals, compatibility ideographs, look-alikes.

They come from PDF files, old encodings and input methods; they look right, and are found by no search.
"""

from __future__ import annotations

import re

from mojibake_fix.normalise import tables
from mojibake_fix.normalise.characters import CJK, Kind
from mojibake_fix.normalise.edits import Edit
from mojibake_fix.normalise.options import NormaliseOptions
from mojibake_fix.normalise.view import CHINESE, View

__all__ = ["find_compatibility", "find_doubled", "find_lookalikes", "find_radicals"]

_RADICALS = re.compile("[\u2e80-\u2fd5\u31c0-\u31ef]+")
_CIRCLES = "○◯"
_ZHUYIN_ONE = "ㄧ"


def find_radicals(view: View, options: NormaliseOptions) -> list[Edit]:
    """Radicals and strokes written in text; one that stands by itself is meant as a radical."""
    table = dict(tables.radicals())
    found: list[Edit] = []
    for match in _RADICALS.finditer(view.text):
        start, end = match.span()
        alone = end - start == 1 and not (view.is_at(start - 1, CJK) or view.is_at(end, CJK))
        after = match.group().translate(table)
        if not alone and after != match.group() and not _in_sequence(view, start):
            found.append(Edit(start, end, after))
    return found


def find_compatibility(view: View, options: NormaliseOptions) -> list[Edit]:
    """Compatibility ideographs become the unified ideographs that they are canonically equivalent to."""
    table = tables.compatibility_ideographs()
    places = view.where(Kind.COMPATIBILITY).tolist()
    return [Edit(place, place + 1, table[ord(view.text[place])]) for place in places]


def find_doubled(view: View, options: NormaliseOptions) -> list[Edit]:
    """Ideographs that Unicode has twice by mistake get the code point to use."""
    table = tables.misused_forms()
    places = view.where(Kind.VARIANT).tolist()
    return [Edit(place, place + 1, table[ord(view.text[place])]) for place in places if ord(view.text[place]) > 0xFFFF]


def find_lookalikes(view: View, options: NormaliseOptions) -> list[Edit]:
    """Circles between Chinese digits become 〇, the zhuyin letter ㄧ between ideographs of a Chinese line 一."""
    table = tables.misused_forms()
    text = view.text
    found: list[Edit] = []
    places = view.where(Kind.VARIANT)
    for place, language in zip(places.tolist(), view.language_at(places).tolist(), strict=True):
        if text[place] in _CIRCLES:
            neighbours = (text[place - 1 : place] if place else ""), text[place + 1 : place + 2]
            wrong = _counts(text, place) and any(neighbour in tables.CHINESE_DIGITS for neighbour in neighbours)
        else:
            wrong = (
                text[place] == _ZHUYIN_ONE
                and language == CHINESE
                and view.is_at(place - 1, Kind.HAN)
                and view.is_at(place + 1, Kind.HAN)
            )
        if wrong:
            found.append(Edit(place, place + 1, table[ord(text[place])]))
    return found


def _counts(text: str, place: int) -> bool:
    """Whether the run of digits and circles around ``place`` is a number: two real digits, or one before ``年``."""
    start, end = place, place + 1
    while start and text[start - 1] in tables.CHINESE_DIGITS | {"◯"}:
        start -= 1
    while end < len(text) and text[end] in tables.CHINESE_DIGITS | {"◯"}:
        end += 1
    real = sum(character not in _CIRCLES for character in text[start:end])
    return real >= 1 and end - start >= 2 and (real >= 2 or text[end : end + 1] in ("年", "號", "号", "室"))


def _in_sequence(view: View, place: int) -> bool:
    return any(start <= place < end for start, end in view.sequence_spans)
