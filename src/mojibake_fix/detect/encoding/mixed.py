"""Data in more than one encoding, or damaged: which lines, and which spans of a line, are in which.

Lines are the observations of a Viterbi search, encodings its states, and a change of encoding costs.  A line that no
encoding explains is looked at again: with bytes lost or gained (:mod:`.slip`), and in pieces.  Not for the usual case,
in which one encoding explains all the data: that is seen from a pass over its bigrams.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mojibake_fix.detect.encoding.alphabets import foreign_logp, likely_languages
from mojibake_fix.detect.encoding.readings import Readings, read_lines
from mojibake_fix.detect.encoding.sample import SMALL, windows
from mojibake_fix.detect.encoding.scoring import BURST, FINE_BURST, PAIR, full_scores, quick_scores, rarity, stray_logp
from mojibake_fix.detect.encoding.single import is_tabled, is_utf8, rarity_of_lines, reads_as_well
from mojibake_fix.detect.encoding.slip import can_slip, find_slips, unexplained
from mojibake_fix.detect.encoding.suspects import find_replaced

__all__ = ["Piece", "find_pieces", "is_uniform"]

F32 = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float32 | np.int64]

_SWITCH = 5.0
"""Nats of a change of encoding from one line to the next: from 1 to 12, the lines of mixed files in CJK and European
encodings are told right in 99.8 to 99.5 % of those that it was chosen on, and in 99.0 to 98.9 % of others."""
_SWITCH_INSIDE = 9.0
"""Nats of a change of encoding within a line: with 5, 9 or 14 the fields of all of 80 lines come out right."""
_NEW_STATE = 14.0
"""Nats that an encoding must gain over all lines before it counts as one of the data's: 11 to 20 tell the lines of the
same files apart as well, 8 as well and with more to try."""
_DAMAGED_UTF8 = -14.0
"""Nats for each place at which a line of UTF-8 is damaged, beside what its bytes without a character cost: an accent of
another encoding is likelier than damage, if it makes a word."""
_CLOSE = 25.0
_SAMPLED_LINES = 120
_SAMPLED_BYTES = 400
_SLIPPED_LINES = 12
_SELDOM_SLIPPED = ("johab", "euc-tw", "big5-hkscs")
_MOST_STATES = 14
"""Of files of eight European languages, with 8 encodings 99.0 % of the lines are told right, with 14 99.3 %."""
_POOR_SHARE = 0.3
_POOR_COUNT = 3
"""A line of which more than this share, and so many, of its bigrams are rare is not explained: clean lines have 0 to
4 % rare, other encodings' 60 to 90 %."""
_BOTH = 2
_WRONG_COUNT, _WRONG_SHARE = 5, 0.45
"""A line with so many and such a share rare casts doubt on the whole: 1 of 1,000 clean lines, 19 of 20 of others."""
_FINE, _FINE_THOROUGH = 1 << 10, 1 << 16
"""Data up to which size is searched for damage of a few characters, without and with thoroughness."""
_CHECKED_WINDOWS = (24, 256)
_SEGMENT = re.compile(
    rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}){2,}|[^\x00-\x2f]+?(?=(?:[\xe0-\xef][\x80-\xbf]{2}){2}|[\x00-\x2f]|\Z)"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes ``start`` to ``end`` of the data in one encoding, which of them belong to no character, and at which the
    character begins that another byte made of the true one."""

    start: int
    end: int
    name: str
    damage: tuple[int, ...] = ()
    replaced: tuple[int, ...] = ()


def is_uniform(data: bytes, name: str, *, thorough: bool, first: int) -> bool:
    """Whether ``name`` explains every line of ``data``; of data beyond 16 KB a sample unless ``thorough``."""
    if not thorough and len(data) > SMALL:
        data = b"\n".join(data[start:end] for start, end in windows(data, *_CHECKED_WINDOWS, first=first))
    fine = len(data) <= (_FINE_THOROUGH if thorough else _FINE)
    burst = FINE_BURST if fine else BURST
    tabled = is_tabled(name)
    readings = None if tabled else read_lines(data, [name])
    found = rarity_of_lines(data, name, burst) if readings is None else rarity(readings, burst)
    if found.errors.any() or found.bursts.any():
        return False
    if readings is not None and fine and _odd_lines(data, readings, name):
        return False
    odd = found.rare.nonzero()[0]
    if not odd.size:
        return True
    rare, counted = found.rare[odd], found.counted[odd]
    if not tabled:
        return not ((rare >= _WRONG_COUNT) & (rare > _WRONG_SHARE * counted)).any()
    if _poor(rare, counted).any():
        return False
    lines = data.split(b"\n")
    return not any(is_utf8(lines[number]) for number in odd.tolist())


def _odd_lines(data: bytes, readings: Readings, name: str) -> bool:
    """Whether a byte of a line was lost, gained or replaced, though each reads as characters."""
    lines = data.split(b"\n")
    suspected = np.flatnonzero(rarity(readings, PAIR).bursts).tolist()
    return any(find_slips(lines[number], name).gain or find_replaced(lines[number], name)[0] for number in suspected)


def _poor(rare: Numbers, counted: Numbers) -> npt.NDArray[np.bool_]:
    """Which lines are not explained: too many of their bigrams are rare, or both of the only letter beyond ASCII."""
    return (rare >= _POOR_COUNT) & (rare > _POOR_SHARE * counted) | (rare >= _BOTH) & (rare >= counted)


def find_pieces(data: bytes, weights: Mapping[str, float], usual: str) -> tuple[list[Piece], float]:
    """Tell which parts of ``data`` are in which encoding.

    Args:
        data: Bytes, ASCII at their base.
        weights: Prior log-probabilities, nats, of the encodings to try.
        usual: The encoding that most of it seems to be in.

    Returns:
        Pieces that touch each other and together are all of ``data``, and their score in nats.
    """
    lines = _lines(data)
    spoken = [span for span in lines if not data[span[0] : span[1]].isascii()]
    if not spoken:
        return [Piece(0, len(data), "ascii")], 0.0
    pieces = [data[start:end] for start, end in spoken]
    _, unexplained_lines = _rough_emissions(pieces, [usual])
    doubtful = np.flatnonzero(unexplained_lines[:, 0] | np.array([is_tabled(usual) and is_utf8(p) for p in pieces]))
    names = [usual]
    if doubtful.size:
        # Lines of other alphabets, too, may seem explained by one of one byte a character.
        names = _states(pieces if is_tabled(usual) else [pieces[number] for number in doubtful], weights, usual)
    emissions, poor = _emissions(pieces, names)
    damage = _add_slips(pieces, names, emissions, poor)
    prior = np.array([weights.get(name, 0.0) for name in names])
    path = _viterbi(emissions, prior, _SWITCH)
    fine = len(data) <= _FINE_THOROUGH
    found: list[Piece] = []
    gained = 0.0
    within: dict[str, float] = {}
    for number, ((start, end), state) in enumerate(zip(spoken, path, strict=True)):
        inside = None
        if poor[number, state]:
            score = float(emissions[number, state])
            # What was in other lines is tried first, for it takes a tenth of the time.
            inside = _segments(pieces[number], within, names[state], score, sure=True) if within else None
            inside = inside or _segments(pieces[number], weights, names[state], score, sure=False)
        if inside is None:
            skipped = damage.get((number, state), ())
            if poor[number, state]:
                skipped = unexplained(pieces[number], names[state], skipped)
            replaced: tuple[int, ...] = ()
            if fine and not skipped and can_slip(names[state]):
                skipped, replaced = _hidden(pieces[number], names[state])
            found.append(Piece(start, end, names[state], _from(start, skipped), _from(start, replaced)))
        else:
            better, parts = inside
            gained += better
            within |= {part.name: weights.get(part.name, 0.0) for part in parts}
            found += [Piece(start + part.start, start + part.end, part.name) for part in parts]
    total = sum(float(emissions[number, state]) for number, state in enumerate(path)) + float(prior[path[0]]) + gained
    return _touching(_plainly_named(data, found, weights), len(data)), total


def _hidden(piece: bytes, name: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Damage that leaves nothing but characters out of place: bytes left over, and characters that were replaced."""
    if not rarity(read_lines(piece.replace(b"\r", b" "), [name]), PAIR).bursts.any():
        return (), ()
    slips = find_slips(piece, name)
    return (slips.offsets, ()) if slips.offsets else ((), find_replaced(piece, name)[1])


