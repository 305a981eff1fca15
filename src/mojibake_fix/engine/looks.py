"""What is looked at of a line, and which channels are tried on it: by its weight, and by what it may have been read as.

Not for judging them: that is :mod:`mojibake_fix.engine.evidence`.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from mojibake_fix.detect.misread import (
    ENCODABLE_SHARE,
    HEAVY,
    READ_AS,
    TIERS,
    USUAL_READ_AS,
    WEIGHT_TERMS,
    channel_prior,
    is_heavy,
    least_weight,
    readable_as,
    same_layout,
    whole_line,
)
from mojibake_fix.engine.stage import Line
from mojibake_fix.repair.channels import Look, Trial
from mojibake_fix.repair.words import MOST_OF_WORDS, MOST_WITHOUT_WORDS

__all__ = ["Channel", "LineLook", "look_at", "prior_of", "trial_of", "whole_look"]

Channel = tuple[str, str]
"""What bytes were, and what they were read as: names of the registry."""

_WINDOW = 400
_MARGIN = 24
"""Characters of a line from which its channel is told, and what is seen of it before the first suspicious one."""
_NEARBY = 6
_NEARBY_LETTERS = 12
_NEARBY_SLACK = 4.0
"""Characters on either side of suspicious stretches that are near them, and nats by which the evidence of these alone
may be less than that of all of a window: to look there first takes a third of the time on lines of 400 characters.  Of
2,825 such with 2 to 40 damaged characters in them 1,721 may have been misread by all of the window; one of these is
passed over, as it is with 24 characters.  In alphabets it takes a third of the time too; of 15,213 damaged lines of 16
languages, half of them damaged in a part, 14,380 may have been misread, and with 12 characters none of these is passed
over, with 8 three."""


class LineLook(NamedTuple):
    """What is looked at of a line, and what it may have been read as; ``tiers`` are the encodings it may have been."""

    window: str
    read_as: tuple[str, ...]
    tiers: tuple[tuple[str, ...], ...]


def look_at(line: Line, weight: float) -> LineLook:
    """Return what is looked at of a suspicious line of this weight (nats)."""
    heavy = is_heavy(line.text, weight)
    start = max(line.suspicions[0].start - _MARGIN, 0)
    return LineLook(
        line.text[start : start + _WINDOW],
        tuple(readable_as(line.text, line.suspicions, usual=not heavy)),
        tuple(tier.encodings for tier in TIERS if (heavy or not tier.heavy) and weight >= least_weight(line.text)),
    )


@functools.cache
def whole_look() -> Look:
    """All that lines are looked at for (:func:`look_at`), as the kernel wants it."""
    usual = [tier.encodings for tier in TIERS if not tier.heavy]
    starts = np.cumsum([0, *(len(tier.encodings) for tier in TIERS)])
    return Look(
        trial=trial_of(READ_AS, tuple(name for tier in TIERS for name in tier.encodings)),
        usual_sources=USUAL_READ_AS,
        usual_targets=sum(map(len, usual)),
        tiers=tuple(starts.tolist()),
        weights=WEIGHT_TERMS,
        heavy=HEAVY,
        least_share=ENCODABLE_SHARE,
        slack=_NEARBY_SLACK,
        window=_WINDOW,
        margin=_MARGIN,
        most_of_words=MOST_OF_WORDS,
        most_without_words=MOST_WITHOUT_WORDS,
        nearby=_NEARBY,
        nearby_letters=_NEARBY_LETTERS,
    )


@functools.lru_cache(maxsize=1024)
def trial_of(read_as: tuple[str, ...], encodings: tuple[str, ...]) -> Trial:
    """Return the trial of all channels from ``encodings`` to ``read_as``."""
    priors = [[prior_of((encoding, name)) for encoding in encodings] for name in read_as]
    alike = [[same_layout(encoding, name) for encoding in encodings] for name in read_as]
    shape = (len(read_as), len(encodings))
    return Trial(read_as, encodings, np.array(priors, np.float64).reshape(shape), np.array(alike, bool).reshape(shape))


def prior_of(channel: Channel) -> float:
    """What speaks for a channel before anything is read."""
    return channel_prior(*channel) + whole_line(*channel)
