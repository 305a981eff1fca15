"""Newlines out of a text, and back in as they were: lines are told apart by line feeds in between."""

from __future__ import annotations

from itertools import chain, zip_longest
from typing import NamedTuple

from mojibake_fix.lazy import lazy_pattern

__all__ = ["Newlines", "split_off"]

_ANY = lazy_pattern("\r\n|\r|\n")


class Newlines(NamedTuple):
    """The newlines of a text: the only kind that it has, or each of them in order."""

    kind: str | None
    each: tuple[str, ...] = ()

    def restore(self, text: str) -> str:
        """Return ``text`` with its line feeds as the newlines that they were.

        Args:
            text: As many lines as the text had, and no carriage return.
        """
        if self.kind is not None:
            return text if self.kind == "\n" else text.replace("\n", self.kind)
        return "".join(chain.from_iterable(zip_longest(text.split("\n"), self.each, fillvalue="")))


def split_off(text: str) -> tuple[str, Newlines]:
    """Return ``text`` with line feeds for all its newlines (CRLF, CR or LF), and what they were."""
    returns = text.count("\r")
    if not returns:
        return text, Newlines("\n")
    pairs, feeds = text.count("\r\n"), text.count("\n")
    if pairs == returns == feeds:
        return text.replace("\r\n", "\n"), Newlines("\r\n")
    if not feeds:
        return text.replace("\r", "\n"), Newlines("\r")
    return _ANY.sub("\n", text), Newlines(None, tuple(_ANY.findall(text)))
