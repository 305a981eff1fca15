"""Measure how sure repairs say they are against how often they are right.

    python benchmarks/calibration.py --data DIR [--lines N]

Lines of ``DIR/clean`` are damaged in many ways, clean ones are put among them, and all are repaired with
``min_confidence=0``.  The table says, by the confidence of a repair, how many of its texts came nearer to the truth
than they were, how many came out exactly, and how many of them had been right as they stood.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.measures import distance, table
from benchmarks.samples import clean_lines, collect, lossy_cells
from corpus.damage import DAMAGES, chain_of, misread_chain
from mojibake_fix import fix_and_explain

BANDS = (0.0, 0.1, 0.5, 0.9, 0.99, 0.999, 1.01)
LOSSLESS = (
    ("utf-8>gbk", "zh-Hans"),
    ("gbk>cp1252", "zh-Hans"),
    ("cp950>gbk", "zh-Hant"),
    ("cp932>cp1252", "ja"),
    ("cp949>gbk", "ko"),
    ("utf-8>cp1252", "fr"),
    ("cp1252>mac-roman", "de"),
    ("cp1251>koi8-r", "ru"),
)
STREAMS = (
    ("byte-lost", "zh-Hans"),
    ("byte-gained", "zh-Hans"),
    ("byte-split", "zh-Hant"),
    ("gloss-astride", "zh-Hant"),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=6, help="lines of each way of damage (default 6)")
    arguments = parser.parse_args()
    bands: dict[int, list[tuple[bool, bool, bool]]] = defaultdict(list)
    for raw, truth in _pairs(arguments.data, arguments.lines):
        repair = fix_and_explain(raw, min_confidence=0.0)
        if repair.text == raw:
            continue
        nearer = distance(repair.text, truth) < distance(raw, truth)
        band = max(i for i, low in enumerate(BANDS) if repair.confidence >= low)
        bands[band].append((nearer, repair.text == truth, raw == truth))
    rows = []
    for band in sorted(bands):
        found = bands[band]
        shares = [100 * sum(row[i] for row in found) / len(found) for i in (0, 1)]
        rows.append(
            (f"{BANDS[band]:g} to {min(BANDS[band + 1], 1.0):g}", len(found), *shares, sum(r[2] for r in found))
        )
    print(table(("confidence", "texts", "nearer %", "exact %", "had been right"), rows))


def _pairs(data: Path, count: int) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for cell in lossy_cells():
        for language in cell.languages:
            lines = clean_lines(data, language)
            sample = collect(
                cell.damage, lines, max(count // 6, 1), f"{language} {cell.name} {cell.policy}", lossless=False
            )
            pairs += zip(sample.raws, sample.truths, strict=True)
    named = [(spec, misread_chain(chain_of(spec)), language) for spec, language in LOSSLESS]
    named += [(name, DAMAGES[name], language) for name, language in STREAMS]
    for name, damage, language in named:
        lines = clean_lines(data, language)
        sample = collect(damage, lines, 4 * count, f"{language} {name}", lossless=None)
        pairs += zip(sample.raws, sample.truths, strict=True)
    for language in ("zh-Hans", "zh-Hant", "ja", "ko", "de", "ru"):
        pairs += [(line, line) for line in clean_lines(data, language)[: 30 * count]]
    return pairs


if __name__ == "__main__":
    main()
