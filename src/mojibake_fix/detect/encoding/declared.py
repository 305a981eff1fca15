"""What a document says of its own encoding: HTML, XML, CSS, a coding line, MIME headers, ``.editorconfig``.

A declaration is evidence: it is worth a few nats, and the bytes outweigh it.
"""

from __future__ import annotations

import fnmatch
import re

from mojibake_fix.detect.encoding.catalogue import answer_name

__all__ = ["declared_encoding", "editorconfig_charset", "encoding_of_header"]

_HEAD = 2048
_NAME = rb"""["']?\s*([A-Za-z0-9][A-Za-z0-9_.:-]{1,30})"""
_DECLARATIONS = (
    re.compile(rb"<\?xml[^>]{0,100}\bencoding\s*=\s*" + _NAME, re.IGNORECASE),
    re.compile(rb"<meta\b[^>]{0,200}\bcharset\s*=\s*" + _NAME, re.IGNORECASE),
    re.compile(rb"\A@charset\s+" + _NAME, re.IGNORECASE),
    re.compile(rb"^Content-Type:[^\n]{0,200}\bcharset\s*=\s*" + _NAME, re.IGNORECASE | re.MULTILINE),
    re.compile(rb"""\A(?:[^\n]*\n)?[^\n]{0,80}\bcoding[:=]\s*""" + _NAME),
)
"""XML 1.0 4.3.3; HTML "prescan a byte stream"; CSS Syntax 3.2; RFC 2045; PEP 263 and the editors it names."""


_CHARSET = re.compile(r"""(?:^|[;\s])charset\s*=\s*["']?\s*([^\s"';,]+)""", re.IGNORECASE)


def declared_encoding(data: bytes) -> str | None:
    """Return what an answer calls the encoding that ``data`` declares in its first 2 KB; None without one."""
    head = data[:_HEAD]
    if b"coding" not in head and b"charset" not in head.lower():
        return None
    for pattern in _DECLARATIONS:
        found = pattern.search(head)
        if found:
            return answer_name(found[1].decode("ascii"))
    return None


def encoding_of_header(value: str) -> str | None:
    """Return what an answer calls the encoding that ``value`` names; None where it names none that is known.

    Args:
        value: A name, or what a ``Content-Type`` header holds (RFC 9110 8.3): ``text/html; charset="GB2312"``.
    """
    if "=" not in value:
        return None if "/" in value else answer_name(value.strip(" \t;\"'"))
    charset = _CHARSET.search(value)
    return answer_name(charset[1]) if charset else None


def editorconfig_charset(text: str, path: str) -> str | None:
    """Return the ``charset`` that the ``.editorconfig`` of contents ``text`` gives the file ``path``; None without one.

    Args:
        text: Contents of one ``.editorconfig``.
        path: The file, relative to that one's folder, with slashes.
    """
    charset, applies = None, False
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            applies = any(_matches(pattern, path) for pattern in _alternatives(line[1:-1]))
        elif applies and "=" in line and not line.startswith(("#", ";")):
            key, _, value = line.partition("=")
            if key.strip().lower() == "charset":
                charset = value.strip().lower()
    return None if charset in (None, "unset") else answer_name(charset)


def _alternatives(pattern: str) -> list[str]:
    """Write out one level of braces: ``*.{js,py}`` as ``*.js`` and ``*.py``."""
    braces = re.search(r"\{([^{}]*,[^{}]*)\}", pattern)
    if not braces:
        return [pattern]
    return [pattern[: braces.start()] + choice + pattern[braces.end() :] for choice in braces[1].split(",")]


def _matches(pattern: str, path: str) -> bool:
    name = path if "/" in pattern.strip("/") else path.rsplit("/", 1)[-1]
    return fnmatch.fnmatchcase(name, pattern.lstrip("/"))
