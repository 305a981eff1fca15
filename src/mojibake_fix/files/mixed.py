"""Bytes whose lines are in several encodings, or of which some were lost: read span by span, as detected.

Only for what a caller wants found out.  Such a file has no encoding to be kept: its repair is UTF-8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mojibake_fix.config import Config
from mojibake_fix.errors import UndecodableInputError
from mojibake_fix.plan import Plan, apply_plan

if TYPE_CHECKING:
    from mojibake_fix.detect.encoding import Detection

__all__ = ["MIXED", "decode_mixed", "is_mixed"]

MIXED = "mixed"
"""What stands for the encoding of such a file."""

_HOLE = "\N{REPLACEMENT CHARACTER}"


def is_mixed(found: Detection) -> bool:
    """Return whether bytes of which that was found are such."""
    # Where lines end in wide encodings is not to be seen from bytes.
    wide = found.encoding is not None and found.encoding.startswith(("utf-16", "utf-32"))
    return found.mixed or (found.encoding is not None and not wide and len(found.damage) > len(found.replaced))


def decode_mixed(data: bytes, name: str, config: Config) -> tuple[str, Plan]:
    """Return the text of ``data``, and the plan that restores what its damage left holes in.

    Args:
        data: Whole lines.
        name: What an error calls the input.
        config: How sure to be of the encodings, and of what is restored.

    Raises:
        UndecodableInputError: It is not sure enough, or some byte belongs to no character.
    """
    from mojibake_fix.detect.encoding import detect
    from mojibake_fix.engine.decoding import decode_as_detected
    from mojibake_fix.engine.mending import mends

    found = detect(data, thorough=True)
    if found.encoding is None or found.confidence < config.min_confidence:
        raise UndecodableInputError(name, "utf-8", 0, f"its encodings are not sure ({found.reason})")
    if not found.damage:
        return decode_as_detected(data, found), Plan()
    text, plan = mends(data, found, config)
    of_the_text = text.count(_HOLE) - (len(found.damage) - len(found.replaced))
    if apply_plan(text, plan).count(_HOLE) > of_the_text:
        # Written, what is left of the character would be gone.
        offset = next(offset for offset in found.damage if offset not in found.replaced)
        raise UndecodableInputError(
            name, found.encoding, offset, f"byte {data[offset]:02X} belongs to no character that is sure"
        )
    return text, plan
