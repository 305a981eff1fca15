"""What the caller wants done: one frozen value, checked when it is made."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

from mojibake_fix.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["Config", "Unescape", "laid_over"]

_Options = TypeVar("_Options", bound="DataclassInstance")

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
        if not (isinstance(self.min_confidence, Real) and 0.0 <= self.min_confidence <= 1.0):
            raise ConfigError(f"min_confidence is {self.min_confidence!r}: give a probability, 0 to 1")
        if self.unescape not in get_args(Unescape):
            raise ConfigError(f"unescape is {self.unescape!r}: give one of {', '.join(get_args(Unescape))}")

    @classmethod
    def of(cls, config: Config | None, options: dict[str, Any]) -> Config:
        """Return ``config`` (the defaults if None) with ``options`` laid over it.

        Raises:
            ConfigError: An option that does not exist, or whose value cannot be used.
        """
        return laid_over(config or cls(), options)


def laid_over(base: _Options, changes: Mapping[str, Any]) -> _Options:
    """Return ``base``, a dataclass of options, with ``changes`` in the place of its fields of those names.

    Raises:
        ConfigError: There is no such field, or it cannot have that value.
    """
    known = {field.name for field in dataclasses.fields(base)}
    unknown = sorted(changes.keys() - known)
    if unknown:
        raise ConfigError(f"unknown option {unknown[0]!r}: the options are {', '.join(sorted(known))}")
    return dataclasses.replace(base, **changes)
