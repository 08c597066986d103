"""Assurance at the scoring service: who notes what, who reads whose file, what leads answer, and what of it is logged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sampling.assurance.holdings import Known, due
from sampling.assurance.reading import load_profiles
from sampling.assurance.retention import load_retention
from sampling.journal.events import Accessed, HoldLifted, HoldSet
from sampling.journal.store import Draft
from sampling.keys import HOME_VARIABLE
from sampling.scoring.errors import AccessRefused, EventsRefused
from sampling.scoring.parts.assurance_part import LEADS_ALONE, NO_SUPERVISEES, NO_SUPERVISION, PAIR_ALONE
from sampling.scoring.rules import noting
from sampling.scoring.rules.coverage_words import FOLDER_ITEMS
from sampling.scoring.rules.own_ids import file_of
from sampling.scoring.settings.access import NOT_YOUR_CHOICE
from sampling.tickets import digest
from tests.scoring_server import scoring_server
from tests.scoring_service import (
    COLLEAGUE,
    COLLEAGUE_LINES,
    LEAD,
    MODERATOR,
    OTHER_SUPERVISOR,
    PEOPLE,
    SECOND_RATER,
    SUPERVISEE,
    SUPERVISOR,
    Scene,
    event,
    make_service,
    new_id,
)

TODAY, PATTERN = "2026-11-03", "9" * 32
EVERYONE = (SUPERVISOR, OTHER_SUPERVISOR, SECOND_RATER, MODERATOR, LEAD, SUPERVISEE, COLLEAGUE)


@dataclass
class Stage:
    """A service with a pair, Ruth Adeyemi and Sam Okafor, and another, Tom Brook and Ada Quill."""

    scene: Scene

    @property
    def sam(self) -> str:
        """The supervisee's key."""
        return self.scene.key(SUPERVISEE)

    @property
    def case(self) -> str:
        """A case of the supervisee's."""
        reviews = self.scene.service.world().reviews.values()
        return next(one.case_key for one in reviews if one.practitioner_key == self.sam and not one.planted)

    def write(self, name: str, kind: str, subject: str, base: int = 0, **data: Any) -> Any:
        """Hands in one entry as a person."""
        return self.scene.append(name, event(kind, "", subject, data, base))

    def refused(self, name: str, kind: str, subject: str, base: int = 0, **data: Any) -> str:
        """Returns why an entry is refused."""
        with pytest.raises(EventsRefused) as refused:
            self.write(name, kind, subject, base, **data)
        return " ".join(finding.message for finding in refused.value.findings)

    def mine(self, name: str = SUPERVISEE) -> dict[str, Any]:
        """Returns a person's own file."""
        return self.scene.service.assurance_mine(self.scene.key(name), now=self.scene.now)

    def person(self, name: str, whose: str = SUPERVISEE) -> dict[str, Any]:
        """Returns somebody's file as a person sees it."""
        return self.scene.service.assurance_person(self.scene.key(name), self.scene.key(whose), now=self.scene.now)

    def leading(self, name: str = LEAD) -> dict[str, Any]:
        """Returns what waits for a lead."""
        return self.scene.service.assurance_leading(self.scene.key(name), now=self.scene.now)

    def patterns(self, name: str = LEAD) -> dict[str, Any]:
        """Returns the patterns as a lead sees them."""
        return self.scene.service.assurance_patterns(self.scene.key(name), now=self.scene.now)

    def compute(self, period: str, **files: Any) -> None:
        """Writes what a report would have left beside the draws: `pair` for the supervisee, `patterns` for leads."""
        folder = self.scene.home / "assurance" / period
        (folder / "pairs").mkdir(parents=True, exist_ok=True)
        names = {"pair": folder / "pairs" / f"{digest(self.sam)}.json", "patterns": folder / "patterns.json"}
        for name, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content)
            names[name].write_text(text, encoding="utf-8")


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A fresh service."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "private"))
    scene = make_service(tmp_path, tmp_path / "private", people=PEOPLE + COLLEAGUE_LINES)
    yield Stage(scene)
    scene.service.close()


