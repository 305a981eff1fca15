"""What a change must never break, however sure it is: lines, JSON that was valid, and (by style) a table's columns.

A step that would is taken out of the plan, the steps that rest on it go with it, and both are reported; the other
steps are made as planned.  What is damage and how it is undone is not decided here.
"""

from __future__ import annotations

import itertools
import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import NamedTuple

from mojibake_fix.overlaps import overlapping
from mojibake_fix.plan import Fault, Plan, Repair, Step, apply_plan

__all__ = ["keep_structure", "without"]

Judge = Callable[[str], Callable[[Step], bool]]
"""Of the text that a round starts from: which of the steps in it are bad."""

_LINES = re.compile("[\n\r]")
_JSON_SYNTAX = re.compile(r'["\\\x00-\x1f]')
_JSON_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*(?:"|$)', re.MULTILINE)
_JSON_OUTLINE = re.compile(r'[\s{}\[\]:,"0-9+\-.Ea-z]*')
_TABLE_SYNTAX = re.compile(r'[,;|\t"]')
_TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".psv", ".tab"})
_JSON_SUFFIXES = frozenset(
    {".json", ".jsonl", ".ndjson", ".jsonlines", ".geojson", ".topojson", ".ipynb", ".har", ".webmanifest", ".map"}
)


def keep_structure(text: str, repair: Repair, name: str) -> Repair:
    """Return ``repair`` without the steps that would change the number of lines, make valid JSON invalid, or only for
    style change what may separate or quote the fields of a table.

    Args:
        text: The text that was repaired; its newlines are line feeds.
        repair: What the engine would do.
        name: Name of the file, by which tables are known, and JSON too large to be read in one piece.
    """
    if repair.text.count("\n") != text.count("\n") or "\r" in repair.text:
        repair = without(text, repair, lambda _: _changes(_LINES))
    if PurePath(name).suffix.lower() in _TABLE_SUFFIXES:
        repair = without(text, repair, lambda _: _restyles_a_separator)
    if repair.plan.steps and _breaks_json(text, repair.text, name):
        repair = without(text, repair, _breaks_a_string)
    return repair


def without(text: str, repair: Repair, judge: Judge) -> Repair:
    """Return ``repair`` without the steps that ``judge`` calls bad and those of later rounds that touch their place."""
    made: list[Step] = []
    left: list[Step] = []
    holes: list[_Hole] = []
    current = text
    for _, steps in itertools.groupby(repair.plan.steps, key=lambda step: step.round):
        first = len(made)
        holes = _one_round(tuple(steps), holes, judge(current), made, left)
        current = apply_plan(current, Plan(tuple(made[first:])))
    return Repair(current, Plan(tuple(made), (*repair.plan.reported, *left)))


def _changes(syntax: re.Pattern[str]) -> Callable[[Step], bool]:
    return lambda step: syntax.findall(step.before) != syntax.findall(step.after)


def _restyles_a_separator(step: Step) -> bool:
    return step.fault is Fault.STYLE and _changes(_TABLE_SYNTAX)(step)


def _breaks_a_string(text: str) -> Callable[[Step], bool]:
    """Tell steps that change quotes or escapes of the JSON in ``text``, or anything outside its strings."""
    changes_syntax = _changes(_JSON_SYNTAX)
    # A piece of a long line may begin inside a string.
    opening = next((quote for quote in ("", '"') if _JSON_OUTLINE.fullmatch(_outline(quote + text))), None)
    if opening is None:
        return changes_syntax
    whole = opening + text
    strings = [found.span() for found in _JSON_STRING.finditer(whole)]
    ends = [end for _, end in strings]

    def is_bad(step: Step) -> bool:
        start, end = step.start + len(opening), step.end + len(opening)
        touched = strings[bisect_right(ends, start) : bisect_left(strings, (end, 0))]
        first = min([start, *(string_start for string_start, _ in touched[:1])])
        last = max([end, *(string_end for _, string_end in touched[-1:])])
        after = whole[first:start] + step.after + whole[end:last]
        return changes_syntax(step) or _outline(whole[first:last]) != _outline(after)

    return is_bad


def _outline(text: str) -> str:
    return _JSON_STRING.sub('""', text)


def _breaks_json(before: str, after: str, name: str) -> bool:
    is_named_so = PurePath(name).suffix.lower() in _JSON_SUFFIXES
    if not is_named_so and before.lstrip("\ufeff \t\n")[:1] not in ("{", "["):
        return False
    if _is_json(before):
        return not _is_json(after) or _outline(before) != _outline(after)
    pairs = [pair for pair in zip(before.split("\n"), after.split("\n"), strict=True) if pair[0] != pair[1]]
    valid = [_is_json(line) for line, _ in pairs]
    if all(valid):
        return not all(_is_json(line) and _outline(old) == _outline(line) for old, line in pairs)
    # A part of a document, or one that was invalid already: what is certain is that its quotes stay.
    return is_named_so or any(valid)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


class _Hole(NamedTuple):
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
        if outer or any(map(is_bad, moved)):
            start, end = group[0].start, max(item.end for item in group)
            kept = end - start + sum(hole.shift for hole in outer)
            after.append(_Hole(start + growth, end + growth + change, kept))
            shift += kept - (end - start)
            left += moved
        else:
            made += moved
        growth += change
    return after
