"""What a damage model says about the damage it did.

A damage model is a function ``damage(text, rng) -> (raw, facts) | None``: the damaged text and the facts
about it, or None where this text cannot suffer this damage.  The same seed gives the same damage.
Models that need parameters are made by factories that return such a function.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from mojibake_fix.plan import Fault, Misread

__all__ = ["Damage", "Facts", "Outcome", "changed_span"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What happened to a text.

    Attributes:
        fault: The kind of damage; of a text with several kinds, that of the first part.
        channel: The misreads, first one first; empty where the damage is none of decoding.
        lossless: True where the original follows from the damaged text without a guess.
        positions: Half-open spans of the *damaged* text that are damaged, in order.
        truth: What a repair should give, where that is not the text itself: what tidied the damaged text
            would have tidied the undamaged text too.
        parts: Of a text damaged in several places and ways: the facts of each place.
    """

    fault: Fault
    channel: tuple[Misread, ...]
    lossless: bool
    positions: tuple[tuple[int, int], ...]
    truth: str | None = None
    parts: tuple[Facts, ...] = ()


Outcome = tuple[str, Facts]
Damage = Callable[[str, random.Random], "Outcome | None"]


def changed_span(before: str, after: str) -> tuple[int, int]:
    """Return the half-open span of ``after`` outside which it equals ``before``."""
    limit = min(len(before), len(after))
    head = next((i for i in range(limit) if before[i] != after[i]), limit)
    rest = limit - head
    tail = next((i for i in range(rest) if before[-1 - i] != after[-1 - i]), rest)
    return head, len(after) - tail
