"""Which lines may have been misread: the look that tells whether the stage of misreads can find anything in them.

Not for telling what happened to one.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence

from mojibake_fix.detect.odd_words import lexis
from mojibake_fix.detect.scan import SUMS, Suspicion, scan, weigh
from mojibake_fix.engine.evidence import KNOWN_CHANNEL, LIMITS, slack_of, tried
from mojibake_fix.engine.latin import may_be_latin
from mojibake_fix.engine.looks import look_at, trial_of, whole_look
from mojibake_fix.engine.posted import shows_post
from mojibake_fix.engine.stage import Line
from mojibake_fix.model import NgramModel
from mojibake_fix.repair.channels import RowAnswer, Trial, misread_rows, possible_channels
from mojibake_fix.repair.glance import may_give_words
from mojibake_fix.repair.words import MOST_WITHOUT_WORDS

__all__ = ["may_be_misread", "may_have_hypotheses", "misread_lines", "misread_texts"]


def may_have_hypotheses(lines: Sequence[Line], model: NgramModel) -> list[bool]:
    """Tell which of ``lines`` may have a hypothesis that matters, none but these having shown any channel."""
    if model.compiled is None:
        return [True] * len(lines)
    # One that is alone no other can speak for.
    above = -KNOWN_CHANNEL if len(lines) > 1 else 0.0
    answers = misread_rows([line.text for line in lines], whole_look(), LIMITS, SUMS, lexis(), model, above=above)
    return [answer in (RowAnswer.TO_BE_ASKED, RowAnswer.MAY_BE) for answer in answers]


def may_be_misread(line: Line, weight: float, model: NgramModel) -> bool:
    """Tell whether :func:`repair_misreads` may find a step in a line, no other line having shown any channel.

    Args:
        line: A suspicious line.
        weight: Says how far to look (:func:`mojibake_fix.detect.scan.weigh`).
        model: The language model; without a compiled form, all that weighs enough may be.
    """
    look = look_at(line, weight)
    for encodings in look.tiers:
        trial = trial_of(look.read_as, encodings)
        channels = possible_channels(look.window, trial, LIMITS, model, above=-slack_of(look.window), twice=True)
        if channels is None or any(channel.most > 0 for channel in channels):
            return True
        likely = [channel for channel in channels if channel.most + MOST_WITHOUT_WORDS > 0]
        with_words = [(channel.encoding, channel.read_as) for channel in channels if channel not in likely]
        if (likely or may_give_words(look.window, with_words)) and _are_words(look.window, trial, model):
            return True
    return shows_post(line.text) or may_be_latin(line.text, weight)


@functools.lru_cache(maxsize=1024)
def _are_words(window: str, trial: Trial, model: NgramModel) -> bool:
    """Whether a channel of ``trial`` has evidence because of the words that it gives; a batch asks more than once."""
    return any(hypothesis.evidence > 0 for hypothesis in tried(window, trial, model, [], second=False))


def misread_lines(lines: Sequence[str], suspicions: Sequence[list[Suspicion]], model: NgramModel) -> Iterator[int]:
    """The numbers of the lines that :func:`may_be_misread`, given what the scan marked in each."""
    rung = [number for number, found in enumerate(suspicions) if found]
    weights = weigh([lines[number] for number in rung], [suspicions[number] for number in rung], model)
    for number, weight in zip(rung, weights, strict=True):
        if may_be_misread(Line(lines[number], 0, suspicions[number]), weight, model):
            yield number


def misread_texts(texts: Sequence[str], model: NgramModel) -> list[bool]:
    """Tell which of ``texts`` have a line that :func:`may_be_misread`: by the kernel, where it can tell."""
    answers = misread_rows(texts, whole_look(), LIMITS, SUMS, lexis(), model, above=0.0)
    return [_is_misread(text, answer, model) for text, answer in zip(texts, answers, strict=True)]


def _is_misread(text: str, answer: RowAnswer, model: NgramModel) -> bool:
    if answer in (RowAnswer.CANNOT_BE, RowAnswer.MAY_BE):
        return answer is RowAnswer.MAY_BE or shows_post(text)
    lines = text.split("\n")
    if answer is RowAnswer.ASK_LATIN:
        # Of these lines one weighs enough, at least.
        return shows_post(text) or any(may_be_latin(line, math.inf) for line in lines)
    return any(True for _ in misread_lines(lines, scan(lines, model), model))
