"""The order of the questions: which encoding are these bytes in, asked from the cheapest to the dearest.

Marks, ASCII and UTF-8 settle most data before any model is loaded.  What is left is sampled, read as every encoding of
the catalogue, and scored; only readings that are close are put to the language model.  Then the winner is tried on the
rest of the data: where it fails, :mod:`mojibake_fix.detect.encoding.mixed` tells lines and spans apart.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mojibake_fix.detect.encoding.binary import NOISE, control_share, magic_format
from mojibake_fix.detect.encoding.catalogue import CATALOGUE, Row, answer_name
from mojibake_fix.detect.encoding.declared import declared_encoding
from mojibake_fix.detect.encoding.decoders import decode_marked
from mojibake_fix.detect.encoding.escaped import byte_order_mark, escaped_encoding, without_ansi
from mojibake_fix.detect.encoding.language import language_of
from mojibake_fix.detect.encoding.mixed import find_pieces, is_uniform
from mojibake_fix.detect.encoding.result import Candidate, Detection, Span
from mojibake_fix.detect.encoding.sample import WHOLE, windows
from mojibake_fix.detect.encoding.scoring import full_scores, quick_scores, rare_shares, read_whole
from mojibake_fix.detect.encoding.slip import find_slips
from mojibake_fix.detect.encoding.wide import wide_encoding
from mojibake_fix.encodings import lookup
from mojibake_fix.errors import UnknownEncodingError

__all__ = ["detect"]

_USUAL = ("gb18030", "cp950", "cp932", "euc-jp", "cp949")
_USUAL_SINGLE = (
    *("cp1252", "cp1251", "cp1250", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874", "koi8-r", "koi8-u"),
    *("cp866", "iso-8859-2", "iso-8859-5", "mac-cyrillic", "mac-roman", "cp850", "cp852"),
)
_ALL = tuple(CATALOGUE)
_CLOSE = 25.0
"""Readings whose rough score is so near the best are put to the model: the right one of 4 characters is among them in
99.9 % of development lines, and 1 to 5 readings are."""
_CLEAN_SHARE, _CLEAN_MARGIN = 0.12, 12
_CLEAN_COUNT = 24
"""A reading of so many bigrams of which so few are rare is right: wrong ones have 60 to 90 % rare."""
_CLEAN_SHARE_SINGLE, _CLEAN_MARGIN_SINGLE = 0.06, 8
"""The same for encodings of one byte a character, of which many agree in most letters."""
_DECLARED = 4.0
"""Nats for the encoding that a document declares, or whose language the caller names."""
_DAMAGED = -8.0
"""Nats for data that is damaged at all, in this encoding."""
_TEMPERATURE = 1.5
"""The model's nats are worth half on held-out lines: differences are divided by this before they are probabilities."""
_THIN = 0.35
"""A best reading less likely than this is no answer, only a first candidate."""
_BINARY_CONTROLS = 0.08
_BINARY_COUNT = 24
_TWO_BYTE_TEXT = 16
_ODD = re.compile("[\x00-\x08\x0e-\x1a\x7f-\x9f\ue000-\uf8ff\ufff0-\ufffb]")
"""UTF-8 of no more bytes than this, and all in codes of two bytes or one or with odd characters, may be Chinese in
another encoding."""
_FIRST_WINDOWS = (1, 128)
_MORE_WINDOWS = (6, 240)


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
        candidates: Names of the only encodings to consider; None for all.
        language: BCP 47 tag of the language that the text is expected to be in: evidence, not an order.
        declared: What a header or a configuration says the encoding is: evidence, not an order.  What the data
            itself declares (HTML, XML, CSS, a coding line) is found without being asked for.
        thorough: Look at every line of large data; without it, samples are taken of data beyond 16 KB.

    Raises:
        UnknownEncodingError: A name in ``candidates`` or ``declared`` is no encoding.
    """
    data = bytes(data)
    hints = _hints(data, candidates, language, declared)
    found = _certain(data, hints)
    if found is None:
        found = _by_evidence(data, hints, thorough=thorough)
    return found


@dataclass(frozen=True, slots=True)
class _Hints:
    allowed: frozenset[str] | None
    language: str | None
    declared: str | None

    def prior(self, row: Row) -> float:
        bonus = _DECLARED * (row.name == self.declared)
        if self.language and any(tag.split("-")[0] == self.language.split("-")[0] for tag in row.languages):
            bonus += _DECLARED
        return row.prior + bonus

    def allows(self, name: str) -> bool:
        return self.allowed is None or name in self.allowed


def _hints(data: bytes, candidates: Collection[str] | None, language: str | None, declared: str | None) -> _Hints:
    allowed = None if candidates is None else frozenset(map(_known, candidates))
    return _Hints(allowed, language, _known(declared) if declared else declared_encoding(data))


def _known(name: str) -> str:
    answer = answer_name(name)
    if answer is None:
        raise UnknownEncodingError(name)
    return answer


def _certain(data: bytes, hints: _Hints) -> Detection | None:
    """The answer where no model is needed."""
    mark = byte_order_mark(data)
    if mark is not None:
        name, length = mark
        return Detection(
            name, None, 1.0, _one(data, name), "byte order mark", (Candidate(name, None, 1.0),), bom=length
        )
    if data.isascii():
        escaped = None if b"\0" in data else escaped_encoding(data)
        if escaped is not None and hints.allows(escaped):
            return _sure(data, escaped, _LANGUAGE_OF_ESCAPED.get(escaped), "escape sequences")
        if b"\0" in data or _may_be_wide(data):
            return None
        if len(data) >= _NOISY and control_share(data[:_HEAD]) > _BINARY_CONTROLS:
            return Detection(None, reason="binary data: control characters", binary=True)
        return _sure(data, "ascii", None, "nothing beyond ASCII" if data else "no bytes")
    if hints.allows("utf-8") and b"\0" not in data[:1024]:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            return _cesu_8(data) if _PAIRED.search(data) else None
        if len(data) <= _TWO_BYTE_TEXT and (max(text) < "\u0800" or _ODD.search(text)):
            return None
        return _sure(data, "utf-8", None, "valid UTF-8")
    return None


_PAIRED = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")


def _cesu_8(data: bytes) -> Detection | None:
    """The answer for UTF-8 in which characters beyond the first plane are written as pairs of surrogates."""
    try:
        decode_marked("cesu-8", data).encode("utf-8")
    except UnicodeError:
        return None
    return _sure(data, "cesu-8", None, "UTF-8 with surrogate pairs")


def _may_be_wide(data: bytes) -> bool:
    """Whether a few bytes of ASCII look as little like words as UTF-16 does: half of the bytes of kana are ``0``."""
    if len(data) > _SHORT_ASCII or len(data) % 2 or not data:
        return False
    return 2 * len(data.translate(None, _WORDS)) >= len(data) or len(data.translate(None, _LOW)) < len(data)


_WORDS = b"abcdefghijklmnopqrstuvwxyz "
_LOW = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x1B), *range(0x1C, 0x20)])
_SHORT_ASCII = 32
_LANGUAGE_OF_ESCAPED = {"hz": "zh-Hans", "iso-2022-kr": "ko", "iso-2022-cn": "zh-Hans"} | dict.fromkeys(
    ("iso-2022-jp", "iso-2022-jp-1", "iso-2022-jp-2", "iso-2022-jp-3", "iso-2022-jp-2004", "iso-2022-jp-ext"), "ja"
)


def _one(data: bytes, name: str) -> tuple[Span, ...]:
    return (Span(0, len(data), name),)


def _sure(data: bytes, name: str, language: str | None, reason: str) -> Detection:
    return Detection(name, language, 1.0, _one(data, name), reason, (Candidate(name, language, 1.0),))


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Encodings by score, best first, and how many of the best one's bigrams are rare, of how many."""

    names: tuple[str, ...]
    scores: tuple[float, ...]
    share: float
    counted: float


