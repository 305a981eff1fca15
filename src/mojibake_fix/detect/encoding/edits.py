"""One byte lost, gained or overwritten: every text that a few bytes may have been, and how likely each is.

The window is short, so all edits are tried: each byte left out, any byte put in before it or in its place.  A cheap
score throws out most, the language model weighs the rest.  Not for finding where the damage is: :mod:`.slip` does
that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mojibake_fix.detect.encoding.catalogue import CATALOGUE
from mojibake_fix.detect.encoding.decoders import decode_marked
from mojibake_fix.detect.encoding.readings import read_texts_as
from mojibake_fix.detect.encoding.scoring import full_scores, never_seen, quick_scores
from mojibake_fix.model import BOUNDARY

__all__ = ["Edit", "Edits", "edits"]

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]

EXTRA = -5.5
"""Nats for a byte that was gained or overwritten, one of 256, against one that was lost."""
NEVER_SEEN = -8.0
"""Nats for a character that no text of the model's has, beside the 15 that it costs at most: 4 of 18,000 clean lines of
Chinese and Japanese have one, and there are 43,000 such."""
_BYTES = np.array([*range(0x20, 0x7F), *range(0x80, 0xFF)], np.uint8)
"""What may have been lost or overwritten where a byte below 0x20 is a control; in wide encodings any may."""
_ANY_BYTE = np.arange(256, dtype=np.uint8)
_UNITS = {"utf-16-le": "<u2", "utf-16-be": ">u2"}
_LINE_ENDS = {"utf-16-le": b"\n\0", "utf-16-be": b"\0\n"}
_NO_TEXT = re.compile("[\ud800-\udfff\x00-\x08\x0b-\x1f\x7f-\x9f\ue000-\uf8ff\ufff0-\uffff]")
_IMPOSSIBLE = "\0"
_MOST, _WITHIN = 256, 40.0
"""So many texts, within so many nats of the best by the cheap score, are put to the language model."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A text that the window may have been, its score in nats, and which byte of the window is changed for it."""

    text: str
    score: float
    place: int


@dataclass(frozen=True, slots=True)
class Edits:
    """Every text that one edit makes of a window, best first, and what the window as it is scores, nats."""

    found: tuple[Edit, ...]
    as_is: float

    @property
    def gain(self) -> float:
        """What the best edit gains over none, nats; minus infinity where there is no edit."""
        return self.found[0].score - self.as_is if self.found else -np.inf


def edits(
    window: bytes,
    name: str,
    core: tuple[int, int],
    *,
    extra: float = EXTRA,
    language: str | None = None,
) -> Edits:
    """Return what one edit makes of ``window``, read as the encoding ``name``.

    Args:
        window: Whole characters before and behind the damage, of one line, the damage between them.
        name: A row of the catalogue.
        core: From which byte to which one may have been edited; what is outside is context.
        extra: Nats for a byte that was gained or overwritten, against one that was lost.
        language: BCP 47 tag of what the text is in, if that is known.
    """
    as_is = float(_scores([decode_marked(name, window)], name, language)[0])
    values = np.frombuffer(window, np.uint8)
    choice = _ANY_BYTE if CATALOGUE[name].kind == "wide" else _BYTES
    blocks = [
        (*_replaced(values, core, choice), extra),
        (*_left_out(values, core), extra),
        (*_put_in(values, core, choice), 0.0),
    ]
    found: dict[str, tuple[float, int]] = {}
    for rows, places, prior in blocks:
        for text, place in zip(_decoded(rows, name), places.tolist(), strict=True):
            # Of edits that give the same text, the likeliest counts: what was lost comes last.
            if not _NO_TEXT.search(text):
                found[text] = (prior, place)
    if not found:
        return Edits((), as_is)
    texts = list(found)
    priors = np.array([prior for prior, _ in found.values()], np.float32)
    quick = quick_scores(read_texts_as(texts, name, language))[0] + priors
    close = np.argsort(-quick, kind="stable")[:_MOST]
    close = close[quick[close] >= quick[close[0]] - _WITHIN]
    texts = [texts[number] for number in close.tolist()]
    scores = _scores(texts, name, language) + priors[close]
    ranking = np.argsort(-scores, kind="stable").tolist()
    return Edits(tuple(Edit(texts[rank], float(scores[rank]), found[texts[rank]][1]) for rank in ranking), as_is)


def _scores(texts: Sequence[str], name: str, language: str | None) -> F32:
    readings = read_texts_as(texts, name, language)
    return full_scores(readings) + np.float32(NEVER_SEEN) * readings.counts(never_seen(readings.points))


Block = tuple[U8, I64]
"""Windows that were edited alike (``uint8[n, length]``), and which byte of each."""


def _replaced(values: U8, core: tuple[int, int], choice: U8) -> Block:
    places = np.arange(*core).repeat(len(choice))
    rows = np.tile(values, (len(places), 1))
    rows[np.arange(len(places)), places] = np.tile(choice, core[1] - core[0])
    return rows, places


def _left_out(values: U8, core: tuple[int, int]) -> Block:
    places = np.arange(*core)
    kept = np.arange(len(values) - 1)
    return values[kept + (kept >= places[:, None])], places


def _put_in(values: U8, core: tuple[int, int], choice: U8) -> Block:
    places = np.arange(core[0], core[1] + 1).repeat(len(choice))
    index = np.arange(len(values) + 1)
    rows = np.append(values, np.uint8(0))[index - (index > places[:, None])]
    rows[np.arange(len(places)), places] = np.tile(choice, core[1] + 1 - core[0])
    return rows, np.minimum(places, len(values) - 1)


def _decoded(rows: U8, name: str) -> list[str]:
    """Each row as text, bytes that are no character marked; nothing where rows cannot be characters."""
    end = _LINE_ENDS.get(name, b"\n")
    if not rows.size or rows.shape[1] % len(end):
        return [_IMPOSSIBLE] * len(rows)
    if len(end) == 2:
        # A line feed that an edit makes is no character of a line; NUL is none either.
        units = np.ascontiguousarray(rows).view(_UNITS[name])
        rows = np.where(units == BOUNDARY, 0, units).astype(_UNITS[name]).view(np.uint8)
    lines = np.concatenate((rows, np.tile(np.frombuffer(end, np.uint8), (len(rows), 1))), axis=1)
    texts = decode_marked(name, lines.tobytes()).split("\n")[:-1]
    return texts if len(texts) == len(rows) else [_IMPOSSIBLE] * len(rows)
