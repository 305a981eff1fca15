"""Run the rules that are asked for, in order and until nothing changes, and make a plan of their changes.

The normalised text is the plan applied.  Not for what a rule changes: :mod:`mojibake_fix.normalise.rules`.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mojibake_fix.normalise.edits import Edits
from mojibake_fix.normalise.options import NormaliseOptions
from mojibake_fix.normalise.rules import Rule, chosen_rules
from mojibake_fix.normalise.view import View
from mojibake_fix.plan import Fault, Plan, Repair, Step

__all__ = ["normalise", "normalise_and_explain"]

_MOST_PASSES = 6
"""The rules run until nothing changes, which makes them idempotent together: two passes do for nearly all text."""


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
            Step(start, end, current[start:end], after, Fault.STYLE, lossless=False, round=number, rule=rule.name)
            for start, end, after, rule in this.changes
        ]
        current = this.after
    return Repair(current, Plan(tuple(steps)))


@dataclass(frozen=True, slots=True)
class _Changes:
    """Edits by start, disjoint, each with its rule."""

    edits: Edits
    rules: list[Rule]

    def __iter__(self) -> Iterator[tuple[int, int, str, Rule]]:
        edits = self.edits
        return zip(edits.starts.tolist(), edits.ends.tolist(), edits.after, self.rules, strict=True)


@dataclass(frozen=True, slots=True)
class _Round:
    """What changes, and the text behind that."""

    changes: _Changes
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
        changed: list[Lines] = []
        present, by_line = view.present, True
        part = view if asked is None else view.only(asked)
        for _, stage in itertools.groupby(rules, key=operator.attrgetter("stage")):
            changes = _stage_changes(part, stage, options)
            if changes is not None:
                changes = changes if asked is None else _moved(changes, part, asked, view)
                changed.append(view.line_of(changes.edits.starts))
                before, view = view, View(changes.edits.applied(view.text))
                found.append(_Round(changes, view.text))
                present |= view.present
                by_line = by_line and _tell_the_same(before, view)
                part = view if asked is None else view.only(asked)
        if not changed:
            break
        if options.source is not None:
            # What is known to be in one script is not in it any more.
            rules = tuple(rule for rule in rules if rule.option != "script")
        by_line = by_line and all(rule.by_line or not present & rule.triggers for rule in rules)
        asked = np.unique(np.concatenate(changed)) if by_line else None
    return found


def _tell_the_same(before: View, after: View) -> bool:
    """Whether a line that has not changed looks the same to every rule in both texts: it is right, then, in both."""
    return before.has_full_stops == after.has_full_stops and np.array_equal(before.line_languages, after.line_languages)


def _moved(changes: _Changes, part: View, asked: Lines, view: View) -> _Changes:
    """The changes of some lines by themselves as those of the text that the lines are of."""
    lines = part.line_of(changes.edits.starts)
    distances = view.line_starts[asked[np.minimum(lines, len(asked) - 1)]] - part.line_starts[lines]
    return _Changes(changes.edits.moved(distances), changes.rules)


def _stage_changes(view: View, rules: Iterable[Rule], options: NormaliseOptions) -> _Changes | None:
    """What the rules of one stage change; where two would change the same characters, the first does."""
    found: list[Edits] = []
    finders: list[Rule] = []
    for rule in rules:
        if rule.triggers and not view.present & int(rule.triggers):
            continue
        edits = rule.find(view, options)
        if edits:
            found.append(edits if isinstance(edits, Edits) else Edits.of(edits))
            finders.append(rule)
    if not found:
        return None
    edits = Edits.joined(found)
    finder = np.repeat(np.arange(len(found)), [len(part) for part in found])
    numbers = _disjoint(edits, finder)
    return _Changes(edits.take(numbers), [finders[number] for number in finder[numbers].tolist()])


def _disjoint(edits: Edits, finder: Lines) -> Lines:
    """The numbers of the edits by start, without those that touch what the edit of an earlier rule does."""
    # The sort is stable: of edits with one start, the earlier rule's comes first.
    order = np.argsort(edits.starts, kind="stable")
    starts, ends = edits.starts[order], np.maximum(edits.ends, edits.starts + 1)[order]
    if not (starts[1:] < ends[:-1]).any():
        return order
    kept: list[tuple[int, int, int]] = []
    for number, start, end, rank in zip(
        order.tolist(), starts.tolist(), ends.tolist(), finder[order].tolist(), strict=True
    ):
        while kept and start < kept[-1][1]:
            if rank >= kept[-1][2]:
                break
            kept.pop()
        else:
            kept.append((number, end, rank))
    return np.array([number for number, _, _ in kept], np.int64)
