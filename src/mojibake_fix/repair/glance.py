"""Whether a misread may give words, at a glance: without the alignment that tells where they would stand.

Most suspicious lines of Latin letters are clean, and no reading of theirs has a word; of most, the kernel says so
(``mojibake_gives_words`` of ``_words.c``).  Not for what words say: :mod:`mojibake_fix.repair.words`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mojibake_fix.encodings import REPLACEMENT_CHARACTER, encode_table, lookup
from mojibake_fix.lazy import lazy_pattern
from mojibake_fix.model import code_points, text_of
from mojibake_fix.model.words import forms_of_words, load_words
from mojibake_fix.repair.transcode import decode_with_holes

__all__ = ["may_give_words"]

_AROUND = lazy_pattern("[^ ]*[^\x00-\x7f][^ ]*")
_OPENING = frozenset("¿¡")
_SPACE = 0x20


def may_give_words(text: str, channels: Iterable[tuple[str, str]]) -> bool:
    """Tell whether one of ``channels``, an encoding and what it was read as, may give a listed word that it has not.

    So may one that gives a mark that opens a question or a cry.  A word with a character in it that no byte of the
    channel stands for was not read so.
    """
    pieces = " ".join(_AROUND.findall(text))
    points = code_points(pieces)
    data: dict[str, bytes | None] = {}
    forms: set[str] = set()
    for encoding, read_as in channels:
        if read_as not in data:
            codes = encode_table(read_as)[np.minimum(points, 0xFFFF)]
            able = (codes != 0) & (points <= 0xFFFF) & (points != REPLACEMENT_CHARACTER)
            data[read_as] = lookup(read_as).encode(text_of(np.where(able, points, np.uint32(_SPACE))))
        stream = data[read_as]
        if stream is None:
            return True
        reading = decode_with_holes(stream, lookup(encoding))
        if not _OPENING.isdisjoint(reading):
            return True
        forms |= forms_of_words(reading)
    special = sorted(form for form in forms - forms_of_words(pieces) if not form.isascii())
    return bool(special) and bool(np.isfinite(load_words().look_up(special)).any())
