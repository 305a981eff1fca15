"""Where each result goes: to standard output, into one file, or into a folder.  Writes nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from mojibake_fix.errors import OutputError
from mojibake_fix.files.looking import is_folder
from mojibake_fix.files.sources import Source

__all__ = ["plan_destinations"]

_STDOUT_MARK = "-"


def plan_destinations(sources: Sequence[Source], output: str | None) -> list[Path | None]:
    """Return where the result of each of ``sources`` goes; None is standard output.

    Args:
        sources: The inputs, in order.
        output: None or ``-`` for standard output; a folder (one that exists, or ends in a slash) for a file of
            the same name in it, which keeps its place below a folder that was named; else the one file to write.

    Raises:
        OutputError: Two results would go to one file, or standard input has no name to go by in a folder.
    """
    if output is None or output == _STDOUT_MARK:
        return [None] * len(sources)
    if not _is_folder(output):
        if len(sources) > 1:
            raise OutputError(f"{output}: one file cannot take {len(sources)} results: give a folder, as in {output}/")
        return [Path(output)] * len(sources)
    return _within(Path(output), sources)


def _is_folder(output: str) -> bool:
    return output.endswith(os.sep) or (os.altsep is not None and output.endswith(os.altsep)) or is_folder(Path(output))


def _within(folder: Path, sources: Sequence[Source]) -> list[Path | None]:
    taken: dict[Path, Source] = {}
    for source in sources:
        if source.path is None:
            raise OutputError(f"{folder}: standard input has no file name: give a file for its result")
        destination = folder / (source.within or source.path.name)
        if destination in taken:
            raise OutputError(
                f"{destination}: the results of {taken[destination].name} and {source.name} would both go there: "
                "give each a folder of its own"
            )
        taken[destination] = source
    return list(taken)
