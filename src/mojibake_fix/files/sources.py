"""What to read: the paths that the caller named, the files of named folders, or standard input.  Opens no text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from mojibake_fix.files.discovery import Selection, is_excluded, walk
from mojibake_fix.files.looking import is_folder

__all__ = ["STDIN", "Source", "find_sources"]

_STDIN_MARK = "-"


class Source(NamedTuple):
    """One input.

    Attributes:
        name: What messages call it: the path as it was given.
        path: Where it is; None is standard input.
        within: Its place below the folder that was named; None if it was named itself.
    """

    name: str
    path: Path | None
    within: Path | None = None


STDIN = Source("<stdin>", None)


def find_sources(
    paths: Iterable[str], selection: Selection | None = None, stdin_name: str | None = None
) -> list[Source]:
    """Return the inputs that ``paths`` name, in order, each once.

    ``-`` is standard input, and so is naming nothing.  Files of a folder come in the order of their names.
    Whether a path can be read shows when it is read.

    Args:
        paths: Files, folders and ``-``.
        selection: Which files of a folder to leave out; None leaves out nothing but unfinished files of our own.
        stdin_name: What messages call standard input.
    """
    chosen = selection or Selection()
    stdin = STDIN if stdin_name is None else Source(stdin_name, None)
    named = list(paths) or [_STDIN_MARK]
    found: dict[Path | None, Source] = {}
    for path in named:
        for source in _named_by(path, chosen, stdin):
            found.setdefault(source.path, source)
    return list(found.values())


def _named_by(path: str, selection: Selection, stdin: Source) -> Iterator[Source]:
    if path == _STDIN_MARK:
        yield stdin
    elif is_folder(Path(path)):
        root = Path(path)
        for file in walk(root, selection):
            yield Source(str(file), file, file.relative_to(root))
    elif not (selection.force and is_excluded(Path(path), selection)):
        yield Source(path, Path(path))
