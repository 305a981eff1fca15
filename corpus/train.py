"""Train the character n-gram model that is installed with the package.

    python corpus/train.py --corpora DIR [--lexicons DIR] [--out src/mojibake_fix/data/ngram.bin]

``--corpora`` holds ``MANIFEST.md`` and ``train/<lang>.txt.xz``, one sentence or paragraph a line.  ``--lexicons`` holds
what ``corpus/lexicons.py`` reads.  The same input gives the same bytes.  Only statistics reach the output.

Smoothing is interpolated absolute discounting with three discounts an order (Chen and Goodman 1998), not Kneser-Ney:
its lower orders are estimates of continuations, which pruning as hard as ours spoils (Chelba et al. 2010).
"""

from __future__ import annotations

import argparse
import lzma
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mojibake_fix.model.alphabet import ASTRAL_HAN, ASTRAL_OTHER, BOUNDARY, code_points, fold
from mojibake_fix.model.container import write_container
from mojibake_fix.model.fuse import build
from mojibake_fix.model.ngram import STYLES
from mojibake_fix.model.scan import SCAN_BITS, scan_slots

sys.path.insert(0, str(Path(__file__).parents[1]))

from corpus.lexicons import lexicon_phrases, lexicon_provenance
from corpus.phrases import Phrase, PhraseArrays, gather

Counts = tuple[npt.NDArray[np.uint64], npt.NDArray[np.float64]]

NGRAM_LANGUAGES = tuple("ar cs de el en es fr he it ja ko pl pt ru th tr uk vi zh-Hans zh-Hant".split())  # noqa: SIM905
"""``zh-Hant-converted`` is left out: in the folded alphabet it repeats the Simplified text that it was made from."""

LEXICON_WEIGHTS = {
    "libime": 0.15,
    "chewing": 0.15,
    "jieba": 0.05,
    "opencc-hans": 1.0,
    "opencc-hant": 1.0,
    "ipadic": 0.3,
}
"""What one expected occurrence in a lexicon is worth beside one in the sentences; lexicons that are not here, or whose
licence does not suit (share-alike), are left out."""

MARKUP = "p br div span a b i u em strong font li ul ol td tr th table h1 h2 h3 title body html img center".split()  # noqa: SIM905
MARKUP_FORMS = ("</{}>\n", "<{}>", "<{} ", "<{}/>", "\n<{}>", "><{}>", "></{}>")
MARKUP_COUNT = 300.0
"""Tags, which the sentences do not have and files do."""

PRUNE = {2: 6.3, 3: 9.9, 4: 17.6}
"""An n-gram stays if it is worth this many nats over the corpus; set so that the file is below 16 MB."""
ALPHABETIC_WEIGHT = 0.35
"""What a nat of alphabetic text is worth beside one of CJK text when n-grams are chosen."""
BITS = {2: (7, 5, 20), 3: (4, 2, 10), 4: (5, 0, 11)}
"""Bits of log-probability, of back-off weight and of fingerprint, by order.  A hole has some dozens of candidates, and
a fingerprint that matches by chance lifts one of them over all others: of candidates whose bigram is known, one in 128
would be lifted so with seven bits, and finer probabilities are not worth that."""
PACKED = ("fold", "forms", "unigram", "unigram_backoff")
"""Arrays of one entry a character, most of them alike: packed they take a quarter, and 3 ms to unpack."""
CENTROID_ROUNDS = 25
UNSEEN_LOGP = -16.0
SCAN_ALPHABETIC_COUNT = 3
"""A bigram of letters seen less often than this counts as unseen: a hundred languages' letters meet in loan words."""
FORM_FLOOR = -9.0


