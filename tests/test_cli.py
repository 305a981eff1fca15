"""What the command promises: text out as bytes, errors named, exit codes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mojibake_fix.cli import main
from mojibake_fix.config import Config
from mojibake_fix.plan import Fault, Plan, Repair, Step, apply_plan
from mojibake_fix.version import __version__

EXAMPLES = Path(__file__).parent.parent / "corpus"
CLEAN = "这一行没有损坏，应当原样保留。\r\nこの行もそのままです。\n끝"

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of POSIX")


def run(*arguments: str, data: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "mojibake_fix", *arguments]
    return subprocess.run(command, input=data, capture_output=True, cwd=cwd, check=False, timeout=120)


# With the engine replaced: what the command itself does


class StandInEngine:
    """Repairs ``BAD`` to ``GOOD``, reports ``LOST`` and ``MAYBE``, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Config]] = []

    def fix_and_explain(self, text: str, config: Config) -> Repair:
        self.asked.append((text, config))
        steps = tuple(Step(m.start(), m.end(), "BAD", "GOOD", Fault.MISREAD) for m in re.finditer("BAD", text))
        repaired = apply_plan(text, Plan(steps))
        reported = [
            Step(at, at + len(word), word, after, fault, confidence=confidence, round=1)
            for word, after, fault, confidence in (
                ("LOST", "LOST", Fault.BEYOND_REPAIR, 1.0),
                ("MAYBE", "SURELY", Fault.LOSSY, 0.62),
            )
            if (at := repaired.find(word)) >= 0
        ]
        return Repair(repaired, Plan(steps, tuple(reported)))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> StandInEngine:
    stand_in = StandInEngine()
    module = types.ModuleType("mojibake_fix.engine")
    module.fix_and_explain = stand_in.fix_and_explain  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mojibake_fix.engine", module)
    return stand_in


def invoke(*arguments: str, data: bytes = b"") -> Result:
    return CliRunner().invoke(main, arguments, input=data)


@pytest.mark.parametrize("arguments", [(), ("-",), ("fix",), ("fix", "-"), ("-o", "-")])
def test_standard_input_is_repaired_to_standard_output(engine: StandInEngine, arguments: tuple[str, ...]) -> None:
    result = invoke(*arguments, data="a BAD 中\r\n".encode())
    assert (result.stdout_bytes, result.exit_code) == ("a GOOD 中\r\n".encode(), 0)


