"""A plan of several rounds seen from the text that it began with: what each place of it becomes in the end."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mojibake_fix.overlaps import overlapping
from mojibake_fix.plan import Plan, Step, apply_plan

__all__ = ["Change", "Trace", "trace"]

Span = tuple[int, int]


class Change(NamedTuple):
    """``text[start:end]`` of the original becomes ``after``, by the steps of the plan with these numbers."""

    start: int
    end: int
    after: str
    steps: tuple[int, ...]


class Trace(NamedTuple):
    """All changes in order, and where in the original each step that is made, and each that is not, has its place."""

    changes: tuple[Change, ...]
    steps: tuple[Span, ...]
    reported: tuple[Span, ...]


class _Located(NamedTuple):
    """A change, and the span of the text of some round that it has made."""

    start: int
    end: int
    change: Change


def trace(text: str, plan: Plan) -> Trace:
    """Return where the steps of ``plan`` have their places in ``text``, and what they make of it together."""
    changes: list[Change] = []
    spans: list[Span] = []
    current = text
    rounds: dict[int, tuple[str, list[_Located]]] = {}
    for number, steps in itertools.groupby(plan.steps, key=lambda step: step.round):
        located = list(_locate(changes))
        rounds[number] = current, located
        these = tuple(steps)
        first = len(spans)
        spans += [_origin(step.start, step.end, located) for step in these]
        changes = list(_advance(current, these, located, first))
        current = apply_plan(current, Plan(these))
    final = current, list(_locate(changes))
    reported = []
    for step in plan.reported:
        seen, located = rounds.get(step.round, final)
        if seen[step.start : step.end] != step.before:
            seen, located = final
        reported.append(_origin(step.start, step.end, located))
    return Trace(tuple(changes), tuple(spans), tuple(reported))


def _locate(changes: Sequence[Change]) -> Iterator[_Located]:
    shift = 0
    for change in changes:
        start = change.start + shift
        yield _Located(start, start + len(change.after), change)
        shift += len(change.after) - (change.end - change.start)


def _origin(start: int, end: int, located: Sequence[_Located]) -> Span:
    """The span of the original that ``start`` to ``end`` comes from; of a change that it touches, all."""
    index = bisect_right(located, start, key=lambda place: place.end)
    shift = located[index - 1].change.end - located[index - 1].end if index else 0
    first = start + shift
    if index < len(located) and located[index].start < end:
        first = min(first, located[index].change.start)
    while index < len(located) and located[index].start < end:
        end = max(end, located[index].end)
        shift = located[index].change.end - located[index].end
        index += 1
    return first, end + shift


def _advance(current: str, steps: Sequence[Step], located: Sequence[_Located], first: int) -> Iterator[Change]:
    """The changes after one more round: earlier ones that a step touches become one with it."""
    shift = 0  # from a place in the text of this round to where it was in the original
    numbered = {id(step): first + number for number, step in enumerate(steps)}
    items: tuple[Step | _Located, ...] = (*steps, *located)
    for group in overlapping(items):
        start, end = group[0].start, max(item.end for item in group)
        earlier = [item for item in group if isinstance(item, _Located)]
        made = [item for item in group if isinstance(item, Step)]
        origin = start + shift
        if earlier:
            shift = earlier[-1].change.end - earlier[-1].end
            if isinstance(group[0], _Located):
                origin = group[0].change.start
        pieces: list[str] = []
        position = start
        for step in made:
            pieces += (current[position : step.start], step.after)
            position = step.end
        pieces.append(current[position:end])
        old = tuple(number for item in earlier for number in item.change.steps)
        new = tuple(numbered[id(step)] for step in made)
        yield Change(origin, end + shift, "".join(pieces), (*old, *new))
