"""The table of rules: what each is called, what turns it on, what it does, with an example.

A rule is a row here and a function in the module of its family.  The order of the rows is the order of work: first what
hides characters from other rules, then characters, then words, then marks, then spaces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mojibake_fix.normalise import (
    compatibility,
    form,
    glosses,
    invisibles,
    private_use,
    punctuation,
    quotes,
    spacing,
    width,
)
from mojibake_fix.normalise import script as script_rule
from mojibake_fix.normalise.characters import CJK, Kind
from mojibake_fix.normalise.edits import Edit, Edits
from mojibake_fix.normalise.options import NormaliseOptions
from mojibake_fix.normalise.view import View

__all__ = ["RULES", "Rule", "chosen_rules"]

_ANY = 0
_STAGES = {"script": 1, "glosses": 2, "punctuation": 2, "quotes": 2, "spaced_out": 2, "spacing": 2}
_BY_DOCUMENT = frozenset(("script", "private_use"))
_LETTERS = CJK | Kind.LETTER


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        name: What reports, ``rules`` and ``without`` call it.
        option: The field of :class:`NormaliseOptions` that turns it on.
        by_default: Whether that field does so by itself; else the rule must be named in ``rules``.
        find: What it would change; many edits as arrays.
        triggers: Kinds of characters of which the text must have one; empty asks the rule always.
        what: What it does, in a sentence.
        before, after: An example, ``options`` being what turns it on.
    """

    name: str
    option: str
    by_default: bool
    find: Callable[[View, NormaliseOptions], Edits | list[Edit]]
    triggers: int
    what: str
    before: str
    after: str
    value: object = True

    @property
    def stage(self) -> int:
        """Rules of one stage look at the same text: characters first, then script, then marks and spaces."""
        return _STAGES.get(self.option, 0)

    @property
    def by_line(self) -> bool:
        """Whether what the rule does in a line hangs on that line, and on the languages of the document's lines."""
        return self.option not in _BY_DOCUMENT


