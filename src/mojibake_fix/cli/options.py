"""Options that several commands have, and the settings of a project that stand in for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from mojibake_fix.config import Config, Unescape

__all__ = [
    "FORMATS",
    "PER_RUN",
    "reading_options",
    "repair_options",
    "report_options",
    "selection_options",
    "style_options",
]

FORMATS = ("text", "json", "github", "sarif", "html")

PER_RUN = frozenset({"write", "check", "diff", "output", "config", "stdin_filename", "undo", "undo_file", "field"})
"""What is said for each run and cannot be a setting of a project."""

SCRIPTS = ("auto", "zh-Hans", "zh-Hant", "zh-Hant-TW", "zh-Hant-HK", "ja", "ja-old")
PUNCTUATION = ("zh-Hans", "zh-Hant-TW", "zh-Hant-HK", "ja", "ko", "ascii")
PRIVATE_USE = ("auto", "gb18030", "hkscs", "eten")

_DEFAULTS = Config()

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])


def _load_settings(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    """Let the settings of the project be the defaults of the command."""
    if ctx.resilient_parsing:
        return
    from mojibake_fix.errors import ConfigError
    from mojibake_fix.files.settings import find_settings, read_settings

    path = Path(value) if value is not None else find_settings(Path.cwd())
    if path is None:
        return
    options = _possible_settings(ctx.find_root())
    try:
        settings = read_settings(path, options)
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    for name, setting in settings.items():
        kind, what = _kind_of_setting(options[name])
        each = setting if options[name].multiple and isinstance(setting, list) else [setting]
        if options[name].multiple is not isinstance(setting, list) or any(type(one) not in kind for one in each):
            raise click.UsageError(f"{path}: {name} is {setting!r}: give {what}")
    ctx.default_map = {name.replace("-", "_"): setting for name, setting in settings.items()}


def _possible_settings(root: click.Context) -> dict[str, click.Option]:
    """The options of all commands that may be settings, by the names that they have there."""
    group = root.command
    assert isinstance(group, click.Group)
    commands = (group.get_command(root, name) for name in group.list_commands(root))
    options = (
        parameter
        for command in commands
        if command is not None
        for parameter in command.params
        if isinstance(parameter, click.Option)
    )
    return {
        name.strip("_").replace("_", "-"): option for option in options if (name := option.name or "") not in PER_RUN
    }


def _kind_of_setting(option: click.Option) -> tuple[tuple[type, ...], str]:
    """The types of TOML that an option's value may have, and what to call them."""
    if option.multiple:
        return (str,), "a list of strings"
    if option.is_flag:
        return (bool,), "true or false"
    if isinstance(option.type, click.types.IntParamType):
        return (int,), "a whole number"
    if isinstance(option.type, click.types.FloatParamType):
        return (int, float), "a number"
    return (str,), "a string"


_READING = (
    click.option(
        "--encoding",
        metavar="NAME|auto",
        help="Encoding of the input; auto finds it out.  [default: by byte order mark, else utf-8]",
    ),
    click.option("--max-size", metavar="BYTES", type=click.IntRange(0), help="Refuse files that are larger."),
)

_SELECTION = (
    click.option(
        "--exclude",
        metavar="PATTERN",
        multiple=True,
        help="Leave this out of folders, instead of the usual caches and dependencies; as in .gitignore.",
    ),
    click.option("--extend-exclude", metavar="PATTERN", multiple=True, help="Leave this out of folders, too."),
    click.option("--force-exclude", is_flag=True, help="Leave out what is excluded even if it is named."),
    click.option(
        "--gitignore/--no-gitignore", default=True, show_default=True, help="Leave out what .gitignore files name."
    ),
    click.option("--stdin-filename", metavar="NAME", help="What to call standard input in reports."),
    click.option(
        "--config",
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=_load_settings,
        help="Settings.  [default: the nearest .mojibake-fix.toml, or pyproject.toml with [tool.mojibake-fix]]",
    ),
)

