"""Files of records, of which some fields are text: JSON Lines (.jsonl, .ndjson, also .gz and .zst) and Parquet.

A file is repaired record by record, in memory that does not grow with it, and its result is whole or not there.  The
same input gives the same bytes.  What is no named field stays as it is; in JSON Lines to the byte.  Not for running
over many files: :mod:`mojibake_fix.files.shards`.
"""

from __future__ import annotations

import gzip
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from mojibake_fix.config import Config
from mojibake_fix.engine.many import explain_many
from mojibake_fix.errors import ConfigError, UndecodableInputError
from mojibake_fix.files.read import held
from mojibake_fix.files.write import AtomicFile, Sink
from mojibake_fix.plan import Repair

__all__ = ["RecordCounts", "is_record_file", "repair_records"]

_JSON_SUFFIXES = (".jsonl", ".ndjson")
_PARQUET_SUFFIX = ".parquet"
_PACKED = (".gz", ".zst")
_BATCH_BYTES = 4 << 20
"""Bytes of lines looked at together."""
_GZIP_LEVEL, _ZSTD_LEVEL = 6, 3
_DECODER = json.JSONDecoder()
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


@dataclass(slots=True)
class RecordCounts:
    """What became of the records of a file: how many there are, how many changed, and the steps made, by fault."""

    records: int = 0
    changed: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    def add(self, repairs: Sequence[Repair]) -> None:
        """Count the repairs of one record."""
        steps = [step for repair in repairs for step in repair.plan.steps]
        self.changed += bool(steps)
        self.faults.update(step.fault.value for step in steps)


def is_record_file(path: Path) -> bool:
    """Whether the name of a file says that it holds records."""
    name = path.name.lower()
    for suffix in _PACKED:
        name = name.removesuffix(suffix)
    return name.endswith(_JSON_SUFFIXES) or path.name.lower().endswith(_PARQUET_SUFFIX)


def repair_records(
    source: Path,
    target: Path | None,
    fields: Sequence[str],
    config: Config,
    *,
    backup_suffix: str | None = None,
) -> RecordCounts:
    """Repair ``fields`` of all records of a file.

    Args:
        source: A file whose name says its format.
        target: Where the result goes; its name says how it is compressed.  None writes nothing, and a file whose
            result would go over itself is left alone where no record changes.
        fields: Names of fields (of columns) that are text.  A record may lack them, or have null there.
            ``outer.inner`` is a field of an object that is a field, or of each in a list of such objects.
        config: What to do.
        backup_suffix: What to add to the name for a copy of a file that is replaced; None makes no copy.

    Raises:
        ConfigError: A name that says no format, a column that is not there, or a package that is missing.
        UndecodableInputError: A line that is no JSON object, or a value that is no UTF-8.
        OSError, OutputError: What cannot be read or written; nothing is then to be seen of the result.
    """
    if not is_record_file(source):
        raise ConfigError(f"{source}: --field is for .jsonl, .ndjson (also .gz, .zst) and .parquet")
    if target is not None and _is_parquet(source) != _is_parquet(target):
        raise ConfigError(f"{target}: the result of {source.name} is of the same format: give it the same suffix")
    with ExitStack() as stack:
        out: AtomicFile | None = None
        if target is not None:
            read_as = stack.enter_context(held(source)) if target == source else None
            out = stack.enter_context(AtomicFile(target, read_as=read_as, backup_suffix=backup_suffix))
        counts = RecordCounts()
        if _is_parquet(source):
            try:
                from mojibake_fix.files.parquet import repair_parquet
            except ImportError as error:
                raise ConfigError("files that end in .parquet need the package pyarrow: install it") from error
            repair_parquet(source, out, fields, config, counts)
        else:
            packed = target.suffix.lower() if target is not None else ""
            _repair_lines(source, out, packed, fields, config, counts)
        if out is not None and (counts.changed or target != source):
            out.commit()
    return counts


def _is_parquet(path: Path) -> bool:
    return path.name.lower().endswith(_PARQUET_SUFFIX)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of JSON, and where the texts of its fields stand in it, quotation marks included."""

    raw: str
    places: tuple[tuple[int, int], ...]
    texts: tuple[str, ...]


def _repair_lines(
    source: Path, out: AtomicFile | None, packed: str, fields: Sequence[str], config: Config, counts: RecordCounts
) -> None:
    wanted = _Wanted.of(fields)
    with _opened(source) as stream, _packing(out, packed) as sink:
        for batch in _batches(stream):
            lines = [_parsed(raw, wanted, f"{source}:{counts.records + number}") for number, raw in enumerate(batch, 1)]
            repairs = iter(explain_many([text for line in lines for text in line.texts], config))
            for line in lines:
                counts.records += 1
                own = [next(repairs) for _ in line.texts]
                counts.add(own)
                if sink is not None:
                    sink.write(_spliced(line, own).encode("utf-8", "surrogatepass"))


def _batches(stream: IO[bytes]) -> Iterator[list[bytes]]:
    while lines := stream.readlines(_BATCH_BYTES):
        yield lines


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Names of fields: that of a field in an object that is a field's value is ``outer.inner``, also where there is a
    list of such objects.  ``outer`` are the names that others begin with, their dots included.
    """

    names: frozenset[str]
    outer: frozenset[str]

    @classmethod
    def of(cls, names: Sequence[str]) -> _Wanted:
        dots = ((name, place) for name in names for place, mark in enumerate(name) if mark == ".")
        return cls(frozenset(names), frozenset(name[: place + 1] for name, place in dots))


