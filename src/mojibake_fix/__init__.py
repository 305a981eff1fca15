"""Repair damaged Chinese, Japanese and Korean text.

The public API; everything else in this package may change.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mojibake_fix.version import __version__

if TYPE_CHECKING:
    from mojibake_fix.config import Config
    from mojibake_fix.detect.encoding import Detection
    from mojibake_fix.engine import fix_and_explain, fix_many, fix_text
    from mojibake_fix.engine.decoding import decode, detect, fix_bytes
    from mojibake_fix.errors import MojibakeFixError
    from mojibake_fix.normalise import NormaliseOptions, normalise, normalise_and_explain
    from mojibake_fix.plan import Alternative, Fault, Misread, Plan, Repair, Step, apply_plan

__all__ = [
    "Alternative",
    "Config",
    "Detection",
    "Fault",
    "Misread",
    "MojibakeFixError",
    "NormaliseOptions",
    "Plan",
    "Repair",
    "Step",
    "__version__",
    "apply_plan",
    "decode",
    "detect",
    "fix_and_explain",
    "fix_bytes",
    "fix_many",
    "fix_text",
    "normalise",
    "normalise_and_explain",
]

_HOMES = {
    "detect.encoding": ("Detection",),
    "engine.decoding": ("decode", "detect", "fix_bytes"),
    "engine": ("fix_and_explain", "fix_many", "fix_text"),
    "config": ("Config",),
    "errors": ("MojibakeFixError",),
    "normalise.options": ("NormaliseOptions",),
    "normalise.run": ("normalise", "normalise_and_explain"),
    "plan": ("Alternative", "Fault", "Misread", "Plan", "Repair", "Step", "apply_plan"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: ``--version`` and ``--help`` need no arrays."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


# A room of a function's name is an attribute of the package once it is imported, and never again after that: imported
# now (it holds nothing yet) and taken away, it leaves the name to the function.
for _room in ("detect", "normalise"):
    importlib.import_module(f"{__name__}.{_room}")
    del globals()[_room]
