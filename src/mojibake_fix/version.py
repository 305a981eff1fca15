"""The version of this package, and the only place that states it."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
