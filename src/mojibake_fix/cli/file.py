"""One file on its way through a run: opened, cut into tasks, put together again, and put in its place.

Nothing of a result is to be seen before all of it is there; what fails leaves the file as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, NamedTuple

from mojibake_fix.cli.streams import write_stdout
from mojibake_fix.cli.work import Result, Task
from mojibake_fix.config import Config
from mojibake_fix.encodings import text_encoding
from mojibake_fix.errors import MojibakeFixError
from mojibake_fix.files import BYTE_ORDER_MARKS, AtomicFile, Input, Source, open_input, scratch
from mojibake_fix.report import FileReport, error_line

if TYPE_CHECKING:
    from mojibake_fix.normalise import NormaliseOptions

__all__ = ["FileRun", "Mode", "RunOptions"]

Mode = Literal["stdout", "output", "write", "check", "explain"]

_COPIED_AT_ONCE = 1 << 20


class RunOptions(NamedTuple):
    """What a run does with each file.

    Attributes:
        mode: Where results go; ``check`` and ``explain`` only tell of them.
        config: What to repair.
        style: What to normalise; None nothing.
        encoding: Encoding of the inputs; None goes by each input.
        output_encoding: Encoding of the results; None keeps each input's.
        output_marked: Whether results begin with a byte order mark, whatever their inputs do.
        diff: Whether to show a diff.
        format: What to tell in; None for what the mode tells by itself.
        backup_suffix: What a copy of the old content ends in; None makes none.
        jobs: Processes to work in; 0 for one a processor.
        max_size: Most bytes of an input.
        progress: Whether to show it; None on a terminal if it is slow.
        fails_on_fix: Whether a repair makes the exit code 1.
        quiet, verbose: Whether to say less, or more.
    """

    mode: Mode
    config: Config
    style: NormaliseOptions | None = None
    encoding: str | None = None
    output_encoding: str | None = None
    output_marked: bool = False
    diff: bool = False
    format: str | None = None
    backup_suffix: str | None = None
    jobs: int = 1
    max_size: int | None = None
    progress: bool | None = None
    fails_on_fix: bool = False
    quiet: bool = False
    verbose: bool = False


class FileRun:
    """One file of a run.

    Attributes:
        source: What it is.
        report: What there is to tell of it so far.
        trace: Where our own code failed, if it did.
        other_names: How many hard links there are beside the name that was given.
    """

    def __init__(self, source: Source, destination: Path | None, options: RunOptions) -> None:
        self.source = source
        self.report = FileReport(source.name)
        self.trace: str | None = None
        self.other_names = 0
        self._destination = source.path if options.mode == "write" else destination
        self._options = options
        self._stack = ExitStack()
        self._opened: Input | None = None
        self._writer: AtomicFile | None = None
        self._spool: BinaryIO | None = None
        self._unchanged = 0
        self._mark = b""
        self._diff_begun = False

    def tasks(self) -> Iterator[Task]:
        """Open it and yield what there is to do, in order; what prevents that is noted."""
        options = self._options
        try:
            opened = self._open()
            if opened.binary:
                self.report.status, self.report.error = "skipped", "binary file"
                return
            self._prepare(opened)
            output = options.output_encoding or opened.output_encoding
            for piece in opened.pieces():
                yield Task(
                    piece,
                    self.source.name,
                    opened.encoding,
                    output,
                    options.config,
                    options.style,
                    opened.named,
                    options.diff,
                )
                if self.report.status == "failed":
                    return
        except (OSError, MojibakeFixError) as error:
            self.fail(error_line(error, self.source.name))

    def take(self, result: Result) -> None:
        """Take the result of the next piece."""
        if self.report.status == "failed":
            return
        if result.report is None:
            self.trace = result.trace
            self.fail(result.error or "")
            return
        try:
            self.report.add(result.report)
            if result.changed:
                self.report.status = "changed"
            self._show_diff(result.diff)
            if result.changed and self._options.mode == "write":
                self._begin_writing()
            self._write(result.data)
            self._unchanged += result.size
        except (OSError, MojibakeFixError) as error:
            self.fail(error_line(error, self.source.name))

    def end(self) -> None:
        """Put the result in its place, and let go of the file."""
        try:
            if self.report.status in ("clean", "changed"):
                self._write(b"")
                if self._writer is not None:
                    self._writer.commit()
                if self._spool is not None:
                    self._spool.seek(0)
                    while data := self._spool.read(_COPIED_AT_ONCE):
                        write_stdout(data)
        except (OSError, MojibakeFixError) as error:
            self.fail(error_line(error, self.source.name))
        finally:
            self.close()

    def fail(self, message: str) -> None:
        """Note that nothing comes of it."""
        self.report = FileReport(self.source.name, status="failed", error=message)
        self.close()

    def close(self) -> None:
        """Let go of the file; a result that is not in its place is gone."""
        self._stack.close()
        self._writer = self._spool = None

    def _open(self) -> Input:
        options = self._options
        self._opened = opened = self._stack.enter_context(
            open_input(self.source, options.encoding, for_writing=options.mode == "write", max_size=options.max_size)
        )
        return opened

    def _prepare(self, opened: Input) -> None:
        options = self._options
        output = options.output_encoding or opened.output_encoding
        self.report.encoding = opened.encoding
        if opened.status is not None:
            self.other_names = opened.status.st_nlink - 1
        kept = opened.mark if output == opened.encoding else b""
        self._mark = BYTE_ORDER_MARKS[output] if options.output_marked else kept
        if opened.mark != self._mark:
            self.report.status = "changed"
        if not opened.is_one_piece and options.mode == "stdout":
            # What is out cannot be taken back when a later piece turns out to be no text.
            opened.check()
            if text_encoding(output).family != "unicode":
                self._spool = self._stack.enter_context(scratch())
        if options.mode == "output" or (options.mode == "write" and self.report.status == "changed"):
            self._begin_writing()

    def _begin_writing(self) -> None:
        if self._writer is not None:
            return
        assert self._destination is not None
        assert self._opened is not None
        in_place = self._options.mode == "write"
        self._writer = self._stack.enter_context(
            AtomicFile(
                self._destination,
                read_as=self._opened.status if in_place else None,
                backup_suffix=self._options.backup_suffix if in_place else None,
            )
        )
        self._write(b"")
        self._copy_unchanged(len(self._opened.mark), self._unchanged)

    def _copy_unchanged(self, start: int, size: int) -> None:
        """Write bytes of the input that stay as they are: pieces that came before the first that changed."""
        if not size:
            return
        assert self.source.path is not None
        assert self._writer is not None
        with self.source.path.open("rb") as stream:
            stream.seek(start)
            while size > 0 and (data := stream.read(min(size, _COPIED_AT_ONCE))):
                self._writer.write(data)
                size -= len(data)

    def _write(self, data: bytes) -> None:
        if self._writer is None and self._options.mode != "stdout":
            return
        data, self._mark = self._mark + data, b""
        if self._writer is not None:
            self._writer.write(data)
        elif self._spool is not None:
            self._spool.write(data)
        else:
            write_stdout(data)

    def _show_diff(self, diff: str) -> None:
        if diff:
            # Every piece comes with the name of the file; a diff has it once.
            lines = diff.split("\n", 2)[2] if self._diff_begun else diff
            self._diff_begun = True
            write_stdout(lines.encode("utf-8", "surrogateescape"))
