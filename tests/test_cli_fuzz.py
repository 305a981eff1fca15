"""Ten thousand random and mutated files: an answer or a named error for each, and never a traceback."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

CORPUS = Path(__file__).parent.parent / "corpus"
FILES = 10_000
FILES_A_FOLDER = 1_000

Mutation = Callable[[bytes, random.Random], bytes]


def seeds() -> list[bytes]:
    """Lines of our own sentences in their languages, as they are and damaged."""
    lines = []
    for path in sorted((CORPUS / "sentences").glob("*.txt")):
        lines += path.read_text(encoding="utf-8").splitlines()[:20]
    for path in sorted((CORPUS / "cases").glob("*.jsonl")):
        lines += [json.loads(line)["original"] for line in path.read_text(encoding="utf-8").splitlines()[:200]]
    return [line.encode("utf-8", "surrogatepass") for line in lines]


def flip(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def cut(data: bytes, rng: random.Random) -> bytes:
    start, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    return data[:start] + data[end:]


def misread(data: bytes, rng: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    encoding = rng.choice(["gbk", "big5", "cp932", "cp949", "cp1252", "latin-1", "cp437", "utf-16-le"])
    return text.encode(encoding, "replace").decode(rng.choice(["gbk", "latin-1", "cp1251"]), "replace").encode()


def in_another_encoding(data: bytes, rng: random.Random) -> bytes:
    encoding = rng.choice(["gb18030", "utf-16", "utf-32", "utf-7", "utf-16-le", "iso2022_jp", "cp932"])
    return data.decode("utf-8", "replace").encode(encoding, "replace")


def noise(data: bytes, rng: random.Random) -> bytes:
    return rng.randbytes(rng.randrange(300))


def odd_characters(data: bytes, rng: random.Random) -> bytes:
    odd = "\0\r\n\u2028\x85\ufeff\u200b\U000e0001\ue000\ufffd&#20013;&#10;\\u4e2d\x1b$B~{"
    text = data.decode("utf-8", "replace")
    at = rng.randrange(len(text) + 1)
    return (text[:at] + "".join(rng.choices(odd, k=rng.randint(1, 12))) + text[at:]).encode()


MUTATIONS: tuple[Mutation, ...] = (flip, cut, misread, in_another_encoding, noise, odd_characters)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(FILES // FILES_A_FOLDER))
def test_every_file_gets_an_answer_or_a_named_error(tmp_path: Path, part: int) -> None:
    rng = random.Random(part)
    lines = seeds()
    for number in range(FILES_A_FOLDER):
        data = b"\n".join(rng.choices(lines, k=rng.randint(1, 3)))
        for mutation in rng.choices(MUTATIONS, k=rng.randint(1, 3)):
            data = mutation(data, rng)
        (tmp_path / f"{number}.{rng.choice(['txt', 'json', 'csv'])}").write_bytes(data)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    command = [sys.executable, "-m", "mojibake_fix", "fix", "--check", "--jobs", "2", "--format", "json", "."]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, check=False, timeout=3000)
    assert b"Traceback" not in done.stderr
    assert b"internal error" not in done.stderr
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert {report["path"] for report in reports} == before.keys(), done.stderr[-2000:]
    statuses = Counter(report["status"] for report in reports)
    assert set(statuses) == {"clean", "changed", "skipped", "failed"}
    assert done.returncode == 2
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
