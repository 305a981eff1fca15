"""Bytes become text and text becomes bytes without a change of our making, and files are written whole."""

from __future__ import annotations

import gc
import io
import itertools
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mojibake_fix import windows
from mojibake_fix.encodings import lookup
from mojibake_fix.errors import ConfigError, OutputError, UndecodableInputError, UnknownEncodingError
from mojibake_fix.files import (
    DEFAULT_EXCLUDES,
    STDIN,
    TEMPORARY_SUFFIX,
    AtomicFile,
    Input,
    Selection,
    Source,
    TooLargeError,
    encode,
    find_sources,
    open_input,
    plan_destinations,
)
from mojibake_fix.files.content import is_binary
from mojibake_fix.files.newlines import split_off
from mojibake_fix.files.pieces import cut
from mojibake_fix.files.read import decode_piece
from mojibake_fix.files.settings import find_settings, read_settings
from mojibake_fix.files.structure import keep_structure, without
from mojibake_fix.plan import Fault, Plan, Repair, Step, apply_plan
from tests.plans import plans

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="modes, links and pipes of POSIX")


def text_of(data: bytes, encoding: str | None = None) -> tuple[str, str, bytes]:
    """Text, encoding and byte order mark of a file with that content."""
    opened = Input(Source("a.txt", None), io.BytesIO(data), encoding)
    text = "".join(
        decode_piece(piece, "a.txt", opened.encoding, named=encoding is not None) for piece in opened.pieces()
    )
    return text, opened.encoding, opened.mark


# Sources


def test_nothing_named_is_standard_input() -> None:
    assert find_sources([]) == [STDIN]
    assert find_sources(["-"]) == [STDIN]


def test_inputs_keep_their_order_and_come_once() -> None:
    found = find_sources(["b", "-", "a", "b", "-"])
    assert [source.name for source in found] == ["b", "<stdin>", "a"]


# Decoding


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", ("", "utf-8", b""), id="empty"),
        pytest.param("中文\r\nかな\r한\n".encode(), ("中文\r\nかな\r한\n", "utf-8", b""), id="newlines"),
        pytest.param(b"\xef\xbb\xbfab", ("ab", "utf-8", b"\xef\xbb\xbf"), id="UTF-8 mark"),
        pytest.param(b"\xff\xfe\x2d\x4e", ("中", "utf-16-le", b"\xff\xfe"), id="UTF-16 LE mark"),
        pytest.param(b"\xfe\xff\x4e\x2d", ("中", "utf-16-be", b"\xfe\xff"), id="UTF-16 BE mark"),
        pytest.param(b"\xff\xfe\0\0\x2d\x4e\0\0", ("中", "utf-32-le", b"\xff\xfe\0\0"), id="UTF-32 LE mark"),
        pytest.param(b"\0\0\xfe\xff\0\0\x4e\x2d", ("中", "utf-32-be", b"\0\0\xfe\xff"), id="UTF-32 BE mark"),
        pytest.param(b"a\0b", ("a\0b", "utf-8", b""), id="NUL"),
    ],
)
def test_text_is_told_by_its_mark_or_is_utf_8(data: bytes, expected: tuple[str, str, bytes]) -> None:
    assert text_of(data) == expected


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("中文，好。", "gb18030"),
        ("繁體中文", "big5"),
        ("日本語カナ", "cp932"),
        ("한국어", "cp949"),
        ("naïve", "latin-1"),
    ],
)
def test_a_named_encoding_is_taken_at_its_word(text: str, encoding: str) -> None:
    assert text_of(text.encode(encoding), encoding)[0] == text


def test_a_named_encoding_goes_by_any_of_its_names() -> None:
    assert text_of("中".encode("gbk"), "GBK") == text_of("中".encode("gbk"), "cp936")


def test_a_named_encoding_overrules_the_mark_of_another() -> None:
    assert text_of(b"\xef\xbb\xbf", "latin-1")[0] == "ï»¿"


def test_an_encoding_that_does_not_exist_is_named() -> None:
    with pytest.raises(UnknownEncodingError, match="utf-9"):
        text_of(b"", "utf-9")


