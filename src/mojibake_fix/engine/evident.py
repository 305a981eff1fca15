"""Lines that one misread explains beyond doubt, all of them: no other needs to be judged, nor any part of the line.

Most damaged lines are such.  The kernel tells them twenty times as fast as the stage that weighs all that may have
happened (:mod:`mojibake_fix.engine.misreads`), which gives the same text for them.  Not for lines that lost bytes, and
not for lines of few letters that are not ASCII, where words decide.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mojibake_fix.detect.beyond import find_beyond_repair
from mojibake_fix.detect.mention import listing_evidence, mention_evidence
from mojibake_fix.detect.misread import HEAVY, TIERS
from mojibake_fix.detect.scan import SUMS, scan, weigh
from mojibake_fix.encodings import byte_table, lookup
from mojibake_fix.engine.changes import damage_again
from mojibake_fix.engine.decision import confidence, posterior
from mojibake_fix.engine.evidence import ALIKE, FIRST_OF_THREE_BYTES, LIMITS, candidates_of, may_be_twice
from mojibake_fix.engine.looks import look_at, prior_of, trial_of, whole_look
from mojibake_fix.engine.posted import shows_post
from mojibake_fix.engine.stage import Line
from mojibake_fix.lazy import lazy_pattern
from mojibake_fix.model import NgramModel, code_points, text_of
from mojibake_fix.plan import Fault, Misread, Step
from mojibake_fix.repair.channels import Certainty, EvidentReading, evident_rows
from mojibake_fix.repair.spans import ENTER, EXPECTED_SWITCH, with_holes
from mojibake_fix.repair.tracks import as_it_stands, score_tracks
from mojibake_fix.repair.transcode import Reread

__all__ = ["evident_steps"]

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

_LEAST = 30.0
"""Nats, what speaks for text about mojibake taken off: a hypothesis is beyond doubt with 20, and of 41,269 clean lines
none has one with more than 1."""
_APART = 4.0
"""Nats that all other readings must have less, at most; how much it is takes its share of the confidence."""
_LONGEST = 4096
"""Characters of a line: for longer ones the room that the kernel takes would not be small."""
_CERTAINTY = Certainty(_LEAST, _APART, EXPECTED_SWITCH, ALIKE, _LONGEST)
_LETTER = lazy_pattern(r"(?![\x00-\x7f])[^\W\d_]")
_PLAIN = lazy_pattern("[A-Za-z]")
_NOT_TOLD = lazy_pattern("[\n\ufffd\u0304\u030c\U00010000-\U0010ffff]")
"""What a line with an evident reading has none of: marks of lost bytes, and what may be a code only with another."""


def evident_steps(lines: Sequence[str], model: NgramModel) -> list[Step | None]:
    """Return the step that repairs each of ``lines``, if one is evident; offsets are those of the line.

    What is more than a line has none.
    """
    if not lines:
        return []
    if model.compiled is None:
        readings = [_evident_pure(line, model) for line in lines]
    else:
        readings = evident_rows(lines, whole_look(), LIMITS, _CERTAINTY, SUMS, model)
    return [None if reading is None else _step(line, reading) for line, reading in zip(lines, readings, strict=True)]


def _step(line: str, reading: EvidentReading) -> Step | None:
    spans = [(reading.start, reading.end)]
    evidence = reading.evidence - mention_evidence(line, spans) - listing_evidence(line, spans)
    before = line[reading.start : reading.end]
    channel = (Misread(reading.encoding, reading.read_as),)
    if not _LETTER.search(reading.text):
        # Signs for signs: nothing says that these are wrong.
        return None
    if evidence < _LEAST or find_beyond_repair(line) or damage_again(reading.text, channel) != before:
        return None
    if shows_post(line) and _may_be_changed(before, reading):
        return None
    sure = confidence(evidence) * posterior([reading.evidence, reading.rival])[0]
    return Step(
        reading.start, reading.end, before, reading.text, Fault.MISREAD, channel, evidence=evidence, confidence=sure
    )


def _may_be_changed(before: str, reading: EvidentReading) -> bool:
    """Whether what was read may have been changed since: in UTF-8 that shows, but for bytes that go on as others do."""
    return lookup(reading.encoding).structure != "utf8" or not _images(reading.read_as).isdisjoint(before)


@functools.cache
def _images(read_as: str) -> frozenset[str]:
    """What bytes that go on in UTF-8 are read as, of what others are that is changed behind it."""
    from mojibake_fix.repair.posts import POSTS

    signs = set(map(chr, byte_table(read_as)[0x80:0xC0].tolist()))
    return frozenset(post(sign) for post in POSTS.values() for sign in signs if post(sign) != sign) & signs


# --- Without the kernel --------------------------------------------------------------------------------------------


def _evident_pure(line: str, model: NgramModel) -> EvidentReading | None:
    """What ``mojibake_evident_rows`` of ``_channels.c`` computes, to the last bit."""
    points = code_points(line)
    high = int((points >= 0x80).sum())
    if not high or len(_PLAIN.findall(line)) > high or len(line) > _LONGEST or _NOT_TOLD.search(line):
        return None
    [suspicions] = scan([line], model)
    [weight] = weigh([line], [suspicions], model)
    if weight < HEAVY:
        return None
    look = look_at(Line(line, 0, suspicions), weight)
    best: EvidentReading | None = None
    most_of_best = rival = -math.inf
    for tier in TIERS:
        if tier.heavy or (best is not None and best.evidence >= _LEAST):
            break
        candidates = candidates_of(line, trial_of(look.read_as, tier.encodings), model)
        if not candidates:
            continue
        plain, *scores = score_tracks([points, *(new.points for new in candidates)], model)
        own = as_it_stands(points, plain, model).astype(np.float64)
        for new, logp in zip(candidates, scores, strict=True):
            reading, most = _judged(new, own, with_holes(new, logp).astype(np.float64))
            if reading is not None and (best is None or reading.evidence > best.evidence):
                best, most, most_of_best = reading, most_of_best, most
            rival = max(rival, most)
    if best is None or best.evidence < _LEAST or best.evidence - rival < _APART:
        return None
    return replace(best, rival=rival)


def _judged(new: Reread, own: F64, logp: F64) -> tuple[EvidentReading | None, float]:
    """The reading, if it explains all of the line without a loss, and what its evidence is at most."""
    high = new.stream.points >= 0x80
    cuts, new_cuts = _unbroken_cuts(new)
    stands = own + LIMITS.least_gain * high
    gains = np.add.reduceat(logp, new_cuts[:-1]) - np.add.reduceat(stands, cuts[:-1])
    more = prior_of((new.encoding, new.read_as)) + _validity(new)
    most = math.inf if may_be_twice(new) else _best_gain(gains.tolist()) + more
    explains = np.add.reduceat((high & ~new.alike).astype(np.int64), cuts[:-1]) > 0
    if new.holes.any() or new.stream.passed.any() or not explains.any():
        return None, most
    if not _reads_all(gains.tolist(), explains.tolist()):
        return None, most
    first, last = int(explains.argmax()), len(explains) - int(explains[::-1].argmax())
    text = text_of(new.points[new_cuts[first] : new_cuts[last]])
    evidence = float(gains[first:last].sum()) + more
    return EvidentReading(new.encoding, new.read_as, int(cuts[first]), int(cuts[last]), text, evidence, -math.inf), most


def _unbroken_cuts(new: Reread) -> tuple[I64, I64]:
    """The boundaries that both tracks share, in each, but those inside what is broken."""
    broken, inside = new.broken, new.new_cuts[1:-1]
    kept = np.concatenate(([True], ~(broken[inside - 1] & broken[inside]), [True]))
    return new.text_cuts[kept], new.new_cuts[kept]


def _best_gain(gains: Sequence[float]) -> float:
    """The best of all sets of runs of units, at least one."""
    inside = best = -math.inf
    for gain in gains:
        inside = max(inside, best + ENTER, 0.0) + gain
        best = max(best, inside)
    return best


def _reads_all(gains: Sequence[float], explains: Sequence[bool]) -> bool:
    """Whether the best way to change tracks reads all units anew that explain something, or is not much better."""
    inside, outside, inside_but, outside_but = 0.0, 0.0, -math.inf, -math.inf
    for gain, wanted in zip(gains, explains, strict=True):
        left = max(outside, inside + EXPECTED_SWITCH)
        left_but = max(outside_but, inside_but + EXPECTED_SWITCH)
        inside = max(inside, outside + EXPECTED_SWITCH) + gain
        inside_but = max(inside_but, outside_but + EXPECTED_SWITCH) + gain
        outside = -math.inf if wanted else left
        outside_but = max(left_but, left) if wanted else left_but
    return max(inside, outside) >= max(inside_but, outside_but) - ALIKE


def _validity(new: Reread) -> float:
    """What speaks for bytes because all of them can be UTF-8, at most."""
    if lookup(new.encoding).structure != "utf8" or lookup(new.read_as).structure != "single":
        return 0.0
    high = new.points[(new.points >= 0x80) & ~new.holes]
    long = int((high >= FIRST_OF_THREE_BYTES).sum())
    said = LIMITS.valid_long_sequence * long + LIMITS.valid_sequence * (len(high) - long)
    return min(said, LIMITS.most_of_validity) * (LIMITS.elsewhere_invalid if new.holes.any() else 1.0)
