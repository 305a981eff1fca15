"""What a decoder could not map: which bytes a replacement character, or nothing at all, may stand for.

The inverse of every decoder policy at once: a lead whose trail made no code, the pair of both, a byte that begins none.
What counts as "no code" is what the plainest decoder of an encoding (CPython's codec) has none for; the fuller ones
(WHATWG, Microsoft) lose less.  Costs say only how usual each inverse is.  Not for searching.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mojibake_fix.encodings import byte_table, lookup, misread, pair_table
from mojibake_fix.repair.lattice import Arc
from mojibake_fix.repair.patterns import Mask, byte_mask, mask_of, mask_range
from mojibake_fix.repair.stream import PLACEHOLDER, ByteStream

__all__ = ["Losses", "losses_of", "stream_arcs"]

_REPLACEMENTS = frozenset((0x3F, 0xFFFD, 0x30FB))
_QUESTION = 0x3F
_NO_BREAK_SPACE = 0xA0
_HIGH = mask_range(0x80, 0xFF)
_PRINTABLE = mask_range(0x20, 0x7E)

_COST_LITERAL = 3.0
"""A question mark between broken bytes is a replacement, not punctuation, nineteen times in twenty."""
_COST_SWALLOWED = 2.0
"""A lead that took an ASCII byte along: only some decoders do that."""
_COST_CONTROL = 1.5
"""A control character that was lost after the decoding, not in it."""
_COST_DROPPED = 2.5
"""Bytes that left nothing behind, for each gap in a span that must have lost some."""
_COST_CUT = 2.0
_COST_SPACE = 1.0


@dataclass(frozen=True, slots=True)
class Losses:
    """What a decoder of one encoding cannot map, as masks.

    ``singles`` are bytes that begin nothing; ``leads`` those that begin a pair; ``pairs`` covers the pairs without a
    code by products of masks.  ``controls`` are bytes that it maps to C1 controls, which tidying programs remove.
    """

    singles: Mask
    leads: Mask
    pairs: tuple[tuple[Mask, Mask], ...]
    controls: Mask

    def lone_leads(self, following: int | None) -> Mask:
        """The leads that make no code with the byte ``following``; all of them where it is not known."""
        if following is None:
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
        return Losses(mask_of(high & ~plain), 0, (), controls)
    defined = _plain_pairs(read_as)
    leads = np.zeros(256, bool)
    leads[list(row.leads)] = True
    rows: dict[Mask, Mask] = {}
    for lead in row.leads:
        trails = mask_of(~defined[lead])
        if trails:
            rows[trails] = rows.get(trails, 0) | byte_mask(lead)
    pairs = tuple((leads_alike, trails) for trails, leads_alike in rows.items())
    return Losses(mask_of(high & ~plain & ~leads), mask_of(leads), pairs, controls)


def _plain_pairs(read_as: str) -> npt.NDArray[np.bool_]:
    """Which pairs the plainest decoder maps: ``bool[256, 256]``."""
    row = lookup(read_as)
    defined = np.zeros((256, 256), bool)
    if not row.codec:
        return pair_table(read_as).reshape(256, 256) != 0
    for lead in row.leads:
        texts = (bytes((lead, trail)).decode(row.codec, "ignore") for trail in range(256))
        defined[lead] = [len(text) == 1 and text > "\x7f" for text in texts]
    return defined


def stream_arcs(stream: ByteStream, start: int, end: int, *, drops: bool) -> list[list[Arc]]:
    """Return the arcs that leave each byte of ``stream.data[start:end]``.

    Args:
        start, end: Byte offsets; the span is one that lost bytes.
        drops: Whether bytes may be missing without a mark.
    """
    losses = losses_of(stream.read_as)
    owners = np.searchsorted(stream.bounds, np.arange(start, end), side="right") - 1
    arcs: list[list[Arc]] = []
    for position, owner in enumerate(owners.tolist()):
        offset = start + position
        byte, point = int(stream.data[offset]), int(stream.points[owner])
        first = int(stream.bounds[owner]) == offset
        here: list[Arc] = []
        if stream.passed[owner]:
            if point != 0xFFFD:
                here.append(Arc(position + 1, literal=point, needs=False))
        else:
            literal = _COST_LITERAL if point == _QUESTION else 0.0
            here.append(Arc(position + 1, (byte_mask(byte),), literal))
        if point in _REPLACEMENTS and first:
            here += _mark_arcs(position + 1, losses, _following(stream, offset + 1))
        if byte == 0x20 and not losses.leads:
            here.append(Arc(position + 1, (byte_mask(_NO_BREAK_SPACE),), _COST_SPACE, needs=True))
        if drops and first:
            here += _dropped_before(here, losses, byte)
        arcs.append(here)
    if end == len(stream.data) and arcs:
        arcs[-1] += [Arc(a.end, (*a.masks, _HIGH), a.cost + _COST_CUT) for a in arcs[-1] if a.masks]
        arcs[-1] += [Arc(a.end, (*a.masks, _HIGH), a.cost + _COST_CUT) for a in arcs[-1] if len(a.masks) == 2]
    return arcs


def _following(stream: ByteStream, offset: int) -> int | None:
    """The byte at ``offset`` as far as it is known."""
    if offset >= len(stream.data):
        return None
    byte = int(stream.data[offset])
    return None if byte in (PLACEHOLDER, _QUESTION) else byte


def _mark_arcs(end: int, losses: Losses, following: int | None) -> list[Arc]:
    arcs = []
    single = losses.singles | losses.lone_leads(following)
    if single:
        arcs.append(Arc(end, (single,)))
    if losses.controls & ~single:
        arcs.append(Arc(end, (losses.controls & ~single,), _COST_CONTROL))
    for leads, trails in losses.pairs:
        arcs += [
            Arc(end, (leads, part), cost)
            for part, cost in ((trails & _HIGH, 0.0), (trails & _PRINTABLE, _COST_SWALLOWED))
            if part
        ]
    return arcs


def _dropped_before(arcs: list[Arc], losses: Losses, following: int) -> list[Arc]:
    """The same arcs with bytes before them that left no mark."""
    single = losses.singles | losses.lone_leads(following) | losses.controls
    lost: list[tuple[Mask, ...]] = [(single,)] if single else []
    lost += [(leads, trails & (_HIGH | _PRINTABLE)) for leads, trails in losses.pairs]
    return [
        Arc(arc.end, (*masks, *arc.masks), arc.cost + _COST_DROPPED) for arc in arcs if arc.masks for masks in lost
    ]
