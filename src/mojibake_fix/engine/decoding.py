"""Bytes in, text out: detect, decode each part as what it is, and repair if asked.

Not for reading files: :mod:`mojibake_fix.files` takes an encoding at its word.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

from mojibake_fix.config import Config
from mojibake_fix.detect.encoding import Detection, detect
from mojibake_fix.detect.encoding.decoders import clean_text
from mojibake_fix.engine import fix_and_explain
from mojibake_fix.engine.mending import holed_text, mends
from mojibake_fix.errors import UndecodableInputError
from mojibake_fix.plan import Plan, Repair, apply_plan

__all__ = ["decode", "decode_and_mend", "decode_as_detected", "detect", "fix_bytes", "repair_mended"]


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
        candidates, language, declared: Hints, as for :func:`detect`: the encodings to consider, the language that is
            expected, and what a header says the encoding is.

    Raises:
        UndecodableInputError: The bytes are no text.
        UnknownEncodingError: A name in ``candidates`` is no encoding.
    """
    found = detect(data, candidates=candidates, language=language, declared=declared, thorough=True)
    return decode_as_detected(data, found)


def fix_bytes(
    data: bytes,
    config: Config | None = None,
    *,
    candidates: Collection[str] | None = None,
    language: str | None = None,
    declared: str | None = None,
    **options: Any,
) -> str:
    """Return the text of ``data``, decoded by :func:`decode` and repaired by :func:`mojibake_fix.fix_text`.

    Characters of which a byte was lost, gained or overwritten are restored where the language model is sure of them.

    Args:
        data: Any bytes.
        config: What to do; ``options`` are its fields, by name, and win.
        candidates, language, declared: Hints, as for :func:`decode`.

    Raises:
        UndecodableInputError: The bytes are no text.
        UnknownEncodingError: A name in ``candidates`` is no encoding.
        ConfigError: An option that does not exist, or whose value cannot be used.
    """
    chosen = Config.of(config, options)
    found = detect(data, candidates=candidates, language=language, declared=declared, thorough=True)
    return repair_mended(*decode_and_mend(data, found, chosen), chosen).text


def decode_and_mend(data: bytes, found: Detection, config: Config) -> tuple[str, Plan]:
    """Return the text of ``data`` as ``found``, its detection, says, and the plan that restores damaged characters.

    Raises:
        UndecodableInputError: The detection has neither an encoding nor a candidate.
    """
    if found.damage and found.encoding is not None:
        return mends(data, found, config)
    return decode_as_detected(data, found), Plan()


def repair_mended(text: str, mending: Plan, config: Config) -> Repair:
    """Repair ``text``, the steps of ``mending`` first: one plan of both, whose rounds follow each other."""
    repair = fix_and_explain(apply_plan(text, mending), config)
    rounds = 1 if mending.steps else 0
    later = tuple(dataclasses.replace(step, round=step.round + rounds) for step in repair.plan.steps)
    return Repair(repair.text, Plan((*mending.steps, *later), (*mending.reported, *repair.plan.reported)))


def decode_as_detected(data: bytes, found: Detection) -> str:
    """Return the text of ``data`` as ``found``, its detection, says.

    Raises:
        UndecodableInputError: The detection has neither an encoding nor a candidate.
    """
    if found.encoding is not None:
        return holed_text(data, found)
    if found.binary or not found.candidates:
        raise UndecodableInputError("data", "text in any encoding", 0, found.reason)
    return clean_text(found.candidates[0].encoding, data)
