"""Agreement coefficients against published tables, against two other programs' recorded figures, by hand, and by simulation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss

from sampling.errors import ProgramError
from sampling.evidence.agreement import forms
from sampling.evidence.agreement.coefficients import (
    Agreement,
    brennan_prediger,
    cohen_kappa,
    conger_kappa,
    distribution,
    exact_agreement,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    usual_coefficients,
    within_one,
)
from sampling.evidence.agreement.data import Ratings, from_levels, rating_table
from sampling.evidence.agreement.deciding import decide, membership
from sampling.evidence.agreement.intervals import Uncertainty, components, linearised_error
from sampling.evidence.agreement.standard import at_the_standard
from sampling.evidence.agreement.totals import intraclass_correlations
from sampling.evidence.agreement.weights import Weights, agreement_weights

X = math.nan
# Gwet 2014, table of 12 units and 4 raters ("cac.raw4raters" of irrCAC), which Krippendorff 2011 also works through.
TWELVE = [
    [1, 1, X, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4],
    [4, 4, 4, 4], [1, 1, 2, 1], [2, 2, 2, 2], [X, 5, 5, 5], [X, X, 1, 1], [X, X, 3, X],
]  # fmt: skip
# Gwet 2014, 15 units and 5 observers, levels 0 to 3 ("raw_5observers" of irrCAC's Python port); each unit has two levels or more.
FIFTEEN = [
    [1, 1, 2, X, 2], [1, 1, 0, 1, X], [2, 3, 3, 3, X], [X, 0, 0, X, 0], [0, 0, 0, X, 0], [0, 0, 0, X, 0], [1, 0, 2, X, 1],
    [1, X, 2, 0, X], [2, 2, 2, X, 2], [2, 1, 1, 1, X], [X, 1, 0, 0, X], [0, 0, 0, 0, X], [1, 2, 2, 2, X], [3, 3, 2, 2, 3],
    [1, 1, 1, X, 1],
]  # fmt: skip
# Made once with irrCAC 0.4.4 for Python (scipy 1.17.1, pandas 3.1.1; `CAC(table, weights, categories=[0, 1, 2, 3], digits=6)`), which cannot be
# a dependency: it asks for scipy 1.12.0 and pandas below 3. Coefficient, standard error, observed agreement, chance.
IRRCAC_FIFTEEN: dict[Weights, dict[str, tuple[float, float, float, float]]] = {
    "identity": {
        "gwet": (0.496622, 0.121973, 0.615556, 0.236271),
        "fleiss": (0.457622, 0.12045, 0.615556, 0.291188),
        "conger": (0.469274, 0.116663, 0.615556, 0.275625),
        "brennan": (0.487407, 0.120892, 0.615556, 0.25),
    },
    "linear": {
        "gwet": (0.689639, 0.087691, 0.860741, 0.551298),
        "fleiss": (0.61185, 0.109739, 0.860741, 0.641223),
        "conger": (0.624052, 0.10587, 0.860741, 0.629578),
        "brennan": (0.665778, 0.085677, 0.860741, 0.583333),
    },
    "quadratic": {
        "gwet": (0.830434, 0.058246, 0.946173, 0.68256),
        "fleiss": (0.750719, 0.097321, 0.946173, 0.78407),
        "conger": (0.761788, 0.092505, 0.946173, 0.774037),
        "brennan": (0.806222, 0.058595, 0.946173, 0.722222),
    },
    "gwet_ordinal": {
        "gwet": (0.785342, 0.068188, 0.924815, 0.649745),
        "fleiss": (0.701221, 0.102969, 0.924815, 0.748358),
        "conger": (0.713119, 0.098489, 0.924815, 0.737922),
        "brennan": (0.759407, 0.067213, 0.924815, 0.6875),
    },
}
MAKE = {"gwet": gwet_ac, "fleiss": fleiss_kappa, "conger": conger_kappa, "brennan": brennan_prediger}


def twelve() -> Ratings:
    return from_levels(TWELVE, scale=(1, 2, 3, 4, 5))


def value(found: Agreement) -> float:
    assert found.value is not None, found.reason
    return found.value


def error(found: Agreement) -> float:
    assert found.standard_error is not None
    return found.standard_error


# Published figures


def test_krippendorff_2011_four_observers_twelve_units() -> None:
    """Krippendorff, Computing Krippendorff's alpha-reliability (2011): nominal .743, ordinal .815, interval .849."""
    nominal, ordinal, interval = (
        krippendorff_alpha(twelve(), metric) for metric in ("nominal", "krippendorff_ordinal", "interval")
    )
    assert [round(value(found), 3) for found in (nominal, ordinal, interval)] == [0.743, 0.815, 0.849]
    assert (nominal.cases, nominal.ratings) == (11, 40)  # the unit with one rating does not count
    # krippendorff 0.9.0 (GPL, so no dependency), run once: all digits
    assert value(nominal) == pytest.approx(0.743421052631579, abs=1e-12)
    assert value(ordinal) == pytest.approx(0.8153875037548814, abs=1e-12)
    assert value(interval) == pytest.approx(0.8491071428571428, abs=1e-12)


