"""What the caller wants unified: one frozen value, checked when it is made.  Everything is off unless asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from mojibake_fix.config import laid_over
from mojibake_fix.errors import ConfigError

__all__ = [
    "Form",
    "Glosses",
    "NormaliseOptions",
    "PrivateUse",
    "Punctuation",
    "Quotes",
    "Script",
    "SourceScript",
    "Spacing",
]

Script = Literal["auto", "zh-Hans", "zh-Hant", "zh-Hant-TW", "zh-Hant-HK", "ja", "ja-old"]
SourceScript = Literal["zh-Hans", "zh-Hant", "zh-Hant-TW", "zh-Hant-HK", "ja", "ja-old"]
Punctuation = Literal["zh-Hans", "zh-Hant-TW", "zh-Hant-HK", "ja", "ko", "ascii"]
Quotes = Literal["curly", "corner", "straight"]
PrivateUse = Literal["auto", "gb18030", "hkscs", "eten"]
Spacing = Literal["add", "remove"]
Glosses = Literal["keep", "strip", "ruby"]
Form = Literal["NFC", "NFD"]

_CHOICES: dict[str, tuple[str, ...]] = {
    "script": get_args(Script),
    "source": get_args(SourceScript),
    "punctuation": get_args(Punctuation),
    "quotes": get_args(Quotes),
    "private_use": get_args(PrivateUse),
    "spacing": get_args(Spacing),
    "glosses": get_args(Glosses),
    "form": get_args(Form),
}


@dataclass(frozen=True, slots=True)
class NormaliseOptions:
    """What to unify, and towards what; the default touches nothing.

    Attributes:
        script: The script of Chinese text, with Taiwan's or Hong Kong's forms if named; ``"ja"`` and ``"ja-old"`` the
            new and old kanji of Japanese text; ``"auto"`` the script that most of the Chinese text is in.
        source: The script that all of the text is in, if that is known; by default each line is judged.
            Then all is converted once, what is in the script already, too.
        phrases: Whether words are replaced, too (软件 → 軟體), and not only characters; needs ``source``.
        punctuation: The locale whose marks, brackets, ellipses, dashes and midpoints to use; ``"ascii"`` none.
        quotes: ``"curly"`` “‘’”, ``"corner"`` 「『』」, or ``"straight"``.
        width: Whether full-width letters and digits and half-width kana and Hangul get their usual width.
        compatibility: Whether radicals, compatibility ideographs and look-alikes become the ideographs they stand for.
        private_use: The character set whose private-use code points become standard characters; ``"auto"`` the one
            that the text tells.
        invisibles: Whether invisible characters that have no use where they stand are removed.
        spacing: Whether a space stands between CJK and Latin text or digits: ``"add"`` or ``"remove"``.
        spaced_out: Whether a text with spaces between all its characters is closed up.
        glosses: What to do with verified readings: ``"strip"`` them or make ``"ruby"`` of them.
        form: Unicode normalisation form.
        rules: Single rules (:data:`mojibake_fix.normalise.RULES`) to run although their group is off, or leaves
            them out.
        without: Single rules not to run.
    """

    script: Script | None = None
    source: SourceScript | None = None
    phrases: bool = False
    punctuation: Punctuation | None = None
    quotes: Quotes | None = None
    width: bool | None = None
    compatibility: bool | None = None
    private_use: PrivateUse | None = None
    invisibles: bool | None = None
    spacing: Spacing | None = None
    spaced_out: bool | None = None
    glosses: Glosses | None = None
    form: Form | None = None
    rules: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            if value is not None and value not in choices:
                raise ConfigError(f"{name} is {value!r}: give one of {', '.join(choices)}")
        if self.phrases and self.source is None:
            raise ConfigError("phrases replaces words, which needs to be told what the text is: give source, too")
        for name in ("rules", "without"):
            value = getattr(self, name)
            if isinstance(value, str) or not isinstance(value, Iterable):
                raise ConfigError(f"{name} is {value!r}: give the names of rules")
            object.__setattr__(self, name, frozenset(value))

    @classmethod
    def of(cls, options: NormaliseOptions | None, changes: dict[str, Any]) -> NormaliseOptions:
        """Return ``options`` (the defaults if None) with ``changes`` laid over it.

        Raises:
            ConfigError: An option that does not exist, or whose value cannot be used.
        """
        return laid_over(options or cls(), changes)
