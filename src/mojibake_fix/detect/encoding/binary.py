"""Tell data that is no text: by the magic numbers of common formats, and by its control bytes.

A third sign is the language model's (a text costs less than the 5.5 nats a byte of noise): the detector has that.
"""

from __future__ import annotations

__all__ = ["BINARY_CONTROLS", "NOISE", "control_share", "magic_format"]

NOISE = 5.545
"""Nats a byte, ln 256: what data costs that nothing is known about."""

BINARY_CONTROLS = 0.08
"""Share of control characters from which data is no text."""

_MAGIC = (
    (b"\x89PNG\r\n", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"), (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"), (b"\x1f\x8b\x08", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf'\x1c", "7-Zip"), (b"Rar!\x1a\x07", "RAR"), (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"\x7fELF", "ELF"), (b"MZ\x90\x00", "Windows executable"), (b"\xcf\xfa\xed\xfe", "Mach-O"),
    (b"\xca\xfe\xba\xbe", "Java class"), (b"\x00asm", "WebAssembly"), (b"%PDF-", "PDF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLE document"), (b"SQLite format 3\x00", "SQLite"),
    (b"OggS\x00", "Ogg"), (b"fLaC\x00", "FLAC"), (b"ID3\x03", "MP3"), (b"ID3\x04", "MP3"), (b"wOFF", "WOFF"),
    (b"wOF2", "WOFF2"), (b"\x00\x01\x00\x00\x00", "TrueType"), (b"OTTO\x00", "OpenType"), (b"PAR1\x15", "Parquet"),
    (b"\x93NUMPY", "NumPy array"), (b"II*\x00", "TIFF"), (b"MM\x00*", "TIFF"), (b"\x1a\x45\xdf\xa3", "Matroska"),
)  # fmt: skip

_BEGINNINGS = tuple(magic for magic, _ in _MAGIC)

_CONTROLS = bytes([*range(0x07), *range(0x0E, 0x1A), 0x1C, 0x1D, 0x1E, 0x1F, 0x7F])
"""Control characters that text files do not hold; NUL is among them, escape, tab, bell and the line ends are not."""


def magic_format(data: bytes) -> str | None:
    """Return the format that the first bytes of ``data`` say it is in, None for text and for what is not known."""
    if data.startswith(_BEGINNINGS):
        return next(name for magic, name in _MAGIC if data.startswith(magic))
    if data[:4] == b"RIFF" and data[8:12] in (b"WAVE", b"AVI ", b"WEBP"):
        return data[8:12].decode("ascii").strip()
    if data[4:8] == b"ftyp" and data[:2] == b"\0\0":
        return "MP4"
    return None


def control_share(data: bytes) -> float:
    """Return the share of control bytes in ``data``, 0 to 1."""
    return 1 - len(data.translate(None, _CONTROLS)) / max(len(data), 1)
