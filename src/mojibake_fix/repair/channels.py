"""Which channels are worth reading a window anew through: a bound on the evidence of each, by the compiled kernel.

Hardly any channel of a suspicious line comes near to explaining it, and most suspicious lines are clean.  The kernel
(``_channels.c``) reads and scores a window as :mod:`mojibake_fix.repair.transcode` and
:mod:`mojibake_fix.repair.spans` do, and names the channels whose evidence may be above a limit.  Not for telling which
of them it was.
"""

from __future__ import annotations

import ctypes
import enum
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mojibake_fix.encodings import (
    Encoding,
    byte_table,
    encode_table,
    four_table,
    lookup,
    pair_table,
    repertoire_classes,
    triple_table,
)
from mojibake_fix.encodings.euctw import cns_table
from mojibake_fix.model import NgramModel, code_points
from mojibake_fix.model.kernel import Lexis, Sums
from mojibake_fix.repair import spans
from mojibake_fix.repair.stream import byte_lengths
from mojibake_fix.repair.tracks import TrackTerms, track_terms

__all__ = [
    "Certainty",
    "EvidentReading",
    "Limits",
    "Look",
    "PossibleChannel",
    "RowAnswer",
    "Trial",
    "evident_rows",
    "misread_rows",
    "possible_channels",
]

U32 = npt.NDArray[np.uint32]

_STRUCTURES = {"single": 0, "multi": 1, "utf8": 2}
_SAME_LAYOUT, _SAME_ENCODING = 1, 2
_IN_ORDER, _SOME = 1, 2
_ASTRAL = {"gb18030": _IN_ORDER, "gbk": _SOME, "big5-hkscs": _SOME, "euc-tw": _SOME}
"""Which encodings have bytes for characters beyond the BMP: all, or some, which the kernel cannot tell."""
_FOURS: Mapping[str, Callable[[], U32]] = {"gb18030": four_table, "euc-tw": lambda: cns_table().ravel()}
"""What codes of four bytes are: of EUC-TW the planes of CNS 11643, one behind the other."""
_QUADS = {"gb18030": 1, "euc-tw": 2}
_NO_WAY_BACK = 0x7FFFFFFF
_OF_TWO_CHARACTERS = {"big5-hkscs": ("Ê\u0304", "Ê\u030c", "ê\u0304", "ê\u030c")}
"""What an encoding has codes for that is two characters."""
_MOST_ANEW = 4
"""Characters that one can be when it is read anew: as many as it has bytes."""
_MARGIN = 0.05
"""Nats: sums of some hundred float32 scores, in any order."""


class _Charset(ctypes.Structure):
    """``charset`` of ``_channels.c``."""

    _fields_ = (
        ("encode", ctypes.c_void_p),
        ("bytes", ctypes.c_void_p),
        ("pairs", ctypes.c_void_p),
        ("triples", ctypes.c_void_p),
        ("fours", ctypes.c_void_p),
        ("structure", ctypes.c_int32),
        ("astral", ctypes.c_int32),
        ("quads", ctypes.c_int32),
        ("four_count", ctypes.c_int32),
        ("is_jis", ctypes.c_int32),
    )


class _Look(ctypes.Structure):
    """``look`` of ``_channels.c``."""

    _fields_ = (
        ("k", ctypes.c_void_p),
        ("masks", ctypes.c_void_p),
        ("classes", ctypes.c_void_p),
        ("sources", ctypes.c_void_p),
        ("bits", ctypes.c_void_p),
        ("targets", ctypes.c_void_p),
        ("priors", ctypes.c_void_p),
        ("pairings", ctypes.c_void_p),
        ("least_weight", ctypes.c_double),
        ("least_weight_among_letters", ctypes.c_double),
        ("least_weight_of_letters", ctypes.c_double),
        ("heavy", ctypes.c_double),
        ("least_share", ctypes.c_double),
        ("slack", ctypes.c_double),
        ("most_of_words", ctypes.c_double),
        ("most_without_words", ctypes.c_double),
        ("source_count", ctypes.c_int32),
        ("usual_sources", ctypes.c_int32),
        ("target_count", ctypes.c_int32),
        ("usual_targets", ctypes.c_int32),
        ("tiers", ctypes.c_int32 * 4),
        ("tier_count", ctypes.c_int32),
        ("window", ctypes.c_int32),
        ("margin", ctypes.c_int32),
        ("nearby", ctypes.c_int32),
        ("nearby_letters", ctypes.c_int32),
        ("class_limit", ctypes.c_uint32),
    )


