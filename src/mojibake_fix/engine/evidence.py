"""How much speaks for each misread of a line: every channel that can have produced it reads a window of it anew.

The language model says where that helps, words where it knows too little.  Not for what is done about it: that is
:mod:`mojibake_fix.engine.misreads`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mojibake_fix.detect.mention import listing_evidence, mention_evidence
from mojibake_fix.detect.misread import least_weight, same_layout, whole_line
from mojibake_fix.detect.scan import scan
from mojibake_fix.encodings import REPLACEMENT_CHARACTER, lookup
from mojibake_fix.engine.looks import Channel, look_at, prior_of, trial_of
from mojibake_fix.engine.stage import Line
from mojibake_fix.lazy import lazy_pattern
from mojibake_fix.model import NgramModel, code_points, fold, text_of, unseen
from mojibake_fix.model.scripts import is_letter
from mojibake_fix.repair.channels import Limits, PossibleChannel, Trial, possible_channels
from mojibake_fix.repair.spans import ENTER, Run, best_runs, with_holes
from mojibake_fix.repair.stream import byte_stream, byte_streams
from mojibake_fix.repair.tracks import as_it_stands, score_tracks
from mojibake_fix.repair.transcode import Reread, is_hole, reread, rereads
from mojibake_fix.repair.words import (
    MOST_OF_WORDS,
    MOST_WITHOUT_WORDS,
    WordTerms,
    for_reading,
    have_words,
    may_have_words,
    what_words_say,
    whole_run,
    with_gains,
)

__all__ = [
    "ALIKE",
    "FIRST_OF_THREE_BYTES",
    "KNOWN_CHANNEL",
    "LIMITS",
    "MOST_TRIED",
    "Hypothesis",
    "Reading",
    "candidates_of",
    "hypotheses_of",
    "is_sure",
    "may_be_twice",
    "read_anew",
    "slack_of",
    "tried",
]

_MOST_HOLES = 0.97
_MOST_LOST = 0.5
"""Marks of lost bytes as a share of all bytes beyond which nothing is restored: most characters would be guesses.  Of
UTF-8 read as CP950 by a decoder that leaves U+FFFD for every lead, 7 % of characters come right at 0.36, 48 % at 0.5,
58 % at 0.65, where a third of what is restored is wrong; of 2,300 clean lines that lost characters, none changes."""
_FINALISTS = 24
"""Channels scored by the whole model; the others had more bigrams that clean text does not have."""
KNOWN_CHANNEL = 6.0
"""Nats that a channel gains once another line of the document has shown it beyond doubt."""
_BEYOND_DOUBT = 20.0
_COMPLETE = 0.9
_FEW_HOLES = 0.15
_SECOND_MISREAD = -4.0
"""Nats: log-probability that a text misread once was misread twice."""
_PARTLY = -9.0
_PARTLY_BROKEN = -14.0
"""Nats for a misread that left part of what is not ASCII as it was, and for a lossy one or one of single bytes: all
bytes of a line are read alike, and letters of one alphabet look like those of another in some words of any text.  Of
the clean lines whose likeliest misread explains all of them, none had evidence above -6; of the others two had above
-3 with these."""
ALIKE = 9.0
"""Nats by which reading all of a line anew may be less likely than leaving some of its characters as they are, where
the others explain it.  Of 4,447 damaged lines of six languages 7 more come right so, and none fewer."""
_STRAY = -6.0
_EAST_ASIAN = 0x2E80
"""Nats for a reading that gives characters of East Asia (from this code point on) and no two side by side: English with
a name in it, "Temüjin", came within half a nat of being read so, and the bytes of "Ёжик" are a character of UTF-8."""
_NO_EVIDENCE = -60.0
"""Nats for a reading that gives signs for signs: of "【Free Shipping】Lamp" the language model says that round brackets
are more usual, by up to 42 nats, and nothing says that these are wrong.  Of 5,200 lines of 13 languages with signs put
into them six were changed without this.  And for one that gives a letter here and there between East Asian characters:
one place says little, and in a list of "液滴芯片1, 液滴芯片2" eight alike are one, of which it made "液滴о片"."""
_OPENING = (0xA1, 0xBF)
_NO_SIGN = lazy_pattern("[\x80-\x9f\ue000-\uf8ff\ufffd]")
_VALID_SEQUENCE = 5.0
_VALID_LONG_SEQUENCE = 10.0
FIRST_OF_THREE_BYTES = 0x800
_MOST_OF_VALIDITY = 15.0
_BEYOND_GREEK = 0x400
_ELSEWHERE_INVALID = 0.25
"""Nats for each sequence of single bytes that is a character of UTF-8 of two bytes, and of more, where all of a stretch
are, and how much they can say; a quarter of that where other bytes of the line are none.  Letters with accents do not
follow symbols so by chance, but for one of either, as in "É…" and "×“": one alone must give a Latin or Greek letter,
below that code point."""
MOST_HOLES_A_CHARACTER = 16
"""Broken bytes beside each character that a run gives.  Of UTF-8 read as CP949 84.3 % of characters come right at 12,
86.3 % at 16 and no more at 24."""
MOST_TRIED = 2
_LONGEST_CODE = 4
_LEAST_GAIN = 0.5
"""Nats that each character read anew must gain: a true repair gains several, a wrong one of many characters little."""
LIMITS = Limits(
    most_lost=_MOST_LOST,
    most_holes=_MOST_HOLES,
    complete=_COMPLETE,
    partly=_PARTLY,
    partly_broken=_PARTLY_BROKEN,
    valid_sequence=_VALID_SEQUENCE,
    valid_long_sequence=_VALID_LONG_SEQUENCE,
    most_of_validity=_MOST_OF_VALIDITY,
    elsewhere_invalid=_ELSEWHERE_INVALID,
    least_gain=_LEAST_GAIN,
    finalists=_FINALISTS,
)
F32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A text and what it reads as anew, with the score of each character of both, and what words say of both: nats."""

    text: str
    new: Reread
    own: F32
    logp: F32
    words: tuple[WordTerms, WordTerms]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A channel of one line, and how much speaks for it: nats, prior included.

    ``complete`` says that it leaves nothing to explain, and ``lossless`` that it has no holes; ``twice`` that what it
    gives was misread itself, so that the line is to be read anew as a whole, better or not; ``outcome`` tells what it
    would make of the line from what others would, and ``share`` is its share among those of another outcome; ``whole``
    that it explains all of the line, what speaks against it included;
    ``reading`` is what was read and scored to tell.
    """

    channel: Channel
    evidence: float
    complete: bool = False
    lossless: bool = False
    twice: bool = False
    outcome: tuple[tuple[int, int, bytes], ...] = ()
    share: float = 1.0
    whole: bool = False
    reading: Reading | None = field(default=None, compare=False)


def slack_of(window: str) -> float:
    """What words may say for a reading of ``window``, of which the kernel does not know: nats."""
    return MOST_OF_WORDS if may_have_words(window) else 0.0


def hypotheses_of(
    line: Line, weight: float, model: NgramModel, known: Iterable[Channel] = (), *, second: bool = False
) -> list[Hypothesis]:
    """The channels of one line that may matter, likeliest first.

    Args:
        weight: Says how far to look (:func:`weigh`).
        known: Channels of other lines: what one of these explains is not looked into further.
        second: The line is what another misread, undone, has given.
    """
    if weight < least_weight(line.text):
        return []
    look = look_at(line, weight)
    hypotheses: list[Hypothesis] = []
    for encoding, read_as in known:
        hypotheses += tried(look.window, trial_of((read_as,), (encoding,)), model, hypotheses, second=second)
        if any(map(is_sure, hypotheses)):
            break
    else:
        for encodings in look.tiers:
            hypotheses += tried(look.window, trial_of(look.read_as, encodings), model, hypotheses, second=second)
            if any(map(is_sure, hypotheses)):
                break
    return sorted(hypotheses, key=lambda h: -h.evidence)


def is_sure(hypothesis: Hypothesis) -> bool:
    """Whether a hypothesis explains all of its line, beyond doubt."""
    return hypothesis.complete and hypothesis.evidence >= _BEYOND_DOUBT


def tried(
    window: str, trial: Trial, model: NgramModel, others: Sequence[Hypothesis], *, second: bool
) -> list[Hypothesis]:
    """The channels of ``trial``; where the kernel can tell, without those that cannot matter beside ``others``."""
    slack = slack_of(window)
    channels = possible_channels(window, trial, LIMITS, model, above=-KNOWN_CHANNEL - slack, twice=True)
    if channels is None:
        return _judged(window, candidates_of(window, trial, model), model, second=second)
    hypotheses: list[Hypothesis] = []
    likeliest = sorted(channels, key=lambda channel: -channel.most)
    for batch in (likeliest[:MOST_TRIED], likeliest[MOST_TRIED:]):
        least = max(_least_that_matters([*others, *hypotheses]), -KNOWN_CHANNEL)
        likely = [c for c in batch if c.most + min(slack, MOST_WITHOUT_WORDS) >= least]
        others_of = [c for c in batch if least <= c.most + slack and c not in likely]
        anew, further = (_reread(window, part, model) for part in (likely, others_of))
        told = have_words(window, [new.points for new in further]) if further else []
        anew += [new for new, has_words in zip(further, told, strict=True) if has_words]
        hypotheses += _judged(window, anew, model, second=second)
    place = {(channel.encoding, channel.read_as): number for number, channel in enumerate(channels)}
    return sorted(hypotheses, key=lambda hypothesis: place[hypothesis.channel])


def _reread(window: str, channels: Sequence[PossibleChannel], model: NgramModel) -> list[Reread]:
    streams = [(byte_stream(window, channel.read_as), channel.encoding) for channel in channels]
    anew = (reread(stream, encoding, model) for stream, encoding in streams if stream is not None)
    return [new for new in anew if new is not None]


def _least_that_matters(hypotheses: Sequence[Hypothesis]) -> float:
    """The evidence that one more channel needs to be among those tried, or to be the one that explains all."""
    if len(hypotheses) < MOST_TRIED:
        return -math.inf
    least = sorted(hypothesis.evidence for hypothesis in hypotheses)[-MOST_TRIED] - KNOWN_CHANNEL
    return least if any(map(is_sure, hypotheses)) else min(least, _BEYOND_DOUBT)


def candidates_of(window: str, trial: Trial, model: NgramModel) -> list[Reread]:
    """What a window may have been: the different readings that the channels of ``trial`` give."""
    streams = [s for s in byte_streams(window, trial.read_as) if int(s.lost.sum()) <= _MOST_LOST * len(s.data)]
    found = rereads(streams, trial.encodings, _MOST_HOLES, model)
    return _finalists([n for n in found if not (n.holes.any() and same_layout(n.encoding, n.read_as))], model)


def _judged(window: str, candidates: list[Reread], model: NgramModel, *, second: bool) -> list[Hypothesis]:
    """How much speaks for each candidate."""
    if not candidates:
        return []
    points = code_points(window)
    tracks = [points, *(new.points for new in candidates)]
    plain, *scores = score_tracks(tracks, model)
    words_of_own, *words = what_words_say(window, tracks, [plain, *scores])
    own = as_it_stands(points, plain, model)
    hypotheses: list[Hypothesis] = []
    for new, logp, said in zip(candidates, scores, words, strict=True):
        channel = (new.encoding, new.read_as)
        prior = prior_of(channel)
        alike = new.alike
        wanted = (points >= 0x80) & ~alike
        of_own, said = for_reading(words_of_own, new, said)
        found = best_runs(own + of_own.terms, new, with_holes(new, logp + said.terms))
        of_parts = [run for run in found if _has_text(new, run, alike)]
        readings = [(0.0, of_parts)]
        if not (new.holes.any() or new.stream.passed.any() or _covered(of_parts, wanted) == int(wanted.sum())):
            # Bytes of a line are read alike, what speaks against that included.
            readings.append((ALIKE if _explains(new, of_parts, wanted) else 0.0, [whole_run(new, wanted)]))
        judged = []
        for more, parts in readings:
            runs = with_gains(parts, own, with_holes(new, logp), of_own, said)
            if len(new.text_cuts) > 2:
                runs = [run for run in runs if run.gain + ENTER > 0]
            complete = _explains(new, runs, wanted)
            evidence = _evidence(window, new, runs, said) + prior + _validity(new, runs)
            if not complete:
                broken = new.holes.any() or lookup(new.encoding).structure == "single"
                evidence += _PARTLY_BROKEN if broken else _PARTLY
            judged.append((evidence + more, complete, runs, evidence))
        best = max(judged, key=lambda judgement: judgement[0])
        _, complete, runs, _ = best
        evidence = max(evidence for *_, evidence in judged)
        if new.stream.passed.any():
            # What no byte stands for was not read with the rest.
            evidence -= whole_line(*channel)
        if _has_strays(new, runs):
            evidence += _STRAY
        only_signs = _gives_signs_for_signs(new, runs) and not any(_opens(new, run, said) for run in runs)
        if only_signs or _gives_letters_alone(new, runs):
            evidence += _NO_EVIDENCE
        lossless = not any(new.holes[run.new_start : run.new_end].any() for run in runs)
        reading = Reading(window, new, plain, logp, (of_own, said))
        outcome = _outcome(new, runs)
        hypotheses.append(
            Hypothesis(
                channel, evidence, complete, lossless, outcome=outcome, whole=best is not judged[0], reading=reading
            )
        )
        further = 0.0 if second else _second_misread(new, model)
        if further > 0:
            between = float(as_it_stands(new.points, logp, model).sum() - own.sum())
            outcome = _outcome(new, [Run(0, len(points), 0, len(new.points), between)])
            evidence = between + prior + further
            hypotheses.append(
                Hypothesis(channel, evidence, complete=True, twice=True, outcome=outcome, reading=reading)
            )
    return hypotheses


def _outcome(new: Reread, runs: Sequence[Run]) -> tuple[tuple[int, int, bytes], ...]:
    return tuple((run.start, run.end, new.points[run.new_start : run.new_end].tobytes()) for run in runs)


def _validity(new: Reread, runs: Sequence[Run]) -> float:
    """What speaks for bytes being UTF-8 because all of them can be."""
    tracks = [new.points[run.new_start : run.new_end] for run in runs]
    if lookup(new.encoding).structure != "utf8" or lookup(new.read_as).structure != "single":
        return 0.0
    if any(is_hole(track).any() for track in tracks):
        return 0.0
    high = np.concatenate([track[track >= 0x80] for track in tracks]) if tracks else np.empty(0, np.uint32)
    long = high >= FIRST_OF_THREE_BYTES
    short = ~long if len(high) > 1 else is_letter(high) & (high < _BEYOND_GREEK)
    said = min(_VALID_SEQUENCE * int(short.sum()) + _VALID_LONG_SEQUENCE * int(long.sum()), _MOST_OF_VALIDITY)
    return said * _ELSEWHERE_INVALID if new.holes.any() else said


def _has_text(new: Reread, run: Run, alike: npt.NDArray[np.bool_]) -> bool:
    """Whether a run gives more than holes and what stands there anyway; a middle dot that may be a mark is a hole.

    ``alike`` is that of ``new``.
    """
    inside = slice(run.start, run.end)
    track = new.points[run.new_start : run.new_end]
    holes = is_hole(track)
    points, lost = new.stream.points[inside], new.stream.lost[inside]
    stays = alike[inside] | new.stream.passed[inside]
    taken = (points >= 0x80) & stays & ~(lost & (points == REPLACEMENT_CHARACTER))
    known = int(((track >= 0x80) & ~holes).sum()) - int(taken.sum())
    return known * MOST_HOLES_A_CHARACTER > int(holes.sum())


def _has_strays(new: Reread, runs: Sequence[Run]) -> bool:
    """Whether a reading gives East Asian characters, as all of an East Asian encoding do, and no two side by side."""
    parts = [new.points[run.new_start : run.new_end] for run in runs]
    east_asian = [(part >= _EAST_ASIAN) & ~is_hole(part) for part in parts]
    gives_them = lookup(new.encoding).structure == "multi" or any(part.any() for part in east_asian)
    return gives_them and not any((part[1:] & part[:-1]).any() for part in east_asian)


def _opens(new: Reread, run: Run, said: WordTerms) -> bool:
    """Whether a run gives a mark that opens a question or a cry where words say that there was one."""
    inside = slice(run.new_start, run.new_end)
    return bool((said.anew[inside] & np.isin(new.points[inside], _OPENING)).any())


def _gives_signs_for_signs(new: Reread, runs: Sequence[Run]) -> bool:
    """Whether a reading of one encoding as another of its structure changes no letter, and nothing that no text has."""
    structure = lookup(new.encoding).structure
    if structure == "utf8" or structure != lookup(new.read_as).structure:
        return False
    before = "".join(text_of(new.stream.points[run.start : run.end]) for run in runs)
    after = "".join(text_of(new.points[run.new_start : run.new_end]) for run in runs)
    return not _NO_SIGN.search(before) and list(filter(str.isalpha, before)) == list(filter(str.isalpha, after))


def _gives_letters_alone(new: Reread, runs: Sequence[Run]) -> bool:
    """Whether all that a reading gives is letters of an alphabet, one by one between East Asian characters."""
    points = new.stream.points
    beside = [points[place] for run in runs for place in (run.start - 1, run.end) if 0 <= place < len(points)]
    given = [new.points[run.new_start : run.new_end] for run in runs]
    return (
        bool(runs)
        and all(len(part) == 1 and part[0] < _EAST_ASIAN for part in given)
        and all(point >= _EAST_ASIAN for point in beside)
    )


def _covered(runs: Sequence[Run], wanted: npt.NDArray[np.bool_]) -> int:
    """How many of the characters that are ``wanted`` are in ``runs``."""
    return sum(int(wanted[run.start : run.end].sum()) for run in runs)


def _explains(new: Reread, runs: Sequence[Run], wanted: npt.NDArray[np.bool_]) -> bool:
    """Whether ``runs`` cover nearly all of the characters that are ``wanted``, with few holes in them."""
    holes = sum(int(new.holes[run.new_start : run.new_end].sum()) for run in runs)
    return _covered(runs, wanted) >= _COMPLETE * int(wanted.sum()) and holes <= _FEW_HOLES * len(new.stream.data)


def may_be_twice(new: Reread) -> bool:
    """Whether what UTF-8 gives may have been misread itself: one character alone was hardly one of several bytes."""
    # The window may end inside a character.
    if lookup(new.encoding).structure != "utf8" or new.holes[:-_LONGEST_CODE].any():
        return False
    return int(((new.points >= 0x80) & ~new.holes).sum()) > 1


def _second_misread(new: Reread, model: NgramModel) -> float:
    """What undoing another misread would add to the evidence for undoing this one."""
    if not may_be_twice(new):
        return 0.0
    text = "".join(map(chr, new.points[~new.holes].tolist()))
    suspicions = scan([text], model)[0]
    if not suspicions:
        return 0.0
    further = hypotheses_of(Line(text, 0, suspicions), np.inf, model, second=True)
    return further[0].evidence + _SECOND_MISREAD if further else 0.0


def _finalists(candidates: list[Reread], model: NgramModel) -> list[Reread]:
    if len(candidates) <= _FINALISTS:
        return candidates
    shares = []
    for new in candidates:
        codes = fold(np.concatenate((np.array([10], np.uint32), new.points)), model.fold_table)
        shares.append(float(unseen(codes, model.scan).sum()) + 2.0 * int(new.holes.sum()))
    best = np.argsort(np.array(shares), kind="stable")[:_FINALISTS]
    return [candidates[place] for place in sorted(best.tolist())]


def _evidence(text: str, new: Reread, runs: Sequence[Run], said: WordTerms) -> float:
    if not runs:
        return -np.inf
    gain = sum(run.gain for run in runs) + ENTER * (len(runs) - 1)
    gain -= _LEAST_GAIN * sum(int((new.stream.points[run.start : run.end] >= 0x80).sum()) for run in runs)
    spans = [(run.start, run.end) for run in runs]
    in_place = sum(float(said.in_place[run.new_start : run.new_end].sum()) for run in runs)
    return gain - mention_evidence(text, spans) - listing_evidence(text, spans, but=in_place)


def read_anew(text: str, channel: Channel, model: NgramModel) -> Reading | None:
    """Read ``text`` through ``channel`` and score both; None where that gives nothing else."""
    encoding, read_as = channel
    stream = byte_stream(text, read_as)
    new = reread(stream, encoding, model) if stream is not None else None
    if new is None:
        return None
    tracks = [code_points(text), new.points]
    own, logp = score_tracks(tracks, model)
    words_of_own, said = what_words_say(text, tracks, [own, logp])
    return Reading(text, new, own, logp, for_reading(words_of_own, new, said))
