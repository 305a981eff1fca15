"""Measure what it takes to start: CPU time of whole processes, against ``import ftfy`` in the same run.

    python benchmarks/startup.py [--rounds N]

Every program runs once before it counts, so that its bytecode is there (in a folder of this run's own, where they run);
then all take turns.  CPU time is that of the process and its threads, in user mode and in the kernel.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

COMMAND = ("-m", "mojibake_fix")
LINES = {
    "UTF-8 read as GBK": "浠栦滑鎶婃棫浠撳簱鏀规垚浜嗕竴闂村皬灏忕殑涔﹀簵",
    "the same, with losses": "鏄庡ぉ鏃╀笂鎴戜滑鍦ㄨ溅绔欓棬鍙ｉ泦鍚堬紝涓?璧峰潗杞﹀幓鐪嬫捣銆?",
    "EUC-KR read as Latin-1": "³»ÀÏ ¿ÀÈÄ¿¡ ºñ°¡ ¿Â´Ù°í ÇÏ´Ï ¿ì»êÀ» Ã¬±â¼¼¿ä.",
    "nothing wrong": "他们把旧仓库改成了一间小小的书店",
}
"""A kind of damage, and a file of one line that has it."""


def cpu_seconds(arguments: tuple[str, ...], environment: dict[str, str], folder: str) -> float:
    with subprocess.Popen(
        [sys.executable, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment, cwd=folder
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{arguments} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def programs(folder: Path) -> dict[str, tuple[str, ...]]:
    found = {
        "python, nothing": ("-c", "pass"),
        "import ftfy": ("-c", "import ftfy"),
        "import numpy": ("-c", "import numpy"),
        "mojibake-fix --version": (*COMMAND, "--version"),
        "mojibake-fix --help": (*COMMAND, "--help"),
    }
    for number, (kind, line) in enumerate(LINES.items()):
        path = folder / f"{number}.txt"
        path.write_text(line + "\n", encoding="utf-8")
        found[f"one line, {kind}"] = (*COMMAND, str(path))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        measured = programs(Path(folder))
        for program in measured.values():
            cpu_seconds(program, environment, folder)
        times: dict[str, list[float]] = {name: [] for name in measured}
        for _ in range(arguments.rounds):
            for name, program in measured.items():
                times[name].append(cpu_seconds(program, environment, folder))
    reference = statistics.median(times["import ftfy"])
    print(f"{'':38}{'median ms':>10}{'least ms':>10}{'× ftfy':>8}")
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(f"{name:38}{median * 1e3:10.0f}{min(seconds) * 1e3:10.0f}{median / reference:8.1f}")


if __name__ == "__main__":
    main()
