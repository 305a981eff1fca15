"""What a decoder could not map: which bytes a replacement character, or nothing at all, may stand for.

The inverse of every decoder policy at once: a lead whose trail made no code, the pair of both, a byte that begins none.
What counts as "no code" is what the plainest decoder of an encoding (CPython's codec) has none for; the fuller ones
(WHATWG, Microsoft) lose less.  Costs say only how usual each inverse is.  Not for searching.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from mojibake_fix.encodings import REPLACEMENT_CHARACTER, byte_table, encode_table, lookup, misread, pair_table
from mojibake_fix.model import code_points
from mojibake_fix.repair.lattice import Arc
from mojibake_fix.repair.patterns import Mask, byte_mask, mask_of, mask_range
from mojibake_fix.repair.stream import PLACEHOLDER, ByteStream

__all__ = ["CONSUMES", "Losses", "losses_of", "stream_arcs"]

_QUESTION = 0x3F
_MIDDLE_DOT = 0x30FB
_REPLACEMENTS = frozenset((_QUESTION, REPLACEMENT_CHARACTER, _MIDDLE_DOT))
_LINE_FEED = 0x0A
_NOTHING = -1
_NO_BREAK_SPACE = 0xA0
_HIGH = mask_range(0x80, 0xFF)
_PRINTABLE = mask_range(0x20, 0x7E)

_COST_LITERAL = 1.0
"""A question mark between broken bytes is a replacement more often than punctuation."""
_COST_ALONE = 7.0
"""One with nothing broken beside it is punctuation more often."""
_COST_CONTROL = 1.5
"""A control character that was lost after the decoding, not in it."""
_COST_DROPPED = 2.5
"""Bytes that left nothing behind, for each gap in a span that must have lost some."""
_COST_CUT = 9.0
"""A byte of a character that was cut off at the end."""
_COST_SPACE = 1.0
"""A space that was one without a break.  All these costs only settle ties: of 150 lines (UTF-8 read as GBK, CP932 and
CP1252), none comes out otherwise with any one of literal, control, dropped, cut or space at nothing or half, or at
two and a half times or half as much again."""
_MOST_DROPPED = 2
"""Losses without a mark, side by side.  Of UTF-8 read as CP1252 whose control characters were removed 97.6 % of
characters come right at 1, 99.4 % at 2 and at 3, which takes twice as long."""


@dataclass(frozen=True, slots=True)
class Losses:
    """What a decoder of one encoding cannot map, as masks.

    ``singles`` are bytes that begin nothing; ``leads`` those that begin a pair; ``pairs`` covers the pairs without a
    code by products of masks.  ``trails`` are the bytes that end one.  ``controls`` are bytes that it maps to C1
    controls, which tidying programs remove.
    """

    singles: Mask
    leads: Mask
    pairs: tuple[tuple[Mask, Mask], ...]
    trails: Mask
    controls: Mask

    def lone_leads(self, following: int | None) -> Mask:
        """The leads that make no code with the byte ``following``; all of them where it is not known."""
        if following is None or following == _NOTHING:
            return self.leads
        bit = byte_mask(following)
        return functools.reduce(int.__or__, (leads for leads, trails in self.pairs if trails & bit), 0)


@functools.cache
def losses_of(read_as: str) -> Losses:
    """Return what decoders of ``read_as`` cannot map."""
    row = lookup(read_as)
    singles = byte_table(read_as)
    high = np.arange(256) >= 0x80
    controls = mask_of(high & (singles >= 0x80) & (singles < 0xA0))
    plain = np.array([len(misread(bytes((b,)), row, "cpython-ignore")) for b in range(256)]) > 0
    if row.structure != "multi":
        return Losses(mask_of(high & ~plain), 0, (), 0, controls)
    defined = _plain_pairs(read_as)
    leads, legal = np.zeros((2, 256), bool)
    leads[list(row.leads)] = True
    legal[list(row.trails)] = True
    rows: dict[Mask, Mask] = {}
    for lead in row.leads:
        trails = mask_of(~defined[lead])
        if trails:
            rows[trails] = rows.get(trails, 0) | byte_mask(lead)
    pairs = tuple((leads_alike, trails) for trails, leads_alike in rows.items())
    return Losses(mask_of(high & ~plain & ~leads), mask_of(leads), pairs, mask_of(legal), controls)


@functools.cache
def other_codes(read_as: str) -> Mapping[int, tuple[bytes, ...]]:
    """The codes of each code point that has others than the one that ``read_as`` encodes it as.

    Those of its supersets are among them: many a decoder of GBK is one of GB 18030, in which the euro has another code.
    """
    canonical = encode_table(read_as)
    found: dict[int, tuple[bytes, ...]] = {}
    for name in (read_as, *lookup(read_as).supersets):
        for table, length in ((byte_table(name), 1), (pair_table(name), 2)):
            numbers = np.flatnonzero(table)
            points = table[numbers]
            packed = length << 24 | numbers << 8 * (3 - length)
            others = (points < 0x10000) & (canonical[np.minimum(points, 0xFFFF)] != packed)
            for point, number in zip(points[others].tolist(), numbers[others].tolist(), strict=True):
                code = number.to_bytes(length, "big")
                if code not in found.get(point, ()):
                    found[point] = (*found.get(point, ()), code)
    return found


def _plain_pairs(read_as: str) -> npt.NDArray[np.bool_]:
    """Which pairs the plainest decoder maps: ``bool[256, 256]``."""
    row = lookup(read_as)
    defined = np.zeros((256, 256), bool)
    if not row.codec:
        return np.asarray(pair_table(read_as).reshape(256, 256) != 0)
    # A line for each pair: no decoder takes a line feed into one.
    leads, trails = np.frombuffer(row.leads, np.uint8), np.delete(np.arange(256), _LINE_FEED)
    lines = np.full((len(leads), len(trails), 3), _LINE_FEED, np.uint8)
    lines[:, :, 0], lines[:, :, 1] = leads[:, np.newaxis], trails
    points = code_points(lines.tobytes().decode(row.codec, "replace"))
    ends = np.flatnonzero(points == _LINE_FEED)
    alone = (np.diff(ends, prepend=-1) == 2) & (points[ends - 1] != REPLACEMENT_CHARACTER)
    defined[np.ix_(leads, trails)] = alone.reshape(len(leads), len(trails))
    return defined


def stream_arcs(stream: ByteStream, start: int, end: int, consumes: str, *, drops: bool) -> list[list[Arc]]:
    """Return the arcs that leave each byte of ``stream.data[start:end]``.

    Args:
        start, end: Byte offsets; the span is one that lost bytes.
        consumes: Which bytes a mark stands for: a key of :data:`CONSUMES`.
        drops: Whether bytes may be missing without a mark.
    """
    losses = losses_of(stream.read_as)
    marked = CONSUMES[consumes]
    owners = np.searchsorted(stream.bounds, np.arange(start, end), side="right") - 1
    row = _Row()
    alone = end - start == 1 and int(stream.data[start]) == _QUESTION
    for position, owner in enumerate(owners.tolist()):
        offset = start + position
        byte, point = int(stream.data[offset]), int(stream.points[owner])
        first = int(stream.bounds[owner]) == offset
        if drops and first:
            row.gap(_dropped(losses, marked(losses, byte)))
        here: list[Arc] = []
        if stream.passed[owner]:
            if point != REPLACEMENT_CHARACTER:
                cost = _COST_LITERAL if stream.lost[owner] else 0.0
                here.append(Arc(position + 1, cost=cost, literal=point, needs=False))
                here += [
                    Arc(position + 1, tuple(map(byte_mask, code)), _COST_LITERAL) for code in _own_code(stream, point)
                ]
        else:
            literal = _COST_LITERAL if point == _QUESTION and not alone else 0.0
            here.append(Arc(position + 1, (byte_mask(byte),), literal))
            if first:
                length = int(stream.bounds[owner + 1]) - offset
                others = other_codes(stream.read_as).get(point, ()) if position + length <= end - start else ()
                here += [Arc(position + length, tuple(map(byte_mask, code))) for code in others]
        if point in _REPLACEMENTS and first:
            following = _following(stream, offset + 1)
            here += [Arc(position + 1, masks, _COST_ALONE * alone) for masks in marked(losses, following)]
            here += [Arc(position + 1, (losses.controls,), _COST_CONTROL)] if losses.controls else []
        if byte == 0x20 and not losses.leads:
            here.append(Arc(position + 1, (byte_mask(_NO_BREAK_SPACE),), _COST_SPACE, needs=True))
        if offset + 1 == len(stream.data) and not alone:
            here += [
                Arc(arc.end, (*arc.masks, *cut), arc.cost + _COST_CUT * len(cut))
                for arc in here
                if arc.masks
                for cut in ((_HIGH,), (_HIGH, _HIGH))
            ]
        row.byte(here)
    if drops and end in stream.bounds:
        row.gap(_dropped(losses, marked(losses, _following(stream, end))))
    return row.arcs()


class _Row:
    """The arcs of a row of bytes, with gaps between bytes where others may have been dropped."""

    def __init__(self) -> None:
        self._laid: list[tuple[list[Arc], bool]] = []
        self._begins: list[int] = []
        self._begin = 0

    def gap(self, lost: Iterable[tuple[Mask, ...]]) -> None:
        """Add a gap in which each of ``lost`` may have been dropped, one behind the other."""
        for _ in range(_MOST_DROPPED):
            end = len(self._laid) + 1
            self._laid.append(([Arc(end), *(Arc(end, masks, _COST_DROPPED) for masks in lost)], True))

    def byte(self, arcs: list[Arc]) -> None:
        """Add a byte, the ends of whose arcs count bytes."""
        self._begins.append(self._begin)
        self._laid.append((arcs, False))
        self._begin = len(self._laid)

    def arcs(self) -> list[list[Arc]]:
        """The arcs that leave each place; their ends count gaps too."""
        begins = [*self._begins, self._begin]
        return [arcs if is_gap else [replace(arc, end=begins[arc.end]) for arc in arcs] for arcs, is_gap in self._laid]


def _own_code(stream: ByteStream, point: int) -> list[bytes]:
    """The bytes of a replacement mark that is a character of the encoding too."""
    code = lookup(stream.read_as).encode(chr(point))
    return [code] if code else []


def _following(stream: ByteStream, offset: int) -> int | None:
    """The byte at ``offset`` as far as it is known; -1 behind the last."""
    if offset >= len(stream.data):
        return _NOTHING
    byte = int(stream.data[offset])
    return None if byte in (PLACEHOLDER, _QUESTION) else byte


def _dropped(losses: Losses, marked: list[tuple[Mask, ...]]) -> list[tuple[Mask, ...]]:
    return [*marked, (losses.controls,)] if losses.controls else marked


def _lead(losses: Losses, following: int | None) -> list[tuple[Mask, ...]]:
    single = losses.singles | losses.lone_leads(following)
    return [(single,)] if single else []


def _pair(losses: Losses, following: int | None) -> list[tuple[Mask, ...]]:
    single = losses.singles | (losses.leads if following == _NOTHING else 0)
    found: list[tuple[Mask, ...]] = [(single,)] if single else []
    return found + [(leads, trails & (_HIGH | _PRINTABLE)) for leads, trails in losses.pairs]


def _pair_unless_ascii(losses: Losses, following: int | None) -> list[tuple[Mask, ...]]:
    before_ascii = following is None or following < 0x80
    single = losses.singles | (losses.leads if before_ascii else 0)
    found: list[tuple[Mask, ...]] = [(single,)] if single else []
    return found + [(leads, trails & _HIGH) for leads, trails in losses.pairs if trails & _HIGH]


def _legal_pair(losses: Losses, following: int | None) -> list[tuple[Mask, ...]]:
    illegal = following in (None, _NOTHING) or not losses.trails & byte_mask(following or 0)
    single = losses.singles | (losses.leads if illegal else 0)
    found: list[tuple[Mask, ...]] = [(single,)] if single else []
    pairs = ((leads, trails & losses.trails) for leads, trails in losses.pairs)
    return found + [pair for pair in pairs if pair[1]]


CONSUMES: Mapping[str, Callable[[Losses, int | None], list[tuple[Mask, ...]]]] = MappingProxyType(
    {"lead": _lead, "pair": _pair, "pair-unless-ascii": _pair_unless_ascii, "legal-pair": _legal_pair}
)
"""What a mark stands for, by what its decoder consumes (:class:`mojibake_fix.encodings.Policy`): masks of bytes."""
