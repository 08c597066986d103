"""Patterns in words for a governance meeting: what stands, on what evidence, what it does not show, and what leaders did."""

from __future__ import annotations

from collections.abc import Mapping

from sampling.assurance.patterns import Looked, Pattern, Scope, State
from sampling.assurance.patterns_log import Answered, Response
from sampling.scoring.rules.actions import KIND_LABELS

_STATE: Mapping[State, str] = {
    "new": "New in {since}",
    "standing": "Standing since {since}",
    "easing": "Easing, since {since}: the newest draw does not show it",
    "ended": "Ended after {until}, having stood since {since}",
}
_OUTCOMES = {"done": "done", "partly": "partly done", "not_done": "not done", "not_needed": "no longer needed"}


def pattern_sentences(pattern: Pattern, titles: Mapping[str, str]) -> tuple[str, ...]:
    """Returns what the pattern says: state and scope, evidence, what is not known, and last what it does not show.

    `titles`: "<rubric>/<criterion>" -> the criterion's title; without one its reference stands. Exact counts: for inside the service.
    """
    found = pattern.evidence
    said = [f"{state_words(pattern)}. {_sentence(pattern, titles)}", _rule_words(pattern)]
    if found.unknown:
        said.append(f"Of {_counted(found.unknown, 'more', 'more')} the record cannot tell.")
    if found.empty:
        what = "contact" if pattern.rule.id == "out_of_hours" else "draw"
        said.append(f"Without a {what} in these months: {', '.join(found.empty)}.")
    if pattern.unsure:
        said.append("There are too few cases in this window to say whether it still stands; it is not taken as ended.")
    if pattern.adjusted is not None:
        said.append(
            f"A temporary caseload adjustment was {'recorded' if pattern.adjusted else 'not recorded'} in the window."
        )
    return (*said, pattern.rule.shows_not)


def state_words(pattern: Pattern) -> str:
    """Returns the state with its months: "Standing since 2026-08"."""
    return _STATE[pattern.state].format(since=pattern.since, until=pattern.until)


def scope_words(scope: Scope) -> str:
    """Returns "the service", or "the team North"."""
    return f"the team {scope.team}" if scope.team else "the service"


def about_words(scope: Scope, titles: Mapping[str, str]) -> str:
    """Returns the title of the criterion, or the words of the kind of action, that the pattern is about; "" for neither."""
    return titles.get(scope.about) or KIND_LABELS.get(scope.about, scope.about)


def _sentence(pattern: Pattern, titles: Mapping[str, str]) -> str:
    found, where = pattern.evidence, scope_words(pattern.scope)
    about = about_words(pattern.scope, titles)
    share = f"{found.seen} of {found.of}"
    percent = f" ({(200 * found.seen + found.of) // (2 * found.of)}%)" if found.of else ""
    draws = f"{sum(draw.counts for draw in found.draws)} of {_counted(len(found.draws), 'draw', 'draws')}"
    words = {
        "same_criterion": f"In {where}, “{about}” was below the standard in {draws}: {share} scored cases{percent}",
        "missed_escalation": f"In {where}, escalation was missed in {draws}: {share} cases{percent} have a critical criterion at level 0",
        "threshold_disagreement": f"In {where}, two raters were apart on whether “{about}” meets the standard in {share} cases scored twice{percent}",
        "drift": f"In {where}, {share} actions “{about}”{percent} were raised again on a case whose plan had not changed since the last time",
        "out_of_hours": f"In {where}, {share} contacts out of hours{percent} were outside the escalation pathway",
    }
    return f"{words[pattern.rule.id]}, {found.first} to {found.last}."


def _rule_words(pattern: Pattern) -> str:
    rule = pattern.rule
    unit = "draw" if rule.counted == "draws" else "case"
    said = f"The rule ({rule.row}) asks for {_counted(rule.threshold, unit, unit + 's')} within {_counted(rule.months, 'month', 'months')}"
    if rule.per_draw:
        said += f", a draw counting from {_percent(rule.per_draw)}% of its cases on"
    if rule.over:
        said += f", and more than {_percent(rule.over)}% of the cases"
    return f"{said}; here it is {pattern.evidence.number}."


def _percent(share: object) -> str:
    return f"{float(str(share)) * 100:g}"


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def response_sentences(found: Answered) -> tuple[str, ...]:
    """Returns what leaders did about a pattern: when it was first seen, each response, and whether one is missing."""
    seen = (
        f"Leaders first saw it on {_date(found.first_seen)}."
        if found.first_seen
        else "Nobody has noted that leaders saw it."
    )
    said = [seen, *(_response(one) for one in found.responses)]
    if found.due is not None:
        late = "No response is recorded, and one was due" if found.late else "No response is recorded yet; one is due"
        said.append(f"{late} by {_date(found.due)}.")
    return tuple(said)


def _response(one: Response) -> str:
    decided = f"{_date(one.decided_on)}: {one.what} ({one.owner}, by {_date(one.due)})"
    if one.outcome and one.outcome_on:
        text = f": {one.outcome_text}" if one.outcome_text else ""
        return f"{decided}. {_OUTCOMES[one.outcome].capitalize()} on {_date(one.outcome_on)}{text}."
    return f"{decided}. {'Overdue: no' if one.overdue else 'No'} outcome is recorded{'' if one.overdue else ' yet'}."


def _date(day: object) -> str:
    return f"{day:%-d %B %Y}" if day else ""


def looked_sentence(looked: Looked) -> str:
    """Returns how a rule was looked at: also where nothing was found, so that silence is never read as all being well."""
    name = looked.rule.title
    if looked.cannot:
        return f"{name}: cannot tell. {looked.cannot}"
    thin = (
        f", of which {looked.thin} had fewer than {looked.rule.fewest} cases, so that nothing is said of them"
        if looked.thin
        else ""
    )
    return f"{name}: looked at in {_counted(looked.scopes, 'place', 'places')}{thin}."
