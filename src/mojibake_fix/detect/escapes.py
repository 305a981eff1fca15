r"""Find text forms of characters that were left undecoded: ``&#20013;``, ``~{VPND~}``, ``$B$3$l(B``.

What happened: a program wrote characters as ASCII (for a seven-bit channel, for HTML, for JSON, for mail) and
nobody read them back; the escape character of ISO-2022 is usually lost on the way.  Each form is one row of
:data:`FORMS`.  Under ``"auto"`` only forms that cannot be meant are reported: numeric entities in text that is
neither markup, data, source code nor URL, and the remains of HZ and ISO-2022.  ``"all"`` reports every row
wherever it stands.

This module and its two helpers decide from syntax and context.  They decode nothing (the decoders of the repair
side do, and refuse what is not strictly valid) and do not ask whether the decoded text makes sense (the engine
does).  Every search is linear in the length of the text, whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from mojibake_fix.config import Unescape
from mojibake_fix.detect import escape_runs, escape_shifts
from mojibake_fix.detect.context import TextContext
from mojibake_fix.lazy import lazy_pattern

__all__ = ["FORMS", "EscapeSpan", "Form", "escape_markers", "find_escapes"]


class EscapeSpan(NamedTuple):
    """``text[start:end]`` is one or more adjacent escapes of one form.

    Attributes:
        start, end: Code-point offsets, half open.
        form: A key of :data:`FORMS`.
        evidence: Nats, from the form itself: minus the log of the chance that ordinary ASCII text holds the span
            by accident.  What the span decodes to has no part in it.
    """

    start: int
    end: int
    form: str
    evidence: float


class Form(NamedTuple):
    """One text form.

    Attributes:
        name: What spans and decoders call it.
        markers: Substrings, one of which every text with this form contains; the prefilter.
        auto: Whether ``unescape="auto"`` looks for it.
        find: Yields ``(start, end, nats)``, sorted; the context is None where it is not to be respected.
    """

    name: str
    markers: tuple[str, ...]
    auto: bool
    find: Callable[[str, TextContext | None], Iterable[tuple[int, int, float]]]


_ROWS = (
    Form("numeric-entity", ("&#", "&amp;#"), True, escape_runs.find_numeric_entities),
    Form("hz", ("~{",), True, escape_shifts.find_hz),
    Form("iso-2022-jp", ("$B", "$@", "\x1b$", "\x1b(I"), True, escape_shifts.find_iso_2022_jp),
    Form("iso-2022-kr", ("\x0e",), True, escape_shifts.find_iso_2022_kr),
    Form("iso-2022-cn", ("\x0e",), True, escape_shifts.find_iso_2022_cn),
    Form("unicode-escape", ("\\u", "\\U"), False, escape_runs.find_unicode_escapes),
    Form("percent-u", ("%u",), False, escape_runs.find_percent_u),
    Form("hex-bytes", ("\\x",), False, escape_runs.find_hex_bytes),
    Form("octal-bytes", ("\\3",), False, escape_runs.find_octal_bytes),
    Form("percent", ("%",), False, escape_runs.find_percent),
    Form("quoted-printable", ("=",), False, escape_runs.find_quoted_printable),
    Form("encoded-word", ("=?",), False, escape_runs.find_encoded_words),
    Form("utf-7", ("+",), False, escape_runs.find_utf7),
)

FORMS: Mapping[str, Form] = MappingProxyType({row.name: row for row in _ROWS})
"""Every form that is known, by name."""

_AUTO_ROWS = tuple(row for row in _ROWS if row.auto)


def _markers(rows: Iterable[Form]) -> tuple[str, ...]:
    return tuple(sorted({marker for row in rows for marker in row.markers}))


def _any_marker(rows: Iterable[Form]) -> re.Pattern[str]:
    return lazy_pattern("|".join(map(re.escape, _markers(rows))))


_SEARCHES = {"auto": (_any_marker(_AUTO_ROWS), _AUTO_ROWS), "all": (_any_marker(_ROWS), _ROWS)}


def escape_markers(unescape: Unescape) -> tuple[str, ...]:
    """Return the substrings, ASCII, one of which every text has in which :func:`find_escapes` finds anything."""
    return () if unescape == "none" else _markers(_SEARCHES[unescape][1])


def find_escapes(text: str, unescape: Unescape) -> list[EscapeSpan]:
    """Return the undecoded escapes of ``text``, sorted and disjoint.

    Where two forms overlap, the one that starts first is kept, and of two that start together the longer.
    """
    if unescape == "none":
        return []
    prefilter, rows = _SEARCHES[unescape]
    if not prefilter.search(text):
        return []
    present = [row for row in rows if any(marker in text for marker in row.markers)]
    context = TextContext(text) if unescape == "auto" else None
    found = [EscapeSpan(start, end, row.name, nats) for row in present for start, end, nats in row.find(text, context)]
    found.sort(key=lambda span: (span.start, -span.end))
    disjoint: list[EscapeSpan] = []
    for span in found:
        if not disjoint or span.start >= disjoint[-1].end:
            disjoint.append(span)
    return disjoint
