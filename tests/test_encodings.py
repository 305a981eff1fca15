"""The registry, the dialects, the decoders' policies, and the tables computed from them."""

from __future__ import annotations

import codecs
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.build_tables import build_codes
from mojibake_fix.encodings import (
    ENCODINGS,
    GB18030_EDITIONS,
    POLICIES,
    Encoding,
    Policy,
    byte_table,
    common_encodings,
    datafile,
    encode_table,
    four_table,
    lookup,
    misread,
    pair_table,
    repertoire,
    text_encoding,
    triple_table,
)
from mojibake_fix.encodings.dialects import dialect
from mojibake_fix.encodings.tables import computed_encode_table
from mojibake_fix.errors import ModelFormatError, UnknownEncodingError

ALL = [pytest.param(encoding, id=name) for name, encoding in ENCODINGS.items()]
MULTI = [pytest.param(e, id=e.name) for e in ENCODINGS.values() if e.structure == "multi"]
WITH_CODEC = [name for name, e in ENCODINGS.items() if e.codec]
LOSSY = [name for name in POLICIES if name != "strict"]
LEGACY_BYTES = st.lists(
    st.sampled_from(
        [b"\x80", b"\x81", b"\x8e\xa2", b"\x8f", b"\xa1\xa3", b"\xb1\xd4", b"\xfe\x50", b"\xff", b"(", b"0"]
    )
    | st.binary(max_size=4)
    | st.text(max_size=3).map(lambda t: t.encode("utf-8", "replace"))
).map(b"".join)

FEW = settings(max_examples=30)  # for each of some 45 encodings

CP1252_HOLES = "\x81\x8d\x8f\x90\x9d"


def held_by(encoding: Encoding, limit: int = 0x10000) -> list[int]:
    points = np.arange(limit, dtype=np.uint32)
    return [int(point) for point in points[repertoire(points) >> np.uint64(encoding.bit) & np.uint64(1) == 1]]


def is_private(point: int) -> bool:
    return 0xE000 <= point < 0xF900


# The registry


def test_bits_are_distinct_and_fit_a_mask() -> None:
    bits = [encoding.bit for encoding in ENCODINGS.values()]
    assert sorted(bits) == list(range(len(bits)))
    assert len(bits) <= 64


@pytest.mark.parametrize("encoding", ALL)
def test_names_are_canonical_and_found_however_they_are_written(encoding: Encoding) -> None:
    assert encoding.name == encoding.name.lower()
    for name in (encoding.name, encoding.name.upper(), encoding.name.replace("-", "_"), *encoding.aliases):
        assert lookup(name) is encoding
    assert all(superset in ENCODINGS for superset in encoding.supersets)


def test_no_alias_names_two_encodings() -> None:
    seen: dict[str, str] = {}
    for encoding in ENCODINGS.values():
        for alias in {"".join(filter(str.isalnum, name.lower())) for name in (encoding.name, *encoding.aliases)}:
            assert seen.setdefault(alias, encoding.name) == encoding.name


@given(st.text(max_size=12))
def test_an_unknown_name_is_refused_by_our_error(name: str) -> None:
    with pytest.raises(UnknownEncodingError) as caught:
        lookup(f"no such encoding {name}")
    assert isinstance(caught.value, LookupError)


# Both directions


@pytest.mark.parametrize("encoding", ALL)
def test_what_is_encoded_decodes_and_encodes_to_the_same_bytes(encoding: Encoding) -> None:
    """For alternates (characters of other editions) the text differs, the bytes never do."""
    points = [point for point in held_by(encoding) if point != 0x0A]
    data = encoding.encode("\n".join(map(chr, points)))
    assert data is not None
    text = encoding.decode(data)
    assert text is not None
    assert encoding.encode(text) == data
    alternates = {chr(point) for point, got in zip(points, text.split("\n"), strict=True) if got != chr(point)}
    rows = dialect(encoding.name)
    assert alternates <= {*rows.patch, *map(chr, rows.after)}


