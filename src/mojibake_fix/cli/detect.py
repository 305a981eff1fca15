"""``mojibake-fix detect``: which encoding files are in, mixed ones by ranges of lines.  Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mojibake_fix.cli.options import selection_options
from mojibake_fix.cli.streams import say, write_stdout
from mojibake_fix.errors import MojibakeFixError

if TYPE_CHECKING:
    from mojibake_fix.files import Source

__all__ = ["detect"]

_UNKNOWN = 2


@click.command(
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Tell the encoding of PATHS, or of standard input where there are none or for '-': its language, how sure "
    "that is, byte offsets of damage, and of mixed files which lines are in which.  Exits 2 where a file is binary "
    "(but for those of folders), too short to tell, or cannot be read.",
)
@click.argument("paths", nargs=-1, type=click.Path(readable=False))
@click.option("--candidates", metavar="NAMES", help="Consider only these encodings: names with commas between.")
@click.option("--language", metavar="TAG", help="Language that the text should be in, such as ja or zh-Hant: a hint.")
@click.option(
    "--declared",
    metavar="NAME",
    help="Encoding that a header names, or all of a Content-Type: a hint.  [default: by .editorconfig]",
)
@click.option("--thorough", is_flag=True, help="Look at every line of large files, not at samples.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="How to tell it.",
)
@selection_options
def detect(**options: Any) -> None:
    """Tell of each input; a failed one is named and the others are done."""
    from mojibake_fix.cli.requests import sources_of

    good = True
    for source in sources_of(options):
        good = _detect_one(source, options) and good
    if not good:
        raise SystemExit(_UNKNOWN)


def _detect_one(source: Source, options: dict[str, Any]) -> bool:
    from mojibake_fix.detect.encoding import detect as detect_bytes
    from mojibake_fix.errors import UnknownEncodingError
    from mojibake_fix.files import read_bytes
    from mojibake_fix.files.editorconfig import charset_of
    from mojibake_fix.report.detections import detection_json, detection_lines
    from mojibake_fix.report.text import error_line

    candidates = options["candidates"]
    declared = options["declared"] or (charset_of(source.path) if source.path else None)
    try:
        data = read_bytes(source)
        found = detect_bytes(
            data,
            candidates=None if candidates is None else [name for name in candidates.split(",") if name.strip()],
            language=options["language"],
            declared=declared,
            thorough=options["thorough"],
        )
    except UnknownEncodingError as error:
        raise click.UsageError(str(error)) from error
    except (OSError, MojibakeFixError) as error:
        say(error_line(error, source.name))
        return False
    if options["format_"] == "json":
        lines = [detection_json(source.name, data, found)]
    else:
        lines = list(detection_lines(source.name, data, found))
    write_stdout("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
    # Nobody asked for the pictures in a folder.
    return found.encoding is not None or (found.binary and source.within is not None)
