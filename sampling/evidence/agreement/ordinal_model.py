"""A cumulative logit model with a normal effect of the row, fitted by maximum likelihood with adaptive Gauss-Hermite quadrature.

    P(level <= k) = F(threshold_k - case - criterion + severity),  F the logistic function, case ~ Normal(0, sigma²)

as `clmm2(..., nAGQ)` of R's `ordinal` (Christensen), to whose figures a test holds it. None of the Python packages tried will do: statsmodels'
OrderedModel has no effect of the case; those with one (a cumulative link mixed model by Laplace's approximation, a many-facet Rasch
model by pairs) need drawing libraries and 5 to 10 seconds for a fit of some 100 ratings. The gradient is exact; the quadrature nodes are set anew
around each row's mode until the likelihood stands still.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

NODES = 21  # at 11 a severity still moves in its third digit where cases differ by 5 logits; at 21 in its fifth
_PLACE, _WEIGHT = np.polynomial.hermite.hermgauss(NODES)
_ROUNDS = 12  # of setting the nodes anew
_STILL = 1e-7  # change of the log-likelihood between rounds at which the nodes are good
LOG_SIGMA = (
    np.log(0.02),
    np.log(10.0),
)  # outside, the data say "no difference between cases" or "no error within them"
_LOG_GAP = (-7.0, 5.0)  # log of the distance between neighbouring thresholds
_HESSIAN_STEP = 1e-4

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Data:
    """Ratings in order of their row: level (0 to `levels` - 1, each used), row, rater and criterion by number."""

    level: Whole
    row: Whole
    rater: Whole
    criterion: Whole
    levels: int
    rows: int
    raters: int
    criteria: int


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model. `parameters` are as `unpack` reads them, `covariance` is theirs (None where the information is not positive).

    `mode` is each row's effect given its ratings. `penalty` is the standard deviation of the normal penalty on severities, 0 for none.
    """

    parameters: Floats
    covariance: Floats | None
    log_likelihood: float
    mode: Floats
    penalty: float
    with_raters: bool


@dataclass(frozen=True, eq=False)
class Pieces:
    """Thresholds, severities of the raters (summing to 0), easiness of the criteria (summing to 0), standard deviation between rows."""

    thresholds: Floats
    severity: Floats
    easiness: Floats
    sigma: float


@dataclass(frozen=True, eq=False)
class _Nodes:
    """Values of the row's effect, rows by nodes, with the log of their weights."""

    value: Floats
    log_weight: Floats


def unpack(parameters: Floats, data: Data, with_raters: bool = True) -> Pieces:
    """Returns the pieces of a vector of parameters: first threshold, log gaps, severities but the last, easiness but the last, log sigma."""
    gaps = data.levels - 1
    raters = data.raters - 1 if with_raters else 0
    thresholds = np.cumsum(np.concatenate([parameters[:1], np.exp(parameters[1:gaps])]))
    free, easiness = parameters[gaps : gaps + raters], parameters[gaps + raters : -1]
    severity = np.append(free, -free.sum()) if with_raters else np.zeros(data.raters)
    return Pieces(thresholds, severity, np.append(easiness, -easiness.sum()), float(np.exp(parameters[-1])))


def fit(data: Data, *, with_raters: bool = True, penalty: float = 0.0) -> Fit:
    """Returns the model fitted by maximum likelihood, or with a normal penalty on severities of standard deviation `penalty`."""
    parameters = _start(data, with_raters)
    mode = np.zeros(data.rows)
    last = np.inf
    bounds = _bounds(data, with_raters)
    for _ in range(_ROUNDS):
        pieces = unpack(parameters, data, with_raters)
        mode, width = _modes(data, pieces, mode)
        nodes = _nodes(mode, width)
        found = optimize.minimize(
            _objective,
            parameters,
            args=(data, nodes, with_raters, penalty),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 500, "maxfun": 1000, "ftol": 1e-12, "gtol": 1e-6},
        )
        parameters = np.asarray(found.x, dtype=np.float64)
        if abs(last - found.fun) < _STILL:
            break
        last = float(found.fun)
    pieces = unpack(parameters, data, with_raters)
    mode, width = _modes(data, pieces, mode)
    nodes = _nodes(mode, width)
    value, _ = _objective(parameters, data, nodes, with_raters, 0.0)
    covariance = _covariance(parameters, data, nodes, with_raters, penalty)
    return Fit(parameters, covariance, -value, mode, penalty, with_raters)


