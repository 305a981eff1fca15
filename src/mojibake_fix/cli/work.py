"""What a process does with one piece of a file, and many processes doing so, the results in order.

What is sent to a worker and back is data alone: the model is mapped from its file, so that all share one copy.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from mojibake_fix.config import Config
from mojibake_fix.errors import MojibakeFixError

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from types import FrameType

    from mojibake_fix.files import Piece
    from mojibake_fix.normalise import NormaliseOptions
    from mojibake_fix.report import FileReport

__all__ = ["Result", "Task", "WorkerLostError", "do", "in_order", "in_worker", "workers"]

_AHEAD = 3
"""Pieces that wait for each worker: enough to keep it busy, few enough to keep memory flat."""

_Key = TypeVar("_Key")
_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class WorkerLostError(MojibakeFixError):
    """A process that worked for this one has ended before its time."""


class Task(NamedTuple):
    """One piece of a file, and what to do with it."""

    piece: Piece
    name: str
    encoding: str
    output_encoding: str
    config: Config
    style: NormaliseOptions | None
    named: bool
    wants_diff: bool


class Result(NamedTuple):
    """What became of a piece of ``size`` bytes: its bytes now, what to tell, a diff if wanted; or what went wrong."""

    size: int
    data: bytes = b""
    changed: bool = False
    report: FileReport | None = None
    diff: str = ""
    error: str | None = None
    trace: str | None = None


def do(task: Task) -> Result:
    """Do one piece.  Whatever goes wrong is told, and never ends the others' work."""
    from mojibake_fix.files import repair_piece
    from mojibake_fix.report import report_piece
    from mojibake_fix.report.diff import unified_diff

    size = len(task.piece.data)
    try:
        done = repair_piece(
            task.piece,
            task.name,
            task.encoding,
            task.output_encoding,
            task.config,
            task.style,
            named=task.named,
        )
        report = report_piece(task.name, done.text, done.repair, task.piece.line)
        diff = "".join(unified_diff(task.name, done.before, done.after, task.piece.line)) if task.wants_diff else ""
        return Result(size, done.data, done.data != task.piece.data, report, diff)
    except MojibakeFixError as error:
        return Result(size, error=str(error))
    except Exception as error:
        import traceback

        # A defect of ours: of many files, all but this one are still done, and this one stays as it is.
        what = f"{task.name}: internal error, left alone: {type(error).__name__}: {error}"
        return Result(size, error=what, trace=traceback.format_exc())


@contextmanager
def workers(jobs: int) -> Iterator[Executor | None]:
    """Give ``jobs`` processes to work in, one for each processor where it is 0; None for this one alone.

    Raises:
        WorkerLostError: One of them has ended; what it worked on is as it was.
    """
    count = jobs or os.cpu_count() or 1
    if count == 1:
        yield None
        return
    # 20 ms to import, which work on one file can do without.
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if "forkserver" in methods:
        # The server imports the engine once, and workers begin as copies of it.
        context.set_forkserver_preload(["mojibake_fix.engine", "mojibake_fix.files", "mojibake_fix.report.diff"])
    pool = ProcessPoolExecutor(count, context, initializer=_begin)
    try:
        yield pool
    except BrokenProcessPool as error:
        raise WorkerLostError("a worker process ended unexpectedly") from error
    except BaseException:
        # They put back what they hold, so that nothing is lost with them.
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        # Not left to the interpreter's end, which may find the pool's pipe closed and write a traceback.
        pool.shutdown(cancel_futures=True)


def in_order(
    tasks: Iterable[tuple[_Key, Task | None]], pool: Executor | None, work: Callable[[Task], Result] = do
) -> Iterator[tuple[_Key, Result | None]]:
    """Yield the result of each task under its key, in the order of the tasks; None where there is none to do."""
    if pool is None:
        for key, task in tasks:
            yield key, None if task is None else work(task)
        return
    ahead = _AHEAD * (getattr(pool, "_max_workers", None) or 1)
    waiting: deque[tuple[_Key, Callable[[], Result | None]]] = deque()
    for key, task in tasks:
        waiting.append((key, _nothing if task is None else pool.submit(in_worker, work, task).result))
        if len(waiting) > ahead:
            first, result = waiting.popleft()
            yield first, result()
    for first, result in waiting:
        yield first, result()


def in_worker(work: Callable[[_Task], _Result], task: _Task) -> _Result:
    """Do a task in a worker.  One that is told to end does so when what it has begun to write is gone again."""
    try:
        return work(task)
    except SystemExit as end:
        os._exit(int(end.code or 0))


def _nothing() -> None:
    return None


def _begin() -> None:
    """Leave interrupts to the parent, and end when it does, however it ends."""
    import multiprocessing
    import signal
    import threading

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
