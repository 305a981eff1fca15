"""Whatever happens to a run, files are whole, old or new: signals, full disks, links, files that cannot be done."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from mojibake_fix.cli.work import workers

DAMAGED = "浠栦滑鎶婃棫浠撳簱鏀规垚浜嗕竴闂村皬灏忕殑涔﹀簵\n"
REPAIRED = "他们把旧仓库改成了一间小小的书店\n"
LITTER = ".mojibake-fix.tmp"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals, links and limits of POSIX")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "mojibake_fix", *arguments]


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command(*arguments), capture_output=True, cwd=cwd, check=False, timeout=120)


def lay_out(root: Path, count: int, size: int = 1) -> list[Path]:
    paths = [root / f"{number % 5}" / f"{number}.txt" for number in range(count)]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_text(DAMAGED * size, encoding="utf-8")
    return paths


def states(paths: list[Path], size: int = 1) -> set[str]:
    named = {(DAMAGED * size).encode(): "old", (REPAIRED * size).encode(): "new"}
    return {named.get(path.read_bytes(), "broken") for path in paths}


def litter(root: Path) -> list[str]:
    return [path.name for path in root.rglob("*") if path.is_file() and path.suffix != ".txt"]


def kill_at_random(root: Path, number: int, rng: random.Random, jobs: int = 1) -> list[Path]:
    """Run over a tree and send it a signal after a while; return the files."""
    paths = lay_out(root, 40)
    with subprocess.Popen(
        command("-w", "--jobs", str(jobs), "."), cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        # Wait for the first file to change, so that most signals come while files are being written.
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline and states(paths[:1]) == {"old"}:
            time.sleep(0.002)
        time.sleep(rng.random() * 0.15)
        process.send_signal(number)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return paths


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_two_hundred_kills_leave_every_file_whole(tmp_path: Path, part: int) -> None:
    rng = random.Random(part)
    interrupted = 0
    for number in range(20):
        root = tmp_path / str(number)
        root.mkdir()
        kind = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)[number % 4]
        paths = kill_at_random(root, kind, rng, jobs=1 + number % 2)
        found = states(paths)
        assert found <= {"old", "new"}
        interrupted += "old" in found
        left = litter(root)
        assert all(name.endswith(LITTER) for name in left)
        if kind is not signal.SIGKILL:
            assert left == []
    assert interrupted > 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_signal_ends_a_run_with_its_code_and_no_litter(
    tmp_path: Path, number: signal.Signals, code: int, jobs: int
) -> None:
    paths = lay_out(tmp_path, 200)
    with subprocess.Popen(
        command("-w", "--jobs", str(jobs), "."), cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(number)
        rest = process.stderr.read()
        assert process.wait(timeout=60) == code
    assert b"Traceback" not in rest
    assert states(paths) == {"old", "new"}
    assert litter(tmp_path) == []


def test_nothing_of_the_workers_is_left_to_the_end_of_the_run() -> None:
    # What is, may write a traceback there.
    before = set(threading.enumerate())
    with workers(2) as pool:
        assert pool is not None
        assert pool.submit(abs, -1).result(timeout=60) == 1
    assert set(threading.enumerate()) <= before


def test_what_a_killed_run_left_behind_is_not_repaired_itself(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(DAMAGED, encoding="utf-8")
    unfinished = tmp_path / f".a.txt.0{LITTER}"
    unfinished.write_text(DAMAGED, encoding="utf-8")
    assert run("-w", ".", cwd=tmp_path).returncode == 0
    assert unfinished.read_text(encoding="utf-8") == DAMAGED


def test_a_limit_on_the_size_of_files_leaves_the_old_one(tmp_path: Path) -> None:
    (path,) = lay_out(tmp_path, 1, size=200)
    (tmp_path / "small.txt").write_text(DAMAGED, encoding="utf-8")
    script = f'ulimit -f 8; exec "{sys.executable}" -m mojibake_fix -w . small.txt'
    done = subprocess.run(["bash", "-c", script], capture_output=True, cwd=tmp_path, check=False, timeout=120)
    assert done.returncode == 2
    assert b"0/0.txt: File too large" in done.stderr
    assert states([path], 200) == {"old"}
    assert (tmp_path / "small.txt").read_text(encoding="utf-8") == REPAIRED
    assert litter(tmp_path) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root mounts")
def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        path = disk / "a.txt"
        path.write_text(DAMAGED * 600, encoding="utf-8")
        done = run("-w", "a.txt", cwd=disk)
        assert (done.returncode, b"No space left on device" in done.stderr) == (2, True)
        assert states([path], 600) == {"old"}
        assert litter(disk) == []
    finally:
        subprocess.run(["umount", str(disk)], check=False)


def test_files_that_cannot_be_done_are_named_and_the_others_are_done(tmp_path: Path) -> None:
    contents = {
        "good.txt": DAMAGED.encode(),
        "read-only.txt": DAMAGED.encode(),
        "legacy.txt": REPAIRED.encode("gbk"),
        "large.txt": b"x" * 5000,
        "picture.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "read-only.txt").chmod(0o444)
    (tmp_path / "dangling.txt").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe.txt")
    arguments = [*contents, "missing.txt", "dangling.txt", "pipe.txt"]
    done = run("-w", "-v", "--max-size", "4000", *arguments, cwd=tmp_path)
    said = dict(line.removeprefix("mojibake-fix: ").split(": ", 1) for line in done.stderr.decode().splitlines()[:-1])
    assert done.returncode == 2
    assert said == {
        "good.txt": "repaired, 1 fault",
        "read-only.txt": "Read-only file",
        "legacy.txt": said["legacy.txt"],
        "large.txt": "5000 bytes are more than the 4000 that were allowed",
        "picture.png": "binary file",
        "missing.txt": "No such file or directory",
        "dangling.txt": "No such file or directory",
        "pipe.txt": "Not a regular file",
    }
    assert said["legacy.txt"].startswith("not utf-8 at byte 0: byte CB on line 1 does not fit")
    assert (tmp_path / "good.txt").read_text(encoding="utf-8") == REPAIRED
    assert all((tmp_path / name).read_bytes() == contents[name] for name in contents if name != "good.txt")


def test_links_are_followed_and_other_names_are_told_of(tmp_path: Path) -> None:
    target = tmp_path / "target.txt"
    target.write_text(DAMAGED, encoding="utf-8")
    (tmp_path / "other.txt").hardlink_to(target)
    (tmp_path / "link.txt").symlink_to("target.txt")
    done = run("-w", "link.txt", cwd=tmp_path)
    assert done.returncode == 0
    assert b"link.txt: old content stays under 1 other name of the file (hard links)" in done.stderr
    assert (tmp_path / "link.txt").is_symlink()
    assert target.read_text(encoding="utf-8") == REPAIRED
    assert (tmp_path / "other.txt").read_text(encoding="utf-8") == DAMAGED


def test_a_second_run_with_backups_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(DAMAGED, encoding="utf-8")
    for _ in range(2):
        assert run("-w", "--backup", ".", cwd=tmp_path).returncode == 0
    found = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert found == {"a.txt": REPAIRED, "a.txt.bak": DAMAGED}


def test_a_backup_is_kept_if_asked_for_and_swallows_no_path(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(DAMAGED, encoding="utf-8")
    path.chmod(0o640)
    assert run("-w", "--backup", "a.txt", cwd=tmp_path).returncode == 0
    assert run("-w", "--backup=~", "a.txt", cwd=tmp_path).returncode == 0
    found = {p.name: p.read_text(encoding="utf-8") for p in tmp_path.iterdir()}
    assert found == {"a.txt": REPAIRED, "a.txt.bak": DAMAGED}
    assert {p.stat().st_mode & 0o777 for p in tmp_path.iterdir()} == {0o640}


def run_without_privileges(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """Run as somebody to whom modes of files apply: of root, what it may beyond them is taken away."""
    prefix: list[str] = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may write everywhere")
        prefix = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"]
    done = subprocess.run(prefix + command(*arguments), capture_output=True, cwd=cwd, check=False, timeout=120)
    if done.returncode == 127:
        pytest.skip("privileges cannot be dropped here")
    return done


def test_a_folder_without_the_right_to_write_is_named_and_the_others_are_done(tmp_path: Path) -> None:
    first, second = lay_out(tmp_path, 2)
    first.parent.chmod(0o555)
    try:
        done = run_without_privileges("-w", ".", cwd=tmp_path)
    finally:
        first.parent.chmod(0o755)
    assert (done.returncode, b"0/0.txt: Permission denied" in done.stderr) == (2, True)
    assert (states([first]), states([second])) == ({"old"}, {"new"})


def test_a_file_without_the_right_to_read_is_named_and_the_others_are_done(tmp_path: Path) -> None:
    first, second = lay_out(tmp_path, 2)
    first.chmod(0)
    done = run_without_privileges("-w", ".", cwd=tmp_path)
    first.chmod(0o644)
    assert (done.returncode, b"0/0.txt: Permission denied" in done.stderr) == (2, True)
    assert (states([first]), states([second])) == ({"old"}, {"new"})


def test_a_locked_file_is_named_and_the_others_are_done(tmp_path: Path) -> None:
    import fcntl

    first, second = lay_out(tmp_path, 2)
    with first.open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = run("-w", ".", cwd=tmp_path)
    assert (done.returncode, b"0/0.txt: Locked by another process" in done.stderr) == (2, True)
    assert (states([first]), states([second])) == ({"old"}, {"new"})


def test_files_that_vanish_or_change_meanwhile_are_named_and_the_others_are_done(tmp_path: Path) -> None:
    paths = lay_out(tmp_path, 60)
    last, second_to_last = max(paths), sorted(paths)[-2]
    with subprocess.Popen(
        command("-w", "."), cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        process.send_signal(signal.SIGSTOP)
        last.unlink()
        second_to_last.write_text(REPAIRED, encoding="utf-8")
        process.send_signal(signal.SIGCONT)
        said = (first + process.stderr.read()).decode()
        assert process.wait(timeout=120) == 2
    assert f"{last.relative_to(tmp_path)}: No such file or directory" in said
    assert states([path for path in paths if path != last]) == {"new"}
    assert not last.exists()


def test_a_file_of_many_pieces_is_repaired_as_each_piece_is_and_kept_whole(tmp_path: Path) -> None:
    clean, damaged = b"plain ASCII text, and nothing else in it\n" * 30_000, DAMAGED.encode()
    path = tmp_path / "long.txt"
    path.write_bytes(clean + damaged + clean)
    expected = clean + REPAIRED.encode() + clean
    assert run("-o", "new.txt", "long.txt", cwd=tmp_path).returncode == 0
    assert (tmp_path / "new.txt").read_bytes() == expected
    assert run("--jobs", "2", "long.txt", cwd=tmp_path).stdout == expected
    (tmp_path / "bad.txt").write_bytes(clean + damaged + b"\xff" + clean)
    done = run("bad.txt", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert run("-w", "long.txt", "bad.txt", cwd=tmp_path).returncode == 2
    assert path.read_bytes() == expected
    assert (tmp_path / "bad.txt").read_bytes() == clean + damaged + b"\xff" + clean
    assert run("--check", "long.txt", cwd=tmp_path).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory in kilobytes")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    block = b"plain ASCII text, and nothing else in it\r\n" * 25_000
    with path.open("wb") as stream:
        for _ in range(400):
            stream.write(block)
        stream.write(DAMAGED.encode())
    with subprocess.Popen(command("-w", "long.txt"), cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    assert usage.ru_maxrss <= 300_000 < path.stat().st_size // 1000
    with path.open("rb") as stream:
        assert all(stream.read(len(block)) == block for _ in range(400))
        assert stream.read() == REPAIRED.encode()


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["--check"], 'a␊b␛[2J".txt:1:1: misread'),
        (["-w"], 'mojibake-fix: a␊b␛[2J".txt: repaired'),
        (["--diff"], '--- "a\\012b\\033[2J\\".txt"\n'),
        (["explain"], 'a␊b␛[2J".txt:1:1: misread'),
        (["detect"], 'a␊b␛[2J".txt: utf-8'),
        (["--encoding", "utf-16-le", "--max-size", "1"], 'mojibake-fix: a␊b␛[2J".txt: '),
    ],
)
def test_a_name_of_a_file_sends_nothing_to_the_terminal_but_itself(
    tmp_path: Path, arguments: list[str], shown: str
) -> None:
    name = 'a\nb\x1b[2J".txt'
    (tmp_path / name).write_text(DAMAGED, encoding="utf-8")
    done = run(*arguments, name, cwd=tmp_path)
    said = (done.stdout + done.stderr).decode()
    assert shown in said
    assert "\x1b" not in said
    assert "a\nb" not in said


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_git_takes_a_diff_of_a_file_of_any_name(tmp_path: Path) -> None:
    path = tmp_path / 'a\nb"\\ c.txt'
    path.write_text(DAMAGED, encoding="utf-8")
    diff = run("--diff", path.name, cwd=tmp_path).stdout
    subprocess.run(["git", "apply", "-p0", "-"], input=diff, cwd=tmp_path, check=True, timeout=60)
    assert path.read_text(encoding="utf-8") == REPAIRED


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_may_not_be_read_or_listed_is_named_and_the_others_are_done(tmp_path: Path, jobs: str) -> None:
    for name in ("a", "secret", "folder/b", "closed/c", "last"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(DAMAGED, encoding="utf-8")
    for name in ("secret", "closed"):
        (tmp_path / name).chmod(0)
    arguments = ("-w", "--jobs", jobs, "a", "secret", "closed", "folder", "nothing", "x" * 5000, "last")
    done = run_without_privileges(*arguments, cwd=tmp_path)
    (tmp_path / "closed").chmod(0o755)
    assert done.returncode == 2
    said = done.stderr.decode()
    for name in ("secret", "closed"):
        assert f"mojibake-fix: {name}: Permission denied\n" in said
    assert "mojibake-fix: nothing: No such file or directory\n" in said
    assert "3 files of 7 repaired (3 faults), 4 files failed" in said
    assert {(tmp_path / name).read_text(encoding="utf-8") for name in ("a", "folder/b", "last")} == {REPAIRED}
    assert (tmp_path / "closed" / "c").read_text(encoding="utf-8") == DAMAGED


def test_links_in_a_circle_and_to_nowhere_are_left_out_of_folders_and_named_where_they_are_named(
    tmp_path: Path,
) -> None:
    (tmp_path / "a").write_text(DAMAGED, encoding="utf-8")
    for link, target in (("one", "other"), ("other", "one"), ("lost", "nowhere"), ("up", "..")):
        (tmp_path / link).symlink_to(target)
    assert run("-w", ".", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a").read_text(encoding="utf-8") == REPAIRED
    done = run("--check", "one", "lost", cwd=tmp_path)
    assert done.returncode == 2
    assert b"one: Too many levels of symbolic links\n" in done.stderr
    assert b"lost: No such file or directory\n" in done.stderr


@pytest.mark.parametrize("suffix", ["/../x", "", "/"])
def test_a_backup_without_a_name_of_its_own_is_refused(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "a").write_text(DAMAGED, encoding="utf-8")
    done = run("-w", f"--backup={suffix}", "a", cwd=tmp_path)
    assert done.returncode == 2
    assert b"cannot end a name" in done.stderr
    assert (tmp_path / "a").read_text(encoding="utf-8") == DAMAGED


@pytest.mark.parametrize("text", ["[tool]\nmojibake-fix = 3\n", "[[tool.mojibake-fix]]\n"])
def test_settings_that_are_no_table_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    done = run("--check", ".", cwd=tmp_path)
    assert done.returncode == 2
    assert b"give a table, [tool.mojibake-fix]" in done.stderr


def test_an_interrupt_before_the_first_file_is_no_finding(tmp_path: Path) -> None:
    # A pipe that nobody writes to: settings are read before all else, and it opens for us when it does for them.
    os.mkfifo(tmp_path / "settings.toml")
    with (
        subprocess.Popen(
            command("--check", "--config", "settings.toml", "."), cwd=tmp_path, stderr=subprocess.PIPE
        ) as process,
        (tmp_path / "settings.toml").open("wb"),
    ):
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in said
