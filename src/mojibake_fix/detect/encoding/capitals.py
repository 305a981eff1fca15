"""Words in capitals: the model knows hardly any, and all of them in lower case.

Where a capital follows another, a text is as likely as it is in capitals or, for a price, as it is in lower case.
Not for what begins a sentence or a name: the model has seen that.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from mojibake_fix.model import BOUNDARY, load_model

__all__ = [
    "CAPITAL",
    "CASED",
    "LEAST_OF_LOWERED",
    "SMALL",
    "case_table",
    "cases",
    "has_words_in_capitals",
    "in_lower_case",
    "is_behind_capital",
]

U16 = npt.NDArray[np.uint16]
Bools = npt.NDArray[np.bool_]
Points = npt.NDArray[np.uint32]

CAPITAL = -1.0
"""Nats for each letter that is taken to be in lower case.  Of development texts of 8 and 30 letters in capitals, with 1
95.7 % in Russian, French and German are told right, with 2 93.0 %, without this 61 %; of ordinary ones of 4 letters,
with 1 92.5 %, with 2 93.1 %."""
LEAST_OF_LOWERED = -7.0
"""Two letters in lower case are rare where the second is less likely than this, nats: 3 to 8 % of those of Cyrillic,
Greek and Hebrew text are, and 18 to 63 % of the same in another encoding, of which nearly all are in some text."""
CASED = 0x2000
"""Code points from here on have no case, or fold to ASCII."""
SMALL = 1
"""The case of a letter that is no capital."""
_REACH = 3
"""So many characters behind a capital, ``C'È`` still goes on in capitals."""
_BLOCKS = ((0x41, 0x7B), (0xC0, 0x250), (0x370, 0x588), (0x1E00, CASED))


@functools.cache
def case_table() -> U16:
    """What each capital is in lower case, folded; ``SMALL`` for other letters, 0 for all else: ``uint16[CASED]``."""
    table = np.zeros(CASED, np.uint16)
    fold_table = load_model().fold_table
    for first, last in _BLOCKS:
        for point in range(first, last):
            char = chr(point)
            if char.isupper():
                table[point] = fold_table[ord(char.lower()[0])]
            elif char.islower():
                table[point] = SMALL
    return table


def cases(points: Points) -> U16:
    """The row of :func:`case_table` of each of ``points``, of any shape: ``uint16``."""
    found: U16 = np.where(points < CASED, case_table()[np.minimum(points, CASED - 1)], np.uint16(0))
    return found


def has_words_in_capitals(case: U16) -> bool:
    """Whether any of the characters of these cases may be in a word in capitals: two capitals are near each other."""
    places = np.flatnonzero(case > SMALL)
    return bool((np.diff(places) <= _REACH).any())


def is_behind_capital(points: Points | npt.NDArray[np.uint8], case: U16) -> Bools:
    """Tell before which of ``points`` (``[n]``, of those cases) the last letter of the line is a near capital."""
    found = np.zeros(len(points), bool)
    known = np.zeros(len(points), bool)
    for back in range(1, _REACH + 1):
        before = case[:-back]
        found[back:] |= ~known[back:] & (before > SMALL)
        known[back:] |= (before != 0) | (points[:-back] == BOUNDARY)
    return found


def in_lower_case(codes: U16, case: U16, behind: Bools) -> tuple[U16, Bools]:
    """Return ``codes`` with words in capitals in lower case, and which letters that changes.

    Args:
        codes: Folded characters.
        case: Their cases.
        behind: Which of them are behind a capital.
    """
    changed = case > SMALL
    followed = np.zeros(len(codes), bool)
    followed[:-1] = changed[1:]
    changed &= behind | followed
    return np.where(changed, case, codes), changed
