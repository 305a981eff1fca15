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

from mojibake_fix.encodings import lookup, repertoire
from mojibake_fix.model import BOUNDARY, STYLES, NgramModel, code_points, fold, load_model, text_of
from mojibake_fix.normalise.characters import Kind
from mojibake_fix.normalise.contexts import EITHER, HANS, HANT, load_context_forms
from mojibake_fix.normalise.edits import Edit
from mojibake_fix.normalise.opencc_bridge import converter
from mojibake_fix.normalise.options import NormaliseOptions, Script
from mojibake_fix.normalise.view import CHINESE, HANGUL_SHARE, JAPANESE, KANA_SHARE, Bools, View

__all__ = ["find_script"]

I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]

_CODES = {"zh-Hans": "s", "zh-Hant": "t", "zh-Hant-TW": "tw", "zh-Hant-HK": "hk", "ja": "jp", "ja-old": "t"}
_DIRECT = frozenset(
    ("s2t", "s2tw", "s2hk", "t2s", "tw2s", "hk2s", "t2tw", "tw2t", "t2hk", "hk2t", "t2jp", "jp2t")
)  # fmt: skip
_WITH_PHRASES = frozenset(("s2tw", "s2hk", "tw2s", "hk2s"))
"""Configurations that OpenCC has with a ``p`` behind, which replace words as well."""
_ANY_REGION = "hant"
"""Traditional as Hong Kong or Taiwan writes it: Hong Kong's forms become OpenCC's own, which Taiwan's way on knows."""
_NEIGHBOURS = {"zh-Hant-TW": "hk", "zh-Hant-HK": "tw"}
"""Whose forms Traditional text may have instead; OpenCC's own standard is a step on the way from one to the other."""

_OTHER_SCRIPT = 0.02
"""A line is all in the other script where of the characters that tell scripts apart no more than this share is in the
one that is asked for."""
_MISTAKE = 0.02
"""How often a place is expected to be half converted before the text has shown anything."""
_MISTAKE_COUNT = 12.0
"""How many ambiguous places that expectation is worth."""
_MOST_MISTAKES = 0.5
_VOTE = 3.5
"""Nats for or against a form that OpenCC's phrases choose, or do not: it is right in 97 of 100 such places."""
_PHRASE_VOTE = 6.0
"""The same where a phrase makes it choose another form than it has for the character by itself."""
_LEAST_ODDS = math.log(32)
"""A form is changed where the other is right with 0.97 probability: 0.4 % of clean Traditional lines change so, and
half of those do have a mistake."""
_TELLING_ODDS = 4.0
"""Nats: contexts that say less do not count in how much of a text is half converted."""
_USUAL_ODDS = 2.0
"""Nats by which a form must be the usual one to be left although Taiwan's table has another."""
_FOREIGN = -7.5
"""Nats: a character that a style uses so rarely for its class is not one of the style's: 国 in Traditional, not 于."""
_UNWRITTEN = -5.2
"""Nats: forms of OpenCC's table for Hong Kong that are rarer in Traditional are hardly written there: of 600 lines of
its Legislative Council 281 changed without this limit, 9 do now, 4 of them rightly."""

_CHINESE_WORDS = re.compile("[這这們们嗎吗說说沒没還还您麼么你她]")
"""Characters that Japanese does not write, and most Chinese sentences do."""

_HONG_KONG = "裏衞鈎綫羣銹啓糉牀麪爲峯"
"""Forms of JIS X 0208 that GB 2312 and Big5 lack, and that Hong Kong writes all the same."""

_WRITTEN_WITH_HAN = (Kind.HAN, Kind.KANA, Kind.HANGUL)
_FREE = frozenset(map(frozenset, EITHER.split()))
_EDGE = np.full(2, BOUNDARY, np.uint16)
_CLAUSE = re.compile(r"[^，。！？；：、\s]+|[，。！？；：、\s]+")


@dataclass(frozen=True, slots=True)
class _Styles:
    """The characters that only Simplified, only Traditional, and neither of them but Japanese uses, and those that
    Traditional does not write although it may: ``bool[65536]`` each.
    """

    simplified: Bools
    traditional: Bools
    japanese: Bools
    unwritten: Bools


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
    whole &= (other > 1) | document_is_other | (view.count_in_lines(np.arange(len(lines)), Kind.HAN) <= 4)
    whole |= lines & document_is_other & (wanted == 0)
    edits = _converted_lines(view, whole, _ANY_REGION if to_simplified else "s", target)
    rest = lines & ~whole
    if rest.any():
        mended = _mended(view, rest, target, model)
        # Regional forms come when all else is done: in the next pass, over a text that has no mistakes left.
        edits += mended or _regional(view, rest, target, model)
    foreign = _quoted_foreign(view)
    return _unharmed(view, sorted((edit for edit in edits if not foreign[edit.start]), key=lambda edit: edit.start))


def _dominant(simplified: int, traditional: int) -> Script | None:
    if simplified == traditional:
        return None
    return "zh-Hans" if simplified > traditional else "zh-Hant"


