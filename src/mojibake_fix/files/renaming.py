"""Renaming that overwrites nothing and can be undone, whenever it ends.

The record of what is done is written, and on the disk, before each name changes.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from mojibake_fix.errors import ConfigError, OutputError

__all__ = ["MOST_NAME_BYTES", "Rehearsal", "Renamer", "free_record", "undo"]

MOST_NAME_BYTES = 255
"""Most bytes of a name on the usual file systems."""


class Rehearsal:
    """Finds out which renamings can be done, and does none."""

    def __init__(self) -> None:
        self._taken: set[Path] = set()

    def rename(self, path: Path, name: str) -> None:
        """Note that the file or folder at ``path`` is to have another name.

        Raises:
            OutputError: The name cannot be one, or is there already, or another is to have it.
        """
        target = _free_place(path, name)
        if target in self._taken:
            raise OutputError(f"{path}: another is to be {name}, too: left alone")
        self._taken.add(target)


class Renamer:
    """Renames, and records in a file what was renamed; a context manager.

    Args:
        record: A file that does not exist yet; it is made with the first renaming.
    """

    def __init__(self, record: Path) -> None:
        self.record = record
        self.count = 0
        self._descriptor: int | None = None

    def rename(self, path: Path, name: str) -> None:
        """Give the file or folder at ``path`` another name.

        Raises:
            OSError: It cannot be renamed; the record cannot be written.
            OutputError: The name cannot be one, or is there already.
        """
        target = _free_place(path, name)
        if self._descriptor is None:
            self._descriptor = os.open(self.record, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        entry = {"from": str(path.absolute()), "to": str(target.absolute())}
        # Only ASCII: bytes of names that are no text survive as escaped surrogates.
        os.write(self._descriptor, (json.dumps(entry) + "\n").encode("ascii"))
        os.fsync(self._descriptor)
        _move(path, target)
        self.count += 1

    def __enter__(self) -> Renamer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)


def free_record(folder: Path) -> Path:
    """Return the first name of a record that is not there yet: ``mojibake-fix-undo-1.jsonl`` and on."""
    number = 1
    while (record := folder / f"mojibake-fix-undo-{number}.jsonl").exists():
        number += 1
    return record


def undo(record: Path) -> Iterator[tuple[Path, Path, str | None]]:
    """Take back the renamings of ``record``, last first; yield each, new name and old, with what prevented it.

    A renaming that was recorded but did not happen is passed over.

    Raises:
        ConfigError: It is no such record.
        OSError: It cannot be read.
    """
    # A line without an end was being written when everything stopped, and its renaming had not begun.
    for line in reversed(record.read_bytes().split(b"\n")[:-1]):
        try:
            entry = json.loads(line)
            old, new = Path(entry["from"]), Path(entry["to"])
        except (ValueError, TypeError, KeyError) as error:
            raise ConfigError(f"{record}: no record of renamings") from error
        if not os.path.lexists(new) and os.path.lexists(old):
            continue
        if os.path.lexists(old):
            yield new, old, f"{old} exists already: left alone"
            continue
        try:
            _move(new, old)
        except OSError as error:
            yield new, old, error.strerror
        else:
            yield new, old, None


def _free_place(path: Path, name: str) -> Path:
    separators = {"/", "\0", os.sep, os.altsep or "/"}
    if name in ("", ".", "..") or separators & set(name) or len(os.fsencode(name)) > MOST_NAME_BYTES:
        raise OutputError(f"{path}: {name!r} cannot be a name: left alone")
    target = path.with_name(name)
    if os.path.lexists(target):
        raise OutputError(f"{path}: {name} exists already: left alone")
    return target


def _move(path: Path, target: Path) -> None:
    """Rename ``path``, which is certain to overwrite nothing where the file system has hard links."""
    if path.is_dir() and not path.is_symlink():
        path.rename(target)
        return
    try:
        os.link(path, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS, errno.EXDEV):
            raise
        path.rename(target)
    else:
        path.unlink()
