"""Reports of what encoding a file is in: lines for people, or one JSON object a file (schema version 1).

Mixed files are told by ranges of lines; a span within a line has the line's number twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from mojibake_fix.detect.encoding import Detection, Span
from mojibake_fix.report.text import on_one_line

__all__ = ["detection_json", "detection_lines"]

_MOST_CANDIDATES = 3
_MOST_OFFSETS = 5


def detection_lines(name: str, data: bytes, found: Detection) -> Iterator[str]:
    """Yield the lines that tell a person what ``data``, the contents of ``name``, is in."""
    name = on_one_line(name)
    if found.encoding is None:
        guesses = ", ".join(f"{c.encoding} {c.confidence:.0%}" for c in found.candidates[:_MOST_CANDIDATES])
        yield f"{name}: unknown, {found.reason}" + (f" (perhaps {guesses})" if guesses and not found.binary else "")
        return
    language = f", {found.language}" if found.language else ""
    mark = ", byte order mark" if found.bom else ""
    yield f"{name}: {found.encoding}{language}, {found.confidence:.1%} sure{mark} ({found.reason})"
    if found.mixed:
        for first, last, span in _line_ranges(data, found.spans):
            yield f"  lines {first}-{last}, bytes {span.start}-{span.end}: {span.encoding}"
    if found.damage:
        offsets = ", ".join(map(str, found.damage[:_MOST_OFFSETS]))
        more = f" and {len(found.damage) - _MOST_OFFSETS} more" if len(found.damage) > _MOST_OFFSETS else ""
        yield f"  damaged at byte {offsets}{more}"


def detection_json(name: str, data: bytes, found: Detection) -> str:
    """Return the same as one line of JSON; offsets and lengths are in bytes, lines count from 1."""
    return json.dumps(
        {
            "version": 1,
            "file": name,
            "size": len(data),
            "encoding": found.encoding,
            "language": found.language,
            "confidence": round(found.confidence, 6),
            "reason": found.reason,
            "binary": found.binary,
            "bom": found.bom,
            "mixed": found.mixed,
            "candidates": [
                {"encoding": c.encoding, "language": c.language, "confidence": round(c.confidence, 6)}
                for c in found.candidates
            ],
            "spans": [
                {
                    "start": span.start,
                    "end": span.end,
                    "encoding": span.encoding,
                    "first_line": first,
                    "last_line": last,
                }
                for first, last, span in _line_ranges(data, found.spans)
            ],
            "damage": list(found.damage),
        },
        ensure_ascii=False,
    )


def _line_ranges(data: bytes, spans: tuple[Span, ...]) -> Iterator[tuple[int, int, Span]]:
    line, counted = 1, 0
    for span in spans:
        line += data.count(b"\n", counted, span.start)
        counted = span.start
        inner = data.count(b"\n", span.start, max(span.end - 1, span.start))
        yield line, line + inner, span