def noted(stage: Stage, kind: str) -> tuple[str, dict[str, Any]]:
    """Returns subject and data of an entry on the supervisee or their case, as the page would write it."""
    one, sam, case = new_id(), stage.sam, stage.case
    span = {"first": "2026-11-02", "last": "2026-11-20"}
    found: dict[str, tuple[str, dict[str, Any]]] = {
        "absence_noted": (f"absence:{one}", {"absence": one, "person": sam, **span}),
        "newly_qualified_noted": (f"newly_qualified:{sam}", {"person": sam, "newly_qualified": True}),
        "delay_noted": (f"delay:{one}", {"delay": one, "person": sam, "reason": "urgent_work", **span}),
        "case_delay_noted": (f"case_delay:{one}", {"delay": one, "case": case, "reason": "urgent_work", **span}),
        "case_exempted": (
            f"exemption:{one}",
            {"exemption": one, "case": case, "reason": "about_to_close", "case_reference": "note 4", "session_reference": "3 November", **span},
        ),
        "interval_agreed": (
            f"interval:{one}",
            {"agreed": one, "person": sam, "every": 2, "unit": "week", "reason": "returned", **span},
        ),
        "case_interval_agreed": (
            f"case_interval:{one}",
            {"agreed": one, "case": case, "every": 1, "unit": "week", "reason": "risk", **span},
        ),
        "agreement_drafted": (
            f"agreement:{one}",
            {"agreement": one, "person": sam, "supervisor": stage.scene.key(SUPERVISOR), "drafted_on": TODAY, "reference": "file, 1"},
        ),
        "appraisal_held": (f"appraisal:{one}", {"appraisal": one, "person": sam, "on": TODAY}),
        "folder_checked": (f"folder:{sam}/training", {"person": sam, "item": "training", "on": TODAY}),
        "supervisor_trained": (f"trained:{one}", {"training": one, "person": stage.scene.key(SUPERVISOR), "on": TODAY}),
        "needs_flagged": (
            f"needs:{one}",
            {"flag": one, "person": sam, "supervisor": stage.scene.key(SUPERVISOR), "to": "supervisor", "reason": "model", "note": "n"},
        ),
        "objection_raised": (f"objection:{one}", {"objection": one, "person": sam, "about": "redaction", "note": "n"}),
        "pattern_seen": (f"pattern_seen:{PATTERN}/2026-10", {"pattern": PATTERN, "rule": "drift", "month": "2026-10", "seen_on": TODAY}),
        "pattern_response": (
            f"pattern_response:{PATTERN}/{one}",
            {"pattern": PATTERN, "response": one, "decided_on": TODAY, "what": "w", "owner": "o", "due": "2026-12-01"},
        ),
    }  # fmt: skip
    return found[kind]


# Who writes what. Everybody who is not named is refused, a lead without a part in the pair as well.
WRITERS = {
    "absence_noted": (SUPERVISOR,),
    "delay_noted": (SUPERVISOR,),
    "case_delay_noted": (SUPERVISOR,),
    "case_exempted": (SUPERVISOR,),
    "interval_agreed": (SUPERVISOR,),
    "case_interval_agreed": (SUPERVISOR,),
    "agreement_drafted": (SUPERVISOR,),
    "appraisal_held": (SUPERVISOR,),
    "folder_checked": (SUPERVISOR, SUPERVISEE),
    "supervisor_trained": (SUPERVISOR, LEAD),
    "newly_qualified_noted": (LEAD,),
    "needs_flagged": (SUPERVISEE,),
    "objection_raised": (SUPERVISEE,),
    "pattern_seen": (LEAD,),
    "pattern_response": (LEAD,),
}


def test_who_writes_what(stage: Stage) -> None:
    for kind, writers in WRITERS.items():
        written: dict[str, int] = {}  # subject -> how often
        for name in EVERYONE:
            subject, data = noted(stage, kind)
            base = written.get(subject, 0)
            if name in writers:
                (receipt,) = stage.write(name, kind, subject, base, **data)["receipts"]
                assert receipt["status"] == "stored", (kind, name)
                written[subject] = base + 1
            else:
                assert stage.refused(name, kind, subject, base, **data), (kind, name)


def test_what_is_noted_stands_on_the_pages_of_the_pair_and_nowhere_else(stage: Stage) -> None:
    for kind in (
        "absence_noted",
        "delay_noted",
        "interval_agreed",
        "appraisal_held",
        "folder_checked",
        "case_exempted",
    ):
        subject, data = noted(stage, kind)
        stage.write(SUPERVISOR, kind, subject, **data)
    for page in (stage.mine(), stage.person(SUPERVISOR), stage.person(SUPERVISEE)):
        assert page["person"]["name"] == SUPERVISEE and [one["name"] for one in page["supervisors"]] == [SUPERVISOR]
        assert [one["words"] for one in page["absences"]] == ["Away from 2 November 2026 to 20 November 2026."]
        assert page["delays"][0]["reason_label"] == "Urgent work on a case came first"
        assert page["intervals"][0]["words"] == "Every 2 weeks, from 2 November 2026 to 20 November 2026."
        assert [one["on_label"] for one in page["appraisals"]] == ["Tuesday 3 November 2026"]
        assert {one["item"]: one["on"] for one in page["folder"] if one["on"]} == {"training": TODAY}
        assert [one["item"] for one in page["folder"]] == list(FOLDER_ITEMS)
        (case,) = [one for one in page["cases"] if one["exemptions"]]
        assert case["exemptions"][0]["case_reference"] == "note 4" and case["case_label"]
    assert stage.mine()["may"]["flag"] and not stage.mine()["may"]["note"]
    assert stage.person(SUPERVISOR)["may"]["note"] and not stage.person(SUPERVISOR)["may"]["object"]
    for name in (OTHER_SUPERVISOR, SECOND_RATER, MODERATOR, LEAD, COLLEAGUE):
        with pytest.raises(AccessRefused) as refused:
            stage.person(name)
        assert refused.value.message == PAIR_ALONE
    with pytest.raises(AccessRefused, match=NO_SUPERVISION[:30]):
        stage.mine(SUPERVISOR)


