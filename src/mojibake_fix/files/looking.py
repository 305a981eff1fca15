"""Whether there is a file or a folder: what cannot be looked at is none, and who opens it learns why.

``Path`` raises for names that are too long and for folders that may not be entered.  Opens nothing.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["is_file", "is_folder", "is_there"]


def is_folder(path: Path) -> bool:
    """Return whether there is a folder at ``path``."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    """Return whether there is a file at ``path``."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_there(path: Path) -> bool:
    """Return whether there is anything at ``path``."""
    try:
        return path.exists()
    except OSError:
        return False
