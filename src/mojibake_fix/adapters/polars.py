"""Polars: a series repaired, and an expression for lazy and eager frames.  Needs polars and pyarrow."""

from __future__ import annotations

from typing import Any

import polars as pl

from mojibake_fix.adapters.arrow import fix_array
from mojibake_fix.config import Config

__all__ = ["fix_expression", "fix_series"]


def fix_series(series: pl.Series, config: Config | None = None, **options: Any) -> pl.Series:
    """Return a series of strings repaired; the same object where nothing changes."""
    array = series.to_arrow()
    fixed = fix_array(array, config, **options)
    return series if fixed is array else pl.Series(series.name, fixed, dtype=series.dtype)


def fix_expression(column: str | pl.Expr, config: Config | None = None, **options: Any) -> pl.Expr:
    """Return the expression of a column repaired: ``frame.with_columns(fix_expression("text"))``."""
    chosen = Config.of(config, options)
    expression = pl.col(column) if isinstance(column, str) else column
    return expression.map_batches(lambda series: fix_series(series, chosen), return_dtype=pl.String)
