"""The orchestrator: detect, repair, choose, plan, apply.  The only room that knows the whole way.

A text is repaired in rounds, for it may have been damaged more than once.  Each round asks the kinds of fault in turn
and makes the first kind's repairs; the last round finds nothing, which is what makes a repaired text stay as it is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from mojibake_fix.config import Config
from mojibake_fix.detect.beyond import find_beyond_repair
from mojibake_fix.detect.round_trip import find_written_back
from mojibake_fix.detect.rows import RowFlag
from mojibake_fix.engine.batch import batches, lets_pass, settled
from mojibake_fix.engine.escapes import repair_escapes
from mojibake_fix.engine.glosses import repair_glosses
from mojibake_fix.engine.misreads import repair_misreads
from mojibake_fix.engine.stage import Found, Round, shows_astride, start_round
from mojibake_fix.model import NgramModel, load_model
from mojibake_fix.plan import Fault, Plan, Repair, Step, apply_plan
from mojibake_fix.windows import joined, windows

__all__ = ["fix_and_explain", "fix_many", "fix_text", "repair"]


def _repair_misaligned(this: Round) -> Found:
    # The search that it needs takes 30 ms to import, and most damage is found before it.
    from mojibake_fix.engine.misaligned import repair_misaligned

    return repair_misaligned(this)


def _repair_round_trips(this: Round) -> Found:
    if not any(find_written_back(line.text) for line in this.may_be(RowFlag.WRITTEN)):
        return Found()
    from mojibake_fix.engine.round_trip import repair_round_trips

    return repair_round_trips(this)


_STAGES = (repair_escapes, repair_glosses, repair_misreads, _repair_round_trips, _repair_misaligned)
"""Kinds of fault in the order in which they hide each other, outermost first."""

_MOST_ROUNDS = 12


def fix_text(text: str, config: Config | None = None, **options: Any) -> str:
    """Return ``text`` repaired; the same object where nothing is wrong.

    Args:
        text: Any string; lines are told apart by line feeds, and all of it counts as one document, or each window of
            a long one (:mod:`mojibake_fix.windows`).
        config: What to do; ``options`` are its fields, by name, and win.

    Raises:
        ConfigError: An option that does not exist, or whose value cannot be used.
    """
    return fix_and_explain(text, config, **options).text


def fix_many(texts: Iterable[str], config: Config | None = None, **options: Any) -> list[str]:
    """Return each of ``texts`` repaired as :func:`fix_text` repairs it, each a document of its own."""
    chosen = Config.of(config, options)
    model = load_model()
    repaired: list[str] = []
    for batch in batches(texts):
        quick = settled(batch, model, chosen)
        for number in quick.doubtful:
            batch[number] = repair(batch[number], model, chosen, doubtful=True).text
        for number, done in quick.repairs.items():
            batch[number] = done.text
        repaired += batch
    return repaired


def fix_and_explain(text: str, config: Config | None = None, **options: Any) -> Repair:
    """Repair ``text`` and say how: what was changed, why, how sure that is, and what was left alone.

    Raises:
        ConfigError: An option that does not exist, or whose value cannot be used.
    """
    return repair(text, load_model(), Config.of(config, options))


def repair(text: str, model: NgramModel, config: Config, *, doubtful: bool = False) -> Repair:
    """Repair ``text``, of which a quick look has already shown that it is ``doubtful``, or has not been taken."""
    parts = list(windows(text))
    if len(parts) <= 1:
        return _repair_window(text, model, config, doubtful=doubtful)
    whole = joined(parts, [_repair_window(part, model, config) for part in parts])
    return whole if whole.plan.steps else Repair(text, whole.plan)


def _repair_window(text: str, model: NgramModel, config: Config, *, doubtful: bool = False) -> Repair:
    steps: list[Step] = []
    before: list[Step] = []
    reported: list[Step] = []
    settled = False
    current = text
    for number in range(_MOST_ROUNDS):
        made, noticed = _round(current, number, before, model, config, doubtful=doubtful and number == 0)
        reported = noticed if made or not settled else reported
        if not made and not shows_astride(before):
            break
        # Such a fault makes the next round ask less, so the last round must be one that knows of none.
        settled = not made
        before = [] if settled else [*before, *made]
        steps += made
        current = apply_plan(current, Plan(tuple(made)))
    plan = Plan(tuple(steps), (*reported, *_beyond_repair(current)))
    return Repair(current if steps else text, plan)


def _round(
    text: str, number: int, before: list[Step], model: NgramModel, config: Config, *, doubtful: bool
) -> tuple[list[Step], list[Step]]:
    """The steps of the first kind of fault that has any, and what every kind asked so far only reports.

    ``before`` are the steps of the rounds before this one; of what is ``doubtful`` no quick look is taken.
    """
    if not doubtful and lets_pass(text, model, config, astride=shows_astride(before)):
        return [], []
    this = start_round(text, model, config, before)
    reported: list[Step] = []
    for stage in _STAGES:
        found = stage(this)
        reported += found.reported
        if found.steps:
            ordered = sorted(found.steps, key=lambda step: step.start)
            return [dataclasses.replace(step, round=number) for step in ordered], reported
    return [], reported


def _beyond_repair(text: str) -> list[Step]:
    return [
        Step(span.start, span.end, text[span.start : span.end], text[span.start : span.end], Fault.BEYOND_REPAIR)
        for span in find_beyond_repair(text)
    ]