def _by_evidence(data: bytes, hints: _Hints, *, thorough: bool) -> Detection:
    format_ = magic_format(data)
    if format_ is not None:
        return Detection(None, reason=f"binary data: {format_}", binary=True)
    if b"\0" in data[:1024]:
        wide = wide_encoding(data)
        if wide is not None and hints.allows(wide):
            return _wide(data, wide)
    first = _first_high(data)
    sample = _sample(data, _FIRST_WINDOWS, first)
    if sample.isascii() and not _may_be_wide(data):
        return _sure(data, "ascii", None, "nothing beyond ASCII but controls")
    ranked = _clean(sample, hints)
    if ranked is None and len(data) > WHOLE:
        sample = _squeezed(_sample(data, _MORE_WINDOWS, first))
        ranked = _clean(sample, hints)
    if ranked is None:
        ranked = _rank(sample, hints, wide=sample == data)
    if not ranked.names:
        return Detection(None, reason="none of the encodings asked for")
    best = ranked.names[0]
    if CATALOGUE[best].kind != "wide" and sample.isascii():
        return _sure(data, "ascii", None, "nothing beyond ASCII")
    if CATALOGUE[best].kind == "wide":
        return _answer(data, sample, ranked)
    if control_share(sample) > _BINARY_CONTROLS:
        slipped = _wide_with_slips(data, hints) if len(data) <= _SHORT_WIDE else None
        if slipped is not None and -slipped[0] < _TEXT * len(data):
            return _wide(data, slipped[1])
        return Detection(None, reason="binary data: control characters", binary=True)
    if is_uniform(data, best, thorough=thorough, first=first):
        return _answer(data, sample, ranked)
    if best == "cp950" and hints.allows(_HKSCS) and is_uniform(data, _HKSCS, thorough=thorough, first=first):
        return _answer(data, sample, _first(ranked, _HKSCS))
    return _in_pieces(data, sample, ranked, hints, thorough=thorough)


