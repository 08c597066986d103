"""When a clock has run out, what goes with what, and what a hold keeps: by hand-made files and entries, each rule with its seed's row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from sampling.assurance.files import remove
from sampling.assurance.holdings import Due, Known, due
from sampling.assurance.retention import COPY_IT, KeptClass, later, load_retention
from sampling.commands.purges import HOLD_REASONS, LIFT_REASONS
from sampling.errors import PolicyError
from sampling.journal.events import (
    Accessed,
    CaseDiscussed,
    HoldLifted,
    HoldSet,
    Payload,
    PromptAnswered,
    RubricsFrozen,
    SessionOpened,
    read_payload,
    subject_of,
)
from sampling.journal.events_coverage import NOTED_KINDS
from sampling.journal.events_retention import HoldReason, LiftReason
from sampling.journal.store import Journal
from sampling.policy import shared_folder
from sampling.scoring.settings.assignments import review_id
from sampling.scoring.settings.draws import Draw, DrawnCase
from tests.journals import ANN, BOB, LEAD, NOW, OTHER, commented, draft, new_id, opened, raised, rated, signed
from tests.journals import later as seconds
from tests.unit.test_journal_events import EXAMPLES

POLICY = load_retention()
COMMIT, CASE, WORKER, SESSION = "e" * 64, "1" * 64, "d" * 64, "5" * 32
REVIEW = review_id(COMMIT, CASE, "first")
FIVE_YEARS = date(2031, 11, 1)  # the first day on which a rating of October 2026 may go


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Known]:
    """A home with one draw of October 2026, of one case of one worker, and one record of it."""
    folder = tmp_path / "draws" / "2026-10"
    (folder / "private" / "record" / "2026-11-01").mkdir(parents=True)
    case = DrawnCase(
        case=CASE, case_key=CASE, practitioner=WORKER, practitioner_key=WORKER, team="", stratum="other", reasons="", signals=(), state="selected"
    )  # fmt: skip
    drawn = Draw(
        folder,
        COMMIT,
        "2026-10/adult",
        "2026-10",
        date(2026, 10, 31),
        "2026-11-01T09:00:00Z",
        "s",
        "adult",
        (case,),
        (),
    )
    newest = replace(drawn, folder=folder.with_name("2040-01"), commit="f" * 64, period="2040-01", cases=())
    yield Known(tmp_path / "draws", (drawn, newest), {}, {})


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A journal in SQLite."""
    with opened(tmp_path / "journal.sqlite") as fresh:
        yield fresh


def said(payload: Payload, subject: str, **more: Any) -> Any:
    """Returns an entry of the session."""
    return draft(payload, subject, **{"review": SESSION, **more})


def session(*supervisees: str) -> list[Any]:
    """Returns a session of November 2026 with these supervisees, with a reflection and a case."""
    about = {
        "session_kind": "formal_one_to_one",
        "held_on": "2026-11-02",
        "supervisor": ANN,
        "supervisees": supervisees,
    }
    return [
        said(SessionOpened.model_validate(about), "session"),
        said(PromptAnswered(prompt="reflection", skipped=False, note="hard week"), "prompt:reflection"),
        said(CaseDiscussed(case=CASE, came_by="drawn", note="n"), f"discussed:{CASE}"),
    ]


def on(journal: Journal, known: Known, day: date) -> Due:
    """Returns what is due on a day."""
    return due(POLICY, known, journal.entries(), day)


def classes(found: Due) -> dict[str, int]:
    """Returns class -> how many entries are due."""
    counted: dict[str, int] = {}
    for kept, _, entries, _ in found.counts():
        counted[kept.id] = counted.get(kept.id, 0) + entries
    return {name: number for name, number in counted.items() if number}


def test_ratings_go_five_years_after_the_month_of_the_draw_and_not_a_day_before(journal: Journal, home: Known) -> None:
    journal.append([rated(2, review=REVIEW), commented("x", review=REVIEW), signed(review=REVIEW)], now=NOW)
    assert classes(on(journal, home, date(2031, 10, 31))) == {}
    assert classes(on(journal, home, FIVE_YEARS)) == {"ratings": 3}


