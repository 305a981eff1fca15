"""Words with letters that ASCII lacks, of languages in Latin letters: how often each language has which.

The language model sees three characters before each; whether a word is one, a list of words says.  It is a static
function (:mod:`mojibake_fix.model.fuse`) of pairs of a language and a word, and holds each language's most frequent
ASCII words too, which tell the language of a line, and which words, and words of which endings, stand beside the
shortest ones.  Of rarer words it knows which language has them most.  Built by ``corpus/build_words.py``.
"""

from __future__ import annotations

import functools
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mojibake_fix.model.container import read_container
from mojibake_fix.model.fuse import StaticFunction

__all__ = [
    "EDGE",
    "LANGUAGE_STEP",
    "PLACES",
    "SHORT",
    "Word",
    "WordLists",
    "forms_of_words",
    "kinds_in_words",
    "load_words",
    "place_of",
    "read_words",
    "word_keys",
    "words_of",
]

F64 = npt.NDArray[np.float64]

SHORT = 2
"""Letters of a word that many others resemble, so that its neighbours are listed too."""
_LETTER = "[^\\W\\d_\xaa\xb2\xb3\xb9\xba\xbc-\xbe]"
_ODD = "[\xa4\xa6-\xa8\xac\xaf\xb8\xbc-\xbe\u02c6-\u02dd\u2202-\u2265\u2500-\u25ff]"
"""Symbols that are of a word when they are beside a letter: what stands there in clean text is not among them."""
_BETWEEN = "(?:\xa0|[^\x00-\x7f\\s\u2010-\u203a\xa1\xab\xad\xb7\xbb\xbf])"
_NO_TEXT = "[\x80-\x9f\ue000-\uf8ff]"
_WORD = re.compile(
    f"(?:{_LETTER}|{_NO_TEXT}|(?<={_LETTER}){_BETWEEN}(?={_LETTER})|(?<={_LETTER}){_ODD}|{_ODD}(?={_LETTER}))+"
)
_PAUSE = re.compile('[.!?:;…"“”«»(]')
LANGUAGE_STEP = 0x9E3779B97F4A7C15
"""Times the number of a language, what its words' keys are mixed with."""
EDGE = "^"
"""What stands for a word where there is none: at an end of the line, or of a sentence."""
_NAME, _ENDING, _ENDING_LETTERS, _LEAST_LETTERS = "~A", "~", 3, 4
"""What stands for a word that begins with a capital, and for others of at least so many letters: their last ones."""
PLACES = 27
"""What a letter may stand beside in a word: a letter of ASCII, or anything else (the last)."""


class Word(NamedTuple):
    """A word of a text: half-open offsets, as it is written, as the lists have it, and the words beside it.

    ``before`` and ``behind`` are these as the lists have them, ``text_before`` and ``text_behind`` as they are written.
    """

    start: int
    end: int
    text: str
    form: str
    before: str
    behind: str
    text_before: str
    text_behind: str

    @property
    def kind_before(self) -> str:
        """The kind of the word before it: a name, or a word with that ending."""
        return _kind(self.text_before, self.before)

    @property
    def kind_behind(self) -> str:
        """The kind of the word behind it."""
        return _kind(self.text_behind, self.behind)

    @property
    def neighbours(self) -> tuple[str, str]:
        """The word and its neighbours, as the lists have them."""
        return f"{self.before} {self.form}", f"{self.form} {self.behind}"

    @property
    def kinds(self) -> tuple[str, str]:
        """The word and the kinds of its neighbours, as the lists have them."""
        return f"{self.kind_before} {self.form}", f"{self.form} {self.kind_behind}"


@functools.lru_cache(maxsize=256)
def words_of(text: str) -> tuple[Word, ...]:
    """Return the words of ``text``: of letters, what no text has, symbols between letters, and odd ones beside them."""
    found = list(_WORD.finditer(text))
    forms = [_normal(word[0]) for word in found]
    # What stands before each word, and behind the last.
    gaps = [
        text[a:b] for a, b in zip([0, *(w.end() for w in found)], [*(w.start() for w in found), len(text)], strict=True)
    ]
    paused = [_PAUSE.search(gap) is not None for gap in gaps]
    paused[0] = paused[-1] = True
    return tuple(
        Word(
            word.start(),
            word.end(),
            word[0],
            form,
            EDGE if paused[i] else forms[i - 1],
            EDGE if paused[i + 1] else forms[i + 1],
            EDGE if paused[i] else found[i - 1][0],
            EDGE if paused[i + 1] else found[i + 1][0],
        )
        for i, (word, form) in enumerate(zip(found, forms, strict=True))
    )


