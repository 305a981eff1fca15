"""How far a run is, on standard error: on a terminal, and only once it has taken a while."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["ProgressLine"]

_PATIENCE = 1.0
"""Seconds after which somebody who watches wants to know."""


class ProgressLine:
    """A bar of bytes done, gone again in the end; a context manager.

    Args:
        total: Bytes there are to do; None where that is unknown.
        wanted: Whether to show it, from the beginning; None shows it on a terminal if the run is slow.
    """

    def __init__(self, total: int | None, wanted: bool | None) -> None:
        self._total = total
        self._at_once = bool(wanted)
        self._wanted = _is_terminal(sys.stderr) if wanted is None else wanted
        # By a clock of its own, for one piece may take long, too.
        self._timer = threading.Timer(_PATIENCE, self._show)
        self._timer.daemon = True
        # A signal may end what holds it before it lets go of it, and the end of the run needs it once more.
        self._lock = threading.RLock()
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._done = 0
        self._name = ""

    def advance(self, size: int, name: str) -> None:
        """Count ``size`` more bytes, of the file called ``name``."""
        with self._lock:
            self._done += size
            self._name = name
            if self._bar is not None and self._task is not None:
                self._bar.update(self._task, completed=self._done, description=name)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let something else be written to the terminal that it is on."""
        with self._lock:
            bar = self._bar if _is_terminal(sys.stdout) else None
            if bar is None:
                yield
                return
            bar.stop()
            try:
                yield
            finally:
                bar.start()

    def __enter__(self) -> ProgressLine:
        if self._at_once:
            self._show()
        elif self._wanted:
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            self._wanted = False
            if self._bar is not None:
                self._bar.stop()

    def _show(self) -> None:
        # 60 ms to import.
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

        with self._lock:
            if not self._wanted:
                return
            console = Console(stderr=True)
            self._bar = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                DownloadColumn(),
                TimeRemainingColumn(),
                console=console,
                transient=console.is_terminal,
                redirect_stdout=False,
            )
            self._task = self._bar.add_task(self._name, total=self._total, completed=self._done)
            self._bar.start()


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()
