"""Restore characters of which one byte is left: the other byte is lost, and the language model knows the neighbours.

The byte that is left was the first or the second of two, so that a character is one of some two hundred.  Not for
text that is already decoded: the lattice (:mod:`mojibake_fix.repair.lattice`) has that.
"""

from __future__ import annotations

import itertools
import re

import numpy as np
import numpy.typing as npt

from mojibake_fix.config import Config
from mojibake_fix.detect.encoding import Detection
from mojibake_fix.detect.encoding.decoders import clean_text, decode_marked
from mojibake_fix.encodings import lookup, pair_table
from mojibake_fix.model import BOUNDARY, STYLES, code_points, fold, load_model

__all__ = ["mended"]

_STYLE = {"gb18030": "zh-Hans", "cp950": "zh-Hant", "big5-hkscs": "zh-Hant", "cp932": "ja", "euc-jp": "ja"}
_HOLE = "\N{REPLACEMENT CHARACTER}"
_MARKED = re.compile("[\udc00-\udcff]")
_AROUND = 24
"""Bytes on each side that are decoded as context."""
_CHARACTERS = 4
"""How far from where it was found the damage may lie, in characters."""
_EXTRA = -7.0
"""Nats for a byte that was gained (any of 256) and stands for nothing, against one that is left of a character."""


def mended(data: bytes, found: Detection, config: Config) -> str:
    """Return the text of ``data`` with each byte of its damage restored to a character, left out, or U+FFFD.

    Args:
        data: The bytes.
        found: Their detection, of which ``damage`` names the bytes.
        config: ``min_confidence`` is the probability below which U+FFFD stays.
    """
    texts: list[str] = []
    for span in found.spans:
        start = max(span.start, found.bom)
        offsets = [offset for offset in found.damage if start <= offset < span.end]
        for offset, behind in itertools.pairwise([*offsets, span.end]):
            if offset < start:
                continue
            window, restored = _restored(data, start, offset, behind, span.encoding, config)
            texts += [clean_text(span.encoding, data[start : window[0]]), restored]
            start = window[1]
        texts.append(clean_text(span.encoding, data[start : span.end]))
    return "".join(texts)


def _restored(
    data: bytes, start: int, offset: int, behind: int, encoding: str, config: Config
) -> tuple[tuple[int, int], str]:
    """The bytes around ``offset`` that were looked at, and their text.

    Which byte it is that is left over is known to a few characters only, so every place about it is tried.
    """
    left = _last_characters(data[start:offset], encoding)
    right = _first_characters(data[offset + 1 : behind], encoding)
    window = (offset - len(left), offset + 1 + len(right))
    part = data[window[0] : window[1]]
    before = clean_text(encoding, data[max(start, window[0] - _AROUND * 8) : window[0]])[-3:]
    after = clean_text(encoding, data[window[1] : min(behind, window[1] + _AROUND)])[:2]
    texts: list[str] = []
    for place in range(len(part)):
        head, tail = decode_marked(encoding, part[:place]), decode_marked(encoding, part[place + 1 :])
        if not _MARKED.search(head + tail):
            texts += [head + char + tail for char in ("", *_characters_with(part[place], encoding))]
    texts = list(dict.fromkeys(texts))
    plain = clean_text(encoding, part[: len(left)]) + _HOLE + clean_text(encoding, part[len(left) + 1 :])
    if not texts:
        return window, plain
    scores = _scores([before + text + after for text in texts], encoding)
    scores += [_EXTRA if len(text) < len(plain) else 0.0 for text in texts]
    weights = np.exp(scores - scores.max())
    best = int(scores.argmax())
    if weights[best] / weights.sum() < config.min_confidence:
        return window, plain
    return window, texts[best]


def _last_characters(data: bytes, encoding: str) -> bytes:
    """The bytes of the last few characters of ``data``, of its last line."""
    line = data[data.rfind(b"\n") + 1 :][-4096:]
    codes = _codes(decode_marked(encoding, line)[-_CHARACTERS:], encoding)
    return data[len(data) - len(codes) :] if codes and data.endswith(codes) else b""


def _first_characters(data: bytes, encoding: str) -> bytes:
    line = data[:_AROUND].split(b"\n")[0]
    codes = _codes(decode_marked(encoding, line)[:_CHARACTERS], encoding)
    return codes if data.startswith(codes) else b""


def _codes(text: str, encoding: str) -> bytes:
    return b"" if _MARKED.search(text) else lookup(encoding).encode(text) or b""


def _characters_with(byte: int, encoding: str) -> list[str]:
    """The characters of two bytes of which one is ``byte``."""
    if lookup(encoding).structure != "multi":
        return []
    table = pair_table(encoding).reshape(256, 256)
    points = np.concatenate((table[byte], table[:, byte]))
    points = np.unique(points[(points != 0) & ~((points >= 0xE000) & (points < 0xF900))])
    return [chr(point) for point in points.tolist()]


def _scores(texts: list[str], encoding: str) -> npt.NDArray[np.float64]:
    """Log-probability of each text, which is a part of a line, nats."""
    model = load_model()
    points = code_points("\n".join(text.replace("\n", " ") for text in texts) + "\n")
    logp = model.logp(fold(points, model.fold_table)).astype(np.float64)
    style = _STYLE.get(encoding)
    if style is not None:
        logp += model.form_logp(points)[STYLES.index(style)]
    ends = np.flatnonzero(points == BOUNDARY)
    logp[ends] = 0.0
    total = np.concatenate(([0.0], np.cumsum(logp)))
    starts = np.concatenate(([0], ends[:-1] + 1))
    return np.asarray(total[ends] - total[starts])
