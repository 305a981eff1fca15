"""What there is to tell of a file: its faults, each with its place, and its lines before and after.

Formats are made from this alone; the text of the file is not needed any more.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal, NamedTuple

from mojibake_fix.plan import Fault, Plan, Repair, Step
from mojibake_fix.report.changes import Change, Span, trace

__all__ = ["MOST_FINDINGS", "ChangedLine", "FileReport", "Finding", "Segment", "Status", "report_piece"]

MOST_FINDINGS = 10_000
"""Findings of a file that are told one by one; what more there are is only counted, for memory has an end."""

_WORTH_TELLING = 0.01
"""Least probability of a repair that is told of although it is not made: what is surely no fault is none to report."""

_CONTEXT = 80
"""Most characters of unchanged text that a changed line shows between, before and after its changes."""

Status = Literal["clean", "changed", "skipped", "failed"]


class Finding(NamedTuple):
    """One fault of a file.

    Attributes:
        line, column, end_line, end_column: Its place in the file as it was read, from 1, in code points; the end is
            the first character behind it.
        step: What happened, and its repair; ``step.start`` and ``step.end`` are places of the step's own round.
        made: Whether the repair is made; False where it is only reported.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    step: Step
    made: bool


class Segment(NamedTuple):
    """A part of a line: what it was, what it becomes, and the steps that make it so; none where it stays."""

    before: str
    after: str
    steps: tuple[Step, ...] = ()


class ChangedLine(NamedTuple):
    """A line that changes, in segments; unchanged ones that are long are cut, at ``…``."""

    number: int
    segments: tuple[Segment, ...]


@dataclass(slots=True)
class FileReport:
    """What there is to tell of one file.

    Attributes:
        name: What to call it.
        encoding: Its encoding; None where it was not read.
        status: ``clean`` (nothing to do), ``changed`` (repaired, or to be), ``skipped`` (no text) or ``failed``.
        error: What went wrong, where something did; why it was skipped.
        findings: Faults, in order of their places, as many as are told.
        lines: The lines that change, as many as are told.
        repaired: How many repairs there are, by fault.
        left: How many faults are left alone, by fault.
    """

    name: str
    encoding: str | None = None
    status: Status = "clean"
    error: str | None = None
    findings: list[Finding] = field(default_factory=list)
    lines: list[ChangedLine] = field(default_factory=list)
    repaired: Counter[Fault] = field(default_factory=Counter)
    left: Counter[Fault] = field(default_factory=Counter)

    @property
    def omitted(self) -> int:
        """How many findings are counted but not told."""
        return self.repaired.total() + self.left.total() - len(self.findings)

    def add(self, piece: FileReport) -> None:
        """Add what there is to tell of the next piece of the file."""
        self.repaired += piece.repaired
        self.left += piece.left
        self.findings += piece.findings[: max(MOST_FINDINGS - len(self.findings), 0)]
        self.lines += piece.lines[: max(MOST_FINDINGS - len(self.lines), 0)]
        if piece.status == "changed":
            self.status = "changed"


def report_piece(name: str, text: str, repair: Repair, first_line: int = 1) -> FileReport:
    """Return what there is to tell of one piece of a file.

    Args:
        name: What to call the file.
        text: Text of the piece, lines told apart by line feeds.
        repair: What was done to it, or would be.
        first_line: Number of its first line in the file.
    """
    report = FileReport(name, status="changed" if repair.text != text else "clean")
    told = (step for step in repair.plan.reported if step.confidence >= _WORTH_TELLING)
    plan = Plan(repair.plan.steps, tuple(told))
    report.repaired.update(step.fault for step in plan.steps)
    report.left.update(step.fault for step in plan.reported)
    if not plan.steps and not plan.reported:
        return report
    traced = trace(text, plan)
    starts = _line_starts(text)
    found = [
        *_findings(zip(plan.steps, traced.steps, strict=True), starts, first_line, made=True),
        *_findings(zip(plan.reported, traced.reported, strict=True), starts, first_line, made=False),
    ]
    found.sort(key=lambda finding: (finding.line, finding.column, finding.step.round))
    report.findings = found[:MOST_FINDINGS]
    report.lines = _changed_lines(text, traced.changes, plan.steps, starts, first_line)
    return report


def _line_starts(text: str) -> list[int]:
    lines = text.split("\n")
    return [0, *accumulate(len(line) + 1 for line in lines[:-1])]


def _findings(
    placed: Iterable[tuple[Step, Span]], starts: Sequence[int], first_line: int, *, made: bool
) -> list[Finding]:
    return [
        Finding(*_place(start, starts, first_line), *_place(end, starts, first_line), step, made)
        for step, (start, end) in placed
    ]


def _place(position: int, starts: Sequence[int], first_line: int) -> tuple[int, int]:
    index = bisect_right(starts, position) - 1
    return index + first_line, position - starts[index] + 1


def _changed_lines(
    text: str, changes: Sequence[Change], steps: Sequence[Step], starts: Sequence[int], first_line: int
) -> list[ChangedLine]:
    by_line: dict[int, list[tuple[int, int, Segment]]] = {}
    for change in changes[:MOST_FINDINGS]:
        before, after = text[change.start : change.end], change.after
        why = tuple(steps[number] for number in change.steps)
        position = change.start
        # As many lines before as after: what changes their number is never made.
        for old, new in zip(before.split("\n"), after.split("\n"), strict=True):
            if old != new:
                index = bisect_right(starts, position) - 1
                by_line.setdefault(index, []).append((position, position + len(old), Segment(old, new, why)))
            position += len(old) + 1
    lines = []
    for index, placed in by_line.items():
        start = starts[index]
        end = starts[index + 1] - 1 if index + 1 < len(starts) else len(text)
        lines.append(ChangedLine(index + first_line, tuple(_with_context(text, start, end, placed))))
    return lines


def _with_context(text: str, start: int, end: int, placed: Sequence[tuple[int, int, Segment]]) -> list[Segment]:
    segments: list[Segment] = []
    position = start
    for from_, to, segment in placed:
        segments += _unchanged(text[position:from_], at_start=position == start)
        segments.append(segment)
        position = to
    return segments + _unchanged(text[position:end], at_end=True)


def _unchanged(text: str, *, at_start: bool = False, at_end: bool = False) -> list[Segment]:
    if len(text) > _CONTEXT:
        half = _CONTEXT // 2
        text = ("" if at_start else text[:half]) + "…" + ("" if at_end else text[-half:])
    return [Segment(text, text)] if text else []
