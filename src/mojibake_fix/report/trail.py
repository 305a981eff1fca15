"""What happened to the bytes, step by step: a repair done backwards, for people to follow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mojibake_fix.encodings import lookup, misread
from mojibake_fix.plan import Misread, Step

__all__ = ["Link", "byte_trail", "hex_bytes", "hex_of_character"]


class Link(NamedTuple):
    """One misreading: these bytes of ``misread.encoding``, seen as this text in ``misread.read_as``."""

    misread: Misread
    data: bytes
    seen: str


def byte_trail(step: Step) -> Iterator[Link]:
    """Yield what happened to the repaired text of ``step``, first misreading first.

    It ends early where the text of a link has no bytes in its encoding.  What a converter or an editor did to the
    bytes in between is not shown, so that the text at the end may differ from what was found.
    """
    text = step.after
    for link in step.channel:
        data = lookup(link.encoding).encode(text)
        if data is None:
            return
        try:
            text = misread(data, link.read_as, link.policy)
        except UnicodeDecodeError:
            return
        yield Link(link, data, text)


def hex_bytes(data: bytes, most: int = 32) -> str:
    """Return ``data`` as pairs of hexadecimal digits; of more than ``most`` bytes the first ones."""
    return data[:most].hex(" ").upper() + (" …" if len(data) > most else "")


def hex_of_character(character: str, encoding: str) -> str | None:
    """Return the bytes of ``character`` in ``encoding`` as hexadecimal digits; None if it has none there."""
    data = lookup(encoding).encode(character)
    return None if data is None else data.hex(" ").upper()
