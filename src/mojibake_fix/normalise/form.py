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
            found.append(Edit.between(line, unicodedata.normalize(form, line), offset))
        offset += len(line)
    return found
