"""File names that an archiver, a server or a disk gave in the wrong encoding, and what they were.

Names are short; those of a folder and what is below it, or of an archive, are judged together.
What a name may be is decided here; renaming is in :mod:`mojibake_fix.files.renaming`.
"""

from __future__ import annotations

import os
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mojibake_fix.config import Config
from mojibake_fix.encodings import Encoding, lookup, text_encoding
from mojibake_fix.errors import UnknownEncodingError
from mojibake_fix.files.discovery import DEFAULT_EXCLUDES
from mojibake_fix.plan import Misread, Step

__all__ = ["TrueName", "names_in_folder", "names_in_zip", "true_names"]

_EXCLUDED = frozenset(pattern.rstrip("/") for pattern in DEFAULT_EXCLUDES)

_UTF8_FLAG = 0x800
_UNICODE_PATH = 0x7075


@dataclass(frozen=True, slots=True)
class TrueName:
    """What a name was, and what happened to it."""

    text: str
    what: str


def names_in_folder(root: Path) -> Iterator[Path]:
    """Yield what is below ``root``, each folder after what is in it; caches, repositories and the like left out."""
    with os.scandir(root) as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name in _EXCLUDED:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from names_in_folder(Path(entry.path))
        yield Path(entry.path)


def names_in_zip(path: Path) -> list[str]:
    """Return the names in the archive as it spells them: bytes that it says no encoding of are lone surrogates.

    Raises:
        OSError: It cannot be read.
        zipfile.BadZipFile: It is no zip archive.
    """
    with zipfile.ZipFile(path) as archive:
        return [_spelt(entry) for entry in archive.infolist()]


def true_names(names: Sequence[str], config: Config, encoding: str | None = None) -> dict[str, TrueName]:
    """Return what those of ``names`` that are damaged were.

    Args:
        names: Names without their folders, as Python has them: bytes that are no text are lone surrogates.
        config: How sure to be.
        encoding: True encoding of bytes that are no text; None finds out by the model.
    """
    found = _decoded([name for name in names if not _is_text(name)], config, encoding)
    found |= _repaired([name for name in dict.fromkeys(names) if _is_text(name) and not name.isascii()], config)
    return {name: true for name, true in found.items() if true.text != name}


def _is_text(name: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _repaired(names: Sequence[str], config: Config) -> dict[str, TrueName]:
    """Names that are text: what the engine makes of them all, a line each."""
    from mojibake_fix.engine import fix_and_explain

    lines = [name for name in names if "\n" not in name and "\r" not in name]
    if not lines:
        return {}
    repair = fix_and_explain("\n".join(lines), config)
    texts = repair.text.split("\n")
    if len(texts) != len(lines):
        return {}
    found = {}
    for line, text in zip(lines, texts, strict=True):
        if line != text:
            chain = next((step.channel for step in repair.plan if step.before in line and step.channel), ())
            found[line] = TrueName(text, ", ".join(map(str, chain)) or "damaged")
    return _by_agreement(lines, repair.plan.steps) | found


def _by_agreement(lines: Sequence[str], made: Sequence[Step]) -> dict[str, TrueName]:
    """Names too short to be sure of alone, which say more when they are read as some of the others were.

    Archives of several countries may lie in one folder: of the chains that others show, the one that says most counts.
    """
    chains = Counter(step.channel for step in made if step.lossless and step.channel)
    if not chains:
        return {}
    from mojibake_fix.model import load_model

    undone = {(line, chain): _undone(line, chain) for line in lines for chain in chains}
    texts = [*dict.fromkeys((*lines, *(text for text in undone.values() if text is not None)))]
    scores = dict(zip(texts, load_model().score(texts).tolist(), strict=True))
    found: dict[str, TrueName] = {}
    for line in lines:
        best = line
        for chain, _ in chains.most_common():
            text = undone[line, chain]
            if text is not None and scores[text] > scores[best]:
                best = text
                found[line] = TrueName(text, ", ".join(map(str, chain)))
    return found


def _undone(text: str, chain: Sequence[Misread]) -> str | None:
    """``text`` as it was before ``chain`` happened to it; None if it cannot have."""
    found: str | None = text
    for link in reversed(chain):
        data = None if found is None else lookup(link.read_as).encode(found)
        found = None if data is None else lookup(link.encoding).decode(data)
    return found


def _decoded(names: Sequence[str], config: Config, encoding: str | None) -> dict[str, TrueName]:
    """Names that are bytes: their text in the one encoding in which they say most."""
    raw = {name: os.fsencode(name) for name in names}
    if not raw:
        return {}
    row = text_encoding(encoding) if encoding is not None else _detected(list(raw.values()), config)
    if row is None:
        return {}
    decoded = {name: row.decode(data) for name, data in raw.items()}
    return {name: TrueName(text, row.name) for name, text in decoded.items() if text is not None}


def _detected(names: Sequence[bytes], config: Config) -> Encoding | None:
    from mojibake_fix.detect.encoding import detect

    found = detect(b"\n".join(names))
    if found.encoding is None or found.mixed or found.confidence < config.min_confidence:
        return None
    try:
        return text_encoding(found.encoding)
    except UnknownEncodingError:
        return None


def _spelt(entry: zipfile.ZipInfo) -> str:
    name = entry.orig_filename
    if entry.flag_bits & _UTF8_FLAG:
        return name
    return _unicode_path(entry.extra) or os.fsdecode(name.encode("cp437", "replace"))


def _unicode_path(extra: bytes) -> str | None:
    """The name in the field that Info-ZIP adds for it: version, checksum of the other name, UTF-8."""
    while len(extra) >= 4:
        kind, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        if kind == _UNICODE_PATH and size > 5:
            return extra[9 : 4 + size].decode("utf-8", "surrogateescape")
        extra = extra[4 + size :]
    return None
