"""Balancing measures: what could have got worse while levels rose; and wellbeing beside contacts out of hours (seed row A20)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from statistics import median

from sampling.assurance.coverage_counts import Window
from sampling.assurance.coverage_facts import Facts
from sampling.assurance.effect.brought import Brought
from sampling.assurance.effect.policy import EffectPolicy
from sampling.assurance.effect.quarters import before, heading, quarters_of
from sampling.assurance.effect.results import Balancing, Survey, Wellbeing
from sampling.assurance.effect.survey import SERVICE, group_responses, shown_items
from sampling.assurance.facts import FORMAL
from sampling.assurance.patterns_policy import load_patterns
from sampling.assurance.patterns_signs import Observed, signs_of
from sampling.evidence.sentences import percent
from sampling.page.words import day_of
from sampling.reporting.gathering import Gathered
from sampling.reporting.tables import Table, balance
from sampling.scoring.rules.sessions import Session

WORKLOAD, WELLBEING, DUTY = "workload", "wellbeing", "duty_consultation"
AGREES_FROM = 4
SHOWS_NOT = (
    "Two windows beside each other are no trend; a month with fewer sessions can be a month of holidays.",
    "What is not counted here can have got worse too: delayed contacts, time for people outside the sample.",
)
SIDE_BY_SIDE = "They stand side by side. Nothing here says that one follows from the other."
NO_CONTACTS = "The extract does not tell of contacts out of hours."
NO_WELLBEING = "No wave of the survey with the wellbeing item can be shown."
NO_SESSIONS = (
    "Sessions were not handed in, so nothing is said of their length, of duty consultations or of cases put forward."
)


def balancing(
    gathered: Gathered, window: Window, survey: Survey, facts: Facts | None, policy: EffectPolicy
) -> Balancing:
    """Returns each measure in the window and in as many months before. Without `facts` what only sessions tell is said to be missing."""
    earlier = before(window)
    sides = [dict(balance(gathered, _months(gathered, one), draws=True)) for one in (earlier, window)]
    rows = [(name, sides[0][name], sides[1][name]) for name in sides[1]]
    if facts is not None:
        both = [_of_sessions(_held(facts.sessions, one), policy) for one in (earlier, window)]
        rows += [(name, both[0][name], both[1][name]) for name in both[1]]
    table = Table(
        "balancing",
        "Balancing measures: what could have got worse",
        ("Measure", heading(earlier), heading(window)),
        tuple(rows),
    )
    workload = [one.sentence for group in survey.groups[:1] for one in group.items if one.item == WORKLOAD]
    return Balancing((*workload, *((NO_SESSIONS,) if facts is None else ())), (table,), SHOWS_NOT)


def _months(gathered: Gathered, window: Window) -> list[str]:
    return [period for period in gathered.periods if f"{window.first:%Y-%m}" <= period <= f"{window.last:%Y-%m}"]


def _held(sessions: Iterable[Session], window: Window) -> list[Session]:
    return [one for one in sessions if one.closed is not None and window.has(one.held_on)]


def _of_sessions(held: Sequence[Session], policy: EffectPolicy) -> dict[str, str]:
    formal = [one for one in held if one.kind == FORMAL]
    minutes = [one.closed.minutes for one in formal if one.closed is not None and one.closed.minutes]
    short = sum(number < policy.numbers.session_minutes for number in minutes)
    came = Counter(said.came_by for one in formal for said in one.discussed.values())
    tabled = came["tabled_by_supervisee"] + came["tabled_by_supervisor"]
    of_formal = f" in {len(formal):,} formal one-to-ones"
    return {
        "Formal one-to-ones held": f"{len(formal):,}",
        "Minutes of a formal one-to-one (median)": f"{median(minutes):g} ({len(minutes)} sessions)"
        if minutes
        else "not recorded",
        f"Shorter than {policy.numbers.session_minutes} minutes": (
            f"{percent(short / len(minutes))} ({short:,} of {len(minutes):,})" if minutes else "not recorded"
        ),
        "Cases put forward that were discussed": f"{tabled:,}{of_formal}",
        "Drawn cases that were discussed": f"{came['drawn']:,}{of_formal}",
        "Duty consultations": f"{sum(one.kind == DUTY for one in held):,}",
    }


def wellbeing(brought: Brought, policy: EffectPolicy, observed: Observed | None, first: date, last: date) -> Wellbeing:
    """Returns the wellbeing item of each wave and the contacts outside the pathway by quarter, from a year before `first` up to `last`."""
    quarters = quarters_of(date(first.year - 1, first.month, 1), last)
    begins = date(first.year - 1, first.month, 1)
    shares = _shares(brought, policy, begins, last)
    outside = _outside(observed, quarters, last)
    told = [
        f"On {day_of(wave)}, {percent(share)} agreed that they can do this work without harm to their own health."
        for wave, share in shares.items()
    ]
    told += [
        f"{quarter}: {part} of {whole} contacts out of hours lay outside the escalation pathway."
        for quarter, (part, whole) in outside.items()
    ]
    missing = [*(() if shares else (NO_WELLBEING,)), *(() if outside else (NO_CONTACTS,))]
    if not shares and not outside:
        return Wellbeing(tuple(missing))
    rows = tuple(
        (
            quarter,
            ", ".join(
                f"{percent(share)} ({day_of(wave)})"
                for wave, share in shares.items()
                if quarters_of(wave, wave) == (quarter,)
            )
            or "no survey",
            "{} of {}".format(*outside[quarter]) if quarter in outside else "not told",
        )
        for quarter in quarters
    )
    table = Table(
        "wellbeing",
        "Wellbeing beside contacts out of hours",
        ("Quarter", "Agree that their health is safe", "Outside the pathway"),
        rows,
    )
    return Wellbeing((*told, *missing), (table,), (SIDE_BY_SIDE,), shares, outside)


def _shares(brought: Brought, policy: EffectPolicy, first: date, last: date) -> dict[date, float]:
    """Returns the service's share agreeing by wave, where enough answered."""
    found = {}
    for wave in sorted({one.wave for one in brought.responses if first <= one.wave <= last}):
        groups = group_responses(
            [one for one in brought.responses if one.wave == wave], policy.numbers.fewest_responses
        )
        if WELLBEING in shown_items(groups, policy)[0]:
            given = [one.answers[WELLBEING] for one in groups[SERVICE] if WELLBEING in one.answers]
            found[wave] = sum(answer >= AGREES_FROM for answer in given) / len(given)
    return found


def _outside(observed: Observed | None, quarters: Sequence[str], last: date) -> dict[str, tuple[int, int]]:
    """Returns (outside the pathway, all that can be told) by quarter; what lies inside is judged as the pattern out_of_hours judges it."""
    if observed is None or observed.contacts is None:
        return {}
    policy = load_patterns()
    signs = signs_of(policy.rule("out_of_hours"), observed, policy)
    found: dict[str, tuple[int, int]] = {}
    for sign in signs if not isinstance(signs, str) else ():
        quarter = quarters_of(*[date.fromisoformat(f"{sign.period}-01")] * 2)[0]
        if quarter in quarters and sign.seen is not None and sign.period <= f"{last:%Y-%m}":
            part, whole = found.get(quarter, (0, 0))
            found[quarter] = (part + bool(sign.seen), whole + 1)
    return dict(sorted(found.items()))
