"""A long text is repaired window by window, and a file in pieces comes out as its text does in one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from corpus import make_cases
from corpus.damage import DAMAGES
from mojibake_fix import apply_plan, fix_and_explain, fix_many, fix_text, windows
from mojibake_fix.cli import main
from mojibake_fix.plan import Plan, Repair
from mojibake_fix.report import report_piece
from mojibake_fix.windows import joined
from tests.plans import plans

SMALL = 400


def document(seed: int) -> str:
    """Clean and damaged lines of one language, of a few windows."""
    rng = random.Random(seed)
    lines: list[str] = []
    for line in rng.choices(make_cases.sentences(rng.choice(["zh-Hans", "zh-Hant", "ja", "ko"])), k=60):
        outcome = DAMAGES[rng.choice(sorted(DAMAGES))](line, rng) if rng.random() < 0.2 else None
        lines += (outcome[0] if outcome else line).split("\n")
    return "\n".join(lines).replace("\r", "").replace("\ufeff", "") + "\n"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "WINDOW", SMALL)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("seed", range(6))
def test_a_file_in_pieces_comes_out_as_its_text_does_in_one(seed: int, tmp_path: Path) -> None:
    text = document(seed)
    assert len(list(windows.windows(text))) > 3
    repair = fix_and_explain(text)
    assert apply_plan(text, repair.plan) == repair.text == fix_text(text) == fix_many([text])[0]
    assert repair.text != text
    for newline in ("\n", "\r\n"):
        path = tmp_path / "a.txt"
        path.write_text(text, encoding="utf-8", newline=newline)
        done = CliRunner().invoke(main, ["--quiet", str(path)])
        assert done.stdout_bytes.decode() == repair.text.replace("\n", newline)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("seed", range(3))
def test_each_window_is_a_document_of_its_own(seed: int) -> None:
    text = document(seed)
    parts = list(windows.windows(text))
    repair = fix_and_explain(text)
    assert repair.text == "".join(map(fix_text, parts))
    # What there is to tell has the places that it has in the whole text.
    told = report_piece("a.txt", text, repair).findings
    by_part, line = [], 1
    for part in parts:
        by_part += report_piece("a.txt", part, fix_and_explain(part), line).findings
        line += part.count("\n")
    places = [[(f.line, f.column, f.step.before, f.step.after, f.made) for f in found] for found in (told, by_part)]
    assert places[0] == places[1]


@pytest.mark.usefixtures("small")
def test_a_long_text_in_which_nothing_is_wrong_is_the_same_object() -> None:
    text = "\n".join(make_cases.sentences("zh-Hans") * 2)
    assert len(text) > 2 * SMALL
    assert fix_text(text) is text


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("start", ["", "x", "xy", "x, "])
@pytest.mark.parametrize("between", ["", " ", ","])
@pytest.mark.parametrize(("true", "read_as"), [("utf-8", "latin-1"), ("gbk", "latin-1"), ("utf-8", "gb18030")])
def test_damage_astride_a_border_inside_a_line_is_repaired(start: str, between: str, true: str, read_as: str) -> None:
    text = start + between.join(["他们把旧仓库改成了一间小小的书店"] * 80)
    damaged = text.encode(true).decode(read_as)
    assert len(list(windows.windows(damaged))) > 3
    assert fix_text(damaged) == text


@given(st.lists(plans(), min_size=1, max_size=4))
def test_the_plans_of_windows_make_one_of_the_whole(parts: list[tuple[str, Plan]]) -> None:
    texts = [text for text, _ in parts]
    repair = joined(texts, [Repair(apply_plan(text, plan), plan) for text, plan in parts])
    assert apply_plan("".join(texts), repair.plan) == repair.text
    assert repair.text == "".join(apply_plan(text, plan) for text, plan in parts)
    assert [step.round for step in repair.plan] == sorted(step.round for step in repair.plan)