_HKSCS = "big5-hkscs"


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


def _squeezed(sample: bytes) -> bytes:
    """The sample with only the nearest ASCII about other bytes left, and not too much of it."""
    short = _PLAIN.sub(b" ", sample)
    cut = short.rfind(b" ", 0, _MOST_SAMPLED)
    return short if len(short) <= _MOST_SAMPLED else short[: cut if cut > 0 else _MOST_SAMPLED]


_PLAIN = re.compile(rb"(?<=[\x00-\x7f]{8})[\x00-\x7f]{2,}(?=[\x00-\x7f]{8})")
_MOST_SAMPLED = 480


def _clean(sample: bytes, hints: _Hints) -> _Ranked | None:
    """The answer that needs no model, if there is one."""
    usual = [name for name in _USUAL if hints.allows(name)]
    single = [name for name in _USUAL_SINGLE if hints.allows(name)]
    return _clean_reading(sample, usual, _CLEAN_SHARE, _CLEAN_MARGIN) or _clean_reading(
        sample, single, _CLEAN_SHARE_SINGLE, _CLEAN_MARGIN_SINGLE
    )


def _rank(sample: bytes, hints: _Hints, *, wide: bool) -> _Ranked:
    """Rank the encodings by how well they read ``sample``, each text once."""
    names = [
        name
        for name in _ALL
        if hints.allows(name)
        and (CATALOGUE[name].kind != "wide" or (wide and len(sample) % 2 == 0))
        and (name != "euc-tw" or _may_be_euc_tw(sample))
    ]
    if len(sample) > _LONG and len(names) > 1:
        rare, _, _ = rare_shares(read_whole(sample, names))
        names = [name for name, number in zip(names, rare, strict=True) if number <= rare.min() + _HOPELESS]
    if not names:
        return _Ranked((), (), 1.0, 0.0)
    return _ranked_fully(sample, names, hints)


_LONG, _HOPELESS = 128, 24
"""Of a longer sample than this, readings with so many more rare bigrams than another are not scored."""


def _may_be_euc_tw(sample: bytes) -> bool:
    # Its decoder walks over invalid bytes one by one.
    return len(sample) <= _FEW_BYTES or lookup("euc-tw").decode(sample) is not None


_FEW_BYTES = 40


