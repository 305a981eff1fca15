"""Options of a command as the values that other rooms take; what cannot be used is a usage error.

An option that the command does not have is as one that was not given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mojibake_fix.cli.file import Mode, RunOptions
from mojibake_fix.config import Config
from mojibake_fix.encodings import text_encoding
from mojibake_fix.errors import ConfigError, UnknownEncodingError
from mojibake_fix.files import AUTO, BACKUP_SUFFIX, DEFAULT_EXCLUDES, Selection, Source, find_sources

if TYPE_CHECKING:
    from mojibake_fix.normalise import NormaliseOptions

__all__ = ["config_of", "encoding_of", "run_options", "selection_of", "sources_of", "style_of"]

_STYLE_FIELDS = {
    "script": "script",
    "source_script": "source",
    "phrases": "phrases",
    "punctuation": "punctuation",
    "quotes": "quotes",
    "width": "width",
    "compatibility": "compatibility",
    "private_use": "private_use",
    "invisibles": "invisibles",
    "spacing": "spacing",
    "spaced_out": "spaced_out",
    "readings": "glosses",
    "form": "form",
    "rule": "rules",
    "without_rule": "without",
}
"""Options of the command, and what the normaliser calls them."""


_WITH_MARK = {"utf8sig": "utf-8", "utf16": "utf-16-le", "utf32": "utf-32-le"}
"""What is written with a byte order mark, and may have one where it is read: by the names that Python has for it."""


def run_options(mode: Mode, options: dict[str, Any]) -> RunOptions:
    """Return what a run is to do with each file."""
    return RunOptions(
        mode=mode,
        config=config_of(options),
        style=style_of(options),
        encoding=encoding_of(options["encoding"], may_be_found_out=True),
        output_encoding=encoding_of(options.get("output_encoding")),
        output_marked=_plain(options.get("output_encoding") or "") in _WITH_MARK,
        diff=options.get("diff", False),
        format=options["format"],
        backup_suffix=options.get("backup"),
        jobs=options["jobs"],
        max_size=options["max_size"],
        progress=options["progress"],
        fails_on_fix=options.get("exit_non_zero_on_fix", False),
        quiet=options["quiet"],
        verbose=options["verbose"],
    )


def config_of(options: dict[str, Any]) -> Config:
    """Return what to repair."""
    try:
        return Config(
            min_confidence=options["min_confidence"], unescape=options["unescape"], glosses=options["glosses"]
        )
    except ConfigError as error:
        raise click.UsageError(str(error)) from error


def style_of(options: dict[str, Any]) -> NormaliseOptions | None:
    """Return what to normalise; None if nothing was asked for."""
    asked = {field: options[name] for name, field in _STYLE_FIELDS.items() if options[name]}
    if not asked.keys() - {"source", "without"}:
        return None
    from mojibake_fix.normalise import RULES, NormaliseOptions

    unknown = sorted({*options["rule"], *options["without_rule"]} - RULES.keys())
    if unknown:
        raise click.UsageError(f"no rule {unknown[0]!r}: the rules are {', '.join(sorted(RULES))}")
    if options["phrases"] and options["source_script"] is None:
        raise click.UsageError("--phrases replaces words, which needs the script of the text: give --source-script")
    try:
        return NormaliseOptions(**asked)
    except ConfigError as error:
        raise click.UsageError(str(error)) from error


def encoding_of(name: str | None, *, may_be_found_out: bool = False) -> str | None:
    """Return our name of the encoding that was named, if one was."""
    if name is None or (may_be_found_out and name == AUTO):
        return name
    try:
        return _WITH_MARK.get(_plain(name)) or text_encoding(name).name
    except UnknownEncodingError as error:
        raise click.UsageError(str(error)) from error


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def selection_of(options: dict[str, Any]) -> Selection:
    """Return which files of folders to take."""
    return Selection(
        exclude=(*(options["exclude"] or DEFAULT_EXCLUDES), *options["extend_exclude"]),
        gitignore=options["gitignore"],
        force=options["force_exclude"],
        backup_suffix=options.get("backup") or BACKUP_SUFFIX,
    )


def sources_of(options: dict[str, Any]) -> list[Source]:
    """Return what to read."""
    return find_sources(options["paths"], selection_of(options), options["stdin_filename"])
