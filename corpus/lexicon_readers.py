"""Readers of lexicons: one a file format, from the lexicon's folder to its phrases.

Which lexicons there are, where they come from and under which licence is `lexicons`' business.
"""

from __future__ import annotations

import csv
import gzip
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from corpus import word_models
from corpus.phrases import Phrase
from corpus.word_models import WordModel

__all__ = [
    "read_buckets",
    "read_chewing",
    "read_essay",
    "read_ipadic",
    "read_jieba",
    "read_libime",
    "read_opencc_simplified",
    "read_opencc_traditional",
    "read_sunpinyin",
    "read_wordfreq",
]

_UNIHAN_KANA_HANGUL = re.compile(
    "[\u1100-\u11ff\u3005-\u3007\u3041-\u318f\u31a0-\u31bf\u3400-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_NOT_TEXT = re.compile("[\x00-\x1f\ue000-\uf8ff\ufffd]")
_ASCII_DIGIT = re.compile("[0-9]")

_WORDFREQ_CORPUS = 1e8
"""Words; the rarest entry of wordfreq's large lists (1e-8) then counts once."""

_LIBIME_CORPUS = 1e8
"""Words; its own corpus is not stated.  The median pair then counts 10."""

_ESSAY_FLOOR = 500.0
"""rime-essay lifts rare words: those that libchewing counts 0 to 3 times stand there with 327 to 445 (medians,
42,584 words), nine in ten of them below 556; words that libchewing counts 1001 times and more are not lifted."""


def _words(entries: Iterable[tuple[str, float]]) -> Iterator[Phrase]:
    """Yield each word once, with its highest count; a word that is listed has been seen at least once."""
    counts: dict[str, float] = {}
    for entry, count in entries:
        word = unicodedata.normalize("NFC", entry)
        if _UNIHAN_KANA_HANGUL.search(word) and not _NOT_TEXT.search(word):
            counts[word] = max(counts.get(word, 1.0), count)
    for word, count in counts.items():
        yield Phrase(word, count, len(word), 0)


def read_jieba(folder: Path) -> Iterator[Phrase]:
    lines = (folder / "dict.txt").read_text(encoding="utf-8").splitlines()
    return _words((word, float(count)) for word, count, _tag in (line.rsplit(" ", 2) for line in lines))


def read_essay(folder: Path) -> Iterator[Phrase]:
    lines = (folder / "essay.txt").read_text(encoding="utf-8").splitlines()
    return _words((word, float(count) - _ESSAY_FLOOR) for word, count in (line.split("\t") for line in lines))


def read_chewing(folder: Path) -> Iterator[Phrase]:
    """Leaves of the phonetic tree: key 0, then offset of the phrase and count, 24 bits each, little-endian."""
    nodes = np.fromfile(folder / "index_tree.dat", np.uint8).reshape(-1, 8)[1:]
    leaves = nodes[(nodes[:, 0] == 0) & (nodes[:, 1] == 0)].astype(np.int64)
    offsets = leaves[:, 2] | leaves[:, 3] << 8 | leaves[:, 4] << 16
    counts = leaves[:, 5] | leaves[:, 6] << 8 | leaves[:, 7] << 16
    texts = (folder / "dictionary.dat").read_bytes()
    return _words(
        (texts[offset : texts.index(0, offset)].decode(), float(count))
        for offset, count in zip(offsets.tolist(), counts.tolist(), strict=True)
    )


def read_wordfreq(folder: Path) -> Iterator[Phrase]:
    """Digits are folded to 0 in the list."""
    (path,) = folder.glob("*.msgpack.gz")
    return _words(
        (word, _WORDFREQ_CORPUS * 10 ** (-centibels / 100))
        for centibels, bucket in enumerate(read_buckets(path))
        for word in bucket
        if not _ASCII_DIGIT.search(word)
    )


def read_buckets(path: Path) -> list[list[str]]:
    """The words of a list of wordfreq: bucket ``i`` holds those of frequency ``10 ** (-i / 100)``."""
    import msgpack  # type: ignore[import-untyped]

    buckets: list[list[str]] = msgpack.loads(gzip.decompress(path.read_bytes()))[1:]
    return buckets


def read_ipadic(folder: Path) -> Iterator[Phrase]:
    """Surfaces, one sighting each: their costs say little of frequency (r = -0.35 with the logarithm of
    wordfreq's over 106,400 words, and weaker still within each part of speech)."""
    for_all = (
        (row[0], 1.0)
        for path in sorted(folder.glob("*.csv"))
        for row in csv.reader(path.read_text(encoding="euc_jp", errors="replace").splitlines())
    )
    return _words(for_all)


def read_opencc_simplified(folder: Path) -> Iterator[Phrase]:
    return _words((phrase, 1.0) for phrase, _ in _opencc_rows(folder / "STPhrases.txt"))


def read_opencc_traditional(folder: Path) -> Iterator[Phrase]:
    rows = (row for name in ("STPhrases.txt", "TWPhrases.txt") for row in _opencc_rows(folder / name))
    return _words((phrase, 1.0) for _, phrases in rows for phrase in phrases)


def _opencc_rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, values = line.partition("\t")
        yield key, values.split()


def read_sunpinyin(folder: Path) -> Iterator[Phrase]:
    """The model's word probabilities are relative frequencies, the rarest word's that of one sighting."""
    model = word_models.read_sunpinyin(folder / "lm_sc.t3g", folder / "pydict_sc.bin")
    return _model_phrases(model, corpus_words=1.0 / float(model.levels[0].joint.min()), word_floor=0.0)


def read_libime(folder: Path) -> Iterator[Phrase]:
    """The rarest word's frequency is what smoothing gives to every word, so it is taken off."""
    model = word_models.read_libime(folder / "zh_CN.lm")
    return _model_phrases(model, _LIBIME_CORPUS, word_floor=float(model.levels[0].joint.min()))


def _model_phrases(model: WordModel, corpus_words: float, word_floor: float) -> Iterator[Phrase]:
    """Sequences with a word that stands for no text (unknown, number, sentence mark) are left out."""
    words, lengths = model.words, np.fromiter(map(len, model.words), np.int64)
    for order, level in enumerate(model.levels, start=1):
        sizes = lengths[level.ids]
        written = (sizes > 0).all(axis=1)
        counts = corpus_words * (level.joint[written] - (word_floor if order == 1 else 0.0))
        last_start = sizes[written].sum(axis=1) - sizes[written, -1]
        rows = zip(
            level.ids[written].tolist(), counts.tolist(), sizes[written, 0].tolist(), last_start.tolist(), strict=True
        )
        for ids, count, first_end, last in rows:
            yield Phrase("".join([words[i] for i in ids]), max(count, 1.0) if order == 1 else count, first_end, last)