def _clean_reading(sample: bytes, names: Sequence[str], most: float, margin: int) -> _Ranked | None:
    """The one encoding that reads a long enough sample as clean text does; None if there is none, or a second.

    Args:
        sample: What to read.
        names: Encodings to try.
        most: Largest share of rare bigrams that the best may have.
        margin: How many more rare bigrams any other text must have: each is worth 3 nats.
    """
    texts = {name: decode_marked(name, sample) for name in names}
    valid = [name for name, text in texts.items() if not _ERRORS.search(text)]
    if "euc-jp" in valid and 5 * len(_KANA.findall(texts["euc-jp"])) > len(texts["euc-jp"]):
        # The kana are at the same codes there, and are no Chinese or Korean.
        valid = [name for name in valid if name not in ("gb18030", "cp949")]
    if not valid:
        return None
    rare, counted, _ = rare_shares(read_whole(sample, valid))
    shares = rare / np.maximum(counted, 1)
    best = int(shares.argmin())
    text = texts[valid[best]]
    rivals = [float(number) for number, name in zip(rare, valid, strict=True) if texts[name] != text]
    if counted[best] < _CLEAN_COUNT or shares[best] > most or min(rivals, default=np.inf) < rare[best] + margin:
        return None
    return _Ranked((valid[best],), (0.0,), float(shares[best]), float(counted[best]))


_KANA = re.compile("[ぁ-ゖァ-ヺ]")
_ERRORS = re.compile("[\udc00-\udcff]")


def _ranked_fully(sample: bytes, names: Sequence[str], hints: _Hints) -> _Ranked:
    readings = read_whole(sample, names)
    quick = quick_scores(readings)
    prior = np.array([hints.prior(CATALOGUE[name]) for name in names], np.float32)
    prior += _DAMAGED * (quick.errors > 0)
    rough = quick.score + prior
    order = np.argsort(-rough, kind="stable").tolist()
    texts: dict[str, int] = {}
    for number in order:
        if rough[number] >= rough[order[0]] - _CLOSE:
            texts.setdefault(decode_marked(names[number], sample), number)
    close = list(texts.values())
    scores = rough
    if len(close) > 1:
        full = full_scores(readings.pick(close)) + prior[close]
        # Those that were not close stay below all that were.
        scores = np.minimum(rough - rough[order[0]], -_CLOSE) + full.max()
        scores[close] = full
    shown = sorted(close, key=lambda number: -scores[number]) if len(close) > 1 else close
    # The others that are as good are the same text under other names.
    shown += [number for number in order if rough[number] < rough[order[0]] - _CLOSE][: max(8 - len(shown), 0)]
    best = shown[0]
    return _Ranked(
        tuple(names[number] for number in shown),
        tuple(float(scores[number]) for number in shown),
        float(quick.share[best]),
        float(quick.counted[best]),
    )


def _probabilities(scores: Sequence[float]) -> list[float]:
    weights = np.exp((np.array(scores) - max(scores)) / _TEMPERATURE)
    return [float(weight) for weight in weights / weights.sum()]


