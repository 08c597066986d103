"""Two pages that open offline: the cases that were scored again, then and now, and the actions with owner, dates and evidence.

They are made from what the service answers a person, so that nothing is on them that this person may not see. They stay in the service.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sampling.page.words import counted, day_of
from sampling.quality import page_environment
from sampling.scoring.rules.action_rows import listed_words
from sampling.scoring.rules.follow_up import CHANGES, STANDING_NOTE, Change, headline

TRIAL = (
    "A handful of cases says nothing statistically, and the same case scored again shows repair alone. "
    "Nothing here is averaged with new draws, and no grade may be read from it."
)
MARKS = {
    "open": "Open",
    "overdue": "Overdue",
    "seen": "Seen",
    "review_overdue": "Review overdue",
    "closed": "Closed",
}
# Level 0 to 3 on the small scale that is drawn beside the words.
_LEFT, _STEP = 10, 26


class Answers(Protocol):
    """What the pages ask of a service (sampling.scoring.service)."""

    def follow_up(self, actor: str, *, today: date) -> dict[str, Any]:
        """Returns the actions and re-scores that are due."""

    def compare(self, actor: str, review: str, *, today: date) -> dict[str, Any]:
        """Returns a signed follow-up review beside the first one."""


@dataclass(frozen=True)
class Followed:
    """What the two pages show: every comparison, and every action once, as its supervisor sees it."""

    today: date
    comparisons: tuple[Mapping[str, Any], ...]
    actions: tuple[Mapping[str, Any], ...]
    waiting: tuple[Mapping[str, Any], ...]


def gather(service: Answers, actors: Iterable[str], *, today: date) -> Followed:
    """Returns what the service answers these people on one day: each action, each signed follow-up, each that still waits."""
    actions: dict[str, Mapping[str, Any]] = {}
    comparisons: dict[str, Mapping[str, Any]] = {}
    waiting: dict[str, Mapping[str, Any]] = {}
    for actor in actors:
        page = service.follow_up(actor, today=today)
        for part in ("overdue", "due", "later", "closed"):
            for row in page[part]:
                actions.setdefault(row["action"], row)
        for row in page["rescore"]:
            if row["compare"] and row["review"] not in comparisons:
                comparisons[row["review"]] = service.compare(actor, row["review"], today=today)
            elif not row["compare"]:
                waiting.setdefault(row["review"], row)
    return Followed(today, tuple(comparisons.values()), tuple(actions.values()), tuple(waiting.values()))


def total_counts(comparisons: Iterable[Mapping[str, Any]]) -> dict[Change, int]:
    """Returns how many criteria of all these cases changed in which way."""
    total: Counter[str] = Counter()
    for one in comparisons:
        total.update(one["counts"])
    return {change: total[change] for change in CHANGES}


def follow_up_finding(followed: Followed) -> str:
    """Returns the follow-up page's finding in words, with its denominators."""
    if not followed.comparisons:
        return "No case has been scored again yet."
    cases = counted(len(followed.comparisons), "case was", "cases were")
    return f"{cases} scored again. {headline(total_counts(followed.comparisons))}"


def follow_up_html(followed: Followed, *, software: str, title: str = "Then and now") -> str:
    """Returns the follow-up page as one HTML file without script or network."""
    seen = sum(row["produced"] for one in followed.comparisons for row in one["actions"])
    raised = sum(len(one["actions"]) for one in followed.comparisons)
    return (
        page_environment()
        .get_template("follow_up.html.j2")
        .render(
            title=title,
            finding=follow_up_finding(followed),
            facts=(
                ("Day", day_of(followed.today)),
                ("Cases scored again", str(len(followed.comparisons))),
                ("Waiting to be scored again", str(len(followed.waiting))),
                ("Their actions seen in the record", f"{seen} of {raised}"),
            ),
            comparisons=[{**one, "groups": _by_rubric(one["criteria"])} for one in followed.comparisons],
            waiting=followed.waiting,
            note=STANDING_NOTE,
            trial=TRIAL,
            software=software,
        )
    )


def _by_rubric(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Returns rubric title -> its criteria, in the order of the form."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["rubric_title"], []).append(_drawn(row))
    return list(found.items())


def _drawn(row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a criterion's row with the places of its two levels on the scale; None where there is no level."""

    def place(level: int | None) -> int | None:
        return None if level is None else _LEFT + _STEP * level

    then, now = row["then"]["level"], row["now"]["level"]
    line = _LEFT + _STEP * row["pass_level"] - _STEP // 2
    return {**row, "then_at": place(then), "now_at": place(now), "line_at": line}


def actions_html(followed: Followed, *, software: str, title: str = "Actions and their dates") -> str:
    """Returns the page of actions as one HTML file without script or network: overdue first, closed ones last."""
    groups = action_groups(followed.actions)
    return (
        page_environment()
        .get_template("actions.html.j2")
        .render(
            title=title,
            finding=actions_finding(followed),
            facts=(
                ("Day", day_of(followed.today)),
                ("Actions", str(len(followed.actions))),
                ("Seen in the record", str(sum(row["evidence"] is not None for row in followed.actions))),
                ("Moved or slipped", str(sum(bool(row["missed"]) or row["slipped"] > 0 for row in followed.actions))),
            ),
            groups=groups,
            overdue=any(name == "overdue" for name, _, _ in groups),
            software=software,
        )
    )


def actions_finding(followed: Followed) -> str:
    """Returns the finding of the page of actions: how many are overdue, waiting or closed."""
    states = Counter(_group(row) for row in followed.actions)
    if not followed.actions:
        return "No action has been raised."
    parts = [
        f"{states[name]} {verb}"
        for name, verb in (("overdue", "overdue"), ("open", "running"), ("closed", "closed"))
        if states[name]
    ]
    return f"Of {counted(len(followed.actions), 'action')}, {listed_words(parts)}."


def action_groups(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, list[Mapping[str, Any]]]]:
    """Returns (name, title, rows) of the groups that have any: overdue, running, closed; each by the date it waits for."""
    titles = {"overdue": "Overdue", "open": "Running", "closed": "Closed"}
    found: list[tuple[str, str, list[Mapping[str, Any]]]] = []
    for name, title in titles.items():
        own = [row for row in rows if _group(row) == name]
        if own:
            shown = [{**row, "mark": MARKS[row["state"]], "late_words": _late(row["days_late"])} for row in own]
            found.append((name, title, sorted(shown, key=lambda row: (row["next"], row["text"]))))
    return found


def _late(days: int) -> str:
    return f"{counted(days, 'day')} late"


def _group(row: Mapping[str, Any]) -> str:
    return {"overdue": "overdue", "review_overdue": "overdue", "closed": "closed"}.get(row["state"], "open")
