"""The encodings that bytes are tried as: one row each, with how often public files are in it.

Only encodings without a state are rows; the ones with escapes say themselves what they are
(:mod:`mojibake_fix.detect.encoding.escaped`).  How each decodes is in :mod:`mojibake_fix.detect.encoding.decoders`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = ["CATALOGUE", "Row", "answer_name"]

Kind = Literal["utf8", "pairs", "single", "wide"]


@dataclass(frozen=True, slots=True)
class Row:
    """One encoding to try.

    Attributes:
        name: What an answer calls it.
        kind: ``"pairs"`` are ASCII mixed with codes of two or more bytes.
        prior: Logarithm, in nats, of how usual it is; only differences matter.
        languages: BCP 47 tags of what is written in it; empty for all.
    """

    name: str
    kind: Kind
    prior: float
    languages: tuple[str, ...] = ()


_ROWS: tuple[tuple[str, Kind, float, str], ...] = (
    ("utf-8", "utf8", 0.0, ""),
    ("gb18030", "pairs", -1.0, "zh-Hans"),
    ("cp950", "pairs", -1.5, "zh-Hant"),
    ("big5-hkscs", "pairs", -3.0, "zh-Hant"),
    ("cp932", "pairs", -1.2, "ja"),
    ("euc-jp", "pairs", -2.0, "ja"),
    ("cp949", "pairs", -1.2, "ko"),
    ("johab", "pairs", -6.0, "ko"),
    ("euc-tw", "pairs", -6.0, "zh-Hant"),
    ("cp1252", "single", -1.0, "en fr de es it pt nl sv da nb fi"),
    ("cp1251", "single", -1.5, "ru uk bg sr be mk"),
    ("cp1250", "single", -2.2, "pl cs sk hu ro hr sl"),
    ("cp1253", "single", -2.0, "el"),
    ("cp1254", "single", -2.2, "tr az"),
    ("cp1255", "single", -2.0, "he yi"),
    ("cp1256", "single", -2.0, "ar fa ur"),
    ("cp1257", "single", -3.0, "lt lv et"),
    ("cp1258", "single", -3.0, "vi"),
    ("cp874", "single", -2.0, "th"),
    ("koi8-r", "single", -2.5, "ru"),
    ("koi8-u", "single", -3.2, "uk ru"),
    ("cp866", "single", -3.0, "ru be"),
    ("cp437", "single", -4.5, "en"),
    ("cp850", "single", -2.5, "en fr de es it pt nl sv da nb fi"),
    ("cp852", "single", -3.2, "pl cs sk hu ro hr sl"),
    ("mac-roman", "single", -5.0, "en fr de es it pt nl sv da nb fi"),
    ("mac-cyrillic", "single", -4.5, "ru uk"),
    ("viscii", "single", -5.0, "vi"),
    ("iso-8859-1", "single", -1.5, "en fr de es it pt nl sv da nb fi"),
    ("iso-8859-2", "single", -2.7, "pl cs sk hu ro hr sl"),
    ("iso-8859-3", "single", -6.0, "mt eo"),
    ("iso-8859-4", "single", -5.0, "lt lv et"),
    ("iso-8859-5", "single", -4.0, "ru uk bg sr be mk"),
    ("iso-8859-6", "single", -4.0, "ar"),
    ("iso-8859-7", "single", -2.7, "el"),
    ("iso-8859-8", "single", -3.0, "he"),
    ("iso-8859-9", "single", -3.0, "tr"),
    ("iso-8859-10", "single", -6.0, "is nb sv"),
    ("iso-8859-13", "single", -4.0, "lt lv et"),
    ("iso-8859-14", "single", -6.0, "cy ga"),
    ("iso-8859-15", "single", -3.5, "en fr de es it pt nl sv da nb fi"),
    ("iso-8859-16", "single", -5.0, "ro pl hu"),
    ("utf-16-le", "wide", -2.0, ""),
    ("utf-16-be", "wide", -3.0, ""),
)

CATALOGUE: Mapping[str, Row] = MappingProxyType(
    {name: Row(name, kind, prior, tuple(languages.split())) for name, kind, prior, languages in _ROWS}
)
"""Every encoding that is tried, by name.

The priors are orders of magnitude.  They settle what the bytes leave open (a French text without a euro sign is the
same in seven encodings); 16 characters of CJK text carry 50 nats and more, which none of them outweighs.
"""

_SUPERSETS = {
    "gbk": "gb18030", "gb2312": "gb18030", "big5": "cp950", "shift_jis": "cp932", "euc-kr": "cp949",
    "latin-1": "cp1252", "ascii": "utf-8", "tis-620": "cp874", "iso-8859-11": "cp874", "cp65001": "utf-8",
    "utf-16": "utf-16-le", "utf-32": "utf-32-le", "utf-8-sig": "utf-8", "iso-2022-cn": "iso-2022-cn",
    "cesu-8": "cesu-8",
}  # fmt: skip
"""What files that say the first mean, where it is not a row itself."""

_LABELS = {
    "utf-8": "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8",
    "utf-16-le": "unicode ucs-2 iso-10646-ucs-2 csunicode unicodefeff",
    "utf-16-be": "unicodefffe",
    "gb18030": "csgb2312 cn-gb",
    "cp950": "cn-big5 x-x-big5",
    "cp932": "windows-932 cp943 cp943c x-ms-cp932",
    "euc-jp": "cp51932 cseucpkdfmtjapanese",
    "cp949": "cseuckr csksc56011987 iso-ir-149 ks-c-5601-1989",
    "iso-8859-6": "iso-8859-6-e iso-8859-6-i csiso88596e csiso88596i",
    "iso-8859-7": "sun-eu-greek",
    "iso-8859-8": "iso-8859-8-e iso-8859-8-i csiso88598e csiso88598i logical visual",
    "koi8-r": "koi",
    "mac-roman": "mac csmacintosh",
    "mac-cyrillic": "x-mac-ukrainian",
    "cp874": "dos-874",
    "cp850": "dos-850",
    "cp1252": "windows-28591",
}
"""Other names, with hyphens for underscores, that documents use and Python has not: WHATWG Encoding 4.2 and vendors."""
_SUPERSETS |= {label: name for name, labels in _LABELS.items() for label in labels.split()}


def answer_name(name: str) -> str | None:
    """Return what an answer calls the encoding of that name or alias: the superset of it; None if unknown."""
    import codecs

    from mojibake_fix.encodings import codec_name, lookup
    from mojibake_fix.errors import UnknownEncodingError

    plain = name.strip().lower().replace("_", "-")
    if plain in _SUPERSETS or plain in CATALOGUE:
        return _SUPERSETS.get(plain, plain)
    if plain.startswith("x-"):
        plain = plain[2:]
    try:
        found = lookup(plain).name
    except UnknownEncodingError:
        try:
            found = codec_name(codecs.lookup(plain).name)
        except (LookupError, ValueError):
            return None
    return _SUPERSETS.get(found, found)
