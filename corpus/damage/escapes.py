"""Text forms of characters and bytes that were left undecoded in text: one damage model each."""

from __future__ import annotations

import base64
import quopri
import random
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import quote

from corpus.damage.facts import Damage, Facts, Outcome, changed_span
from mojibake_fix.encodings import lookup
from mojibake_fix.plan import Fault

__all__ = ["ESCAPES", "escaped", "hz_without_tildes", "iso2022_without_escapes"]

_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_ESCAPE_SEQUENCE = re.compile(rb"\x1b")


def _entity_decimal(text: str) -> str:
    return _NON_ASCII.sub(lambda m: f"&#{ord(m[0])};", text)


def _entity_hex(text: str) -> str:
    return _NON_ASCII.sub(lambda m: f"&#x{ord(m[0]):X};", text)


def _backslash_u(text: str) -> str:
    def units(match: re.Match[str]) -> str:
        data = match[0].encode("utf-16-be", "surrogatepass")
        return "".join(f"\\u{data[i]:02x}{data[i + 1]:02x}" for i in range(0, len(data), 2))

    return _NON_ASCII.sub(units, text)


def _percent(text: str) -> str:
    return _NON_ASCII.sub(lambda m: quote(m[0], safe=""), text)


def _percent_gbk(text: str) -> str | None:
    data = lookup("gbk").encode(text)
    return None if data is None else "".join(chr(b) if b < 0x80 else f"%{b:02X}" for b in data)


def _quoted_printable(text: str) -> str:
    return quopri.encodestring(text.encode()).decode("ascii")


def _encoded_word(text: str) -> str:
    return f"=?UTF-8?B?{base64.b64encode(text.encode()).decode('ascii')}?="


def _hz(text: str) -> str | None:
    data = lookup("hz").encode(text)
    return None if data is None else data.decode("ascii")


def iso2022_without_escapes(text: str) -> str | None:
    """Return ISO-2022-JP text with its ESC bytes lost: ``$B$3$l(B``; None if it has other characters."""
    data = lookup("iso-2022-jp").encode(text)
    return None if data is None else _ESCAPE_SEQUENCE.sub(b"", data).decode("ascii", "replace")


def hz_without_tildes(text: str) -> str | None:
    """Return HZ text with its tildes lost: ``{VPND}``; None if it has other characters."""
    written = _hz(text)
    return None if written is None or "~~" in written else written.replace("~", "")


ESCAPES: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    {
        "entity-decimal": _entity_decimal,
        "entity-hex": _entity_hex,
        "backslash-u": _backslash_u,
        "percent": _percent,
        "percent-gbk": _percent_gbk,
        "quoted-printable": _quoted_printable,
        "rfc2047": _encoded_word,
        "hz": _hz,
        "hz-without-tildes": hz_without_tildes,
        "iso-2022-jp-without-esc": iso2022_without_escapes,
    }
)
"""Each text form, by name: the function that writes it, giving None where it cannot."""


def escaped(name: str) -> Damage:
    """Return the damage of leaving text in the form of that name (a key of :data:`ESCAPES`)."""
    write = ESCAPES[name]

    def damage(text: str, rng: random.Random) -> Outcome | None:
        raw = None if text.isascii() else write(text)
        if raw is None or raw == text:
            return None
        return raw, Facts(Fault.ESCAPE, (), True, (changed_span(text, raw),))

    return damage
