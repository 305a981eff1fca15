"""The stage of round trips: UTF-8 that a program read as another encoding and wrote back, with its marks in it."""

from __future__ import annotations

from dataclasses import dataclass

from mojibake_fix.detect.round_trip import MARK, READ_AS, find_written_back
from mojibake_fix.detect.rows import RowFlag
from mojibake_fix.encodings import REPLACEMENT_CHARACTER
from mojibake_fix.engine.decision import in_document
from mojibake_fix.engine.restored import as_no_text, restored_step
from mojibake_fix.engine.stage import Found, Line, Round
from mojibake_fix.lazy import lazy_pattern
from mojibake_fix.plan import Fault, Misread
from mojibake_fix.repair.lattice import Context, Lattice, Path, best_paths_many, score_text
from mojibake_fix.repair.patterns import automaton
from mojibake_fix.repair.round_trip import written_back_arcs

__all__ = ["repair_round_trips"]

_CHANNEL = (Misread("utf-8", READ_AS, "pair-middle-dot"), Misread(READ_AS, "utf-8", "lead-fffd"))
_PATHS = 8


_REPLACEMENT = chr(REPLACEMENT_CHARACTER)
_ASCII = lazy_pattern("[\x00-\x7f]+")


@dataclass(frozen=True, slots=True)
class _Place:
    """A span of a line, what it may have been, and how much speaks for that (nats, the document left aside)."""

    line: Line
    start: int
    end: int
    paths: list[Path]
    ratio: float


def repair_round_trips(this: Round) -> Found:
    """Restore what a program that read UTF-8 as CP932 could not write back."""
    found = Found()
    places = [place for line in this.may_be(RowFlag.WRITTEN) for place in _places(this, line)]
    odds = in_document([place.ratio for place in places], known=False)
    for place, evidence in zip(places, odds, strict=True):
        step = restored_step(
            place.line,
            place.start,
            place.end,
            place.paths,
            evidence,
            fault=Fault.LOSSY,
            channel=_CHANNEL,
            telling=_without_ascii,
        )
        if step is not None:
            found.add(step, this.config)
    return found


def _places(this: Round, line: Line) -> list[_Place]:
    """The places of one line that something explains, each seen behind what those before it have become."""
    places: list[_Place] = []
    before, position = "", 0
    for start, end in find_written_back(line.text):
        text = line.text[start:end]
        before += line.text[position:start]
        context = Context(before, line.text[end:], this.forms, this.cache)
        arcs = written_back_arcs(text, READ_AS, MARK, at_end=end == len(line.text))
        [paths] = best_paths_many([Lattice(arcs, automaton("utf-8"), context)], this.model, best=_PATHS)
        ratio = 0.0
        if paths:
            ratio = paths[0].score - score_text(text, this.model, context)
            if _REPLACEMENT in text:
                ratio -= as_no_text(text, this.model)
            places.append(_Place(line, start, end, paths, ratio))
        before += paths[0].text if ratio > 0 else text
        position = end
    return places


def _without_ascii(text: str) -> str:
    """What must be right: not the space or the sign that one half of a pair was."""
    return _ASCII.sub("", text)
