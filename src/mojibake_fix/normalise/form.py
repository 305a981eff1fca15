"""Unicode's normalisation forms, composed and decomposed (UAX #15); the compatibility forms change what a text says."""

from __future__ import annotations

import unicodedata

from mojibake_fix.normalise.edits import Edit
from mojibake_fix.normalise.options import NormaliseOptions
from mojibake_fix.normalise.view import View

__all__ = ["find_form"]


def find_form(view: View, options: NormaliseOptions) -> list[Edit]:
    """The Unicode normalisation form asked for (UAX #15), an edit for each run of characters that change."""
    form = options.form
    if form is None or unicodedata.is_normalized(form, view.text):
        return []
    found: list[Edit] = []
    offset = 0
    for line in view.text.splitlines(keepends=True):
        if not unicodedata.is_normalized(form, line):
            found += _trimmed(line, unicodedata.normalize(form, line), offset)
        offset += len(line)
    return found


def _trimmed(before: str, after: str, offset: int) -> list[Edit]:
    """One edit without what both ends have in common."""
    shorter = min(len(before), len(after))
    start = 0
    while start < shorter and before[start] == after[start]:
        start += 1
    end = 0
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return [Edit(offset + start, offset + len(before) - end, after[start : len(after) - end])]
