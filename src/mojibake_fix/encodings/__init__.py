"""Encodings: the registry, the decoders' real policies, and tables computed from both."""

from __future__ import annotations

from mojibake_fix.encodings.dialects import GB18030_EDITIONS, Edition
from mojibake_fix.encodings.further import codec_name, text_encoding
from mojibake_fix.encodings.policies import POLICIES, Policy, misread
from mojibake_fix.encodings.registry import ENCODINGS, Encoding, lookup
from mojibake_fix.encodings.tables import (
    REPLACEMENT_CHARACTER,
    byte_table,
    common_encodings,
    encode_table,
    four_table,
    pair_table,
    repertoire,
    repertoire_classes,
    triple_table,
)

__all__ = [
    "ENCODINGS",
    "GB18030_EDITIONS",
    "POLICIES",
    "REPLACEMENT_CHARACTER",
    "Edition",
    "Encoding",
    "Policy",
    "byte_table",
    "codec_name",
    "common_encodings",
    "encode_table",
    "four_table",
    "lookup",
    "misread",
    "pair_table",
    "repertoire",
    "repertoire_classes",
    "text_encoding",
    "triple_table",
]
