"""``mojibake-fix man``: the manual page, built from the commands and options that ``--help`` shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from mojibake_fix.version import __version__

__all__ = ["man"]

_DESCRIPTION = (
    "Text was true once. Its bytes were read in the wrong encoding, and perhaps lost or gained a few on the way. "
    "mojibake-fix works out what happened, undoes that, and changes nothing else. "
    "Without a command, it is the command fix."
)

_EXIT_CODES = (
    ("0", "Done, or nothing to do."),
    ("1", "Something would change under --check or --diff, or did under --exit-non-zero-on-fix."),
    ("2", "Wrong usage, or an input or output failed: it is named on standard error, and the others are done."),
    ("129, 130, 143", "Ended by SIGHUP, SIGINT or SIGTERM; every file is whole, old or new."),
    ("141", "The reader of standard output went away."),
)

_FILES = (
    (
        ".mojibake-fix.toml, pyproject.toml",
        "Settings: long options without their dashes, as in min-confidence = 0.95; in pyproject.toml in the table "
        "[tool.mojibake-fix]. The nearest in this folder or above counts, up to the top of the repository.",
    ),
    (
        ".NAME.XXXXXXXX.mojibake-fix.tmp",
        "A file that is being written. One that stays behind belongs to a run that was killed, and may be deleted.",
    ),
    ("NAME.bak, NAME.bak.2", "Old content, under --backup. None is ever overwritten."),
)


@click.command(help="Print the manual page.")
@click.pass_context
def man(ctx: click.Context) -> None:
    """Write the page to standard output, as roff."""
    click.echo("\n".join(_page(ctx.find_root())))


def _page(root: click.Context) -> Iterator[str]:
    group = root.command
    assert isinstance(group, click.Group)
    yield f'.TH MOJIBAKE-FIX 1 "" "mojibake-fix {__version__}" "User Commands"'
    yield ".SH NAME"
    yield "mojibake\\-fix \\- repair damaged Chinese, Japanese and Korean text"
    yield ".SH SYNOPSIS"
    contexts = [_context(group, name, root) for name in group.list_commands(root)]
    for context in contexts:
        yield f".B mojibake\\-fix {_roff(context.info_name or '')}"
        yield _roff(" ".join(context.command.collect_usage_pieces(context)))
        yield ".br"
    yield ".SH DESCRIPTION"
    yield _roff(_DESCRIPTION)
    for context in contexts:
        yield f".SH {_roff((context.info_name or '').upper())}"
        yield _roff(context.command.help or "")
        yield from _entries(_records(context))
    yield ".SH EXIT STATUS"
    yield from _entries(_EXIT_CODES)
    yield ".SH FILES"
    yield from _entries(_FILES)


def _context(group: click.Group, name: str, root: click.Context) -> click.Context:
    command = group.get_command(root, name)
    assert command is not None
    return click.Context(command, info_name=name, parent=root)


def _records(context: click.Context) -> Iterator[tuple[str, str]]:
    for parameter in context.command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and isinstance(parameter, click.Option):
            yield record


def _entries(records: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, text in records:
        yield ".TP"
        yield f"\\fB{_roff(term)}\\fR"
        yield _roff(text)


def _roff(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return "\\&" + escaped if escaped.startswith((".", "\\(aq")) else escaped
