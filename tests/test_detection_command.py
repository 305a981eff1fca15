"""``detect``: what it says of files, and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mojibake_fix.cli import main
from mojibake_fix.files.editorconfig import charset_of

TEXT = "昨天下午我们在图书馆里读书，外面下着大雨。\n"


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["detect", *arguments], input=stdin)


def test_a_file_is_told_with_its_language(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.encode("gbk"))
    result = run(str(path))
    assert result.exit_code == 0
    assert f"{path}: gb18030, zh-Hans" in result.output


def test_a_mixed_file_is_told_by_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.encode() * 2 + TEXT.encode("gbk"))
    assert "lines 1-2" in run(str(path)).output
    found = json.loads(run("--format", "json", str(path)).output)
    assert [(span["encoding"], span["first_line"], span["last_line"]) for span in found["spans"]] == [
        ("utf-8", 1, 2),
        ("gb18030", 3, 3),
    ]


def test_standard_input_is_read() -> None:
    assert "cp932" in run("-", stdin="図書館で本を読んでいる".encode("cp932")).output


def test_binary_and_missing_files_are_named_and_the_others_done(tmp_path: Path) -> None:
    good, binary = tmp_path / "good.txt", tmp_path / "a.png"
    good.write_bytes(b"plain")
    binary.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20))
    result = run(str(binary), str(tmp_path / "none"), str(good))
    assert result.exit_code == 2
    assert f"{good}: ascii" in result.output
    assert "PNG" in result.output


def test_of_a_folder_the_files_that_fix_would_take_are_told_and_a_picture_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    for name, data in {
        ".git/config": b"x",
        ".gitignore": b"*.log\n",
        "a.log": b"x",
        "a.txt": TEXT.encode("gbk"),
        "b/c.txt": b"x",
        "d.png": b"\x89PNG\r\n\x1a\n" + bytes(20),
        "e.txt": b"x",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    (tmp_path / ".mojibake-fix.toml").write_text('extend-exclude = ["b/"]\nformat = "github"\n', encoding="utf-8")
    result = run("--exclude", "e.txt", "--exclude", ".git/", ".")
    assert [line.partition(":")[0] for line in result.output.splitlines()] == [
        ".gitignore",
        ".mojibake-fix.toml",
        "a.txt",
        "d.png",
    ]
    assert result.exit_code == 0


def test_a_setting_stands_in_for_an_option_and_an_unknown_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = tmp_path / ".mojibake-fix.toml"
    data = "한국어".encode("euc-kr")
    assert run("-", stdin=data).output.startswith("<stdin>: cp949, ko")
    settings.write_text('candidates = "big5"\n', encoding="utf-8")
    assert run("-", stdin=data).output.startswith("<stdin>: cp950")
    settings.write_text('candidate = "big5"\n', encoding="utf-8")
    result = run("-", stdin=data)
    assert (result.exit_code, "unknown setting 'candidate'" in result.output) == (2, True)


def test_standard_input_that_is_closed_is_an_error_and_has_the_name_it_is_given() -> None:
    command = f'"{sys.executable}" -m mojibake_fix detect <&-'
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=60)
    assert (done.stderr, done.returncode) == (b"mojibake-fix: <stdin>: Bad file descriptor\n", 2)
    assert run("--stdin-filename", "a.txt", stdin=b"x").output.startswith("a.txt: ascii")


def test_an_unknown_candidate_is_a_usage_error() -> None:
    assert run("--candidates", "no such", "-", stdin=b"x").exit_code == 2


@pytest.mark.parametrize(("name", "charset"), [("a.bat", "gb18030"), ("a.txt", "utf-8"), ("sub/b.txt", "cp932")])
def test_the_nearest_editorconfig_that_names_a_charset_counts(tmp_path: Path, name: str, charset: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".editorconfig").write_text("root = true\n[*]\ncharset = utf-8\n[*.bat]\ncharset = gbk\n", "utf-8")
    (tmp_path / "sub" / ".editorconfig").write_text("[*.txt]\ncharset = shift_jis\n", "utf-8")
    assert charset_of(tmp_path / name) == charset


LINES = [
    "昨天下午我们在图书馆里读书，外面下着大雨。",
    "中国人民解放军在那里",
    "昨天下午我们在图书馆里读书，外面下着大雨。",
]


@pytest.mark.parametrize(("name", "lost"), [("gbk", 5), ("utf-8", 7)])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_fix_restores_a_lost_byte_and_explains_it(tmp_path: Path, name: str, lost: int, newline: str) -> None:
    from mojibake_fix.cli import main

    parts = [(line + newline).encode(name) for line in LINES]
    at = len(parts[0]) + lost
    whole = b"".join(parts)
    path = tmp_path / "a.txt"
    path.write_bytes(whole[:at] + whole[at + 1 :])
    fixed = CliRunner().invoke(main, ["fix", "--encoding", "auto", str(path)])
    assert fixed.stdout_bytes.decode() == "".join(line + newline for line in LINES)
    explained = json.loads(
        CliRunner().invoke(main, ["explain", "--encoding", "auto", "--format", "json", str(path)]).stdout.split("\n")[0]
    )
    assert "人" in json.dumps(explained, ensure_ascii=False)


def test_auto_looks_behind_the_first_mebibyte(tmp_path: Path) -> None:
    from mojibake_fix.files import Source, open_input
    from mojibake_fix.files.mixed import MIXED

    path = tmp_path / "a.txt"
    first = (TEXT.encode("gbk")) * ((1 << 20) // 40 + 1)
    path.write_bytes(first)
    with open_input(Source("a.txt", path), "auto") as opened:
        assert opened.encoding == "gb18030"
    path.write_bytes(first + "図書館で本を読んでいると、雨が降ってきた。\n".encode("cp932") * 5000)
    with open_input(Source("a.txt", path), "auto") as opened:
        assert opened.encoding == MIXED
    path.write_bytes(TEXT.encode() * ((1 << 20) // 60 + 1) + TEXT.encode("gbk") * 5000)
    with open_input(Source("a.txt", path), "auto") as opened:
        assert opened.encoding == MIXED


def test_a_file_is_repaired_by_what_its_editorconfig_says_as_far_as_that_is_likely(tmp_path: Path) -> None:
    path = tmp_path / "menu.txt"
    path.write_bytes("Café crème\n".encode("cp1252"))
    command = [sys.executable, "-m", "mojibake_fix", "--encoding", "auto", str(path)]
    unsure = subprocess.run(command, capture_output=True, check=False)
    assert (unsure.returncode, unsure.stdout) == (2, b"")
    assert b"no other encoding is sure" in unsure.stderr
    (tmp_path / ".editorconfig").write_text("root = true\n[*.txt]\ncharset = latin1\n", "utf-8")
    assert subprocess.run(command, capture_output=True, check=True).stdout == "Café crème\n".encode()
