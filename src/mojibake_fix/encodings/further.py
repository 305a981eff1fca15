"""Encodings that text may be in beyond those of the registry: all that Python has codecs for, and VISCII.

Not for repair: what text is misread between is the registry.
"""

from __future__ import annotations

import codecs
from functools import cache

from mojibake_fix.encodings.registry import Encoding, Structure, lookup
from mojibake_fix.encodings.viscii import NAME as VISCII
from mojibake_fix.errors import UnknownEncodingError

__all__ = ["codec_name", "text_encoding"]

_NO_TEXT = frozenset(
    {"charmap", "idna", "mbcs", "oem", "punycode", "raw_unicode_escape", "undefined", "unicode_escape"}
)
"""Codecs that are for something else, or for whatever this machine is set to."""

_NO_BIT = -1


def text_encoding(name: str) -> Encoding:
    """Return the encoding of that name or alias: the registry's, or one of which only both directions are known.

    Raises:
        UnknownEncodingError: There is none.
    """
    try:
        return lookup(name)
    except UnknownEncodingError:
        return _further(name)


def codec_name(name: str) -> str:
    """Return the name of a Python codec as it is spelt here: ``iso8859-3`` and ``iso8859_3`` are ``iso-8859-3``."""
    return name.replace("_", "-").replace("iso8859", "iso-8859")


@cache
def _further(name: str) -> Encoding:
    if codec_name(name.lower()) == VISCII:
        return _row(VISCII, "", "single")
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        raise UnknownEncodingError(name) from None
    # The attribute that says whether a codec is of text is private, and str.encode goes by it.
    if codec.name.replace("-", "_") in _NO_TEXT or not getattr(codec, "_is_text_encoding", True):
        raise UnknownEncodingError(name)
    return _row(codec_name(codec.name), codec.name, "single" if _is_beside_ascii(codec.name) else "stateful")


def _row(name: str, codec: str, structure: Structure) -> Encoding:
    return Encoding(name, codec, (), "other", structure, (), (), _NO_BIT)


def _is_beside_ascii(codec: str) -> bool:
    """Whether each byte is a character, and those of ASCII are those of ASCII; of others nothing is sure."""
    if bytes(range(128)).decode(codec, "replace") != bytes(range(128)).decode("ascii"):
        return False
    high = bytes(range(128, 256)).decode(codec, "surrogateescape")
    return len(high) == 128 and not all("\udc80" <= character <= "\udcff" for character in high)
