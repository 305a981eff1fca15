"""Options of the command over processes: style, encodings that are found out, settings, formats, help."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner

from mojibake_fix.cli import main
from mojibake_fix.cli.options import PRIVATE_USE, PUNCTUATION, SCRIPTS
from mojibake_fix.encodings import text_encoding

DAMAGED = "浠栦滑鎶婃棫浠撳簱鏀规垚浜嗕竴闂村皬灏忕殑涔﹀簵\n"
REPAIRED = "他们把旧仓库改成了一间小小的书店\n"
PAGE = Path(__file__).parent.parent / "docs" / "mojibake-fix.1"


def run(*arguments: str, data: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "mojibake_fix", *arguments]
    return subprocess.run(command, input=data, capture_output=True, cwd=cwd, check=False, timeout=120)


# Style


def test_style_is_left_alone_unless_asked_for() -> None:
    data = "今天很好,大家都在ＡＢＣ\n".encode()
    assert run(data=data).stdout == data
    assert run("--punctuation", "zh-Hans", "--width", data=data).stdout == "今天很好，大家都在ABC\n".encode()


def test_style_is_unified_inside_the_strings_of_json_only() -> None:
    data = '{"中文": "今天很好,大家都在", "键":\n["好", "对"]}\n'
    done = run("--punctuation", "zh-Hans", "--quotes", "curly", "-q", data=data.encode())
    assert done.stdout.decode() == data.replace("好,大", "好，大")


def test_style_is_unified_after_the_repair_and_told_of_by_its_rule() -> None:
    done = run("--punctuation", "zh-Hans", "--check", "--format", "json", data=(DAMAGED.strip() + ",好\n").encode())
    findings = json.loads(done.stdout)["findings"]
    assert [(f["fault"], f["rule"] is not None) for f in findings] == [("misread", False), ("style", True)]
    assert findings[0]["round"] < findings[1]["round"]


def test_the_choices_are_those_of_the_normaliser() -> None:
    from mojibake_fix.normalise import options

    assert get_args(options.Script) == SCRIPTS
    assert set(get_args(options.SourceScript)) == set(SCRIPTS[1:])
    assert get_args(options.Punctuation) == PUNCTUATION
    assert get_args(options.PrivateUse) == PRIVATE_USE


@pytest.mark.parametrize(
    "arguments",
    [
        ("--script", "zh"),
        ("--phrases",),
        ("--output-encoding", "auto"),
        ("--rule", "no-such"),
        ("--without-rule", "x", "--width"),
    ],
)
def test_what_cannot_be_asked_for_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    done = run(*arguments, data=b"x")
    assert (done.returncode, done.stdout, b"Traceback" in done.stderr) == (2, b"", False)


# Encodings


def test_an_encoding_is_found_out_if_asked_for_and_kept_in_place(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    legacy = (
        REPAIRED * 3 + "社區圖書館發(fā)出通知，關(guān)於閱覽室的開放時間，現(xiàn)在調(diào)整為上午九點。\n"
    ).encode("gbk")
    path.write_bytes(legacy)
    refused = run("-w", "a.txt", cwd=tmp_path)
    assert refused.returncode == 2
    assert b"probably --encoding gb18030" in refused.stderr
    assert path.read_bytes() == legacy
    assert run("-w", "--encoding", "auto", "a.txt", cwd=tmp_path).returncode == 0
    assert path.read_bytes() == (
        REPAIRED * 3 + "社區圖書館發出通知，關於閱覽室的開放時間，現在調整為上午九點。\n"
    ).encode("gbk")


def test_an_encoding_that_is_not_sure_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xc4\xe3\xba\xc3"[:3])
    done = run("--encoding", "auto", "a.txt", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"no other encoding is sure" in done.stderr


VIETNAMESE = "Ngày mai chúng tôi sẽ đi đến thư viện để đọc sách, trời đang mưa rất to.\n"


@pytest.mark.parametrize(
    "name", ["viscii", "iso-8859-16", "ISO8859_3", "cp037", "utf-7", "shift_jisx0213", "utf_16_le", "mac-turkish"]
)
def test_a_file_stays_in_any_encoding_that_is_named(tmp_path: Path, name: str) -> None:
    encode = text_encoding(name).encode
    path = tmp_path / "a.txt"
    path.write_bytes(encode("&#233;t&#233;\n" * 3) or b"")
    assert run("-w", "--encoding", name, "a.txt", cwd=tmp_path).returncode == 0
    assert path.read_bytes() == encode("été\n" * 3)
    assert run("--encoding", name, "a.txt", cwd=tmp_path).stdout.decode() == "été\n" * 3


def test_viscii_is_found_out_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    data = text_encoding("viscii").encode(VIETNAMESE * 2)
    assert data is not None
    path.write_bytes(data)
    assert run("-w", "--encoding", "auto", "a.txt", cwd=tmp_path).returncode == 0
    assert path.read_bytes() == data
    assert run("--encoding", "auto", "a.txt", cwd=tmp_path).stdout.decode() == VIETNAMESE * 2


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("他们\ud83d\ude00把旧仓库\n".encode("utf-8", "surrogatepass"), id="CESU-8"),
        pytest.param(
            b"\x1b$)A\x0e" + bytes(b & 0x7F for b in "他们把旧仓库".encode("gb2312")) + b"\x0f\n", id="2022-CN"
        ),
    ],
)
def test_what_nobody_writes_any_more_becomes_utf_8_if_asked_for(data: bytes) -> None:
    assert run("--encoding", "auto", data=data).stdout.decode().replace("😀", "") == "他们把旧仓库\n"


@pytest.mark.parametrize(
    ("name", "mark", "codec"),
    [
        ("utf-8-sig", b"\xef\xbb\xbf", "utf-8"),
        ("UTF-16", b"\xff\xfe", "utf-16-le"),
        ("utf32", b"\xff\xfe\0\0", "utf-32-le"),
    ],
)
def test_a_name_that_has_a_mark_writes_one_and_reads_any(tmp_path: Path, name: str, mark: bytes, codec: str) -> None:
    marked = mark + REPAIRED.encode(codec)
    assert run("--output-encoding", name, data=REPAIRED.encode()).stdout == marked
    (tmp_path / "a.txt").write_text(REPAIRED, encoding="utf-8", newline="")
    assert run("--check", "--output-encoding", name, "a.txt", cwd=tmp_path).returncode == 1
    assert run("-w", "--output-encoding", name, "a.txt", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.txt").read_bytes() == marked
    for again in (("--output-encoding", name), ("--encoding", name), ()):
        assert run("-w", *again, "a.txt", cwd=tmp_path).returncode == 0
        assert (tmp_path / "a.txt").read_bytes() == marked
    big_endian = ("\ufeff" + REPAIRED).encode(codec.replace("-le", "-be"))
    assert run("--encoding", name, "--output-encoding", "gbk", data=big_endian).stdout == REPAIRED.encode("gbk")


MORE = "明天早上我们在车站门口集合，一起坐车去看海。\r\n"
IN_GBK_AND_UTF_8 = (MORE * 3).encode("gbk") + (MORE * 3).encode() + DAMAGED.encode()
A_BYTE_LOST = (MORE * 5).encode().replace("车站".encode(), "车站".encode()[1:], 1)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(IN_GBK_AND_UTF_8, MORE * 6 + REPAIRED, id="lines in two encodings"),
        pytest.param(A_BYTE_LOST, MORE * 5, id="UTF-8 that lost a byte"),
    ],
)
def test_a_file_in_several_encodings_becomes_utf_8_if_asked_for(tmp_path: Path, data: bytes, expected: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    refused = run("-w", "a.txt", cwd=tmp_path)
    assert (refused.returncode, path.read_bytes()) == (2, data)
    assert b"probably --encoding auto" in refused.stderr
    assert run("--encoding", "auto", "a.txt", cwd=tmp_path).stdout == expected.encode()
    assert run("--encoding", "auto", "--check", "a.txt", cwd=tmp_path).returncode == 1
    assert path.read_bytes() == data
    done = run("-w", "--encoding", "auto", "a.txt", cwd=tmp_path)
    assert (done.returncode, path.read_bytes()) == (0, expected.encode())
    assert b"a.txt: repaired, 1 fault; read in several encodings, written in one" in done.stderr
    assert run("--check", "a.txt", cwd=tmp_path).returncode == 0


def test_a_file_in_several_encodings_is_left_alone_if_they_are_not_sure_enough(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(IN_GBK_AND_UTF_8)
    done = run("-w", "--encoding", "auto", "--min-confidence", "1", "a.txt", cwd=tmp_path)
    assert (done.returncode, path.read_bytes()) == (2, IN_GBK_AND_UTF_8)
    assert b"a.txt: not utf-8 at byte 0: its encodings are not sure" in done.stderr


def test_a_large_file_in_several_encodings_is_read_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes((IN_GBK_AND_UTF_8 + b"plain ASCII text, and nothing else in it\n" * 30_000) * 2)
    done = run("--encoding", "auto", "a.txt", cwd=tmp_path)
    plain = "plain ASCII text, and nothing else in it\n" * 30_000
    assert (done.stdout.decode() == (MORE * 6 + REPAIRED + plain) * 2, done.returncode) == (True, 0)


# Modes and formats


@pytest.mark.parametrize(
    "arguments",
    [
        ("-w", "--check", "a.txt"),
        ("-w", "-o", "b.txt", "a.txt"),
        ("-w",),
        ("-w", "-"),
        ("--backup", "a.txt"),
        ("--format", "json", "a.txt"),
        ("--diff", "--format", "json", "a.txt"),
        ("--check", "--format", "xml", "a.txt"),
        ("--jobs", "-1", "a.txt"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "a.txt").write_text(DAMAGED, encoding="utf-8")
    done = run(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Usage:" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_exit_codes_tell_clean_found_and_repaired(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    for content, arguments, code in (
        (REPAIRED, ("--check",), 0),
        (REPAIRED, ("--diff",), 0),
        (DAMAGED, ("--check",), 1),
        (DAMAGED, ("--check", "--diff"), 1),
        (DAMAGED, ("-q", "--check"), 1),
        (DAMAGED, ("-w",), 0),
        (DAMAGED, ("-w", "--exit-non-zero-on-fix"), 1),
        (REPAIRED, ("-w", "--exit-non-zero-on-fix"), 0),
        (DAMAGED, (), 0),
    ):
        path.write_text(content, encoding="utf-8")
        assert run(*arguments, "a.txt", cwd=tmp_path).returncode == code, (content, arguments)


def test_standard_input_goes_by_the_name_it_is_given() -> None:
    done = run("--check", "--stdin-filename", "some/a.txt", "-", data=DAMAGED.encode())
    assert done.stdout.startswith(b"some/a.txt:1:1: misread ")


def test_explaining_finds_faults_and_is_no_failure(tmp_path: Path) -> None:
    done = run("explain", data=DAMAGED.encode())
    assert done.returncode == 0
    assert "bytes     E4 BB 96 E4" in done.stdout.decode()
    assert "(utf-8)" in done.stdout.decode()


@pytest.mark.parametrize("format_", ["json", "github", "sarif", "html"])
def test_every_format_comes_alone_on_standard_output(tmp_path: Path, format_: str) -> None:
    (tmp_path / "a.txt").write_text(DAMAGED, encoding="utf-8")
    for arguments in (("--check",), ("-o", "out.txt"), ("-w",)):
        (tmp_path / "a.txt").write_text(DAMAGED, encoding="utf-8")
        done = run(*arguments, "--format", format_, "a.txt", cwd=tmp_path)
        starts = {"json": b'{"version":1,', "github": b"::warning ", "sarif": b'{\n  "$schema"', "html": b"<!doctype"}
        assert done.stdout.startswith(starts[format_]), arguments


# Settings


def test_settings_stand_in_for_options_and_options_win(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.mojibake-fix]\nmin-confidence = 1.0\nextend-exclude = ["vendor/"]\n', encoding="utf-8"
    )
    (tmp_path / "vendor").mkdir()
    for path in (tmp_path / "a.txt", tmp_path / "vendor" / "b.txt"):
        path.write_text("鏄庡ぉ鏃╀笂鎴戜滑鍦ㄨ溅绔欓棬鍙ｉ泦鍚堬紝涓?璧峰潗杞﹀幓鐪嬫捣銆?\n", encoding="utf-8")
    done = run("--check", "-v", ".", cwd=tmp_path)
    assert b"vendor" not in done.stdout + done.stderr
    assert b"a.txt:1:1: " in run("--check", "--min-confidence", "0.5", ".", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ("min-confidenc = 1\n", b"did you mean 'min-confidence'?"),
        ("write = true\n", b"unknown setting 'write'"),
        ('script = "zh"\n', b"--script"),
        ('min-confidence = "sure"\n', b"min-confidence is 'sure': give a number"),
        ("min-confidence = [1]\n", b"min-confidence is [1]: give a number"),
        ("jobs = true\n", b"jobs is True: give a whole number"),
        ("width = 3\n", b"width is 3: give true or false"),
        ("encoding = 936\n", b"encoding is 936: give a string"),
        ('exclude = "vendor/"\n', b"exclude is 'vendor/': give a list of strings"),
        ("rule = [1]\n", b"rule is [1]: give a list of strings"),
        ("[exclude]\na = 1\n", b"give a list of strings"),
    ],
)
def test_settings_that_cannot_be_used_are_a_usage_error(tmp_path: Path, settings: str, named: bytes) -> None:
    (tmp_path / ".mojibake-fix.toml").write_text(settings, encoding="utf-8")
    done = run(data=b"x", cwd=tmp_path)
    assert (done.returncode, done.stdout, named in done.stderr) == (2, b"", True)


def test_settings_that_have_no_place_in_a_run_rest(tmp_path: Path) -> None:
    (tmp_path / ".mojibake-fix.toml").write_text('format = "json"\nbackup = ".old"\n', encoding="utf-8")
    path = tmp_path / "a.txt"
    path.write_text(DAMAGED, encoding="utf-8")
    assert run("a.txt", cwd=tmp_path).stdout.decode() == REPAIRED
    assert run("--diff", "a.txt", cwd=tmp_path).stdout.startswith(b"--- a.txt\n")
    assert json.loads(run("--check", "a.txt", cwd=tmp_path).stdout)["status"] == "changed"
    assert json.loads(run("-w", "a.txt", cwd=tmp_path).stdout)["status"] == "changed"
    assert (tmp_path / "a.txt.old").read_text(encoding="utf-8") == DAMAGED


def test_a_settings_file_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('encoding = "gbk"\n', encoding="utf-8")
    assert run("--config", "other.toml", data="中".encode("gbk"), cwd=tmp_path).stdout == "中".encode()
    assert run("--config", "missing.toml", data=b"x", cwd=tmp_path).returncode == 2


# Help


def test_the_manual_page_is_what_the_commands_say() -> None:
    assert CliRunner().invoke(main, ["man"], prog_name="mojibake-fix").stdout == PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_taught_to_complete(shell: str) -> None:
    script = CliRunner().invoke(main, ["completion", shell]).stdout
    assert "_MOJIBAKE_FIX_COMPLETE" in script


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("ex", ["file,ex", "plain,explain"], id="a command, or a path"),
        pytest.param("--diff", ["plain,--diff"], id="an option of the default command"),
        pytest.param("--vers", ["plain,--version"], id="an option of the group"),
        pytest.param("a.txt --diff", ["plain,--diff"], id="an option behind a path"),
        pytest.param("--script zh-Hant-", ["plain,zh-Hant-TW", "plain,zh-Hant-HK"], id="a choice"),
        pytest.param("fix --scr", ["plain,--script"], id="an option of a command"),
        pytest.param("fix d/", ["file,d/"], id="a path"),
        pytest.param("completion f", ["plain,fish"], id="a choice of a command"),
    ],
)
def test_commands_options_and_paths_are_completed(words: str, expected: list[str]) -> None:
    environment = {
        "_MOJIBAKE_FIX_COMPLETE": "bash_complete",
        "COMP_WORDS": f"mojibake-fix {words}",
        "COMP_CWORD": str(len(words.split())),
    }
    done = CliRunner().invoke(main, [], prog_name="mojibake-fix", env=environment, standalone_mode=True)
    assert done.stdout.splitlines() == expected


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes_the_default_command(tmp_path: Path) -> None:
    command = tmp_path / "mojibake-fix"
    command.write_text(f"#!{sys.executable}\nfrom mojibake_fix.cli import main\nmain()\n", encoding="utf-8")
    command.chmod(0o755)
    script = (
        'eval "$(./mojibake-fix completion bash)"\n'
        "COMP_WORDS=(./mojibake-fix --output-e); COMP_CWORD=1\n"
        "_mojibake_fix_completion ./mojibake-fix\n"
        'echo "${COMPREPLY[*]}"\n'
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, cwd=tmp_path, check=False, timeout=120)
    assert (done.stdout.decode().split(), done.stderr) == (["--output-encoding"], b"")
