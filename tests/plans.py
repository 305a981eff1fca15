"""Plans of a few rounds over a short text, for properties of what takes plans apart and puts them together."""

from __future__ import annotations

from hypothesis import strategies as st

from mojibake_fix.plan import Fault, Plan, Step, apply_plan

__all__ = ["plans"]


@st.composite
def plans(draw: st.DrawFn) -> tuple[str, Plan]:
    """A text, and a plan that applies to it."""
    text = current = draw(st.text("abc", max_size=20))
    steps: list[Step] = []
    for number in range(draw(st.integers(0, 4))):
        ends = sorted(draw(st.lists(st.integers(0, len(current)), max_size=8, unique=True)))
        these = [
            Step(start, end, current[start:end], draw(st.text("xyz", max_size=4)), Fault.MISREAD, round=number)
            for start, end in zip(ends[::2], ends[1::2], strict=False)
        ]
        steps += these
        current = apply_plan(current, Plan(tuple(these)))
    return text, Plan(tuple(steps))
