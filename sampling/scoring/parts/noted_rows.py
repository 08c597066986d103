"""What is noted of a person and of their cases, as rows of a page: each with its words, and the revision on which the next entry is based."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sampling.journal.events import (
    AbsenceNoted,
    AppraisalHeld,
    CaseDelayNoted,
    CaseExempted,
    CaseIntervalAgreed,
    DelayNoted,
    FolderChecked,
    IntervalAgreed,
    NeedsAnswered,
    NeedsFlagged,
    NewlyQualifiedNoted,
    ObjectionDecided,
    ObjectionRaised,
    Payload,
    SupervisorTrained,
    subject_of,
)
from sampling.journal.views_coverage import AgreementState, agreements_of
from sampling.page.words import day_of
from sampling.scoring.parts.noted_part import said_of
from sampling.scoring.rules.action_rows import long_day
from sampling.scoring.rules.coverage_words import (
    AGREED,
    DECISION_REASONS,
    DECISIONS,
    DELAYS,
    EXEMPTIONS,
    FOLDER_ITEMS,
    NEEDS,
    NEEDS_OUTCOMES,
    OBJECTIONS,
    listed,
)
from sampling.scoring.rules.noting import agreed_from
from sampling.scoring.rules.standing import Fact, agreement_days, current, day_in_england, revisions

Row = dict[str, Any]


@dataclass(frozen=True)
class Board:
    """The entries on coverage: those that stand, how many each subject has, the names of people, and who supervises whom now."""

    standing: tuple[Fact, ...]
    revisions: Mapping[tuple[str, str], int]
    names: Mapping[str, str]
    pairs: Collection[tuple[str, str]]

    @classmethod
    def of(cls, facts: Sequence[Fact], names: Mapping[str, str], pairs: Collection[tuple[str, str]]) -> Board:
        """Returns the board of these entries; `pairs` are (supervisor, supervisee)."""
        return cls(tuple(current(facts).values()), revisions(facts), names, pairs)

    def row(self, said: Payload) -> Row:
        """Returns an entry's own fields, its subject, and how many entries that has: the base of the next one."""
        subject = subject_of(said) or ""
        fields = said.model_dump(mode="json", exclude={"withdrawn"})
        days = {f"{name}_label": long_day(value) for name, value in said if isinstance(value, date)}
        return {**fields, **days, "subject": subject, "revision": self.revisions.get(("", subject), 0)}

    def named(self, key: str) -> Row:
        """Returns a person as the pages have one."""
        return {"key": key, "name": self.names.get(key, "")}


def person_rows(board: Board, person: str) -> Row:
    """Returns what is noted of a person: absences, delays, intervals, appraisals, the folder, training, whether newly qualified."""

    def mine(kind: type[Any], words: Callable[[Any], Row] = lambda said: {}) -> list[Row]:
        found = [one for one in said_of(board.standing, kind) if one.person == person]
        return [{**board.row(one), **words(one)} for one in found]

    qualified = mine(NewlyQualifiedNoted)
    return {
        "absences": mine(AbsenceNoted, lambda one: {"words": _from_to("Away", one)}),
        "delays": mine(DelayNoted, lambda one: {"reason_label": DELAYS[one.reason], "words": _from_to("Late", one)}),
        "intervals": mine(IntervalAgreed, _interval),
        "appraisals": mine(AppraisalHeld),
        "folder": _folder(board, mine(FolderChecked), person),
        "trained": mine(SupervisorTrained),
        "newly_qualified": bool(qualified and qualified[-1]["newly_qualified"]),
        "newly_qualified_revision": board.revisions.get(("", f"newly_qualified:{person}"), 0),
    }


def _from_to(word: str, said: Any) -> str:
    """Returns a span of days in words, as `Away from 3 to 5 November 2026.` of whatever length."""
    if said.last == said.first:
        return f"{word} on {day_of(said.first)}."
    return f"{word} from {day_of(said.first)}" + (
        f" to {day_of(said.last)}." if said.last else ", the end is not known."
    )


def _interval(said: IntervalAgreed | CaseIntervalAgreed) -> Row:
    unit = said.unit if said.every == 1 else f"{said.every} {said.unit}s"
    return {
        "reason_label": AGREED[said.reason],
        "words": f"Every {unit}, from {day_of(said.first)}" + _until(said.last),
    }


def _until(last: date | None) -> str:
    return f" to {day_of(last)}." if last else " on."


def _folder(board: Board, rows: Iterable[Row], person: str) -> list[Row]:
    """Returns each item of the checklist, noted or not; what a service's own profile names beyond ours comes last."""
    there = {row["item"]: row for row in rows}
    names = [*FOLDER_ITEMS, *sorted(set(there) - set(FOLDER_ITEMS))]
    empty = {"person": person, "on": None}
    return [
        {
            **empty,
            "item": item,
            "subject": f"folder:{person}/{item}",
            "revision": board.revisions.get(("", f"folder:{person}/{item}"), 0),
            **there.get(item, {}),
            "label": FOLDER_ITEMS.get(item, item.replace("_", " ").capitalize()),
        }
        for item in names
    ]


