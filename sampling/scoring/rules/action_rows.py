"""The rows of the action ledger as the screens show them: every code with its words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sampling.page.words import counted, day_of
from sampling.scoring.rules.action_rules import SMART
from sampling.scoring.rules.actions import (
    KIND_LABELS,
    OUTCOME_LABELS,
    STATE_LABELS,
    Action,
    Due,
    Slip,
    due_list,
    pair_of,
    repeated_slips,
)
from sampling.scoring.rules.standing import day_in_england
from sampling.scoring.rules.wordless import action_without_words

FROM_SESSION = "Raised in a session"


@dataclass(frozen=True)
class Labels:
    """What a row needs beyond its action. All by key: reviews and sessions, criteria, people. A label that is not there is empty."""

    cases: Mapping[str, str] = field(default_factory=dict)  # review id -> case label
    practitioners: Mapping[str, str] = field(default_factory=dict)  # review id -> practitioner label
    criteria: Mapping[str, str] = field(default_factory=dict)  # criterion ref -> title
    people: Mapping[str, str] = field(default_factory=dict)  # person key -> name
    unnamed: Mapping[str, Callable[[str], str]] = field(default_factory=dict)  # review id -> an owner without the name
    wordless: frozenset[str] = (
        frozenset()
    )  # the reviews and sessions of whose actions the person reads kind and dates alone
    writable: frozenset[str] = frozenset()  # the reviews and sessions whose actions the person may write to


def long_day(day: date) -> str:
    """Returns a day as a person writes it, with its weekday.

    >>> long_day(date(2025, 11, 10))
    'Monday 10 November 2025'
    """
    return f"{day:%A} {day_of(day)}"


def action_row(action: Action, others: Iterable[Action], *, labels: Labels, today: date) -> dict[str, Any]:
    """Returns one action as the screens show it. `others` are the actions among which its pair is looked for."""
    state = action.state(today)
    pair = pair_of(action, others)
    late = state in ("overdue", "review_overdue")
    row = {
        "review": action.review,
        "action": action.action,
        "case_label": labels.cases.get(action.review, ""),
        "practitioner_label": labels.practitioners.get(action.review, "") or labels.people.get(action.practitioner, ""),
        "from": "review" if action.review in labels.cases else "session",
        "criterion": action.criterion,
        "practitioner": action.practitioner,
        "finding": labels.criteria.get(action.criterion, action.criterion) or FROM_SESSION,
        "action_kind": action.kind,
        "action_kind_label": KIND_LABELS[action.kind],
        "text": action.text,
        "owner": labels.unnamed.get(action.review, str)(action.owner),
        **_days("due", action.due),
        **_days("review_date", action.review_date),
        "evidence": _evidence(action, labels),
        "closed": _closed(action),
        "missed": [
            {
                "due": str(missed.due),
                "due_label": day_of(missed.due),
                "review_date": str(missed.review_date),
                "reason": missed.reason,
                "moved_on": str(missed.moved_on),
                "late": missed.late,
            }
            for missed in action.missed
        ],
        "slipped": action.slips(today),
        "slipped_words": slipped_words(action, today),
        "linked": pair.action if pair else "",
        "linked_words": f"Pair with: {KIND_LABELS[pair.kind]}" if pair else "",
        "state": state,
        "state_label": f"{STATE_LABELS[state]}: {counted(action.days_late(today), 'day')} late"
        if late
        else STATE_LABELS[state],
        "days_late": action.days_late(today),
        "needs": "" if action.closed else "review" if action.seen else "due",
        "next": str(action.next_day),
        "revision": action.revision,
        "may_write": action.review in labels.writable,
    }
    return action_without_words(row) if action.review in labels.wordless else row


def _days(name: str, day: date) -> dict[str, str]:
    return {name: str(day), f"{name}_label": long_day(day)}


def _evidence(action: Action, labels: Labels) -> dict[str, str] | None:
    if action.seen is None:
        return None
    return {
        **_days("seen_on", action.seen.seen_on),
        "reference": action.seen.reference,
        "at": action.seen.at,
        "by_label": labels.people.get(action.seen.actor, ""),
    }


def _closed(action: Action) -> dict[str, str] | None:
    if action.closed is None:
        return None
    closed = action.closed
    return {
        "outcome": closed.outcome,
        "outcome_label": OUTCOME_LABELS[closed.outcome],
        "text": closed.text,
        "at": closed.at,
    }


def slipped_words(action: Action, today: date) -> str:
    """Returns how often the date moved or was missed, with the dates, or nothing."""
    slips = action.slips(today)
    moved = [day_of(missed.due) for missed in action.missed]
    dates = f" First due {moved[0]}." if moved else ""
    if slips:
        times = {1: "once", 2: "twice"}.get(slips, f"{slips} times")
        return f"Slipped {times}.{dates}"
    return f"Moved {counted(len(moved), 'time')} before the date.{dates}" if moved else ""


def due_headline(due: Due, ready: int) -> str:
    """Returns the follow-up page's finding in one or two sentences. `ready` is the number of cases to be scored again now."""
    parts = []
    if due.overdue:
        parts.append(f"{counted(len(due.overdue), 'action is', 'actions are')} overdue")
    if due.due:
        words = ("is", "are") if parts else ("action is", "actions are")
        parts.append(f"{counted(len(due.due), *words)} due this week")
    sentences = [f"{listed_words(parts)}."] if parts else []
    if ready:
        sentences.append(f"{counted(ready, 'case is', 'cases are')} ready to be scored again.")
    return " ".join(sentences) or "Nothing needs you."


