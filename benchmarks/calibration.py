"""Measure how sure repairs say they are against how often they are right.

    python benchmarks/calibration.py --data DIR [--lines N] [--chains K]

Lines of ``DIR/clean`` are damaged in many ways, clean ones are put among them, and all are repaired with
``min_confidence=0``.  Two tables say how often the repaired texts came out exactly, came nearer to the truth than they
were, and had been right as they stood: by confidence, and by evidence (nats, of the step that is least sure), from
which the curves of ``mojibake_fix.engine.decision`` are read off.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.measures import distance, table
from benchmarks.samples import clean_languages, clean_lines, collect, lossless_chains, lossy_cells
from corpus.damage import DAMAGES, Damage, misread_chain
from mojibake_fix import Repair, fix_and_explain

CONFIDENCE = (0.0, 0.1, 0.5, 0.9, 0.99, 0.999, 1.01)
EVIDENCE = (float("-inf"), -2.0, 0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 15.0, 25.0, float("inf"))
STREAMS = (
    ("byte-lost", "zh-Hans"),
    ("byte-gained", "zh-Hans"),
    ("byte-split", "zh-Hant"),
    ("gloss-astride", "zh-Hant"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One text that was changed: what kind of damage it had, how sure the repair was, and how it came out."""

    kind: str
    confidence: float
    evidence: float
    nearer: bool
    exact: bool
    had_been_right: bool


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=2, help="lines of each way of damage (default 2)")
    parser.add_argument("--chains", type=int, default=12, help="lossless chains of each language (default 12)")
    parser.add_argument("--languages", default="", help="only these, by comma")
    arguments = parser.parse_args()
    languages = arguments.languages.split(",") if arguments.languages else clean_languages(arguments.data)
    outcomes = list(_outcomes(arguments.data, languages, arguments.lines, arguments.chains))
    for kind in dict.fromkeys(outcome.kind for outcome in outcomes):
        chosen = [outcome for outcome in outcomes if outcome.kind == kind]
        print(f"\n{kind}: texts that were changed")
        print(_banded("confidence", CONFIDENCE, [(o.confidence, o) for o in chosen]))
        print(_banded("evidence", EVIDENCE, [(o.evidence, o) for o in chosen]))


def _banded(name: str, edges: Sequence[float], found: list[tuple[float, Outcome]]) -> str:
    bands: dict[int, list[Outcome]] = defaultdict(list)
    for value, outcome in found:
        bands[max(i for i, low in enumerate(edges) if value >= low)].append(outcome)
    rows = []
    for band, members in sorted(bands.items()):
        nearer, exact = (100 * sum(values) / len(members) for values in _columns(members))
        right = sum(member.had_been_right for member in members)
        rows.append((f"{edges[band]:g} to {min(edges[band + 1], 1e9):g}", len(members), nearer, exact, right))
    return table((name, "texts", "nearer %", "exact %", "had been right"), rows)


def _columns(members: list[Outcome]) -> tuple[list[bool], list[bool]]:
    return [member.nearer for member in members], [member.exact for member in members]


def _outcomes(data: Path, languages: list[str], lines: int, chains: int) -> Iterator[Outcome]:
    for kind, raw, truth in _pairs(data, languages, lines, chains):
        repair = fix_and_explain(raw, min_confidence=0.0)
        if repair.text != raw:
            nearer = distance(repair.text, truth) < distance(raw, truth)
            yield Outcome(kind, repair.confidence, _evidence(repair), nearer, repair.text == truth, raw == truth)


def _evidence(repair: Repair) -> float:
    return min(step.evidence for step in repair.plan)


def _pairs(data: Path, languages: list[str], lines: int, chains: int) -> Iterator[tuple[str, str, str]]:
    for kind, damage, language, seed in _damages(languages, chains):
        sample = collect(damage, clean_lines(data, language), lines, seed, lossless=kind == "lossless" or None)
        for raw, truth in zip(sample.raws, sample.truths, strict=True):
            yield kind, raw, truth
    for language in languages:
        for line in random.Random(language).sample(clean_lines(data, language), 150 * lines):
            yield "clean", line, line


def _damages(languages: list[str], chains: int) -> Iterator[tuple[str, Damage, str, str]]:
    for language in languages:
        every = list(lossless_chains(language))
        for chain in random.Random(language).sample(every, min(chains, len(every))):
            yield "lossless", misread_chain(chain), language, f"{language} {chain}"
    for cell in lossy_cells():
        for language in set(cell.languages).intersection(languages):
            yield "lossy", cell.damage, language, f"{language} {cell.name} {cell.policy}"
    for name, language in STREAMS:
        if language in languages:
            yield "out of step", DAMAGES[name], language, f"{language} {name}"


if __name__ == "__main__":
    main()
