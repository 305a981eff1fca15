"""Streams read astride their characters: where one may begin, and where it must have ended.

A split, a lost or a gained byte, or a reading written between two bytes shifts the pairing of every byte up to the
next one that can only stand alone: a digit, a space or a mark of ASCII.  A stretch that looks wrong is read again from
the middle of its characters; where that gives text, or where a split or a reading left its mark, a region is found.
Whether it was so, the lattice and the language model say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mojibake_fix.detect.glosses import AstrideGloss
from mojibake_fix.detect.scan import Suspicion
from mojibake_fix.encodings import ENCODINGS, REPLACEMENT_CHARACTER, encode_table, pair_table, repertoire
from mojibake_fix.lazy import lazy_pattern
from mojibake_fix.model import BOUNDARY, NgramModel, code_points, fold, unseen
from mojibake_fix.model.scan import absent, pack_bigrams

__all__ = [
    "ASTRIDE_TERMS",
    "ASTRIDE_TERMS_KNOWN",
    "LETTERS_AS_SECOND_BYTES",
    "PAIR_ENCODINGS",
    "MisalignedRegion",
    "SuspectLine",
    "find_misaligned",
    "letters_alone",
]

U32 = npt.NDArray[np.uint32]
F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

PAIR_ENCODINGS = (
    ("gbk", (0x4E00, 0xA000)),
    ("cp950", (0x4E00, 0xA000)),
    ("cp949", (0xAC00, 0xD7A4)),
    ("euc-jp", (0x3040, 0x3100)),
    ("cp932", (0x3040, 0x3100)),
)
"""Those whose characters are pairs of bytes, of which a stream can be read astride, and the characters, half-open, by
which text of theirs is known."""
_LEAST_SHARE = 0.1
"""How much of what is not ASCII must be such characters."""
_SPLIT_ENCODINGS = ("gbk", "cp949", "euc-jp")
"""Those in which both bytes of a full-width mark can be halves of two other characters."""
LETTERS_AS_SECOND_BYTES = {"cp950": 12.0, "cp932": 12.0}
"""Those in which a letter can be the second byte of a usual pair, and the nats by which a text must be likelier without
a letter alone.  In GBK and CP949 only characters that are seldom written have one: of 5,400 lines of theirs that lost
or gained a byte four have such a letter, and none is repaired by it.  Of 988 lines of Big5 and CP932 that did, 60 are
likelier shifted by 12 nats and more because of one, of which one has less than 12 here; of 24,000 clean lines 21 have 6
nats here and seven have 12."""
_BEFORE = 6
"""Characters before the first suspicious one: the mark of a lost byte may look harmless by itself."""
_BEHIND = 8
"""Characters behind the last suspicious one that are read anew to tell whether there was a shift: all of a shifted run
is suspicious.  Of 2,200 lines that lost or gained a byte the same are found with 6 as with all that follows."""
_NEAR = 8
"""Characters between bigrams that clean text does not have, for them to count: 47 % of clean Chinese lines have one, a
name or a rare word, and 15 % have two so near.  Of 513 lines that lost or gained a byte and are repaired, all are so
by these alone."""
_LONGEST = 300
"""Characters of a region; what is beyond may be another region, so that time stays linear in the text."""
_AROUND = 64
"""Characters before and behind a place that must all be of an encoding, marks of lost bytes left aside: a line is one
stream."""
_ENTIRELY, _NEARLY = 1.0, 0.9
"""Shares of characters that an encoding has; nearly all do where a split or a reading left its mark."""
_LEAST_GAIN = 15.0
_LEAST_GAIN_KNOWN = 8.0
"""Nats by which a stretch must be likelier read from the middle of its characters, and in a document that was shifted
elsewhere.  Of 24,000 clean Chinese and Japanese lines 11 have a stretch of 15 nats and four have one of 17, which two
of 34 cases with a lost or a gained byte do not have; 12 find one more of 59 lines that lost a byte."""
_LEAST_GAIN_MARKED = 6.0
"""The same where U+FFFD is among the characters.  No clean line has one."""
_MOST_REJOINED = 25.0
"""Nats that what follows a run can add to what it gains."""
_RIVAL = 12.0
"""Places within so many nats of the likeliest one are where the byte may have been lost or gained."""
_MARKED = np.float32(-8.0)
_UNMARKED = np.float32(-14.0)
_NO_CODE = np.float32(-30.0)
"""Nats for a character whose second byte a mark stands for, for one whose second byte is gone, and for a pair of bytes
that is no character."""
ASTRIDE_TERMS = {
    "before": _BEFORE,
    "behind": _BEHIND,
    "near": _NEAR,
    "longest": _LONGEST,
    "least_share": _LEAST_SHARE,
    "around": _AROUND,
    "least_gain": _LEAST_GAIN,
    "most_rejoined": _MOST_REJOINED,
    "encodable": _ENTIRELY,
    "marked": _MARKED,
    "unmarked": _UNMARKED,
    "no_code": _NO_CODE,
}
"""These numbers, for :mod:`mojibake_fix.detect.rows`."""
ASTRIDE_TERMS_KNOWN = {**ASTRIDE_TERMS, "least_gain": _LEAST_GAIN_KNOWN}
"""And for a document that was shifted elsewhere."""
_ALONE = lazy_pattern("[\x20-\x2f\x3a-\x3e\n]|[0-9]")
_MARKS = (0x3F, REPLACEMENT_CHARACTER)
_ODD = lazy_pattern(
    "(?<=[\u3000-\u9fff\uac00-\ud7a3\uff00-\uffef])[@-~?](?=[\u3000-\u9fff\uac00-\ud7a3\uff00-\uffef]|$)|\ufffd"
)
"""A single byte between characters of two: the second half of one, or what stands for it."""
_LONE = lazy_pattern(
    "(?<=[\u3000-\u9fff\uac00-\ud7a3\uff00-\uffef])(?:(?<=[一二三四五六七八九十])(?P<named>[@-~])|(?P<usual>[A-Z~])|[@-~])"
    "(?=[\u3000-\u9fff\uac00-\ud7a3\uff00-\uffef]|$)"
)
"""What one lost or gained byte leaves of a character whose second byte is one of ASCII.  Text has capital letters too,
and tildes for long sounds and ranges, and behind a numeral any sign may be part of a name: "三C"."""
_SPLITS = (
    (lazy_pattern("[?\ufffd][！？][?\ufffd]"), 12.0),
    (lazy_pattern("(?<![?!？！])[?\ufffd][！？](?![?!？！])"), 8.0),
    (lazy_pattern("(?<=[\u3400-\u9fff])[?\ufffd]![?\ufffd](?=[0-9A-Za-z])"), 6.0),
    (lazy_pattern("(?<=[\u3400-\u9fff])[?\ufffd](?:![?\ufffd]|\\?(?=[\u3400-\u9fff]))"), 4.0),
    (lazy_pattern("(?<![?!])[?\ufffd]!(?=[\ufffd\u3400-\u9fff])"), 2.0),
    (lazy_pattern("\ufffd!|[?\ufffd]\\?\ufffd|\ufffd\\?\\?"), -2.0),
    (lazy_pattern("\\?[!！？]"), -6.0),
)
"""What a blind split leaves between a full stop and a quotation mark, full-width or folded since, and how much it says
beside the language model, in nats.  Of 50 million characters of Chinese text, none has one of the first four kinds; the
last one, and more marks beside, is what people write: one in 145,000 lines was changed with -2, "??!" to "요!"."""


@dataclass(frozen=True, slots=True)
class MisalignedRegion:
    """A half-open span of one line that may be read astride.

    ``encodings`` are those in question, ``events`` the offsets from ``start`` where a byte may have been lost or
    gained, ``glosses`` the verified readings inside, and ``split`` how much the mark of a split says (nats).
    """

    start: int
    end: int
    encodings: tuple[str, ...]
    events: tuple[int, ...] = ()
    glosses: tuple[AstrideGloss, ...] = ()
    split: float = 0.0


class SuspectLine(NamedTuple):
    """A line, what the scan marked in it, and the readings astride characters in it."""

    text: str
    suspicions: Sequence[Suspicion]
    glosses: Sequence[AstrideGloss] = ()


def find_misaligned(
    lines: Sequence[SuspectLine], model: NgramModel, *, document: str | None = None, known: Collection[str] = ()
) -> list[list[MisalignedRegion]]:
    """Return the regions of each line that may be read astride, disjoint, by start.

    Args:
        lines: What is looked at.
        document: All of the text that they are from, whose language tells what it can have been encoded as; None where
            they are of many documents.
        known: The encodings in which the document was shifted elsewhere, if it was: less is asked of each place.
    """
    weak = _unseen_places(lines, model)
    stretches = [
        (number, start, end)
        for number, line in enumerate(lines)
        for start, end in _stretches(
            line.text, [*((s.start, s.end) for s in line.suspicions), *weak[number], *_odd(line.text)], _BEHIND
        )
    ]
    found: list[list[MisalignedRegion]] = [[] for _ in lines]
    names = _encodings_by_share(lines, document)
    if known:
        names = [name for name in names if name in known]
    for number, region in _shifted(stretches, lines, names, model, _LEAST_GAIN_KNOWN if known else _LEAST_GAIN):
        found[number].append(region)
    for number, line in enumerate(lines):
        marks = [(*match.span(), nats) for pattern, nats in _SPLITS for match in pattern.finditer(line.text)]
        places = [*((a, b) for a, b, _ in marks), *((g.start, g.end) for g in line.glosses)]
        for start, end in _stretches(line.text, places):
            inside = tuple(g for g in line.glosses if start <= g.start and g.end <= end)
            possible = [name for name in _SPLIT_ENCODINGS if name in names]
            those = ("gbk",) if inside else _encodings_of(line.text[start:end], possible, _NEARLY)
            split = max((nats for a, b, nats in marks if start <= a and b <= end), default=0.0)
            if those:
                found[number].append(MisalignedRegion(start, end, those, glosses=inside, split=split))
        found[number] += _lone_letters(line.text, names, model)
    return [_disjoint(regions) for regions in found]


def letters_alone(text: str) -> tuple[int, int, int]:
    """Count the signs of ASCII that stand alone between two characters: those that text hardly has there, those that it
    has, and those behind a numeral."""
    kinds = [match.lastgroup for match in _LONE.finditer(text)]
    return kinds.count(None), kinds.count("usual"), kinds.count("named")


def _lone_letters(text: str, known: Collection[str], model: NgramModel) -> Iterator[MisalignedRegion]:
    """The letters that no text has between these two characters, where each may be the second byte of another."""
    places = [match.start() for match in _LONE.finditer(text) if match.lastgroup != "named"]
    if not places:
        return
    odd = unseen(fold(code_points(text + "\n"), model.fold_table), model.scan)
    places = [place for place in places if odd[place - 1 : place + 1].any()]
    for place in places:
        around = text[max(place - _AROUND, 0) : place + _AROUND]
        names = [name for name in _encodings_of(around, tuple(LETTERS_AS_SECOND_BYTES), _ENTIRELY) if name in known]
        likely = tuple(name for name in names if _letter_gain(text, place, name, model) > LETTERS_AS_SECOND_BYTES[name])
        if likely:
            yield MisalignedRegion(place - 1, place + 1, likely, events=(0, 1))


def _letter_gain(text: str, place: int, name: str, model: NgramModel) -> float:
    """How much likelier a text is, in nats, if a byte was lost or gained in the two characters up to ``place``.

    Of characters that may be anything there, only those are looked at that clean text has between their neighbours.
    """
    packed = int(encode_table(name)[min(ord(text[place - 1]), 0xFFFF)])
    if packed >> 24 != 2:
        return -np.inf
    pairs, letter, own = pair_table(name), ord(text[place]), ord(text[place - 1])
    first, second = packed >> 8 & 0xFF, packed & 0xFF
    before = code_points("\n" + text[max(place - 4, 0) : place - 1])
    behind = code_points((text[place + 1 : place + 3] + "\n")[:2])
    last, whole = int(pairs[second << 8 | letter]), int(pairs[first << 8 | letter])
    ends = _that_fit(pairs[letter::0x100], own, int(behind[0]), model)
    begin = np.concatenate((pairs[first::0x100], pairs[first << 8 : (first + 1) << 8]))
    beginnings = _that_fit(begin, int(before[-1]), last, model) if last else []
    ways = [(own, letter), (own,), *((one,) for one in (last, whole) if one)]
    ways += [*((own, end) for end in ends), *((beginning, last) for beginning in beginnings)]
    rows = [np.concatenate((before, np.array(way, np.uint32), behind)) for way in ways]
    logp = model.logp(fold(np.concatenate(rows), model.fold_table))
    scores = np.add.reduceat(logp, np.cumsum([0, *map(len, rows[:-1])]))
    return float(scores[1:].max() - scores[0])


def _that_fit(points: U32, before: int, behind: int, model: NgramModel) -> list[int]:
    """Those of ``points`` that clean text has both behind one character and before another."""
    codes = fold(np.append(points[points > 0], np.array([before, behind], np.uint32)), model.fold_table)
    middle, left, right = codes[:-2], codes[-2:-1], codes[-1:]
    keys = np.stack((pack_bigrams(left, middle), pack_bigrams(middle, right)))
    fits = ~absent(keys, model.scan).any(axis=0)
    chosen: list[int] = points[points > 0][fits].tolist()
    return chosen


def _unseen_places(lines: Sequence[SuspectLine], model: NgramModel) -> list[list[tuple[int, int]]]:
    """The places of each line that have a bigram which clean text does not have, but those far from any other."""
    points = code_points("\n" + "\n".join(line.text for line in lines) + "\n")
    bad = np.flatnonzero(unseen(fold(points, model.fold_table), model.scan))
    starts = np.flatnonzero(points == BOUNDARY)[:-1] + 1
    owner = np.searchsorted(starts, bad + 1, side="right") - 1
    near = (np.diff(bad) <= _NEAR) & (np.diff(owner) == 0)
    kept = np.append(False, near) | np.append(near, False)
    bad, owner = bad[kept[: len(bad)]], owner[kept[: len(owner)]]
    found: list[list[tuple[int, int]]] = [[] for _ in lines]
    for number, place in zip(owner.tolist(), (bad - starts[owner]).tolist(), strict=True):
        found[number].append((max(place, 0), min(place + 2, len(lines[number].text))))
    return found


def _odd(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _ODD.finditer(text)]


def _stretches(text: str, places: Iterable[tuple[int, int]], behind: int = _LONGEST) -> list[tuple[int, int]]:
    """Each place with a little before it and what follows up to where a shift must have ended, but no more than so many
    characters ``behind`` it; overlapping ones are one."""
    joined: list[tuple[int, int, int]] = []
    for start, end in sorted(places):
        begin = max(start - _BEFORE, 0)
        if joined and begin < joined[-1][1]:
            begin, _, last = joined.pop()
            end = max(end, last)
        joined.append((begin, min(_run_end(text, end), end + behind), end))
    return [
        (piece, min(piece + _LONGEST, finish))
        for begin, finish, _ in joined
        for piece in range(begin, finish, _LONGEST)
    ]


def _run_end(text: str, place: int) -> int:
    """Where a shift that is still going on at ``place`` must have ended."""
    alone = _ALONE.search(text, place)
    return alone.start() if alone else len(text)


def _encodings_of(text: str, names: Sequence[str], least: float) -> tuple[str, ...]:
    """The encodings that at least this share of the characters of ``text`` belong to, marks of lost ones left aside."""
    points = code_points(text)
    masks = repertoire(points[(points >= 0x80) & (points != REPLACEMENT_CHARACTER)])
    if not masks.size:
        return ()
    shares = ((name, float((masks >> np.uint64(ENCODINGS[name].bit) & np.uint64(1)).mean())) for name in names)
    return tuple(name for name, share in shares if share >= least)


def _disjoint(regions: list[MisalignedRegion]) -> list[MisalignedRegion]:
    """Join regions that overlap."""
    joined: list[MisalignedRegion] = []
    for region in sorted(regions, key=lambda r: (r.start, r.end)):
        if not joined or region.start >= joined[-1].end:
            joined.append(region)
            continue
        last = joined[-1]
        shift = region.start - last.start
        glosses = tuple(sorted({*last.glosses, *region.glosses}, key=lambda g: g.start))
        names = ("gbk",) if glosses else tuple(dict.fromkeys((*last.encodings, *region.encodings)))
        joined[-1] = replace(
            last,
            end=max(last.end, region.end),
            encodings=names,
            events=tuple(sorted({*last.events, *(event + shift for event in region.events)})),
            glosses=glosses,
            split=max(last.split, region.split),
        )
    return joined


def _encodings_by_share(lines: Sequence[SuspectLine], document: str | None) -> list[str]:
    """The encodings whose characters are enough of what is not ASCII in ``document``; any are, where there is none."""
    text, share = ("".join(line.text for line in lines), 0.0) if document is None else (document, _LEAST_SHARE)
    points = code_points(text)
    high = max(int(((points >= 0x80) & (points != REPLACEMENT_CHARACTER)).sum()), 1)
    return [
        name
        for name, (first, last) in PAIR_ENCODINGS
        if int(((points >= first) & (points < last)).sum()) > share * high
    ]


def _shifted(
    stretches: list[tuple[int, int, int]],
    lines: Sequence[SuspectLine],
    names: Collection[str],
    model: NgramModel,
    least: float,
) -> list[tuple[int, MisalignedRegion]]:
    """The stretches that are likelier text when read from the middle of their characters."""
    if not stretches:
        return []
    points = code_points("\n" + "\n".join(lines[number].text[start:end] for number, start, end in stretches) + "\n")
    owner = np.cumsum(points == BOUNDARY) - 1
    standing = model.logp(fold(points, model.fold_table))
    marked = np.bincount(owner, points == REPLACEMENT_CHARACTER, len(stretches) + 1) > 0
    wanted = np.where(marked, min(least, _LEAST_GAIN_MARKED), least)[owner]
    ends = [min(_run_end(lines[number].text, end), start + _LONGEST) for number, start, end in stretches]
    able = [
        _encodings_of(lines[number].text[max(start - _AROUND, 0) : end + _AROUND], list(names), _ENTIRELY)
        for (number, start, _), end in zip(stretches, ends, strict=True)
    ]
    best: dict[int, dict[str, tuple[float, I64]]] = {}
    for name in names:
        if not any(name in possible for possible in able):
            continue
        for stretch, gain, places in _gains(points, owner, standing, name, model, wanted):
            if name in able[stretch]:
                best.setdefault(stretch, {})[name] = (gain, places)
    found = []
    for stretch, by_name in best.items():
        number, start, _ = stretches[stretch]
        end = ends[stretch]
        top = max(gain for gain, _ in by_name.values())
        names = sorted((n for n, (gain, _) in by_name.items() if gain >= top - _RIVAL), key=lambda n: -by_name[n][0])
        first = int(np.searchsorted(owner, stretch)) + 1
        events = sorted({int(place) - first for name in names for place in by_name[name][1]})
        found.append((number, MisalignedRegion(start, end, tuple(names), tuple(e for e in events if e >= 0))))
    return found


def _gains(
    points: U32, owner: I64, standing: F32, name: str, model: NgramModel, least: F64
) -> Iterable[tuple[int, float, I64]]:
    """For each stretch that gains by it: which, the gain in nats, and from which characters on it is read anew."""
    packed = encode_table(name)[np.where(points > 0xFFFF, 0, points)]
    double = packed >> np.uint32(24) == 2
    first = np.where(double, packed >> np.uint32(16), np.where(points < 0x80, points, 0)) & np.uint32(0xFF)
    second = np.where(double, packed >> np.uint32(8), 0) & np.uint32(0xFF)
    # What begins at the second byte of each character: a pair with the next one's first byte, or a byte of ASCII.
    alone = double & (second < 0x80)
    following = np.append(first[1:], np.uint32(0)).astype(np.int64)
    new = np.where(alone, second, pair_table(name)[(second.astype(np.int64) << 8) | following])
    codes = fold(np.where(new > 0, new, BOUNDARY).astype(np.uint32), model.fold_table)
    # The first ones of a shifted run have another history than here, and are common for themselves.
    logp = np.maximum(model.logp(codes), model.unigram[codes])
    marks = np.isin(points, _MARKS)
    single = ~(double | marks)
    missing = np.select([np.append(double[1:], False), np.append(marks[1:], False)], [_NO_CODE, _MARKED], _UNMARKED)
    logp = np.where(new > 0, logp, missing)
    gain = np.where(double, logp - standing, np.float32(0)).astype(np.float64)
    # A run goes on over pairs whose second byte is not ASCII, and over marks, at which it may end too; a gain counts to
    # the end of its run, or to the mark that makes most of it.
    ends = alone | single | (double & np.append(single[1:], True))
    index = np.arange(len(points))
    last = np.minimum.accumulate(np.where(ends, index, len(points) - 1)[::-1])[::-1]
    total = np.cumsum(gain)
    suffix = np.where(double, total[last] - total + gain, -np.inf)
    hopeful = np.unique(last[suffix > least - _MOST_REJOINED])
    hopeful = hopeful[(double & ends & (new > 0))[hopeful]]
    if hopeful.size:
        more = np.zeros(len(points))
        more[hopeful] = _rejoined(hopeful, codes, points, standing, alone, model)
        suffix += more[last]
    if marks.any():
        ahead = _at_marks_ahead(total, marks, last)
        suffix = np.maximum(suffix, np.where(double, ahead - total + gain, -np.inf))
    for stretch in np.unique(owner[suffix > least]).tolist():
        inside = np.flatnonzero((owner == stretch) & double)
        top = float(suffix[inside].max())
        yield stretch, top, inside[suffix[inside] >= max(top - _RIVAL, 0.0)]


def _at_marks_ahead(total: npt.NDArray[np.float64], marks: npt.NDArray[np.bool_], last: I64) -> npt.NDArray[np.float64]:
    """The largest of ``total`` at a mark from each place to the last of its run; where none is, less than all of it."""
    run = np.cumsum(np.append(0, np.diff(last) != 0))
    # Runs further back count for more, so that the largest of all that is ahead is in the run itself, if it has one.
    step = run * (2.0 * float(np.ptp(total)) + 1.0)
    ahead: npt.NDArray[np.float64] = np.maximum.accumulate(np.where(marks, total - step, -np.inf)[::-1])[::-1] + step
    return ahead


def _rejoined(
    last: I64,
    codes: npt.NDArray[np.uint16],
    points: U32,
    standing: F32,
    alone: npt.NDArray[np.bool_],
    model: NgramModel,
) -> F32:
    """What the end of a shifted run gains beside itself: a byte of ASCII that is part of it, and what follows."""
    end = len(points) - 1
    own = fold(points, model.fold_table)
    swallowed = ~alone[last]
    behind = np.minimum(last + 1 + swallowed, end)
    c2, c1 = codes[np.maximum(last - 1, 0)], codes[last]
    first = model.logp_next(np.full(len(last), BOUNDARY, np.uint16), c2, c1, own[behind]) - standing[behind]
    next_one = np.minimum(behind + 1, end)
    second = model.logp_next(c2, c1, own[behind], own[next_one]) - standing[next_one]
    gained = np.where(swallowed, -standing[np.minimum(last + 1, end)], np.float32(0)) + np.maximum(first, 0)
    gained += np.where(own[behind] == BOUNDARY, np.float32(0), np.maximum(second, 0))
    result: F32 = gained.astype(np.float32)
    return result
