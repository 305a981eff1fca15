"""Reports say where a fault is and what it was: places in the file as read, and every format by its own rules."""

from __future__ import annotations

import html
import importlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import types
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mojibake_fix.plan import Alternative, Fault, Misread, Plan, Repair, Step, apply_plan
from mojibake_fix.report import FileReport, report_piece
from mojibake_fix.report.changes import trace
from mojibake_fix.report.diff import unified_diff
from mojibake_fix.report.findings import MOST_FINDINGS
from mojibake_fix.report.github import github_lines
from mojibake_fix.report.jsonl import file_object, json_line
from mojibake_fix.report.page import html_page
from mojibake_fix.report.sarif import sarif_log
from mojibake_fix.report.text import explain, finding_line, percent, summary, visible
from mojibake_fix.report.trail import byte_trail
from tests.plans import plans

GBK_AS_LATIN = (Misread("gbk", "latin-1"),)
UTF8_AS_GBK = (Misread("utf-8", "gbk", "lead-question"),)


def repair_of(text: str, *steps: Step, reported: tuple[Step, ...] = ()) -> Repair:
    plan = Plan(steps, reported)
    return Repair(apply_plan(text, plan), plan)


def step(text: str, before: str, after: str, fault: Fault = Fault.MISREAD, **more: Any) -> Step:
    at = text.index(before)
    return Step(at, at + len(before), before, after, fault, **more)


@pytest.fixture
def report() -> FileReport:
    """Two lines that change, one of them lossy, and a fault that is left."""
    text = "ok\n  ÖÐÎÄ <b>\n涓枃鎵嬪唽?\n锟斤拷 end\n"
    found = report_piece(
        "dir/a b,c.txt",
        text,
        repair_of(
            text,
            step(text, "ÖÐÎÄ", "中文", channel=GBK_AS_LATIN, confidence=0.9999, evidence=31.5),
            step(
                text,
                "涓枃鎵嬪唽?",
                "中文手册。",
                Fault.LOSSY,
                channel=UTF8_AS_GBK,
                lossless=False,
                confidence=0.93,
                restored=((4, 5),),
                alternatives=(Alternative("中文手册、", 0.05),),
            ),
            reported=(step(text, "锟斤拷", "锟斤拷", Fault.BEYOND_REPAIR),),
        ),
    )
    found.encoding = "utf-8"
    return found


# Places


def test_places_are_lines_and_columns_of_the_file_as_read(report: FileReport) -> None:
    assert [(f.line, f.column, f.end_line, f.end_column, f.made) for f in report.findings] == [
        (2, 3, 2, 7, True),
        (3, 1, 3, 7, True),
        (4, 1, 4, 4, False),
    ]


def test_a_step_of_a_later_round_is_placed_where_its_text_came_from() -> None:
    text = "(fā)a XX b\nYY"
    later = Step(2, 4, "xx", "好", Fault.MISREAD, round=2)
    steps = (
        step(text, "(fā)", "", Fault.GLOSS),
        Step(2, 4, "XX", "xx", Fault.MISREAD, round=1),
        later,
        Step(6, 8, "YY", "y", Fault.MISREAD, round=2),
    )
    steps = (*steps[:3], Step(7, 9, "YY", "y", Fault.MISREAD, round=2))
    found = report_piece("a", text, repair_of(text, *steps), first_line=10)
    assert [(f.line, f.column, f.end_column) for f in found.findings] == [
        (10, 1, 5),
        (10, 7, 9),
        (10, 7, 9),
        (11, 1, 3),
    ]
    assert [[s.after for s in line.segments] for line in found.lines] == [["", "a ", "好", " b"], ["y"]]


@given(plans())
def test_changes_together_are_the_plan(made: tuple[str, Plan]) -> None:
    text, plan = made
    traced = trace(text, plan)
    pieces, position = [], 0
    for change in traced.changes:
        assert position <= change.start <= change.end
        pieces += [text[position : change.start], change.after]
        position = change.end
    assert "".join([*pieces, text[position:]]) == apply_plan(text, plan)
    assert sorted(number for change in traced.changes for number in change.steps) == list(range(len(plan)))
    for change in traced.changes:
        for number in change.steps:
            start, end = traced.steps[number]
            assert change.start <= start <= end <= change.end


