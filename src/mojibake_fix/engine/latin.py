"""Latin, Cyrillic and Greek text that ftfy repairs: what is inconsistent within a line, or too short for
the language model.

ftfy knows from experience which signs are no text where they stand.  It is asked about suspicious lines of an alphabet
only, and believed where the language model does not object, where no other reading explains the line better, and where
nothing is lost by it: it gives up bytes that the lattice can still restore.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from mojibake_fix.detect.mention import is_all_quoted, listing_evidence, mention_evidence
from mojibake_fix.detect.misread import is_alphabetic, least_weight
from mojibake_fix.detect.scan import scan
from mojibake_fix.engine.changes import common_ends, damage_again
from mojibake_fix.engine.decision import confidence
from mojibake_fix.engine.stage import Line
from mojibake_fix.lazy import lazy_pattern
from mojibake_fix.model import NgramModel, code_points
from mojibake_fix.plan import Fault, Misread, Step
from mojibake_fix.repair.spans import Run
from mojibake_fix.repair.tracks import as_it_stands, score_tracks
from mojibake_fix.repair.words import what_words_say, with_gains

__all__ = ["latin_step", "may_be_latin"]

_PATTERN = 11.0
"""Nats that a pattern of ftfy's says: none of 41,269 clean lines in 20 languages has one, and none of 38,700 with words
of other languages put into them."""
_PRIOR = -6.5
"""Nats: that of a usual misread among single-byte encodings (:mod:`mojibake_fix.detect.misread`)."""
_LATER = lazy_pattern("[^\x00-\u2e7f\uffdd-\U0001ffff\U00040000-\U0010ffff]")
"""Characters that no alphabet has: of these ftfy knows too little."""
_BEYOND_GREEK, _BEYOND_ALPHABETS = 0x400, 0x2000
_HIGH_RUN = re.compile("[^\x00-\x7f]+")
_LOST = "\ufffd"
_HALF_LOST = re.compile("[\xc2-\xf4][?]")
"""The first byte of a character of UTF-8 of which the others were lost."""
_ENCODINGS = {
    **{f"sloppy-windows-{number}": f"cp{number}" for number in range(1250, 1259)},
    "macroman": "mac-roman",
    "utf-8-variants": "utf-8",
}


class _Fix(NamedTuple):
    text: str
    channel: tuple[Misread, ...]
    lossless: bool
    inconsistent: bool


def may_be_latin(line: str, weight: float) -> bool:
    """Tell whether :func:`latin_step` may find a step in a suspicious line of this weight (nats)."""
    return weight >= least_weight(line) and is_alphabetic(line) and _fixed(line) is not None


def latin_step(line: Line, weight: float, to_beat: float, model: NgramModel, *, lossy: bool = False) -> Step | None:
    """Return ftfy's repair of a suspicious line; None where no more than ``to_beat`` (nats) speaks for one.

    ``lossy`` says that bytes seem to have been lost: then ftfy may repair a part, and put the rest beyond repair.
    """
    if to_beat == math.inf or weight < least_weight(line.text) or not is_alphabetic(line.text):
        return None
    fix = _fixed(line.text)
    evidence = _evidence(line.text, fix.text, model) if fix is not None else -math.inf
    if fix is None or evidence <= max(to_beat, 0.0):
        return None
    if lossy and fix.inconsistent and scan([fix.text], model)[0]:
        return None
    return _step(line, fix, evidence)


def _fixed(line: str) -> _Fix | None:
    """What ftfy makes of ``line``; None where that is nothing, or nothing to be trusted."""
    # It takes 60 ms to import, and hardly any text needs it.
    import ftfy
    from ftfy.badness import is_bad

    if _LOST in line or not is_bad(line):
        return None
    fixed, explanation = ftfy.fix_encoding_and_explain(line)
    if fixed == line or fixed.count("\n") or _LOST in fixed or _LATER.search(fixed):
        return None
    if _gives_stray(line, fixed):
        return None
    steps = [(step.action, step.parameter) for step in explanation or ()]
    inconsistent = any(name == "decode_inconsistent_utf8" for _, name in steps)
    if inconsistent and _HALF_LOST.search(fixed):
        return None
    if not any(name.startswith("utf-8") or name == "decode_inconsistent_utf8" for _, name in steps):
        # That Windows-1252 was read as Latin-1 is one channel of many that leave C1 controls.
        return None
    read_as = [_ENCODINGS.get(name, name) for action, name in steps if action == "encode"]
    channel = tuple(Misread("utf-8", name) for name in reversed(read_as))
    if any(name == "fix_c1_controls" for _, name in steps):
        channel = (*channel, Misread("cp1252", "latin-1"))
    if inconsistent:
        channel = (Misread("utf-8", "cp1252"), *channel)
    lossless = all(action in ("encode", "decode") for action, _ in steps)
    return _Fix(fixed, channel, lossless, inconsistent)


def _gives_stray(line: str, fixed: str) -> bool:
    """Whether a repair gives one sign of another alphabet than Latin and Greek, and there is none like it.

    Two signs may be one by chance: "×“" is a Hebrew one.
    """
    given = [char for char in fixed if _BEYOND_GREEK <= ord(char) < _BEYOND_ALPHABETS and char not in line]
    return len(given) == 1 and sum(_block(char) == _block(given[0]) for char in fixed) == 1


def _block(char: str) -> int:
    return ord(char) >> 7


def _evidence(before: str, after: str, model: NgramModel) -> float:
    tracks = [code_points(before), code_points(after)]
    scores = score_tracks(tracks, model)
    own, new = (as_it_stands(*pair, model) for pair in zip(tracks, scores, strict=True))
    words_of_own, words = what_words_say(before, tracks, scores)
    [run] = with_gains([Run(0, len(own), 0, len(new), 0.0)], own, new, words_of_own, words)
    spans = [run.span() for run in _HIGH_RUN.finditer(before) if run[0] not in after]
    if is_all_quoted(before, spans):
        return -math.inf
    return run.gain + _PATTERN + _PRIOR - mention_evidence(before, spans) - listing_evidence(before, spans)


def _step(line: Line, fix: _Fix, evidence: float) -> Step:
    before, after = line.text, fix.text
    head, tail = common_ends(before, [after])
    # Between characters of ASCII, so that no sequence of bytes is cut.
    while head and not before[head - 1].isascii():
        head -= 1
    while tail and not before[len(before) - tail].isascii():
        tail -= 1
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    return Step(
        line.offset + head,
        line.offset + len(before) - tail,
        old,
        new,
        Fault.MISREAD,
        fix.channel,
        lossless=fix.lossless and damage_again(new, fix.channel) == old,
        evidence=evidence,
        confidence=confidence(evidence),
    )
