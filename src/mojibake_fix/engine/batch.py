"""The quick look at many texts: which of them have anything that a stage would look at.

All texts of a batch are scanned at once, and only what is marked takes the slow way, text by text.  A text that this
lets pass is one in which no stage finds a step, so that a batch gives what its texts give one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from mojibake_fix import windows
from mojibake_fix.config import Config
from mojibake_fix.detect.escapes import find_escapes
from mojibake_fix.detect.misaligned import MisalignedRegion, SuspectLine, find_misaligned
from mojibake_fix.detect.round_trip import find_written_back
from mojibake_fix.detect.rows import RowFlag, look_at_points, look_at_utf8
from mojibake_fix.detect.scan import Suspicion, scan
from mojibake_fix.engine.suspects import misread_lines, misread_texts
from mojibake_fix.lazy import lazy_pattern
from mojibake_fix.model import NgramModel, code_points

__all__ = ["batches", "doubtful", "doubtful_utf8", "lets_pass"]

_BATCH = 1 << 20
"""Characters scanned at once: enough to make the arrays' overhead small, few enough to stay in the cache."""
_READING_LIKE = lazy_pattern("[^\\x00-\\x7f][(（][a-zà-ǜńňǹḿ]{1,6}[)）]|[?\ufffd][a-zà-ǜńňǹḿ]{1,6}[)）]")
"""Every gloss looks like this, and so do other words in parentheses."""
_SURE = RowFlag.READING | RowFlag.SHIFTED | RowFlag.INVALID | RowFlag.LETTER | RowFlag.WRITTEN


def batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Part ``texts`` into lists of about a million characters."""
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def doubtful(texts: Sequence[str], model: NgramModel, config: Config) -> list[bool]:
    """Tell which of ``texts`` some stage may find something in."""
    if model.compiled is None:
        return _doubtful_pure(texts, model, config)
    points = code_points("".join(texts))
    flags = look_at_points(points, map(len, texts), model, unescape=config.unescape, readings=config.glosses)
    # What of a long text is passed over is told window by window.
    marked = [len(text) > windows.WINDOW for text in texts]
    rows = np.flatnonzero(flags).tolist()
    doubts = _are_doubtful(flags[rows].tolist(), [texts[row] for row in rows], model, config)
    for row, doubt in zip(rows, doubts, strict=True):
        marked[row] = marked[row] or doubt
    return marked


def lets_pass(text: str, model: NgramModel, config: Config) -> bool:
    """Tell whether a quick look shows that no stage would find anything in ``text``; False where none is quick.

    That holds for a document in which no stream has been found astride its characters: such a one is looked at more
    closely.
    """
    return model.compiled is not None and not doubtful([text], model, config)[0]


def doubtful_utf8(
    address: int, offsets: npt.NDArray[np.int64], text_of: Callable[[int], str], model: NgramModel, config: Config
) -> list[tuple[int, str]]:
    """Return which rows of a buffer of UTF-8 some stage may find something in, and their texts.

    Args:
        address: Of the buffer.
        offsets: Where each row begins, and where the last one ends, in bytes: ``int64[rows + 1]``.
        text_of: Decodes a row; only those are decoded that have something to look at.
        model: A model that has a compiled form.
        config: What a stage would look for.
    """
    flags = look_at_utf8(address, offsets, model, unescape=config.unescape, readings=config.glosses)
    long = np.diff(offsets) > windows.WINDOW
    rows = np.flatnonzero((flags != 0) | long).tolist()
    texts = [text_of(row) for row in rows]
    doubts = _are_doubtful(flags[rows].tolist(), texts, model, config)
    return [
        (row, text) for row, text, doubt in zip(rows, texts, doubts, strict=True) if doubt or len(text) > windows.WINDOW
    ]


def _are_doubtful(flags: Sequence[int], texts: Sequence[str], model: NgramModel, config: Config) -> list[bool]:
    """Tell in which ``texts`` a stage may find something; the kernel said ``flags`` (:class:`RowFlag`) of each."""
    doubts = [_is_doubtful(said, text, model, config) for said, text in zip(flags, texts, strict=True)]
    unlikely = [number for number, said in enumerate(flags) if said & RowFlag.UNLIKELY and not doubts[number]]
    if unlikely:
        misread = misread_texts([texts[number] for number in unlikely], model)
        for number, doubt in zip(unlikely, misread, strict=True):
            doubts[number] = doubt
    return doubts


def _is_doubtful(flags: int, text: str, model: NgramModel, config: Config) -> bool:
    """Tell whether a stage but that of misreads may find something in ``text``."""
    if flags & _SURE:
        return True
    if flags & RowFlag.MARKER and find_escapes(text, config.unescape):
        return True
    lines = text.split("\n")
    return bool(flags & RowFlag.SPLIT) and any(_regions(lines, scan(lines, model), model))


def _doubtful_pure(texts: Sequence[str], model: NgramModel, config: Config) -> list[bool]:
    marked = [
        len(text) > windows.WINDOW
        or bool((config.glosses and _READING_LIKE.search(text)) or find_escapes(text, config.unescape))
        or any(map(find_written_back, text.split("\n")))
        for text in texts
    ]
    owners: list[int] = []
    lines: list[str] = []
    for index, text in enumerate(texts):
        if not marked[index] and not text.isascii():
            pieces = text.split("\n")
            owners += [index] * len(pieces)
            lines += pieces
    if not lines:
        return marked
    suspicions = scan(lines, model)
    for number in misread_lines(lines, suspicions, model):
        marked[owners[number]] = True
    for index, regions in zip(owners, _regions(lines, suspicions, model), strict=True):
        if regions:
            marked[index] = True
    return marked


def _regions(
    lines: Sequence[str], suspicions: Sequence[Sequence[Suspicion]], model: NgramModel
) -> list[list[MisalignedRegion]]:
    suspects = [SuspectLine(line, found) for line, found in zip(lines, suspicions, strict=True)]
    return find_misaligned(suspects, model)
