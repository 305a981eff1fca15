"""What a program did to text after it was misread, undone with the misread: the arcs of a lattice for both at once.

Compatibility forms that were taken apart (NFKC) and letters that were made small are other characters than the bytes
were read as.  Each is a row of :data:`POSTS`: what it makes of every character of an encoding says what stands for
which byte.  Not for telling whether any of it happened.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType

from mojibake_fix.encodings import byte_table
from mojibake_fix.repair.graph import Arc
from mojibake_fix.repair.patterns import Mask, byte_mask

__all__ = ["POSTS", "may_be_read_as", "posted_arcs"]


def _compatible(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


POSTS: Mapping[str, Callable[[str], str]] = MappingProxyType({"nfkc": _compatible, "lower-case": str.lower})
"""What is done to text, by name."""
_LEAST_READABLE = 0.9
"""How many of the characters that are not ASCII must stand for bytes: the others may be from elsewhere."""


@functools.cache
def _images(read_as: str, post: str) -> Mapping[str, Mask]:
    """What stands for bytes after ``post``, and for which: one character or more."""
    change = POSTS[post]
    images: dict[str, Mask] = {}
    for byte, point in enumerate(byte_table(read_as).tolist()):
        if point or not byte:
            # What happened to ASCII happened to the text that it was too.
            image = chr(point) if byte < 0x80 else change(chr(point))
            images[image] = images.get(image, 0) | byte_mask(byte)
    return images


@functools.cache
def _halves(post: str) -> Mapping[str, Mask]:
    """What stands for another byte of ASCII where that is the second half of a pair, and for which."""
    changed = {chr(byte): POSTS[post](chr(byte)) for byte in range(0x80)}
    return {image: byte_mask(ord(char)) for char, image in changed.items() if image != char}


@functools.cache
def _longest(read_as: str, post: str) -> int:
    return max(map(len, _images(read_as, post)))


def may_be_read_as(text: str, read_as: str, post: str) -> bool:
    """Tell whether ``text`` may have been read as ``read_as`` before ``post``: nearly all that is not ASCII."""
    high = [char for char in text if ord(char) >= 0x80]
    images = _parts(read_as, post)
    return bool(high) and sum(char in images for char in high) >= _LEAST_READABLE * len(high)


@functools.cache
def _parts(read_as: str, post: str) -> frozenset[str]:
    return frozenset("".join(_images(read_as, post)))


def posted_arcs(text: str, read_as: str, post: str) -> list[list[Arc]]:
    """Return the arcs that leave each position of ``text``, read as a single-byte encoding and then changed."""
    images, longest, halves = _images(read_as, post), _longest(read_as, post), _halves(post)
    arcs: list[list[Arc]] = []
    for place, char in enumerate(text):
        stretches = (text[place : place + length] for length in range(1, min(longest, len(text) - place) + 1))
        here = [Arc(place + len(part), (images[part],)) for part in stretches if part in images]
        if char in halves:
            here.append(Arc(place + 1, (halves[char],), needs=True))
        if char not in images:
            here.append(Arc(place + 1, literal=ord(char), needs=False))
        arcs.append(here)
    return arcs
