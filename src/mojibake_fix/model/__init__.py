"""Character n-gram language models: file format, loading, batch scoring."""

from __future__ import annotations

from mojibake_fix.model.alphabet import ASTRAL_HAN, ASTRAL_OTHER, BOUNDARY, code_points, fold, text_of
from mojibake_fix.model.cache import EMPTY_CACHE, DocumentCache, document_cache
from mojibake_fix.model.forms import document_forms, forms_of
from mojibake_fix.model.ngram import STYLES, NgramModel, load_model, read_model
from mojibake_fix.model.scan import unseen

__all__ = [
    "ASTRAL_HAN",
    "ASTRAL_OTHER",
    "BOUNDARY",
    "EMPTY_CACHE",
    "STYLES",
    "DocumentCache",
    "NgramModel",
    "code_points",
    "document_cache",
    "document_forms",
    "fold",
    "forms_of",
    "load_model",
    "read_model",
    "text_of",
    "unseen",
]
