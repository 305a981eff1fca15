"""Bytes to text for every encoding of the catalogue, at C speed, with the bytes that no character explains marked.

A marked byte is a lone surrogate, U+DC00 and the byte, as Python's ``surrogateescape`` has it: one byte is one
code point, so that offsets can be told from the text.  Two encodings for which Python has no codec are here.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from functools import cache

from mojibake_fix.encodings import lookup
from mojibake_fix.encodings.viscii import Viscii
from mojibake_fix.errors import UnknownEncodingError

__all__ = ["clean_text", "decode_marked", "decode_whole"]

_MARKED = re.compile("[\udc00-\udcff]+")
_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def decode_marked(name: str, data: bytes) -> str:
    """Return ``data`` read as the encoding ``name`` (a row's), bytes that are no character marked."""
    return _decoder(name)(data)


def decode_whole(name: str, data: bytes) -> str | None:
    """Return ``data`` read as an encoding that Python has a codec for; None where a byte is no character of it."""
    try:
        return data.decode(_codec_of(name) or name)
    except UnicodeDecodeError:
        return None


def clean_text(name: str, data: bytes) -> str:
    """Return ``data`` as text for people: codes that only the vendor's decoder knows included, the rest U+FFFD."""
    try:
        text = lookup(name).decode(data)
    except UnknownEncodingError:
        text = None
    if text is None:
        text = _MARKED.sub("\N{REPLACEMENT CHARACTER}", decode_marked(name, data))
    return text


@cache
def _decoder(name: str) -> Callable[[bytes], str]:
    special = _SPECIAL.get(name)
    if special is not None:
        return special
    codec = _codec_of(name)
    if codec is None:
        raise UnknownEncodingError(name)
    if _is_single(codec):
        table = _charmap(bytes(range(256)).decode(codec, "surrogateescape"))
        return lambda data: codecs.charmap_decode(data, "surrogateescape", table)[0]
    return lambda data: data.decode(codec, "surrogateescape")


@cache
def _codec_of(name: str) -> str | None:
    try:
        return lookup(name).codec
    except UnknownEncodingError:
        try:
            return codecs.lookup(name).name
        except LookupError:
            return None


def _is_single(codec: str) -> bool:
    try:
        return len(bytes(range(256)).decode(codec, "surrogateescape")) == 256 and codec not in ("utf-8", "johab")
    except (UnicodeError, LookupError):
        return False


def _charmap(chars: str) -> str:
    """A decoding table of 256 characters in which high bytes that are C1 controls or nothing are undefined."""
    return "".join(
        "\ufffe" if byte >= 0x80 and ("\x80" <= char < "\xa0" or "\udc00" <= char <= "\udcff") else char
        for byte, char in enumerate(chars)
    )


def _utf16(codec: str) -> Callable[[bytes], str]:
    def decode(data: bytes) -> str:
        whole = len(data) & ~1
        tail = "".join(chr(0xDC00 + byte) for byte in data[whole:])
        try:
            return data[:whole].decode(codec) + tail
        except UnicodeDecodeError:
            # Halves of pairs stay as they are: two bytes, one code point.
            return data[:whole].decode(codec, "surrogatepass") + tail

    return decode


def _utf32(codec: str) -> Callable[[bytes], str]:
    # Units that are no character cannot be told by their bytes: some of them are ASCII.
    return lambda data: data.decode(codec, "replace")


def _euc_tw(data: bytes) -> str:
    return (
        lookup("euc-tw")
        .transcoder()
        .decode_lossy(
            data,
            "marked",
            lambda all_, start, end: (all_[start : start + 1].decode("ascii", "surrogateescape"), start + 1),
        )
    )


def _cesu8(data: bytes) -> str:
    text = data.decode("utf-8", "surrogatepass")
    return _SURROGATE_PAIR.sub(lambda pair: pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le"), text)


def _iso_2022_cn(data: bytes) -> str:
    """RFC 1922: SO and SI between ASCII and what ``ESC $ )`` names; ``ESC $ *`` and SS2 for CNS plane 2."""
    sets = {b"A": ("gb2312", b""), b"G": ("euc-tw", b""), b"E": ("gb18030", b"")}
    charset, shifted = sets[b"A"], False
    pieces: list[str] = []
    for part in _CN_PART.findall(data):
        if part.startswith(b"\x1bN"):
            code = bytes(byte | 0x80 for byte in part[2:])
            pieces.append(clean_text("euc-tw", b"\x8e\xa2" + code))
        elif part.startswith(b"\x1b"):
            if part[2:3] == b")":
                charset = sets.get(part[3:], charset)
        elif part in (b"\x0e", b"\x0f"):
            shifted = part == b"\x0e"
        elif shifted:
            lines = part.split(b"\n")
            pieces.append("\n".join(clean_text(charset[0], bytes(b | 0x80 for b in line)) for line in lines[:1]))
            if len(lines) > 1:  # A line's end puts everything back.
                shifted = False
                pieces.append("\n" + b"\n".join(lines[1:]).decode("latin-1"))
        else:
            pieces.append(part.decode("ascii", "replace"))
    return "".join(pieces)


_CN_PART = re.compile(rb"\x1bN..|\x1b\$[)*+].|\x0e|\x0f|[^\x1b\x0e\x0f]+|\x1b", re.DOTALL)
_SPECIAL: dict[str, Callable[[bytes], str]] = {
    "viscii": Viscii().decode,
    "utf-16-le": _utf16("utf-16-le"),
    "utf-16-be": _utf16("utf-16-be"),
    "utf-32-le": _utf32("utf-32-le"),
    "utf-32-be": _utf32("utf-32-be"),
    "euc-tw": _euc_tw,
    "cesu-8": _cesu8,
    "iso-2022-cn": _iso_2022_cn,
}
