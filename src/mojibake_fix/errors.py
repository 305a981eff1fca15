"""The errors that callers may catch: one base, narrow subclasses.

Nothing else is raised on purpose.  Each message says what is wrong, where, and what to do.
"""

from __future__ import annotations

__all__ = [
    "ConfigError",
    "ModelFormatError",
    "MojibakeFixError",
    "OutputError",
    "PlanMismatchError",
    "UndecodableInputError",
    "UnknownEncodingError",
]


class MojibakeFixError(Exception):
    """Base of every error that this package raises on purpose."""


class UnknownEncodingError(MojibakeFixError, LookupError):
    """A name that is no encoding, or none that can be had here."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown encoding {name!r}: give a name such as utf-8, gb18030 or cp932")
        self.name = name


class UndecodableInputError(MojibakeFixError, ValueError):
    """Input bytes that the encoding in question cannot produce."""

    def __init__(self, source: str, encoding: str, offset: int, advice: str) -> None:
        super().__init__(f"{source}: not {encoding} at byte {offset}: {advice}")
        self.source = source
        self.encoding = encoding
        self.offset = offset


class OutputError(MojibakeFixError):
    """A result that cannot be written where, or as, it was asked for."""


class ConfigError(MojibakeFixError, ValueError):
    """An option or a configuration value that cannot be used."""


class PlanMismatchError(MojibakeFixError, ValueError):
    """A plan applied to a text that it was not made for."""


class ModelFormatError(MojibakeFixError):
    """A model file that is truncated, altered or of another version."""
