"""The article: which damaged places are repaired, as it stands and moved about."""

from __future__ import annotations

import difflib
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.samples import clean_lines

__all__ = ["Place", "Variant", "places_of", "repaired_places", "variants"]

_GLOSS = re.compile(r"(?<=[\u3400-\u9fff])\([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]+\)")
_SURE = 12
"""Shortest run of equal characters in which a variant may cut, in characters; damage then stays whole."""


@dataclass(frozen=True, slots=True)
class Place:
    """A damaged place: where it stands in the truth, and both texts with a little around them."""

    start: int
    end: int
    observed: str
    truth: str


@dataclass(frozen=True, slots=True)
class Variant:
    """The article in another arrangement."""

    name: str
    raw: str
    truth: str


def variants(data: Path, seed: int = 7) -> Iterator[Variant]:
    """Yield the article as it is, cut into other lines, as one line, and among clean paragraphs."""
    raw = (data / "seed.txt").read_text(encoding="utf-8")
    truth = (data / "seed.gold.txt").read_text(encoding="utf-8")
    yield Variant("as it is", raw, truth)
    yield Variant("cut into other lines", *_cut(raw, truth, random.Random(seed)))
    yield Variant("one line", raw.replace("\n", ""), truth.replace("\n", ""))
    lines = [line for line in clean_lines(data, "zh-Hant") if len(line) > 30]
    chosen = random.Random(seed).sample(lines, 40)
    before, after = "\n".join(chosen[:20]) + "\n", "\n" + "\n".join(chosen[20:])
    yield Variant("clean paragraphs around it", before + raw + after, before + truth + after)
    for i, (damaged, right) in enumerate(_bad_lines(raw, truth), 1):
        yield Variant(f"damaged line {i} alone", damaged, right)


def places_of(variant: Variant, gap: int = 4) -> list[Place]:
    """Return the damaged places other than glosses behind their characters, near ones counted as one.

    Args:
        variant: The article.
        gap: Differences with at most so many equal characters between them are one place.
    """
    observed = _GLOSS.sub("", variant.raw)
    spans: list[tuple[int, int, int, int]] = []
    for tag, i1, i2, j1, j2 in _opcodes(observed, variant.truth):
        if tag == "equal":
            continue
        if spans and j1 - spans[-1][3] <= gap:
            spans[-1] = (spans[-1][0], i2, spans[-1][2], j2)
        else:
            spans.append((i1, i2, j1, j2))
    return [Place(j1, j2, observed[i1 - 3 : i2 + 3], variant.truth[j1 - 3 : j2 + 3]) for i1, i2, j1, j2 in spans]


def repaired_places(variant: Variant, text: str) -> list[bool]:
    """Return for each damaged place whether ``text`` has the truth there."""
    wrong = [(j1, j2) for tag, _, _, j1, j2 in _opcodes(text, variant.truth) if tag != "equal"]
    return [not any(j1 <= place.end and j2 >= place.start for j1, j2 in wrong) for place in places_of(variant)]


def _cut(raw: str, truth: str, rng: random.Random) -> tuple[str, str]:
    raw, truth = raw.replace("\n", ""), truth.replace("\n", "")
    cuts = [
        (i1 + half, j1 + half)
        for tag, i1, i2, j1, _ in _opcodes(raw, truth)
        if tag == "equal" and i2 - i1 >= _SURE and (half := (i2 - i1) // 2)
    ]
    chosen = sorted(rng.sample(cuts, len(cuts) // 3))
    return _insert(raw, [i for i, _ in chosen]), _insert(truth, [j for _, j in chosen])


def _insert(text: str, offsets: list[int]) -> str:
    return "\n".join(text[a:b] for a, b in zip([0, *offsets], [*offsets, len(text)], strict=True))


def _bad_lines(raw: str, truth: str) -> Iterator[tuple[str, str]]:
    for damaged, right in zip(raw.split("\n"), truth.split("\n"), strict=True):
        if _GLOSS.sub("", damaged) != right:
            yield damaged, right


def _opcodes(a: str, b: str) -> Sequence[tuple[str, int, int, int, int]]:
    return difflib.SequenceMatcher(None, a, b, False).get_opcodes()
