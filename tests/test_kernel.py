"""The compiled kernel gives what NumPy gives, to the last bit, and the package does without it."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import build_kernel
from corpus import make_cases
from corpus.damage import DAMAGES, chain_of, misread_chain
from mojibake_fix import Config, fix_many
from mojibake_fix.detect.rows import RowFlag, look_at_points, look_at_utf8
from mojibake_fix.detect.scan import scan
from mojibake_fix.engine import _STAGES
from mojibake_fix.engine.batch import doubtful
from mojibake_fix.engine.stage import start_round
from mojibake_fix.model import DocumentCache, code_points, document_cache, document_forms, kernel, load_model
from mojibake_fix.model.kernel import SWITCH, load_kernel
from mojibake_fix.model.scan import absent, absent_pure, bigram_keys
from mojibake_fix.repair.lattice import Context, Lattice, best_paths_many
from mojibake_fix.repair.observed import observed_arcs
from mojibake_fix.repair.patterns import automaton
from mojibake_fix.repair.tracks import as_it_stands, score_tracks
from tests.lines import weighed

MODEL = load_model()
PURE = MODEL.pure()
ROOT = Path(__file__).parent.parent

needs_kernel = pytest.mark.skipif(load_kernel() is None, reason="no kernel was built, or none is wanted")
thorough = settings(deadline=None, max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

LINES = {path.stem: make_cases.sentences(path.stem) for path in (ROOT / "corpus" / "sentences").glob("*.txt")}
SENTENCES = [line for lines in LINES.values() for line in lines]
MARKS = "!?！？\ufffd(（)）xié1 。”@~a\n\ue000\x85&#;20013$B{\x0e\U00020000\U0001f600\ud800"
CODES = st.lists(
    st.one_of(st.integers(0, 0xFFFF), st.just(0x0A), st.sampled_from([0x7684, 0x4E00, 0x3002])), max_size=600
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Sentences clean, damaged and cut, and single marks between them."""
    pieces = []
    for _ in range(draw(st.integers(0, 4))):
        line = draw(st.sampled_from(SENTENCES))
        name = draw(st.sampled_from([None, *sorted(DAMAGES)]))
        outcome = DAMAGES[name](line, random.Random(draw(st.integers(0, 9)))) if name else None
        start = draw(st.integers(0, 8))
        pieces += [(outcome[0] if outcome else line)[start:], draw(st.text(st.sampled_from(MARKS), max_size=5))]
    return "".join(pieces)


ANY_TEXT = st.one_of(texts(), st.text(st.characters(), max_size=80), st.text(st.sampled_from(MARKS), max_size=30))


@needs_kernel
@thorough
@given(CODES)
@example([0x0A] * 300)
@example([0x7684] * 1000)
def test_a_stream_is_scored_alike(codes: list[int]) -> None:
    stream = np.array(codes, np.uint16)
    assert MODEL.logp(stream).tobytes() == PURE.logp(stream).tobytes()
    keys = bigram_keys(stream).reshape(1, -1)
    assert absent(keys, MODEL.scan).tolist() == absent_pure(keys, MODEL.scan).tolist()


@needs_kernel
@thorough
@given(ANY_TEXT, st.integers(1, 3))
def test_text_is_scored_alike_after_any_history(text: str, lag: int) -> None:
    stream = MODEL.fold(text)
    histories = [np.roll(stream, lag * number) for number in (3, 2, 1, 0)]
    assert MODEL.logp(stream).tobytes() == PURE.logp(stream).tobytes()
    assert MODEL.logp_next(*histories).tobytes() == PURE.logp_next(*histories).tobytes()
    one = stream[:1]
    assert MODEL.logp_next(one, one, one, stream).tobytes() == PURE.logp_next(one, one, one, stream).tobytes()


@needs_kernel
@thorough
@given(st.lists(st.integers(0, 2**64 - 1), max_size=300), st.integers(0, 2))
def test_keys_are_looked_up_alike(keys: list[int], order: int) -> None:
    function = MODEL.levels[order].function
    stored = (MODEL.fold("的中国の한국") if order == 0 else MODEL.fold("")).astype(np.uint64)
    wanted = np.concatenate((np.array(keys, np.uint64), (stored[:-1] << np.uint64(16)) | stored[1:]))
    values, found = function.get(wanted)
    pure_values, pure_found = function.get_pure(wanted)
    assert values.tolist() == pure_values.tolist()
    assert found.tolist() == pure_found.tolist()


@needs_kernel
@thorough
@given(st.lists(ANY_TEXT, max_size=4))
def test_lines_ring_alike_and_weigh_alike(several: list[str]) -> None:
    lines = [line for text in several for line in text.split("\n")]
    assert scan(lines, MODEL) == scan(lines, PURE)
    assert weighed(lines, MODEL) == weighed(lines, PURE)


@thorough
@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_what_a_line_weighs_does_not_hang_on_the_others(several: list[str]) -> None:
    lines = [line for text in several for line in text.split("\n")]
    for model in (MODEL, PURE):
        assert weighed(lines, model) == [weighed([line], model)[0] for line in lines]


