"""Many files, each read, repaired, told of and written, by the options of a command.

A file that fails is named on standard error, the others are done, and the exit code says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from mojibake_fix.cli.file import FileRun, RunOptions
from mojibake_fix.cli.progress import ProgressLine
from mojibake_fix.cli.signals import ended_by_signals
from mojibake_fix.cli.streams import say, write_stdout
from mojibake_fix.cli.work import Task, WorkerLostError, in_order, workers
from mojibake_fix.files import MIXED, Source
from mojibake_fix.report import FileReport, left_alone_lines
from mojibake_fix.report.text import count, explain, finding_line, on_one_line, summary
from mojibake_fix.windows import WINDOW

__all__ = ["FAILED", "FOUND", "run"]

FOUND = 1
"""Exit code where something would change under ``--check`` or ``--diff``, or did and that was asked for."""
FAILED = 2
"""Exit code where an input or an output failed."""


def run(sources: Sequence[Source], destinations: Sequence[Path | None], options: RunOptions) -> int:
    """Do all ``sources`` and return the exit code of the command."""
    total = _total_size(sources)
    # Processes cost more than one piece does.
    jobs = 1 if len(sources) == 1 and total is not None and total <= WINDOW else options.jobs
    files = [FileRun(source, destination, options) for source, destination in zip(sources, destinations, strict=True)]
    reports: list[FileReport] = []
    try:
        with (
            ended_by_signals(),
            workers(jobs) as pool,
            ProgressLine(total, options.progress) as progress,
        ):
            progress.advance(0, files[0].source.name if files else "")
            for file, result in in_order(_tasks(files), pool):
                if result is not None:
                    with progress.aside():
                        file.take(result)
                    progress.advance(result.size, file.source.name)
                else:
                    with progress.aside():
                        file.end()
                        _tell(file, options)
                    reports.append(file.report)
    except WorkerLostError as error:
        say(f"{error}; files not named as repaired are as they were")
        return FAILED
    finally:
        for file in files:
            file.close()
    _conclude(reports, options)
    return _exit_code(reports, options)


def _tasks(files: Sequence[FileRun]) -> Iterator[tuple[FileRun, Task | None]]:
    for file in files:
        for task in file.tasks():
            yield file, task
        yield file, None


def _total_size(sources: Sequence[Source]) -> int | None:
    return sum(_size(source.path) for source in sources if source.path is not None) or None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _tell(file: FileRun, options: RunOptions) -> None:
    """Say what there is to say as soon as a file is done."""
    report = file.report
    if report.status == "failed":
        say(report.error or "")
        if options.verbose and file.trace:
            click.echo(file.trace, err=True)
    elif options.verbose and report.status != "changed":
        say(f"{report.name}: {report.error or report.status}" + (f", {report.encoding}" if report.encoding else ""))
    _print("".join(_lines(report, options)))
    if options.format is None and options.mode in ("stdout", "output", "write") and not options.quiet:
        for line in left_alone_lines(report):
            say(line)
    if options.mode in ("write", "check") and report.status == "changed" and not options.quiet:
        _tell_of_change(report, done=options.mode == "write")
        if file.other_names and options.mode == "write":
            names = count(file.other_names, "other name")
            say(f"{report.name}: old content stays under {names} of the file (hard links)")
    if options.format not in ("sarif", "html"):
        # They are told; what is left of them is counted.
        report.findings, report.lines = [], []


def _tell_of_change(report: FileReport, *, done: bool) -> None:
    faults = report.repaired.total()
    parts = [f"repaired, {count(faults, 'fault')}"] if faults and done else []
    if report.encoding == MIXED:
        parts.append("read in several encodings, written in one" if done else "lines in several encodings")
    elif not faults:
        parts.append("written in another encoding" if done else "would be written in another encoding")
    if parts:
        say(f"{report.name}: {'; '.join(parts)}")


def _lines(report: FileReport, options: RunOptions) -> Iterator[str]:
    match options.format:
        case "json":
            from mojibake_fix.report.jsonl import json_line

            yield json_line(report)
        case "github":
            from mojibake_fix.report.github import github_lines

            yield from github_lines(report)
        case None if options.mode == "explain":
            yield from (line + "\n" for line in explain(report))
        case "text" | None if options.format or (options.mode == "check" and not options.diff and not options.quiet):
            yield from (finding_line(report.name, finding) + "\n" for finding in report.findings)
            if report.omitted:
                yield f"{on_one_line(report.name)}: {report.omitted} more\n"


def _conclude(reports: Sequence[FileReport], options: RunOptions) -> None:
    """Say what there is to say of all files together."""
    done = options.mode in ("stdout", "output", "write")
    if options.format == "sarif":
        from mojibake_fix.report.sarif import sarif_log

        _print(sarif_log(reports))
    elif options.format == "html":
        from mojibake_fix.report.page import html_page

        _print(html_page(reports, done=done))
    if options.mode in ("check", "write") and not options.quiet:
        say(summary(reports, done=done))


def _exit_code(reports: Sequence[FileReport], options: RunOptions) -> int:
    if any(report.status == "failed" for report in reports):
        return FAILED
    if options.mode == "check" and any(report.status == "changed" for report in reports):
        return FOUND
    if options.fails_on_fix and any(report.repaired for report in reports):
        return FOUND
    return 0


def _print(text: str) -> None:
    if text:
        # Names of files may hold bytes that are no text.
        write_stdout(text.encode("utf-8", "surrogateescape"))
