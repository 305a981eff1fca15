"""``mojibake-fix explain``: what happened to the bytes, fault by fault.  Writes nothing but that."""

from __future__ import annotations

from typing import Any

import click

from mojibake_fix.cli.options import input_options, repair_options, report_options, style_options

__all__ = ["explain"]


@click.command(
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Explain each fault: where it is, what happened to the bytes, the repair, how sure it is, and what else "
    "it may have been.  Reads PATHS, or standard input where there are none or for '-'; changes nothing.",
)
@click.argument("paths", nargs=-1, type=click.Path())
@input_options
@repair_options
@style_options
@report_options
def explain(**options: Any) -> None:
    """Tell of each input; a failed one is named and the others are done."""
    from mojibake_fix.cli.file import RunOptions
    from mojibake_fix.cli.requests import config_of, encoding_of, sources_of, style_of
    from mojibake_fix.cli.run import run

    sources = sources_of(options)
    run_options = RunOptions(
        mode="explain",
        config=config_of(options),
        style=style_of(options),
        encoding=encoding_of(options["encoding"], may_be_found_out=True),
        format=options["format"],
        jobs=options["jobs"],
        max_size=options["max_size"],
        progress=options["progress"],
        quiet=options["quiet"],
        verbose=options["verbose"],
    )
    if code := run(sources, [None] * len(sources), run_options):
        raise SystemExit(code)
