"""``fix --field``: files of records, of which some fields are text, one by one or many in a run that can be resumed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from mojibake_fix.cli.requests import config_of, sources_of, style_of
from mojibake_fix.cli.run import FAILED, FOUND
from mojibake_fix.cli.signals import ended_by_signals
from mojibake_fix.cli.streams import say, write_stdout
from mojibake_fix.cli.work import in_worker, workers
from mojibake_fix.errors import OutputError
from mojibake_fix.files import plan_destinations
from mojibake_fix.files.records import is_record_file
from mojibake_fix.files.shards import MANIFEST, Manifest, Shard, ShardResult, do_shard
from mojibake_fix.report.text import count

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["fix_fields"]

_NO_USE_FOR = ("diff", "encoding", "output_encoding")
"""Options for files that are text as they are."""


def fix_fields(options: dict[str, Any]) -> int:
    """Do what ``fix --field`` asks for, and return the exit code."""
    context = click.get_current_context()
    for name in _NO_USE_FOR:
        # As a setting of the project it is for other runs, and rests.
        if options[name] and context.get_parameter_source(name) is not ParameterSource.DEFAULT_MAP:
            raise click.UsageError(f"--{name.replace('_', '-')} has no place with --field")
    if style_of(options) is not None:
        raise click.UsageError("--field repairs damage only: unify style of its results, or leave those options out")
    if options["format"] not in (None, "json"):
        raise click.UsageError(f"--format {options['format']} has no place with --field: give json, or leave it out")
    if not (options["write"] or options["check"] or options["output"]):
        raise click.UsageError("--field needs a place for its results: give -o FILE, -o DIR/ or -w, or --check")
    shards = _shards(options)
    manifest = _manifest(options, shards)
    left = manifest.left(shards) if manifest else shards
    if len(left) < len(shards) and not options["quiet"]:
        say(f"{len(shards) - len(left)} of {count(len(shards), 'file')} done already")
    results: list[ShardResult] = []
    with ended_by_signals(), workers(1 if len(left) <= 1 else options["jobs"]) as pool:
        for result in _done(left, pool):
            results.append(result)
            _tell(result, options)
            if manifest and result.error is None:
                manifest.note([result])
    if not options["quiet"] and options["format"] is None:
        say(_summary(results))
    if any(result.error for result in results):
        return FAILED
    found = any(result.counts.changed for result in results)
    return FOUND if found and (options["check"] or options["exit_non_zero_on_fix"]) else 0


def _shards(options: dict[str, Any]) -> list[Shard]:
    sources = sources_of(options)
    # Of folders, those files that hold records.
    sources = [s for s in sources if s.within is None or (is_record_file(s.within) and s.within.name != MANIFEST)]
    if any(source.path is None for source in sources):
        raise click.UsageError("--field reads files, and standard input has no name to tell its format: name a file")
    try:
        targets = plan_destinations(sources, options["output"])
    except OutputError as error:
        raise click.UsageError(str(error)) from error
    config, fields = config_of(options), tuple(options["field"])
    if options["write"]:
        targets = [source.path for source in sources]
    pairs = zip(sources, targets, strict=True)
    return [
        Shard(
            source.path,
            None if options["check"] else target,
            fields,
            config,
            max_size=options["max_size"],
            backup_suffix=options["backup"],
        )
        for source, target in pairs
        if source.path
    ]


def _manifest(options: dict[str, Any], shards: Sequence[Shard]) -> Manifest | None:
    """The manifest of a run whose results go into a folder."""
    if not options["output"] or options["check"]:
        return None
    folder = Path(options["output"])
    return Manifest(folder) if all(s.target is not None and folder in s.target.parents for s in shards) else None


def _done(shards: Sequence[Shard], pool: Executor | None) -> Iterator[ShardResult]:
    """The results, as they come."""
    if pool is None:
        yield from map(do_shard, shards)
        return
    from concurrent.futures import as_completed

    for future in as_completed([pool.submit(in_worker, do_shard, shard) for shard in shards]):
        yield future.result()


def _tell(result: ShardResult, options: dict[str, Any]) -> None:
    counts, name = result.counts, str(result.shard.source)
    if result.error is not None:
        say(result.error)
    if options["format"] == "json":
        said = {"path": name, "records": counts.records, "changed": counts.changed, "faults": dict(counts.faults)}
        if result.error is not None:
            said["error"] = result.error
        write_stdout((json.dumps(said, ensure_ascii=False) + "\n").encode("utf-8", "surrogateescape"))
    elif result.error is None and not options["quiet"]:
        say(f"{name}: {_counted(counts.records, counts.changed, counts.faults)}")


def _summary(results: Sequence[ShardResult]) -> str:
    counts = [result.counts for result in results]
    faults: Counter[str] = sum((c.faults for c in counts), Counter())
    totals = _counted(sum(c.records for c in counts), sum(c.changed for c in counts), faults)
    return f"{count(len(results), 'file')}, {totals}"


def _counted(records: int, changed: int, faults: Counter[str]) -> str:
    by_fault = ", ".join(f"{number} {fault}" for fault, number in sorted(faults.items()))
    return f"{count(records, 'record')}, {changed} changed" + (f": {by_fault}" if by_fault else "")
