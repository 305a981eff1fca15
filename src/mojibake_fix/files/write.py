"""Text as bytes, and bytes into a file: whole, or not at all.

A file is written beside its place under a temporary name and moved there when it is complete and on the disk,
so that whoever reads it, and whatever fails, finds the old file or the new one.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from mojibake_fix.encodings import Encoding, text_encoding
from mojibake_fix.errors import OutputError
from mojibake_fix.files.discovery import TEMPORARY_SUFFIX

__all__ = ["AtomicFile", "Sink", "encode"]

# Names are at most 255 bytes on the usual file systems: room for the suffix and the random part.
_NAME_BYTES_KEPT = 200


def encode(text: str, encoding: str, name: str, offset: int = 0) -> bytes:
    """Return ``text`` in ``encoding``, without a byte order mark.

    Args:
        text: What to write; newlines stay as they are.
        encoding: Its name.
        name: What an error calls the text.
        offset: How many characters of the input come before ``text``.

    Raises:
        OutputError: A character that the encoding lacks; the error gives its offset in code points.
        UnknownEncodingError: ``encoding`` is no encoding.
    """
    row = text_encoding(encoding)
    data = row.encode(text)
    if data is None:
        at = _first_unencodable(text, row)
        raise OutputError(
            f"{name}: no U+{ord(text[at]):04X} in {row.name}, at character {offset + at}: "
            "write it in another encoding, such as utf-8"
        )
    return data


class AtomicFile:
    """The new content of the file at ``path``, in the making; a context manager.

    Nothing is to be seen of it, but a file with a temporary name, before :meth:`commit`; leaving the context
    without a commit deletes that.  Symbolic links are followed: their target is replaced.  A file that exists
    keeps its mode, its owner and its extended attributes.  Of a file with several names (hard links) only this
    one is replaced, and the others keep the old content.  Folders that are missing are made.  What is no regular
    file (a pipe, a device) is written to at once.

    Args:
        path: The file.
        read_as: The file as it was when its content was read; a commit refuses to replace another.
        backup_suffix: What to add to the name for a copy of the old content; None makes no copy.

    Raises:
        OSError: It cannot be written; what was there is untouched.
        OutputError: It became another file meanwhile, or its owner cannot be kept.
    """

    def __init__(self, path: Path, *, read_as: os.stat_result | None = None, backup_suffix: str | None = None) -> None:
        self._name = str(path)
        self._target = Path(os.path.realpath(path))
        self._read_as = read_as
        self._backup_suffix = backup_suffix
        self._temporary: Path | None = None
        self._discard: Callable[[], object] = _nothing
        with self._named():
            try:
                self._existing: os.stat_result | None = self._target.stat()
            except FileNotFoundError:
                self._existing = None
            self._stream = self._open()

    def _open(self) -> BinaryIO:
        if self._existing is not None and not stat.S_ISREG(self._existing.st_mode):
            return self._target.open("wb")
        self._target.parent.mkdir(parents=True, exist_ok=True)
        self._temporary = self._target.with_name(_temporary_name(self._target.name))
        # Before it is there: a signal may end the process before whoever called this has it in a context.
        self._discard = weakref.finalize(self, self._temporary.unlink, missing_ok=True)
        # What only its owner may read is never, for a moment, there for others.
        mode = 0o666 if self._existing is None else 0o600
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        return os.fdopen(os.open(self._temporary, flags, mode), "wb")

    def write(self, data: bytes) -> None:
        """Add ``data`` at the end."""
        with self._named():
            self._stream.write(data)

    def commit(self) -> None:
        """Put the new content in its place."""
        with self._named():
            self._commit()

    def _commit(self) -> None:
        self._stream.flush()
        if self._temporary is None:
            self._stream.close()
            return
        if self._existing is not None:
            _keep_attributes(self._stream.fileno(), self._target, self._existing)
        os.fsync(self._stream.fileno())
        self._stream.close()
        if self._read_as is not None:
            _check_unchanged(self._target, self._read_as)
        if self._backup_suffix is not None and self._existing is not None:
            _back_up(self._target, self._backup_suffix)
        self._temporary.replace(self._target)

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Let errors name the file that is wanted, not the temporary one, nor none."""
        try:
            yield
        except OSError as error:
            raise OSError(error.errno, error.strerror, self._name) from error

    def __enter__(self) -> AtomicFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closing writes what is in the buffer, which fails again on a full disk.
        with contextlib.suppress(OSError):
            self._stream.close()
        self._discard()


class Sink(io.RawIOBase):
    """An unfinished file as a stream that others write to."""

    def __init__(self, out: AtomicFile) -> None:
        super().__init__()
        self._out = out
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        self._out.write(bytes(data))
        self._position += size
        return size

    def tell(self) -> int:
        return self._position


def _nothing() -> None:
    pass


def _temporary_name(name: str) -> str:
    kept = os.fsdecode(os.fsencode(name)[:_NAME_BYTES_KEPT])
    return f".{kept}.{os.urandom(4).hex()}{TEMPORARY_SUFFIX}"


def _keep_attributes(descriptor: int, target: Path, existing: os.stat_result) -> None:
    if hasattr(os, "fchown"):
        created = os.fstat(descriptor)
        if (created.st_uid, created.st_gid) != (existing.st_uid, existing.st_gid):
            try:
                os.fchown(descriptor, existing.st_uid, existing.st_gid)
            except PermissionError as error:
                raise OutputError(f"{target}: only its owner, or root, can replace it and leave it theirs") from error
    if hasattr(os, "listxattr"):
        names: list[str] = []
        with contextlib.suppress(OSError):
            names = os.listxattr(target)
        for name in names:
            # Some are for the system alone to set, and it does.
            with contextlib.suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(target, name))
    if hasattr(os, "fchmod"):
        # After the owner: a change of owner clears set-user-ID bits.
        os.fchmod(descriptor, stat.S_IMODE(existing.st_mode))


def _check_unchanged(target: Path, read_as: os.stat_result) -> None:
    now = target.stat()
    if (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns) != (
        read_as.st_dev,
        read_as.st_ino,
        read_as.st_size,
        read_as.st_mtime_ns,
    ):
        raise OutputError(f"{target}: it changed while it was being repaired, and was left alone: run this again")


def _back_up(target: Path, suffix: str) -> None:
    """Keep the file under a name of its own that nothing has yet: ``.bak``, then ``.bak.2``, ``.bak.3`` …"""
    number = 1
    while True:
        backup = target.with_name(target.name + suffix + (f".{number}" if number > 1 else ""))
        try:
            os.link(target, backup)
        except FileExistsError:
            number += 1
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS, errno.EXDEV):
                raise
            # A file system without hard links.
            import shutil

            with backup.open("xb"):
                pass
            shutil.copy2(target, backup)
            return
        else:
            return


def _first_unencodable(text: str, row: Encoding) -> int:
    return next(offset for offset, character in enumerate(text) if row.encode(character) is None)