@pytest.mark.parametrize(
    ("data", "encoding", "offset", "line"),
    [
        pytest.param("一二\n三".encode() + b"\xff" + b"rest", None, 10, 2, id="UTF-8"),
        pytest.param(b"\xff", None, 0, 1, id="first byte"),
        pytest.param("ab中".encode()[:-1], None, 2, 1, id="UTF-8, cut inside a character"),
        pytest.param(b"\xef\xbb\xbfab\xff", None, 5, 1, id="after a mark"),
        pytest.param(b"\xff\xfe\x2d\x4e\x00", None, 4, 1, id="UTF-16, cut"),
        pytest.param("中文".encode("gbk") * 50 + b"\n\xd6\x20" + "中文".encode("gbk") * 50, "gbk", 201, 2, id="GBK"),
        pytest.param("日本".encode("euc_jp") + b"\xfe", "euc-jp", 4, 1, id="EUC-JP, cut"),
        pytest.param(b"\x1b$B$3$l\x1b(Bab\xff", "iso-2022-jp", 12, 1, id="ISO-2022-JP"),
    ],
)
def test_bytes_that_do_not_fit_are_named_with_their_place(
    data: bytes, encoding: str | None, offset: int, line: int
) -> None:
    with pytest.raises(UndecodableInputError) as caught:
        text_of(data, encoding)
    assert caught.value.offset == offset
    message = str(caught.value)
    assert message.startswith("a.txt: not ")
    assert f"at byte {offset}: " in message
    assert f"on line {line} " in message
    assert "encoding" in message.split("does not fit")[1]


def first_byte_that_is_not_utf_8(data: bytes) -> int | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None


@given(st.one_of(st.binary(max_size=200), st.text().map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_the_place_of_a_bad_byte_is_where_utf_8_breaks(data: bytes) -> None:
    offset = first_byte_that_is_not_utf_8(data)
    if offset is None:
        text_of(data, "utf-8")
    else:
        with pytest.raises(UndecodableInputError) as caught:
            text_of(data, "utf-8")
        assert caught.value.offset == offset


def test_reading_gives_what_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("行\r\n".encode())
    with open_input(Source("a.txt", path)) as opened:
        assert [piece.data.decode() for piece in opened.pieces()] == ["行\r\n"]


# Encoding


def test_a_character_that_the_output_encoding_lacks_is_named_with_its_place() -> None:
    with pytest.raises(OutputError, match=r"a\.txt: no U\+D55C in gbk, at character 2: .*utf-8"):
        encode("中文한", "gbk", "a.txt")


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(OutputError, match=r"U\+D800"):
        encode("a\ud800", "utf-8", "a.txt")


# Destinations


def test_results_go_to_standard_output_unless_told_otherwise() -> None:
    assert plan_destinations(find_sources(["a", "b"]), None) == [None, None]
    assert plan_destinations(find_sources(["a"]), "-") == [None]


def test_one_result_goes_into_one_file(tmp_path: Path) -> None:
    output = tmp_path / "out.txt"
    assert plan_destinations(find_sources(["a"]), str(output)) == [output]


def test_results_go_into_a_folder_under_their_own_names(tmp_path: Path) -> None:
    sources = find_sources(["x/a.txt", "b.txt"])
    assert plan_destinations(sources, str(tmp_path)) == [tmp_path / "a.txt", tmp_path / "b.txt"]


def test_a_slash_at_the_end_makes_a_folder(tmp_path: Path) -> None:
    new = tmp_path / "new"
    assert plan_destinations(find_sources(["a.txt"]), f"{new}{os.sep}") == [new / "a.txt"]


@pytest.mark.parametrize(
    ("paths", "output"),
    [
        pytest.param(["a", "b"], "one.txt", id="two results in one file"),
        pytest.param(["x/a", "y/a"], "out/", id="two results of one name"),
        pytest.param(["-"], "out/", id="no name"),
    ],
)
def test_results_that_have_no_place_are_refused(paths: list[str], output: str) -> None:
    with pytest.raises(OutputError):
        plan_destinations(find_sources(paths), output)


# Binary files


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", id="PNG"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", id="PDF"),
        pytest.param(b"text\0text", id="NUL"),
        pytest.param(bytes(range(1, 256)) * 4, id="compressed data"),
    ],
)
def test_binary_data_is_told_by_its_bytes(head: bytes) -> None:
    assert is_binary(head)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"", id="nothing"),
        pytest.param("中文\t\x1b[1m粗\x1b[0m\r\n\f".encode(), id="terminal colours"),
        pytest.param("\x01\x02\x03\x04 中文".encode(), id="control codes in UTF-8"),
        pytest.param("中文，好。".encode("gbk") * 20, id="GBK"),
        pytest.param("日本語".encode("shift_jis") * 20, id="Shift_JIS"),
        pytest.param("\ufeff中文".encode("utf-16-le"), id="UTF-16 with its mark"),
        pytest.param("中".encode()[:2], id="cut inside a character"),
    ],
)
def test_text_is_no_binary_data(head: bytes) -> None:
    assert not is_binary(head)


