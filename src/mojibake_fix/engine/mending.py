"""Restore characters of which some bytes are left: one was lost, gained or overwritten, and the neighbours are known.

Each place of damage is one step over the text in which U+FFFD stands for what belongs to no character.  Not for text
that is already decoded: the lattice (:mod:`mojibake_fix.repair.lattice`) has that.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mojibake_fix.config import Config
from mojibake_fix.detect.encoding import Detection
from mojibake_fix.detect.encoding.decoders import clean_text, decode_marked
from mojibake_fix.encodings import lookup, pair_table
from mojibake_fix.model import BOUNDARY, STYLES, code_points, fold, load_model
from mojibake_fix.plan import Alternative, Fault, Plan, Step

__all__ = ["HOLE", "holed_text", "mends"]

HOLE = "\N{REPLACEMENT CHARACTER}"
_STYLE = {"gb18030": "zh-Hans", "cp950": "zh-Hant", "big5-hkscs": "zh-Hant", "cp932": "ja", "euc-jp": "ja"}
_MARKED = re.compile("[\udc00-\udcff]")
_NO_TEXT = re.compile("[\udc00-\udcff\x00-\x08\x0e-\x1f\x7f-\x9f]")
_AROUND = 24
"""Bytes on each side that are decoded as context."""
_CHARACTERS = 4
"""How far from where it was found the damage may lie, in characters."""
_EXTRA = -7.0
"""Nats for a byte that was gained or overwritten (any of 256), against one that was lost."""
_MOST_ALTERNATIVES, _LEAST_SHARE = 4, 0.01
_REACH = 4096
_WIDEST = 5
"""Bytes of UTF-8 that one damaged byte may have taken apart: a character of four, and one more."""
_STRAY = re.compile(rb"(?:[\x00-\x7f]?[\x80-\xbf])+")
"""What may follow the first byte of a character that was taken apart."""
_UTF8_BYTES = bytes([*range(0x80, 0xC0), *range(0xC2, 0xF5)])


@dataclass(frozen=True, slots=True)
class _Region:
    """Bytes ``data[start:end]`` about a damage, what may have been there with nats beside the model's, and context."""

    start: int
    end: int
    plain: str
    texts: dict[str, float]
    before: str
    after: str


def holed_text(data: bytes, found: Detection) -> str:
    """Return the text of ``data``, each span as what it is in, U+FFFD for each byte of its damage."""
    texts: list[str] = []
    for span in found.spans:
        start = max(span.start, found.bom)
        for offset in found.damage:
            if start <= offset < span.end:
                texts += [clean_text(span.encoding, data[start:offset]), HOLE]
                start = offset + 1
        texts.append(clean_text(span.encoding, data[start : span.end]))
    return "".join(texts)


def mends(data: bytes, found: Detection, config: Config) -> tuple[str, Plan]:
    """Return :func:`holed_text`, and the plan that restores characters of it.

    Args:
        data: The bytes.
        found: Their detection, of which ``damage`` names the bytes.
        config: ``min_confidence`` is the probability below which U+FFFD stays and the step is only reported.
    """
    texts: list[str] = []
    made: list[Step] = []
    reported: list[Step] = []
    length = 0
    for span in found.spans:
        start = max(span.start, found.bom)
        for region in _regions(data, start, span.end, span.encoding, found.damage):
            before = clean_text(span.encoding, data[start : region.start])
            texts += [before, region.plain]
            length += len(before)
            step = _step(region, length, span.encoding)
            if step is not None:
                (made if step.confidence >= config.min_confidence else reported).append(step)
            length += len(region.plain)
            start = region.end
        texts.append(clean_text(span.encoding, data[start : span.end]))
        length += len(texts[-1])
    return "".join(texts), Plan(tuple(made), tuple(reported))


def _regions(data: bytes, start: int, end: int, encoding: str, damage: tuple[int, ...]) -> Iterator[_Region]:
    """The places of damage in one span, in order, disjoint."""
    offsets = [offset for offset in damage if start <= offset < end]
    # Bytes in a row are what is left of one character.
    firsts = [offset for offset in offsets if offset - 1 not in offsets]
    for offset, behind in itertools.pairwise([*firsts, end]):
        if offset >= start:
            if encoding == "utf-8":
                region = _region_of_utf8(data, start, offset, end)
            else:
                last = next(at for at in range(offset, end + 1) if at + 1 not in offsets)
                region = _region_of_pairs(data, start, (offset, last + 1), behind, encoding)
            yield region
            start = region.end


def _step(region: _Region, position: int, encoding: str) -> Step | None:
    """The step from the region's plain text to the likeliest; None where there is no other."""
    if not region.texts:
        return None
    texts = list(region.texts)
    scores = _scores([region.before + text + region.after for text in texts], encoding)
    scores += list(region.texts.values())
    weights = np.exp(scores - scores.max())
    shares = (weights / weights.sum()).tolist()
    order = sorted(range(len(texts)), key=lambda number: -shares[number])
    best = texts[order[0]]
    head = _common(region.plain, best)
    tail = _common(region.plain[head:][::-1], best[head:][::-1])
    before, after = (text[head : len(text) - tail] for text in (region.plain, best))
    others = tuple(
        Alternative(texts[number][head : len(texts[number]) - tail], shares[number])
        for number in order[1 : _MOST_ALTERNATIVES + 1]
        if shares[number] >= _LEAST_SHARE
    )
    start = position + head
    restored = ((0, len(after)),) if after else ()
    return Step(
        start, start + len(before), before, after, Fault.MISALIGNED,
        lossless=False, confidence=shares[order[0]], restored=restored, alternatives=others,
    )  # fmt: skip


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (a, b) in pairs if a != b), min(len(one), len(other)))


