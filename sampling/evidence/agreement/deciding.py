"""What a coefficient is good enough for: decided on the lower end of its interval, never on a word for its value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scipy import stats

from sampling.evidence.agreement.coefficients import Agreement

# Krippendorff, Content Analysis (2004, section 11.3): rely on .800 and above; .667 is the lowest for tentative conclusions.
FIRM = 0.800
TENTATIVE = 0.667
BAND_PROBABILITY = (
    0.95  # Gwet 2014, chapter 6: the band is the highest whose cumulative membership probability reaches this
)
# Landis and Koch 1977: lower ends of the bands, highest first. Shown only as Gwet does, with their probability.
BANDS = (
    (0.8, "almost perfect"),
    (0.6, "substantial"),
    (0.4, "moderate"),
    (0.2, "fair"),
    (0.0, "slight"),
    (-1.0, "poor"),
)

Verdict = Literal["firm", "tentative", "below", "cannot say"]


@dataclass(frozen=True)
class Decision:
    """What may be rested on the ratings, in a word and in a sentence."""

    verdict: Verdict
    sentence: str


@dataclass(frozen=True)
class Membership:
    """The band a coefficient belongs to with at least BAND_PROBABILITY, and the cumulative probability of each band from the top."""

    band: str
    cumulative: tuple[tuple[str, float], ...]


def decide(found: Agreement) -> Decision:
    """Returns the decision by the lower end of the interval for these raters (for other raters where that is given)."""
    interval = found.other_raters or found.interval
    if found.value is None or interval is None:
        return Decision("cannot say", found.reason or " ".join(found.notes))
    low = interval.low
    if low >= FIRM:
        return Decision(
            "firm",
            f"The lower end of the interval, {low:.2f}, is at or above {FIRM:.2f}: conclusions may rest on these levels.",
        )
    if low >= TENTATIVE:
        return Decision(
            "tentative",
            f"The lower end of the interval, {low:.2f}, lies between {TENTATIVE:.3f} and {FIRM:.2f}: tentative conclusions only.",
        )
    return Decision(
        "below",
        f"The lower end of the interval, {low:.2f}, is below {TENTATIVE:.3f}: the levels are not yet to be relied on for single cases.",
    )


def membership(found: Agreement) -> Membership | None:
    """Returns Gwet's cumulative membership probabilities (2014, chapter 6, as irrCAC's `landis.koch.bf`), or None without a standard error.

    The probability of a band is that of a normal value with the coefficient's mean and standard error, within -1 to 1.
    """
    if found.value is None or not found.standard_error:
        return None
    normal = stats.norm(found.value, found.standard_error)
    whole = float(normal.cdf(1) - normal.cdf(-1))
    if whole < 1e-6:
        return None  # so far below -1 that no band is meant
    cumulative = tuple((band, min(1.0, float(normal.cdf(1) - normal.cdf(low)) / whole)) for low, band in BANDS)
    return Membership(next(band for band, chance in cumulative if chance >= BAND_PROBABILITY), cumulative)
