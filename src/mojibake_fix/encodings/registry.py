"""The registry of encodings: one row each, with its names, its family and both directions.

Rows are data; how a row's decoder departs from Python's codec is in :mod:`mojibake_fix.encodings.dialects`.
What decoders do with invalid bytes is in :mod:`mojibake_fix.encodings.policies`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, NamedTuple

from mojibake_fix.encodings.transcode import Transcoder, transcoder
from mojibake_fix.errors import UnknownEncodingError

__all__ = ["ENCODINGS", "Encoding", "Structure", "lookup"]

Structure = Literal["single", "multi", "utf8", "wide", "stateful"]


class Encoding(NamedTuple):
    """One encoding, as the decoders that people meet have it.

    Attributes:
        name: Canonical name, lower case.
        codec: Python codec underneath; empty for euc-tw, for which Python has none.
        aliases: Other names that :func:`lookup` knows.
        family: Writing system or vendor group: ``"unicode"``, ``"gb"``, ``"big5"``, ``"jis"``, ``"korean"`` …
        structure: How bytes make characters: ``"single"`` bytes; ``"multi"``, ASCII mixed with longer codes;
            ``"utf8"``; ``"wide"``, code units of two or four bytes; ``"stateful"``, with escapes.
        languages: BCP 47 tags of the languages whose text this commonly is the true encoding of.
        supersets: Encodings that decode whatever this one decodes, to the same text; private use characters
            (codes that nobody assigned) excepted.
        bit: Position in a repertoire mask (uint64).
        leads: Bytes that begin a code of two or more bytes; empty unless ``multi``.
        trails: Bytes that may come second after a lead.
    """

    name: str
    codec: str
    aliases: tuple[str, ...]
    family: str
    structure: Structure
    languages: tuple[str, ...]
    supersets: tuple[str, ...]
    bit: int
    leads: bytes = b""
    trails: bytes = b""

    def encode(self, text: str) -> bytes | None:
        """Return the bytes that this encoding's decoder reads as ``text``; None if some character has none.

        Characters that decoders of other editions or vendors give for a code are encoded as that code too.
        """
        return self.transcoder().encode(text)

    def decode(self, data: bytes) -> str | None:
        """Return the text of ``data``, holes that real decoders fill included; None if it is invalid."""
        return self.transcoder().decode(data)

    def transcoder(self) -> Transcoder:
        """Return both directions of this encoding; lossy decoding is there too, for policies."""
        return transcoder(self.name, self.codec)


def _bytes(text: str) -> bytes:
    found = bytearray()
    for part in text.split():
        low, _, high = part.partition("-")
        found += bytes(range(int(low, 16), int(high or low, 16) + 1))
    return bytes(found)


_GBK = _bytes("81-FE"), _bytes("40-7E 80-FE")
_GB18030 = _bytes("81-FE"), _bytes("30-39 40-7E 80-FE")
_EUC = _bytes("A1-FE"), _bytes("A1-FE")
_EUC_JP = _bytes("8E-8F A1-FE"), _bytes("A1-FE")
_EUC_TW = _bytes("8E A1-FE"), _bytes("A1-FE")
_BIG5 = _bytes("81-FE"), _bytes("40-7E A1-FE")
_SJIS = _bytes("81-9F E0-FC"), _bytes("40-7E 80-FC")
_CP949 = _bytes("81-FE"), _bytes("41-5A 61-7A 81-FE")
_JOHAB = _bytes("84-D3 D8-DE E0-F9"), _bytes("31-7E 81-FE")
_NONE = b"", b""

_WESTERN = ("en", "fr", "de", "es", "it", "pt", "nl", "sv", "da", "nb", "fi")
_CENTRAL = ("pl", "cs", "sk", "hu", "ro", "hr", "sl")
_CYRILLIC = ("ru", "uk", "bg", "sr", "be", "mk")

_Row = tuple[str, str, str, str, Structure, tuple[str, ...], tuple[str, ...], tuple[bytes, bytes]]

_ROWS: tuple[_Row, ...] = (
    # name, codec, aliases, family, structure, languages, supersets, (leads, trails); the bit is the row's number
    ("utf-8", "utf-8", "utf8 cp65001 65001 u8", "unicode", "utf8", ("und",), (), _NONE),
    ("gbk", "gbk", "cp936 936 ms936 windows-936 x-gbk", "gb", "multi", ("zh-Hans",), ("gb18030",), _GBK),
    ("gb18030", "gb18030", "gb18030-2000 gb18030-2005 gb18030-2022 cp54936 54936", "gb", "multi", ("zh-Hans",), (),
     _GB18030),
    ("gb2312", "gb2312", "euc-cn gb2312-80 eucgb2312-cn chinese", "gb", "multi", ("zh-Hans",), ("gbk", "gb18030"),
     _EUC),
    ("hz", "hz", "hz-gb hz-gb-2312 cp52936", "gb", "stateful", ("zh-Hans",), (), _NONE),
    ("big5", "big5", "big5-tw csbig5", "big5", "multi", ("zh-Hant",), (), _BIG5),
    ("cp950", "cp950", "950 ms950 windows-950", "big5", "multi", ("zh-Hant",), (), _BIG5),
    ("big5-hkscs", "big5hkscs", "hkscs big5hk cp951", "big5", "multi", ("zh-Hant", "yue"), (), _BIG5),
    ("euc-tw", "", "x-euc-tw cns11643", "big5", "multi", ("zh-Hant",), (), _EUC_TW),
    ("shift_jis", "shift_jis", "sjis s-jis csshiftjis", "jis", "multi", ("ja",), (), _SJIS),
    ("cp932", "cp932", "932 ms932 windows-31j ms-kanji mskanji", "jis", "multi", ("ja",), (), _SJIS),
    ("euc-jp", "euc_jp", "ujis eucjp x-euc-jp", "jis", "multi", ("ja",), (), _EUC_JP),
    ("iso-2022-jp", "iso2022_jp", "csiso2022jp jis cp50220", "jis", "stateful", ("ja",), (), _NONE),
    ("iso-2022-kr", "iso2022_kr", "csiso2022kr cp50225", "korean", "stateful", ("ko",), (), _NONE),
    ("euc-kr", "euc_kr", "ks-c-5601 ksc5601 ksx1001 korean cp51949", "korean", "multi", ("ko",), ("cp949",), _EUC),
    ("cp949", "cp949", "949 uhc ms949 windows-949 ks-c-5601-1987", "korean", "multi", ("ko",), (), _CP949),
    ("johab", "johab", "cp1361 ms1361", "korean", "multi", ("ko",), (), _JOHAB),
    ("latin-1", "latin-1", "iso-8859-1 l1 cp819 latin", "latin", "single", _WESTERN, (), _NONE),
    ("cp1252", "cp1252", "windows-1252 ansi", "latin", "single", _WESTERN, (), _NONE),
    ("cp1250", "cp1250", "windows-1250", "latin", "single", _CENTRAL, (), _NONE),
    ("cp1251", "cp1251", "windows-1251", "cyrillic", "single", _CYRILLIC, (), _NONE),
    ("cp1253", "cp1253", "windows-1253", "greek", "single", ("el",), (), _NONE),
    ("cp1254", "cp1254", "windows-1254", "turkish", "single", ("tr", "az"), (), _NONE),
    ("cp1255", "cp1255", "windows-1255", "hebrew", "single", ("he", "yi"), (), _NONE),
    ("cp1256", "cp1256", "windows-1256", "arabic", "single", ("ar", "fa", "ur"), (), _NONE),
    ("cp1257", "cp1257", "windows-1257", "baltic", "single", ("lt", "lv", "et"), (), _NONE),
    ("cp1258", "cp1258", "windows-1258", "vietnamese", "single", ("vi",), (), _NONE),
    ("cp437", "cp437", "ibm437 437 oem-us", "dos", "single", ("en",), (), _NONE),
    ("cp850", "cp850", "ibm850 850", "dos", "single", _WESTERN, (), _NONE),
    ("cp852", "cp852", "ibm852 852", "dos", "single", _CENTRAL, (), _NONE),
    ("cp866", "cp866", "ibm866 866", "dos", "single", ("ru", "be"), (), _NONE),
    ("koi8-r", "koi8-r", "koi8 cskoi8r cp20866", "cyrillic", "single", ("ru",), (), _NONE),
    ("koi8-u", "koi8-u", "koi8-ru cp21866", "cyrillic", "single", ("uk", "ru"), (), _NONE),
    ("mac-roman", "mac_roman", "macintosh x-mac-roman cp10000", "latin", "single", _WESTERN, (), _NONE),
    ("mac-cyrillic", "mac_cyrillic", "x-mac-cyrillic cp10007", "cyrillic", "single", ("ru", "uk"), (), _NONE),
    ("cp874", "cp874", "windows-874 ms874", "thai", "single", ("th",), (), _NONE),
    ("iso-8859-2", "iso8859-2", "latin-2 l2 cp28592", "latin", "single", _CENTRAL, (), _NONE),
    ("iso-8859-5", "iso8859-5", "cyrillic cp28595", "cyrillic", "single", _CYRILLIC, (), _NONE),
    ("iso-8859-7", "iso8859-7", "greek elot-928 cp28597", "greek", "single", ("el",), (), _NONE),
    ("iso-8859-9", "iso8859-9", "latin-5 l5 cp28599", "turkish", "single", ("tr",), (), _NONE),
    ("iso-8859-15", "iso8859-15", "latin-9 l9 cp28605", "latin", "single", _WESTERN, (), _NONE),
    ("utf-16-le", "utf-16-le", "utf-16le ucs-2le cp1200", "unicode", "wide", ("und",), (), _NONE),
    ("utf-16-be", "utf-16-be", "utf-16be ucs-2be cp1201", "unicode", "wide", ("und",), (), _NONE),
    ("utf-32-le", "utf-32-le", "utf-32le ucs-4le cp12000", "unicode", "wide", ("und",), (), _NONE),
    ("utf-32-be", "utf-32-be", "utf-32be ucs-4be cp12001", "unicode", "wide", ("und",), (), _NONE),
)  # fmt: skip


def _encoding(bit: int, row: _Row) -> Encoding:
    name, codec, aliases, family, structure, languages, supersets, (leads, trails) = row
    return Encoding(name, codec, tuple(aliases.split()), family, structure, languages, supersets, bit, leads, trails)


ENCODINGS: Mapping[str, Encoding] = MappingProxyType({row[0]: _encoding(bit, row) for bit, row in enumerate(_ROWS)})
"""Every encoding of the registry, by canonical name, in order of their bits."""


def _plain(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())


@lru_cache(maxsize=1)
def _names() -> Mapping[str, Encoding]:
    names: dict[str, Encoding] = {}
    for encoding in ENCODINGS.values():
        for name in (encoding.name, encoding.codec, *encoding.aliases):
            if name:
                names.setdefault(_plain(name), encoding)
    return names


def lookup(name: str) -> Encoding:
    """Return the encoding of that name or alias; case and punctuation do not matter.

    Raises:
        UnknownEncodingError: No encoding of the registry has that name.
    """
    found = ENCODINGS.get(name) or _names().get(_plain(name))
    if found is None:
        raise UnknownEncodingError(name)
    return found
