"""Character n-gram language models: file format, loading, batch scoring."""

from __future__ import annotations

from mojibake_fix.model.alphabet import BOUNDARY, code_points, fold
from mojibake_fix.model.ngram import STYLES, NgramModel, load_model, read_model
from mojibake_fix.model.scan import unseen

__all__ = ["BOUNDARY", "STYLES", "NgramModel", "code_points", "fold", "load_model", "read_model", "unseen"]
