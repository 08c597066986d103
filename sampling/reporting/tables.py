"""The tables of an evidence report, as text: what a section shows, and what stands in a file beside it. Under a profile that hides every
number is from the release, and none else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

import pandas as pd

from sampling import __version__
from sampling.evidence.agreement.coefficients import Agreement
from sampling.evidence.measures import RATIONALE
from sampling.evidence.sentences import percent
from sampling.page.words import day_of
from sampling.reporting import figures
from sampling.reporting.analysis import Analysis
from sampling.reporting.counting import MET, SCORED, Kind
from sampling.reporting.gathering import SIGNED, Gathered
from sampling.reporting.windows import Window
from sampling.scoring.rules.timing import FEWEST_FOR_A_MEDIAN
from sampling.scoring.settings.assignments import FIRST

ACTION_KINDS = {
    "rewrite_escalation_note": "Rewrite the escalation note",
    "update_crisis_plan": "Update the crisis plan",
    "safeguarding_referral": "Safeguarding referral",
}
_LEVELS = ("Level 0", "Level 1", "Level 2", "Level 3")
_CODES = ("not_applicable", "not_accessible", "not_scored")


class Table(NamedTuple):
    """A table: its id (anchor and file name), caption, columns, rows, and the sentences that stand below it."""

    id: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sentences: tuple[str, ...] = ()


def action_name(kind: str) -> str:
    """Returns a kind of action as people say it."""
    return ACTION_KINDS.get(kind, kind.replace("_", " ").capitalize())


def changes(found: Analysis) -> Table:
    """Returns what was changed and when, as people wrote it."""
    named = figures.titles(found.gathered.rubrics)
    rows = tuple(
        (one.start, one.what, one.dose or "not given", ", ".join(named.get(ref, ref) for ref in one.criteria) or "everything")
        for one in found.account.changes
    )  # fmt: skip
    return Table("changes", "Dated changes", ("From", "What", "Dose", "Concerns"), rows)


def draws(found: Analysis) -> Table:
    """Returns the draws; under a profile that hides none of their numbers of cases."""
    cases = found.gathered.cases
    first = cases[cases["stage"] == FIRST]
    signed = first[first["state"] == SIGNED].groupby("draw_id").size()
    columns: tuple[str, ...] = (
        "Month",
        "Draw",
        "Level",
        "Could be drawn",
        "Left out",
        "Drawn",
        "Replaced",
        "Signed",
        "Seed ends in",
    )
    rows: tuple[tuple[str, ...], ...] = tuple(
        (
            str(row["period"]), str(row["draw_id"]), str(row["evidence_level"] or "none"), f"{row['size']:,}", f"{row['excluded']:,}", str(row["drawn"]),
            str(row["replaced"]), str(signed.get(row["draw_id"], 0)), str(row["seed"])[-8:],
        )
        for row in found.gathered.draws.to_dict("records")
    )  # fmt: skip
    if found.publication.hides:
        columns, rows = (*columns[:3], columns[-1]), tuple((*row[:3], row[-1]) for row in rows)
    return Table("draws", "Draws", columns, rows)


def rubrics(found: Analysis) -> Table:
    """Returns the rubric versions in use."""
    rows = tuple(
        (one.title, one.version, str(one.pass_level), str(len(one.criteria)), one.digest[:12])
        for one in found.gathered.rubrics
    )
    return Table(
        "rubrics", "Rubrics in use", ("Rubric", "Version", "Standard from level", "Criteria", "Digest begins"), rows
    )


def levels(found: Analysis) -> Table:
    """Returns each criterion's levels, weighted, with the codes beside the denominator."""
    named = figures.titles(found.gathered.rubrics)
    side = found.after if found.after.window.periods else found.before
    rows = []
    for one in (one for rubric in found.gathered.rubrics for one in figures.in_order(found, rubric)):
        counts = one.counts
        profile = tuple(percent(share) for share in one.profile) if one.profile else ("none",) * 4
        rows.append((
            named.get(one.ref, one.ref), figures.met_words(one), *profile, str(counts.not_applicable),
            str(counts.not_accessible), str(counts.not_scored),
        ))  # fmt: skip
    caption = f"Levels {side.window.words}, weighted shares; the codes stand beside the denominator"
    columns = ("Criterion", MET, *_LEVELS, "Not applicable", "Not accessible", "Not scored")
    return Table("levels", caption, columns, tuple(rows))