_ROWS = (
    Rule("boms", "invisibles", True, invisibles.find_boms, Kind.FORMAT,
         "Byte order marks inside a text go.", "中\ufeff文", "中文"),
    Rule("c1-controls", "invisibles", True, invisibles.find_c1, Kind.CONTROL,
         "C1 control characters go.", "中\x80文", "中文"),
    Rule("c0-controls", "invisibles", False, invisibles.find_c0, Kind.CONTROL,
         "C0 control characters but tabs and line ends go.", "中\x01文", "中文"),
    Rule("zero-width", "invisibles", True, invisibles.find_zero_width, Kind.ZERO_WIDTH,
         "Zero-width spaces and joiners beside CJK characters go.", "中\u200b文", "中文"),
    Rule("bidi-controls", "invisibles", True, invisibles.find_bidi, Kind.BIDI,
         "Direction controls in CJK lines without right-to-left letters go.", "中\u200e文", "中文"),
    Rule("soft-hyphens", "invisibles", True, invisibles.find_soft_hyphens, Kind.FORMAT,
         "Soft hyphens beside CJK characters go.", "中\xad文", "中文"),
    Rule("variation-selectors", "invisibles", False, invisibles.find_selectors, Kind.SELECTOR,
         "Variation selectors behind ideographs go; those of emoji stay.", "葛\U000e0100", "葛"),
    Rule("private-use", "private_use", True, private_use.find_private_use, Kind.PRIVATE,
         "Private-use code points of a character set become its standard characters.", "\uecda\ue547", "啲嚟", "hkscs"),
    Rule("radicals", "compatibility", True, compatibility.find_radicals, Kind.RADICAL,
         "Radicals and strokes in running text become ideographs.", "⼈民⽇報", "人民日報"),
    Rule("compatibility-ideographs", "compatibility", True, compatibility.find_compatibility, Kind.COMPATIBILITY,
         "Compatibility ideographs become unified ones.", "\uf90a", "金"),
    Rule("doubled-ideographs", "compatibility", True, compatibility.find_doubled, Kind.VARIANT,
         "Ideographs encoded twice by mistake get the code point to use.", "\U00027144", "\u8641"),
    Rule("lookalikes", "compatibility", True, compatibility.find_lookalikes, Kind.VARIANT,
         "Circles in Chinese numbers and the zhuyin letter ㄧ become 〇 and 一.", "二○二一年", "二〇二一年"),
    Rule("wide-letters", "width", True, width.find_wide_alnum, Kind.WIDE_ALNUM,
         "Full-width letters and digits become ASCII.", "ＡＢＣ１２，０００", "ABC12,000"),
    Rule("narrow-kana", "width", True, width.find_narrow_kana, Kind.NARROW_KANA,
         "Half-width kana become full-width.", "ｶﾞｲﾄﾞ｡", "ガイド。"),
    Rule("narrow-hangul", "width", True, width.find_narrow_hangul, Kind.NARROW_HANGUL,
         "Half-width Hangul letters become full-width.", "ﾡￂ", "ㄱㅏ"),
    Rule("ideographic-spaces", "width", False, width.find_ideographic_spaces, Kind.SPACE,
         "Ideographic spaces that do not indent a line become spaces.", "　中　文", "　中 文"),
    Rule("form", "form", True, form.find_form, _ANY,
         "The text gets a Unicode normalisation form.", "か\u3099", "が", "NFC"),
    Rule("script", "script", True, script_rule.find_script, Kind.HAN,
         "Chinese gets one script, Japanese new or old kanji.", "这里是云南", "這裡是雲南", "zh-Hant-TW"),
    Rule("glosses", "glosses", True, glosses.find_glosses, Kind.HAN,
         "Verified readings are removed or become ruby.", "協（xié）商", "協商", "strip"),
    Rule("ellipses", "punctuation", True, punctuation.find_ellipses, Kind.DOTS,
         "Dots in a row become an ellipsis.", "中文...", "中文……", "zh-Hans"),
    Rule("dashes", "punctuation", True, punctuation.find_dashes, Kind.DASHES,
         "Two hyphens become a dash.", "中文--中文", "中文——中文", "zh-Hans"),
    Rule("midpoints", "punctuation", True, punctuation.find_midpoints, Kind.MIDPOINT,
         "Points in names become the locale's midpoint.", "達•芬奇", "達·芬奇", "zh-Hant-TW"),
    Rule("marks", "punctuation", True, punctuation.find_marks, Kind.ASCII_MARK,
         "Half-width marks between Han or kana become full-width.", "中文,中文", "中文，中文", "zh-Hans"),
    Rule("final-marks", "punctuation", True, punctuation.find_final_marks, Kind.ASCII_MARK,
         "Half-width marks at the end of a line become full-width.", "中文!", "中文！", "zh-Hans"),
    Rule("brackets", "punctuation", True, punctuation.find_brackets, Kind.ASCII_BRACKET,
         "Half-width brackets in CJK text become full-width.", "中文(中文)中文", "中文（中文）中文", "zh-Hans"),
    Rule("korean-style", "punctuation", True, punctuation.find_korean_style, Kind.FULL_STYLE,
         "Full-width marks in Korean become half-width.", "네，좋아요。", "네, 좋아요.", "ko"),
    Rule("ascii-style", "punctuation", True, punctuation.find_ascii_style, Kind.FULL_STYLE,
         "Full-width marks become ASCII.", "中文，中文……", "中文,中文...", "ascii"),
    Rule("quotes", "quotes", True, quotes.find_quotes, Kind.QUOTE,
         "Quotation marks become one kind, nested right.", "“中‘文’”", "「中『文』」", "corner"),
    Rule("spaced-out", "spaced_out", True, spacing.find_spaced_out, Kind.SPACE,
         "Spaces between all characters of a line go.", "中 文 字 字 字 字 字 字 字 字", "中文字字字字字字字字"),
    Rule("spacing", "spacing", True, spacing.find_spacing, _LETTERS,
         "Spaces between CJK and Latin text are added or removed.", "用Python寫", "用 Python 寫", "add"),
)  # fmt: skip

RULES: Mapping[str, Rule] = MappingProxyType({rule.name: rule for rule in _ROWS})
"""Every rule by its name, in the order of work."""


def chosen_rules(options: NormaliseOptions) -> Iterator[Rule]:
    """Yield the rules that ``options`` turn on, in the order of work."""
    for rule in _ROWS:
        value = getattr(options, rule.option)
        # Without a value, such as a locale, a rule does not know what to do, though it is named.
        asked = rule.name in options.rules and (bool(value) or rule.value is True)
        if (asked or (bool(value) and rule.by_default)) and rule.name not in options.without:
            yield rule
