"""A run over many files of records that can be stopped at any time and taken up again.

Each file's result is whole or not there.  What is done is noted in a manifest, a line of JSON a file, written when the
result is in its place; a run that begins again does only what is not noted, or what has changed since.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mojibake_fix.config import Config
from mojibake_fix.errors import MojibakeFixError
from mojibake_fix.files.read import check_size
from mojibake_fix.files.records import RecordCounts, repair_records
from mojibake_fix.version import __version__

__all__ = ["MANIFEST", "Manifest", "Shard", "ShardResult", "do_shard"]

MANIFEST = ".mojibake-fix-manifest.jsonl"
"""Name of the manifest, in the folder that results go to."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A file, where its result goes (None: nowhere, it is only looked at), and what is done to it.

    ``max_size`` is the most bytes that it may have, ``backup_suffix`` what a copy of a file that is replaced ends in.
    """

    source: Path
    target: Path | None
    fields: tuple[str, ...]
    config: Config
    max_size: int | None = None
    backup_suffix: str | None = None

    @property
    def settings(self) -> str:
        """What tells this work from other work on the same file."""
        said = [__version__, self.fields, dataclasses.asdict(self.config)]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class ShardResult:
    """What became of a shard; ``error`` says why nothing did."""

    shard: Shard
    counts: RecordCounts
    error: str | None = None


def do_shard(shard: Shard) -> ShardResult:
    """Repair one shard; whatever goes wrong is told, and never ends the others' work."""
    try:
        check_size(shard.source.stat().st_size, shard.max_size, str(shard.source))
        counts = repair_records(
            shard.source, shard.target, shard.fields, shard.config, backup_suffix=shard.backup_suffix
        )
        return ShardResult(shard, counts)
    except MojibakeFixError as error:
        return ShardResult(shard, RecordCounts(), str(error))
    except OSError as error:
        return ShardResult(shard, RecordCounts(), f"{error.filename or shard.source}: {error.strerror or error}")


class Manifest:
    """What is done of a run, in a folder.

    Raises:
        OSError: It cannot be read, or written to.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / MANIFEST
        self._done: dict[str, dict[str, Any]] = {}
        data = self._path.read_bytes() if self._path.exists() else b""
        self._is_torn = bool(data) and not data.endswith(b"\n")
        for entry in map(_entry, data.splitlines()):
            if entry is not None:
                self._done[entry["target"]] = entry

    def left(self, shards: Iterable[Shard]) -> list[Shard]:
        """Return the shards that are not done."""
        return [shard for shard in shards if not self._is_done(shard)]

    def _is_done(self, shard: Shard) -> bool:
        facts = self._facts(shard)
        return facts is not None and self._done.get(facts["target"]) == facts

    def note(self, results: Sequence[ShardResult]) -> None:
        """Note that these are done; their results are in their places."""
        self._folder.mkdir(parents=True, exist_ok=True)
        lines = []
        for result in results:
            facts = self._facts(result.shard)
            if facts is not None:
                self._done[facts["target"]] = facts
                lines.append(json.dumps(facts) + "\n")
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write("\n" * self._is_torn + "".join(lines))
            stream.flush()
            os.fsync(stream.fileno())
        self._is_torn = False

    def _facts(self, shard: Shard) -> dict[str, Any] | None:
        """What must be as it was for a shard to count as done; None where a file is missing."""
        assert shard.target is not None
        try:
            source, target = shard.source.stat(), shard.target.stat()
        except OSError:
            return None
        return {
            "target": os.path.relpath(shard.target, self._folder),
            "source": str(shard.source.absolute()),
            "source_size": source.st_size,
            "source_time": source.st_mtime_ns,
            "target_size": target.st_size,
            "target_time": target.st_mtime_ns,
            "settings": shard.settings,
        }


def _entry(line: bytes) -> dict[str, Any] | None:
    """An entry; None for a line that a stopped run left unfinished."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and isinstance(entry.get("target"), str) else None