def at_bounds(found: Fit) -> str:
    """Returns "no error" when the cases explain all, "no difference" when they explain nothing, else ""."""
    low, high = LOG_SIGMA
    if found.parameters[-1] > high - 0.01:
        return "no error"
    return "no difference" if found.parameters[-1] < low + 0.01 else ""


def chances(thresholds: Floats, place: Floats) -> Floats:
    """Returns the chance of each level at each place (case + criterion - severity), places by levels."""
    below = special.expit(thresholds[None, :] - place[:, None])
    edges = np.hstack([np.zeros((len(place), 1)), below, np.ones((len(place), 1))])
    return np.diff(edges, axis=1)


def _start(data: Data, with_raters: bool) -> Floats:
    """Returns where the search starts: thresholds from the shares of the levels, everyone alike, cases one logit apart."""
    shares = np.cumsum(np.bincount(data.level, minlength=data.levels))[:-1] / len(data.level)
    thresholds = 1.3 * special.logit(shares)
    gaps = np.clip(np.log(np.maximum(np.diff(thresholds), 1e-2)), *_LOG_GAP)
    others = (data.raters - 1 if with_raters else 0) + data.criteria - 1
    return np.concatenate([thresholds[:1], gaps, np.zeros(others), [0.0]])


def _bounds(data: Data, with_raters: bool) -> list[tuple[float | None, float | None]]:
    others = (data.raters - 1 if with_raters else 0) + data.criteria - 1
    free: tuple[float | None, float | None] = (None, None)
    return [free, *[_LOG_GAP] * (data.levels - 2), *[free] * others, LOG_SIGMA]


def _edges(pieces: Pieces, data: Data, effect: Floats) -> tuple[Floats, Floats]:
    """Returns the distances to the upper and the lower threshold of each rating's level, ratings by nodes."""
    place = effect + (pieces.easiness[data.criterion] - pieces.severity[data.rater])[:, None]
    edges = np.concatenate([[-np.inf], pieces.thresholds, [np.inf]])
    upper, lower = edges[data.level + 1][:, None] - place, edges[data.level][:, None] - place
    return upper, lower


def _log_chance(upper: Floats, lower: Floats) -> tuple[Floats, Floats, Floats]:
    """Returns the log of F(upper) - F(lower) and its derivatives by either, safe far out on both sides."""
    gap = np.exp(lower - upper)
    log_chance = special.log_expit(upper) + special.log_expit(-lower) + np.log1p(-gap)
    inside = gap / (1 - gap)
    return log_chance, special.expit(-upper) + inside, -special.expit(lower) - inside


def _modes(data: Data, pieces: Pieces, start: Floats) -> tuple[Floats, Floats]:
    """Returns each row's most likely effect and the width of its likelihood there: Newton's method on a concave function of one number."""
    mode = start.copy()
    precision = 1 / pieces.sigma**2
    for _ in range(60):
        upper, lower = _edges(pieces, data, mode[data.row][:, None])
        high, low = special.expit(upper[:, 0]), special.expit(lower[:, 0])
        slope = np.bincount(data.row, high + low - 1, data.rows) - mode * precision
        curve = np.bincount(data.row, high * (1 - high) + low * (1 - low), data.rows) + precision
        step = np.clip(slope / curve, -2, 2)
        mode = mode + step
        if np.max(np.abs(step)) < 1e-9:
            break
    return mode, 1 / np.sqrt(curve)


