"""Rows of plain values as DataFrames whose columns always have the same types, also where there is no row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

TEXT, NUMBER, YES_NO, MOMENT, DAY = "str", "Int64", "bool", "datetime64[s, UTC]", "datetime64[s]"


def frame(columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Returns the rows, in their order, with the columns named. A missing text is null; a moment is UTC, a day is midnight of no zone."""
    return pd.DataFrame({name: _column([row.get(name) for row in rows], kind) for name, kind in columns.items()})


def _column(values: list[Any], kind: str) -> pd.Series[Any]:
    if kind == DAY:
        values = [value.isoformat() if isinstance(value, date) else None for value in values]
    if kind in (DAY, MOMENT):
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object), utc=kind == MOMENT), dtype=kind)
    if kind == TEXT:
        values = [value if value != "" else None for value in values]
    return pd.Series(values, dtype=kind)