def _from(start: int, offsets: Sequence[int]) -> tuple[int, ...]:
    return tuple(start + offset for offset in offsets)


def _lines(data: bytes) -> list[tuple[int, int]]:
    mark = b"\n" if b"\n" in data else b"\r"
    spans, start = [], 0
    for line in data.split(mark):
        spans.append((start, start + len(line)))
        start += len(line) + 1
    return spans


def _states(
    pieces: Sequence[bytes], weights: Mapping[str, float], usual: str, *, damage: float = _DAMAGED_UTF8
) -> list[str]:
    """The encodings that the pieces need: the usual one, then each that gains enough where it is better."""
    names = [name for name in weights if name != "euc-tw" or _may_be_euc_tw(pieces)]
    if usual not in names:
        names.append(usual)
    step = max(len(pieces) // _SAMPLED_LINES, 1)
    sampled = [piece[:_SAMPLED_BYTES] for piece in pieces[::step]]
    emissions, poor = _emissions(sampled, names, damage=damage)
    _add_slips(sampled[:_SLIPPED_LINES], names, emissions, poor[:_SLIPPED_LINES])
    prior = np.array([weights.get(name, 0.0) for name in names])
    chosen = [names.index(usual)]
    current = emissions[:, chosen[0]]
    while len(chosen) < _MOST_STATES:
        gains = np.maximum(emissions - current[:, None] - _SWITCH, 0).sum(axis=0) + prior
        best = int(gains.argmax())
        if gains[best] < _NEW_STATE - _SWITCH:
            break
        chosen.append(best)
        current = np.maximum(current, emissions[:, best])
    return [names[state] for state in chosen]


def _may_be_euc_tw(pieces: Sequence[bytes]) -> bool:
    return not b"".join(pieces[:50]).translate(None, _EUC_TW_BYTES)


_EUC_TW_BYTES = bytes([*range(0x80), 0x8E, *range(0xA1, 0xFF)])


def _emissions(
    pieces: Sequence[bytes], names: Sequence[str], *, damage: float = _DAMAGED_UTF8
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Scores of each piece in each encoding, nats, and where that leaves the piece unexplained: ``[pieces, names]``.

    ``damage`` are nats of each place at which UTF-8 has bytes without a character.
    """
    readings = _readings(pieces, names)
    score, poor = _rough(readings, len(pieces))
    foreign = foreign_logp(readings, [likely_languages(piece) for piece in pieces]) + stray_logp(readings, names)
    foreign = foreign.reshape(score.shape)
    score += foreign
    close = score >= score.max(axis=0) - _CLOSE
    wanted = np.flatnonzero((close & (close.sum(axis=0) > 1)).ravel())
    if wanted.size:
        refined = np.full(score.shape, -np.inf)
        refined.ravel()[wanted] = full_scores(readings.pick(wanted)) + foreign.ravel()[wanted]
        best = refined.max(axis=0)
        contested = np.isfinite(best)
        far = np.where(contested, best, 0.0) + score - score.max(axis=0) - _CLOSE
        score = np.where(contested, np.where(np.isfinite(refined), refined, far), score)
    if "utf-8" in names:
        places = readings.damaged_places().reshape(score.shape)
        score[names.index("utf-8")] += damage * places[names.index("utf-8")]
    return score.T, poor.T


def _rough_emissions(
    pieces: Sequence[bytes], names: Sequence[str]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    score, poor = _rough(_readings(pieces, names), len(pieces))
    return score.T, poor.T


def _readings(pieces: Sequence[bytes], names: Sequence[str]) -> Readings:
    return read_lines(b"\n".join(piece.replace(b"\n", b" ").replace(b"\r", b" ") for piece in pieces), names)


def _rough(readings: Readings, pieces: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    score, found = quick_scores(readings, FINE_BURST if len(readings.points) <= _FINE_THOROUGH else BURST)
    poor = _poor(found.rare, found.counted) | (found.errors > 0) | found.bursts
    return score.astype(np.float64).reshape(-1, pieces), poor.reshape(-1, pieces)


def _add_slips(
    pieces: Sequence[bytes],
    names: Sequence[str],
    emissions: npt.NDArray[np.float64],
    poor: npt.NDArray[np.bool_],
) -> dict[tuple[int, int], tuple[int, ...]]:
    """Let lost and gained bytes explain what is not explained; return which bytes that leaves over."""
    damage: dict[tuple[int, int], tuple[int, ...]] = {}
    for number in np.flatnonzero(poor.all(axis=1)).tolist():
        for state, name in enumerate(names):
            if can_slip(name) and name not in _SELDOM_SLIPPED:
                slips = find_slips(pieces[number], name)
                if slips.gain > 0:
                    emissions[number, state] += slips.gain
                    damage[number, state] = slips.offsets
    return damage


def _viterbi(emissions: npt.NDArray[np.float64], prior: npt.NDArray[np.float64], switch: float) -> list[int]:
    """The best sequence of states."""
    steps = len(emissions)
    back = np.zeros(emissions.shape, np.int32)
    total = emissions[0] + prior
    for step in range(1, steps):
        best = int(total.argmax())
        stay = total >= total[best] - switch
        back[step] = np.where(stay, np.arange(len(total)), best)
        total = np.where(stay, total, total[best] - switch) + emissions[step]
    path = [int(total.argmax())]
    for step in range(steps - 1, 0, -1):
        path.append(int(back[step, path[-1]]))
    return path[::-1]


def _segments(
    piece: bytes, weights: Mapping[str, float], as_one: str, score: float, *, sure: bool
) -> tuple[float, list[Piece]] | None:
    """Tell the encodings within one line apart, and what that gains; None where one encoding explains it as well.

    None also where they leave a part unexplained, if it is to be ``sure``.
    """
    spans = [match.span() for match in _SEGMENT.finditer(piece) if not match[0].isascii()]
    if len(spans) < 2:
        return None
    parts = [piece[start:end] for start, end in spans]
    # The few bytes that damage leaves of a character are a part by themselves, and may be one of another encoding.
    names = _states(parts, weights, as_one, damage=0.0)
    emissions, poor = _emissions(parts, names, damage=0.0)
    path = _viterbi(emissions, np.array([weights.get(name, 0.0) for name in names]), _SWITCH_INSIDE)
    if len(set(path)) < 2 or (sure and poor[np.arange(len(path)), path].any()):
        return None
    apart = sum(float(emissions[number, chosen]) for number, chosen in enumerate(path))
    together = float(emissions[:, names.index(as_one)].sum())
    # What slips gained for the line as one counts for it here too.
    [[whole]], _ = _emissions([piece], [as_one], damage=0.0)
    together += max(score - whole, 0.0)
    changes = sum(a != b for a, b in itertools.pairwise(path))
    if apart - together < _SWITCH_INSIDE * changes + _NEW_STATE - _SWITCH:
        return None
    pieces = [Piece(start, end, names[chosen]) for (start, end), chosen in zip(spans, path, strict=True)]
    return apart - together, pieces


def _plainly_named(data: bytes, found: Sequence[Piece], weights: Mapping[str, float]) -> list[Piece]:
    """Name each encoding of one byte a character by the likeliest that reads all of its pieces the same.

    It may make characters of bytes that are none in the other: then those are no damage.
    """
    names: dict[str, str] = {}
    singles = [name for name in sorted(weights, key=lambda name: -weights[name]) if is_tabled(name)]
    for name in {piece.name for piece in found if is_tabled(piece.name)}:
        joined = b"\n".join(data[piece.start : piece.end] for piece in found if piece.name == name)
        names[name] = next((other for other in singles if reads_as_well(other, name, joined)), name)
    named = []
    for piece in found:
        name = names.get(piece.name, piece.name)
        if name != piece.name:
            left = unexplained(data[piece.start : piece.end], name, ())
            piece = replace(piece, name=name, damage=tuple(piece.start + offset for offset in left))
        named.append(piece)
    return named


def _touching(found: Sequence[Piece], length: int) -> list[Piece]:
    """Join neighbours of one encoding, and give what lies between pieces to the piece before it."""
    joined: list[Piece] = []
    for piece in found:
        if joined and joined[-1].name == piece.name:
            last = joined.pop()
            joined.append(
                replace(
                    last,
                    end=piece.end,
                    damage=last.damage + piece.damage,
                    replaced=last.replaced + piece.replaced,
                )
            )
        else:
            start = 0
            if joined:
                last = joined.pop()
                joined.append(replace(last, end=piece.start))
                start = piece.start
            joined.append(replace(piece, start=start))
    joined.append(replace(joined.pop(), end=length))
    return joined
