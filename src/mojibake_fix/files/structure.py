"""What a repair must never break, however sure it is: the lines of a file, and JSON that was valid.

A step that would is taken out of the plan, the steps that rest on it go with it, and both are reported; the other
steps are made as planned.  What is damage and how it is undone is not decided here.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from mojibake_fix.overlaps import overlapping
from mojibake_fix.plan import Plan, Repair, Step, apply_plan

__all__ = ["keep_structure", "without"]

_LINES = re.compile("[\n\r]")
_JSON_SYNTAX = re.compile(r'["\\\x00-\x1f]')
_JSON_SUFFIXES = frozenset(
    {".json", ".jsonl", ".ndjson", ".jsonlines", ".geojson", ".topojson", ".ipynb", ".har", ".webmanifest", ".map"}
)


def keep_structure(text: str, repair: Repair, name: str) -> Repair:
    """Return ``repair`` without the steps that would change the number of lines, or make valid JSON invalid.

    Args:
        text: The text that was repaired; its newlines are line feeds.
        repair: What the engine would do.
        name: Name of the file, by which JSON too large to be read in one piece is known.
    """
    if repair.text.count("\n") != text.count("\n") or "\r" in repair.text:
        repair = without(text, repair, _changes(_LINES))
    if not repair.plan.steps:
        return repair
    if _breaks_json(text, repair.text, name):
        repair = without(text, repair, _changes(_JSON_SYNTAX))
    return repair


def without(text: str, repair: Repair, is_bad: Callable[[Step], bool]) -> Repair:
    """Return ``repair`` without the steps that ``is_bad`` names and those of later rounds that touch their place."""
    made: list[Step] = []
    left: list[Step] = []
    holes: list[_Hole] = []
    for _, steps in itertools.groupby(repair.plan.steps, key=lambda step: step.round):
        holes = _one_round(tuple(steps), holes, is_bad, made, left)
    plan = Plan(tuple(made), (*repair.plan.reported, *left))
    return Repair(apply_plan(text, plan), plan)


def _changes(syntax: re.Pattern[str]) -> Callable[[Step], bool]:
    return lambda step: syntax.findall(step.before) != syntax.findall(step.after)


def _breaks_json(before: str, after: str, name: str) -> bool:
    is_named_so = PurePath(name).suffix.lower() in _JSON_SUFFIXES
    if not is_named_so and before.lstrip("\ufeff \t\n")[:1] not in ("{", "["):
        return False
    if _is_json(before):
        return not _is_json(after)
    pairs = [pair for pair in zip(before.split("\n"), after.split("\n"), strict=True) if pair[0] != pair[1]]
    valid = [_is_json(line) for line, _ in pairs]
    if all(valid):
        return not all(_is_json(line) for _, line in pairs)
    # A part of a document, or one that was invalid already: what is certain is that its quotes stay.
    return is_named_so or any(valid)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Hole:
    """A place where the text stays other than planned: its span as planned, and its length as it stays."""

    start: int
    end: int
    kept: int

    @property
    def shift(self) -> int:
        return self.kept - (self.end - self.start)


def _one_round(
    steps: Sequence[Step], holes: Sequence[_Hole], is_bad: Callable[[Step], bool], made: list[Step], left: list[Step]
) -> list[_Hole]:
    """File each step as made or left, with its place in the text as it is; return the holes for the next round."""
    after: list[_Hole] = []
    growth = 0  # of the text as planned, by the steps so far
    shift = 0  # of the text as it is against the text as planned, by the holes so far
    items: tuple[Step | _Hole, ...] = (*steps, *holes)
    for group in overlapping(items):
        inner = [item for item in group if isinstance(item, Step)]
        outer = [item for item in group if isinstance(item, _Hole)]
        change = sum(len(step.after) - len(step.before) for step in inner)
        moved = [replace(step, start=step.start + shift, end=step.end + shift) for step in inner]
        if outer or any(map(is_bad, inner)):
            start, end = group[0].start, max(item.end for item in group)
            kept = end - start + sum(hole.shift for hole in outer)
            after.append(_Hole(start + growth, end + growth + change, kept))
            shift += kept - (end - start)
            left += moved
        else:
            made += moved
        growth += change
    return after
