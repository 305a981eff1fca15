"""The stage of escapes: text forms of characters, decoded where they cannot be code."""

from __future__ import annotations

from mojibake_fix.detect.escapes import find_escapes
from mojibake_fix.engine.decision import confidence
from mojibake_fix.engine.stage import Found, Round
from mojibake_fix.plan import Fault, Step
from mojibake_fix.repair.escapes import decode_escape

__all__ = ["repair_escapes"]


def repair_escapes(this: Round) -> Found:
    """Decode the escapes of the whole text."""
    found = Found()
    for span in find_escapes(this.text, this.config.unescape):
        before = this.text[span.start : span.end]
        after = decode_escape(before, span.form)
        if after is None or after == before:
            continue
        step = Step(
            span.start,
            span.end,
            before,
            after,
            Fault.ESCAPE,
            lossless=False,
            evidence=span.evidence,
            confidence=confidence(span.evidence),
        )
        found.add(step, this.config)
    return found
