"""The stage of misreads: bytes of one encoding that were read as another, over spans, with the document's own evidence.

For each suspicious line every channel that can have produced it reads a window of the line anew; the language model
says where that helps.  A channel that one line shows beyond doubt is expected on the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mojibake_fix.detect.mention import mention_evidence
from mojibake_fix.detect.misread import TRUE_ENCODINGS, channel_prior, readable_as
from mojibake_fix.detect.scan import scan
from mojibake_fix.encodings import lookup, misread
from mojibake_fix.engine.decision import confidence
from mojibake_fix.engine.stage import Found, Line, Round
from mojibake_fix.model import NgramModel, code_points, fold, unseen
from mojibake_fix.plan import Fault, Misread, Step
from mojibake_fix.repair.transcode import (
    ENTER,
    Reread,
    Span,
    as_it_stands,
    best_spans,
    reread,
    rereads,
    score_tracks,
)

__all__ = ["repair_misreads"]

_WINDOW = 400
_MARGIN = 24
"""Characters of a line from which its channel is told, and what is seen of it before the first suspicious one."""
_MOST_INVALID = 0.25
_FINALISTS = 24
"""Channels scored by the whole model; the others had more bigrams that clean text does not have."""
_KNOWN_CHANNEL = 6.0
"""Nats that a channel gains once another line of the document has shown it beyond doubt."""
_BEYOND_DOUBT = 20.0
_SECOND_MISREAD = -4.0
"""Nats: log-probability that a text misread once was misread twice."""

Channel = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Hypothesis:
    """A channel of one line, and how much speaks for it: nats, prior included."""

    channel: Channel
    evidence: float


def repair_misreads(this: Round) -> Found:
    """Undo one misread in each suspicious line that had one."""
    found = Found()
    told = [(line, _hypotheses(line, this.model)) for line in this.suspicious]
    known = {best[0].channel for _, best in told if best and best[0].evidence >= _BEYOND_DOUBT}
    for line, hypotheses in told:
        boosted = [
            _Hypothesis(h.channel, h.evidence + (_KNOWN_CHANNEL if h.channel in known else 0.0)) for h in hypotheses
        ]
        best = max(boosted, key=lambda h: h.evidence, default=None)
        if best is not None and best.evidence > 0:
            for step in _steps(line, best, this.model):
                found.add(step, this.config)
    return found


def _hypotheses(line: Line, model: NgramModel, *, second: bool = False) -> list[_Hypothesis]:
    """The channels of one line, likeliest first."""
    start = max(line.suspicions[0].start - _MARGIN, 0)
    window = line.text[start : start + _WINDOW]
    candidates = rereads(window, readable_as(line.text, line.suspicions), TRUE_ENCODINGS, _MOST_INVALID)
    candidates = _finalists(candidates, model)
    if not candidates:
        return []
    points = code_points(window)
    own, *scores = score_tracks([points, *(new.points for new in candidates)], model)
    own = as_it_stands(points, own)
    hypotheses = []
    for new, logp in zip(candidates, scores, strict=True):
        spans = best_spans(window, own, new, logp)
        evidence = _evidence(window, spans) + channel_prior(new.encoding, new.read_as)
        if not second and not new.invalid:
            evidence = max(evidence, evidence + _second_misread(new, model))
        hypotheses.append(_Hypothesis((new.encoding, new.read_as), evidence))
    return sorted(hypotheses, key=lambda h: -h.evidence)


def _second_misread(new: Reread, model: NgramModel) -> float:
    """What undoing another misread would add to the evidence for undoing this one."""
    if lookup(new.encoding).structure != "utf8":
        return 0.0
    text = "".join(map(chr, new.points.tolist()))
    suspicions = scan([text], model)[0]
    if not suspicions:
        return 0.0
    further = _hypotheses(Line(text, 0, suspicions), model, second=True)
    return further[0].evidence + _SECOND_MISREAD if further else 0.0


def _finalists(candidates: list[Reread], model: NgramModel) -> list[Reread]:
    if len(candidates) <= _FINALISTS:
        return candidates
    shares = []
    for new in candidates:
        codes = fold(np.concatenate((np.array([10], np.uint32), new.points)), model.fold_table)
        shares.append(float(unseen(codes, model.scan).sum()) + 2.0 * new.invalid)
    best = np.argsort(np.array(shares), kind="stable")[:_FINALISTS]
    return [candidates[place] for place in sorted(best.tolist())]


def _evidence(text: str, spans: Sequence[Span]) -> float:
    if not spans:
        return -np.inf
    gain = sum(span.gain for span in spans) + ENTER * (len(spans) - 1)
    return gain - mention_evidence(text, [(s.start, s.end) for s in spans], [s.after for s in spans])


def _steps(line: Line, hypothesis: _Hypothesis, model: NgramModel) -> list[Step]:
    """Read the whole line through the channel that its window showed."""
    encoding, read_as = hypothesis.channel
    new = reread(line.text, read_as, encoding)
    if new is None:
        return []
    own, logp = score_tracks([code_points(line.text), new.points], model)
    spans = best_spans(line.text, own, new, logp, expected=True)
    sure = confidence(hypothesis.evidence)
    return [
        Step(
            line.offset + span.start,
            line.offset + span.end,
            line.text[span.start : span.end],
            span.after,
            Fault.MISREAD,
            (Misread(encoding, read_as),),
            lossless=_inverts(span.after, line.text[span.start : span.end], encoding, read_as),
            evidence=hypothesis.evidence,
            confidence=sure,
        )
        for span in spans
    ]


def _inverts(after: str, before: str, encoding: str, read_as: str) -> bool:
    """Whether the damage, done again, gives what was observed."""
    data = lookup(encoding).encode(after)
    try:
        return data is not None and misread(data, read_as) == before
    except UnicodeDecodeError:
        return False