def test_a_mistake_is_withdrawn_and_whose_it_is_stays(stage: Stage) -> None:
    subject, data = noted(stage, "absence_noted")
    stage.write(SUPERVISOR, "absence_noted", subject, **data)
    other = {**data, "person": stage.scene.key(COLLEAGUE)}
    assert noting.STAYS.rstrip(".") in stage.refused(OTHER_SUPERVISOR, "absence_noted", subject, 1, **other)
    stage.write(SUPERVISOR, "absence_noted", subject, 1, **data, withdrawn=True)
    assert stage.mine()["absences"] == []


def test_an_entry_is_never_undone_and_belongs_to_no_session(stage: Stage) -> None:
    subject, data = noted(stage, "absence_noted")
    (receipt,) = stage.write(SUPERVISOR, "absence_noted", subject, **data)["receipts"]
    with pytest.raises(EventsRefused) as refused:
        stage.scene.append(SUPERVISOR, event("absence_noted", "", subject, data, 1, undoes=receipt["id"]))
    assert refused.value.findings[0].message == noting.AGAIN.rstrip(".")
    with pytest.raises(EventsRefused) as refused:
        stage.scene.append(SUPERVISOR, event("absence_noted", "7" * 32, subject, data, 1))
    assert refused.value.findings[0].message == noting.BY_ITSELF.rstrip(".")


def test_days_that_are_still_to_come_are_refused(stage: Stage) -> None:
    for kind, name, field in (("appraisal_held", SUPERVISOR, "on"), ("agreement_drafted", SUPERVISOR, "drafted_on")):
        subject, data = noted(stage, kind)
        data[field] = "2026-11-04"
        assert stage.refused(name, kind, subject, **data) == noting.TO_COME.rstrip(".")
    subject, data = noted(stage, "pattern_response")
    assert stage.refused(LEAD, "pattern_response", subject, **{**data, "due": "2026-11-02"}) == noting.DUE_FIRST.rstrip(".")  # fmt: skip


def test_two_windows_meet_and_the_writer_says_which_stands(stage: Stage) -> None:
    subject, data = noted(stage, "absence_noted")
    stage.write(SUPERVISOR, "absence_noted", subject, **data)
    (one,) = stage.write(SUPERVISOR, "absence_noted", subject, 1, **{**data, "last": "2026-11-25"})["receipts"]
    (two,) = stage.write(SUPERVISOR, "absence_noted", subject, 1, **{**data, "last": "2026-11-27"})["receipts"]
    assert (one["status"], two["status"]) == ("stored", "conflict")
    choice = {"chosen": two["id"], "instead_of": one["id"]}
    assert NOT_YOUR_CHOICE.rstrip(".") in stage.refused(LEAD, "conflict_resolved", subject, 3, **choice)
    stage.write(SUPERVISOR, "conflict_resolved", subject, 3, **choice)
    assert stage.mine()["absences"][0]["last"] == "2026-11-27"


def test_d7_an_agreement_is_signed_by_both_and_then_stays(stage: Stage) -> None:
    subject, data = noted(stage, "agreement_drafted")
    stage.write(SUPERVISOR, "agreement_drafted", subject, **data)

    def sign(name: str, role: str, content: str = "") -> tuple[str, dict[str, Any]]:
        row = stage.person(SUPERVISOR)["agreements"][0]
        about = {"agreement": row["agreement"], "person": stage.sam, "role": role}
        return f"agreement_signed:{row['agreement']}/{role}", {**about, "content": content or row["content"]}

    assert stage.person(SUPERVISOR)["agreements"][0]["words"] == f"Still to sign: {SUPERVISOR}, {SUPERVISEE}."
    for name, role, sentence in (
        (LEAD, "supervisor", noting.NO_AGREEMENT),
        (SUPERVISOR, "supervisee", noting.SIGN_FOR_YOURSELF),
    ):
        where, said = sign(name, role)
        assert stage.refused(name, "agreement_signed", where, **said) == sentence.rstrip(".")
    where, said = sign(SUPERVISEE, "supervisee", "8" * 64)
    assert stage.refused(SUPERVISEE, "agreement_signed", where, **said) == noting.CHANGED.rstrip(".")
    again = new_id()
    review = f"agreement_review:{data['agreement']}/{again}"
    reviewed = {"agreement": data["agreement"], "review": again, "person": stage.sam, "on": TODAY}
    assert stage.refused(SUPERVISOR, "agreement_reviewed", review, **reviewed) == noting.NOT_SIGNED_YET.rstrip(".")
    for name, role in ((SUPERVISOR, "supervisor"), (SUPERVISEE, "supervisee")):
        where, said = sign(name, role)
        assert stage.person(name)["agreements"][0]["sign_as"] == role
        stage.write(name, "agreement_signed", where, **said)
    stage.write(SUPERVISEE, "agreement_reviewed", review, **reviewed)
    (row,) = stage.mine()["agreements"]
    assert (row["by_both"], row["words"], row["reviewed"], row["sign_as"]) == (True, "Signed by both.", [TODAY], "")
    changed = {**data, "reference": "elsewhere"}
    assert stage.refused(SUPERVISOR, "agreement_drafted", subject, 1, **changed) == noting.BOTH_SIGNED.rstrip(".")


