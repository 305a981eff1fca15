"""Reports as lines for people: ``file:line:column: what``."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from mojibake_fix.plan import Fault, Plan, Step, apply_plan

__all__ = ["error_line", "left_alone_lines"]

_EXCERPT = 40


def error_line(error: Exception, name: str) -> str:
    """Return one line that says what went wrong with the input or output called ``name``."""
    if isinstance(error, OSError):
        return f"{error.filename or name}: {error.strerror or error}"
    return str(error)


def left_alone_lines(name: str, text: str, plan: Plan) -> Iterator[str]:
    """Yield a line for each fault that was found in ``text`` but not repaired.

    Args:
        name: What to call the text.
        text: The text as it was before the plan was applied.
        plan: What was found in it.
    """
    for round_ in sorted({step.round for step in plan.reported}):
        earlier = Plan(tuple(step for step in plan.steps if step.round < round_))
        line_starts = _line_starts(apply_plan(text, earlier))
        for step in plan.reported:
            if step.round == round_:
                line = bisect_right(line_starts, step.start)
                column = step.start - line_starts[line - 1] + 1
                yield f"{name}:{line}:{column}: {_reason(step)}: {_excerpt(step.before)}"


def _line_starts(text: str) -> list[int]:
    lines = text.split("\n")
    return [0, *accumulate(len(line) + 1 for line in lines[:-1])]


def _reason(step: Step) -> str:
    if step.fault is Fault.BEYOND_REPAIR:
        return "beyond repair"
    return f"left as it was, {step.confidence:.0%} sure of {_excerpt(step.after)} ({step.fault.value})"


def _excerpt(text: str) -> str:
    shown = text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"
    return shown.replace("\r", "␍").replace("\n", "␊")