# Newlines


@given(st.text(alphabet="ab\r\n中"))
@example("\r\n\r\r\n\n")
def test_newlines_go_and_come_back(text: str) -> None:
    plain, newlines = split_off(text)
    assert "\r" not in plain
    assert newlines.restore(plain) == text


def test_the_kinds_of_newlines_stay_where_they_are() -> None:
    _, newlines = split_off("a\r\nb\rc\nd")
    assert newlines.restore("ä\nbb\n\n") == "ä\r\nbb\r\n"


# Pieces


def pieces_of(data: bytes, encoding: str, size: int) -> list[bytes]:
    with mock.patch.object(windows, "WINDOW", size):
        return list(cut(io.BytesIO(data), lookup(encoding)))


def windows_of(text: str, size: int) -> list[str]:
    with mock.patch.object(windows, "WINDOW", size):
        return list(windows.windows(text))


@given(
    st.text(alphabet="ab中𠀀\r\n", max_size=60),
    st.sampled_from(["utf-8", "gb18030", "utf-16-le", "utf-16-be", "utf-32-le"]),
    st.integers(1, 24),
)
@example("𠀀\r\n" * 9, "utf-32-le", 5)
@example("𠀀" * 30, "gb18030", 7)
@example("ab\r\n" * 9, "utf-8", 3)
def test_the_pieces_of_an_input_are_the_windows_of_its_text(text: str, encoding: str, size: int) -> None:
    pieces = [piece.decode(encoding) for piece in pieces_of(text.encode(encoding), encoding, size)]
    assert "".join(pieces) == text
    assert [split_off(piece)[0] for piece in pieces] == windows_of(split_off(text)[0], size)


@given(st.text(alphabet="ab\n", max_size=60), st.integers(1, 24))
def test_a_window_ends_where_a_line_ends_or_is_part_of_a_line(text: str, size: int) -> None:
    parts = windows_of(text, size)
    assert "".join(parts) == text
    assert all(0 < len(part) <= size for part in parts)
    for left, right in itertools.pairwise(parts):
        assert left.endswith("\n") or "\n" not in left
        # No line more would have gone in.
        assert len(left) + right.find("\n") + 1 > size or (right.find("\n") < 0 and len(left) + len(right) > size)


def test_a_character_that_is_spelt_in_two_ways_is_not_cut() -> None:
    # CP932 has 纊 twice, and its encoder knows only the second.
    data = b"\xed\x40" * 10
    assert pieces_of(data, "cp932", 3) == [b"\xed\x40" * 3] * 3 + [b"\xed\x40"]


def test_what_is_no_text_is_cut_by_bytes() -> None:
    assert pieces_of(b"ab\n\xff\xff\ncd", "utf-8", 4) == [b"ab\n", b"\xff\xff\n", b"cd"]


def test_a_line_feed_inside_a_wide_character_ends_no_line() -> None:
    assert pieces_of("ab\u0a0acd".encode("utf-16-be"), "utf-16-be", 4) == [
        "ab\u0a0ac".encode("utf-16-be"),
        "d".encode("utf-16-be"),
    ]


