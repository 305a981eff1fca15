"""Reports as one page of HTML to look at: every changed line before and after, the bytes under the pointer.

The page needs nothing but itself: style and script are in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files

from mojibake_fix.plan import Fault, Step
from mojibake_fix.report.faults import FAULTS
from mojibake_fix.report.findings import ChangedLine, FileReport, Finding, Segment
from mojibake_fix.report.text import percent, summary, visible
from mojibake_fix.report.trail import hex_of_character
from mojibake_fix.version import __version__

__all__ = ["html_page"]

_MOST_WITH_BYTES = 400
"""Characters of a change that show their bytes; more would make a page that no browser likes."""

_LIMITS = (("1", "however sure"), ("0.999", "99.9 % sure or less"), ("0.99", "99 % sure or less"), ("0.9", "90 %"))


def html_page(reports: Iterable[FileReport], *, done: bool) -> str:
    """Return the page.

    Args:
        reports: All files.
        done: Whether repairs were made, and not only found.
    """
    every = list(reports)
    shown = [report for report in every if report.findings or report.status == "failed"]
    return "".join(
        (
            "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n",
            '<meta name=viewport content="width=device-width, initial-scale=1">\n',
            f"<title>mojibake-fix: {len(shown)} files</title>\n",
            f"<style>\n{_own('page.css')}</style>\n",
            "<header>\n<h1>mojibake-fix</h1>\n",
            f"<p class=sums>{_text(summary(every, done=done))} · version {__version__}</p>\n",
            *_filters(shown),
            "</header>\n<main>\n<nav aria-label=Files><ol>\n",
            *(_entry(number, report) for number, report in enumerate(shown)),
            "</ol></nav>\n<div>\n",
            *(part for number, report in enumerate(shown) for part in _section(number, report)),
            "<p id=none hidden>Nothing to show.</p>\n</div>\n</main>\n<div id=tip role=tooltip hidden></div>\n",
            f"<script>\n{_own('page.js')}</script>\n</html>\n",
        )
    )


def _own(name: str) -> str:
    return files("mojibake_fix.report").joinpath(name).read_text(encoding="utf-8")


def _filters(reports: Iterable[FileReport]) -> Iterator[str]:
    counts: Counter[Fault] = Counter()
    for report in reports:
        counts += report.repaired + report.left
    yield "<div class=filters>\n"
    for fault, count in sorted(counts.items(), key=lambda item: -item[1]):
        what = escape(FAULTS[fault].what, quote=True)
        yield (
            f'<button type=button data-fault={fault.value} aria-pressed=true title="{what}">'
            f"{_text(FAULTS[fault].title)}<b>{count}</b></button>\n"
        )
    options = "".join(f"<option value={value}>{label}</option>" for value, label in _LIMITS)
    yield f"<label>Show repairs <select id=sure>{options}</select></label>\n</div>\n"


def _entry(number: int, report: FileReport) -> str:
    return f'<li><a href="#f{number}"><span>{_text(report.name)}</span><span class=n></span></a></li>\n'


def _section(number: int, report: FileReport) -> Iterator[str]:
    encoding = f"<small>{_text(report.encoding)}</small>" if report.encoding else ""
    yield f"<section id=f{number}>\n<h2>{_text(report.name)}{encoding}</h2>\n"
    if report.error:
        yield f"<p class=error>{_text(report.error)}</p>\n"
    rows = [(line.number, _changed(line)) for line in report.lines]
    rows += [(finding.line, _left(finding)) for finding in report.findings if not finding.made]
    for _, row in sorted(rows, key=lambda row: row[0]):
        yield row
    if report.omitted:
        yield f"<p class=more>{report.omitted} more findings are not shown.</p>\n"
    yield "</section>\n"


def _changed(line: ChangedLine) -> str:
    steps = [step for segment in line.segments for step in segment.steps]
    before = "".join(_before(segment) for segment in line.segments)
    after = "".join(_after(segment) for segment in line.segments)
    return _row(line.number, steps, before, after, "")


def _left(finding: Finding) -> str:
    step = finding.step
    segment = Segment(step.before, step.after, (step,))
    what = "left as it was"
    return _row(finding.line, [step], _before(segment), _after(segment), what)


def _row(number: int, steps: Iterable[Step], before: str, after: str, note: str) -> str:
    every = list(steps)
    sure = min(step.confidence for step in every)
    repairable = any(step.fault is not Fault.BEYOND_REPAIR for step in every)
    meter = f'<span class=meter><span style="width:{100 * sure:.0f}%"></span></span>{percent(sure)} sure<br>'
    faults = dict.fromkeys(step.fault for step in every)
    names = "".join(f"<b>{_text(fault.value)}</b>" for fault in faults)
    return (
        f'<article data-faults="{" ".join(fault.value for fault in faults)}" data-sure={sure:.6f}'
        f"{' class=left' if note else ''}>"
        f"<div class=line>{number}</div><div class='text before'>{before}</div><div class='text after'>{after}</div>"
        f"<div class=why>{names}{meter if repairable else ''}{note}</div></article>\n"
    )


def _before(segment: Segment) -> str:
    if not segment.steps:
        return _text(segment.before)
    channel = segment.steps[0].channel
    return _marked(segment.before, segment, channel[-1].read_as if channel else None, ())


def _after(segment: Segment) -> str:
    if not segment.steps:
        return _text(segment.after)
    channel = segment.steps[-1].channel
    restored = segment.steps[-1].restored if len(segment.steps) == 1 else ()
    return _marked(segment.after, segment, channel[0].encoding if channel else None, restored)


def _marked(text: str, segment: Segment, encoding: str | None, restored: Iterable[tuple[int, int]]) -> str:
    guessed = {position for start, end in restored for position in range(start, end)}
    tip = escape("\n".join(_tip(step) for step in segment.steps), quote=True)
    shown = "".join(
        _character(character, encoding, guessed=position in guessed)
        for position, character in enumerate(text[:_MOST_WITH_BYTES])
    )
    gone = "" if text else " class=gone"
    return f'<mark{gone} data-tip="{tip}">{shown}{_text(text[_MOST_WITH_BYTES:])}</mark>'


def _character(character: str, encoding: str | None, *, guessed: bool) -> str:
    data = None if encoding is None else hex_of_character(character, encoding)
    spelt = f"{data} ({encoding})" if data else f"U+{ord(character):04X}"
    return f'<i{" class=guess" if guessed else ""} data-b="{spelt}">{_text(character)}</i>'


def _tip(step: Step) -> str:
    chain = ", ".join(map(str, step.channel))
    lines = [f"{FAULTS[step.fault].title}{f': {chain}' if chain else ''}", f"{percent(step.confidence)} sure"]
    lines += [f"or {visible(other.text)} ({other.confidence:.2%})" for other in step.alternatives[:3]]
    return "\n".join(lines)


def _text(text: str) -> str:
    return escape(visible(text, len(text)), quote=False)
