"""The timescales of children's services, read from policies/timescales_children.toml, and the due dates
that follow from them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import holidays
import numpy as np
import numpy.typing as npt
import pandas as pd

from sampling.errors import PolicyError

_FILE = "timescales_children.toml"
UNITS = ("working days", "weeks", "months", "hours")
_BANK_HOLIDAY_YEARS = range(1990, 2060)  # the years that a child's or care leaver's dates can lie in


def _policy_file() -> Path:
    """Returns the file of the installed package, or of the checkout. Readers stand below sampling.policy."""
    installed = Path(__file__).parents[1] / "_shared" / "policies" / _FILE
    return installed if installed.is_file() else Path(__file__).parents[2] / "policies" / _FILE


@dataclass(frozen=True)
class Timescale:
    """One statutory or commonly used interval: `value` of `unit`, what it runs from, its standing and its
    source.
    """

    name: str
    value: int
    unit: str
    runs_from: str
    standing: str
    source: str


def load_timescales(path: Path | None = None) -> Mapping[str, Timescale]:
    """Returns the timescales by name.

    Raises PolicyError when the file is missing, not TOML, or an entry is not whole.
    """
    file = path or _policy_file()
    try:
        data: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyError(
            f"{file.name}: the timescales cannot be read ({type(error).__name__}). Restore the file from the release."
        ) from None
    entries = data.get("timescale", {})
    return {name: _timescale(file, name, entry) for name, entry in entries.items()}


def _timescale(file: Path, name: str, entry: Mapping[str, Any]) -> Timescale:
    whole = isinstance(entry.get("value"), int) and not isinstance(entry["value"], bool) and entry["value"] > 0
    told = all(isinstance(entry.get(key), str) and entry[key] for key in ("runs_from", "standing", "source"))
    if not whole or entry.get("unit") not in UNITS or not told:
        raise PolicyError(
            f'{file.name}: timescale "{name}" needs a whole value above 0, a unit ({", ".join(UNITS)}), '
            "runs_from, standing and source."
        )
    return Timescale(name, entry["value"], entry["unit"], entry["runs_from"], entry["standing"], entry["source"])


@cache
def _shipped() -> Mapping[str, Timescale]:
    return load_timescales()


@cache
def _bank_holidays() -> npt.NDArray[np.datetime64]:
    days = holidays.country_holidays("GB", subdiv="ENG", years=_BANK_HOLIDAY_YEARS)
    return np.array(sorted(days), dtype="datetime64[D]")


def due_after(days: pd.Series, name: str) -> pd.Series:
    """Returns the last day of a timescale that runs from each day, empty where the day is. Day 0 is the day
    itself.

    Working days leave out Saturdays, Sundays and England's bank holidays. Raises PolicyError when the
    timescale is
    not in the file.

    >>> str(due_after(pd.Series([np.datetime64("2026-04-01", "s")]), "child_protection_visit").dt.date[0])
    '2026-04-17'
    """
    timescale = _shipped().get(name)
    if timescale is None:
        raise PolicyError(f'{_FILE}: timescale "{name}" is missing. Restore it from the release.')
    if timescale.unit == "weeks":
        return days + pd.Timedelta(weeks=timescale.value)
    if timescale.unit == "months":
        return days + pd.DateOffset(months=timescale.value)
    if timescale.unit == "working days":
        return _working_days_later(days, timescale.value)
    raise PolicyError(f'{_FILE}: timescale "{name}" must be in working days, weeks or months, got hours.')


def _working_days_later(days: pd.Series, number: int) -> pd.Series:
    known = days.notna()
    later = pd.Series(pd.NaT, index=days.index, dtype="datetime64[s]")
    starts = cast("npt.NDArray[np.datetime64]", days[known].to_numpy(dtype="datetime64[D]"))
    # "backward" makes a start on a Saturday count Monday as working day 1, as a start on the Friday does
    moved = np.busday_offset(starts, number, roll="backward", holidays=_bank_holidays())
    later[known] = moved.astype("datetime64[s]")
    return later
