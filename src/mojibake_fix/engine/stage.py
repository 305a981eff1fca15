"""What the stages of a round share: the text's lines, the model, what the document has shown so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mojibake_fix.config import Config
from mojibake_fix.detect.rows import RowFlag, look_at_lines
from mojibake_fix.detect.scan import Suspicion, scan
from mojibake_fix.lazy import lazy_pattern
from mojibake_fix.model import DocumentCache, NgramModel, code_points, document_cache, document_forms
from mojibake_fix.plan import Fault, Step

_KEEP_OFF = 4
"""Characters around a suspicious span that are not counted as what the document says."""

__all__ = ["Found", "Line", "Round", "shows_astride", "start_round"]


class Line(NamedTuple):
    """One line of the text without its line feed, where it begins, and what the scan marked in it."""

    text: str
    offset: int
    suspicions: list[Suspicion]


@dataclass(slots=True)
class Found:
    """Steps to make, and steps that are only reported."""

    steps: list[Step] = field(default_factory=list)
    reported: list[Step] = field(default_factory=list)

    def add(self, step: Step, config: Config) -> None:
        """File ``step`` by whether it is as sure as was asked for."""
        (self.steps if step.confidence >= config.min_confidence else self.reported).append(step)


_FULL_WIDTH = lazy_pattern("[\uff01-\uff5e]")
_HALF_WIDTH = lazy_pattern("(?<=[\u3400-\u9fff”])[,:;]|[?\ufffd][!?](?=[\u3400-\u9fff\ue000-\uf8ff])")
"""A half-width mark where a full-width one is usual, or one behind the mark of a lost byte: a split that was folded."""
_ASTRIDE = (Fault.GLOSS, Fault.GLOSS_ASTRIDE, Fault.MISALIGNED)
"""The faults that a program leaves which goes blindly over bytes."""


class Round:
    """One round over one text; ``made`` are the steps of the rounds before it."""

    def __init__(
        self, text: str, lines: list[Line], model: NgramModel, config: Config, made: Sequence[Step] = ()
    ) -> None:
        self.text = text
        self.lines = lines
        self.model = model
        self.config = config
        self.made = made
        self._forms: npt.NDArray[np.float32] | None = None
        self._cache: DocumentCache | None = None
        self._looks: npt.NDArray[np.uint8] | None = None

    @property
    def shown_astride(self) -> bool:
        """Whether an earlier round has undone the work of a program that goes blindly over bytes."""
        return shows_astride(self.made)

    @property
    def folded(self) -> bool:
        """Whether all full-width marks of the text seem to have been folded to ASCII."""
        return _FULL_WIDTH.search(self.text) is None and _HALF_WIDTH.search(self.text) is not None

    @property
    def suspicious(self) -> list[Line]:
        """The lines that the scan marked."""
        return [line for line in self.lines if line.suspicions]

    def may_be(self, flags: RowFlag) -> list[Line]:
        """The lines in which the kernel has found one of ``flags``; all where there is no kernel."""
        if self.model.compiled is None:
            return self.lines
        if self._looks is None:
            self._looks = look_at_lines(
                code_points(self.text),
                len(self.lines),
                self.model,
                unescape=self.config.unescape,
                readings=self.config.glosses,
                astride=self.shown_astride,
            )
        return [self.lines[number] for number in np.flatnonzero(self._looks & flags).tolist()]

    @property
    def forms(self) -> npt.NDArray[np.float32]:
        """How this document writes: :func:`mojibake_fix.model.document_forms`, computed when first asked for."""
        if self._forms is None:
            self._forms = document_forms(code_points(self.text), self.model)
        return self._forms

    @property
    def cache(self) -> DocumentCache:
        """What the document says where nothing is suspicious, computed when first asked for."""
        if self._cache is None:
            self._cache = self.cache_outside([[(s.start, s.end) for s in line.suspicions] for line in self.lines])
        return self._cache

    def cache_outside(self, places: Sequence[Sequence[tuple[int, int]]], and_in: Iterable[str] = ()) -> DocumentCache:
        """Return what the document says outside ``places``, half-open spans of each line by start, and in other texts.

        ``and_in`` are texts of their own that are known to be in it.
        """
        clean: list[str] = [*and_in]
        for line, spans in zip(self.lines, places, strict=True):
            position = 0
            for start, end in spans:
                clean.append(line.text[position : max(start - _KEEP_OFF, position)])
                position = max(end + _KEEP_OFF, position)
            clean.append(line.text[position:])
        return document_cache(self.model.fold("\n".join(clean)))


def shows_astride(steps: Sequence[Step]) -> bool:
    """Tell whether ``steps`` undo the work of a program that goes blindly over bytes."""
    return any(step.fault in _ASTRIDE for step in steps)


def start_round(text: str, model: NgramModel, config: Config, made: Sequence[Step] = ()) -> Round:
    """Split ``text`` into lines and scan them; ``made`` are the steps of the rounds before this one."""
    lines: list[Line] = []
    offset = 0
    pieces = text.split("\n")
    for piece, suspicions in zip(pieces, scan(pieces, model), strict=True):
        lines.append(Line(piece, offset, suspicions))
        offset += len(piece) + 1
    return Round(text, lines, model, config, made)