def _evidence(view: View) -> _Evidence:
    styles = _style_tables()
    bmp = np.where((view.points > 0xFFFF) | _quoted_foreign(view), np.uint32(0), view.points)
    return _Evidence(styles.simplified[bmp], styles.traditional[bmp], styles.japanese[bmp])


def _regional(view: View, lines: Bools, target: str, model: NgramModel) -> list[Edit]:
    """Taiwan's or Hong Kong's forms in lines that are in Traditional.

    OpenCC's tables have forms that the region's standard prefers and hardly anybody writes, 汙染 in Taiwan and 説 in
    Hong Kong, and choose one where both are right (祕書): what they would replace stays.
    """
    neighbour = _NEIGHBOURS.get(target)
    if neighbour is None:
        return []
    edits = [single for edit in _converted_lines(view, lines, neighbour, target) for single in _singles(edit)]
    edits = [edit for edit in edits if frozenset((view.text[edit.start], edit.after)) not in _FREE]
    if target == "zh-Hant-HK":
        unwritten = _style_tables().unwritten
        return [edit for edit in edits if not any(unwritten[min(ord(form), 0xFFFF)] for form in edit.after)]
    places = np.array([edit.start for edit in edits], np.int64)
    codes = np.concatenate((_EDGE, fold(view.points, model.fold_table), _EDGE))
    winners, odds = load_context_forms().best(codes, places + len(_EDGE), HANT)
    usual = (winners == view.points[places]) & (odds >= _USUAL_ODDS)
    return [edit for edit, kept in zip(edits, usual.tolist(), strict=True) if not kept]


def _singles(edit: Edit) -> list[Edit]:
    """One edit for each character, where each becomes another."""
    if len(edit.after) != edit.end - edit.start:
        return [edit]
    return [Edit(place, place + 1, after) for place, after in enumerate(edit.after, edit.start)]


@functools.lru_cache(maxsize=1)
def _style_tables() -> _Styles:
    model = load_model()
    logp = model.forms.astype(np.float32) / 8
    hans, hant, japanese = (logp[STYLES.index(style)] for style in ("zh-Hans", "zh-Hant", "ja"))
    han = np.zeros(0x10000, np.bool_)
    han[0x3400:0xA000] = True
    several = np.bincount(model.fold_table[han], minlength=0x10000)[model.fold_table] > 1
    several &= han
    only_japanese = (several & (japanese > -1.0) & (hans < _FOREIGN) & (hant < _FOREIGN)) | (han & _only_in_jis())
    only_japanese[[*map(ord, _HONG_KONG)]] = False
    return _Styles(
        several & (hans > -1.0) & (hant < _FOREIGN),
        several & (hant > -3.0) & (hans < _FOREIGN),
        only_japanese,
        several & (hant < _UNWRITTEN),
    )


def _only_in_jis() -> Bools:
    """The characters of JIS X 0208 that neither GB 2312 nor Big5 has, 円 and 気 among them: ``bool[65536]``."""
    masks = repertoire(np.arange(0x10000, dtype=np.uint32))
    jis, gb, big5 = (
        (masks >> np.uint64(lookup(name).bit)) & np.uint64(1) == 1 for name in ("shift_jis", "gb2312", "big5")
    )
    return np.asarray(jis & ~gb & ~big5)


def _quoted_foreign(view: View) -> Bools:
    """What Chinese lines quote in Japanese or Korean, titles mostly: ``bool[n]``; those kanji and hanja stay."""
    if not view.present & (Kind.KANA | Kind.HANGUL) or not view.present & Kind.OPENING:
        return np.zeros(len(view.points), np.bool_)
    starts, ends = view.quoted_spans
    han, kana, hangul = (view.count_in(starts, ends, kind) for kind in _WRITTEN_WITH_HAN)
    foreign = ((kana > 0) & (kana >= KANA_SHARE * (kana + han))) | ((hangul > 0) & (hangul >= HANGUL_SHARE * han))
    marks = np.zeros(len(view.points) + 1, np.int8)
    marks[starts[foreign]] = 1
    marks[ends[foreign]] -= 1
    return np.cumsum(marks[:-1]).astype(np.bool_)


def _between(marks: Bools, starts: I64, ends: I64) -> I64:
    """How many of ``marks`` are set from each of ``starts`` to its end."""
    total = np.concatenate(([0], np.cumsum(marks, dtype=np.int64)))
    return np.asarray(total[ends] - total[starts])


def _by_line(view: View, marks: Bools) -> I64:
    return _between(marks, view.line_starts, np.append(view.line_starts[1:], len(marks)))


def _chinese_lines(view: View, evidence: _Evidence) -> Bools:
    """Lines in Chinese; one with Han alone is Japanese where forms say so that Chinese has in neither script."""
    japanese = _by_line(view, evidence.japanese) > 0
    for line in np.flatnonzero(japanese & (view.line_languages == CHINESE)).tolist():
        # Japanese names keep their kanji in Chinese text.
        japanese[line] = _CHINESE_WORDS.search(view.line(line)) is None
    return np.asarray((view.line_languages == CHINESE) & ~japanese)


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
    steps = ("hk2t", f"tw2{target}") if source == _ANY_REGION else (f"{source}2t", f"t2{target}")
    first, second = map(converter, steps)
    return lambda text: second(first(text))


