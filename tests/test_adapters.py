"""Other systems, each run for real: what they give is what the library gives, row by row."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus import make_cases
from mojibake_fix import Config, fix_text
from mojibake_fix.errors import ConfigError, UndecodableInputError
from mojibake_fix.plan import Fault

# What other packages warn of is theirs.
pytestmark = [pytest.mark.adapters, pytest.mark.filterwarnings("default")]

SENTENCES = [line for language in ("zh-Hans", "zh-Hant", "ja", "ko", "en") for line in make_cases.sentences(language)]
DAMAGED = [
    "浠栦滑鎶婃棫浠撳簱鏀规垚浜嗕竴闂村皬灏忕殑涔﹀簵",
    "³»ÀÏ ¿ÀÈÄ¿¡ ºñ°¡ ¿Â´Ù°í ÇÏ´Ï ¿ì»êÀ» Ã¬±â¼¼¿ä.",
    "政協(xié)商議，領(lǐng)導發(fā)出通知",
    "&#20013;&#25991;",
]
ROWS: list[str | None] = [None, "", *SENTENCES[:4], DAMAGED[0], "plain", None, *DAMAGED[1:], *SENTENCES[4:8], None]
FIXED = [row if row is None else fix_text(row) for row in ROWS]
quickly = settings(deadline=None, max_examples=25, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def test_the_examples_are_damaged_and_repaired() -> None:
    assert all(fix_text(text) != text for text in DAMAGED)
    assert [after for before, after in zip(ROWS, FIXED, strict=True) if before in SENTENCES] == [
        row for row in ROWS if row in SENTENCES
    ]


# Arrow.

pa = pytest.importorskip("pyarrow")
arrow: Any = pytest.importorskip("mojibake_fix.adapters.arrow")

STRING_TYPES = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]


def of_type(rows: list[str | None], kind: Any) -> Any:
    return pa.array(rows, pa.string()).dictionary_encode() if pa.types.is_dictionary(kind) else pa.array(rows, kind)


@pytest.mark.parametrize("kind", STRING_TYPES, ids=str)
def test_an_array_comes_back_repaired_of_its_type_with_its_nulls(kind: Any) -> None:
    array = of_type(ROWS, kind)
    fixed = arrow.fix_array(array)
    fixed.validate(full=True)
    assert fixed.type == array.type
    assert fixed.to_pylist() == FIXED
    assert array.to_pylist() == ROWS


@pytest.mark.parametrize("kind", STRING_TYPES, ids=str)
def test_a_clean_array_comes_back_as_the_same_object(kind: Any) -> None:
    for rows in ([], [None, None], [None, "", *SENTENCES]):
        array = of_type(rows, kind)
        assert arrow.fix_array(array) is array
        chunked = pa.chunked_array([array, array])
        assert arrow.fix_array(chunked) is chunked


@quickly
@given(
    st.lists(st.sampled_from([*ROWS, *SENTENCES[:8]]), max_size=12),
    st.integers(0, 9),
    st.integers(0, 9),
    st.sampled_from(STRING_TYPES),
)
def test_slices_and_chunks_are_repaired_like_their_rows(
    rows: list[str | None], start: int, length: int, kind: Any
) -> None:
    expected = [row if row is None else fix_text(row) for row in rows]
    part = of_type(rows, kind).slice(start, length)
    fixed = arrow.fix_array(part)
    fixed.validate(full=True)
    assert fixed.to_pylist() == expected[start : start + length]
    chunked = arrow.fix_array(pa.chunked_array([part, part], type=part.type))
    assert chunked.to_pylist() == expected[start : start + length] * 2


@quickly
@given(st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=30)), max_size=6))
def test_any_strings_are_repaired_like_strings(rows: list[str | None]) -> None:
    expected = [row if row is None else fix_text(row) for row in rows]
    assert arrow.fix_array(pa.array(rows, pa.string())).to_pylist() == expected


def test_what_lies_under_a_null_is_never_looked_at() -> None:
    data = DAMAGED[0].encode() + b"\xff\xfe"
    offsets = pa.py_buffer(memoryview(bytearray(b"".join(n.to_bytes(4, "little") for n in (0, len(data), len(data))))))
    array = pa.Array.from_buffers(pa.string(), 2, [pa.py_buffer(b"\x02"), offsets, pa.py_buffer(data)])
    assert arrow.fix_array(array) is array


def test_a_row_that_is_no_utf8_is_named() -> None:
    array = pa.array([b"ab", b"\xd6\xd0"]).cast(pa.string(), safe=False).view(pa.string())
    with pytest.raises(UndecodableInputError, match="row 1"):
        arrow.fix_array(array)


def test_what_was_found_is_told_by_row() -> None:
    done = arrow.repair_array(pa.chunked_array([ROWS, ROWS]))
    rows = [row for row, text in enumerate(ROWS * 2) if text in DAMAGED]
    assert sorted(row for row, repair in done.repairs.items() if repair.plan.steps) == rows
    assert done.faults == {Fault.MISREAD: 4, Fault.GLOSS: 6, Fault.ESCAPE: 2}


def test_options_and_columns_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ConfigError, match="no_option"):
        arrow.fix_array(pa.array(["a"]), no_option=1)
    with pytest.raises(ConfigError, match="int64"):
        arrow.fix_array(pa.array([1]))
    with pytest.raises(ConfigError, match="no column 'b'"):
        arrow.fix_table(pa.table({"a": ["x"]}), ["b"])


def test_a_table_keeps_its_other_columns_and_its_schema() -> None:
    schema = pa.schema([pa.field("text", pa.string(), metadata={"k": "v"}), ("n", pa.int64())], metadata={"a": "b"})
    table = pa.table({"text": ROWS, "n": range(len(ROWS))}, schema=schema)
    fixer = pickle.loads(pickle.dumps(arrow.ArrowFixer("text", unescape="none")))
    fixed = fixer(table)
    assert fixed.schema.equals(schema, check_metadata=True)
    assert fixed["n"].to_pylist() == table["n"].to_pylist()
    assert fixed["text"].to_pylist() == [row and fix_text(row, unescape="none") for row in ROWS]
    assert fixer(fixed) is fixed


# Data frames and databases.


def test_polars_series_and_expressions() -> None:
    pl = pytest.importorskip("polars")
    from mojibake_fix.adapters.polars import fix_expression, fix_series

    series = pl.Series("text", ROWS)
    assert fix_series(series).to_list() == FIXED
    clean = pl.Series("text", SENTENCES)
    assert fix_series(clean) is clean
    frame = pl.DataFrame({"text": ROWS, "n": range(len(ROWS))})
    assert frame.with_columns(fix_expression("text"))["text"].to_list() == FIXED
    lazy = frame.lazy().select(fix_expression(pl.col("text"), unescape="none").alias("t")).collect()
    assert lazy.schema == {"t": pl.String}
    assert lazy["t"].to_list() == [row and fix_text(row, unescape="none") for row in ROWS]


@pytest.mark.parametrize("dtype", ["object", "str", "string[pyarrow]", "category"])
def test_pandas_series(dtype: str) -> None:
    pd = pytest.importorskip("pandas")
    from mojibake_fix.adapters.pandas import fix_series

    if dtype == "category":
        with pytest.raises(ConfigError):
            fix_series(pd.Series([1, "a"]))
        return
    series = pd.Series(ROWS, index=[f"r{n}" for n in range(len(ROWS))], name="text", dtype=dtype)
    before = series.copy()
    fixed = fix_series(series)
    assert [None if pd.isna(value) else value for value in fixed] == FIXED
    assert fixed.index.equals(series.index)
    assert (fixed.name, fixed.dtype) == ("text", series.dtype)
    pd.testing.assert_series_equal(series, before)
    assert fix_series(fixed) is fixed


def test_duckdb_function() -> None:
    duckdb = pytest.importorskip("duckdb")
    from mojibake_fix.adapters.duckdb import register

    with duckdb.connect() as connection:
        register(connection)
        register(connection, "fix_all", unescape="none")
        connection.execute("create table t (n integer, text varchar)")
        connection.executemany("insert into t values (?, ?)", list(enumerate(ROWS)))
        assert [row for (row,) in connection.execute("select fix_text(text) from t order by n").fetchall()] == FIXED
        found = connection.execute("select fix_all(text) from t order by n").fetchall()
        assert [row for (row,) in found] == [row and fix_text(row, unescape="none") for row in ROWS]


# Pipelines.


def test_datatrove_repairs_documents(tmp_path: Path) -> None:
    pytest.importorskip("datatrove")
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    from mojibake_fix.adapters.datatrove import MojibakeFormatter

    texts = [text for text in ROWS if text]
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.jsonl").write_text(
        "".join(json.dumps({"text": text, "id": str(n)}) + "\n" for n, text in enumerate(texts))
    )
    step = pickle.loads(pickle.dumps(MojibakeFormatter(batch_size=3)))
    LocalPipelineExecutor(
        [JsonlReader(str(source)), step, JsonlWriter(str(tmp_path / "out"), compression=None)],
        tasks=1, logging_dir=str(tmp_path / "log"),
    ).run()  # fmt: skip
    lines = next((tmp_path / "out").glob("*.jsonl")).read_text().splitlines()
    assert [json.loads(line)["text"] for line in lines] == [fix_text(text) for text in texts]


def documents(texts: list[str]) -> list[Any]:
    from datatrove.data import Document

    return [Document(text=text, id=str(number)) for number, text in enumerate(texts)]


def test_datatrove_drops_damaged_documents_by_fault_and_confidence() -> None:
    pytest.importorskip("datatrove")
    from mojibake_fix.adapters.datatrove import MojibakeFilter

    texts = [*SENTENCES[:3], *DAMAGED, "这里只有烫烫烫烫烫烫"]

    def kept(step: Any) -> list[str]:
        return [document.text for document in pickle.loads(pickle.dumps(step)).run(documents(texts))]

    assert kept(MojibakeFilter()) == texts[:3]
    assert kept(MojibakeFilter(faults=["gloss", Fault.ESCAPE], batch_size=2)) == [*texts[:5], texts[7]]
    unsure = ["社區圖書館發(fā)出通知"]
    assert [d.text for d in MojibakeFilter(faults=["gloss"]).run(documents(unsure))] == unsure
    assert list(MojibakeFilter(faults=["gloss"], min_confidence=0.1).run(documents(unsure))) == []
    step = MojibakeFilter(faults=["beyond-repair"])
    assert step.filter(documents(texts)[-1]) == (False, "beyond-repair")
    for wrong in ({"action": "burn"}, {"faults": ["no-fault"]}, {"no_option": 1}):
        with pytest.raises(ConfigError):
            MojibakeFilter(**wrong)


def test_datatrove_tags_damaged_documents_and_leaves_their_text() -> None:
    pytest.importorskip("datatrove")
    from mojibake_fix.adapters.datatrove import MojibakeFilter

    texts = [*SENTENCES[:2], *DAMAGED]
    tagged = list(MojibakeFilter("tag").run(documents(texts)))
    assert [document.text for document in tagged] == texts
    tags = [document.metadata.get("mojibake") for document in tagged]
    assert tags[:2] == [None, None]
    assert [tag["faults"] for tag in tags[2:]] == [{"misread": 1}, {"misread": 1}, {"gloss": 3}, {"escape": 1}]
    assert all(tag["confidence"] >= Config().min_confidence for tag in tags[2:])


def test_spark_repairs_columns_by_batches_and_by_a_function(tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    from pyspark.sql import SparkSession

    from mojibake_fix.adapters.spark import fix_columns, fix_udf

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.warehouse.dir", str(tmp_path))
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "5")
        .getOrCreate()
    )
    try:
        frame = session.createDataFrame(list(enumerate(ROWS)), "n int, text string").repartition(2)
        fixed = fix_columns(frame, "text")
        assert fixed.schema == frame.schema
        assert [row.text for row in fixed.sort("n").collect()] == FIXED
        by_function = frame.select("n", fix_udf()("text").alias("text")).sort("n").collect()
        assert [row.text for row in by_function] == FIXED
        session.udf.register("fix_text", fix_udf(unescape="none"))
        frame.createOrReplaceTempView("t")
        by_name = session.sql("select fix_text(text) as text from t order by n").collect()
        assert [row.text for row in by_name] == [row and fix_text(row, unescape="none") for row in ROWS]
    finally:
        session.stop()


def test_ray_repairs_batches() -> None:
    ray = pytest.importorskip("ray")
    from mojibake_fix.adapters.ray import FixBatches, fix_dataset

    ray.init(num_cpus=2, include_dashboard=False, configure_logging=False, log_to_driver=False)
    try:
        table = pa.table({"n": range(len(ROWS)), "text": pa.array(ROWS, pa.string())})
        dataset = ray.data.from_arrow([table.slice(0, 7), table.slice(7)])
        rows = fix_dataset(dataset, "text", concurrency=2).take_all()
        assert [row["text"] for row in sorted(rows, key=lambda row: row["n"])] == FIXED
        by_class = dataset.map_batches(
            FixBatches, fn_constructor_args=("text",), fn_constructor_kwargs={"unescape": "none"},
            batch_format="pyarrow", concurrency=1,
        )  # fmt: skip
        rows = sorted(by_class.take_all(), key=lambda row: row["n"])
        assert [row["text"] for row in rows] == [row and fix_text(row, unescape="none") for row in ROWS]
    finally:
        ray.shutdown()


@pytest.mark.parametrize("module", ["arrow", "spark", "polars", "duckdb", "pandas", "datatrove"])
def test_an_adapter_loads_no_model_before_it_is_used(module: str) -> None:
    pytest.importorskip("pyspark" if module == "spark" else "pyarrow" if module == "arrow" else module)
    script = (
        f"import mojibake_fix.adapters.{module}; from mojibake_fix.model import load_model; "
        "assert load_model.cache_info().currsize == 0"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