def test_files_are_repaired_in_the_order_given(engine: StandInEngine, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(f"BAD {name}\n", encoding="utf-8")
    result = invoke(str(tmp_path / "b"), str(tmp_path / "a"))
    assert result.stdout_bytes == b"GOOD b\nGOOD a\n"


def test_the_default_command_takes_its_options_without_its_name(engine: StandInEngine) -> None:
    invoke("--min-confidence", "0.5", "--unescape", "all", "--no-glosses", data=b"x")
    assert engine.asked == [("x", Config(min_confidence=0.5, unescape="all", glosses=False))]


def test_no_options_are_the_defaults_of_the_library(engine: StandInEngine) -> None:
    invoke(data=b"x")
    assert engine.asked == [("x", Config())]


def test_the_encoding_of_the_input_may_be_named(engine: StandInEngine) -> None:
    result = invoke("--encoding", "gbk", data="中 BAD".encode("gbk"))
    assert result.stdout_bytes == "中 GOOD".encode()


def test_the_encoding_of_the_output_may_be_named(engine: StandInEngine) -> None:
    result = invoke("--output-encoding", "gbk", data="中 BAD".encode())
    assert result.stdout_bytes == "中 GOOD".encode("gbk")


@pytest.mark.parametrize(
    ("arguments", "data", "expected"),
    [
        pytest.param((), b"\xef\xbb\xbfBAD", b"\xef\xbb\xbfGOOD", id="UTF-8 to UTF-8 keeps it"),
        pytest.param((), b"\xff\xfeB\0A\0D\0", b"GOOD", id="UTF-16 to UTF-8 has none"),
        pytest.param(("--output-encoding", "gbk"), b"\xef\xbb\xbfBAD", b"GOOD", id="UTF-8 to GBK has none"),
    ],
)
def test_a_byte_order_mark_stays_with_its_encoding(
    engine: StandInEngine, arguments: tuple[str, ...], data: bytes, expected: bytes
) -> None:
    assert invoke(*arguments, data=data).stdout_bytes == expected


def test_a_result_goes_into_a_file(engine: StandInEngine, tmp_path: Path) -> None:
    output = tmp_path / "out.txt"
    result = invoke("-o", str(output), data=b"BAD\r\n")
    assert (output.read_bytes(), result.stdout_bytes, result.exit_code) == (b"GOOD\r\n", b"", 0)


def test_results_go_into_a_folder(engine: StandInEngine, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"BAD")
    invoke("-o", f"{tmp_path}/out/", str(tmp_path / "a"), str(tmp_path / "b"))
    assert [(tmp_path / "out" / name).read_bytes() for name in ("a", "b")] == [b"GOOD", b"GOOD"]


def test_a_file_may_be_written_over_itself(engine: StandInEngine, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"BAD")
    assert invoke(str(path), "-o", str(path)).exit_code == 0
    assert path.read_bytes() == b"GOOD"


def test_a_bad_file_is_named_and_the_others_are_done(engine: StandInEngine, tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(b"BAD\n")
    (tmp_path / "legacy").write_bytes(b"ok\n\xff\xfa")
    paths = [str(tmp_path / name) for name in ("missing", "legacy", "good")]
    result = invoke(*paths)
    assert (result.stdout_bytes, result.exit_code) == (b"GOOD\n", 2)
    missing, legacy = result.stderr.splitlines()
    assert missing == f"mojibake-fix: {paths[0]}: No such file or directory"
    assert legacy.startswith(f"mojibake-fix: {paths[1]}: not utf-8 at byte 3: byte FF on line 2 does not fit; ")
    assert "--encoding" in legacy


def test_a_result_that_the_encoding_cannot_hold_is_not_written(engine: StandInEngine, tmp_path: Path) -> None:
    output = tmp_path / "out"
    result = invoke("--output-encoding", "gbk", "-o", str(output), data="한".encode())
    assert (result.exit_code, output.exists()) == (2, False)
    assert "U+D55C" in result.stderr


def test_faults_left_alone_are_named_with_their_place(engine: StandInEngine) -> None:
    result = invoke(data="ok\n中 LOST\nMAYBE".encode())
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "mojibake-fix: <stdin>:2:3: beyond repair: LOST",
        "mojibake-fix: <stdin>:3:1: left as it was, 62% sure of SURELY (lossy): MAYBE",
    ]


def test_quiet_names_errors_only(engine: StandInEngine) -> None:
    assert invoke("-q", data=b"LOST").stderr == ""
    assert "No such file" in invoke("-q", "missing").stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--min-confidence", "2"), "min_confidence"),
        (("--min-confidence", "nan"), "min_confidence"),
        (("--min-confidence", "sure"), "sure"),
        (("--unescape", "some"), "auto"),
        (("--encoding", "utf-9"), "utf-9"),
        (("--output-encoding", "utf-9"), "utf-9"),
        (("-o", "out.txt", "a", "b"), "out.txt"),
        (("-o", "out/"), "standard input"),
        (("--no-such-option",), "--no-such-option"),
    ],
)
def test_wrong_usage_is_explained_and_reads_nothing(
    engine: StandInEngine, arguments: tuple[str, ...], named: str
) -> None:
    result = invoke(*arguments, data=b"x")
    assert (result.exit_code, result.stdout_bytes, engine.asked) == (2, b"", [])
    assert named in result.stderr
    assert "Usage:" in result.stderr


def test_help_shows_the_options_of_the_default_command_and_the_commands() -> None:
    for flag in ("-h", "--help"):
        help_text = invoke(flag).stdout
        assert "[fix] [OPTIONS] [PATHS]" in help_text
        assert "--min-confidence" in help_text
        assert "Commands:" in help_text


