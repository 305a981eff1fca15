"""VISCII 1.1 (RFC 1456), which Python has no codec for."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mojibake_fix.encodings.transcode import Take

__all__ = ["CHARACTERS", "NAME", "Viscii"]

NAME = "viscii"

_LOW = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}
_HIGH = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ"
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
CHARACTERS = "".join(_LOW.get(byte, chr(byte)) for byte in range(128)) + _HIGH
"""The character of each byte; all have one."""


class Viscii:
    """Both directions."""

    def __init__(self) -> None:
        self._codes = codecs.charmap_build(CHARACTERS)

    def encode(self, text: str) -> bytes | None:
        """Return the bytes of ``text``; None where a character has none."""
        try:
            return codecs.charmap_encode(text, "strict", self._codes)[0]
        except UnicodeEncodeError:
            return None

    def decode(self, data: bytes) -> str:
        """Return the text of ``data``: there always is one."""
        return codecs.charmap_decode(data, "strict", CHARACTERS)[0]

    def decode_lossy(self, data: bytes, name: str, take: Take) -> str:
        """Return the same: nothing is invalid."""
        return self.decode(data)
