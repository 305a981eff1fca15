"""What Spark, Ray and datatrove add to the work itself: seconds for the same clean rows, start-up left out.

    PYSPARK_PYTHON=$(which python) python benchmarks/pipelines.py --data DIR [--megabytes 20]

The rows are those of ``DIR/clean`` that need no second look, again and again, so that what is measured is the way of
the rows to the kernel and back.  Each system runs once before it counts, on two processors.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.samples import clean_languages, clean_lines
from mojibake_fix import Config
from mojibake_fix.adapters.arrow import fix_array
from mojibake_fix.engine.batch import doubtful
from mojibake_fix.model import load_model

ROUNDS = 3


def main() -> None:
    """Print a line for each system."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--megabytes", type=int, default=20)
    arguments = parser.parse_args()
    table = clean_rows(arguments.data, arguments.megabytes * 1_000_000)
    size = table["text"].nbytes / 1e6
    print(f"{table.num_rows:,} rows, {size:.0f} MB")
    alone = best(lambda: fix_array(table["text"]))
    print(f"kernel alone      {alone:8.3f} s {size / alone:8.1f} MB/s")
    for name, measure in (("Spark mapInArrow", spark), ("Ray map_batches", ray_data), ("datatrove", datatrove)):
        with_it, without = measure(table)
        print(
            f"{name:18}{with_it:8.3f} s {size / with_it:8.1f} MB/s; the same without repair {without:.3f} s; "
            f"{with_it / alone:.2f} of the kernel alone"
        )


def clean_rows(data: Path, size: int) -> pa.Table:
    """Return a table of rows of all languages that no stage looks at."""
    lines = [line for language in clean_languages(data) for line in clean_lines(data, language)]
    marks = doubtful(lines, load_model(), Config())
    lines = [line for line, marked in zip(lines, marks, strict=True) if not marked]
    once = pa.table({"text": pa.array(lines, pa.string())})
    return pa.concat_tables([once] * max(size // once.nbytes, 1)).combine_chunks()


def best(work: Callable[[], object]) -> float:
    """Return the seconds of the fastest round, after one that does not count."""
    times = []
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times[1:])


def spark(table: pa.Table) -> tuple[float, float]:
    """Time a map over record batches, with repair and without."""
    from pyspark.sql import SparkSession

    from mojibake_fix.adapters.spark import fix_columns

    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        frame = session.createDataFrame(table.to_pandas()).repartition(2).cache()
        frame.count()
        fixed = fix_columns(frame, "text")
        same = frame.mapInArrow(lambda batches: batches, frame.schema)
        return best(lambda: to_nothing(fixed)), best(lambda: to_nothing(same))
    finally:
        session.stop()


def to_nothing(frame: Any) -> None:
    """Compute a data frame and keep nothing of it."""
    frame.write.format("noop").mode("overwrite").save()


def ray_data(table: pa.Table) -> tuple[float, float]:
    """Time a map over batches by two actors, with repair and without."""
    import ray

    from mojibake_fix.adapters.ray import fix_dataset

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        half = table.num_rows // 2
        dataset = ray.data.from_arrow([table.slice(0, half), table.slice(half)]).materialize()
        fixed = best(lambda: fix_dataset(dataset, "text", concurrency=2).materialize())
        same = best(lambda: dataset.map_batches(Same, batch_format="pyarrow", concurrency=2).materialize())
        return fixed, same
    finally:
        ray.shutdown()


class Same:
    """Gives back what it is given."""

    def __call__(self, table: pa.Table) -> pa.Table:
        """Return the table."""
        return table


def datatrove(table: pa.Table) -> tuple[float, float]:
    """Time the formatter over documents in memory, against a loop over them."""
    from datatrove.data import Document

    from mojibake_fix.adapters.datatrove import MojibakeFormatter

    documents = [Document(text=text, id=str(number)) for number, text in enumerate(table["text"].to_pylist())]
    fixed = best(lambda: sum(1 for _ in MojibakeFormatter().run(iter(documents))))
    return fixed, best(lambda: sum(1 for _ in iter(documents)))


if __name__ == "__main__":
    main()
