"""The kinds of fault in words: for the rules of SARIF, for the page, and for whoever asks what a name means."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from mojibake_fix.plan import Fault

__all__ = ["FAULTS", "FaultText"]


class FaultText(NamedTuple):
    """A kind of fault: its title, what happened to the text, and an example before and after."""

    title: str
    what: str
    before: str
    after: str


FAULTS: Mapping[Fault, FaultText] = MappingProxyType(
    {
        Fault.MISREAD: FaultText(
            "Read in the wrong encoding",
            "The bytes of one encoding were read as another. None was lost, so the repair is exact.",
            "ÖÐÎÄ",
            "中文",
        ),
        Fault.LOSSY: FaultText(
            "Read in the wrong encoding, with losses",
            "The bytes of one encoding were read as another, and those that had no character there were lost. "
            "What they were is restored from the context.",
            "涓枃鎵嬪唽?",
            "中文手册。",
        ),
        Fault.MISALIGNED: FaultText(
            "Pairs of bytes read astride characters",
            "A byte was lost, gained or split off, and from there on bytes were paired wrongly.",
            "新樣子?！痹?021年",
            "新樣子。”在2021年",
        ),
        Fault.GLOSS: FaultText(
            "Reading left by a converter",
            "A converter to Traditional characters wrote the reading of a character behind it.",
            "發(fā)展",
            "發展",
        ),
        Fault.GLOSS_ASTRIDE: FaultText(
            "Reading left by a converter inside a character",
            "A converter took the bytes of two neighbours for a character, and wrote its reading between them.",
            "當?shù)匕l(fā)展",
            "當地發展",
        ),
        Fault.ESCAPE: FaultText(
            "Escapes left undecoded",
            "Characters or bytes were written as escapes, and nothing turned them back.",
            "&#20013;&#25991;",
            "中文",
        ),
        Fault.BEYOND_REPAIR: FaultText(
            "Beyond repair",
            "Nothing of the original is left to repair it from.",
            "锟斤拷",
            "锟斤拷",
        ),
        Fault.STYLE: FaultText(
            "Not in the form asked for",
            "The text is not damaged: a rule of the normaliser that was turned on writes it otherwise.",
            "中文,中文",
            "中文，中文",
        ),
    }
)
