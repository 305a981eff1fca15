"""What tests of lines share."""

from __future__ import annotations

from collections.abc import Sequence

from mojibake_fix.detect.scan import scan, weigh
from mojibake_fix.model import NgramModel

__all__ = ["weighed"]


def weighed(lines: Sequence[str], model: NgramModel) -> list[float]:
    """Scan ``lines``, and weigh what rang."""
    return weigh(lines, scan(lines, model), model)