def test_what_has_shifts_is_one_piece() -> None:
    data = ("\x1b$B$3$l\x1b(B\n" * 10).encode()
    assert pieces_of(data, "iso-2022-jp", 16) == [data]


def test_the_place_of_a_bad_byte_is_counted_over_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "WINDOW", 8)
    with pytest.raises(UndecodableInputError) as caught:
        text_of(b"12345\n" * 4 + b"ab\xff\n")
    assert caught.value.offset == 26
    assert "on line 5 " in str(caught.value)


# Structure


def repaired(text: str, *changes: tuple[str, str]) -> Repair:
    steps = []
    for before, after in changes:
        at = text.index(before)
        steps.append(Step(at, at + len(before), before, after, Fault.LOSSY))
    plan = Plan(tuple(steps))
    return Repair(apply_plan(text, plan), plan)


def test_a_repair_that_adds_a_line_is_reported_and_not_made() -> None:
    text = "a?\nb?!\n"
    kept = keep_structure(text, repaired(text, ("a?", "a\n"), ("b?!", "bc!")), "a.txt")
    assert kept.text == "a?\nbc!\n"
    assert [step.before for step in kept.plan.reported] == ["a?"]
    assert apply_plan(text, kept.plan) == kept.text


@pytest.mark.parametrize("newline", ["\n", "\r"])
def test_no_repair_brings_in_a_newline(newline: str) -> None:
    text = "a?b\n"
    assert keep_structure(text, repaired(text, ("?b", newline)), "a.txt").text == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("a.json", '{"k": "x?", "l": "y!"}', id="a document"),
        pytest.param("<stdin>", '{"k": "x?", "l": "y!"}\n{"k": "x?", "l": "y!"}\n', id="lines, told by content"),
        pytest.param("a.json", '"k": "x?", "l": "y!"},', id="a part of a document"),
    ],
)
def test_json_stays_json(name: str, text: str) -> None:
    kept = keep_structure(text, repaired(text, ("x?", 'x"'), ("y!", "z!")), name)
    assert kept.text == text.replace("y!", "z!", 1)


@pytest.mark.parametrize(
    ("name", "text", "change", "is_made"),
    [
        pytest.param("a.json", '["中","文"]', ('中","文', '中"，"文'), False, id="a comma between strings"),
        pytest.param("a.json", '{"k": "中,文"}', ("中,文", "中，文"), True, id="a comma in a string"),
        pytest.param("a.json", '["中","文"]', ('中","文', '種","聞'), True, id="two strings"),
        pytest.param("a.jsonl", '["中",1]\n["文",2]', ("1", "壱"), False, id="a number"),
        pytest.param("a.json", '"k": "中",\n"l": "文"},', ('",', '"，'), False, id="a comma of a part of a document"),
        pytest.param("a.json", '中",\n"l": ["文', ("中", "種"), True, id="a part that begins in a string"),
        pytest.param("a.json", '中", "l": ["文', ('", "l', '"， "l'), False, id="a comma behind such a string"),
    ],
)
def test_of_json_only_strings_change(name: str, text: str, change: tuple[str, str], is_made: bool) -> None:
    kept = keep_structure(text, repaired(text, change), name)
    assert kept.text == (text.replace(*change, 1) if is_made else text)
    assert len(kept.plan.reported) == (not is_made)


def test_style_keeps_the_fields_of_a_table_and_damage_does_not_shield_them() -> None:
    text = '名,"値.",?\n'
    plan = Plan(
        (
            Step(1, 2, ",", "，", Fault.STYLE),
            Step(2, 3, '"', "“", Fault.STYLE),
            Step(4, 5, ".", "。", Fault.STYLE),
            Step(7, 8, "?", ",", Fault.LOSSY),
        )
    )
    kept = keep_structure(text, Repair(apply_plan(text, plan), plan), "A.CSV")
    assert kept.text == '名,"値。",,\n'
    assert [step.before for step in kept.plan.reported] == [",", '"']
    assert keep_structure(text, Repair(apply_plan(text, plan), plan), "a.txt").text == '名，“値。",,\n'


