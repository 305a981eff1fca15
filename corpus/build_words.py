"""Build ``mojibake_fix/data/words.bin``: frequent words of languages in Latin letters.

    python -m corpus.build_words --corpora DIR [--check] [--out FILE]

``--check`` writes nothing and exits 1 if the file would change.  The lists are those of the package wordfreq, which
must be installed; what stands beside short words comes from the text that the language models are trained on.  Running
it again gives the same bytes.  How they are used: :mod:`mojibake_fix.model.words`.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import lzma
import math
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.lexicon_readers import read_buckets
from corpus.train import quantise
from mojibake_fix.model.container import write_container
from mojibake_fix.model.fuse import build
from mojibake_fix.model.words import PLACES, SHORT, place_of, word_keys, words_of

DATA = Path(__file__).resolve().parent.parent / "src" / "mojibake_fix" / "data" / "words.bin"
_PACKAGE, _LICENCE = "wordfreq", "CC-BY-SA-4.0"
VALUE_BITS, FINGERPRINT_BITS = 3, 13
"""Eight classes of frequency; a word that is in no list is found in one language's by mistake once in 8192."""
_LATIN = re.compile("[A-Za-z\xc0-\xd6\xd8-\xf6\xf8-\u024f\u1e00-\u1eff]+")
_NEVER_LISTED = 0.01
"""Share of words that no list has, however long."""
_LEAST_OF_SHORT = (-7.4, -11.5)
"""Nats that a word of one letter must have, and one of two: all letters are listed, as names of themselves, and the
rarest that is a word (é in Portuguese, à in French, ő in Hungarian) is three times as frequent as č in Slovak."""
_LEAST_OF_LETTERS = 0.001
"""Share that each letter of a word must have of its language's letters: what has rarer ones are names, and words that
the text they were counted in had misread, such as "năo" in Portuguese and "siê" in Polish."""
_LETTER_FLOOR = -9.0
"""Nats for a letter that no word of a language's list has."""


@dataclass(frozen=True)
class WordList:
    """How much of a language is kept.

    Attributes:
        language: BCP 47 tag.
        size: Which of the package's lists.
        special: Words with letters that ASCII lacks.
        frequent: Of how many of these, the most frequent ones, the frequency is kept.
        plain: Words of ASCII letters.
        pairs: Neighbours of short words, of which the training text tells.
    """

    language: str
    size: str
    special: int
    frequent: int
    plain: int
    pairs: int = 0


_OTHERS = ("ca", "da", "fi", "hu", "nb", "nl", "ro", "sh", "sk", "sv")
LISTS = (
    # Of the words with such letters in development text these have 99 % (Italian, Portuguese), 98 to 99 (French,
    # Spanish) and 81 to 92 (Polish, Czech, German, Turkish, of which a line has many); those of other languages tell
    # their lines apart.
    WordList("it", "large", 11200, 2500, 600, 2500),
    WordList("es", "large", 28000, 4000, 600, 500),
    WordList("fr", "large", 24000, 4000, 600, 4500),
    WordList("pt", "large", 22000, 3500, 600, 4000),
    WordList("de", "large", 19000, 4000, 600),
    WordList("pl", "large", 22000, 4500, 600, 2000),
    WordList("cs", "large", 22000, 4500, 600, 2000),
    WordList("tr", "small", 22000, 4500, 600, 500),
    WordList("en", "large", 300, 300, 400),
    *(WordList(language, "small", 300, 300, 100) for language in _OTHERS),
)
_WITH_RARE = 1 << VALUE_BITS
"""How many languages, the first ones, have rare words: what the value of such a word can tell apart."""


