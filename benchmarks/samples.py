"""What is damaged for measuring: clean lines of a data directory, the chains that make sense for their language."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.damage.chains import DOUBLE_CHAINS, LOSSY_POLICIES, chain_of, misread_chain
from corpus.damage.facts import Damage
from corpus.damage.post import then
from corpus.make_cases import LANGUAGES
from mojibake_fix.encodings import ENCODINGS
from mojibake_fix.plan import Misread

__all__ = ["Cell", "Sample", "clean_languages", "clean_lines", "collect", "lossless_chains", "lossy_cells"]

LOSSY_CHAINS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("utf-8>gbk", ("zh-Hans", "zh-Hant", "ja", "ko")),
    ("utf-8>gb18030", ("zh-Hans", "zh-Hant", "ja", "ko")),
    ("utf-8>cp1252", ("zh-Hans", "zh-Hant", "ja", "ko", "ru", "th")),
    ("utf-8>cp932", ("ja", "zh-Hans")),
    ("utf-8>euc-jp", ("ja", "zh-Hans")),
    ("utf-8>cp949", ("ko", "zh-Hans", "ja")),
    ("utf-8>big5", ("zh-Hant", "zh-Hans")),
    ("utf-8>cp950", ("zh-Hant", "zh-Hans")),
    ("utf-8>cp1251", ("zh-Hans", "ru")),
    ("utf-8>cp874", ("zh-Hans", "th")),
    ("utf-8>cp1258", ("zh-Hans", "vi")),
    ("gbk>cp950", ("zh-Hans",)),
    ("gbk>big5-hkscs", ("zh-Hans",)),
    ("gbk>cp932", ("zh-Hans",)),
    ("gbk>euc-jp", ("zh-Hans",)),
    ("gbk>cp949", ("zh-Hans",)),
    ("gbk>cp1252", ("zh-Hans",)),
    ("cp950>gbk", ("zh-Hant",)),
    ("cp950>gb18030", ("zh-Hant",)),
    ("cp950>cp932", ("zh-Hant",)),
    ("cp950>cp949", ("zh-Hant",)),
    ("cp932>gbk", ("ja",)),
    ("cp932>cp950", ("ja",)),
    ("cp932>cp949", ("ja",)),
    ("euc-jp>cp932", ("ja",)),
    ("euc-jp>gbk", ("ja",)),
    ("cp949>gbk", ("ko",)),
    ("cp949>cp932", ("ko",)),
    ("cp949>cp950", ("ko",)),
)  # fmt: skip
"""Chains that lose bytes, with the languages in which people meet them."""

C1_CHAINS: tuple[str, ...] = ("utf-8>cp1252", "utf-8>latin-1", "gbk>cp1252", "cp932>cp1252")
"""Chains whose C1 controls get lost after the decoding."""

POLICIES: tuple[str, ...] = (*LOSSY_POLICIES, "java", "whatwg", "cpython-replace")
WIDE: frozenset[str] = frozenset({"wide", "stateful"})
GROUP = {language: group for group, languages in LANGUAGES.items() for language in languages} | {"en": "latin"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A way of damage that is measured by itself.

    Attributes:
        name: What to call it in a table.
        policy: What the decoder did with invalid bytes.
        damage: The damage.
        chain: The chain that a naive inverse would have to know; empty where there is none.
        languages: Languages of the lines to damage.
        tries: Lines to try for each line wanted; many where few lines can suffer the damage.
    """

    name: str
    policy: str
    damage: Damage
    chain: tuple[Misread, ...]
    languages: tuple[str, ...]
    tries: int = 8


@dataclass(frozen=True, slots=True)
class Sample:
    """Damaged lines and their truth, of equal number."""

    raws: tuple[str, ...]
    truths: tuple[str, ...]


def clean_languages(data: Path) -> list[str]:
    """Return the languages of which ``data/clean`` has lines."""
    return sorted(path.stem for path in (data / "clean").glob("*.txt"))


def clean_lines(data: Path, language: str) -> list[str]:
    """Return the clean lines of a language; none if the file is not there."""
    path = data / "clean" / f"{language}.txt"
    return path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []


def lossless_chains(language: str) -> Iterator[tuple[Misread, ...]]:
    """Yield every chain of one misread between encodings of the registry, then the listed chains of two.

    The true encoding is UTF-8 or one that the registry names for this language; wide and stateful encodings
    are left out on both sides.
    """
    true = [e for e in ENCODINGS.values() if e.name == "utf-8" or language in e.languages]
    for a in true:
        for b in ENCODINGS.values():
            if a is not b and a.structure not in WIDE and b.structure not in WIDE:
                yield (Misread(a.name, b.name),)
    for spec, groups in DOUBLE_CHAINS.items():
        if GROUP.get(language) in groups:
            yield chain_of(spec)


def lossy_cells() -> Iterator[Cell]:
    """Yield every chain under every policy that is among those people meet."""
    for spec, languages in LOSSY_CHAINS:
        for policy in POLICIES:
            chain = chain_of(spec, policy)
            yield Cell(spec, policy, misread_chain(chain), chain, languages)
    for spec in C1_CHAINS:
        for step in ("c1-fffd", "c1-question", "c1-drop"):
            chain = chain_of(spec)
            yield Cell(spec, step, then(misread_chain(chain), step), chain, ("zh-Hans", "zh-Hant", "ja", "ko", "ru"))


def collect(
    damage: Damage,
    lines: list[str],
    count: int,
    seed: str,
    *,
    lossless: bool | None,
    shortest: int = 1,
    tries: int = 8,
) -> Sample:
    """Damage lines drawn from ``lines`` until ``count`` have suffered it, or ``tries`` times as many were tried.

    Args:
        damage: The damage.
        lines: What to draw from; the same seed draws the same lines.
        count: Lines wanted.
        seed: Seed of both the draw and the damage.
        lossless: Whether to keep only damage that is (or is not) lossless; None for both.
        shortest: Shortest line to damage, in characters.
        tries: Lines tried for each line wanted.
    """
    rng = random.Random(seed)
    pool = [line for line in lines if len(line) >= shortest]
    raws: list[str] = []
    truths: list[str] = []
    for line in rng.sample(pool, min(len(pool), tries * count)):
        outcome = damage(line, rng)
        if outcome is None or lossless not in (None, outcome[1].lossless):
            continue
        raws.append(outcome[0])
        truths.append(line if outcome[1].truth is None else outcome[1].truth)
        if len(raws) == count:
            break
    return Sample(tuple(raws), tuple(truths))