def test_krippendorff_on_levels_0_to_3() -> None:
    """krippendorff 0.9.0, run once on the 15 units: nominal .48053, ordinal .76869, interval .77186."""
    found = [
        value(krippendorff_alpha(from_levels(FIFTEEN), metric))
        for metric in ("nominal", "krippendorff_ordinal", "interval")
    ]
    assert found == pytest.approx([0.48053024026512003, 0.7686851594862338, 0.7718648087755707], abs=1e-12)


def test_gwet_2014_twelve_units() -> None:
    """Gwet 2014 (irrCAC, `cac.raw4raters`): AC1 .77544, Fleiss .76117, Conger .76282, Brennan-Prediger .77273; agreement .81818, chance .19032."""
    ac1 = gwet_ac(twelve())
    assert round(value(ac1), 5) == 0.77544
    assert (ac1.observed, ac1.expected) == pytest.approx((0.81818, 0.19032), abs=5e-6)
    others = [value(make(twelve(), "identity")) for make in (fleiss_kappa, conger_kappa, brennan_prediger)]
    assert others == pytest.approx([0.76117, 0.76282, 0.77273], abs=5e-6)
    weighted = [value(gwet_ac(twelve(), weights)) for weights in ("linear", "quadratic", "gwet_ordinal")]
    assert weighted == pytest.approx([0.858739, 0.914001, 0.89894], abs=5e-7)


def test_two_things_are_called_ordinal() -> None:
    """On the same data alpha with Krippendorff's ordinal metric is .815, alpha with Gwet's ordinal weights .834."""
    weights = agreement_weights("gwet_ordinal", (1, 2, 3, 4, 5))
    shared = np.array(TWELVE[:-1])
    counts = np.stack([(shared == level).sum(axis=1) for level in range(1, 6)], axis=1).astype(float)
    given = counts.sum(axis=1)
    observed = np.mean((counts * (counts @ weights - 1)).sum(axis=1) / (given.mean() * (given - 1)))
    observed = (1 - 1 / given.sum()) * observed + 1 / given.sum()
    share = counts.mean(axis=0) / given.mean()
    with_gwets = (observed - share @ weights @ share) / (1 - share @ weights @ share)
    krippendorffs = krippendorff_alpha(twelve(), "krippendorff_ordinal")
    assert (round(with_gwets, 3), round(value(krippendorffs), 3)) == (0.834, 0.815)
    assert "not Gwet's ordinal weights" in krippendorffs.name
    assert "not Krippendorff's ordinal metric" in gwet_ac(twelve(), "gwet_ordinal").name


@pytest.mark.parametrize("weights", IRRCAC_FIFTEEN)
@pytest.mark.parametrize("name", MAKE)
def test_irrcac_on_levels_0_to_3(weights: Weights, name: str) -> None:
    found = MAKE[name](from_levels(FIFTEEN), weights)
    assert found.observed is not None and found.expected is not None and found.interval is not None
    figures = (value(found), error(found), found.observed, found.expected)
    assert figures == pytest.approx(IRRCAC_FIFTEEN[weights][name], abs=6e-7)
    assert "14 degrees of freedom" in found.interval.method


