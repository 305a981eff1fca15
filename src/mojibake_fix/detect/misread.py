"""Which misreads could have made this text: the channels worth trying, with their prior log-probabilities.

The repertoire masks say which encodings can have produced the suspicious characters at all; the priors say which
misreads people meet.  Not for telling which channel it was: that takes the language model.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mojibake_fix.detect.scan import Suspicion
from mojibake_fix.encodings import ENCODINGS, lookup, repertoire
from mojibake_fix.model import code_points

__all__ = ["TIERS", "Tier", "channel_prior", "readable_as"]

_ENCODABLE_SHARE = 0.6
"""The rest may be replacement characters, or belong to a clean neighbour."""

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


def _by_name(table: dict[float, str]) -> dict[str, float]:
    return {name: prior for prior, names in table.items() for name in names.split()}


_TRUE, _READ_AS = _by_name(_PRIOR_TRUE), _by_name(_PRIOR_READ_AS)


@dataclass(frozen=True, slots=True)
class Tier:
    """True encodings that are tried together, and what a line must weigh (:func:`mojibake_fix.detect.scan.weigh`)."""

    encodings: tuple[str, ...]
    least_weight: float


_LEAST_WEIGHT = 13.0
_HEAVY = 30.0
"""Nats: below the first a line is left alone, below the second only usual channels are tried."""


def _true(*structures: str, rarest: float, usual: float = 0.0) -> tuple[str, ...]:
    return tuple(n for n, prior in _TRUE.items() if lookup(n).structure in structures and rarest <= prior < usual)


TIERS: tuple[Tier, ...] = (
    Tier(_true("utf8", rarest=-9.0), _LEAST_WEIGHT),
    Tier(_true("multi", rarest=-3.0), _LEAST_WEIGHT),
    Tier(_true("multi", rarest=-9.0, usual=-3.0), _HEAVY),
    Tier(_true("single", rarest=-9.0), _HEAVY),
)
"""The encodings that text is tried as: what one tier explains without a gap is not tried in the next.  Bytes are not
UTF-8, or pairs of an East Asian encoding that make sense, by chance; single bytes always decode."""


@functools.cache
def channel_prior(encoding: str, read_as: str) -> float:
    """The log-probability, in nats, that a damaged text was ``encoding`` read as ``read_as``."""
    return _PRIOR_DAMAGE + _TRUE.get(encoding, -8.0) + _READ_AS.get(read_as, -8.0)


def readable_as(text: str, suspicions: Sequence[Suspicion]) -> list[str]:
    """Return the encodings that the suspicious characters of ``text`` can have been read as, most usual first."""
    points = code_points(text)
    marked = np.zeros(len(points), dtype=bool)
    for suspicion in suspicions:
        marked[suspicion.start : suspicion.end] = True
    points = points[marked & (points >= 0x80) & (points != 0xFFFD)]
    if not points.size:
        return []
    masks = repertoire(points)
    return [
        name
        for name in _READ_AS
        if float((masks >> np.uint64(ENCODINGS[name].bit) & np.uint64(1)).mean()) >= _ENCODABLE_SHARE
    ]
