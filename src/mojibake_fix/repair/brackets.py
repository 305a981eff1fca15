"""The balance of brackets and quotation marks, as part of a search's state.

A mark that closes what nothing opened, or opens what is open already, is rare in text that is right and common in text
restored wrongly.  A stack of open marks is an integer, four bits a mark; marks are given folded.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

__all__ = ["DEEPEST", "OPENED_BEFORE", "UNMATCHED", "follow", "is_mark", "marks", "open_brackets", "unclosed"]

U8 = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]
U16 = npt.NDArray[np.uint16]
I32 = npt.NDArray[np.int32]

_PAIRS = ("“”", "「」", "『』", "《》", "〈〉", "（）", "【】", "〔〕", "()")
"""Single quotation marks are left out, for they are apostrophes too."""
UNMATCHED = np.float32(-6.0)
"""A closing mark that does not fit the opening one, or an opening one inside its like."""
OPENED_BEFORE = np.float32(-1.5)
"""A closing mark that nothing before it opened: what is out of sight may have.  Of 2,570 clean Simplified lines that
end with a full stop, 65 have a quotation mark behind it, 16 of them unopened: 1.4 nats less than of all lines."""
_UNCLOSED = np.float32(-5.0)
"""Each opening mark that nothing behind it closes."""
DEEPEST = 4


def _tables() -> tuple[I32, I32]:
    opens, closes = np.zeros(0x10000, np.int32), np.zeros(0x10000, np.int32)
    for kind, pair in enumerate(_PAIRS, start=1):
        opens[ord(pair[0])] = closes[ord(pair[1])] = kind
    return opens, closes


_OPENS, _CLOSES = _tables()


@functools.cache
def marks() -> tuple[U8, U8]:
    """The kind of mark that each code opens, and that it closes, 0 for none: ``uint8[65536]`` each."""
    return _OPENS.astype(np.uint8), _CLOSES.astype(np.uint8)


def is_mark(codes: U16) -> npt.NDArray[np.bool_]:
    """Tell which of ``codes`` (``uint16[n]``) open or close something."""
    found: npt.NDArray[np.bool_] = (_OPENS[codes] > 0) | (_CLOSES[codes] > 0)
    return found


def follow(stack: I32, codes: U16) -> tuple[I32, F32]:
    """Return the stacks (``int32[n]``) after ``codes``, and what the marks cost that do not match: nats."""
    opened, closed = _OPENS[codes], _CLOSES[codes]
    if not (opened.any() or closed.any()):
        return stack, np.zeros(len(codes), np.float32)
    top = stack & 15
    pushed = np.where(opened > 0, (stack % (1 << 4 * (DEEPEST - 1))) * 16 + opened, stack)
    matched = (closed > 0) & (top == closed)
    wrong = ((opened > 0) & (top == opened)) | ((closed > 0) & ~matched)
    after: I32 = np.where(matched, stack >> 4, pushed).astype(np.int32)
    cost = np.where((closed > 0) & (stack == 0), OPENED_BEFORE, UNMATCHED)
    return after, np.where(wrong, cost, np.float32(0)).astype(np.float32)


def unclosed(stack: I32, following: U16) -> F32:
    """Return what the stacks cost where the text goes on with ``following``: nats."""
    cost = np.zeros(len(stack), np.float32)
    for mark in following[is_mark(following)]:
        stack, matched = follow(stack, np.full(len(stack), mark, np.uint16))
        cost += matched
    for depth in range(DEEPEST):
        cost += np.where(stack >> (4 * depth) > 0, _UNCLOSED, np.float32(0))
    return cost


def open_brackets(left: U16) -> int:
    """Return the stack that ``left`` leaves open; marks in it that do not match are passed over."""
    packed = 0
    for mark in left[is_mark(left)].tolist():
        if _OPENS[mark]:
            packed = (packed % (1 << 4 * (DEEPEST - 1))) * 16 + int(_OPENS[mark])
        elif packed & 15 == _CLOSES[mark]:
            packed >>= 4
    return packed
