"""``mojibake-fix explain``: what happened to the bytes, fault by fault.  Writes nothing but that."""

from __future__ import annotations

from typing import Any

import click

from mojibake_fix.cli.options import (
    reading_options,
    repair_options,
    report_options,
    selection_options,
    style_options,
)

__all__ = ["explain"]


@click.command(
    help="Explain each fault: where it is, what happened to the bytes, the repair, how sure it is, and what else "
    "it may have been.  Reads PATHS, or standard input where there are none or for '-'; changes nothing.",
)
@click.argument("paths", nargs=-1, type=click.Path(readable=False))
@reading_options
@selection_options
@repair_options
@style_options
@report_options
def explain(**options: Any) -> None:
    """Tell of each input; a failed one is named and the others are done."""
    from mojibake_fix.cli.requests import run_options, sources_of
    from mojibake_fix.cli.run import run

    sources = sources_of(options)
    if code := run(sources, [None] * len(sources), run_options("explain", options)):
        raise SystemExit(code)
