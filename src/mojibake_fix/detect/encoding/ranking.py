"""Which encodings read a sample best: by its rare bigrams where that is clear, by the language model where it is not.

Not for what the rest of the data is in.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mojibake_fix.detect.encoding.alphabets import foreign_logp, likely_languages
from mojibake_fix.detect.encoding.catalogue import CATALOGUE
from mojibake_fix.detect.encoding.decoders import decode_marked, decode_whole
from mojibake_fix.detect.encoding.hints import Hints
from mojibake_fix.detect.encoding.readings import joined_readings, read_whole
from mojibake_fix.detect.encoding.scoring import full_scores, quick_scores, rarity, stray_logp
from mojibake_fix.detect.encoding.single import best_single, where_they_differ
from mojibake_fix.encodings import lookup

__all__ = ["CLEAN_SHARE", "Ranked", "clean_ranking", "clean_single", "probabilities", "rank", "with_first"]

_USUAL = ("gb18030", "cp950", "cp932", "euc-jp", "cp949")
CLEAN_SHARE = 0.12
"""A reading of which no larger share of bigrams is rare is clean: wrong ones have 60 to 90 %."""
_CLEAN_COUNT, _CLEAN_MARGIN = 24, 12
"""So many bigrams are enough, if those of any other text have so many more that are rare: each is worth 3 nats."""
_CLEAN_SHARE_SINGLE = 0.06
"""The same share for encodings of one byte a character, of which many agree in most letters."""
_CLOSE = 25.0
"""Readings whose rough score is so near the best are put to the model: the right one of 4 characters is among them in
99.9 % of development lines, and 1 to 5 readings are."""
_DAMAGED = -8.0
"""Nats for each place at which the data would be damaged, in this encoding.  With 4, 97.3 % of other European texts of
8 and 16 characters are told right than it was chosen on, with 8 and 12 98.2 %."""
_LONG, _HOPELESS = 128, 24
"""Of a longer sample than this, readings with so many more rare bigrams than another are not scored."""
_FEW_BYTES = 40
_SHOWN = 8
_TEMPERATURE = 2.0
"""Differences of scores are divided by this before they are probabilities: what is said with 99 % and more is right in
99.8 % of short development texts, 90 to 95 % in 90 %, 80 to 90 % in 84 %, 70 to 80 % in 75 %, 50 to 70 % in 64 %."""
_ASCII = bytes(range(0x80))
_KANA = re.compile("[ぁ-ゖァ-ヺ]")
_EUC_JP_ALIKE = ("gb18030", "cp949")


@dataclass(frozen=True, slots=True)
class Ranked:
    """Encodings by score, best first, and how many of the best one's bigrams are rare, of how many."""

    names: tuple[str, ...]
    scores: tuple[float, ...]
    share: float
    counted: float


def clean_ranking(sample: bytes, hints: Hints) -> Ranked | None:
    """The answer among encodings of two bytes a character that needs no model, if there is one."""
    # Each character beyond ASCII is in two bigrams.
    if 2 * len(sample.translate(None, _ASCII)) < _CLEAN_COUNT:
        return None
    readings = {name: decode_whole(name, sample) for name in _USUAL if hints.allows(name)}
    texts = {name: text.replace("\n", " ") for name, text in readings.items() if text is not None}
    if "euc-jp" in texts and 5 * len(_KANA.findall(texts["euc-jp"])) > len(texts["euc-jp"]):
        # The kana are at the same codes there, and are no Chinese or Korean.
        texts = {name: text for name, text in texts.items() if name not in _EUC_JP_ALIKE}
    if not texts:
        return None
    names = list(texts)
    found = rarity(joined_readings(list(texts.values()), names))
    shares = found.share.tolist()
    best = shares.index(min(shares))
    rare, counted = found.rare.tolist(), float(found.counted[best])
    if counted < _CLEAN_COUNT or shares[best] > CLEAN_SHARE:
        return None
    text = texts[names[best]]
    rivals = [number for number, name in zip(rare, names, strict=True) if texts[name] != text]
    if min(rivals, default=np.inf) < rare[best] + _CLEAN_MARGIN:
        return None
    return Ranked((names[best],), (0.0,), shares[best], counted)


