"""What a detection says: values only, with no way of finding them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Candidate", "Detection", "Span"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One encoding that the bytes may be in, with the posterior probability that it reads them right."""

    encoding: str
    language: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Span:
    """A run of bytes, ``data[start:end]``, in one encoding."""

    start: int
    end: int
    encoding: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Detection:
    """Which encoding some bytes are in, and how sure that is.

    Attributes:
        encoding: Name of a Python codec, or of one of the four encodings for which Python has none and
            :func:`mojibake_fix.decode` has (``euc-tw``, ``viscii``, ``iso-2022-cn``, ``cesu-8``): the superset that
            real files mean, such as ``gb18030`` for GBK.  Of mixed data, the one that most bytes are in.
            None where the bytes are no text, or too few to tell.
        language: BCP 47 tag, or None where the text does not tell.
        confidence: Calibrated probability, 0 to 1, that ``encoding`` reads the bytes right; 0 where it is None.
        spans: Which bytes are in which encoding: sorted, disjoint, and together all of the data.  Of large
            data that only samples were taken of, one span.
        reason: What the answer rests on, in a few words; where there is none, why.
        candidates: Every encoding that is possible, most likely first, each different text once.
        damage: Offsets of damage: of bytes that belong to no character, which a lost, gained or overwritten byte left,
            and those of ``replaced``.
        bom: Length of the byte order mark, 0 without one.
        binary: Whether the bytes are no text.
        replaced: Those of ``damage`` at which a character begins, one that an overwritten or lost byte made of another.
    """

    encoding: str | None
    language: str | None = None
    confidence: float = 0.0
    spans: tuple[Span, ...] = ()
    reason: str = ""
    candidates: tuple[Candidate, ...] = ()
    damage: tuple[int, ...] = ()
    bom: int = 0
    binary: bool = False
    replaced: tuple[int, ...] = ()

    @property
    def mixed(self) -> bool:
        """Whether the spans are in more than one encoding."""
        return len({span.encoding for span in self.spans}) > 1
