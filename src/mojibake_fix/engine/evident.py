"""Lines that one misread explains beyond doubt, all of them: no other needs to be judged, nor any part of the line.

Most damaged lines are such: each of their characters by itself is likelier read anew.  The kernel tells them a hundred
times as fast as the stage that weighs all that may have happened (:mod:`mojibake_fix.engine.misreads`), which gives the
same text for them.  Not for lines that lost bytes, and not for lines of few letters that are not ASCII, where words
decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from mojibake_fix.detect.beyond import find_beyond_repair
from mojibake_fix.detect.mention import listing_evidence, mention_evidence
from mojibake_fix.detect.misread import HEAVY, TIERS
from mojibake_fix.detect.scan import SUMS, scan, weigh
from mojibake_fix.engine.evidence import LIMITS, MOST_HOLES, MOST_LOST
from mojibake_fix.engine.looks import look_at, prior_of, whole_look
from mojibake_fix.engine.stage import Line
from mojibake_fix.model import NgramModel, code_points
from mojibake_fix.repair.channels import Certainty, EvidentReading, evident_rows
from mojibake_fix.repair.spans import EXPECTED_SWITCH
from mojibake_fix.repair.stream import byte_streams

__all__ = ["evident_readings"]

_LEAST = 30.0
"""Nats, what speaks for text about mojibake taken off: a hypothesis is beyond doubt with 20, and of 41,269 clean lines
none has one with more than 1."""
_APART = 16.0
"""Nats that all other readings must have less: confidence is capped at log-odds of 12, so that nothing is left of
their share."""
_LONGEST = 4096
"""Characters of a line: for longer ones the room that the kernel takes would not be small."""
_CERTAINTY = Certainty(_LEAST, _APART, least_block=-2.0 * EXPECTED_SWITCH, most_points=_LONGEST)


def evident_readings(lines: Sequence[str], model: NgramModel) -> list[EvidentReading | None]:
    """Return the reading of each of ``lines`` that is evident, if it has one; of what is more than a line, None."""
    if not lines:
        return []
    found = evident_rows(lines, whole_look(), LIMITS, _CERTAINTY, SUMS, model)
    return [reading and _beside_mentions(line, reading) for line, reading in zip(lines, found, strict=True)]


def _beside_mentions(line: str, reading: EvidentReading) -> EvidentReading | None:
    spans = [(reading.start, reading.end)]
    evidence = reading.evidence - mention_evidence(line, spans) - listing_evidence(line, spans)
    if evidence < _LEAST or find_beyond_repair(line):
        return None
    return replace(reading, evidence=round(evidence, 1))
