"""Funnel plots of shares with exact binomial limits and over-dispersion (Spiegelhalter 2005): for learning, never for ranks.

Spiegelhalter DJ (2005), Funnel plots for comparing institutional performance, Statistics in Medicine 24, 1185-1202. Units come
out in the order of their keys, never of their values; no rank is computed anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binom

from sampling.errors import SourceError
from sampling.evidence.spc.series import ROUNDING, all_months

FloatArray = npt.NDArray[np.float64]
Position = Literal["inside", "outside 95%", "outside 99.8%"]

TAIL_95, TAIL_998 = 0.025, 0.001
Z_95, Z_998 = 1.959964, 3.090232
WINSORISED = (
    0.10  # of the z-scores at each end are drawn in to the 10% and 90% points before over-dispersion is estimated
)
MONTHS_AT_LEAST, MONTHS_AT_MOST = 6, 12
UNITS_AT_LEAST = 5
METHOD = "Funnel plot, exact binomial limits (Spiegelhalter 2005), 95% and 99.8%"
PURPOSE = (
    "A funnel is a start for learning, not a judgement: it does not rank, and does not allow for the kind of case."
)


@dataclass(frozen=True)
class Edges:
    """The limits of one unit, as shares: inside 95% and inside 99.8%."""

    lower_95: float
    upper_95: float
    lower_998: float
    upper_998: float


@dataclass(frozen=True)
class FunnelUnit:
    """One unit (a key, never a name). `exact`: binomial limits; `limits`: those used, widened where units vary beyond chance."""

    unit: str
    count: int
    n: int
    share: float
    exact: Edges
    limits: Edges
    position: Position
    side: int


@dataclass(frozen=True)
class Funnel:
    """A funnel's numbers. `share`: all units together; `phi`: over-dispersion; `tau2`: variance between units. `cannot`: why none."""

    units: tuple[FunnelUnit, ...]
    share: float | None
    phi: float | None
    tau2: float | None
    count: int
    n: int
    periods: tuple[str, ...]
    method: str
    notes: tuple[str, ...] = ()
    cannot: str = ""

    def table(self) -> pd.DataFrame:
        """Returns the units as a table, one row a unit, in the order of their keys."""
        rows = [{**vars(u), **vars(u.limits)} for u in self.units]
        columns = ["unit", "count", "n", "share", *Edges.__dataclass_fields__, "position"]
        return pd.DataFrame(rows, columns=columns)


def lower_limit(share: float, n: FloatArray, tail: float) -> FloatArray:
    """Returns the share below which an observed one has a chance of less than `tail` on its side, for each n; 0 when none has.

    The binomial quantile r, less the part of its step beyond the tail (Spiegelhalter 2005, appendix A.1.1), over n.
    """
    r = binom.ppf(tail, n, share)
    here, before = binom.cdf(r, n, share), binom.cdf(r - 1, n, share)
    step = np.where(here > before, here - before, 1.0)
    limit: FloatArray = np.maximum((r - (here - tail) / step) / n, 0.0)
    return limit


def exact_limits(share: float, n: FloatArray) -> dict[str, FloatArray]:
    """Returns the limits for each n by the names of `Edges`. The upper limit is the lower one of the complement.

    So a unit lies outside exactly when the chance of a value so far out, on its side, is below 2.5% (or 0.1%). The
    published formula, used for the upper tail as it stands, would flag 8 of 10 at a share of a half, of which the chance is 5.5%.
    """
    return {
        "lower_95": lower_limit(share, n, TAIL_95),
        "upper_95": 1 - lower_limit(1 - share, n, TAIL_95),
        "lower_998": lower_limit(share, n, TAIL_998),
        "upper_998": 1 - lower_limit(1 - share, n, TAIL_998),
    }


def over_dispersion(shares: FloatArray, n: FloatArray, share: float) -> tuple[float, float]:
    """Returns phi and tau squared (Spiegelhalter 2005): mean square of winsorised z-scores, and variance between units (0 or more)."""
    variance = share * (1 - share) / n
    z = (shares - share) / np.sqrt(variance)
    z = np.clip(z, *np.quantile(z, [WINSORISED, 1 - WINSORISED]))
    phi, units, weights = float(np.mean(z**2)), len(z), 1 / variance
    spread = weights.sum() - (weights**2).sum() / weights.sum()
    return phi, max(0.0, float((units * phi - (units - 1)) / spread))


def widened(exact: dict[str, FloatArray], share: float, n: FloatArray, tau2: float) -> dict[str, FloatArray]:
    """Returns the limits with the variance between units added, inside 0 to 1 and never narrower than the exact ones."""
    if tau2 == 0:
        return exact
    sigma = np.sqrt(share * (1 - share) / n + tau2)
    return {
        "lower_95": np.clip(share - Z_95 * sigma, 0.0, exact["lower_95"]),
        "upper_95": np.clip(share + Z_95 * sigma, exact["upper_95"], 1.0),
        "lower_998": np.clip(share - Z_998 * sigma, 0.0, exact["lower_998"]),
        "upper_998": np.clip(share + Z_998 * sigma, exact["upper_998"], 1.0),
    }


def limits_along(found: Funnel, sizes: FloatArray) -> dict[str, FloatArray]:
    """Returns the limits that the funnel uses at each number of cases, by the names of `Edges`: what its curves are drawn from.

    No curves (empty arrays) where there is no funnel.
    """
    if found.share is None or found.tau2 is None:
        return {name: np.array([], dtype=np.float64) for name in Edges.__dataclass_fields__}
    return widened(exact_limits(found.share, sizes), found.share, sizes, found.tau2)


