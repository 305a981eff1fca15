"""The set of bigrams that clean text is made of, as a hashed bitmap: the path that all text takes.

A bigram that was never seen in clean text is rare there (0 to 4 % of all bigrams, by language) and common in damaged
text (60 to 90 %).  Membership costs one multiplication and one look-up a character.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mojibake_fix.model.kernel import load_kernel

__all__ = ["SCAN_BITS", "absent", "absent_pure", "bigram_keys", "pack_bigrams", "scan_slots", "unseen"]

SCAN_BITS = 24
"""Size of the bitmap: 2 MiB, 9 % of it set, so that one unseen bigram in eleven is missed."""


def bigram_keys(codes: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint32]:
    """Pack each character with the one before it: ``uint32[len(codes) - 1]``."""
    return pack_bigrams(codes[:-1], codes[1:])


def pack_bigrams(first: npt.NDArray[np.uint16], second: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint32]:
    """Pack pairs of characters (broadcast to one shape) into keys."""
    return (first.astype(np.uint32) << np.uint32(16)) | second


def scan_slots(keys: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """The bit of each bigram (multiplicative hashing, Knuth): below ``2 ** SCAN_BITS``."""
    mixed = keys ^ (keys >> np.uint32(15))
    mixed *= np.uint32(0x9E3779B1)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0x85EBCA6B)
    return mixed >> np.uint32(32 - SCAN_BITS)


def unseen(codes: npt.NDArray[np.uint16], bitmap: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Tell which characters make a bigram with the one before that clean text does not have: ``bool[n - 1]``."""
    return absent(bigram_keys(codes), bitmap)


def absent(keys: npt.NDArray[np.uint32], bitmap: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """The same of bigrams, by their keys, in an array of any shape."""
    kernel = load_kernel()
    return absent_pure(keys, bitmap) if kernel is None else kernel.absent(keys, bitmap, SCAN_BITS)


def absent_pure(keys: npt.NDArray[np.uint32], bitmap: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """:func:`absent`, without the kernel."""
    slots = scan_slots(keys)
    bit = bitmap[(slots >> np.uint32(3)).astype(np.intp)] >> (slots.astype(np.uint8) & np.uint8(7))
    missing: npt.NDArray[np.bool_] = (bit & np.uint8(1)) == 0
    return missing
