"""A report's files: every table, the numbers behind every chart, and what the estimates were computed from, as CSV for a spreadsheet.

A cell that a spreadsheet would take for a formula begins with an apostrophe. Under a profile that hides only the tables of the release stand here.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
import pandas as pd

from sampling.evidence.measures import RATIONALE, REVIEW
from sampling.evidence.results import Estimate
from sampling.evidence.strata import match
from sampling.reporting import figures, sections
from sampling.reporting.analysis import Analysis, Side
from sampling.reporting.monthly import followed
from sampling.scoring.settings.assignments import FIRST

_FORMULA = re.compile(r"^[\s]*[=+\-@|\t\r]")
_NUMBER = re.compile(r"^[+-]?\d[\d,]*(\.\d+)?(e[+-]\d+|%)?$")
_DIGITS = 10  # significant digits of a number that others compute with
ESTIMATES = (
    "Measure", "Side", "Value", "Lower", "Upper", "Standard error", "Degrees", "Unweighted", "Worst case lower", "Worst case upper", "Cases", "Population",
    "Weighted sum", "Weight", "Method",
)  # fmt: skip
# Of a month and stream the strata are put together: one practitioner's stratum in one month is nearly a figure of that person.
STREAMS = (
    "Side", "Month", "Stream", "Criterion", "Strata", "Population", "Drawn", "Known", "Scored", "Weight", "Weighted sum of levels", "Weighted at the standard",
)  # fmt: skip


class Head(Protocol):
    """What stands above every report, whatever it is about."""

    @property
    def title(self) -> str:
        """Returns the title."""

    @property
    def lead(self) -> str:
        """Returns the sentences under the title."""

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Returns the key facts: name and value."""


def head_of(head: Head) -> dict[str, object]:
    """Returns title, lead and facts, as the page of every report takes them."""
    return {"title": head.title, "lead": head.lead, "facts": [list(pair) for pair in head.facts]}


def heading(found: Analysis) -> dict[str, object]:
    """Returns title, lead, facts and digest, as the page of a pack takes them."""
    head = sections.heading(found)
    return {**head_of(head), "digest": head.digest}


def tables(found: Analysis) -> dict[str, str]:
    """Returns name -> CSV of every table of the report, in order."""
    every = {one.id: csv_text(one.columns, one.rows) for one in sections.all_tables(found)}
    every |= {one.name: csv_text(one.columns, one.exact or one.rows) for one in sections.all_figures(found) if one.rows}
    if not found.publication.hides:
        every |= {
            "estimates": csv_text(ESTIMATES, _estimates(found)),
            "streams": csv_text(STREAMS, _streams(found)),
        }
    return every


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table as CSV (RFC 4180, with a heading), no cell of which is a formula.

    >>> csv_text(("a", "b"), [("=1+1", "-0.5"), ("x, y", "+3%")])
    'a,b\\r\\n\\'=1+1,-0.5\\r\\n"x, y",+3%\\r\\n'
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([plain(cell) for cell in row] for row in (columns, *rows))
    return text.getvalue()


def plain(cell: str) -> str:
    """Returns a cell that no spreadsheet takes for a formula: a number stays as it is.

    >>> plain("-2.5e-05"), plain("-2e-05+A1")
    ('-2.5e-05', "'-2e-05+A1")
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.match(cell) else cell


def exact(value: float | None) -> str:
    """Returns a number with all digits that others need to compute with it, "" where there is none."""
    return "" if value is None or pd.isna(value) else f"{value:.{_DIGITS}g}"


def _estimates(found: Analysis) -> Iterator[tuple[str, ...]]:
    named = figures.titles(found.gathered.rubrics)
    for side_name, side in (("before", found.before), ("after", found.after)):
        inside = _inside(found, side)
        sums = {ref: _weighted(*inside, ref, None) for ref in dict.fromkeys(inside[0]["ref"])}
        heads = side.headlines
        none = (None, None)
        yield _row("Mean level: rationale of decisions", side_name, heads.rationale.mean, *sums.get(RATIONALE, none))
        yield _row("Below the standard: review", side_name, heads.review_missing, *_complement(inside, found))
        for one in side.criteria:
            share = _weighted(*inside, one.ref, one.pass_level)
            yield _row(f"At the standard: {named.get(one.ref, one.ref)}", side_name, one.meets, *share)
    for name, change in (
        ("Mean level: rationale of decisions", found.rationale_change),
        ("Below the standard: review", found.review_change),
        ("Mean level, all open cases", found.everyone_change),
    ):
        yield _row(name, "change", change)


def _row(
    name: str, side: str, one: Estimate, total: float | None = None, weight: float | None = None
) -> tuple[str, ...]:
    low, high = (one.interval.low, one.interval.high) if one.interval else (None, None)
    worst = one.bounds or (None, None)
    if one.value is None:  # what is refused cannot be had by dividing either
        total = weight = None
    numbers = (one.value, low, high, one.standard_error, one.degrees, one.unweighted, *worst)
    return (name, side, *map(exact, numbers), str(one.n), str(one.population), exact(total), exact(weight), one.method)


def _inside(found: Analysis, side: Side) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns the scores and the design that a side's estimates are made from."""
    kept = followed(found.gathered)
    scores, design = (table[table["period"].isin(side.window.periods)] for table in (kept.scores, kept.design))
    return scores[scores["stage"] == FIRST], design


