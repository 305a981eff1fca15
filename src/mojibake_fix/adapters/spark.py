"""Spark: columns of data frames repaired by ``mapInArrow``, and a function for expressions and SQL.

Needs pyspark 4 and pyarrow, and ``PYSPARK_PYTHON`` set to a Python that has this package, on every worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from mojibake_fix.adapters.arrow import ArrowFixer, fix_array
from mojibake_fix.config import Config

__all__ = ["BatchFixer", "fix_columns", "fix_udf"]


class BatchFixer:
    """What ``mapInArrow`` takes: record batches in, the same with some columns repaired out."""

    def __init__(self, columns: str | Sequence[str], config: Config | None = None, **options: Any) -> None:
        self._fix = ArrowFixer(columns, config, **options)

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Repair the batches one by one."""
        return map(self._fix, batches)


def fix_columns(frame: Any, columns: str | Sequence[str], config: Config | None = None, **options: Any) -> Any:
    """Return a data frame with ``columns`` repaired; its schema and the order of its rows stay."""
    fixer = BatchFixer(columns, config, **options)

    def batches_fixed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        # Spark wants a plain function.
        return fixer(batches)

    return frame.mapInArrow(batches_fixed, frame.schema)


def fix_udf(config: Config | None = None, **options: Any) -> Any:
    """Return a user-defined function of a column of strings: ``frame.select(fix_udf()("text"))``.

    ``spark.udf.register("fix_text", fix_udf())`` makes it one of SQL.
    """
    from pyspark.sql.functions import arrow_udf

    chosen = Config.of(config, options)

    def fixed(array: pa.Array) -> pa.Array:
        return fix_array(array, chosen)

    return arrow_udf(fixed, "string")
