"""One script: Simplified, Traditional (also as Taiwan and Hong Kong write it), new or old kanji.

OpenCC converts what is in the other script.  What is in the right script already is looked at character by character,
with the contexts of :mod:`mojibake_fix.normalise.contexts`: a converter that worked by characters alone leaves 終于
and 干部, and one that did so the other way makes 頭發 and 公裡.  Each line is judged first, so that Japanese, and
Korean with hanja, are not taken for Chinese.  Ideographic description sequences, addresses and `code` stay.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mojibake_fix.model import BOUNDARY, STYLES, NgramModel, code_points, fold, load_model
from mojibake_fix.normalise.characters import Kind
from mojibake_fix.normalise.contexts import HANS, HANT, load_context_forms
from mojibake_fix.normalise.opencc_bridge import converter
from mojibake_fix.normalise.options import NormaliseOptions, Script
from mojibake_fix.normalise.view import CHINESE, JAPANESE, Bools, Edit, View

__all__ = ["find_script"]

I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]

_CODES = {"zh-Hans": "s", "zh-Hant": "t", "zh-Hant-TW": "tw", "zh-Hant-HK": "hk", "ja": "jp", "ja-old": "t"}
_DIRECT = frozenset(
    ("s2t", "s2tw", "s2hk", "t2s", "tw2s", "hk2s", "t2tw", "tw2t", "t2hk", "hk2t", "t2jp", "jp2t")
)  # fmt: skip
_WITH_PHRASES = frozenset(("s2tw", "s2hk", "tw2s", "hk2s"))
"""Configurations that OpenCC has with a ``p`` behind, which replace words as well."""

_OTHER_SCRIPT = 0.02
"""A line is all in the other script where of the characters that tell scripts apart no more than this share is in the
one that is asked for."""
_MISTAKE = 0.003
"""How often a place is expected to be half converted before the text has shown anything."""
_MISTAKE_COUNT = 12.0
"""How many ambiguous places that expectation is worth."""
_LEAST_ODDS = math.log(19)
"""A form is changed where the other is right with 0.95 probability."""
_TELLING_ODDS = 4.0
"""Nats: contexts that say less do not count in how much of a text is half converted."""
_FOREIGN = -7.5
"""Nats: a character that a style uses so rarely for its class is not one of the style's: 国 in Traditional, not 于."""

_EDGE = np.full(2, BOUNDARY, np.uint16)
_CLAUSE = re.compile(r"[^，。！？；：、\s]+|[，。！？；：、\s]+")


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Which characters of a text belong to one Chinese script only."""

    simplified: Bools
    traditional: Bools
    japanese: Bools


def find_script(view: View, options: NormaliseOptions) -> list[Edit]:
    """Characters that the script asked for writes otherwise."""
    target = options.script
    if target is None:
        return []
    if options.source is not None:
        edits = [] if target == "auto" else _converted_whole(view, options.source, target, options)
        return _unharmed(view, edits)
    if target in ("ja", "ja-old"):
        return _unharmed(view, _kanji(view, target))
    model = load_model()
    evidence = _evidence(view)
    lines = _chinese_lines(view, evidence)
    if not lines.any():
        return []
    simplified = _by_line(view, evidence.simplified)
    traditional = _by_line(view, evidence.traditional)
    if target == "auto":
        target = _dominant(int(simplified[lines].sum()), int(traditional[lines].sum()))
        if target is None:
            return []
    to_simplified = target == "zh-Hans"
    wanted, other = (simplified, traditional) if to_simplified else (traditional, simplified)
    document_is_other = int(other[lines].sum()) > int(wanted[lines].sum())
    whole = lines & (other > 0) & (wanted <= _OTHER_SCRIPT * other)
    # A single character of the other script in a line that has none of the right one: the document tells.
    whole &= (other > 1) | document_is_other | (view.count_by_line(Kind.HAN) <= 4)
    whole |= lines & document_is_other & (wanted == 0)
    edits = _converted_lines(view, whole, _source_code(view) if to_simplified else "s", target)
    rest = lines & ~whole
    if rest.any():
        mended = _mended(view, rest, target, model)
        # Regional forms come when all else is done: in the next pass, over a text that has no mistakes left.
        edits += mended or _regional(view, rest, target)
    return _unharmed(view, sorted(edits, key=lambda edit: edit.start))


def _source_code(view: View) -> str:
    """OpenCC's name for the Traditional that the text is in: Hong Kong's where it writes 裏 or 着, else Taiwan's."""
    return "hk" if any(character in view.text for character in "裏着説") else "tw"


