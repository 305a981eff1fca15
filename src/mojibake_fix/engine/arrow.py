"""Arrow arrays of strings, repaired: clean rows are looked at where they lie, and never become Python strings.

The kernel scans the array's own buffer; only rows that it doubts are decoded and repaired.  An array in which nothing
changes comes back as the same object.  Needs pyarrow.  Not for reading or writing files.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mojibake_fix.config import Config
from mojibake_fix.engine import repair
from mojibake_fix.engine.batch import Quick, settled, settled_utf8
from mojibake_fix.errors import ConfigError, OutputError, UndecodableInputError
from mojibake_fix.model import NgramModel, load_model
from mojibake_fix.plan import Fault, Repair

__all__ = ["RepairedArray", "fix_array", "repair_array"]

_LARGEST_INT32 = (1 << 31) - 1
_ROWS_AS_STRINGS = 1 << 14
"""Rows that are strings at the same time where there is no kernel, so that memory stays flat."""


@dataclass(frozen=True, slots=True)
class RepairedArray:
    """An array repaired.

    Attributes:
        array: Of the type of the input; the same object where nothing changed.
        repairs: What was found in rows, by row: changed, or only reported.
    """

    array: Any
    repairs: dict[int, Repair] = field(default_factory=dict)

    @property
    def faults(self) -> Counter[Fault]:
        """How many steps were made, by fault."""
        return Counter(step.fault for repair in self.repairs.values() for step in repair.plan.steps)


def fix_array(array: Any, config: Config | None = None, **options: Any) -> Any:
    """Return ``array`` with each string repaired, each a document of its own; nulls stay.

    Args:
        array: A ``StringArray``, ``LargeStringArray`` or ``StringViewArray``, dictionary-encoded or not, or a
            ``ChunkedArray`` of these.
        config: What to do; ``options`` are its fields, by name, and win.

    Returns:
        An array of the same type; the same object where nothing changes.

    Raises:
        ConfigError: An option that cannot be used, or an array of another type.
        UndecodableInputError: A row that is no UTF-8.
        OutputError: A ``StringArray`` that would grow over 2 GiB.
    """
    return repair_array(array, config, **options).array


def repair_array(array: Any, config: Config | None = None, **options: Any) -> RepairedArray:
    """Repair as :func:`fix_array` does, and say what was found in which row."""
    chosen = Config.of(config, options)
    if isinstance(array, pa.ChunkedArray):
        return _chunked(array, chosen)
    if pa.types.is_dictionary(array.type):
        dictionary = array.dictionary
        words = repair_array(dictionary, chosen)
        if words.array is dictionary:
            return RepairedArray(array)
        fixed = pa.DictionaryArray.from_arrays(array.indices, words.array, ordered=array.type.ordered)
        rows = array.indices.to_pylist()
        return RepairedArray(
            fixed, {row: words.repairs[word] for row, word in enumerate(rows) if word in words.repairs}
        )
    if pa.types.is_string_view(array.type):
        plain = array.cast(pa.large_string())
        done = repair_array(plain, chosen)
        return RepairedArray(array if done.array is plain else done.array.cast(array.type), done.repairs)
    if pa.types.is_null(array.type):
        return RepairedArray(array)
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        raise ConfigError(f"an array of {array.type}: give one of strings")
    return _strings(array, chosen)


def _chunked(array: Any, config: Config) -> RepairedArray:
    chunks, repairs, start = [], {}, 0
    before = array.chunks
    for chunk in before:
        done = repair_array(chunk, config)
        chunks.append(done.array)
        repairs.update({start + row: repair for row, repair in done.repairs.items()})
        start += len(chunk)
    if all(map(operator.is_, chunks, before)):
        return RepairedArray(array, repairs)
    return RepairedArray(pa.chunked_array(chunks, type=array.type), repairs)


def _strings(array: Any, config: Config) -> RepairedArray:
    if len(array) == array.null_count:
        return RepairedArray(array)
    offsets = _offsets(array)
    model = load_model()
    repairs = dict(_repairs(array, offsets, model, config))
    changed = {row: done.text for row, done in repairs.items() if done.plan.steps}
    found = {row: done for row, done in repairs.items() if done.plan.steps or done.plan.reported}
    return RepairedArray(_with_rows(array, offsets, changed) if changed else array, found)


def _offsets(array: Any) -> npt.NDArray[Any]:
    """Where each row begins in the buffer of values, and where the last one ends."""
    dtype = np.int64 if pa.types.is_large_string(array.type) else np.int32
    whole = np.frombuffer(array.buffers()[1], dtype)
    return whole[array.offset : array.offset + len(array) + 1]


def _repairs(array: Any, offsets: npt.NDArray[Any], model: NgramModel, config: Config) -> Iterator[tuple[int, Repair]]:
    """The rows in which something may have been found, and their repairs."""
    if model.compiled is None:
        for start in range(0, len(array), _ROWS_AS_STRINGS):
            texts = [_text(array, offsets, row) for row in range(start, min(start + _ROWS_AS_STRINGS, len(array)))]
            yield from _made(settled(texts, model, config), start, texts.__getitem__, model, config)
        return
    values = array.buffers()[2]
    if values is not None:
        wide = offsets.astype(np.int64, copy=False)

        def text_of(row: int) -> str:
            return _text(array, offsets, row)

        yield from _made(settled_utf8(values.address, wide, text_of, model, config), 0, text_of, model, config)


def _made(
    quick: Quick, start: int, text_of: Callable[[int], str], model: NgramModel, config: Config
) -> Iterator[tuple[int, Repair]]:
    for row, done in quick.repairs.items():
        yield start + row, done
    for row in quick.doubtful:
        yield start + row, repair(text_of(row), model, config, doubtful=True)


def _text(array: Any, offsets: npt.NDArray[Any], row: int) -> str:
    """The text of a row; empty where it is null, whatever lies there."""
    if not array[row].is_valid:
        return ""
    data = array.buffers()[2]
    raw = b"" if data is None else bytes(memoryview(data)[int(offsets[row]) : int(offsets[row + 1])])
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise UndecodableInputError(f"row {row}", "utf-8", error.start, "decode the bytes before this") from error


def _with_rows(array: Any, offsets: npt.NDArray[Any], changed: dict[int, str]) -> Any:
    """The array with some rows replaced; what lies between them is copied as it is."""
    values = memoryview(array.buffers()[2])
    lengths = np.diff(offsets).astype(np.int64)
    pieces: list[bytes | memoryview] = []
    position = int(offsets[0])
    for row, text in sorted(changed.items()):
        data = text.encode()
        pieces += (values[position : int(offsets[row])], data)
        lengths[row] = len(data)
        position = int(offsets[row + 1])
    pieces.append(values[position : int(offsets[-1])])
    ends = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
    if offsets.dtype == np.int32 and ends[-1] > _LARGEST_INT32:
        raise OutputError("the repaired array does not fit into 2 GiB: give it as large_string, or in smaller chunks")
    valid = None
    if array.null_count:
        bits = np.packbits(array.is_valid().to_numpy(zero_copy_only=False), bitorder="little")
        valid = pa.py_buffer(bits.tobytes())
    buffers = [valid, pa.py_buffer(ends.astype(offsets.dtype).tobytes()), pa.py_buffer(b"".join(pieces))]
    return pa.Array.from_buffers(array.type, len(array), buffers, array.null_count)
