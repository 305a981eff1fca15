"""The stage of misaligned streams: text of one encoding whose bytes were paired astride its characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mojibake_fix.detect.glosses import find_astride_glosses
from mojibake_fix.detect.misaligned import MisalignedRegion, SuspectLine, find_misaligned, letters_alone
from mojibake_fix.detect.rows import RowFlag
from mojibake_fix.engine.decision import in_document
from mojibake_fix.engine.restored import as_no_text, restored_step
from mojibake_fix.engine.stage import Found, Line, Round, shows_astride
from mojibake_fix.model import DocumentCache
from mojibake_fix.plan import Fault, Misread, Step
from mojibake_fix.repair.restore import Request, Restoration, gloss_arcs, restore_many
from mojibake_fix.repair.spacing import forms_as_spaced

__all__ = ["repair_misaligned"]

_ASTRIDE = RowFlag.SHIFTED | RowFlag.SPLIT | RowFlag.LETTER | RowFlag.READING
_VERIFIED = 9.0
"""Nats that a verified reading adds: about one code in a few thousand has any given reading."""
_SPLIT_AGAIN = 6.0
"""Nats that the mark of a split adds in a document that was split: such a program splits at every place it can."""
_SELDOM_DROPPED = 8
"""Mis-paired characters behind a reading: about one pair in ten falls on a private-use code, which may be gone."""
_LETTERS_SELDOM_ALONE = ("cp950", "cp932")
_LETTERS_ALONE = (2.5, -4.0, -8.0)
"""Nats for a small letter or a sign alone between two characters in text that these encodings can hold, for a capital
letter or a tilde, and for any behind a numeral.  Of 390,000 characters of clean Traditional and Japanese text one is of
the first, where the language model expects a hundred.  Of the second, 50 in a million are; of 80,000 clean lines three
are likelier shifted by 8 nats because of one, as "頭A", and none with this; of 92 lines of Big5 and CP932 that lost or
gained a byte and left one, 67 are, 65 of them rightly, and 53 with this."""
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_LOST_WHOLE = 1.5
"""Nats by which a place with U+FFFD must be likelier shifted: whole characters that are lost leave it more often.  Of
7,479 clean lines with such a loss one is repaired wrongly without, none with it; 6 get back what was lost."""
_SAID_AGAIN = 6.0
"""Nats by which what stands in another place too must be likelier shifted: bytes are seldom lost twice with the same
remains, and names are said again.  "五P", a name for five things, stood twice in the one line of 60,000 clean ones of
Chinese, Japanese and Korean that changed without this."""
_MOST_MARKS = 3
_MARKS_A_CHARACTER = 0.08


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A region, the best restoration of it, and how much speaks for it (nats, the document left aside)."""

    line: Line
    region: MisalignedRegion
    encoding: str
    restoration: Restoration
    stands: float
    ratio: float


def repair_misaligned(this: Round) -> Found:
    """Repair the streams read astride in each suspicious line."""
    found = Found()
    lines, regions = _regions(this)
    if not regions:
        return found
    candidates = _candidates(this, lines, regions)
    odds = in_document([candidate.ratio for candidate in candidates], known=this.shown_astride)
    for candidate, evidence in zip(candidates, odds, strict=True):
        step = _step(candidate, evidence)
        if step is not None:
            found.add(step, this.config)
    return found


def _regions(this: Round) -> tuple[list[Line], list[list[MisalignedRegion]]]:
    lines: list[Line] = []
    suspects: list[SuspectLine] = []
    for line in this.may_be(_ASTRIDE):
        glosses = find_astride_glosses(line.text) if this.config.glosses else []
        if (glosses or not line.text.isascii()) and not _is_riddled(line.text):
            lines.append(line)
            suspects.append(SuspectLine(line.text, line.suspicions, glosses))
    if not suspects:
        return lines, []
    regions = find_misaligned(suspects, this.model, document=this.text, known=_shown_encodings(this.made))
    return lines, regions if any(regions) else []


