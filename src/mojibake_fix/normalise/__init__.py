"""The normaliser: one script, one punctuation, one width; only what is asked for, and a plan of every change.

Not for damage: repair a text first.  The names are imported when they are first used, for the room has the name of its
function, and the package that exports the function imports the room for that.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mojibake_fix.normalise.options import NormaliseOptions
    from mojibake_fix.normalise.rules import RULES, Rule
    from mojibake_fix.normalise.run import normalise, normalise_and_explain

__all__ = ["RULES", "NormaliseOptions", "Rule", "normalise", "normalise_and_explain"]

_HOME_OF = {
    "NormaliseOptions": "options",
    "RULES": "rules",
    "Rule": "rules",
    "normalise": "run",
    "normalise_and_explain": "run",
}


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