def test_d15_a_session_goes_three_years_after_the_worker_left(journal: Journal, home: Known) -> None:
    journal.append(session(WORKER), now=NOW)
    found = on(journal, home, date(2099, 1, 1))
    assert classes(found) == {} and found.waiting == {"professional_supervision": 2, "case_supervision": 1}
    gone = replace(home, left={WORKER: date(2028, 2, 29)})
    assert classes(on(journal, gone, date(2031, 3, 1))) == {}
    assert classes(on(journal, gone, date(2031, 3, 2))) == {"professional_supervision": 2}


def test_d15_a_session_of_two_waits_for_the_last_to_leave(journal: Journal, home: Known) -> None:
    journal.append(session(WORKER, BOB), now=NOW)
    one = replace(home, left={WORKER: date(2027, 1, 1)})
    assert classes(on(journal, one, date(2099, 1, 1))) == {}
    both = replace(home, left={WORKER: date(2027, 1, 1), BOB: date(2029, 1, 1)})
    assert classes(on(journal, both, date(2032, 1, 1))) == {}
    assert classes(on(journal, both, date(2032, 1, 2))) == {"professional_supervision": 2}


def noted(kind: str, **change: Any) -> Any:
    """Returns an entry on the worker or the case by itself, as the example of its kind."""
    subject, data = EXAMPLES[kind]
    about = {**data, **{name: value for name, value in (("person", WORKER), ("case", CASE)) if name in data}, **change}
    payload = read_payload(kind, about)
    return draft(payload, subject_of(payload) or subject, review="")


def test_d15_what_is_noted_of_a_worker_goes_with_their_file_and_of_a_case_with_the_case(
    journal: Journal, home: Known
) -> None:
    journal.append([noted(kind) for kind in NOTED_KINDS], now=NOW)
    found = on(journal, home, date(2099, 1, 1))
    assert classes(found) == {}
    assert found.waiting == {"supervision_file": 12, "case_exemptions": 3, "objections": 2}
    gone = replace(home, left={WORKER: date(2028, 2, 29)}, closed={CASE: date(2027, 5, 5)})
    assert classes(on(journal, gone, date(2031, 3, 1))) == {}
    assert classes(on(journal, gone, date(2031, 3, 2))) == {"supervision_file": 12}
    assert classes(on(journal, gone, date(2034, 3, 2))) == {"supervision_file": 12, "objections": 2}
    assert classes(on(journal, gone, date(2053, 5, 6)))["case_exemptions"] == 3


def test_a_supervisor_who_left_starts_no_clock_of_a_supervisees_agreement(journal: Journal, home: Known) -> None:
    journal.append([noted("agreement_drafted", supervisor=BOB)], now=NOW)
    assert on(journal, replace(home, left={BOB: date(2028, 1, 1)}), date(2099, 1, 1)).waiting == {"supervision_file": 1}


@pytest.mark.parametrize("kind", NOTED_KINDS)
def test_a_hold_covers_what_is_noted_of_its_person_or_case_and_nothing_else(
    journal: Journal, home: Known, kind: str
) -> None:
    journal.append([noted(kind)], now=NOW)
    gone = replace(home, left={WORKER: date(2028, 1, 1)}, closed={CASE: date(2028, 1, 1)})
    on_case = kind in ("case_exempted", "case_delay_noted", "case_interval_agreed")

    def held_by(scope: str, target: str) -> bool:
        say = HoldSet.model_validate(
            {"hold": new_id(), "reason": "inquest", "scope": scope, "target": target, "statement": "s", "content": CASE}
        )
        entry = draft(say, "", review="", actor=LEAD)
        lift = HoldLifted.model_validate(
            {"hold": say.hold, "reason": "matter_closed", "statement": "s", "content": CASE}
        )
        journal.append([entry], now=NOW)
        held = not on(journal, gone, date(2099, 1, 1)).entries
        journal.append([draft(lift, "", review="", actor=LEAD)], now=NOW)
        return held

    assert held_by("person", WORKER) == (not on_case)
    assert held_by("case", CASE) == on_case
    assert not held_by("person", "9" * 64) and not held_by("case", "9" * 64)


