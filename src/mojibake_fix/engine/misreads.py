"""The stage of misreads: bytes of one encoding that were read as another, over spans, with the document's own evidence.

For each suspicious line every channel that can have produced it reads a window of the line anew; the language model
says where that helps.  A channel that one line shows beyond doubt is expected on the others.  Bytes that were lost on
the way are restored once the channel is chosen.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import unicodedata
from collections.abc import Collection, Sequence

import numpy as np

from mojibake_fix.detect.beyond import find_beyond_repair
from mojibake_fix.detect.rows import RowFlag
from mojibake_fix.detect.scan import scan, weigh
from mojibake_fix.encodings import POLICIES
from mojibake_fix.engine.changes import damage_again
from mojibake_fix.engine.decision import confidence, posterior
from mojibake_fix.engine.evidence import KNOWN_CHANNEL, MOST_TRIED, Hypothesis, hypotheses_of, is_sure, read_anew
from mojibake_fix.engine.evident import evident_steps
from mojibake_fix.engine.latin import latin_step
from mojibake_fix.engine.looks import Channel
from mojibake_fix.engine.posted import posted_step
from mojibake_fix.engine.stage import Found, Line, Round
from mojibake_fix.engine.suspects import may_have_hypotheses
from mojibake_fix.model import DocumentCache, NgramModel, code_points, document_forms
from mojibake_fix.plan import Alternative, Fault, Misread, Step
from mojibake_fix.repair.fill import Filled, fill
from mojibake_fix.repair.spans import Run, best_runs, with_holes
from mojibake_fix.repair.tracks import as_it_stands
from mojibake_fix.repair.transcode import Reread
from mojibake_fix.repair.words import whole_run

__all__ = ["repair_misreads"]

_MOST_QUESTIONS = 0.5
"""Question marks as a share of a line beyond which they are what is left of it, not of its bytes.  Of UTF-8 read as
CP950 5 % of lines have as many; of 2,300 lines that lost a tenth to two thirds of their characters to them, four were
read anew without this, and one is with it."""
_ENOUGH = 4.0
"""Nats with which a channel is repaired by default."""
_REPLACEMENTS = ("\ufffd", "\u30fb", "?")
_MOST_ALTERNATIVES = 4
_LINE_FEED = 0x0A


def repair_misreads(this: Round) -> Found:
    """Undo one misread in each suspicious line that had one."""
    found = Found()
    suspicious: list[Line] = []
    known: dict[Channel, None] = {}
    candidates = [
        line for line in this.may_be(RowFlag.UNLIKELY) if line.suspicions and not _is_decomposed(line.text, this.model)
    ]
    for line, step in zip(candidates, evident_steps([line.text for line in candidates], this.model), strict=True):
        if step is None:
            suspicious.append(line)
        else:
            found.add(
                dataclasses.replace(step, start=line.offset + step.start, end=line.offset + step.end), this.config
            )
            known[step.channel[0].encoding, step.channel[0].read_as] = None
    weights = weigh([line.text for line in suspicious], [line.suspicions for line in suspicious], this.model)
    told: list[tuple[Line, float, list[Hypothesis]]] = []
    for line, weight, hopeful in zip(suspicious, weights, may_have_hypotheses(suspicious, this.model), strict=True):
        hypotheses = hypotheses_of(line, weight, this.model, known) if hopeful or known else []
        told.append((line, weight, hypotheses))
        if hypotheses and is_sure(hypotheses[0]):
            known[hypotheses[0].channel] = None
    judged = [(line, weight, _boosted(hypotheses, known)) for line, weight, hypotheses in told]
    document = _Document(this, [boosted[0] for _, _, boosted in judged if boosted and boosted[0].evidence > 0])
    for line, weight, boosted in judged:
        posted = posted_step(line, boosted[0].evidence if boosted else -math.inf, this.model)
        if posted is not None:
            found.add(posted, this.config)
            continue
        lossy = bool(boosted) and boosted[0].evidence > 0 and not boosted[0].lossless
        inconsistent = latin_step(line, weight, _to_beat(boosted), this.model, lossy=lossy)
        if inconsistent is not None:
            found.add(inconsistent, this.config)
            continue
        for number, hypothesis in enumerate(boosted[:MOST_TRIED]):
            if hypothesis.evidence <= 0:
                break
            # What gave nothing when the whole line was read takes no share from the next.
            steps = _steps(document, line, _with_share(hypothesis, boosted[number + 1 :]))
            for step in steps:
                found.add(step, this.config)
            if steps:
                break
    return found


def _is_decomposed(text: str, model: NgramModel) -> bool:
    """Tell whether nothing is wrong with a text but that its accents are characters of their own.

    Of 41,269 clean lines 45 were changed, all of Latin letters, where they had been taken apart so.
    """
    composed = unicodedata.normalize("NFC", text)
    return composed != text and not scan([composed], model)[0]


def _boosted(hypotheses: Sequence[Hypothesis], known: Collection[Channel]) -> list[Hypothesis]:
    """The hypotheses of a line, likeliest first, where other lines have shown the ``known`` channels."""
    boosted = [
        dataclasses.replace(h, evidence=h.evidence + (KNOWN_CHANNEL if h.channel in known else 0.0)) for h in hypotheses
    ]
    return sorted(boosted, key=lambda h: -h.evidence)


class _Document:
    """A round, and what the readings of its lines say beside what was never damaged."""

    def __init__(self, this: Round, likeliest: Sequence[Hypothesis]) -> None:
        self.model = this.model
        self._this = this
        self._likeliest = likeliest

    @functools.cached_property
    def cache(self) -> DocumentCache:
        """What the document says, as far as it is known: characters that no byte is missing of."""
        known = (_known_text(h.reading.new) for h in self._likeliest if h.reading is not None)
        suspicious = [[(s.start, s.end) for s in line.suspicions] for line in self._this.lines]
        return self._this.cache_outside(suspicious, known)


def _known_text(new: Reread) -> str:
    points = np.where(new.broken, np.uint32(_LINE_FEED), new.points)
    return points.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def _with_share(one: Hypothesis, others: Sequence[Hypothesis]) -> Hypothesis:
    """``one`` with its share among itself and those of ``others`` that have another outcome.

    Where bytes were lost, outcomes are told apart by what fills the holes, which each step says by itself.
    """
    rivals = [
        other.evidence for other in others if other.evidence > -math.inf and other.lossless and _differ(one, other)
    ]
    return dataclasses.replace(one, share=posterior([one.evidence, *rivals])[0]) if one.lossless else one


def _differ(one: Hypothesis, other: Hypothesis) -> bool:
    """Whether ``other`` would make anything of the line that ``one`` would not."""
    return not all(
        any(a <= start and end <= b and text in whole for a, b, whole in one.outcome)
        for start, end, text in other.outcome
    )


def _to_beat(hypotheses: Sequence[Hypothesis]) -> float:
    """How much must speak for something else than the first, likeliest hypothesis; inf where that leaves nothing."""
    if not hypotheses:
        return -math.inf
    top = hypotheses[0]
    return math.inf if top.complete and top.lossless and top.evidence > _ENOUGH else top.evidence


def _steps(this: _Document, line: Line, hypothesis: Hypothesis) -> list[Step]:
    """Read the whole line through the channel that its window showed."""
    if line.text.count("?") > _MOST_QUESTIONS * len(line.text):
        return []
    reading = hypothesis.reading
    if reading is None or reading.text != line.text:
        reading = read_anew(line.text, hypothesis.channel, this.model)
    if reading is None:
        return []
    points, new, own = code_points(line.text), reading.new, reading.own
    words_of_own, said = reading.words
    logp = reading.logp + said.terms
    if hypothesis.twice:
        return _filled(this, line, new, [Run(0, len(points), 0, len(new.points), hypothesis.evidence)], hypothesis)
    if hypothesis.whole and reading is hypothesis.reading:
        # All of the line was seen, and not only a window of it.
        return _filled(this, line, new, [whole_run(new, (points >= 0x80) & ~new.alike)], hypothesis)
    # Once the channel is known, bytes that left no mark are likely too, unless the spans make no sense so; if they make
    # none then either, and the spans that told the channel leave nothing to explain, they are those.
    told = hypothesis.complete and hypothesis.lossless
    for marked, expected in ((True, True), (False, True), (False, False))[: 3 if told else 2]:
        stands = (own if expected else as_it_stands(points, own, this.model)) + words_of_own.terms
        runs = best_runs(stands, new, with_holes(new, logp, expected=marked), expected=expected)
        steps = _filled(this, line, new, runs, hypothesis)
        if steps and len(steps) == len(runs):
            break
    return steps


def _filled(this: _Document, line: Line, new: Reread, runs: Sequence[Run], hypothesis: Hypothesis) -> list[Step]:
    beyond = find_beyond_repair(line.text)
    repairable = [run for run in runs if not any(s.start < run.end and run.start < s.end for s in beyond)]
    steps = (_step(this, line, new, run, hypothesis) for run in repairable)
    return [step for step in steps if step is not None]


def _step(this: _Document, line: Line, new: Reread, run: Run, hypothesis: Hypothesis) -> Step | None:
    before = line.text[run.start : run.end]
    filled = fill(
        new,
        run,
        left=line.text[: run.start],
        right=line.text[run.end :],
        model=this.model,
        document=lambda: (document_forms(new.points[~new.holes], this.model), this.cache),
    )
    if filled is None or filled.text == before:
        return None
    lossless = not filled.choices and damage_again(filled.text, [Misread(new.encoding, new.read_as)]) == before
    return Step(
        line.offset + run.start,
        line.offset + run.end,
        before,
        filled.text,
        Fault.MISREAD if not filled.choices else Fault.LOSSY,
        (Misread(new.encoding, new.read_as, "strict" if not filled.choices else _policy(filled, before)),),
        lossless=lossless,
        evidence=hypothesis.evidence,
        confidence=confidence(hypothesis.evidence) * hypothesis.share,
        restored=filled.restored,
        alternatives=_alternatives(filled),
    )


def _policy(filled: Filled, before: str) -> str:
    """The name of the policy of the decoder that left ``before``."""
    replacement = next((mark for mark in _REPLACEMENTS if mark in before), "")
    alike = [policy for policy in POLICIES.values() if policy.replacement == replacement and policy.name != "strict"]
    return next((policy.name for policy in alike if policy.consumes == filled.consumes), alike[0].name)


def _alternatives(filled: Filled) -> tuple[Alternative, ...]:
    """The text with one choice taken otherwise, for the choices that are least settled."""
    found = []
    for choice in filled.choices:
        shares = posterior([path.score for path in choice.paths])
        for path, share in zip(choice.paths[1:], shares[1:], strict=True):
            found.append((share, choice, path.text))
    found.sort(key=lambda item: -item[0])
    return tuple(
        Alternative(filled.text[: choice.start] + text + filled.text[choice.end :], share)
        for share, choice, text in found[:_MOST_ALTERNATIVES]
    )
