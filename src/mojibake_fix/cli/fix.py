"""``mojibake-fix fix``: repaired text to standard output, or elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from mojibake_fix.cli.streams import say, write_stdout
from mojibake_fix.config import Config, Unescape
from mojibake_fix.errors import ConfigError, MojibakeFixError, OutputError, UnknownEncodingError

if TYPE_CHECKING:
    from mojibake_fix.files import Source

__all__ = ["fix"]

_DEFAULTS = Config()
_FAILED = 2


@click.command(
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Repair damaged text: undo what happened to its bytes, and touch nothing else. "
    "Reads PATHS, or standard input where there are none or for '-'.",
)
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("-o", "--output", metavar="FILE|DIR", help="Write there (a folder ends in a slash), not to stdout.")
@click.option("--encoding", metavar="NAME", help="Encoding of the input.  [default: by byte order mark, else utf-8]")
@click.option("--output-encoding", metavar="NAME", default="utf-8", show_default=True, help="Encoding of the output.")
@click.option(
    "--min-confidence",
    metavar="P",
    type=float,
    default=_DEFAULTS.min_confidence,
    show_default=True,
    help="Make a repair only if it is right with this probability; report it otherwise.",
)
@click.option(
    "--unescape",
    type=click.Choice(get_args(Unescape)),
    default=_DEFAULTS.unescape,
    show_default=True,
    help="Escapes to decode, such as &#20013;: where they cannot be code, all, or none.",
)
@click.option("-q", "--quiet", is_flag=True, help="Do not name faults that were left alone; errors only.")
def fix(
    paths: tuple[str, ...],
    output: str | None,
    encoding: str | None,
    output_encoding: str,
    min_confidence: float,
    unescape: Unescape,
    quiet: bool,
) -> None:
    """Read, repair and write each input; a failed one is named and the others are done."""
    from mojibake_fix.encodings import lookup
    from mojibake_fix.files import find_sources, plan_destinations

    sources = find_sources(paths)
    try:
        config = Config(min_confidence=min_confidence, unescape=unescape)
        input_encoding = None if encoding is None else lookup(encoding).name
        output_encoding = lookup(output_encoding).name
        destinations = plan_destinations(sources, output)
    except (ConfigError, OutputError, UnknownEncodingError) as error:
        raise click.UsageError(str(error)) from error

    failed = False
    for source, destination in zip(sources, destinations, strict=True):
        if not _fix_one(source, destination, config, input_encoding, output_encoding, quiet=quiet):
            failed = True
    if failed:
        raise SystemExit(_FAILED)


def _fix_one(
    source: Source,
    destination: Path | None,
    config: Config,
    encoding: str | None,
    output_encoding: str,
    *,
    quiet: bool,
) -> bool:
    """Do one input and return whether that went well."""
    from mojibake_fix.engine import fix_and_explain
    from mojibake_fix.files import encode, read, write_atomically
    from mojibake_fix.report import error_line, left_alone_lines

    try:
        document = read(source, encoding)
        repair = fix_and_explain(document.text, config)
        bom = document.bom and document.encoding == output_encoding
        data = encode(repair.text, output_encoding, source.name, bom=bom)
        if destination is None:
            write_stdout(data)
        else:
            write_atomically(destination, data)
    except (OSError, MojibakeFixError) as error:
        say(error_line(error, source.name))
        return False
    if not quiet:
        for line in left_alone_lines(source.name, document.text, repair.plan):
            say(line)
    return True