def position_of(share: float, limits: Edges) -> tuple[Position, int]:
    """Returns where a unit lies and on which side (0 inside); a share on a limit is inside."""
    side = 1 if share > (limits.lower_95 + limits.upper_95) / 2 else -1
    if share < limits.lower_998 - ROUNDING or share > limits.upper_998 + ROUNDING:
        return "outside 99.8%", side
    if share < limits.lower_95 - ROUNDING or share > limits.upper_95 + ROUNDING:
        return "outside 95%", side
    return "inside", 0


def _pooled(frame: pd.DataFrame) -> pd.DataFrame:
    """Returns count and n of each unit over all its periods, in the order of the keys. Raises SourceError for what is no count."""
    lacking = [column for column in ("unit", "period", "count", "n") if column not in frame.columns]
    if lacking:
        raise SourceError(f"The funnel's data have no column {', '.join(lacking)}. It needs unit, period, count, n.")
    if not all_months(frame["period"].astype(str).tolist()):
        raise SourceError("A period of the funnel's data is no month. Write months as YYYY-MM.")
    try:
        counts = frame[["count", "n"]].astype("int64")
    except (TypeError, ValueError):
        raise SourceError("The funnel's data hold a count that is no whole number.") from None
    if ((counts["count"] < 0) | (counts["count"] > counts["n"])).any():
        raise SourceError(
            "A row of the funnel's data has a count below 0 or above its n. Count the cases that meet the standard."
        )
    return counts.groupby(frame["unit"].astype(str), sort=True).sum().query("n > 0")


def _span(periods: list[str]) -> int:
    """Returns the number of months from the first period (YYYY-MM) to the last, both included."""
    first, last = (int(period[:4]) * 12 + int(period[5:7]) for period in (periods[0], periods[-1]))
    return last - first + 1


def _why_not(periods: list[str], units: int) -> str:
    """Returns why there is no funnel, or nothing when there is one."""
    if len(periods) < MONTHS_AT_LEAST:
        return (
            f"No funnel: {len(periods)} of the months have cases, and a funnel pools {MONTHS_AT_LEAST} to {MONTHS_AT_MOST}. "
            "At two cases a month the limits of a shorter time cover almost everything."
        )
    if _span(periods) > MONTHS_AT_MOST:
        return (
            f"No funnel: the months span {_span(periods)}, and a funnel pools {MONTHS_AT_LEAST} to {MONTHS_AT_MOST}. "
            "Over a longer time it mixes practice that has changed since."
        )
    if units < UNITS_AT_LEAST:
        return f"No funnel: {units} with cases, and a comparison needs {UNITS_AT_LEAST} or more."
    return ""


def _notes(units: int, tau2: float, share: float) -> tuple[str, ...]:
    """Returns what a reader must know of the funnel."""
    chance = (
        f"Of {units}, about {units * 2 * TAIL_95:.1f} lie outside the 95% limits by chance alone, where all are alike."
    )
    if share in (0, 1):
        return (f"All are at {share:.0%}: there is no difference to look at.", PURPOSE)
    if tau2 == 0:
        return ("They vary no more than chance alone makes them vary.", chance, PURPOSE)
    return (
        f"They vary more than chance alone makes them vary (standard deviation between them {tau2**0.5:.1%}), "
        "so the limits are widened by that much.",
        chance,
        PURPOSE,
    )


def funnel(frame: pd.DataFrame) -> Funnel:
    """Returns the funnel of the share count / n of each unit, or why there is none.

    `frame`: columns `unit` (a key), `period` (YYYY-MM), `count`, `n`, a row a unit and period; 6 to 12 months are pooled, and
    units without cases are left out. Raises SourceError when a column is missing or a count is above its n.
    """
    pooled = _pooled(frame)
    periods = sorted(frame.loc[frame["n"] > 0, "period"].astype(str).unique())
    count, total = int(pooled["count"].sum()), int(pooled["n"].sum())
    cannot = _why_not(periods, len(pooled))
    if cannot:
        return Funnel((), None, None, None, count, total, tuple(periods), f"{METHOD}: not drawn.", cannot=cannot)
    n, shares = pooled["n"].to_numpy(dtype=float), (pooled["count"] / pooled["n"]).to_numpy(dtype=float)
    share = count / total
    exact = exact_limits(share, n)
    phi, tau2 = over_dispersion(shares, n, share) if 0 < share < 1 else (0.0, 0.0)
    used = widened(exact, share, n, tau2)
    units = []
    for k, unit in enumerate(pooled.index):
        edges, limits = (Edges(**{name: float(edge[k]) for name, edge in each.items()}) for each in (exact, used))
        place = position_of(float(shares[k]), limits)
        units.append(
            FunnelUnit(str(unit), int(pooled["count"].iloc[k]), int(n[k]), float(shares[k]), edges, limits, *place)
        )
    wide = ", widened for over-dispersion" if tau2 > 0 else ""
    method = f"{METHOD}{wide}; {periods[0]} to {periods[-1]} pooled."
    notes = _notes(len(units), tau2, share)
    return Funnel(tuple(units), share, phi, tau2, count, total, tuple(periods), method, notes)
