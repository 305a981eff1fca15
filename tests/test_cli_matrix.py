"""Kinds of file × faults × ways to run it, over real processes: the bytes before and after."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TRUE = "他们把旧仓库改成了一间小小的书店"
GLOSS_TRUE = "社區圖書館發出通知，關於閱覽室的開放時間，現在調整為上午九點"

FAULTS = {
    "clean": (TRUE, TRUE),
    "utf-8 as gbk": (TRUE.encode().decode("gbk"), TRUE),
    "gbk as latin-1": (TRUE.encode("gbk").decode("latin-1"), TRUE),
    "utf-8 as latin-1": (TRUE.encode().decode("latin-1"), TRUE),
    "gloss": ("社區圖書館發(fā)出通知，關(guān)於閱覽室的開放時間，現(xiàn)在調(diào)整為上午九點", GLOSS_TRUE),
}
"""Name of a fault: what stands in the file, and what it was."""

KINDS = {
    "plain.txt": "第一行\n{}\n最后一行\n",
    "no-final-newline.txt": "第一行\n{}",
    "crlf.txt": "第一行\r\n{}\r\n最后一行\r\n",
    "cr.txt": "第一行\r{}\r最后一行\r",
    "mixed.txt": "第一行\r\n{}\n第三行\r最后一行",
    "blank-lines.txt": "\n\n{}\n\n\n",
    "table.csv": '名称,说明,备注\r\n甲乙丙丁,{},"p, q"\r\n乙,"x, y",""\r\n',
    "film.srt": "1\n00:00:01,000 --> 00:00:04,000\n{}\n\n2\n00:00:05,000 --> 00:00:06,500\n再见\n",
    "service.log": "2024-05-01 12:00:00,123 INFO [main] started pid=42\n2024-05-01 12:00:01,456 WARN [x] {}\n",
    "module.py": '# -*- coding: utf-8 -*-\nNAME = "{}"\nESCAPED = "\\u4e2d\\u6587"\n\n\ndef f(x):\n    return x + 1\n',
    "page.html": "<!doctype html>\n<html><head><title>{}</title></head>\n<body><p>&#20013;&amp;</p></body></html>\n",
    "data.json": '{{"title": "{}", "escaped": "\\u4e2d\\n", "n": [1, 2.5e3, null]}}\n',
    "data.jsonl": '{{"id": 1, "text": "好的"}}\n{{"id": 2, "text": "{}"}}\n',
    "letter.md": "# 标题\n\n> {}\n\n```\ncode &#20013;\n```\n",
}
"""Name of a file, and its content around the text that is damaged."""

CASES = [(kind, fault) for kind in KINDS for fault in FAULTS]


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "mojibake_fix", *arguments]
    return subprocess.run(command, capture_output=True, cwd=cwd, check=False, timeout=300)


def path_of(root: Path, kind: str, fault: str) -> Path:
    return root / fault.replace(" ", "-") / kind


def content(kind: str, fault: str, index: int, encoding: str = "utf-8") -> bytes:
    return KINDS[kind].format(FAULTS[fault][index]).encode(encoding)


def lay_out(root: Path) -> None:
    for kind, fault in CASES:
        path = path_of(root, kind, fault)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content(kind, fault, 0))
        os.utime(path, ns=(10**18, 10**18))


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("damaged")
    lay_out(root)
    return root


@pytest.fixture(scope="module")
def in_place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[bytes]]:
    root = tmp_path_factory.mktemp("in-place")
    lay_out(root)
    return root, run("-w", ".", cwd=root)


@pytest.fixture(scope="module")
def elsewhere(damaged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("elsewhere")
    assert run("-o", f"{out}/", "--jobs", "2", ".", cwd=damaged).returncode == 0
    return out


@pytest.fixture(scope="module")
def diff(damaged: Path) -> subprocess.CompletedProcess[bytes]:
    return run("--diff", ".", cwd=damaged)


@pytest.mark.parametrize(("kind", "fault"), CASES)
def test_a_file_is_repaired_in_place_and_nothing_else_in_it_changes(
    in_place: tuple[Path, subprocess.CompletedProcess[bytes]], kind: str, fault: str
) -> None:
    path = path_of(in_place[0], kind, fault)
    assert path.read_bytes() == content(kind, fault, 1)
    assert (path.stat().st_mtime_ns == 10**18) is (fault == "clean")


@pytest.mark.parametrize(("kind", "fault"), CASES)
def test_a_result_elsewhere_is_the_same_with_more_processes(elsewhere: Path, kind: str, fault: str) -> None:
    assert path_of(elsewhere, kind, fault).read_bytes() == content(kind, fault, 1)


def test_a_run_in_place_names_what_it_repaired_and_leaves_no_litter(
    in_place: tuple[Path, subprocess.CompletedProcess[bytes]],
) -> None:
    root, done = in_place
    damaged_cases = [case for case in CASES if case[1] != "clean"]
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.count(b": repaired, ") == len(damaged_cases)
    assert len([path for path in root.rglob("*") if path.is_file()]) == len(CASES)


def test_a_second_run_changes_nothing(in_place: tuple[Path, subprocess.CompletedProcess[bytes]]) -> None:
    root, _ = in_place
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in root.rglob("*") if path.is_file()}
    assert run("-w", ".", cwd=root).returncode == 0
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in before} == before
    assert run("--check", ".", cwd=root).returncode == 0


def test_a_diff_takes_patch_to_the_same_result(diff: subprocess.CompletedProcess[bytes], tmp_path: Path) -> None:
    lay_out(tmp_path)
    assert diff.returncode == 1
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    apply = ["git", "apply", "-p0", "--whitespace=nowarn", "-"]
    subprocess.run(apply, input=diff.stdout, cwd=tmp_path, check=True)
    assert {case for case in CASES if path_of(tmp_path, *case).read_bytes() != content(*case, 1)} == set()


def test_checking_and_showing_a_diff_write_nothing(damaged: Path, diff: subprocess.CompletedProcess[bytes]) -> None:
    assert run("--check", ".", cwd=damaged).returncode == 1
    assert all(path_of(damaged, *case).read_bytes() == content(*case, 0) for case in CASES)
    assert all(path_of(damaged, *case).stat().st_mtime_ns == 10**18 for case in CASES)


@pytest.mark.parametrize("fault", FAULTS)
def test_json_and_tables_are_still_read_as_such(elsewhere: Path, fault: str) -> None:
    true = FAULTS[fault][1]
    document = json.loads(path_of(elsewhere, "data.json", fault).read_text(encoding="utf-8"))
    assert document == {"title": true, "escaped": "中\n", "n": [1, 2500.0, None]}
    lines = path_of(elsewhere, "data.jsonl", fault).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["好的", true]
    table = path_of(elsewhere, "table.csv", fault).read_text(encoding="utf-8")
    assert list(csv.reader(io.StringIO(table)))[1] == ["甲乙丙丁", true, "p, q"]


@pytest.mark.parametrize(
    ("encoding", "mark", "arguments"),
    [
        pytest.param("utf-8", b"\xef\xbb\xbf", (), id="UTF-8 with its mark"),
        pytest.param("utf-16-le", b"\xff\xfe", (), id="UTF-16 LE with its mark"),
        pytest.param("utf-16-be", b"\xfe\xff", (), id="UTF-16 BE with its mark"),
        pytest.param("utf-32-le", b"\xff\xfe\0\0", (), id="UTF-32 LE with its mark"),
        pytest.param("gb18030", b"", ("--encoding", "gb18030"), id="GB18030, named"),
        pytest.param("utf-16-le", b"", ("--encoding", "utf-16-le"), id="UTF-16 without a mark, named"),
    ],
)
@pytest.mark.parametrize("kind", ["crlf.txt", "no-final-newline.txt", "data.json"])
def test_a_file_stays_in_its_encoding(
    tmp_path: Path, kind: str, encoding: str, mark: bytes, arguments: tuple[str, ...]
) -> None:
    path = tmp_path / kind
    path.write_bytes(mark + content(kind, "gloss", 0, encoding))
    done = run("-w", *arguments, kind, cwd=tmp_path)
    assert done.returncode == 0
    assert path.read_bytes() == mark + content(kind, "gloss", 1, encoding)


def test_another_encoding_is_written_if_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xff\xfe" + content("crlf.txt", "gloss", 0, "utf-16-le"))
    assert run("-w", "--output-encoding", "utf-8", "a.txt", cwd=tmp_path).returncode == 0
    assert path.read_bytes() == content("crlf.txt", "gloss", 1)