def test_what_is_no_json_may_gain_a_quote() -> None:
    text = '{"x?'
    assert keep_structure(text, repaired(text, ("x?", 'x"')), "a.txt").text == '{"x"'


@given(plans(), st.sets(st.integers(0, 8)))
def test_steps_taken_out_leave_a_plan_that_applies(made: tuple[str, Plan], bad: set[int]) -> None:
    text, plan = made
    # Places move where steps are taken out: steps are told by their number.
    plan = Plan(tuple(replace(step, evidence=float(number)) for number, step in enumerate(plan.steps)))
    named = {number for number in bad if number < len(plan)}
    seen: list[str] = []

    def judge(current: str) -> Callable[[Step], bool]:
        seen.append(current)
        return lambda step: current[step.start : step.end] != step.before or step.evidence in named

    kept = without(text, Repair(apply_plan(text, plan), plan), judge)
    assert apply_plan(text, kept.plan) == kept.text
    assert {step.evidence for step in (*kept.plan.steps, *kept.plan.reported)} == set(range(len(plan)))
    assert named <= {step.evidence for step in kept.plan.reported}
    assert seen[:1] == [text][: len(plan)]
    if not named:
        assert kept.plan == plan


# Finding files


def tree(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def found_in(root: Path, selection: Selection) -> list[str]:
    return [str(source.within) for source in find_sources([str(root)], selection)]


def test_a_folder_is_all_of_its_files_by_name(tmp_path: Path) -> None:
    tree(tmp_path, {"b.txt": "", "a/z.txt": "", "a.txt": "", f".b.txt.0{TEMPORARY_SUFFIX}": ""})
    assert found_in(tmp_path, Selection()) == ["a/z.txt", "a.txt", "b.txt"]


def test_backups_are_left_out_where_their_file_is(tmp_path: Path) -> None:
    tree(tmp_path, dict.fromkeys(["a", "a.bak", "a.bak.2", "a.bak.x", "a~", "a~.3", "b.bak", "b.bak.2", ".bak"], ""))
    assert found_in(tmp_path, Selection()) == [".bak", "a", "a.bak.x", "a~", "a~.3", "b.bak", "b.bak.2"]
    assert found_in(tmp_path, Selection(backup_suffix="~")) == [
        *(".bak", "a", "a.bak", "a.bak.2", "a.bak.x"),
        *("b.bak", "b.bak.2"),
    ]


def test_gitignore_files_count_from_the_top_of_the_repository_down(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            ".git/info/exclude": "private.txt\n",
            ".gitignore": "*.log\n/out/\n",
            "sub/.gitignore": "!keep.log\nlocal.txt\n",
            "sub/keep.log": "",
            "sub/other.log": "",
            "sub/local.txt": "",
            "sub/out/c.txt": "",
            "out/b.txt": "",
            "private.txt": "",
            "a.txt": "",
        },
    )
    selection = Selection(exclude=DEFAULT_EXCLUDES, gitignore=True)
    assert found_in(tmp_path, selection) == [".gitignore", "a.txt", "sub/.gitignore", "sub/keep.log", "sub/out/c.txt"]
    assert found_in(tmp_path / "sub", selection) == [".gitignore", "keep.log", "out/c.txt"]
    assert "sub/other.log" in found_in(tmp_path, Selection(exclude=DEFAULT_EXCLUDES))


def test_git_ignores_the_same_files(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            ".gitignore": "# comment\n*.tmp\n!important.tmp\nbuild/**/x.txt\nd?c\n\\#a\nfoo/\n",
            "a.tmp": "",
            "important.tmp": "",
            "build/x.txt": "",
            "build/1/2/x.txt": "",
            "dxc": "",
            "#a": "",
            "foo/important.tmp": "",
            "deep/foo": "",
            "deep/.gitignore": "/*\n!/yes\n",
            "deep/yes": "",
        },
    )
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    listed = subprocess.run(
        [*git, "ls-files", "--others", "--exclude-standard"], check=True, capture_output=True, text=True
    )
    selection = Selection(exclude=(".git/",), gitignore=True)
    assert sorted(found_in(tmp_path, selection)) == sorted(listed.stdout.splitlines())