def test_alphas_standard_error_is_that_of_irrcac_for_r() -> None:
    """By irrCAC's formulas for R (`krippen.alpha.raw`), written out: the linear components of pa' and pe around their means."""
    counts = np.stack([(np.array(FIFTEEN) == level).sum(axis=1) for level in range(4)], axis=1).astype(float)
    for metric, weights in (("nominal", "identity"), ("interval", "quadratic")):
        table = agreement_weights(weights, (0, 1, 2, 3))  # type: ignore[arg-type]
        given = counts.sum(axis=1)
        mean, n = given.mean(), len(given)
        row = (counts * (counts @ table - 1)).sum(axis=1) / (mean * (given - 1))
        share = counts.mean(axis=0) / mean
        chance = share @ table @ share
        plain = (row.mean() - chance) / (1 - chance)
        agreeing = row - row.mean() * (given - mean) / mean
        by_chance = counts @ table @ share / mean - chance * (given - mean) / mean
        linear = (agreeing - chance) / (1 - chance) - 2 * (1 - plain) * (by_chance - chance) / (1 - chance)
        expected = math.sqrt(np.sum((linear - plain) ** 2) / (n * (n - 1)))
        assert error(krippendorff_alpha(from_levels(FIFTEEN), metric)) == pytest.approx(expected, rel=1e-9)  # type: ignore[arg-type]


def test_single_ratings_are_where_we_leave_irrcac() -> None:
    """Gwet's 12 units have one with one rating: irrCAC gives AC1 the standard error .14295, counting that unit as one of no agreement.

    Put that term in, and its figure comes out to the digit; without it the error is that of a ratio of two means over cases.
    """
    ratings = twelve()
    found = gwet_ac(ratings)
    n, shared = 12, ratings.given >= 2
    ours = n * components(forms.gwet(ratings, "identity"), n)
    theirs = ours + n / shared.sum() * value(found) * shared - value(found)
    assert math.sqrt(np.sum(theirs**2) / (n * (n - 1))) == pytest.approx(0.14295, abs=5e-6)
    assert error(found) == pytest.approx(0.124737, abs=5e-7)


def test_with_many_single_ratings_irrcacs_error_is_far_too_large() -> None:
    """A month of 80 cases, 8 of them rated twice, again and again: the spread of AC1 is what our standard error says."""
    generator = np.random.default_rng(20)
    values, ours, theirs = [], [], []
    for _ in range(150):
        true = generator.choice(4, size=80, p=[0.15, 0.25, 0.4, 0.2])
        second = np.where(generator.random(80) < 0.75, true, generator.integers(0, 4, size=80)).astype(float)
        second[8:] = X
        ratings = from_levels(np.column_stack([true.astype(float), second]))
        form = forms.gwet(ratings, "identity")
        ac1 = float(form(np.ones((1, 80))).value[0].real)
        values.append(ac1)
        ours.append(linearised_error(form, ratings) ** 2)
        shared = np.arange(80) < 8
        linear = 80 * components(form, 80) + 10 * ac1 * shared - ac1
        theirs.append(np.sum(linear**2) / (80 * 79))
    spread = float(np.var(values))
    assert 0.7 < np.mean(ours) / spread < 1.3
    assert np.mean(theirs) / spread > 2


def test_shrout_and_fleiss_1979() -> None:
    """Shrout and Fleiss 1979, 6 targets by 4 judges: .17 .29 .71 .44 .62 .91; ends of the intervals as psych::ICC gives them."""
    table = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float)
    found = {one.kind: one for one in intraclass_correlations(table)}
    kinds = ("ICC(1,1)", "ICC(A,1)", "ICC(C,1)", "ICC(1,k)", "ICC(A,k)", "ICC(C,k)")
    assert [round(found[kind].value or 0, 2) for kind in kinds] == [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]
    ends = [(one.low, one.high) for one in (found[kind].interval for kind in kinds[:3]) if one]
    assert [round(end, 3) for pair in ends for end in pair] == [-0.133, 0.723, 0.019, 0.761, 0.342, 0.946]