def test_d7_who_signs_an_agreement_says_on_which_day_it_was_agreed(stage: Stage) -> None:
    subject, data = noted(stage, "agreement_drafted")
    stage.write(SUPERVISOR, "agreement_drafted", subject, **{**data, "drafted_on": "2026-10-26"})
    content = stage.mine()["agreements"][0]["content"]

    def said(role: str, day: str) -> tuple[str, dict[str, Any]]:
        about = {
            "agreement": data["agreement"],
            "person": stage.sam,
            "role": role,
            "content": content,
            "agreed_on": day,
        }
        return f"agreement_signed:{data['agreement']}/{role}", about

    for day, sentence in (("2026-10-25", noting.TOO_EARLY), ("2026-11-04", noting.TO_COME)):
        where, about = said("supervisor", day)
        assert stage.refused(SUPERVISOR, "agreement_signed", where, **about) == sentence.rstrip(".")
    where, about = said("supervisor", "2026-10-28")
    stage.write(SUPERVISOR, "agreement_signed", where, **about)
    where, about = said("supervisee", "2026-10-27")
    assert stage.mine()["agreements"][0]["agreed_from"] == "2026-10-28"
    assert stage.refused(SUPERVISEE, "agreement_signed", where, **about) == noting.TOO_EARLY.rstrip(".")
    where, about = said("supervisee", "2026-10-28")
    stage.write(SUPERVISEE, "agreement_signed", where, **about)
    (row,) = stage.mine()["agreements"]
    assert row["words"] == "Signed by both. Agreed on 28 October 2026."
    assert [(one["on"], one["agreed_on"]) for one in row["signed"]] == [(TODAY, "2026-10-28")] * 2
    again = new_id()
    review = {"agreement": data["agreement"], "review": again, "person": stage.sam, "on": "2026-10-30"}
    stage.write(SUPERVISOR, "agreement_reviewed", f"agreement_review:{data['agreement']}/{again}", **review)


def waits(stage: Stage) -> dict[str, Any]:
    """Returns what the queue says of supervision, of everyone who is told anything."""
    told = {name: stage.scene.queue(name)["supervision"] for name in EVERYONE}
    return {name: said for name, said in told.items() if any(said.values())}


def test_the_queue_tells_those_alone_who_have_something_of_supervision_to_do(stage: Stage) -> None:
    assert waits(stage) == {}
    subject, data = noted(stage, "agreement_drafted")
    stage.write(SUPERVISOR, "agreement_drafted", subject, **data)
    as_supervisor = {"own": 0, "supervisees": [stage.sam], "objections": 0}
    as_supervisee = {"own": 1, "supervisees": [], "objections": 0}
    assert waits(stage) == {SUPERVISOR: as_supervisor, SUPERVISEE: as_supervisee}
    about = {"agreement": data["agreement"], "person": stage.sam}
    content = stage.mine()["agreements"][0]["content"]
    for name, role in ((SUPERVISOR, "supervisor"), (SUPERVISEE, "supervisee")):
        where = f"agreement_signed:{data['agreement']}/{role}"
        stage.write(name, "agreement_signed", where, **about, role=role, content=content)
        assert name not in waits(stage)
    assert waits(stage) == {}
    subject, data = noted(stage, "objection_raised")
    stage.write(SUPERVISEE, "objection_raised", subject, **data)
    assert waits(stage) == {LEAD: {"own": 0, "supervisees": [], "objections": 1}}
    said: dict[str, Any] = {
        "decision": "upheld",
        "reason": "inaccurate",
        "decided_by": "Assistant Director",
        "decided_on": TODAY,
    }
    where = f"objection_decision:{data['objection']}"
    stage.write(LEAD, "objection_decided", where, objection=data["objection"], person=stage.sam, **said)
    assert waits(stage) == {}


def test_a_lead_is_not_told_of_an_objection_that_is_not_theirs_to_decide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "private"))
    both = PEOPLE.replace('role = "supervisor"', 'role = ["supervisor", "lead"]', 1)
    assert both != PEOPLE
    stage = Stage(make_service(tmp_path, tmp_path / "private", people=both + COLLEAGUE_LINES))
    subject, data = noted(stage, "objection_raised")
    stage.write(SUPERVISEE, "objection_raised", subject, **data)
    assert set(waits(stage)) == {LEAD}
    stage.scene.service.close()


