"""How fast: megabytes of UTF-8 a second of every text and every tool, against what the machine can do, in one run.

    python benchmarks/speed.py --data DIR [--seconds 3] [--growth 1,10,100]

Each figure is of one core and of at most ``--seconds``: a slow tool is timed on the beginning of the text.  Figures of
one run can be compared with each other, and with no others.  ``DIR/clean`` has the lines
(:mod:`benchmarks.samples`).
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.samples import clean_languages, clean_lines
from corpus.damage import Damage, chain_of, misread_chain
from corpus.damage.stream import byte_lost
from mojibake_fix import fix_many, fix_text
from mojibake_fix.detect.rows import look_at_utf8
from mojibake_fix.model import load_model
from mojibake_fix.model.kernel import load_kernel

SIZE = 2_000_000
"""Bytes of each clean text."""
DAMAGED_SIZE = 300_000
LONG = 400
SHORT = 20
"""Characters of a long line, and of a short one."""
FIRST_SLICE = 4
"""Lines timed first; the slices then double."""

Tool = Callable[[Sequence[str]], object]


@dataclass(frozen=True)
class Text:
    """Lines to repair, and how many places in them are damaged, where that is what is counted."""

    name: str
    lines: list[str]
    places: int = 0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each figure")
    parser.add_argument("--growth", default="1,10,100", help="megabytes of clean Chinese, for time and memory")
    parser.add_argument("--seed", default="speed")
    arguments = parser.parse_args()
    load_model()
    print(f"Python {sys.version.split()[0]}, NumPy {np.__version__}, kernel {'on' if load_kernel() else 'off'}")
    texts = list(make_texts(arguments.data, random.Random(arguments.seed)))
    print_table(texts, arguments.seconds)
    print_growth(texts, [int(size) for size in arguments.growth.split(",") if size])


def make_texts(data: Path, rng: random.Random) -> Iterator[Text]:
    """Yield the texts of the table, each of about the same size."""
    chinese = clean_lines(data, "zh-Hans")
    everything = [line for language in clean_languages(data) for line in clean_lines(data, language)]
    rng.shuffle(everything)
    ascii_only = [line for line in clean_lines(data, "en") if line.isascii()]
    yield Text("clean English", filled(joined(ascii_only, " ", LONG), SIZE))
    yield Text("clean Chinese, long lines", filled(joined(chinese, "", LONG), SIZE))
    yield Text("clean Chinese, 20 characters", filled(cut(chinese, SHORT), SIZE))
    yield Text("clean mixed web text", filled(everything, SIZE))
    lossless = misread_chain(chain_of("utf-8>latin-1"))
    one_in_hundred = [hurt(line, lossless, rng) if n % 100 == 0 else line for n, line in enumerate(chinese)]
    yield Text("1 % damaged", filled(one_in_hundred, SIZE))
    whole = [line for line in chinese if len(line) >= SHORT]
    yield Text("all damaged, lossless", filled([hurt(line, lossless, rng) for line in whole], DAMAGED_SIZE))
    lossy = misread_chain(chain_of("utf-8>gbk", "lead-question"))
    yield Text("all damaged, lossy", filled([hurt(line, lossy, rng) for line in whole], DAMAGED_SIZE))
    astride = byte_lost()
    misaligned = [after for line in whole if (after := hurt(line, astride, rng)) != line]
    lines = filled(misaligned, DAMAGED_SIZE)
    yield Text("misaligned", lines, places=len(lines))


def hurt(line: str, damage: Damage, rng: random.Random) -> str:
    """Return a line damaged, or as it was where the damage cannot happen to it."""
    outcome = damage(line, rng)
    return line if outcome is None else outcome[0]


def joined(lines: Sequence[str], between: str, length: int) -> list[str]:
    """Return the lines joined to long ones."""
    text = between.join(lines)
    return [text[start : start + length] for start in range(0, len(text), length)]


def cut(lines: Sequence[str], length: int) -> list[str]:
    """Return the lines cut to pieces, without those that are shorter."""
    return [line[at : at + length] for line in lines for at in range(0, len(line) - length + 1, length)]


def filled(lines: Sequence[str], size: int) -> list[str]:
    """Return the lines, again and again, until they have so many bytes."""
    chosen: list[str] = []
    total = 0
    while total < size:
        chosen.append(lines[len(chosen) % len(lines)])
        total += len(chosen[-1].encode())
    return chosen


def tools() -> dict[str, Tool]:
    """Return who repairs, by name; what is not installed is left out."""
    found: dict[str, Tool] = {
        "fix_text": lambda lines: [fix_text(line) for line in lines],
        "fix_many": fix_many,
    }
    try:
        import pyarrow as pa

        from mojibake_fix.adapters.arrow import fix_array

        found["Arrow"] = lambda lines: fix_array(pa.array(lines, pa.large_string()))
    except ImportError:
        print("no pyarrow: Arrow is left out")
    try:
        import ftfy

        found["ftfy.fix_text"] = lambda lines: [ftfy.fix_text(line) for line in lines]
        found["ftfy.fix_encoding"] = lambda lines: [ftfy.fix_encoding(line) for line in lines]
    except ImportError:
        print("no ftfy: it is left out")
    try:
        import plsfix

        found["plsfix"] = lambda lines: [plsfix.fix_text(line) for line in lines]
    except ImportError:
        print("no plsfix: it is left out")
    return found


def print_table(texts: Sequence[Text], seconds: float) -> None:
    """Print a line of figures for each text."""
    known = tools()
    for text in texts:
        size = size_of(text.lines)
        print(f"\n{text.name}: {len(text.lines):,} lines, {size / 1e6:.1f} MB")
        figures = {name: speed(limit, text.lines, seconds / 4) for name, limit in limits(text.lines).items()}
        figures |= {name: speed(tool, text.lines, seconds) for name, tool in known.items()}
        figures |= command_line(text.lines, figures["fix_many"], seconds)
        decode, rival = figures["bytes.decode"], figures.get("plsfix", 0.0)
        for name, figure in figures.items():
            ratios = f"{figure / decode:9.2g} of decode" + (f"{figure / rival:9.2g} of plsfix" if rival else "")
            places = f"{figure * 1e6 / size * text.places:9.0f} places/s" if text.places else ""
            print(f"  {name:20}{figure:10.3g} MB/s{ratios}{places}")


def limits(lines: Sequence[str]) -> dict[str, Tool]:
    """What the machine can do with the same bytes, and our look at the rows alone."""
    raw = [line.encode() for line in lines]
    whole = np.frombuffer(b"".join(raw) or b"\n", np.uint8)
    room = np.empty_like(whole)
    limit: dict[str, Tool] = {
        "memcpy": lambda _: np.copyto(room, whole),
        "bytes.decode": lambda _: whole.tobytes().decode(),
        "str.isascii": lambda some: [line.isascii() for line in some],
    }
    model = load_model()
    if model.compiled is not None:
        offsets = np.cumsum([0, *map(len, raw)])
        # Its tables are made when it is first called.
        look_at_utf8(whole.ctypes.data, offsets[:1], model, unescape="auto", readings=True)
        limit["our look at the rows"] = lambda _: look_at_utf8(
            whole.ctypes.data, offsets, model, unescape="auto", readings=True
        )
    # These take all lines at once: they are timed on nothing less.
    return {name: whole_only(tool, lines) if name != "str.isascii" else tool for name, tool in limit.items()}


def whole_only(tool: Tool, lines: Sequence[str]) -> Tool:
    """Return a tool that works on all lines, whatever slice it is given."""
    everything = list(lines)

    def work(some: Sequence[str]) -> object:
        return tool(some) if len(some) == len(everything) else None

    return work


def speed(tool: Tool, lines: Sequence[str], seconds: float) -> float:
    """Return megabytes a second: of the best round of those that fit into the time, or of what of one does."""
    tool(lines[:FIRST_SLICE])
    begun = time.perf_counter()
    done, spent, count, start = 0, 0.0, FIRST_SLICE, 0
    while start < len(lines) and spent < seconds:
        part = lines[start : start + count]
        spent += timed(tool, part)
        done += size_of(part)
        start += count
        count *= 2
    if start < len(lines):
        return done / spent / 1e6
    best, size = float("inf"), size_of(lines)
    while best == float("inf") or time.perf_counter() - begun < seconds:
        best = min(best, timed(tool, lines))
    return size / best / 1e6


def timed(tool: Tool, lines: Sequence[str]) -> float:
    """Return the seconds of one call."""
    gc.collect()
    begun = time.perf_counter()
    tool(lines)
    return time.perf_counter() - begun


def command_line(lines: Sequence[str], rate: float, seconds: float) -> dict[str, float]:
    """Time the command on a file that takes it some seconds, the start of the process included."""
    count, size = 0, 0
    # Two pieces at least: one process does a file of one.
    while size < max(rate * 1e6 * 2 * seconds, 1) and count < len(lines):
        size += len(lines[count].encode()) + 1
        count += 1
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number}.txt") for number in range(2)]
        for number, path in enumerate(paths):
            path.write_text("\n".join(lines[number:count:2]) + "\n", encoding="utf-8")
        return {
            f"CLI, jobs {jobs}": size
            / 1e6
            / timed(lambda _, j=jobs: run_command(paths, Path(folder, f"out{j}"), j), [])
            for jobs in (1, 2)
        }


def run_command(paths: Sequence[Path], out: Path, jobs: int) -> None:
    """Repair files to a folder."""
    command = [sys.executable, "-m", "mojibake_fix", "fix", "--quiet", "--jobs", str(jobs), "-o", f"{out}/"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    subprocess.run([*command, *map(str, paths)], check=True, env=environment, stderr=subprocess.DEVNULL)


def print_growth(texts: Sequence[Text], sizes: Sequence[int]) -> None:
    """Print seconds and peak memory of more and more clean Chinese, in a process of its own each."""
    line = "\n".join(next(text for text in texts if text.name.startswith("clean Chinese, long")).lines)
    script = (
        "import sys, resource, time; from mojibake_fix import fix_many\n"
        "lines = open(sys.argv[1], encoding='utf-8').read().split('\\n')\n"
        "def more(size):\n"
        "    done = 0\n"
        "    while done < size:\n"
        "        for line in lines:\n"
        "            if done >= size: return\n"
        "            done += len(line) * 3\n"
        "            yield line\n"
        "from mojibake_fix.engine.batch import batches, doubtful\n"
        "from mojibake_fix.model import load_model; from mojibake_fix.config import Config\n"
        "model, begun = load_model(), time.perf_counter()\n"
        "marked = sum(sum(doubtful(b, model, Config())) for b in batches(more(int(sys.argv[2]))))\n"
        "print(time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, marked)\n"
    )
    print("\ngrowth of the look at clean Chinese (what it doubts is not repaired here)")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "text")
        path.write_text(line, encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        for size in sizes:
            done = subprocess.run(
                [sys.executable, "-c", script, str(path), str(size * 1_000_000)], check=True, capture_output=True,
                text=True, env=environment,
            )  # fmt: skip
            seconds, memory, marked = done.stdout.split()
            rate = size / float(seconds)
            print(f"  {size:5} MB{float(seconds):10.2f} s{rate:10.1f} MB/s{memory:>8} MB at most, {marked} doubted")
    print(f"  this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB at most")


def size_of(lines: Sequence[str]) -> int:
    """Return the bytes of lines in UTF-8."""
    return sum(len(line.encode()) for line in lines)


if __name__ == "__main__":
    main()