@dataclass(frozen=True)
class Level:
    keys: npt.NDArray[np.uint64]
    logp: npt.NDArray[np.float64]
    backoff: npt.NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--lexicons", type=Path)
    parser.add_argument("--out", type=Path, default=Path("src/mojibake_fix/data/ngram.bin"))
    arguments = parser.parse_args()

    table = fold_table()
    texts = {language: read_corpus(arguments.corpora, language) for language in NGRAM_LANGUAGES}
    stream = np.concatenate([fold(points, table) for points in texts.values()])
    extra = read_lexicons(arguments.lexicons)
    say(f"{len(stream):,} characters of text, {sum(len(arrays.points) for arrays, _ in extra):,} of lexicons")

    counts = {order: count(stream, order, extra, table) for order in (1, 2, 3, 4)}
    unigram = smooth_unigrams(counts[1])
    levels: dict[int, Level] = {}
    for order in (2, 3, 4):
        levels[order] = smooth(order, counts, levels, unigram)
        say(f"order {order}: {len(levels[order].keys):,} of {len(counts[order][0]):,} n-grams kept")
    backoffs = backoff_weights(levels, unigram)

    arrays: dict[str, npt.NDArray[Any]] = {
        "fold": table,
        "unigram": unigram.astype(np.float32),
        "unigram_backoff": backoffs[1].astype(np.float32),
        "forms": form_tables(texts, table),
        "scan": scan_bitmap(*counts[2]),
    }
    meta: dict[str, Any] = {"levels": {}, "provenance": provenance(arguments.corpora, arguments.lexicons)}
    for order, level in levels.items():
        logp_bits, backoff_bits, fingerprint_bits = BITS[order]
        value_bits = logp_bits + backoff_bits
        weight = np.exp(level.logp)
        logp_index, arrays[f"logp{order}"] = quantise(level.logp, weight**0.25, logp_bits)
        backoff = backoffs.get(order, level.backoff)
        backoff_index, arrays[f"backoff{order}"] = quantise(backoff, np.ones(len(backoff)), backoff_bits)
        values = logp_index | (backoff_index << np.uint32(logp_bits))
        function = build(level.keys, values, value_bits=value_bits, fingerprint_bits=fingerprint_bits)
        arrays[f"cells{order}"] = function.cells
        meta["levels"][str(order)] = {
            "segments": function.segments,
            "seed": function.seed,
            "value_bits": value_bits,
            "fingerprint_bits": fingerprint_bits,
        }
    write_container(arguments.out, arrays, meta, packed=PACKED)
    say(f"{arguments.out}: {arguments.out.stat().st_size / 1e6:.2f} MB")


def say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def fold_table() -> npt.NDArray[np.uint16]:
    """Traditional to Simplified by OpenCC's character table (Apache-2.0), full-width ASCII to ASCII, 「」 to “”."""
    import opencc

    folder = Path(opencc.__file__).parent / "dictionary"
    table = np.arange(0x10000, dtype=np.uint16)
    for line in (folder / "TSCharacters.txt").read_text(encoding="utf-8").splitlines():
        source, _, targets = line.partition("\t")
        target = targets.split(" ")[0]
        if len(source) == len(target) == 1 and ord(source) < 0x10000 and ord(target) < 0x10000:
            table[ord(source)] = ord(target)
    table[0xFF01:0xFF5F] = np.arange(0x21, 0x7F, dtype=np.uint16)
    for source, target in zip("　「」﹁﹂", " “”“”", strict=True):
        table[ord(source)] = ord(target)
    return table[table]


def read_corpus(corpora: Path, language: str) -> npt.NDArray[np.uint32]:
    with lzma.open(corpora / "train" / f"{language}.txt.xz", "rt", encoding="utf-8", newline="\n") as file:
        return code_points("\n" + file.read())


def read_lexicons(folder: Path | None) -> list[tuple[PhraseArrays, float]]:
    """The phrases of every lexicon in ``folder``, and our own of markup, with their weights."""
    tags = (Phrase(form.format(tag), MARKUP_COUNT, len(form.format(tag)), 0) for tag in MARKUP for form in MARKUP_FORMS)
    extra = [(gather(tags), 1.0)]
    if folder is not None:
        for found in lexicon_phrases(folder):
            weight = LEXICON_WEIGHTS.get(found.lexicon.name)
            if weight is not None:
                extra.append((gather(found.phrases), weight))
    return extra


def count(
    stream: npt.NDArray[np.uint16],
    order: int,
    extra: list[tuple[PhraseArrays, float]],
    table: npt.NDArray[np.uint16],
) -> Counts:
    """Count the n-grams that do not reach across a text's end, those of the lexicons with their weights."""
    keys, counts = np.unique(pack(stream, order), return_counts=True)
    parts, weights = [keys], [counts.astype(np.float64)]
    for arrays, weight in extra:
        more, times = arrays.ngrams(order, lambda points: fold(points, table))
        parts.append(more)
        weights.append(weight * times)
    keys, inverse = np.unique(np.concatenate(parts), return_inverse=True)
    return keys, np.bincount(inverse, np.concatenate(weights))


