"""Damage to a byte stream of two-byte characters: a byte lost, a byte gained, a split astride a character.

The encoding is right; the pairing is wrong from the damage to the next byte that cannot be a trail.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable

from corpus.damage.facts import Damage, Facts, Outcome, changed_span
from mojibake_fix.encodings import lookup, misread
from mojibake_fix.plan import Fault, Misread

__all__ = ["byte_gained", "byte_lost", "byte_split", "decode_pieces", "mark_pattern", "split_blindly"]


Edit = Callable[[bytes, int], bytes]


def byte_lost(encoding: str = "gbk", policy: str = "pair-question") -> Damage:
    """Return the damage of one byte lost from within a character of ``encoding``."""

    def edit(data: bytes, at: int) -> bytes:
        return data[:at] + data[at + 1 :]

    return _edited(encoding, policy, edit)


def byte_gained(encoding: str = "gbk", policy: str = "pair-question") -> Damage:
    """Return the damage of one byte repeated within a character of ``encoding``, as a torn buffer does."""

    def edit(data: bytes, at: int) -> bytes:
        return data[: at + 1] + data[at:]

    return _edited(encoding, policy, edit)


def byte_split(encoding: str = "gbk", policy: str = "pair-question", marks: str = "！？") -> Damage:
    """Return the damage of splitting at the bytes of ``marks`` without regard to characters.

    In GBK the mark ！ is A3 A1, and so are the second byte of 。 and the first of ” side by side:
    ``A1 | A3A1 | B1…``.  The parts are decoded each for itself and joined.
    """
    pattern = mark_pattern(marks, encoding)

    def damage(text: str, rng: random.Random) -> Outcome | None:
        data = lookup(encoding).encode(text)
        if data is None:
            return None
        return _misaligned(text, decode_pieces(split_blindly(data, pattern), encoding, policy), encoding, policy)

    return damage


def mark_pattern(marks: str, encoding: str = "gbk", behind: bytes = b"") -> re.Pattern[bytes]:
    """Return the pattern of the bytes of any of ``marks``, where they stand ``behind`` these bytes."""
    codes = [re.escape(code) for mark in marks if (code := lookup(encoding).encode(mark)) is not None]
    before = b"(?<=" + re.escape(behind) + b")" if behind else b""
    return re.compile(before + b"(?:" + b"|".join(codes) + b")")


def split_blindly(data: bytes, *patterns: re.Pattern[bytes]) -> list[bytes]:
    """Cut ``data`` before and after each match of each pattern, one pattern after the other."""
    pieces = [data]
    for pattern in patterns:
        cutter = re.compile(b"(" + pattern.pattern + b")")
        pieces = [part for piece in pieces for part in cutter.split(piece) if part]
    return pieces


def decode_pieces(pieces: Iterable[bytes], encoding: str, policy: str) -> str:
    """Return the pieces, each decoded for itself, joined."""
    return "".join(misread(piece, encoding, policy) for piece in pieces)


def _edited(encoding: str, policy: str, edit: Edit) -> Damage:
    def damage(text: str, rng: random.Random) -> Outcome | None:
        codec = lookup(encoding)
        if codec.encode(text) is None:
            return None
        wide = [i for i, char in enumerate(text) if len(codec.encode(char) or b"") > 1]
        if not wide:
            return None
        index = rng.choice(wide)
        before, char = codec.encode(text[:index]) or b"", codec.encode(text[index]) or b""
        data = edit(codec.encode(text) or b"", len(before) + rng.randrange(len(char)))
        return _misaligned(text, misread(data, encoding, policy), encoding, policy)

    return damage


def _misaligned(text: str, raw: str, encoding: str, policy: str) -> Outcome | None:
    if raw == text:
        return None
    channel = (Misread(encoding, encoding, policy),)
    return raw, Facts(Fault.MISALIGNED, channel, False, (changed_span(text, raw),))
