"""The quarterly review, put together: pure, from what was brought, what was gathered, the window and the day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from sampling.assurance.coverage_counts import Window
from sampling.assurance.coverage_facts import Facts
from sampling.assurance.effect.balancing import balancing, wellbeing
from sampling.assurance.effect.brought import Brought
from sampling.assurance.effect.columns import ASKED, schemas
from sampling.assurance.effect.incidents import incidents
from sampling.assurance.effect.kpis import kpis
from sampling.assurance.effect.left import notes_of
from sampling.assurance.effect.needs import needs
from sampling.assurance.effect.partners import counted_before, partners
from sampling.assurance.effect.policy import EffectPolicy, load_effect_policy
from sampling.assurance.effect.results import Effectiveness
from sampling.assurance.effect.survey import survey
from sampling.assurance.patterns_signs import Observed
from sampling.page.words import counted
from sampling.reporting.gathering import Gathered

LATER = "{rows} that {were} brought {are} dated after today and {are} left out."
UNKNOWN_TEAMS = "{teams} in the files that were brought {have} a name that no draw knows: compare the spelling."


def effectiveness(
    brought: Brought,
    gathered: Gathered,
    window: Window,
    today: date,
    *,
    facts: Facts | None = None,
    observed: Observed | None = None,
    policy: EffectPolicy | None = None,
    left: Sequence[str] = (),
) -> Effectiveness:
    """Returns the review of a window as it is known today. `gathered` has all months.

    `facts` (sessions) and `observed` (contacts out of hours) are optional: without them what only they tell is said to be missing. All of
    it is for inside the service; `released` has what may leave, beside `left`: the captions of what left before.
    """
    rules = policy or load_effect_policy()
    known, later = _until(brought, today)
    last = min(window.last, today)
    first = min(window.first, last)
    periods = [one for one in gathered.periods if f"{first:%Y-%m}" <= one <= f"{last:%Y-%m}"]
    staff = survey(known, rules, last)
    return Effectiveness(
        window,
        today,
        staff,
        incidents(known, rules, first, last),
        kpis(known, replace(window, last=last)),
        partners(known, first, last),
        needs(gathered, rules, periods),
        balancing(gathered, window, staff, facts, rules),
        wellbeing(known, rules, observed, first, last),
        counted_before(known, gathered.periods[0] if gathered.periods else ""),
        tuple(_absent(known, rules)),
        tuple(_said(known, later, gathered)),
        (*brought.notes, *notes_of(known, window, left)),
        known,
        rules,
        tuple(left),
    )


def _until(brought: Brought, today: date) -> tuple[Brought, int]:
    """Returns what is dated up to today, and how many rows are not."""
    kept = replace(
        brought,
        responses=tuple(one for one in brought.responses if one.wave <= today),
        incidents=tuple(one for one in brought.incidents if one.on <= today),
        feedback=tuple(one for one in brought.feedback if one.on <= today),
    )
    names = ("responses", "incidents", "feedback")
    return kept, sum(len(getattr(brought, name)) - len(getattr(kept, name)) for name in names)


def _absent(brought: Brought, policy: EffectPolicy) -> Iterable[str]:
    """Yields what was not brought, in words."""
    for name, schema in schemas(policy).items():
        if name not in brought.files and (name != ASKED or brought.responses):
            yield f"The file {name} was not brought: {schema.meaning[:1].lower()}{schema.meaning[1:].rstrip('.')}."


def _said(brought: Brought, later: int, gathered: Gathered) -> Iterable[str]:
    if later:
        one = later == 1
        yield LATER.format(rows=counted(later, "row"), were="was" if one else "were", are="is" if one else "are")
    teams = {one.team for rows in (brought.responses, brought.incidents, brought.asked) for one in rows} - {""}
    strange = len(teams - set(gathered.teams))
    if strange:
        yield UNKNOWN_TEAMS.format(teams=counted(strange, "team"), have="has" if strange == 1 else "have")
