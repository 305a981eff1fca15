"""Encodings of one byte a character, all at once: what each byte is in each of them, and which pairs of bytes are rare.

Only pairs with a byte beyond ASCII tell anything, and of European text few are such, so that a whole file costs as
little as a sample.  Not for cp1258, whose marks are characters of their own: that is read like the other encodings.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mojibake_fix.detect.encoding.capitals import cases, is_behind_capital
from mojibake_fix.detect.encoding.catalogue import CATALOGUE
from mojibake_fix.detect.encoding.compiled import Closeness, TablesLayout
from mojibake_fix.detect.encoding.decoders import decode_marked
from mojibake_fix.detect.encoding.hints import Hints
from mojibake_fix.detect.encoding.readings import is_marked
from mojibake_fix.detect.encoding.scoring import Rarity, bursts, compiled_evidence, pair_logp
from mojibake_fix.detect.encoding.scripts import pair_script_logp, script_kinds
from mojibake_fix.model import BOUNDARY, fold, load_model

__all__ = [
    "SingleReading",
    "best_single",
    "is_tabled",
    "is_utf8",
    "rarity_of_lines",
    "rarity_of_table_lines",
    "reads_as_well",
    "where_they_differ",
]

Bools = npt.NDArray[np.bool_]
U8 = npt.NDArray[np.uint8]
U16 = npt.NDArray[np.uint16]
I64 = npt.NDArray[np.int64]

_MOST_PAIRS, _MOST_TELLING_PAIRS = 64, 128
"""Pairs that are looked at, spread over all there are; and of those that the closest encodings read differently."""

_BIAS = 1.0
"""Nats for each pair, by which letters of a common alphabet may seem likelier than those of a rare one.  Without it, 6
of 25 pages with some Hebrew words read as Cyrillic; with it, 1."""

_AROUND, _MOST_PARTS = 16, 12
"""Bytes on each side of one that tells two encodings apart, and how many such are looked at."""


@dataclass(frozen=True, slots=True)
class SingleReading:
    """What bytes read as, one byte a character.

    Attributes:
        close: The encodings that are within the margin of the best; one of each text.
        rare, counted: How many of the best one's pairs beyond ASCII are rare, of how many.
    """

    close: tuple[str, ...]
    rare: int
    counted: int


@dataclass(frozen=True, slots=True)
class _Tables:
    """Of each encoding and byte: ``[names, 256]``."""

    names: tuple[str, ...]
    points: npt.NDArray[np.uint32]
    codes: U16
    cases: U16
    kinds: U8
    no_code: Bools
    layout: TablesLayout


def is_tabled(name: str) -> bool:
    """Whether the encoding is one of those that this module knows."""
    return name in CATALOGUE and CATALOGUE[name].kind == "single" and name != "cp1258"


@functools.cache
def _tables() -> _Tables:
    names = tuple(name for name in CATALOGUE if is_tabled(name))
    every_byte = bytes(range(256))
    texts = [decode_marked(name, every_byte) for name in names]
    points = np.array([[ord(char) for char in text] for text in texts], np.uint32)
    arrays = (points, fold(points, load_model().fold_table), cases(points), script_kinds(points), is_marked(points))
    return _Tables(names, *arrays, TablesLayout(*(array.ctypes.data for array in arrays)))


def best_single(data: bytes, hints: Hints, margin: float) -> SingleReading | None:
    """Return which encodings read ``data`` best; None where none reads every byte.

    Args:
        data: Bytes of text.
        hints: Which encodings may be answered, and how likely each is.
        margin: How far from the best, in nats, a reading counts as close.
    """
    compiled = compiled_evidence()
    tables = _tables()
    allowed, priors = _by_prior(hints)
    if compiled is None:
        close, rare, counted = best_of_tables(tables, allowed, priors, data, margin)
    else:
        closeness = Closeness(margin, _BIAS, _MOST_PAIRS, _MOST_TELLING_PAIRS)
        close, rare, counted = compiled.best_single(tables.layout, closeness, data, allowed, priors)
    return SingleReading(tuple(tables.names[row] for row in close), rare, counted) if close else None


def best_of_tables(
    tables: _Tables, allowed: I64, priors: npt.NDArray[np.float64], data: bytes, margin: float
) -> tuple[list[int], int, int]:
    """:meth:`CompiledEvidence.best_single` without the kernel."""
    values = np.frombuffer(data, np.uint8)
    high = values >= 0x80
    either = high[1:] | high[:-1]
    either &= values[1:] != BOUNDARY
    every = np.flatnonzero(either)
    used = np.bincount(values, minlength=256) > 0
    rows = allowed[~tables.no_code[allowed][:, used].any(axis=1)]
    rows = _distinct(tables.points[:, used], rows)
    if not (len(every) and len(rows)):
        return [], 0, 0
    places = every[:: len(every) // _MOST_PAIRS + 1]
    scores, rare = _score(tables, rows, values, places)
    scores += priors[rows]
    order = np.argsort(-scores, kind="stable")
    close = rows[order[_close(scores[order], rare[order], margin, len(places))]]
    if len(close) > 1:
        # They differ in a few letters, of which there may be more than among the pairs so far.
        differs = np.any(tables.points[close] != tables.points[close[0]], axis=0)
        more = every[differs[values[every]] | differs[values[every + 1]]][:_MOST_TELLING_PAIRS]
        scores, rare_there = _score(tables, close, values, more)
        close = close[_close(scores + priors[close], rare_there, margin, len(more))]
    return close.tolist(), int(rare[order[0]]), len(places)


def _close(scores: npt.NDArray[np.float64], rare: I64, margin: float, pairs: int) -> Bools:
    """Which are within the margin of the best, or within what a rare alphabet costs and as clean."""
    best = int(scores.argmax())
    behind = scores[best] - scores
    within: Bools = (behind <= margin) | (behind <= margin + _BIAS * pairs) & (rare <= rare[best])
    return within


def _score(
    tables: _Tables, rows: I64, values: npt.NDArray[np.uint8], places: I64
) -> tuple[npt.NDArray[np.float64], I64]:
    """Nats of the pairs at ``places`` in each row, and how many of them are rare."""
    before, here = values[places], values[places + 1]
    codes, case, kinds = tables.codes[rows], tables.cases[rows], tables.kinds[rows]
    behind = np.stack([is_behind_capital(values, row[values])[places + 1] for row in case])
    logp, rare = pair_logp(codes[:, before], codes[:, here], case[:, before], case[:, here], behind)
    logp += pair_script_logp(kinds[:, before], kinds[:, here])
    return logp.sum(axis=1, dtype=np.float64), rare.sum(axis=1)


def rarity_of_lines(data: bytes, name: str, burst: tuple[int, int]) -> Rarity:
    """Tell how much of each line of ``data`` in that encoding is not as clean text is; ``burst`` as for ``rarity``."""
    tables = _tables()
    row = tables.names.index(name)
    compiled = compiled_evidence()
    if compiled is None:
        return rarity_of_table_lines(data, tables, row, burst)
    return Rarity(*compiled.table_lines(tables.layout, row, data, burst))


def rarity_of_table_lines(data: bytes, tables: _Tables, row: int, burst: tuple[int, int]) -> Rarity:
    """The same without the kernel."""
    values = np.frombuffer(data, np.uint8)
    high = values >= 0x80
    counted = high.copy()
    counted[1:] |= high[:-1]
    counted &= values != BOUNDARY
    errors = tables.no_code[row][values]
    rare = errors & high
    pairs = np.flatnonzero(counted[1:])
    before, here = values[pairs], values[pairs + 1]
    codes, case = tables.codes[row], tables.cases[row]
    behind = is_behind_capital(values, case[values])[pairs + 1]
    rare[pairs + 1] |= pair_logp(codes[before], codes[here], case[before], case[here], behind)[1]
    ends = np.append(np.flatnonzero(values == BOUNDARY), len(values))
    places = np.flatnonzero(rare)
    found = np.zeros(len(ends), bool)
    owners = ends.searchsorted(places)
    found[owners[bursts(places, owners, *burst)]] = True
    rare_counts, counts, error_counts = (
        np.bincount(ends.searchsorted(np.flatnonzero(mask)), minlength=len(ends)).astype(np.float32)
        for mask in (rare, counted, errors & high)
    )
    return Rarity(rare_counts, counts, error_counts, found)


def is_utf8(line: bytes) -> bool:
    """Whether a line with bytes beyond ASCII is UTF-8: of text in an alphabet, none happens to be."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not line.isascii()


