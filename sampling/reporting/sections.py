"""The sections of an evidence report under SQUIRE's headings, each a pure function from results to one HTML fragment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sampling.evidence.agreement.sentences import agreement_sentence
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
from sampling.plots.figure import Figure, refused
from sampling.plots.icons import Icon
from sampling.plots.series import capital
from sampling.quality import page_environment
from sampling.reporting import agreeing, figures, tables, withheld
from sampling.reporting.account import ASKED, Asked
from sampling.reporting.analysis import Analysis
from sampling.reporting.gathering import SIGNED
from sampling.reporting.tables import Table
from sampling.reporting.verdict import verdict
from sampling.scoring.settings.assignments import FIRST
from sampling.suppression.words import INSIDE_ONLY
from sampling.tickets import digest

_MARKS = {"improved": "good", "not_confirmed": "note", "not_shown": "note", "worse": "stop", "cannot_say": "note"}
_NO_PRACTITIONER = "No figure of practitioners, not even of how far they differ, stands in a report under this profile."


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
    spans = f"{found.windows.before.span} beside {found.windows.after.span}"
    title = (
        f"Report for the commissioner: {whose}"
        if found.publication.edition == "commissioner"
        else f"Evidence from sampled supervision: {whose}"
    )
    levels = ", ".join(sorted(set(found.gathered.draws["evidence_level"].dropna()))) or "none"
    drawn = found.gathered.cases[(found.gathered.cases["stage"] == FIRST)]
    signed = int((drawn["state"] == SIGNED).sum())
    cases = (
        () if found.publication.hides else (("Drawn cases", f"{len(drawn):,}"), ("Scored and signed", f"{signed:,}"))
    )
    what = f"Improvement work by {whose}: " + (
        "" if found.publication.hides else f"what {counted(len(drawn), 'drawn case')} show, "
    )
    return Heading(
        title=found.account.title or title,
        lead=f"{what}{spans}.",
        facts=(
            ("Months", str(len(found.gathered.periods))), *cases, ("Levels of evidence", levels),
            ("Rubric versions", ", ".join(f"{one.title} {one.version}" for one in found.gathered.rubrics) or "none"),
            ("Small numbers", capital(found.publication.profile.title)), ("As of", day_of(found.order.today)),
        ),
        digest=found.gathered.digest[:16],
    )  # fmt: skip


def summary(found: Analysis) -> Fragment:
    """Returns the first words: did practice improve, how sure is that, and what speaks against it."""
    said = verdict(found)
    scope = withheld.until(found) if found.publication.hides else INSIDE_ONLY
    mark = "note" if said.training else _MARKS[said.kind]
    return _render("summary", said.answer, verdict=said, mark=mark, scope=scope)


def why(found: Analysis) -> Fragment:
    """Returns why this was started, in the words of the service, or as missing."""
    return _render("why", "Why this was started.", title="Why this was started", parts=_parts(found, "Why"))


def methods(found: Analysis) -> Fragment:
    """Returns how cases were chosen, measured and analysed."""
    named = figures.titles(found.gathered.rubrics)
    return _render(
        "methods", "How cases were chosen, measured and analysed.", parts=_parts(found, "Methods"), changes=tables.changes(found), quotas=_quotas(found), hides=found.publication.hides,
        why=found.windows.why, draws=tables.draws(found), rubrics=tables.rubrics(found),
        rationale=named.get(RATIONALE, RATIONALE), review=named.get(REVIEW, REVIEW),
        before=found.windows.before.span, after=found.windows.after.span,
        comparability=comparability_sentence(found.windows.comparability), doubles=_doubles(found),
    )  # fmt: skip


def _quotas(found: Analysis) -> str:
    """Returns how many cases a month were drawn for whom, as the draws did it."""
    design, said = found.gathered.design, []
    for kind, what in (("volatile", "the cases with recent recorded change"), ("random", "all other open cases")):
        for whose, pooled in (("practitioner", False), ("team", True)):
            rows = design[(design["kind"] == kind) & ((design["practitioner"] == "") == pooled)]
            if rows["drawn"].sum():
                said.append(f"up to {rows['drawn'].max()} of {what} for each {whose}")
    return f"Each month {', '.join(said)}." if said else ""


def _doubles(found: Analysis) -> str:
    agreement = found.agreement
    if found.publication.hides:
        return withheld.agreed(found)
    if not agreement.pairs:
        return "No case was scored by two people yet."
    return (
        f"Of {agreement.pairs:,} criteria of {counted(agreement.cases, 'case')} that two people scored blind, {percent(agreement.exact / agreement.pairs)} have "
        f"exactly the same level and {percent(agreement.within_one / agreement.pairs)} are within one."
    )


def over_time(found: Analysis) -> Fragment:
    """Returns the three headline measures over time, with their icons; under a profile that hides what the charts say, in words."""
    if found.publication.hides:
        said = [
            found.publication.charts,
            *(f"{one.finding}." for one in figures.over_time(found)[:2]),
            _NO_PRACTITIONER,
        ]
        return _tables("Results: over time", said, ())
    drawn = _shown(found, figures.over_time(found))
    pairs: tuple[tuple[Icon, ...], ...] = (figures.icons(found.rationale), figures.icons(found.review), ())
    if found.publication.charts:
        pairs = ((), (), ())
    spreads = tuple(
        spread_sentence(side.headlines.variation, side.window.words) for side in (found.before, found.after)
    )
    return _figures("Results: over time", spreads, tuple(zip(drawn, pairs, strict=True)))


def by_criterion(found: Analysis) -> Fragment:
    """Returns each criterion of each rubric: the share at the standard, the levels, and what was left out of the denominators."""
    if found.publication.hides:
        shown = [one for one in tables.all_released(found) if one.id in ("before-table", "after-table")]
        said = found.publication.refusal or "Drawn cases with recent recorded change, not weighted."
        return _tables("Results: by criterion", (said,), shown)
    side = found.after if found.after.window.periods else found.before
    drawn = tuple((one, ()) for one in _shown(found, figures.by_criterion(found)))
    sentences = (counts_sentence(side.headlines.rationale.counts), *side.headlines.rationale.mean.notes)
    return _together(
        _figures("Results: by criterion", (), drawn),
        _tables("Levels and denominators", sentences, (tables.levels(found),)),
    )


def repair(found: Analysis) -> Fragment:
    """Returns the same cases scored again, what of their gain was to be expected, and what carried over to fresh cases."""
    title = "Results: repair of the same cases, and transfer"
    if found.publication.hides:
        shown = [one for one in tables.all_released(found) if one.id == "repair-table"]
        return _tables(title, (*withheld.repaired(found), _NO_PRACTITIONER), shown)
    named = figures.titles(found.gathered.rubrics)
    said = []
    for ref in (ref for ref in (RATIONALE, REVIEW) if ref in found.repair):
        change = found.repair[ref]
        said += [
            f"{named.get(ref, ref)}: {paired_sentence(change)}",
            paired_mean_sentence(change),
            regression_sentence(change.regression),
        ]
    said.append(
        f"Transfer: {paired_sentence(found.transfer, what='practitioners with a case on either side of the change')} "
        "Both cases of a pair were drawn in the same way: no part of their change is expected from how they were chosen."
    )
    drawn = tuple((one, ()) for one in _shown(found, figures.repaired(found)))
    return _together(_figures(title, said, drawn), _tables("Repair by criterion", (), (tables.repair(found),)))


def between(found: Analysis) -> Fragment:
    """Returns the spread between teams and between practitioners under aliases, without ranks, and criteria against teams."""
    title = "Results: between teams and practitioners"
    if found.publication.hides:
        side_by_side = tables.teams(found)
        return _tables(title, (_NO_PRACTITIONER,), () if side_by_side is None else (side_by_side,))
    return _figures(title, (), tuple((one, ()) for one in _shown(found, between_figures(found))))


def between_figures(found: Analysis) -> tuple[Figure, ...]:
    """Returns the funnels and the heat table. Practitioners have aliases that change with every report.

    Their order hangs on what the journal holds and no pack publishes: packs show the practitioners' digests, and an order of these alone
    would lead from an alias to a digest.
    """
    teams = {one.unit: one.unit for one in found.between_teams.units}
    salt = digest("csr1/aliases|" + found.gathered.cases.to_csv(index=False))
    units = sorted(found.between_practitioners.units, key=lambda one: digest(f"{salt}|{one.unit}"))
    aliases = {one.unit: f"P{place}" for place, one in enumerate(units, 1)}
    shown = [
        figures.between(found.between_practitioners, what="Between practitioners", names=aliases, name="practitioners")
    ]
    if not found.order.team:
        shown = [figures.between(found.between_teams, what="Between teams", names=teams, name="teams"), *shown]
    return (*shown, figures.by_team(found))


def agreement(found: Analysis) -> Fragment:
    """Returns how far two raters agree on the same cases, which every figure above rests on; nobody is named."""
    title = "Results: how far raters agree"
    if found.publication.hides:
        return _tables(title, (withheld.agreed(found), _NO_PRACTITIONER), ())
    if found.agreed is None:
        return _tables(
            title, ("No case was scored by two people yet, so how far the levels hang on who scored is not known.",), ()
        )
    said = (
        agreement_sentence(found.agreed.alpha),
        agreement_sentence(found.agreed.ac2),
        agreeing.strictness_sentence(found.agreed),
    )
    drawn = tuple((one, ()) for one in _shown(found, agreeing.all_figures(found.agreed)))
    return _together(
        _figures(title, said, drawn),
        _tables("Where raters differ, and whether thresholds hold", (), tables.agreeing(found)),
    )


def actions(found: Analysis) -> Fragment:
    """Returns what became of the actions, what could have got worse meanwhile, and what only people know of it."""
    title, parts = "Results: actions, balancing, unintended effects", _parts(found, "Results")
    if found.publication.hides:
        shown = [one for one in tables.all_released(found) if one.id == "actions-table"]
        return _tables(title, (withheld.acted(found),), shown, parts)
    acted = found.gathered.actions
    seen = int(acted["seen_on"].notna().sum())
    sentence = f"{counted(len(acted), 'action')} {'was' if len(acted) == 1 else 'were'} raised from gaps; {seen:,} {'was' if seen == 1 else 'were'} seen in the record."
    listed = (tables.actions(found),) if len(acted) else ()
    return _tables(title, (sentence,), (*listed, tables.balancing(found)), parts)


def discussion(found: Analysis) -> Fragment:
    """Returns what only people can discuss, and what would change our mind."""
    would = (
        "What would change our mind: in the coming months, a run of points back on the old side of the centre line, or an interval of the next "
        "twelve months that reaches the old mean.",
    )
    return _tables("Discussion", would, (), (*_parts(found, "Discussion"), *_parts(found, "Other")))


def reproduce(found: Analysis) -> Fragment:
    """Returns everything that is needed to make the same report again."""
    return _tables(
        "To make this again", ("The same draws, journal and software give the same bytes.",), (tables.reproduce(found),)
    )


def all_figures(found: Analysis) -> tuple[Figure, ...]:
    """Returns every figure of the report in order; none under a profile that hides."""
    if found.publication.hides:
        return ()
    raters = () if found.agreed is None else agreeing.all_figures(found.agreed)
    drawn = (
        figures.over_time(found),
        figures.by_criterion(found),
        figures.repaired(found),
        between_figures(found),
        raters,
    )
    return tuple(one for several in drawn for one in _shown(found, several))


def all_tables(found: Analysis) -> tuple[Table, ...]:
    """Returns every table of the report in order, less those behind a figure."""
    head = tuple(table for table in (tables.changes(found), tables.draws(found), tables.rubrics(found)) if table.rows)
    if found.publication.hides:
        side_by_side = tables.teams(found)
        inner = (*tables.all_released(found), *(() if side_by_side is None else (side_by_side,)))
    else:
        inner = (
            tables.levels(found), tables.repair(found), *tables.agreeing(found), tables.actions(found), tables.balancing(found),
        )  # fmt: skip
    return (*head, *inner, tables.reproduce(found))


def _shown(found: Analysis, drawn: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """Returns the figures, each without its picture where no chart may be drawn."""
    why = found.publication.charts
    return tuple(refused(one, why) for one in drawn) if why else drawn


def look() -> Fragment:
    """Returns the style of the fragments, for a notebook that is open in JupyterLab."""
    style, _, _ = page_environment().get_template("draw.css").render().partition("/* page only */")
    return Fragment(f"<style>{style}{page_environment().get_template('evidence.css').render()}</style>", "Ready.")


def _parts(found: Analysis, section: str) -> tuple[tuple[Asked, str], ...]:
    return tuple((asked, found.account.said(asked.key)) for asked in ASKED if asked.section == section)


def _figures(title: str, sentences: Sequence[str], drawn: Sequence[tuple[Figure, tuple[Icon, ...]]]) -> Fragment:
    return _render("figures", f"{title}.", title=title, sentences=sentences, figures=drawn)


def _tables(
    title: str, sentences: Sequence[str], shown: Sequence[Table], parts: Sequence[tuple[Asked, str]] = ()
) -> Fragment:
    return _render("tables", f"{title}.", title=title, sentences=sentences, tables=shown, parts=parts)


def _together(first: Fragment, second: Fragment) -> Fragment:
    return Fragment(first.html + second.html, first.words)


def _render(name: str, words: str = "", **context: Any) -> Fragment:
    return Fragment(page_environment().get_template(f"evidence_{name}.html.j2").render(**context).strip() + "\n", words)