@pytest.mark.parametrize(
    ("first", "answer"),
    [("agreement_drafted", "agreement_signed"), ("agreement_drafted", "agreement_reviewed"), ("needs_flagged", "needs_answered")],
)  # fmt: skip
def test_a_hold_on_a_supervisor_covers_what_others_wrote_on_their_agreement_or_flag(
    journal: Journal, home: Known, first: str, answer: str
) -> None:
    journal.append([noted(first, supervisor=BOB), noted(answer)], now=NOW)
    gone = replace(home, left={WORKER: date(2028, 1, 1)})
    assert classes(on(journal, gone, date(2099, 1, 1))) == {"supervision_file": 2}
    hold = HoldSet(hold=new_id(), reason="inquest", scope="person", target=BOB, statement="s", content=CASE)
    journal.append([draft(hold, "", review="", actor=LEAD)], now=NOW)
    found = on(journal, gone, date(2099, 1, 1))
    assert (classes(found), found.held) == ({}, 2)


def test_a_hold_covers_an_objection_about_a_session_that_it_covers_and_its_decision(
    journal: Journal, home: Known
) -> None:
    held = {"session_kind": "formal_one_to_one", "held_on": "2026-11-02", "supervisor": BOB, "supervisees": [WORKER]}
    opened_by_bob = said(SessionOpened.model_validate(held), "session")
    journal.append([opened_by_bob, noted("objection_raised", of=SESSION), noted("objection_decided")], now=NOW)
    gone = replace(home, left={WORKER: date(2028, 1, 1)})
    assert classes(on(journal, gone, date(2099, 1, 1))) == {"professional_supervision": 1, "objections": 2}
    hold = HoldSet(hold=new_id(), reason="inquest", scope="person", target=BOB, statement="s", content=CASE)
    journal.append([draft(hold, "", review="", actor=LEAD)], now=NOW)
    assert classes(on(journal, gone, date(2099, 1, 1))) == {}


def test_a_hold_on_a_case_covers_a_session_that_endorsed_a_judgement_on_it(journal: Journal, home: Known) -> None:
    _, data = EXAMPLES["judgement_endorsed"]
    endorsed = read_payload("judgement_endorsed", {**data, "case": CASE})
    journal.append([session(WORKER)[0], said(endorsed, subject_of(endorsed) or "")], now=NOW)
    closed = replace(home, left={WORKER: date(2028, 1, 1)}, closed={CASE: date(2028, 1, 1)})
    assert classes(on(journal, closed, date(2099, 1, 1))) == {"professional_supervision": 1, "case_supervision": 1}
    hold = HoldSet(hold=new_id(), reason="inquest", scope="case", target=CASE, statement="s", content=CASE)
    journal.append([draft(hold, "", review="", actor=LEAD)], now=NOW)
    assert classes(on(journal, closed, date(2099, 1, 1))) == {}


def test_d14_what_was_decided_on_a_case_goes_with_the_case_file(journal: Journal, home: Known) -> None:
    journal.append([*session(WORKER), raised("7" * 32, review=REVIEW)], now=NOW)
    closed = replace(home, closed={CASE: date(2027, 6, 1)})
    assert classes(on(journal, closed, date(2053, 6, 1))) == {}
    assert classes(on(journal, closed, date(2053, 6, 2))) == {"case_actions": 1, "case_supervision": 1}


def test_d13_the_access_log_goes_month_by_month_and_never_holds_back_others(journal: Journal, home: Known) -> None:
    looked = Accessed(purpose="audit", what="case")
    journal.append([draft(looked, "access", review=REVIEW), rated(1, review=REVIEW)], now=NOW)
    journal.append([draft(looked, "access", review=REVIEW)], now=seconds(40 * 86_400))
    assert classes(on(journal, home, date(2032, 12, 1))) == {"access_log": 1, "ratings": 1}
    assert classes(on(journal, home, date(2033, 1, 1))) == {"access_log": 2, "ratings": 1}


