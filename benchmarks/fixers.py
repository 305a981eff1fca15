"""Who repairs: this package, other tools, and the inverse of a chain that one would have to know beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from mojibake_fix.encodings import Encoding, lookup, misread
from mojibake_fix.plan import Misread

__all__ = ["FIXERS", "Fixer", "naive_inverse"]

Fixer = Callable[[Sequence[str]], list[str]]

HOLES = "?\ufffd"
"""Characters that stand for lost bytes."""


def ours(texts: Sequence[str]) -> list[str]:
    """Repair by this package, with its defaults."""
    from mojibake_fix import fix_many

    return fix_many(list(texts))


def best_guess(texts: Sequence[str]) -> list[str]:
    """Repair by this package, asked for its best guess whatever its confidence."""
    from mojibake_fix import fix_many

    return fix_many(list(texts), min_confidence=0.0)


def ftfy_encoding(texts: Sequence[str]) -> list[str]:
    """Repair by ftfy's encoding fixer, which leaves style alone."""
    import ftfy

    return [ftfy.fix_encoding(text) for text in texts]


def ftfy_defaults(texts: Sequence[str]) -> list[str]:
    """Repair by ftfy as it comes."""
    import ftfy

    return [ftfy.fix_text(text) for text in texts]


def plsfix_defaults(texts: Sequence[str]) -> list[str]:
    """Repair by plsfix, whose Python package takes no options."""
    import plsfix

    return [str(plsfix.fix_text(text)) for text in texts]


FIXERS: Mapping[str, Fixer] = MappingProxyType(
    {
        "ours": ours,
        "best-guess": best_guess,
        "ftfy": ftfy_encoding,
        "ftfy-defaults": ftfy_defaults,
        "plsfix": plsfix_defaults,
    }
)
"""Every fixer that needs to know nothing, by name."""


def naive_inverse(chain: Sequence[Misread]) -> Fixer:
    """Return the fixer that knows ``chain``, encodes what it can, and leaves a hole where bytes are lost."""

    def fix(texts: Sequence[str]) -> list[str]:
        return [_undo(text, chain) for text in texts]

    return fix


def _undo(text: str, chain: Sequence[Misread]) -> str:
    for link in reversed(chain):
        data = b"".join(map(partial(_bytes_of, lookup(link.read_as)), text))
        text = misread(data, link.encoding, "lead-fffd")
    return text


def _bytes_of(encoding: Encoding, char: str) -> bytes:
    if char in HOLES:
        return b"\xff"
    return encoding.encode(char) or b"\xff"