def test_excludes_count_for_named_files_only_if_forced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, {"vendor/a.txt": "", "b.txt": ""})
    monkeypatch.chdir(tmp_path)
    for force, expected in ((False, ["vendor/a.txt", "b.txt"]), (True, ["b.txt"])):
        selection = Selection(exclude=("vendor/",), force=force)
        assert [source.name for source in find_sources(["vendor/a.txt", "b.txt"], selection)] == expected


@posix_only
def test_links_to_folders_end_a_walk_and_links_to_files_do_not(tmp_path: Path) -> None:
    tree(tmp_path, {"real/a.txt": ""})
    (tmp_path / "real" / "loop").symlink_to(tmp_path)
    (tmp_path / "real" / "link").symlink_to("a.txt")
    os.mkfifo(tmp_path / "real" / "pipe")
    assert found_in(tmp_path, Selection()) == ["real/a.txt", "real/link"]


# Opening


def test_what_is_larger_than_allowed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"12345")
    with open_input(Source("a.txt", path), max_size=5):
        pass
    with pytest.raises(TooLargeError, match=r"a\.txt: 5 bytes"), open_input(Source("a.txt", path), max_size=4):
        pass


@posix_only
def test_a_read_only_file_is_not_opened_to_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x")
    path.chmod(0o444)
    with open_input(Source("a.txt", path)):
        pass
    with pytest.raises(PermissionError), open_input(Source("a.txt", path), for_writing=True):
        pass


@posix_only
def test_a_file_that_another_process_has_locked_is_not_opened_to_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x")
    program = (
        "import fcntl, sys; f = open(sys.argv[1], 'r+b'); fcntl.flock(f, fcntl.LOCK_EX); print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with (
            pytest.raises(OSError, match="Locked by another process"),
            open_input(Source("a.txt", path), for_writing=True),
        ):
            pass
        other.communicate(b"\n", timeout=60)
    with open_input(Source("a.txt", path), for_writing=True):
        pass


# Writing


def write(path: Path, data: bytes, *, backup_suffix: str | None = None) -> None:
    with AtomicFile(path, backup_suffix=backup_suffix) as file:
        file.write(data)
        file.commit()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_and_its_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.txt"
    write(path, b"\r\n")
    assert path.read_bytes() == b"\r\n"
    assert names_in(path.parent) == ["a.txt"]