def test_what_is_sealed_to_us_waits_for_the_longest_clock(journal: Journal, home: Known) -> None:
    journal.append([rated(2, review=REVIEW, sealed=True)], now=NOW)
    blind = journal.as_(None).entries()
    assert due(POLICY, home, blind, date(2099, 1, 1)).entries == {}
    closed = replace(home, closed={CASE: date(2027, 6, 1)})
    assert list(due(POLICY, closed, blind, date(2053, 6, 1)).entries) == []
    [(kept, _)] = due(POLICY, closed, blind, date(2053, 6, 2)).entries.values()
    assert kept.id == "case_actions", "it is named by the rule that it waited for"


def test_which_rubric_a_case_was_scored_with_stays_and_holds_no_draw_back(journal: Journal, home: Known) -> None:
    frozen = draft(RubricsFrozen(rubrics=()), "rubrics", review=REVIEW)
    journal.append([frozen, rated(1, review=REVIEW)], now=NOW)
    found = on(journal, home, FIVE_YEARS)
    assert classes(found) == {"ratings": 1} and frozen.id not in found.entries
    assert [item.kept.id for item in found.files] == ["draws"], "the record lies in the draw's folder and goes with it"


def test_a_draw_waits_while_an_entry_on_its_cases_has_content(journal: Journal, home: Known) -> None:
    journal.append([rated(1, review=REVIEW), raised("7" * 32, review=REVIEW)], now=NOW)
    found = on(journal, home, FIVE_YEARS)
    assert [item.kept.id for item in found.files] == ["record_snapshots"] and found.waiting == {"case_actions": 1}


def test_the_newest_draw_stays_since_the_people_file_is_read_by_it(journal: Journal, home: Known) -> None:
    alone = replace(home, draws=home.draws[:1])
    assert [item.kept.id for item in on(journal, alone, FIVE_YEARS).files] == ["record_snapshots"]
    assert [item.kept.id for item in on(journal, home, FIVE_YEARS).files] == ["draws"]


def test_d12_the_copy_of_the_record_goes_after_a_year(journal: Journal, home: Known) -> None:
    assert on(journal, home, date(2027, 10, 31)).files == ()
    [item] = on(journal, home, date(2027, 11, 1)).files
    assert (item.kept.id, item.month, item.path.name) == ("record_snapshots", "2026-10", "2026-11-01")


def test_what_a_report_left_for_pairs_goes_as_the_report_by_its_last_month_and_waits_for_any_hold(
    journal: Journal, home: Known
) -> None:
    killed = ".2026-09.0123456789ab.earlier"  # what a command that was killed left, and none after it cleared
    for name in ("2026-10", "2026-08_2026-10", "2026-11_2027-01", "notes", "2026-13", killed, ".hidden"):
        (home.home / "assurance" / name / "pairs").mkdir(parents=True)
    journal.append([rated(2, review=REVIEW)], now=NOW)
    left = [item for item in on(journal, home, FIVE_YEARS).files if item.name.startswith("assurance/")]
    assert [(item.name, item.month, item.kept.id) for item in left] == [
        (f"assurance/{killed}", "2026-09", "reports"),
        ("assurance/2026-08_2026-10", "2026-10", "reports"),
        ("assurance/2026-10", "2026-10", "reports"),
    ]
    hold = HoldSet(hold=new_id(), reason="inquest", scope="person", target=BOB, statement="s", content=CASE)
    journal.append([draft(hold, "", review="", actor=LEAD)], now=NOW)
    assert not any(item.name.startswith("assurance/") for item in on(journal, home, FIVE_YEARS).files)
    assert remove(home.home, {item.digest for item in left}) == 3
    assert sorted(path.name for path in (home.home / "assurance").iterdir()) == [
        ".hidden",
        "2026-11_2027-01",
        "2026-13",
        "notes",
    ]


