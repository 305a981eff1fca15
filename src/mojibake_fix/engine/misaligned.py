"""The stage of misaligned streams: text of one encoding whose bytes were paired astride its characters."""

from __future__ import annotations

import numpy as np

from mojibake_fix.detect.glosses import find_astride_glosses
from mojibake_fix.detect.misaligned import MisalignedRegion, find_misaligned
from mojibake_fix.encodings import ENCODINGS, repertoire
from mojibake_fix.engine.decision import MISALIGNED_PRIOR, confidence, posterior
from mojibake_fix.engine.stage import Found, Line, Round
from mojibake_fix.model import code_points
from mojibake_fix.plan import Alternative, Fault, Misread, Step
from mojibake_fix.repair.restore import Restoration, gloss_arcs, restore
from mojibake_fix.repair.spans import as_it_stands, score_tracks

__all__ = ["repair_misaligned"]

_ENCODINGS = ("gbk", "cp950", "cp932", "cp949", "euc-jp")
_VERIFIED = 9.0
"""Nats that a verified reading adds: about one code in a few thousand has any given reading."""
_EVENTS = 8
"""How far into a region, in characters, an unmarked lost or gained byte is looked for."""
_ENCODABLE = 0.9


def repair_misaligned(this: Round) -> Found:
    """Repair the streams read astride in each suspicious line."""
    found = Found()
    for line in this.lines:
        glosses = find_astride_glosses(line.text) if this.config.glosses else []
        if not (line.suspicions or glosses):
            continue
        for region in find_misaligned(line.text, line.suspicions, glosses):
            step = _repair(this, line, region)
            if step is not None:
                found.add(step, this.config)
    return found


def _repair(this: Round, line: Line, region: MisalignedRegion) -> Step | None:
    restorations = [
        (encoding, restoration)
        for encoding in _encodings_of(line.text[region.start : region.end])
        if (restoration := _restore(this, line, region, encoding)) is not None
    ]
    if not restorations:
        return None
    encoding, best = max(restorations, key=lambda pair: pair[1].paths[0].score)
    return _step(this, line, region, encoding, best)


def _restore(this: Round, line: Line, region: MisalignedRegion, encoding: str) -> Restoration | None:
    return restore(
        line.text,
        region.start,
        region.end,
        encoding=encoding,
        read_as=encoding,
        model=this.model,
        forms=this.forms,
        cache=this.cache,
        glosses=gloss_arcs(region.start, [(g.start, g.end, g.trails) for g in region.glosses]),
        events=() if region.marked else range(_EVENTS),
        cut_tail=region.end == len(line.text),
    )


def _encodings_of(text: str) -> list[str]:
    """The encodings that nearly all characters of ``text`` belong to."""
    points = code_points(text)
    masks = repertoire(points[points >= 0x80])
    if not masks.size:
        return []
    shares = {name: float((masks >> np.uint64(ENCODINGS[name].bit) & np.uint64(1)).mean()) for name in _ENCODINGS}
    return [name for name, share in shares.items() if share >= _ENCODABLE]


def _step(this: Round, line: Line, region: MisalignedRegion, encoding: str, best: Restoration) -> Step | None:
    before = line.text[region.start : region.end]
    points = code_points(before)
    [logp] = score_tracks([points], this.model)
    flat = float((as_it_stands(points, logp) - logp).sum())
    scores = [path.score for path in best.paths]
    shares = posterior([*scores, best.as_it_stands + flat])
    evidence = best.evidence - flat + MISALIGNED_PRIOR + _VERIFIED * len(region.glosses)
    top = best.paths[0]
    if top.text == before or evidence <= 0:
        return None
    head = 0
    while head < min(len(before), len(top.text)) and before[head] == top.text[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(top.text)) - head and before[-1 - tail] == top.text[-1 - tail]:
        tail += 1
    end = len(top.text) - tail
    return Step(
        line.offset + region.start + head,
        line.offset + region.end - tail,
        before[head : len(before) - tail],
        top.text[head:end],
        Fault.GLOSS_ASTRIDE if region.glosses else Fault.MISALIGNED,
        (Misread(encoding, encoding, "pair-question"),),
        lossless=False,
        evidence=evidence,
        confidence=min(confidence(evidence), shares[0]),
        restored=tuple((max(a - head, 0), min(b, end) - head) for a, b in top.restored if a < end and b > head),
        alternatives=tuple(
            Alternative(path.text[head : len(path.text) - tail], share)
            for path, share in zip(best.paths[1:], shares[1:], strict=False)
            if path.text[:head] == before[:head] and (not tail or path.text.endswith(before[-tail:]))
        ),
    )
