"""How the decoders that damaged text really met differ from Python's codecs, as data.

A dialect is a Python codec and the rows by which a named real decoder departs from it: bytes that the
codec calls invalid, characters that it maps elsewhere, and characters that its encoder accepts although
its decoder never produces them.  What a decoder does with bytes that remain invalid is a policy
(:mod:`mojibake_fix.encodings.policies`), not a dialect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count, product
from types import MappingProxyType
from typing import NamedTuple

__all__ = ["GB18030_EDITIONS", "Dialect", "Edition", "dialect"]

_EMPTY: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Dialect:
    """The departures of one real decoder from a Python codec.

    Attributes:
        source: Where the rows come from.
        extra: Byte sequences that the codec rejects and the decoder maps.
        after: Characters (code points) of the codec's output that the decoder has as another text.
        before: The inverse of ``after`` where there is one: applied to text that is to be encoded.
        patch: Characters whose bytes are not what the codec's encoder gives.
        refused: Characters that the codec's encoder accepts and no byte sequence decodes to.
    """

    source: str = "CPython codec, as it is"
    extra: Mapping[bytes, str] = field(default_factory=dict)
    after: Mapping[int, str] = field(default_factory=dict)
    before: Mapping[int, str] = field(default_factory=dict)
    patch: Mapping[str, bytes] = field(default_factory=lambda: _EMPTY)
    refused: frozenset[str] = frozenset()


class Edition(NamedTuple):
    """What one edition of GB 18030 maps otherwise than the edition of 2000 (which CPython's codec is)."""

    year: int
    source: str
    changes: Mapping[bytes, str]


def _codes(text: str) -> dict[bytes, str]:
    pairs = (item.split("=") for item in text.split())
    return {bytes.fromhex(code): chr(int(point, 16)) for code, point in pairs}


GB18030_EDITIONS: Mapping[str, Edition] = MappingProxyType(
    {
        "2000": Edition(2000, "GB 18030-2000, as in CPython's gb18030 codec", {}),
        "2005": Edition(
            2005,
            "GB 18030-2005; WHATWG Encoding Standard, index gb18030 and its ranges",
            _codes("A8BC=1E3F 8135F437=E7C7"),
        ),
        "2022": Edition(
            2022,
            "GB 18030-2022 as recommended by Unicode L2/23-003R and adopted by the WHATWG Encoding Standard in 2024: "
            "18 two-byte codes leave the private use area, their former four-byte codes still decode",
            _codes(
                "A8BC=1E3F 8135F437=E7C7 "
                "A6D9=FE10 A6DA=FE12 A6DB=FE11 A6DC=FE13 A6DD=FE14 A6DE=FE15 A6DF=FE16 A6EC=FE17 A6ED=FE18 A6F3=FE19 "
                "FE59=9FB4 FE61=9FB5 FE66=9FB6 FE67=9FB7 FE6D=9FB8 FE7E=9FB9 FE90=9FBA FEA0=9FBB"
            ),
        ),
    }
)
"""The editions of GB 18030, by year; each lists all its differences from the edition of 2000."""

_GLIBC_FE5X = _codes("FE51=20087 FE52=20089 FE53=200CC FE6C=215D7 FE76=2298F FE91=241FE")
"""Two-byte codes whose characters GB 18030-2022 has at four bytes only; glibc still decodes the two bytes so."""

_GBK_HOLES = (
    "A2AB-A2B0 A2E3-A2E4 A2EF-A2F0 A2FD-A2FE A4F4-A4FE A5F7-A5FE A6B9-A6C0 A6D9-A6DF A6EC-A6ED A6F3-A6F3 A6F6-A6FE "
    "A7C2-A7D0 A7F2-A7FE A896-A8A0 A8BC-A8BC A8BF-A8BF A8C1-A8C4 A8EA-A8FE A958-A958 A95B-A95B A95D-A95F A989-A995 "
    "A997-A9A3 A9F0-A9FE D7FA-D7FE FE50-FEA0"
)
"""The 255 codes outside the user-defined areas that GBK leaves empty: Windows has them at U+E766-E864, in order."""

_HKSCS_2008 = _codes(
    "877A=3875 877B=21D53 877C=2369E 877D=26021 877E=3EEC 87A1=258DE 87A2=3AF5 87A3=7AFC 87A4=9F97 "
    "87A5=24161 87A6=2890D 87A7=231EA 87A8=20A8A 87A9=2325E 87AA=430A 87AB=8484 87AC=9F96 87AD=942F "
    "87AE=4930 87AF=8613 87B0=5896 87B1=974A 87B2=9218 87B3=79D0 87B4=7A32 87B5=6660 87B6=6A29 87B7=889D "
    "87B8=744C 87B9=7BC5 87BA=6782 87BB=7A2C 87BC=524F 87BD=9046 87BE=34E6 87BF=73C4 87C0=25DB9 87C1=74C6 "
    "87C2=9FC7 87C3=57B3 87C4=492F 87C5=544C 87C6=4131 87C7=2368E 87C8=5818 87C9=7A72 87CA=27B65 87CB=8B8F "
    "87CC=46AE 87CD=26E88 87CE=4181 87CF=25D99 87D0=7BAE 87D1=224BC 87D2=9FC8 87D3=224C1 87D4=224C9 "
    "87D5=224CC 87D6=9FC9 87D7=8504 87D8=235BB 87D9=40B4 87DA=9FCA 87DB=44E1 87DC=2ADFF 87DD=62C1 87DE=706E "
    "87DF=9FCB"
)
"""What HKSCS-2008 has beyond the edition of 2004 (CPython's); source: glibc's BIG5-HKSCS, WHATWG index Big5."""

_HIGH = tuple(range(0xA1, 0xFF))
_GBK_LOW = (*range(0x40, 0x7F), *range(0x80, 0xA1))
_BIG5_TRAILS = (*range(0x40, 0x7F), *_HIGH)


def _area(first: int, leads: Iterable[int], trails: Iterable[int]) -> dict[bytes, str]:
    return dict(zip(map(bytes, product(leads, trails)), map(chr, count(first)), strict=False))


def _ranges(first: int, text: str) -> dict[bytes, str]:
    codes: list[int] = []
    for part in text.split():
        low, high = part.split("-")
        codes += (code for code in range(int(low, 16), int(high, 16) + 1) if code & 0xFF != 0x7F)
    return {code.to_bytes(2, "big"): chr(first + i) for i, code in enumerate(codes)}


def _inverse(extra: Mapping[bytes, str]) -> dict[str, bytes]:
    return dict(zip(extra.values(), extra, strict=True))


def _swaps(pairs: Iterable[tuple[str, str]]) -> tuple[dict[int, str], dict[int, str]]:
    """Return the maps codec → decoder and decoder → codec of one-to-one character differences."""
    pairs = tuple(pairs)
    return {ord(a): b for a, b in pairs}, {ord(b): a for a, b in pairs}


def _gbk() -> Dialect:
    extra = {b"\x80": "\u20ac", b"\xff": "\uf8f5"}
    extra |= _area(0xE000, range(0xAA, 0xB0), _HIGH)
    extra |= _area(0xE234, range(0xF8, 0xFF), _HIGH)
    extra |= _area(0xE4C6, range(0xA1, 0xA8), _GBK_LOW)
    holes = _ranges(0xE766, _GBK_HOLES)
    extra |= holes
    patch = _inverse(extra)
    as_gb18030 = {code: code.decode("gb18030") for code in holes} | _GLIBC_FE5X
    as_gb18030 |= {code: char for code, char in GB18030_EDITIONS["2022"].changes.items() if code in holes}
    for code, char in as_gb18030.items():
        patch.setdefault(char, code)
    return Dialect(
        source="Microsoft bestfit936; characters that gb18030 decoders give for the same codes are encoded too",
        extra=extra,
        patch=patch,
    )


def _gb18030() -> Dialect:
    changes = GB18030_EDITIONS["2022"].changes
    after, before = _swaps((code.decode("gb18030"), char) for code, char in changes.items())
    before.pop(0xE7C7, None)  # private U+E7C7 came from A8BC of a decoder of the 2000 edition, hardly from four bytes
    return Dialect(
        source="WHATWG Encoding Standard, gb18030 decoder (edition of 2022); private characters of older editions "
        "are encoded too",
        extra={b"\x80": "\u20ac"},
        after=after,
        before=before,
    )


def _gb2312() -> Dialect:
    after, before = _swaps((("\u30fb", "\u00b7"), ("\u2015", "\u2014")))
    return Dialect(
        source="Microsoft bestfit936 for A1A4 and A1AA; CPython and iconv have U+30FB and U+2015, encoded too",
        after=after,
        before=before,
    )


def _cp950() -> Dialect:
    areas = _area(0xE000, range(0xFA, 0xFF), _BIG5_TRAILS)
    areas |= _area(0xE311, range(0x8E, 0xA1), _BIG5_TRAILS)
    areas |= _area(0xEEB8, range(0x81, 0x8E), _BIG5_TRAILS)
    eten = _area(0xF6B1, (0xC6,), _HIGH)
    eten |= _area(0xF6B1 + 94, (0xC7, 0xC8), _BIG5_TRAILS)
    extra = areas | eten | {b"\x80": "\x80", b"\xff": "\uf8f8"}
    after = {}
    for code, private in eten.items():
        char = code.decode("cp950", "ignore")
        if len(char) == 1 and char.encode("cp950") == code:
            after[ord(char)] = private
    return Dialect(
        source="Microsoft bestfit950; the kana and others that CPython has at C6A1-C7FC are encoded too",
        extra=extra,
        after=after,
        patch=_inverse(extra),
        refused=frozenset("\xa2\xa3\xa5\u2022\u203e\u223c\u2609\u2641\uff64"),
    )


def _cp932() -> Dialect:
    trails = (*range(0x40, 0x7F), *range(0x80, 0xFD))
    ibm = bytes(b for lead in (0xFA, 0xFB) for trail in trails for b in (lead, trail))
    ibm += bytes(b for trail in range(0x40, 0x4C) for b in (0xFC, trail))
    patch = {}
    for i, char in enumerate(ibm.decode("cp932")):
        if char.encode("cp932")[0] in (0xED, 0xEE):
            patch[char] = ibm[2 * i : 2 * i + 2]
    return Dialect(
        source="Microsoft bestfit932: of duplicate codes the IBM extensions (FA40-FC4B) win over NEC's selection",
        patch=patch,
        refused=frozenset("\xa2\xa3\xac\u2016\u2212\u301c"),
    )


def _cp949() -> Dialect:
    extra = {b"\x80": "\x80", b"\xff": "\uf8f7"}
    extra |= _area(0xE000, (0xC9,), _HIGH) | _area(0xE05E, (0xFE,), _HIGH)
    return Dialect(source="Microsoft bestfit949", extra=extra, patch=_inverse(extra))


def _euc_kr() -> Dialect:
    """CPython reads KS X 1001's eight-byte syllables as one character; every other decoder as four letters."""
    filler = b"\xa4\xd4"
    after: dict[int, str] = {}
    for point in range(0xAC00, 0xD7A4):
        code = chr(point).encode("euc_kr")
        if len(code) == 8:
            letters = [code[i : i + 2] for i in (2, 4, 6)]
            after[point] = "\u3164" + "".join(
                "\u3164" if letter == filler else letter.decode("euc_kr") for letter in letters
            )
    return Dialect(
        source="WHATWG Encoding Standard, index EUC-KR, rows A1-FE",
        extra={filler: "\u3164"},
        after=after,
        refused=frozenset(map(chr, after)),
    )


def _jis_romans() -> Dialect:
    return Dialect(
        source="CPython codec; it encodes the yen sign and the overline as 5C and 7E, which decode as ASCII",
        refused=frozenset("\xa5\u203e"),
    )


def _commands(chars: str) -> Callable[[], Dialect]:
    return lambda: Dialect(
        source="ISO/IEC 2022: what the encoder passes through as text is a command to the decoder",
        refused=frozenset(chars),
    )


def _big5_hkscs() -> Dialect:
    extra = dict(_HKSCS_2008)
    extra |= {bytes((0xA3, 0xC0 + i)): chr(0x2400 + i) for i in range(32)} | {b"\xa3\xe0": "\u2421"}
    return Dialect(
        source="WHATWG Encoding Standard, index Big5 (HKSCS-2008 and the control pictures of A3C0-A3E0)",
        extra=extra,
        patch=_inverse(extra),
    )


_WINDOWS_HOLES: Mapping[str, str] = MappingProxyType(
    {
        "cp874": "81-84 86-90 98-9F DB-DE=F8C1 FC-FF=F8C5",
        "cp1250": "81 83 88 90 98",
        "cp1251": "98",
        "cp1252": "81 8D 8F 90 9D",
        "cp1253": "81 88 8A 8C-8F 90 98 9A 9C-9F AA=F8F9 D2=F8FA FF=F8FB",
        "cp1254": "81 8D-90 9D 9E",
        "cp1255": "81 8A 8C-90 9A 9C-9F CA=05BA D9-DF=F88D FB-FC=F894 FF=F896",
        "cp1257": "81 83 88 8A 8C 90 98 9A 9C 9F A1=F8FC A5=F8FD",
        "cp1258": "81 8A 8D-90 9A 9D 9E",
    }
)
"""Undefined bytes and what Windows makes of them: the C1 control of the same number, or what follows ``=``.

Source: Microsoft bestfit874 and bestfit1250-1258.  The WHATWG Encoding Standard agrees on the C1 controls
and on 05BA, and leaves those that Windows puts into the private use area undefined.
"""


def _windows(name: str) -> Dialect:
    extra: dict[bytes, str] = {}
    for part in _WINDOWS_HOLES[name].split():
        span, _, target = part.partition("=")
        low, _, high = span.partition("-")
        first = int(low, 16)
        base = int(target, 16) if target else first
        for byte in range(first, int(high or low, 16) + 1):
            extra[bytes((byte,))] = chr(base + byte - first)
    return Dialect(
        source="Microsoft best-fit tables; WHATWG Encoding Standard",
        extra=extra,
        patch=_inverse(extra),
    )


_BUILDERS: Mapping[str, Callable[[], Dialect]] = MappingProxyType(
    {
        "gbk": _gbk,
        "gb18030": _gb18030,
        "gb2312": _gb2312,
        "hz": _gb2312,
        "cp950": _cp950,
        "big5-hkscs": _big5_hkscs,
        "cp932": _cp932,
        "shift_jis": _jis_romans,
        "euc-jp": _jis_romans,
        "iso-2022-jp": _commands("\x1b"),
        "iso-2022-kr": _commands("\x1b\x0e\x0f"),
        "cp949": _cp949,
        "euc-kr": _euc_kr,
    }
)


@cache
def dialect(name: str) -> Dialect:
    """Return the dialect of the encoding of that canonical name; an empty one where the codec is right."""
    if name in _WINDOWS_HOLES:
        return _windows(name)
    builder = _BUILDERS.get(name)
    return builder() if builder else Dialect()
