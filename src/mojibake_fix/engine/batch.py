"""The quick look at many texts: which of them have anything that a stage would look at.

All texts of a batch are scanned at once, and only what is marked takes the slow way, text by text.  A text that this
lets pass is one in which no stage finds a step, so that a batch gives what its texts give one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mojibake_fix import windows
from mojibake_fix.config import Config
from mojibake_fix.detect.beyond import find_beyond_repair
from mojibake_fix.detect.escapes import find_escapes
from mojibake_fix.detect.misaligned import MisalignedRegion, SuspectLine, find_misaligned
from mojibake_fix.detect.round_trip import find_written_back
from mojibake_fix.detect.rows import RowFlag, look_at_points, look_at_utf8
from mojibake_fix.detect.scan import Suspicion, scan
from mojibake_fix.engine.evident import evident_steps
from mojibake_fix.engine.suspects import misread_lines, misread_texts
from mojibake_fix.lazy import lazy_pattern
from mojibake_fix.model import NgramModel, code_points
from mojibake_fix.plan import Plan, Repair, apply_plan

__all__ = ["Quick", "batches", "doubtful", "lets_pass", "settled", "settled_utf8"]

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


def doubtful(texts: Sequence[str], model: NgramModel, config: Config, *, astride: bool = False) -> list[bool]:
    """Tell which of ``texts`` some stage may find something in.

    ``astride`` says that streams have been found astride their characters in them: then less is asked of each place.
    """
    if model.compiled is None:
        return [True] * len(texts) if astride else _doubtful_pure(texts, model, config)
    rows, flags = _marked(texts, model, config, astride=astride)
    doubts = [False] * len(texts)
    sure = _SURE | RowFlag.SPLIT if astride else _SURE
    told = _are_doubtful(flags, [texts[row] for row in rows], model, config, sure)
    for row, doubt in zip(rows, told, strict=True):
        doubts[row] = doubt
    return doubts


@dataclass(frozen=True, slots=True)
class Quick:
    """What a quick look says of the texts of a batch, by number; texts of neither kind are clean.

    ``repairs`` has those whose repair is evident, and ``doubtful`` those in which a stage may find something.
    """

    repairs: dict[int, Repair]
    doubtful: list[int]


def settled(texts: Sequence[str], model: NgramModel, config: Config) -> Quick:
    """Look at ``texts``, and repair those whose repair is evident."""
    if model.compiled is None:
        return Quick({}, [number for number, doubt in enumerate(doubtful(texts, model, config)) if doubt])
    rows, flags = _marked(texts, model, config)
    return _settled(rows, flags, [texts[row] for row in rows], model, config)


def _settled(
    rows: Sequence[int], flags: Sequence[int], texts: Sequence[str], model: NgramModel, config: Config
) -> Quick:
    """Look at ``texts``, which are the ``rows`` of a batch of which the kernel said ``flags``."""
    may_be = [
        place
        for place, (said, text) in enumerate(zip(flags, texts, strict=True))
        if said & RowFlag.UNLIKELY and not said & RowFlag.READING and not _has_escapes(said, text, config)
    ]
    steps = dict(zip(may_be, evident_steps([texts[place] for place in may_be], model), strict=True))
    plans = {place: Plan((step,)) for place, step in steps.items() if step and step.confidence >= config.min_confidence}
    repaired = [apply_plan(texts[place], plan) for place, plan in plans.items()]
    repairs: dict[int, Repair] = {}
    for place, text, doubt in zip(plans, repaired, doubtful(repaired, model, config), strict=True):
        if not doubt and not find_beyond_repair(text):
            repairs[place] = Repair(text, plans[place])
    rest = [place for place in range(len(rows)) if place not in repairs]
    doubts = _are_doubtful([flags[place] for place in rest], [texts[place] for place in rest], model, config)
    return Quick(
        {rows[place]: repair for place, repair in repairs.items()},
        [rows[place] for place, doubt in zip(rest, doubts, strict=True) if doubt],
    )


def _marked(
    texts: Sequence[str], model: NgramModel, config: Config, *, astride: bool = False
) -> tuple[list[int], list[int]]:
    """Return which of ``texts`` the kernel marks, and the flags (:class:`RowFlag`) of each; those longer than a window,
    of which what is passed over is told window by window, are marked anyway."""
    points = code_points("".join(texts))
    flags = look_at_points(
        points, map(len, texts), model, unescape=config.unescape, readings=config.glosses, astride=astride
    )
    long = np.fromiter((len(text) > windows.WINDOW for text in texts), np.bool_, len(texts))
    rows = np.flatnonzero((flags != 0) | long)
    return rows.tolist(), flags[rows].tolist()


def lets_pass(text: str, model: NgramModel, config: Config, *, astride: bool) -> bool:
    """Tell whether a quick look shows that no stage would find anything in ``text``; False where none is quick.

    ``astride`` says that a stream has been found astride its characters in it.
    """
    return model.compiled is not None and not doubtful([text], model, config, astride=astride)[0]


def settled_utf8(
    address: int, offsets: npt.NDArray[np.int64], text_of: Callable[[int], str], model: NgramModel, config: Config
) -> Quick:
    """Look at the rows of a buffer of UTF-8, and repair those whose repair is evident.

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
    return _settled(rows, flags[rows].tolist(), list(map(text_of, rows)), model, config)


def _are_doubtful(
    flags: Sequence[int], texts: Sequence[str], model: NgramModel, config: Config, sure: RowFlag = _SURE
) -> list[bool]:
    """Tell in which ``texts`` a stage may find something; the kernel said ``flags`` (:class:`RowFlag`) of each."""
    doubts = [
        len(text) > windows.WINDOW or bool(said & sure) or _is_doubtful(said, text, model, config)
        for said, text in zip(flags, texts, strict=True)
    ]
    unlikely = [number for number, said in enumerate(flags) if said & RowFlag.UNLIKELY and not doubts[number]]
    if unlikely:
        misread = misread_texts([texts[number] for number in unlikely], model)
        for number, doubt in zip(unlikely, misread, strict=True):
            doubts[number] = doubt
    return doubts


def _is_doubtful(flags: int, text: str, model: NgramModel, config: Config) -> bool:
    """Tell whether a stage but that of misreads may find something in ``text``, if that is not sure."""
    if _has_escapes(flags, text, config):
        return True
    lines = text.split("\n")
    return bool(flags & RowFlag.SPLIT) and any(_regions(lines, scan(lines, model), model))


def _has_escapes(flags: int, text: str, config: Config) -> bool:
    return bool(flags & RowFlag.MARKER) and bool(find_escapes(text, config.unescape))


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