def clean_single(data: bytes, hints: Hints) -> Ranked | None:
    """The answer among encodings of one byte a character, if one of them reads ``data`` as clean text does.

    Where several do about as well, the language model is asked about the places at which they differ.
    """
    reading = best_single(data, hints, _CLOSE)
    if reading is None or reading.counted < _CLEAN_COUNT or reading.rare > _CLEAN_SHARE_SINGLE * reading.counted:
        return None
    close = dict.fromkeys(reading.close, 0.0)
    if len(close) > 1:
        readings = read_whole(where_they_differ(data, reading.close), reading.close)
        scores = full_scores(readings) + foreign_logp(readings, [likely_languages(data)])
        close = {name: float(score) + hints.prior(CATALOGUE[name]) for name, score in zip(close, scores, strict=True)}
    names = sorted(close, key=lambda name: -close[name])
    share = reading.rare / reading.counted
    return Ranked(tuple(names), tuple(close[name] for name in names), share, float(reading.counted))


def rank(sample: bytes, hints: Hints, *, wide: bool) -> Ranked:
    """Rank the encodings by how well they read ``sample``, each text once."""
    names = [
        name
        for name in CATALOGUE
        if hints.allows(name)
        and (CATALOGUE[name].kind != "wide" or (wide and len(sample) % 2 == 0))
        and (name != "euc-tw" or _may_be_euc_tw(sample))
    ]
    if len(sample) > _LONG and len(names) > 1:
        rare = rarity(read_whole(sample, names)).rare
        names = [name for name, number in zip(names, rare, strict=True) if number <= rare.min() + _HOPELESS]
    if not names:
        return Ranked((), (), 1.0, 0.0)
    readings = read_whole(sample, names)
    quick, found = quick_scores(readings)
    prior = np.array([hints.prior(CATALOGUE[name]) for name in names], np.float32)
    prior += _DAMAGED * readings.damaged_places() + stray_logp(readings, names)
    prior += foreign_logp(readings, [likely_languages(sample)])
    rough = quick + prior
    order = np.argsort(-rough, kind="stable").tolist()
    texts: dict[str, int] = {}
    for number in order:
        if rough[number] >= rough[order[0]] - _CLOSE:
            texts.setdefault(decode_marked(names[number], sample), number)
    close = list(texts.values())
    scores = rough
    if len(close) > 1:
        full = full_scores(readings.pick(close)) + prior[close]
        # Those that were not close stay below all that were.
        scores = np.minimum(rough - rough[order[0]], -_CLOSE) + full.max()
        scores[close] = full
    shown = sorted(close, key=lambda number: -scores[number]) if len(close) > 1 else close
    # The others that are as good are the same text under other names.
    shown += [number for number in order if rough[number] < rough[order[0]] - _CLOSE][: max(_SHOWN - len(shown), 0)]
    best = shown[0]
    return Ranked(
        tuple(names[number] for number in shown),
        tuple(float(scores[number]) for number in shown),
        float(found.share[best]),
        float(found.counted[best]),
    )


def _may_be_euc_tw(sample: bytes) -> bool:
    # Its decoder walks over invalid bytes one by one.
    return len(sample) <= _FEW_BYTES or lookup("euc-tw").decode(sample) is not None


def probabilities(scores: Sequence[float]) -> list[float]:
    """Turn scores in nats into probabilities."""
    if len(scores) == 1:
        return [1.0]
    best = max(scores)
    weights = [math.exp((score - best) / _TEMPERATURE) for score in scores]
    total = sum(weights)
    return [weight / total for weight in weights]


def with_first(ranked: Ranked, name: str) -> Ranked:
    """The same ranking with ``name`` on top: what all the data says outweighs what a sample says."""
    if ranked.names[0] == name:
        return ranked
    others = tuple(other for other in ranked.names if other != name)
    top = max(ranked.scores) + _TEMPERATURE
    return Ranked((name, *others), (top, *ranked.scores[: len(others)]), ranked.share, ranked.counted)