@pytest.mark.parametrize("encoding", ALL)
def test_plane_two_round_trips(encoding: Encoding) -> None:
    points = np.arange(0x20000, 0x30000, dtype=np.uint32)
    held = points[repertoire(points) >> np.uint64(encoding.bit) & np.uint64(1) == 1].tolist()
    text = "".join(map(chr, held))
    data = encoding.encode(text)
    assert data is not None
    again = encoding.decode(data)
    assert again is not None
    assert encoding.encode(again) == data
    if encoding.name != "gbk":
        assert again == text


@pytest.mark.parametrize("encoding", MULTI)
def test_every_two_byte_code_decodes_to_a_character_that_encodes(encoding: Encoding) -> None:
    table = pair_table(encoding)
    for code in np.flatnonzero(table).tolist():
        char = chr(int(table[code]))
        data = code.to_bytes(2, "big")
        assert encoding.decode(data) == char
        canonical = encoding.encode(char)
        assert canonical is not None
        assert encoding.decode(canonical) == char


def test_longer_codes_decode_to_their_characters() -> None:
    triples, fours = triple_table(), four_table()
    for code in np.flatnonzero(triples).tolist():
        assert lookup("euc-jp").decode(bytes((0x8F, code >> 8, code & 0xFF))) == chr(int(triples[code]))
    for number, point in enumerate(fours.tolist()):
        code = (0x81 + number // 12600, 0x30 + number // 1260 % 10, 0x81 + number // 10 % 126, 0x30 + number % 10)
        assert (lookup("gb18030").decode(bytes(code)) or "\0") == chr(point)


@pytest.mark.parametrize("encoding", ALL)
def test_supersets_decode_all_that_the_encoding_decodes(encoding: Encoding) -> None:
    for name in encoding.supersets:
        for table in (byte_table, pair_table):
            small, large = table(encoding), table(name)
            assigned = (small != 0) & ~((small >= 0xE000) & (small < 0xF900))
            assert (small[assigned] == large[assigned]).all()


@pytest.mark.parametrize("encoding", ALL)
@FEW
@given(data=LEGACY_BYTES | st.binary())
def test_any_bytes_give_a_text_or_none(encoding: Encoding, data: bytes) -> None:
    text = encoding.decode(data)
    if text is None:
        with pytest.raises(UnicodeDecodeError):
            misread(data, encoding)
    else:
        assert misread(data, encoding) == text


@pytest.mark.parametrize("encoding", ALL)
@FEW
@given(text=st.text(st.characters(), max_size=20) | st.text("\ud800\udfff\x00\x1b\x0e~{}€·ḿ中가か", max_size=8))
def test_any_text_gives_bytes_or_none_and_the_masks_agree(encoding: Encoding, text: str) -> None:
    data = encoding.encode(text)
    if encoding.name in common_encodings(text):
        assert data is not None
        assert encoding.decode(data) is not None
    elif encoding.name != "big5-hkscs":  # it has four codes for a letter with a combining mark
        assert data is None


# Where real decoders differ from Python's codecs


@pytest.mark.parametrize(
    ("name", "code", "char"),
    [
        *(("cp1252", f"{ord(char):02x}", char) for char in CP1252_HOLES),
        ("cp1251", "98", "\x98"),
        ("cp1253", "d2", "\uf8fa"),
        ("cp1255", "ca", "\u05ba"),
        ("cp1255", "df", "\uf893"),
        ("cp1257", "a5", "\uf8fd"),
        ("cp874", "ff", "\uf8c8"),
        ("gbk", "80", "€"),
        ("gbk", "ff", "\uf8f5"),
        ("gbk", "a1a4", "·"),
        ("gbk", "a1aa", "—"),
        ("gbk", "aaa1", "\ue000"),
        ("gbk", "affe", "\ue233"),
        ("gbk", "f8a1", "\ue234"),
        ("gbk", "fefe", "\ue4c5"),
        ("gbk", "a140", "\ue4c6"),
        ("gbk", "a7a0", "\ue765"),
        ("gbk", "a2ab", "\ue766"),
        ("gbk", "fea0", "\ue864"),
        ("gb2312", "a1a4", "·"),
        ("gb18030", "a2e3", "€"),
        ("gb18030", "a8bc", "ḿ"),
        ("gb18030", "a6d9", "\ufe10"),
        ("cp950", "fa40", "\ue000"),
        ("cp950", "fefe", "\ue310"),
        ("cp950", "8e40", "\ue311"),
        ("cp950", "a0fe", "\ueeb7"),
        ("cp950", "8140", "\ueeb8"),
        ("cp950", "8dfe", "\uf6b0"),
        ("cp950", "c6a1", "\uf6b1"),
        ("cp950", "c8fe", "\uf848"),
        ("cp950", "ff", "\uf8f8"),
        ("big5-hkscs", "877a", "㡵"),
        ("cp932", "80", "\x80"),
        ("cp932", "a0", "\uf8f0"),
        ("cp932", "ff", "\uf8f3"),
        ("cp932", "f040", "\ue000"),
        ("cp932", "f9fc", "\ue757"),
        ("cp932", "8160", "～"),
        ("cp932", "fa40", "ⅰ"),
        ("cp932", "fbfc", "髙"),
        ("cp932", "8782", "№"),
        ("shift_jis", "8160", "〜"),
        ("euc-jp", "8eb1", "ｱ"),
        ("euc-jp", "8fb0a1", "丂"),
        ("cp949", "c9a1", "\ue000"),
        ("cp949", "fefe", "\ue0bb"),
        ("cp949", "ff", "\uf8f7"),
        ("euc-kr", "a4d4", "\u3164"),
        ("euc-tw", "c4e3", "中"),
        ("euc-tw", "8ea3a1a1", "丨"),
    ],
)
def test_a_code_of_the_real_decoder_goes_both_ways(name: str, code: str, char: str) -> None:
    data = bytes.fromhex(code)
    assert lookup(name).decode(data) == char
    assert lookup(name).encode(char) == data


@pytest.mark.parametrize(
    ("name", "code", "char"),
    [
        ("gb18030", "80", "€"),
        ("gb18030", "84318236", "\ufe10"),
        ("gb18030", "8135f437", "\ue7c7"),
        ("cp932", "eefc", "＂"),
        ("cp932", "ed40", "纊"),
        ("big5", "a2cc", "十"),
    ],
)
def test_a_second_code_of_a_character_is_only_decoded(name: str, code: str, char: str) -> None:
    data = bytes.fromhex(code)
    assert lookup(name).decode(data) == char
    assert lookup(name).encode(char) != data


@pytest.mark.parametrize(
    ("name", "char", "code"),
    [
        ("gb18030", "\ue78d", "a6d9"),
        ("gb18030", "\ue7c7", "a8bc"),
        ("gb18030", "\ue81e", "fe59"),
        ("gbk", "\ufe10", "a6d9"),
        ("gbk", "\u9fb4", "fe59"),
        ("gbk", "ḿ", "a8bc"),
        ("gbk", "⺁", "fe50"),
        ("gbk", "𠂇", "fe51"),
        ("gb2312", "・", "a1a4"),
        ("gb2312", "―", "a1aa"),
    ],
)
def test_characters_of_other_editions_and_vendors_are_encoded_too(name: str, char: str, code: str) -> None:
    assert lookup(name).encode(char) == bytes.fromhex(code)


@pytest.mark.parametrize(
    ("name", "chars"),
    [
        ("shift_jis", "¥‾"),
        ("euc-jp", "¥‾"),
        ("cp932", "¢£¬‖−〜"),
        ("cp950", "¢£¥•‾∼"),
        ("gbk", "가㐁"),
        ("euc-kr", "똠힣"),
        ("cp1252", "\x80Ā"),
        ("latin-1", "€"),
        ("iso-2022-jp", "\x1b"),
        ("iso-2022-kr", "\x0e\x0f"),
        ("utf-8", "\ud800\udfff"),
        ("utf-16-le", "\ud800"),
    ],
)
def test_a_character_that_no_bytes_decode_to_is_not_encoded(name: str, chars: str) -> None:
    for char in chars:
        assert lookup(name).encode(char) is None
        assert lookup(name).encode("A" + char) is None
        assert name not in common_encodings(char)


def test_korean_eight_byte_syllables_are_four_letters_to_all_but_cpython() -> None:
    assert lookup("euc-kr").decode("가똠".encode("euc_kr")) == "가\u3164ㄸㅗㅁ"


@pytest.mark.parametrize("year", ["2005", "2022"])
def test_editions_of_gb18030_list_only_real_differences(year: str) -> None:
    for code, char in GB18030_EDITIONS[year].changes.items():
        assert code.decode("gb18030") != char
        assert lookup("gb18030").encode(char) == code or len(code) == 4


def test_gbk_leaves_no_two_byte_code_undefined() -> None:
    encoding = lookup("gbk")
    table = pair_table(encoding).reshape(256, 256)
    assert (table[np.ix_(list(encoding.leads), list(encoding.trails))] != 0).all()


def test_gbk_holes_are_private_where_gb18030_of_2000_has_them_private() -> None:
    table = pair_table("gbk")
    for code in np.flatnonzero((table >= 0xE766) & (table <= 0xE864)).tolist():
        other = code.to_bytes(2, "big").decode("gb18030")
        assert not is_private(ord(other)) or ord(other) == table[code]


# Policies

SWALLOWED = "。”在2".encode("gbk")[1:]  # A3 A1B1 D4DA 32: the first byte went to the piece before


@pytest.mark.parametrize(
    ("data", "name", "policy", "text"),
    [
        (SWALLOWED, "gbk", "pair-question", "！痹?"),
        (SWALLOWED, "gbk", "lead-question", "！痹?2"),
        (SWALLOWED, "gbk", "lead-fffd", "！痹\ufffd2"),
        (SWALLOWED, "gbk", "drop", "！痹2"),
        (SWALLOWED, "gbk", "pair-drop", "！痹"),
        (b"\xa1", "gbk", "pair-question", "?"),
        (b"\xb1(", "gbk", "whatwg", "\ufffd("),
        (b"\xb1\xa0", "big5", "whatwg", "\ufffd"),
        (b"\xb1\xa0(", "big5", "java", "\ufffd\ufffd("),
        (b"\xd7\xfe(", "gb2312", "java", "\ufffd("),
        (b"\xaa\xa1A", "gbk", "pair-question", "\ue000A"),
        (b"\xaa\xa1A", "gbk", "pair-question-private-drop", "A"),
        (b"\xaa\xa1A", "gbk", "cpython-replace", "\ufffd\ufffdA"),
        (b"\x9d", "cp1252", "lead-fffd", "\x9d"),
        (b"\x9d", "cp1252", "cpython-replace", "\ufffd"),
        (b"\xe4\xb8A", "utf-8", "lead-fffd", "\ufffdA"),
        (b"\xe4\xb8A", "utf-8", "pair-question", "?A"),
        (b"\xe4\xb8A", "utf-8", "byte-question", "??A"),
        ("。".encode() + b"\n", "cp932", "lead-middle-dot", "縲・\n"),
        (b"\xc4\xe3\xa1A", "euc-tw", "lead-question", "中?A"),
        (b"\xc4\xe3\xa1A", "euc-tw", "pair-question", "中?"),
        (b"\xc4\xe3\x8e\xa2\xa1", "euc-tw", "lead-question", "中?"),
    ],
)
def test_a_policy_does_what_its_decoder_does(data: bytes, name: str, policy: str, text: str) -> None:
    assert misread(data, name, policy) == text


@pytest.mark.parametrize("name", WITH_CODEC)
@FEW
@given(data=LEGACY_BYTES | st.binary())
def test_cpython_policies_are_cpython(name: str, data: bytes) -> None:
    codec = lookup(name).codec
    assert misread(data, name, "cpython-replace") == data.decode(codec, "replace")
    assert misread(data, name, "cpython-ignore") == data.decode(codec, "ignore")


@pytest.mark.parametrize("name", ["utf-8", "big5", "johab", "shift_jis", "euc-jp", "cp437", "iso-8859-7", "utf-16-le"])
@given(data=LEGACY_BYTES | st.binary())
def test_lead_policies_are_cpython_where_the_codec_has_no_holes_to_fill(name: str, data: bytes) -> None:
    codec = lookup(name).codec
    assert misread(data, name, "lead-fffd") == data.decode(codec, "replace")
    assert misread(data, name, "drop") == data.decode(codec, "ignore")


@pytest.mark.parametrize("policy", LOSSY)
@given(data=LEGACY_BYTES | st.binary(), name=st.sampled_from(sorted(ENCODINGS)))
def test_a_lossy_policy_never_raises_and_keeps_valid_text(policy: str, data: bytes, name: str) -> None:
    text = misread(data, name, policy)
    codecs.encode(text, "utf-8")
    exact = lookup(name).decode(data)
    if exact is not None and not POLICIES[policy].bare and not POLICIES[policy].drop_private:
        assert text == exact


def test_a_policy_of_the_callers_own_is_taken() -> None:
    assert misread(b"\xb1(", "gbk", Policy("mine", "▯", "pair", ())) == "▯"


def test_an_unknown_policy_is_refused_by_our_error() -> None:
    with pytest.raises(UnknownEncodingError):
        misread(b"", "gbk", "no such policy")


# Tables


@pytest.mark.parametrize("encoding", ALL)
def test_tables_agree_with_the_encoder(encoding: Encoding) -> None:
    if encoding.structure == "stateful" or encoding.codec.startswith("utf-32"):
        assert not encode_table(encoding).any()
        return
    table = encode_table(encoding)
    for point in range(0, 0x10000, 7):
        code = encoding.encode(chr(point))
        packed = int(table[point])
        if code is None:
            assert packed == 0
        elif len(code) == 4:
            assert packed.to_bytes(4, "big") == code
        else:
            assert packed >> 24 == len(code)
            assert packed.to_bytes(4, "big")[1 : 1 + len(code)] == code


@pytest.mark.parametrize("encoding", ALL)
def test_repertoire_agrees_with_the_encoder(encoding: Encoding) -> None:
    points = np.arange(3, 0x110000, 211, dtype=np.uint32)
    held = repertoire(points) >> np.uint64(encoding.bit) & np.uint64(1) == 1
    assert held.tolist() == [encoding.encode(chr(point)) is not None for point in points.tolist()]


def test_tables_cannot_be_written_to() -> None:
    for table in (byte_table("gbk"), pair_table("gbk"), encode_table("gbk")):
        with pytest.raises(ValueError, match="read-only"):
            table[0] = 1


def test_common_encodings_of_the_empty_text_are_all() -> None:
    assert common_encodings("") == list(ENCODINGS)
    assert common_encodings("\ud800") == []


@pytest.mark.parametrize(
    ("text", "name"), [("ÖÐÎÄ", "cp1252"), ("涓浗", "gbk"), ("繧ｳ", "cp932"), ("РґР°", "cp1251"), ("領導", "cp950")]
)
def test_common_encodings_name_what_can_have_made_the_text(text: str, name: str) -> None:
    assert name in common_encodings(text)


# Built files


@pytest.mark.parametrize("name", ["repertoire.bin", "euc-tw.bin"])
def test_a_built_file_says_where_it_comes_from_and_has_the_hash_it_names(name: str) -> None:
    header, payload = datafile.read(name)
    assert header["source"]
    assert header["layout"]
    rest = {key: value for key, value in header.items() if key not in ("sha256", "size")}
    again, same = datafile.unpack(datafile.pack(payload, rest), name)
    assert (again, same) == (header, payload)


def test_the_repertoire_was_built_from_this_registry() -> None:
    header, _ = datafile.read("repertoire.bin")
    assert header["encodings"] == list(ENCODINGS)


def test_the_codes_are_those_of_this_registrys_decoders_and_encoders() -> None:
    stored, part = datafile.read_parts("codes.bin")
    assert stored["source"]
    assert stored["layout"]
    built, built_part = datafile.unpack_parts(build_codes(), "codes.bin")
    # Where a part begins may differ from one zlib to the next.
    assert built | {"parts": [*built["parts"]]} == stored | {"parts": [*stored["parts"]]}
    assert all(built_part(name) == part(name) for name in built["parts"])
    for encoding in ENCODINGS.values():
        assert np.array_equal(encode_table(encoding), computed_encode_table(encoding)), encoding.name


def test_parts_are_read_as_they_were_packed() -> None:
    parts = {"one": b"payload" * 9, "none": b""}
    header, part = datafile.unpack_parts(datafile.pack_parts(parts, {"name": "x"}), "x.bin")
    assert header["name"] == "x"
    assert {name: part(name) for name in parts} == parts


def test_a_missing_file_is_reported_by_our_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datafile, "_DATA", tmp_path)
    for read in (datafile.read, datafile.read_parts):
        with pytest.raises(ModelFormatError, match=r"x\.bin: cannot be read"):
            read("x.bin")


