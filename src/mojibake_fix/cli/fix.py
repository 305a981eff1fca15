"""``mojibake-fix fix``: repaired text to standard output, elsewhere, or in place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from mojibake_fix.cli.options import (
    reading_options,
    repair_options,
    report_options,
    selection_options,
    style_options,
)

if TYPE_CHECKING:
    from mojibake_fix.cli.file import Mode

__all__ = ["fix"]

_BACKUP_FLAG = "--backup"
_DEFAULT_BACKUP = ".bak"


class _BackupCommand(click.Command):
    """A command whose ``--backup`` takes a value only behind ``=``, so that it never swallows a path."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        spelt = [
            f"{_BACKUP_FLAG}={_DEFAULT_BACKUP}" if argument == _BACKUP_FLAG else argument for argument in args[:end]
        ]
        return super().parse_args(ctx, spelt + args[end:])


@click.command(
    cls=_BackupCommand,
    help="Repair damaged text: undo what happened to its bytes, and touch nothing else. "
    "Reads PATHS, the files of folders among them, or standard input where there are none or for '-'.",
)
@click.argument("paths", nargs=-1, type=click.Path(readable=False))
@click.option("-w", "--write", is_flag=True, help="Write repairs into the files, each whole or not at all.")
@click.option(
    "--backup",
    metavar="[=SUFFIX]",
    help=f"With -w, keep the old content under another name.  [suffix: {_DEFAULT_BACKUP}]",
)
@click.option("-o", "--output", metavar="FILE|DIR", help="Write there (a folder ends in a slash), not to stdout.")
@click.option(
    "--check", is_flag=True, help="Write nothing; name the faults, and exit with 1 if something would change."
)
@click.option("--diff", is_flag=True, help="The same, and show a diff.")
@click.option(
    "--output-encoding", metavar="NAME", help="Encoding of the output.  [default: utf-8; with -w that of the input]"
)
@click.option(
    "--field",
    multiple=True,
    metavar="NAME",
    help="The files are JSON Lines (.jsonl, also .gz and .zst) or Parquet: repair this field of each record; "
    "can be given several times. outer.inner is a field of the object, or of each object of the list, outer. "
    "A run with -o DIR/ that was stopped is taken up again.",
)
@click.option("--exit-non-zero-on-fix", is_flag=True, help="Exit with 1 if something was repaired.")
@reading_options
@selection_options
@repair_options
@style_options
@report_options
def fix(**options: Any) -> None:
    """Read, repair and write each input; a failed one is named and the others are done."""
    from mojibake_fix.cli.requests import run_options, sources_of
    from mojibake_fix.cli.run import run
    from mojibake_fix.errors import OutputError
    from mojibake_fix.files import plan_destinations

    mode = _mode(options)
    _check_together(mode, options)
    if options["field"]:
        from mojibake_fix.cli.fields import fix_fields

        if code := fix_fields(options):
            raise SystemExit(code)
        return
    if options["output_encoding"] is None and mode in ("stdout", "output"):
        options["output_encoding"] = "utf-8"
    asked = run_options(mode, options)
    sources = sources_of(options)
    if mode == "write" and any(source.path is None for source in sources):
        raise click.UsageError("-w writes into files, and standard input is none: name a file, or leave out -w")
    try:
        destinations = plan_destinations(sources, options["output"])
    except OutputError as error:
        raise click.UsageError(str(error)) from error
    if code := run(sources, destinations, asked):
        raise SystemExit(code)


def _mode(options: dict[str, Any]) -> Mode:
    """Where the options want results."""
    if options["write"]:
        return "write"
    if options["check"] or options["diff"]:
        return "check"
    return "stdout" if options["output"] in (None, "-") else "output"


def _check_together(mode: Mode, options: dict[str, Any]) -> None:
    """Refuse options that do not go together."""
    chosen = [name for name in ("write", "output", "check", "diff") if options[name]]
    if len(chosen) > 1 and chosen != ["check", "diff"]:
        raise click.UsageError(f"--{chosen[0]} and --{chosen[1]} do not go together: choose one")
    suffix = options["backup"]
    if suffix is not None and (not suffix or set(suffix) & {"/", os.sep, "\0"}):
        raise click.UsageError(f"--backup={suffix} cannot end a name: give something like {_DEFAULT_BACKUP}")
    if mode != "write":
        _has_no_place("backup", options, "--backup keeps the old content of what -w writes: give it with -w")
    if mode == "stdout" or options["diff"]:
        _has_no_place(
            "format", options, "--format needs standard output, which the text or the diff has: give --check, -w or -o"
        )


def _has_no_place(name: str, options: dict[str, Any], why: str) -> None:
    """Refuse an option that can do nothing in this run; as a setting of the project it is for others, and rests."""
    if options[name] is not None:
        if click.get_current_context().get_parameter_source(name) is not ParameterSource.DEFAULT_MAP:
            raise click.UsageError(why)
        options[name] = None
