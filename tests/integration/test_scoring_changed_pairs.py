"""Who reads and writes what once a supervisor has changed, or is a lead as well; and what no page takes, whoever writes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sampling.keys import HOME_VARIABLE, Keyring, load_secret
from sampling.scoring.errors import AccessRefused, EventsRefused
from sampling.scoring.parts.assurance_part import PAIR_ALONE
from sampling.scoring.rules import noting
from sampling.scoring.service import open_service
from tests.integration.test_scoring_assurance import COLLEAGUE, COLLEAGUE_LINES, TODAY, Stage, noted
from tests.scoring_service import (
    LEAD,
    OTHER_SUPERVISOR,
    PEOPLE,
    SUPERVISEE,
    SUPERVISOR,
    event,
    make_service,
    new_id,
)

BEFORE = 'supervises = ["P000-0003", "P000-0004"]'
AFTER = 'supervises = ["P000-0003", "P000-0004", "P000-0005"]'
BOTH_ROLES = PEOPLE.replace(
    f'name = "{OTHER_SUPERVISOR}"\nrole = ["supervisor"]', f'name = "{OTHER_SUPERVISOR}"\nrole = ["supervisor", "lead"]'
)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A fresh service in which the other supervisor is a lead, too."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "private"))
    stage = Stage(make_service(tmp_path, tmp_path / "private", people=BOTH_ROLES + COLLEAGUE_LINES))
    yield stage
    stage.scene.service.close()


def hand_over(stage: Stage) -> None:
    """The supervisee goes over to the other supervisor: a line of the people file, and the service opened again."""
    people = stage.scene.home / "people.toml"
    people.write_text(people.read_text(encoding="utf-8").replace(BEFORE, AFTER), encoding="utf-8")
    stage.scene.service.close()
    stage.scene.service = open_service(stage.scene.home, keyring=Keyring(load_secret()), now=stage.scene.now)


def begin_a_rating(stage: Stage) -> None:
    """The supervisor begins to rate a case of the supervisee's: that rating stays theirs."""
    scene = stage.scene
    review = next(
        one.id
        for one in scene.service.world().reviews.values()
        if one.practitioner_key == stage.sam and one.stage == "first" and not one.planted and not one.sealed
    )
    scene.rate_all(SUPERVISOR, review)


def test_a_former_supervisor_neither_reads_nor_writes(stage: Stage) -> None:
    begin_a_rating(stage)
    drafted, agreement = noted(stage, "agreement_drafted")
    stage.write(SUPERVISOR, "agreement_drafted", drafted, **agreement)
    flagged, flag = noted(stage, "needs_flagged")
    stage.write(SUPERVISEE, "needs_flagged", flagged, **flag)
    hand_over(stage)
    with pytest.raises(AccessRefused) as refused:
        stage.person(SUPERVISOR)
    assert refused.value.message == PAIR_ALONE
    assert [one["name"] for one in stage.mine()["supervisors"]] == [OTHER_SUPERVISOR]
    assert stage.person(OTHER_SUPERVISOR)["needs"] == [] == stage.person(OTHER_SUPERVISOR)["agreements"]
    for kind in ("absence_noted", "case_exempted", "delay_noted", "agreement_drafted"):
        subject, data = noted(stage, kind)
        assert stage.refused(SUPERVISOR, kind, subject, **data) in (
            noting.NOT_YOUR_PAIR.rstrip("."),
            noting.NOT_YOUR_CASE.rstrip("."),
        )
    answer = {"flag": flag["flag"], "person": stage.sam, "outcome": "changed"}
    assert stage.refused(SUPERVISOR, "needs_answered", f"needs_answer:{flag['flag']}", **answer) == noting.NO_FLAG.rstrip(".")  # fmt: skip
    stage.write(SUPERVISEE, "needs_flagged", flagged, 1, **flag, withdrawn=True)
    assert stage.mine()["needs"] == []
    session = new_id()
    opened = {
        "supervisor": stage.scene.key(SUPERVISOR), "supervisees": [stage.sam], "held_on": TODAY, "session_kind": "formal_one_to_one",
        "anonymised": False,
    }  # fmt: skip
    with pytest.raises(EventsRefused) as unopened:
        stage.scene.append(SUPERVISOR, event("session_opened", session, "session", opened))
    assert "not supervised by this supervisor" in unopened.value.findings[0].message


def test_an_agreement_of_a_pair_that_ended_is_neither_signed_nor_reviewed(stage: Stage) -> None:
    subject, data = noted(stage, "agreement_drafted")
    stage.write(SUPERVISOR, "agreement_drafted", subject, **data)
    (row,) = stage.mine()["agreements"]
    assert row["sign_as"] == "supervisee"
    begin_a_rating(stage)
    hand_over(stage)
    (ended,) = stage.mine()["agreements"]
    assert (ended["sign_as"], ended["may_review"], ended["may_change"]) == ("", False, False)
    assert ended["words"].endswith("They are no longer supervisor and supervisee.")
    about = {"agreement": data["agreement"], "person": stage.sam, "content": row["content"]}
    for name, role in ((SUPERVISEE, "supervisee"), (SUPERVISOR, "supervisor")):
        where = f"agreement_signed:{data['agreement']}/{role}"
        assert stage.refused(name, "agreement_signed", where, **about, role=role) == noting.PAIR_ENDED.rstrip(".")


