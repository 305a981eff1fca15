"""Restore a span whose bytes were lost or shifted: the lattice, set up for one channel and one place.

Where the true encoding and the misread one are the same, the damage is a stream read astride its characters.  Not for
finding the span or the channel.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mojibake_fix.model import DocumentCache, NgramModel
from mojibake_fix.repair.lattice import Context, Path, best_paths, score_text
from mojibake_fix.repair.observed import GlossArc, observed_arcs
from mojibake_fix.repair.patterns import automaton, byte_mask

__all__ = ["Restoration", "gloss_arcs", "restore"]

_LEFT_CONTEXT = 400
_RIGHT_CONTEXT = 400
"""Characters around the span that the balance of brackets sees."""


@dataclass(frozen=True, slots=True)
class Restoration:
    """The texts that ``text[start:end]`` may have been, best first, and the score of what it is: nats."""

    start: int
    end: int
    paths: tuple[Path, ...]
    as_it_stands: float

    @property
    def evidence(self) -> float:
        """Log-likelihood ratio of the best text against the one that stands."""
        return self.paths[0].score - self.as_it_stands


def gloss_arcs(start: int, spans: Collection[tuple[int, int, tuple[int, ...]]]) -> dict[int, GlossArc]:
    """Turn glosses (start, end, possible trail bytes) into arcs by their offset from ``start``."""
    arcs = {}
    for begin, end, trails in spans:
        masks = (sum(byte_mask(trail) for trail in trails),) if trails else ()
        arcs[begin - start] = GlossArc(end - start, masks)
    return arcs


def restore(
    text: str,
    start: int,
    end: int,
    *,
    encoding: str,
    read_as: str,
    model: NgramModel,
    forms: NDArray[np.float32],
    cache: DocumentCache,
    glosses: Mapping[int, GlossArc] | None = None,
    events: Collection[int] = (),
    cut_tail: bool = False,
) -> Restoration | None:
    """Search for what ``text[start:end]`` was; None where no text of ``encoding`` explains it.

    Args:
        text: One line; what surrounds the span is taken to be right.
        encoding, read_as: The channel: names of the registry.
        forms: ``float32[65536]``, nats: how likely each form of a character is in this document.
        cache: What the document says elsewhere.
        glosses, events, cut_tail: As in :func:`mojibake_fix.repair.observed.observed_arcs`, offsets from ``start``.
    """
    span = text[start:end]
    arcs = observed_arcs(
        span, read_as, astride=encoding == read_as, glosses=glosses, events=events, cut_tail=cut_tail
    )
    context = Context(text[max(start - _LEFT_CONTEXT, 0) : start], text[end : end + _RIGHT_CONTEXT], forms, cache)
    paths = best_paths(arcs, automaton(encoding), model, context)
    if not paths:
        return None
    return Restoration(start, end, tuple(paths), score_text(span, model, context))