def build_file(path: Path, corpora: Path) -> None:
    """Write the lists to ``path``."""
    folder = Path(str(importlib.metadata.distribution(_PACKAGE).locate_file("wordfreq"))) / "data"
    keys: list[NDArray[np.uint64]] = []
    logp: list[float] = []
    missing: list[float] = []
    rare: list[float] = []
    letters: list[Counter[str]] = []
    most: dict[str, tuple[float, int]] = {}
    for number, row in enumerate(LISTS):
        source = folder / f"{row.size}_{row.language}.msgpack.gz"
        special, plain, share, letter_counts = chosen(source, row, folded(corpora) if row.language == "de" else {})
        frequent = dict(list(special.items())[: row.frequent])
        for part in (frequent, plain, pairs(corpora, row)):
            keys.append(word_keys(part, np.array([number])).ravel())
            logp += part.values()
        for word, likely in special.items():
            most[word] = max(most.get(word, (likely, number)), (likely, number))
        if number < _WITH_RARE:
            rare.append(float(np.mean(list(special.values())[row.frequent :])))
        missing.append(math.log(share))
        letters.append(letter_counts)
    values, classes = quantise(np.array(logp), np.exp(logp) ** 0.25, VALUE_BITS)
    # Of those that have a frequency, nothing else is asked.
    in_any = np.array([min(number, _WITH_RARE - 1) for _, number in most.values()], np.uint32)
    function = build(
        np.concatenate((*keys, word_keys(most, np.array([len(LISTS)])).ravel())),
        np.concatenate((values, in_any)),
        value_bits=VALUE_BITS,
        fingerprint_bits=FINGERPRINT_BITS,
    )
    alphabet = sorted(set().union(*letters))
    arrays = {
        "cells": function.cells,
        "logp": classes,
        "rare": np.array(rare, np.float32),
        "missing": np.array(missing, np.float32),
        "letters": np.array([ord(letter) for letter in alphabet], np.uint16),
        "letter_logp": np.rint(np.array([letter_row(counts, alphabet) for counts in letters]) * 8).astype(np.int8),
        "contexts": contexts(most, alphabet),
    }
    meta = {
        "languages": [row.language for row in LISTS],
        "function": {
            "segments": function.segments,
            "seed": function.seed,
            "value_bits": VALUE_BITS,
            "fingerprint_bits": FINGERPRINT_BITS,
        },
        "provenance": provenance(corpora),
    }
    write_container(path, arrays, meta)


def chosen(
    path: Path, row: WordList, folded: Mapping[str, Mapping[str, float]]
) -> tuple[dict[str, float], dict[str, float], float, Counter[str]]:
    """The most frequent words of a list and the logarithms of their frequencies: those with letters that ASCII lacks,
    those without; the share of the words of the first kind, as they occur, that was left out; and their letters."""
    special: dict[str, float] = {}
    plain: dict[str, float] = {}
    letters: Counter[str] = Counter()
    for centibels, bucket in enumerate(read_buckets(path)):
        for word in bucket:
            if _LATIN.fullmatch(word):
                for form, share in folded.get(word, {word: 1.0}).items():
                    kind = plain if form.isascii() else special
                    kind.setdefault(words_of(form)[0].form, math.log(share) - centibels / 100 * math.log(10))
    special = {
        word: logp for word, logp in special.items() if len(word) > SHORT or logp >= _LEAST_OF_SHORT[len(word) - 1]
    }
    special, plain = (dict(sorted(words.items(), key=lambda row: (-row[1], row[0]))) for words in (special, plain))
    for word, logp in special.items():
        for letter in word:
            if not letter.isascii():
                letters[letter] += math.exp(logp)
    rare = {letter for letter, count in letters.items() if count < _LEAST_OF_LETTERS * letters.total()}
    special = {word: logp for word, logp in special.items() if rare.isdisjoint(word)}
    kept = dict(list(special.items())[: row.special])
    total, covered = (sum(map(math.exp, words.values())) for words in (special, kept))
    share = max(1.0 - covered / total, 0.0) + _NEVER_LISTED
    return kept, dict(list(plain.items())[: row.plain]), share, letters


