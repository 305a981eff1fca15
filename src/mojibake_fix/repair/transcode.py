"""Undo a misread: encode as it was read, decode as it was meant, and find the spans where that helps.

The text as it stands and the text read anew are two tracks over the same bytes.  Where both have a character boundary
one can pass from one to the other; the best way through is a Viterbi search with a cost for every change of track, so
clean text beside damage, and damage in several places, come out as spans.  Bytes that the true encoding does not have
stand in the new track as lone surrogates, which no span includes: restoring them is the lattice's work.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mojibake_fix.encodings import Encoding, encode_table, lookup
from mojibake_fix.model import BOUNDARY, NgramModel, code_points, fold

__all__ = ["ENTER", "Reread", "Span", "as_it_stands", "best_spans", "reread", "rereads", "score_tracks"]

I64 = npt.NDArray[np.int64]
U32 = npt.NDArray[np.uint32]
F32 = npt.NDArray[np.float32]

EXPECTED_SWITCH = -4.0
"""Nats for every change of track on a line where the channel is known to have been at work."""
ENTER = -6.0
"""Nats for every span after the first: how unlikely a second change of track is."""
_NEVER = np.float32(-1e6)
NO_TEXT_ENTER = -5.0
NO_TEXT_NEXT = -1.5
_NO_TEXT = np.array([-4.6, -6.5, -10.5, -11.5], np.float32)
"""Nats a character for ASCII, for what single-byte encodings hold, for ideographs and syllables, for controls and
private use."""
_ASTRAL_LENGTH = {"utf-8": 4, "gb18030": 4, "big5-hkscs": 2, "euc-tw": 4, "utf-16-le": 4, "utf-16-be": 4}


@dataclass(frozen=True, slots=True)
class Reread:
    """A text read anew, aligned with itself.

    ``points`` are the new track's code points (``uint32[m]``).  ``text_cuts`` and ``new_cuts`` (``int64[k + 1]``) are the
    offsets, in the text and in the new track, of the boundaries that both share, 0 and the ends included.
    """

    encoding: str
    read_as: str
    points: U32
    text_cuts: I64
    new_cuts: I64

    @property
    def invalid(self) -> int:
        """How many bytes the true encoding does not have."""
        return int(_is_invalid(self.points).sum())


@dataclass(frozen=True, slots=True)
class Span:
    """A span of the text where the new track is better by ``gain`` nats, and what it reads there."""

    start: int
    end: int
    after: str
    gain: float


def reread(text: str, read_as: str, encoding: str) -> Reread | None:
    """Read ``text`` anew: as if it had been decoded as ``read_as`` where its bytes were ``encoding``.

    Characters that ``read_as`` does not have stay as they are.  None where nothing would change or the two tracks
    cannot be aligned.
    """
    source, target = lookup(read_as), lookup(encoding)
    points = code_points(text)
    data = source.encode(text)
    if data is not None:
        new = code_points(_decode(data, target))
        text_lengths, new_lengths = _lengths(points, source), _lengths(new, target)
    else:
        new, text_lengths, new_lengths = _piecewise(text, points, source, target)
    text_ends = np.concatenate(([0], np.cumsum(text_lengths)))
    new_ends = np.concatenate(([0], np.cumsum(new_lengths)))
    if text_ends[-1] != new_ends[-1] or (len(new) == len(points) and np.array_equal(new, points)):
        return None
    shared = np.intersect1d(text_ends, new_ends, assume_unique=True)
    return Reread(encoding, read_as, new, np.searchsorted(text_ends, shared), np.searchsorted(new_ends, shared))


def rereads(text: str, read_as: Sequence[str], encodings: Sequence[str], most_invalid: float) -> list[Reread]:
    """Read ``text`` anew through every channel of the product, most usual first; equal results once.

    Args:
        most_invalid: The share of a new track's characters that may be bytes its encoding does not have.
    """
    found: list[Reread] = []
    sources: set[bytes] = set()
    results: set[bytes] = set()
    for name in read_as:
        data = lookup(name).encode(text)
        if data is not None:
            if data in sources:
                continue
            sources.add(data)
        for encoding in encodings:
            new = reread(text, name, encoding) if encoding != name else None
            if new is None or new.invalid > most_invalid * len(new.points):
                continue
            result = new.points.tobytes()
            if result not in results:
                results.add(result)
                found.append(new)
    return found


def score_tracks(tracks: Sequence[U32], model: NgramModel) -> list[F32]:
    """Score code point tracks in one pass, each on its own, in the style that fits it best: nats a character."""
    if not tracks:
        return []
    boundary = np.array([BOUNDARY], np.uint32)
    joined = np.concatenate([part for track in tracks for part in (boundary, track)])
    logp = model.logp(fold(joined, model.fold_table))
    logp[_is_invalid(joined)] = _NEVER
    forms = model.form_logp(joined)
    scores, position = [], 0
    for track in tracks:
        begin, position = position + 1, position + 1 + len(track)
        form = forms[:, begin:position]
        scores.append(logp[begin:position] + form[int(form.sum(axis=1).argmax())])
    return scores


def as_it_stands(points: U32, logp: F32) -> F32:
    """The text's own track: each character by the language model, or as part of something that is no running text.

    Tables, code, inventories and lists of symbols are right as they stand, however unlikely their characters are in
    sentences.  A stretch of them costs ``NO_TEXT_ENTER`` once, and then what a character of its class costs if all are
    alike (the logarithm of the class's size), or ``NO_TEXT_NEXT`` for one that repeats or counts on from the one before.
    """
    flat = _NO_TEXT[_class_of(points)]
    flat[1:] = np.where(np.abs(np.diff(points.astype(np.int64))) <= 1, NO_TEXT_NEXT, flat[1:])
    # The best of "by the model" and "a stretch of no text", as a two-state Viterbi search.
    outside, inside = 0.0, NO_TEXT_ENTER
    entered: list[bool] = []
    left: list[bool] = []
    for plain, alike in zip(logp.tolist(), flat.tolist(), strict=True):
        enters = outside + NO_TEXT_ENTER > inside
        entered.append(enters)
        inside = (outside + NO_TEXT_ENTER if enters else inside) + alike
        left.append(inside > outside + plain)
        outside = max(outside + plain, inside)
    track = logp.copy()
    place = len(track)
    within = False
    while place > 0:
        place -= 1
        within = within or left[place]
        if within:
            track[place] = flat[place] + (NO_TEXT_ENTER if entered[place] else 0.0)
            within = not entered[place]
    return track


def best_spans(text: str, text_logp: F32, new: Reread, new_logp: F32, *, expected: bool = False) -> list[Span]:
    """Return the spans where reading anew is better, each by its gain; empty where none is.

    Args:
        text_logp, new_logp: Both tracks' log-probabilities, nats a character (:func:`score_tracks`,
            :func:`as_it_stands`).
        expected: The channel is known to have been at work on this line: it may begin in the new track, and each
            change of track costs the same.
    """
    if len(new.text_cuts) < 2:
        return []
    gains = np.add.reduceat(new_logp, new.new_cuts[:-1]) - np.add.reduceat(text_logp, new.text_cuts[:-1])
    if float(np.maximum(gains, 0).sum()) <= 0:
        return []
    enter, leave = (EXPECTED_SWITCH, EXPECTED_SWITCH) if expected else (ENTER, 0.0)
    spans = []
    for first, last in _best_runs(gains.tolist(), enter, leave, free_start=expected):
        start, end = int(new.text_cuts[first]), int(new.text_cuts[last])
        after = "".join(map(chr, new.points[int(new.new_cuts[first]) : int(new.new_cuts[last])].tolist()))
        before = text[start:end]
        if before == after:
            continue
        head, tail = _common_ends(before, after)
        gain = float(gains[first:last].sum())
        spans.append(Span(start + head, end - tail, after[head : len(after) - tail], gain))
    return spans


def _class_of(points: U32) -> npt.NDArray[np.intp]:
    return np.select(
        [points < 0x80, (points < 0xA0) | ((points >= 0xD800) & (points < 0xF900)), points < 0x2E80, points >= 0xFF61],
        [0, 3, 1, 1],
        default=2,
    )


def _best_runs(gains: list[float], enter: float, leave: float, *, free_start: bool) -> list[tuple[int, int]]:
    """The runs of units on the new track: half-open, from a two-state Viterbi search."""
    stay, switched = 0.0, 0.0 if free_start else -math.inf
    entered: list[bool] = []
    left: list[bool] = []
    for gain in gains:
        enters = stay + enter > switched
        inside = (stay + enter if enters else switched) + gain
        leaves = inside + leave > stay
        entered.append(enters)
        left.append(leaves)
        switched, stay = inside, max(stay, inside + leave)
    runs: list[tuple[int, int]] = []
    place = len(gains)
    inside_at_end = switched > stay
    while place > 0:
        if not (left[place - 1] or inside_at_end):
            place -= 1
            continue
        inside_at_end = False
        end = place
        while place > 0 and not entered[place - 1]:
            place -= 1
        place = max(place - 1, 0)
        runs.append((place, end))
    return runs[::-1]


def _common_ends(before: str, after: str) -> tuple[int, int]:
    """How many ASCII characters both begin with, and both end with."""
    limit = min(len(before), len(after))
    head = 0
    while head < limit and before[head] == after[head] and before[head] < "\x80":
        head += 1
    tail = 0
    while tail < limit - head and before[-1 - tail] == after[-1 - tail] and before[-1 - tail] < "\x80":
        tail += 1
    return head, tail


def _piecewise(text: str, points: U32, source: Encoding, target: Encoding) -> tuple[U32, I64, I64]:
    """Read the runs that ``source`` can have produced, and pass the other characters through as one byte each."""
    table = encode_table(source)
    able = (points < 0x10000) & ((table[points & np.uint32(0xFFFF)] != 0) | (points == 0))
    edges = np.flatnonzero(np.diff(able.astype(np.int8))) + 1
    bounds = [0, *edges.tolist(), len(points)]
    new_parts: list[U32] = []
    new_lengths: list[I64] = []
    text_lengths = np.ones(len(points), np.int64)
    for begin, end in zip(bounds, bounds[1:]):
        part = points[begin:end]
        data = source.encode(text[begin:end]) if able[begin] else None
        if data is None:
            new_parts.append(part)
            new_lengths.append(np.ones(len(part), np.int64))
        else:
            read = code_points(_decode(data, target))
            new_parts.append(read)
            new_lengths.append(_lengths(read, target))
            text_lengths[begin:end] = _lengths(part, source)
    return np.concatenate(new_parts), text_lengths, np.concatenate(new_lengths)


def _decode(data: bytes, encoding: Encoding) -> str:
    text = encoding.decode(data)
    return encoding.transcoder().decode_lossy(data, "surrogate", _as_surrogate) if text is None else text


def _as_surrogate(data: bytes, start: int, end: int) -> tuple[str, int]:
    return chr(0xDC00 + data[start]), start + 1


def _is_invalid(points: U32) -> npt.NDArray[np.bool_]:
    return (points & np.uint32(0xFFFFFF00)) == 0xDC00


def _lengths(points: U32, encoding: Encoding) -> I64:
    """Bytes a character: ``int64[n]``; a lone surrogate is one byte that was invalid."""
    if encoding.structure == "single":
        return np.ones(len(points), np.int64)
    if encoding.structure == "utf8":
        lengths = 1 + (points >= 0x80).astype(np.int64) + (points >= 0x800) + (points >= 0x10000)
    elif encoding.structure == "wide":
        lengths = np.where(points < 0x10000, 2, 4).astype(np.int64)
    else:
        packed = encode_table(encoding)[points & np.uint32(0xFFFF)].astype(np.int64)
        lengths = np.where(packed >> 24 >= 0x81, 4, packed >> 24)
        lengths[points == 0] = 1
        astral = points >= 0x10000
        if astral.any():
            lengths[astral] = _ASTRAL_LENGTH.get(encoding.name, 0)
    lengths[_is_invalid(points)] = 1
    return lengths