def pack(stream: npt.NDArray[np.uint16], order: int) -> npt.NDArray[np.uint64]:
    """Pack each n-gram into a key, last character lowest, leaving out those with a boundary inside."""
    n = len(stream) - order + 1
    key = np.zeros(n, dtype=np.uint64)
    whole = np.ones(n, dtype=bool)
    for place in range(order):
        part = stream[place : place + n]
        key = (key << np.uint64(16)) | part
        if 0 < place < order - 1:
            whole &= part != BOUNDARY
    return key[whole]


def smooth_unigrams(counts: Counts) -> npt.NDArray[np.float64]:
    """Log-probabilities of the whole alphabet: ``float64[65536]``, unseen characters at a floor."""
    keys, weights = counts
    logp = np.full(0x10000, UNSEEN_LOGP)
    discounted = np.maximum(weights - 0.5, 0.25)
    logp[keys.astype(np.int64)] = np.maximum(np.log(discounted / weights.sum()), UNSEEN_LOGP + 0.5)
    return logp


def discounts(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The discount of each count: Chen and Goodman's D1, D2, D3+ from the counts of counts."""
    n1, n2, n3, n4 = (float(((weights >= c - 0.5) & (weights < c + 0.5)).sum()) + 1.0 for c in (1, 2, 3, 4))
    y = n1 / (n1 + 2 * n2)
    d = np.clip([1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3], 0.1, [0.95, 1.6, 2.4])
    return np.minimum(np.where(weights < 1.5, d[0], np.where(weights < 2.5, d[1], d[2])), weights * 0.95)


def smooth(order: int, counts: dict[int, Counts], levels: dict[int, Level], unigram: npt.NDArray[np.float64]) -> Level:
    """Estimate, choose and keep the n-grams of ``order``; all lower orders are done."""
    keys, weights = counts[order]
    discount = discounts(weights)
    _, group = np.unique(keys >> np.uint64(16), return_inverse=True)
    total = np.bincount(group, weights)
    kept_back = np.bincount(group, discount) / total
    candidates = (weights >= 1.5) | (order == 2)
    if order > 2:
        below = levels[order - 1].keys
        candidates &= member(below, keys >> np.uint64(16)) & member(below, suffix(keys, order))
    keys, weights, discount, group = keys[candidates], weights[candidates], discount[candidates], group[candidates]
    lower = evaluate(order - 1, suffix(keys, order), levels, unigram)
    p = (weights - discount) / total[group] + kept_back[group] * np.exp(lower)
    gain = weights * (np.log(p) - (np.log(kept_back[group]) + lower))
    letters = alphabetic((keys & np.uint64(0xFFFF)).astype(np.int64))
    gain = np.where(letters, gain * ALPHABETIC_WEIGHT, gain)
    keep = gain > PRUNE[order]
    return Level(keys[keep], np.log(p[keep]), np.zeros(int(keep.sum())))


def alphabetic(codes: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    return codes < 0x2E80


def suffix(keys: npt.NDArray[np.uint64], order: int) -> npt.NDArray[np.uint64]:
    return keys & np.uint64((1 << (16 * (order - 1))) - 1)


def member(sorted_keys: npt.NDArray[np.uint64], keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    place = np.searchsorted(sorted_keys, keys)
    place[place == len(sorted_keys)] = 0
    return sorted_keys[place] == keys


def evaluate(
    order: int, keys: npt.NDArray[np.uint64], levels: dict[int, Level], unigram: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The model's log-probability of each n-gram's last character, as far as the model is built."""
    score = unigram[(keys & np.uint64(0xFFFF)).astype(np.int64)]
    backoffs = backoff_weights({o: level for o, level in levels.items() if o <= order}, unigram)
    for o in range(2, order + 1):
        level = levels[o]
        part = suffix(keys, o + 1)
        history = part >> np.uint64(16)
        if o == 2:
            weight = backoffs[1][history.astype(np.int64)]
        else:
            weight = look_up(levels[o - 1].keys, backoffs[o - 1], history, 0.0)
        score = look_up(level.keys, level.logp, part, np.nan, fallback=weight + score)
    return score


def look_up(
    sorted_keys: npt.NDArray[np.uint64],
    values: npt.NDArray[np.float64],
    keys: npt.NDArray[np.uint64],
    absent: float,
    fallback: npt.NDArray[np.float64] | None = None,
) -> npt.NDArray[np.float64]:
    place = np.searchsorted(sorted_keys, keys)
    place[place == len(sorted_keys)] = 0
    found = sorted_keys[place] == keys
    return np.where(found, values[place], absent if fallback is None else fallback)


_BACKOFFS: dict[tuple[int, ...], dict[int, npt.NDArray[np.float64]]] = {}


def backoff_weights(levels: dict[int, Level], unigram: npt.NDArray[np.float64]) -> dict[int, npt.NDArray[np.float64]]:
    """The log back-off weight of every history, by its order, so that each distribution sums to one."""
    done = _BACKOFFS.setdefault((), {})
    for order, level in sorted(levels.items()):
        if order - 1 in done:
            continue
        history = level.keys >> np.uint64(16)
        below = {o: lower for o, lower in levels.items() if o < order}
        lower = evaluate(order - 1, suffix(level.keys, order), below, unigram)
        if order == 2:
            slots, size = history.astype(np.int64), 0x10000
        else:
            slots, size = np.searchsorted(levels[order - 1].keys, history), len(levels[order - 1].keys)
        taken = np.minimum(np.bincount(slots, np.exp(level.logp), minlength=size), 0.9999)
        covered = np.minimum(np.bincount(slots, np.exp(lower), minlength=size), 0.9999)
        done[order - 1] = np.log((1 - taken) / (1 - covered))
    return done


def quantise(
    values: npt.NDArray[np.float64], weights: npt.NDArray[np.float64], bits: int
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.float32]]:
    """Lloyd's algorithm from the quantiles: the index of each value, and the ``2 ** bits`` centroids."""
    centroids = np.quantile(values, (np.arange(1 << bits) + 0.5) / (1 << bits))
    for _ in range(CENTROID_ROUNDS):
        index = np.searchsorted((centroids[1:] + centroids[:-1]) / 2, values)
        total = np.bincount(index, weights, minlength=1 << bits)
        mean = np.bincount(index, weights * values, minlength=1 << bits) / np.maximum(total, 1e-12)
        centroids = np.sort(np.where(total > 0, mean, centroids))
    index = np.searchsorted((centroids[1:] + centroids[:-1]) / 2, values)
    return index.astype(np.uint32), centroids.astype(np.float32)


def scan_bitmap(keys: npt.NDArray[np.uint64], weights: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """The hashed set of bigrams that clean text is made of, one bit each: ``uint8[2 ** SCAN_BITS / 8]``."""
    common = weights >= np.where(alphabetic((keys & np.uint64(0xFFFF)).astype(np.int64)), SCAN_ALPHABETIC_COUNT, 1)
    bits = np.zeros(1 << SCAN_BITS, dtype=np.uint8)
    bits[scan_slots(keys[common].astype(np.uint32))] = 1
    return np.packbits(bits, bitorder="little")


def form_tables(texts: dict[str, npt.NDArray[np.uint32]], table: npt.NDArray[np.uint16]) -> npt.NDArray[np.int8]:
    """``log P(character | folded character, style)`` in eighths of a nat: ``int8[len(STYLES), 65536]``."""
    rows = []
    for style in STYLES:
        points = texts[style]
        seen = np.bincount(points[points < 0x10000].astype(np.int64), minlength=0x10000) + 1e-3
        folded = np.bincount(table.astype(np.int64), seen, minlength=0x10000)
        rows.append(np.maximum(np.log(seen / folded[table]), FORM_FLOOR))
    return np.rint(np.array(rows) * 8).astype(np.int8)


def provenance(corpora: Path, lexicons: Path | None) -> dict[str, Any]:
    """Name, version and licence of every source, from the manifest's rows of training text."""
    rows = []
    for line in (corpora / "MANIFEST.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) >= 6 and cells[1] == "train" and cells[0] in NGRAM_LANGUAGES:
            rows.append(
                dict(zip(("language", "name", "from", "version", "licence"), [cells[0], *cells[2:6]], strict=True))
            )
    result: dict[str, Any] = {"text": rows, "astral symbols": [ASTRAL_HAN, ASTRAL_OTHER]}
    if lexicons is not None:
        result["lexicons"] = [row for row in lexicon_provenance(lexicons) if row["name"] in LEXICON_WEIGHTS]
    return result


if __name__ == "__main__":
    main()
