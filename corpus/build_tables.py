"""Build the tables of ``mojibake_fix/data`` that belong to encodings: euc-tw.bin, repertoire.bin and codes.bin.

    python corpus/build_tables.py [--check]

``--check`` writes nothing and exits 1 if a file would change.  euc-tw.bin needs an ``iconv`` that knows EUC-TW
(glibc's or libiconv's); where there is none the stored table is kept.  Running it again gives the same bytes.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mojibake_fix.encodings import datafile, euctw
from mojibake_fix.encodings.registry import ENCODINGS, Encoding
from mojibake_fix.encodings.tables import FOURS_OF_BMP, REPERTOIRE_LIMIT, computed_encode_table, simple_encode_table

DATA = Path(__file__).resolve().parent.parent / "src" / "mojibake_fix" / "data"
ICONV_TARGET = "EUC-TW"


def build_euc_tw() -> bytes | None:
    """Return the contents of euc-tw.bin, or None where iconv cannot make them."""
    points = [point for point in range(0x80, 0x30000) if not 0xD800 <= point < 0xE000]
    lines = "\n".join(map(chr, points)).encode()
    # -c leaves out what the target lacks, so that its line is empty.
    command = ["iconv", "-c", "-f", "UTF-8", "-t", ICONV_TARGET]
    try:
        done = subprocess.run(command, input=lines, capture_output=True, check=False)
    except OSError:
        return None
    codes = done.stdout.split(b"\n")
    if len(codes) != len(points):
        return None
    table = np.zeros((euctw.PLANES, 94, 94), np.uint32)
    for point, code in zip(points, codes, strict=True):
        if code:
            plane = code[1] - 0xA1 if len(code) == 4 else 0
            table[plane, code[-2] - 0xA1, code[-1] - 0xA1] = point
    flat = table.ravel()
    split = np.concatenate([(flat >> shift & 0xFF).astype(np.uint8) for shift in (16, 8, 0)])
    header = {
        "name": "euc-tw",
        "layout": "uint8[3, 16, 94, 94]: high, middle and low byte of the code point at plane, row, column",
        "source": "CNS 11643 as the GNU C library's iconv maps EUC-TW (mapping facts only)",
        "count": int(np.count_nonzero(flat)),
    }
    return datafile.pack(split.tobytes(), header)


def build_repertoire() -> bytes:
    """Return the contents of repertoire.bin: for each code point the mask of encodings that produce it."""
    masks = np.zeros(REPERTOIRE_LIMIT, np.uint64)
    for encoding in ENCODINGS.values():
        encode = encoding.encode
        held = np.fromiter(
            (encode(chr(point)) is not None for point in range(REPERTOIRE_LIMIT)), bool, REPERTOIRE_LIMIT
        )
        masks |= held.astype(np.uint64) << np.uint64(encoding.bit)
    classes: NDArray[np.uint64]
    classes, ids = np.unique(masks, return_inverse=True)
    payload = classes.astype("<u8").tobytes() + ids.astype("<u2").tobytes()
    header = {
        "name": "repertoire",
        "layout": "uint64[classes] masks, uint16[code points from 0] class of each; bit n is encodings[n]",
        "source": "computed from the encoders of mojibake_fix.encodings",
        "classes": len(classes),
        "encodings": [e.name for e in sorted(ENCODINGS.values(), key=lambda e: e.bit)],
    }
    return datafile.pack(payload, header)


def build_codes() -> bytes:
    """Return the contents of codes.bin: what bytes, pairs and longer codes are, and the bytes of characters."""
    singles = {encoding.name: _byte_table(encoding) for encoding in ENCODINGS.values()}
    parts = {"singles": np.concatenate([*singles.values()])}
    codes = [e for e in ENCODINGS.values() if e.structure in ("single", "multi", "utf8")]
    for encoding in codes:
        pairs, table = _pair_table(encoding), computed_encode_table(encoding)
        if encoding.structure == "multi":
            parts[f"pairs/{encoding.name}"] = pairs
        points = np.flatnonzero(table != simple_encode_table(singles[encoding.name], pairs)).astype(np.uint32)
        parts[f"codes/{encoding.name}"] = np.diff(np.stack((points, table[points])), prepend=np.uint32(0))
    parts["triples/euc-jp"] = _triple_table(ENCODINGS["euc-jp"])
    parts["fours/gb18030"] = np.diff(_four_table(ENCODINGS["gb18030"]), prepend=np.uint32(0))
    header = {
        "name": "codes",
        "layout": "singles: uint32[encodings, 256], code points of bytes; pairs: uint32[65536], those of pairs; "
        "codes: uint32[2, n], code points and bytes of which these do not tell, each less the one before it; "
        "triples and fours: uint32[65536] and uint32[39420], as mojibake_fix.encodings.tables has them, the latter "
        "each less the one before it",
        "source": "computed from the decoders and encoders of mojibake_fix.encodings",
        "singles": list(singles),
        "codes": [encoding.name for encoding in codes],
    }
    return datafile.pack_parts({name: part.astype("<u4").tobytes() for name, part in parts.items()}, header)


def _byte_table(encoding: Encoding) -> NDArray[np.uint32]:
    # A byte that begins a longer code is none by itself.
    alone = set(range(0x100)).difference(encoding.leads) if encoding.structure != "wide" else ()
    return _points(0x100, {byte: encoding.decode(bytes((byte,))) for byte in alone})


def _pair_table(encoding: Encoding) -> NDArray[np.uint32]:
    codes = itertools.product(encoding.leads, encoding.trails)
    return _points(0x10000, {lead << 8 | trail: encoding.decode(bytes((lead, trail))) for lead, trail in codes})


def _triple_table(encoding: Encoding) -> NDArray[np.uint32]:
    ends = itertools.product(encoding.trails, encoding.trails)
    return _points(0x10000, {first << 8 | last: encoding.decode(bytes((0x8F, first, last))) for first, last in ends})


def _four_table(encoding: Encoding) -> NDArray[np.uint32]:
    letters, digits = range(0x81, 0xFF), range(0x30, 0x3A)
    codes = map(bytes, itertools.product(letters, digits, letters, digits))
    return _points(FOURS_OF_BMP, dict(enumerate(map(encoding.decode, itertools.islice(codes, FOURS_OF_BMP)))))


def _points(size: int, texts: Mapping[int, str | None]) -> NDArray[np.uint32]:
    """Those of ``texts`` that are one character, by their numbers: uint32[size]."""
    table = np.zeros(size, np.uint32)
    for number, text in texts.items():
        if text is not None and len(text) == 1:
            table[number] = ord(text)
    return table


BUILT = {"euc-tw.bin": build_euc_tw, "repertoire.bin": build_repertoire, "codes.bin": build_codes}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file would change")
    check: bool = parser.parse_args().check
    changed = False
    for name, build in BUILT.items():
        content = build()
        path = DATA / name
        if content is None:
            print(f"{name}: kept, no iconv here knows {ICONV_TARGET}", file=sys.stderr)
            continue
        same = path.exists() and path.read_bytes() == content
        changed |= not same
        print(f"{name}: {len(content)} bytes, {'unchanged' if same else 'changed'}")
        if not check and not same:
            path.write_bytes(content)
    return int(check and changed)


if __name__ == "__main__":
    sys.exit(main())