def _nodes(mode: Floats, width: Floats) -> _Nodes:
    scale = np.sqrt(2) * width[:, None]
    return _Nodes(mode[:, None] + scale * _PLACE, np.log(scale) + np.log(_WEIGHT) + _PLACE**2)


def _objective(
    parameters: Floats, data: Data, nodes: _Nodes, with_raters: bool, penalty: float
) -> tuple[float, Floats]:
    """Returns the negative (penalised) log-likelihood and its gradient, the nodes held still."""
    pieces = unpack(parameters, data, with_raters)
    log_chance, by_upper, by_lower = _log_chance(*_edges(pieces, data, nodes.value[data.row]))
    firsts = np.searchsorted(data.row, np.arange(data.rows))
    standard = nodes.value / pieces.sigma
    prior = -0.5 * standard**2 - np.log(pieces.sigma) - 0.5 * np.log(2 * np.pi)
    joint = np.add.reduceat(log_chance, firsts, axis=0) + prior + nodes.log_weight
    top = joint.max(axis=1, keepdims=True)
    weight = np.exp(joint - top)
    total = weight.sum(axis=1, keepdims=True)
    share = weight / total
    marginal = top + np.log(total)
    of_rating = share[data.row]
    upper, lower = np.sum(of_rating * by_upper, axis=1), np.sum(of_rating * by_lower, axis=1)
    gradient = _gradient(parameters, data, upper, lower, with_raters)
    gradient[-1] = np.sum(share * (standard**2 - 1))
    value = float(marginal.sum())
    if penalty and with_raters:
        raters = slice(data.levels - 1, data.levels - 1 + data.raters - 1)
        value -= float(np.sum(pieces.severity**2)) / (2 * penalty**2)
        gradient[raters] -= (pieces.severity[:-1] - pieces.severity[-1]) / penalty**2
    return -value, -gradient


def _gradient(parameters: Floats, data: Data, upper: Floats, lower: Floats, with_raters: bool) -> Floats:
    """Returns the gradient by all parameters but the last, from the derivatives by the two thresholds of each rating."""
    gaps = data.levels - 1
    by_threshold = np.bincount(data.level, upper, data.levels)[:-1] + np.bincount(data.level, lower, data.levels)[1:]
    onward = np.cumsum(by_threshold[::-1])[::-1]  # a gap moves each threshold above it
    parts = [onward[:1], onward[1:] * np.exp(parameters[1:gaps])]
    place = -(upper + lower)
    if with_raters:
        severity = -np.bincount(data.rater, place, data.raters)
        parts.append(severity[:-1] - severity[-1])
    easiness = np.bincount(data.criterion, place, data.criteria)
    return np.concatenate([*parts, easiness[:-1] - easiness[-1], [0.0]])


def _covariance(parameters: Floats, data: Data, nodes: _Nodes, with_raters: bool, penalty: float) -> Floats | None:
    """Returns the inverse of the observed information (central differences of the gradient); sigma is held at its bound if it lies there."""
    size = len(parameters)
    low, high = LOG_SIGMA
    free = size - 1 if not low + 0.01 < parameters[-1] < high - 0.01 else size
    information = np.empty((free, free))
    for place in range(free):
        step = np.zeros(size)
        step[place] = _HESSIAN_STEP
        above = _objective(parameters + step, data, nodes, with_raters, penalty)[1]
        below = _objective(parameters - step, data, nodes, with_raters, penalty)[1]
        information[place] = (above - below)[:free] / (2 * _HESSIAN_STEP)
    information = (information + information.T) / 2
    values = np.linalg.eigvalsh(information)
    if not np.isfinite(values).all() or values[0] < 1e-6:
        return None
    covariance = np.zeros((size, size))
    covariance[:free, :free] = np.linalg.inv(information)
    return covariance