def _wide(data: bytes, name: str) -> Detection:
    """The answer for data that is UTF-16 or UTF-32, a byte lost or gained in it or not."""
    language = language_of(decode_marked(name, data[:_HEAD]))
    damage: tuple[int, ...] = ()
    if name in CATALOGUE:
        head = data[:_SLIPS_IN]
        [rare], [counted], [burst] = rare_shares(read_whole(head, [name]))
        if len(data) % 2 or burst or rare > _CLEAN_SHARE * counted:
            damage = find_slips(head, name).offsets
    if not damage and len(data) % (4 if name.startswith("utf-32") else 2):
        damage = tuple(range(len(data) // 2 * 2, len(data)))
    candidates = (Candidate(name, language, 1.0),)
    return Detection(name, language, 1.0, _one(data, name), "units of two or four bytes", candidates, damage)


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


def _in_pieces(data: bytes, sample: bytes, ranked: _Ranked, hints: _Hints, *, thorough: bool) -> Detection:
    """The answer for data that no one encoding explains as it is."""
    weights = {name: hints.prior(row) for name, row in CATALOGUE.items() if row.kind != "wide" and hints.allows(name)}
    head = data
    if len(data) > _PIECES_IN and not thorough:
        head = data[: data.rfind(b"\n", 0, _PIECES_OF_LARGE) + 1 or _PIECES_OF_LARGE]
    pieces, score = find_pieces(head, weights, ranked.names[0])
    if len(data) <= _SHORT_WIDE:
        slipped = _wide_with_slips(data, hints)
        if slipped is not None and slipped[0] > score:
            return _wide(data, slipped[1])
    if len(head) >= _NOISY and -score > _TEXT * len(head):
        return Detection(None, reason="binary data: no encoding makes text of it", binary=True)
    if any(piece.name == _HKSCS for piece in pieces):
        pieces = [replace(piece, name=_HKSCS) if piece.name == "cp950" else piece for piece in pieces]
    sizes: dict[str, int] = {}
    for piece in pieces:
        sizes[piece.name] = sizes.get(piece.name, 0) + piece.end - piece.start
    name = max(sizes, key=lambda known: sizes[known])
    damage = tuple(offset for piece in pieces for offset in piece.damage)
    spans = tuple(Span(piece.start, piece.end, piece.name) for piece in pieces)
    spans = (*spans[:-1], Span(spans[-1].start, len(data), spans[-1].encoding))
    whole = decode_marked(name, data[:_HEAD])
    language = language_of(whole)
    if len(sizes) == 1 and not damage:
        answer = _answer(data, sample, _first(ranked, name))
        if answer.encoding is None:
            return answer
        return Detection(name, language, answer.confidence, spans, answer.reason, answer.candidates, damage)
    candidates = tuple(
        Candidate(found, None, size / len(head)) for found, size in sorted(sizes.items(), key=lambda kv: -kv[1])
    )
    reason = f"lines of {len(sizes)} encodings" if len(sizes) > 1 else "damaged: bytes lost or gained"
    return Detection(name, language, _MIXED_CONFIDENCE, spans, reason, candidates, damage)


_MIXED_CONFIDENCE = 0.97


def _first(ranked: _Ranked, name: str) -> _Ranked:
    """The same ranking with ``name`` on top: what all the data says outweighs what a sample says."""
    if ranked.names[0] == name:
        return ranked
    others = tuple(other for other in ranked.names if other != name)
    top = max(ranked.scores) + _TEMPERATURE
    return _Ranked((name, *others), (top, *ranked.scores[: len(others)]), ranked.share, ranked.counted)


def _wide_with_slips(data: bytes, hints: _Hints) -> tuple[float, str] | None:
    """The better of both orders of UTF-16, with bytes lost or gained: its score in nats, and its name."""
    names = [name for name, row in CATALOGUE.items() if row.kind == "wide" and hints.allows(name)]
    if not names:
        return None
    even = data[: len(data) // 2 * 2]
    scores = full_scores(read_whole(even, names))
    gains = [find_slips(data, name).gain for name in names]
    return max(
        (float(score) + gain + CATALOGUE[name].prior, name)
        for score, gain, name in zip(scores, gains, names, strict=True)
    )


def _answer(data: bytes, sample: bytes, ranked: _Ranked) -> Detection:
    shares = _probabilities(ranked.scores)
    candidates = tuple(
        Candidate(name, language_of(decode_marked(name, sample), name) if share > 0.01 else None, share)
        for name, share in zip(ranked.names, shares, strict=True)
        if share > 1e-4
    )
    best = candidates[0]
    per_byte = -ranked.scores[0] / max(len(sample), 1)
    if ranked.counted >= _BINARY_COUNT and (per_byte > NOISE or ranked.share > 0.6):
        return Detection(None, None, 0.0, (), "binary data: no encoding makes text of it", candidates, binary=True)
    if best.confidence < _THIN:
        return Detection(None, None, 0.0, (), "too little evidence", candidates)
    reason = "reads as text" if best.language is None else f"reads as {best.language} text"
    return Detection(best.encoding, best.language, best.confidence, _one(data, best.encoding), reason, candidates)
