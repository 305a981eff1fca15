"""Measure repair on the lines of a data directory, beside other tools.

    python benchmarks/accuracy.py --data DIR [--lossless] [--clean] [--lossy] [--seed] [--wild] [--json FILE]

``--lossless``  every misread that loses nothing, by language and chain: exact lines
``--clean``     clean lines that are changed, each shown
``--lossy``     misreads that lose bytes, streams out of step, and glosses, by decoder and length of line
``--seed``      the article: damaged places repaired, as it stands and moved about
``--wild``      damage from public files, by family, with its hard negatives

All are run where none is named.  The same arguments give the same figures.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.article import places_of, repaired_places, variants
from benchmarks.fixers import FIXERS, Fixer, naive_inverse
from benchmarks.measures import Score, score, table
from benchmarks.samples import Cell, clean_languages, clean_lines, collect, lossless_chains, lossy_cells
from corpus.damage import DAMAGES, chain_of, cut_short, misread_chain
from corpus.damage.stream import byte_gained, byte_lost

LEAST = 5
"""Fewest lines that make a cell of the lossless table."""
MUST = 99.5
"""Exact lines of a lossless cell, in per cent, below which it is flagged."""
BUCKETS: tuple[tuple[int, int], ...] = ((4, 7), (8, 15), (16, 31), (32, 10_000))
"""Lengths of lines, in characters, that the lossy table tells apart."""

Results = dict[str, object]


def lossless(arguments: argparse.Namespace, fixers: dict[str, Fixer]) -> Results:
    """Measure every misread that loses nothing."""
    found: list[tuple[str, str, dict[str, Score]]] = []
    for language in arguments.languages:
        lines = clean_lines(arguments.data, language)
        for chain in lossless_chains(language):
            name = " + ".join(f"{link.encoding}>{link.read_as}" for link in chain)
            damage = misread_chain(chain)
            sample = collect(damage, lines, arguments.lines, f"{language} {name}", lossless=True, shortest=20)
            if len(sample.raws) < LEAST:
                continue
            scores = {}
            for tool, fix in fixers.items():
                repaired = fix(sample.raws)
                scores[tool] = score(sample.raws, sample.truths, repaired)
                if tool == "ours":
                    _show_failures(f"{language} {name}", sample.raws, sample.truths, repaired, arguments.show)
            found.append((language, name, scores))
    _print_lossless(found, list(fixers), all_cells=arguments.all_cells)
    return {f"{language} {name}": _plain(scores) for language, name, scores in found}


def clean(arguments: argparse.Namespace, fixers: dict[str, Fixer]) -> Results:
    """Count the clean lines that are changed, and show each."""
    results: Results = {}
    rows = []
    for language in arguments.languages:
        lines = clean_lines(arguments.data, language)
        changed = {}
        for tool, fix in fixers.items():
            pairs = [(a, b) for a, b in zip(lines, fix(lines), strict=True) if a != b]
            changed[tool] = len(pairs)
            if tool == "ours":
                for before, after in pairs:
                    print(f"changed ({language})\n  was {before!r}\n  now {after!r}")
        rows.append((language, len(lines), *changed.values()))
        results[language] = {"lines": len(lines), "changed": changed}
    rows.append(("all", *(sum(row[i] for row in rows) for i in range(1, len(rows[0])))))
    print("\nclean lines changed")
    print(table(("language", "lines", *fixers), rows))
    return results


def lossy(arguments: argparse.Namespace, fixers: dict[str, Fixer]) -> Results:
    """Measure damage that loses bytes, by way of damage, decoder and length of line."""
    scores: dict[tuple[str, str, str], dict[str, Score]] = {}
    for cell in _all_lossy_cells():
        if arguments.only and arguments.only not in cell.name:
            continue
        tools = {**fixers, "naive": naive_inverse(cell.chain)} if cell.chain else dict(fixers)
        for low, high in BUCKETS:
            sums: dict[str, Score] = defaultdict(Score)
            for language in cell.languages:
                lines = [line for line in clean_lines(arguments.data, language) if low <= len(line) <= high]
                seed = f"{language} {cell.name} {cell.policy} {low}"
                sample = collect(cell.damage, lines, arguments.lines, seed, lossless=False, tries=cell.tries)
                for tool, fix in tools.items():
                    repaired = fix(sample.raws)
                    sums[tool] += score(sample.raws, sample.truths, repaired)
                    if tool == "ours":
                        _show_failures(seed, sample.raws, sample.truths, repaired, arguments.show)
            bucket = f"{low}-{high}" if high < 10_000 else f"{low}+"
            if any(value.lines for value in sums.values()):
                scores[cell.name, cell.policy, bucket] = dict(sums)
    print("\nlossy: exact lines and right characters in per cent, harmed lines")
    columns = [*fixers, "naive"]
    head = ["damage, decoder, length", "lines"]
    head += [f"{tool} {what}" for tool in columns for what in ("exact", "chars", "harmed")]
    print(table(head, (_lossy_row(" ".join(key), value, columns) for key, value in scores.items())))
    print("\nlossy, lines of 16 characters and more, all decoders together")
    sums_by_name: dict[str, dict[str, Score]] = {}
    for (name, _, bucket), value in scores.items():
        if bucket in ("16-31", "32+"):
            total = sums_by_name.setdefault(name, defaultdict(Score))
            for tool, part in value.items():
                total[tool] += part
    print(table(head, (_lossy_row(name, value, columns) for name, value in sums_by_name.items())))
    return {" ".join(key): _plain(value) for key, value in scores.items()}


def seed(arguments: argparse.Namespace, fixers: dict[str, Fixer]) -> Results:
    """Measure the article: which damaged places come out right, and whether all of it does."""
    results: Results = {}
    rows = []
    for variant in variants(arguments.data):
        places = places_of(variant)
        for tool, fix in fixers.items():
            (text,) = fix([variant.raw])
            repaired = repaired_places(variant, text)
            left = score([variant.raw], [variant.truth], [text])
            exact = text == variant.truth
            wrong = left.characters - left.right
            rows.append((variant.name, tool, f"{sum(repaired)}/{len(places)}", "yes" if exact else "no", wrong))
            results[f"{variant.name} {tool}"] = {"places": repaired, "exact": exact, "wrong": wrong}
            if tool == "ours":
                for place, good in zip(places, repaired, strict=True):
                    if not good:
                        print(f"not repaired ({variant.name}): {place.observed!r} for {place.truth!r}")
    print("\nthe article: damaged places repaired, glosses apart")
    print(table(("variant", "tool", "places", "exact", "characters missing"), rows))
    return results


def wild(arguments: argparse.Namespace, fixers: dict[str, Fixer]) -> Results:
    """Measure damage from public files, by family: exact, nearer to the truth, left alone, harmed."""
    lines = (arguments.data / "wild-dev.jsonl").read_text(encoding="utf-8").splitlines()
    families: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in map(json.loads, lines):
        families[row["family"]].append(row)
    results: Results = {}
    rows = []
    for family, members in sorted(families.items()):
        raws = [row["raw"] for row in members]
        truths = [row["raw"] if row["gold"] is None else row["gold"] for row in members]
        for tool, fix in fixers.items():
            repaired = fix(raws)
            total = score(raws, truths, repaired)
            exact = sum(a == b for a, b in zip(repaired, truths, strict=True))
            alone = sum(a == b != c for a, b, c in zip(repaired, raws, truths, strict=True))
            partial = total.lines - exact - alone - total.harmed
            shares = (exact, partial, alone, total.harmed)
            rows.append((family, tool, total.lines, *shares, total.exact_percent, total.right_percent))
            results[f"{family} {tool}"] = dict(zip(("exact", "partial", "alone", "harmed"), shares, strict=True))
            if tool == "ours":
                labels = (row["id"] for row in members)
                _show_failures(f"wild {family}", raws, truths, repaired, arguments.show, labels)
    print("\nwild damage by family")
    head = ("family", "tool", "lines", "exact", "nearer", "left alone", "harmed", "exact %", "characters %")
    print(table(head, rows))
    return results


SECTIONS: dict[str, tuple[Callable[[argparse.Namespace, dict[str, Fixer]], Results], str]] = {
    "lossless": (lossless, "ours"),
    "clean": (clean, "ours"),
    "lossy": (lossy, "ours,ftfy,plsfix"),
    "seed": (seed, "ours"),
    "wild": (wild, "ours,ftfy,plsfix"),
}
"""Each section, and the tools that it runs unless ``--tools`` says otherwise."""


def main() -> None:
    """Run the sections asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="directory with clean/, seed.txt and wild-dev.jsonl")
    for name in SECTIONS:
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--lines", type=int, default=20, help="lines of each cell (default 20)")
    parser.add_argument("--languages", default="", help="only these, by comma")
    parser.add_argument("--only", default="", help="only lossy cells whose name contains this")
    parser.add_argument("--tools", default="", help=f"by comma, of {', '.join(FIXERS)}")
    parser.add_argument("--show", type=int, default=0, help="failures to show of each cell (default none)")
    parser.add_argument("--all-cells", action="store_true", help="list all lossless cells, not only the flagged")
    parser.add_argument("--json", type=Path, help="write all figures here too")
    arguments = parser.parse_args()
    arguments.languages = arguments.languages.split(",") if arguments.languages else clean_languages(arguments.data)
    chosen = [name for name in SECTIONS if getattr(arguments, name)] or list(SECTIONS)
    results: Results = {}
    for name in chosen:
        section, tools = SECTIONS[name]
        fixers = {tool: FIXERS[tool] for tool in (arguments.tools or tools).split(",")}
        results[name] = section(arguments, fixers)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _print_lossless(found: list[tuple[str, str, dict[str, Score]]], tools: list[str], *, all_cells: bool) -> None:
    first = tools[0]
    flagged = [row for row in found if row[2][first].exact_percent < MUST]
    print(f"\nlossless: {len(found)} cells, {len(flagged)} below {MUST} % exact lines ({first})")
    rows: list[list[object]] = []
    for language in dict.fromkeys(row[0] for row in found):
        group = [scores for name, _, scores in found if name == language]
        sums = {tool: sum((scores[tool] for scores in group), Score()) for tool in tools}
        worst = min(scores[first].exact_percent for scores in group)
        exact = [sums[tool].exact_percent for tool in tools]
        rows.append([language, len(group), sums[first].lines, *exact, worst, sums[first].harmed])
    columns = [f"{tool} exact %" for tool in tools]
    print(table(("language", "cells", "lines", *columns, "worst cell %", "harmed"), rows))
    rows = []
    for language, name, scores in found if all_cells else flagged:
        mine = scores[first]
        exact = [scores[tool].exact_percent for tool in tools]
        rows.append([f"{language} {name}", mine.lines, *exact, mine.right_percent, mine.changed, mine.harmed])
    if rows:
        print("\ncells" if all_cells else f"\ncells below {MUST} %")
        print(table(("cell", "lines", *columns, "characters %", "changed", "harmed"), rows))


