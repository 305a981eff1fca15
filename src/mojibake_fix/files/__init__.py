"""Files in and out: which ones, their bytes as text, and results written whole or not at all.

Not for judging text: what a file says, and whether that is damaged, is the engine's business.
"""

from __future__ import annotations

from mojibake_fix.files.destinations import plan_destinations
from mojibake_fix.files.read import Document, decode, read
from mojibake_fix.files.sources import STDIN, Source, find_sources
from mojibake_fix.files.write import encode, write_atomically

__all__ = [
    "STDIN",
    "Document",
    "Source",
    "decode",
    "encode",
    "find_sources",
    "plan_destinations",
    "read",
    "write_atomically",
]
