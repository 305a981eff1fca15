"""pandas: a series repaired.  Needs pandas and pyarrow."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from mojibake_fix.adapters.arrow import repair_array
from mojibake_fix.config import Config
from mojibake_fix.errors import ConfigError

__all__ = ["fix_series"]


def fix_series(series: pd.Series, config: Config | None = None, **options: Any) -> pd.Series:
    """Return a series of strings repaired, its index, name and type kept; the same object where nothing changes.

    Missing values stay.  A series of type ``object`` may hold nothing but strings and missing values.

    Raises:
        ConfigError: An option that cannot be used, or values that are no strings.
    """
    try:
        array = pa.array(series, from_pandas=True)
    except pa.ArrowException as error:
        raise ConfigError(f"series {series.name!r} holds more than strings: {error}") from error
    repairs = repair_array(array, config, **options).repairs
    changed = {row: repair.text for row, repair in repairs.items() if repair.plan.steps}
    if not changed:
        return series
    result = series.copy()
    result.iloc[list(changed)] = list(changed.values())
    return result
