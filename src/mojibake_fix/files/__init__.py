"""Files in and out: which ones, their bytes as text, and results written whole or not at all.

Not for judging text: what a file says, and whether that is damaged, is the engine's business.
"""

from __future__ import annotations

from mojibake_fix.files.content import BYTE_ORDER_MARKS
from mojibake_fix.files.destinations import plan_destinations
from mojibake_fix.files.discovery import BACKUP_SUFFIX, DEFAULT_EXCLUDES, TEMPORARY_SUFFIX, Selection
from mojibake_fix.files.mixed import MIXED
from mojibake_fix.files.read import AUTO, Input, Piece, TooLargeError, open_input, read_bytes, scratch
from mojibake_fix.files.repairing import RepairedPiece, repair_piece
from mojibake_fix.files.sources import STDIN, Source, find_sources
from mojibake_fix.files.write import AtomicFile, encode

__all__ = [
    "AUTO",
    "BACKUP_SUFFIX",
    "BYTE_ORDER_MARKS",
    "DEFAULT_EXCLUDES",
    "MIXED",
    "STDIN",
    "TEMPORARY_SUFFIX",
    "AtomicFile",
    "Input",
    "Piece",
    "RepairedPiece",
    "Selection",
    "Source",
    "TooLargeError",
    "encode",
    "find_sources",
    "open_input",
    "plan_destinations",
    "read_bytes",
    "repair_piece",
    "scratch",
]