def listed_words(parts: Sequence[str]) -> str:
    """Returns parts of a sentence as one list in words.

    >>> listed_words(["2 overdue", "3 running", "1 closed"])
    '2 overdue, 3 running and 1 closed'
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def action_lists(
    found: Iterable[Action], *, labels: Labels, today: date, within_days: int
) -> dict[str, list[dict[str, Any]]]:
    """Returns the landing list's four parts as rows: overdue, due, later, closed."""
    found = list(found)
    due = due_list(found, today, within_days)
    return {
        name: [action_row(action, found, labels=labels, today=today) for action in part]
        for name, part in (("overdue", due.overdue), ("due", due.due), ("later", due.later), ("closed", due.closed))
    }


def recently_closed(action: Action, today: date, days: int) -> bool:
    """Tells whether the action was closed within the last so many days."""
    return action.closed is not None and (today - day_in_england(action.closed.at)).days <= days


def slip_rows(found: Iterable[Action], *, labels: Labels, today: date) -> list[dict[str, Any]]:
    """Returns what slipped twice or more, in words: a pattern for supervision and governance."""
    found = list(found)
    label = {
        action.action: labels.practitioners.get(action.review, "") or labels.people.get(action.practitioner, "")
        for action in found
    }
    return [_slip_row(slip, labels) for slip in repeated_slips(found, today, label)]


def _slip_row(slip: Slip, labels: Labels) -> dict[str, Any]:
    title = labels.criteria.get(slip.what) or KIND_LABELS.get(slip.what, slip.what)
    times = "twice" if slip.times == 2 else f"{slip.times} times"
    return {
        "practitioner_label": slip.practitioner,
        "criterion": slip.what,
        "title": title,
        "times": slip.times,
        "words": f"{title}: slipped {times}.",
    }


def action_choices() -> dict[str, list[dict[str, str]]]:
    """Returns what the action form offers: kinds, outcomes, and the hints for a good action."""
    return {
        "action_kinds": [{"code": code, "label": label} for code, label in KIND_LABELS.items()],
        "outcomes": [{"code": code, "label": label} for code, label in OUTCOME_LABELS.items()],
        "smart": [{"letter": letter, "word": word, "hint": hint} for letter, word, hint in SMART],
    }