def reads_as_well(name: str, other: str, data: bytes) -> bool:
    """Whether ``name`` makes the same of ``data`` as ``other`` does, if not more: of a byte that is none there."""
    tables = _tables()
    one, two = (tables.points[tables.names.index(known)] for known in (name, other))
    same = (one == two) | is_marked(two)
    return bool(same[np.frombuffer(data, np.uint8)].all())


def where_they_differ(data: bytes, names: Sequence[str]) -> bytes:
    """Return the parts of ``data`` that these encodings read differently, with their nearest neighbours."""
    parts: list[bytes] = []
    behind = 0
    for place in np.flatnonzero(_differing(tuple(names))[np.frombuffer(data, np.uint8)]).tolist():
        if place >= behind and len(parts) < _MOST_PARTS:
            behind = place + _AROUND
            parts.append(data[max(place - _AROUND, 0) : behind])
    return b" ".join(parts)


@functools.lru_cache(maxsize=256)
def _differing(names: tuple[str, ...]) -> Bools:
    """Which bytes these encodings read differently: ``bool[256]``."""
    tables = _tables()
    points = tables.points[[tables.names.index(name) for name in names]]
    return np.asarray((points != points[0]).any(axis=0))


@functools.lru_cache(maxsize=64)
def _by_prior(hints: Hints) -> tuple[I64, npt.NDArray[np.float64]]:
    """The rows that may be answered, likeliest first, and how likely each of all rows is, nats."""
    names = _tables().names
    priors = np.array([hints.prior(CATALOGUE[name]) for name in names])
    order = np.argsort(-priors, kind="stable").tolist()
    return np.array([row for row in order if hints.allows(names[row])], np.int64), priors


def _distinct(points: npt.NDArray[np.uint32], rows: I64) -> I64:
    """The first of ``rows`` for each text; ``points`` has the characters that occur."""
    chosen = points[rows].tobytes()
    size = points.shape[1] * points.itemsize
    first: dict[bytes, int] = {}
    for number, row in enumerate(rows.tolist()):
        first.setdefault(chosen[number * size : (number + 1) * size], row)
    return np.array(list(first.values()), np.int64)
