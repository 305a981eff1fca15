"""The stage of glosses: readings that a converter left behind whole characters are removed, all or none of a text's."""

from __future__ import annotations

from mojibake_fix.detect.glosses import converter_evidence, find_astride_glosses, find_glosses
from mojibake_fix.engine.decision import confidence
from mojibake_fix.engine.stage import Found, Round
from mojibake_fix.plan import Fault, Step

__all__ = ["repair_glosses"]

_ASTRIDE_EVIDENCE = 8.0
"""Nats that a verified reading *between* the bytes of characters adds: no author writes one."""


def repair_glosses(this: Round) -> Found:
    """Remove the readings of the whole text, if a converter wrote them."""
    found = Found()
    glosses = find_glosses(this.text) if this.config.glosses else []
    if not glosses:
        return found
    evidence = converter_evidence(this.text, glosses, this.model)
    evidence += _ASTRIDE_EVIDENCE * sum(1 for gloss in find_astride_glosses(this.text) if gloss.trails)
    sure = confidence(evidence)
    for gloss in glosses:
        before = this.text[gloss.start : gloss.end]
        step = Step(gloss.start, gloss.end, before, "", Fault.GLOSS, lossless=False, evidence=evidence, confidence=sure)
        found.add(step, this.config)
    return found
