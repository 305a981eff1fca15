"""From evidence to probability: how sure a repair is.

Log-likelihood ratios of a character model are not independent from one character to the next, so they overstate.
The logistic curves here map them to the share of repairs that were right on development text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["MISALIGNED_PRIOR", "confidence", "posterior"]

_MIDPOINT = 5.0
_SCALE = 2.0
"""Nats: at the midpoint a repair is right as often as not."""
_TEMPERATURE = 1.5
"""How much a difference between two restorations of one span is overstated."""

MISALIGNED_PRIOR = -9.0
"""Nats: log-probability that a suspicious place is a stream read astride its characters, unless a reading verifies it."""


def confidence(evidence: float) -> float:
    """Return the probability that a repair with ``evidence`` nats, prior included, is right."""
    return 1.0 / (1.0 + math.exp(-max(min((evidence - _MIDPOINT) / _SCALE, 60.0), -60.0)))


def posterior(scores: Sequence[float]) -> list[float]:
    """Return the share of each of ``scores`` (nats) among them: the alternatives' probabilities."""
    top = max(scores)
    weights = [math.exp((score - top) / _TEMPERATURE) for score in scores]
    total = sum(weights)
    return [weight / total for weight in weights]