def _all_lossy_cells() -> Iterator[Cell]:
    yield from lossy_cells()
    for encoding, language in (("gbk", "zh-Hans"), ("cp950", "zh-Hant")):
        for policy in ("pair-question", "lead-fffd"):
            yield Cell(f"{encoding} byte lost", policy, byte_lost(encoding, policy), (), (language,))
            yield Cell(f"{encoding} byte gained", policy, byte_gained(encoding, policy), (), (language,))
    for name in ("byte-split", "byte-split-folded"):
        yield Cell(name, "pair-question", DAMAGES[name], (), ("zh-Hans", "zh-Hant"), tries=1000)
    yield Cell("gloss-astride", "pair-question", DAMAGES["gloss-astride"], (), ("zh-Hant",))
    for spec, language in (("utf-8>gbk", "zh-Hans"), ("utf-8>cp1252", "ja"), ("gbk>latin-1", "zh-Hans")):
        yield Cell(f"{spec} cut short", "lead-question", cut_short(chain_of(spec, "lead-question")), (), (language,))


def _lossy_row(name: str, scores: dict[str, Score], columns: list[str]) -> list[object]:
    row: list[object] = [name, max(value.lines for value in scores.values())]
    for tool in columns:
        value = scores.get(tool)
        row += ["-"] * 3 if value is None else [value.exact_percent, value.right_percent, value.harmed]
    return row


def _show_failures(
    name: str,
    raws: tuple[str, ...] | list[str],
    truths: tuple[str, ...] | list[str],
    repaired: list[str],
    count: int,
    labels: Iterator[str] | None = None,
) -> None:
    failures = [
        (label, *texts)
        for label, *texts in zip(labels or map(str, range(len(raws))), raws, truths, repaired, strict=True)
        if texts[1] != texts[2]
    ]
    for label, raw, truth, text in failures[:count]:
        print(f"{name} {label}\n  raw   {raw!r}\n  truth {truth!r}\n  ours  {text!r}")


def _plain(scores: dict[str, Score]) -> dict[str, dict[str, int]]:
    return {tool: asdict(value) for tool, value in scores.items()}


if __name__ == "__main__":
    main()
