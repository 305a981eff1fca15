"""Run the rules that are asked for, in order and until nothing changes, and make a plan of their changes.

The normalised text is the plan applied.  Not for what a rule changes: :mod:`mojibake_fix.normalise.rules`.
"""

from __future__ import annotations

from typing import Any

from mojibake_fix.normalise.options import NormaliseOptions
from mojibake_fix.normalise.rules import Rule, chosen_rules
from mojibake_fix.normalise.view import Edit, View
from mojibake_fix.plan import Fault, Plan, Repair, Step

__all__ = ["normalise", "normalise_and_explain"]

_MOST_PASSES = 6
"""The rules run until nothing changes, which makes them idempotent together: two passes do for all but one text of
a thousand."""


def normalise(text: str, options: NormaliseOptions | None = None, **changes: Any) -> str:
    """Return ``text`` in the form asked for; the same object where it is in that form.

    Args:
        text: Any string, a whole document at best: what it is written in is judged line by line, and by all of it.
        options: What to unify; ``changes`` are its fields, by name, and win.  By default nothing.

    Raises:
        ConfigError: An option that does not exist, or whose value cannot be used; or ``script`` without OpenCC.
    """
    rounds = _rounds(text, NormaliseOptions.of(options, changes))
    return rounds[-1][2] if rounds else text


def normalise_and_explain(
    text: str, options: NormaliseOptions | None = None, *, first_round: int = 0, **changes: Any
) -> Repair:
    """Normalise ``text`` and say how: a step for every change, a round for every rule that changed something.

    Args:
        text, options, changes: As for :func:`normalise`.
        first_round: The number of the first round, for a plan that follows another.

    Raises:
        ConfigError: As for :func:`normalise`.
    """
    steps: list[Step] = []
    current = text
    for number, (rule, edits, after) in enumerate(_rounds(text, NormaliseOptions.of(options, changes)), first_round):
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
            for edit in edits
        ]
        current = after
    return Repair(current, Plan(tuple(steps)))


def _rounds(text: str, options: NormaliseOptions) -> list[tuple[Rule, list[Edit], str]]:
    """Each rule that changes something, its edits by start, and the text behind them."""
    rules = tuple(chosen_rules(options))
    found: list[tuple[Rule, list[Edit], str]] = []
    if not rules or not text:
        return found
    view = View(text)
    for _ in range(_MOST_PASSES):
        before = len(found)
        for rule in rules:
            if rule.triggers and not view.present & int(rule.triggers):
                continue
            edits = rule.find(view, options)
            if edits:
                view = View(_applied(view.text, edits))
                found.append((rule, edits, view.text))
        if len(found) == before:
            break
    return found


def _applied(text: str, edits: list[Edit]) -> str:
    pieces: list[str] = []
    position = 0
    for edit in edits:
        pieces += (text[position : edit.start], edit.after)
        position = edit.end
    pieces.append(text[position:])
    return "".join(pieces)
