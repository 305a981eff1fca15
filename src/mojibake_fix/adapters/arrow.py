"""Arrow: arrays of strings, and columns of tables and record batches, repaired.  Needs pyarrow.

Clean rows are looked at where they lie, and never become Python strings; what is clean comes back as the same object.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import pyarrow as pa

from mojibake_fix.config import Config
from mojibake_fix.engine.arrow import RepairedArray, fix_array, repair_array
from mojibake_fix.errors import ConfigError

__all__ = ["ArrowFixer", "RepairedArray", "fix_array", "fix_table", "repair_array"]

_Table = TypeVar("_Table", "pa.Table", "pa.RecordBatch")


def fix_table(table: _Table, columns: Iterable[str], config: Config | None = None, **options: Any) -> _Table:
    """Return a table or a record batch with ``columns`` repaired; the same object where nothing changes.

    Raises:
        ConfigError: A column that does not exist, or is not of strings.
    """
    chosen = Config.of(config, options)
    for name in columns:
        place = table.schema.get_field_index(name)
        if place < 0:
            raise ConfigError(f"no column {name!r}: the columns are {', '.join(table.schema.names)}")
        before = table.column(place)
        after = fix_array(before, chosen)
        if after is not before:
            table = table.set_column(place, table.schema.field(place), after)
    return table


class ArrowFixer:
    """:func:`fix_table` for some columns with some options, to be sent to workers."""

    def __init__(self, columns: str | Sequence[str], config: Config | None = None, **options: Any) -> None:
        self.columns = (columns,) if isinstance(columns, str) else tuple(columns)
        self.config = Config.of(config, options)

    def __call__(self, table: _Table) -> _Table:
        """Return a table or a record batch repaired."""
        return fix_table(table, self.columns, self.config)
