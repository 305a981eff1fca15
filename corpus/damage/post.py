"""What happens to text after it was damaged: private characters dropped, marks folded, texts tidied.

:func:`then` puts such a step behind any damage.  A step may make a loss final; the facts say so.
"""

from __future__ import annotations

import html
import random
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from corpus.damage.facts import Damage, Outcome, changed_span

__all__ = ["STEPS", "fold", "then"]

_FOLDS = str.maketrans({chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)})
_C1 = re.compile("[\x80-\x9f]")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_CURLED = re.compile("['\"]")


def fold(text: str) -> str:
    """Return ``text`` with full-width forms of ASCII folded, ``！`` to ``!`` and so on."""
    return text.translate(_FOLDS)


def _curl(text: str) -> str:
    def curl(match: re.Match[str]) -> str:
        opening = match.start() == 0 or text[match.start() - 1].isspace()
        return ("“" if opening else "”") if match[0] == '"' else ("‘" if opening else "’")

    return _CURLED.sub(curl, text)


STEPS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "fold": fold,
        "nfkc": lambda text: unicodedata.normalize("NFKC", text),
        "private-drop": lambda text: _PRIVATE.sub("", text),
        "html-escape": html.escape,
        "curl-quotes": _curl,
        "nbsp-to-space": lambda text: text.replace("\u00a0", " "),
        "c1-drop": lambda text: _C1.sub("", text),
        "c1-question": lambda text: _C1.sub("?", text),
        "c1-fffd": lambda text: _C1.sub("\ufffd", text),
        "lower-case": str.lower,
        "trim": str.strip,
    }
)
"""What tidies text behind the damage, by name."""


def then(damage: Damage, *steps: str) -> Damage:
    """Return ``damage`` followed by the named ``steps``; the truth is the text after the same steps."""
    functions = [STEPS[step] for step in steps]

    def tidy(text: str) -> str:
        for function in functions:
            text = function(text)
        return text

    def both(text: str, rng: random.Random) -> Outcome | None:
        outcome = damage(text, rng)
        if outcome is None:
            return None
        raw, facts = outcome
        tidied, truth = tidy(raw), tidy(text)
        if tidied == truth:
            return None
        lossless = facts.lossless and tidied == raw
        positions = (changed_span(truth, tidied),)
        return tidied, replace(facts, lossless=lossless, positions=positions, truth=truth)

    return both
