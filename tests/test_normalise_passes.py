"""The passes over all characters give with the kernel what they give without it, and the table of kinds is right."""

from __future__ import annotations

import itertools
import sys
import unicodedata

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mojibake_fix.model import code_points
from mojibake_fix.model.kernel import load_kernel
from mojibake_fix.normalise import passes
from mojibake_fix.normalise.characters import Kind, kinds
from mojibake_fix.normalise.edits import Edit, Edits

KERNEL = load_kernel()
needs_kernel = pytest.mark.skipif(KERNEL is None, reason="no kernel was built, or none is wanted")
TEXTS = st.lists(
    st.one_of(
        st.text(max_size=8), st.sampled_from(["中文", "カナ", "한", "abc", "12", "\n", "\n\n", "，。", "(", "\ud800"])
    ),
    max_size=30,
).map("".join)


@needs_kernel
@settings(deadline=None)
@given(TEXTS, st.integers(0, 0xFFFF_FFFF), st.integers(0, 0xFFFF_FFFF))
@example("", 1, 2)
@example("\n", 0xFFFF_FFFF, 0xFFFF_FFFF)
@example("a中" * 40 + "\nb", Kind.HAN, Kind.LETTER)
def test_a_text_is_looked_at_alike(text: str, one: int, other: int) -> None:
    points, table = code_points(text), kinds()
    compiled, pure = (passes.classify(points, table, one, one & other, kernel) for kernel in (KERNEL, None))
    assert compiled.present == pure.present
    for name in ("padded", "marks", "rare", "starts", "by_line"):
        assert getattr(compiled, name).tolist() == getattr(pure, name).tolist()
    classes = pure.padded[1:-1]
    ends = np.append(pure.starts[1:], len(text))
    for kernel in (KERNEL, None):
        meetings = passes.meetings(classes, table.bits, one, other, kernel)
        bits = table.bits[classes].tolist()
        pairs = enumerate(itertools.pairwise(bits), 1)
        assert meetings.tolist() == [i for i, (a, b) in pairs if (a & one and b & other) or (a & other and b & one)]
        counts = passes.count(classes, table.bits, pure.starts, ends, one, kernel)
        spans = zip(pure.starts.tolist(), ends.tolist(), strict=True)
        assert counts.tolist() == [sum(bool(own & one) for own in bits[start:end]) for start, end in spans]


@settings(deadline=None)
@given(st.data(), TEXTS)
def test_edits_are_made_alike(data: st.DataObject, text: str) -> None:
    places = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=12)))
    spans = list(zip(places[::2], places[1::2], strict=False))
    edits = [Edit(start, end, data.draw(st.text(max_size=3))) for start, end in spans]
    expected, position = "", 0
    for start, end, after in edits:
        expected += text[position:start] + after
        position = end
    expected += text[position:]
    if edits:
        for kernel in (KERNEL, None):
            assert passes.splice(code_points(text), Edits.of(edits), kernel).tolist() == list(map(ord, expected))


def test_what_is_taken_for_stable_stays_in_nfc_whatever_stands_before_it() -> None:
    behind = {*map(chr, (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)))}
    for character in map(chr, range(sys.maxunicode + 1)):
        parts = unicodedata.decomposition(character).split()
        if parts and not parts[0].startswith("<"):
            behind |= {chr(int(part, 16)) for part in parts[1:]}
    table = kinds()
    stable = np.flatnonzero(table.bits[table.classes] & np.uint32(Kind.UNSTABLE) == 0)
    assert len(stable) > 50_000
    for character in map(chr, stable.tolist()):
        assert character not in behind
        assert not unicodedata.combining(character)
        assert unicodedata.is_normalized("NFC", character)
