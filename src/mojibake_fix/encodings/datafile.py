"""The container of the built tables in ``data/``: a magic line, a JSON line, a zlib payload.

    mojibake-fix table 1\\n
    {"name": ..., "sha256": of the unpacked payload, "size": bytes, "source": ..., ...}\\n
    zlib stream

Models have a format of their own; this one is for tables of encodings only.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mojibake_fix.errors import ModelFormatError

__all__ = ["MAGIC", "pack", "read", "unpack"]

MAGIC = b"mojibake-fix table 1\n"

# Models are mapped from their files, so that this package is never in an archive, and needs no importlib.resources,
# which takes 6 ms.
_DATA = Path(__file__).parents[1] / "data"


def pack(payload: bytes, header: Mapping[str, Any]) -> bytes:
    """Return the file's bytes; equal arguments give equal bytes."""
    full = dict(header) | {"sha256": hashlib.sha256(payload).hexdigest(), "size": len(payload)}
    line = json.dumps(full, sort_keys=True, ensure_ascii=True).encode("ascii")
    return MAGIC + line + b"\n" + zlib.compress(payload, 9)


def unpack(content: bytes, name: str) -> tuple[dict[str, Any], bytes]:
    """Return header and payload of a file's bytes.

    Raises:
        ModelFormatError: The file is truncated, altered or of another version.
    """
    try:
        if not content.startswith(MAGIC):
            raise ValueError("no magic line")
        line, packed = content[len(MAGIC) :].split(b"\n", 1)
        header: dict[str, Any] = json.loads(line)
        payload = zlib.decompress(packed)
        if len(payload) != header["size"] or hashlib.sha256(payload).hexdigest() != header["sha256"]:
            raise ValueError("its contents do not have the hash that its header names")
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise ModelFormatError(f"{name}: {error}: install the package again") from error
    return header, payload


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
