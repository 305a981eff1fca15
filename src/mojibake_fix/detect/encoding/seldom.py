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
_LEAST = 24
"""Bytes beyond ASCII that are enough: of fewer, some code page makes text by chance."""
_CLEAN_SHARE, _NATS = 0.06, 3.5
"""The share of rare bigrams, and nats a character, of clean text at most: development texts of 6 lines have 2.1 to 3.1
nats, the same read as another code page 4 and more."""
_CONFIDENCE = 0.95
"""Of 200 such texts, 6 lines each of 28 code pages, so many of those that are answered come out right."""
_TEMPERATURE = 2.0
_ASCII = bytes(range(0x80))
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ue000-\uf8ff]")


def seldom(data: bytes, hints: Hints) -> Detection | None:
    """The answer among encodings beyond the catalogue; None where none of them makes text of ``data`` either."""
    if len(data[:_HEAD].translate(None, _ASCII)) < _LEAST:
        return None
    texts: dict[str, str] = {}
    for name in _CODECS:
        if hints.allows(name):
            try:
                text = data[:_HEAD].decode(name).replace("\x85", "\n")
            except UnicodeDecodeError:
                continue
            if not _CONTROLS.search(text):
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
    reason = f"reads as {best.language or 'text'} in a code page that is seldom used"
    return Detection(
        best.encoding, best.language, best.confidence, (Span(0, len(data), best.encoding),), reason, candidates
    )
