"""The container of the built tables in ``data/``: a magic line, a JSON line, a payload.

    mojibake-fix table 1\\n
    {"name": ..., "sha256": of the unpacked payload, "size": bytes, "source": ..., ...}\\n
    zlib stream; or the payload as it is, from a multiple of 64 bytes on, if the line says "mapped"

Models have a format of their own; this one is for tables of encodings only.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mojibake_fix.errors import ModelFormatError

__all__ = ["MAGIC", "map_payload", "pack", "read", "unpack"]

MAGIC = b"mojibake-fix table 1\n"
_ALIGNMENT = 64
"""Bytes: more than any array's elements need, where a payload is mapped."""

# Models are mapped from their files, so that this package is never in an archive, and needs no importlib.resources,
# which takes 6 ms.
_DATA = Path(__file__).parents[1] / "data"


def pack(payload: bytes, header: Mapping[str, Any]) -> bytes:
    """Return the file's bytes; equal arguments give equal bytes.

    Args:
        payload: What the table is.
        header: What there is to say of it; ``"mapped": True`` of what is large and of use in parts, and is therefore
            not packed.
    """
    full = dict(header) | {"sha256": hashlib.sha256(payload).hexdigest(), "size": len(payload)}
    head = MAGIC + json.dumps(full, sort_keys=True, ensure_ascii=True).encode("ascii")
    if full.get("mapped"):
        return head + b" " * (-(len(head) + 1) % _ALIGNMENT) + b"\n" + payload
    return head + b"\n" + zlib.compress(payload, 9)


def unpack(content: bytes, name: str) -> tuple[dict[str, Any], bytes]:
    """Return header and payload of a file's bytes.

    Raises:
        ModelFormatError: The file is truncated, altered or of another version.
    """
    try:
        header, start = _header(content)
        payload = content[start:] if header.get("mapped") else zlib.decompress(content[start:])
        if len(payload) != header["size"] or hashlib.sha256(payload).hexdigest() != header["sha256"]:
            raise ValueError("its contents do not have the hash that its header names")
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise ModelFormatError(f"{name}: {error}: install the package again") from error
    return header, payload


def _header(content: bytes | mmap.mmap) -> tuple[dict[str, Any], int]:
    """The header of a file, and where its payload begins."""
    if content[: len(MAGIC)] != MAGIC:
        raise ValueError("no magic line")
    start = content.find(b"\n", len(MAGIC)) + 1
    header = json.loads(content[len(MAGIC) : start])
    if not isinstance(header, dict):
        raise ValueError("no header")
    return header, start


def read(name: str) -> tuple[dict[str, Any], bytes]:
    """Return header and payload of the table ``name`` of the installed package.

    Raises:
        ModelFormatError: The file is missing, truncated, altered or of another version.
    """
    try:
        content = (_DATA / name).read_bytes()
    except OSError as error:
        raise ModelFormatError(f"{name}: cannot be read ({error}): install the package again") from error
    return unpack(content, name)


def map_payload(name: str) -> tuple[dict[str, Any], memoryview]:
    """Return header and payload of the table ``name``, whose header says that it is mapped; its hash is not looked at.

    Raises:
        ModelFormatError: The file is missing, cut short or of another version.
    """
    try:
        with (_DATA / name).open("rb") as stream:
            content = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        header, start = _header(content)
        if not header["mapped"] or len(content) - start != header["size"]:
            raise ValueError("it is not as long as its header says")
    except (OSError, ValueError, KeyError) as error:
        raise ModelFormatError(f"{name}: cannot be read ({error}): install the package again") from error
    return header, memoryview(content)[start:]
