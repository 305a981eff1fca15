"""How likely a text is: ``log P(text | language)`` of many readings at once, bytes without a character penalised.

Two scores share one scale, nats.  :func:`quick_scores` looks at unigrams and at the bitmap of bigrams that clean text
has (20 ns a character); :func:`full_scores` asks the language model (300 microseconds a call, and 0.1 a character).
A reading is the same bytes seen through one encoding, so the scores of two readings compare as they are.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mojibake_fix.detect.encoding.catalogue import CATALOGUE
from mojibake_fix.detect.encoding.decoders import decode_marked
from mojibake_fix.detect.encoding.scripts import LOWER, OTHER_ALPHABETS, script_kinds, script_logp
from mojibake_fix.model import STYLES, fold, load_model, unseen

__all__ = [
    "ERROR",
    "Quick",
    "Readings",
    "burst_size",
    "bursts",
    "first_burst",
    "full_logp",
    "full_scores",
    "is_marked",
    "joined_readings",
    "quick_logp",
    "quick_scores",
    "rare_bursts",
    "rare_shares",
    "read_lines",
    "read_texts",
    "read_whole",
    "stray_letters",
]

F32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Points = npt.NDArray[np.uint32]
Codes = npt.NDArray[np.uint16]
I64 = npt.NDArray[np.int64]

ERROR = -11.0
"""Nats for a byte that is no character: two such cost more than the rarest character of two bytes (15)."""
_UNSEEN_BELOW = 3.0
_SEEN_SHARE = 0.6
"""A bigram that clean text has is worth this share of its unigram's nats, one that it has not three nats more than
all: fitted to the model's own scores on training text."""
_LOWEST = -15.0
_FOREIGN = -3.0
_HANJA = -1.0
"""Nats for a kana in Chinese or Korean, a hangul in Chinese or Japanese; for a Han character in Korean."""
_NEWLINE = 0x0A


@dataclass(frozen=True, slots=True)
class Readings:
    """Lines, each read in one or more ways, as one stream of code points.

    Attributes:
        points: ``uint32[n]``, every reading followed by a line feed.
        codes: The same in the folded alphabet: ``uint16[n]``.
        ends: Offset of each reading's line feed: ``int64[m]``.
        styles: Row of the style tables that each reading is written in: ``uint8[m]``.
    """

    points: Points
    codes: npt.NDArray[np.uint16]
    ends: npt.NDArray[np.int64]
    styles: npt.NDArray[np.uint8]

    @property
    def starts(self) -> npt.NDArray[np.int64]:
        """Offset of each reading's first code point: ``int64[m]``."""
        starts = np.empty_like(self.ends)
        starts[0] = 0
        starts[1:] = self.ends[:-1] + 1
        return starts

    def sums(self, values: npt.NDArray[np.generic]) -> F32:
        """Add up ``values`` (``[n]``, 0 at line feeds) over each reading: ``float32[m]``."""
        sums: F32 = np.add.reduceat(values, self.starts, dtype=np.float32)
        return sums

    def counts(self, mask: Bools) -> F32:
        """Count, in each reading, where ``mask`` (``[n]``) is true: ``float32[m]``."""
        upto = mask.cumsum(dtype=np.int32)[self.ends]
        upto[1:] -= upto[:-1].copy()
        return upto.astype(np.float32)

    def pick(self, which: Sequence[int] | npt.NDArray[np.int64]) -> Readings:
        """Return only the readings of these numbers, in this order."""
        starts, ends = self.starts, self.ends
        index = np.concatenate([np.arange(starts[i], ends[i] + 1) for i in which])
        lengths = np.array([ends[i] + 1 - starts[i] for i in which], np.int64)
        return Readings(self.points[index], self.codes[index], np.cumsum(lengths) - 1, self.styles[np.asarray(which)])


@functools.cache
def style_of(name: str) -> int:
    """The row of the style tables for text in this encoding."""
    row = CATALOGUE.get(name)
    if row is None or not row.languages:
        return _ANY_STYLE
    return STYLES.index(row.languages[0]) if row.languages[0] in STYLES else _NO_STYLE