def _shown_encodings(made: Sequence[Step]) -> frozenset[str]:
    """The encodings of the streams that earlier rounds have shown to be astride: a document is of one."""
    return frozenset(step.channel[0].encoding if step.channel else "gbk" for step in made if shows_astride([step]))


def _is_riddled(text: str) -> bool:
    """Whether marks of lost bytes are so many that no single shift can have left them."""
    return text.count("\ufffd") + text.count("?") > _MOST_MARKS + _MARKS_A_CHARACTER * len(text)


def _candidates(this: Round, lines: list[Line], regions: list[list[MisalignedRegion]]) -> list[_Candidate]:
    """The best restoration of each region that has one."""
    places = [(line, region) for line, those in zip(lines, regions, strict=True) for region in those]
    asked = [(line, region, encoding) for line, region in places for encoding in region.encodings]
    requests = [
        Request(
            this.text,
            line.offset + region.start,
            line.offset + region.end,
            encoding,
            glosses=gloss_arcs(region.start, [(g.start, g.end, g.trails) for g in region.glosses]),
            events=region.events,
            drops=bool(region.glosses) or (region.split > 0 and this.shown_astride),
            folded=this.folded,
        )
        for line, region, encoding in asked
    ]
    best: dict[tuple[int, int], _Candidate] = {}
    cache = _cache(this, lines, regions)
    forms = this.forms if this.folded else forms_as_spaced(this.forms, this.text)
    restorations = restore_many(requests, model=this.model, forms=forms, cache=cache)
    for (line, region, encoding), restoration in zip(asked, restorations, strict=True):
        if restoration is None:
            continue
        key = (line.offset, region.start)
        score = restoration.paths[0].score
        if key in best and best[key].restoration.paths[0].score >= score:
            continue
        stands = restoration.as_it_stands
        observed = line.text[region.start : region.end]
        # Whole characters that were lost leave U+FFFD too, before any mark.
        if not region.glosses and (region.split <= 0 or _REPLACEMENT in observed):
            stands += as_no_text(observed, this.model)
        if encoding in _LETTERS_SELDOM_ALONE:
            for nats, stood, stand in zip(
                _LETTERS_ALONE, letters_alone(observed), letters_alone(restoration.paths[0].text), strict=True
            ):
                stands -= nats * max(stood - stand, 0)
        ratio = score - stands + _VERIFIED * len(region.glosses) + region.split
        if region.split and this.shown_astride:
            ratio += _SPLIT_AGAIN
        if not (region.glosses or region.split) and this.text.count(observed) > 1:
            ratio -= _SAID_AGAIN
        if _REPLACEMENT in observed:
            ratio -= _LOST_WHOLE
        best[key] = _Candidate(line, region, encoding, restoration, stands, ratio)
    return list(best.values())


def _cache(this: Round, lines: list[Line], regions: list[list[MisalignedRegion]]) -> DocumentCache:
    """What the document says outside ``regions``, which must not speak for themselves."""
    inside = {line.offset: [(r.start, r.end) for r in those] for line, those in zip(lines, regions, strict=True)}
    return this.cache_outside(
        [sorted([*((s.start, s.end) for s in line.suspicions), *inside.get(line.offset, ())]) for line in this.lines]
    )


def _step(candidate: _Candidate, evidence: float) -> Step | None:
    line, region, paths = candidate.line, candidate.region, candidate.restoration.paths
    # In a long stretch pairs may well have been dropped, and of a text where others were nothing may be right.
    in_step = bool(region.glosses) and region.end - region.glosses[0].end > _SELDOM_DROPPED
    return restored_step(
        line,
        region.start,
        region.end,
        paths,
        evidence,
        fault=Fault.GLOSS_ASTRIDE if region.glosses else Fault.MISALIGNED,
        channel=(Misread(candidate.encoding, candidate.encoding, "pair-question"),),
        in_step=in_step,
    )