def _weighted(
    scores: pd.DataFrame, design: pd.DataFrame, ref: str, pass_level: int | None
) -> tuple[float | None, float | None]:
    """Returns (weighted sum, sum of the weights) of a criterion: of its levels, or of being at the standard where a level is named."""
    rows = scores[scores["ref"] == ref]
    if rows.empty:
        return None, None
    sampled = match(rows.assign(value=rows["level"]), design)
    known = sampled.known_here[sampled.home]
    weight = np.divide(
        sampled.population[sampled.home], known, out=np.zeros(len(known)), where=sampled.known & (known > 0)
    )
    value = sampled.value if pass_level is None else (sampled.value >= pass_level).astype(np.float64)
    return float((weight * value * sampled.counts).sum()), float((weight * sampled.counts).sum())


def _complement(inside: tuple[pd.DataFrame, pd.DataFrame], found: Analysis) -> tuple[float | None, float | None]:
    met, whole = _weighted(*inside, REVIEW, found.pass_levels.get(REVIEW.partition("/")[0]))
    return (None if met is None or whole is None else whole - met), whole


def _streams(found: Analysis) -> Iterator[tuple[str, ...]]:
    """Yields one row a side, month, stream and headline criterion: what its strata, each standing for its population, come to together."""
    for name, side in (("before", found.before), ("after", found.after)):
        scores, design = _inside(found, side)
        for ref in (RATIONALE, REVIEW):
            rows = scores[scores["ref"] == ref]
            if not rows.empty:
                yield from _streams_of(name, ref, rows, design, found.pass_levels)


def _streams_of(
    side: str, ref: str, rows: pd.DataFrame, design: pd.DataFrame, levels: Mapping[str, int]
) -> Iterator[tuple[str, ...]]:
    sampled = match(rows.assign(value=rows["level"]), design)
    size = len(design)
    home, counts = sampled.home, sampled.counts
    met = counts & (sampled.value >= levels.get(ref.partition("/")[0], 0))
    scored, total, standard = (
        np.bincount(home, weights.astype(np.float64), size) for weights in (counts, sampled.value * counts, met)
    )
    known = np.asarray(sampled.known_here, dtype=np.float64)
    weight = np.divide(design["population"].to_numpy(np.float64), known, out=np.zeros(size), where=known > 0)
    strata = pd.DataFrame(
        {
            "strata": np.ones(size), "population": design["population"].to_numpy(np.float64), "drawn": design["drawn"].to_numpy(np.float64), "known": known,
            "scored": scored, "weight": weight * scored, "levels": weight * total, "standard": weight * standard,
        }
    )  # fmt: skip
    months, kinds = design["period"].astype(str).to_numpy(), design["kind"].astype(str).to_numpy()
    behind = pd.Series(design["practitioner"].to_numpy()[scored > 0])
    if behind.nunique() < 2:
        return
    if behind.groupby(months[scored > 0]).nunique().min() < 2:  # a month would be one practitioner's
        months = np.full(size, f"{months.min()} to {months.max()}")
    keys = [months, kinds]
    for month, stream, *sums in strata.groupby(keys, sort=True).sum().reset_index().itertuples(index=False, name=None):
        whole, weighted = sums[:-3], sums[-3:]
        yield (side, str(month), str(stream), ref, *(f"{number:.0f}" for number in whole), *map(exact, weighted))
