"""Unicode's normalisation forms, composed and decomposed (UAX #15); the compatibility forms change what a text says."""

from __future__ import annotations

import unicodedata

import numpy as np

from mojibake_fix.normalise.characters import Kind
from mojibake_fix.normalise.edits import Edit
from mojibake_fix.normalise.options import NormaliseOptions
from mojibake_fix.normalise.view import View

__all__ = ["find_form"]


def find_form(view: View, options: NormaliseOptions) -> list[Edit]:
    """The Unicode normalisation form asked for (UAX #15), an edit for each line that changes."""
    form = options.form
    if form is None:
        return []
    if form == "NFC":
        lines = np.flatnonzero(view.line_bits & np.uint32(Kind.UNSTABLE)).tolist()
    else:
        lines = [] if unicodedata.is_normalized(form, view.text) else list(range(len(view.line_starts)))
    found: list[Edit] = []
    for number in lines:
        line = view.line(number)
        if not unicodedata.is_normalized(form, line):
            found.append(Edit.between(line, unicodedata.normalize(form, line), int(view.line_starts[number])))
    return found
