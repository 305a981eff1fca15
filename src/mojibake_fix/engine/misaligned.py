"""The stage of misaligned streams: text of one encoding whose bytes were paired astride its characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mojibake_fix.detect.glosses import find_astride_glosses
from mojibake_fix.detect.misaligned import MisalignedRegion, SuspectLine, find_misaligned, letters_alone
from mojibake_fix.engine.changes import common_ends
from mojibake_fix.engine.decision import in_document, posterior, shift_confidence
from mojibake_fix.engine.stage import Found, Line, Round, shows_astride
from mojibake_fix.model import DocumentCache, code_points
from mojibake_fix.plan import Alternative, Fault, Misread, Step
from mojibake_fix.repair.restore import Request, Restoration, gloss_arcs, restore_many
from mojibake_fix.repair.spacing import forms_as_spaced
from mojibake_fix.repair.spans import as_it_stands, score_tracks

__all__ = ["repair_misaligned"]

_VERIFIED = 9.0
"""Nats that a verified reading adds: about one code in a few thousand has any given reading."""
_SPLIT_AGAIN = 6.0
"""Nats that the mark of a split adds in a document that was split: such a program splits at every place it can."""
_SELDOM_DROPPED = 8
"""Mis-paired characters behind a reading: about one pair in ten falls on a private-use code, which may be gone."""
_LETTERS_SELDOM_ALONE = ("cp950", "cp932")
_LETTER_ALONE = 2.5
"""Nats for a small letter or a sign of ASCII alone between two characters in text that these encodings can hold: of
390,000 characters of clean Traditional and Japanese text one is so, where the language model expects a hundred."""
_MOST_MARKS = 3
_MARKS_A_CHARACTER = 0.08
_MOST_ALTERNATIVES = 6
_LEAST_PROBABLE = 0.01


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
    for line in this.lines:
        glosses = find_astride_glosses(line.text) if this.config.glosses else []
        if (glosses or not line.text.isascii()) and not _is_riddled(line.text):
            lines.append(line)
            suspects.append(SuspectLine(line.text, line.suspicions, glosses))
    regions = find_misaligned(suspects, this.model, known=_shown_encodings(this.made)) if suspects else []
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
        points = code_points(line.text[region.start : region.end])
        stands = restoration.as_it_stands
        if region.split <= 0 and not region.glosses:
            [logp] = score_tracks([points], this.model)
            stands += float((as_it_stands(points, logp) - logp).sum())
        if encoding in _LETTERS_SELDOM_ALONE:
            before, after = line.text[region.start : region.end], restoration.paths[0].text
            stands -= _LETTER_ALONE * max(letters_alone(before) - letters_alone(after), 0)
        ratio = score - stands + _VERIFIED * len(region.glosses) + region.split
        if region.split and this.shown_astride:
            ratio += _SPLIT_AGAIN
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
    before = line.text[region.start : region.end]
    top = paths[0]
    if top.text == before or evidence <= 0:
        return None
    shares = posterior([path.score for path in paths])
    # In a long stretch pairs may well have been dropped, and then every character hangs on every other.
    whole = bool(region.glosses) and region.end - region.glosses[0].end > _SELDOM_DROPPED
    right = shares[0] if whole else _expected_right([path.text for path in paths], shares)
    likely = [top.text] + [p.text for p, share in zip(paths[1:], shares[1:], strict=True) if share >= _LEAST_PROBABLE]
    head, tail = common_ends(before, likely[: 1 + _MOST_ALTERNATIVES])
    end = len(top.text) - tail
    return Step(
        line.offset + region.start + head,
        line.offset + region.end - tail,
        before[head : len(before) - tail],
        top.text[head:end],
        Fault.GLOSS_ASTRIDE if region.glosses else Fault.MISALIGNED,
        (Misread(candidate.encoding, candidate.encoding, "pair-question"),),
        lossless=False,
        evidence=evidence,
        confidence=shift_confidence(evidence) * right,
        restored=tuple((max(a - head, 0), min(b, end) - head) for a, b in top.restored if a < end and b > head),
        alternatives=tuple(
            Alternative(text[head : len(text) - tail], share)
            for text, share in zip(likely[1 : 1 + _MOST_ALTERNATIVES], shares[1:], strict=False)
        ),
    )


def _expected_right(texts: list[str], shares: list[float]) -> float:
    """The share of the first text's characters that is expected to be right, by what the others have in their place.

    A text whose shift is beyond doubt but for one character is worth having: the character is marked as restored.
    """
    top = texts[0]
    return sum(share * _alike(top, text) for text, share in zip(texts, shares, strict=True))


def _alike(one: str, other: str) -> float:
    """The share of characters that two texts have in the same place, from both ends where they differ in length."""
    if len(one) == len(other):
        return sum(map(str.__eq__, one, other)) / max(len(one), 1)
    head, tail = common_ends(one, [other])
    return (head + tail) / max(len(one), len(other))
