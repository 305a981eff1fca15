"""``mojibake-fix fix``: repaired text to standard output, elsewhere, or in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mojibake_fix.cli.options import input_options, repair_options, report_options, style_options

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
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Repair damaged text: undo what happened to its bytes, and touch nothing else. "
    "Reads PATHS, the files of folders among them, or standard input where there are none or for '-'.",
)
@click.argument("paths", nargs=-1, type=click.Path())
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
@click.option("--exit-non-zero-on-fix", is_flag=True, help="Exit with 1 if something was repaired.")
@input_options
@repair_options
@style_options
@report_options
def fix(**options: Any) -> None:
    """Read, repair and write each input; a failed one is named and the others are done."""
    from mojibake_fix.cli.file import RunOptions
    from mojibake_fix.cli.requests import config_of, encoding_of, sources_of, style_of
    from mojibake_fix.cli.run import run
    from mojibake_fix.errors import OutputError
    from mojibake_fix.files import plan_destinations

    mode = _mode(options)
    output_encoding = encoding_of(options["output_encoding"])
    if output_encoding is None and mode in ("stdout", "output"):
        output_encoding = "utf-8"
    run_options = RunOptions(
        mode=mode,
        config=config_of(options),
        style=style_of(options),
        encoding=encoding_of(options["encoding"], may_be_found_out=True),
        output_encoding=output_encoding,
        diff=options["diff"],
        format=options["format"],
        backup_suffix=options["backup"],
        jobs=options["jobs"],
        max_size=options["max_size"],
        progress=options["progress"],
        fails_on_fix=options["exit_non_zero_on_fix"],
        quiet=options["quiet"],
        verbose=options["verbose"],
    )
    sources = sources_of(options)
    if mode == "write" and any(source.path is None for source in sources):
        raise click.UsageError("-w writes into files, and standard input is none: name a file, or leave out -w")
    try:
        destinations = plan_destinations(sources, options["output"])
    except OutputError as error:
        raise click.UsageError(str(error)) from error
    if code := run(sources, destinations, run_options):
        raise SystemExit(code)


def _mode(options: dict[str, Any]) -> Mode:
    """What the options ask for, if they go together."""
    chosen = [name for name in ("write", "output", "check", "diff") if options[name]]
    if len(chosen) > 1 and chosen != ["check", "diff"]:
        raise click.UsageError(f"--{chosen[0]} and --{chosen[1]} do not go together: choose one")
    if options["backup"] is not None and not options["write"]:
        raise click.UsageError("--backup keeps the old content of what -w writes: give it with -w")
    if options["format"] is not None and (not chosen or options["output"] == "-" or options["diff"]):
        raise click.UsageError("--format needs standard output, which the text or the diff has: give --check, -w or -o")
    if options["write"]:
        return "write"
    if options["check"] or options["diff"]:
        return "check"
    return "stdout" if options["output"] in (None, "-") else "output"