def test_totals_that_cannot_be_compared_say_so() -> None:
    short = intraclass_correlations(np.array([[5.0, 6.0], [7.0, X]]))[0]
    assert (
        short.value is None
        and short.reason == "1 case with a total of all of 2 raters: at least two of each are needed."
    )
    assert short.notes == ("1 case without a total of every rater left out.",)
    assert intraclass_correlations(np.full((4, 3), 7.0))[1].reason == "No variation: every total is the same."
    shifted = {one.kind: one for one in intraclass_correlations(np.array([[1.0, 3.0], [2.0, 4.0], [4.0, 6.0]]))}
    assert shifted["ICC(C,1)"].value == pytest.approx(1) and shifted["ICC(C,1)"].interval is None
    assert shifted["ICC(A,1)"].value is not None and shifted["ICC(A,1)"].value < 0.6


# By other programs and by hand


@pytest.mark.parametrize(("weights", "theirs"), [("identity", None), ("linear", "linear"), ("quadratic", "quadratic")])
def test_cohens_kappa_is_statsmodels(weights: Weights, theirs: str | None) -> None:
    generator = np.random.default_rng(4)
    one = generator.integers(0, 4, size=60)
    other = np.clip(one + generator.integers(-1, 2, size=60), 0, 3)
    table = np.zeros((4, 4))
    np.add.at(table, (one, other), 1)
    reference = cohens_kappa(table, wt=theirs)
    found = cohen_kappa(from_levels(np.column_stack([one, other]).astype(float)), weights)
    assert value(found) == pytest.approx(reference.kappa, abs=1e-12)
    assert error(found) == pytest.approx(math.sqrt(reference.var_kappa * 60 / 59), rel=1e-6)  # they divide by n


def test_fleiss_kappa_is_statsmodels() -> None:
    levels = np.random.default_rng(5).integers(0, 4, size=(30, 5))
    table = np.stack([(levels == level).sum(axis=1) for level in range(4)], axis=1)
    assert value(fleiss_kappa(from_levels(levels.astype(float)))) == pytest.approx(statsmodels_fleiss(table), abs=1e-12)


def test_exact_and_within_one_by_hand() -> None:
    """Three raters give three pairs, two raters one: of the four pairs below one agrees and three lie within a level."""
    ratings = from_levels([[2, 2, 3], [0, X, 2], [X, 1, X]])
    exact, near = exact_agreement(ratings), within_one(ratings)
    assert (exact.value, near.value) == (1 / 4, 3 / 4)
    assert (exact.cases, exact.ratings, exact.raters) == (2, 5, 3)


def test_nearly_all_at_the_standard_is_the_paradox_and_is_said() -> None:
    """94 of 100 cases both at the standard, 3 and 3 apart: 94% agreement, kappa -.03, AC1 .94."""
    found = at_the_standard(from_levels([[2, 2]] * 94 + [[2, 1]] * 3 + [[1, 3]] * 3))
    assert found.exact.value == 0.94 and found.prevalence == 0.97 and found.kappa.name.startswith("Cohen")
    assert (round(value(found.kappa), 2), round(value(found.ac1), 2)) == (-0.03, 0.94)
    assert found.warning.startswith("97% of the levels are at the standard: kappa and alpha are then low")
    assert distribution(from_levels([[1, 1]] * 9 + [[0, 2]])).warning.startswith("90% of the levels are 1:")
    assert distribution(from_levels([[1, 1]] * 8 + [[0, 2]] * 2)).warning == ""


def test_an_unused_level_raises_ac2_and_leaves_alpha() -> None:
    levels = [[1, 1], [2, 2], [1, 2], [3, 3], [2, 3], [1, 1]]
    narrow, wide = from_levels(levels, scale=(1, 2, 3)), from_levels(levels)
    assert value(gwet_ac(wide, "quadratic")) > value(gwet_ac(narrow, "quadratic")) + 0.05
    alphas = [value(krippendorff_alpha(ratings, "krippendorff_ordinal")) for ratings in (wide, narrow)]
    assert alphas[0] == pytest.approx(alphas[1], abs=1e-12)