def _dominant(simplified: int, traditional: int) -> Script | None:
    if simplified == traditional:
        return None
    return "zh-Hans" if simplified > traditional else "zh-Hant"


def _evidence(view: View) -> _Evidence:
    hans, hant, japanese = _style_tables()
    bmp = np.where(view.points > 0xFFFF, np.uint32(0), view.points)
    return _Evidence(hans[bmp], hant[bmp], japanese[bmp])


def _regional(view: View, lines: Bools, target: str) -> list[Edit]:
    """Taiwan's or Hong Kong's forms in lines that are in Traditional."""
    return _converted_lines(view, lines, "t", target) if target in ("zh-Hant-TW", "zh-Hant-HK") else []


@functools.lru_cache(maxsize=1)
def _style_tables() -> tuple[Bools, Bools, Bools]:
    """The characters that only Simplified, only Traditional, and neither of them but Japanese uses: ``bool[65536]``."""
    model = load_model()
    logp = model.forms.astype(np.float32) / 8
    hans, hant, japanese = (logp[STYLES.index(style)] for style in ("zh-Hans", "zh-Hant", "ja"))
    han = np.zeros(0x10000, np.bool_)
    han[0x3400:0xA000] = True
    several = np.bincount(model.fold_table[han], minlength=0x10000)[model.fold_table] > 1
    han &= several
    return (
        han & (hans > -1.0) & (hant < _FOREIGN),
        han & (hant > -3.0) & (hans < _FOREIGN),
        han & (japanese > -1.0) & (hans < _FOREIGN) & (hant < _FOREIGN),
    )


def _by_line(view: View, marks: Bools) -> I64:
    total = np.concatenate(([0], np.cumsum(marks, dtype=np.int64)))
    ends = np.concatenate((view.line_starts[1:], [len(marks)]))
    return np.asarray(total[ends] - total[view.line_starts])


def _chinese_lines(view: View, evidence: _Evidence) -> Bools:
    """Lines in Chinese; one with Han alone is Japanese where forms say so that Chinese has in neither script."""
    japanese = _by_line(view, evidence.japanese)
    return np.asarray((view.line_languages == CHINESE) & (japanese == 0))


def _kanji(view: View, target: str) -> list[Edit]:
    return _converted_lines(view, view.line_languages == JAPANESE, "t" if target == "ja" else "jp", target)


def _converted_whole(view: View, source: str, target: str, options: NormaliseOptions) -> list[Edit]:
    if source == target:
        return []
    lines = np.ones(len(view.line_starts), np.bool_)
    return _converted_lines(view, lines, _CODES[source], target, phrases=options.phrases)


def _converted_lines(view: View, lines: Bools, source: str, target: str, *, phrases: bool = False) -> list[Edit]:
    """Convert every run of chosen lines with OpenCC, and tell what differs."""
    if not lines.any():
        return []
    convert = _conversion(source, _CODES[target], phrases=phrases)
    ends = np.concatenate((view.line_starts[1:], [len(view.text)]))
    edge = np.diff(np.concatenate(([False], lines, [False])).astype(np.int8))
    found: list[Edit] = []
    for first, last in zip(np.flatnonzero(edge == 1).tolist(), np.flatnonzero(edge == -1).tolist(), strict=True):
        start, end = int(view.line_starts[first]), int(ends[last - 1])
        found += differences(view.text[start:end], convert(view.text[start:end]), start)
    return found