def repair(found: Analysis) -> Table:
    """Returns the same cases scored again, by criterion."""
    named = figures.titles(found.gathered.rubrics)
    rows = tuple(
        (named.get(ref, ref), str(one.n), str(one.improved), str(one.unchanged), str(one.worsened), str(one.left_out))
        for ref, one in ((ref, found.repair[ref]) for ref in named if ref in found.repair)
    )
    columns = ("Criterion", "Cases", "Improved", "Unchanged", "Worsened", "Without a level at one time")
    return Table("repair-table", "The same cases, first scoring and latest re-score", columns, rows)


def actions(found: Analysis) -> Table:
    """Returns what became of the actions, by kind."""
    rows = []
    for kind, group in found.gathered.actions.groupby("action_kind", sort=True):
        days = (group["seen_on"].dt.tz_localize("UTC") - group["raised_at"]).dt.days.dropna()
        states = group["state"].value_counts()
        rows.append((
            action_name(str(kind)), str(len(group)), *(str(states.get(state, 0)) for state in ("open", "overdue", "closed")),
            str(int(group["seen_on"].notna().sum())), f"{days.median():.0f}" if len(days) else "none", str(int((group["moved"] > 0).sum())),
        ))  # fmt: skip
    columns = (
        "Action",
        "Raised",
        "Open",
        "Overdue",
        "Closed",
        "Seen in the record",
        "Days until seen (median)",
        "Moved",
    )
    return Table("actions", f"Actions as of {day_of(found.order.today)}", columns, tuple(rows))


def agreeing(found: Analysis) -> tuple[Table, ...]:
    """Returns how far two raters agree: by criterion, over time, and each pair of levels; nothing where no case was scored by two."""
    held = found.agreed
    if held is None:
        return ()
    named = figures.titles(found.gathered.rubrics)
    told = {ref: (exact, near) for ref, exact, near in held.by_criterion}
    by_criterion = tuple(
        (named[ref], str(exact.cases), _share(exact.value), _ends(exact), _share(near.value))
        for ref, (exact, near) in ((ref, told[ref]) for ref in named if ref in told)
    )
    over_time = tuple(
        (months, str(exact.cases), _share(exact.value), _ends(exact), _share(near.value)) for months, exact, near in held.over_time
    )  # fmt: skip
    square = tuple((f"First: level {level}", *map(str, row)) for level, row in enumerate(held.square))
    return (
        Table("agreement-by-criterion", "Two raters, by criterion", ("Criterion", "Shared ratings", "Exactly alike", "95% interval", "Within one level"), by_criterion),
        Table("agreement-over-time", "Two raters, over time: do the thresholds hold?", ("Months", "Shared ratings", "Exactly alike", "95% interval", "Within one level"), over_time),
        Table("agreement-square", "Each pair of levels: first rater by second", ("Level", *(f"Second: level {level}" for level in range(4))), square),
    )  # fmt: skip


def _share(value: float | None) -> str:
    return "none" if value is None else percent(value)


def _ends(one: Agreement) -> str:
    return "none" if one.interval is None else f"{percent(one.interval.low)} to {percent(one.interval.high)}"


def balancing(found: Analysis) -> Table:
    """Returns what could have got worse while levels rose, as far as draws and journal know it: before and after."""
    sides = [window for window in (found.before.window, found.after.window) if window.periods]
    measures = [dict(_balance(found, window)) for window in sides]
    rows = tuple((name, *(one[name] for one in measures)) for name in measures[0])
    caption = "Balancing measures: what could have got worse"
    return Table("balancing", caption, ("Measure", *(window.span for window in sides)), rows)


def _balance(found: Analysis, window: Window) -> Iterator[tuple[str, str]]:
    return balance(found.gathered, window.periods, draws=not found.order.team)


