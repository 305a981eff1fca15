"""Damage by a program that read UTF-8 as another encoding and wrote back what it had read."""

from __future__ import annotations

import random

from corpus.damage.facts import Damage, Facts, Outcome, changed_span
from mojibake_fix.encodings import lookup, misread
from mojibake_fix.plan import Fault, Misread

__all__ = ["written_back"]


def written_back(read_as: str = "cp932", policy: str = "pair-middle-dot") -> Damage:
    """Return the damage of UTF-8 that was read as ``read_as`` and written as that, which is then read as UTF-8.

    What could be read comes back as it was; for each other pair of bytes there are those of the decoder's mark.
    """
    channel = (Misread("utf-8", read_as, policy), Misread(read_as, "utf-8", "lead-fffd"))

    def damage(text: str, rng: random.Random) -> Outcome | None:
        data = lookup(read_as).encode(misread(text.encode(), read_as, policy))
        raw = None if data is None else misread(data, "utf-8", "lead-fffd")
        if raw is None or raw == text or raw.count("\n") != text.count("\n"):
            return None
        return raw, Facts(Fault.LOSSY, channel, False, (changed_span(text, raw),))

    return damage
