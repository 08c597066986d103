"""Training needs of groups from gaps (seed rows B2, E7): the criteria that drawn cases are often below the standard on. Never of a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from sampling.assurance.effect.policy import EffectPolicy
from sampling.assurance.effect.results import Need, Needs
from sampling.evidence.measures import STANDARD
from sampling.evidence.sentences import percent
from sampling.page.words import counted
from sampling.reporting.counting import pass_levels
from sampling.reporting.figures import titles
from sampling.reporting.gathering import Gathered
from sampling.reporting.tables import Table
from sampling.scoring.settings.assignments import FIRST

SERVICE, OTHER_TEAMS, TRAINING = "Service", "Other teams", "training"
DONE = "done"
SHOWS_NOT = (
    "It counts what the record says of drawn cases, which are not all cases; the weighted share stands in the evidence report.",
    "A gap in many records can come from a form, a policy or a workload as well as from what people know: ask before training is booked.",
    "It is a need of the group. Whose cases these were is for supervision alone.",
)


def needs(gathered: Gathered, policy: EffectPolicy, periods: Sequence[str]) -> Needs:
    """Returns the criteria that a team's, or the service's, drawn cases are often below the standard on; and what training was raised for it.

    `periods` are the months of the window. A group's criterion is told from `fewest_scored` cases on, where what was below is of
    `fewest_people` or more; `thin` counts the criteria of teams that had cases and too few.
    """
    scores = gathered.scores
    inside = scores[(scores["stage"] == FIRST) & scores["period"].isin(periods) & scores["level"].notna()]
    named = titles(gathered.rubrics)
    levels = pass_levels(gathered.rubrics)
    below = inside["level"] < inside["rubric"].map(levels).fillna(STANDARD)
    found: list[Need] = []
    thin = 0
    for group, some in _groups(inside, policy.numbers.fewest_people):
        for ref, rows in some.groupby("ref"):
            if len(rows) < policy.numbers.fewest_scored:
                thin += group != SERVICE
                continue
            found += _need(group, str(ref), rows, below[rows.index], (named, policy))
    found.sort(key=lambda one: (-one.below / one.scored, one.group != SERVICE, one.group, one.ref))
    raised, done = _training(gathered, periods)
    sentences = (
        *_heads(found, len(inside), policy),
        *(one.sentence for one in found[:1]),
        _training_words(raised, done),
    )
    tables = (_table(found, named),) if found else ()
    return Needs(sentences, tables, SHOWS_NOT, tuple(found), raised, done, thin)


def _groups(rows: pd.DataFrame, fewest: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yields the service and its teams; those of too few people go together, with the smallest others, so that no rest is one person's."""
    yield SERVICE, rows
    teams = {str(team): some for team, some in rows.groupby("team")}
    few = [team for team in teams if not team or teams[team]["practitioner"].nunique() < fewest]
    together = pd.concat([rows.iloc[:0], *(teams.pop(team) for team in few)])
    while len(together) and together["practitioner"].nunique() < fewest and teams:
        together = pd.concat([together, teams.pop(min(teams, key=lambda team: (len(teams[team]), team)))])
    if not teams or (len(teams) == 1 and together.empty):
        return
    yield from teams.items()
    if len(together):
        yield OTHER_TEAMS, together


def _need(
    group: str, ref: str, rows: pd.DataFrame, below: pd.Series, what: tuple[dict[str, str], EffectPolicy]
) -> Iterator[Need]:
    named, policy = what
    number = int(below.sum())
    people = int(rows.loc[below, "practitioner"].nunique())
    if number < policy.numbers.often_below * len(rows) or not number or people < policy.numbers.fewest_people:
        return
    where = {SERVICE: "In all teams", OTHER_TEAMS: "In the other teams together"}.get(group, f"In {group}")
    words = f"{where}, “{named.get(ref, ref)}” was below the standard in {number} of {len(rows)} drawn cases ({percent(number / len(rows))})."
    yield Need(group, ref, len(rows), number, people, words)


def _heads(found: Iterable[Need], scored: int, policy: EffectPolicy) -> tuple[str, ...]:
    numbers = policy.numbers
    rule = (
        f"A criterion is named where at least {percent(numbers.often_below)} of {numbers.fewest_scored} or more drawn cases were below the "
        f"standard, of {numbers.fewest_people} or more practitioners (our choice; seed rows B2, E7 name no number)."
    )
    if not scored:
        return ("Nothing was scored in this window, so no training need can be read from it.",)
    return (rule,) if list(found) else (rule, "No criterion of any group is so often below the standard.")


def _training(gathered: Gathered, periods: Sequence[str]) -> tuple[int, int]:
    acted = gathered.actions
    mine = acted[(acted["action_kind"] == TRAINING) & acted["period"].isin(periods)]
    return len(mine), int((mine["outcome"] == DONE).sum())


def _training_words(raised: int, done: int) -> str:
    if not raised:
        return "No action of the kind training was raised from these cases."
    return f"{counted(raised, 'action')} of the kind training {'was' if raised == 1 else 'were'} raised from these cases, {done} of them done."


def _table(found: Sequence[Need], named: dict[str, str]) -> Table:
    rows = tuple(
        (one.group, named.get(one.ref, one.ref), str(one.scored), str(one.below), percent(one.below / one.scored))
        for one in found
    )
    columns = ("Group", "Criterion", "Drawn cases scored", "Below the standard", "Share")
    return Table("training-needs", "Training needs of groups", columns, rows)
