"""What is gathered for assurance, by hand: changes of plans that may have gone unseen, contacts, roles in scope, when records begin."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from sampling.assurance.action_record import RecordShown
from sampling.assurance.coverage_facts import (
    Allocation,
    Facts,
    Opened,
    Seen,
    Sources,
    Staff,
    Supervision,
    facts_of,
)
from sampling.assurance.gathering.extract import Contact
from sampling.assurance.gathering.frames import contacts_frame, plans_frame
from sampling.assurance.gathering.journal import begins, plain
from sampling.assurance.gathering.roles import in_scope
from sampling.assurance.patterns_policy import load_patterns
from sampling.assurance.patterns_signs import Observed, signs_of
from sampling.assurance.profile import Origin, Profile, Scope
from sampling.journal.events import AgendaCovered, CaseDiscussed, SessionClosed
from sampling.journal.frames import frame
from sampling.reporting.gathering import ACTIONS, SCORES
from sampling.scoring.rules.sessions import Session
from sampling.scoring.settings.people import People
from sampling.sources.tables import PLAN_KINDS
from sampling.tickets import digest

ANN, BEN, CASE = "a" * 64, "b" * 64, "1" * 64
D = date.fromisoformat


def record(
    taken: str, *plans: tuple[str, str, str | None], cases: str = "c", cannot: frozenset[str] = frozenset()
) -> RecordShown:
    """A record: (case, created, updated) of each plan, as of a day."""
    rows = [
        {"case": case, "key": f"{case}{place}", "kind": "crisis", "created": made, "updated": updated, "agreed": None}
        for place, (case, made, updated) in enumerate(plans)
    ]
    table = pd.DataFrame(rows, columns=["case", "key", "kind", "created", "updated", "agreed"], dtype=object)
    return RecordShown(D(taken), D(taken), "adult", frozenset(cases), {"plans": table}, cannot)


def raised(*days: str) -> pd.DataFrame:
    """The same action on one case, in the draw of each day's month before."""
    return frame(
        ACTIONS,
        [
            {
                "draw_id": f"draw-{day[:7]}", "period": day[:7], "case": "c", "practitioner": ANN, "team": "North", "state": "open",
                "action_kind": "update_crisis_plan", "raised_at": f"{day}T10:00:00Z",
            }
            for day in days
        ],
    )  # fmt: skip


def drifts(actions: pd.DataFrame, *records: tuple[str, RecordShown]) -> bool | None:
    """Whether the second action is a repeat with no change of the plan in between: yes, no, or not to be told."""
    found = Observed(frame(SCORES, []), actions, {}, frozenset(), plans=plans_frame(records, actions))
    policy = load_patterns()
    signs = signs_of(policy.rule("drift"), found, policy)
    assert isinstance(signs, list)
    return next(sign.seen for sign in signs if sign.period == actions["period"].iloc[-1])


TWICE = raised("2026-02-05", "2026-05-05")


def test_b3_a_plan_that_no_record_shows_changed_in_between_is_drift() -> None:
    old = ("c", "2025-06-01", "2025-12-01")
    assert (
        drifts(TWICE, ("draw-2026-02", record("2026-01-31", old)), ("draw-2026-05", record("2026-04-30", old))) is True
    )


def test_b3_a_change_that_any_record_shows_is_its_answer() -> None:
    first, second = ("c", "2025-06-01", "2025-12-01"), ("c", "2025-06-01", "2026-03-10")
    records = [("draw-2026-02", record("2026-01-31", first)), ("draw-2026-05", record("2026-04-30", second))]
    newer = ("", record("2026-08-31", ("c", "2025-06-01", "2026-08-02")))
    assert drifts(TWICE, *records) is False
    assert (
        drifts(TWICE, *records, newer) is False
    )  # the newest extract has written it over, and the draw's record still shows it
    assert drifts(TWICE, newer, *reversed(records)) is False


def test_b3_a_later_change_may_have_written_over_an_earlier_one() -> None:
    newer = ("", record("2026-08-31", ("c", "2025-06-01", "2026-08-02")))
    assert drifts(TWICE, newer) is None
    first = ("draw-2026-02", record("2026-01-31", ("c", "2025-06-01", "2025-12-01")))
    assert drifts(TWICE, first, newer) is None
    then = ("draw-2026-05", record("2026-04-30", ("c", "2025-06-01", "2025-12-01")))
    assert drifts(TWICE, first, then, newer) is True


def test_b3_nothing_is_said_of_days_that_no_record_reaches_nor_of_a_case_without_one() -> None:
    old = ("c", "2025-06-01", "2025-12-01")
    assert drifts(TWICE, ("draw-2026-02", record("2026-01-31", old))) is None
    assert drifts(TWICE, ("draw-2026-02", record("2026-01-31", cases="d"))) is None
    assert (
        drifts(TWICE, ("", record("2026-05-31"))) is True
    )  # the record was looked at, and the case has no plan at all


