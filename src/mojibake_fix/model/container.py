"""The container of built artefacts: named arrays behind a JSON header, memory-mapped when read.

Layout: ``MAGIC``, the header's length (uint32, little-endian), the header (UTF-8 JSON, sorted keys), padding to 64
bytes, then each array's bytes, each padded to 64.  The header names every array's type, shape and offset, and the
length of its bytes if they are packed by zlib; it holds the SHA-256 of everything behind it, and says what the artefact
was built from.  Not for anything that changes at run time.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mojibake_fix.errors import ModelFormatError

__all__ = ["Container", "read_container", "write_container"]

MAGIC = b"MJBKFX01"
_ALIGNMENT = 64


class Container(NamedTuple):
    """Arrays by name (read-only views of the mapped file), and the header's ``meta``."""

    arrays: dict[str, npt.NDArray[Any]]
    meta: dict[str, Any]


def write_container(
    path: Path, arrays: dict[str, npt.NDArray[Any]], meta: dict[str, Any], *, packed: Collection[str] = ()
) -> None:
    """Write ``arrays`` and ``meta`` to ``path``; the same input gives the same bytes.

    Args:
        packed: Names of arrays that are small and sparse: unpacked when read, where others are mapped.
    """
    table: dict[str, dict[str, Any]] = {}
    blocks: list[bytes] = []
    offset = 0
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        block = array.astype(array.dtype.newbyteorder("<")).tobytes()
        table[name] = {"dtype": array.dtype.newbyteorder("<").str, "shape": list(array.shape), "offset": offset}
        if name in packed:
            block = zlib.compress(block, 9)
            table[name]["packed"] = len(block)
        blocks.append(_padded(block))
        offset += len(blocks[-1])
    payload = b"".join(blocks)
    header = json.dumps(
        {"arrays": table, "meta": meta, "sha256": _digest(payload)},
        sort_keys=True,
        ensure_ascii=False,
    ).encode()
    path.write_bytes(_padded(MAGIC + len(header).to_bytes(4, "little") + header) + payload)


def read_container(path: Path, *, verify: bool = False) -> Container:
    """Map the artefact at ``path``.

    Args:
        verify: Also hash the whole file; without it only the header and the length are checked.

    Raises:
        ModelFormatError: The file is missing, cut short, altered, or of another version.
    """
    try:
        raw = np.memmap(path, dtype=np.uint8, mode="r")
    except (OSError, ValueError) as error:
        raise ModelFormatError(f"{path}: cannot be read ({error}): install the package again") from error
    start = len(MAGIC) + 4
    if raw[: len(MAGIC)].tobytes() != MAGIC:
        raise ModelFormatError(f"{path}: not an artefact of this version: install the package again")
    length = int.from_bytes(raw[len(MAGIC) : start].tobytes(), "little")
    payload = raw[-(-(start + length) // _ALIGNMENT) * _ALIGNMENT :]
    try:
        header = json.loads(raw[start : start + length].tobytes())
        arrays = {name: _array(payload, **entry) for name, entry in header["arrays"].items()}
        digest, meta = header["sha256"], header["meta"]
    except (ValueError, LookupError, TypeError, AttributeError, zlib.error) as error:
        raise ModelFormatError(f"{path}: cut short, or its header is damaged: install the package again") from error
    if verify and _digest(payload.tobytes()) != digest:
        raise ModelFormatError(f"{path}: altered since it was built: install the package again")
    return Container(arrays, meta)


def _array(
    payload: npt.NDArray[np.uint8], dtype: str, shape: list[int], offset: int, packed: int | None = None
) -> npt.NDArray[Any]:
    kind = np.dtype(dtype)
    if packed is not None:
        return np.frombuffer(zlib.decompress(payload[offset : offset + packed].tobytes()), kind).reshape(shape)
    size = kind.itemsize * int(np.prod(shape, dtype=np.int64))
    return np.asarray(payload[offset : offset + size]).view(kind).reshape(shape)


def _digest(payload: bytes) -> str:
    # 3 ms to import, which most uses of a model can do without.
    import hashlib

    return hashlib.sha256(payload).hexdigest()


def _padded(block: bytes) -> bytes:
    return block + bytes(-len(block) % _ALIGNMENT)
