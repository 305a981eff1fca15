"""What was found in each of many texts, the clean ones passed over quickly."""

from __future__ import annotations

from collections.abc import Sequence

from mojibake_fix.config import Config
from mojibake_fix.detect.beyond import find_beyond_repair
from mojibake_fix.engine import fix_and_explain
from mojibake_fix.engine.batch import doubtful
from mojibake_fix.model import load_model
from mojibake_fix.plan import Repair

__all__ = ["explain_many"]


def explain_many(texts: Sequence[str], config: Config, *, with_beyond_repair: bool = False) -> list[Repair]:
    """Return the repair of each text, each a document of its own.

    Args:
        texts: The texts.
        config: What to do.
        with_beyond_repair: Whether to tell what is beyond repair also in texts that have nothing else.
    """
    marks = doubtful(texts, load_model(), config)
    if with_beyond_repair:
        marks = [mark or bool(find_beyond_repair(text)) for text, mark in zip(texts, marks, strict=True)]
    return [fix_and_explain(text, config) if mark else Repair(text) for text, mark in zip(texts, marks, strict=True)]
