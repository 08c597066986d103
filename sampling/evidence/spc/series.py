"""What every chart over time starts from: one value a period in order, months without a value in their place, rebases with a reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sampling.errors import PolicyError, SourceError

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

# Two values closer than this share of the largest value are the same value: 0.1 + 0.2 and 0.3 are a tie, not a rise.
ROUNDING = 1e-9
# NHSRplotthedots 0.2.2 stops when the first n points to fix the limits on are fewer; domain.md 4 asks for the same.
MINIMUM_BASELINE = 12
_MONTH = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")


@dataclass(frozen=True)
class Rebase:
    """A dated change of process from which new limits are computed. `period` is the first period under the new process."""

    period: str
    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise PolicyError(
                f"The rebase at {self.period} has no reason. Write what changed in the work, and who decided it."
            )


@dataclass(frozen=True)
class Series:
    """One value a period in order. `values` is NaN, and `n` 0, where a period has no value. Shapes (periods,)."""

    periods: tuple[str, ...]
    values: FloatArray
    counts: FloatArray
    n: FloatArray

    @property
    def measured(self) -> BoolArray:
        """Returns which periods have a value."""
        return np.isfinite(self.values)

    @property
    def missing(self) -> tuple[str, ...]:
        """Returns the periods without a value."""
        return tuple(p for p, there in zip(self.periods, self.measured, strict=True) if not there)


def months_between(first: str, last: str) -> list[str]:
    """Returns each month from the first to the last, both as YYYY-MM and both included.

    >>> months_between("2026-11", "2027-02")
    ['2026-11', '2026-12', '2027-01', '2027-02']
    """
    start, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(start, end + 1)]


def all_months(periods: Sequence[str]) -> bool:
    """Tells whether each period is a month written YYYY-MM."""
    return all(_MONTH.match(period) for period in periods)


def _numbers(frame: pd.DataFrame, column: str) -> FloatArray:
    """Returns a column as numbers, NaN where it is empty. Raises SourceError when it holds an infinite number or a text."""
    try:
        numbers = frame[column].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise SourceError(f"Column {column} of the series holds something that is no number.") from None
    if np.isinf(numbers).any():
        raise SourceError(f"Column {column} of the series holds an infinite number. A chart needs finite ones.")
    return np.asarray(numbers, dtype=np.float64)


def _ordered(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[tuple[str, ...], list[FloatArray]]:
    """Returns the periods in order and the columns' numbers, NaN for each month in between that has no row."""
    lacking = [column for column in ("period", *columns) if column not in frame.columns]
    if lacking:
        raise SourceError(
            f"The series has no column {', '.join(lacking)}. A chart needs {', '.join(('period', *columns))}."
        )
    given = [str(period) for period in frame["period"].tolist()]
    periods = sorted(set(given))
    if len(periods) < len(given):
        twice = next(period for period in periods if given.count(period) > 1)
        raise SourceError(f"Period {twice} has more than one value. Add up, or chart, one series at a time.")
    if periods and all_months(periods):
        periods = months_between(periods[0], periods[-1])
    place = {period: position for position, period in enumerate(periods)}
    places = [place[period] for period in given]
    arrays = []
    for column in columns:
        array = np.full(len(periods), np.nan)
        array[places] = _numbers(frame, column)
        arrays.append(array)
    return tuple(periods), arrays


def read_values(frame: pd.DataFrame) -> Series:
    """Returns the series of a frame with the columns `period` and `value`, and `n` (cases a period) when it has one.

    Months (YYYY-MM) that are absent between the first and the last are put in without a value. Raises SourceError when a
    column is missing, a period comes twice, or a value is no finite number.
    """
    with_n = "n" in frame.columns
    periods, (values, *sizes) = _ordered(frame, ["value", "n"] if with_n else ["value"])
    n = np.nan_to_num(sizes[0]) if with_n else np.ones(len(values))
    values = np.where(n > 0, values, np.nan)
    return Series(periods, values, values, np.where(np.isfinite(values), n, 0.0))


