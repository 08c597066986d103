"""What the evidence statistics hand back: a number with its interval, its denominators and its method, or the reason why there is none.

Fractions lie in [0, 1], levels in 0 to 3. A number that cannot be had is None, never NaN, and `reason` says why in words for the reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CONFIDENCE = 0.95
SIGNIFICANCE = 0.05  # the p value that the minimum numbers below are counted for; no verdict rests on it alone

# What a change may be called: the same record rewritten, the next fresh case of the same practitioner, or new draws over time.
Claim = Literal["repair", "transfer", "improvement"]


@dataclass(frozen=True)
class Interval:
    """A 95 per cent interval and the name of its method in words."""

    low: float
    high: float
    method: str


@dataclass(frozen=True)
class Estimate:
    """An estimate for the frame, or the reason why there is none.

    `n` is the denominator: the scored cases it counts. `population` is the number of cases of the frame that it speaks for.
    `unweighted` is the plain mean of the scored cases. `bounds` is where the estimate could lie if every case that could not be scored
    had been at one end, then at the other; None where there is no such case. `second` is a second interval by another method, for shares.
    `method` names the estimator; each interval names its own. `claim` is set for a difference between periods alone.
    """

    value: float | None
    interval: Interval | None
    n: int
    population: int
    method: str
    standard_error: float | None = None
    degrees: float | None = None
    second: Interval | None = None
    unweighted: float | None = None
    bounds: tuple[float, float] | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()
    claim: Claim | None = None


@dataclass(frozen=True)
class PValue:
    """A two-sided p value, or the reason why the test is not made. `n` is the number of units that the test counts (see `method`).

    `side` is 1 where what was tested went up, -1 where it went down, 0 where neither, or where the test was not made.
    """

    p: float | None
    n: int
    method: str
    reason: str = ""
    notes: tuple[str, ...] = ()
    side: int = 0


def counted(number: int, one: str, more: str = "") -> str:
    """Returns a number with its noun: `more`, or the noun with an s, unless it is one.

    >>> counted(1, "case"), counted(3, "case"), counted(2, "stratum", "strata")
    ('1 case', '3 cases', '2 strata')
    """
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def not_zero(value: float, digits: int, sign: str = "") -> str:
    """Returns the number with so many decimals, and up to three more where it would else be printed as 0 though it is not.

    So an interval that leaves 0 out is not printed as if 0 were its end. `sign` "+" asks for a sign before positive numbers too.

    >>> not_zero(12.4, 0), not_zero(0.46, 0), not_zero(-0.004, 2, "+"), not_zero(0.0, 0), not_zero(-1e-12, 2)
    ('12', '0.5', '-0.004', '0', '0.00')
    """
    needed = next((more for more in range(digits, digits + 4) if round(value, more)), digits)
    return f"{round(value, needed) + 0.0:{sign}.{needed}f}"
