"""Files of records: named fields repaired, all else as it was, and runs that can be stopped and taken up again."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import make_cases
from mojibake_fix import fix_text
from mojibake_fix.cli import main
from mojibake_fix.config import Config
from mojibake_fix.files.records import repair_records
from mojibake_fix.files.shards import MANIFEST, Manifest, Shard, do_shard

CLEAN = make_cases.sentences("zh-Hans")[:6]
DAMAGED = "浠栦滑鎶婃棫浠撳簱鏀规垚浜嗕竴闂村皬灏忕殑涔﹀簵"
RIGHT = fix_text(DAMAGED)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["fix", *map(str, arguments)])


def write_lines(path: Path, texts: list[str], **options: Any) -> None:
    lines = (json.dumps({"id": number, "text": text}, **options) + "\n" for number, text in enumerate(texts))
    data = "".join(lines).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def test_the_example_is_damaged() -> None:
    assert RIGHT != DAMAGED


@pytest.mark.parametrize("escaped", [True, False])
def test_only_the_named_field_changes_to_the_byte(tmp_path: Path, escaped: bool) -> None:
    written = json.dumps(DAMAGED, ensure_ascii=escaped)
    before = f'  {{ "a":1.10,"b" : {{"text": "{DAMAGED}"}} ,"text"  :'
    line = before + f'{written} , "n":null,"text2":"x\\/y", "u": 1e400 }} \r\n'
    source = tmp_path / "a.jsonl"
    source.write_bytes(line.encode())
    result = run("--field", "text", source, "-o", tmp_path / "b.jsonl")
    assert result.exit_code == 0, result.output
    expected = line.replace(f":{written} ", f":{json.dumps(RIGHT, ensure_ascii=escaped)} ")
    assert (tmp_path / "b.jsonl").read_bytes().decode() == expected
    assert "1 record, 1 changed: 1 misread" in result.stderr


JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=4), inner, max_size=2)),
    max_leaves=4,
)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["text", "t", "x"]), st.one_of(JSON_VALUES, st.just(DAMAGED))), max_size=4
    ),
    st.booleans(),
    st.sampled_from([None, (",", ":")]),
)
def test_records_are_repaired_like_their_texts(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], escaped: bool, separators: Any
) -> None:
    folder = tmp_path_factory.mktemp("records")
    source, target = folder / "a.jsonl", folder / "b.jsonl"
    lines = [json.dumps(record, ensure_ascii=escaped, separators=separators) for record in records]
    source.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    repair_records(source, target, ["text", "t"], Config())
    expected = [
        {k: fix_text(v) if k in ("text", "t") and isinstance(v, str) else v for k, v in record.items()}
        for record in records
    ]
    after = target.read_bytes().decode("utf-8", "surrogatepass").split("\n") if records else []
    assert [json.loads(line) for line in after] == expected
    for line, record, fixed in zip(lines, records, expected, strict=True):
        if record == fixed:
            assert line in after


@pytest.mark.parametrize(
    "bad", ['{"text": "a"', "[1]", '{"text": "a"} x', "nonsense", '{"text": nope}', "\xff", "{1:2}"]
)
def test_a_line_that_is_no_object_is_named_and_nothing_written(tmp_path: Path, bad: str) -> None:
    source = tmp_path / "a.jsonl"
    source.write_bytes(b'{"text": "x"}\n' + bad.encode("latin-1") + b"\n")
    result = run("--field", "text", source, "-o", tmp_path / "b.jsonl")
    assert result.exit_code == 2
    assert f"{source}:2" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl"]


def test_fields_of_objects_and_of_lists_of_objects_have_dots_in_their_names(tmp_path: Path) -> None:
    source, target = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    line = f'{{"m": [{{"c" : "{DAMAGED}", "d": "{DAMAGED}"}}, "{DAMAGED}", [{{"c":"{DAMAGED}"}}], {{}} ] , '
    line += f'"o":{{"p":{{"q": "{DAMAGED}"}}, "q": "{DAMAGED}"}}, "a.b": "{DAMAGED}", "c": "{DAMAGED}"}}\n'
    source.write_text(line, encoding="utf-8")
    fields = itertools.chain.from_iterable(("--field", name) for name in ("m.c", "o.p.q", "a.b"))
    assert run(*fields, source, "-o", target).exit_code == 0
    expected = line.replace(f'"c" : "{DAMAGED}"', f'"c" : "{RIGHT}"').replace(f'"c":"{DAMAGED}"', f'"c":"{RIGHT}"')
    expected = expected.replace(f'"p":{{"q": "{DAMAGED}"', f'"p":{{"q": "{RIGHT}"')
    expected = expected.replace(f'"a.b": "{DAMAGED}"', f'"a.b": "{RIGHT}"')
    assert target.read_text(encoding="utf-8") == expected
    assert expected.count(RIGHT) == 4


@pytest.mark.parametrize("bad", ['{"m": [{"c": "x"}', '{"m": [{"c" "x"}]}', '{"m": [1 2]}', '{"m": {"c": }}'])
def test_what_is_no_json_in_an_object_that_is_looked_into_is_named(tmp_path: Path, bad: str) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text(bad + "\n")
    result = run("--field", "m.c", "--check", source)
    assert result.exit_code == 2
    assert f"{source}:1" in result.stderr


def test_blank_lines_and_the_last_of_two_fields_of_one_name(tmp_path: Path) -> None:
    source = tmp_path / "a.ndjson"
    source.write_text(f'\n  \n{{"text": 1, "text": "{DAMAGED}"}}\n{{}}\n{{"text": "{DAMAGED}", "text": 2}}')
    run("--field", "text", "-w", source)
    assert source.read_text() == f'\n  \n{{"text": 1, "text": "{RIGHT}"}}\n{{}}\n{{"text": "{DAMAGED}", "text": 2}}'


def test_in_place_a_file_without_damage_is_not_touched_and_one_with_it_leaves_a_backup(tmp_path: Path) -> None:
    clean, damaged = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    write_lines(clean, CLEAN)
    write_lines(damaged, [DAMAGED])
    before, data = clean.stat(), damaged.read_bytes()
    assert run("--field", "text", "-w", "--backup=~", clean, damaged).exit_code == 0
    after = clean.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert json.loads(damaged.read_text())["text"] == RIGHT
    assert (tmp_path / "b.jsonl~").read_bytes() == data
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "b.jsonl", "b.jsonl~"]


@pytest.mark.skipif(os.name != "posix", reason="modes and pipes of POSIX")
def test_what_may_not_be_replaced_or_is_too_large_is_named_and_the_others_are_done(tmp_path: Path) -> None:
    names = ("read-only", "large", "good")
    for name in names:
        write_lines(tmp_path / f"{name}.jsonl", [DAMAGED] * (9 if name == "large" else 1))
    (tmp_path / "read-only.jsonl").chmod(0o444)
    os.mkfifo(tmp_path / "pipe.jsonl")
    paths = [tmp_path / f"{name}.jsonl" for name in (*names, "pipe")]
    before = [path.read_bytes() for path in paths[:2]]
    result = run("--field", "text", "-w", "--max-size", "1000", *paths)
    assert result.exit_code == 2
    assert [path.read_bytes() for path in paths[:2]] == before
    assert json.loads(paths[2].read_text())["text"] == RIGHT
    for path, said in zip(paths, ("Read-only file", "bytes are more than", "1 changed", "Not a regular"), strict=True):
        assert any(line.startswith(f"mojibake-fix: {path}: ") and said in line for line in result.stderr.splitlines())


def test_a_byte_order_mark_stays(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text(f'\ufeff{{"text": "{DAMAGED}"}}\n', encoding="utf-8")
    assert run("--field", "text", "-w", source).exit_code == 0
    assert source.read_text(encoding="utf-8") == f'\ufeff{{"text": "{RIGHT}"}}\n'


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_signal_ends_a_run_in_place_with_its_code_and_no_litter(tmp_path: Path, jobs: str) -> None:
    paths = [tmp_path / f"{name}.jsonl" for name in "abcd"]
    for path in paths:
        write_lines(path, [DAMAGED] * 30_000, ensure_ascii=False)
    before = [path.read_bytes() for path in paths]
    command = [sys.executable, "-m", "mojibake_fix", "fix", "--field", "text", "-w", "-j", jobs, *map(str, paths)]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    while process.poll() is None and len(list(tmp_path.iterdir())) == len(paths):
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 143
    assert sorted(tmp_path.iterdir()) == paths
    assert paths[-1].read_bytes() == before[-1]
    for path, data in zip(paths, before, strict=True):
        assert path.read_bytes() == data or path.read_text(encoding="utf-8").count(RIGHT) == 30_000


@pytest.mark.parametrize("suffix", [".gz", pytest.param(".zst", marks=pytest.mark.adapters)])
def test_packed_lines_give_the_same_bytes_each_time(tmp_path: Path, suffix: str) -> None:
    source = tmp_path / "a.jsonl"
    write_lines(source, [*CLEAN, DAMAGED], ensure_ascii=False)
    first, second, third = (tmp_path / f"{name}.jsonl{suffix}" for name in "bcd")
    assert run("--field", "text", source, "-o", first).exit_code == 0
    time.sleep(1.1)
    assert run("--field", "text", first, "-o", second).exit_code == 0
    assert run("--field", "text", source, "-o", third).exit_code == 0
    assert first.read_bytes() == second.read_bytes() == third.read_bytes()
    assert run("--field", "text", first, "-o", tmp_path / "e.jsonl").exit_code == 0
    texts = [json.loads(line)["text"] for line in (tmp_path / "e.jsonl").read_text().splitlines()]
    assert texts == [*CLEAN, RIGHT]


def test_check_writes_nothing_and_json_tells_counts(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    write_lines(source, [*CLEAN, DAMAGED])
    before = source.read_bytes()
    result = run("--field", "text", "--check", "--format", "json", source)
    assert result.exit_code == 1
    said = {"path": str(source), "records": 7, "changed": 1, "faults": {"misread": 1}}
    assert json.loads(result.stdout) == said
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [before]
    write_lines(source, CLEAN)
    assert run("--field", "text", "--check", source).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["a.jsonl"], "-o"),
        (["a.txt", "-w"], ".jsonl"),
        (["-", "-w"], "standard input"),
        (["a.jsonl", "--diff"], "--diff"),
        (["a.jsonl", "-w", "--width", "half"], "style"),
        (["a.jsonl", "-w", "--format", "html"], "html"),
        (["a.jsonl", "-o", "b.parquet"], "suffix"),
    ],
)
def test_what_cannot_be_done_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], word: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_lines(tmp_path / "a.jsonl", CLEAN)
    (tmp_path / "a.txt").write_text("x")
    result = run("--field", "text", *arguments)
    assert result.exit_code == 2
    assert word in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "a.txt"]


# Runs over many files.


def shards_in(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        write_lines(folder / f"{number:02}.jsonl.gz", [*CLEAN, DAMAGED] * (number + 1), ensure_ascii=False)
    (folder / "notes.txt").write_text("no records")
    return folder


def results_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != MANIFEST}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_that_was_stopped_does_only_what_is_left_and_gives_the_same_bytes(tmp_path: Path, jobs: str) -> None:
    source = shards_in(tmp_path / "in", 6)
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    assert run("--field", "text", source, "-o", f"{whole}/").exit_code == 0
    some = [str(source / f"{number:02}.jsonl.gz") for number in (1, 3)]
    assert run("--field", "text", *some, "-o", f"{parted}/").exit_code == 0
    with (parted / MANIFEST).open("ab") as stream:
        stream.write(b'{"target": "00.jsonl.gz", "sour')
    done = {path.name: path.stat().st_mtime_ns for path in parted.iterdir()}
    result = run("--field", "text", "--jobs", jobs, source, "-o", f"{parted}/")
    assert result.exit_code == 0, result.output
    assert "2 of 6 files done already" in result.stderr
    assert results_in(parted) == results_in(whole)
    assert [(parted / name).stat().st_mtime_ns for name in done if name != MANIFEST] == [
        time for name, time in done.items() if name != MANIFEST
    ]
    again = run("--field", "text", source, "-o", f"{parted}/")
    assert "6 of 6 files done already" in again.stderr


def test_what_changed_since_is_done_again(tmp_path: Path) -> None:
    source, target = shards_in(tmp_path / "in", 3), tmp_path / "out"
    run("--field", "text", source, "-o", f"{target}/")
    write_lines(source / "01.jsonl.gz", [DAMAGED])
    (target / "02.jsonl.gz").unlink()
    assert "1 of 3" in run("--field", "text", source, "-o", f"{target}/").stderr
    assert "of 3" not in run("--field", "text", "--unescape", "none", source, "-o", f"{target}/").stderr


def test_a_failed_file_is_named_and_done_when_it_is_mended(tmp_path: Path) -> None:
    source, target = shards_in(tmp_path / "in", 3), tmp_path / "out"
    (source / "01.jsonl.gz").write_bytes(b"no gzip")
    result = run("--field", "text", source, "-o", f"{target}/")
    assert result.exit_code == 2
    assert "01.jsonl.gz" in result.stderr
    assert sorted(results_in(target)) == ["00.jsonl.gz", "02.jsonl.gz"]
    write_lines(source / "01.jsonl.gz", CLEAN)
    assert "2 of 3" in run("--field", "text", source, "-o", f"{target}/").stderr


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_killed_run_leaves_whole_results_and_is_taken_up_again(tmp_path: Path) -> None:
    source, target = shards_in(tmp_path / "in", 5), tmp_path / "out"
    for number in range(5):
        write_lines(source / f"{number:02}.jsonl.gz", [*CLEAN, DAMAGED] * 60, ensure_ascii=False)
    command = [sys.executable, "-m", "mojibake_fix", "fix", "--field", "text", str(source), "-o", f"{target}/"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    while process.poll() is None and not (target / MANIFEST).exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    shards = [
        Shard(path, target / path.name, ("text",), Config())
        for path in sorted(source.iterdir())
        if path.suffix == ".gz"
    ]
    left = Manifest(target).left(shards)
    assert 0 < len(left) < 5
    assert subprocess.run(command, env=environment, stderr=subprocess.DEVNULL).returncode == 0
    for shard in shards:
        assert gzip.decompress(shard.target.read_bytes()).decode().count(RIGHT) == 60  # type: ignore[union-attr]
    assert Manifest(target).left(shards) == []


@pytest.mark.adapters
def test_parquet_keeps_schema_row_groups_and_other_columns(tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    texts = [None, *CLEAN, DAMAGED, None]
    schema = pa.schema(
        [pa.field("text", pa.large_string(), metadata={"k": "v"}), ("n", pa.int32()), ("title", pa.string())],
        metadata={"made": "by hand"},
    )
    table = pa.table({"text": texts, "n": range(len(texts)), "title": texts}, schema=schema)
    source, target = tmp_path / "a.parquet", tmp_path / "out"
    pq.write_table(table, source, row_group_size=4, compression="zstd")
    result = run("--field", "text", source, "-o", target / "b.parquet")
    assert result.exit_code == 0, result.output
    assert "9 records, 1 changed: 1 misread" in result.stderr
    after = pq.read_table(target / "b.parquet")
    assert after.schema.equals(schema, check_metadata=True)
    assert after["text"].to_pylist() == [text and fix_text(text) for text in texts]
    assert after["title"].to_pylist() == texts
    metadata = pq.read_metadata(target / "b.parquet")
    assert metadata.num_row_groups == 3
    assert metadata.row_group(0).column(0).compression == "ZSTD"
    first = (target / "b.parquet").read_bytes()
    run("--field", "text", source, "-o", target / "b.parquet")
    assert (target / "b.parquet").read_bytes() == first
    both = do_shard(Shard(source, None, ("text", "title"), Config()))
    assert (both.counts.changed, both.counts.faults["misread"]) == (1, 2)
    assert "no column 'x'" in run("--field", "x", source, "-w").stderr
    (tmp_path / "no.parquet").write_bytes(b"none")
    assert run("--field", "text", tmp_path / "no.parquet", "-w").exit_code == 2


@pytest.mark.adapters
@pytest.mark.parametrize("compliant", [True, False])
def test_parquet_columns_in_structs_and_lists_of_them_are_repaired(tmp_path: Path, compliant: bool) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    turn = pa.struct([pa.field("role", pa.string(), nullable=False), ("content", pa.large_string())])
    schema = pa.schema(
        [
            ("chat", pa.struct([("title", pa.string()), pa.field("turns", pa.list_(turn), metadata={"k": "v"})])),
            ("turns", pa.large_list(pa.list_(turn))),
            ("note.title", pa.string()),
        ]
    )
    said = [{"role": DAMAGED, "content": content} for content in (DAMAGED, None, *CLEAN, DAMAGED)]
    rows = [
        {"chat": {"title": DAMAGED, "turns": said}, "turns": [said[:1], None, [], said[1:]], "note.title": DAMAGED},
        {"chat": None, "turns": None, "note.title": None},
        {"chat": {"title": None, "turns": None}, "turns": [], "note.title": CLEAN[0]},
        {"chat": {"title": CLEAN[0], "turns": []}, "turns": [[said[0], None]], "note.title": DAMAGED},
        {"chat": {"title": CLEAN[0], "turns": [None, said[0]]}, "turns": [said[2:4]], "note.title": CLEAN[0]},
    ]
    source, target = tmp_path / "a.parquet", tmp_path / "b.parquet"
    table = pa.Table.from_pylist(rows * 3, schema=schema)
    pq.write_table(table, source, row_group_size=4, compression="gzip", use_compliant_nested_type=compliant)
    fields = ["chat.title", "chat.turns.content", "turns.content", "note.title"]
    result = run(*(word for name in fields for word in ("--field", name)), source, "-o", target)
    assert result.exit_code == 0, result.output
    assert "15 records, 9 changed: 27 misread" in result.stderr
    after = pq.read_table(target)
    after.validate(full=True)
    assert after.schema.equals(pq.read_schema(source), check_metadata=True)
    assert after.to_pylist() == [repaired(row, "content", "title", "note.title") for row in rows * 3]
    metadata = pq.read_metadata(target)
    assert metadata.schema.equals(pq.read_metadata(source).schema)
    assert {metadata.row_group(0).column(number).compression for number in range(metadata.num_columns)} == {"GZIP"}
    result = run("--field", "chat.nothing", source, "-w")
    assert "no column 'chat.nothing': there are chat.title, chat.turns.role, chat.turns.content" in result.stderr
    assert run("--field", "chat", source, "-w").exit_code == 2


def repaired(value: Any, *names: str) -> Any:
    """``value`` with the texts under these names repaired, wherever they are in it."""
    if isinstance(value, list):
        return [repaired(one, *names) for one in value]
    if isinstance(value, dict):
        return {key: RIGHT if key in names and one == DAMAGED else repaired(one, *names) for key, one in value.items()}
    return value
