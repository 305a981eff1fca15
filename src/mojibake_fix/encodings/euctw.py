"""EUC-TW, for which Python has no codec: CNS 11643 planes from a table, walked with arrays.

ASCII is one byte, plane 1 two bytes (A1-FE each), and every plane four: 8E, A0 + plane, two bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mojibake_fix.encodings import datafile

__all__ = ["PLANES", "EucTw", "cns_table"]

PLANES = 16
_SIDE = 94
_SS2 = 0x8E


@lru_cache(maxsize=1)
def cns_table() -> NDArray[np.uint32]:
    """Return CNS 11643 as code points: uint32[16 planes, 94 rows, 94 columns], 0 where there is none.

    Raises:
        ModelFormatError: The table's file is damaged.
    """
    _, payload = datafile.read("euc-tw.bin")
    split = np.frombuffer(payload, np.uint8).reshape(3, -1).astype(np.uint32)
    table: NDArray[np.uint32] = (split[0] << 16 | split[1] << 8 | split[2]).reshape(PLANES, _SIDE, _SIDE)
    table.setflags(write=False)
    return table


@lru_cache(maxsize=1)
def _code_of_point() -> NDArray[np.uint32]:
    """Code point → canonical code, big-endian (the lowest plane; plane 1 in two bytes): uint32, 0 for none."""
    flat = cns_table().ravel()
    cells = np.flatnonzero(flat)[::-1]
    pair = (0xA1 + cells // _SIDE % _SIDE) << 8 | (0xA1 + cells % _SIDE)
    plane = cells // (_SIDE * _SIDE)
    codes = np.zeros(int(flat.max()) + 1, np.uint32)
    codes[flat[cells]] = np.where(plane == 0, pair, _SS2 << 24 | (0xA1 + plane) << 16 | pair)
    codes[:0x80] = np.arange(0x80)
    return codes


class EucTw:
    """Both directions of EUC-TW; see :class:`mojibake_fix.encodings.transcode.Transcoder`."""

    __slots__ = ()

    def encode(self, text: str) -> bytes | None:
        if text.isascii():
            return text.encode("ascii")
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))
        known = _code_of_point()
        codes = known[np.minimum(points, len(known) - 1)]
        if int(points.max()) >= len(known) or not (codes.astype(bool) | (points == 0)).all():
            return None
        spread = codes.astype(">u4").view(np.uint8).reshape(-1, 4)
        used = spread != 0
        used[:, 3] = True
        return bytes(spread[used])

    def decode(self, data: bytes) -> str | None:
        if data.isascii():
            return data.decode("ascii")
        points = _decode_points(np.frombuffer(data, np.uint8))
        if points is None:
            return None
        return points.astype("<u4").tobytes().decode("utf-32-le")

    def decode_lossy(self, data: bytes, name: str, take: Callable[[bytes, int, int], tuple[str, int]]) -> str:
        whole = self.decode(data)
        if whole is not None:
            return whole
        pieces: list[str] = []
        position = 0
        while position < len(data):
            end = position + _code_length(data[position])
            char = _char(data[position:end])
            if char is None:
                # As CPython's EUC codecs do: one byte goes, or all that is left of a code that is cut off.
                char, end = take(data, position, position + 1 if end <= len(data) else len(data))
            pieces.append(char)
            position = end
        return "".join(pieces)


def _code_length(lead: int) -> int:
    if lead < 0x80:
        return 1
    return 4 if lead == _SS2 else 2


def _char(code: bytes) -> str | None:
    """The character of exactly one code, or None where it is cut off or undefined."""
    if len(code) != _code_length(code[0]):
        return None
    if len(code) == 1:
        return chr(code[0])
    cell = (code[1] - 0xA1 if len(code) == 4 else 0, code[-2] - 0xA1, code[-1] - 0xA1)
    if not all(0 <= value < size for value, size in zip(cell, (PLANES, _SIDE, _SIDE), strict=True)):
        return None
    return chr(int(cns_table()[cell])) if cns_table()[cell] else None


def _decode_points(data: NDArray[np.uint8]) -> NDArray[np.uint32] | None:
    """Return the code points of ``data`` (uint8[n]), or None where it is no EUC-TW."""
    padded = np.concatenate((data, np.zeros(3, np.uint8)))
    high = data >= 0x80
    quads = np.flatnonzero(data == _SS2)
    in_quad = np.zeros(len(data) + 3, bool)
    for offset in range(4):
        in_quad[quads + offset] = True
    if in_quad[len(data) :].any():
        return None
    paired = high & ~in_quad[: len(data)]
    index = np.arange(len(data))
    run_starts = paired & ~np.concatenate(([False], paired[:-1]))
    run_start = np.maximum.accumulate(np.where(run_starts, index, 0))
    second = paired & ((index - run_start) & 1 == 1)
    leads = np.flatnonzero(paired & ~second)
    if len(leads) and (leads[-1] + 1 == len(data) or not second[leads + 1].all()):
        return None
    points = data.astype(np.uint32)
    table = cns_table()
    for starts, plane, row in ((leads, None, 0), (quads, 1, 2)):
        planes = np.zeros(len(starts), np.int64) if plane is None else padded[starts + plane].astype(np.int64) - 0xA1
        rows = padded[starts + row].astype(np.int64) - 0xA1
        columns = padded[starts + row + 1].astype(np.int64) - 0xA1
        for values, size in ((planes, PLANES), (rows, _SIDE), (columns, _SIDE)):
            if ((values < 0) | (values >= size)).any():
                return None
        found = table[planes, rows, columns]
        if not found.all():
            return None
        points[starts] = found
    first = ~high
    first[leads] = True
    first[quads] = True
    return points[first]
