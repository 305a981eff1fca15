"""A static function: a fixed map from 64-bit keys to small integers, in about 1.13 cells a key.

The construction is the binary fuse filter of Graf and Lemire (2022), holding values beside fingerprints: a key's value
is the exclusive-or of three cells in three neighbouring segments, so a look-up is three gathers whatever the table's
size, and a batch of look-ups is a handful of array operations.  A key that was never stored is found by mistake with
probability ``2 ** -fingerprint_bits``.  Not for maps that change.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mojibake_fix.model.kernel import load_kernel

__all__ = ["StaticFunction", "build"]

_U64 = np.uint64
_SEGMENT_BITS = 12


def _mix(keys: npt.NDArray[np.uint64], seed: int) -> npt.NDArray[np.uint64]:
    """The 64-bit finaliser of MurmurHash3 over ``keys`` and ``seed``."""
    h = keys ^ _U64(seed)
    h ^= h >> _U64(33)
    h *= _U64(0xFF51AFD7ED558CCD)
    h ^= h >> _U64(33)
    h *= _U64(0xC4CEB9FE1A85EC53)
    h ^= h >> _U64(33)
    return h


def _slots(h: npt.NDArray[np.uint64], segments: int) -> tuple[npt.NDArray[np.int64], ...]:
    """The three cells of each hash: offsets within a window of three segments."""
    mask = _U64((1 << _SEGMENT_BITS) - 1)
    first = ((h >> _U64(32)) * _U64(segments)) >> _U64(32) << _U64(_SEGMENT_BITS)
    second_hash = h * _U64(0x9E3779B97F4A7C15)
    step = _U64(1 << _SEGMENT_BITS)
    return (
        (first + (h & mask)).view(np.int64),
        (first + step + ((h >> _U64(_SEGMENT_BITS)) & mask)).view(np.int64),
        (first + step + step + ((second_hash >> _U64(52)) & mask)).view(np.int64),
    )


class StaticFunction(NamedTuple):
    """The map itself: ``cells`` of ``value_bits`` of value below ``fingerprint_bits`` of check."""

    cells: npt.NDArray[Any]
    segments: int
    seed: int
    value_bits: int
    fingerprint_bits: int

    def get(self, keys: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.bool_]]:
        """Look ``keys`` up: their values (``uint32[n]``, meaningless where absent), and which are there."""
        kernel = load_kernel()
        if kernel is None:
            return self.get_pure(keys)
        return kernel.get(
            self.cells,
            keys,
            segments=self.segments,
            seed=self.seed,
            value_bits=self.value_bits,
            fingerprint_bits=self.fingerprint_bits,
        )

    def get_pure(self, keys: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.bool_]]:
        """:meth:`get`, without the kernel."""
        h = _mix(keys, self.seed)
        a, b, c = _slots(h, self.segments)
        cell = (self.cells[a] ^ self.cells[b] ^ self.cells[c]).astype(np.uint32)
        check = (h >> _U64(24)).astype(np.uint32) & np.uint32((1 << self.fingerprint_bits) - 1)
        found = (cell >> np.uint32(self.value_bits)) == check
        return cell & np.uint32((1 << self.value_bits) - 1), found


def build(
    keys: npt.NDArray[np.uint64], values: npt.NDArray[np.uint32], *, value_bits: int, fingerprint_bits: int
) -> StaticFunction:
    """Build the map of distinct ``keys`` to ``values`` (each below ``2 ** value_bits``)."""
    dtype = np.uint16 if value_bits + fingerprint_bits <= 16 else np.uint32
    segments = max(1, int(np.ceil(len(keys) * 1.13 / (1 << _SEGMENT_BITS))) + 2)
    for seed in range(1, 200):
        order = _peel(keys, segments, seed)
        if order is not None:
            break
    else:
        raise ValueError("the keys are not distinct")
    h = _mix(keys, seed)
    slots = np.stack(_slots(h, segments), axis=1)
    check = (h >> _U64(24)).astype(np.uint32) & np.uint32((1 << fingerprint_bits) - 1)
    content = ((check << np.uint32(value_bits)) | values.astype(np.uint32)).astype(dtype)
    cells = np.zeros((segments + 2) << _SEGMENT_BITS, dtype=dtype)
    # Within a round no key touches a cell that another key of the round owns, so rounds are filled whole.
    for members, owned in reversed(order):
        others = cells[slots[members, 0]] ^ cells[slots[members, 1]] ^ cells[slots[members, 2]]
        cells[owned] = content[members] ^ others ^ cells[owned]
    return StaticFunction(cells, segments, seed, value_bits, fingerprint_bits)


def _peel(
    keys: npt.NDArray[np.uint64], segments: int, seed: int
) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]] | None:
    """Order the keys in rounds so that each owns a cell that no later key touches; None if that fails."""
    slots = np.stack(_slots(_mix(keys, seed), segments), axis=1)
    size = (segments + 2) << _SEGMENT_BITS
    index = np.arange(len(keys), dtype=np.int64)
    count = np.zeros(size, dtype=np.int64)
    joined = np.zeros(size, dtype=np.int64)
    for column in slots.T:
        count += np.bincount(column, minlength=size)
        np.bitwise_xor.at(joined, column, index)
    rounds: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]] = []
    frontier = np.flatnonzero(count == 1)
    left = len(keys)
    while frontier.size:
        members, first = np.unique(joined[frontier], return_index=True)
        rounds.append((members, frontier[first]))
        left -= members.size
        touched = slots[members].ravel()
        np.subtract.at(count, touched, 1)
        np.bitwise_xor.at(joined, touched, np.repeat(members, 3))
        candidates = np.unique(touched)
        frontier = candidates[count[candidates] == 1]
    return rounds if left == 0 else None
