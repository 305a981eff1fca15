"""Incomplete byte sequences: what an encoding's decoder makes of bytes that are known only as sets.

A byte is a 256-bit mask of the values that it may have; a known byte has one bit set.  The decoder's state is the tuple
of masks of the character that it is in the middle of.  This is the automaton that walks the lattice; it knows nothing
of probabilities.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from mojibake_fix.encodings import byte_table, lookup, pair_table

__all__ = ["Automaton", "Mask", "Outcome", "State", "automaton", "byte_mask", "mask_of", "mask_range"]

Mask = int
State = tuple[Mask, ...]


def byte_mask(byte: int) -> Mask:
    """The mask of one known byte."""
    return 1 << byte


def mask_range(first: int, last: int) -> Mask:
    """The mask of the bytes from ``first`` to ``last``, both included."""
    return (1 << (last + 1)) - (1 << first)


def mask_of(present: npt.NDArray[np.bool_]) -> Mask:
    """The mask of the bytes whose entry in ``present`` (``bool[256]``) is true."""
    return int.from_bytes(np.packbits(present, bitorder="little").tobytes(), "little")


def mask_bytes(mask: Mask) -> npt.NDArray[np.int64]:
    """The values in ``mask``, rising: ``int64[k]``."""
    return np.flatnonzero(np.unpackbits(np.frombuffer(mask.to_bytes(32, "little"), np.uint8), bitorder="little"))


def _is_known(mask: Mask) -> bool:
    """Whether a mask is of one byte."""
    return mask & (mask - 1) == 0


def _byte_of(mask: Mask) -> int:
    """The highest byte in ``mask``."""
    return mask.bit_length() - 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one byte leads to: characters that may be complete now, or a state to go on from."""

    emitted: npt.NDArray[np.uint32] | None
    state: State


class Automaton(Protocol):
    """A decoder over masks."""

    @property
    def inside(self) -> Mask:
        """The bytes that may come inside a character."""
        ...

    def extend(self, state: State, mask: Mask) -> tuple[Outcome, ...]:
        """Every outcome of a byte in ``mask`` after ``state``; none where no byte of it can follow."""
        ...


_ANY = mask_range(0x00, 0xFF)


@dataclass(frozen=True)
class PairAutomaton:
    """Encodings of single bytes and pairs: GBK, Big5, Shift-JIS, EUC-KR, and all single-byte ones."""

    singles: npt.NDArray[np.uint32]
    pairs: npt.NDArray[np.uint32]
    leads: Mask

    @property
    def inside(self) -> Mask:
        return _ANY

    def extend(self, state: State, mask: Mask) -> tuple[Outcome, ...]:
        return _extend_pair(self, state, mask)

    def __hash__(self) -> int:
        return id(self)


@functools.lru_cache(maxsize=1 << 14)
def _extend_pair(machine: PairAutomaton, state: State, mask: Mask) -> tuple[Outcome, ...]:
    if state:
        if _is_known(state[0]) and _is_known(mask):
            # By far the most, and each is seen for the first time once.
            code = _byte_of(state[0]) << 8 | _byte_of(mask)
            emitted = machine.pairs[code : code + 1]
            return (Outcome(emitted, ()),) if emitted[0] else ()
        block = machine.pairs.reshape(256, 256)[np.ix_(mask_bytes(state[0]), mask_bytes(mask))]
        emitted = np.unique(block[block != 0])
        return (Outcome(emitted, ()),) if emitted.size else ()
    byte = _byte_of(mask)
    singles = machine.singles[byte : byte + 1] if _is_known(mask) else machine.singles[mask_bytes(mask)]
    singles = singles[singles != 0]
    outcomes = [Outcome(singles, ())] if singles.size else []
    if mask & machine.leads:
        outcomes.append(Outcome(None, (mask & machine.leads,)))
    return tuple(outcomes)


_TRAILS = mask_range(0x80, 0xBF)
_UTF8_LEADS = ((2, mask_range(0xC2, 0xDF)), (3, mask_range(0xE0, 0xEF)), (4, mask_range(0xF0, 0xF4)))
_UTF8_LOWEST = {2: 0x80, 3: 0x800, 4: 0x10000}
_UTF8_PAYLOAD = {2: 0x1F, 3: 0x0F, 4: 0x07}


@dataclass(frozen=True, slots=True)
class Utf8Automaton:
    """UTF-8 without over-long forms and surrogates."""

    @property
    def inside(self) -> Mask:
        return _TRAILS

    def extend(self, state: State, mask: Mask) -> tuple[Outcome, ...]:
        return _extend_utf8(state, mask)


@functools.lru_cache(maxsize=1 << 14)
def _extend_utf8(state: State, mask: Mask) -> tuple[Outcome, ...]:
    if not state:
        ascii_bytes = mask_bytes(mask & mask_range(0, 0x7F))
        outcomes = [Outcome(ascii_bytes.astype(np.uint32), ())] if ascii_bytes.size else []
        outcomes += [Outcome(None, (mask & leads,)) for _, leads in _UTF8_LEADS if mask & leads]
        return tuple(outcomes)
    if not mask & _TRAILS:
        return ()
    grown = (*state, mask & _TRAILS)
    length = next(n for n, leads in _UTF8_LEADS if state[0] & leads)
    if len(grown) < length:
        return (Outcome(None, grown),)
    points = (mask_bytes(grown[0]) & _UTF8_PAYLOAD[length]).astype(np.uint32)
    for trail in grown[1:]:
        low = (mask_bytes(trail) & 0x3F).astype(np.uint32)
        points = ((points[:, None] << np.uint32(6)) | low[None, :]).ravel()
    valid = (points >= _UTF8_LOWEST[length]) & (points < 0x110000) & ~((points >= 0xD800) & (points < 0xE000))
    points = points[valid]
    return (Outcome(points, ()),) if points.size else ()


@functools.cache
def automaton(encoding: str) -> Automaton:
    """The automaton of ``encoding`` (a name of the registry).

    Sequences of three or four bytes other than UTF-8's (JIS X 0212 in EUC-JP, GB18030's four) are not walked: a text
    that uses them is repaired only where nothing was lost.
    """
    row = lookup(encoding)
    if row.structure == "utf8":
        return Utf8Automaton()
    singles = byte_table(encoding)
    pairs = pair_table(encoding) if row.structure == "multi" else np.zeros(0x10000, np.uint32)
    leads = mask_of(np.asarray(pairs.reshape(256, 256).any(axis=1)))
    return PairAutomaton(singles, pairs, leads)
