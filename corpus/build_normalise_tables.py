"""Build the tables of ``mojibake_fix/data`` that the normaliser has from Unicode.

equivalent-ideographs.bin: the ideograph of each radical; readings.bin: how ideographs are read in Japanese and Korean.

    python corpus/build_normalise_tables.py [--ucd DIR] [--check]

``DIR`` holds Unicode's data files, by default where Debian's package ``unicode-data`` puts them.
``--check`` writes nothing and exits 1 if a file would change.  Running it again gives the same bytes.
"""

from __future__ import annotations

import argparse
import bz2
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mojibake_fix.encodings import datafile

DATA = Path(__file__).resolve().parent.parent / "src" / "mojibake_fix" / "data"
UCD = Path("/usr/share/unicode")
SOURCE = "EquivalentUnifiedIdeograph.txt"


def rows(text: str) -> Iterator[tuple[int, int]]:
    """Yield each character of the file with the ideograph that it is equivalent to."""
    for line in text.splitlines():
        fields = line.partition("#")[0].split(";")
        if len(fields) == 2:
            low, _, high = fields[0].strip().partition("..")
            for point in range(int(low, 16), int(high or low, 16) + 1):
                yield point, int(fields[1], 16)


def romaji_to_hiragana(romaji: str) -> str | None:
    """Return ``romaji`` (Hepburn, as Unihan has it) in hiragana; None where it is no Japanese."""
    kana: list[str] = []
    rest = romaji.lower()
    while rest:
        if len(rest) > 1 and rest[0] == rest[1] and rest[0] not in "aeioun":
            kana.append("っ")
            rest = rest[1:]
            continue
        if rest.startswith("tch"):
            kana.append("っ")
            rest = rest[1:]
        for length in (3, 2, 1):
            if rest[:length] in KANA:
                kana.append(KANA[rest[:length]])
                rest = rest[length:]
                break
        else:
            return None
    return "".join(kana)


def _kana() -> dict[str, str]:
    rows = {
        "": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの",
        "h": "はひふへほ", "m": "まみむめも", "r": "らりるれろ", "g": "がぎぐげご", "z": "ざじずぜぞ",
        "d": "だぢづでど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ",
    }  # fmt: skip
    table = {row + vowel: kana for row, line in rows.items() for vowel, kana in zip("aiueo", line, strict=True)}
    table |= {"shi": "し", "chi": "ち", "tsu": "つ", "fu": "ふ", "ji": "じ", "ya": "や", "yu": "ゆ", "yo": "よ"}
    table |= {"wa": "わ", "wo": "を", "wi": "ゐ", "we": "ゑ", "n": "ん", "n'": "ん", "dzu": "づ", "dji": "ぢ"}
    for stem, kana in (("ky", "き"), ("sh", "し"), ("ch", "ち"), ("ny", "に"), ("hy", "ひ"), ("my", "み"), ("ry", "り"),
                       ("gy", "ぎ"), ("j", "じ"), ("by", "び"), ("py", "ぴ")):  # fmt: skip
        table |= {stem + vowel: kana + small for vowel, small in zip("auo", "ゃゅょ", strict=True)}
    return table


KANA = _kana()


def build_readings(ucd: Path) -> bytes:
    """Return the contents of readings.bin."""
    packed = (ucd / "Unihan_Readings.txt.bz2").read_bytes()
    text = bz2.decompress(packed).decode("utf-8")
    found: dict[str, tuple[set[str], str]] = {}
    for line in text.splitlines():
        if not line.startswith("U+"):
            continue
        point, field, value = line.split("\t")
        character = chr(int(point[2:], 16))
        kana, hangul = found.get(character, (set(), ""))
        if field in ("kJapaneseOn", "kJapaneseKun"):
            kana |= {hiragana for romaji in value.split() if (hiragana := romaji_to_hiragana(romaji))}
        elif field == "kHangul":
            hangul = "".join(part.partition(":")[0] for part in value.split())
        found[character] = kana, hangul
    lines = [
        f"{character}\t{' '.join(sorted(kana))}\t{hangul}\n"
        for character, (kana, hangul) in sorted(found.items())
        if (kana or hangul) and ord(character) < 0x10000
    ]
    header = {
        "name": "readings",
        "layout": "UTF-8 lines: ideograph, tab, Japanese readings in hiragana, tab, Korean readings",
        "source": "Unicode Character Database, Unihan_Readings.txt: kJapaneseOn, kJapaneseKun, kHangul; version of "
        + _version(ucd),
        "source_sha256": hashlib.sha256(packed).hexdigest(),
        "licence": "Unicode-3.0",
        "count": len(lines),
    }
    return datafile.pack("".join(lines).encode(), header)


def _version(ucd: Path) -> str:
    return (ucd / SOURCE).read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")


def build_ideographs(ucd: Path) -> bytes:
    """Return the contents of equivalent-ideographs.bin."""
    source = (ucd / SOURCE).read_bytes()
    text = source.decode("utf-8")
    pairs = np.array(sorted(rows(text)), "<u4")
    header = {
        "name": "equivalent-ideographs",
        "layout": "uint32[n, 2]: a radical or stroke, and the unified ideograph that it is equivalent to",
        "source": f"Unicode Character Database, {text.partition(chr(10))[0].lstrip('# ')}",
        "source_sha256": hashlib.sha256(source).hexdigest(),
        "licence": "Unicode-3.0",
        "count": len(pairs),
    }
    return datafile.pack(pairs.tobytes(), header)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ucd", type=Path, default=UCD, help="folder of Unicode's data files")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the file would change")
    arguments = parser.parse_args()
    changed = False
    for name, build in (("equivalent-ideographs.bin", build_ideographs), ("readings.bin", build_readings)):
        path = DATA / name
        content = build(arguments.ucd)
        same = path.exists() and path.read_bytes() == content
        changed |= not same
        print(f"{name}: {len(content)} bytes, {'unchanged' if same else 'changed'}")
        if not arguments.check and not same:
            path.write_bytes(content)
    return int(arguments.check and changed)


if __name__ == "__main__":
    sys.exit(main())