@functools.lru_cache(maxsize=1)
def _style_tables() -> F32:
    """``log P(form | folded character, style)``, and what text of a style has little of.

    ``float32[6, 65536]``, nats: the styles of the model, any style, no style.
    """
    forms = load_model().forms.astype(np.float32) * np.float32(1 / 8)
    rows = {style: forms[STYLES.index(style)] for style in STYLES}
    rows["zh-Hans"] = np.maximum(rows["zh-Hans"], rows["zh-Hant"] - np.float32(_TRADITIONAL_IN_GB))
    kana, hangul, han = slice(0x3041, 0x30FB), slice(0xAC00, 0xD7A4), slice(0x4E00, 0xA000)
    for style, foreign in (
        ("zh-Hans", (kana, hangul)),
        ("zh-Hant", (kana, hangul)),
        ("ja", (hangul,)),
        ("ko", (kana,)),
    ):
        for block in foreign:
            rows[style][block] += _FOREIGN
    rows["ko"][han] += _HANJA
    return np.stack([*(rows[style] for style in STYLES), forms.max(axis=0), np.zeros(0x10000, np.float32)])


_TRADITIONAL_IN_GB = 2.0
"""Nats that a character in its Traditional form costs in GB 18030, where both forms have codes."""
_ANY_STYLE, _NO_STYLE = len(STYLES), len(STYLES) + 1


def read_whole(data: bytes, names: Sequence[str]) -> Readings:
    """Read ``data`` as each encoding, a reading each, in the order of ``names``."""
    return joined_readings([_read(name, data).replace("\n", " ") for name in names], names)


def read_lines(data: bytes, names: Sequence[str]) -> Readings:
    """Read each line of ``data`` as each encoding: readings in the order of ``names``, and of lines within each."""
    return joined_readings([_read(name, data) for name in names], names)


def read_texts(texts: Sequence[str]) -> Readings:
    """Take texts as they are, a reading each, in any style."""
    return joined_readings([text.replace("\n", " ") for text in texts], ["utf-8"] * len(texts))


def joined_readings(texts: Sequence[str], names: Sequence[str]) -> Readings:
    """Take texts that were read as these encodings; each line is a reading."""
    joined = "\n".join(texts) + "\n"
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    ends = np.flatnonzero(points == _NEWLINE)
    lines = [text.count("\n") + 1 for text in texts]
    styles = np.repeat(np.array([style_of(name) for name in names], np.uint8), lines)
    return Readings(points, fold(points, load_model().fold_table), ends, styles)


def _read(name: str, data: bytes) -> str:
    text = decode_marked(name, data)
    # Vietnamese marks are characters of their own there; the model knows composed letters.
    return unicodedata.normalize("NFC", text) if name == "cp1258" else text


def is_marked(points: Points) -> Bools:
    """Tell which code points stand for a byte that is no character."""
    return (points >= 0xDC00) & (points < 0xDD00)


@dataclass(frozen=True, slots=True)
class Quick:
    """Rough scores of readings.

    Attributes:
        score: Nats: ``float32[m]``.
        rare: How many bigrams with a character beyond ASCII clean text does not have, errors included: ``float32[m]``.
        counted: Of how many: ``float32[m]``.
        errors: How many bytes are no character: ``float32[m]``.
        bursts: Whether many rare bigrams follow each other: ``bool[m]``.
    """

    score: F32
    rare: F32
    counted: F32
    errors: F32
    bursts: Bools

    @property
    def share(self) -> F32:
        """The share of rare bigrams, 0 where none are counted: ``float32[m]``."""
        return np.asarray(self.rare / np.maximum(self.counted, 1), np.float32)


def quick_scores(readings: Readings, *, scripts: bool = True, fine: bool = True) -> Quick:
    """Score each reading by its unigrams and by which of its bigrams clean text has.

    Args:
        readings: What to score.
        scripts: Whether letters of different scripts side by side cost; CJK encodings compare without that.
        fine: As for :func:`rare_shares`.
    """
    codes = readings.codes
    rare, counted, marked = _rare_bigrams(readings)
    score = quick_logp(codes, rare)
    score += _style_logp(readings)
    if scripts:
        score += script_logp(readings.points)
    score[marked] = ERROR
    score[readings.ends] = 0
    rare &= counted
    return Quick(
        score=readings.sums(score),
        rare=readings.counts(rare),
        counted=readings.counts(counted),
        errors=readings.counts(marked),
        bursts=_bursts(readings, rare, *burst_size(fine=fine)),
    )


def quick_logp(codes: Codes, rare: Bools) -> F32:
    """Score folded characters, of any shape, by themselves and by whether they make a rare bigram: nats."""
    unigram = load_model().unigram[codes]
    unseen_logp = np.maximum(unigram - np.float32(_UNSEEN_BELOW), np.float32(_LOWEST))
    return np.where(rare, unseen_logp, unigram * np.float32(_SEEN_SHARE))


