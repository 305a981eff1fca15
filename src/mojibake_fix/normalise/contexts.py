"""Which form a character has in a script, by the characters around it: 終于 is 終於, 干部 is 幹部, but 干涉 is 干涉.

A decision list built by ``corpus/train_forms.py``: the surest context of a place decides.  A class is the
characters that fold to the same Simplified one (:mod:`mojibake_fix.model`); contexts are folded, too, so that
half-converted text around a place reads as well as any.  Not for whole texts in the other script: OpenCC does those.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mojibake_fix.encodings import datafile
from mojibake_fix.model import BOUNDARY

__all__ = ["CONTEXTS", "EITHER", "HANS", "HANT", "ContextForms", "context_keys", "load_context_forms"]

HANT, HANS = 0, 1
"""The scripts that there are lists of."""

CONTEXTS: tuple[tuple[int, ...], ...] = ((), (-1,), (1,), (-2, -1), (1, 2), (-1, 1))
"""The places, relative to a character, that each kind of context is made of."""

EITHER = (
    "注註 念唸 杯盃 勳勛 莊庄 跡蹟 奸姦 搜蒐 匯滙 鐮鎌 桿杆 周週 託托 占佔 遊游 志誌 布佈 凶兇 升昇 "
    "台臺 台檯 祕秘 樑梁 檐簷 淩凌 癡痴"
)
"""Forms that Traditional writes either of (variants in the Ministry of Education's dictionary), besides those that the
training text shows to be variants: neither is a mistake for the other."""

U16 = npt.NDArray[np.uint16]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


def context_keys(codes: U16, places: I64, kind: int, script: int) -> tuple[U64, Bools]:
    """Return the keys of one kind of context at ``places`` of folded ``codes``, and where there is such a context.

    A key is, from the top: script, kind, class (16 bits), two characters (16 bits each).  ``codes`` has two boundaries
    at both ends.  A context does not reach across a boundary, though the boundary itself may be in it.
    """
    key = np.full(len(places), (script << 3 | kind) << 48, np.uint64) | codes[places].astype(np.uint64) << np.uint64(32)
    usable = np.ones(len(places), np.bool_)
    for number, offset in enumerate(CONTEXTS[kind]):
        beside = codes[places + offset]
        key |= beside.astype(np.uint64) << np.uint64(16 * number)
        if abs(offset) == 2:
            usable &= codes[places + offset // 2] != BOUNDARY
    return key, usable


@dataclass(frozen=True, slots=True)
class ContextForms:
    """The loaded list.

    Attributes:
        keys: Sorted contexts.
        winners: The form written in each context.
        odds: ``float32``, nats by which it beats every other form of its class there.
        used: ``bool[2, 65536]``: the characters that each script uses, of the classes that have several.
        variant: ``uint32[2, 65536]``: the form that each is counted as: of variants, the commonest.
        listed: ``bool[2, 65536]``: the folded characters whose class has a row.
    """

    keys: U64
    winners: U32
    odds: F32
    used: Bools
    variant: U32
    listed: Bools

    def best(self, codes: U16, places: I64, script: int) -> tuple[U32, F32]:
        """Return the surest form at each of ``places``, and its odds in nats; 0 and 0 where no context is known.

        ``codes`` is the folded text with two boundaries at both ends, and ``places`` count from its start.
        """
        winners = np.zeros(len(places), np.uint32)
        odds = np.zeros(len(places), np.float32)
        if not places.size:
            return winners, odds
        for kind in reversed(range(len(CONTEXTS))):
            key, usable = context_keys(codes, places, kind, script)
            at = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
            found = usable & (self.keys[at] == key)
            # What is usual for a class, the last kind, is asked only where no context is known.
            better = found & (self.odds[at] > odds) if CONTEXTS[kind] else found & (winners == 0)
            winners = np.where(better, self.winners[at], winners)
            odds = np.where(better, self.odds[at], odds)
        return winners, odds


@functools.lru_cache(maxsize=1)
def load_context_forms() -> ContextForms:
    """Load the list that is installed with the package; once a process.

    Raises:
        ModelFormatError: The file is damaged.
    """
    header, payload = datafile.read("context-forms.bin")
    rows, members = int(header["rows"]), int(header["members"])
    planes = np.frombuffer(payload, np.uint8, 10 * rows).reshape(10, rows)
    deltas = np.zeros(rows, np.uint64)
    for number, plane in enumerate(planes[:7]):
        deltas |= plane.astype(np.uint64) << np.uint64(8 * number)
    keys = np.cumsum(deltas, dtype=np.uint64)
    used = np.zeros((2, 0x10000), np.bool_)
    listed = np.zeros((2, 0x10000), np.bool_)
    variant = np.tile(np.arange(0x10000, dtype=np.uint32), (2, 1))
    script, folded, form, counted = np.frombuffer(payload, "<u4", 4 * members, 10 * rows).reshape(-1, 4).T
    used[script, form] = True
    listed[script, folded] = True
    variant[script, form] = counted
    for first, second in EITHER.split():  # type: ignore[str-unpack]
        variant[HANT, variant[HANT] == variant[HANT, ord(second)]] = variant[HANT, ord(first)]
    winners = planes[7].astype(np.uint32) | planes[8].astype(np.uint32) << np.uint32(8)
    return ContextForms(keys, winners, planes[9].astype(np.float32) / 8, used, variant, listed)
