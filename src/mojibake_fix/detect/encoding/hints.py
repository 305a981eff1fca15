"""What is known beforehand: what the caller says, and what the bytes say of themselves.  Evidence, not orders."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from mojibake_fix.detect.encoding.catalogue import Row, answer_name
from mojibake_fix.detect.encoding.declared import declared_encoding, encoding_of_header
from mojibake_fix.errors import UnknownEncodingError

__all__ = ["Hints", "hints_of"]

_DECLARED = 6.0
"""Nats for the encoding that a document declares, and for those of the language that the caller names.  Of texts of 2
to 6 characters in 20 encodings, 88 % are told right without a declaration; with a true one of 4, 6 or 9 nats 97.3, 98.4
or 99.6 %, with a false one 86.9, 85.9 or 81.0 %."""


@dataclass(frozen=True, slots=True)
class Hints:
    """The encodings that may be answered (None: all), and the language and the encoding that are expected."""

    allowed: frozenset[str] | None
    language: str | None
    declared: str | None

    def prior(self, row: Row) -> float:
        """How likely the encoding is before its reading is looked at, nats."""
        bonus = _DECLARED * (row.name == self.declared)
        if self.language and any(tag.split("-")[0] == self.language.split("-")[0] for tag in row.languages):
            bonus += _DECLARED
        return row.prior + bonus

    def allows(self, name: str) -> bool:
        """Whether that encoding may be answered."""
        return self.allowed is None or name in self.allowed


def hints_of(data: bytes, candidates: Collection[str] | None, language: str | None, declared: str | None) -> Hints:
    """Gather the hints of :func:`mojibake_fix.detect`; what the caller declares outranks what the data does.

    A declaration that names no encoding says nothing.

    Raises:
        UnknownEncodingError: A name in ``candidates`` is no encoding.
    """
    allowed = None if candidates is None else frozenset(map(_known, candidates))
    said = encoding_of_header(declared) if declared else None
    return Hints(allowed, language, said or declared_encoding(data))


def _known(name: str) -> str:
    answer = answer_name(name)
    if answer is None:
        raise UnknownEncodingError(name)
    return answer
