"""Damage to a part of a text: some of its lines, or one span of a line, each in a way of its own."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from corpus.damage.facts import Damage, Facts, Outcome

__all__ = ["lines_of", "span_of"]

_CLAUSE = re.compile(r"[^，。！？；：、,.!?;:\s“”「」『』()（）]{2,}")


def lines_of(damages: Sequence[Damage], share: float = 0.5) -> Damage:
    """Return the damage of some lines of a text, each by one of ``damages``, the others left as they are.

    Args:
        damages: What may happen to a line.
        share: How many of the lines that can be damaged are, 0 to 1.
    """

    def damage(text: str, rng: random.Random) -> Outcome | None:
        raw, parts, truths, position = [], [], [], 0
        for line in text.split("\n"):
            outcome = rng.choice(damages)(line, rng) if rng.random() < share else None
            written, truth = line, line
            if outcome is not None:
                written, facts = outcome
                truth = line if facts.truth is None else facts.truth
                parts.append(_moved(facts, position))
            raw.append(written)
            truths.append(truth)
            position += len(written) + 1
        return _joined(text, "\n".join(raw), "\n".join(truths), parts)

    return damage


def span_of(damage_of_span: Damage) -> Damage:
    """Return the damage of one clause of a text by ``damage_of_span``; what stands around it is left as it is."""

    def damage(text: str, rng: random.Random) -> Outcome | None:
        clauses = list(_CLAUSE.finditer(text))
        if len(clauses) < 2:
            return None
        clause = rng.choice(clauses)
        outcome = damage_of_span(clause[0], rng)
        if outcome is None:
            return None
        written, facts = outcome
        truth = clause[0] if facts.truth is None else facts.truth
        head, tail = text[: clause.start()], text[clause.end() :]
        return _joined(text, head + written + tail, head + truth + tail, [_moved(facts, clause.start())])

    return damage


def _moved(facts: Facts, by: int) -> Facts:
    return replace(facts, positions=tuple((start + by, end + by) for start, end in facts.positions))


def _joined(text: str, raw: str, truth: str, parts: list[Facts]) -> Outcome | None:
    if not parts:
        return None
    positions = tuple(span for part in parts for span in part.positions)
    lossless = all(part.lossless for part in parts)
    first = parts[0]
    changed = None if truth == text else truth
    return raw, Facts(first.fault, first.channel, lossless, positions, changed, tuple(parts))
