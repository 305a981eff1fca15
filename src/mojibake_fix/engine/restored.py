"""The step of a span that the lattice restored: what is sure of it, and what it may have been otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mojibake_fix.engine.changes import common_ends
from mojibake_fix.engine.decision import posterior, shift_confidence
from mojibake_fix.engine.stage import Line
from mojibake_fix.model import NgramModel, code_points
from mojibake_fix.plan import Alternative, Fault, Misread, Step
from mojibake_fix.repair.lattice import Path
from mojibake_fix.repair.tracks import as_it_stands, score_tracks

__all__ = ["as_no_text", "restored_step"]

_MOST_ALTERNATIVES = 6
_LEAST_PROBABLE = 0.01


def as_no_text(text: str, model: NgramModel) -> float:
    """Return what a text as it stands is worth beyond its score if it need be no running text: nats."""
    points = code_points(text)
    [logp] = score_tracks([points], model)
    return float((as_it_stands(points, logp, model) - logp).sum())


def restored_step(
    line: Line,
    start: int,
    end: int,
    paths: Sequence[Path],
    evidence: float,
    *,
    fault: Fault,
    channel: tuple[Misread, ...],
    in_step: bool = False,
    telling: Callable[[str], str] = str,
    sure: Callable[[float], float] = shift_confidence,
) -> Step | None:
    """Return the step that makes ``line.text[start:end]`` the first of ``paths``; None where nothing speaks for one.

    Args:
        paths: What the span may have been, best first.
        evidence: Log-odds that it was damaged so, in nats.
        fault, channel: What the step undoes.
        in_step: Whether a text of another length has nothing of it.
        telling: Gives what of a text has to be right.
        sure: Gives the probability that it was damaged so.
    """
    before = line.text[start:end]
    top = paths[0]
    if top.text == before or evidence <= 0:
        return None
    shares = posterior([path.score for path in paths])
    nearer = _share_nearer(telling(before), [telling(path.text) for path in paths], shares, in_step=in_step)
    likely = [top.text] + [p.text for p, share in zip(paths[1:], shares[1:], strict=True) if share >= _LEAST_PROBABLE]
    head, tail = common_ends(before, likely[: 1 + _MOST_ALTERNATIVES])
    stop = len(top.text) - tail
    return Step(
        line.offset + start + head,
        line.offset + end - tail,
        before[head : len(before) - tail],
        top.text[head:stop],
        fault,
        channel,
        lossless=False,
        evidence=evidence,
        confidence=sure(evidence) * nearer,
        restored=tuple((max(a - head, 0), min(b, stop) - head) for a, b in top.restored if a < stop and b > head),
        alternatives=tuple(
            Alternative(text[head : len(text) - tail], share)
            for text, share in zip(likely[1 : 1 + _MOST_ALTERNATIVES], shares[1:], strict=False)
        ),
    )


def _share_nearer(before: str, texts: list[str], shares: list[float], *, in_step: bool) -> float:
    """The probability that the first text is nearer to what was there than ``before`` is, by what it may have been.

    A text whose shift is beyond doubt but for one character is worth having: the character is marked as restored.
    """
    top = texts[0]
    return sum(
        share
        for text, share in zip(texts, shares, strict=True)
        if (len(text) == len(top) or not in_step) and _alike(top, text) > _alike(before, text)
    )


def _alike(one: str, other: str) -> float:
    """The share of characters that two texts have in the same place, from both ends where they differ in length."""
    if len(one) == len(other):
        return sum(map(str.__eq__, one, other)) / max(len(one), 1)
    head, tail = common_ends(one, [other])
    return (head + tail) / max(len(one), len(other))