def read_counts(frame: pd.DataFrame) -> Series:
    """Returns the series of a frame with the columns `period`, `count` and `n`: its values are count / n.

    A period with n = 0 has no value. Raises SourceError as `read_values`, and when a count or an n is negative.
    """
    periods, (counts, sizes) = _ordered(frame, ["count", "n"])
    n = np.nan_to_num(sizes)
    if (n < 0).any() or (counts < 0).any():
        raise SourceError("The series holds a negative count. Counts and numbers of cases are 0 or more.")
    there = np.isfinite(counts) & (n > 0)
    values = np.divide(counts, n, out=np.full(len(n), np.nan), where=there)
    return Series(periods, values, np.where(there, counts, np.nan), np.where(there, n, 0.0))


def without_gaps(series: Series) -> Series:
    """Returns the series without the periods that have no value: what NHSRplotthedots does with rows that are absent."""
    there = series.measured
    periods = tuple(p for p, kept in zip(series.periods, there, strict=True) if kept)
    return Series(periods, series.values[there], series.counts[there], series.n[there])


def rebase_marks(rebases: Sequence[Rebase]) -> str:
    """Returns the rebases with their reasons as the end of a method line, or nothing when there are none."""
    ordered = sorted(rebases, key=lambda rebase: rebase.period)
    return "".join(f"; rebased at {rebase.period}: {rebase.reason.strip()}" for rebase in ordered)


def segment_reasons(rebases: Sequence[Rebase]) -> list[str]:
    """Returns the reason of each segment, in order: none for the first."""
    return ["", *(rebase.reason.strip() for rebase in sorted(rebases, key=lambda rebase: rebase.period))]


def segment_starts(periods: Sequence[str], rebases: Sequence[Rebase]) -> tuple[int, ...]:
    """Returns the positions at which segments start: 0, and the first period on or after each rebase.

    Raises PolicyError when a rebase has no point before it or none after it, or two rebases start the same segment.
    """
    starts = [0] if periods else []
    for rebase in sorted(rebases, key=lambda rebase: rebase.period):
        later = [position for position, period in enumerate(periods) if period >= rebase.period]
        if not later or later[0] == 0:
            side = "after" if not later else "before"
            raise PolicyError(f"The rebase at {rebase.period} has no point {side} it. Rebase inside the series.")
        if later[0] == starts[-1]:
            raise PolicyError(
                f"Two rebases start the same segment at {periods[later[0]]}. Keep one, with both reasons."
            )
        starts.append(later[0])
    return tuple(starts)


def check_baseline(baseline: int | None) -> None:
    """Raises PolicyError when the limits are to be fixed on fewer points than the rules allow."""
    if baseline is not None and baseline < MINIMUM_BASELINE:
        raise PolicyError(
            f"A baseline of {baseline} points is too short: limits are fixed on {MINIMUM_BASELINE} points or more."
        )


def in_baseline(measured: BoolArray, baseline: int | None) -> BoolArray:
    """Returns which points the limits come from: the first `baseline` measured ones of each row, or all measured ones."""
    if baseline is None:
        return measured
    chosen: BoolArray = measured & (np.cumsum(measured, axis=-1) <= baseline)
    return chosen


def none_if_nan(value: float) -> float | None:
    """Returns the number, or None for NaN: a result never holds NaN."""
    return None if np.isnan(value) else float(value)


def plural(number: int, thing: str) -> str:
    """Returns the number with its noun: `1 point`, `2 points`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def gap_note(missing: Sequence[str], handling: str) -> tuple[str, ...]:
    """Returns a sentence on the periods without a value, or none when there are none."""
    if not missing:
        return ()
    shown = ", ".join(missing[:3]) + (" and others" if len(missing) > 3 else "")
    return (f"{plural(len(missing), 'period')} without a value ({shown}): {handling}.",)