def test_b14_a_flag_goes_to_the_supervisor_or_past_them_to_a_lead(stage: Stage) -> None:
    ours, data = noted(stage, "needs_flagged")
    stage.write(SUPERVISEE, "needs_flagged", ours, **data)
    past = {**noted(stage, "needs_flagged")[1], "to": "lead", "note": "past"}
    stage.write(SUPERVISEE, "needs_flagged", f"needs:{past['flag']}", **past)
    assert [one["note"] for one in stage.mine()["needs"]] == ["past", "n"]
    assert [one["note"] for one in stage.person(SUPERVISOR)["needs"]] == ["n"]
    assert [one["note"] for one in stage.leading()["needs"]] == ["past"]
    answer = {"person": stage.sam, "outcome": "changed", "note": "a"}
    one, two = ({"flag": said["flag"], **answer} for said in (data, past))
    assert stage.refused(LEAD, "needs_answered", f"needs_answer:{data['flag']}", **one) == noting.NO_FLAG.rstrip(".")
    assert stage.refused(SUPERVISOR, "needs_answered", f"needs_answer:{past['flag']}", **two) == noting.NO_FLAG.rstrip(".")  # fmt: skip
    assert stage.refused(SUPERVISEE, "needs_answered", f"needs_answer:{past['flag']}", **two) == noting.FLAG_TO_OTHERS.rstrip(".")  # fmt: skip
    stage.write(SUPERVISOR, "needs_answered", f"needs_answer:{data['flag']}", **one)
    stage.write(LEAD, "needs_answered", f"needs_answer:{past['flag']}", **two)
    assert [one["answer"]["outcome_label"] for one in stage.mine()["needs"]] == ["Something was changed"] * 2
    changed = {**data, "note": "other"}
    assert stage.refused(SUPERVISEE, "needs_flagged", ours, 1, **changed) == noting.ANSWERED.rstrip(".")


def test_d13_an_objection_is_asked_by_the_supervisee_and_decided_by_a_lead(stage: Stage) -> None:
    subject, data = noted(stage, "objection_raised")
    assert stage.refused(SUPERVISEE, "objection_raised", subject, **{**data, "of": "6" * 32}) == noting.NOT_YOUR_RECORD.rstrip(".")  # fmt: skip
    stage.write(SUPERVISEE, "objection_raised", subject, **data)
    assert stage.person(SUPERVISOR)["objections"] == []
    (waiting,) = stage.leading()["objections"]
    assert (waiting["state"], waiting["person"]["name"], waiting["asked_on"]) == ("asked", SUPERVISEE, TODAY)
    decision = {
        "objection": data["objection"], "person": stage.sam, "decision": "upheld", "reason": "inaccurate",
        "decided_by": "Assistant Director", "decided_on": TODAY,
    }  # fmt: skip
    where = f"objection_decision:{data['objection']}"
    for name in (SUPERVISOR, SUPERVISEE, MODERATOR):
        assert stage.refused(name, "objection_decided", where, **decision) == noting.LEAD_ONLY.rstrip(".")
    stage.write(LEAD, "objection_decided", where, **decision)
    (row,) = stage.mine()["objections"]
    assert (row["state"], row["decision"]["decided_by"]) == ("decided", "Assistant Director")
    assert row["decision"]["reason_label"] == "The record is not accurate"
    assert stage.refused(SUPERVISEE, "objection_raised", subject, 1, **data, withdrawn=True) == noting.ANSWERED.rstrip(".")  # fmt: skip


PAIR = {
    "lines": [{"rule": "everyone", "sentence": "Formal one-to-one: 1 due."}],
    "sentences": ["Formal one-to-one: 1 due."],
    "period": "2026-10",
}


def test_the_newest_computed_coverage_stands_on_both_pages_of_the_pair(stage: Stage) -> None:
    assert stage.mine()["coverage"]["note"] == "Nothing has been computed for this pair yet."
    stage.compute("2026-10", pair={**PAIR, "undiscussed": [digest(stage.case), "5" * 64]})
    stage.compute("2026-08_2026-10", pair={**PAIR, "sentences": ["Of the quarter."], "undiscussed": []})
    for page in (stage.mine(), stage.person(SUPERVISOR)):
        found = page["coverage"]
        assert (found["period"], found["periods"]) == ("2026-10", ["2026-10", "2026-08_2026-10"])
        assert found["sentences"] == ["Formal one-to-one: 1 due."] and found["note"] == ""
        assert len(found["undiscussed"]) == 1 and found["undiscussed_elsewhere"] == 1
    service, now = stage.scene.service, stage.scene.now
    quarter = service.assurance_mine(stage.sam, period="2026-08_2026-10", now=now)["coverage"]
    assert quarter["sentences"] == ["Of the quarter."]
    elsewhere = service.assurance_mine(stage.sam, period="../../../2026-10", now=now)["coverage"]
    assert elsewhere["period"] == "2026-10"
    (row,) = [one for one in supervisees(stage, SUPERVISOR) if one["name"] == SUPERVISEE]
    assert row["sentences"] == ["Formal one-to-one: 1 due."] and row["agreement_words"] == "No agreement is recorded."


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
def test_a_computed_file_that_cannot_be_read_is_named_in_a_sentence(stage: Stage, text: str) -> None:
    stage.compute("2026-10", pair=text, patterns=text)
    assert stage.mine()["coverage"]["note"].startswith("What was computed for 2026-10 cannot be read.")
    assert stage.patterns()["note"].startswith("What was computed for 2026-10 cannot be read.")


