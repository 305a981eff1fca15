"""Encodings that hardly any file is in: asked only where no encoding of the catalogue makes text of the data.

Old code pages of DOS, the Macintosh and mainframes, all of one byte a character, as Python's codecs have them.  Each
that decodes the head of the data is scored by the language model, and the best must read as clean text does.
"""

from __future__ import annotations

import re

import numpy as np

from mojibake_fix.detect.encoding.hints import Hints
from mojibake_fix.detect.encoding.language import language_of
from mojibake_fix.detect.encoding.readings import read_texts
from mojibake_fix.detect.encoding.result import Candidate, Detection, Span
from mojibake_fix.detect.encoding.scoring import full_scores, rarity

__all__ = ["seldom"]

_CODECS = (
    "cp737", "cp869", "mac-greek", "cp720", "cp864", "cp855", "cp857", "mac-turkish", "cp862", "cp856", "cp775",
    "mac-latin2", "mac-croatian", "mac-romanian", "mac-iceland", "cp860", "cp861", "cp863", "cp865", "cp858", "cp1125",
    "hp-roman8", "koi8-t", "kz1048", "ptcp154", "cp1006", "cp037", "cp500", "cp1140", "cp273", "cp1026", "cp424",
    "cp875",
)  # fmt: skip
"""The likelier first of those that read a text the same."""
_HEAD = 1024
_LEAST = 10
"""Bytes beyond ASCII that are enough: of fewer, some code page makes text by chance."""
_CLEAN_SHARE, _NATS = 0.06, 3.5
"""The share of rare bigrams, and nats a character, of clean text at most: development texts of 6 lines have 2.1 to 3.1
nats, the same read as another code page 4 and more."""
_CHECKED = 1 << 16
_ODD_LINES, _ODD_COUNT, _ODD_SHARE = 0.02, 3, 0.3
"""A line with so many and such a share of its bigrams rare is odd; so many lines may be.  Of clean lines 1 in 1,000 is,
and 60 to 90 % of the bigrams of lines in another encoding are rare."""
_CONFIDENCE = 0.95
"""The most that is said: of 264 development texts of 6 lines in 33 code pages, 134 are answered here, and all come out
right; so few say no more."""
_TEMPERATURE = 2.0
_ASCII = bytes(range(0x80))
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ue000-\uf8ff]")


def seldom(data: bytes, hints: Hints) -> Detection | None:
    """The answer among encodings beyond the catalogue; None where none of them makes text of ``data`` either."""
    if len(data[:_HEAD].translate(None, _ASCII)) < _LEAST:
        return None
    texts: dict[str, str] = {}
    for name in _CODECS:
        text = _text(data[:_HEAD], name) if hints.allows(name) else None
        if text is not None:
            texts.setdefault(text, name)
    if not texts:
        return None
    readings = read_texts(list(texts))
    seen = rarity(readings)
    scores = full_scores(readings)
    lengths = np.array([len(text) for text in texts])
    good = (seen.rare <= _CLEAN_SHARE * seen.counted) & (-scores <= _NATS * lengths)
    if not good.any():
        return None
    scores = np.where(good, scores, -np.inf)
    weights = np.exp((scores - scores.max()) / _TEMPERATURE)
    shares = (_CONFIDENCE * weights / weights.sum()).tolist()
    order = np.argsort(-scores, kind="stable").tolist()
    every = list(texts.items())
    candidates = tuple(
        Candidate(every[number][1], language_of(every[number][0]), shares[number])
        for number in order
        if shares[number] > 1e-4
    )
    best = candidates[0]
    if not _reads_all(data, best.encoding):
        return None
    reason = f"reads as {best.language or 'text'} in a code page that is seldom used"
    return Detection(
        best.encoding, best.language, best.confidence, (Span(0, len(data), best.encoding),), reason, candidates
    )


def _text(data: bytes, name: str) -> str | None:
    """The text of ``data`` in that encoding, lines ending as usual; None where it has controls, or is none."""
    try:
        text = data.decode(name).replace("\x85", "\n")
    except UnicodeDecodeError:
        return None
    return None if _CONTROLS.search(text) else text


def _reads_all(data: bytes, name: str) -> bool:
    """Whether the data, not only its head, is in that encoding: a mixture may begin as if it were."""
    text = _text(data[:_CHECKED], name)
    if text is None:
        return False
    seen = rarity(read_texts(text.split("\n")))
    odd = (seen.rare >= _ODD_COUNT) & (seen.rare > _ODD_SHARE * seen.counted)
    return float(odd.mean()) <= _ODD_LINES
