"""The forward model: what real decoders do with bytes that they cannot map.

A policy says what stands for an invalid sequence (U+FFFD, ``?`` or nothing) and which bytes go with it.
Decoding with a policy reproduces the damage; undoing it is the business of the repair rooms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal, NamedTuple

from mojibake_fix.encodings.registry import Encoding, lookup
from mojibake_fix.encodings.transcode import Take
from mojibake_fix.errors import UnknownEncodingError

__all__ = ["POLICIES", "Consumes", "Policy", "misread"]

Consumes = Literal["lead", "byte", "pair", "pair-unless-ascii", "legal-pair"]

_PRIVATE = re.compile("[\ue000-\uf8ff]+")


class Policy(NamedTuple):
    """What a decoder does with an invalid byte sequence.

    Attributes:
        name: Key in :data:`POLICIES`.
        replacement: What stands for the invalid bytes: U+FFFD, ``"?"``, ``"・"`` or nothing.
        consumes: Which bytes it stands for.
            ``"lead"``: what CPython's codec reports, one byte as a rule, all of a code cut off at the end of
            the data, and a maximal subpart in UTF-8.
            ``"byte"``: always one byte, in UTF-8 too.
            ``"pair"``: an invalid lead takes the byte after it along, whatever that is: a digit, ``<``, ``(``.
            ``"pair-unless-ascii"``: the same, but an ASCII byte after it survives.
            ``"legal-pair"``: the byte after it is taken only where it is a trail byte of the encoding.
            A lead with nothing after it goes alone in each.  Outside multi-byte encodings pairs do not exist,
            and all but ``"byte"`` act as ``"lead"``.
        decoders: Real decoders that behave so.
        drop_private: Whether private use characters were removed afterwards, as some converters and sanitisers do.
        bare: Whether this is CPython's codec itself, without the holes that other decoders fill.
    """

    name: str
    replacement: str
    consumes: Consumes
    decoders: tuple[str, ...]
    drop_private: bool = False
    bare: bool = False


def _by_name(*policies: Policy) -> Mapping[str, Policy]:
    return MappingProxyType({policy.name: policy for policy in policies})


POLICIES: Mapping[str, Policy] = _by_name(
    Policy("strict", "", "lead", ("any decoder that refuses invalid bytes",)),
    Policy("cpython-replace", "\ufffd", "lead", ("CPython errors='replace'",), bare=True),
    Policy("cpython-ignore", "", "lead", ("CPython errors='ignore'",), bare=True),
    Policy("lead-fffd", "\ufffd", "lead", ("Go x/text", "Java 8+ for malformed input", "ICU for an illegal trail")),
    Policy("lead-question", "?", "lead", ("PHP mb_convert_encoding", "converters fed in pieces")),
    Policy("byte-fffd", "\ufffd", "byte", ("Python 2 utf-8", "Windows XP UTF-8")),
    Policy("byte-question", "?", "byte", ("PHP utf8_decode", "MySQL CONVERT")),
    Policy("pair-fffd", "\ufffd", "pair", ("Java 7 and older DoubleByte charsets", ".NET with a U+FFFD fallback")),
    Policy("pair-question", "?", "pair", ("Microsoft MultiByteToWideChar, code pages 936, 949 and 950",)),
    Policy("pair-middle-dot", "\u30fb", "pair", ("Microsoft MultiByteToWideChar, code page 932",)),
    Policy("lead-middle-dot", "\u30fb", "lead", ("code page 932 converters fed in pieces",)),
    Policy("pair-question-private-drop", "?", "pair", ("Microsoft MultiByteToWideChar, sanitised",), drop_private=True),
    Policy("lead-question-private-drop", "?", "lead", ("byte-wise converters, sanitised",), drop_private=True),
    Policy("drop", "", "lead", ("iconv -c", "PHP iconv //IGNORE")),
    Policy("byte-drop", "", "byte", ("filters that delete stray bytes",)),
    Policy("pair-drop", "", "pair", ("Microsoft MultiByteToWideChar with an empty default character",)),
    Policy("whatwg", "\ufffd", "pair-unless-ascii", ("WHATWG Encoding Standard: browsers, encoding_rs",)),
    Policy("java", "\ufffd", "legal-pair", ("Java 8+ String and InputStreamReader",)),
)
"""Every policy, by name; ``"strict"`` refuses invalid bytes."""


def misread(data: bytes, encoding: Encoding | str, policy: Policy | str = "strict") -> str:
    """Return what a decoder of ``encoding`` with that ``policy`` makes of ``data``.

    Data handed to a converter in pieces is misread piece by piece: a lead at the end of a piece goes alone.

    Raises:
        UnicodeDecodeError: Invalid bytes, and the policy is ``"strict"``; no other policy raises.
        UnknownEncodingError: No encoding, or no policy, of that name.
    """
    if isinstance(encoding, str):
        encoding = lookup(encoding)
    if isinstance(policy, str):
        policy = _policy(policy)
    if policy.bare and encoding.codec:
        text = data.decode(encoding.codec, "ignore" if not policy.replacement else "replace")
    else:
        handler = f"{policy.name}:{policy.consumes}:{policy.replacement}"
        text = encoding.transcoder().decode_lossy(data, handler, _take(encoding, policy))
    return _PRIVATE.sub("", text) if policy.drop_private else text


def _policy(name: str) -> Policy:
    try:
        return POLICIES[name]
    except KeyError:
        raise UnknownEncodingError(name) from None


@cache
def _take(encoding: Encoding, policy: Policy) -> Take:
    if policy.name == "strict":
        return _refusal(encoding.name)
    measure = _MEASURES[policy.consumes if encoding.structure in ("multi", "utf8") else "lead"]
    if encoding.structure == "utf8" and policy.consumes != "byte":
        measure = _MEASURES["lead"]
    leads, trails, replacement = frozenset(encoding.leads), frozenset(encoding.trails), policy.replacement

    def take(data: bytes, start: int, end: int) -> tuple[str, int]:
        return replacement, measure(data, start, end, leads, trails)

    return take


def _refusal(name: str) -> Take:
    def refuse(data: bytes, start: int, end: int) -> tuple[str, int]:
        raise UnicodeDecodeError(name, data, start, end, "invalid in this encoding")

    return refuse


_Measure = Callable[[bytes, int, int, frozenset[int], frozenset[int]], int]


def _lead(data: bytes, start: int, end: int, leads: frozenset[int], trails: frozenset[int]) -> int:
    return end


def _byte(data: bytes, start: int, end: int, leads: frozenset[int], trails: frozenset[int]) -> int:
    return start + 1


def _pair(data: bytes, start: int, end: int, leads: frozenset[int], trails: frozenset[int]) -> int:
    return min(start + 2, len(data)) if data[start] in leads else start + 1


def _pair_unless_ascii(data: bytes, start: int, end: int, leads: frozenset[int], trails: frozenset[int]) -> int:
    past = _pair(data, start, end, leads, trails)
    return start + 1 if past == start + 2 and data[start + 1] < 0x80 else past


def _legal_pair(data: bytes, start: int, end: int, leads: frozenset[int], trails: frozenset[int]) -> int:
    past = _pair(data, start, end, leads, trails)
    return start + 1 if past == start + 2 and data[start + 1] not in trails else past


_MEASURES: Mapping[str, _Measure] = MappingProxyType(
    {
        "lead": _lead,
        "byte": _byte,
        "pair": _pair,
        "pair-unless-ascii": _pair_unless_ascii,
        "legal-pair": _legal_pair,
    }
)
