"""Settings of a project: ``[tool.mojibake-fix]`` in ``pyproject.toml``, or ``.mojibake-fix.toml``.

Which settings there are, and what they mean, the commands say.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

from mojibake_fix.errors import ConfigError
from mojibake_fix.files.looking import is_file, is_there

__all__ = ["find_settings", "read_settings"]

_OWN_NAME = ".mojibake-fix.toml"
_TABLE = "mojibake-fix"


def find_settings(folder: Path) -> Path | None:
    """Return the file with the settings for ``folder``: in it, or in the nearest folder above that has one.

    The search ends at the top of a repository.  Of two in one folder, ``.mojibake-fix.toml`` counts.
    """
    for place in (folder, *folder.parents):
        own = place / _OWN_NAME
        if is_file(own):
            return own
        shared = place / "pyproject.toml"
        if is_file(shared) and _has_table(shared):
            return shared
        if is_there(place / ".git"):
            return None
    return None


def read_settings(path: Path, known: Collection[str]) -> dict[str, Any]:
    """Return the settings in the file at ``path``, by name.

    Args:
        path: A TOML file; of ``pyproject.toml`` only the table ``[tool.mojibake-fix]`` is looked at.
        known: The names that there are.

    Raises:
        ConfigError: It cannot be read, is no TOML, or has a name that is not among those known.
    """
    settings = _parse(path)
    if path.name == "pyproject.toml":
        settings = _tool_table(settings).get(_TABLE, {})
        if not isinstance(settings, dict):
            raise ConfigError(f"{path}: tool.{_TABLE} is {settings!r}: give a table, [tool.{_TABLE}]")
    for name in settings:
        if name not in known:
            import difflib

            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"the settings are {', '.join(sorted(known))}"
            raise ConfigError(f"{path}: unknown setting {name!r}: {hint}")
    return dict(settings)


def _has_table(path: Path) -> bool:
    try:
        return _TABLE.encode() in path.read_bytes() and _TABLE in _tool_table(_parse(path))
    except (OSError, ConfigError):
        # A file that others are to complain about.
        return False


def _tool_table(settings: dict[str, Any]) -> dict[str, Any]:
    table = settings.get("tool")
    return table if isinstance(table, dict) else {}


def _parse(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
