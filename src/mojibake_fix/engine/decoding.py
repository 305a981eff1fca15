"""Bytes in, text out: detect, decode each part as what it is, and repair if asked.

Not for reading files: :mod:`mojibake_fix.files` takes an encoding at its word.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from mojibake_fix.config import Config
from mojibake_fix.detect.encoding import Detection
from mojibake_fix.detect.encoding import detect as _detect
from mojibake_fix.detect.encoding.decoders import clean_text
from mojibake_fix.errors import UndecodableInputError

__all__ = ["decode", "decode_as_detected", "detect", "fix_bytes"]

_HOLE = "\N{REPLACEMENT CHARACTER}"


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
        UnknownEncodingError: A name in ``candidates``, or ``declared``, is no encoding.
    """
    return _detect(data, candidates=candidates, language=language, declared=declared, thorough=thorough)


def decode(
    data: bytes,
    *,
    candidates: Collection[str] | None = None,
    language: str | None = None,
    declared: str | None = None,
) -> str:
    """Return the text of ``data``: each line, and where need be each span, read as the encoding that it is in.

    A byte order mark is left out; line ends stay as they are; bytes that belong to no character are U+FFFD.
    Where :func:`detect` has no answer but has candidates, the first of them is used.

    Args:
        data: Any bytes.
        candidates, language, declared: As for :func:`detect`.

    Raises:
        UndecodableInputError: The bytes are no text.
        UnknownEncodingError: A name in ``candidates``, or ``declared``, is no encoding.
    """
    found = _detect(data, candidates=candidates, language=language, declared=declared, thorough=True)
    return decode_as_detected(data, found)


def fix_bytes(data: bytes, config: Config | None = None, **options: Any) -> str:
    """Return the text of ``data``, decoded by :func:`decode` and repaired by :func:`mojibake_fix.fix_text`.

    Characters of which one byte was lost or overwritten are restored where the language model is sure of them.

    Raises:
        UndecodableInputError: The bytes are no text.
        ConfigError: An option that does not exist, or whose value cannot be used.
    """
    from mojibake_fix.engine import fix_text
    from mojibake_fix.engine.mending import mended

    chosen = Config.of(config, options)
    found = _detect(data, thorough=True)
    return fix_text(mended(data, found, chosen) if found.damage else decode_as_detected(data, found), chosen)


def decode_as_detected(data: bytes, found: Detection) -> str:
    """Return the text of ``data`` as ``found``, its detection, says.

    Raises:
        UndecodableInputError: The detection has neither an encoding nor a candidate.
    """
    if found.encoding is None:
        if found.binary or not found.candidates:
            raise UndecodableInputError("data", "text in any encoding", 0, found.reason)
        return clean_text(found.candidates[0].encoding, data)
    return "".join(
        text
        for span in found.spans
        for text in _span_texts(data, max(span.start, found.bom), span.end, span.encoding, found)
    )


def _span_texts(data: bytes, start: int, end: int, encoding: str, found: Detection) -> list[str]:
    texts = []
    for offset in found.damage:
        if start <= offset < end:
            texts += [clean_text(encoding, data[start:offset]), _HOLE]
            start = offset + 1
    texts.append(clean_text(encoding, data[start:end]))
    return texts