def supervisees(stage: Stage, name: str) -> list[dict[str, Any]]:
    """Returns the rows of a supervisor's page."""
    page = stage.scene.service.assurance_supervisees(stage.scene.key(name), now=stage.scene.now)
    return list(page["supervisees"])


def test_each_supervisor_has_their_own_supervisees_and_nobody_else_has_any(stage: Stage) -> None:
    subject, data = noted(stage, "absence_noted")
    stage.write(SUPERVISOR, "absence_noted", subject, **data)
    flagged, said = noted(stage, "needs_flagged")
    stage.write(SUPERVISEE, "needs_flagged", flagged, **said)
    (row,) = [one for one in supervisees(stage, SUPERVISOR) if one["name"] == SUPERVISEE]
    assert (row["away"], row["flags_open"], row["newly_qualified"]) == (True, 1, False)
    assert {one["name"] for one in supervisees(stage, OTHER_SUPERVISOR)} >= {COLLEAGUE}
    assert SUPERVISEE not in {one["name"] for one in supervisees(stage, OTHER_SUPERVISOR)}
    for name in (LEAD, MODERATOR, SUPERVISEE, SECOND_RATER):
        with pytest.raises(AccessRefused, match=NO_SUPERVISEES):
            supervisees(stage, name)


def test_a10_patterns_and_what_leaders_did_about_them(stage: Stage) -> None:
    assert stage.patterns()["note"] == "No patterns have been looked for yet."
    pattern = {
        "id": PATTERN,
        "rule": "drift",
        "since": "2026-09",
        "state": "new",
        "scope": "the service",
        "sentences": ["s"],
    }
    ended = {**pattern, "id": "8" * 32, "state": "ended"}
    stage.compute("2026-10", patterns={"patterns": [pattern, ended], "respond_within_days": 14})
    page = stage.patterns()
    assert [(one["due"], one["late"]) for one in page["patterns"]] == [("2026-10-14", True), ("", False)]
    assert page["overdue"] == 1 and page["patterns"][0]["sentences"] == ["s"]
    seen, data = noted(stage, "pattern_seen")
    stage.write(LEAD, "pattern_seen", seen, **data)
    first = stage.patterns()["patterns"][0]
    assert (first["first_seen"], first["due"], first["late"]) == (TODAY, "2026-11-17", False)
    subject, said = noted(stage, "pattern_response")
    outcome = {"pattern": PATTERN, "response": said["response"], "outcome": "done", "on": TODAY}
    ends = f"pattern_outcome:{PATTERN}/{said['response']}"
    assert stage.refused(LEAD, "pattern_outcome", ends, **outcome) == noting.NO_RESPONSE.rstrip(".")
    stage.write(LEAD, "pattern_response", subject, **{**said, "due": TODAY})
    (row,) = stage.patterns()["patterns"][0]["responses"]
    assert (row["what"], row["overdue"], row["outcome_label"]) == ("w", False, "No outcome yet")
    stage.scene.now += timedelta(days=1)
    assert stage.patterns()["overdue"] == 1
    stage.write(LEAD, "pattern_outcome", row["outcome_subject"], row["outcome_revision"], **outcome)
    assert stage.patterns()["overdue"] == 0
    stage.compute("2026-10", patterns={"patterns": []})
    assert [one["outcome"] for one in stage.patterns()["earlier"]] == ["done"]
    for name in set(EVERYONE) - {LEAD}:
        with pytest.raises(AccessRefused, match=LEADS_ALONE):
            stage.patterns(name)
        with pytest.raises(AccessRefused, match=LEADS_ALONE):
            stage.leading(name)


def test_c3_c12_nobody_is_noted_who_is_not_supervised_here_and_no_item_that_a_folder_has_not(stage: Stage) -> None:
    stranger, sam = digest("stranger"), stage.scene.key(SUPERVISEE)
    for name, kind, subject, data, sentence in (
        (
            LEAD,
            "newly_qualified_noted",
            f"newly_qualified:{stranger}",
            {"person": stranger, "newly_qualified": True},
            noting.NOBODY_HERE,
        ),
        (
            SUPERVISOR,
            "folder_checked",
            f"folder:{sam}/john_smith",
            {"person": sam, "item": "john_smith", "on": TODAY},
            noting.NO_ITEM,
        ),
    ):
        assert stage.refused(name, kind, subject, **data) == sentence.removesuffix(".")


def test_c12_the_items_of_a_folder_are_those_that_the_shipped_policies_ask_for() -> None:
    asked = [item.item for profile in load_profiles() for item in profile.folder]
    assert set(asked) == set(FOLDER_ITEMS)


