"""How far a run is, on standard error: on a terminal, and only once it has taken a while."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["ProgressLine"]

_PATIENCE = 1.0
"""Seconds after which somebody who watches wants to know."""


class ProgressLine:
    """A bar of bytes done; a context manager.

    Args:
        total: Bytes there are to do; None where that is unknown.
        wanted: Whether to show it, from the beginning; None shows it on a terminal if the run is slow.
    """

    def __init__(self, total: int | None, wanted: bool | None) -> None:
        self._total = total
        self._done = 0
        self._enabled = wanted if wanted is not None else bool(sys.stderr and sys.stderr.isatty())
        self._shown_from = time.monotonic() + (0.0 if wanted else _PATIENCE)
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def advance(self, size: int, name: str) -> None:
        """Count ``size`` more bytes, of the file called ``name``."""
        self._done += size
        if not self._enabled or (self._bar is None and time.monotonic() < self._shown_from):
            return
        if self._bar is None:
            self._bar = self._start()
        if self._task is None:
            self._task = self._bar.add_task(name, total=self._total)
        self._bar.update(self._task, completed=self._done, description=name)

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _start(self) -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

        text = TextColumn("{task.description}", markup=False)
        bar = Progress(text, BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=Console(stderr=True))
        bar.start()
        return bar