@needs_kernel
@thorough
@given(ANY_TEXT, st.sampled_from(["auto", "all", "none"]), st.booleans())
@example("什么?!好的", "auto", True)
@example("中文(xié)中文", "auto", True)
@example("plain?abc)", "auto", True)
@example("&#20013; $B", "auto", True)
@example("x" * 40 + "=E4=B8=AD", "all", True)
def test_a_text_is_as_doubtful_with_the_kernel_as_without(text: str, unescape: str, glosses: bool) -> None:
    config = Config(unescape=unescape, glosses=glosses)  # type: ignore[arg-type]
    [marked], [expected] = doubtful([text], MODEL, config), doubtful([text], PURE, config)
    # Without it, one character of an encoding makes all of them possible; with it, a tenth as in a document.
    assert marked <= expected
    if not marked:
        assert_nothing_is_found(text, config)


def assert_nothing_is_found(text: str, config: Config) -> None:
    this = start_round(text, PURE, config)
    assert not any(found.steps or found.reported for found in (stage(this) for stage in _STAGES))


@needs_kernel
@thorough
@given(ANY_TEXT)
@example("Estа — «α» ☺☺☺☺ ababab 一丁丂七")
@example("A☺B☺☺C \ufffd\ufffd\U00020000\U000e0041")
def test_tracks_are_scored_alike(text: str) -> None:
    tracks = [code_points(text), code_points(text[1:] + "х")]
    for track, compiled, pure in zip(tracks, score_tracks(tracks, MODEL), score_tracks(tracks, PURE), strict=True):
        assert np.array_equal(compiled, pure)
        assert np.array_equal(as_it_stands(track, compiled, MODEL), as_it_stands(track, pure, PURE))


@needs_kernel
def test_clean_documents_of_many_lines_are_passed_over_as_they_are_by_the_stages() -> None:
    for language, lines in LINES.items():
        text = "\n".join(lines)
        this = start_round(text, PURE, Config())
        found = [stage(this) for stage in _STAGES]
        if any(stage.steps or stage.reported for stage in found):
            assert doubtful([text], MODEL, Config()) == [True], language


@needs_kernel
def test_damaged_sentences_are_doubtful_with_the_kernel_where_they_are_without() -> None:
    rng = random.Random(7)
    damaged = []
    for name in DAMAGES:
        for line in rng.sample(LINES["zh-Hans"] + LINES["zh-Hant"] + LINES["ja"] + LINES["ko"], 6):
            outcome = DAMAGES[name](line, rng)
            damaged += [outcome[0]] if outcome else []
    assert_none_is_passed_over(damaged)


@needs_kernel
@pytest.mark.parametrize("language", ["de", "fr", "ru", "vi", "en"])
def test_misread_lines_of_alphabets_are_doubtful_with_the_kernel_where_they_are_without(language: str) -> None:
    rng = random.Random(language)
    damaged = []
    for spec in ("utf-8>cp1252", "utf-8>gbk", "cp1252>mac-roman", "cp1251>koi8-r", "cp1250>cp1252", "cp1258>cp1252"):
        damage = misread_chain(chain_of(spec))
        for line in rng.sample(LINES[language], 3):
            half = len(line) // 2
            damaged += [line[:half] + outcome[0] for outcome in [damage(line[half:], rng)] if outcome]
    assert_none_is_passed_over(damaged)


def assert_none_is_passed_over(damaged: list[str]) -> None:
    marked = doubtful(damaged, MODEL, Config())
    for text, mark in zip(damaged, marked, strict=True):
        if not mark and doubtful([text], PURE, Config()) == [True]:
            assert_nothing_is_found(text, Config())
    assert sum(marked) > len(damaged) / 2


def utf8_flags(rows: list[bytes]) -> list[int]:
    data = np.frombuffer(b"".join(rows) + b"\0", np.uint8)
    offsets = np.cumsum([0, *map(len, rows)])
    return look_at_utf8(data.ctypes.data, offsets, MODEL, unescape="auto", readings=True).tolist()


@needs_kernel
@thorough
@given(st.lists(ANY_TEXT.filter(lambda text: text.isascii() or text.encode(errors="replace").decode() == text)))
def test_rows_of_utf8_and_of_code_points_look_alike(rows: list[str]) -> None:
    points = np.frombuffer("".join(rows).encode("utf-32-le"), np.uint32)
    wide = look_at_points(points, map(len, rows), MODEL, unescape="auto", readings=True)
    assert utf8_flags([row.encode() for row in rows]) == wide.tolist()


@needs_kernel
@thorough
@given(st.text(st.sampled_from("a ?)b(&#;~{$B\x0e\x1b(I\n1"), max_size=60))
@example("what?abc) x")
@example("x" * 15 + "?")
@example("x" * 15 + "&" + "#20013;")
def test_rows_of_ascii_look_alike_in_both(text: str) -> None:
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    wide = look_at_points(points, [len(text)], MODEL, unescape="auto", readings=True)
    assert utf8_flags([text.encode()]) == wide.tolist()


