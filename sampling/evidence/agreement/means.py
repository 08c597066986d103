"""The mean of differences between levels, with an interval over cases (or practitioners)."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from sampling.evidence.agreement.data import Flags, Floats, Ratings
from sampling.evidence.clustered import ClusteredMean, clustered_mean


def mean_over(differences: Floats, ratings: Ratings, rows: Flags) -> ClusteredMean:
    """Returns the mean of one difference for each chosen row; its standard error (CR2) takes the rows of one case to be alike.

    In the result, `practitioners` counts what `ratings.together` names.
    """
    one = ratings.together
    groups = pd.Series(ratings.cluster[rows].astype(str), dtype="str")
    found = clustered_mean(pd.Series(differences, dtype="float64"), groups)
    reason = ""
    if found.value is None:
        reason = "There is no rating to compare."
    elif found.practitioners == 1:
        reason = f"All ratings are of one {one}, so no interval can be had."
    elif found.interval is None:
        reason = f"The difference is the same in every {one}, so no interval can be estimated."
    return replace(found, method=f"mean difference of levels, CR2 standard error over {one}s", reason=reason)
