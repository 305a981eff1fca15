"""Reports for programs: JSON, one object a file and a line, by the schema ``report-1.schema.json``.

The schema is part of the package; its number changes when what a reader relies on does.
"""

from __future__ import annotations

import json
from typing import Any

from mojibake_fix.plan import Step
from mojibake_fix.report.findings import FileReport, Finding
from mojibake_fix.report.trail import byte_trail

__all__ = ["SCHEMA_VERSION", "file_object", "json_line"]

SCHEMA_VERSION = 1


def json_line(report: FileReport) -> str:
    """Return the JSON of ``report`` in one line, with its newline."""
    found = file_object(report)
    line = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    try:
        line.encode()
    except UnicodeEncodeError:
        # A file name may hold bytes that are no text.
        line = json.dumps(found, separators=(",", ":"))
    return line + "\n"


def file_object(report: FileReport) -> dict[str, Any]:
    """Return what there is to tell of one file, as the schema has it."""
    return {
        "version": SCHEMA_VERSION,
        "path": report.name,
        "status": report.status,
        "encoding": report.encoding,
        "error": report.error,
        "counts": {
            "repaired": {fault.value: count for fault, count in sorted(report.repaired.items())},
            "left": {fault.value: count for fault, count in sorted(report.left.items())},
        },
        "omitted": report.omitted,
        "findings": [_finding(finding) for finding in report.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    step = finding.step
    return {
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "fault": step.fault.value,
        "made": finding.made,
        "rule": step.rule or None,
        "before": step.before,
        "after": step.after,
        "round": step.round,
        "lossless": step.lossless,
        "confidence": step.confidence,
        "evidence": step.evidence,
        "channel": [{"encoding": m.encoding, "read_as": m.read_as, "policy": m.policy} for m in step.channel],
        "bytes": _bytes(step),
        "restored": [list(span) for span in step.restored],
        "alternatives": [{"text": a.text, "confidence": a.confidence} for a in step.alternatives],
    }


def _bytes(step: Step) -> str | None:
    first = next(byte_trail(step), None)
    return None if first is None else first.data.hex()
