"""Parquet files of which some columns are text: repaired row group by row group.

The result has the schema, the row groups and the compression of the input.  A column may lie in others that are structs
or lists of them.  Needs pyarrow.  Not for what is done to text: :mod:`mojibake_fix.engine.arrow`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mojibake_fix.config import Config
from mojibake_fix.engine.arrow import repair_array
from mojibake_fix.errors import ConfigError, OutputError
from mojibake_fix.files.write import AtomicFile, Sink
from mojibake_fix.plan import Repair

if TYPE_CHECKING:
    from mojibake_fix.files.records import RecordCounts

__all__ = ["repair_parquet"]

_NAMES = {name: name.lower() for name in ("SNAPPY", "GZIP", "BROTLI", "ZSTD", "LZ4")} | {"UNCOMPRESSED": "none"}

_Found = dict[int, list[Repair]]
"""What was found in rows, by row."""


def repair_parquet(
    source: Path, out: AtomicFile | None, fields: Sequence[str], config: Config, counts: RecordCounts
) -> None:
    """Repair columns of a file.

    Args:
        source: The file.
        out: Where the result goes; None writes nothing.
        fields: Names of the columns; ``outer.inner`` is one in a struct, or in each of a list of structs.
        config: What to do.
        counts: What is to be counted in.

    Raises:
        ConfigError: A column that is not there, or is not text.
        OutputError: The file is no Parquet, or its result cannot be written.
    """
    try:
        with pq.ParquetFile(source) as file:
            schema = file.schema_arrow
            places = _places(schema, fields, source)
            writer = None
            if out is not None:
                writer = _writer(out, file)
            for group in range(file.num_row_groups):
                table = file.read_row_group(group)
                found: _Found = defaultdict(list)
                for column, *inner in places:
                    array, repairs = _repaired_chunks(table.column(column), inner, config)
                    table = table.set_column(column, schema.field(column), array)
                    _add(found, repairs.items())
                counts.records += table.num_rows
                for of_row in found.values():
                    counts.add(of_row)
                if writer is not None:
                    writer.write_table(table, row_group_size=max(table.num_rows, 1))
            if writer is not None:
                writer.close()
    except pa.ArrowException as error:
        raise OutputError(f"{source}: {error}") from error


def _places(schema: Any, names: Sequence[str], source: Path) -> list[tuple[int, ...]]:
    """Where each column is: its number, or those of the columns that it lies in and its own."""
    known = dict(_columns(schema, "", ()))
    for name in names:
        if name not in known:
            raise ConfigError(f"{source}: no column {name!r}: there are {', '.join(known)}")
    return [known[name] for name in names]


def _columns(fields: Iterable[Any], prefix: str, outer: tuple[int, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The names of all columns, and where they are."""
    for number, field in enumerate(fields):
        kind = field.type
        while _is_list(kind):
            kind = kind.value_type
        if pa.types.is_struct(kind):
            inner = (kind.field(place) for place in range(kind.num_fields))
            yield from _columns(inner, f"{prefix}{field.name}.", (*outer, number))
        else:
            yield prefix + field.name, (*outer, number)


def _is_list(kind: Any) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def _repaired_chunks(array: Any, inner: Sequence[int], config: Config) -> tuple[Any, _Found]:
    chunks: list[Any] = []
    found: _Found = {}
    start = 0
    for chunk in array.chunks:
        done, repairs = _repaired(chunk, inner, config)
        chunks.append(done)
        found |= {start + row: of_row for row, of_row in repairs.items()}
        start += len(chunk)
    return pa.chunked_array(chunks, type=array.type), found


def _repaired(array: Any, inner: Sequence[int], config: Config) -> tuple[Any, _Found]:
    """``array`` with the texts repaired that lie in it at ``inner``; the same object where nothing changes."""
    if inner and _is_list(array.type):
        return _repaired_lists(array, inner, config)
    if not inner:
        whole = repair_array(array, config)
        return whole.array, {row: [repair] for row, repair in whole.repairs.items()}
    number, *rest = inner
    children = [array.field(place) for place in range(array.type.num_fields)]
    child, found = _repaired(children[number], rest, config)
    if child is children[number]:
        return array, found
    children[number] = child
    fields = [array.type.field(place) for place in range(array.type.num_fields)]
    return pa.StructArray.from_arrays(children, fields=fields, mask=array.is_null()), found


def _repaired_lists(array: Any, inner: Sequence[int], config: Config) -> tuple[Any, _Found]:
    lengths = pc.list_value_length(array).fill_null(0).to_numpy()
    values = array.flatten()
    done, in_values = _repaired(values, inner, config)
    rows = np.repeat(np.arange(len(array)), lengths).tolist()
    found: _Found = defaultdict(list)
    _add(found, ((rows[value], repairs) for value, repairs in in_values.items()))
    if done is values:
        return array, found
    kind, size = (pa.ListArray, pa.int32()) if pa.types.is_list(array.type) else (pa.LargeListArray, pa.int64())
    offsets = pa.array(np.concatenate(([0], np.cumsum(lengths))), size)
    return kind.from_arrays(offsets, done, type=array.type, mask=array.is_null()), found


def _add(found: _Found, repairs: Iterable[tuple[int, list[Repair]]]) -> None:
    for row, of_row in repairs:
        found[row].extend(of_row)


def _writer(out: AtomicFile, file: Any) -> Any:
    """What writes as ``file`` was written: the names that lists have for what is in them, and each column's codec."""
    metadata = file.metadata
    columns = [metadata.schema.column(number) for number in range(metadata.num_columns)]
    group = metadata.row_group(0) if metadata.num_row_groups else None
    codecs = {
        column.path: _NAMES.get(group.column(number).compression, "snappy") if group is not None else "snappy"
        for number, column in enumerate(columns)
    }
    named_as_now = not any(".list.item" in column.path for column in columns)
    return pq.ParquetWriter(Sink(out), file.schema_arrow, compression=codecs, use_compliant_nested_type=named_as_now)
