"""DuckDB: the SQL function ``fix_text``.  Needs duckdb and pyarrow."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from mojibake_fix.adapters.arrow import fix_array
from mojibake_fix.config import Config

__all__ = ["register"]


def register(
    connection: duckdb.DuckDBPyConnection, name: str = "fix_text", config: Config | None = None, **options: Any
) -> None:
    """Make ``name(text)`` a function of SQL over ``connection``; NULL stays NULL."""
    chosen = Config.of(config, options)

    def fixed(array: pa.ChunkedArray) -> pa.ChunkedArray:
        return fix_array(array, chosen)

    varchar = duckdb.sqltype("VARCHAR")
    connection.create_function(name, fixed, [varchar], varchar, type="arrow")