# What cannot be said


def test_no_variation_is_said() -> None:
    for found in usual_coefficients(from_levels([[2, 2, 2]] * 6))[2:]:
        assert found.value is None
        assert found.reason.startswith("No variation: every level is 2")
    exact = exact_agreement(from_levels([[2, 2, 2]] * 6))
    assert exact.value == 1 and exact.interval is not None
    assert exact.interval.low == pytest.approx(0.025 ** (1 / 6))  # six cases without a difference, not certainty


@pytest.mark.parametrize(
    ("levels", "reason"),
    [
        ([[1, X], [X, 2]], "No case was rated by two raters, so there is nothing to compare."),
        (np.empty((0, 0)), "No case was rated by two raters, so there is nothing to compare."),
        (
            [[1, 2]],
            "One case was rated by two or more raters: a coefficient compares disagreement within cases with that between them",
        ),
    ],
)
def test_ratings_that_cannot_be_compared_say_why(levels: NDArray[np.float64], reason: str) -> None:
    for found in usual_coefficients(from_levels(levels))[2:]:
        assert found.value is None and found.interval is None
        assert found.reason.startswith(reason)


def test_full_agreement_has_a_value_and_no_interval() -> None:
    found = gwet_ac(from_levels([[1, 1], [2, 2], [3, 3]]), "quadratic", Uncertainty(seed=1, other_raters=True))
    assert found.value == 1 and found.interval is None and found.bootstrap is None
    assert "All 3 cases tell the same, so no interval can be estimated." in found.notes
    assert decide(found).verdict == "cannot say"


def test_cohen_is_for_two_raters() -> None:
    assert cohen_kappa(from_levels([[1, 2, 3]] * 4)).reason == (
        "Cohen's kappa is for two raters; there are 3. Conger's kappa is the one for several."
    )


def test_levels_outside_the_scale_are_refused() -> None:
    with pytest.raises(ProgramError, match="Ratings are a table of cases by raters with the levels 0, 1, 2, 3"):
        from_levels([[1, 4]])


# Intervals


def test_intervals_are_repeatable_and_differ_by_what_they_speak_for() -> None:
    sure = Uncertainty(seed=7, times=500, other_raters=True)
    first, again = (krippendorff_alpha(from_levels(FIFTEEN), "krippendorff_ordinal", sure) for _ in range(2))
    assert first == again
    assert first.interval and first.bootstrap and first.other_raters
    assert first.bootstrap.method == "percentile bootstrap of cases, 500 samples, seed 7"
    assert first.other_raters.low < first.interval.low < first.bootstrap.high
    other = krippendorff_alpha(from_levels(FIFTEEN), "krippendorff_ordinal", Uncertainty(seed=8, times=500))
    assert other.bootstrap != first.bootstrap


def test_the_bootstrap_is_that_of_a_plain_loop() -> None:
    """The form evaluated at how often each case was drawn is the coefficient of the table with these cases written out."""
    ratings = from_levels(FIFTEEN)
    drawn = np.random.default_rng(3).integers(0, 15, size=15)
    written_out = from_levels([FIFTEEN[case] for case in drawn])
    counted = np.bincount(drawn, minlength=15).astype(float)[None, :]
    for build in (
        lambda part: forms.alpha(part, "krippendorff_ordinal"),
        lambda part: forms.gwet(part, "quadratic"),
        lambda part: forms.conger(part, "linear"),
        lambda part: forms.fleiss(part, "gwet_ordinal"),
    ):
        ones = np.ones((1, len(written_out.cases)))
        assert build(ratings)(counted).value[0] == pytest.approx(build(written_out)(ones).value[0], abs=1e-12)


