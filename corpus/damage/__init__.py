"""Damage models: one for each way in which text gets damaged, as forward models of what happened.

Each is a function ``damage(text, rng) -> (raw, facts) | None``; see :mod:`corpus.damage.facts`.
They know nothing of detection or repair, only of encodings and decoders.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from corpus.damage.beyond import memory_fill, replacement_read_again
from corpus.damage.chains import any_lossless, any_lossy, chain_of, cut_short, invert, misread_chain
from corpus.damage.escapes import ESCAPES, escaped
from corpus.damage.facts import Damage, Facts
from corpus.damage.gloss import gloss_aligned, gloss_astride, gloss_toneless
from corpus.damage.mixed import lines_of, span_of
from corpus.damage.post import then
from corpus.damage.round_trip import written_back
from corpus.damage.stream import byte_gained, byte_lost, byte_split

__all__ = ["DAMAGES", "Damage", "Facts", "chain_of", "cut_short", "invert", "misread_chain", "then"]

DAMAGES: Mapping[str, Damage] = MappingProxyType(
    {
        "misread": any_lossless,
        "misread-lossy": any_lossy,
        "cut-short": cut_short(chain_of("utf-8>gbk", "lead-question")),
        "byte-lost": byte_lost(),
        "byte-gained": byte_gained(),
        "byte-split": byte_split(),
        "byte-split-folded": then(byte_split(), "fold"),
        "gloss-aligned": gloss_aligned,
        "gloss-astride": gloss_astride,
        "gloss-toneless": gloss_toneless,
        "private-drop": then(byte_lost(), "private-drop"),
        "written-back": written_back(),
        **{f"escape-{name}": escaped(name) for name in ESCAPES},
        "beyond-replacement": replacement_read_again(),
        "beyond-memory": memory_fill,
        "mixed-lines": lines_of((any_lossless, escaped("entity-decimal"), byte_lost())),
        "mixed-span": span_of(any_lossless),
    }
)
"""A damage model for each fault, with the parameters that are met most often, by name."""
