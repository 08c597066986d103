"""The staff survey: per item the share agreeing with Wilson's interval, who did not answer, and the change since the wave before.

A group with few responses is never shown by itself, inside the service either: staff answered without their name (docs/effectiveness.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sampling.assurance.effect.brought import Asked, Brought, Response
from sampling.assurance.effect.policy import EffectPolicy, Item
from sampling.assurance.effect.results import Agreeing, Group, Survey
from sampling.evidence.estimates import difference
from sampling.evidence.intervals import wilson_interval
from sampling.evidence.results import Estimate
from sampling.evidence.sentences import percent
from sampling.page.words import counted, day_of
from sampling.reporting.tables import Table
from sampling.tickets import digest

SERVICE, OTHER_TEAMS = "Service", "Other teams"
AGREES_FROM = 4  # of 1 to 5
HALF = 0.5  # our choice: an item stands out where more than half of staff say the opposite of what is asked for
METHOD = "share agreeing (4 or 5 of 5)"
NONE = (
    "No staff survey was brought, so nothing can be said of what staff think of their supervision (seed rows A24, D17)."
)
NO_WAVE = "No wave of the staff survey closed up to the end of this window."
SHOWS_NOT = (
    "The interval says what chance alone could do among those who answered. It does not speak for those who did not.",
    "Most of the same people answer each wave and nobody knows which, so a change is reckoned as if they were others: its interval is, "
    "if anything, too wide.",
    "An answer tells how supervision is felt, not whether it works.",
)


def survey(brought: Brought, policy: EffectPolicy, last: date) -> Survey:
    """Returns the newest wave that closed up to the day `last`, against the wave before it."""
    if not brought.responses:
        return Survey(sentences=(NONE,), cannot=NONE)
    waves = sorted({one.wave for one in brought.responses if one.wave <= last})
    if not waves:
        return Survey(sentences=(NO_WAVE,), cannot=NO_WAVE)
    wave, before = waves[-1], waves[-2] if len(waves) > 1 else None
    due = _due(wave, last, policy)
    answers = [one for one in brought.responses if one.wave == wave]
    if len(answers) < policy.numbers.fewest_responses:
        words = f"The survey of {day_of(wave)} has {_few(len(answers), policy)}: it is not shown."
        return Survey((words, *due), (), SHOWS_NOT, wave, before, (), words)
    named = group_responses(answers, policy.numbers.fewest_responses)
    earlier = group_responses([one for one in brought.responses if one.wave == before], policy.numbers.fewest_responses)
    shown = shown_items(named, policy)
    groups = tuple(
        _group(
            name,
            (some, asked_of(brought.asked, wave, some, name)),
            _earlier(name, some, earlier, brought, before),
            policy,
            shown[name != SERVICE],
        )
        for name, some in named.items()
    )
    sentences = (
        _responded(groups[0], wave),
        *_teams(groups, answers, policy),
        *due,
        *(one.sentence for one in groups[0].items if _stands_out(one, policy)),
    )
    return Survey(sentences, tuple(_table(one, policy) for one in groups), SHOWS_NOT, wave, before, groups)


def group_responses(answers: Sequence[Response], fewest: int) -> dict[str, list[Response]]:
    """Returns the service, then its teams by name; teams with fewer responses go together, with the smallest others until they are enough.

    The service alone where its teams cannot be told apart: the whole less the teams that are shown always leaves enough responses, or none.
    """
    teams: dict[str, list[Response]] = defaultdict(list)
    for one in answers:
        teams[one.team].append(one)
    small = [team for team in teams if not team or len(teams[team]) < fewest]
    together = [one for team in small for one in teams.pop(team)]
    while together and len(together) < fewest and teams:
        together += teams.pop(min(teams, key=lambda team: (len(teams[team]), team)))
    if not teams or (len(teams) == 1 and not together):
        return {SERVICE: list(answers)} if len(answers) >= fewest else {}
    named = {f"{team} (team)" if team in (SERVICE, OTHER_TEAMS) else team: teams[team] for team in sorted(teams)}
    return {SERVICE: list(answers), **named, **({OTHER_TEAMS: together} if together else {})}


def asked_of(asked: Iterable[Asked], wave: date, answers: Sequence[Response], name: str) -> int | None:
    """Returns how many of a group were asked, None where that is not known for all of it."""
    by_team = {one.team: one.number for one in asked if one.wave == wave}
    if name == SERVICE and "" in by_team:
        return by_team[""]
    teams = {one.team for one in answers}
    if "" in teams or not teams <= set(by_team):
        return None
    if name == SERVICE:
        return sum(by_team.values())
    return sum(by_team[team] for team in teams)


def _few(number: int, policy: EffectPolicy) -> str:
    return f"{counted(number, 'response')}, fewer than the {policy.numbers.fewest_responses} from which nobody can be told from the others"


def _due(wave: date, last: date, policy: EffectPolicy) -> tuple[str, ...]:
    days = (last - wave).days
    if days <= policy.numbers.survey_days:
        return ()
    return (
        f"The newest survey is {days} days old at the end of this window; the yearly questionnaire is due (seed row D17).",
    )


def _earlier(
    name: str, answers: Sequence[Response], earlier: Mapping[str, list[Response]], brought: Brought, before: date | None
) -> tuple[list[Response], int | None]:
    """Returns the group's responses of the wave before and how many were asked; none where the group was put together from other teams."""
    then = earlier.get(name, [])
    if before is None or (name == OTHER_TEAMS and {one.team for one in then} != {one.team for one in answers}):
        return [], None
    return then, asked_of(brought.asked, before, then, name)


