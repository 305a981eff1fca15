"""Ray Data: ``dataset.map_batches(FixBatches, fn_constructor_args=("text",), batch_format="pyarrow", concurrency=2)``.

Needs ray[data].
"""

from __future__ import annotations

from typing import Any

from mojibake_fix.adapters.arrow import ArrowFixer
from mojibake_fix.model import load_model

__all__ = ["FixBatches", "fix_dataset"]


class FixBatches(ArrowFixer):
    """A class for ``map_batches``: each of its actors loads the model once, before its first batch."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        load_model()


def fix_dataset(dataset: Any, *arguments: Any, concurrency: int = 1, **options: Any) -> Any:
    """Return a dataset with columns repaired, by ``concurrency`` actors; arguments as of :class:`FixBatches`."""
    return dataset.map_batches(
        FixBatches,
        fn_constructor_args=arguments,
        fn_constructor_kwargs=options,
        batch_format="pyarrow",
        zero_copy_batch=True,
        concurrency=concurrency,
    )