def test_what_is_too_much_to_tell_is_counted() -> None:
    text = "X" * (MOST_FINDINGS + 5)
    steps = tuple(Step(at, at + 1, "X", "y", Fault.ESCAPE) for at in range(len(text)))
    found = report_piece("a", text, repair_of(text, *steps))
    assert (len(found.findings), found.omitted, found.repaired[Fault.ESCAPE]) == (MOST_FINDINGS, 5, len(text))


# Text


def test_a_fault_is_a_line(report: FileReport) -> None:
    assert [finding_line(report.name, finding) for finding in report.findings] == [
        "dir/a b,c.txt:2:3: misread (gbk read as latin-1), 99.9% sure: ÖÐÎÄ → 中文",
        "dir/a b,c.txt:3:1: lossy (utf-8 read as gbk (lead-question)), 93% sure: 涓枃鎵嬪唽? → 中文手册。",
        "dir/a b,c.txt:4:1: beyond repair: 锟斤拷",
    ]


def test_an_explanation_has_the_bytes_the_chain_what_was_restored_and_what_else_it_may_have_been(
    report: FileReport,
) -> None:
    explained = "\n".join(explain(report))
    for words in (
        "bytes     D6 D0 CE C4  (gbk)",
        "read as   ÖÐÎÄ  (latin-1, strict)",
        "after     中文手册[。]",
        "or        中文手册、  (5.0%)",
        "beyond-repair",
    ):
        assert words in explained


def test_nothing_is_called_certain() -> None:
    assert [percent(p) for p in (1.0, 0.9999, 0.9, 0.62, 0.0)] == ["99.9%", "99.9%", "90%", "62%", "0%"]


def test_control_characters_are_shown_and_not_sent_to_the_terminal() -> None:
    assert visible("a\x1b[2J\n\x85\u200b\x7f") == "a␛[2J␊‹U+0085›‹U+200B›␡"


def test_a_summary_counts(report: FileReport) -> None:
    failed = FileReport("b", status="failed", error="no")
    assert summary([report, failed], done=False) == (
        "1 file of 2 would be repaired (2 faults), 1 fault left alone, 1 file failed"
    )


def test_a_trail_leads_back_to_what_was_found() -> None:
    text = "ä¸\xadæ–‡"
    chain = (Misread("utf-8", "cp1252"),)
    links = list(byte_trail(step(text, text, "中文", channel=chain)))
    assert [(link.data, link.seen) for link in links] == [("中文".encode(), text)]


