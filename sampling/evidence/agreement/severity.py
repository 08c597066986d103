"""How strict each rater is, from a model of raters and cases: never from raw means, which follow the cases that a rater happened to have.

The model is `ordinal_model`: cumulative logit, severities that sum to 0, a normal effect of each case (and criterion). A severity of 1 logit
divides the odds of reaching any level by e = 2.7. Beside the logits stands what a reader can use: the score that the rater would be expected
to give the average case.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from sampling.evidence.agreement import ordinal_model
from sampling.evidence.agreement.data import AT_THE_STANDARD, Ratings, at_or_above, overlap, select
from sampling.evidence.agreement.ordinal_model import Data, Fit, Pieces, unpack
from sampling.evidence.results import CONFIDENCE, Interval, PValue, counted

FEWEST_ROWS = 5  # ours: with fewer shared cases each rater's severity rests on a handful of levels
PENALTY = 2.0  # logits; standard deviation of the normal penalty where a severity has no finite estimate: strict raters differ by 1 or 2
_TOO_FAR = 6.0  # a severity beyond so many logits, or with a standard error beyond the next, is no estimate but a run to infinity
_TOO_UNSURE = 4.0
_Z = float(stats.norm.ppf(1 - (1 - CONFIDENCE) / 2))
_METHOD = "cumulative logit with a normal effect of each case (maximum likelihood, adaptive Gauss-Hermite quadrature); severities sum to 0"
_STEP = 1e-5
_NO_VARIATION = "No variation: every level is the same, so the raters show no difference here."
_ALIKE = "on which every level was the same"
_NO_ERROR = (
    "The raters differ so little within cases that the model finds no error to measure a severity by. "
    "The plain differences from the other raters are the figure."
)
_PENALISED = "A rater's levels leave no finite severity (all at one end, or nearly): all severities are drawn towards each other by a normal penalty."
_HALO = "A rater's levels on several criteria of one case are taken to err independently; where they do not, the intervals are too narrow."

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RaterSeverity:
    """One rater. `logits` above 0 is stricter than the mean of the raters, below 0 more lenient.

    `expected` is the score that the rater would be expected to give the average case (at a cut: the chance of at or above), with its
    interval. `infit` is near 1 where the rater's levels are as unsteady as the model takes all raters' to be, above where more.
    """

    rater: str
    ratings: int
    logits: float
    standard_error: float
    interval: Interval
    expected: float
    expected_interval: Interval
    infit: float | None


@dataclass(frozen=True)
class Severity:
    """The raters, in the order of the table, and the likelihood-ratio test of no difference between them; `reason` says why there is none.

    `between_cases` is the standard deviation of cases in logits. `rows` are shared cases by criteria.
    """

    raters: tuple[RaterSeverity, ...]
    test: PValue
    chi_square: float | None
    degrees: int
    between_cases: float | None
    rows: int
    ratings: int
    method: str = _METHOD
    reason: str = ""
    notes: tuple[str, ...] = ()


def rater_severity(ratings: Ratings) -> Severity:
    """Returns the severity of each rater over all thresholds, from the cases that two raters or more rated.

    A rater whose levels are all at one end has no finite severity: all are then estimated with a normal penalty (PENALTY), and `method` says so.
    """
    shared = select(ratings, rows=ratings.given >= 2)
    reason = _why_none(shared)
    if reason:
        return _nothing(shared, reason)
    kept, notes = _with_variation(shared)
    reason = _why_none(kept)
    if reason:
        return _nothing(kept, reason, notes)
    data, levels = _data(kept)
    if len(levels) < len(ratings.scale):
        missing = sorted(set(ratings.scale) - set(levels))
        notes = (*notes, f"Nobody gave level {' or '.join(map(str, missing))}: the model is of the levels given.")
    return _estimated(kept, data, np.asarray(levels, dtype=np.float64), notes)


def severity_at(ratings: Ratings, cut: int = AT_THE_STANDARD) -> Severity:
    """Returns the severity of each rater at one threshold: how readily a case is put at `cut` or above rather than below."""
    found = rater_severity(at_or_above(ratings, cut))
    boundary = f"{cut - 1}|{cut}"
    if found.reason == _NO_VARIATION:
        reason = (
            f"Every level lies on the same side of the boundary {boundary}, so the raters show no difference there."
        )
        return replace(found, reason=reason, test=replace(found.test, reason=reason))
    sided = tuple(
        one.replace(_ALIKE, f"on which every level lies on the same side of {boundary}") for one in found.notes
    )
    return replace(found, method=f"{found.method}; at the boundary {boundary} alone", notes=sided)


def _why_none(shared: Ratings) -> str:
    if len(shared.raters) < 2 or not len(shared.cases):
        return "No two raters rated the same case, so nobody's severity can be told from their cases."
    if len(np.unique(shared.levels[~np.isnan(shared.levels)])) == 1:
        return _NO_VARIATION
    if len(shared.cases) < FEWEST_ROWS:
        what = ("shared case", "shared cases")
        if len(set(shared.cases)) == 1 and len(shared.cases) > 1:
            what = ("criterion of one case", "criteria of one case")
        return (
            f"{counted(len(shared.cases), *what)}: with fewer than {FEWEST_ROWS} a rater's severity cannot be told from chance. "
            "The plain differences from the other raters are the figure."
        )
    if len(overlap(shared).groups) > 1:
        return "The raters fall into groups that share no case, so their severities cannot be put on one scale."
    return ""


def _with_variation(shared: Ratings) -> tuple[Ratings, tuple[str, ...]]:
    """Returns the rows of criteria on which the levels differ at all: the others tell nothing of raters, and have no finite easiness."""
    criteria = np.array(shared.criteria)
    flat = [
        name for name in dict.fromkeys(shared.criteria) if len(np.unique(_known(shared.levels[criteria == name]))) == 1
    ]
    if not flat:
        return shared, ()
    note = f"{counted(len(flat), 'criterion', 'criteria')} {_ALIKE} left out."
    return select(shared, rows=~np.isin(criteria, flat)), (note,)


def _known(levels: Floats) -> Floats:
    return levels[~np.isnan(levels)]


def _data(ratings: Ratings) -> tuple[Data, tuple[int, ...]]:
    """Returns the ratings one by one in order of their row, and the levels in use."""
    row, rater = np.nonzero(~np.isnan(ratings.levels))
    used, level = np.unique(ratings.levels[row, rater], return_inverse=True)
    criteria, criterion = np.unique(np.array(ratings.criteria), return_inverse=True)
    if len(set(ratings.cases)) == 1:  # each criterion has one row, whose effect would be the criterion's over again
        criteria, criterion = criteria[:1], np.zeros(len(ratings.criteria), dtype=np.int64)
    data = Data(
        level.astype(np.int64),
        row.astype(np.int64),
        rater.astype(np.int64),
        criterion[row].astype(np.int64),
        len(used),
        len(ratings.cases),
        len(ratings.raters),
        len(criteria),
    )
    return data, tuple(int(level) for level in used)


def _estimated(ratings: Ratings, data: Data, levels: Floats, notes: tuple[str, ...]) -> Severity:
    free, same = ordinal_model.fit(data), ordinal_model.fit(data, with_raters=False)
    found = free
    if _ran_off(free, data):
        found = ordinal_model.fit(data, penalty=PENALTY)
        notes = (*notes, _PENALISED)
    if "no error" in (ordinal_model.at_bounds(free), ordinal_model.at_bounds(found)):
        return _nothing(ratings, _NO_ERROR, notes[:-1] if found.penalty else notes)
    if found.covariance is None:
        return _nothing(
            ratings, "The levels do not settle the model: too few, or too much at the ends of the scale.", notes
        )
    if ordinal_model.at_bounds(found) == "no difference":
        one_case = len(set(ratings.cases)) == 1 and len(set(ratings.criteria)) > 1
        items = "criteria" if one_case else "cases"
        notes = (
            *notes,
            f"The {items} differ no more than chance gives, so raters are compared as if all {items} were alike.",
        )
    if len(set(ratings.criteria)) > 1:
        notes = (*notes, _HALO)
    if len(set(ratings.cases)) == 1:
        notes = (*notes, "All ratings are of one case: how strict a rater is with others is another question.")
    chi_square = max(0.0, 2 * (free.log_likelihood - same.log_likelihood))
    degrees = data.raters - 1
    method = f"likelihood-ratio test of no difference between raters, {degrees} {'degree' if degrees == 1 else 'degrees'} of freedom"
    return Severity(
        _raters(ratings, data, found, levels),
        PValue(float(stats.chi2.sf(chi_square, degrees)), data.raters, method),
        chi_square,
        degrees,
        unpack(found.parameters, data).sigma,
        data.rows,
        len(data.level),
        method=f"{_METHOD}, normal penalty of {PENALTY:g} logits" if found.penalty else _METHOD,
        notes=notes,
    )


def _ran_off(found: Fit, data: Data) -> bool:
    """Tells whether a severity has no finite estimate: a rater at one end throughout, or a search that runs away."""
    top, bottom = np.zeros(data.raters, dtype=bool), np.zeros(data.raters, dtype=bool)
    for rater in range(data.raters):
        given = data.level[data.rater == rater]
        top[rater], bottom[rater] = bool((given == data.levels - 1).all()), bool((given == 0).all())
    severity = unpack(found.parameters, data).severity
    if (top | bottom).any() or found.covariance is None or np.abs(severity).max() > _TOO_FAR:
        return True
    return bool(_severity_errors(found, data).max() > _TOO_UNSURE)


def _severity_errors(found: Fit, data: Data) -> Floats:
    """Returns the standard error of each severity, the last being less the sum of the others."""
    assert found.covariance is not None
    first = data.levels - 1
    block = found.covariance[first : first + data.raters - 1, first : first + data.raters - 1]
    return np.asarray(np.sqrt(np.append(np.diag(block), block.sum())))


def _raters(ratings: Ratings, data: Data, found: Fit, levels: Floats) -> tuple[RaterSeverity, ...]:
    severity, errors = unpack(found.parameters, data).severity, _severity_errors(found, data)
    expected, low, high = _on_the_average_case(data, found, levels)
    infit = _infit(data, found)
    given = np.bincount(data.rater, minlength=data.raters)
    raters = []
    for place, name in enumerate(ratings.raters):
        logits, error = float(severity[place]), float(errors[place])
        interval = Interval(logits - _Z * error, logits + _Z * error, "normal, from the observed information")
        ends = Interval(float(low[place]), float(high[place]), "delta method on the logit")
        raters.append(
            RaterSeverity(name, int(given[place]), logits, error, interval, float(expected[place]), ends, infit[place])
        )
    return tuple(raters)


def _on_the_average_case(data: Data, found: Fit, levels: Floats) -> tuple[Floats, Floats, Floats]:
    """Returns each rater's expected score on the average case (effect 0, mean of the criteria) with the ends of its interval.

    The delta method is used on the logit of the score's place between the lowest and the highest level, so the ends stay on the scale.
    """
    lowest, width = levels[0], levels[-1] - levels[0]

    def on_logits(parameters: Floats) -> Floats:
        pieces = unpack(parameters, data)
        place = pieces.easiness[None, :] - pieces.severity[:, None]
        chance = ordinal_model.chances(pieces.thresholds, place.ravel())
        score = (chance @ levels).reshape(place.shape).mean(axis=1)
        return np.asarray(special.logit((score - lowest) / width))

    assert found.covariance is not None
    at = found.parameters
    slope = np.array([on_logits(at + step) - on_logits(at - step) for step in np.eye(len(at)) * _STEP]) / (2 * _STEP)
    error = np.sqrt(np.einsum("pr,pq,qr->r", slope, found.covariance, slope))
    centre = on_logits(at)
    score, low, high = (lowest + width * special.expit(centre + side * _Z * error) for side in (0, -1, 1))
    return score, low, high


def _infit(data: Data, found: Fit) -> tuple[float | None, ...]:
    """Returns each rater's information-weighted mean square: squared residuals over what the model expects (Linacre), given the cases' modes."""
    pieces: Pieces = unpack(found.parameters, data)
    place = found.mode[data.row] + pieces.easiness[data.criterion] - pieces.severity[data.rater]
    chance = ordinal_model.chances(pieces.thresholds, place)
    steps = np.arange(data.levels, dtype=np.float64)
    mean = chance @ steps
    variance = chance @ steps**2 - mean**2
    residual = np.bincount(data.rater, (data.level - mean) ** 2, data.raters)
    expected = np.bincount(data.rater, variance, data.raters)
    return tuple(float(a / b) if b > 1e-9 else None for a, b in zip(residual, expected, strict=True))


def _nothing(ratings: Ratings, reason: str, notes: tuple[str, ...] = ()) -> Severity:
    test = PValue(None, len(ratings.raters), "likelihood-ratio test of no difference between raters", reason=reason)
    rows, given = len(ratings.cases), int(ratings.given.sum())
    return Severity((), test, None, max(0, len(ratings.raters) - 1), None, rows, given, reason=reason, notes=notes)
