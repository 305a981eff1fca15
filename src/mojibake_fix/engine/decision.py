"""From evidence to probability: how sure a repair is.

Log-likelihood ratios of a character model are not independent from one character to the next, so they overstate.
The logistic curves here map them to the share of repairs that were right on development text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["confidence", "in_document", "posterior", "shift_confidence"]

_MIDPOINT = 5.0
_SCALE = 2.0
"""Nats: at the midpoint a repair is right as often as not."""
_SHIFT_MIDPOINT = 1.0
"""Nats.  Of 4,800 clean Chinese, Japanese and Korean lines, the likelihood ratio (the prior of -9 not yet in it) of
four was above 0, of one above 3, of none above 5; of damaged lines of Chinese, most are above 15."""
_TEMPERATURE = 1.0
"""How much a difference between two restorations of one span is overstated."""

_DOCUMENT_PRIOR = -7.0
"""Nats: log-probability that a document with a suspicious place went through a program that shifts bytes."""
_PLACE_PRIOR = -2.0
"""Nats: log-probability that a suspicious place of such a document is one that was shifted."""
_MOST_OF_ONE_PLACE = 12.0
_KNOWN = 30.0
"""Nats that one place can say of its document, and that a repair made before says of it."""


def confidence(evidence: float) -> float:
    """Return the probability that a repair with ``evidence`` nats, prior included, is right."""
    return 1.0 / (1.0 + math.exp(-max(min((evidence - _MIDPOINT) / _SCALE, 60.0), -60.0)))


def shift_confidence(evidence: float) -> float:
    """Return the probability that a place with log-odds ``evidence`` (nats, :func:`in_document`) was shifted."""
    return 1.0 / (1.0 + math.exp(-max(min(evidence - _SHIFT_MIDPOINT, 60.0), -60.0)))


def posterior(scores: Sequence[float]) -> list[float]:
    """Return the share of each of ``scores`` (nats) among them: the alternatives' probabilities."""
    top = max(scores)
    weights = [math.exp((score - top) / _TEMPERATURE) for score in scores]
    total = sum(weights)
    return [weight / total for weight in weights]


def in_document(ratios: Sequence[float], *, known: bool) -> list[float]:
    """Return the log-odds, in nats, that each place of a document is one where its bytes were shifted.

    A place must be likelier shifted than not by itself, and the document, of which all places speak, must be one that
    went through a program that shifts bytes.

    Args:
        ratios: Log-likelihood ratio of each place in question against the text as it stands.
        known: Whether an earlier round has shown it.
    """
    own = [ratio + _PLACE_PRIOR for ratio in ratios]
    said = [min(max(odds, 0.0), _MOST_OF_ONE_PLACE) for odds in own]
    others = _DOCUMENT_PRIOR + sum(said) + (_KNOWN if known else 0.0)
    return [min(odds, others - says + max(odds, 0.0)) for odds, says in zip(own, said, strict=True)]
