"""The language model: its file, its look-ups, its probabilities, and what surrounds them."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from mojibake_fix.encodings import misread
from mojibake_fix.errors import ModelFormatError
from mojibake_fix.model import (
    ASTRAL_OTHER,
    BOUNDARY,
    EMPTY_CACHE,
    STYLES,
    code_points,
    document_cache,
    document_forms,
    fold,
    load_model,
    read_model,
    text_of,
    unseen,
)
from mojibake_fix.model.alphabet import ASTRAL_HAN
from mojibake_fix.model.container import read_container, write_container
from mojibake_fix.model.fuse import StaticFunction, build
from mojibake_fix.model.scan import SCAN_BITS, bigram_keys, scan_slots

MODEL = load_model()
DATA = Path(str(resources.files("mojibake_fix.data")))
SENTENCES = Path(__file__).parent.parent / "corpus" / "sentences"
LANGUAGES = sorted(path.stem for path in SENTENCES.glob("*.txt"))
ANY_TEXT = st.text(st.characters(codec=None), max_size=40)


def sentences(language: str) -> list[str]:
    return (SENTENCES / f"{language}.txt").read_text(encoding="utf-8").splitlines()


# The container.

SAMPLE: dict[str, Any] = {
    "bytes": np.arange(7, dtype=np.uint8),
    "floats": np.array([[0.5, -1.25], [3.0, 8.0]], np.float32),
    "none": np.empty((0, 3), np.uint32),
    "words": np.arange(100, dtype=np.uint64) * np.uint64(0x0102030405060708),
}
META = {"provenance": {"name": "試し", "licence": "CC0-1.0"}, "levels": {"2": {"seed": 3}}}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    path = tmp_path / "model.bin"
    write_container(path, SAMPLE, META)
    return path


def test_a_container_gives_back_what_was_put_in(built: Path) -> None:
    container = read_container(built, verify=True)
    assert container.meta == META
    assert set(container.arrays) == set(SAMPLE)
    for name, array in SAMPLE.items():
        assert container.arrays[name].dtype == array.dtype
        assert np.array_equal(container.arrays[name], array)


@settings(deadline=None, max_examples=40)
@given(
    arrays_of.arrays(
        st.sampled_from([np.uint8, np.int8, np.uint16, np.uint32, np.uint64, np.float32, np.float64]),
        arrays_of.array_shapes(max_dims=3, min_side=0, max_side=5),
    )
)
def test_arrays_of_any_type_and_shape_survive(tmp_path_factory: pytest.TempPathFactory, array: Any) -> None:
    path = tmp_path_factory.mktemp("container") / "one.bin"
    write_container(path, {"one": array}, {})
    found = read_container(path, verify=True).arrays["one"]
    assert found.dtype == array.dtype
    assert found.shape == array.shape
    assert found.tobytes() == array.tobytes()


def test_the_same_input_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.bin"
    write_container(again, dict(reversed(SAMPLE.items())), META)
    assert again.read_bytes() == built.read_bytes()


def test_arrays_that_were_read_cannot_be_written_to(built: Path) -> None:
    container = read_container(built)
    with pytest.raises(ValueError, match="read-only"):
        container.arrays["bytes"][0] = 1


def test_a_missing_or_empty_file_is_a_format_error(tmp_path: Path) -> None:
    with pytest.raises(ModelFormatError, match="cannot be read"):
        read_container(tmp_path / "absent.bin")
    (tmp_path / "empty.bin").touch()
    with pytest.raises(ModelFormatError):
        read_container(tmp_path / "empty.bin")


def test_another_magic_number_is_a_format_error(built: Path) -> None:
    built.write_bytes(b"MJBKFX99" + built.read_bytes()[8:])
    with pytest.raises(ModelFormatError, match="not an artefact of this version"):
        read_container(built)


def header_end(path: Path) -> int:
    return 12 + int.from_bytes(path.read_bytes()[8:12], "little")


def test_packed_arrays_are_smaller_and_the_same(tmp_path: Path) -> None:
    arrays = {"sparse": np.zeros((4, 5000), np.float32), "dense": np.arange(99, dtype=np.uint16)}
    arrays["sparse"][2, 7] = -1.5
    plain, packed = tmp_path / "plain", tmp_path / "packed"
    write_container(plain, arrays, META)
    write_container(packed, arrays, META, packed=("sparse",))
    assert packed.stat().st_size < plain.stat().st_size / 4
    read = read_container(packed, verify=True)
    assert read.meta == META
    for name, array in arrays.items():
        assert read.arrays[name].dtype == array.dtype
        assert np.array_equal(read.arrays[name], array)
    content = bytearray(packed.read_bytes())
    content[-64:] = bytes(64)
    packed.write_bytes(content)
    with pytest.raises(ModelFormatError):
        read_container(packed, verify=True)


def test_a_file_cut_short_inside_its_arrays_is_a_format_error(built: Path) -> None:
    content = built.read_bytes()
    start = -(-header_end(built) // 64) * 64
    for length in range(start, len(content) - 64, 7):
        built.write_bytes(content[:length])
        with pytest.raises(ModelFormatError):
            read_container(built)


def test_a_file_cut_short_in_its_last_padding_is_found_when_verified(built: Path) -> None:
    content = built.read_bytes()
    built.write_bytes(content[:-1])
    with pytest.raises(ModelFormatError):
        read_container(built, verify=True)


def test_a_file_cut_short_inside_its_header_is_a_format_error(built: Path) -> None:
    content = built.read_bytes()
    for length in range(1, header_end(built)):
        built.write_bytes(content[:length])
        with pytest.raises(ModelFormatError):
            read_container(built)


def test_a_changed_byte_of_any_array_is_found_when_verified(built: Path) -> None:
    content = built.read_bytes()
    start = -(-header_end(built) // 64) * 64
    for place in range(start, len(content), 13):
        altered = bytearray(content)
        altered[place] ^= 1
        built.write_bytes(altered)
        with pytest.raises(ModelFormatError, match="altered"):
            read_container(built, verify=True)


def test_a_changed_byte_of_the_header_never_raises_anything_but_a_format_error(built: Path) -> None:
    content = built.read_bytes()
    for place in range(12, header_end(built)):
        altered = bytearray(content)
        altered[place] ^= 1
        built.write_bytes(altered)
        try:
            read_container(built, verify=True)
        except ModelFormatError:
            continue


# The static function.


@settings(deadline=None, max_examples=25)
@given(st.dictionaries(st.integers(0, 2**64 - 1), st.integers(0, 2**7 - 1), max_size=300))
def test_every_stored_key_gives_its_value(stored: dict[int, int]) -> None:
    keys = np.array(list(stored), np.uint64)
    values = np.array(list(stored.values()), np.uint32)
    value, found = build(keys, values, value_bits=7, fingerprint_bits=9).get(keys)
    assert found.all()
    assert np.array_equal(value, values)


@cache
def _large() -> tuple[Any, Any, StaticFunction]:
    rng = np.random.default_rng(7)
    keys = np.unique(rng.integers(0, 2**63, 120_000, dtype=np.uint64))[:100_000]
    rng.shuffle(keys)
    values = rng.integers(0, 2**6, len(keys), dtype=np.uint32)
    return keys, values, build(keys[:50_000], values[:50_000], value_bits=6, fingerprint_bits=10)


def test_many_keys_are_stored_in_little_more_than_one_cell_each() -> None:
    keys, values, function = _large()
    value, found = function.get(keys[:50_000])
    assert found.all()
    assert np.array_equal(value, values[:50_000])
    assert function.cells.dtype == np.uint16
    assert len(function.cells) < 1.5 * 50_000


def test_an_absent_key_is_found_by_mistake_as_seldom_as_the_fingerprint_says() -> None:
    keys, _, function = _large()
    _, found = function.get(keys[50_000:])
    assert 0 < found.mean() < 2.0 * 2**-10


def test_wide_values_take_wide_cells() -> None:
    keys = np.arange(40, dtype=np.uint64)
    values = np.arange(40, dtype=np.uint32) * np.uint32(1000)
    function = build(keys, values, value_bits=16, fingerprint_bits=12)
    assert function.cells.dtype == np.uint32
    value, found = function.get(keys)
    assert found.all()
    assert np.array_equal(value, values)


def test_the_same_keys_give_the_same_cells() -> None:
    keys = np.arange(500, dtype=np.uint64) ** np.uint64(3)
    values = np.arange(500, dtype=np.uint32) % np.uint32(8)
    one, other = (build(keys, values, value_bits=3, fingerprint_bits=13) for _ in range(2))
    assert one.seed == other.seed
    assert np.array_equal(one.cells, other.cells)


def test_a_key_that_comes_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="distinct"):
        build(np.array([5, 5], np.uint64), np.array([1, 2], np.uint32), value_bits=4, fingerprint_bits=4)


# The folded alphabet.


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("漢字體爲為", "汉字体为为"),
        ("ＡＢＣａｂｃ０１２", "ABCabc012"),
        ("（１），：；？！", "(1),:;?!"),
        ("「你好」", "“你好”"),
        ("\u3000", " "),
        ("Abc def", "Abc def"),
        ("ひらがなカタカナ한글", "ひらがなカタカナ한글"),
        ("。、…—《》", "。、…—《》"),
    ],
)
def test_scripts_and_widths_fold_together(text: str, folded: str) -> None:
    assert "".join(map(chr, MODEL.fold(text))) == folded


def test_characters_beyond_the_basic_plane_fold_to_their_class() -> None:
    assert MODEL.fold("\U00020000\U0002f800\U00031350").tolist() == [ASTRAL_HAN] * 3
    assert MODEL.fold("😀\U00010330\U0010ffff").tolist() == [ASTRAL_OTHER] * 3


def test_what_is_folded_stays_as_it_is_when_folded_again() -> None:
    assert np.array_equal(MODEL.fold_table[MODEL.fold_table], MODEL.fold_table)
    assert MODEL.fold_table[BOUNDARY] == BOUNDARY


def test_only_the_line_feed_folds_to_the_boundary() -> None:
    assert np.flatnonzero(MODEL.fold_table == BOUNDARY).tolist() == [BOUNDARY]


@given(ANY_TEXT)
def test_folding_keeps_the_number_of_characters_and_folds_each_by_itself(text: str) -> None:
    codes = MODEL.fold(text)
    assert codes.dtype == np.uint16
    assert codes.tolist() == [int(MODEL.fold(char)[0]) for char in text]
    assert np.array_equal(codes, fold(code_points(text), MODEL.fold_table))


@given(ANY_TEXT)
def test_code_points_are_those_of_the_text(text: str) -> None:
    assert code_points(text).tolist() == [ord(char) for char in text]


@given(ANY_TEXT)
@example("\0\0")
@example("中\0\ud800\0")
@example("")
def test_the_text_of_code_points_is_what_they_are_of(text: str) -> None:
    assert text_of(code_points(text)) == text


# The probabilities.


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(ANY_TEXT, st.sampled_from(sentences("zh-Hans") + sentences("ja"))), max_size=6))
def test_a_batch_scores_each_text_as_it_is_scored_alone(texts: list[str]) -> None:
    texts = [text.replace("\n", " ") for text in texts]
    joined = MODEL.logp(MODEL.fold("\n".join(texts) + "\n"))
    alone = [MODEL.logp(MODEL.fold(text + "\n")) for text in texts] or [MODEL.logp(MODEL.fold("\n"))]
    assert np.array_equal(joined, np.concatenate(alone))


@settings(deadline=None, max_examples=40)
@given(ANY_TEXT, ANY_TEXT)
def test_no_history_reaches_across_a_boundary(before: str, text: str) -> None:
    tail = "\n" + text
    after_one = MODEL.logp(MODEL.fold(before + tail))[len(before) + 1 :]
    assert np.array_equal(after_one, MODEL.logp(MODEL.fold(tail))[1:])
    assert np.array_equal(after_one, MODEL.logp(MODEL.fold(text)))


@settings(deadline=None, max_examples=60)
@given(ANY_TEXT)
def test_every_character_has_a_finite_log_probability(text: str) -> None:
    logp = MODEL.logp(MODEL.fold(text))
    assert logp.dtype == np.float32
    assert len(logp) == len(text)
    assert np.isfinite(logp).all()
    assert (logp <= 0).all()


@settings(deadline=None, max_examples=40)
@given(st.text(st.sampled_from("我们昨天在图书馆，。ab \n"), min_size=4, max_size=12))
def test_a_character_is_scored_by_the_three_before_it(text: str) -> None:
    codes = MODEL.fold(text)
    c3, c2, c1, c0 = (codes[i : len(codes) - 3 + i] for i in range(4))
    inside = MODEL.logp(codes)[3:]
    assert np.array_equal(MODEL.logp_next(c3, c2, c1, c0), inside)


@pytest.mark.parametrize(
    "history",
    ["", "今天", "中华人", "昨日", "the ", "pour", "при", "日本の", "한국어", "ที่", "。", "xqz", "\ufffd\ufffd"],
)
def test_the_characters_after_a_history_make_about_one(history: str) -> None:
    codes = np.concatenate((np.full(3, BOUNDARY, np.uint16), MODEL.fold(history)))[-3:]
    symbols = np.unique(MODEL.fold_table)
    c3, c2, c1 = (np.full(len(symbols), code, np.uint16) for code in codes)
    total = float(np.exp(MODEL.logp_next(c3, c2, c1, symbols).astype(np.float64)).sum())
    assert 0.8 < total < 1.5


def test_characters_by_themselves_make_about_one() -> None:
    symbols = np.unique(MODEL.fold_table)
    assert float(np.exp(MODEL.unigram[symbols].astype(np.float64)).sum()) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_likelier_than_their_characters_in_another_order(language: str) -> None:
    rng = np.random.default_rng(1)
    lines = sentences(language)
    shuffled = ["".join(rng.permutation(list(line))) for line in lines]
    assert (MODEL.score(lines) > MODEL.score(shuffled)).mean() > 0.97


def test_scores_are_the_sums_of_the_characters_and_of_the_end() -> None:
    texts = ["我们昨天在图书馆门口见面。", "", "two\nlines", "ひらがな"]
    expected = [float(MODEL.logp(MODEL.fold(text.replace("\n", " ") + "\n")).sum()) for text in texts]
    assert MODEL.score(texts).tolist() == pytest.approx(expected, abs=0.01)


def test_no_texts_have_no_scores() -> None:
    assert len(MODEL.score([])) == 0


def test_traditional_text_is_scored_as_its_simplified_form() -> None:
    one, other = MODEL.score(["我們昨天在圖書館門口見面。", "我们昨天在图书馆门口见面。"])
    assert one == other


# The installed files.


def test_the_installed_model_is_what_was_built() -> None:
    container = read_container(DATA / "ngram.bin", verify=True)
    assert {"fold", "forms", "scan", "unigram"} <= set(container.arrays)


def test_the_model_is_loaded_once_and_cannot_be_changed() -> None:
    assert load_model() is MODEL
    for array in (MODEL.fold_table, MODEL.unigram, MODEL.forms, MODEL.scan):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_reading_the_installed_file_again_gives_an_equal_model() -> None:
    other = read_model(DATA / "ngram.bin")
    codes = MODEL.fold("我们昨天在图书馆门口见面。The end.")
    assert np.array_equal(other.logp(codes), MODEL.logp(codes))


def test_the_data_come_to_sixteen_mebibytes_at_most() -> None:
    assert sum(path.stat().st_size for path in DATA.iterdir() if path.is_file()) <= 16 * 2**20


def test_every_source_of_the_model_is_named_with_its_licence() -> None:
    provenance = MODEL.provenance
    assert provenance["text"]
    assert provenance["lexicons"]
    for source in (*provenance["text"], *provenance["lexicons"]):
        assert all(source[field].strip() for field in ("name", "licence", "language", "version"))
    for source in provenance["text"]:
        assert source["from"]
    for source in provenance["lexicons"]:
        assert source["package"]
    assert {"zh-Hans", "zh-Hant", "ja", "ko"} <= {source["language"] for source in provenance["text"]}


def test_provenance_is_plain_data() -> None:
    assert json.loads(json.dumps(MODEL.provenance)) == MODEL.provenance


# The set of bigrams.


def test_the_bitmap_has_a_bit_for_every_slot_and_most_are_not_set() -> None:
    assert MODEL.scan.size * 8 == 1 << SCAN_BITS
    assert 0.02 < np.unpackbits(MODEL.scan).mean() < 0.2


def test_keys_and_slots_are_of_neighbours_in_order() -> None:
    codes = np.array([0x4E2D, 0x6587, 0x4E2D], np.uint16)
    assert bigram_keys(codes).tolist() == [0x4E2D6587, 0x65874E2D]
    slots = scan_slots(bigram_keys(codes))
    assert slots[0] != slots[1]
    assert (slots < 1 << SCAN_BITS).all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_clean_sentences_have_few_bigrams_that_were_never_seen(language: str) -> None:
    codes = MODEL.fold("\n" + "\n".join(sentences(language)))
    absent = unseen(codes, MODEL.scan)
    assert len(absent) == len(codes) - 1
    assert absent.mean() < 0.06


@pytest.mark.parametrize(
    ("language", "encoding", "read_as"),
    [
        ("zh-Hans", "utf-8", "gbk"),
        ("zh-Hant", "big5", "gbk"),
        ("ja", "cp932", "gbk"),
        ("ko", "cp949", "gbk"),
        ("zh-Hans", "utf-8", "cp1252"),
    ],
)
def test_damaged_sentences_have_many(language: str, encoding: str, read_as: str) -> None:
    raws = [misread(line.encode(encoding, "ignore"), read_as, "lead-fffd") for line in sentences(language)]
    assert unseen(MODEL.fold("\n" + "\n".join(raws)), MODEL.scan).mean() > 0.4


# The forms.


def form(text: str, char: str) -> float:
    return float(document_forms(code_points(text), MODEL)[ord(char)])


def test_there_is_a_row_of_forms_for_each_style() -> None:
    assert MODEL.forms.shape == (len(STYLES), 0x10000)
    assert MODEL.form_logp(code_points("這这")).shape == (len(STYLES), 2)
    hans, hant = (MODEL.form_logp(code_points("這这"))[STYLES.index(style)] for style in ("zh-Hans", "zh-Hant"))
    assert hans[1] > hans[0]
    assert hant[0] > hant[1]


def test_characters_beyond_the_basic_plane_have_one_form() -> None:
    assert np.isfinite(MODEL.form_logp(code_points("😀\U00020000"))).all()


def test_a_document_is_expected_to_go_on_in_its_script() -> None:
    traditional = "我們昨天在圖書館門口見面，然後一起去吃晚飯。"
    simplified = "我们昨天在图书馆门口见面，然后一起去吃晚饭。"
    assert form(traditional, "這") > form(traditional, "这")
    assert form(simplified, "这") > form(simplified, "這")


def test_what_a_document_shows_weighs_more_than_its_style() -> None:
    written = "我們昨天在圖書館門口見面,然後一起去吃晚飯."
    assert form(written, ",") > form(written, "，")
    assert form(written.replace(",", "，"), "，") > form(written.replace(",", "，"), ",")


@settings(deadline=None, max_examples=15)
@given(ANY_TEXT)
def test_the_forms_of_each_folded_character_make_about_one(text: str) -> None:
    forms = np.exp(document_forms(code_points(text), MODEL).astype(np.float64))
    assert np.isfinite(forms).all()
    total = np.bincount(MODEL.fold_table.astype(np.int64), forms, minlength=0x10000)[np.unique(MODEL.fold_table)]
    assert total.min() > 0.9
    assert total.max() < 1.6


# The document's own n-grams.


def mixed(document: str, text: str) -> tuple[Any, Any]:
    codes = MODEL.fold("\n\n\n" + text)
    c2, c1, c0 = codes[1:-2], codes[2:-1], codes[3:]
    logp = MODEL.logp_next(codes[:-3], c2, c1, c0)
    return logp, document_cache(MODEL.fold(document)).mix(logp, c2, c1, c0)


def test_a_document_that_says_nothing_changes_nothing() -> None:
    logp, found = mixed("", "我们见面")
    assert np.array_equal(found, logp)
    codes = MODEL.fold("我们")
    assert np.array_equal(EMPTY_CACHE.mix(logp[:2], codes, codes, codes), logp[:2])


def test_what_a_document_says_is_likelier_in_it() -> None:
    logp, found = mixed("欧阳晓燕说。欧阳晓燕又说。", "欧阳晓燕")
    assert (found[1:] > logp[1:]).all()
    assert found[0] == logp[0]


def test_what_it_does_not_say_stays_as_likely() -> None:
    logp, found = mixed("今天下雨。", "欧阳晓燕")
    assert np.array_equal(found, logp)


def test_texts_that_a_boundary_parts_are_not_neighbours() -> None:
    logp, found = mixed("甲\n乙", "甲乙")
    assert np.array_equal(found, logp)


def test_saying_it_again_makes_it_likelier_still() -> None:
    once, thrice = (mixed("欧阳晓燕。" * times, "欧阳晓燕")[1] for times in (1, 3))
    assert (thrice[1:] > once[1:]).all()


@settings(deadline=None, max_examples=40)
@given(ANY_TEXT, ANY_TEXT)
def test_mixed_scores_are_log_probabilities(document: str, text: str) -> None:
    logp, found = mixed(document, text)
    assert np.isfinite(found).all()
    assert (found <= 0.01).all()
    assert (found >= logp - 0.2).all()
