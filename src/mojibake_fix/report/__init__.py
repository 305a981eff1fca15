"""What is told about a repair, one format a file.  Decides nothing and writes nothing."""

from __future__ import annotations

from mojibake_fix.report.findings import FileReport, Finding, report_piece
from mojibake_fix.report.text import error_line, left_alone_lines

__all__ = ["FileReport", "Finding", "error_line", "left_alone_lines", "report_piece"]