def test_cases_of_one_practitioner_stay_together() -> None:
    """Each case doubled under the same practitioner tells nothing new: the interval over practitioners stays, that over cases shrinks."""
    rows = [
        {
            "case": f"{unit}-{copy}",
            "rater": f"r{rater}",
            "criterion": "c",
            "level": level,
            "code": "",
            "practitioner": str(unit),
        }
        for unit, levels in enumerate(FIFTEEN)
        for copy in range(2)
        for rater, level in enumerate(levels)
        if not math.isnan(level)
    ]
    frame = pd.DataFrame(rows).astype({"level": "Int64"})
    once = gwet_ac(from_levels(FIFTEEN), "quadratic")
    clustered = gwet_ac(rating_table(frame, by_practitioner=True), "quadratic")
    as_cases = gwet_ac(rating_table(frame), "quadratic")
    assert value(clustered) == pytest.approx(value(once), abs=1e-12)
    assert error(clustered) == pytest.approx(error(once), rel=1e-9)
    assert error(as_cases) < 0.75 * error(once)
    assert clustered.basis == "30 shared cases, 15 practitioners"


def test_the_finite_population_correction() -> None:
    whole, part = gwet_ac(from_levels(FIFTEEN)), gwet_ac(from_levels(FIFTEEN), "identity", Uncertainty(population=20))
    assert error(part) == pytest.approx(error(whole) * math.sqrt(1 - 15 / 20), rel=1e-12)
    every = gwet_ac(from_levels(FIFTEEN), "identity", Uncertainty(population=15))
    assert (
        every.interval is None and "Every case of those drawn from is here: nothing is left to estimate." in every.notes
    )


def simulated(generator: np.random.Generator, cases: int, raters: int) -> NDArray[np.float64]:
    """Returns levels of raters who see each case's quality with error."""
    seen = generator.normal(0, 1, size=(cases, 1)) + generator.normal(0, 0.5, size=(cases, raters))
    return np.digitize(seen, [-1.0, 0.0, 1.0]).astype(float)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """200 exercises of 30 cases by 4 raters against a very large one: linearised and bootstrap intervals of alpha and AC2."""
    generator = np.random.default_rng(11)
    large = from_levels(simulated(generator, 20_000, 4))
    truth = [
        float(build(np.ones((1, 20_000))).value[0].real)
        for build in (forms.alpha(large, "krippendorff_ordinal"), forms.gwet(large, "quadratic"))
    ]
    held = np.zeros((2, 2))
    for run in range(200):
        ratings = from_levels(simulated(generator, 30, 4))
        sure = Uncertainty(seed=run, times=400)
        for place, found in enumerate(
            (krippendorff_alpha(ratings, "krippendorff_ordinal", sure), gwet_ac(ratings, "quadratic", sure))
        ):
            for kind, interval in enumerate((found.interval, found.bootstrap)):
                assert interval is not None
                held[place, kind] += interval.low <= truth[place] <= interval.high
    assert (held / 200 >= 0.90).all(), held / 200
    assert (held / 200 <= 0.99).all(), held / 200


# Deciding


def test_the_lower_end_decides_and_no_word_does() -> None:
    wide = gwet_ac(twelve(), "quadratic")  # .914, but 11 cases: the lower end is .767
    assert decide(wide).verdict == "tentative"
    assert (
        decide(wide).sentence
        == "The lower end of the interval, 0.77, lies between 0.667 and 0.80: tentative conclusions only."
    )
    assert decide(krippendorff_alpha(twelve(), "interval")).verdict == "below"
    assert decide(gwet_ac(from_levels([[2, 2]] * 5))).sentence.startswith("No variation")


def test_gwets_membership_probabilities() -> None:
    """Gwet 2014, chapter 6; recorded from irrCAC 0.4.4's `landis_koch` for AC1 .77544 and standard error .14295."""
    found = membership(replace(gwet_ac(twelve()), standard_error=0.14295))
    assert found is not None
    chances = dict(found.cumulative)
    first_three = [chances[band] for band in ("almost perfect", "substantial", "moderate")]
    assert first_three == pytest.approx([0.39674, 0.88336, 0.99542], abs=2e-5)
    assert (
        found.band == "moderate"
    )  # though the value itself, .775, is called substantial by those who ask the value alone
    assert membership(gwet_ac(from_levels([[2, 2]] * 5))) is None