def _group(
    name: str,
    now: tuple[Sequence[Response], int | None],
    before: tuple[Sequence[Response], int | None],
    policy: EffectPolicy,
    shown: set[str],
) -> Group:
    items = (_item(name, item, now, before, policy) for item in policy.item if item.id in shown)
    return Group(name, len(now[0]), now[1], tuple(items))


def shown_items(groups: Mapping[str, Sequence[Response]], policy: EffectPolicy) -> tuple[set[str], set[str]]:
    """Returns the items that the service's row may have, and those that the teams' rows may: each group has enough answers to them.

    All teams or none: the service less the teams that are shown would be the answers of the one that is not.
    """
    fewest = policy.numbers.fewest_responses
    enough = {
        name: {item.id for item in policy.item if counts_of(some, item.id)[1] >= fewest}
        for name, some in groups.items()
    }
    teams = [items for name, items in enough.items() if name != SERVICE]
    return enough.get(SERVICE, set()), set.intersection(*teams) if teams else set()


def counts_of(answers: Sequence[Response], item: str) -> tuple[int, int]:
    """Returns how many agree with an item, and how many answered it."""
    given = [one.answers[item] for one in answers if item in one.answers]
    return sum(answer >= AGREES_FROM for answer in given), len(given)


def _item(
    group: str,
    item: Item,
    now: tuple[Sequence[Response], int | None],
    before: tuple[Sequence[Response], int | None],
    policy: EffectPolicy,
) -> Agreeing:
    agree, answered = counts_of(now[0], item.id)
    interval = wilson_interval(agree, answered)
    bounds = (agree / now[1], (agree + now[1] - answered) / now[1]) if now[1] else None
    change = _change((item.id, policy), now, before)
    share = agree / answered
    good = "" if item.good == "agree" else " (here fewer is better)"
    words = (
        f"“{item.text}”: {percent(share)} agree{good}, {agree} of {answered} "
        f"(95% interval {percent(interval.low)} to {percent(interval.high)}). {_silent(bounds)}{_changed(change)}"
    )
    return Agreeing(item.id, group, answered, agree, share, interval, bounds, change, words)


def _silent(bounds: tuple[float, float] | None) -> str:
    if bounds is None:
        return "How many were asked is not known, so nothing says how those who did not answer could change it. "
    return f"Among all who were asked it lies between {percent(bounds[0])} and {percent(bounds[1])}, whatever the others think. "


