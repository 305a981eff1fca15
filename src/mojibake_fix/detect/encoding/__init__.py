"""Bytes in: which encoding they are in, even mixed, even damaged."""

from __future__ import annotations

from mojibake_fix.detect.encoding.detector import detect
from mojibake_fix.detect.encoding.result import Candidate, Detection, Span

__all__ = ["Candidate", "Detection", "Span", "detect"]
