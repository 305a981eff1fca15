"""Readings written behind characters, as style: removed, or made HTML ruby.

漢（かん）字, ｜漢字《かんじ》, 漢字(한자), 汉字（hàn zì）, 漢（ㄏㄢˋ）.  Only readings that are verified are touched; a
remark in brackets is none.  Glosses that a converter left behind are damage, and the repairer's.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import numpy as np

from mojibake_fix.normalise.characters import Kind
from mojibake_fix.normalise.edits import Edit
from mojibake_fix.normalise.options import NormaliseOptions
from mojibake_fix.normalise.readings import may_end_with, reads_as_japanese, reads_as_korean, reads_as_mandarin
from mojibake_fix.normalise.view import View

__all__ = ["find_glosses"]

_HAN_RANGES = "々〇㐀-䶿一-鿿豈-﫿\U00020000-\U0003fffd"
_PINYIN = "a-zA-ZüÜêāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿĀÁǍÀĒÉĚÈŌÓǑÒ\u0300\u0301\u0304\u030c"
_GLOSS = re.compile(
    r"[(（《][ 　]*(?:(?P<kana>[ぁ-ゖァ-ヺー・]{1,24})|(?P<hangul>[가-힣]{1,12})"
    rf"|(?P<pinyin>[{_PINYIN}][{_PINYIN}'’ ·-]{{0,60}})|(?P<zhuyin>[ㄅ-ㄯˉˊˇˋ˙ 　]{{1,40}}))[ 　]*[)）》]"
)
_BARE_ZHUYIN = re.compile(r"(?P<zhuyin>˙?[ㄅ-ㄩ]{1,3}[ˉˊˇˋ˙]?)")
_HAN = re.compile(rf"[{_HAN_RANGES}]")
_BASE = re.compile(rf"[{_HAN_RANGES}ぁ-ゖ]")
_LONGEST_BASE = 12
_AOZORA_BASE = re.compile(r"[｜|]([^｜|《》\n]{1,24})$")

_VERIFIERS: dict[str, Callable[[str, str], bool]] = {
    "kana": reads_as_japanese,
    "hangul": reads_as_korean,
    "pinyin": reads_as_mandarin,
    "zhuyin": reads_as_mandarin,
}
_HOSTS = np.uint32(Kind.HAN | Kind.KANA | Kind.BOPOMOFO)
_NO_READING = np.uint32(Kind.HAN | Kind.DIGIT | Kind.LINE_END | Kind.FULL_MARK)
"""What no reading begins with; in most brackets."""


def find_glosses(view: View, options: NormaliseOptions) -> list[Edit]:
    """Verified readings behind their characters."""
    mode = options.glosses
    if mode not in ("strip", "ruby"):
        return []
    found: list[Edit] = []
    position = 0
    for match in _candidates(view):
        if match.start() < position:
            continue
        kind = str(match.lastgroup)
        edit = _edit(view.text, match, kind, mode, position)
        if edit is not None:
            found.append(edit)
            position = edit.end
    return found


def _candidates(view: View) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    places = view.where(Kind.OPENING | Kind.ASCII_BRACKET)
    if places.size:
        places = places[(view.at(places - 1) & _HOSTS != 0) & (view.at(places + 1) & _NO_READING == 0)]
        matches = (_GLOSS.match(view.text, place) for place in places.tolist())
        found += (match for match in matches if match is not None)
    if view.present & Kind.BOPOMOFO:
        bracketed = {match.start() + 1 for match in found if match.lastgroup == "zhuyin"}
        places = view.where(Kind.BOPOMOFO)
        # A light tone's dot stands before its syllable.
        starts = {place - (view.text[place - 1 : place] == "˙") for place in places.tolist()}
        bare = (_BARE_ZHUYIN.match(view.text, start) for start in sorted(starts - bracketed))
        found += (match for match in bare if match is not None)
        found.sort(key=lambda match: match.start())
    return found


def _edit(text: str, match: re.Match[str], kind: str, mode: str, position: int) -> Edit | None:
    reading = match.group(kind).strip()
    if kind == "pinyin" and not may_end_with(text[match.start() - 1], reading):
        return None
    before = text[max(position, match.start() - _LONGEST_BASE * 2) : match.start()]
    marked = _AOZORA_BASE.search(before)
    aozora = match.group()[0] == "《"
    if aozora and kind != "kana":
        return None
    if aozora and marked is not None:
        # The bar says where the base begins, and the brackets that this is its reading.
        base, start = marked.group(1), match.start() - len(marked.group())
    else:
        base = _verified_base(before, reading, kind)
        start = match.start() - len(base)
    if not base:
        return None
    if mode == "strip":
        if start + len(base) == match.start():
            return Edit(match.start(), match.end(), "")
        return Edit(start, match.end(), base)
    return Edit(start, match.end(), f"<ruby>{html.escape(base)}<rt>{reading}</rt></ruby>")


def _verified_base(before: str, reading: str, kind: str) -> str:
    """The longest end of ``before`` that is read so; empty if there is none."""
    allowed = _BASE if kind == "kana" else _HAN
    first = len(before)
    while first and len(before) - first < _LONGEST_BASE and allowed.match(before[first - 1]):
        first -= 1
    word = before[first:]
    reads_as = _VERIFIERS[kind]
    for start in range(len(word)):
        if not "ぁ" <= word[start] <= "ゖ" and reads_as(word[start:], reading):
            return word[start:]
    return ""