def test_without_a_commit_nothing_has_happened(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with AtomicFile(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["a.txt"]


def interrupt_at(number: int, action: Callable[[], None]) -> bool:
    """Run ``action`` with an interrupt at the line of that number of what writes files; tell whether it came."""
    lines = itertools.count()

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if not frame.f_code.co_filename.endswith(("files/write.py", "test_files.py")):
            return None
        if event == "line" and next(lines) == number:
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


# A stream that was just opened has nobody yet to close it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_at_any_line_leaves_a_whole_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    found: set[bytes] = set()
    for number in itertools.count():
        path.write_bytes(b"old")
        came = interrupt_at(number, lambda: write(path, b"new"))
        gc.collect()
        assert names_in(tmp_path) == ["a.txt"], number
        found.add(path.read_bytes())
        if not came:
            break
    assert number > 20
    assert found == {b"old", b"new"}


@posix_only
def test_a_new_file_has_the_mode_that_any_new_file_has(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"")
    write(tmp_path / "a.txt", b"")
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "other").stat().st_mode


@posix_only
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o666, 0o4711])
def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    path.chmod(mode)
    write(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert names_in(tmp_path) == ["a.txt"]


@posix_only
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_a_file_that_is_replaced_keeps_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    os.chown(path, 12345, 23456)
    write(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)


@posix_only
def test_what_only_its_owner_may_read_is_never_there_for_others(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    path.chmod(0o600)
    with AtomicFile(path) as file:
        file.write(b"new")
        (unfinished,) = (name for name in names_in(tmp_path) if name.endswith(TEMPORARY_SUFFIX))
        assert stat.S_IMODE((tmp_path / unfinished).stat().st_mode) == 0o600


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="needs extended attributes")
def test_a_file_that_is_replaced_keeps_the_attributes_that_can_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    names = ["user.a", "user.b", "user.c"]
    try:
        for name in names:
            os.setxattr(path, name, b"x")
    except OSError:
        pytest.skip("this file system has none")
    order = os.listxattr(path)

    def set_one(descriptor: int, name: str, value: bytes) -> None:
        if name == order[0]:
            raise PermissionError(1, "Operation not permitted")
        setxattr(descriptor, name, value)

    setxattr = os.setxattr
    monkeypatch.setattr(os, "setxattr", set_one)
    write(path, b"new")
    assert path.read_bytes() == b"new"
    assert sorted(os.listxattr(path)) == sorted(order[1:])


@posix_only
def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@posix_only
def test_other_names_of_a_file_keep_the_old_content(tmp_path: Path) -> None:
    path, other = tmp_path / "a.txt", tmp_path / "b.txt"
    path.write_bytes(b"old")
    other.hardlink_to(path)
    write(path, b"new")
    assert (path.read_bytes(), other.read_bytes()) == (b"new", b"old")


def test_backups_are_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"1")
    for content in (b"2", b"3", b"4"):
        write(path, content, backup_suffix=".bak")
    found = {name: (tmp_path / name).read_bytes() for name in names_in(tmp_path)}
    assert found == {"a.txt": b"4", "a.txt.bak": b"1", "a.txt.bak.2": b"2", "a.txt.bak.3": b"3"}


def test_a_file_that_changed_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with AtomicFile(path, read_as=path.stat()) as file:
        file.write(b"new")
        path.write_bytes(b"newer")
        with pytest.raises(OutputError, match="changed while"):
            file.commit()
    assert path.read_bytes() == b"newer"
    assert names_in(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")

    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*{"fsync": (os, "fsync"), "replace": (Path, "replace")}[failing], fail)
    with pytest.raises(OSError, match="No space left"):
        write(path, b"new")
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["a.txt"]


@posix_only
def test_a_device_is_written_to_and_not_replaced() -> None:
    write(Path(os.devnull), b"gone")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@posix_only
def test_a_very_long_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("字" * 85)
    write(path, b"x")
    assert names_in(tmp_path) == [path.name]


# Settings


def test_settings_come_from_the_nearest_file_up_to_the_top_of_the_repository(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "pyproject.toml": "[tool.mojibake-fix]\njobs = 2\n",
            "repo/.git/config": "",
            "repo/pyproject.toml": "[tool.other]\n",
            "repo/a/.mojibake-fix.toml": "jobs = 3\n",
            "repo/a/b/c.txt": "",
            "other/d.txt": "",
        },
    )
    assert find_settings(tmp_path / "repo" / "a" / "b") == tmp_path / "repo" / "a" / ".mojibake-fix.toml"
    assert find_settings(tmp_path / "repo") is None
    assert find_settings(tmp_path / "other") == tmp_path / "pyproject.toml"


def test_settings_are_read_by_name(tmp_path: Path) -> None:
    tree(tmp_path, {"pyproject.toml": '[tool.mojibake-fix]\nexclude = ["x/"]\n[project]\nname = "p"\n'})
    assert read_settings(tmp_path / "pyproject.toml", {"exclude"}) == {"exclude": ["x/"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("min-confidenc = 1\n", "unknown setting 'min-confidenc': did you mean 'min-confidence'"),
        ("colour = 1\n", "unknown setting 'colour': the settings are min-confidence"),
        ("= 1\n", "not TOML"),
    ],
)
def test_settings_that_cannot_be_used_are_named(tmp_path: Path, content: str, message: str) -> None:
    tree(tmp_path, {".mojibake-fix.toml": content})
    with pytest.raises(ConfigError, match=message):
        read_settings(tmp_path / ".mojibake-fix.toml", {"min-confidence"})
