"""OpenCC behind one function, whichever of its two packages is installed.

The official package ``OpenCC`` has every configuration; ``opencc-python-reimplemented``, for platforms that the
official one has no wheel for, lacks six, of which four are made from its dictionaries.  Both install ``opencc``.
Not for deciding what is converted: :mod:`mojibake_fix.normalise.script`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path

from mojibake_fix.errors import ConfigError

__all__ = ["converter", "is_official"]

_UNENCODABLE = re.compile("([\ud800-\udfff\0]+)")
"""What the official package cannot be given: it takes UTF-8 and ends at a NUL in some versions."""

_OWN_DICTIONARIES = {
    # configuration, dictionary of the other package, whether it is read backwards
    "t2jp": ("JPVariants.txt", False),
    "jp2t": ("JPVariants.txt", True),
    "tw2t": ("TWVariantsRev.txt", False),
    "hk2t": ("HKVariantsRev.txt", False),
}

_THEMSELVES = frozenset("台煙才核吃針皂抬參著")
"""Forms of Taiwan and Hong Kong that are OpenCC's standard for other words, too (核 for 覈, but 核心): the official
package tells by phrases that the other lacks.  Left alone, 26 of its 35 cases come out right for it, not 19."""


@functools.lru_cache(maxsize=16)
def converter(config: str) -> Callable[[str], str]:
    """Return the conversion of that OpenCC configuration, such as ``"s2tw"``; it takes any string.

    Raises:
        ConfigError: OpenCC is not installed, or it lacks that configuration.
    """
    try:
        import opencc
    except ImportError as error:
        raise ConfigError("script needs OpenCC: pip install 'mojibake-fix[normalise]'") from error
    if not is_official() and config in _OWN_DICTIONARIES:
        table = _dictionary(Path(opencc.__file__).parent / "dictionary", config)
        return lambda text: text.translate(table)
    try:
        convert: Callable[[str], str] = opencc.OpenCC(config).convert
    except FileNotFoundError as error:
        raise ConfigError(f"this OpenCC has no conversion {config}: only the package OpenCC has it") from error

    def safely(text: str) -> str:
        if not _UNENCODABLE.search(text):
            return convert(text)
        pieces = _UNENCODABLE.split(text)
        pieces[::2] = [convert(piece) if piece else piece for piece in pieces[::2]]
        return "".join(pieces)

    return safely


@functools.lru_cache(maxsize=1)
def is_official() -> bool:
    """Whether the installed ``opencc`` is the official package.

    Raises:
        ModuleNotFoundError: Neither is installed.
    """
    import opencc

    return hasattr(opencc, "CONFIGS") or not (Path(opencc.__file__).parent / "dictionary").is_dir()


def _dictionary(folder: Path, config: str) -> dict[int, str]:
    name, backwards = _OWN_DICTIONARIES[config]
    table: dict[int, str] = {}
    for line in (folder / name).read_text(encoding="utf-8").splitlines():
        source, _, targets = line.partition("\t")
        target = targets.split(" ")[0]
        if backwards:
            source, target = target, source
        if len(source) == len(target) == 1 and source not in _THEMSELVES:
            table.setdefault(ord(source), target)
    return table
