"""The files of a folder: all of them but backups, and what ``.gitignore`` files or patterns of the caller exclude.

Patterns are those of ``.gitignore`` everywhere, matched by pathspec.  Symbolic links to folders are not followed,
so that a walk ends; links to files are.  What is no regular file (a pipe, a device) is left out.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mojibake_fix.files.looking import is_there

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

__all__ = ["BACKUP_SUFFIX", "DEFAULT_EXCLUDES", "TEMPORARY_SUFFIX", "Selection", "is_excluded", "walk"]

TEMPORARY_SUFFIX = ".mojibake-fix.tmp"
"""How the name of an unfinished file ends; one that a killed process left behind may be deleted."""

BACKUP_SUFFIX = ".bak"
"""What a backup's name ends in, unless told otherwise; further ones end in this and a number."""

DEFAULT_EXCLUDES = (
    ".git/", ".hg/", ".svn/", ".bzr/", ".jj/",
    ".venv/", "venv/", ".tox/", ".nox/", "node_modules/", "__pycache__/", "__pypackages__/",
    ".mypy_cache/", ".pytest_cache/", ".ruff_cache/", ".hypothesis/", ".eggs/", "*.egg-info/",
    "build/", "dist/",
)  # fmt: skip
"""What is left out of folders unless told otherwise: what tools keep there, not what people write."""


class Selection(NamedTuple):
    """Which files of folders to take.

    Attributes:
        exclude: Patterns of what to leave out.
        gitignore: Whether what ``.gitignore`` files and ``.git/info/exclude`` name is left out.
        force: Whether ``exclude`` counts for files that the caller named, too.
        backup_suffix: What the names of backups end in; one beside its file is left out.
    """

    exclude: tuple[str, ...] = ()
    gitignore: bool = False
    force: bool = False
    backup_suffix: str = BACKUP_SUFFIX


class _Rules(NamedTuple):
    """Patterns, and the folder that they are relative to."""

    base: Path
    patterns: GitIgnoreSpec

    def verdict(self, path: Path, *, folder: bool) -> bool | None:
        """Return True to leave ``path`` out, False to take it whatever rules further up say, None for no word."""
        relative = os.path.relpath(path, self.base).replace(os.sep, "/")
        return self.patterns.check_file(relative + "/" if folder else relative).include


def walk(root: Path, selection: Selection) -> Iterator[Path]:
    """Yield the files below ``root``, by name, but for what ``selection`` leaves out, unfinished files of ours and
    backups: a second run would take the old content for damage that was overlooked.

    A folder that cannot be listed is yielded itself: who reads it learns why.
    """
    rules: list[_Rules] = []
    if selection.gitignore:
        rules += _rules_above(root)
    own = _own_rules(root, selection)
    yield from _walk(root, rules, own, selection)


def is_excluded(path: Path, selection: Selection) -> bool:
    """Return whether the patterns of ``selection`` leave out ``path``, or a folder that it is in."""
    here = Path.cwd()
    own = _own_rules(here, selection)
    absolute = Path(os.path.normpath(path.absolute()))
    return any(
        rule.verdict(place, folder=place != absolute)
        for rule in own
        for place in (absolute, *absolute.parents)
        if place.is_relative_to(here) and place != here
    )


def _walk(folder: Path, rules: Sequence[_Rules], own: Sequence[_Rules], selection: Selection) -> Iterator[Path]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError:
        yield folder
        return
    if selection.gitignore:
        rules = [*rules, *_rules_in(folder, ".gitignore")]
    names = {entry.name for entry in entries}
    backup = re.compile(f"(.+){re.escape(selection.backup_suffix)}([.][0-9]+)?", re.DOTALL)
    for entry in entries:
        path = Path(entry.path)
        is_folder = entry.is_dir(follow_symlinks=False)
        if any(rule.verdict(path, folder=is_folder) for rule in own) or _ignored(path, rules, folder=is_folder):
            continue
        if is_folder:
            yield from _walk(path, rules, own, selection)
        elif entry.name.endswith(TEMPORARY_SUFFIX) or ((of := backup.fullmatch(entry.name)) and of[1] in names):
            continue
        elif _may_be_file(entry):
            yield path


def _may_be_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError as error:
        # Links in a circle lead to no file; who reads anything else learns what is wrong with it.
        return error.errno != errno.ELOOP


def _ignored(path: Path, rules: Sequence[_Rules], *, folder: bool) -> bool:
    # The deepest file that says anything about a path has the last word.
    for rule in reversed(rules):
        verdict = rule.verdict(path, folder=folder)
        if verdict is not None:
            return verdict
    return False


def _own_rules(base: Path, selection: Selection) -> list[_Rules]:
    if not selection.exclude:
        return []
    return [_Rules(base, _compile(selection.exclude))]


def _rules_above(root: Path) -> list[_Rules]:
    """The rules of the repository that ``root`` is in, from its top down to the folder above ``root``."""
    absolute = Path(os.path.normpath(root.absolute()))
    top = next((folder for folder in (absolute, *absolute.parents) if is_there(folder / ".git")), None)
    if top is None:
        return []
    between = [folder for folder in (absolute, *absolute.parents) if folder.is_relative_to(top)][::-1]
    rules = [_Rules(top, found.patterns) for found in _rules_in(top / ".git" / "info", "exclude")]
    for folder in between[:-1]:
        rules += _rules_in(folder, ".gitignore")
    return rules


def _rules_in(folder: Path, name: str) -> list[_Rules]:
    try:
        lines = (folder / name).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []
    return [_Rules(folder, _compile(lines))]


def _compile(patterns: Sequence[str]) -> GitIgnoreSpec:
    # Only a walk needs it, and it takes 15 ms to import.
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns)