# JSON


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files("mojibake_fix.report").joinpath("report-1.schema.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(found)
    return found


def test_json_keeps_to_its_schema(report: FileReport, schema: dict[str, Any]) -> None:
    for each in (report, FileReport("b", status="failed", error="no"), FileReport("c\udcff", "utf-8")):
        line = json_line(each)
        assert line.count("\n") == 1
        jsonschema.validate(json.loads(line.encode()), schema)


def test_json_tells_all(report: FileReport) -> None:
    found = file_object(report)
    assert found["counts"] == {"repaired": {"lossy": 1, "misread": 1}, "left": {"beyond-repair": 1}}
    first, second, _ = found["findings"]
    assert (first["before"], first["after"], first["bytes"]) == ("ÖÐÎÄ", "中文", "d6d0cec4")
    assert first["channel"] == [{"encoding": "gbk", "read_as": "latin-1", "policy": "strict"}]
    assert (second["restored"], second["alternatives"]) == ([[4, 5]], [{"text": "中文手册、", "confidence": 0.05}])


def test_the_schema_knows_every_fault(schema: dict[str, Any]) -> None:
    assert {fault.value for fault in Fault} <= set(schema["$defs"]["fault"]["enum"])


# GitHub


def test_annotations_escape_what_would_end_them(report: FileReport) -> None:
    first, *_, last = github_lines(report)
    assert first.startswith(
        "::warning file=dir/a b%2Cc.txt,line=2,endLine=2,col=3,endColumn=7,title=mojibake%3A misread::"
    )
    assert first.endswith("::ÖÐÎÄ should be 中文, 99.9% sure\n".replace("%", "%25"))
    assert last.startswith("::notice ")
    (error,) = github_lines(FileReport("x:y", status="failed", error="50%\nlost"))
    assert error == "::error file=x%3Ay::50%25%0Alost\n"


# SARIF


def test_sarif_has_what_code_scanning_reads(report: FileReport) -> None:
    log = json.loads(sarif_log([report, FileReport("b", status="failed", error="no")]))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert run["columnKind"] == "unicodeCodePoints"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [fault.value for fault in Fault]
    first, _, last = run["results"]
    location = first["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "dir/a%20b%2Cc.txt"
    assert location["region"] == {"startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 7}
    assert first["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"] == {"text": "中文"}
    assert "fixes" not in last
    assert run["invocations"][0]["executionSuccessful"] is False


# Diff


@given(st.lists(st.sampled_from(["a", "b\r", "中", ""]), max_size=12), st.sets(st.integers(0, 12)), st.booleans())
def test_a_diff_made_is_a_diff_undone(lines: list[str], changed: set[int], newline_at_end: bool) -> None:
    before = "\n".join(lines) + ("\n" if newline_at_end else "")
    after = "\n".join(line + "x" if number in changed else line for number, line in enumerate(lines))
    after += "\n" if newline_at_end else ""
    assert patched(before, list(unified_diff("f", before, after))) == after


def patched(before: str, diff: list[str]) -> str:
    """What a diff makes of a text, by the letter."""
    old = before.split("\n")
    old = [line + "\n" for line in old[:-1]] + ([old[-1]] if old[-1] else [])
    new, position = [], 0
    body = "".join(diff[2:]).replace("\n\\ No newline at end of file\n", "\0\n")
    for hunk in re.split(r"(?m)^(?=@@ )", body)[1:]:
        header, content = hunk.split("\n", 1)
        start = int(header.split(",")[0].removeprefix("@@ -")) - 1
        new += old[position:start]
        position = start
        for marked in re.findall(r"[^\n]*\n", content):
            line = marked.replace("\0\n", "")
            if line[0] != "+":
                assert old[position] == line[1:]
                position += 1
            if line[0] != "-":
                new.append(line[1:])
    return "".join(new + old[position:])


# HTML


class Page(HTMLParser):
    """The tags of a page, and its text by class of element."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_page_stands_alone_and_takes_no_tag_from_a_file(report: FileReport) -> None:
    page = html_page([report], done=False)
    parsed = Page(page)
    assert [link for link in parsed.links if not link.startswith("#")] == []
    assert "url(" not in page
    assert parsed.tags.count("article") == 3
    assert "<b>" not in page.split("<article")[1].split("<div class=why>")[0]
    assert "D6 D0 (gbk)" in html.unescape(page)


def test_every_fault_has_words() -> None:
    faults = importlib.import_module("mojibake_fix.report.faults")
    assert isinstance(faults, types.ModuleType)
    assert set(faults.FAULTS) == set(Fault)


def test_a_report_of_the_command_keeps_to_the_schema(tmp_path: Path, schema: dict[str, Any]) -> None:
    (tmp_path / "a.txt").write_bytes("浠栦滑鎶婃棫浠撳簱鏀规垚浜嗕竴闂村皬灏忕殑涔﹀簵\n".encode())
    (tmp_path / "b.bin").write_bytes(b"\0")
    command = [sys.executable, "-m", "mojibake_fix", "--check", "--format", "json", ".", "missing"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=120)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for each in found:
        jsonschema.validate(each, schema)
    assert [(each["path"], each["status"]) for each in found] == [
        ("a.txt", "changed"),
        ("b.bin", "skipped"),
        ("missing", "failed"),
    ]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="the published schema comes from the npm registry")
def test_sarif_keeps_to_the_published_schema(report: FileReport, tmp_path: Path) -> None:
    pack = ["npm", "pack", "--silent", "@microsoft/jest-sarif@1.0.0-beta.0"]
    archive = subprocess.run(pack, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()
    with tarfile.open(tmp_path / archive) as package:
        member = package.extractfile("package/lib/schemas/sarif-2.1.0-rtm.5.json")
        assert member is not None
        published = json.load(member)
    log = json.loads(sarif_log([report, FileReport("b", status="failed", error="no")]))
    jsonschema.Draft4Validator(published, format_checker=jsonschema.FormatChecker()).validate(log)