def _mended(view: View, lines: Bools, target: str, model: NgramModel) -> list[Edit]:
    """What single characters of lines in the right script ought to be, by their contexts and by OpenCC's phrases."""
    script = HANS if target == "zh-Hans" else HANT
    forms = load_context_forms()
    codes = fold(view.points, model.fold_table)
    places = np.flatnonzero(forms.listed[script][codes] & (view.points < 0x10000))
    places = places[lines[view.line_of(places)]]
    winners, odds = forms.best(np.concatenate((_EDGE, codes, _EDGE)), places + len(_EDGE), script)
    observed = view.points[places]
    differs = (forms.variant[script][winners] != forms.variant[script][observed]) & (winners != 0)
    if not differs.any():
        return []
    is_simplified = codes[places] == observed
    foreign = ~forms.used[script][observed] & (is_simplified == (script == HANT))
    # Places where either form could stand tell how much of the text is half converted.
    could_be = ~foreign & (odds >= _TELLING_ODDS) & forms.used[script][codes[places]]
    mistakes = float((could_be & differs).sum())
    share = (mistakes + _MISTAKE * _MISTAKE_COUNT) / (float(could_be.sum()) + _MISTAKE_COUNT)
    needed = np.where(foreign, 0.0, _LEAST_ODDS - math.log(min(share, _MOST_MISTAKES)))
    if script == HANT:
        asked = np.zeros(len(lines), np.bool_)
        asked[view.line_of(places[differs])] = True
        vote = _opencc_vote(view, asked, codes)[places]
        agrees = forms.variant[HANT][np.minimum(vote, 0xFFFF)] == forms.variant[HANT][winners]
        by_phrase = vote != _default_forms(codes[places])
        weight = np.where(by_phrase, _PHRASE_VOTE, _VOTE)
        # A phrase that wants a third form (幷州) tells that the context's is none.
        against = by_phrase & foreign & (vote != 0)
        odds = odds + np.where(
            agrees, weight * ~foreign, np.where(against, -_PHRASE_VOTE, np.where(vote == observed, -_VOTE, 0.0))
        )
    wrong = differs & (odds > needed)
    wrong |= differs & (odds > 0) & _same_words(view, places, winners, codes, wrong)
    return [
        Edit(place, place + 1, chr(winner))
        for place, winner in zip(places[wrong].tolist(), winners[wrong].tolist(), strict=True)
    ]


def _same_words(
    view: View, places: I64, winners: npt.NDArray[np.uint32], codes: npt.NDArray[np.uint16], sure: Bools
) -> Bools:
    """Places that make the same pair of ideographs, with the same form to be, as a sure place of the text does.

    A text writes a word one way (Yarowsky's one sense a collocation).
    """
    same = np.zeros(len(places), np.bool_)
    if not sure.any():
        return same
    padded = np.concatenate((_EDGE, codes, _EDGE)).astype(np.uint64)
    own = (padded[places + 2] << np.uint64(16) | winners) << np.uint64(16)
    for step in (-1, 1):
        pairs = own | padded[places + 2 + step]
        beside_han = view.at(places + step) & np.uint32(Kind.HAN) != 0
        same |= beside_han & np.isin(pairs, pairs[sure & beside_han])
    return same


def _default_forms(codes: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint32]:
    """What OpenCC makes of each character by itself; 0 where it does not tell."""
    unique, inverse = np.unique(codes, return_inverse=True)
    alone = converter("s2tw")("\n".join(map(chr, unique.tolist()))).split("\n")
    forms = np.array([ord(form) if len(form) == 1 else 0 for form in alone], np.uint32)
    return np.asarray(forms[inverse])


def _opencc_vote(view: View, lines: Bools, codes: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint32]:
    """What OpenCC would write at each place of chosen lines if they were in Simplified; 0 where it does not tell."""
    vote = np.zeros(len(view.points), np.uint32)
    convert = converter("s2tw")
    han = view.which(Kind.HAN)
    folded = np.where(han & (view.points < 0x10000), codes, view.points).astype(np.uint32)
    ends = np.concatenate((view.line_starts[1:], [len(view.text)]))
    for line in np.flatnonzero(lines).tolist():
        start, end = int(view.line_starts[line]), int(ends[line])
        voted = code_points(convert(text_of(folded[start:end])))
        if len(voted) == end - start:
            vote[start:end] = voted
    return vote


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
        return [Edit.between(before, after, offset)]
    found: list[Edit] = []
    for piece, new in zip(pieces, changed, strict=True):
        found += differences(piece, new, offset)
        offset += len(piece)
    return found


def _unharmed(view: View, edits: list[Edit]) -> list[Edit]:
    """The edits that touch no description sequence, address or code."""
    spans = sorted((*view.code_spans, *view.sequence_spans))
    if not spans or not edits:
        return edits
    starts = np.array([edit.start for edit in edits], np.int64)
    kept = view.outside(starts, view.code_spans) & view.outside(starts, view.sequence_spans)
    return [edit for edit, keep in zip(edits, kept.tolist(), strict=True) if keep]
