"""The sections of an evidence report under SQUIRE's headings, each a pure function from results to one HTML fragment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sampling import __version__
from sampling.evidence.measures import RATIONALE, REVIEW
from sampling.evidence.results import counted
from sampling.evidence.sentences import (
    comparability_sentence,
    counts_sentence,
    paired_mean_sentence,
    paired_sentence,
    percent,
    regression_sentence,
    spread_sentence,
)
from sampling.page.sections import Fragment
from sampling.page.words import day_of
from sampling.plots.figure import Figure
from sampling.plots.icons import Icon
from sampling.quality import page_environment
from sampling.reporting import figures
from sampling.reporting.account import ASKED, Asked
from sampling.reporting.analysis import Analysis
from sampling.reporting.gathering import SIGNED
from sampling.reporting.verdict import verdict
from sampling.scoring.settings.assignments import FIRST

_MARKS = {"improved": "good", "not_confirmed": "note", "not_shown": "note", "worse": "stop", "cannot_say": "note"}
_ACTION_KINDS = {
    "rewrite_escalation_note": "Rewrite the escalation note",
    "update_crisis_plan": "Update the crisis plan",
    "safeguarding_referral": "Safeguarding referral",
}
Table = tuple[str, str, tuple[str, ...], tuple[tuple[str, ...], ...]]


@dataclass(frozen=True)
class Heading:
    """The head of a report: title, lead, key facts, and the digest at its foot."""

    title: str
    lead: str
    facts: tuple[tuple[str, str], ...]
    digest: str


def heading(found: Analysis) -> Heading:
    """Returns what stands above a report."""
    whose = found.order.team or "the whole service"
    draws = found.gathered.draws
    signed = found.gathered.cases[(found.gathered.cases["stage"] == FIRST)]
    return Heading(
        title=found.account.title or f"Evidence from sampled supervision: {whose}",
        lead=f"Improvement work by {whose}: what {counted(int(draws['drawn'].sum()) if not found.order.team else len(signed), 'drawn case')} show, "
        f"{found.windows.before.span} beside {found.windows.after.span}.",
        facts=(
            ("Months", str(len(found.gathered.periods))),
            ("Drawn cases", f"{len(signed):,}"),
            ("Scored and signed", f"{int((signed['state'] == SIGNED).sum()):,}"),
            ("Levels of evidence", ", ".join(sorted(set(draws["evidence_level"].dropna()))) or "none"),
            ("Rubric versions", ", ".join(f"{one.id} {one.version}" for one in found.gathered.rubrics) or "none"),
            ("As of", day_of(found.order.today)),
        ),
        digest=found.gathered.digest[:16],
    )


def summary(found: Analysis) -> Fragment:
    """Returns the first words: did practice improve, how sure is that, and what speaks against it."""
    said = verdict(found)
    return _render("summary", said.answer, verdict=said, mark=_MARKS[said.kind])


def why(found: Analysis) -> Fragment:
    """Returns why this was started, in the words of the service, or as missing."""
    return _render("why", "Why this was started.", title="Why this was started", parts=_parts(found, "Why"))


def methods(found: Analysis) -> Fragment:
    """Returns how cases were chosen, measured and analysed."""
    titles = figures.titles(found.gathered.rubrics)
    agreement = found.agreement
    doubles = (
        f"Of {agreement.pairs} criteria of {counted(agreement.cases, 'case')} that two people scored blind, {percent(agreement.exact / agreement.pairs)} have exactly "
        f"the same level and {percent(agreement.within_one / agreement.pairs)} are within one."
        if agreement.pairs
        else "No case was scored by two people yet."
    )
    return _render(
        "methods", "How cases were chosen, measured and analysed.",
        parts=_parts(found, "Methods"),
        changes=tuple((one.start, one.what, one.dose or "not given", ", ".join(titles.get(ref, ref) for ref in one.criteria) or "everything") for one in found.account.changes),
        why=found.windows.why,
        draws=_draw_rows(found),
        rubrics=tuple((one.title, one.version, str(one.pass_level), str(len(one.criteria)), one.digest[:12]) for one in found.gathered.rubrics),
        rationale=titles.get(RATIONALE, RATIONALE), review=titles.get(REVIEW, REVIEW),
        before=found.windows.before.span, after=found.windows.after.span,
        comparability=comparability_sentence(found.windows.comparability), doubles=doubles,
    )  # fmt: skip


def _draw_rows(found: Analysis) -> tuple[tuple[str, ...], ...]:
    cases = found.gathered.cases
    first = cases[cases["stage"] == FIRST]
    signed = first[first["state"] == SIGNED].groupby("draw_id").size()
    return tuple(
        (
            row["period"], row["draw_id"], row["evidence_level"] or "none", f"{row['size']:,}", f"{row['excluded']:,}", str(row["drawn"]),
            str(row["replaced"]), str(signed.get(row["draw_id"], 0)), str(row["seed"])[-8:],
        )
        for row in found.gathered.draws.to_dict("records")
    )  # fmt: skip


def over_time(found: Analysis) -> Fragment:
    """Returns the three headline measures over time, with their icons."""
    drawn = figures.over_time(found)
    pairs: tuple[tuple[Icon, ...], ...] = (figures.icons(found.rationale), figures.icons(found.review), ())
    spreads = tuple(
        spread_sentence(side.headlines.variation, side.window.words) for side in (found.before, found.after)
    )
    return _render(
        "figures",
        "Over time.",
        title="Results: over time",
        sentences=spreads,
        figures=tuple(zip(drawn, pairs, strict=True)),
    )


def by_criterion(found: Analysis) -> Fragment:
    """Returns each criterion of each rubric: the share at the standard, the levels, and what was left out of the denominators."""
    titles = figures.titles(found.gathered.rubrics)
    side = found.after if found.after.window.periods else found.before
    rows = []
    for one in (one for rubric in found.gathered.rubrics for one in figures.in_order(found, rubric)):
        counts = one.counts
        profile = tuple(percent(share) for share in one.profile) if one.profile else ("none",) * 4
        rows.append((
            titles.get(one.ref, one.ref), f"{counts.at_standard} of {counts.scored}", *profile, str(counts.not_applicable),
            str(counts.not_accessible), str(counts.not_scored),
        ))  # fmt: skip
    columns = (
        "Criterion",
        "At the standard",
        "Level 0",
        "Level 1",
        "Level 2",
        "Level 3",
        "Not applicable",
        "Not accessible",
        "Not scored",
    )
    first = _render(
        "figures",
        "By criterion.",
        title="Results: by criterion",
        sentences=(),
        figures=tuple((one, ()) for one in figures.by_criterion(found)),
    )
    table: Table = (
        "levels",
        f"Levels {side.window.words}, weighted shares; the codes stand beside the denominator",
        columns,
        tuple(rows),
    )
    sentences = (counts_sentence(side.headlines.rationale.counts), *side.headlines.rationale.mean.notes)
    second = _render("tables", "", title="Levels and denominators", sentences=sentences, tables=(table,), parts=())
    return Fragment(first.html + second.html, first.words)


def repair(found: Analysis) -> Fragment:
    """Returns the same cases scored again, what of their gain was to be expected, and what carried over to fresh cases."""
    titles = figures.titles(found.gathered.rubrics)
    said = []
    for ref in (RATIONALE, REVIEW):
        if ref in found.repair:
            change = found.repair[ref]
            said += [
                f"{titles.get(ref, ref)}: {paired_sentence(change)}",
                paired_mean_sentence(change),
                regression_sentence(change.regression),
            ]
    said.append(
        f"Transfer: {paired_sentence(found.transfer, what='practitioners with a case on either side of the change')}"
    )
    rows = tuple(
        (titles.get(ref, ref), str(one.n), str(one.improved), str(one.unchanged), str(one.worsened), str(one.left_out))
        for ref, one in ((ref, found.repair[ref]) for ref in titles if ref in found.repair)
    )
    table: Table = (
        "repair-table",
        "The same cases, first scoring and latest re-score",
        ("Criterion", "Cases", "Improved", "Unchanged", "Worsened", "Without a level at one time"),
        rows,
    )
    first = _render(
        "figures",
        "Repair and transfer.",
        title="Results: repair of the same cases, and transfer",
        sentences=tuple(said),
        figures=tuple((one, ()) for one in figures.repaired(found)),
    )
    second = _render("tables", "", title="Repair by criterion", sentences=(), tables=(table,), parts=())
    return Fragment(first.html + second.html, first.words)


def between(found: Analysis) -> Fragment:
    """Returns the spread between teams and between practitioners under aliases, without ranks, and criteria against teams."""
    return _render(
        "figures",
        "Between teams.",
        title="Results: between teams and practitioners",
        sentences=(),
        figures=tuple((one, ()) for one in between_figures(found)),
    )


def between_figures(found: Analysis) -> tuple[Figure, ...]:
    """Returns the funnels and the heat table. Practitioners have aliases that change with every report."""
    teams = {one.unit: one.unit for one in found.between_teams.units}
    aliases = {
        one.unit: f"P{place}"
        for place, one in enumerate(sorted(found.between_practitioners.units, key=lambda one: one.unit[::-1]), 1)
    }
    shown = [
        figures.between(found.between_practitioners, what="Between practitioners", names=aliases, name="practitioners")
    ]
    if not found.order.team:
        shown = [figures.between(found.between_teams, what="Between teams", names=teams, name="teams"), *shown]
    return (*shown, figures.by_team(found))


def actions(found: Analysis) -> Fragment:
    """Returns what became of the actions: open, overdue, closed, seen in the record, and how long it took."""
    rows = []
    acted = found.gathered.actions
    for kind, group in acted.groupby("action_kind", sort=True):
        days = (group["seen_on"].dt.tz_localize("UTC") - group["raised_at"]).dt.days.dropna()
        states = group["state"].value_counts()
        rows.append((
            _ACTION_KINDS.get(str(kind), str(kind).replace("_", " ").capitalize()), str(len(group)), *(str(states.get(state, 0)) for state in ("open", "overdue", "closed")),
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
    sentence = f"{counted(len(acted), 'action')} {'was' if len(acted) == 1 else 'were'} raised from gaps; {int(acted['seen_on'].notna().sum())} were seen in the record."
    table: Table = ("actions", f"Actions as of {day_of(found.order.today)}", columns, tuple(rows))
    return _render(
        "tables",
        sentence,
        title="Results: actions, balancing, unintended effects",
        sentences=(sentence,),
        tables=(table,) if rows else (),
        parts=_parts(found, "Results"),
    )


def discussion(found: Analysis) -> Fragment:
    """Returns what only people can discuss, and what would change our mind."""
    would = (
        "What would change our mind: in the coming months, a run of points back on the old side of the centre line, or an interval of the next "
        "twelve months that reaches the old mean.",
    )
    return _render(
        "tables",
        "Discussion.",
        title="Discussion",
        sentences=would,
        tables=(),
        parts=(*_parts(found, "Discussion"), *_parts(found, "Other")),
    )


def reproduce(found: Analysis) -> Fragment:
    """Returns everything that is needed to make the same report again."""
    entries, last = found.gathered.journal_head
    rows = (
        ("Software", f"sampling {__version__}"), ("Digest of the data", found.gathered.digest), ("Journal", f"{entries} entries, the last {last[:16]}"),
        ("Draws", f"{len(found.gathered.draws)}, with their commitments in the packs"), ("Team", found.order.team or "whole service"),
        ("Month", found.order.period), ("Baseline", found.order.baseline or found.windows.why),
    )  # fmt: skip
    table: Table = ("reproduce", "To make this report again", ("What", "Value"), rows)
    sentence = "The same draws, journal and software give the same bytes."
    return _render("tables", sentence, title="To make this again", sentences=(sentence,), tables=(table,), parts=())


def all_figures(found: Analysis) -> tuple[Figure, ...]:
    """Returns every figure of the report in order: what is written as CSV."""
    return (*figures.over_time(found), *figures.by_criterion(found), *figures.repaired(found), *between_figures(found))


def look() -> Fragment:
    """Returns the style of the fragments, for a notebook that is open in JupyterLab."""
    style, _, _ = page_environment().get_template("draw.css").render().partition("/* page only */")
    return Fragment(f"<style>{style}{page_environment().get_template('evidence.css').render()}</style>", "Ready.")


def _parts(found: Analysis, section: str) -> tuple[tuple[Asked, str], ...]:
    return tuple((asked, found.account.said(asked.key)) for asked in ASKED if asked.section == section)


def _render(name: str, words: str = "", **context: Any) -> Fragment:
    return Fragment(page_environment().get_template(f"evidence_{name}.html.j2").render(**context).strip() + "\n", words)
