"""Whether there is a file or a folder: what cannot be looked at is none, and who opens it learns why.

``Path`` raises for names that are too long and for folders that may not be entered.  Opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

__all__ = ["is_file", "is_folder", "is_there"]


def is_folder(path: Path) -> bool:
    """Return whether there is a folder at ``path``."""
    return _answer(path.is_dir)


def is_file(path: Path) -> bool:
    """Return whether there is a file at ``path``."""
    return _answer(path.is_file)


def is_there(path: Path) -> bool:
    """Return whether there is anything at ``path``."""
    return _answer(path.exists)


def _answer(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except OSError:
        return False
