"""The character n-gram language model: loading, and scoring in batches.

Order 4 over the folded alphabet (:mod:`mojibake_fix.model.alphabet`), absolute discounting, back-off form: the stored
n-grams carry their log-probability, their histories a back-off weight.  Orders 2 to 4 are static functions
(:mod:`mojibake_fix.model.fuse`), order 1 is an array.  One model serves all languages: a history tells which it is.
All log-probabilities are natural logarithms (nats).  Not for training: that is ``corpus/train.py``.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mojibake_fix.model.alphabet import BOUNDARY, code_points, fold
from mojibake_fix.model.container import read_container
from mojibake_fix.model.fuse import StaticFunction
from mojibake_fix.model.kernel import CompiledModel, LevelLayout, ModelLayout, load_kernel
from mojibake_fix.model.scan import SCAN_BITS

_FLOOR_BELOW_UNIGRAM = 3.0
_FLOOR = -15.0
"""A history can make a character less likely than it is by itself, but not without end: code, tables, lists and names
have histories that running text does not."""

FORM_UNIT = 1 / 8
"""Nats: what a number of the forms stands for."""
FIRST_OF_NO_USE, OF_NO_USE = 0x40000, -25.0
"""Nats for a character from here on, where there are hardly any but tags and private ones."""
ONE_OF_ITS_CLASS = -7.0
"""Nats for a character beyond the Basic Multilingual Plane, which the folded alphabet knows by its class only: the
thousand or so of each that are in use."""

__all__ = [
    "FIRST_OF_NO_USE",
    "OF_NO_USE",
    "ONE_OF_ITS_CLASS",
    "STYLES",
    "Level",
    "NgramModel",
    "load_model",
    "read_model",
]

STYLES = ("zh-Hans", "zh-Hant", "ja", "ko")
"""The ways of writing that the form tables tell apart, in the order of their rows."""

F32 = npt.NDArray[np.float32]
U16 = npt.NDArray[np.uint16]


class Level(NamedTuple):
    """The stored n-grams of one order, and what their values stand for.

    A value is an index into ``logp`` (``float32[2 ** k]``, nats) and, above its ``k`` bits, one into ``backoff``.
    """

    function: StaticFunction
    logp: F32
    backoff: F32

    def get(self, keys: npt.NDArray[np.uint64]) -> tuple[F32, F32, npt.NDArray[np.bool_]]:
        """Return log-probabilities, back-off weights (0 where absent) and presence of ``keys``."""
        value, found = self.function.get(keys)
        logp = self.logp[value & np.uint32(len(self.logp) - 1)]
        backoff = self.backoff[value >> np.uint32(len(self.logp).bit_length() - 1)]
        return logp, np.where(found, backoff, np.float32(0)), found


@dataclass(frozen=True, slots=True, eq=False)
class NgramModel:
    """A loaded model; all arrays are read-only views of the mapped file.

    ``compiled`` is the same model for the compiled kernel; None where there is no kernel, and by :meth:`pure`.
    """

    fold_table: U16
    unigram: F32
    unigram_backoff: F32
    levels: tuple[Level, Level, Level]
    forms: npt.NDArray[np.int8]
    scan: npt.NDArray[np.uint8]
    floor: F32
    provenance: dict[str, Any]
    compiled: CompiledModel | None = None

    def pure(self) -> NgramModel:
        """Return this model, to be scored by NumPy alone."""
        return replace(self, compiled=None)

    def fold(self, text: str) -> U16:
        """Return ``text`` in the folded alphabet: ``uint16[len(text)]``."""
        return fold(code_points(text), self.fold_table)

    def logp(self, codes: U16) -> F32:
        """Score a stream of folded characters: ``float32[n]``, nats, each given up to three before it.

        The stream holds whole texts separated by ``BOUNDARY``; no history reaches across one.  The character before
        the first is taken to be a boundary.
        """
        if self.compiled is not None:
            return self.compiled.logp(codes)
        padded = np.concatenate((np.full(3, BOUNDARY, np.uint16), codes))
        return self.logp_next(padded[:-3], padded[1:-2], padded[2:-1], codes)

    def logp_next(self, c3: U16, c2: U16, c1: U16, c0: U16) -> F32:
        """Score ``c0`` after the histories ``c3 c2 c1`` (arrays of one shape, or broadcast to it): nats."""
        if self.compiled is not None:
            return self.compiled.logp_next(c3, c2, c1, c0)
        w0, w1, w2, w3 = (c.astype(np.uint64) for c in (c0, c1, c2, c3))
        u16 = np.uint64(16)
        second, third, fourth = self.levels
        history2 = (w2 << u16) | w1
        history3 = (w3 << np.uint64(32)) | history2
        key2 = (w1 << u16) | w0
        key3 = (w2 << np.uint64(32)) | key2
        key4 = (w3 << np.uint64(48)) | key3

        score = self.unigram[c0]
        p, _, found2 = second.get(key2)
        score = np.where(found2, p, self.unigram_backoff[c1] + score)
        open2 = c1 != BOUNDARY
        _, backoff2, known2 = second.get(history2)
        p, _, found3 = third.get(key3)
        found3 &= found2 & known2 & open2
        score = np.where(found3, p, np.where(open2, backoff2, np.float32(0)) + score)
        open3 = open2 & (c2 != BOUNDARY)
        _, backoff3, known3 = third.get(history3)
        known3 &= known2
        p, _, found4 = fourth.get(key4)
        found4 &= found3 & known3 & open3
        score = np.where(found4, p, np.where(open3 & known3, backoff3, np.float32(0)) + score)
        return np.maximum(score, self.floor[c0])

    def score(self, texts: Sequence[str]) -> F32:
        """Score whole texts in one pass, their ends included: ``float32[len(texts)]``, nats, folded alphabet only."""
        if not texts:
            return np.empty(0, np.float32)
        joined = self.fold("\n".join(text.replace("\n", " ") for text in texts) + "\n")
        ends = np.flatnonzero(joined == BOUNDARY)
        starts = np.concatenate(([0], ends[:-1] + 1))
        return np.add.reduceat(self.logp(joined), starts).astype(np.float32)

    def form_logp(self, points: npt.NDArray[np.uint32]) -> F32:
        """Score the forms of characters under each style: ``float32[len(STYLES), n]``, nats."""
        bmp = np.where(points > 0xFFFF, np.uint32(0), points)
        logp = self.forms[:, bmp].astype(np.float32) * np.float32(FORM_UNIT)
        return np.select(
            [points >= FIRST_OF_NO_USE, points > 0xFFFF],
            [np.float32(OF_NO_USE), np.float32(ONE_OF_ITS_CLASS)],
            logp,
        ).astype(np.float32)


def _floor(unigram: F32) -> F32:
    floor: F32 = np.maximum(unigram - np.float32(_FLOOR_BELOW_UNIGRAM), np.float32(_FLOOR))
    return floor


@functools.lru_cache(maxsize=1)
def load_model() -> NgramModel:
    """Map the model that is installed with the package; once a process.

    Raises:
        ModelFormatError: The installed file is damaged.
    """
    return read_model(Path(__file__).parents[1] / "data" / "ngram.bin")


def read_model(path: Path) -> NgramModel:
    """Map the model at ``path``.

    Raises:
        ModelFormatError: The file is missing, cut short, or of another version.
    """
    container = read_container(path)
    arrays, meta = container.arrays, container.meta
    levels = tuple(
        Level(
            StaticFunction(arrays[f"cells{order}"], **meta["levels"][str(order)]),
            arrays[f"logp{order}"],
            arrays[f"backoff{order}"],
        )
        for order in (2, 3, 4)
    )
    second, third, fourth = levels
    unigram = arrays["unigram"]
    model = NgramModel(
        fold_table=arrays["fold"],
        unigram=unigram,
        unigram_backoff=arrays["unigram_backoff"],
        levels=(second, third, fourth),
        forms=arrays["forms"],
        scan=arrays["scan"],
        floor=_floor(unigram),
        provenance=meta["provenance"],
    )
    return replace(model, compiled=_compiled(model))


def _compiled(model: NgramModel) -> CompiledModel | None:
    kernel = load_kernel()
    if kernel is None:
        return None
    levels = (LevelLayout * 3)(
        *(
            LevelLayout(
                level.function.cells.ctypes.data,
                level.logp.ctypes.data,
                level.backoff.ctypes.data,
                level.function.segments,
                level.function.seed,
                level.function.value_bits,
                level.function.fingerprint_bits,
                len(level.logp).bit_length() - 1,
                level.function.cells.itemsize == 4,
            )
            for level in model.levels
        )
    )
    tables = (model.fold_table, model.scan, model.unigram, model.unigram_backoff, model.floor)
    layout = ModelLayout(*(table.ctypes.data for table in tables), levels, SCAN_BITS)
    return CompiledModel(kernel, layout, (*tables, model.levels))
