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
from mojibake_fix.encodings import ENCODINGS, Encoding, lookup
from mojibake_fix.files.discovery import DEFAULT_EXCLUDES
from mojibake_fix.plan import Misread, Step

__all__ = ["TrueName", "names_in_folder", "names_in_zip", "true_names"]

_EXCLUDED = frozenset(pattern.rstrip("/") for pattern in DEFAULT_EXCLUDES)

_MARGIN = 12.0
"""Nats by which the best encoding of raw names must lead the next: one in 160,000 is wrong if the model is right."""

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
    found = _decoded([name for name in names if not _is_text(name)], encoding)
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
    return _by_agreement(lines, repair.plan.steps, repair.plan.reported) | found


def _by_agreement(lines: Sequence[str], made: Sequence[Step], reported: Sequence[Step]) -> dict[str, TrueName]:
    """Names too short to be sure of alone, misread exactly as their neighbours were."""
    chains: Counter[tuple[Misread, ...]] = Counter(step.channel for step in made if step.lossless and step.channel)
    if not chains:
        return {}
    ((chain, _), *_) = chains.most_common(1)
    certain = {step.before: step.after for step in reported if step.channel == chain and step.lossless}
    found = {}
    for line in lines:
        text = line
        for before, after in certain.items():
            text = text.replace(before, after)
        if text != line:
            found[line] = TrueName(text, ", ".join(map(str, chain)))
    return found


def _decoded(names: Sequence[str], encoding: str | None) -> dict[str, TrueName]:
    """Names that are bytes: their text in the one encoding in which they say most."""
    raw = {name: os.fsencode(name) for name in names}
    if not raw:
        return {}
    row = lookup(encoding) if encoding is not None else _likeliest(list(raw.values()))
    if row is None:
        return {}
    decoded = {name: row.decode(data) for name, data in raw.items()}
    return {name: TrueName(text, row.name) for name, text in decoded.items() if text is not None}


def _likeliest(names: Sequence[bytes]) -> Encoding | None:
    from mojibake_fix.model import load_model

    model = load_model()
    candidates: dict[str, tuple[float, Encoding]] = {}
    for row in ENCODINGS.values():
        if row.structure not in ("single", "multi"):
            continue
        texts = [row.decode(name) for name in names]
        known = [text for text in texts if text is not None]
        if len(known) == len(texts) and not any(map(_has_controls, known)):
            candidates.setdefault("\n".join(known), (float(model.score(known).sum()), row))
    ranked = sorted(candidates.values(), key=lambda candidate: -candidate[0])
    if not ranked or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < _MARGIN):
        return None
    return ranked[0][1]


def _has_controls(text: str) -> bool:
    return any(character < " " or "\x7f" <= character < "\xa0" for character in text)


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
