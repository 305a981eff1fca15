"""Who detects: this package and other charset detectors, each as a function from bytes to a name."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping

__all__ = ["Detector", "available_detectors"]

Detector = Callable[[bytes], "str | None"]


def _ours() -> Detector:
    from mojibake_fix import detect

    return lambda data: detect(data).encoding


def _charset_normalizer() -> Detector:
    from charset_normalizer import from_bytes

    def name(data: bytes) -> str | None:
        best = from_bytes(data).best()
        return None if best is None else best.encoding

    return name


def _chardet() -> Detector:
    chardet = importlib.import_module("chardet")
    return lambda data: chardet.detect(data)["encoding"]


def _chardetng() -> Detector:
    chardetng = importlib.import_module("chardetng_py")
    return lambda data: str(chardetng.detect(data))


def _cchardet() -> Detector:
    cchardet = importlib.import_module("cchardet")
    return lambda data: cchardet.detect(data)["encoding"]


_MAKERS: Mapping[str, Callable[[], Detector]] = {
    "ours": _ours,
    "charset-normalizer": _charset_normalizer,
    "chardet": _chardet,
    "chardetng": _chardetng,
    "cchardet": _cchardet,
}


def available_detectors(wanted: list[str] | None = None) -> dict[str, Detector]:
    """Return the detectors that are installed, or those of them that are ``wanted``, by name."""
    found: dict[str, Detector] = {}
    for name, make in _MAKERS.items():
        if wanted is None or name in wanted:
            try:
                found[name] = make()
            except ImportError:
                print(f"{name}: not installed")
    return found
