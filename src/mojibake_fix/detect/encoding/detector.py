"""The order of the questions: which encoding are these bytes in, asked from the cheapest to the dearest.

Marks, ASCII and UTF-8 settle most data before any model is loaded.  What is left is sampled, read as every encoding of
the catalogue, and scored; only readings that are close are put to the language model.  Then the winner is tried on the
rest of the data: where it fails, :mod:`mojibake_fix.detect.encoding.mixed` tells lines and spans apart.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from mojibake_fix.detect.encoding.binary import BINARY_CONTROLS, NOISE, control_share, magic_format
from mojibake_fix.detect.encoding.catalogue import CATALOGUE
from mojibake_fix.detect.encoding.certain import certain, may_be_wide, one_span, sure
from mojibake_fix.detect.encoding.decoders import decode_marked
from mojibake_fix.detect.encoding.escaped import without_ansi
from mojibake_fix.detect.encoding.hints import Hints, hints_of
from mojibake_fix.detect.encoding.language import language_of
from mojibake_fix.detect.encoding.mixed import find_pieces, is_uniform
from mojibake_fix.detect.encoding.ranking import (
    CLEAN_SHARE,
    Ranked,
    clean_ranking,
    clean_single,
    probabilities,
    rank,
    with_first,
)
from mojibake_fix.detect.encoding.readings import read_whole
from mojibake_fix.detect.encoding.result import Candidate, Detection, Span
from mojibake_fix.detect.encoding.sample import SMALL, WHOLE, windows, without_markup
from mojibake_fix.detect.encoding.scoring import full_scores, rarity
from mojibake_fix.detect.encoding.seldom import seldom
from mojibake_fix.detect.encoding.slip import find_slips
from mojibake_fix.detect.encoding.suspects import find_replaced
from mojibake_fix.detect.encoding.wide import seems_wide, wide_encoding

__all__ = ["detect"]

_THIN = 0.35
"""A best reading less likely than this is no answer, only a first candidate: of those, 4 in 10 are right."""
_BINARY_COUNT, _BINARY_SHARE = 24, 0.6
_MOSTLY_CONTROLS = 0.3
_FIRST_WINDOWS, _MORE_WINDOWS, _BROAD_WINDOWS = (1, 128), (6, 240), (24, 256)
"""How many places are looked at, and how many bytes of each: first, if that leaves a doubt, and for European text."""
_FOR_LANGUAGE = (1, 400)
"""Of text in an alphabet, words tell the language."""
_NULS_IN = 1 << 13
"""A NUL this early makes UTF-16 likely: its line ends have one."""
_HEAD = 1024
_SHORT_WIDE = 2048
"""UTF-16 without NULs and with a byte lost is thought of up to this size: longer text has line ends, and so NULs."""
_TEXT = 4.6
"""Nats a byte that text costs at most, damaged text included; noise read as pairs costs 5.5 and more."""
_NOISY = 64
_SLIPS_IN = 1 << 13
"""Lost bytes are looked for in so much of UTF-16."""
_PIECES_IN, _PIECES_OF_LARGE = 1 << 20, 1 << 17
"""Of data beyond the first size only the second is told apart line by line, unless thoroughness is asked for."""
_CJK_CONFIDENCE, _MIXED_CONFIDENCE = 0.995, 0.97
"""Of damaged or mixed data in UTF-8 and CJK encodings, and of data with lines in encodings of one byte a character:
so many files of 2 to 30 development lines come out right to the last line."""
_OF_FEW_BYTES = ((3, 0.75), (5, 0.85), (8, 0.9), (14, 0.97))
"""The most that is sure where of so few bytes some were lost: of development texts cut at one end, 70 to 80 % of 3
bytes, 69 to 96 % of 5, 92 to 98 % of 7 and 93 to 99 % of 11 are told right."""
_THREE_BYTES, _OF_THREE_BYTES = 3, 0.95
"""The most that is sure where so few bytes seem whole: whole texts of 3 bytes are told right in 97 to 99 %, cut ones,
which look whole in another encoding, in 78 %."""
_JUDGED_IN = 1 << 14
"""Whether any encoding makes text of more data than twice this is seen from so much of it: noise is the dearest."""
_NO_TEXT = "binary data: no encoding makes text of it"
_KNOWN_FORMAT = "binary data in a known format"
_HKSCS = "big5-hkscs"
_PLAIN = re.compile(rb"(?<=[\x00-\x7f]{8})[\x00-\x7f]{2,}(?=[\x00-\x7f]{8})")
_MOST_SAMPLED = 480


def detect(
    data: bytes,
    *,
    candidates: Collection[str] | None = None,
    language: str | None = None,
    declared: str | None = None,
    thorough: bool = False,
) -> Detection:
    """Tell which encoding ``data`` is in, or which encodings its parts are in.

    Args:
        data: Any bytes.
        candidates: Names of the only encodings to consider, under any alias; None for all.
        language: BCP 47 tag of the language that the text is expected to be in, such as ``ja``: evidence, not an
            order.
        declared: What a header or a configuration says the encoding is, a name or all of a ``Content-Type``
            (``text/html; charset=gb2312``): evidence, not an order, and none where no such encoding is known.  What
            the data itself declares (HTML, XML, CSS, a coding line, MIME headers) is found without being asked for;
            what an ``.editorconfig`` says of a file is its ``charset``, which the command line looks up.
        thorough: Look at every line of large data; without it, samples are taken of data beyond 16 KB.

    Raises:
        UnknownEncodingError: A name in ``candidates`` is no encoding.
    """
    data = bytes(data)
    hints = hints_of(data, candidates, language, declared)
    found = certain(data, hints)
    if found is None:
        found = _by_evidence(data, hints, thorough=thorough)
        if _is_doubtful(found, data):
            found = seldom(data, hints) or found
    return found


def _is_doubtful(found: Detection, data: bytes) -> bool:
    """Whether the data may be in an encoding beyond the catalogue: what that has makes no text of it, or odd text."""
    if found.encoding is None:
        return not (found.binary and found.reason.startswith(_KNOWN_FORMAT))
    # Letters of a mainframe, two by two, are CJK characters of UTF-16.
    return found.mixed or bool(found.damage) or (found.encoding.startswith("utf-16") and b"\0" not in data)


def _by_evidence(raw: bytes, hints: Hints, *, thorough: bool) -> Detection:
    format_ = magic_format(raw)
    if format_ is not None:
        return Detection(None, reason=f"{_KNOWN_FORMAT}: {format_}", binary=True)
    data = without_markup(raw)
    first = _first_high(data)
    sample = _sample(data, _FIRST_WINDOWS, first)
    nuls = b"\0" in data[:_NULS_IN]
    wide = wide_encoding(raw) if nuls else None
    clean = None if wide is not None else _clean(data, sample, hints, first)
    if clean is None and not nuls and seems_wide(raw):
        wide = wide_encoding(raw)
    if wide is not None and hints.allows(wide):
        return _wide(raw, wide)
    if control_share(data[:_HEAD]) > _MOSTLY_CONTROLS and len(data) >= _NOISY and data[:_HEAD].isascii():
        return Detection(None, reason="binary data: control characters", binary=True)
    if sample.isascii() and not may_be_wide(data):
        return sure(data, "ascii", None, "nothing beyond ASCII but controls")
    ranked, sample = clean or _ranked(data, sample, hints, first)
    if not ranked.names:
        return Detection(None, reason="none of the encodings asked for")
    best = ranked.names[0]
    if CATALOGUE[best].kind != "wide" and sample.isascii():
        return sure(data, "ascii", None, "nothing beyond ASCII")
    if CATALOGUE[best].kind == "wide":
        answer = _answer(data, sample, ranked)
        damage, replaced = _wide_damage(data, best) if answer.encoding == best else ((), ())
        return replace(answer, damage=damage, replaced=replaced)
    if control_share(sample) > BINARY_CONTROLS:
        slipped = _wide_with_slips(data, hints) if len(data) <= _SHORT_WIDE else None
        if slipped is not None and -slipped[0] < _TEXT * len(data):
            return _wide(data, slipped[1])
        return Detection(None, reason="binary data: control characters", binary=True)
    if is_uniform(data, best, thorough=thorough, first=first):
        return _answer(data, sample, ranked)
    if best == "cp950" and hints.allows(_HKSCS) and is_uniform(data, _HKSCS, thorough=thorough, first=first):
        return _answer(data, sample, with_first(ranked, _HKSCS))
    return _in_pieces(data, sample, ranked, hints, thorough=thorough)


def _clean(data: bytes, sample: bytes, hints: Hints, first: int) -> tuple[Ranked, bytes] | None:
    """The ranking by the least evidence, if that is clear, and what it was made from."""
    ranked = clean_ranking(sample, hints)
    if ranked is not None:
        return ranked, sample
    broad = data if len(data) <= SMALL else _sample(data, _BROAD_WINDOWS, first)
    ranked = clean_single(broad, hints)
    return None if ranked is None else (ranked, _sample(data, _FOR_LANGUAGE, first))


def _ranked(data: bytes, sample: bytes, hints: Hints, first: int) -> tuple[Ranked, bytes]:
    """Rank the encodings where little evidence is not clear; return what they were ranked by, too."""
    if len(data) > WHOLE:
        sample = squeezed(_sample(data, _MORE_WINDOWS, first))
        clean = clean_ranking(sample, hints)
        if clean is not None:
            return clean, sample
    return rank(sample, hints, wide=sample == data), sample


def _first_high(data: bytes) -> int:
    try:
        data.decode("ascii")
    except UnicodeDecodeError as error:
        return error.start
    return len(data)


def _sample(data: bytes, size: tuple[int, int], first: int) -> bytes:
    taken = data if len(data) <= WHOLE else b"\n".join(data[a:b] for a, b in windows(data, *size, first=first))
    taken = without_ansi(taken)
    return taken.replace(b"\0", b"") if len(data) > WHOLE or taken.count(0) * 8 < len(taken) else taken


def squeezed(sample: bytes) -> bytes:
    """The sample with only the nearest ASCII about other bytes left, and not too much of it."""
    short = _PLAIN.sub(b" ", sample)
    cut = short.rfind(b" ", 0, _MOST_SAMPLED)
    return short if len(short) <= _MOST_SAMPLED else short[: cut if cut > 0 else _MOST_SAMPLED]


def _wide(data: bytes, name: str) -> Detection:
    """The answer for data that is UTF-16 or UTF-32, a byte lost or gained in it or not."""
    language = language_of(decode_marked(name, data[:_HEAD]))
    damage, replaced = _wide_damage(data, name)
    confidence = _most_of(data) if len(damage) > len(replaced) else 1.0
    candidates = (Candidate(name, language, confidence),)
    return Detection(
        name, language, confidence, one_span(data, name), "units of two or four bytes", candidates, damage,
        replaced=replaced,
    )  # fmt: skip


def _wide_damage(data: bytes, name: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The offsets of damage of data in UTF-16 or UTF-32, and those of them at which a character was replaced."""
    if name in CATALOGUE:
        head = data[:_SLIPS_IN]
        seen = rarity(read_whole(head, [name]))
        if len(data) % 2 or seen.bursts[0] or seen.share[0] > CLEAN_SHARE:
            slips = find_slips(head, name).offsets
            if slips:
                return slips, ()
        if len(data) <= _HEAD:
            replaced = find_replaced(data, name)[1]
            if replaced:
                return replaced, replaced
    return tuple(range(len(data) // 2 * 2, len(data))) if len(data) % (
        4 if name.startswith("utf-32") else 2
    ) else (), ()


def _in_pieces(data: bytes, sample: bytes, ranked: Ranked, hints: Hints, *, thorough: bool) -> Detection:
    """The answer for data that no one encoding explains as it is."""
    weights = {name: hints.prior(row) for name, row in CATALOGUE.items() if row.kind != "wide" and hints.allows(name)}
    head = data
    if len(data) > _PIECES_IN and not thorough:
        head = data[: data.rfind(b"\n", 0, _PIECES_OF_LARGE) + 1 or _PIECES_OF_LARGE]
    if len(head) > 2 * _JUDGED_IN and -find_pieces(head[:_JUDGED_IN], weights, ranked.names[0])[1] > _TEXT * _JUDGED_IN:
        return Detection(None, reason=_NO_TEXT, binary=True)
    pieces, score = find_pieces(head, weights, ranked.names[0])
    if len(data) <= _SHORT_WIDE:
        slipped = _wide_with_slips(data, hints)
        if slipped is not None and slipped[0] > score:
            return _wide(data, slipped[1])
    if len(head) >= _NOISY and -score > _TEXT * len(head):
        return Detection(None, reason=_NO_TEXT, binary=True)
    if any(piece.name == _HKSCS for piece in pieces):
        pieces = [replace(piece, name=_HKSCS) if piece.name == "cp950" else piece for piece in pieces]
    sizes: dict[str, int] = {}
    for piece in pieces:
        sizes[piece.name] = sizes.get(piece.name, 0) + piece.end - piece.start
    name = max(sizes, key=lambda known: sizes[known])
    replaced = tuple(offset for piece in pieces for offset in piece.replaced)
    damage = tuple(sorted((*(offset for piece in pieces for offset in piece.damage), *replaced)))
    spans = tuple(Span(piece.start, piece.end, piece.name) for piece in pieces)
    spans = (*spans[:-1], Span(spans[-1].start, len(data), spans[-1].encoding))
    language = language_of(decode_marked(name, data[:_HEAD]), name)
    if len(sizes) == 1 and not damage:
        answer = _answer(data, sample, with_first(ranked, name))
        if answer.encoding is None:
            return answer
        return Detection(name, language, answer.confidence, spans, answer.reason, answer.candidates, damage)
    candidates = tuple(
        Candidate(found, None, size / len(head)) for found, size in sorted(sizes.items(), key=lambda kv: -kv[1])
    )
    reason = f"lines of {len(sizes)} encodings" if len(sizes) > 1 else "damaged: bytes lost or gained"
    cjk = all(CATALOGUE[known].kind != "single" for known in sizes if known in CATALOGUE)
    confidence = min(_CJK_CONFIDENCE if cjk else _MIXED_CONFIDENCE, _most_of(data))
    return Detection(name, language, confidence, spans, reason, candidates, damage, replaced=replaced)


def _wide_with_slips(data: bytes, hints: Hints) -> tuple[float, str] | None:
    """The better of both orders of UTF-16, with bytes lost or gained: its score in nats, and its name."""
    names = [name for name, row in CATALOGUE.items() if row.kind == "wide" and hints.allows(name)]
    if not names:
        return None
    scores = full_scores(read_whole(data, names))
    gains = [find_slips(data, name).gain for name in names]
    return max(
        (float(score) + gain + CATALOGUE[name].prior, name)
        for score, gain, name in zip(scores, gains, names, strict=True)
    )


def _most_of(data: bytes) -> float:
    """The most that can be sure of so few bytes, of which some were lost."""
    return next((most for size, most in _OF_FEW_BYTES if len(data) <= size), 1.0)


def _answer(data: bytes, sample: bytes, ranked: Ranked) -> Detection:
    shares = probabilities(ranked.scores)
    languages = _languages(sample, [name for name, share in zip(ranked.names, shares, strict=True) if share > 0.01])
    candidates = tuple(
        Candidate(name, languages.get(name), share)
        for name, share in zip(ranked.names, shares, strict=True)
        if share > 1e-4
    )
    if len(data) <= _THREE_BYTES:
        candidates = tuple(replace(each, confidence=min(each.confidence, _OF_THREE_BYTES)) for each in candidates)
    best = candidates[0]
    per_byte = -ranked.scores[0] / max(len(sample), 1)
    noise = ranked.share > CLEAN_SHARE and per_byte > NOISE
    if ranked.counted >= _BINARY_COUNT and (noise or ranked.share > _BINARY_SHARE):
        return Detection(None, None, 0.0, (), _NO_TEXT, candidates, binary=True)
    if best.confidence < _THIN:
        return Detection(None, None, 0.0, (), "too little evidence", candidates)
    reason = "reads as text" if best.language is None else f"reads as {best.language} text"
    return Detection(best.encoding, best.language, best.confidence, one_span(data, best.encoding), reason, candidates)


def _languages(sample: bytes, names: Sequence[str]) -> dict[str, str | None]:
    """The language of the sample as each of these encodings; most of them read much of it the same."""
    of_text: dict[str, str | None] = {}
    found: dict[str, str | None] = {}
    for name in names:
        text = decode_marked(name, sample)
        if text not in of_text:
            of_text[text] = language_of(text, name)
        found[name] = of_text[text]
    return found