@needs_kernel
@thorough
@given(st.binary(max_size=40))
@example("中".encode()[:2])
@example("😀".encode()[:3])
@example(b"\xed\xa0\x80")
@example(b"\xc0\x80")
@example(b"\xf4\x90\x80\x80")
@example(b"ab\xe4\n\xb8\xad")
def test_bytes_are_known_to_be_utf8_or_not(data: bytes) -> None:
    # A row that comes behind must not lend its bytes.
    flags = utf8_flags([data, "丁".encode()])[0]
    try:
        data.decode()
    except UnicodeDecodeError:
        assert flags & RowFlag.INVALID
    else:
        assert not flags & RowFlag.INVALID


@needs_kernel
def test_very_long_lines_and_many_rows_are_looked_at() -> None:
    clean = "".join(LINES["zh-Hans"]) * 50
    broken = "".join(LINES["zh-Hans"]).encode().decode("gbk", "replace")
    assert utf8_flags([clean.encode()]) == [0]
    assert utf8_flags([(clean + broken).encode()])[0] & RowFlag.UNLIKELY
    assert utf8_flags([b""] * 1000 + [broken.encode()])[:1000] == [0] * 1000


@pytest.mark.skipif(os.name != "posix", reason="compilers of POSIX")
@pytest.mark.parametrize("compiler", ["no-such-compiler", "false"])
def test_without_a_compiler_that_works_the_package_is_built_without_the_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiler: str
) -> None:
    monkeypatch.setenv("CC", compiler)
    monkeypatch.delenv(SWITCH, raising=False)
    assert not build_kernel.compile_kernel(tmp_path / "kernel.so")
    assert list(tmp_path.iterdir()) == []


@needs_kernel
@pytest.mark.skipif(not (Path(kernel.__file__).parent / kernel.SOURCES[0]).exists(), reason="no sources beside it")
def test_a_kernel_of_other_sources_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kernel.load_kernel.__wrapped__() is not None
    monkeypatch.setattr(kernel, "sources_crc", lambda _: 0)
    assert kernel.load_kernel.__wrapped__() is None


def test_a_batch_gives_the_same_without_the_kernel() -> None:
    rng = random.Random(3)
    damaged = [outcome[0] for name in DAMAGES if (outcome := DAMAGES[name](rng.choice(LINES["zh-Hans"]), rng))]
    rows = [*LINES["zh-Hans"][:20], *damaged[:12], *LINES["ja"][:20]]
    script = (
        "import sys; from mojibake_fix import fix_many; from mojibake_fix.model.kernel import load_kernel\n"
        "assert load_kernel() is None\n"
        "sys.stdout.write('\\0'.join(fix_many(sys.stdin.read().split('\\0'))))"
    )
    environment = {**os.environ, SWITCH: "off", "PYTHONUTF8": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", script], input="\0".join(rows), capture_output=True, encoding="utf-8", check=True,
        env=environment,
    )  # fmt: skip
    assert done.stdout.split("\0") == fix_many(rows)


@st.composite
def lattices(draw: st.DrawFn) -> tuple[list[Lattice], DocumentCache]:
    """Spans of a few sentences as the search sees them: bytes lost or shifted, brackets, a document beside them."""
    name = draw(st.sampled_from(["gbk", "cp950", "cp932", "cp949"]))
    language = {"gbk": "zh-Hans", "cp950": "zh-Hant", "cp932": "ja", "cp949": "ko"}[name]
    beside = draw(st.lists(st.sampled_from(LINES[language]), max_size=4))
    forms = document_forms(code_points("".join(beside)), MODEL)
    cache = document_cache(MODEL.fold("\n".join(beside)))
    found = []
    for line in draw(st.lists(st.sampled_from(LINES[language]), min_size=1, max_size=3)):
        cut = draw(st.integers(0, 8))
        marks = draw(st.lists(st.integers(0, 11), max_size=3))
        span = "".join("?" if place in marks else char for place, char in enumerate(line[cut : cut + 12]))
        arcs = observed_arcs(
            span,
            name,
            drops=draw(st.booleans()),
            events=draw(st.lists(st.integers(0, 11), max_size=3)),
            lost_tail=draw(st.booleans()),
        )
        context = Context(draw(st.sampled_from(["", "他说：“", line[:cut]])), line[cut + 12 :], forms, cache)
        found.append(Lattice(arcs, automaton(name), context, folded=draw(st.booleans())))
    return found, cache


@needs_kernel
@thorough
@given(lattices())
def test_the_search_finds_what_numpy_finds(drawn: tuple[list[Lattice], DocumentCache]) -> None:
    spans, cache = drawn
    for compiled, pure in zip(best_paths_many(spans, MODEL), best_paths_many(spans, PURE), strict=True):
        scores = [path.score for path in compiled]
        assert scores == pytest.approx([path.score for path in pure], abs=1e-3)
        if not cache.keys2.size:
            assert compiled == pure
        # The logarithms of a document's cache differ in their last bit, so that those as likely may change places.
        apart = all(one - other > 1e-3 for one, other in itertools.pairwise(scores))
        assert not apart or [(path.text, path.restored) for path in compiled[:-1]] == [
            (path.text, path.restored) for path in pure[:-1]
        ]
