"""Reports as SARIF 2.1.0 (OASIS), for code scanning: one run, one rule a kind of fault, a fix for each repair."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mojibake_fix.plan import Fault
from mojibake_fix.report.faults import FAULTS
from mojibake_fix.report.findings import FileReport, Finding
from mojibake_fix.report.text import visible
from mojibake_fix.version import __version__

__all__ = ["sarif_log"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_RULES = tuple(Fault)


def sarif_log(reports: Iterable[FileReport]) -> str:
    """Return the log of one run over all files, as JSON text with a newline at its end."""
    files = list(reports)
    run = {
        "tool": {"driver": {"name": "mojibake-fix", "version": __version__, "rules": [_rule(f) for f in _RULES]}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": all(report.status != "failed" for report in files),
                "toolExecutionNotifications": [_notification(report) for report in files if report.error],
            }
        ],
        "results": [_result(report, finding) for report in files for finding in report.findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(fault: Fault) -> dict[str, Any]:
    text = FAULTS[fault]
    return {
        "id": fault.value,
        "shortDescription": {"text": text.title},
        "fullDescription": {"text": text.what},
        "help": {"text": f"{text.what} Example: {text.before} was {text.after}."},
        "defaultConfiguration": {"level": "note" if fault is Fault.BEYOND_REPAIR else "warning"},
    }


def _result(report: FileReport, finding: Finding) -> dict[str, Any]:
    step = finding.step
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
    }
    artifact = {"uri": _uri(report.name)}
    message = FAULTS[step.fault].title
    if step.fault is not Fault.BEYOND_REPAIR:
        message += f": {visible(step.before)} should be {visible(step.after)}"
    result: dict[str, Any] = {
        "ruleId": step.fault.value,
        "ruleIndex": _RULES.index(step.fault),
        "level": "warning" if finding.made else "note",
        "message": {"text": message},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
        "rank": round(100 * min(max(step.confidence, 0.0), 1.0), 2),
        "properties": {"confidence": step.confidence, "channel": [str(link) for link in step.channel]},
    }
    # A step of a later round starts from a text that is in no file.
    if finding.made and step.round == 0:
        replacement = {"deletedRegion": region, "insertedContent": {"text": step.after}}
        result["fixes"] = [
            {
                "description": {"text": "Undo the damage"},
                "artifactChanges": [{"artifactLocation": artifact, "replacements": [replacement]}],
            }
        ]
    return result


def _notification(report: FileReport) -> dict[str, Any]:
    return {
        "level": "error" if report.status == "failed" else "note",
        "message": {"text": report.error},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(report.name)}}}],
    }


def _uri(name: str) -> str:
    if Path(name).is_absolute():
        return Path(name).as_uri()
    return quote(os.fsencode(name.replace(os.sep, "/")))
