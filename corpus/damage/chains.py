"""Misreads: bytes of one encoding decoded as another, once or several times, with or without loss.

The chains that people meet are rows here; any other is made by :func:`misread_chain`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

from corpus.damage.facts import Damage, Facts, Outcome
from mojibake_fix.encodings import lookup, misread
from mojibake_fix.plan import Fault, Misread

__all__ = [
    "DOUBLE_CHAINS",
    "LOSSY_POLICIES",
    "SINGLE_CHAINS",
    "any_lossless",
    "any_lossy",
    "chain_of",
    "cut_short",
    "invert",
    "misread_chain",
    "read_wrong",
]

SINGLE_CHAINS: Mapping[str, tuple[str, ...]] = {
    "zh-Hans": (
        "utf-8>gbk", "utf-8>gb18030", "utf-8>cp1252", "utf-8>latin-1", "utf-8>big5", "utf-8>cp932", "utf-8>euc-jp",
        "utf-8>cp949", "utf-8>cp1251", "utf-8>cp437", "utf-8>mac-roman", "utf-8>cp850", "utf-8>koi8-r",
        "gbk>latin-1", "gbk>cp1252", "gbk>big5", "gbk>cp950", "gbk>cp932", "gbk>euc-jp", "gbk>cp949", "gbk>cp1251",
        "gbk>koi8-r", "gbk>mac-roman", "gbk>cp437", "gb18030>cp1252", "gb2312>euc-kr",
    ),
    "zh-Hant": (
        "utf-8>gbk", "utf-8>gb18030", "utf-8>cp1252", "utf-8>latin-1", "utf-8>big5", "utf-8>cp950", "utf-8>cp932",
        "utf-8>cp949", "utf-8>cp437", "utf-8>mac-roman", "utf-8>koi8-r",
        "big5>latin-1", "big5>cp1252", "cp950>gbk", "big5>gb18030", "big5>cp932", "big5>cp949", "big5>mac-roman",
        "big5-hkscs>gbk", "big5-hkscs>latin-1", "gbk>latin-1", "gbk>cp950",
    ),
    "ja": (
        "utf-8>cp932", "utf-8>euc-jp", "utf-8>gbk", "utf-8>gb18030", "utf-8>cp1252", "utf-8>latin-1", "utf-8>cp949",
        "utf-8>cp437", "utf-8>mac-roman",
        "cp932>latin-1", "cp932>cp1252", "cp932>gbk", "cp932>cp949", "cp932>cp437", "cp932>mac-roman",
        "cp932>big5", "shift_jis>latin-1", "euc-jp>latin-1", "euc-jp>cp1252", "euc-jp>gbk", "euc-jp>cp932",
        "euc-jp>cp949", "euc-jp>mac-roman",
    ),
    "ko": (
        "utf-8>cp949", "utf-8>gbk", "utf-8>gb18030", "utf-8>cp1252", "utf-8>latin-1", "utf-8>cp932", "utf-8>mac-roman",
        "cp949>latin-1", "cp949>cp1252", "cp949>gbk", "cp949>gb18030", "cp949>big5", "cp949>cp932",
        "cp949>mac-roman", "euc-kr>latin-1", "euc-kr>gbk", "euc-kr>cp932",
    ),
    "latin": (
        "utf-8>cp1252", "utf-8>latin-1", "utf-8>cp1250", "utf-8>cp1254", "utf-8>mac-roman", "utf-8>cp437",
        "utf-8>cp850", "utf-8>gbk", "utf-8>cp1251", "cp1252>mac-roman", "mac-roman>cp1252", "cp1252>cp437",
        "cp850>cp1252", "cp1250>cp1252", "cp1254>cp1252", "cp1258>cp1252",
    ),
    "cyrillic": (
        "utf-8>cp1251", "utf-8>cp1252", "utf-8>latin-1", "utf-8>koi8-r", "utf-8>cp866", "utf-8>gbk",
        "cp1251>cp1252", "cp1251>koi8-r", "koi8-r>cp1251", "cp866>cp1251", "cp1251>latin-1", "cp1251>gbk",
    ),
    "other": (
        "utf-8>cp1252", "utf-8>latin-1", "utf-8>gbk", "utf-8>cp1253", "utf-8>cp1255", "utf-8>cp1256", "utf-8>cp874",
        "cp1253>cp1252", "cp1255>cp1252", "cp1256>cp1252", "cp874>cp1252",
    ),
}  # fmt: skip
"""Chains met in the wild by group of languages, written ``encoding>read-as``."""

DOUBLE_CHAINS: Mapping[str, tuple[str, ...]] = {
    "utf-8>cp1252>utf-8>cp1252": ("zh-Hans", "zh-Hant", "ja", "ko", "latin", "cyrillic", "other"),
    "utf-8>latin-1>utf-8>latin-1": ("zh-Hans", "zh-Hant", "ja", "ko", "latin", "cyrillic", "other"),
    "utf-8>latin-1>utf-8>cp1252": ("zh-Hans", "zh-Hant", "ja", "ko", "latin", "cyrillic", "other"),
    "utf-8>cp1251>utf-8>cp1251": ("cyrillic",),
    "utf-8>gbk>utf-8>gbk": ("zh-Hans", "ja"),
    "utf-8>mac-roman>utf-8>mac-roman": ("zh-Hans", "ja", "latin"),
    "utf-8>cp437>utf-8>cp437": ("zh-Hans", "latin"),
    "gbk>latin-1>utf-8>latin-1": ("zh-Hans",),
    "gbk>cp1252>utf-8>cp1252": ("zh-Hans",),
    "gbk>latin-1>utf-8>gbk": ("zh-Hans",),
    "big5>latin-1>utf-8>latin-1": ("zh-Hant",),
    "cp932>latin-1>utf-8>latin-1": ("ja",),
    "cp932>cp1252>utf-8>cp1252": ("ja",),
    "euc-jp>latin-1>utf-8>cp1252": ("ja",),
    "cp949>latin-1>utf-8>latin-1": ("ko",),
    "cp1251>cp1252>utf-8>cp1251": ("cyrillic",),
}
"""Chains of two misreads with the groups of languages that meet them; the second is nearly always of UTF-8."""

LOSSY_POLICIES: tuple[str, ...] = ("lead-fffd", "lead-question", "pair-question", "pair-fffd", "drop", "pair-drop")
"""What decoders do with bytes that they cannot map (names of :data:`mojibake_fix.encodings.POLICIES`)."""


def chain_of(spec: str, policy: str = "strict") -> tuple[Misread, ...]:
    """Parse ``"a>b"`` or ``"a>b>c>d"`` (a read as b, written as c, read as d).

    ``policy`` is that of the last decoder; the earlier ones are strict.
    """
    names = spec.split(">")
    links = [Misread(names[i], names[i + 1]) for i in range(0, len(names), 2)]
    links[-1] = Misread(links[-1].encoding, links[-1].read_as, policy)
    return tuple(links)


def read_wrong(text: str, chain: Iterable[Misread]) -> str | None:
    """Return ``text`` sent through ``chain``, or None where a link cannot carry it."""
    for link in chain:
        data = lookup(link.encoding).encode(text)
        if data is None:
            return None
        if link.policy == "strict":
            decoded = lookup(link.read_as).decode(data)
            if decoded is None:
                return None
            text = decoded
        else:
            text = misread(data, link.read_as, link.policy)
    return text


def invert(raw: str, chain: Sequence[Misread]) -> str | None:
    """Return the text that ``chain`` made ``raw`` of if each of its links is exactly invertible, else None."""
    for link in reversed(chain):
        data = lookup(link.read_as).encode(raw)
        text = None if data is None else lookup(link.encoding).decode(data)
        if text is None:
            return None
        raw = text
    return raw


def misread_chain(chain: Sequence[Misread]) -> Damage:
    """Return the damage that ``chain`` does: to the whole text, or None where it cannot or changes nothing."""
    fixed = tuple(chain)

    def damage(text: str, rng: random.Random) -> Outcome | None:
        raw = read_wrong(text, fixed)
        if raw is None or raw == text:
            return None
        lossless = invert(raw, fixed) == text
        fault = Fault.MISREAD if lossless else Fault.LOSSY
        return raw, Facts(fault, fixed, lossless, ((0, len(raw)),))

    return damage


def cut_short(chain: Sequence[Misread]) -> Damage:
    """Return the damage of ``chain`` to a text whose bytes were cut off inside its last character first."""
    first, *rest = chain

    def damage(text: str, rng: random.Random) -> Outcome | None:
        encoding = lookup(first.encoding)
        data, last = encoding.encode(text), encoding.encode(text[-1:])
        if data is None or last is None or len(last) < 2:
            return None
        lost = rng.randint(1, len(last) - 1)
        raw = read_wrong(misread(data[:-lost], first.read_as, first.policy), rest)
        return None if raw is None else (raw, Facts(Fault.LOSSY, tuple(chain), False, ((0, len(raw)),)))

    return damage


def any_lossless(text: str, rng: random.Random) -> Outcome | None:
    """Misread ``text`` by one of the listed chains that lose nothing of it."""
    specs = [spec for group in SINGLE_CHAINS.values() for spec in group] + list(DOUBLE_CHAINS)
    return _first(text, rng, [(spec, "strict") for spec in specs], lossless=True)


def any_lossy(text: str, rng: random.Random) -> Outcome | None:
    """Misread ``text`` by one of the listed chains and decoders that lose some of it, but not all."""
    specs = [spec for group in SINGLE_CHAINS.values() for spec in group]
    return _first(text, rng, [(spec, policy) for spec in specs for policy in LOSSY_POLICIES], lossless=False)


def _first(text: str, rng: random.Random, ways: list[tuple[str, str]], *, lossless: bool) -> Outcome | None:
    for spec, policy in rng.sample(ways, len(ways)):
        outcome = misread_chain(chain_of(spec, policy))(text, rng)
        if outcome is not None and outcome[1].lossless is lossless and outcome[0]:
            return outcome
    return None