def test_a_supervisor_who_is_a_lead_reads_nothing_that_their_supervisee_gave_past_them(stage: Stage) -> None:
    objection, data = noted(stage, "objection_raised")
    stage.write(SUPERVISEE, "objection_raised", objection, **data)
    flagged, flag = noted(stage, "needs_flagged")
    stage.write(SUPERVISEE, "needs_flagged", flagged, **{**flag, "to": "lead"})
    for name in (LEAD, OTHER_SUPERVISOR):
        page = stage.leading(name)
        assert len(page["objections"]) == len(page["needs"]) == 1
    begin_a_rating(stage)
    hand_over(stage)
    page = stage.leading(OTHER_SUPERVISOR)
    assert page["objections"] == page["needs"] == []
    answer = {"flag": flag["flag"], "person": stage.sam, "outcome": "changed"}
    assert stage.refused(OTHER_SUPERVISOR, "needs_answered", f"needs_answer:{flag['flag']}", **answer) == noting.NOT_OWN.rstrip(".")  # fmt: skip
    assert len(stage.leading()["objections"]) == len(stage.leading()["needs"]) == 1


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("absence_noted", {"last": "9999-12-31"}),
        ("absence_noted", {"first": "0001-01-01"}),
        ("interval_agreed", {"first": "9999-12-30", "last": None}),
        ("appraisal_held", {"on": "1850-01-01"}),
        ("case_delay_noted", {"first": "2099-01-01", "last": None}),
    ],
)
def test_a_year_that_cannot_be_meant_is_refused_and_a_leap_day_is_not(
    stage: Stage, kind: str, changed: dict[str, str | None]
) -> None:
    subject, data = noted(stage, kind)
    sentence = noting.NO_SUCH_TIME.format(1950, 2031).rstrip(".")
    assert stage.refused(SUPERVISOR, kind, subject, **{**data, **changed}) == sentence
    absence, leap = noted(stage, "absence_noted")
    stage.write(SUPERVISOR, "absence_noted", absence, **{**leap, "first": "2028-02-29", "last": "2028-02-29"})


@pytest.mark.parametrize("name", ["case_reference", "session_reference"])
def test_c1_a_blank_is_no_reference(stage: Stage, name: str) -> None:
    subject, data = noted(stage, "case_exempted")
    assert stage.refused(SUPERVISOR, "case_exempted", subject, **{**data, name: " \n"}) == noting.NEEDS_WORDS.rstrip(".")  # fmt: skip


def test_what_was_written_twice_is_on_its_writers_page_until_somebody_chose(stage: Stage) -> None:
    subject, data = noted(stage, "absence_noted")
    stage.write(SUPERVISOR, "absence_noted", subject, **data)
    (one,) = stage.write(SUPERVISOR, "absence_noted", subject, 1, **{**data, "last": "2026-11-25"})["receipts"]
    (two,) = stage.write(SUPERVISOR, "absence_noted", subject, 1, **{**data, "last": "2026-11-27"})["receipts"]
    (row,) = stage.person(SUPERVISOR)["conflicts"]
    assert (row["subject"], row["standing"]["id"], row["other"]["id"]) == (subject, one["id"], two["id"])
    assert row["other"]["data"]["last"] == "2026-11-27"
    assert stage.mine()["conflicts"] == stage.person(OTHER_SUPERVISOR, COLLEAGUE)["conflicts"] == []
    stage.write(SUPERVISOR, "conflict_resolved", subject, row["revision"], chosen=two["id"], instead_of=one["id"])
    assert stage.person(SUPERVISOR)["conflicts"] == []


def test_two_drafts_at_once_are_no_question_any_more_once_both_have_signed(stage: Stage) -> None:
    subject, data = noted(stage, "agreement_drafted")
    for base, reference in ((0, "one"), (1, "two"), (1, "three")):
        stage.write(SUPERVISOR, "agreement_drafted", subject, base, **{**data, "reference": reference})
    assert len(stage.person(SUPERVISOR)["conflicts"]) == 1
    (row,) = stage.mine()["agreements"]
    about = {"agreement": data["agreement"], "person": stage.sam, "content": row["content"]}
    for name, role in ((SUPERVISEE, "supervisee"), (SUPERVISOR, "supervisor")):
        stage.write(name, "agreement_signed", f"agreement_signed:{data['agreement']}/{role}", **about, role=role)
    assert stage.person(SUPERVISOR)["conflicts"] == [] == stage.mine()["conflicts"]


def test_d16_the_own_copy_has_the_words_of_an_objection(stage: Stage) -> None:
    subject, data = noted(stage, "objection_raised")
    stage.write(SUPERVISEE, "objection_raised", subject, **{**data, "note": "<b>Not true</b>"})
    text = stage.scene.service.assurance_export(stage.sam, "txt", now=stage.scene.now).decode()
    assert "<b>Not true</b> Not decided yet." in text
