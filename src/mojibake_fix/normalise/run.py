"""Run the rules that are asked for, in order and until nothing changes, and make a plan of their changes.

The normalised text is the plan applied.  Not for what a rule changes: :mod:`mojibake_fix.normalise.rules`.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mojibake_fix.normalise.options import NormaliseOptions
from mojibake_fix.normalise.rules import RULES, Rule, chosen_rules
from mojibake_fix.normalise.view import Edit, View
from mojibake_fix.plan import Fault, Plan, Repair, Step

__all__ = ["normalise", "normalise_and_explain"]

_MOST_PASSES = 6
"""The rules run until nothing changes, which makes them idempotent together: two passes do for nearly all text."""


_ORDER = {name: number for number, name in enumerate(RULES)}

Lines = npt.NDArray[np.int64]
"""Numbers of lines, in order."""


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
    asked: Lines | None = None
    for _ in range(_MOST_PASSES):
        first = view
        changed: list[Lines] = []
        for _, stage in itertools.groupby(rules, key=operator.attrgetter("stage")):
            edits = _edits_of(view, asked, stage, options)
            if edits:
                changed.append(view.line_of(np.array([edit.start for edit, _ in edits], np.int64)))
                view = View(_applied(view.text, edits))
                found.append(_Round(edits, view.text))
        if not changed:
            break
        if options.source is not None:
            # What is known to be in one script is not in it any more.
            rules = tuple(rule for rule in rules if rule.option != "script")
        present = first.present | view.present
        by_line = all(rule.by_line or not present & rule.triggers for rule in rules) and _tell_the_same(first, view)
        asked = np.unique(np.concatenate(changed)) if by_line else None
    return found


def _tell_the_same(before: View, after: View) -> bool:
    """Whether a line that has not changed looks the same to every rule in both texts: it is right, then, in both."""
    return before.has_full_stops == after.has_full_stops and np.array_equal(before.line_languages, after.line_languages)


def _edits_of(
    view: View, asked: Lines | None, rules: Iterable[Rule], options: NormaliseOptions
) -> list[tuple[Edit, Rule]]:
    """What the rules of one stage change in the lines asked for, or in all."""
    if asked is None:
        return _stage_edits(view, rules, options)
    part = view.only(asked)
    edits = _stage_edits(part, rules, options)
    if not edits:
        return edits
    lines = part.line_of(np.array([edit.start for edit, _ in edits], np.int64))
    shifts = view.line_starts[asked[np.minimum(lines, len(asked) - 1)]] - part.line_starts[lines]
    return [
        (Edit(edit.start + shift, edit.end + shift, edit.after), rule)
        for (edit, rule), shift in zip(edits, shifts.tolist(), strict=True)
    ]


def _stage_edits(view: View, rules: Iterable[Rule], options: NormaliseOptions) -> list[tuple[Edit, Rule]]:
    """What the rules of one stage change; where two would change the same characters, the first does."""
    found: list[tuple[Edit, Rule]] = []
    several = False
    for rule in rules:
        if rule.triggers and not view.present & int(rule.triggers):
            continue
        edits = rule.find(view, options)
        several |= bool(edits and found)
        found += zip(edits, itertools.repeat(rule))
    return _disjoint(found) if several else found


def _disjoint(found: list[tuple[Edit, Rule]]) -> list[tuple[Edit, Rule]]:
    """The edits by start, without those that touch what the edit of an earlier rule does."""
    # The sort is stable: of edits with one start, the earlier rule's comes first.
    found.sort(key=_start)
    starts = np.array([edit.start for edit, _ in found], np.int64)
    ends = np.array([edit.end for edit, _ in found], np.int64)
    if not (starts[1:] < np.maximum(ends, starts + 1)[:-1]).any():
        return found
    disjoint: list[tuple[Edit, Rule]] = []
    for edit, rule in found:
        while disjoint and edit.start < max(disjoint[-1][0].end, disjoint[-1][0].start + 1):
            if _ORDER[rule.name] >= _ORDER[disjoint[-1][1].name]:
                break
            disjoint.pop()
        else:
            disjoint.append((edit, rule))
    return disjoint


def _start(item: tuple[Edit, Rule]) -> int:
    return item[0].start


def _applied(text: str, edits: list[tuple[Edit, Rule]]) -> str:
    pieces: list[str] = []
    position = 0
    for edit, _ in edits:
        pieces += (text[position : edit.start], edit.after)
        position = edit.end
    pieces.append(text[position:])
    return "".join(pieces)
