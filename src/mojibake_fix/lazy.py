"""Patterns that are compiled when they are first used: a start does not pay for those that it has no use for.

Each character of a range takes 80 ns to compile, and a range of ideographs is two thousand times that; a large range of
the BMP is compiled sooner as what it is not.
"""

from __future__ import annotations

import re
from typing import Any, cast

__all__ = ["lazy_pattern"]


class _LazyPattern:
    """What a pattern can do, taken from the pattern when it is first asked for."""

    def __init__(self, source: str, flags: int) -> None:
        self._arguments = source, flags

    def __getattr__(self, name: str) -> Any:
        # The module keeps what it has compiled, and found here, an attribute is not asked for again.
        method = self.__dict__[name] = getattr(re.compile(*self._arguments), name)
        return method


def lazy_pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """Return what does as ``re.compile(source, flags)`` does; what is no pattern is an error when it is used."""
    return cast("re.Pattern[str]", _LazyPattern(source, flags))