@pytest.mark.parametrize(
    ("scope", "target", "kept"),
    [
        ("everything", None, 4),
        ("case", CASE, 3),
        ("person", WORKER, 3),
        ("person", ANN, 4),
        ("person", LEAD, 0),
        ("case", "9" * 64, 0),
    ],
)
def test_a_hold_keeps_whole_reviews_and_the_files_of_their_draw(
    journal: Journal, home: Known, scope: Any, target: str | None, kept: int
) -> None:
    other = commented("elsewhere", review=OTHER)
    journal.append(
        [rated(1, review=REVIEW), commented("x", review=REVIEW, actor=BOB), signed(review=REVIEW), other], now=NOW
    )
    hold = HoldSet(hold="4" * 32, reason="inquest", scope=scope, target=target, statement="s", content="f" * 64)
    journal.append([draft(hold, "", review="")], now=NOW)
    found = on(journal, home, date(2031, 12, 1))
    assert len(found.entries) == 4 - kept
    assert (found.held >= kept and not found.files) if kept else (found.held == 0 and found.files)
    lift = HoldLifted(hold="4" * 32, reason="matter_closed", statement="s", content="f" * 64)
    journal.append([draft(lift, "", review="")], now=NOW)
    found = on(journal, home, date(2031, 12, 1))
    assert (len(found.entries), found.held) == (4, 0)


def test_a_month_later_is_never_too_early() -> None:
    assert later(date(2026, 1, 31), 1) == date(2026, 3, 1)
    assert later(date(2026, 12, 31), 2) == date(2027, 3, 1)
    assert later(date(2024, 2, 29), 12) == date(2025, 3, 1)
    assert later(date(2026, 10, 31), 2) == date(2026, 12, 31)
    kept = KeptClass("a", "", "any", (), "written", "90 days", "entries", "", "")
    assert kept.goes_on(date(2026, 1, 1)) == date(2026, 4, 2)


@pytest.mark.parametrize("keep", ["3 years", "12 months", "90 days"])
def test_a_clock_that_starts_on_the_last_day_there_is_never_runs_out(keep: str) -> None:
    kept = KeptClass("a", "", "any", (), "left", keep, "entries", "", "")
    assert kept.goes_on(date(9999, 12, 31)) == kept.goes_on(date(9999, 12, 1)) == date.max


def test_the_command_offers_the_reasons_of_the_events() -> None:
    assert get_args(HoldReason) == HOLD_REASONS and get_args(LiftReason) == LIFT_REASONS


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            '"commented", ',
            "",
            f"entries of the kind commented have no class, so that nobody would ever delete them; {COPY_IT}",
        ),
        ('"rated", ', '"rated", "accessed", ', "entries of the kind accessed have two classes in a review"),
        ('"rated", ', '"rated", "purge_run", ', "class 4: these kinds are not known, or never deleted: purge_run"),
        (
            'keep = "6 years"',
            'keep = "six years"',
            'class 5: keep must be written as "3 years", "12 months" or "90 days"',
        ),
        ('where = "draws"', 'where = "any"', "class 10: it must take files where it is of files, and nowhere else"),
        ('clock = "left"', 'clock = "gone"', "class 1: clock must be one of: left, case_closed, period_end, written"),
        ("version = 1", "version = 2", "the file must hold version = 1 and [[class]] entries alone"),
        ('where = "reports"', 'where = "record"', "no class, or more than one, is of the files in record"),
    ],
)
def test_a_fault_of_the_policy_is_told(tmp_path: Path, old: str, new: str, fault: str) -> None:
    text = (shared_folder("policies") / "retention.toml").read_text(encoding="utf-8")
    assert old in text
    own = tmp_path / "retention.toml"
    own.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PolicyError, match="The retention policy retention.toml has") as caught:
        load_retention(own)
    assert fault in [finding.message for finding in caught.value.findings]


def test_every_class_names_its_source_and_its_seed() -> None:
    text = (shared_folder("policies") / "retention.toml").read_text(encoding="utf-8")
    assert len(POLICY.classes) == 14 and all(one.source and one.seed and one.holds for one in POLICY.classes)
    assert text.count("check the live schedule") >= 4
    assert new_id() not in text
