"""Run the rules that are asked for, in order and until nothing changes, and make a plan of their changes.

The normalised text is the plan applied.  Not for what a rule changes: :mod:`mojibake_fix.normalise.rules`.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mojibake_fix.normalise.options import NormaliseOptions
from mojibake_fix.normalise.rules import RULES, Rule, chosen_rules
from mojibake_fix.normalise.view import Edit, View
from mojibake_fix.plan import Fault, Plan, Repair, Step

__all__ = ["normalise", "normalise_and_explain"]

_MOST_PASSES = 6
"""The rules run until nothing changes, which makes them idempotent together: two passes do for nearly all text."""


def normalise(text: str, options: NormaliseOptions | None = None, **changes: Any) -> str:
    """Return ``text`` in the form asked for; the same object where it is in that form.

    Args:
        text: Any string, a whole document at best: what it is written in is judged line by line, and by all of it.
        options: What to unify; ``changes`` are its fields, by name, and win.  By default nothing.

    Raises:
        ConfigError: An option that does not exist, or whose value cannot be used; or ``script`` without OpenCC.
    """
    rounds = _rounds(text, NormaliseOptions.of(options, changes))
    return rounds[-1].after if rounds else text


def normalise_and_explain(
    text: str, options: NormaliseOptions | None = None, *, first_round: int = 0, **changes: Any
) -> Repair:
    """Normalise ``text`` and say how: a step for every change, which names its rule.

    Args:
        text, options, changes: As for :func:`normalise`.
        first_round: The number of the first round, for a plan that follows another.

    Raises:
        ConfigError: As for :func:`normalise`.
    """
    steps: list[Step] = []
    current = text
    for number, this in enumerate(_rounds(text, NormaliseOptions.of(options, changes)), first_round):
        steps += [
            Step(
                edit.start,
                edit.end,
                current[edit.start : edit.end],
                edit.after,
                Fault.STYLE,
                lossless=False,
                round=number,
                rule=rule.name,
            )
            for edit, rule in this.edits
        ]
        current = this.after
    return Repair(current, Plan(tuple(steps)))


@dataclass(frozen=True, slots=True)
class _Round:
    """Edits by start, disjoint, each with its rule, and the text behind them."""

    edits: list[tuple[Edit, Rule]]
    after: str


def _rounds(text: str, options: NormaliseOptions) -> list[_Round]:
    """The rounds that change something: stage by stage, and all stages again until none does."""
    rules = tuple(chosen_rules(options))
    found: list[_Round] = []
    if not rules or not text:
        return found
    view = View(text)
    for _ in range(_MOST_PASSES):
        before = len(found)
        for _, stage in itertools.groupby(rules, key=operator.attrgetter("stage")):
            edits = _stage_edits(view, stage, options)
            if edits:
                view = View(_applied(view.text, edits))
                found.append(_Round(edits, view.text))
        if len(found) == before:
            break
        if options.source is not None:
            # What is known to be in one script is not in it any more.
            rules = tuple(rule for rule in rules if rule.option != "script")
    return found


def _stage_edits(view: View, rules: Iterable[Rule], options: NormaliseOptions) -> list[tuple[Edit, Rule]]:
    """What the rules of one stage change; where two would change the same characters, the first does."""
    found: list[tuple[Edit, Rule]] = []
    asked = 0
    for rule in rules:
        if rule.triggers and not view.present & int(rule.triggers):
            continue
        edits = rule.find(view, options)
        if edits:
            found += zip(edits, itertools.repeat(rule))
            asked += 1
    if asked < 2:
        return found
    # The sort is stable: of edits with one start, the earlier rule's comes first.
    found.sort(key=lambda item: item[0].start)
    order = {rule.name: number for number, rule in enumerate(RULES.values())}
    disjoint: list[tuple[Edit, Rule]] = []
    for edit, rule in found:
        while disjoint and edit.start < max(disjoint[-1][0].end, disjoint[-1][0].start + 1):
            if order[rule.name] >= order[disjoint[-1][1].name]:
                break
            disjoint.pop()
        else:
            disjoint.append((edit, rule))
    return disjoint


def _applied(text: str, edits: list[tuple[Edit, Rule]]) -> str:
    pieces: list[str] = []
    position = 0
    for edit, _ in edits:
        pieces += (text[position : edit.start], edit.after)
        position = edit.end
    pieces.append(text[position:])
    return "".join(pieces)
