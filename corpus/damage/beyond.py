"""Damage that leaves nothing to repair: replacement characters encoded again, and uninitialised memory."""

from __future__ import annotations

import random

from corpus.damage.facts import Damage, Facts, Outcome, changed_span
from mojibake_fix.encodings import lookup, misread
from mojibake_fix.plan import Fault, Misread

__all__ = ["memory_fill", "replacement_read_again"]


def replacement_read_again(encoding: str = "gbk", read_as: str = "gbk") -> Damage:
    """Return the damage of ``encoding`` read as UTF-8 with U+FFFD, whose UTF-8 is then read as ``read_as``.

    GBK gives 锟斤拷, code page 949 gives 占쏙옙, Latin-1 gives ï¿½.
    """
    channel = (Misread(encoding, "utf-8", "byte-fffd"), Misread("utf-8", read_as, "pair-question"))

    def damage(text: str, rng: random.Random) -> Outcome | None:
        data = None if text.isascii() else lookup(encoding).encode(text)
        if data is None:
            return None
        lost = misread(data, "utf-8", "byte-fffd")
        if lost.count("\ufffd") < 2:
            return None
        raw = misread(lost.encode(), read_as, "pair-question")
        return raw, Facts(Fault.BEYOND_REPAIR, channel, False, (changed_span(text, raw),))

    return damage


def memory_fill(text: str, rng: random.Random) -> Outcome | None:
    """Replace ``text`` from some character on by what debug builds fill memory with (CC or CD), read as GBK."""
    if len(text) < 4:
        return None
    start = rng.randrange(len(text) // 2)
    fill = rng.choice((b"\xcc\xcc", b"\xcd\xcd")).decode("gbk") * (len(text) - start)
    raw = text[:start] + fill
    channel = (Misread("gbk", "gbk"),)
    return raw, Facts(Fault.BEYOND_REPAIR, channel, False, ((start, len(raw)),))
