"""The same figures by another road: loops over raw cases, scipy's full permutations, statsmodels' models, on small random data."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats

from sampling.evidence.estimates import weighted_mean, weighted_share
from sampling.evidence.interrupted import interrupted_series
from sampling.evidence.mcnemar import paired_shares
from sampling.evidence.sign_flip import sign_flip
from sampling.evidence.spc.attributes import i_prime_chart
from sampling.evidence.spc.primes import p_prime_chart, u_prime_chart
from sampling.evidence.spc.rare_events import g_chart, t_chart
from sampling.evidence.spc.series import months_between
from sampling.evidence.spread import between_practitioners
from sampling.evidence.waiting_group import against_waiting
from sampling.evidence.wilcoxon import signed_ranks
from tests.evidence_tables import drawn_cases

MONTHS = months_between("2020-01", "2026-12")
SEEDS = range(8)
EVERY = 10**6  # more than there are signs: scipy then writes all of them out


def some_strata(random: np.random.Generator) -> dict[str, tuple[int, list[float | str | None]]]:
    """Returns two to five strata of two to five drawn cases, a fifth of them of a kind that the criterion does not apply to."""
    strata: dict[str, tuple[int, list[float | str | None]]] = {"z": (9, [0, 3])}
    for place in range(int(random.integers(1, 5))):
        n = int(random.integers(2, 6))
        values = [int(random.integers(0, 4)) if random.random() < 0.8 else "not_applicable" for _ in range(n)]
        strata["abcd"[place]] = (n + int(random.integers(1, 20)), values)
    return strata


@pytest.mark.parametrize("seed", SEEDS)
def test_a_share_by_loops_over_the_cases(seed: int) -> None:
    """Taylor's linearisation written out: residuals of the ratio, 0 where the criterion does not apply, as R's survey for a subset."""
    strata = some_strata(np.random.default_rng(seed))
    cases, design = drawn_cases(strata)
    met = cases.assign(value=(cases["value"] >= 2).astype("Float64").where(cases["value"].notna()))
    found = weighted_share(met, design)
    whole = sum(size / len(values) for size, values in strata.values() for value in values if value != "not_applicable")
    yes = sum(
        size / len(values)
        for size, values in strata.values()
        for value in values
        if isinstance(value, int) and value >= 2
    )
    share = yes / whole
    variance = floor = 0.0
    for size, values in strata.values():
        n, weight = len(values), size / len(values)
        z = [weight * ((value >= 2) - share) / whole if isinstance(value, int) else 0.0 for value in values]
        variance += (1 - n / size) * n / (n - 1) * sum((one - sum(z) / n) ** 2 for one in z)
        floor += (1 - n / size) * (weight / whole) ** 2 * sum(isinstance(value, int) for value in values)
    assert found.value == pytest.approx(share) and found.standard_error == pytest.approx(math.sqrt(variance))
    used = max(variance, floor * share * (1 - share))
    df = sum(len(v) - 1 for _, v in strata.values() if any(isinstance(value, int) for value in v))
    n = sum(isinstance(value, int) for _, values in strata.values() for value in values)
    size = share * (1 - share) / used * (stats.t.ppf(0.975, n - 1) / stats.t.ppf(0.975, df)) ** 2
    assert found.interval is not None and found.second is not None and found.degrees == df
    low, high = stats.beta.ppf(
        [0.025, 0.975], [size * share, size * share + 1], [size * (1 - share) + 1, size * (1 - share)]
    )
    assert (found.interval.low, found.interval.high) == (pytest.approx(low, abs=1e-8), pytest.approx(high, abs=1e-8))
    half = stats.t.ppf(0.975, df) * math.sqrt(used) / (share * (1 - share))
    odds = [math.log(share / (1 - share)) + side * half for side in (-1, 1)]
    ends = [1 / (1 + math.exp(-one)) for one in odds]
    assert (found.second.low, found.second.high) == (pytest.approx(ends[0]), pytest.approx(ends[1]))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_mean_by_loops_over_the_cases(seed: int) -> None:
    strata = some_strata(np.random.default_rng(seed))
    found = weighted_mean(*drawn_cases(strata))
    levels = {name: (size / len(v), [x for x in v if isinstance(x, int)]) for name, (size, v) in strata.items()}
    whole = sum(weight * len(values) for weight, values in levels.values())
    mean = sum(weight * sum(values) for weight, values in levels.values()) / whole
    squares = sum(sum((x - np.mean(values)) ** 2 for x in values) for _, values in levels.values() if values)
    spread = squares / sum(len(values) - 1 for _, values in levels.values() if values)
    variance = pooled = 0.0
    for name, (size, values) in strata.items():
        n, (weight, scored) = len(values), levels[name]
        z = [weight * (value - mean) / whole if isinstance(value, int) else 0.0 for value in values]
        variance += (1 - n / size) * n / (n - 1) * sum((one - sum(z) / n) ** 2 for one in z)
        pooled += (1 - n / size) * (weight / whole) ** 2 * len(scored) * spread
    assert found.value == pytest.approx(mean) and found.standard_error == pytest.approx(math.sqrt(variance))
    assert found.interval is not None and found.degrees is not None
    half = stats.t.ppf(0.975, found.degrees) * math.sqrt(max(variance, pooled))
    assert found.interval.low == pytest.approx(max(0.0, mean - half))
    assert found.interval.high == pytest.approx(min(3.0, mean + half))


@pytest.mark.parametrize("seed", SEEDS)
def test_signs_and_ranks_by_scipy_s_full_permutations(seed: int) -> None:
    random = np.random.default_rng(seed)
    change = np.concatenate([random.choice([-2, -1, 1, 2, 3], 6), random.integers(-3, 4, 3)])
    for zeros, name in (("drop", "wilcox"), ("pratt", "pratt")):
        theirs = stats.wilcoxon(change, zero_method=name, method=stats.PermutationMethod(n_resamples=EVERY))
        assert signed_ranks(change.tolist(), zeros=zeros).test.p == pytest.approx(theirs.pvalue)  # type: ignore[arg-type]
    flips = stats.permutation_test((change.astype(float),), np.sum, permutation_type="samples", n_resamples=EVERY)
    assert sign_flip(change.tolist()).p == pytest.approx(min(1.0, flips.pvalue))


@pytest.mark.parametrize("counts", [(4, 1, 7, 3), (0, 6, 0, 2), (5, 4, 4, 5), (9, 8, 3, 0), (2, 3, 11, 6)])
def test_mcnemar_by_adding_up_the_coin_s_chances(counts: tuple[int, int, int, int]) -> None:
    _, down, up, _ = counts
    n, found = down + up, paired_shares(*counts)
    chance = [math.comb(n, k) / 2**n for k in range(n + 1)]
    further = [k for k in range(n + 1) if abs(2 * k - n) > abs(up - down)]
    alike = [k for k in range(n + 1) if abs(2 * k - n) == abs(up - down)]
    assert found.exact.p == pytest.approx(sum(chance[k] for k in [*further, *alike]))
    assert found.mid_p.p == pytest.approx(sum(chance[k] for k in further) + sum(chance[k] for k in alike) / 2)


@pytest.mark.parametrize("seed", SEEDS[:4])
def test_the_interrupted_series_by_a_formula_of_statsmodels(seed: int) -> None:
    random = np.random.default_rng(seed)
    n, change = 30 + seed, 14
    table = pd.DataFrame({"y": 2 + random.normal(0, 0.2, n), "t": np.arange(1, n + 1)})
    table["post"], table["since"] = (table.index >= change) * 1, np.maximum(table.index - change, 0)
    model = smf.ols("y ~ t + post + since", table).fit()
    robust = model.get_robustcov_results("HAC", maxlags=1, use_correction=True)
    last = np.array([0, 0, 1, n - 1 - change])
    value = float(last @ model.params.to_numpy())
    error = max(float(last @ each @ last) for each in (model.cov_params().to_numpy(), robust.cov_params())) ** 0.5
    found = interrupted_series(pd.DataFrame({"period": MONTHS[:n], "value": table["y"]}), MONTHS[change]).effect
    assert found is not None and found.lower is not None and found.value == pytest.approx(value)
    assert found.lower == pytest.approx(value - stats.t.ppf(0.975, n - 4) * error)


@pytest.mark.parametrize("seed", SEEDS[:4])
def test_the_spread_by_analysis_of_variance_and_by_restricted_likelihood(seed: int) -> None:
    random = np.random.default_rng(seed)
    own = random.normal(2, 0.7, 8)
    sizes = random.integers(2, 6, 8)
    unequal = pd.DataFrame(
        {
            "practitioner": np.repeat(list("abcdefgh"), sizes),
            "value": np.repeat(own, sizes) + random.normal(0, 0.4, sizes.sum()),
        }
    )
    table = sm.stats.anova_lm(smf.ols("value ~ C(practitioner)", unequal).fit())["mean_sq"]
    each = (sizes.sum() - (sizes**2).sum() / sizes.sum()) / 7
    found = between_practitioners(unequal)
    assert found.value is not None and found.within is not None
    assert found.value**2 == pytest.approx((table.iloc[0] - table.iloc[1]) / each)
    assert found.within**2 == pytest.approx(table.iloc[1])
    equal = pd.DataFrame(
        {"practitioner": np.repeat(list("abcdefgh"), 4), "value": np.repeat(own, 4) + random.normal(0, 0.4, 32)}
    )
    model = sm.MixedLM(equal["value"], np.ones((32, 1)), groups=equal["practitioner"]).fit(reml=True)
    assert (between_practitioners(equal).value or 0) ** 2 == pytest.approx(float(model.cov_re.iloc[0, 0]), rel=1e-3)


def test_the_waiting_group_by_least_squares_of_statsmodels() -> None:
    random = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "practitioner": random.choice(list("abcdef"), 30),
            "before": random.integers(0, 4, 30),
            "coached": random.random(30) < 0.5,
        }
    ).assign(after=lambda t: 0.4 * t["before"] + 0.6 * t["coached"] + random.normal(0, 0.5, 30))
    model = smf.ols("after ~ before + coached", table.astype({"coached": int})).fit()
    assert against_waiting(table).value == pytest.approx(model.params["coached"])


def screened(ranges: np.ndarray, factor: float = 3.267) -> float:
    """Returns the mean of the moving ranges below so many times their mean."""
    return float(ranges[ranges < factor * ranges.mean()].mean())


@pytest.mark.parametrize("seed", SEEDS)
def test_charts_by_their_formulas(seed: int) -> None:
    random = np.random.default_rng(seed)
    k = int(random.integers(12, 25))
    n = random.integers(10, 60, k)
    for counts, chart, top in (
        (random.binomial(n, 0.6), p_prime_chart, 1.0),
        (random.poisson(1.3 * n), u_prime_chart, math.inf),
    ):
        centre = counts.sum() / n.sum()
        sigma = np.sqrt(centre * (1 - centre if top == 1 else 1) / n)
        factor = screened(np.abs(np.diff((counts / n - centre) / sigma))) / 1.128
        found = chart(pd.DataFrame({"period": MONTHS[:k], "count": counts, "n": n}))
        assert found.sigma_z[0] == pytest.approx(factor)
        upper = np.minimum(top, centre + 3 * max(1.0, factor) * sigma)
        assert [point.upper for point in found.points] == pytest.approx(upper.tolist())
    values = random.normal(2, 0.3, k)
    steps = math.sqrt(math.pi / 2) * np.abs(np.diff(values)) / np.sqrt(1 / n[1:] + 1 / n[:-1])
    prime = i_prime_chart(pd.DataFrame({"period": MONTHS[:k], "value": values, "n": n})).points[3]
    assert prime.upper == pytest.approx(values @ n / n.sum() + 3 * screened(steps, 3.2665) / math.sqrt(n[3]))
    gaps = random.geometric(0.1, k) - 1
    assert g_chart(gaps.tolist()).points[0].upper == pytest.approx(
        gaps.mean() + 3 * math.sqrt(gaps.mean() * (gaps.mean() + 1))
    )
    times = random.exponential(20, k) + 0.1
    rooted = times ** (1 / 3.6)
    upper_root = rooted.mean() + 3 * screened(np.abs(np.diff(rooted))) / 1.128
    assert t_chart(times.tolist()).points[0].upper == pytest.approx(upper_root**3.6)
