"""Bytes become text and text becomes bytes without a change of our making, and files are written whole."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mojibake_fix.errors import OutputError, UndecodableInputError, UnknownEncodingError
from mojibake_fix.files import (
    STDIN,
    Document,
    Source,
    decode,
    encode,
    find_sources,
    plan_destinations,
    read,
    write_atomically,
)

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="modes, links and pipes of POSIX")


# Sources


def test_nothing_named_is_standard_input() -> None:
    assert find_sources([]) == [STDIN]
    assert find_sources(["-"]) == [STDIN]


def test_inputs_keep_their_order_and_come_once() -> None:
    found = find_sources(["b", "-", "a", "b", "-"])
    assert [source.name for source in found] == ["b", "<stdin>", "a"]


# Decoding


@pytest.mark.parametrize(
    ("data", "document"),
    [
        pytest.param(b"", Document("", "utf-8", bom=False), id="empty"),
        pytest.param("中文\r\nかな\r한\n".encode(), Document("中文\r\nかな\r한\n", "utf-8", bom=False), id="newlines"),
        pytest.param(b"\xef\xbb\xbfab", Document("ab", "utf-8", bom=True), id="UTF-8 mark"),
        pytest.param(b"\xff\xfe\x2d\x4e", Document("中", "utf-16-le", bom=True), id="UTF-16 LE mark"),
        pytest.param(b"\xfe\xff\x4e\x2d", Document("中", "utf-16-be", bom=True), id="UTF-16 BE mark"),
        pytest.param(b"\xff\xfe\0\0\x2d\x4e\0\0", Document("中", "utf-32-le", bom=True), id="UTF-32 LE mark"),
        pytest.param(b"\0\0\xfe\xff\0\0\x4e\x2d", Document("中", "utf-32-be", bom=True), id="UTF-32 BE mark"),
        pytest.param(b"a\0b", Document("a\0b", "utf-8", bom=False), id="NUL"),
    ],
)
def test_text_is_told_by_its_mark_or_is_utf_8(data: bytes, document: Document) -> None:
    assert decode(data, "a.txt") == document


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
    assert decode(text.encode(encoding), "a.txt", encoding).text == text


def test_a_named_encoding_goes_by_any_of_its_names() -> None:
    assert decode("中".encode("gbk"), "a.txt", "GBK").encoding == decode("中".encode("gbk"), "a.txt", "cp936").encoding


def test_a_named_encoding_overrules_the_mark_of_another() -> None:
    assert decode(b"\xef\xbb\xbf", "a.txt", "latin-1").text == "ï»¿"


def test_an_encoding_that_does_not_exist_is_named() -> None:
    with pytest.raises(UnknownEncodingError, match="utf-9"):
        decode(b"", "a.txt", "utf-9")


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
        decode(data, "a.txt", encoding)
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
        decode(data, "a.txt", "utf-8")
    else:
        with pytest.raises(UndecodableInputError) as caught:
            decode(data, "a.txt", "utf-8")
        assert caught.value.offset == offset


@given(st.text(), st.booleans())
def test_utf_8_goes_in_and_out_unchanged(text: str, bom: bool) -> None:
    data = encode(text, "utf-8", "a.txt", bom=bom)
    document = decode(data, "a.txt")
    assert encode(document.text, document.encoding, "a.txt", bom=document.bom) == data


def test_reading_gives_what_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("行\r\n".encode())
    assert read(Source("a.txt", path)).text == "行\r\n"


# Encoding


def test_a_character_that_the_output_encoding_lacks_is_named_with_its_place() -> None:
    with pytest.raises(OutputError, match=r"a\.txt: no U\+D55C in gbk, at character 2: .*utf-8"):
        encode("中文한", "gbk", "a.txt")


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(OutputError, match=r"U\+D800"):
        encode("a\ud800", "utf-8", "a.txt")


def test_a_mark_is_written_only_where_the_encoding_has_one() -> None:
    assert encode("中", "utf-16-le", "a.txt", bom=True) == b"\xff\xfe\x2d\x4e"
    assert encode("中", "gbk", "a.txt", bom=True) == b"\xd6\xd0"
    assert encode("中", "utf-8", "a.txt") == "中".encode()


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


# Writing


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_and_its_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.txt"
    write_atomically(path, b"\r\n")
    assert path.read_bytes() == b"\r\n"
    assert names_in(path.parent) == ["a.txt"]


@posix_only
def test_a_new_file_has_the_mode_that_any_new_file_has(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"")
    write_atomically(tmp_path / "a.txt", b"")
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "other").stat().st_mode


@posix_only
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o666])
def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert names_in(tmp_path) == ["a.txt"]


@posix_only
def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


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
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["a.txt"]


@posix_only
def test_a_device_is_written_to_and_not_replaced() -> None:
    write_atomically(Path(os.devnull), b"gone")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@posix_only
def test_a_very_long_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("字" * 85)
    write_atomically(path, b"x")
    assert names_in(tmp_path) == [path.name]
