"""Reports as workflow commands of GitHub Actions, which shows them as annotations of the lines."""

from __future__ import annotations

from collections.abc import Iterator

from mojibake_fix.plan import Fault
from mojibake_fix.report.findings import FileReport, Finding
from mojibake_fix.report.text import percent, visible

__all__ = ["github_lines"]

_DATA = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY = (*_DATA, (":", "%3A"), (",", "%2C"))


def github_lines(report: FileReport) -> Iterator[str]:
    """Yield a line for each finding, and one for an error, each with its newline."""
    if report.status == "failed":
        yield f"::error file={_escaped(report.name, _PROPERTY)}::{_escaped(report.error or '', _DATA)}\n"
    for finding in report.findings:
        yield _annotation(report.name, finding)


def _annotation(name: str, finding: Finding) -> str:
    step = finding.step
    level = "warning" if finding.made else "notice"
    properties = {
        "file": name,
        "line": str(finding.line),
        "endLine": str(finding.end_line),
        "col": str(finding.column),
        "endColumn": str(finding.end_column),
        "title": f"mojibake: {step.fault.value}",
    }
    listed = ",".join(f"{key}={_escaped(value, _PROPERTY)}" for key, value in properties.items())
    if step.fault is Fault.BEYOND_REPAIR:
        message = f"beyond repair: {visible(step.before)}"
    else:
        message = f"{visible(step.before)} should be {visible(step.after)}, {percent(step.confidence)} sure"
    return f"::{level} {listed}::{_escaped(message, _DATA)}\n"


def _escaped(text: str, table: tuple[tuple[str, str], ...]) -> str:
    for character, replacement in table:
        text = text.replace(character, replacement)
    return text