def _change(
    what: tuple[str, EffectPolicy],
    now: tuple[Sequence[Response], int | None],
    before: tuple[Sequence[Response], int | None],
) -> Estimate:
    """Returns now less before, or why that cannot be said."""
    item, policy = what
    numbers = policy.numbers
    sides = [(*counts_of(answers, item), len(answers), asked) for answers, asked in (before, now)]
    reason = ""
    if not sides[0][1]:
        reason = "there is no wave before of the same group"
    elif min(answered for _, answered, _, _ in sides) < numbers.fewest_for_change:
        reason = f"one of the two waves has fewer than {numbers.fewest_for_change} answers"
    elif any(asked is None for *_, asked in sides):
        reason = "how many were asked is not known for both waves"
    elif any(responded < numbers.least_rate * (asked or 0) for _, _, responded, asked in sides):
        reason = f"fewer than {percent(numbers.least_rate)} of those asked answered one of the two waves"
    if reason:
        return Estimate(None, None, sides[1][1], 0, METHOD, reason=f"Whether it changed cannot be said: {reason}.")
    first, second = (
        Estimate(agree / answered, wilson_interval(agree, answered), answered, asked or 0, METHOD)
        for agree, answered, _, asked in sides
    )
    return difference(first, second)


def _changed(change: Estimate) -> str:
    if change.value is None or change.interval is None:
        return change.reason
    low, high = 100 * change.interval.low, 100 * change.interval.high
    told = f"Against the wave before: {100 * change.value:+.0f} percentage points ({low:+.0f} to {high:+.0f})"
    return f"{told}; chance alone could do that." if low <= 0 <= high else f"{told}."


def _stands_out(one: Agreeing, policy: EffectPolicy) -> bool:
    """Tells whether an item changed by more than chance alone could, or lies wholly on the wrong side of one half."""
    change, good = one.change.interval, next(item.good for item in policy.item if item.id == one.item)
    changed = change is not None and not change.low <= 0 <= change.high
    return changed or (one.interval.high < HALF if good == "agree" else one.interval.low > HALF)


def _responded(service: Group, wave: date) -> str:
    if service.asked is None:
        return (
            f"{counted(service.responded, 'response')} to the survey of {day_of(wave)}. How many were asked was not brought, so there is "
            "no response rate, and nobody can say whom these answers speak for."
        )
    share = percent(service.responded / service.asked) if service.asked else "none"
    silent = service.asked - service.responded
    against = (
        f" The {silent} who did not may think otherwise: those with least time, or least trust, are often silent."
        if silent
        else ""
    )
    return f"{service.responded} of {service.asked} who were asked answered the survey of {day_of(wave)} ({share}).{against}"


def _teams(groups: Sequence[Group], answers: Sequence[Response], policy: EffectPolicy) -> tuple[str, ...]:
    teams = {one.team for one in answers} - {""}
    if not teams:
        return ("The responses name no team.",)
    if len(groups) == 1:
        return (
            f"Teams are not shown apart: that would leave some with fewer than {policy.numbers.fewest_responses} responses.",
        )
    if any(one.name == OTHER_TEAMS for one in groups):
        return (
            f"Teams with fewer than {policy.numbers.fewest_responses} responses are shown together as “{OTHER_TEAMS}”.",
        )
    return ()


def _table(group: Group, policy: EffectPolicy) -> Table:
    texts = {one.id: one.text for one in policy.item}
    good = {one.id: one.good for one in policy.item}
    rows = tuple(
        (
            texts[one.item],
            "more" if good[one.item] == "agree" else "fewer",
            str(one.answered),
            percent(one.share),
            f"{percent(one.interval.low)} to {percent(one.interval.high)}",
            "not known" if one.bounds is None else f"{percent(one.bounds[0])} to {percent(one.bounds[1])}",
            "cannot say" if one.change.value is None else f"{100 * one.change.value:+.0f} points",
        )
        for one in group.items
    )
    columns = ("Item", "Better is", "Answers", "Agree", "95% interval", "Among all asked", "Since the wave before")
    return Table(f"survey-{_slug(group.name)}", f"Staff survey: {group.name}", columns, rows)


def _slug(name: str) -> str:
    return "service" if name == SERVICE else digest(f"team|{name}")[:12]
