"""Run the rules that are asked for, in order and until nothing changes, and make a plan of their changes.

The normalised text is the plan applied.  Not for what a rule changes: :mod:`mojibake_fix.normalise.rules`.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mojibake_fix.normalise.edits import Edit, Edits
from mojibake_fix.normalise.options import NormaliseOptions
from mojibake_fix.normalise.rules import Rule, chosen_rules
from mojibake_fix.normalise.view import View
from mojibake_fix.plan import Fault, Plan, Repair, Step

__all__ = ["normalise", "normalise_and_explain"]

_MOST_PASSES = 6
"""The rules run until nothing changes, which makes them idempotent together: two passes do for nearly all text."""

_MANY = 0.5
"""Share of a text's lines from which all are looked at again: to take the lines out costs what looking at half does."""

Numbers = npt.NDArray[np.int64]


def normalise(text: str, options: NormaliseOptions | None = None, **changes: Any) -> str:
    """Return ``text`` in the form asked for; the same object where it is in that form.

    Args:
        text: Any string, a whole document at best: what it is written in is judged line by line, and by all of it.
        options: What to unify; ``changes`` are its fields, by name, and win.  By default nothing.

    Raises:
        ConfigError: An option that does not exist, or whose value cannot be used; or ``script`` without OpenCC.
    """
    last = deque(_rounds(text, NormaliseOptions.of(options, changes)), maxlen=1)
    return last[0].behind.text if last else text


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
            for (start, end, after), rule in this.changes
        ]
        current = this.behind.text
    return Repair(current, Plan(tuple(steps)))


@dataclass(frozen=True, slots=True)
class _Changes:
    """Edits by start, disjoint, each with its rule: ``rules[finders[i]]``."""

    edits: Edits
    finders: Numbers
    rules: list[Rule]

    def __iter__(self) -> Iterator[tuple[Edit, Rule]]:
        return zip(self.edits, map(self.rules.__getitem__, self.finders.tolist()), strict=True)


@dataclass(frozen=True, slots=True)
class _Round:
    """What changes, and the text behind that."""

    changes: _Changes
    behind: View


def _rounds(text: str, options: NormaliseOptions) -> Iterator[_Round]:
    """The rounds that change something: stage by stage, and all stages again until none does."""
    rules = tuple(chosen_rules(options))
    if not rules or not text:
        return
    view = View.of(text)
    asked, part = None, view
    for _ in range(_MOST_PASSES):
        texts, changed = [view], []
        for _, stage in itertools.groupby(rules, key=operator.attrgetter("stage")):
            changes = _stage_changes(part, stage, options)
            if changes is not None:
                changes = changes if asked is None else _moved(changes, part, asked, view)
                changed.append(changes.edits)
                view = view.changed(changes.edits)
                texts.append(view)
                yield _Round(changes, view)
                part = view if asked is None else view.only(asked)
        if not changed:
            break
        if options.source is not None:
            # What is known to be in one script is not in it any more.
            rules = tuple(rule for rule in rules if rule.option != "script")
        asked, part = _left_to_look_at(texts, changed, rules)


def _left_to_look_at(
    texts: Sequence[View], changed: Sequence[Edits], rules: Iterable[Rule]
) -> tuple[Numbers | None, View]:
    """The numbers of the lines that changed, and a view of them; None and all, where they are not enough or many.

    Args:
        texts: What there was before each change and behind the last.
        changed: The edits that made each of the others of the one before.
        rules: What is asked again.
    """
    first, last = texts[0], texts[-1]
    numbers = [text.line_of(edits.starts) for text, edits in zip(texts, changed, strict=False)]
    marks = np.zeros(len(first.line_starts), np.bool_)
    for each in numbers:
        marks[each] = True
    if marks.mean() >= _MANY:
        return None, last
    lines = np.flatnonzero(marks)
    if len(changed) == 1:
        # Only the lines that changed are looked up, and not all of the text once more.
        part = first.only_changed(lines, changed[0], (np.cumsum(marks) - 1)[numbers[0]], last)
    else:
        same = all(itertools.starmap(_tell_the_same, itertools.pairwise(texts)))
        part = last.only(lines) if same else None
    if part is None:
        return None, last
    present = functools.reduce(operator.or_, (text.present for text in texts[: len(changed)]), part.present)
    if any(present & rule.triggers and not rule.by_line for rule in rules):
        return None, last
    return lines, part


def _tell_the_same(before: View, after: View) -> bool:
    """Whether a line that has not changed looks the same to every rule in both texts: it is right, then, in both."""
    return before.has_full_stops == after.has_full_stops and np.array_equal(before.line_languages, after.line_languages)


def _moved(changes: _Changes, part: View, asked: Numbers, view: View) -> _Changes:
    """The changes of some lines by themselves as those of the text that the lines are of."""
    lines = part.line_of(changes.edits.starts)
    distances = view.line_starts[asked[np.minimum(lines, len(asked) - 1)]] - part.line_starts[lines]
    return _Changes(changes.edits.moved(distances), changes.finders, changes.rules)


def _stage_changes(view: View, rules: Iterable[Rule], options: NormaliseOptions) -> _Changes | None:
    """What the rules of one stage change; where two would change the same characters, the first does."""
    found: list[Edits] = []
    rules_of_them: list[Rule] = []
    for rule in rules:
        if rule.triggers and not view.present & rule.triggers:
            continue
        edits = rule.find(view, options)
        if edits:
            found.append(edits if isinstance(edits, Edits) else Edits.of(edits))
            rules_of_them.append(rule)
    if not found:
        return None
    edits = Edits.joined(found)
    finder = np.repeat(np.arange(len(found)), [len(part) for part in found])
    numbers = _disjoint(edits, finder)
    return _Changes(edits.take(numbers), finder[numbers], rules_of_them)


def _disjoint(edits: Edits, finder: Numbers) -> Numbers:
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
