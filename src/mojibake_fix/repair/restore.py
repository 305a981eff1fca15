"""Restore spans whose bytes were lost or shifted: the lattice, set up for one channel and one place each.

Where the true encoding and the misread one are the same, the damage is a stream read astride its characters.  Not for
finding the span or the channel.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mojibake_fix.model import DocumentCache, NgramModel
from mojibake_fix.repair.lattice import Context, Lattice, Path, best_paths_many, score_text
from mojibake_fix.repair.mood import MARKS, moods_of
from mojibake_fix.repair.observed import GlossArc, observed_arcs
from mojibake_fix.repair.patterns import automaton, byte_mask

__all__ = ["Request", "Restoration", "gloss_arcs", "restore_many"]

_CONTEXT = 400
"""Characters around the span that the balance of brackets sees."""
_SEARCHED, _KEPT = 16, 8
"""Texts of a span that the search gives, and those of them that are kept: the mood of a sentence, which the search does
not see, may put a question mark first that it had behind all other marks, each with some other characters."""


@dataclass(frozen=True, slots=True)
class Request:
    """A span of one line of ``text`` to restore; what surrounds it is taken to be right.

    Attributes:
        encoding: What the bytes were, and what they were read as: a name of the registry.
        folded: Whether full-width marks were folded to ASCII after the damage.
        glosses, events, drops: As in :func:`mojibake_fix.repair.observed.observed_arcs`, offsets from ``start``.
    """

    text: str
    start: int
    end: int
    encoding: str
    glosses: Mapping[int, GlossArc] = field(default_factory=dict)
    events: Collection[int] = ()
    drops: bool = False
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Restoration:
    """The texts that ``text[start:end]`` may have been, best first, and the score of what it is: nats."""

    start: int
    end: int
    paths: tuple[Path, ...]
    as_it_stands: float


def gloss_arcs(start: int, spans: Collection[tuple[int, int, tuple[int, ...]]]) -> dict[int, GlossArc]:
    """Turn glosses (start, end, possible trail bytes) into arcs by their offset from ``start``."""
    arcs = {}
    for begin, end, trails in spans:
        masks = (sum(byte_mask(trail) for trail in trails),) if trails else ()
        arcs[begin - start] = GlossArc(end - start, masks)
    return arcs


def restore_many(
    requests: Sequence[Request], *, model: NgramModel, forms: NDArray[np.float32], cache: DocumentCache
) -> list[Restoration | None]:
    """Search for what each span was; None where no text of its encoding explains it.

    Args:
        requests: Spans of one document.
        forms: ``float32[65536]``, nats: how likely each form of a character is in this document.
        cache: What the document says elsewhere.
    """
    lattices = [_lattice(request, forms, cache) for request in requests]
    found: list[Restoration | None] = []
    searched = best_paths_many(lattices, model, best=_SEARCHED)
    for request, lattice, paths in zip(requests, lattices, searched, strict=True):
        if not paths:
            found.append(None)
            continue
        paths = sorted((_in_mood(path, lattice.context.left, model) for path in paths), key=lambda path: -path.score)
        span = request.text[request.start : request.end]
        stands = score_text(span, model, lattice.context)
        found.append(Restoration(request.start, request.end, tuple(paths[:_KEPT]), stands))
    return found


def _in_mood(path: Path, left: str, model: NgramModel) -> Path:
    """Score a path by whether the sentences that end in a question mark which was restored ask."""
    places = [i for start, end in path.restored for i in range(start, end) if ord(path.text[i]) in MARKS]
    said = moods_of(left + path.text, [len(left) + place for place in places], model) if places else 0.0
    return replace(path, score=path.score + said) if places else path


def _lattice(request: Request, forms: NDArray[np.float32], cache: DocumentCache) -> Lattice:
    text, start, end = request.text, request.start, request.end
    arcs = observed_arcs(
        text[start:end],
        request.encoding,
        drops=request.drops,
        glosses=request.glosses,
        events=request.events,
        lost_tail=True,
        behind=text[end : end + _CONTEXT].partition("\n")[0],
    )
    context = Context(text[max(start - _CONTEXT, 0) : start], text[end : end + _CONTEXT], forms, cache)
    return Lattice(arcs, automaton(request.encoding), context, folded=request.folded)