_REPAIR = (
    click.option(
        "--min-confidence",
        metavar="P",
        type=float,
        default=_DEFAULTS.min_confidence,
        show_default=True,
        help="Make a repair only if it is right with this probability; report it otherwise.",
    ),
    click.option(
        "--unescape",
        type=click.Choice(get_args(Unescape)),
        default=_DEFAULTS.unescape,
        show_default=True,
        help="Escapes to decode, such as &#20013;: where they cannot be code, all, or none.",
    ),
    click.option(
        "--glosses/--no-glosses",
        default=_DEFAULTS.glosses,
        show_default=True,
        help="Remove readings that a converter left behind.",
    ),
)

_STYLE = (
    click.option("--script", type=click.Choice(SCRIPTS), help="Unify the script; auto is the one most of it is in."),
    click.option("--source-script", type=click.Choice(SCRIPTS[1:]), help="Take all of it to be in this script."),
    click.option("--phrases", is_flag=True, help="With --source-script, convert words, too, not only characters."),
    click.option("--punctuation", type=click.Choice(PUNCTUATION), help="Use the marks of this locale."),
    click.option("--quotes", type=click.Choice(("curly", "corner", "straight")), help="Use these quotation marks."),
    click.option("--width", is_flag=True, help="Give Latin letters, digits, kana and Hangul their usual width."),
    click.option(
        "--compatibility", is_flag=True, help="Write ideographs for radicals and compatibility forms of them."
    ),
    click.option(
        "--private-use", type=click.Choice(PRIVATE_USE), help="Write standard characters for private codes of this set."
    ),
    click.option("--invisibles", is_flag=True, help="Remove invisible characters that have no use where they stand."),
    click.option(
        "--spacing", type=click.Choice(("add", "remove")), help="Spaces between CJK and Latin text or digits."
    ),
    click.option("--spaced-out", is_flag=True, help="Close up a text with spaces between all its characters."),
    click.option(
        "--readings",
        type=click.Choice(("keep", "strip", "ruby")),
        help="What to do with readings that an author wrote.",
    ),
    click.option("--form", type=click.Choice(("NFC", "NFD")), help="Unicode normalisation form."),
    click.option("--rule", metavar="NAME", multiple=True, help="Run this rule of the normaliser, too."),
    click.option("--without-rule", metavar="NAME", multiple=True, help="Do not run this rule."),
)

_REPORT = (
    click.option("--format", type=click.Choice(FORMATS), help="What reports look like."),
    click.option(
        "-j", "--jobs", metavar="N", type=click.IntRange(0), default=1, show_default=True,
        help="Processes to work in; 0 is one for each processor.",
    ),
    click.option(
        "--progress/--no-progress", default=None, help="Show how far it is.  [default: on a terminal, if slow]"
    ),
    click.option("-q", "--quiet", is_flag=True, help="Do not name faults that were left alone; errors only."),
    click.option("-v", "--verbose", is_flag=True, help="Name every file, and why those left out were."),
)  # fmt: skip


def _all(options: tuple[Callable[[Any], Any], ...]) -> Callable[[_Decorated], _Decorated]:
    def decorate(function: _Decorated) -> _Decorated:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def reading_options(function: _Decorated) -> _Decorated:
    """Add how to read."""
    return _all(_READING)(function)


def selection_options(function: _Decorated) -> _Decorated:
    """Add what to read, and the settings."""
    return _all(_SELECTION)(function)


def repair_options(function: _Decorated) -> _Decorated:
    """Add what to repair."""
    return _all(_REPAIR)(function)


def style_options(function: _Decorated) -> _Decorated:
    """Add what to normalise: nothing unless asked for."""
    return _all(_STYLE)(function)


def report_options(function: _Decorated) -> _Decorated:
    """Add what to tell, and how to work."""
    return _all(_REPORT)(function)
