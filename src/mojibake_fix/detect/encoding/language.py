"""Which language a decoded text is in, as far as its characters tell.

Scripts decide first; within a script, form tables (Chinese) and letters that few languages have.  A text that gives no
sign has no language: None.  Not for running text of any of a hundred languages.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mojibake_fix.model import STYLES, code_points, load_model

__all__ = ["language_of"]

_MOST = 800

_SCRIPTS: Sequence[tuple[str, Sequence[tuple[int, int]]]] = (
    ("none", ()),
    ("ja", ((0x3041, 0x3096), (0x30A1, 0x30FA), (0xFF66, 0xFF9F))),
    ("ko", ((0xAC00, 0xD7A3), (0x3131, 0x318E))),
    ("han", ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0xD840, 0xD8BF))),
    ("el", ((0x370, 0x3FF),)),
    ("cyrillic", ((0x400, 0x4FF),)),
    ("he", ((0x590, 0x5FF),)),
    ("arabic", ((0x600, 0x6FF),)),
    ("th", ((0xE01, 0xE5B),)),
    ("latin", ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x1E00, 0x1EFF))),
)
"""Scripts by their blocks, first and last units of UTF-16; some are one language's.  The ideographs of planes 2 and 3
begin with the last block of their row."""

_WITHIN: dict[str, Sequence[tuple[str, str, str]]] = {
    "cyrillic": (("uk", "іїєґ", ""), ("ru", "ыэё", ""), ("sr", "ђћљњџј", ""), ("bg", "ъ", "")),
    "arabic": (("fa", "پچژگی", ""), ("ar", "ةىيك", "")),
    "latin": (
        ("vi", "ăơưđạảấầẩậắằẳặẹẻẽếềểễệịỉọỏốồổỗộớờởợụủứừửữựỳỷỹ", ""),
        ("tr", "ğışçöü", "bir bu ve için çok da de ne mi"),
        ("pl", "ąęłńśźż", "się jest nie na to że do jak w z i"),
        ("cs", "ěřůčšžý", "se je že na to jsem by v a s"),
        ("hu", "őű", "hogy egy az nem és a van"),
        ("ro", "ăâîșțşţ", "și este din nu în cu pe la"),
        ("de", "äöüß", "der die das und ist nicht ein eine ich zu den mit sie es er in"),
        ("fr", "éèêàçùœ", "le la les des une est et dans que de il je vous pas un du"),
        ("es", "ñ¿¡íóá", "el la los de que y en una un se las no es por con su del"),
        ("pt", "ãõçêíóá", "o os a do da que não uma um em e se as no na por com é eu ele"),
        ("it", "èàòùì", "il di che la per una non è un i le si della del ha sono mi"),
        ("en", "", "the of and to in is that for a i you it was he not"),
    ),
}
"""Letters and words, in lower case, that tell the languages of a script apart."""
_WORD = re.compile(r"[^\W\d_]+")

_BY_ENCODING = {"cp932": "ja", "euc-jp": "ja", "cp949": "ko", "johab": "ko", "cp950": "zh-Hant", "euc-tw": "zh-Hant"}


def language_of(text: str, encoding: str = "utf-8") -> str | None:
    """Return the BCP 47 tag of the language of ``text``, which was in ``encoding``; None where nothing tells."""
    text = text[:_MOST]
    if encoding in _BY_ENCODING and not text.isascii():
        return _BY_ENCODING[encoding]
    if encoding == "gb18030" and not text.isascii():
        return _chinese(text[:200])
    counts = _script_counts(text)
    if counts["ko"] > 0.2 * (counts["ko"] + counts["han"] + counts["ja"]):
        return "ko"
    if counts["ja"] > 0.08 * (counts["ja"] + counts["han"]):
        return "ja"
    # A Chinese or a Russian text names things in Latin letters, more than the other way round.
    script = max(counts, key=lambda name: counts[name] * (1 if name == "latin" else 4))
    if not counts[script]:
        return None
    if script == "han":
        return _chinese(text)
    if script not in _WITHIN:
        return script
    return _language_within(script, text.lower())


def _script_counts(text: str) -> dict[str, int]:
    """How many characters of each script there are."""
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    counts = np.bincount(_script_table()[units], minlength=len(_SCRIPTS)).tolist()
    return {name: count for (name, _), count in zip(_SCRIPTS[1:], counts[1:], strict=True)}


@functools.cache
def _script_table() -> npt.NDArray[np.uint8]:
    """Row of :data:`_SCRIPTS` of each unit of UTF-16: ``uint8[65536]``."""
    table = np.zeros(0x10000, np.uint8)
    for kind, (_, blocks) in enumerate(_SCRIPTS):
        for first, last in blocks:
            table[first : last + 1] = kind
    return table


@functools.cache
def _signs(script: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Which languages of the script each letter, and each word, is a sign of."""
    of_letters: dict[str, list[str]] = {}
    of_words: dict[str, list[str]] = {}
    for language, letters, words in _WITHIN[script]:
        for found, signs in ((of_letters, letters), (of_words, words.split())):
            for sign in signs:
                found.setdefault(sign, []).append(language)
    return of_letters, of_words


def _language_within(script: str, text: str) -> str | None:
    letters, words = _signs(script)
    hits = dict.fromkeys((language for language, *_ in _WITHIN[script]), 0)
    for letter in letters.keys() & set(text):
        for language in letters[letter]:
            hits[language] += text.count(letter)
    if words:
        for word in filter(words.__contains__, _WORD.findall(text)):
            for language in words[word]:
                hits[language] += 1
    best = max(hits, key=lambda language: hits[language])
    if hits[best]:
        return best
    return {"cyrillic": "ru", "arabic": "ar"}.get(script)


def _chinese(text: str) -> str:
    # Eighths of nats.
    forms = load_model().forms.take(np.minimum(code_points(text), 0xFFFF), axis=1).sum(axis=1, dtype=np.int64)
    hans, hant, ja = (int(forms[STYLES.index(style)]) for style in ("zh-Hans", "zh-Hant", "ja"))
    if ja > max(hans, hant) + 3 * 8:
        return "ja"
    return "zh-Hant" if hant > hans else "zh-Hans"
