"""Bytes lost or gained: where pairs are read astride from one byte on, until something puts the reading right again.

A run of bytes between two sure ends is read from its first byte and from its second.  What was right before the damage
goes on right in the second reading behind it, so the place is where the two join best: one array operation a run.
Not for overwritten bytes, which shift nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mojibake_fix.detect.encoding.catalogue import CATALOGUE
from mojibake_fix.detect.encoding.decoders import decode_marked
from mojibake_fix.detect.encoding.readings import is_marked, read_lines, read_whole
from mojibake_fix.detect.encoding.scoring import first_burst, full_logp, full_scores
from mojibake_fix.encodings import encode_table
from mojibake_fix.model import code_points

__all__ = ["Slips", "can_slip", "find_slips", "unexplained"]

_RUN = re.compile(rb"[\x80-\xff]+(?:[\x30-\x7e][\x80-\xff]+)*[\x40-\x7e]?")
"""Two ASCII bytes in a row end a run: a reading astride swallows only the first."""
_SHORTEST = 6
"""Bytes of a run that may have slipped: three characters tell."""
_COST = 22.0
"""Nats of a slip: that a byte is lost or gained, and that it is here."""
_MOST = 3
"""Slips looked for in one run."""


@dataclass(frozen=True, slots=True)
class Slips:
    """What reading a piece with slips gains over reading it without, nats, and the bytes left over."""

    gain: float
    offsets: tuple[int, ...]


def can_slip(name: str) -> bool:
    """Whether a lost byte shifts what follows, in this encoding."""
    return CATALOGUE[name].kind in ("pairs", "wide")


def find_slips(piece: bytes, name: str) -> Slips:
    """Look for lost and gained bytes in ``piece`` as ``name``."""
    gain, offsets = 0.0, []
    wide = CATALOGUE[name].kind == "wide"
    runs = [(0, len(piece))] if wide else [match.span() for match in _RUN.finditer(piece)]
    pending = [(start, end) for start, end in runs if end - start >= _SHORTEST and not piece[start:end].isascii()]
    for _ in range(_MOST):
        if not pending:
            break
        again = []
        joins = _joins([piece[start:end] for start, end in pending], name)
        for (start, end), join in zip(pending, joins, strict=True):
            better, skip = join
            if not wide:
                behind = _ASCII.match(piece, end)
                better, skip = max(join, _local(piece[start : behind.end() if behind else end], name))
            if better > 0:
                gain += better
                offsets.append(start + skip)
                if end - start - skip - 1 >= _SHORTEST:
                    again.append((start + skip + 1, end))
        pending = again
    return Slips(gain, tuple(sorted(offsets)))


_ASCII = re.compile(rb"[\x20-\x7e]{1,4}")
"""Read with the run before them: an ASCII byte that was swallowed comes back."""
_LOCAL_COST = 20.0
"""Nats of a slip whose place is known to some ten bytes."""
_LOCAL_BEFORE, _LOCAL_AFTER = 7, 5
_WINDOW = 160


def _local(run: bytes, name: str) -> tuple[float, int]:
    """The gain of the best slip near the first burst of rare bigrams of ``run``, and the byte that it leaves over.

    Where a reading astride meets codes that are invalid or of one byte, it rights itself soon, and the second reading
    does not go on as the first would have: here each byte near the burst is left out in turn.
    """
    readings = read_whole(run, [name])
    burst = first_burst(readings)
    if burst is None:
        return 0.0, 0
    ends = np.cumsum(_widths(readings.points[:-1], name))
    at = int(ends[burst - 1]) if burst else 0
    start = int(ends[burst - 12]) if burst > 12 else 0
    window = run[start : start + _WINDOW]
    # Only between two characters, so that what is behind the byte is read from its own first byte.
    between = [0, *(ends[ends >= start] - start).tolist()]
    near = range(at - start - _LOCAL_BEFORE, at - start + _LOCAL_AFTER)
    places = [k for k in between if k in near and k < len(window) and window[k] >= 0x80]
    variants = [window, *(window[:k] + window[k + 1 :] for k in places)]
    scores = full_scores(read_lines(b"\n".join(variants).replace(b"\r", b" "), [name]))
    if not places or len(scores) != len(variants):
        return 0.0, 0
    best = int(scores[1:].argmax())
    return float(scores[best + 1] - scores[0]) - _LOCAL_COST, start + places[best]


def unexplained(piece: bytes, name: str, skipped: Sequence[int]) -> tuple[int, ...]:
    """Return the offsets of all bytes of ``piece`` that belong to no character, ``skipped`` among them."""
    offsets = list(skipped)
    start = 0
    for end in (*skipped, len(piece)):
        points = code_points(decode_marked(name, piece[start:end]))
        marked = is_marked(points)
        if marked.any():
            places = np.cumsum(_widths(points, name)) - 1
            offsets += (start + places[marked]).tolist()
        start = end + 1
    return tuple(sorted(offsets))


def _joins(runs: Sequence[bytes], name: str) -> list[tuple[float, int]]:
    """For each run the gain of its best slip, and which byte that leaves over."""
    if CATALOGUE[name].kind == "wide":
        [run] = runs
        cumulative = [_by_unit(run[phase : phase + (len(run) - phase) // 2 * 2], name) for phase in (0, 1)]
        return [_best_join(*cumulative[0], *cumulative[1], np.ones(len(run), bool))]
    whole, behind = (_by_line(b"\n".join(run[phase:] for run in runs), name) for phase in (0, 1))
    # An ASCII byte that is left over is a character, and shifts nothing.
    high = [np.frombuffer(run, np.uint8) >= 0x80 for run in runs]
    return [_best_join(*first, *second, may) for first, second, may in zip(whole, behind, high, strict=True)]


Cumulative = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]


def _by_line(data: bytes, name: str) -> list[Cumulative]:
    """For each line: the byte offset behind each of its characters, and the score up to there; 0 first."""
    readings = read_lines(data, [name])
    logp = full_logp(readings)
    widths = _widths(readings.points, name)
    found = []
    for start, end in zip(readings.starts.tolist(), readings.ends.tolist(), strict=True):
        offsets = np.concatenate(([0], np.cumsum(widths[start:end])))
        found.append((offsets, np.concatenate(([0.0], np.cumsum(logp[start:end], dtype=np.float64)))))
    return found


def _by_unit(data: bytes, name: str) -> Cumulative:
    """The same for UTF-16, of which the data is one line."""
    readings = read_whole(data, [name])
    logp = full_logp(readings)[:-1]
    offsets = np.concatenate(([0], np.cumsum(_widths(readings.points[:-1], name))))
    return offsets, np.concatenate(([0.0], np.cumsum(logp, dtype=np.float64)))


def _best_join(
    offsets: npt.NDArray[np.int64],
    scores: npt.NDArray[np.float64],
    behind_offsets: npt.NDArray[np.int64],
    behind_scores: npt.NDArray[np.float64],
    may_skip: npt.NDArray[np.bool_],
) -> tuple[float, int]:
    """The gain of the best slip over no slip, and the offset of the byte that it leaves over.

    The second reading's offsets count from the run's second byte: its boundary ``k`` lies at byte ``k + 1``.
    """
    length = len(may_skip)
    rest = np.full(length + 1, -np.inf)
    inside = behind_offsets < length
    rest[behind_offsets[inside]] = behind_scores[-1] - behind_scores[inside]
    ahead = offsets < length
    totals = scores[ahead] + rest[offsets[ahead]]
    totals[~may_skip[offsets[ahead]]] = -np.inf
    best = int(np.argmax(totals))
    return float(totals[best] - scores[-1]) - _COST, int(offsets[ahead][best])


def _widths(points: npt.NDArray[np.uint32], name: str) -> npt.NDArray[np.int64]:
    """How many bytes each code point took: ``int64[n]``."""
    if CATALOGUE[name].kind == "wide":
        return np.where(points > 0xFFFF, 4, 2)
    one = (points < 0x80) | is_marked(points)
    if CATALOGUE[name].kind == "single":
        return np.ones(len(points), np.int64)
    if CATALOGUE[name].kind == "utf8":
        return np.where(one, 1, np.where(points < 0x800, 2, np.where(points > 0xFFFF, 4, 3)))
    if name == "cp932":
        one |= (points >= 0xFF61) & (points < 0xFFA0) | (points == 0xA0) | ((points >= 0xF8F0) & (points < 0xF8F4))
    widths = np.where(one, 1, 2)
    if name in ("gb18030", "euc-jp", "euc-tw"):
        packed = encode_table(name)[np.minimum(points, 0xFFFF)] >> np.uint32(24)
        longer = np.where(points > 0xFFFF, 4, np.where(packed >= 0x81, 4, packed)).astype(np.int64)
        widths = np.where(one, 1, np.maximum(longer, 2))
    return widths