def test_b4_c3_a_lead_sees_training_and_who_is_newly_qualified(stage: Stage) -> None:
    subject, data = noted(stage, "newly_qualified_noted")
    stage.write(LEAD, "newly_qualified_noted", subject, **data)
    trained, said = noted(stage, "supervisor_trained")
    stage.write(SUPERVISOR, "supervisor_trained", trained, **said)
    page = stage.leading()
    assert [one["name"] for one in page["newly_qualified"] if one["newly_qualified"]] == [SUPERVISEE]
    assert {one["name"]: [day["on"] for day in one["trained"]] for one in page["supervisors"]}[SUPERVISOR] == [TODAY]
    assert stage.mine()["newly_qualified"] is True


def test_d16_a_supervisee_takes_their_own_file_with_the_records_of_sessions(stage: Stage) -> None:
    session = new_id()
    pair = {"supervisor": stage.scene.key(SUPERVISOR), "supervisees": [stage.sam]}
    opened = {"session_kind": "formal_one_to_one", "held_on": TODAY, **pair, "anonymised": False}
    stage.scene.append(SUPERVISOR, event("session_opened", session, "session", opened))
    covered = {"item": "escalation_use", "covered": True, "note": "we talked of the ward"}
    stage.scene.append(SUPERVISOR, event("agenda_covered", session, "agenda:escalation_use", covered))
    told = {"functions": ["support"], "uninterrupted": True}
    stage.scene.append(SUPERVISEE, event("session_described", session, "described", told))
    for kind in ("absence_noted", "case_exempted", "agreement_drafted"):
        subject, data = noted(stage, kind)
        stage.write(SUPERVISOR, kind, subject, **data)
    for kind in ("needs_flagged", "objection_raised"):
        subject, data = noted(stage, kind)
        stage.write(SUPERVISEE, kind, subject, **data)
    service, now = stage.scene.service, stage.scene.now
    text = service.assurance_export(stage.sam, "txt", now=now).decode()
    for words in (
        f"Supervision file of {SUPERVISEE}", "Away from 2 November 2026", "we talked of the ward", "1 of 4 functions served: support.",
        "The case is about to be closed or handed over.", f"With {SUPERVISOR}, kept at file, 1.", "The model does not fit my work.",
        "Something should be taken out, asked on 2026-11-03. n Not decided yet.",
    ):  # fmt: skip
        assert words in text
    whole = json.loads(service.assurance_export(stage.sam, "json", now=now))
    assert [one["session"] for one in whole["records"]] == [session] and whole["absences"]
    with pytest.raises(AccessRefused):
        service.assurance_export(stage.scene.key(LEAD), "txt", now=now)


def test_d13_each_opening_of_a_file_is_logged_with_its_purpose_once_a_day(stage: Stage) -> None:
    for _ in range(2):
        stage.mine()
        stage.person(SUPERVISOR)
        stage.patterns()
    with pytest.raises(AccessRefused):
        stage.person(LEAD)
    log = [
        (stage.scene.service.people.name_of(one.actor), one.payload.purpose, one.payload.what, one.review)
        for one in stage.scene.service.journal.as_(None).entries(kinds=["accessed"])
        if isinstance(one.payload, Accessed)
    ]
    file = file_of(stage.sam)
    assert log == [
        (SUPERVISEE, "supervision", "supervision_file", file),
        (SUPERVISOR, "supervision", "supervision_file", file),
        (LEAD, "audit", "patterns", file_of("patterns")),
    ]


def test_d13_a_supervisee_sees_who_else_opened_their_file_and_sessions(stage: Stage) -> None:
    session = new_id()
    pair = {"supervisor": stage.scene.key(SUPERVISOR), "supervisees": [stage.sam]}
    opened = {"session_kind": "formal_one_to_one", "held_on": TODAY, **pair, "anonymised": False}
    stage.scene.append(SUPERVISOR, event("session_opened", session, "session", opened))
    stage.mine()
    stage.person(SUPERVISOR)
    stage.scene.service.session(stage.scene.key(LEAD), session, now=stage.scene.now)
    rows = [(one["name"], one["on"], one["purpose"], one["of"]) for one in stage.mine()["accesses"]]
    assert rows == [
        (LEAD, TODAY, "audit", "Session on Tuesday 3 November 2026"),
        (SUPERVISOR, TODAY, "supervision", "This file"),
    ]
    assert stage.person(SUPERVISOR)["accesses"] == []
    text = stage.scene.service.assurance_export(stage.sam, "txt", now=stage.scene.now).decode()
    assert f"- {TODAY}: {LEAD}, Session on Tuesday 3 November 2026, " in text


