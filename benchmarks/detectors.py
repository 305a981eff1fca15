"""Who detects: this package and other charset detectors, each as a function from bytes to a name."""

from __future__ import annotations

import ctypes
import ctypes.util
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


def _uchardet() -> Detector:
    """The C library, which has no package: of Debian's ``libuchardet0``."""
    found = ctypes.util.find_library("uchardet")
    if found is None:
        raise ImportError("uchardet")
    library = ctypes.CDLL(found)
    library.uchardet_new.restype = ctypes.c_void_p
    library.uchardet_get_charset.restype = ctypes.c_char_p
    for name in ("uchardet_get_charset", "uchardet_data_end", "uchardet_delete"):
        getattr(library, name).argtypes = [ctypes.c_void_p]
    library.uchardet_handle_data.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]

    def name(data: bytes) -> str | None:
        handle = library.uchardet_new()
        library.uchardet_handle_data(handle, data, len(data))
        library.uchardet_data_end(handle)
        charset: bytes = library.uchardet_get_charset(handle)
        library.uchardet_delete(handle)
        return charset.decode() or None

    return name


_MAKERS: Mapping[str, Callable[[], Detector]] = {
    "ours": _ours,
    "charset-normalizer": _charset_normalizer,
    "chardet": _chardet,
    "chardetng": _chardetng,
    "cchardet": _cchardet,
    "uchardet": _uchardet,
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