def test_a_record_that_cannot_tell_of_plans_is_none() -> None:
    cannot = frozenset(f"plan_stale:{kind}" for kind in PLAN_KINDS)
    assert plans_frame([("", record("2026-05-31", cannot=cannot))], TWICE) is None
    assert plans_frame([], TWICE) is None


def facts(**more: object) -> Facts:
    given = Sources(
        (),
        People(()),
        D("2026-01-01"),
        (Staff(ANN, "Nurse", "North"), Staff(BEN, "Nurse", "South")),
        (Opened(CASE, D("2026-01-01")),),
    )
    held = (Allocation(CASE, ANN, D("2026-01-01"), D("2026-02-28")), Allocation(CASE, BEN, D("2026-03-01")))
    return facts_of(replace(given, allocations=held, **more), D("2026-06-30"))  # type: ignore[arg-type]


def test_a17_a_contact_without_a_name_is_that_of_whoever_held_the_case_that_day() -> None:
    found = contacts_frame(
        [
            Contact(CASE, "", "out_of_hours_contact", D("2026-03-01"), "23:10", False),
            Contact(CASE, "", "out_of_hours_contact", D("2026-02-28"), "", None),
            Contact(CASE, BEN, "out_of_hours_contact", D("2026-02-28"), "", True),
            Contact("9" * 64, "", "out_of_hours_contact", D("2026-02-28"), "", None),
        ],
        facts(),
    )
    rows = {(row.on, row.practitioner, row.team, row.at, row.in_pathway) for row in found.itertuples()}
    assert rows == {
        (D("2026-03-01"), digest(BEN), "South", "23:10", False),
        (D("2026-02-28"), digest(ANN), "North", None, None),
        (D("2026-02-28"), digest(BEN), "South", None, True),
        (D("2026-02-28"), None, "", None, None),
    }


def policy(*left_out: str) -> Profile:
    return Profile("own", "Own", "none", "", scope=Scope(left_out, (), Origin("own", "Section 1", "D18", "stated")))


def session(*supervisees: str, note: str = "") -> Session:
    return Session(
        "s" * 32, "formal_one_to_one", D("2026-03-05"), BEN, supervisees, False, 1, closed=SessionClosed(minutes=60, note=note),
        closed_at="2026-03-05T10:00:00Z", agenda={"escalation_use": AgendaCovered(item="escalation_use", covered=True, note=note)},
        discussed={CASE: CaseDiscussed(case=CASE, came_by="drawn", note=note)},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("role", "left_out"),
    [
        ("administrative", 1), ("Administrative officer", 1), ("ADMINISTRATIVE", 1), ("", 0), ("Nurse", 0), ("Administrator", 0),
        ("Nurse (administrative leave)", 0), ("Agency nurse", 0), ("Student", 0),
    ],
)  # fmt: skip
def test_d18_only_a_role_that_the_policy_names_is_left_out(role: str, left_out: int) -> None:
    staff = (Staff(ANN, role, "North"), Staff(BEN, "Nurse", "North"))
    rows = (Supervision(ANN, BEN, D("2026-03-05"), "formal_one_to_one"),)
    sources = Sources(
        (session(ANN),), People(()), D("2026-01-01"), staff, supervisions=rows, seen=(Seen(ANN, BEN, D("2026-01-01")),)
    )
    found = in_scope(sources, policy("administrative"))
    assert found.left_out == left_out
    persons = {one.key for one in facts_of(found.sources, D("2026-06-30")).persons}
    assert persons == ({BEN} if left_out else {ANN, BEN})
    assert (
        found.untold[:1]
        == ("1 person is in roles that the policy leaves out (administrative): nothing falls due for them here.",)
    ) == bool(left_out)


def test_d18_a_group_stays_that_of_those_who_are_in() -> None:
    sources = Sources(
        (session(ANN, BEN),), People(()), D("2026-01-01"), (Staff(ANN, "administrative"), Staff(BEN, "Nurse"))
    )
    assert in_scope(sources, policy("administrative")).sources.sessions[0].supervisees == (BEN,)
    assert in_scope(sources, Profile("own", "Own", "none", "")).left_out == 0


def test_records_begin_with_the_first_session_and_a_slip_of_the_year_begins_nothing() -> None:
    rows = [Supervision(ANN, BEN, D(f"2026-{month:02}-10"), "formal_one_to_one") for month in range(3, 9)]
    assert begins((session(ANN),), rows, (), ()) == D("2026-03-05")
    assert begins((), [*rows, Supervision(ANN, BEN, D("2006-03-10"), "formal_one_to_one")], (), ()) == D("2026-03-10")


def test_no_word_that_anybody_wrote_comes_along() -> None:
    assert "canary" not in repr(plain(session(ANN, note="canary")))