def _conversion(source: str, target: str, *, phrases: bool) -> Callable[[str], str]:
    """OpenCC's configuration for this, or two of them by way of its own standard of Traditional."""
    direct = f"{source}2{target}"
    if direct in _DIRECT:
        return converter(direct + "p" if phrases and direct in _WITH_PHRASES else direct)
    first, second = converter(f"{source}2t"), converter(f"t2{target}")
    return lambda text: second(first(text))


def _mended(view: View, lines: Bools, target: str, model: NgramModel) -> list[Edit]:
    """What single characters of lines in the right script ought to be, by their contexts."""
    script = HANS if target == "zh-Hans" else HANT
    forms = load_context_forms()
    codes = fold(view.points, model.fold_table)
    padded = np.concatenate((_EDGE, codes, _EDGE))
    places = np.flatnonzero(forms.listed[script][codes] & (view.points < 0x10000))
    places = places[lines[view.line_of(places)]]
    winners, odds = forms.best(padded, places + len(_EDGE), script)
    observed = view.points[places]
    foreign = ~forms.used[script][observed]
    differs = (winners != observed) & (winners != 0)
    # Places where either form could stand tell how much of the text is half converted.
    could_be = ~foreign & (odds >= _TELLING_ODDS) & forms.used[script][codes[places]]
    mistakes = float((could_be & differs).sum())
    share = (mistakes + _MISTAKE * _MISTAKE_COUNT) / (float(could_be.sum()) + _MISTAKE_COUNT)
    needed = np.where(foreign, 0.0, _LEAST_ODDS - math.log(min(share, 0.5)))
    wrong = differs & (odds > needed)
    return [
        Edit(place, place + 1, chr(winner))
        for place, winner in zip(places[wrong].tolist(), winners[wrong].tolist(), strict=True)
    ]


def differences(before: str, after: str, offset: int) -> list[Edit]:
    """Return the edits that make ``after`` of ``before``, which begins at ``offset``: runs of characters that differ.

    Where a conversion changed the length, the texts are compared from mark to mark; where that fails, as a whole.
    """
    if before == after:
        return []
    if len(before) == len(after):
        unequal = np.flatnonzero(code_points(before) != code_points(after))
        breaks = np.flatnonzero(np.diff(unequal) > 1)
        starts = unequal[np.concatenate(([0], breaks + 1))].tolist()
        ends = (unequal[np.concatenate((breaks, [len(unequal) - 1]))] + 1).tolist()
        return [Edit(offset + s, offset + e, after[s:e]) for s, e in zip(starts, ends, strict=True)]
    pieces, changed = _CLAUSE.findall(before), _CLAUSE.findall(after)
    if len(pieces) != len(changed) or len(pieces) < 2:
        return [_trimmed(before, after, offset)]
    found: list[Edit] = []
    for piece, new in zip(pieces, changed, strict=True):
        found += differences(piece, new, offset)
        offset += len(piece)
    return found


def _trimmed(before: str, after: str, offset: int) -> Edit:
    shorter = min(len(before), len(after))
    start = next((i for i in range(shorter) if before[i] != after[i]), shorter)
    end = next((i for i in range(shorter - start) if before[-1 - i] != after[-1 - i]), shorter - start)
    return Edit(offset + start, offset + len(before) - end, after[start : len(after) - end])


def _unharmed(view: View, edits: list[Edit]) -> list[Edit]:
    """The edits that touch no description sequence, address or code."""
    spans = sorted((*view.code_spans, *view.sequence_spans))
    if not spans or not edits:
        return edits
    starts = np.array([edit.start for edit in edits], np.int64)
    kept = view.outside(starts, view.code_spans) & view.outside(starts, view.sequence_spans)
    return [edit for edit, keep in zip(edits, kept.tolist(), strict=True) if keep]
