"""A mean over cases that come in practitioners: CR2 standard error and Satterthwaite's degrees of freedom.

Bell and McCaffrey 2002, Pustejovsky and Tipton 2018, for a model with the mean alone, where both have a closed form. With n_g cases of
practitioner g, f_g = n_g/n and r_g the sum of that practitioner's residuals:

    variance = sum r_g^2 / (1 - f_g) / n^2
    df       = 1 / (sum f_g^2 + sum over g != h of f_g^2 f_h^2 / ((1 - f_g)(1 - f_h)))

With equal n_g these are the variance of the practitioners' means over G, and G - 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sampling.evidence.intervals import t_interval
from sampling.evidence.results import Interval, counted

METHOD = "mean of the cases, CR2 standard error over practitioners"


@dataclass(frozen=True)
class ClusteredMean:
    """A mean over cases with its interval over practitioners. `reason` says why there is no interval, or no mean."""

    value: float | None
    interval: Interval | None
    standard_error: float | None
    degrees: float | None
    n: int
    practitioners: int
    method: str = METHOD
    reason: str = ""


def clustered_mean(
    values: pd.Series[float], practitioners: pd.Series[str], *, scale: tuple[float, float] = (-3.0, 3.0)
) -> ClusteredMean:
    """Returns the mean of `values` with a 95 per cent interval that allows for cases of one practitioner being alike.

    The two go by position; cases without a value are left out.
    """
    known = values.notna().to_numpy(np.bool_) & practitioners.notna().to_numpy(np.bool_)
    y, practitioners = values[known].to_numpy(dtype=np.float64), practitioners[known]
    if not len(y):
        return ClusteredMean(None, None, None, None, 0, 0, reason="There are no cases.")
    codes = pd.factorize(practitioners)[0]
    size = np.bincount(codes).astype(np.float64)
    mean, clusters = float(y.mean()), len(size)
    if clusters == 1:
        reason = (
            "All cases are of one practitioner, so nothing shows how practitioners differ, and no interval can be had."
        )
        return ClusteredMean(mean, None, None, None, len(y), 1, reason=reason)
    residual = np.bincount(codes, y - mean)
    share = size / len(y)
    variance = float(np.sum(residual**2 / (1 - share))) / len(y) ** 2
    odds = share**2 / (1 - share)
    degrees = float(1 / (np.sum(share**2) + np.sum(odds) ** 2 - np.sum(odds**2)))
    if variance < 1e-24 * (1 + mean * mean):
        reason = f"The {counted(clusters, 'practitioner')} all changed by the same amount on average, so no interval can be estimated."
        return ClusteredMean(mean, None, 0.0, degrees, len(y), clusters, reason=reason)
    error = variance**0.5
    interval = t_interval(mean, error, degrees, low=scale[0], high=scale[1])
    return ClusteredMean(mean, interval, error, degrees, len(y), clusters)
