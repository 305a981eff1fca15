"""The container of the built tables in ``data/``: a magic line, a JSON line, a payload.

    mojibake-fix table 1\\n
    {"name": ..., "sha256": of the unpacked payload, "size": bytes, "source": ..., ...}\\n
    zlib stream; or, if the line has "parts", one of each part, and where in the payload it is

Models have a format of their own; this one is for tables of encodings only.
"""

from __future__ import annotations

import itertools
import json
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mojibake_fix.errors import ModelFormatError

__all__ = ["MAGIC", "pack", "pack_parts", "read", "read_parts", "unpack", "unpack_parts"]

MAGIC = b"mojibake-fix table 1\n"
# Models are mapped from their files, so that this package is never in an archive, and needs no importlib.resources,
# which takes 6 ms.
_DATA = Path(__file__).parents[1] / "data"


def pack(payload: bytes, header: Mapping[str, Any]) -> bytes:
    """Return the file's bytes; equal arguments give equal bytes."""
    # 5 ms of a start, which reads files and packs none.
    import hashlib

    full = dict(header) | {"sha256": hashlib.sha256(payload).hexdigest(), "size": len(payload)}
    return _with_head(full, zlib.compress(payload, 9))


def pack_parts(parts: Mapping[str, bytes], header: Mapping[str, Any]) -> bytes:
    """Return the bytes of a file whose parts are unpacked one by one, when they are needed."""
    packed = [zlib.compress(part, 9) for part in parts.values()]
    ends = itertools.accumulate(map(len, packed))
    places = {name: [end - len(piece), end] for name, piece, end in zip(parts, packed, ends, strict=True)}
    return _with_head(dict(header) | {"parts": places}, b"".join(packed))


def _with_head(header: Mapping[str, Any], body: bytes) -> bytes:
    return MAGIC + json.dumps(header, sort_keys=True, ensure_ascii=True).encode("ascii") + b"\n" + body


def unpack(content: bytes, name: str) -> tuple[dict[str, Any], bytes]:
    """Return header and payload of a file's bytes; zlib's checksum is looked at, and the hash is for those who build.

    Raises:
        ModelFormatError: The file is truncated, altered or of another version.
    """
    try:
        header, start = _header(content)
        payload = zlib.decompress(content[start:])
        if len(payload) != header["size"]:
            raise ValueError("its contents are not as long as its header says")
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise _unusable(name, error) from error
    return header, payload


def unpack_parts(content: bytes, name: str) -> tuple[dict[str, Any], Callable[[str], bytes]]:
    """Return the header of a file of parts, and what unpacks one of them.

    Both raise :class:`ModelFormatError` where the file is truncated, altered or of another version: each part has a
    checksum of its own.
    """
    try:
        header, start = _header(content)
        places: dict[str, tuple[int, int]] = {part: (start + a, start + b) for part, (a, b) in header["parts"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unusable(name, error) from error

    def part(which: str) -> bytes:
        begin, end = places[which]
        try:
            return zlib.decompress(content[begin:end])
        except zlib.error as error:
            raise _unusable(name, error) from error

    return header, part


def _header(content: bytes) -> tuple[dict[str, Any], int]:
    """The header of a file, and where its payload begins."""
    if content[: len(MAGIC)] != MAGIC:
        raise ValueError("no magic line")
    start = content.find(b"\n", len(MAGIC)) + 1
    header = json.loads(content[len(MAGIC) : start])
    if not isinstance(header, dict):
        raise ValueError("no header")
    return header, start


def _unusable(name: str, error: Exception) -> ModelFormatError:
    return ModelFormatError(f"{name}: {error}: install the package again")


def read(name: str) -> tuple[dict[str, Any], bytes]:
    """Return header and payload of the table ``name`` of the installed package.

    Raises:
        ModelFormatError: The file is missing, truncated, altered or of another version.
    """
    return unpack(_content(name), name)


def read_parts(name: str) -> tuple[dict[str, Any], Callable[[str], bytes]]:
    """Return what :func:`unpack_parts` does, of the table ``name`` of the installed package.

    Raises:
        ModelFormatError: The file is missing, truncated, altered or of another version.
    """
    return unpack_parts(_content(name), name)


def _content(name: str) -> bytes:
    try:
        return (_DATA / name).read_bytes()
    except OSError as error:
        raise ModelFormatError(f"{name}: cannot be read ({error}): install the package again") from error
