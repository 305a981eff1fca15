"""How far a run is, is shown to those who watch and have waited, and to nobody else."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mojibake_fix.cli import progress
from mojibake_fix.cli.progress import ProgressLine

COMMAND = [sys.executable, "-m", "mojibake_fix"]
HIDDEN_CURSOR, LINE_GONE = b"\x1b[?25l", b"\x1b[1A\x1b[2K"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_slow_run_shows_a_bar_on_a_terminal_and_takes_it_away_again() -> None:
    ours, theirs = os.openpty()
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        # It waits for its input, and after a while says so.
        while HIDDEN_CURSOR not in shown:
            shown += os.read(ours, 1000)
        out, _ = process.communicate(b"plain\n", timeout=120)
    while chunk := read_terminal(ours):
        shown += chunk
    os.close(ours)
    assert (out, process.returncode) == (b"plain\n", 0)
    assert b"<stdin>" in shown
    assert shown.endswith(LINE_GONE)


def read_terminal(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1000)
    except OSError:
        # On Linux, what a terminal says when nobody is on its other side any more.
        return b""


def test_a_bar_that_is_asked_for_is_shown_anywhere(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"plain\n")
    done = subprocess.run([*COMMAND, "--progress", "a.txt"], cwd=tmp_path, capture_output=True, check=False, timeout=60)
    assert done.stdout == b"plain\n"
    assert b"a.txt" in done.stderr
    assert b"6/6 bytes" in done.stderr


@pytest.mark.parametrize(
    ("terminal", "wanted", "patience", "shown"),
    [
        pytest.param(True, None, 0.0, True, id="a slow run on a terminal"),
        pytest.param(True, None, 1e6, False, id="a quick run on a terminal"),
        pytest.param(False, None, 0.0, False, id="a slow run elsewhere"),
        pytest.param(True, False, 0.0, False, id="a slow run, not wanted"),
        pytest.param(False, True, 1e6, True, id="a quick run, wanted"),
    ],
)
def test_who_sees_a_bar(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, wanted: bool | None, patience: float, shown: bool
) -> None:
    monkeypatch.setattr(progress, "_is_terminal", lambda _: terminal)
    monkeypatch.setattr(progress, "_PATIENCE", patience)
    monkeypatch.setattr(progress.ProgressLine, "_show", lambda self: came.set())
    came = threading.Event()
    with ProgressLine(10, wanted) as line:
        line.advance(3, "a.txt")
        if shown:
            assert came.wait(60)
    assert came.is_set() is shown


def test_a_run_that_a_signal_ends_while_it_writes_does_end() -> None:
    def end_while_writing() -> None:
        with ProgressLine(10, None) as line:
            # The signal comes before this is left.
            aside = line.aside()
            aside.__enter__()

    run = threading.Thread(target=end_while_writing, daemon=True)
    run.start()
    run.join(60)
    assert not run.is_alive()
