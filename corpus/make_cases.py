"""Make ``corpus/cases/synthetic.jsonl``: our own sentences, damaged by the models of :mod:`corpus.damage`.

Each row of the plan below is a damage, the languages that suffer it, and how many cases of each to make.
The sentences are taken in the order of their files and the seed is the case's label, so that making the
file again changes nothing.  Run from the top of the repository: ``python -m corpus.make_cases``.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

from corpus.damage import DAMAGES, Damage, chain_of, misread_chain
from corpus.damage.chains import DOUBLE_CHAINS, SINGLE_CHAINS
from mojibake_fix.plan import Fault

ROOT = Path(__file__).parent
TARGET = ROOT / "cases" / "synthetic.jsonl"
SHORTEST = 12
"""Shortest sentence to damage, in characters: below that even a reader may not know what was meant."""

LANGUAGES = {
    "zh-Hans": ("zh-Hans",),
    "zh-Hant": ("zh-Hant",),
    "ja": ("ja",),
    "ko": ("ko",),
    "latin": ("fr", "de", "es", "pt", "it", "cs", "pl", "tr", "vi"),
    "cyrillic": ("ru", "uk"),
    "other": ("el", "ar", "he", "th"),
}
"""The languages of each group of :data:`SINGLE_CHAINS`."""

FAULTS: tuple[tuple[str, tuple[str, ...], int], ...] = (
    ("gloss-aligned", ("zh-Hant",), 24),
    ("gloss-astride", ("zh-Hant",), 16),
    ("gloss-toneless", ("zh-Hant",), 4),
    ("byte-split", ("zh-Hans", "zh-Hant"), 4),
    ("byte-lost", ("zh-Hans", "zh-Hant"), 6),
    ("byte-gained", ("zh-Hans", "zh-Hant"), 6),
    ("escape-entity-decimal", ("zh-Hans", "zh-Hant", "ja", "ko", "ru"), 2),
    ("escape-entity-hex", ("zh-Hans", "zh-Hant", "ja", "ko", "th"), 2),
    ("escape-hz", ("zh-Hans",), 3),
    ("escape-iso-2022-jp-without-esc", ("ja",), 4),
    ("mixed-span", ("zh-Hans", "zh-Hant", "ja", "ko"), 3),
    ("beyond-replacement", ("zh-Hans",), 3),
)
"""Damage by name, languages, cases of each."""

LOSSY: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("utf-8>gbk", "java", ("zh-Hans", "zh-Hant")),
    ("utf-8>gbk", "pair-question", ("zh-Hans", "zh-Hant")),
    ("utf-8>gb18030", "lead-fffd", ("zh-Hans", "zh-Hant")),
    ("utf-8>cp1252", "cpython-replace", ("zh-Hans", "ja")),
    ("utf-8>cp932", "java", ("ja", "zh-Hans")),
    ("utf-8>cp949", "pair-question", ("ko",)),
    ("gbk>cp950", "pair-question", ("zh-Hans",)),
    ("cp950>gbk", "pair-question", ("zh-Hant",)),
)
"""Chains that lose bytes, the decoder's policy, languages."""


def sentences(language: str) -> list[str]:
    """Return our own sentences in a language, those of :data:`SHORTEST` characters and more."""
    lines = (ROOT / "sentences" / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if len(line) >= SHORTEST]


def cases() -> Iterator[dict[str, str]]:
    """Yield every case, in the order of the tables."""
    for group, specs in SINGLE_CHAINS.items():
        for spec in specs:
            yield from _chain_cases(spec, group, 2)
    for spec, groups in DOUBLE_CHAINS.items():
        for group in groups:
            yield from _chain_cases(spec, group, 2)
    for spec, policy, languages in LOSSY:
        damage = misread_chain(chain_of(spec, policy))
        for language in languages:
            yield from _made(damage, f"{spec} {policy}", language, 4, Fault.LOSSY)
    for name, languages, count in FAULTS:
        for language in languages:
            yield from _made(DAMAGES[name], name, language, count, None)


def line_of(case: dict[str, str]) -> str:
    """Return the line that a case is in the file, with the characters escaped that break lines or cannot be seen."""
    written = json.dumps(case, ensure_ascii=False)
    return "".join(c if c.isprintable() or c == "\u3000" else json.dumps(c)[1:-1] for c in written)


def main() -> None:
    """Write the file."""
    rows = list(cases())
    TARGET.write_text("".join(line_of(row) + "\n" for row in rows), encoding="utf-8")
    print(f"{len(rows)} cases in {TARGET}")


def _chain_cases(spec: str, group: str, count: int) -> Iterator[dict[str, str]]:
    damage = misread_chain(chain_of(spec))
    if group in ("latin", "cyrillic", "other"):
        count = 1
    for language in LANGUAGES[group]:
        yield from _made(damage, spec, language, count, Fault.MISREAD)


def _made(damage: Damage, name: str, language: str, count: int, fault: Fault | None) -> Iterator[dict[str, str]]:
    """Damage sentences of a language until ``count`` of them are cases of ``fault`` (None for any fault)."""
    rng = random.Random(f"{name} {language}")
    made = 0
    pool = sentences(language)
    for sentence in rng.sample(pool, len(pool)):
        outcome = damage(sentence, rng)
        if outcome is None or fault not in (None, outcome[1].fault):
            continue
        raw, facts = outcome
        made += 1
        truth = sentence if facts.truth is None else facts.truth
        beyond = facts.fault is Fault.BEYOND_REPAIR
        yield {
            "label": f"{name} {language} {made}",
            "original": raw,
            "fixed": raw if beyond else truth,
            "fault": facts.fault.value,
            "language": language,
        }
        if made == count:
            return


if __name__ == "__main__":
    main()
