"""Blocks for datatrove pipelines: one that repairs documents, and one that drops or tags those that are damaged.

Both look at documents in batches, for that is what makes clean ones cheap.  Needs datatrove.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Literal

from datatrove.data import Document, DocumentsPipeline
from datatrove.pipeline.filters.base_filter import BaseFilter
from datatrove.pipeline.formatters.base import BaseFormatter
from datatrove.utils.typeshelper import StatHints

from mojibake_fix.config import Config
from mojibake_fix.engine import fix_text
from mojibake_fix.engine.many import explain_many
from mojibake_fix.errors import ConfigError
from mojibake_fix.plan import Fault, Step

__all__ = ["MojibakeFilter", "MojibakeFormatter"]

_BATCH = 500
"""Documents looked at together: web pages of a few kilobytes each make a megabyte or two."""


class MojibakeFormatter(BaseFormatter):
    """Repairs the text of each document.

    Args:
        config: What to do; ``options`` are its fields, by name, and win.
        batch_size: Documents that are looked at together.
    """

    name = "🔧 Mojibake"

    def __init__(self, config: Config | None = None, *, batch_size: int = _BATCH, **options: Any) -> None:
        super().__init__()
        self.config = Config.of(config, options)
        self.batch_size = batch_size

    def format(self, text: str) -> str:
        """Return one text repaired."""
        return fix_text(text, self.config)

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """Repair the documents in batches, and count those that changed, by fault."""
        documents = iter(data or ())
        while batch := list(islice(documents, self.batch_size)):
            with self.track_time("batch"):
                repairs = explain_many([document.text for document in batch], self.config)
            for document, repair in zip(batch, repairs, strict=True):
                self.stat_update(StatHints.total)
                for fault in sorted({step.fault.value for step in repair.plan.steps}):
                    self.stat_update(f"repaired_{fault}")
                document.text = repair.text
                yield document


class MojibakeFilter(BaseFilter):
    """Drops or tags documents in which damage is found; their text stays as it is.

    Args:
        action: ``"drop"`` removes such documents; ``"tag"`` keeps them and puts what was found into their metadata,
            under ``"mojibake"``: how many of each fault, and the highest confidence among them.
        faults: The kinds that count, by :class:`~mojibake_fix.Fault` or its value; all of them by default.
        min_confidence: How sure a fault must be to count.  One that is beyond repair is sure.
        exclusion_writer: Takes what is dropped.
        batch_size: Documents that are looked at together.
        options: Fields of :class:`~mojibake_fix.Config`, such as ``unescape``.

    Raises:
        ConfigError: An action, a fault or an option that does not exist.
    """

    name = "🔍 Mojibake"

    def __init__(
        self,
        action: Literal["drop", "tag"] = "drop",
        *,
        faults: Iterable[Fault | str] = tuple(Fault),
        min_confidence: float = Config().min_confidence,
        exclusion_writer: Any = None,
        batch_size: int = _BATCH,
        **options: Any,
    ) -> None:
        super().__init__(exclusion_writer, batch_size)
        if action not in ("drop", "tag"):
            raise ConfigError(f"action is {action!r}: give drop or tag")
        try:
            self.faults = frozenset(map(Fault, faults))
        except ValueError as error:
            raise ConfigError(f"{error}: the faults are {', '.join(fault.value for fault in Fault)}") from error
        self.action = action
        self.config = Config.of(None, options | {"min_confidence": min_confidence})

    def filter(self, document: Document) -> bool | tuple[bool, str]:
        """Judge one document: whether it is kept, or False and why it is not."""
        return self.filter_batch([document])[0]

    def filter_batch(self, batch: list[Document]) -> list[bool | tuple[bool, str]]:
        """Judge some documents together."""
        repairs = explain_many([document.text for document in batch], self.config, with_beyond_repair=True)
        return [
            self._judge(document, list(self._counting((*repair.plan.steps, *repair.plan.reported))))
            for document, repair in zip(batch, repairs, strict=True)
        ]

    def _counting(self, steps: Iterable[Step]) -> Iterator[Step]:
        return (step for step in steps if step.fault in self.faults and step.confidence >= self.config.min_confidence)

    def _judge(self, document: Document, steps: list[Step]) -> bool | tuple[bool, str]:
        if not steps:
            return True
        if self.action == "drop":
            return False, max(steps, key=lambda step: step.confidence).fault.value
        values = [step.fault.value for step in steps]
        document.metadata["mojibake"] = {
            "faults": {value: values.count(value) for value in sorted(set(values))},
            "confidence": max(step.confidence for step in steps),
        }
        return True
