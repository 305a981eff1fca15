"""Decode and encode as a dialect does, at the speed of the codec underneath.

The codec does the work; Python code runs only where a text holds one of the dialect's rare rows, and where
bytes are invalid.  Which bytes an invalid sequence takes with it is the caller's: see :data:`Take`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from itertools import groupby
from typing import Protocol

from mojibake_fix.encodings.dialects import Dialect, dialect
from mojibake_fix.encodings.euctw import EucTw
from mojibake_fix.encodings.viscii import NAME as VISCII
from mojibake_fix.encodings.viscii import Viscii

__all__ = ["Take", "Transcoder", "transcoder"]

Take = Callable[[bytes, int, int], "tuple[str, int]"]
"""``take(data, start, end)``: the text that stands for the invalid bytes at ``start``, and where to go on.

``end`` is where the codec itself would go on.
"""


class Transcoder(Protocol):
    """Both directions of one encoding."""

    def encode(self, text: str) -> bytes | None:
        """Return the bytes that decode to ``text``, or None."""

    def decode(self, data: bytes) -> str | None:
        """Return the text of ``data``, or None where it is invalid."""

    def decode_lossy(self, data: bytes, name: str, take: Take) -> str:
        """Decode ``data``; ``take`` (registered under ``name``) is asked about invalid bytes, and may raise."""


class _CodecTranscoder:
    """A Python codec with the rows of a dialect on top."""

    def __init__(self, name: str, codec: str, rows: Dialect) -> None:
        self._name = name
        self._codec = codec
        self._dialect = rows
        # Of those, the ones that the codec would encode all the same, and wrongly.
        accepted = "".join(rows.patch).encode(codec, "ignore").decode(codec)
        self._disputed = _any_of([*rows.refused, *accepted])
        self._after = _any_of(map(chr, rows.after))
        self._before = _any_of(map(chr, rows.before))

    @cached_property
    def _patched(self) -> re.Pattern[str] | None:
        # The 8,822 syllables of EUC-KR that its codec lacks take 70 ms to compile.
        return _any_of([*self._dialect.patch, *self._dialect.refused])

    def encode(self, text: str) -> bytes | None:
        if self._before is not None:
            text = _replaced(text, self._before, self._dialect.before)
        if self._disputed is not None and self._disputed.search(text):
            return self._encode_patched(text)
        try:
            return text.encode(self._codec)
        except UnicodeEncodeError:
            return self._encode_patched(text)

    def _encode_patched(self, text: str) -> bytes | None:
        if self._patched is None:
            return None
        pieces = self._patched.split(text)
        try:
            encoded = [piece.encode(self._codec) for piece in pieces[::2]]
        except UnicodeEncodeError:
            return None
        joined = [encoded[0]]
        for char, piece in zip(pieces[1::2], encoded[1:], strict=True):
            code = self._dialect.patch.get(char)
            if code is None:
                return None
            joined += (code, piece)
        return b"".join(joined)

    def decode(self, data: bytes) -> str | None:
        try:
            text = data.decode(self._codec)
        except UnicodeDecodeError:
            if not self._dialect.extra:
                return None
            try:
                return self.decode_lossy(data, "refuse", _refuse)
            except _Invalid:
                return None
        return self._as_dialect(text)

    def decode_lossy(self, data: bytes, name: str, take: Take) -> str:
        handler = f"mojibake-fix:{self._name}:{name}"
        try:
            codecs.lookup_error(handler)
        except LookupError:
            codecs.register_error(handler, self._handler(take))
        return self._as_dialect(data.decode(self._codec, handler))

    def _handler(self, take: Take) -> Callable[[UnicodeError], tuple[str, int]]:
        extra = self._dialect.extra
        lengths = sorted({len(code) for code in extra}, reverse=True)

        def handle(error: UnicodeError) -> tuple[str, int]:
            assert isinstance(error, UnicodeDecodeError)
            data, start = error.object, error.start
            for length in lengths:
                code = data[start : start + length]
                char = extra.get(code)
                if char is not None:
                    return char, start + len(code)
            return take(data, start, error.end)

        return handle

    def _as_dialect(self, text: str) -> str:
        return text if self._after is None else _replaced(text, self._after, self._dialect.after)


class _Invalid(Exception):
    """Raised out of a strict decode; never leaves this module."""


def _refuse(data: bytes, start: int, end: int) -> tuple[str, int]:
    raise _Invalid


def _replaced(text: str, chars: re.Pattern[str], texts: Mapping[int, str]) -> str:
    # ``str.translate`` asks about every character, which takes five times as long.
    return chars.sub(lambda found: texts[ord(found[0])], text)


def _any_of(chars: Iterable[str]) -> re.Pattern[str] | None:
    members = sorted(set(map(ord, chars)))
    if not members:
        return None
    # As ranges: one by one, the 6,217 private codes of code page 950 take 20 ms to compile.
    runs = [list(run) for _, run in groupby(enumerate(members), lambda item: item[1] - item[0])]
    ends = [(re.escape(chr(run[0][1])), re.escape(chr(run[-1][1]))) for run in runs]
    return re.compile("([" + "".join(f"{first}-{last}" if first != last else first for first, last in ends) + "])")


_WITHOUT_A_CODEC: Mapping[str, Callable[[], Transcoder]] = {"euc-tw": EucTw, VISCII: Viscii}


@cache
def transcoder(name: str, codec: str) -> Transcoder:
    """Return the transcoder of the encoding of that canonical name; made once a process."""
    if own := _WITHOUT_A_CODEC.get(name):
        return own()
    return _CodecTranscoder(name, codec, dialect(name))