@given(st.binary() | st.binary().map(lambda rest: datafile.MAGIC + rest))
def test_an_altered_file_is_refused_by_our_error(content: bytes) -> None:
    for unpack in (datafile.unpack, datafile.unpack_parts):
        with pytest.raises(ModelFormatError):
            unpack(content, "table.bin")


@pytest.mark.parametrize("place", [-3, -12])
def test_a_changed_byte_is_noticed(place: int) -> None:
    for good, payload_of in (
        (datafile.pack(b"payload", {}), lambda file: datafile.unpack(file, "x.bin")),
        (datafile.pack_parts({"a": b"payload"}, {}), lambda file: datafile.unpack_parts(file, "x.bin")[1]("a")),
    ):
        bad = bytearray(good)
        bad[place] ^= 1
        with pytest.raises(ModelFormatError):
            payload_of(bytes(bad))


# Beyond the registry


def test_any_encoding_of_text_goes_by_any_of_its_names() -> None:
    assert text_encoding("CP936") is lookup("gbk")
    assert text_encoding("ISO8859_3") is text_encoding("ISO8859_3")
    names = {name: text_encoding(name).name for name in ("latin3", "iso8859-16", "L10", "utf7", "IBM037", "VISCII")}
    assert names == {
        "latin3": "iso-8859-3",
        "iso8859-16": "iso-8859-16",
        "L10": "iso-8859-16",
        "utf7": "utf-7",
        "IBM037": "cp037",
        "VISCII": "viscii",
    }
    structures = {name: text_encoding(name).structure for name in ("cp1006", "cp037", "utf-7", "iso2022_jp_2")}
    assert structures == {"cp1006": "single", "cp037": "stateful", "utf-7": "stateful", "iso2022_jp_2": "stateful"}


@pytest.mark.parametrize("name", ["", "no such", "a\0b", "rot13", "base64", "idna", "unicode_escape", "undefined"])
def test_what_is_no_encoding_of_text_is_unknown(name: str) -> None:
    with pytest.raises(UnknownEncodingError):
        text_encoding(name)


def test_viscii_has_a_character_for_each_byte() -> None:
    every = bytes(range(256))
    row = text_encoding("viscii")
    text = row.decode(every)
    assert text is not None
    assert row.encode(text) == every
    assert len(set(text)) == 256
    assert row.encode("中") is None
