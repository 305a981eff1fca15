"""What observed characters may stand for: the arcs of the lattice.

The inverse of every decoder policy at once: a known character is its bytes, a replacement mark is whichever bytes the
misreading decoder could not map, with or without the neighbour that it swallowed, and in a stream that is read astride
its characters a pair may have fallen on a private-use code and been dropped.  Costs say only how usual each inverse is.
Not for searching: that is :mod:`mojibake_fix.repair.lattice`.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mojibake_fix.encodings import REPLACEMENT_CHARACTER, byte_table, encode_table, lookup, pair_table
from mojibake_fix.lazy import lazy_pattern
from mojibake_fix.model import code_points
from mojibake_fix.repair.graph import Arc
from mojibake_fix.repair.patterns import Mask, byte_mask, mask_of, mask_range

__all__ = ["GlossArc", "observed_arcs"]

_QUESTION = 0x3F
_REPLACEMENTS = frozenset((_QUESTION, REPLACEMENT_CHARACTER))
_NOTHING = -1
"""Stands for the character behind the last one of a line."""
_SPLIT_MARKS = frozenset(map(ord, "!?,！？，\ufffd")) | {_NOTHING}
"""Behind these a mark is all that is left of one piece of a split stream, which had no byte to take along; at the end
of a line it may have had one."""
_TORN_TAG = lazy_pattern("/[A-Za-z][A-Za-z0-9]*>")
"""What is left of a tag behind a mark that took its first character along."""

_COST_USUAL = 1.0
_COST_UNUSUAL = 6.0
_COST_UNDEFINED_PAIR = 3.0
_COST_FOLDED = 1.0
_COST_DROPPED_PAIR = 2.0
_COST_LOST_BYTE = 2.0
_COST_REPEATED_BYTE = 3.0
_COST_GAINED_BYTE = 18.0
_COST_LOST_TAIL = 2.0
"""Nats, of an inverse beside its rivals.  Given the text the damage is certain, so none but the events (a byte lost or
gained at one of some places) costs more than a choice.  A dropped pair costs the share of private codes among the codes
of mis-paired bytes.  Of 396 lines that lost or gained a byte, were split or have glosses astride 279 come right; each
of these at half and at twice as much gives 278 to 280, but for a fold at nothing (271) and a dropped pair at 1 (277; at
4, 280, and 0.2 % fewer characters of 297 lines with glosses).  Of 686 lines 8 fewer, of Big5 all, do with a byte lost
or repeated at 4."""
_LOST_LEAD = mask_range(0x81, 0xFE)
_LOST_TRAIL = mask_range(0x40, 0xFE)


@dataclass(frozen=True, slots=True)
class GlossArc:
    """A reading that a converter wrote: characters up to ``end`` stand for ``masks`` (often no byte at all)."""

    end: int
    masks: tuple[Mask, ...] = ()


@dataclass(frozen=True, slots=True)
class _Losses:
    """What a decoder of one encoding cannot map, as masks; ``lone_leads`` by the byte behind them."""

    leads: Mask
    lone_leads: tuple[Mask, ...]
    not_trails: Mask
    singles: Mask
    undefined: tuple[tuple[Mask, Mask], ...]
    private: tuple[tuple[Mask, Mask], ...]


def observed_arcs(
    text: str,
    read_as: str,
    *,
    drops: bool = False,
    glosses: Mapping[int, GlossArc] | None = None,
    events: Collection[int] = (),
    lost_tail: bool = False,
    behind: str = "",
) -> list[list[Arc]]:
    """Return the arcs that leave each position of ``text``.

    Args:
        text: What was observed.
        read_as: The encoding that the bytes were read as (a name of the registry).
        drops: Whether the stream is known to be read astride its characters by a program that drops private codes.
        glosses: Verified readings by the position where they begin.
        events: Positions of characters beside or inside which a byte may have been lost or gained.
        lost_tail: Whether the last character may have lost its last byte.
        behind: What stands behind ``text`` in its line.
    """
    losses = _losses(read_as)
    table = encode_table(read_as)
    arcs: list[list[Arc]] = []
    points = code_points(text).tolist()
    last = ord(behind[0]) if behind else _NOTHING
    before = -1
    for position, point in enumerate(points):
        masks = _encoded(point, table)
        following = points[position + 1] if position + 1 < len(points) else last
        here = _plain_arcs(point, following, masks, position + 1, table, losses)
        exact = list(here)
        if drops:
            here += [
                Arc(arc.end, (lead, trail, *arc.masks), arc.cost + _COST_DROPPED_PAIR, needs=True)
                for arc in exact
                for lead, trail in losses.private
                if arc.masks
            ]
        if position in events and masks:
            here += _event_arcs(masks, position + 1, before)
        if glosses and position in glosses:
            gloss = glosses[position]
            here.append(Arc(gloss.end, gloss.masks))
        arcs.append(here)
        before = masks[-1] if masks else -1
    if arcs and points[-1] == _QUESTION and losses.leads and _TORN_TAG.match(behind):
        arcs[-1] = [Arc(len(arcs), (losses.leads, byte_mask(ord("<"))), _COST_USUAL)]
    if lost_tail and arcs:
        arcs[-1] += [
            Arc(arc.end, (*arc.masks, _LOST_TRAIL), arc.cost + _COST_LOST_TAIL)
            for arc in arcs[-1]
            if arc.masks and arc.masks[-1].bit_count() == 1
        ]
    return arcs


def _plain_arcs(
    point: int, following: int, masks: tuple[Mask, ...], end: int, table: npt.NDArray[np.uint32], losses: _Losses
) -> list[Arc]:
    arcs: list[Arc] = []
    if masks:
        arcs.append(Arc(end, masks))
    elif point != REPLACEMENT_CHARACTER:
        arcs.append(Arc(end, literal=point, needs=False))
    if 0x21 <= point <= 0x7E:
        full_width = _encoded(point + 0xFEE0, table)
        if full_width:
            arcs.append(Arc(end, full_width, _COST_FOLDED))
    if point in _REPLACEMENTS:
        arcs += _loss_arcs(point, following, end, table, losses)
    return arcs


def _loss_arcs(point: int, following: int, end: int, table: npt.NDArray[np.uint32], losses: _Losses) -> list[Arc]:
    """What a mark stands for: a lead that makes no pair with the byte behind it, or takes that along.

    Decoders that write ``?`` take it along, if there is one.
    """
    is_cut = following in _SPLIT_MARKS
    lone, pair = (_COST_UNUSUAL, _COST_USUAL) if point == _QUESTION and not is_cut else (_COST_USUAL, _COST_UNUSUAL)
    if point == _QUESTION and following == _NOTHING:
        pair = _COST_USUAL
    arcs = []
    if losses.singles:
        arcs.append(Arc(end, (losses.singles,), _COST_USUAL))
    if losses.leads:
        behind = () if is_cut else _encoded(following, table)
        lone_leads = losses.lone_leads[behind[0].bit_length() - 1] if behind else losses.leads
        if lone_leads:
            arcs.append(Arc(end, (lone_leads,), lone))
        arcs.append(Arc(end, (losses.leads, losses.not_trails), pair))
        arcs += [Arc(end, pair, _COST_UNDEFINED_PAIR) for pair in losses.undefined]
    return arcs


def _event_arcs(masks: tuple[Mask, ...], end: int, before: Mask) -> list[Arc]:
    """A byte lost before the character or in it, or one of its own bytes gained; from there on all is shifted."""
    arcs = [Arc(end, (_LOST_LEAD, *masks), _COST_LOST_BYTE, needs=False)]
    if len(masks) == 2:
        lead, trail = masks
        arcs.append(Arc(end, (lead, _LOST_TRAIL, trail), _COST_LOST_BYTE, needs=False))
        doubled = lead in (before, trail)
        arcs.append(Arc(end, (trail,), _COST_REPEATED_BYTE if doubled else _COST_GAINED_BYTE, needs=False))
        if not doubled:
            arcs.append(Arc(end, (lead,), _COST_GAINED_BYTE, needs=False))
    elif masks == (before,):
        arcs.append(Arc(end, (), _COST_REPEATED_BYTE, needs=False))
    return arcs


def _encoded(point: int, table: npt.NDArray[np.uint32]) -> tuple[Mask, ...]:
    if point > 0xFFFF or not table[point]:
        return (byte_mask(point),) if point == 0 else ()
    packed = int(table[point])
    length = packed >> 24
    if length > 3:
        return tuple(byte_mask(packed >> shift & 0xFF) for shift in (24, 16, 8, 0))
    return tuple(byte_mask(packed >> shift & 0xFF) for shift in (16, 8, 0)[:length])


@functools.cache
def _losses(read_as: str) -> _Losses:
    row = lookup(read_as)
    singles = byte_table(read_as) == 0
    singles[0] = False
    if row.structure != "multi":
        return _Losses(0, (), 0, mask_of(singles), (), ())
    pairs = pair_table(read_as).reshape(256, 256)
    defined = pairs != 0
    leads = defined.any(axis=1)
    trails = defined.any(axis=0)
    private = (pairs >= 0xE000) & (pairs < 0xF900)
    undefined = leads[:, None] & trails[None, :] & ~defined
    ascii_only = mask_range(0x20, 0x7E)
    return _Losses(
        leads=mask_of(leads),
        lone_leads=tuple(mask_of(leads & ~defined[:, byte]) for byte in range(0x100)),
        not_trails=mask_of(~trails) & ascii_only,
        singles=0,
        undefined=_rectangles(undefined),
        private=_rectangles(private | undefined),
    )


_SMALLEST_SHARE = 0.05
"""Rectangles that cover less of the cells than this are left out: each one multiplies the search."""


def _rectangles(cells: npt.NDArray[np.bool_]) -> tuple[tuple[Mask, Mask], ...]:
    """Cover ``cells`` (lead by trail) by products of masks: leads with the same trails share one."""
    rows: dict[Mask, Mask] = {}
    for lead in np.flatnonzero(cells.any(axis=1)):
        trails = mask_of(cells[lead])
        rows[trails] = rows.get(trails, 0) | byte_mask(int(lead))
    total = int(cells.sum())
    areas = ((leads, trails, leads.bit_count() * trails.bit_count()) for trails, leads in rows.items())
    return tuple((leads, trails) for leads, trails, area in areas if area >= _SMALLEST_SHARE * total)
