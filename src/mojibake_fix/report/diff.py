"""A unified diff of a text and its repair, which has as many lines: so every line is compared with its own."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["unified_diff"]

_CONTEXT = 3


def unified_diff(name: str, before: str, after: str, first_line: int = 1, *, header: bool = True) -> Iterator[str]:
    """Yield the lines of a diff that ``patch`` takes, each with its newline.

    Args:
        name: Name of the file.
        before: Text as it was, newlines included.
        after: The same number of lines.
        first_line: Number of the first line of ``before`` in the file.
        header: Whether to name the file first.
    """
    old, new = _lines(before), _lines(after)
    changed = [number for number, (one, other) in enumerate(zip(old, new, strict=True)) if one != other]
    if changed and header:
        yield f"--- {_quoted(name)}\n"
        yield f"+++ {_quoted(name)}\n"
    for start, end in _hunks(changed, len(old)):
        # A last line without a newline that becomes empty is no line any more.
        counts = [sum(map(bool, lines[start:end])) for lines in (old, new)]
        yield f"@@ -{start + first_line},{counts[0]} +{start + first_line},{counts[1]} @@\n"
        yield from _hunk(old[start:end], new[start:end])


def _quoted(name: str) -> str:
    """``name`` as ``patch`` and git take it: with what would end the line as in C."""
    if not any(character < " " or character in '"\\\x7f' for character in name):
        return name
    escaped = "".join(
        f"\\{ord(character):03o}" if character < " " or character == "\x7f" else character
        for character in name.replace("\\", "\\\\").replace('"', '\\"')
    )
    return f'"{escaped}"'


def _lines(text: str) -> list[str]:
    *lines, last = text.split("\n")
    return [*(line + "\n" for line in lines), last]


def _hunks(changed: list[int], length: int) -> Iterator[tuple[int, int]]:
    start = end = -1
    for number in changed:
        if start < 0:
            start = max(number - _CONTEXT, 0)
        elif number - _CONTEXT > end:
            yield start, end
            start = number - _CONTEXT
        end = min(number + _CONTEXT + 1, length)
    if start >= 0:
        yield start, end


def _hunk(old: list[str], new: list[str]) -> Iterator[str]:
    position = 0
    while position < len(old):
        run = position
        while run < len(old) and old[run] != new[run]:
            run += 1
        yield from (_marked("-", line) for line in old[position:run])
        yield from (_marked("+", line) for line in new[position:run])
        if run < len(old):
            yield _marked(" ", old[run])
        position = run + 1


def _marked(mark: str, line: str) -> str:
    if not line or line.endswith("\n"):
        return f"{mark}{line}" if line else ""
    return f"{mark}{line}\n\\ No newline at end of file\n"
