"""The plan: what is to be changed, why, and how sure that is.

A plan is data.  The repaired text *is* the plan applied to the text; there is no second path.
This module knows nothing of how faults are found or repaired.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from mojibake_fix.errors import PlanMismatchError

__all__ = ["Alternative", "Fault", "Misread", "Plan", "Repair", "Step", "apply_plan"]


class Fault(str, enum.Enum):
    """What happened to the text; one value a kind of fault."""

    MISREAD = "misread"
    """Bytes of one encoding read as another, nothing lost: ``ÖÐÎÄ`` for ``中文``."""
    LOSSY = "lossy"
    """A misread whose decoder dropped or replaced bytes: ``涓枃?`` for ``中文…``."""
    MISALIGNED = "misaligned"
    """A byte stream split, or short or long by a byte, so that pairs are read astride characters."""
    GLOSS = "gloss"
    """A reading that a converter wrote behind a character: ``協(xié)商`` for ``協商``."""
    GLOSS_ASTRIDE = "gloss-astride"
    """The same converter's reading written *between the bytes* of a character."""
    ESCAPE = "escape"
    """The text form of bytes or code points, left undecoded: ``&#20013;``."""
    BEYOND_REPAIR = "beyond-repair"
    """Nothing of the original is left: ``锟斤拷``.  Reported, never changed."""
    STYLE = "style"
    """No damage, but not the form that the caller asked for: ``Step.rule`` tells which rule of the normaliser."""


@dataclass(frozen=True, slots=True)
class Misread:
    """One link of a channel: bytes that were ``encoding``, decoded as ``read_as``.

    ``policy`` names what the decoder did with bytes it could not map (a key of
    :data:`mojibake_fix.encodings.POLICIES`); ``"strict"`` where there were none.  ``then`` names what was done to the
    text behind it (a key of :data:`mojibake_fix.repair.posts.POSTS`), if anything was.
    """

    encoding: str
    read_as: str
    policy: str = "strict"
    then: str = ""

    def __str__(self) -> str:
        lossy = "" if self.policy == "strict" else f" ({self.policy})"
        then = f", then {self.then}" if self.then else ""
        return f"{self.encoding} read as {self.read_as}{lossy}{then}"


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another text that a span may have been, with its posterior probability."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Step:
    """One change: ``text[start:end]`` is ``before`` and becomes ``after``.

    Attributes:
        start, end: Code-point offsets into the text as it stood before this step's round.
        before, after: The observed span and its repair.
        fault: What kind of damage this undoes.
        channel: What happened to the bytes, first misread first; empty where no misread did.
        lossless: True where ``after`` follows from ``before`` without a guess, so that the damage,
            done again to ``after``, gives ``before`` exactly.
        evidence: Log-likelihood ratio against "right as it stands", in nats.
        confidence: Calibrated posterior probability of this repair against "right as it stands".  That its restored
            characters are all right is not part of it: they are marked, and ``alternatives`` says how sure they are.
        restored: Half-open spans of ``after`` whose characters were chosen by the language model.
        alternatives: Other readings of the span, best first, each with its share among the readings.
        rule: The normaliser's rule that asks for this; empty for a repair.
        round: Repairs of a text that was damaged twice happen one after the other; 0 is first.
    """

    start: int
    end: int
    before: str
    after: str
    fault: Fault
    channel: tuple[Misread, ...] = ()
    lossless: bool = True
    evidence: float = 0.0
    confidence: float = 1.0
    restored: tuple[tuple[int, int], ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    round: int = 0
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes to one text, and what was found but left alone.

    ``steps`` are sorted by round, then by start, and do not overlap within a round.
    ``reported`` holds faults that are beyond repair, or whose repair is below the confidence asked for.
    """

    steps: tuple[Step, ...] = ()
    reported: tuple[Step, ...] = ()

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)


@dataclass(frozen=True, slots=True)
class Repair:
    """The answer for one text: the repaired text, and the plan that makes it so."""

    text: str
    plan: Plan = field(default_factory=Plan)

    @property
    def confidence(self) -> float:
        """Probability that no step changes what was right; 1.0 where nothing was changed."""
        product = 1.0
        for step in self.plan.steps:
            product *= step.confidence
        return product

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        """The alternatives of all steps, made or only reported, best first."""
        found = itertools.chain(self.plan.steps, self.plan.reported)
        alternatives = (a for step in found for a in step.alternatives)
        return tuple(sorted(alternatives, key=lambda a: -a.confidence))


def apply_plan(text: str, plan: Plan) -> str:
    """Return ``text`` with every step of ``plan`` made.

    Raises:
        PlanMismatchError: ``text`` is not the text that the plan was made for.
    """
    for _, steps in itertools.groupby(plan.steps, key=lambda step: step.round):
        text = _apply_round(text, tuple(steps))
    return text


def _apply_round(text: str, steps: tuple[Step, ...]) -> str:
    pieces: list[str] = []
    position = 0
    for step in steps:
        if step.start < position or text[step.start : step.end] != step.before:
            raise PlanMismatchError(
                f"the plan expects {step.before[:40]!r} at characters {step.start}-{step.end}: "
                "apply it to the text that it was made for"
            )
        pieces += (text[position : step.start], step.after)
        position = step.end
    pieces.append(text[position:])
    return "".join(pieces)
