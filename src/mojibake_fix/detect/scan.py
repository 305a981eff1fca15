"""The scan: the one pass that all text takes.

Marks the places whose bigrams clean text does not have.  It looks at whole batches in a handful of array operations,
and errs on the side of marking: what it marks costs time, what it misses stays damaged.  Not for deciding anything.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mojibake_fix.detect.odd_words import odd_words
from mojibake_fix.model import ASTRAL_HAN, ASTRAL_OTHER, BOUNDARY, NgramModel, code_points, fold, unseen
from mojibake_fix.model.kernel import Sums
from mojibake_fix.model.scripts import mixes_scripts, script_numbers

__all__ = ["FEW_EAST_ASIAN", "SUMS", "Suspicion", "scan", "weigh"]

_UNSEEN_STEP = 2
_UNSEEN_LETTER_STEP = 3
_ALARM = 3
"""A running sum of the steps that never falls below zero rings at this height: two unseen bigrams in a row of CJK
text, a single one between letters of an alphabet, or anywhere in a line of one, where letters of two side by side do
as well.  On development lines it rings in 13 to 19 % of clean Chinese, 6 %
of clean Japanese and Korean, 0.5 % or fewer of other lines; in 99.9 % of multibyte misreads."""
FEW_EAST_ASIAN = 0.3
"""Share of East Asian characters below which a line is one of an alphabet."""
_FIRST_EAST_ASIAN = 0x2E80
_RARE = 8.5
_LETTER_WEIGHT = 2.4
"""Nats a character: what rare names cost.  Of the clean lines in which the scan rings, 95 % weigh less than 17 with
this, and half less than 9; of multibyte misreads of 4 to 24 characters 99 % weigh more than 18."""
_BESIDE = 4
"""Characters beside what rang that are weighed with it.  Of 800 clean lines that weigh enough to be looked at 5 in 100
do so further from it, and a quarter of those of a thousand characters; of 8,800 pieces of damage none does."""
_MIXED_SCRIPTS = 6.0
"""Nats for two letters of different alphabets side by side, of which the language model says too little."""

SUMS = Sums(
    _UNSEEN_STEP,
    _UNSEEN_LETTER_STEP,
    _ALARM,
    _RARE,
    _LETTER_WEIGHT,
    FEW_EAST_ASIAN,
    _MIXED_SCRIPTS,
    script_numbers().ctypes.data,
    _BESIDE,
)
"""These numbers, for the compiled kernel."""


class Suspicion(NamedTuple):
    """A span of one text, from the first character that rang to the last: code-point offsets, half open.

    ``in_word`` says that it is a letter without which its word would be none (:mod:`mojibake_fix.detect.odd_words`).
    """

    start: int
    end: int
    in_word: bool = False


def scan(lines: Sequence[str], model: NgramModel) -> list[list[Suspicion]]:
    """Return the suspicious spans of each line (no line feeds in it), by start, disjoint; most lists are empty."""
    found = _rung(lines, model)
    for spans, places in zip(found, odd_words(lines, model), strict=True):
        if places:
            spans[:] = _joined([*spans, *(Suspicion(place, place + 1, in_word=True) for place in places)])
    return found


def _rung(lines: Sequence[str], model: NgramModel) -> list[list[Suspicion]]:
    """What rang in each line."""
    found: list[list[Suspicion]] = [[] for _ in lines]
    order = [index for index, line in enumerate(lines) if not line.isascii()]
    if not order:
        return found
    codes = _folded("\n".join(lines[index] for index in order), model)
    starts, ends = _alarms(codes, model)
    if not starts.size:
        return found
    line_starts = np.flatnonzero(codes == BOUNDARY)[:-1] + 1
    # A start may be the boundary before a line.
    owner = np.searchsorted(line_starts, starts + 1, side="right") - 1
    for line, start, end in zip(owner.tolist(), starts.tolist(), ends.tolist(), strict=True):
        offset = int(line_starts[line])
        length = len(lines[order[line]])
        spans = found[order[line]]
        begin, finish = max(start - offset, 0), min(end - offset, length)
        if spans and begin <= spans[-1].end:
            spans[-1] = Suspicion(spans[-1].start, max(finish, spans[-1].end))
        elif begin < finish:
            spans.append(Suspicion(begin, finish))
    return found


def _joined(spans: Sequence[Suspicion]) -> list[Suspicion]:
    """Join those that touch."""
    joined: list[Suspicion] = []
    for span in sorted(spans, key=lambda span: span.start):
        if joined and span.start <= joined[-1].end:
            last = joined.pop()
            span = Suspicion(last.start, max(last.end, span.end), last.in_word or span.in_word)
        joined.append(span)
    return joined


def weigh(lines: Sequence[str], suspicions: Sequence[Sequence[Suspicion]], model: NgramModel) -> list[float]:
    """Return how unlikely the worst stretch of each line is: nats beyond what rare words cost; 0 where nothing rang.

    The highest running sum, never below zero, of what each character costs more than ``_RARE``, in and beside what the
    scan marked (``suspicions`` of each line).  A stretch that holds a character of no text weighs ``inf``, and so does
    an odd word.  Letters of alphabets, which cost less, count for more.
    """
    weights = [math.inf if any(span.in_word for span in spans) else 0.0 for spans in suspicions]
    places = list(_neighbourhoods(lines, suspicions))
    if not places:
        return weights
    owners, starts, ends = (list(part) for part in zip(*places, strict=True))
    codes = _folded("\n".join(lines), model)
    logp = model.logp(codes)
    if model.compiled is not None:
        weighed = model.compiled.weights(
            SUMS, codes, logp, np.array(starts, np.int64), np.array(ends, np.int64)
        ).tolist()
    else:
        weighed = _weights_pure(codes, logp, starts, ends)
    for owner, weight in zip(owners, weighed, strict=True):
        weights[owner] = max(weights[owner], weight)
    return weights


def _neighbourhoods(lines: Sequence[str], suspicions: Sequence[Sequence[Suspicion]]) -> Iterator[tuple[int, int, int]]:
    """What is weighed: the number of a line, and where a stretch of it begins and ends among the codes of all lines."""
    first = 1
    for number, (line, marked) in enumerate(zip(lines, suspicions, strict=True)):
        start, end = 0, -1
        for span in marked:
            if span.start - _BESIDE > end:
                if end >= 0:
                    yield number, first + start, first + end
                start = max(span.start - _BESIDE, 0)
            end = min(span.end + _BESIDE, len(line))
        if end >= 0:
            yield number, first + start, first + end
        first += len(line) + 1


def _weights_pure(
    codes: npt.NDArray[np.uint16], logp: npt.NDArray[np.float32], starts: Sequence[int], ends: Sequence[int]
) -> list[float]:
    excess = -logp - np.float32(_RARE)
    excess = np.where(codes < _FIRST_EAST_ASIAN, excess * np.float32(_LETTER_WEIGHT), excess)
    excess[1:] += np.float32(_MIXED_SCRIPTS) * mixes_scripts(codes)
    excess = excess.astype(np.float64)
    never = _never_in_text()[codes]
    weights: list[float] = []
    for start, end in zip(starts, ends, strict=True):
        # Each by itself: what it weighs does not hang on what it is weighed with, to the last bit.
        total = np.cumsum(np.append(0.0, excess[start:end]))
        height = total - np.minimum.accumulate(total)
        weights.append(np.inf if never[start:end].any() else float(height.max()))
    return weights


def _folded(joined: str, model: NgramModel) -> npt.NDArray[np.uint16]:
    return fold(code_points("\n" + joined + "\n"), model.fold_table)


def _alarms(codes: npt.NDArray[np.uint16], model: NgramModel) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The stretches over which the running sum rang, as positions in ``codes``: starts and ends.

    The sum is taken at the unseen bigrams only, which are few: between them it falls by one a character.
    """
    if model.compiled is not None:
        return model.compiled.alarms(SUMS, codes)
    boundaries = np.flatnonzero(codes == BOUNDARY)
    never = _never_in_text()[codes[1:]] | (mixes_scripts(codes) & _in_alphabet(codes, boundaries))
    places = np.flatnonzero(unseen(codes, model.scan) | never)
    nothing = np.empty(0, np.int64)
    if not places.size:
        return nothing, nothing
    first, second = codes[places], codes[places + 1]
    letter = (second >= 0x80) & (second < _FIRST_EAST_ASIAN) & (first < _FIRST_EAST_ASIAN)
    letter |= (first >= 0x80) & (first < _FIRST_EAST_ASIAN) & (second < _FIRST_EAST_ASIAN)
    letter |= _in_alphabet(codes, boundaries)[places]
    resets = np.searchsorted(boundaries, places, side="right").astype(np.int64)
    step = np.where(never[places], _ALARM, np.where(letter, _UNSEEN_LETTER_STEP, _UNSEEN_STEP)).astype(np.int64)
    step[second == BOUNDARY] = 0
    index = np.arange(len(places))
    total = np.cumsum(step) - (places - index) - (resets << 32)
    before = total - step
    lowest = np.minimum.accumulate(before)
    opens = before == lowest
    stretch = np.cumsum(opens) - 1
    rings = np.bincount(stretch, total - lowest >= _ALARM) > 0
    begin = np.flatnonzero(opens)
    last = np.concatenate((begin[1:], [len(places)])) - 1
    return places[begin][rings], places[last][rings] + 2


def _in_alphabet(codes: npt.NDArray[np.uint16], boundaries: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which places before a character are in a line that has few East Asian ones: ``bool[len(codes) - 1]``."""
    counted = np.concatenate(([0], np.cumsum(codes >= _FIRST_EAST_ASIAN)))
    ends = np.append(boundaries[1:], len(codes))
    few = counted[ends] - counted[boundaries] < FEW_EAST_ASIAN * (ends - boundaries - 1)
    inside: npt.NDArray[np.bool_] = np.repeat(few, ends - boundaries)[: len(codes) - 1]
    return inside


@functools.cache
def _never_in_text() -> npt.NDArray[np.bool_]:
    """C1 controls, private use and U+FFFD: each a reason to look by itself."""
    table = np.zeros(0x10000, bool)
    table[0x80:0xA0] = True
    table[0xE000:0xF900] = True
    table[[ASTRAL_HAN, ASTRAL_OTHER]] = False
    table[0xFFFD] = True
    return table