def stray_letters(readings: Readings) -> Bools:
    """Tell in which readings one or two letters of another alphabet stand in Latin text: ``bool[m]``."""
    kinds = script_kinds(readings.points)
    others, latin = readings.counts(kinds == OTHER_ALPHABETS), readings.counts(kinds == LOWER)
    return (others > 0) & (others <= _STRAY) & (latin >= _LATIN)


_STRAY, _LATIN = 2, 5


def rare_shares(readings: Readings) -> tuple[F32, F32]:
    """Return of each reading how many bigrams beyond ASCII are rare, and of how many: ``float32[m]`` twice.

    That is a part of :func:`quick_scores`, for a fraction of its cost.
    """
    rare, counted, _ = _rare_bigrams(readings)
    rare &= counted
    return readings.counts(rare), readings.counts(counted)


def rare_bursts(readings: Readings, *, fine: bool = False) -> tuple[F32, F32, Bools]:
    """Return the same, and in which readings rare bigrams follow each other: ``bool[m]``.

    Args:
        readings: What to look at.
        fine: Whether three in a row are a burst already: a stream read astride may right itself that soon.
    """
    rare, counted, _ = _rare_bigrams(readings)
    rare &= counted
    return readings.counts(rare), readings.counts(counted), _bursts(readings, rare, *burst_size(fine=fine))


_BURST, _FINE_BURST = (6, 8), (3, 4)
"""So many rare bigrams of so many in a row are damage rather than names."""


def burst_size(*, fine: bool) -> tuple[int, int]:
    """How many rare bigrams, of how many in a row, are a burst."""
    return _FINE_BURST if fine else _BURST


def bursts(places: I64, owners: I64, many: int, of: int) -> I64:
    """Return the indices, in ``places``, of the rare bigrams at which bursts begin.

    Args:
        places: Where the rare bigrams are, sorted.
        owners: Which reading each is in.
        many, of: So many of so many in a row are a burst.
    """
    last = many - 1
    return np.flatnonzero((places[last:] - places[:-last] < of) & (owners[last:] == owners[:-last]))


def _bursts(readings: Readings, rare: Bools, many: int, of: int) -> Bools:
    found = np.zeros(len(readings.ends), bool)
    places = rare.nonzero()[0]
    if places.size >= many:
        owners = readings.ends.searchsorted(places)
        found[owners[bursts(places, owners, many, of)]] = True
    return found


def first_burst(readings: Readings) -> int | None:
    """Return the code point of the only reading at which its first burst, in the fine sense, begins."""
    rare, counted, _ = _rare_bigrams(readings)
    places = np.flatnonzero(rare & counted)
    found = bursts(places, np.zeros_like(places), *_FINE_BURST)
    return int(places[found[0]]) if found.size else None


def _rare_bigrams(readings: Readings) -> tuple[Bools, Bools, Bools]:
    """Which characters make a rare bigram with the one before, which count, and which are errors."""
    codes = readings.codes
    marked = is_marked(readings.points)
    rare = np.empty(len(codes), bool)
    rare[1:] = unseen(codes, load_model().scan)
    rare[0] = False
    rare |= marked
    counted = codes >= 0x80
    counted[1:] |= counted[:-1].copy()
    counted[readings.ends] = False
    return rare, counted, marked


def full_scores(readings: Readings) -> F32:
    """Return ``log P(reading)`` by the language model, nats: ``float32[m]``."""
    return readings.sums(full_logp(readings))


def full_logp(readings: Readings) -> F32:
    """Return the log-probability of every code point, errors penalised: ``float32[n]``, nats."""
    logp = load_model().logp(readings.codes) + _style_logp(readings) + script_logp(readings.points)
    logp[is_marked(readings.points)] = ERROR
    logp[readings.ends] = 0
    return logp


def _style_logp(readings: Readings) -> F32:
    styles = np.repeat(readings.styles, np.diff(readings.ends, prepend=-1))
    index = (styles.astype(np.uint32) << np.uint32(16)) | np.minimum(readings.points, 0xFFFF)
    found: F32 = _style_tables().ravel()[index]
    astral = readings.points > 0xFFFF
    if astral.any():
        written = (readings.points < 0x1FB00) & (readings.points >= 0x1F000) | (readings.points >= 0x20000)
        found[astral & ~(written & (readings.points < 0x323B0))] = _UNWRITTEN
    return found


_UNWRITTEN = -10.0
"""Nats for a character beyond the first plane that is neither an ideograph nor an emoji: four-byte codes of GB 18030
that noise makes."""
