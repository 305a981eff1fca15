"""The stage of misreads: bytes of one encoding that were read as another, over spans, with the document's own evidence.

For each suspicious line every channel that can have produced it reads a window of the line anew; the language model
says where that helps.  A channel that one line shows beyond doubt is expected on the others.  Bytes that were lost on
the way are restored once the channel is chosen.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mojibake_fix.detect.beyond import find_beyond_repair
from mojibake_fix.detect.mention import listing_evidence, mention_evidence
from mojibake_fix.detect.misread import (
    ENCODABLE_SHARE,
    HEAVY,
    READ_AS,
    TIERS,
    USUAL_READ_AS,
    WEIGHT_TERMS,
    channel_prior,
    is_heavy,
    least_weight,
    readable_as,
    same_layout,
    whole_line,
)
from mojibake_fix.detect.rows import RowFlag
from mojibake_fix.detect.scan import SUMS, Suspicion, scan, weigh
from mojibake_fix.encodings import POLICIES, REPLACEMENT_CHARACTER, lookup
from mojibake_fix.engine.changes import damage_again
from mojibake_fix.engine.decision import confidence, posterior
from mojibake_fix.engine.latin import latin_step, may_be_latin
from mojibake_fix.engine.stage import Found, Line, Round
from mojibake_fix.model import NgramModel, code_points, document_forms, fold, unseen
from mojibake_fix.model.scripts import is_letter
from mojibake_fix.plan import Alternative, Fault, Misread, Step
from mojibake_fix.repair.channels import (
    Limits,
    Look,
    PossibleChannel,
    RowAnswer,
    Trial,
    misread_rows,
    possible_channels,
)
from mojibake_fix.repair.fill import Filled, fill
from mojibake_fix.repair.spans import ENTER, Run, as_it_stands, best_runs, score_tracks, with_holes
from mojibake_fix.repair.stream import byte_stream, byte_streams
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

__all__ = ["may_be_misread", "misread_lines", "misread_texts", "repair_misreads"]

_WINDOW = 400
_MARGIN = 24
"""Characters of a line from which its channel is told, and what is seen of it before the first suspicious one."""
_MOST_HOLES = 0.97
_MOST_LOST = 0.5
"""Marks of lost bytes as a share of all bytes beyond which nothing is restored: most characters would be guesses.  Of
UTF-8 read as CP950 by a decoder that leaves U+FFFD for every lead, 7 % of characters come right at 0.36, 48 % at 0.5,
58 % at 0.65, where a third of what is restored is wrong; of 2,300 clean lines that lost characters, none changes."""
_MOST_QUESTIONS = 0.5
"""Question marks as a share of a line beyond which they are what is left of it, not of its bytes.  Of UTF-8 read as
CP950 5 % of lines have as many; of 2,300 lines that lost a tenth to two thirds of their characters to them, four were
read anew without this, and one is with it."""
_FINALISTS = 24
"""Channels scored by the whole model; the others had more bigrams that clean text does not have."""
_KNOWN_CHANNEL = 6.0
"""Nats that a channel gains once another line of the document has shown it beyond doubt."""
_BEYOND_DOUBT = 20.0
_ENOUGH = 4.0
"""Nats with which a channel is repaired by default."""
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
_STRAY = -6.0
_EAST_ASIAN = 0x2E80
"""Nats for a reading that gives characters of East Asia (from this code point on) and no two side by side: English with
a name in it, "Temüjin", came within half a nat of being read so, and the bytes of "Ёжик" are a character of UTF-8."""
_VALID_SEQUENCE = 5.0
_VALID_LONG_SEQUENCE = 10.0
_FIRST_OF_THREE_BYTES = 0x800
_MOST_OF_VALIDITY = 15.0
_ELSEWHERE_INVALID = 0.25
"""Nats for each sequence of single bytes that is a character of UTF-8 of two bytes, and of more, where all of a stretch
are, and how much they can say; a quarter of that where other bytes of the line are none.  Letters with accents do not
follow symbols so by chance, but for one of either, as in "É…": one alone must give a letter."""
_MOST_HOLES_A_CHARACTER = 16
"""Broken bytes beside each character that a run gives.  Of UTF-8 read as CP949 84.3 % of characters come right at 12,
86.3 % at 16 and no more at 24."""
_MOST_TRIED = 2
_LONGEST_CODE = 4
_LEAST_GAIN = 0.5
"""Nats that each character read anew must gain: a true repair gains several, a wrong one of many characters little."""
_LIMITS = Limits(
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
_REPLACEMENTS = ("\ufffd", "\u30fb", "?")
_MOST_ALTERNATIVES = 4

Channel = tuple[str, str]
F32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    """A text and what it reads as anew, with the score of each character of both, and what words say of both: nats."""

    text: str
    new: Reread
    own: F32
    logp: F32
    words: tuple[WordTerms, WordTerms]


@dataclass(frozen=True, slots=True)
class _Hypothesis:
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
    reading: _Reading | None = field(default=None, compare=False)


def repair_misreads(this: Round) -> Found:
    """Undo one misread in each suspicious line that had one."""
    found = Found()
    suspicious = [line for line in this.may_be(RowFlag.UNLIKELY) if line.suspicions]
    weights = weigh([line.text for line in suspicious], [line.suspicions for line in suspicious], this.model)
    told: list[tuple[Line, float, list[_Hypothesis]]] = []
    known: dict[Channel, None] = {}
    for line, weight, hopeful in zip(suspicious, weights, _hopeful(suspicious, this.model), strict=True):
        if not hopeful and not known:
            continue
        hypotheses = _hypotheses(line, weight, this.model, known)
        told.append((line, weight, hypotheses))
        if hypotheses and _is_sure(hypotheses[0]):
            known[hypotheses[0].channel] = None
    for line, weight, hypotheses in told:
        boosted = [
            dataclasses.replace(h, evidence=h.evidence + (_KNOWN_CHANNEL if h.channel in known else 0.0))
            for h in hypotheses
        ]
        boosted.sort(key=lambda h: -h.evidence)
        lossy = bool(boosted) and boosted[0].evidence > 0 and not boosted[0].lossless
        inconsistent = latin_step(line, weight, _to_beat(boosted), this.model, lossy=lossy)
        if inconsistent is not None:
            found.add(inconsistent, this.config)
            continue
        for number, hypothesis in enumerate(boosted[:_MOST_TRIED]):
            if hypothesis.evidence <= 0:
                break
            # What gave nothing when the whole line was read takes no share from the next.
            steps = _steps(this, line, _with_share(hypothesis, boosted[number + 1 :]))
            for step in steps:
                found.add(step, this.config)
            if steps:
                break
    return found


def _hopeful(lines: Sequence[Line], model: NgramModel) -> list[bool]:
    """Which of ``lines`` may have a hypothesis that matters, no other line having shown any channel.

    It pays where there are many, of which few are damaged.
    """
    if model.compiled is None or len(lines) == 1:
        return [True] * len(lines)
    texts = [line.text for line in lines]
    answers = misread_rows(texts, _whole_look(), _LIMITS, SUMS, model, above=-_KNOWN_CHANNEL)
    return [answer is not RowAnswer.CANNOT_BE for answer in answers]


def _with_share(one: _Hypothesis, others: Sequence[_Hypothesis]) -> _Hypothesis:
    """``one`` with its share among itself and those of ``others`` that have another outcome.

    Where bytes were lost, outcomes are told apart by what fills the holes, which each step says by itself.
    """
    rivals = [
        other.evidence for other in others if other.evidence > -math.inf and other.lossless and _differ(one, other)
    ]
    return dataclasses.replace(one, share=posterior([one.evidence, *rivals])[0]) if one.lossless else one


def _differ(one: _Hypothesis, other: _Hypothesis) -> bool:
    """Whether ``other`` would make anything of the line that ``one`` would not."""
    return not all(
        any(a <= start and end <= b and text in whole for a, b, whole in one.outcome)
        for start, end, text in other.outcome
    )


def may_be_misread(line: Line, weight: float, model: NgramModel) -> bool:
    """Tell whether :func:`repair_misreads` may find a step in a line, no other line having shown any channel.

    Args:
        line: A suspicious line.
        weight: Says how far to look (:func:`mojibake_fix.detect.scan.weigh`).
        model: The language model; without a compiled form, all that weighs enough may be.
    """
    look = _look(line, weight)
    for encodings in look.tiers:
        trial = _trial(look.read_as, encodings)
        channels = possible_channels(look.window, trial, _LIMITS, model, above=-_slack(look.window), twice=True)
        if channels is None or any(channel.most > 0 for channel in channels):
            return True
        if channels and _are_words(look.window, trial, model):
            return True
    return may_be_latin(line.text, weight)


@functools.lru_cache(maxsize=1024)
def _are_words(window: str, trial: Trial, model: NgramModel) -> bool:
    """Whether a channel of ``trial`` has evidence because of the words that it gives; a batch asks more than once."""
    return any(hypothesis.evidence > 0 for hypothesis in _tried(window, trial, model, [], second=False))


def _slack(window: str) -> float:
    """What words may say for a reading of ``window``, of which the kernel does not know: nats."""
    return MOST_OF_WORDS if may_have_words(window) else 0.0


def misread_lines(lines: Sequence[str], suspicions: Sequence[list[Suspicion]], model: NgramModel) -> Iterator[int]:
    """The numbers of the lines that :func:`may_be_misread`, given what the scan marked in each."""
    rung = [number for number, found in enumerate(suspicions) if found]
    weights = weigh([lines[number] for number in rung], [suspicions[number] for number in rung], model)
    for number, weight in zip(rung, weights, strict=True):
        if may_be_misread(Line(lines[number], 0, suspicions[number]), weight, model):
            yield number


def misread_texts(texts: Sequence[str], model: NgramModel) -> list[bool]:
    """Tell which of ``texts`` have a line that :func:`may_be_misread`: by the kernel, where it can tell."""
    answers = misread_rows(texts, _whole_look(), _LIMITS, SUMS, model, above=0.0)
    return [_is_misread(text, answer, model) for text, answer in zip(texts, answers, strict=True)]


def _is_misread(text: str, answer: RowAnswer, model: NgramModel) -> bool:
    if answer in (RowAnswer.CANNOT_BE, RowAnswer.MAY_BE):
        return answer is RowAnswer.MAY_BE
    lines = text.split("\n")
    suspicions = scan(lines, model)
    if answer is RowAnswer.TO_BE_ASKED:
        return any(True for _ in misread_lines(lines, suspicions, model))
    return any(map(may_be_latin, lines, weigh(lines, suspicions, model)))


@functools.cache
def _whole_look() -> Look:
    """All that lines are looked at for (:func:`_look`), as the kernel wants it."""
    usual = [tier.encodings for tier in TIERS if not tier.heavy]
    starts = np.cumsum([0, *(len(tier.encodings) for tier in TIERS)])
    return Look(
        trial=_trial(READ_AS, tuple(name for tier in TIERS for name in tier.encodings)),
        usual_sources=USUAL_READ_AS,
        usual_targets=sum(map(len, usual)),
        tiers=tuple(starts.tolist()),
        weights=WEIGHT_TERMS,
        heavy=HEAVY,
        least_share=ENCODABLE_SHARE,
        window=_WINDOW,
        margin=_MARGIN,
    )


def _to_beat(hypotheses: Sequence[_Hypothesis]) -> float:
    """How much must speak for something else than the first, likeliest hypothesis; inf where that leaves nothing."""
    if not hypotheses:
        return -math.inf
    top = hypotheses[0]
    return math.inf if top.complete and top.lossless and top.evidence > _ENOUGH else top.evidence


@dataclass(frozen=True, slots=True)
class _Look:
    """What is looked at of a line, and what it may have been read as; ``tiers`` are the encodings it may have been."""

    window: str
    read_as: tuple[str, ...]
    tiers: tuple[tuple[str, ...], ...]


def _look(line: Line, weight: float) -> _Look:
    heavy = is_heavy(line.text, weight)
    start = max(line.suspicions[0].start - _MARGIN, 0)
    return _Look(
        line.text[start : start + _WINDOW],
        tuple(readable_as(line.text, line.suspicions, usual=not heavy)),
        tuple(tier.encodings for tier in TIERS if (heavy or not tier.heavy) and weight >= least_weight(line.text)),
    )


def _hypotheses(
    line: Line, weight: float, model: NgramModel, known: Iterable[Channel] = (), *, second: bool = False
) -> list[_Hypothesis]:
    """The channels of one line that may matter, likeliest first.

    Args:
        weight: Says how far to look (:func:`weigh`).
        known: Channels of other lines: what one of these explains is not looked into further.
        second: The line is what another misread, undone, has given.
    """
    if weight < least_weight(line.text):
        return []
    look = _look(line, weight)
    hypotheses: list[_Hypothesis] = []
    for encoding, read_as in known:
        hypotheses += _tried(look.window, _trial((read_as,), (encoding,)), model, hypotheses, second=second)
        if any(map(_is_sure, hypotheses)):
            break
    else:
        for encodings in look.tiers:
            hypotheses += _tried(look.window, _trial(look.read_as, encodings), model, hypotheses, second=second)
            if any(map(_is_sure, hypotheses)):
                break
    return sorted(hypotheses, key=lambda h: -h.evidence)


def _is_sure(hypothesis: _Hypothesis) -> bool:
    return hypothesis.complete and hypothesis.evidence >= _BEYOND_DOUBT


def _tried(
    window: str, trial: Trial, model: NgramModel, others: Sequence[_Hypothesis], *, second: bool
) -> list[_Hypothesis]:
    """The channels of ``trial``; where the kernel can tell, without those that cannot matter beside ``others``."""
    slack = _slack(window)
    channels = possible_channels(window, trial, _LIMITS, model, above=-_KNOWN_CHANNEL - slack, twice=True)
    if channels is None:
        return _judged(window, _candidates(window, trial, model), model, second=second)
    hypotheses: list[_Hypothesis] = []
    likeliest = sorted(channels, key=lambda channel: -channel.most)
    for batch in (likeliest[:_MOST_TRIED], likeliest[_MOST_TRIED:]):
        least = max(_least_that_matters([*others, *hypotheses]), -_KNOWN_CHANNEL)
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


def _least_that_matters(hypotheses: Sequence[_Hypothesis]) -> float:
    """The evidence that one more channel needs to be among those tried, or to be the one that explains all."""
    if len(hypotheses) < _MOST_TRIED:
        return -math.inf
    least = sorted(hypothesis.evidence for hypothesis in hypotheses)[-_MOST_TRIED] - _KNOWN_CHANNEL
    return least if any(map(_is_sure, hypotheses)) else min(least, _BEYOND_DOUBT)


def _candidates(window: str, trial: Trial, model: NgramModel) -> list[Reread]:
    """What the window may have been."""
    streams = [s for s in byte_streams(window, trial.read_as) if int(s.lost.sum()) <= _MOST_LOST * len(s.data)]
    found = rereads(streams, trial.encodings, _MOST_HOLES, model)
    return _finalists([n for n in found if not (n.holes.any() and same_layout(n.encoding, n.read_as))], model)


@functools.lru_cache(maxsize=1024)
def _trial(read_as: tuple[str, ...], encodings: tuple[str, ...]) -> Trial:
    priors = [[_prior((encoding, name)) for encoding in encodings] for name in read_as]
    alike = [[same_layout(encoding, name) for encoding in encodings] for name in read_as]
    shape = (len(read_as), len(encodings))
    return Trial(read_as, encodings, np.array(priors, np.float64).reshape(shape), np.array(alike, bool).reshape(shape))


def _judged(window: str, candidates: list[Reread], model: NgramModel, *, second: bool) -> list[_Hypothesis]:
    """How much speaks for each candidate."""
    if not candidates:
        return []
    points = code_points(window)
    tracks = [points, *(new.points for new in candidates)]
    plain, *scores = score_tracks(tracks, model)
    words_of_own, *words = what_words_say(window, tracks, [plain, *scores])
    own = as_it_stands(points, plain)
    hypotheses: list[_Hypothesis] = []
    for new, logp, said in zip(candidates, scores, words, strict=True):
        channel = (new.encoding, new.read_as)
        prior = _prior(channel)
        alike = new.alike
        wanted = (points >= 0x80) & ~alike
        of_own, said = for_reading(words_of_own, new, said)
        found = best_runs(own + of_own.terms, new, with_holes(new, logp + said.terms))
        of_parts = [run for run in found if _has_text(new, run, alike)]
        readings = [(False, of_parts)]
        if not (new.holes.any() or new.stream.passed.any() or _explains(new, of_parts, wanted)):
            # Bytes of a line are read alike, what speaks against that included.
            readings.append((True, [whole_run(new, wanted)]))
        judged = []
        for is_whole, parts in readings:
            runs = with_gains(parts, own, with_holes(new, logp), of_own, said)
            if len(new.text_cuts) > 2:
                runs = [run for run in runs if run.gain + ENTER > 0]
            complete = _explains(new, runs, wanted)
            evidence = _evidence(window, new, runs, said) + prior + _validity(new, runs)
            if not complete:
                broken = new.holes.any() or lookup(new.encoding).structure == "single"
                evidence += _PARTLY_BROKEN if broken else _PARTLY
            judged.append((evidence, is_whole, complete, runs))
        evidence, is_whole, complete, runs = max(judged, key=lambda judgement: judgement[0])
        if new.stream.passed.any():
            # What no byte stands for was not read with the rest.
            evidence -= whole_line(*channel)
        if _has_strays(new, runs):
            evidence += _STRAY
        lossless = not any(new.holes[run.new_start : run.new_end].any() for run in runs)
        reading = _Reading(window, new, plain, logp, (of_own, said))
        outcome = _outcome(new, runs)
        hypotheses.append(
            _Hypothesis(channel, evidence, complete, lossless, outcome=outcome, whole=is_whole, reading=reading)
        )
        further = 0.0 if second else _second_misread(new, model)
        if further > 0:
            between = float(as_it_stands(new.points, logp).sum() - own.sum())
            outcome = _outcome(new, [Run(0, len(points), 0, len(new.points), between)])
            evidence = between + prior + further
            hypotheses.append(
                _Hypothesis(channel, evidence, complete=True, twice=True, outcome=outcome, reading=reading)
            )
    return hypotheses


def _prior(channel: Channel) -> float:
    """What speaks for a channel before anything is read."""
    return channel_prior(*channel) + whole_line(*channel)


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
    long = high >= _FIRST_OF_THREE_BYTES
    short = ~long if len(high) > 1 else is_letter(high) & ~long
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
    return known * _MOST_HOLES_A_CHARACTER > int(holes.sum())


def _has_strays(new: Reread, runs: Sequence[Run]) -> bool:
    """Whether a reading gives East Asian characters, as all of an East Asian encoding do, and no two side by side."""
    parts = [new.points[run.new_start : run.new_end] for run in runs]
    east_asian = [(part >= _EAST_ASIAN) & ~is_hole(part) for part in parts]
    gives_them = lookup(new.encoding).structure == "multi" or any(part.any() for part in east_asian)
    return gives_them and not any((part[1:] & part[:-1]).any() for part in east_asian)


def _explains(new: Reread, runs: Sequence[Run], wanted: npt.NDArray[np.bool_]) -> bool:
    """Whether ``runs`` cover nearly all of the characters that are ``wanted``, with few holes in them."""
    covered = sum(int(wanted[run.start : run.end].sum()) for run in runs)
    holes = sum(int(new.holes[run.new_start : run.new_end].sum()) for run in runs)
    return covered >= _COMPLETE * int(wanted.sum()) and holes <= _FEW_HOLES * len(new.stream.data)


def _second_misread(new: Reread, model: NgramModel) -> float:
    """What undoing another misread would add to the evidence for undoing this one."""
    # The window may end inside a character.
    if lookup(new.encoding).structure != "utf8" or new.holes[:-_LONGEST_CODE].any():
        return 0.0
    text = "".join(map(chr, new.points[~new.holes].tolist()))
    suspicions = scan([text], model)[0]
    if not suspicions:
        return 0.0
    further = _hypotheses(Line(text, 0, suspicions), np.inf, model, second=True)
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


def _steps(this: Round, line: Line, hypothesis: _Hypothesis) -> list[Step]:
    """Read the whole line through the channel that its window showed."""
    if line.text.count("?") > _MOST_QUESTIONS * len(line.text):
        return []
    reading = hypothesis.reading
    if reading is None or reading.text != line.text:
        reading = _read(line.text, hypothesis.channel, this.model)
    if reading is None:
        return []
    points, new, own = code_points(line.text), reading.new, reading.own
    words_of_own, said = reading.words
    logp = reading.logp + said.terms
    if hypothesis.twice:
        return _filled(this, line, new, [Run(0, len(points), 0, len(new.points), hypothesis.evidence)], hypothesis)
    if hypothesis.whole and not (new.holes.any() or new.stream.passed.any()):
        return _filled(this, line, new, [whole_run(new, (points >= 0x80) & ~new.alike)], hypothesis)
    # Once the channel is known, bytes that left no mark are likely too, unless the spans make no sense so; if they make
    # none then either, and the spans that told the channel leave nothing to explain, they are those.
    told = hypothesis.complete and hypothesis.lossless
    for marked, expected in ((True, True), (False, True), (False, False))[: 3 if told else 2]:
        stands = (own if expected else as_it_stands(points, own)) + words_of_own.terms
        runs = best_runs(stands, new, with_holes(new, logp, expected=marked), expected=expected)
        steps = _filled(this, line, new, runs, hypothesis)
        if steps and len(steps) == len(runs):
            break
    return steps


def _read(text: str, channel: Channel, model: NgramModel) -> _Reading | None:
    encoding, read_as = channel
    stream = byte_stream(text, read_as)
    new = reread(stream, encoding, model) if stream is not None else None
    if new is None:
        return None
    tracks = [code_points(text), new.points]
    own, logp = score_tracks(tracks, model)
    words_of_own, said = what_words_say(text, tracks, [own, logp])
    return _Reading(text, new, own, logp, for_reading(words_of_own, new, said))


def _filled(this: Round, line: Line, new: Reread, runs: Sequence[Run], hypothesis: _Hypothesis) -> list[Step]:
    beyond = find_beyond_repair(line.text)
    repairable = [run for run in runs if not any(s.start < run.end and run.start < s.end for s in beyond)]
    steps = (_step(this, line, new, run, hypothesis) for run in repairable)
    return [step for step in steps if step is not None]


def _step(this: Round, line: Line, new: Reread, run: Run, hypothesis: _Hypothesis) -> Step | None:
    before = line.text[run.start : run.end]
    filled = fill(
        new,
        run,
        left=line.text[: run.start],
        right=line.text[run.end :],
        model=this.model,
        document=lambda: (document_forms(new.points[~new.holes], this.model), this.cache),
    )
    if filled is None or filled.text == before:
        return None
    lossless = not filled.choices and damage_again(filled.text, [Misread(new.encoding, new.read_as)]) == before
    return Step(
        line.offset + run.start,
        line.offset + run.end,
        before,
        filled.text,
        Fault.MISREAD if not filled.choices else Fault.LOSSY,
        (Misread(new.encoding, new.read_as, "strict" if not filled.choices else _policy(filled, before)),),
        lossless=lossless,
        evidence=hypothesis.evidence,
        confidence=confidence(hypothesis.evidence) * hypothesis.share,
        restored=filled.restored,
        alternatives=_alternatives(filled),
    )


def _policy(filled: Filled, before: str) -> str:
    """The name of the policy of the decoder that left ``before``."""
    replacement = next((mark for mark in _REPLACEMENTS if mark in before), "")
    alike = [policy for policy in POLICIES.values() if policy.replacement == replacement and policy.name != "strict"]
    return next((policy.name for policy in alike if policy.consumes == filled.consumes), alike[0].name)


def _alternatives(filled: Filled) -> tuple[Alternative, ...]:
    """The text with one choice taken otherwise, for the choices that are least settled."""
    found = []
    for choice in filled.choices:
        shares = posterior([path.score for path in choice.paths])
        for path, share in zip(choice.paths[1:], shares[1:], strict=True):
            found.append((share, choice, path.text))
    found.sort(key=lambda item: -item[0])
    return tuple(
        Alternative(filled.text[: choice.start] + text + filled.text[choice.end :], share)
        for share, choice, text in found[:_MOST_ALTERNATIVES]
    )
