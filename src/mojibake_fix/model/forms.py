"""How a document writes: which form of each folded character is likely in it.

A style's form table (:data:`mojibake_fix.model.STYLES`) is the prior; what the document itself shows adapts it, so that
a Traditional text with half-width commas is expected to go on with half-width commas.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from mojibake_fix.model.ngram import FIRST_OF_NO_USE, FORM_UNIT, OF_NO_USE, ONE_OF_ITS_CLASS, STYLES, NgramModel

__all__ = ["document_forms", "forms_of"]

_PRIOR_COUNT = 2.0
"""How many characters of the document the style's prior is worth, for each folded character."""
_MARKUP = np.array([ord("<"), ord(">")])
_MARKUP_PRIOR = 0.5
"""Text to learn from has lost its markup, and with it nearly all signs of these two that are not full-width."""
_PAIRS = np.array([[ord(mark) for mark in pair] for pair in ("“”", "「」", "‘’", "『』", "（）", "()", "［］", "[]")])
"""Marks of which a text that has one will have the other."""
_OTHER_STYLES = 0.15
"""The share of the other styles in the prior: converted and mixed texts are common."""


def document_forms(points: npt.NDArray[np.uint32], model: NgramModel) -> npt.NDArray[np.float32]:
    """Return ``log P(form | folded character)`` in a document of these code points: ``float32[65536]``, nats."""
    seen = np.bincount(points[points < 0x10000].astype(np.int64), minlength=0x10000).astype(np.float64)
    seen[_PAIRS] = seen[_PAIRS].sum(axis=1, keepdims=True)
    present = np.flatnonzero(seen > 0)
    likeliest = int((model.forms[:, present].astype(np.float64) * FORM_UNIT @ seen[present]).argmax())
    prior, unseen = _prior(model, likeliest)
    folded_seen = np.bincount(model.fold_table[present], seen[present], minlength=0x10000).astype(np.float64)
    # A document has few characters: the forms of all others are as they were before it was seen.
    touched = _forms_of_folded(model, np.flatnonzero(folded_seen > 0))
    adapted = unseen.copy()
    adapted[touched] = _log(seen[touched], folded_seen[model.fold_table[touched]], prior[touched])
    return adapted


def forms_of(points: npt.NDArray[np.uint32], forms: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return ``log P(form | folded character)`` of ``points`` (``uint32[n]``) by :func:`document_forms`: nats.

    Of characters beyond the BMP, of which the folded alphabet has classes only, those of planes that have none are as
    unlikely as anything.
    """
    found: npt.NDArray[np.float32] = forms[np.minimum(points, np.uint32(0xFFFF))]
    astral = points > 0xFFFF
    if astral.any():
        found[astral] = np.where(points[astral] < FIRST_OF_NO_USE, np.float32(ONE_OF_ITS_CLASS), np.float32(OF_NO_USE))
    return found


def _forms_of_folded(model: NgramModel, folded: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """All characters of the BMP that fold to one of ``folded``."""
    order, starts = _by_folded(model)
    counts = starts[folded + 1] - starts[folded]
    places = np.arange(int(counts.sum())) + np.repeat(starts[folded] - np.cumsum(counts) + counts, counts)
    found: npt.NDArray[np.int64] = order[places]
    return found


@functools.lru_cache(maxsize=1)
def _by_folded(model: NgramModel) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The characters of the BMP by what they fold to, and where those of each begin."""
    order = np.argsort(model.fold_table, kind="stable")
    return order, np.searchsorted(model.fold_table[order], np.arange(0x10001))


@functools.lru_cache(maxsize=len(STYLES))
def _prior(model: NgramModel, likeliest: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]:
    """The probability of each form where nothing was seen but which style is likeliest, and its logarithm."""
    shares = np.exp(model.forms.astype(np.float64) * FORM_UNIT)
    prior = (1 - _OTHER_STYLES) * shares[likeliest] + _OTHER_STYLES * shares.mean(axis=0)
    prior[_MARKUP] = np.maximum(prior[_MARKUP], _MARKUP_PRIOR)
    nothing = np.zeros(len(prior))
    return prior, _log(nothing, nothing, prior)


def _log(
    seen: npt.NDArray[np.float64], folded_seen: npt.NDArray[np.float64], prior: npt.NDArray[np.float64]
) -> npt.NDArray[np.float32]:
    adapted = (seen + _PRIOR_COUNT * prior) / (folded_seen + _PRIOR_COUNT)
    logp: npt.NDArray[np.float32] = np.log(np.maximum(adapted, 1e-6)).astype(np.float32)
    return logp
