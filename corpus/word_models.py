"""Readers of installable word n-gram models: sunpinyin's threaded back-off model and libime's quantised kenlm trie.

Both come out as one `WordModel`: words, and for each order the n-grams with the probability that they stand at a given
place of the text.  This module only reads; `lexicons` says where the files come from and what becomes of them.

Formats after sunpinyin's ``src/slm/slm.h`` and ``src/lexicon/pytrie.h``, and kenlm's ``lm/trie.hh``,
``lm/bhiksha.hh``, ``lm/quantize.hh`` and ``lm/binary_format.hh``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["Level", "WordModel", "read_libime", "read_sunpinyin"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Level:
    """The n-grams of one order.

    Attributes:
        ids: ``int64[n, order]``, word ids, first word first.
        joint: ``float64[n]``, ``P(w1) P(w2|w1) P(w3|w1 w2)``.
    """

    ids: Ints
    joint: Floats


@dataclass(frozen=True, slots=True)
class WordModel:
    """``words[id]`` is a word, empty if the id stands for no text; ``levels[0]`` are single words."""

    words: tuple[str, ...]
    levels: tuple[Level, ...]


def read_sunpinyin(model_path: Path, lexicon_path: Path) -> WordModel:
    """Read ``lm_sc.t3g`` with ``pydict_sc.bin``.

    The model: order, use-log flag, sizes of levels 0 to 3 (uint32); 65,536 probabilities, 16,384 back-off weights
    (float32); the levels.  Inner nodes have 96 bits (word 18, back-off 14, probability 16, child 16 low, thread 25,
    child 7 high), leaves 64 (word 18, probability 14 low, thread 25, probability 2 high).  A level ends in a sentinel
    (not read: its child is unset in the second level).
    The lexicon holds the offset of its words in its third uint32; they are UTF-32 strings in order of id.
    """
    lexicon = lexicon_path.read_bytes()
    words = lexicon[int(np.frombuffer(lexicon, "<u4", 1, 8)[0]) :].decode("utf-32-le").split("\0")
    model = model_path.read_bytes()
    root, *sizes = np.frombuffer(model, "<u4", 4, 8).tolist()
    probability = np.frombuffer(model, "<f4", 1 << 16, 24).astype(np.float64)
    offset = 24 + 4 * ((1 << 16) + (1 << 14)) + 12 * root
    ids, joint = np.empty((1, 0), np.int64), np.ones(1)
    children = np.array([0, sizes[0] - 1])
    levels: list[Level] = []
    for order, size in enumerate(sizes, start=1):
        width = 3 if order < len(sizes) else 2
        cells = np.frombuffer(model, "<u4", width * size, offset).reshape(size, width).astype(np.int64)
        offset += 4 * width * size
        nodes = cells[:-1]
        parent = np.repeat(np.arange(len(joint)), np.diff(children))
        inner = width == 3
        index = nodes[:, 1] & 0xFFFF if inner else nodes[:, 0] >> 18 | (nodes[:, 1] >> 25 & 3) << 14
        ids = np.column_stack((ids[parent], nodes[:, 0] & 0x3FFFF))
        joint = joint[parent] * probability[index]
        levels.append(Level(ids, joint))
        if inner:
            children = np.append(nodes[:, 1] >> 16 | nodes[:, 2] >> 25 << 16, sizes[order] - 1)
    return WordModel(tuple(words), tuple(levels))


def read_libime(path: Path) -> WordModel:
    """Read ``zh_CN.lm``: a kenlm trie of order 3, version 5, quantised, with compressed pointers and its words.

    Contexts are stored last word first, so a node of the second level is ``w2`` then ``w1``.  The unigrams are
    Kneser and Ney's (continuations, not frequencies), so ``P(w1)`` is the stationary distribution of the bigram model.

    Raises:
        ValueError: Another kind of model.
    """
    data = np.concatenate((np.fromfile(path, np.uint8), np.zeros(8, np.uint8)))
    raw = data.tobytes()
    if raw[:51] != b"mmap lm http://kheafield.com/code format version 5\n" or raw[0x58] != 3 or raw[0x60] != 5:
        raise ValueError(f"{path}: not a quantised kenlm array trie of order 3, format version 5")
    unigrams, bigrams, trigrams = np.frombuffer(raw, "<u8", 3, 0x6C).tolist()
    quantiser = 0x88 + 8 * (1 + unigrams)
    probability_bits, backoff_bits = raw[quantiser + 1], raw[quantiser + 2]
    tables = np.frombuffer(raw, "<f4", 2 * (1 << probability_bits) + (1 << backoff_bits), quantiser + 8)
    middle_table, _, last_table = np.split(
        tables.astype(np.float64), np.cumsum((1 << probability_bits, 1 << backoff_bits))
    )
    top_offset = quantiser + 8 + tables.nbytes
    top_type = np.dtype([("log10", "<f4"), ("backoff", "<f4"), ("next", "<u8")])
    top = np.frombuffer(raw, top_type, unigrams + 1, top_offset)

    word_bits, pointer_bits = unigrams.bit_length(), trigrams.bit_length()
    pointers_offset = top_offset + top_type.itemsize * (unigrams + 2)
    stored = _stored_pointer_bits(bigrams, trigrams, min(pointer_bits, raw[pointers_offset + 1]))
    inline = pointer_bits - stored
    high = np.frombuffer(raw, "<u8", (trigrams >> inline) + 1, pointers_offset + 8).astype(np.int64)
    middle = pointers_offset + 8 + high.nbytes + 7
    middle_bits = word_bits + probability_bits + backoff_bits + inline
    last = middle + ((1 + bigrams) * middle_bits + 7) // 8 + 8
    last_bits = word_bits + probability_bits
    vocabulary = last + ((1 + trigrams) * last_bits + 7) // 8 + 8
    words = raw[vocabulary:].rstrip(b"\0").decode().split("\0")
    if len(words) != unigrams:
        raise ValueError(f"{path}: {len(words)} words for {unigrams} unigrams")

    child: Ints = top["next"].astype(np.int64)
    second = np.repeat(np.arange(unigrams), np.diff(child))
    first = _fields(data, middle, 0, word_bits, middle_bits, bigrams)
    index = _fields(data, middle, word_bits + backoff_bits, probability_bits, middle_bits, bigrams)
    conditional = 10 ** middle_table[index]
    low = _fields(data, middle, middle_bits - inline, inline, middle_bits, bigrams + 1)
    children = (np.searchsorted(high, np.arange(bigrams + 1), side="right") - 1) << inline | low
    lexical = 10 ** top["log10"][:-1].astype(np.float64)
    backoff = 10 ** top["backoff"][:-1].astype(np.float64)
    words = [word if word not in ("<unk>", "<s>", "</s>") else "" for word in words]
    marginal = _stationary(first, second, conditional, lexical, backoff)

    parent = np.repeat(np.arange(bigrams), np.diff(children))
    farthest = _fields(data, last, 0, word_bits, last_bits, trigrams)
    index = _fields(data, last, word_bits, probability_bits, last_bits, trigrams)
    pair_joint = marginal[first] * conditional
    pair_key = second * unigrams + first
    context = np.searchsorted(pair_key, first[parent] * unigrams + farthest)
    triple_joint = pair_joint[context] * 10 ** last_table[index]
    return WordModel(
        tuple(words),
        (
            Level(np.arange(unigrams)[:, None], marginal),
            Level(np.column_stack((first, second)), pair_joint),
            Level(np.column_stack((farthest, first[parent], second[parent])), triple_joint),
        ),
    )


def _stored_pointer_bits(entries: int, largest: int, most: int) -> int:
    """The high bits of pointers that kenlm keeps in a table of their own: the number that costs least memory."""
    required = largest.bit_length()
    return min(range(most + 1), key=lambda chop: (largest >> (required - chop)) * 64 - (entries + 1) * chop)


def _fields(data: NDArray[np.uint8], base: int, start: int, width: int, stride: int, count: int) -> Ints:
    """Read ``count`` little-endian fields of ``width`` bits, ``stride`` bits apart, ``start`` bits behind ``base``."""
    place = np.arange(count, dtype=np.int64) * stride + start
    value = np.zeros(count, np.int64)
    for byte in range((width + 14) // 8):
        value |= data[base + (place >> 3) + byte].astype(np.int64) << 8 * byte
    return value >> (place & 7) & ((1 << width) - 1)


def _stationary(first: Ints, second: Ints, conditional: Floats, lexical: Floats, backoff: Floats) -> Floats:
    """Word frequencies under a bigram model with back-off, by power iteration."""
    size = len(lexical)
    excess = conditional - backoff[first] * lexical[second]
    marginal: Floats = lexical / lexical.sum()
    for _ in range(50):
        following = np.bincount(second, marginal[first] * excess, size) + lexical * float(marginal @ backoff)
        marginal = following / following.sum()
    return marginal