def case_rows(board: Board, case: str) -> Row:
    """Returns what is noted of a case: exemptions, delays, intervals."""

    def of(kind: type[Any], words: Callable[[Any], Row]) -> list[Row]:
        return [{**board.row(one), **words(one)} for one in said_of(board.standing, kind) if one.case == case]

    return {
        "exemptions": of(
            CaseExempted, lambda one: {"reason_label": EXEMPTIONS[one.reason], "words": _from_to("Exempt", one)}
        ),
        "delays": of(CaseDelayNoted, lambda one: {"reason_label": DELAYS[one.reason], "words": _from_to("Late", one)}),
        "intervals": of(CaseIntervalAgreed, _interval),
    }


def agreement_rows(board: Board, person: str, actor: str, with_whom: str = "") -> list[Row]:
    """Returns a person's agreements, the newest first; with one supervisor alone where one is named."""
    found = [one for one in agreements_of(board.standing) if one.drafted.person == person]
    return [_agreement(board, one, actor) for one in reversed(found) if with_whom in ("", one.drafted.supervisor)]


def _agreement(board: Board, one: AgreementState, actor: str) -> Row:
    whose = {"supervisor": one.drafted.supervisor, "supervisee": one.drafted.person}
    left = [role for role in whose if role not in one.signed]
    still = (one.drafted.supervisor, one.drafted.person) in board.pairs
    mine = next((role for role in left if still and whose[role] == actor), "")
    days = agreement_days(one)
    words = f"Signed by both. Agreed on {day_of(max(days.values()))}." if one.agreed else "Signed by both."
    if not one.by_both:
        words = "Still to sign: " + ", ".join(board.names.get(whose[role], role) for role in left) + "."
    if not still:
        words += " They are no longer supervisor and supervisee."
    return {
        **board.row(one.drafted),
        "supervisor": board.named(one.drafted.supervisor),
        "content": one.content,
        "signed": [
            {
                "role": role,
                "name": board.names.get(whose[role], ""),
                "on": str(day_in_england(at)),
                "agreed_on": str(days[role]),
            }
            for role, at in sorted(one.signed.items())
        ],
        "reviewed": [str(day) for day in one.reviewed],
        "by_both": one.by_both,
        "words": words,
        "sign_as": mine,
        "sign_subject": f"agreement_signed:{one.drafted.agreement}/{mine}" if mine else "",
        "sign_revision": board.revisions.get(("", f"agreement_signed:{one.drafted.agreement}/{mine}"), 0),
        "agreed_from": str(agreed_from(one, mine)),
        "may_review": still and one.by_both and actor in whose.values(),
        "may_change": still and not one.by_both and actor == one.drafted.supervisor,
    }


def flag_rows(board: Board, seen: Callable[[NeedsFlagged], bool]) -> list[Row]:
    """Returns the flags that a person may see, each with its answer, the newest first."""
    answers = {one.flag: one for one in said_of(board.standing, NeedsAnswered)}
    rows = []
    for one in said_of(board.standing, NeedsFlagged):
        if seen(one):
            said = answers.get(one.flag)
            answer = {**board.row(said), "outcome_label": NEEDS_OUTCOMES[said.outcome]} if said else None
            row = {**board.row(one), "reason_label": NEEDS[one.reason], "answer": answer}
            rows.append({**row, "person": board.named(one.person), "supervisor": board.named(one.supervisor)})
    return rows[::-1]


def objection_rows(board: Board, seen: Callable[[ObjectionRaised], bool]) -> list[Row]:
    """Returns the objections and requests that a person may see, each asked or decided, the newest first."""
    decided = {one.objection: one for one in said_of(board.standing, ObjectionDecided)}
    asked = {one.payload.objection: one.at for one in board.standing if isinstance(one.payload, ObjectionRaised)}
    rows = []
    for one in said_of(board.standing, ObjectionRaised):
        if seen(one):
            said = decided.get(one.objection)
            labels = (
                {"decision_label": DECISIONS[said.decision], "reason_label": DECISION_REASONS[said.reason]}
                if said
                else {}
            )
            rows.append(
                {
                    **board.row(one),
                    "person": board.named(one.person),
                    "about_label": OBJECTIONS[one.about],
                    "asked_on": str(day_in_england(asked[one.objection])),
                    "state": "decided" if said else "asked",
                    "state_label": "Decided" if said else "Asked, not decided yet",
                    "decision": {**board.row(said), **labels} if said else None,
                }
            )
    return rows[::-1]


def objections_for(board: Board, lead: str) -> list[Row]:
    """Returns the objections that a lead may read: not their own, and none of somebody whom they supervise."""
    return objection_rows(board, lambda one: one.person != lead and (lead, one.person) not in board.pairs)


def choices() -> dict[str, list[dict[str, str]]]:
    """Returns the closed codes of every kind, with their words."""
    return {
        "delay_reasons": listed(DELAYS),
        "exemption_reasons": listed(EXEMPTIONS),
        "agreed_reasons": listed(AGREED),
        "needs_reasons": listed(NEEDS),
        "needs_outcomes": listed(NEEDS_OUTCOMES),
        "objections": listed(OBJECTIONS),
        "decisions": listed(DECISIONS),
        "decision_reasons": listed(DECISION_REASONS),
        "units": listed({"day": "days", "week": "weeks", "month": "months"}),
        "folder_items": listed(FOLDER_ITEMS),
    }
