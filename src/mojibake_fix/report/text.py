"""Reports for people to read in a terminal: a line for each fault, or a paragraph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import floor

from mojibake_fix.plan import Fault, Step
from mojibake_fix.report.faults import FAULTS
from mojibake_fix.report.findings import FileReport, Finding
from mojibake_fix.report.trail import byte_trail, hex_bytes

__all__ = [
    "count",
    "error_line",
    "explain",
    "finding_line",
    "left_alone_lines",
    "on_one_line",
    "percent",
    "summary",
    "visible",
]

_EXCERPT = 40
_LONG_EXCERPT = 400
_MOST_ALTERNATIVES = 5


def error_line(error: Exception, name: str) -> str:
    """Return one line that says what went wrong with the input or output called ``name``."""
    if isinstance(error, OSError):
        return f"{error.filename or name}: {error.strerror or error}"
    return str(error)


def finding_line(name: str, finding: Finding) -> str:
    """Return ``file:line:column: what``, how sure, before and after, in one line."""
    return f"{on_one_line(name)}:{finding.line}:{finding.column}: {_verdict(finding)}"


def left_alone_lines(report: FileReport) -> Iterator[str]:
    """Yield a line for each fault that was found but not repaired."""
    for finding in report.findings:
        if not finding.made:
            yield finding_line(report.name, finding)


def explain(report: FileReport) -> Iterator[str]:
    """Yield the lines of a report that says of each fault what happened to the bytes."""
    for finding in report.findings:
        yield from _explained(report.name, finding)
    if report.omitted:
        yield f"{on_one_line(report.name)}: {report.omitted} more"


def summary(reports: Iterable[FileReport], *, done: bool) -> str:
    """Return one line that counts files and faults.

    Args:
        reports: All files.
        done: Whether repairs were made, and not only found.
    """
    files = list(reports)
    changed = sum(report.status == "changed" for report in files)
    faults = sum(report.repaired.total() for report in files)
    left = sum(report.left.total() for report in files)
    failed = sum(report.status == "failed" for report in files)
    what = "repaired" if done else "would be repaired"
    parts = [f"{count(changed, 'file')} of {len(files)} {what}"]
    if faults:
        parts[0] += f" ({count(faults, 'fault')})"
    if left:
        parts.append(f"{count(left, 'fault')} left alone")
    if failed:
        parts.append(f"{count(failed, 'file')} failed")
    return ", ".join(parts)


def count(number: int, noun: str) -> str:
    """Return ``number`` and ``noun``, in the plural where it is."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def percent(probability: float) -> str:
    """Return ``probability`` in percent, rounded down to a tenth, and never as certainty."""
    return f"{min(floor(probability * 1000), 999) / 10:g}%"


def visible(text: str, most: int = _EXCERPT) -> str:
    """Return ``text`` with control characters as pictures, and not longer than ``most`` characters."""
    shown = text if len(text) <= most else text[: most - 1] + "…"
    return "".join(_picture(character) for character in shown)


def on_one_line(name: str) -> str:
    """Return ``name``, of a file, with what a terminal takes for commands and newlines as pictures; its bytes stay."""
    return "".join(
        _picture(character)
        if character < " " or "\x7f" <= character < "\xa0" or character in "\u2028\u2029"
        else character
        for character in name
    )


def _picture(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if 0x80 <= code < 0xA0 or 0xD800 <= code < 0xE000 or code in (0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF):
        return f"‹U+{code:04X}›"
    return character


def _verdict(finding: Finding) -> str:
    step = finding.step
    if step.fault is Fault.BEYOND_REPAIR:
        return f"beyond repair: {visible(step.before)}"
    if step.fault is Fault.STYLE:
        return f"style ({step.rule}): {visible(step.before)} → {visible(step.after)}"
    sure = f"{percent(step.confidence)} sure"
    if finding.made:
        chain = f" ({', '.join(map(str, step.channel))})" if step.channel else ""
        return f"{step.fault.value}{chain}, {sure}: {visible(step.before)} → {visible(step.after)}"
    return f"left as it was, {sure} of {visible(step.after)} ({step.fault.value}): {visible(step.before)}"


def _explained(name: str, finding: Finding) -> Iterator[str]:
    step = finding.step
    fault = FAULTS[step.fault]
    yield f"{on_one_line(name)}:{finding.line}:{finding.column}: {step.fault.value}: {fault.title}"
    yield f"    what      {fault.what}"
    yield f"    before    {visible(step.before, _LONG_EXCERPT)}"
    if step.fault is not Fault.BEYOND_REPAIR:
        yield f"    after     {_with_restored_marked(step)}"
        yield from _bytes(step)
        made = "repaired" if finding.made else "left as it was"
        exact = "nothing was lost" if step.lossless else "restored"
        yield f"    sure      {percent(step.confidence)}, {step.evidence:.0f} nats of evidence; {exact}; {made}"
    for alternative in step.alternatives[:_MOST_ALTERNATIVES]:
        yield f"    or        {visible(alternative.text, _LONG_EXCERPT)}  ({alternative.confidence:.1%})"
    yield ""


def _bytes(step: Step) -> Iterator[str]:
    for link in byte_trail(step):
        yield f"    bytes     {hex_bytes(link.data)}  ({link.misread.encoding})"
        yield f"    read as   {visible(link.seen, _LONG_EXCERPT)}  ({link.misread.read_as}, {link.misread.policy})"


def _with_restored_marked(step: Step) -> str:
    """The repaired text, with what the language model chose between ``[`` and ``]``."""
    pieces: list[str] = []
    position = 0
    for start, end in step.restored:
        pieces += (step.after[position:start], "[", step.after[start:end], "]")
        position = end
    pieces.append(step.after[position:])
    return visible("".join(pieces), _LONG_EXCERPT)
