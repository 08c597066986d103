"""Incident themes by quarter: counts, a rate only where something to count against was brought, a chart of rare events where there are enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from sampling.assurance.effect.brought import Against, Brought, Incident
from sampling.assurance.effect.policy import EffectPolicy
from sampling.assurance.effect.quarters import quarter_of, quarters_of
from sampling.assurance.effect.results import Incidents
from sampling.evidence.spc.choosing import choose_for_rare_events
from sampling.evidence.spc.control import ControlChart
from sampling.evidence.spc.rare_events import days_between, g_chart, t_chart
from sampling.page.words import counted, day_of
from sampling.reporting.tables import Table

ALL = "All incidents"
NONE = "No incidents were brought, so nothing can be said of incident themes (seed row A25)."
NO_RATE = "Nothing to count incidents against was brought, so there are counts and no rate: a busier quarter has more of everything."
NOT_ENDED = "{quarter} is not over at the end of this window: its counts are still growing."
BEGINS = "The first incident that was brought is of {day}; what was reported before it is not known here."
SHOWS_NOT = (
    "More reports can mean better reporting: a service that learns to speak up reports more, and fewer reports can be silence.",
    "The theme is what whoever coded the incident took it to be about.",
    "Nothing here says that supervision caused or prevented an incident.",
)


def incidents(brought: Brought, policy: EffectPolicy, first: date, last: date) -> Incidents:
    """Returns the incidents of the quarters that hold the days from first to last, and of the four before, up to the day `last`.

    The four before stand beside them so that a season is seen against its own of the year before; none before the first incident, since
    nobody knows whether the file reaches so far.
    """
    known = [one for one in brought.incidents if one.on <= last]
    if not known:
        return Incidents(sentences=(NONE,))
    begins = min(one.on for one in known)
    quarters = tuple(
        one for one in quarters_of(date(first.year - 1, first.month, 1), last) if one >= quarter_of(begins)
    )
    counts = {one.id: _by_quarter([i for i in known if i.theme == one.id], quarters) for one in policy.theme}
    counts[ALL] = _by_quarter(known, quarters)
    rates = _rates(counts[ALL], brought.against, policy.numbers.rate_per)
    by_theme = {one.id: sorted(i.on for i in known if i.theme == one.id) for one in policy.theme}
    charts = {theme: chart for theme, days in by_theme.items() if (chart := _chart(days)) is not None}
    words = {one.id: one.words for one in policy.theme}
    sentences = (
        *_in_window([one for one in known if one.on >= first], words),
        BEGINS.format(day=day_of(begins)),
        *([NOT_ENDED.format(quarter=quarters[-1])] if quarter_of(_tomorrow(last)) == quarters[-1] else ()),
        *(() if rates else (NO_RATE,)),
        *(f"{words[theme]}: {_charted(chart)}" for theme, chart in charts.items()),
    )
    by_team = _by_team([one for one in known if one.on >= first], words)
    tables = (
        _counted(counts, words),
        *by_team,
        *((_rated(rates, quarters, policy.numbers.rate_per),) if rates else ()),
    )
    return Incidents(sentences, tables, SHOWS_NOT, quarters, counts, rates, charts)


def _tomorrow(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def _by_quarter(some: Sequence[Incident], quarters: Sequence[str]) -> dict[str, int]:
    found = Counter(quarter_of(one.on) for one in some)
    return {quarter: found[quarter] for quarter in quarters}


def _rates(totals: Mapping[str, int], against: Sequence[Against], per: int) -> dict[str, dict[str, float]]:
    """Returns what is counted against -> quarter -> incidents per so many of it."""
    found: dict[str, dict[str, float]] = {}
    for one in against:
        if one.quarter in totals:
            found.setdefault(one.what, {})[one.quarter] = per * totals[one.quarter] / one.number
    return found


def _chart(days: Sequence[date]) -> ControlChart | None:
    """Returns the chart of the days between incidents of a theme; None where there are too few for limits."""
    gaps = days_between([day.isoformat() for day in days])
    kind = choose_for_rare_events(gaps, "days").kind
    if kind == "t":
        return t_chart(gaps, labels=[day.isoformat() for day in days[1:]])
    return g_chart(gaps) if kind == "g" else None


def _charted(chart: ControlChart) -> str:
    gaps = f"{chart.kind} chart of {counted(len(chart.points), 'gap')} between incidents"
    if chart.outside:
        return f"{gaps}; {counted(len(chart.outside), 'gap')} beyond the limits, the last at {chart.outside[-1]}. Ask what was different."
    return f"{gaps}; none beyond the limits: nothing tells this apart from chance."


def _in_window(inside: Sequence[Incident], words: Mapping[str, str]) -> tuple[str, ...]:
    if not inside:
        return ("No incident of this window was brought.",)
    found = Counter(one.theme for one in inside)
    most = max(found.values())
    named = " and ".join(f"“{words[theme]}”" for theme in words if found[theme] == most)
    judged = [one for one in inside if one.supervision is not None]
    part = sum(bool(one.supervision) for one in judged)
    levels = Counter(one.level for one in inside)
    grave = levels["severe"] + levels["fatal"]
    return (
        f"{counted(len(inside), 'incident')} in this window; most often {named} ({most} of {len(inside)}).",
        f"Supervision was judged to have had a part in {part} of the {len(judged)} that were judged for it; {len(inside) - len(judged)} were not.",
        f"{counted(grave, 'incident')} with severe harm or death; the level of {levels[None]} is not given.",
    )


def _counted(counts: Mapping[str, Mapping[str, int]], words: Mapping[str, str]) -> Table:
    rows = tuple((words.get(theme, theme), *(str(number) for number in row.values())) for theme, row in counts.items())
    return Table("incidents", "Incidents by theme and quarter", ("Theme", *counts[ALL]), rows)


def _by_team(inside: Sequence[Incident], words: Mapping[str, str]) -> tuple[Table, ...]:
    """Returns the window's incidents by theme and team, where any names its team."""
    teams = sorted({one.team for one in inside} - {""})
    if not teams:
        return ()
    found = Counter((one.theme, one.team) for one in inside)
    rows = tuple(
        (word, *(str(found[theme, team]) for team in (*teams, "")))
        for theme, word in words.items()
        if any(found[theme, team] for team in (*teams, ""))
    )
    return (Table("incidents-teams", "Incidents of this window by theme and team", ("Theme", *teams, "No team"), rows),)


def _rated(rates: Mapping[str, Mapping[str, float]], quarters: Sequence[str], per: int) -> Table:
    rows = tuple(
        (f"per {per:,} {what}", *(f"{row[quarter]:.1f}" if quarter in row else "not known" for quarter in quarters))
        for what, row in rates.items()
    )
    return Table("incident-rates", "All incidents, as a rate", ("Rate", *quarters), rows)
