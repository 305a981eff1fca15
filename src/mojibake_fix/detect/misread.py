"""Which misreads could have made this text: the channels worth trying, with their prior log-probabilities.

The repertoire masks say which encodings can have produced the suspicious characters at all; the priors say which
misreads people meet.  Not for telling which channel it was: that takes the language model.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mojibake_fix.detect.scan import FEW_EAST_ASIAN, Suspicion
from mojibake_fix.encodings import ENCODINGS, lookup, repertoire
from mojibake_fix.lazy import lazy_pattern
from mojibake_fix.model import code_points

__all__ = [
    "ENCODABLE_SHARE",
    "HEAVY",
    "READ_AS",
    "TIERS",
    "USUAL_READ_AS",
    "WEIGHT_TERMS",
    "Tier",
    "channel_prior",
    "is_alphabetic",
    "is_heavy",
    "least_weight",
    "readable_as",
    "same_layout",
    "whole_line",
]

ENCODABLE_SHARE = 0.6
"""Of the suspicious characters, the share that an encoding must have to be what they were read as: the rest may be
replacement characters, or belong to a clean neighbour."""

_LAYOUTS = (
    *("gbk gb18030 gb2312", "big5 cp950 big5-hkscs", "shift_jis cp932", "euc-kr cp949"),
    *("euc-jp", "euc-tw", "johab"),
)
_LAYOUT_OF = {name: layout for layout in map(str.split, _LAYOUTS) for name in layout}
"""The encodings of pairs that give more than half of the codes that both have the same character, of each."""
_PRIOR_DAMAGE = -2.0
_PRIOR_TRUE = {
    -1.0: "utf-8",
    -2.5: "gbk cp950 cp932 cp949 euc-jp cp1251 cp1252",
    -3.5: "gb18030 big5-hkscs koi8-r cp866 latin-1 cp1250 cp1253 cp1254 cp1255 cp1256 cp874 mac-roman cp850 cp437",
    -5.0: "euc-tw johab koi8-u cp1257 cp1258 cp852 mac-cyrillic iso-8859-2 iso-8859-5 iso-8859-7 iso-8859-9 "
    "iso-8859-15",
}
_PRIOR_READ_AS = {
    -1.0: "cp1252 latin-1 gbk gb18030",
    -2.0: "cp950 cp932 cp949 euc-jp cp1251 cp437 mac-roman cp850 koi8-r cp1254 cp1250 cp866",
    -3.0: "big5-hkscs koi8-u cp1253 cp1255 cp1256 cp1257 cp1258 cp874 cp852 mac-cyrillic iso-8859-15",
    -4.5: "euc-tw johab iso-8859-2 iso-8859-5 iso-8859-7 iso-8859-9",
}
"""Log-probabilities in nats, by order of magnitude, of how often public text shows each; encodings that are part of
another row (gb2312, big5, shift_jis, euc-kr) are tried as that row."""
_PRIOR_CHANNEL = {("cp1252", "latin-1"): 0.0}
"""Of channels of their own: what is said to be ISO 8859-1 is Windows-1252 (WHATWG), and read so it has C1 controls."""
_WHOLE_LINE = 6.0
"""Nats more for a misread of one single-byte encoding as another: a line is read so as a whole or not at all, which
clean text hardly ever bears.  Of 632 damaged lines of alphabets 525 are repaired without this, 552 with 4 and 575 with
8.  Of 38,700 clean lines with words of other languages put into them, none is changed with 4, one with 6 and two with
8, at a confidence of 0.5; of 16,470 others none has evidence above -10."""


def _by_name(table: dict[float, str]) -> dict[str, float]:
    return {name: prior for prior, names in table.items() for name in names.split()}


_TRUE, _READ_AS = _by_name(_PRIOR_TRUE), _by_name(_PRIOR_READ_AS)


class Tier(NamedTuple):
    """True encodings that are tried together, and whether only on a line that is heavy."""

    encodings: tuple[str, ...]
    heavy: bool


_LEAST_WEIGHT = 13.0
_LEAST_WEIGHT_AMONG_LETTERS = 3.0
_LEAST_WEIGHT_OF_LETTERS = 5.5
HEAVY = 30.0
"""Nats: what a line must weigh (:func:`mojibake_fix.detect.scan.weigh`) to be looked at, and to have more than the
usual channels tried.  Of clean Chinese lines 1.5 % weigh so much; of EUC-JP read as GBK, which shares its kana, some
weigh no more, and of single letters of an alphabet most weigh less than 13.  At 3 for letters that have nothing East
Asian among them 5 in 100 more of such lines come right, and clean English takes six times as long."""
_EAST_ASIAN = lazy_pattern("[^\x00-\u2e7f\ufff0-\U0010ffff]")
WEIGHT_TERMS = {
    "least_weight": _LEAST_WEIGHT,
    "least_weight_among_letters": _LEAST_WEIGHT_AMONG_LETTERS,
    "least_weight_of_letters": _LEAST_WEIGHT_OF_LETTERS,
}
"""These numbers, for :mod:`mojibake_fix.detect.rows`."""
READ_AS = tuple(_READ_AS)
USUAL_READ_AS = sum(prior >= -2.0 for prior in _READ_AS.values())
"""The encodings that text may have been read as, most usual first, and how many of them are usual."""


def least_weight(line: str) -> float:
    """Return what ``line`` must weigh, in nats, to be looked at."""
    if not is_alphabetic(line):
        return _LEAST_WEIGHT
    return _LEAST_WEIGHT_AMONG_LETTERS if _EAST_ASIAN.search(line) else _LEAST_WEIGHT_OF_LETTERS


def is_heavy(line: str, weight: float) -> bool:
    """Whether a line weighs enough for rare channels: more where there are thousands of characters to be rare."""
    return weight >= HEAVY or is_alphabetic(line)


@functools.lru_cache(maxsize=64)
def is_alphabetic(line: str) -> bool:
    """Whether a line is one of an alphabet: few of its characters are East Asian."""
    return len(_EAST_ASIAN.findall(line)) < FEW_EAST_ASIAN * len(line)


def _true(*structures: str, rarest: float, usual: float = 0.0) -> tuple[str, ...]:
    return tuple(n for n, prior in _TRUE.items() if lookup(n).structure in structures and rarest <= prior < usual)


TIERS: tuple[Tier, ...] = (
    Tier(_true("utf8", rarest=-9.0), heavy=False),
    Tier(_true("multi", rarest=-4.0), heavy=False),
    Tier((*_true("multi", rarest=-9.0, usual=-4.0), *_true("single", rarest=-9.0)), heavy=True),
)
"""The encodings that text is tried as: what one tier explains without a gap is not tried in the next.  Bytes are not
UTF-8, or pairs of an East Asian encoding that make sense, by chance; single bytes always decode."""


@functools.cache
def channel_prior(encoding: str, read_as: str) -> float:
    """The log-probability, in nats, that a damaged text was ``encoding`` read as ``read_as``."""
    known = _PRIOR_CHANNEL.get((encoding, read_as))
    return _PRIOR_DAMAGE + (_TRUE.get(encoding, -8.0) + _READ_AS.get(read_as, -8.0) if known is None else known)


@functools.cache
def whole_line(encoding: str, read_as: str) -> float:
    """What the evidence for a channel gains, in nats, if it is one that explains all of a line or nothing."""
    return _WHOLE_LINE if lookup(encoding).structure == lookup(read_as).structure == "single" else 0.0


def same_layout(encoding: str, read_as: str) -> bool:
    """Whether two encodings give most pairs of bytes the same character, so that to read one as the other loses little.

    Bytes that one of them lacks are not what broke such a text.
    """
    return encoding in _LAYOUT_OF.get(read_as, ())


def readable_as(text: str, suspicions: Sequence[Suspicion], *, usual: bool = False) -> list[str]:
    """Return the encodings that the suspicious characters of ``text`` can have been read as, most usual first.

    ``usual`` leaves out the rarer ones.
    """
    points = code_points(text)
    marked = np.zeros(len(points), dtype=bool)
    for suspicion in suspicions:
        marked[suspicion.start : suspicion.end] = True
    points = points[marked & (points >= 0x80) & (points != 0xFFFD)]
    if not points.size:
        return []
    names = READ_AS[:USUAL_READ_AS] if usual else READ_AS
    bits = np.array([ENCODINGS[name].bit for name in names], np.uint64)
    able = (repertoire(points) >> bits[:, np.newaxis] & np.uint64(1)).mean(axis=1)
    return [name for name, share in zip(names, able.tolist(), strict=True) if share >= ENCODABLE_SHARE]
