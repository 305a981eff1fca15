"""Spans that touch one another, grouped: what has to be dealt with together when plans are taken apart or joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

__all__ = ["Spanning", "overlapping"]


class Spanning(Protocol):
    """Anything with a half-open span."""

    @property
    def start(self) -> int:
        """First position."""

    @property
    def end(self) -> int:
        """Position behind the last."""


_Item = TypeVar("_Item", bound=Spanning)


def overlapping(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Yield ``items`` in groups, in order of their starts: those that overlap, directly or through others, together.

    Spans that only meet end to start stay apart.
    """
    group: list[_Item] = []
    end = 0
    for item in sorted(items, key=lambda item: (item.start, item.end)):
        if group and item.start >= end:
            yield group
            group = []
        end = max(end, item.end) if group else item.end
        group.append(item)
    if group:
        yield group
