"""What a report says of single raters, under aliases: only for training and supervision, and never of fewer than the session's least."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sampling.calibration.report.agreeing import cut_of, shown
from sampling.calibration.report.opening import Report
from sampling.calibration.state import Session
from sampling.evidence.agreement.data import Ratings, rating_table
from sampling.evidence.agreement.exchange import exchange_test
from sampling.evidence.agreement.raters import FEWEST_FOR_A_HABIT, RaterFacts, rater_facts
from sampling.evidence.agreement.severity import FEWEST_ROWS as FEWEST_ITEMS
from sampling.evidence.agreement.severity import Severity, rater_severity, severity_at
from sampling.evidence.results import SIGNIFICANCE, PValue, counted
from sampling.evidence.sentences import p_words

FEWEST_ROWS = 3  # ours: with one or two criteria an alias's mean difference is nearly the level that was given
_ITEMS = (
    "The items of this test are the criteria of one case. Who read the case darkly leans on all of them, so it cannot tell strictness from a lean in this case. Over "
    "several cases nothing is tested here: an alias is one person within its session alone."
)


@dataclass(frozen=True)
class ByAlias:
    """Each alias in round 1, in the order of the table: facts without a model, severity over all levels and at the boundary of `cut`.

    `test` is the exact test of no difference, the criteria of the case being its items.
    """

    facts: tuple[RaterFacts, ...]
    severity: Severity
    boundary: Severity
    cut: int
    test: PValue
    items: int
    ratings: int


def by_alias(report: Report, session: Session) -> ByAlias | str:
    """Returns what each alias did in round 1; or why no figure of a rater is shown.

    Whoever gave fewer than FEWEST_ROWS levels is left out of all: a figure would be nearly the level itself.
    """
    return report.once(("raters", session.id), lambda: _by_alias(report, session))


def _by_alias(report: Report, session: Session) -> ByAlias | str:
    if report.purpose == "audit":
        return "A report for audit has no figure of any rater, under whatever name."
    found = shown(report, session, 1)
    given = found.groupby("rater")["level"].count()
    found = found[found["rater"].isin(given.index[given >= FEWEST_ROWS])]
    if found["criterion"].nunique() < FEWEST_ROWS and len(given):
        return f"With fewer than {FEWEST_ROWS} criteria a rater's difference from the others would nearly be the level itself, so none is shown."
    if found["rater"].nunique() < session.opened.least:
        return f"Fewer than {session.opened.least} raters gave a level on the same criterion, so no figure of a rater is shown."
    table, cut = rating_table(found), cut_of(report, session)
    return ByAlias(
        rater_facts(table, cut=cut), rater_severity(table), severity_at(table, cut), cut, _test(table, int(session.id[:8], 16)),
        len(table.cases), int(table.given.sum()),
    )  # fmt: skip


def _test(table: Ratings, seed: int) -> PValue:
    """Returns the exchange test with each criterion as an item of its own: raters swap their levels within a criterion."""
    items = len(table.cases)
    if items < FEWEST_ITEMS:
        reason = f"With fewer than {FEWEST_ITEMS} criteria of one case ({items} here) chance alone could make any difference, so nothing is tested."
        return PValue(None, len(table.raters), "permutation of raters within criteria", reason=reason)
    apart = replace(table, cases=table.criteria, cluster=np.arange(items, dtype=np.int64), together="criterion")
    found = exchange_test(apart, seed)
    said = found.method.replace("within cases", "within criteria")
    reason = "The raters agree on every criterion, so they show no difference." if found.reason else ""
    return replace(found, method=said, reason=reason)


def difference_sentences(found: ByAlias) -> tuple[str, ...]:
    """Returns whether the raters differ within this case by more than chance gives, with what the test can tell; or why there is none."""
    if found.test.p is None:
        return (f"Whether some raters gave lower levels throughout this case is not tested. {found.test.reason}",)
    figures = (
        f"({p_words(found.test.p)} by permutation within criteria; {counted(found.test.n, 'rater')}, "
        f"{counted(found.items, 'criterion', 'criteria')} of one case as items, {counted(found.ratings, 'level')})"
    )
    told = "Some raters gave lower levels than others throughout this case, by more than chance gives"
    if found.test.p >= SIGNIFICANCE:
        told = "That some raters gave lower levels than others throughout this case is not shown"
    return (f"{told} {figures}.", _ITEMS)


def boundary_sentence(found: ByAlias) -> str:
    """Returns what severity at the boundary can and cannot tell, or why there is none."""
    edge = f"{found.cut - 1}|{found.cut}"
    if not found.boundary.raters:
        return f"Severity at the boundary {edge} alone cannot be had. {found.boundary.reason}"
    return (
        f"At the boundary {edge} it tells who would sooner say that the standard is met. Each interval rests on a handful of yes-or-no answers on one case, so most "
        "overlap: read how wide they are, and not who comes first."
    )


def use_sentences(found: ByAlias) -> tuple[str, ...]:
    """Returns what the use of levels can and cannot tell, and the habits that enough levels show."""
    habits = tuple(f"{one.rater}: {note}" for one in found.facts for note in one.notes)
    if habits:
        return habits
    few = max((one.shared for one in found.facts), default=0) < FEWEST_FOR_A_HABIT
    if few:
        return (
            f"Keeping to the middle levels is a habit only where the others used the ends on the same criteria. With fewer than {FEWEST_FOR_A_HABIT} levels each it cannot be told "
            "from what this case asked for, so nobody is said to have it.",
        )
    return ("Nobody kept to the middle levels where the others used the ends.",)
