"""Bytes lost or gained: where characters are read astride from one byte on, until something puts the reading right.

Every byte may be left over, for a price: the best way through a piece is that of the characters that follow each other
as they do in text.  One that was lost leaves the rest of its character over, one that was gained is left over itself.
Not for overwritten bytes that make another character: nothing is left over there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mojibake_fix.detect.encoding.catalogue import CATALOGUE
from mojibake_fix.detect.encoding.decoders import decode_marked
from mojibake_fix.detect.encoding.readings import is_marked, read_texts_as, style_of
from mojibake_fix.detect.encoding.scoring import ERROR, compiled_evidence, form_logp, full_scores, quick_logp
from mojibake_fix.encodings import byte_table, encode_table, pair_table
from mojibake_fix.model import BOUNDARY, code_points, fold, load_model
from mojibake_fix.model.scan import absent

__all__ = ["Slips", "can_slip", "find_slips", "skips", "unexplained", "widths_of"]

Bools = npt.NDArray[np.bool_]
Points = npt.NDArray[np.uint32]
U8 = npt.NDArray[np.uint8]

_SHORTEST = 6
"""Bytes of a piece that may have slipped: three characters tell."""
_LONGEST = 1 << 16
"""Slips are looked for in so many bytes of a piece."""
_SKIP = -12.0
"""Nats for a byte that is left over on the way."""
_COST, _COST_OF_DAMAGED = 20.0, 12.0
"""Nats of a slip by the language model: that a byte is lost or gained, and that it is here; the same where bytes that
are no character say so, too.  Of 36,000 clean development lines none slips; of lines with a byte lost or gained, 66 and
71 % do, and with the second 76 and 84 % would, but 4 in 10,000 clean ones, too."""
_ARRIVALS = 4
"""Ways to get to a byte that are kept."""


@dataclass(frozen=True, slots=True)
class Slips:
    """What reading a piece with slips gains over reading it without, nats, and the bytes left over."""

    gain: float
    offsets: tuple[int, ...]


_NONE = Slips(0.0, ())


def can_slip(name: str) -> bool:
    """Whether a lost byte shifts what follows, in this encoding."""
    return CATALOGUE[name].kind in ("pairs", "wide")


def find_slips(piece: bytes, name: str) -> Slips:
    """Look for lost and gained bytes in ``piece`` as ``name``."""
    if not _SHORTEST <= len(piece) <= _LONGEST:
        return _NONE
    begins = _beginnings(piece, name)
    style = style_of(name)
    compiled = compiled_evidence()
    left_over = (skips if compiled is None else compiled.skips)(*begins, style, _SKIP)
    offsets = np.flatnonzero(left_over).tolist()
    slipped = [offset for offset in offsets if begins[1][offset]]
    if not slipped:
        return _NONE
    # A whole character that is left out is no slip: where it stands, text goes on.
    read = decode_marked(name, piece)
    cost = _COST_OF_DAMAGED if is_marked(code_points(read)).any() else _COST
    as_is, without = full_scores(read_texts_as([read, _without(piece, offsets, name)], name))
    gain = float(without) + ERROR * (len(offsets) - len(slipped)) - float(as_is) - cost * len(slipped)
    return Slips(gain, tuple(slipped)) if gain > 0 else _NONE


def unexplained(piece: bytes, name: str, skipped: Sequence[int]) -> tuple[int, ...]:
    """Return the offsets of all bytes of ``piece`` that belong to no character, ``skipped`` among them."""
    offsets = list(skipped)
    start = 0
    for end in (*skipped, len(piece)):
        points = code_points(decode_marked(name, piece[start:end]))
        marked = is_marked(points)
        if marked.any():
            places = np.cumsum(widths_of(points, name)) - 1
            offsets += (start + places[marked]).tolist()
        start = end + 1
    return tuple(sorted(offsets))


def _without(piece: bytes, offsets: Sequence[int], name: str) -> str:
    """The text of ``piece`` with those bytes left out, what is before and behind each read by itself."""
    starts = [0, *(offset + 1 for offset in offsets)]
    return "".join(
        decode_marked(name, piece[start:end]) for start, end in zip(starts, (*offsets, len(piece)), strict=True)
    )


def _beginnings(piece: bytes, name: str) -> tuple[Points, U8, Bools]:
    """What begins at each byte: code points, how many bytes they take (0: nothing), and which bytes may be left over.

    A byte of ASCII that is left over is a character, and shifts nothing.
    """
    values = np.frombuffer(piece, np.uint8)
    if CATALOGUE[name].kind == "wide":
        order = "<u2" if name == "utf-16-le" else ">u2"
        padded = piece + b"\0\0"
        points = np.empty(len(piece), np.uint32)
        for phase in (0, 1):
            units = np.frombuffer(padded, order, count=(len(padded) - phase) // 2, offset=phase)
            points[phase::2] = units[: len(points[phase::2])]
        return points, np.full(len(piece), 2, np.uint8), np.ones(len(piece), bool)
    points = byte_table(name)[values]
    widths = ((points != 0) | (values == 0)).astype(np.uint8)
    pairs = pair_table(name)[(values[:-1].astype(np.uint32) << np.uint32(8)) | values[1:]]
    points[:-1] = np.where(pairs != 0, pairs, points[:-1])
    widths[:-1] = np.where(pairs != 0, 2, widths[:-1])
    lead = _LONG_LEADS.get(name)
    if lead is not None:
        for place in np.flatnonzero((widths == 0) & (values >= lead[0]) & (values <= lead[1])).tolist():
            text = decode_marked(name, piece[place : place + lead[2]])
            if len(text) == 1:
                points[place], widths[place] = ord(text), lead[2]
    return points, widths, values >= 0x80


_LONG_LEADS = {"gb18030": (0x81, 0xFE, 4), "euc-jp": (0x8F, 0x8F, 3), "euc-tw": (0x8E, 0x8E, 4)}
"""First bytes, from and to, of codes of more than two bytes, and how many they have."""


def skips(points: Points, widths: U8, may_skip: Bools, style: int, skip: float) -> Bools:
    """:meth:`CompiledEvidence.skips` without the kernel."""
    codes = fold(points, load_model().fold_table)
    size = len(points)
    ways: list[dict[int, tuple[float, int, int, bool]]] = [{} for _ in range(size + 1)]
    ways[0][BOUNDARY] = (0.0, -1, 0, False)

    def arrive(at: int, before: int, way: tuple[float, int, int, bool]) -> None:
        known = ways[at]
        if before in known or len(known) < _ARRIVALS:
            if before not in known or known[before][0] < way[0]:
                known[before] = way
            return
        worst = min(known, key=lambda code: known[code][0])
        if known[worst][0] < way[0]:
            # In the place of the one that is given up.
            ways[at] = {
                (before if code == worst else code): (way if code == worst else old) for code, old in known.items()
            }

    for place in range(size):
        behind = place + int(widths[place])
        begins = bool(widths[place]) and behind <= size
        code = int(codes[place])
        befores = list(ways[place])
        if begins:
            logp = _steps(befores, code, int(points[place]), style)
        for number, before in enumerate(befores):
            score = ways[place][before][0]
            if begins:
                arrive(behind, code, (score + logp[number], place, before, False))
            if may_skip[place] or not begins:
                arrive(place + 1, before, (score + (skip if begins else ERROR), place, before, True))
    left_over = np.zeros(size, bool)
    at, before = size, max(ways[size], key=lambda code: ways[size][code][0])
    while at:
        _, place, came_by, skipped = ways[at][before]
        left_over[place:at] = skipped
        at, before = place, came_by
    return left_over


def _steps(befores: Sequence[int], code: int, point: int, style: int) -> list[float]:
    """Nats of a character behind each of those."""
    keys = (np.array(befores, np.uint32) << np.uint32(16)) | np.uint32(code)
    rare = absent(keys, load_model().scan)
    logp = quick_logp(np.full(len(befores), code, np.uint16), rare) + form_logp(np.array([point], np.uint32), style)
    return [float(value) for value in logp]


def widths_of(points: Points, name: str) -> npt.NDArray[np.int64]:
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
