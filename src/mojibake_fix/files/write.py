"""Text as bytes, and bytes into a file: whole, or not at all.

A file is written beside its place under a temporary name and moved there when it is complete and on the disk,
so that whoever reads it, and whatever fails, finds the old file or the new one.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from mojibake_fix.encodings import Encoding, lookup
from mojibake_fix.errors import OutputError
from mojibake_fix.files.read import BYTE_ORDER_MARKS

__all__ = ["TEMPORARY_SUFFIX", "encode", "write_atomically"]

TEMPORARY_SUFFIX = ".mojibake-fix.tmp"
"""How the name of an unfinished file ends; one that a killed process left behind may be deleted."""

# Names are at most 255 bytes on the usual file systems: room for the suffix and the random part.
_NAME_BYTES_KEPT = 200


def encode(text: str, encoding: str, name: str, *, bom: bool = False) -> bytes:
    """Return ``text`` in ``encoding``, after a byte order mark if ``bom`` and the encoding has one.

    Args:
        text: What to write; newlines stay as they are.
        encoding: A name of the registry.
        name: What an error calls the text.
        bom: Whether to begin with a byte order mark.

    Raises:
        OutputError: A character that the encoding lacks; the error gives its offset in code points.
        UnknownEncodingError: ``encoding`` is no encoding of the registry.
    """
    row = lookup(encoding)
    data = row.encode(text)
    if data is None:
        offset = _first_unencodable(text, row)
        raise OutputError(
            f"{name}: no U+{ord(text[offset]):04X} in {row.name}, at character {offset}: "
            "write it in another encoding, such as utf-8"
        )
    return BYTE_ORDER_MARKS.get(row.name, b"") + data if bom else data


def write_atomically(path: Path, data: bytes) -> None:
    """Make ``data`` the content of the file at ``path``.

    Symbolic links are followed.  A file that exists keeps its mode, and its owner where the process may give
    files away; folders that are missing are made.  What is no regular file (a pipe, a device) is written to.

    Raises:
        OSError: It cannot be written; what was there is untouched.
    """
    target = Path(os.path.realpath(path))
    try:
        existing = target.stat()
    except FileNotFoundError:
        existing = None
    if existing is not None and not stat.S_ISREG(existing.st_mode):
        target.write_bytes(data)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(_temporary_name(target.name))
    try:
        with temporary.open("xb") as stream:
            stream.write(data)
            stream.flush()
            if existing is not None:
                _keep_owner_and_mode(stream.fileno(), existing)
            os.fsync(stream.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _temporary_name(name: str) -> str:
    kept = os.fsdecode(os.fsencode(name)[:_NAME_BYTES_KEPT])
    return f".{kept}.{secrets.token_hex(4)}{TEMPORARY_SUFFIX}"


def _keep_owner_and_mode(descriptor: int, existing: os.stat_result) -> None:
    if not hasattr(os, "fchown"):
        return
    created = os.fstat(descriptor)
    if (created.st_uid, created.st_gid) != (existing.st_uid, existing.st_gid):
        # Only root may give files away; the content matters more than whose it is.
        with contextlib.suppress(PermissionError):
            os.fchown(descriptor, existing.st_uid, existing.st_gid)
    # After the owner: a change of owner clears set-user-ID bits.
    os.fchmod(descriptor, stat.S_IMODE(existing.st_mode))


def _first_unencodable(text: str, row: Encoding) -> int:
    return next(offset for offset, character in enumerate(text) if row.encode(character) is None)
