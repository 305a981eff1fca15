"""What was found in each of many texts, the clean ones passed over quickly."""

from __future__ import annotations

from collections.abc import Sequence

from mojibake_fix.config import Config
from mojibake_fix.detect.beyond import find_beyond_repair
from mojibake_fix.engine import repair
from mojibake_fix.engine.batch import settled
from mojibake_fix.model import load_model
from mojibake_fix.plan import Repair

__all__ = ["explain_many"]


def explain_many(texts: Sequence[str], config: Config, *, with_beyond_repair: bool = False) -> list[Repair]:
    """Return the repair of each text, each a document of its own.

    Args:
        texts: The texts.
        config: What to do.
        with_beyond_repair: Whether to tell what is beyond repair also in texts that have nothing else.
    """
    model = load_model()
    quick = settled(texts, model, config)
    repairs = [quick.repairs.get(number) or Repair(text) for number, text in enumerate(texts)]
    asked = set(quick.doubtful)
    if with_beyond_repair:
        asked.update(number for number, text in enumerate(texts) if find_beyond_repair(text))
    for number in asked:
        repairs[number] = repair(texts[number], model, config, doubtful=number in quick.doubtful)
    return repairs
