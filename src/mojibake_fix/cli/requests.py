"""Options of a command as the values that other rooms take; what cannot be used is a usage error."""

from __future__ import annotations

from typing import Any

import click

from mojibake_fix.config import Config
from mojibake_fix.encodings import lookup
from mojibake_fix.errors import ConfigError, UnknownEncodingError
from mojibake_fix.files import DEFAULT_EXCLUDES, Selection, Source, find_sources

__all__ = ["config_of", "encoding_of", "selection_of", "sources_of"]


def config_of(options: dict[str, Any]) -> Config:
    """Return what to repair."""
    try:
        return Config(
            min_confidence=options["min_confidence"], unescape=options["unescape"], glosses=options["glosses"]
        )
    except ConfigError as error:
        raise click.UsageError(str(error)) from error


def encoding_of(name: str | None) -> str | None:
    """Return the registry's name of the encoding that was named, if one was."""
    try:
        return None if name is None else lookup(name).name
    except UnknownEncodingError as error:
        raise click.UsageError(str(error)) from error


def selection_of(options: dict[str, Any]) -> Selection:
    """Return which files of folders to take."""
    return Selection(
        exclude=(*(options["exclude"] or DEFAULT_EXCLUDES), *options["extend_exclude"]),
        gitignore=options["gitignore"],
        force=options["force_exclude"],
    )


def sources_of(options: dict[str, Any]) -> list[Source]:
    """Return what to read."""
    return find_sources(options["paths"], selection_of(options), options["stdin_filename"])