# As a process, with the engine


def test_the_version_is_that_of_the_package() -> None:
    done = run("--version")
    assert (done.stdout.decode().split(), done.returncode) == (["mojibake-fix", __version__], 0)


LOADED = (
    "import sys\n"
    "from mojibake_fix.cli import main\n"
    "main(sys.argv[1:], standalone_mode=False)\n"
    "print(*sys.modules, file=sys.stderr)\n"
)
HEAVY = {
    *("numpy", "numpy.ma", "ftfy", "pypinyin", "opencc", "charset_normalizer", "rich", "pathspec"),
    *("multiprocessing", "concurrent.futures", "tempfile", "importlib.resources"),
}


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        pytest.param(("--help",), set(), id="help"),
        pytest.param(("--version",), set(), id="version"),
        pytest.param(("damaged.txt",), {"numpy"}, id="one file"),
    ],
)
def test_nothing_is_loaded_that_is_not_needed(tmp_path: Path, arguments: tuple[str, ...], needed: set[str]) -> None:
    (tmp_path / "damaged.txt").write_text("浠栦滑鎶婃棫浠撳簱鏀规垚浜嗕竴闂村皬灏忕殑涔﹀簵\n", encoding="utf-8")
    command = [sys.executable, "-c", LOADED, *arguments]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, check=False, timeout=60)
    assert done.returncode == 0
    assert set(done.stderr.decode().splitlines()[-1].split()) & HEAVY == needed


def test_clean_text_comes_out_as_it_went_in(tmp_path: Path) -> None:
    data = CLEAN.encode()
    (tmp_path / "clean.txt").write_bytes(data)
    done = run("clean.txt", "-", data=data, cwd=tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == (data * 2, b"", 0)


def test_the_example_is_repaired() -> None:
    done = run(str(EXAMPLES / "example.txt"))
    assert done.stdout.decode() == (EXAMPLES / "example.fixed.txt").read_text(encoding="utf-8")
    assert done.returncode == 0


def test_output_is_utf_8_whatever_the_locale() -> None:
    environment = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "mojibake_fix"]
    done = subprocess.run(command, input=CLEAN.encode(), capture_output=True, env=environment, check=False, timeout=60)
    assert (done.stdout, done.returncode) == (CLEAN.encode(), 0)


def test_a_bad_file_of_many_gives_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "clean.txt").write_bytes(CLEAN.encode())
    done = run("missing.txt", "clean.txt", cwd=tmp_path)
    assert (done.stdout, done.returncode) == (CLEAN.encode(), 2)
    assert done.stderr.startswith(b"mojibake-fix: missing.txt: ")


@posix_only
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_slow_reader_gets_everything(tmp_path: Path, unbuffered: str) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(b"plain\n" * 500_000)
    command = f'"{sys.executable}" -m mojibake_fix long.txt | (sleep 0.2; wc -c)'
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, cwd=tmp_path, env=environment, check=False, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == (b"3000000", b"")


@posix_only
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_goes_away_ends_it_quietly(tmp_path: Path, unbuffered: str) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(b"plain\n" * 500_000)
    command = [sys.executable, "-m", "mojibake_fix", str(path)]
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full device")
def test_a_full_device_is_named_and_gives_exit_code_2() -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "mojibake_fix"]
        done = subprocess.run(command, input=b"plain\n", stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
    assert (done.stderr, done.returncode) == (b"mojibake-fix: <stdout>: No space left on device\n", 2)


@posix_only
def test_standard_input_that_is_closed_is_an_error_and_no_traceback() -> None:
    command = f'"{sys.executable}" -m mojibake_fix <&-'
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=60)
    assert (done.stderr, done.returncode) == (b"mojibake-fix: <stdin>: Bad file descriptor\n", 2)


@posix_only
def test_standard_output_that_is_closed_is_an_error_and_no_traceback() -> None:
    command = f'printf plain | "{sys.executable}" -m mojibake_fix >&-'
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=60)
    assert (done.stderr, done.returncode) == (b"mojibake-fix: <stdout>: Bad file descriptor\n", 2)