def folded(corpora: Path) -> dict[str, dict[str, float]]:
    """What words the list, which has ss for ß, stands for: the shares of each form in the training text."""
    counts = Counter(word.form for line in training_text(corpora, "de") for word in words_of(line))
    return {
        word.replace("ß", "ss"): {
            form: counts[form] / total for form in (word, word.replace("ß", "ss")) if counts[form]
        }
        for word in counts
        if "ß" in word
        for total in (counts[word] + counts[word.replace("ß", "ss")],)
    }


def training_text(corpora: Path, language: str) -> Iterator[str]:
    """Yield the lines of the training text of a language."""
    with lzma.open(corpora / "train" / f"{language}.txt.xz", "rt", encoding="utf-8", newline="\n") as file:
        yield from file


def pairs(corpora: Path, row: WordList) -> dict[str, float]:
    """The most frequent neighbours of short words: with what probability the neighbour has the word beside it."""
    if not row.pairs:
        return {}
    counts: Counter[str] = Counter()
    of_neighbour: Counter[str] = Counter()
    for line in training_text(corpora, row.language):
        for word in words_of(line):
            before, behind = {word.before, word.kind_before}, {word.behind, word.kind_behind}
            of_neighbour.update(f"{beside} " for beside in before)
            of_neighbour.update(f" {beside}" for beside in behind)
            if len(word.form) <= SHORT and not word.form.isascii() and _LATIN.fullmatch(word.form):
                counts.update(f"{beside} {word.form}" for beside in before)
                counts.update(f"{word.form} {beside}" for beside in behind)
    found: dict[str, float] = {}
    for pair, count in counts.most_common(row.pairs):
        before, _, behind = pair.partition(" ")
        beside = f"{before} " if len(behind) <= SHORT and not behind.isascii() else f" {behind}"
        found[pair] = math.log(min(count / of_neighbour[beside], 1.0))
    return found


def contexts(words: Iterable[str], alphabet: Sequence[str]) -> NDArray[np.uint32]:
    """Behind and before which letters the words have each letter of ``alphabet``."""
    numbers = {letter: number for number, letter in enumerate(alphabet)}
    found = np.zeros((len(alphabet), PLACES), np.uint32)
    for word in words:
        for before, letter, behind in zip(["", *word], word, [*word[1:], ""], strict=False):
            if letter in numbers:
                found[numbers[letter], place_of(before)] |= np.uint32(1 << place_of(behind))
    return found


def letter_row(counts: Counter[str], alphabet: Sequence[str]) -> list[float]:
    """Of each letter of ``alphabet``, how likely it is among those of a language that ASCII lacks: nats."""
    total = sum(counts.values())
    return [
        max(math.log(counts[letter] / total), _LETTER_FLOOR) if counts[letter] else _LETTER_FLOOR for letter in alphabet
    ]


def provenance(corpora: Path) -> list[dict[str, str]]:
    version = importlib.metadata.version(_PACKAGE)
    rows = [
        {"language": row.language, "name": f"{_PACKAGE} {row.size}", "version": version, "licence": _LICENCE}
        for row in LISTS
    ]
    with_pairs = {row.language for row in LISTS if row.pairs or row.language == "de"}
    for line in (corpora / "MANIFEST.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) >= 6 and cells[1] == "train" and cells[0] in with_pairs:
            rows.append({"language": cells[0], "name": cells[2], "version": cells[4], "licence": cells[5]})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, required=True, help="directory with MANIFEST.md and train/")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--out", type=Path, default=DATA)
    arguments = parser.parse_args()
    if not arguments.check:
        build_file(arguments.out, arguments.corpora)
        print(f"{arguments.out}: {arguments.out.stat().st_size:,} bytes", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / "words.bin"
        build_file(again, arguments.corpora)
        sys.exit(again.read_bytes() != arguments.out.read_bytes())


if __name__ == "__main__":
    main()