def _parsed(raw: bytes, wanted: _Wanted, name: str) -> _Line:
    """Find the texts of the wanted fields in a line: the last of each name, as other readers of JSON take it."""
    try:
        text = raw.decode()
        # Files with a mark each may have been put together.
        at = _skip_space(text, len(_MARK) if text.startswith(_MARK) else 0)
        if at == len(text):
            return _Line(text, (), ())
        found, at = _texts_of_object(text, at, "", wanted)
        if _skip_space(text, at) != len(text):
            raise ValueError("more behind the object")
    except (ValueError, IndexError, RecursionError) as error:
        # A UnicodeDecodeError and a JSONDecodeError are ValueErrors.
        raise UndecodableInputError(name, "a line of JSON", 0, f"give an object a line, in UTF-8 ({error})") from error
    texts = sorted(found)
    return _Line(text, tuple(place[:2] for place in texts), tuple(place[2] for place in texts))


_Text = tuple[int, int, str]
"""Where a text stands in a line, quotation marks included, and what it says."""


def _texts_of_object(text: str, at: int, prefix: str, wanted: _Wanted) -> tuple[list[_Text], int]:
    """The texts of the wanted fields of the object that begins at ``at``, and where it ends."""
    found: dict[str, list[_Text]] = {}
    at = _expect(text, at, "{")
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        if not isinstance(key, str):
            raise ValueError(f"a name expected, not {key!r}")
        start = _expect(text, _skip_space(text, at), ":")
        found[key], end = _texts_of_value(text, start, prefix + key, wanted)
        at = _skip_space(text, end)
        if text[at] == "}":
            break
        at = _expect(text, at, ",")
    return [place for places in found.values() for place in places], at + 1


def _texts_of_value(text: str, at: int, path: str, wanted: _Wanted) -> tuple[list[_Text], int]:
    if text[at] in "{[" and path + "." in wanted.outer:
        if text[at] == "{":
            return _texts_of_object(text, at, path + ".", wanted)
        return _texts_of_list(text, at, path, wanted)
    value, end = _DECODER.raw_decode(text, at)
    return [(at, end, value)] if path in wanted.names and isinstance(value, str) else [], end


def _texts_of_list(text: str, at: int, path: str, wanted: _Wanted) -> tuple[list[_Text], int]:
    found: list[_Text] = []
    at = _expect(text, at, "[")
    while text[at] != "]":
        if text[at] in "{[":
            places, at = _texts_of_value(text, at, path, wanted)
            found += places
        else:
            _, at = _DECODER.raw_decode(text, at)
        at = _skip_space(text, at)
        if text[at] == "]":
            break
        at = _expect(text, at, ",")
    return found, at + 1


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _expect(text: str, at: int, mark: str) -> int:
    """The place behind ``mark`` and the space that follows it."""
    if text[at] != mark:
        raise ValueError(f"{mark} expected at character {at}")
    return _skip_space(text, at + 1)


def _spliced(line: _Line, repairs: Sequence[Repair]) -> str:
    pieces: list[str] = []
    position = 0
    for (start, end), before, repair in zip(line.places, line.texts, repairs, strict=True):
        if repair.text == before:
            continue
        # Escaped as this file escapes: what was ASCII only, and not for want of anything else, stays so.
        written = line.raw[start:end]
        escaped = "\\u" in written and written.isascii()
        pieces += (line.raw[position:start], json.dumps(repair.text, ensure_ascii=escaped))
        position = end
    return "".join((*pieces, line.raw[position:]))


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    match path.suffix.lower():
        case ".gz":
            with gzip.open(path, "rb") as stream:
                yield cast("IO[bytes]", stream)
        case ".zst":
            with (
                path.open("rb") as raw,
                _zstandard().ZstdDecompressor().stream_reader(raw, read_across_frames=True) as stream,
            ):
                yield io.BufferedReader(stream)
        case _:
            with path.open("rb") as stream:
                yield stream


@contextmanager
def _packing(out: AtomicFile | None, packed: str) -> Iterator[Any]:
    """What to write to; the same text gives the same bytes, whatever the time and the name."""
    match packed:
        case ".gz" if out is not None:
            with gzip.GzipFile(filename="", mode="wb", compresslevel=_GZIP_LEVEL, fileobj=Sink(out), mtime=0) as sink:
                yield sink
        case ".zst" if out is not None:
            with _zstandard().ZstdCompressor(level=_ZSTD_LEVEL).stream_writer(Sink(out), closefd=False) as sink:
                yield sink
        case _:
            yield out


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError as error:
        raise ConfigError("files that end in .zst need the package zstandard: install it") from error
    return zstandard