def balance(gathered: Gathered, periods: Sequence[str], *, draws: bool) -> Iterator[tuple[str, str]]:
    """Yields each balancing measure of these months with its value; what was replaced is told of whole draws alone (`draws`)."""
    cases = gathered.cases[gathered.cases["period"].isin(periods)]
    first = cases[cases["stage"] == FIRST]
    times = first.loc[first["state"] == SIGNED, "seconds"].dropna()
    enough = len(times) >= FEWEST_FOR_A_MEDIAN
    yield (
        "Minutes of scoring a case (median)",
        f"{median(times) / 60:.0f} ({len(times)} cases)" if enough else f"too few (n = {len(times)})",
    )
    scores = gathered.scores
    answers = scores[(scores["stage"] == FIRST) & scores["period"].isin(periods)]
    for code in _CODES:
        yield f"Criteria {code.replace('_', ' ')}", _part(int((answers["code"] == code).sum()), len(answers))
    yield "Drawn cases not signed", _part(int((first["state"] != SIGNED).sum()), len(first))
    if draws:
        drawn = gathered.draws[gathered.draws["period"].isin(periods)]
        yield "Drawn cases replaced by another", _part(int(drawn["replaced"].sum()), int(drawn["drawn"].sum()))


def _part(part: int, whole: int) -> str:
    return f"{percent(part / whole)} ({part:,} of {whole:,})" if whole else "none"


def reproduce(found: Analysis) -> Table:
    """Returns what is needed to make the same report again."""
    entries, last = found.gathered.journal_head
    rows = (
        ("Software", f"sampling {__version__}"), ("Digest of the data", found.gathered.digest), ("Journal", f"{entries} entries, the last {last[:16]}"),
        ("Draws", f"{len(found.gathered.draws)}, with their commitments in the packs"), ("Team", found.order.team or "whole service"),
        ("Month", found.order.period), ("Baseline", found.order.baseline or found.windows.why), ("Purpose", found.publication.purpose),
        ("Suppression profile", found.publication.profile.name), ("Edition", found.publication.edition),
    )  # fmt: skip
    return Table("reproduce", "To make this report again", ("What", "Value"), rows)


def released(found: Analysis, kind: Kind, caption: str) -> Table | None:
    """Returns a table of the release with its sentences, None where it has none or is refused."""
    table = found.publication.table(kind)
    if table is None:
        return None
    named = figures.titles(found.gathered.rubrics)
    rows = tuple(
        (named.get(str(row), action_name(str(row)) if kind == "actions" else str(row)), *cells)
        for row, *cells in table.shown.itertuples(name=None)
    )
    first = "Action" if kind == "actions" else "Criterion"
    return Table(f"{kind}-table", caption, (first, *table.shown.columns), rows, table.sentences)


def teams(found: Analysis) -> Table | None:
    """Returns the teams of the release side by side on the rationale of decisions, in order of name; None where it has no team."""
    publication = found.publication
    kind: Kind = "after" if found.after.window.periods else "before"
    held = {team: publication.table(kind, scope) for team, scope in publication.scopes.items()}
    shown = {team: table.shown for team, table in sorted(held.items()) if table is not None}
    if not shown or found.order.team:
        return None
    rows = tuple((team, *_cells(frame, RATIONALE)) for team, frame in shown.items())
    side = found.after if kind == "after" else found.before
    caption = f"Rationale of decisions by team, {side.window.span}"
    return Table("teams-table", caption, ("Team", SCORED, MET, "Below", f"{MET}, %"), rows)


def _cells(frame: pd.DataFrame, row: str) -> tuple[str, ...]:
    return tuple(str(cell) for cell in frame.loc[row]) if row in frame.index else ("",) * len(frame.columns)


def all_released(found: Analysis) -> tuple[Table, ...]:
    """Returns every table of the release that this report shows."""
    before, after = found.before.window, found.after.window
    captions: tuple[tuple[Kind, str], ...] = (
        ("before", f"At the standard, {before.span}"),
        ("after", f"At the standard, {after.span}"),
        ("repair", "The same cases, first scoring and latest re-score"),
        ("actions", f"Actions as of {day_of(found.order.today)}"),
    )
    return tuple(table for kind, caption in captions if (table := released(found, kind, caption)) is not None)
