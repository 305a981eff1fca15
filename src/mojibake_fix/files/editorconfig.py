"""The charset that ``.editorconfig`` files give a file: the nearest that names one, up to the one that is the root.

The contents are parsed where encodings are detected; which files apply is known here.
"""

from __future__ import annotations

import re
from pathlib import Path

from mojibake_fix.detect.encoding.declared import editorconfig_charset

__all__ = ["charset_of"]

_NAME = ".editorconfig"
_ROOT = re.compile(r"^\s*root\s*=\s*true\s*$", re.IGNORECASE | re.MULTILINE)
_LARGEST = 1 << 20


def charset_of(path: Path) -> str | None:
    """Return the encoding that the ``.editorconfig`` files above ``path`` give it, None if none does.

    Files that cannot be read, or are no settings, say nothing.
    """
    absolute = path.absolute()
    for folder in absolute.parents:
        settings = folder / _NAME
        try:
            if not settings.is_file() or settings.stat().st_size > _LARGEST:
                continue
            text = settings.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        charset = editorconfig_charset(text, absolute.relative_to(folder).as_posix())
        if charset is not None:
            return charset
        if _ROOT.search(text.split("[", 1)[0]):
            return None
    return None
