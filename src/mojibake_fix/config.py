"""What the caller wants done: one frozen value, checked when it is made."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal, get_args

from mojibake_fix.errors import ConfigError

__all__ = ["Config", "Unescape"]

Unescape = Literal["auto", "all", "none"]


@dataclass(frozen=True, slots=True)
class Config:
    """Options of a repair.  Defaults repair damage only and never touch style.

    Attributes:
        min_confidence: Posterior below which a repair is reported and not made; 0 asks for the best guess.
        unescape: Which text forms of characters to decode: ``"auto"`` only where they cannot be code,
            ``"all"`` also ``\\uXXXX``, percent, quoted-printable and RFC 2047, ``"none"`` none.
        glosses: Whether readings that a converter left behind are removed.
    """

    min_confidence: float = 0.9
    unescape: Unescape = "auto"
    glosses: bool = True

    def __post_init__(self) -> None:
        if not 0.0 <= self.min_confidence <= 1.0:
            raise ConfigError(f"min_confidence is {self.min_confidence}: give a probability, 0 to 1")
        if self.unescape not in get_args(Unescape):
            raise ConfigError(f"unescape is {self.unescape!r}: give one of {', '.join(get_args(Unescape))}")

    @classmethod
    def of(cls, config: Config | None, options: dict[str, Any]) -> Config:
        """Return ``config`` (the defaults if None) with ``options`` laid over it.

        Raises:
            ConfigError: An option that does not exist, or whose value cannot be used.
        """
        known = {field.name for field in dataclasses.fields(cls)}
        unknown = sorted(options.keys() - known)
        if unknown:
            raise ConfigError(f"unknown option {unknown[0]!r}: the options are {', '.join(sorted(known))}")
        return dataclasses.replace(config or cls(), **options)
