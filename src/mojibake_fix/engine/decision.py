"""From evidence to probability: how sure a repair is.

Log-likelihood ratios of a character model are not independent from one character to the next, so they overstate.
The logistic curves here map them to the share of repairs that were right on development text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["confidence", "in_document", "posterior", "shift_confidence"]

_MIDPOINT = 1.5
_SCALE = 1.0
"""Nats: at the midpoint a repair is taken to be right as often as not.  Of 41,269 clean lines in 20 languages the
likeliest misread of two has evidence above -3, of none above 1; of damaged lines with evidence of 2 to 4, 4 to 10 and
more, 80, 100 and 100 % came nearer to the truth, lossless or not (``benchmarks/calibration.py``).  The lowest that is
repaired by default, 3.7, is as far above the clean lines as the few among them are apart."""
_SHIFT_MIDPOINT = 0.0
"""Nats.  Of 24,000 clean Chinese, Japanese and Korean lines, the likelihood ratio (the prior of -6 not yet in it) of
three was above 3 and of none above 5.4: all of them addresses with a letter in them.  Of damaged lines of Chinese, most
are above 15, and one in six of those that lost or gained a byte is between 9 and 12.  By default 9.2 is enough."""
_MOST_SURE = 12.0
"""Log-odds beyond which nothing was measured: no figure here rests on more than some tens of thousands of lines."""
_TEMPERATURE = 1.0
"""How much a difference between two restorations of one span is overstated."""

_DOCUMENT_PRIOR = -4.0
"""Nats: log-probability that a document with a suspicious place went through a program that shifts bytes."""
_PLACE_PRIOR = -2.0
"""Nats: log-probability that a suspicious place of such a document is one that was shifted."""
_MOST_OF_ONE_PLACE = 12.0
_KNOWN = 30.0
"""Nats that one place can say of its document, and that a repair made before says of it."""


def confidence(evidence: float) -> float:
    """Return the probability that a repair with ``evidence`` nats, prior included, is right."""
    return _logistic((evidence - _MIDPOINT) / _SCALE)


def shift_confidence(evidence: float) -> float:
    """Return the probability that a place with log-odds ``evidence`` (nats, :func:`in_document`) was shifted."""
    return _logistic(evidence - _SHIFT_MIDPOINT)


def _logistic(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(min(odds, _MOST_SURE), -_MOST_SURE)))


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
