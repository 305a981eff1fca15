"""The hooks, tried by pre-commit itself on a repository with faulty, clean, binary and legacy files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = {
    "clean.txt": "这一行没有损坏，应当原样保留。\n".encode(),
    "faulty.txt": "浠栦滑鎶婃棫浠撳簱鏀规垚浜嗕竴闂村皬灏忕殑涔﹀簵\n".encode(),
    "legacy.txt": "他们把旧仓库改成了一间小小的书店\n".encode("gbk"),
    "picture.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)),
}
REPAIRED = "他们把旧仓库改成了一间小小的书店\n".encode()

slow = pytest.mark.slow


def pre_commit(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("pre_commit")
    command = [sys.executable, "-m", "pre_commit", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=900)


def git(*arguments: str, cwd: Path) -> None:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=cwd, check=True, capture_output=True)


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This project as a repository of its own, as it is now."""
    copy = tmp_path_factory.mktemp("hooks") / "mojibake-fix"
    copy.mkdir()
    for name in ("src", "build_kernel.py", "pyproject.toml", "README.md", "LICENSE", "docs", ".pre-commit-hooks.yaml"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, copy / name)
    git("init", "-q", cwd=copy)
    git("add", "-A", cwd=copy)
    git("commit", "-qm", "as it is", cwd=copy)
    return copy


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git("init", "-q", cwd=tmp_path)
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    git("add", "-A", cwd=tmp_path)
    return tmp_path


@slow
def test_the_manifest_is_valid() -> None:
    assert pre_commit("validate-manifest", ".pre-commit-hooks.yaml", cwd=ROOT).returncode == 0


@slow
def test_checking_names_faults_and_changes_nothing(hooks: Path, repository: Path) -> None:
    done = pre_commit("try-repo", str(hooks), "mojibake-check", "--all-files", cwd=repository)
    assert done.returncode == 1
    assert "faulty.txt:1:1: misread" in done.stdout
    assert "legacy.txt: not utf-8" in done.stdout
    assert "picture.png" not in done.stdout
    assert {name: (repository / name).read_bytes() for name in FILES} == FILES


@slow
def test_fixing_repairs_and_leaves_what_it_cannot_read(hooks: Path, repository: Path) -> None:
    done = pre_commit("try-repo", str(hooks), "mojibake-fix", "--all-files", cwd=repository)
    assert done.returncode == 1
    assert "faulty.txt: repaired, 1 fault" in done.stdout
    assert {name: (repository / name).read_bytes() for name in FILES} == FILES | {"faulty.txt": REPAIRED}
    git("rm", "-q", "--cached", "legacy.txt", cwd=repository)
    (repository / "legacy.txt").unlink()
    git("add", "-A", cwd=repository)
    assert pre_commit("try-repo", str(hooks), "mojibake-fix", "--all-files", cwd=repository).returncode == 0


@slow
def test_the_example_of_the_readme_is_a_configuration(hooks: Path, repository: Path) -> None:
    found = re.search(r"```yaml\n(repos:\n.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    assert "../mojibake-fix " in found[1]
    configuration = repository / ".pre-commit-config.yaml"
    configuration.write_text(found[1].replace("../mojibake-fix", str(hooks)), encoding="utf-8")
    git("add", "-A", cwd=repository)
    assert pre_commit("autoupdate", cwd=repository).returncode == 0
    done = pre_commit("run", "--all-files", cwd=repository)
    assert done.returncode == 1
    assert "faulty.txt:1:1: misread" in done.stdout
    assert {name: (repository / name).read_bytes() for name in FILES} == FILES


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(("output", "told"), [("", "stdout"), ("found.txt", "file")])
def test_the_action_annotates_what_it_finds(repository: Path, output: str, told: str) -> None:
    yaml = pytest.importorskip("yaml")
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    (check,) = (step for step in action["runs"]["steps"] if step.get("name") == "Check")
    inputs = {name: given["default"] for name, given in action["inputs"].items()} | {"output": output}
    assert {value.removeprefix("${{ inputs.").removesuffix(" }}") for value in check["env"].values()} <= inputs.keys()
    commands = repository / ".git" / "commands"
    commands.mkdir()
    (commands / "mojibake-fix").write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m mojibake_fix "$@"\n', encoding="utf-8"
    )
    (commands / "mojibake-fix").chmod(0o755)
    environment = os.environ | {name: inputs[name.lower()] for name in check["env"]}
    environment["PATH"] = f"{commands}{os.pathsep}{environment['PATH']}"
    # As GitHub runs a step whose shell is bash.
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", check["run"]]
    done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, check=False, timeout=120)
    found = done.stdout if told == "stdout" else (repository / output).read_bytes()
    assert done.returncode == 2
    assert b"::warning file=faulty.txt,line=1," in found
    assert b"::error file=legacy.txt::" in found