def _region_of_pairs(data: bytes, start: int, damage: tuple[int, int], behind: int, encoding: str) -> _Region:
    """Which byte it is that is left over is known to a few characters only, so every place about it is tried."""
    left = _last_characters(data[start : damage[0]], encoding)
    right = _first_characters(data[damage[1] : behind], encoding)
    first, last = damage[0] - len(left), damage[1] + len(right)
    part = data[first:last]
    plain = clean_text(encoding, left) + HOLE * (damage[1] - damage[0]) + clean_text(encoding, right)
    texts: dict[str, float] = {}
    for place in range(len(part)):
        _add(texts, decode_marked(encoding, part[:place] + part[place + 1 :]), _EXTRA)
        head, tail, behind_next = (decode_marked(encoding, part[a:b]) for a, b in _around(place, len(part)))
        for char in _characters_with(part[place], encoding):
            _add(texts, head + char + tail, 0.0)
            _add(texts, head + char + behind_next, _EXTRA)
        for char in _characters_with(part[place + 1], encoding) if place + 1 < len(part) else ():
            _add(texts, head + char + behind_next, _EXTRA)
    before = clean_text(encoding, data[max(start, first - _AROUND * 8) : first])[-3:]
    after = clean_text(encoding, data[last : min(behind, last + _AROUND)])[:2]
    return _Region(first, last, plain, texts, before, after)


def _region_of_utf8(data: bytes, start: int, offset: int, end: int) -> _Region:
    """The bytes in a row that are no character, an ASCII byte among them or not, with one byte more, less or other."""
    stray = _STRAY.match(data, offset + 1, min(end, offset + _WIDEST))
    last = stray.end() if stray else offset + 1
    # Its first or its last byte may have been overwritten by ASCII.
    if data[offset] >= 0xC0:
        last += last < end and 0x20 <= data[last] < 0x80
    elif offset > start and 0x20 <= data[offset - 1] < 0x80:
        offset -= 1
    part = data[offset:last]
    plain = "".join(HOLE if _MARKED.match(char) else char for char in decode_marked("utf-8", part))
    texts: dict[str, float] = {}
    for place in range(len(part) + 1):
        head, rest = part[:place], part[place:]
        for byte in _UTF8_BYTES:
            _add(texts, decode_marked("utf-8", head + bytes((byte,)) + rest), 0.0)
            _add(texts, decode_marked("utf-8", head + bytes((byte,)) + rest[1:]), _EXTRA)
        _add(texts, decode_marked("utf-8", head + rest[1:]), _EXTRA)
    before = clean_text("utf-8", data[max(start, offset - _AROUND) : offset])[-3:]
    after = clean_text("utf-8", data[last : min(end, last + _AROUND)])[:2]
    return _Region(offset, last, plain, texts, before, after)


def _add(texts: dict[str, float], text: str, score: float) -> None:
    """Note that ``text`` is possible with that score, unless a byte of it is no character, or a control."""
    if not _NO_TEXT.search(text):
        texts[text] = max(texts.get(text, score), score)


def _around(place: int, length: int) -> tuple[tuple[int, int], ...]:
    """What is before a byte, what is behind it, and what is behind the next."""
    return (0, place), (place + 1, length), (place + 2, length)


def _last_characters(data: bytes, encoding: str) -> bytes:
    """The bytes of the last few characters of ``data``, of its last line."""
    line = data[-_REACH:] if _is_wide(encoding) else data[data.rfind(b"\n") + 1 :][-_REACH:]
    codes = _codes(decode_marked(encoding, line)[-_CHARACTERS:], encoding)
    return data[len(data) - len(codes) :] if codes and data.endswith(codes) else b""


def _first_characters(data: bytes, encoding: str) -> bytes:
    line = re.split(rb"[\r\n]", data[:_AROUND], maxsplit=1)[0]
    codes = _codes(decode_marked(encoding, line)[:_CHARACTERS], encoding)
    return codes if data.startswith(codes) else b""


def _codes(text: str, encoding: str) -> bytes:
    return b"" if _MARKED.search(text) else lookup(encoding).encode(text) or b""


def _is_wide(encoding: str) -> bool:
    return lookup(encoding).structure == "wide"


def _characters_with(byte: int, encoding: str) -> list[str]:
    """The characters of two bytes of which one is ``byte``."""
    if _is_wide(encoding):
        points = np.concatenate((byte * 256 + np.arange(256), np.arange(256) * 256 + byte))
        return [chr(point) for point in points.tolist() if not 0xD800 <= point < 0xF900]
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
