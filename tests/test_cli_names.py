"""Names of files that were misread are shown, repaired and given back; nothing is ever overwritten."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

NAMES = ("中文文档.txt", "年度报告.doc", "会议记录(最终版).xlsx", "照片", "附件.txt")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes")


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "mojibake_fix", "names", *arguments]
    return subprocess.run(command, capture_output=True, cwd=cwd, check=False, timeout=120)


def as_unzip_shows_it(name: str) -> str:
    return name if name.isascii() else name.encode("gbk").decode("cp437")


def listing(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as an unzip without a clue leaves it, with a clean name and a nested one."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in (*NAMES[:3], "clean.txt"):
        (folder / as_unzip_shows_it(name)).write_text(name, encoding="utf-8")
    nested = folder / as_unzip_shows_it(NAMES[3])
    nested.mkdir()
    (nested / as_unzip_shows_it(NAMES[4])).write_text(NAMES[4], encoding="utf-8")
    return folder


def test_without_w_names_are_only_shown(folder: Path) -> None:
    before = listing(folder)
    done = run(str(folder), cwd=folder.parent)
    assert done.returncode == 0
    assert listing(folder) == before
    assert listing(folder.parent) == {"folder", *(f"folder/{name}" for name in before)}
    for name in NAMES:
        assert f"{as_unzip_shows_it(name)} → {name}  (gbk read as cp437)" in done.stdout.decode()
    assert "clean.txt" not in done.stdout.decode()


def test_names_are_repaired_and_given_back(folder: Path) -> None:
    before = listing(folder)
    done = run("-w", str(folder), cwd=folder.parent)
    assert done.returncode == 0
    assert b"to undo: mojibake-fix names --undo mojibake-fix-undo-1.jsonl" in done.stderr
    assert listing(folder) == {*NAMES[:4], "clean.txt", f"{NAMES[3]}/{NAMES[4]}"}
    assert (folder / NAMES[3] / NAMES[4]).read_text(encoding="utf-8") == NAMES[4]
    assert run(str(folder), cwd=folder.parent).stdout == b""
    assert run("--undo", "mojibake-fix-undo-1.jsonl", cwd=folder.parent).returncode == 0
    assert listing(folder) == before


def test_short_names_are_read_as_the_others_of_their_country_were(tmp_path: Path) -> None:
    names = {
        "gbk": ("二〇二一年总结.txt", "会议记录.doc", "照片", "春节.jpg"),
        "cp932": ("議事録.txt", "予算表.xls", "写真", "夏休みの旅行.jpg"),
        "cp950": ("會議記錄.txt", "畢業典禮.jpg", "照片 2", "報告"),
    }
    for encoding, ours in names.items():
        (tmp_path / encoding).mkdir()
        for name in (*ours, "Überblick.txt", "ete.txt"):
            raw = name if name.endswith("k.txt") else name.encode(encoding).decode("cp437")
            (tmp_path / encoding / raw).write_bytes(b"")
    assert run("-w", ".", cwd=tmp_path).returncode == 0
    kept = {"Überblick.txt", "ete.txt"}
    assert {folder: {path.name for path in (tmp_path / folder).iterdir()} for folder in names} == {
        folder: {*ours, *kept} for folder, ours in names.items()
    }


def test_names_whose_bytes_are_no_text_are_read_in_their_encoding(tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    for name in NAMES[:3]:
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name.encode("gbk"))).write_bytes(b"")
    assert run("-w", "raw", cwd=tmp_path).returncode == 0
    assert listing(folder) == set(NAMES[:3])


def test_an_encoding_that_is_named_is_taken_at_its_word(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode("中.txt".encode("gbk"))).write_bytes(b"")
    assert run("-w", "--encoding", "gbk", "-q", ".", cwd=tmp_path).stdout == b""
    assert "中.txt" in listing(tmp_path)


def test_two_names_that_were_one_are_told_of_before_anything_is_renamed(tmp_path: Path) -> None:
    first, second = as_unzip_shows_it(NAMES[0]), NAMES[0].encode().decode("latin-1")
    for name in (first, second):
        (tmp_path / name).write_bytes(b"")
    done = run(".", cwd=tmp_path)
    assert (done.returncode, done.stdout.count(b" \xe2\x86\x92 ")) == (2, 1)
    assert f"another is to be {NAMES[0]}, too: left alone" in done.stderr.decode()
    assert re.search("[\x80-\x9f]", done.stdout.decode()) is None
    assert listing(tmp_path) == {first, second}


def test_a_name_that_is_taken_is_not_taken_again(folder: Path) -> None:
    (folder / NAMES[0]).write_text("mine", encoding="utf-8")
    assert b"exists already: left alone" in run(str(folder), cwd=folder.parent).stderr
    done = run("-w", str(folder), cwd=folder.parent)
    assert done.returncode == 2
    assert "exists already: left alone" in done.stderr.decode()
    assert (folder / NAMES[0]).read_text(encoding="utf-8") == "mine"
    assert (folder / as_unzip_shows_it(NAMES[0])).read_text(encoding="utf-8") == NAMES[0]
    assert (folder / NAMES[1]).exists()


def test_undoing_overwrites_nothing_and_passes_over_what_was_cut_off(tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(b"renamed")
    (tmp_path / "old").write_bytes(b"another")
    (tmp_path / "kept").write_bytes(b"kept")
    entries = [{"from": str(tmp_path / "kept"), "to": str(tmp_path / "never")}]
    entries += [{"from": str(tmp_path / "old"), "to": str(tmp_path / "new")}]
    record = "".join(json.dumps(entry) + "\n" for entry in entries) + '{"from": "/x", "t'
    (tmp_path / "record").write_text(record, encoding="utf-8")
    done = run("--undo", "record", cwd=tmp_path)
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    assert (tmp_path / "old").read_bytes() == b"another"
    assert (tmp_path / "new").read_bytes() == b"renamed"
    assert (tmp_path / "kept").read_bytes() == b"kept"


def test_a_record_is_never_overwritten(folder: Path) -> None:
    (folder.parent / "record").write_bytes(b"")
    done = run("-w", "--undo-file", "record", str(folder), cwd=folder.parent)
    assert done.returncode == 2
    assert b"record: exists already" in done.stderr


def zip_without_encoding(path: Path, names: tuple[str, ...], encoding: str) -> None:
    """An archive as Windows makes it: names in the system's encoding, and no word about that."""
    body, directory = b"", b""
    for name in names:
        raw, data = name.encode(encoding), b"x"
        sizes = struct.pack("<IIIHH", zlib.crc32(data), 1, 1, len(raw), 0)
        directory += b"PK\1\2" + struct.pack("<HHHHHH", 20, 20, 0, 0, 0, 0x21) + sizes
        directory += struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + raw
        body += b"PK\3\4" + struct.pack("<HHHHH", 20, 0, 0, 0, 0x21) + sizes + raw + data
    end = struct.pack("<HHHHIIH", 0, 0, len(names), len(names), len(directory), len(body), 0)
    path.write_bytes(body + directory + b"PK\5\6" + end)


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("gbk", ("中文文档.txt", "照片/附件.txt", "会议记录.xlsx", "clean.txt")),
        ("cp932", ("日本語のファイル.txt", "写真/旅行の思い出.txt")),
        ("cp949", ("한국어 문서.txt", "사진/여행 기록.txt")),
        ("big5", ("繁體中文檔案.txt", "會議記錄/附件.doc")),
    ],
)
def test_an_archive_is_listed_under_its_true_names(tmp_path: Path, encoding: str, names: tuple[str, ...]) -> None:
    zip_without_encoding(tmp_path / "a.zip", names, encoding)
    done = run("a.zip", cwd=tmp_path)
    assert (done.stdout.decode().splitlines(), done.stderr) == (list(names), b"")


def test_an_archive_that_says_that_its_names_are_utf_8_is_believed(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("中文文档.txt", b"")
        archive.writestr("readme.txt", b"")
    assert run("a.zip", cwd=tmp_path).stdout.decode().splitlines() == ["中文文档.txt", "readme.txt"]


def test_a_path_that_is_not_there_is_named_and_the_others_are_done(folder: Path) -> None:
    done = run("-w", "missing", str(folder), cwd=folder.parent)
    assert done.returncode == 2
    assert b"missing: No such file or directory" in done.stderr
    assert (folder / NAMES[0]).exists()
