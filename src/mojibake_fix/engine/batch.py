"""The quick look at many texts: which of them have anything that a stage would look at.

All texts of a batch are scanned at once, and only what is marked takes the slow way, text by text.  A text that this
lets pass is one in which no stage finds a step, so that a batch gives what its texts give one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from mojibake_fix.config import Config
from mojibake_fix.detect.escapes import find_escapes
from mojibake_fix.detect.misaligned import SuspectLine, find_misaligned
from mojibake_fix.detect.misread import least_weight
from mojibake_fix.detect.scan import scan, weigh
from mojibake_fix.model import NgramModel

__all__ = ["batches", "doubtful"]

_BATCH = 1 << 20
"""Characters scanned at once: enough to make the arrays' overhead small, few enough to stay in the cache."""
_READING_LIKE = re.compile("[^\\x00-\\x7f][(（][a-zà-ǜńňǹḿ]{1,6}[)）]|[?\ufffd][a-zà-ǜńňǹḿ]{1,6}[)）]")
"""Every gloss looks like this, and so do other words in parentheses."""


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
    marked = [
        bool((config.glosses and _READING_LIKE.search(text)) or find_escapes(text, config.unescape)) for text in texts
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
    rung = [number for number, found in enumerate(suspicions) if found]
    for number, weight in zip(rung, weigh([lines[number] for number in rung], model), strict=True):
        if weight >= least_weight(lines[number]):
            marked[owners[number]] = True
    suspects = [SuspectLine(line, found) for line, found in zip(lines, suspicions, strict=True)]
    for index, regions in zip(owners, find_misaligned(suspects, model, mixed=True), strict=True):
        if regions:
            marked[index] = True
    return marked