class _Certainty(ctypes.Structure):
    """``certainty`` of ``_channels.c``."""

    _fields_ = (
        ("least", ctypes.c_double),
        ("apart", ctypes.c_double),
        ("change", ctypes.c_double),
        ("alike", ctypes.c_double),
        ("most_points", ctypes.c_int32),
    )


_EVIDENT = np.dtype(
    [
        ("source", np.int32),
        ("target", np.int32),
        ("start", np.int32),
        ("end", np.int32),
        ("evidence", np.float64),
        ("rival", np.float64),
        ("text_end", np.int64),
    ]
)
"""``evident`` of ``_channels.c``."""


class _Terms(ctypes.Structure):
    """``terms`` of ``_channels.c``."""

    _fields_ = (
        ("tracks", TrackTerms),
        ("enter", ctypes.c_double),
        ("hole", ctypes.c_double),
        ("unmarked_hole", ctypes.c_double),
        ("most_lost", ctypes.c_double),
        ("most_holes", ctypes.c_double),
        ("complete", ctypes.c_double),
        ("partly", ctypes.c_double),
        ("partly_broken", ctypes.c_double),
        ("valid_sequence", ctypes.c_double),
        ("valid_long_sequence", ctypes.c_double),
        ("most_of_validity", ctypes.c_double),
        ("elsewhere_invalid", ctypes.c_double),
        ("least_gain", ctypes.c_double),
        ("finalists", ctypes.c_int32),
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers by which evidence is judged, as :mod:`mojibake_fix.engine.evidence` has them.

    Attributes:
        most_lost, most_holes: Shares of marks of lost bytes among a stream's, and of holes beside its high ones.
        complete: Share of what is not ASCII beyond which nothing is left to explain.
        partly, partly_broken: Nats for leaving more, and where there are holes or single bytes.
        valid_sequence, valid_long_sequence: Nats for each sequence of UTF-8 of two bytes, and of more.
        most_of_validity: How much these can say, in nats.
        elsewhere_invalid: The share that is left of that where other bytes are holes.
        least_gain: Nats that each character read anew costs.
        finalists: How many channels are looked at closely.
    """

    most_lost: float
    most_holes: float
    complete: float
    partly: float
    partly_broken: float
    valid_sequence: float
    valid_long_sequence: float
    most_of_validity: float
    elsewhere_invalid: float
    least_gain: float
    finalists: int


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Encodings to try: what a text may have been read as, and what it may have been.

    Attributes:
        read_as, encodings: Their names, ``m`` and ``n``.
        priors: Of each channel: ``float64[m, n]``, nats.
        same_layout: Whether holes rule it out: ``bool[m, n]``.
    """

    read_as: tuple[str, ...]
    encodings: tuple[str, ...]
    priors: npt.NDArray[np.float64]
    same_layout: npt.NDArray[np.bool_]


class RowAnswer(enum.IntEnum):
    """Whether a row may have been misread, as ``_channels.c`` says it."""

    CANNOT_BE = 0
    ASK_LATIN = 1
    """No channel can be it; but what repairs lines of an alphabet beside channels is to be asked."""
    TO_BE_ASKED = 2
    """That cannot be said there."""
    MAY_BE = 3


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """How a line is looked at: what :func:`misread_rows` goes by.

    Attributes:
        trial: All channels, the usual sources first, and the encodings tier by tier.
        usual_sources, usual_targets: How many of each are tried on a line that is not heavy.
        tiers: Where each tier begins among the encodings, and where the last one ends.
        weights: Nats that a line must weigh to be looked at, by the names of ``_channels.c``.
        heavy: Nats with which all channels are tried on a line; they are on one of an alphabet.
        least_share: Of the suspicious characters, what an encoding must have to be a source.
        slack: Nats by which the evidence of what is near suspicious stretches alone may be less than that of all.
        window, margin: Characters that are read anew, and those of them before the first suspicious one.
        most_of_words, most_without_words: Nats that words may say for a reading, and for one that has none.
        nearby, nearby_letters: Characters on either side of a suspicious stretch that are near it, and in an alphabet.
    """

    trial: Trial
    usual_sources: int
    usual_targets: int
    tiers: tuple[int, ...]
    weights: Mapping[str, float]
    heavy: float
    least_share: float
    slack: float
    window: int
    margin: int
    most_of_words: float
    most_without_words: float
    nearby: int
    nearby_letters: int


class PossibleChannel(NamedTuple):
    """A channel and what its evidence is at most, in nats."""

    encoding: str
    read_as: str
    most: float


@dataclass(frozen=True, slots=True)
class Certainty:
    """What is asked of a reading for no other to be judged.

    Attributes:
        least: Nats that speak for it, at least.
        apart: Nats by which all other readings must have less, at most.
        change: Nats for each change between the line as it stands and what is read anew.
        alike: Nats by which leaving some characters unexplained may be better: bytes of a line are read alike.
        most_points: Characters of a line.
    """

    least: float
    apart: float
    change: float
    alike: float
    most_points: int


@dataclass(frozen=True, slots=True)
class EvidentReading:
    """A reading beside which no other comes into question: ``text`` for ``[start, end)`` of a line.

    ``evidence`` is what speaks for it at least, and ``rival`` for any other at most, in nats: without what is known of
    texts about mojibake.
    """

    encoding: str
    read_as: str
    start: int
    end: int
    text: str
    evidence: float
    rival: float


def possible_channels(
    window: str, trial: Trial, limits: Limits, model: NgramModel, *, above: float, twice: bool
) -> list[PossibleChannel] | None:
    """Return the channels whose evidence may be ``above`` so many nats, in the order in which they are tried.

    Those of equal results are there once; None where the kernel cannot tell, and where there is none.

    Args:
        twice: Whether those that give text of UTF-8, which may have been misread before, may have any evidence.

    Raises:
        MemoryError: There is no room for the window.
    """
    if model.compiled is None:
        return None
    points = code_points(window)
    found = np.empty((len(trial.read_as) * len(trial.encodings), 2), np.int32)
    most = np.empty(len(found), np.float64)
    if not trial.read_as:
        return []
    (sources, targets, priors, pairings), _ = _addresses_of(trial)
    count = model.compiled.kernel.channels(
        ctypes.byref(model.compiled.layout), ctypes.byref(_terms(limits)), model.forms.ctypes.data,
        points.ctypes.data, points.size, sources, len(trial.read_as), targets, len(trial.encodings), priors, pairings,
        above - _MARGIN, twice, found.ctypes.data, most.ctypes.data,
    )  # fmt: skip
    if count == -2:
        raise MemoryError("no room to judge a line")
    if count < 0:
        return None
    return [
        PossibleChannel(trial.encodings[target], trial.read_as[source], nats + _MARGIN)
        for (source, target), nats in zip(found[:count].tolist(), most[:count].tolist(), strict=True)
    ]


def misread_rows(
    texts: Sequence[str], look: Look, limits: Limits, sums: Sums, words: Lexis, model: NgramModel, *, above: float
) -> list[RowAnswer]:
    """Tell which of ``texts`` have a line for whose misread the evidence may be ``above`` so many nats.

    Args:
        look: What is tried on which line.
        limits: How evidence is judged.
        sums: The scan's running sums.
        words: What tells odd words.
        model: A model that has a compiled form.

    Raises:
        MemoryError: There is no room for the longest text.
    """
    assert model.compiled is not None
    points, offsets = code_points("".join(texts)), np.cumsum([0, *map(len, texts)], dtype=np.int64)
    found = np.empty(len(texts), np.uint8)
    failed = model.compiled.kernel.misread_rows(
        ctypes.byref(_layout_of(look, limits)[0]), ctypes.byref(model.compiled.layout), ctypes.byref(sums),
        ctypes.byref(words), model.forms.ctypes.data, points.ctypes.data, offsets.ctypes.data, found.size,
        above - _MARGIN, found.ctypes.data,
    )  # fmt: skip
    if failed:
        raise MemoryError("no room to judge a line")
    return list(map(RowAnswer, found.tolist()))


def evident_rows(
    texts: Sequence[str], look: Look, limits: Limits, certainty: Certainty, sums: Sums, model: NgramModel
) -> list[EvidentReading | None]:
    """Return the evident reading of each of ``texts`` that is one line and has one.

    Args:
        look, limits, sums, model: As for :func:`misread_rows`.
        certainty: What is asked of such a reading.

    Raises:
        MemoryError: There is no room for the longest text.
    """
    assert model.compiled is not None
    points, offsets = code_points("".join(texts)), np.cumsum([0, *map(len, texts)], dtype=np.int64)
    found, anew = np.empty(len(texts), _EVIDENT), np.empty(_MOST_ANEW * points.size, np.uint32)
    asked = _Certainty(certainty.least, certainty.apart, certainty.change, certainty.alike, certainty.most_points)
    failed = model.compiled.kernel.evident_rows(
        ctypes.byref(_layout_of(look, limits)[0]), ctypes.byref(asked), ctypes.byref(model.compiled.layout),
        ctypes.byref(sums), model.forms.ctypes.data, points.ctypes.data, offsets.ctypes.data, found.size,
        found.ctypes.data, anew.ctypes.data, anew.size,
    )  # fmt: skip
    if failed:
        raise MemoryError("no room to judge a line")
    readings: list[EvidentReading | None] = []
    begin = 0
    for source, target, start, end, evidence, rival, text_end in found.tolist():
        reading = None
        if source >= 0:
            text = anew[begin:text_end].tobytes().decode("utf-32-le", "surrogatepass")
            names = look.trial.encodings[target], look.trial.read_as[source]
            reading = EvidentReading(*names, start, end, text, evidence, rival)
        readings.append(reading)
        begin = text_end
    return readings


@functools.lru_cache(maxsize=4)
def _layout_of(look: Look, limits: Limits) -> tuple[_Look, tuple[Any, ...]]:
    """``look`` as the kernel sees it, and what it points into."""
    (sources, targets, priors, pairings), arrays = _addresses_of(look.trial)
    masks, classes = repertoire_classes()
    bits = np.array([lookup(name).bit for name in look.trial.read_as], np.uint8)
    terms = _terms(limits)
    layout = _Look(
        k=ctypes.addressof(terms),
        masks=masks.ctypes.data,
        classes=classes.ctypes.data,
        sources=sources,
        bits=bits.ctypes.data,
        targets=targets,
        priors=priors,
        pairings=pairings,
        **look.weights,
        heavy=look.heavy,
        least_share=look.least_share,
        slack=look.slack,
        source_count=len(look.trial.read_as),
        usual_sources=look.usual_sources,
        target_count=len(look.trial.encodings),
        usual_targets=look.usual_targets,
        tiers=look.tiers,
        tier_count=len(look.tiers) - 1,
        window=look.window,
        margin=look.margin,
        most_of_words=look.most_of_words,
        most_without_words=look.most_without_words,
        nearby=look.nearby,
        nearby_letters=look.nearby_letters,
        class_limit=len(classes),
    )
    return layout, (arrays, masks, classes, bits, terms)


@functools.lru_cache(maxsize=1024)
def _addresses_of(trial: Trial) -> tuple[tuple[int, int, int, int], tuple[Any, ...]]:
    """Where the kernel finds the encodings, the priors and the layouts of ``trial``, and the arrays they are in."""
    sources, targets = (
        np.array([ctypes.addressof(_charset(name)[0]) for name in names], np.uintp)
        for names in (trial.read_as, trial.encodings)
    )
    same = np.array([[name == encoding for encoding in trial.encodings] for name in trial.read_as], bool)
    pairings = np.where(same, _SAME_ENCODING, trial.same_layout * _SAME_LAYOUT).astype(np.uint8)
    arrays = (sources, targets, np.ascontiguousarray(trial.priors), pairings)
    return (arrays[0].ctypes.data, arrays[1].ctypes.data, arrays[2].ctypes.data, arrays[3].ctypes.data), arrays


@functools.cache
def _charset(name: str) -> tuple[_Charset, tuple[Any, ...]]:
    """The encoding of that canonical name as the kernel sees it, and the arrays that it points into."""
    row = lookup(name)
    singles, pairs, triples = _aligned(byte_table(row), 1, row), None, None
    if row.structure == "multi":
        pairs = _aligned(pair_table(row), 2, row)
        for letters in _OF_TWO_CHARACTERS.get(name, ()):
            pairs[int.from_bytes(row.encode(letters) or b"", "big")] = _NO_WAY_BACK
        triples = _aligned(triple_table(), 3, row) if name == "euc-jp" else None
    fours = _aligned(_FOURS[name](), 4, row) if name in _FOURS else None
    tables = (encode_table(row), singles, pairs, triples, fours)
    charset = _Charset(
        *(None if table is None else table.ctypes.data for table in tables),
        _STRUCTURES[row.structure],
        _ASTRAL.get(row.name, 0),
        _QUADS.get(row.name, 0),
        0 if fours is None else fours.size,
        row.family == "jis",
    )
    return charset, tables


def _aligned(table: U32, length: int, row: Encoding) -> U32:
    """``table`` of codes of ``length`` bytes, without those whose character has other bytes in ``row``, or none."""
    aligned = table.copy()
    codes = np.flatnonzero(table)
    aligned[codes[byte_lengths(table[codes], row) != length]] = _NO_WAY_BACK
    return aligned


@functools.cache
def _terms(limits: Limits) -> _Terms:
    """All numbers as the kernel sees them."""
    return _Terms(
        tracks=track_terms(),
        enter=spans.ENTER,
        hole=float(spans.HOLE),
        unmarked_hole=float(spans.UNMARKED_HOLE),
        **{name: getattr(limits, name) for name in Limits.__slots__},
    )
