"""What to read: the paths that the caller named, or standard input.  Opens nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["STDIN", "Source", "find_sources"]

_STDIN_MARK = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """One input.

    Attributes:
        name: What messages call it: the path as it was given.
        path: Where it is; None is standard input.
    """

    name: str
    path: Path | None


STDIN = Source("<stdin>", None)


def find_sources(paths: Iterable[str]) -> list[Source]:
    """Return the inputs that ``paths`` name, in order, each once.

    ``-`` is standard input, and so is naming nothing.  Whether a path can be read shows when it is read.
    """
    named = dict.fromkeys(STDIN if path == _STDIN_MARK else Source(path, Path(path)) for path in paths)
    return list(named) or [STDIN]