def forms_of_words(text: str) -> set[str]:
    """Return the forms of the words of ``text``."""
    return set(map(_normal, _WORD.findall(text)))


def kinds_in_words(limit: int) -> npt.NDArray[np.uint8]:
    """Return what each code point below ``limit`` is in a word, as the bits of ``_words.c``: ``uint8[limit]``."""
    kinds = np.zeros(limit, np.uint8)
    points = "".join(map(chr, range(limit)))
    for bit, pattern in enumerate((_LETTER, _NO_TEXT, _BETWEEN, _ODD)):
        kinds[[match.start() for match in re.finditer(pattern, points)]] |= 1 << bit
    return kinds


def _normal(word: str) -> str:
    # A dotted capital I has no small letter of one character.
    return word.replace("\u0130", "i").lower()


def _kind(word: str, form: str) -> str:
    if word[0].isupper():
        return _NAME
    return _ENDING + form[-_ENDING_LETTERS:] if len(form) >= _LEAST_LETTERS else form


def place_of(letter: str) -> int:
    """Return what a letter of a form, or nothing (the empty string), is as a neighbour: below :data:`PLACES`."""
    return ord(letter) - ord("a") if "a" <= letter <= "z" else PLACES - 1


@dataclass(frozen=True, slots=True, eq=False)
class WordLists:
    """The lists, as the mapped file holds them.

    Attributes:
        languages: BCP 47 tags, ``l`` of them.
        logp: What a stored value stands for: nats, the log-probability of a word in its language, or beside another.
        rare: What a rare word has for a probability in each of the first languages, which are those that have some:
            ``float64[r]``, nats.
        missing: Log-probability that a word of each language which has such letters is not in its list:
            ``float64[l]``, nats.
        letters: The letters that ASCII lacks, of all languages: code points in order, ``uint16[k]``.
        letter_logp: Of each of them, among these letters, in each language: ``float64[l, k]``, nats.
        contexts: Behind which letters of ASCII, or anything else, and before which of them, as bits, words have each:
            ``uint32[k, PLACES]`` (:func:`place_of`).
        function: From keys (:func:`word_keys`) to values.
        provenance: What they were built from.
    """

    languages: tuple[str, ...]
    logp: F64
    rare: F64
    missing: F64
    letters: npt.NDArray[np.uint16]
    letter_logp: F64
    contexts: npt.NDArray[np.uint32]
    function: StaticFunction
    provenance: list[dict[str, str]]

    def look_up(self, forms: Sequence[str]) -> F64:
        """Return how likely each word, or pair, is in each language, -inf where it is not listed: ``float64[n, l]``."""
        # The last key is of a word in whatever language.
        count = len(self.languages)
        values, found = self.function.get(word_keys(forms, np.arange(count + 1)))
        logp = np.where(found, self.logp[np.where(found, values, 0)], -np.inf)[:, :count]
        is_rare = found[:, count] & ~found[:, :count].any(axis=1)
        language = np.where(is_rare, np.minimum(values[:, count], len(self.rare) - 1), 0)
        rows = np.flatnonzero(is_rare)
        logp[rows, language[rows]] = self.rare[language[rows]]
        return logp


def word_keys(forms: Iterable[str], languages: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """Return the keys of ``n`` words, or pairs, of the languages of these numbers: ``uint64[n, l]``."""
    codes = [form.encode("utf-8", "surrogatepass") for form in forms]
    mixed = np.fromiter((zlib.adler32(code) << 32 | zlib.crc32(code) for code in codes), np.uint64)
    return mixed[:, np.newaxis] ^ (languages.astype(np.uint64) * np.uint64(LANGUAGE_STEP))


@functools.lru_cache(maxsize=1)
def load_words() -> WordLists:
    """Map the lists that are installed with the package; once a process.

    Raises:
        ModelFormatError: The installed file is damaged.
    """
    return read_words(Path(__file__).parents[1] / "data" / "words.bin")


def read_words(path: Path) -> WordLists:
    """Map the lists at ``path``.

    Raises:
        ModelFormatError: The file is missing, cut short, or of another version.
    """
    container = read_container(path)
    arrays: dict[str, Any] = container.arrays
    meta = container.meta
    return WordLists(
        tuple(meta["languages"]),
        arrays["logp"].astype(np.float64),
        arrays["rare"].astype(np.float64),
        arrays["missing"].astype(np.float64),
        arrays["letters"],
        arrays["letter_logp"].astype(np.float64) / 8,
        arrays["contexts"],
        StaticFunction(arrays["cells"], **meta["function"]),
        meta["provenance"],
    )