def test_over_http_each_page_answers_and_refuses_in_words(stage: Stage) -> None:
    stage.compute("2026-10", pair={**PAIR, "undiscussed": []}, patterns={"patterns": [], "respond_within_days": 14})
    with scoring_server(stage.scene.home) as server:
        sam, lead, ruth = (server.client(name) for name in (SUPERVISEE, LEAD, SUPERVISOR))
        mine = sam.get("sampling/api/assurance/mine")
        assert (mine.status, mine.json["coverage"]["sentences"]) == (200, PAIR["sentences"])
        person = f"sampling/api/assurance/person/{stage.sam}"
        assert ruth.get(f"{person}?period=2026-10").json["person"]["name"] == SUPERVISEE
        refused = lead.get(person)
        assert (refused.status, refused.message) == (403, PAIR_ALONE)
        assert lead.get("sampling/api/assurance/patterns").json["period"] == "2026-10"
        assert lead.get("sampling/api/assurance/leading").status == 200
        assert ruth.get("sampling/api/assurance/supervisees").status == 200
        file = sam.get("sampling/api/assurance/file.txt")
        assert file.status == 200 and f"Supervision file of {SUPERVISEE}".encode() in file.body
        assert 'attachment; filename="supervision-file-' in file.headers["Content-Disposition"]
        assert lead.get("sampling/api/assurance/file.json").status == 403
        subject, data = noted(stage, "absence_noted")
        given = {"events": [event("absence_noted", "", subject, data)]}
        stored = ruth.post("sampling/api/events", given)
        assert (stored.status, stored.json["receipts"][0]["status"]) == (200, "stored")
        subject, data = noted(stage, "absence_noted")
        other = lead.post("sampling/api/events", {"events": [event("absence_noted", "", subject, data)]})
        assert (other.status, other.json["error"]["findings"][0]["text"]) == (400, noting.NOT_YOUR_PAIR)


def test_where_no_words_are_kept_codes_and_references_alone_are_stored(tmp_path: Path, private_store: Path) -> None:
    lines = PEOPLE + COLLEAGUE_LINES
    stage = Stage(make_service(tmp_path, private_store, people=lines, policy='copies = "references_only"\n'))
    subject, data = noted(stage, "needs_flagged")
    assert "No words of a case are kept here." in stage.refused(SUPERVISEE, "needs_flagged", subject, **data)
    stage.write(SUPERVISEE, "needs_flagged", subject, **{**data, "note": "Written in the case system"})
    subject, data = noted(stage, "case_exempted")
    told = {
        **data,
        "case_reference": "The neighbour rang on Tuesday night, and nobody called back until the next Thursday morning.",
    }
    assert "No words of a case are kept here." in stage.refused(SUPERVISOR, "case_exempted", subject, **told)
    stage.write(SUPERVISOR, "case_exempted", subject, **data)
    for kind in ("absence_noted", "delay_noted", "interval_agreed", "agreement_drafted"):
        subject, data = noted(stage, kind)
        stage.write(SUPERVISOR, kind, subject, **data)
    stage.scene.service.close()


def test_after_a_purge_the_pages_answer_and_the_chain_holds(stage: Stage) -> None:
    """What stands in the chain afterwards tells no day and no reason."""
    written = []
    for kind in ("absence_noted", "appraisal_held", "agreement_drafted", "case_exempted", "folder_checked"):
        subject, data = noted(stage, kind)
        written += [one["id"] for one in stage.write(SUPERVISOR, kind, subject, **data)["receipts"]]
    journal = stage.scene.service.journal
    journal.purge(written, "supervision_file: 3 years after leaving (D15)", stage.scene.key(LEAD), stage.scene.now)
    page = stage.mine()
    assert [page[name] for name in ("absences", "appraisals", "agreements")] == [[], [], []]
    assert not any(one["exemptions"] for one in page["cases"]) and not any(one["on"] for one in page["folder"])
    assert {one["item"]: one["revision"] for one in page["folder"]}["training"] == 1  # what comes next is based on it
    subject, data = noted(stage, "folder_checked")
    assert stage.write(SUPERVISOR, "folder_checked", subject, 1, **data)["receipts"][0]["status"] == "stored"
    verified = journal.verify()
    assert verified.ok and verified.purged == (("supervision_file: 3 years after leaving (D15)", 5),)
    gone = [entry for entry in journal.entries() if entry.id in written]
    assert not any(day in f"{entry.subject} {entry.payload}" for entry in gone for day in ("2026-11-02", TODAY))


def test_a_hold_on_a_person_covers_who_opened_their_file(stage: Stage) -> None:
    stage.person(SUPERVISOR)
    (entry,) = stage.scene.service.journal.as_(None).entries(kinds=["accessed"])
    hold = {"hold": new_id(), "reason": "complaint", "scope": "person", "statement": "s", "content": "1" * 64}
    known = Known(stage.scene.home, stage.scene.service.world().draws, {}, {})
    for target, held in ((stage.sam, True), (stage.scene.key(COLLEAGUE), False)):
        said = HoldSet.model_validate({**hold, "hold": new_id(), "target": target})
        lift = HoldLifted(hold=said.hold, reason="matter_closed", statement="s", content="1" * 64)
        for one in (said, lift):
            draft = Draft(new_id(), stage.scene.key(LEAD), one)
            if one is lift:
                due_then = due(load_retention(), known, stage.scene.service.journal.entries(), date(2040, 1, 1))
                assert (entry.id not in due_then.entries) == held
            stage.scene.service.journal.append([draft], now=stage.scene.now)
