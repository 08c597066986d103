"""What a supervisee could try with the events of a session: what stands after an event is judged, with all that it takes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sampling.scoring.errors import EventsRefused, NotFound
from tests.scoring_server import Client, scoring_server
from tests.scoring_service import (
    MODERATOR,
    OTHER_SUPERVISOR,
    SUPERVISEE,
    SUPERVISOR,
    Scene,
    event,
    make_service,
    new_id,
)

FORMAL, AD_HOC = "formal_one_to_one", "ad_hoc"
PEOPLE_STAY = "Who a session is with does not change once it is opened. Open another session"
SUPERVISOR_CHANGES = "The kind and the day of a session are changed by its supervisor"
NOT_YOURS = "An undo takes back an entry of one's own, in the same session"
SUPERVISOR_CLOSES = "The supervisor closes the session"
NOT_YOUR_CHOICE = "Which of two values stands is for the person to say whose entry it is"
NOT_IN_SESSION = "The person whose work an action is about is one of the session's supervisees"


@dataclass
class Pair:
    """A supervisor and the supervisee, and a session of theirs in the making."""

    scene: Scene
    supervisor: str
    session: str

    def opening(self, kind: str, base: int = 0, undoes: str = "", **other: Any) -> dict[str, Any]:
        """Returns the event that opens the session, or says anew what it is."""
        data = {
            "session_kind": kind,
            "held_on": self.scene.today.isoformat(),
            "supervisor": self.scene.key(self.supervisor),
            "supervisees": [self.scene.key(SUPERVISEE)],
            "anonymised": False,
        }
        return event("session_opened", self.session, "session", {**data, **other}, base, undoes=undoes)

    def said(self, kind: str, subject: str, base: int = 0, undoes: str = "", **data: Any) -> dict[str, Any]:
        """Returns another event of the session."""
        return event(kind, self.session, subject, data, base, undoes=undoes)

    def closing(self, base: int, undoes: str = "") -> dict[str, Any]:
        """Returns the event that closes the session."""
        return self.said("session_closed", "session", base, undoes, minutes=30, note="")

    def covered(self, base: int = 0, undoes: str = "", note: str = "Weekly.") -> dict[str, Any]:
        """Returns the event that covers an agenda item."""
        item = "contact_frequency"
        return self.said("agenda_covered", f"agenda:{item}", base, undoes, item=item, covered=True, note=note)

    def raising(self, practitioner: str | None) -> dict[str, Any]:
        """Returns the event that agrees an action about a person's work."""
        action, due = new_id(), str(self.scene.today + timedelta(days=7))
        about = {"action": action, "action_kind": "other", "text": "Ring the GP.", "owner": SUPERVISEE}
        days = {"due": due, "review_date": due, "practitioner": practitioner}
        return event("action_raised", self.session, f"action:{action}", {**about, **days})

    def page(self, name: str) -> dict[str, Any]:
        """Returns the session as a person sees it."""
        return self.scene.service.session(self.scene.key(name), self.session, now=self.scene.now)

    def refused(self, name: str, *events: dict[str, Any]) -> list[str]:
        """Returns the sentences with which events are refused; nothing of them is stored."""
        before = len(self.scene.service.journal.entries(review=self.session))
        with pytest.raises(EventsRefused) as caught:
            self.scene.append(name, *events)
        assert len(self.scene.service.journal.entries(review=self.session)) == before
        return [finding.message for finding in caught.value.findings]


@pytest.fixture
def pair(tmp_path: Path, private_store: Path) -> Iterator[Pair]:
    scene = make_service(tmp_path, private_store)
    listed = scene.service.sessions(scene.key(SUPERVISEE), today=scene.today)["pairs"]
    supervisor = scene.service.people.name_of(listed[0]["supervisor"]["key"])
    yield Pair(scene, supervisor, new_id())
    scene.service.close()


def to_a_formal_one(pair: Pair) -> list[dict[str, Any]]:
    """Returns the four events with which a supervisee once made a closed formal session of an ad hoc one, alone."""
    second = pair.opening(FORMAL, 1)
    third = pair.opening(AD_HOC, 2, second["id"])
    return [pair.opening(AD_HOC), second, third, pair.closing(3, third["id"])]


def test_no_supervisee_makes_a_formal_session_alone(pair: Pair) -> None:
    events = to_a_formal_one(pair)
    assert SUPERVISOR_CHANGES in pair.refused(SUPERVISEE, *events)
    pair.scene.append(SUPERVISEE, events[0])
    assert SUPERVISOR_CHANGES in pair.refused(SUPERVISEE, events[1])
    pair.scene.append(SUPERVISEE, pair.closing(1))
    page = pair.page(SUPERVISEE)
    assert (page["session_kind"], page["state"], page["counts"]) == (AD_HOC, "closed", False)


def test_the_same_over_http(pair: Pair) -> None:
    events = to_a_formal_one(pair)
    with scoring_server(pair.scene.home) as server:
        client = server.client(SUPERVISEE)

        def hand(*handed: dict[str, Any]) -> int:
            return client.post("sampling/api/events", {"events": list(handed)}).status

        assert [hand(one) for one in events] == [200, 400, 400, 400]
        assert hand(pair.opening(AD_HOC, 1, supervisees=[pair.scene.key(MODERATOR)])) == 400
        assert hand(pair.raising(pair.scene.key(MODERATOR))) == 400
        shown = client.get(f"sampling/api/session/{pair.session}").json
        assert (shown["session_kind"], shown["state"], shown["counts"]) == (AD_HOC, "open", False)
        supervisor: Client = server.client(pair.supervisor)
        assert supervisor.post("sampling/api/events", {"events": [pair.covered()]}).status == 200
        (entry,) = pair.scene.service.journal.entries(review=pair.session, kinds=["agenda_covered"])
        assert hand(pair.covered(1, entry.id, note="")) == 400


def test_what_an_undo_brings_back_is_judged_and_not_what_stood_before_it(pair: Pair) -> None:
    """Of the supervisor too: the earlier actions are looked at before a formal session closes, whatever it was meanwhile."""
    world = pair.scene.service.world()
    review = next(
        one.id
        for one in world.reviews.values()
        if one.stage == "first" and one.practitioner_key == pair.scene.key(SUPERVISEE) and not world.is_closed(one)
    )
    action, due = new_id(), "2026-11-10"
    words = {"action_kind": "other", "text": "Ring the GP.", "owner": SUPERVISEE, "due": due, "review_date": due}
    pair.scene.append(pair.supervisor, event("action_raised", review, f"action:{action}", {"action": action, **words}))
    *opened, closing = to_a_formal_one(pair)
    pair.scene.append(pair.supervisor, *opened[:1])
    pair.scene.append(pair.supervisor, *opened[1:])
    unseen = "1 of 1 earlier action is still to be reviewed. Look at each before you close the session"
    assert pair.page(pair.supervisor)["session_kind"] == AD_HOC
    assert pair.refused(pair.supervisor, closing) == [unseen]
    pair.scene.append(pair.supervisor, pair.closing(3))  # as an ad hoc one it may close
    assert pair.page(pair.supervisor)["counts"] is False


@pytest.mark.parametrize("kind", [AD_HOC, FORMAL])
def test_who_a_session_is_with_stays(pair: Pair, kind: str) -> None:
    scene = pair.scene
    pair_of = (OTHER_SUPERVISOR, SUPERVISOR)
    other = next(name for name in pair_of if name != pair.supervisor)
    pair.scene.append(pair.supervisor, pair.opening(kind))
    somebody = next(
        one.practitioner_key
        for one in scene.service.world().reviews.values()
        if one.rater == scene.key(pair.supervisor) and one.practitioner_key != scene.key(SUPERVISEE)
    )
    for name in (SUPERVISEE, pair.supervisor):
        assert PEOPLE_STAY in pair.refused(name, pair.opening(kind, 1, supervisees=[somebody]))
        assert PEOPLE_STAY in pair.refused(name, pair.opening(kind, 1, supervisor=scene.key(other)))
        assert PEOPLE_STAY in pair.refused(
            name, pair.opening(kind, 7, supervisees=[somebody])
        )  # not as a second value either
    assert pair.page(SUPERVISEE)["supervisees"][0]["key"] == scene.key(SUPERVISEE)
    with pytest.raises(NotFound):
        pair.page(other)


def test_kind_and_day_are_the_supervisors_to_change(pair: Pair) -> None:
    yesterday = str(pair.scene.today - timedelta(days=1))
    pair.scene.append(SUPERVISEE, pair.opening(AD_HOC))
    for changed in (pair.opening("duty_consultation", 1), pair.opening(AD_HOC, 1, held_on=yesterday)):
        assert pair.refused(SUPERVISEE, changed) == [SUPERVISOR_CHANGES]
    pair.scene.append(pair.supervisor, pair.opening(FORMAL, 1, held_on=yesterday))
    page = pair.page(SUPERVISEE)
    assert (page["session_kind"], page["held_on"]) == (FORMAL, yesterday)
    assert pair.refused(SUPERVISEE, pair.closing(2)) == [SUPERVISOR_CLOSES]


def test_everyone_takes_back_what_they_wrote_themselves_alone(pair: Pair) -> None:
    pair.scene.append(pair.supervisor, pair.opening(AD_HOC))
    entry = pair.covered()
    pair.scene.append(pair.supervisor, entry)
    assert pair.refused(SUPERVISEE, pair.covered(1, entry["id"], note="")) == [NOT_YOURS]
    assert pair.refused(SUPERVISEE, pair.covered(1, new_id(), note="")) == [NOT_YOURS]
    pair.scene.append(pair.supervisor, pair.covered(1, entry["id"], note="Every day."))
    closing = pair.closing(1)
    pair.scene.append(pair.supervisor, closing)
    reopening = pair.opening(AD_HOC, 2, closing["id"])
    assert pair.page(SUPERVISEE)["close"]["closed"]["may_take_back"] is False
    assert pair.refused(SUPERVISEE, reopening) == [NOT_YOURS]
    assert pair.page(pair.supervisor)["close"]["closed"]["may_take_back"] is True
    pair.scene.append(pair.supervisor, reopening)
    assert pair.page(SUPERVISEE)["state"] == "open"


def test_a_closing_that_was_taken_back_returns_with_no_other_event(pair: Pair) -> None:
    """To take back the taking back is to close: by whoever may, under all that a closing needs."""
    pair.scene.append(SUPERVISEE, pair.opening(AD_HOC))
    closing = pair.closing(1)
    pair.scene.append(SUPERVISEE, closing)
    again = pair.opening(AD_HOC, 2, closing["id"])
    pair.scene.append(SUPERVISEE, again)
    pair.scene.append(pair.supervisor, pair.opening(FORMAL, 3))
    back = pair.opening(AD_HOC, 4, again["id"])
    assert SUPERVISOR_CHANGES in pair.refused(SUPERVISEE, back)
    assert pair.page(SUPERVISEE)["session_kind"] == FORMAL


def test_which_of_two_openings_stands_is_the_supervisors_to_say(pair: Pair) -> None:
    pair.scene.append(SUPERVISEE, pair.opening(AD_HOC))
    formal, day = pair.opening(FORMAL, 1), pair.opening(AD_HOC, 1)
    pair.scene.append(pair.supervisor, day)
    assert pair.scene.append(pair.supervisor, formal)["receipts"][0]["status"] == "conflict"
    choice = pair.said("conflict_resolved", "session", 3, chosen=formal["id"], instead_of=day["id"])
    assert pair.refused(SUPERVISEE, choice) == [NOT_YOUR_CHOICE]
    pair.scene.append(pair.supervisor, choice)
    assert pair.page(SUPERVISEE)["session_kind"] == FORMAL


def test_an_action_of_a_session_is_about_the_work_of_someone_in_it(pair: Pair) -> None:
    pair.scene.append(SUPERVISEE, pair.opening(AD_HOC))
    for practitioner in (pair.scene.key(MODERATOR), pair.scene.key(pair.supervisor), None):
        assert pair.refused(SUPERVISEE, pair.raising(practitioner)) == [NOT_IN_SESSION]
    pair.scene.append(SUPERVISEE, pair.raising(pair.scene.key(SUPERVISEE)))
    assert len(pair.page(SUPERVISEE)["actions"]) == 1


def test_an_action_of_a_review_is_about_the_work_of_whose_case_it_is(pair: Pair) -> None:
    review = pair.scene.single(pair.supervisor)
    raising = {**pair.raising(pair.scene.key(MODERATOR)), "review": review}
    with pytest.raises(EventsRefused) as caught:
        pair.scene.append(pair.supervisor, raising)
    assert [one.message for one in caught.value.findings] == [
        "An action of a review is about the work of the person whose case it is"
    ]


def sign(pair: Pair, name: str) -> None:
    shown = pair.page(name)
    asked = {"id": new_id(), "review": pair.session, "role": shown["sign_as"], "statement": shown["statement"]}
    pair.scene.service.sign(pair.scene.key(name), {**asked, "content": shown["content"]}, now=pair.scene.now)


def test_a_record_that_was_signed_and_opened_again_says_that_its_signatures_no_longer_stand(pair: Pair) -> None:
    pair.scene.append(pair.supervisor, pair.opening(AD_HOC))
    closing = pair.closing(1)
    pair.scene.append(pair.supervisor, closing)
    sign(pair, pair.supervisor)
    sign(pair, SUPERVISEE)
    assert pair.page(SUPERVISEE)["record_state"] == "agreed"
    pair.scene.append(pair.supervisor, pair.opening(AD_HOC, 2, closing["id"]))
    pair.scene.append(pair.supervisor, pair.closing(3))  # as it was, and yet not signed: nobody has read it since
    page = pair.page(SUPERVISEE)
    lost = [(one["role"], one["void_reason"]) for one in page["signatures"] if one["void"]]
    why = "The record was changed after it was signed."
    assert (page["record_state"], page["sign_as"]) == ("draft", "supervisee")
    assert lost == [("supervisor", why), ("supervisee", why)]
    assert page["copy"].count("No longer stands: the record was changed after it was signed.") == 2
    sign(pair, pair.supervisor)
    sign(pair, SUPERVISEE)
    page = pair.page(SUPERVISEE)
    assert page["record_state"] == "agreed"
    assert [one["void"] for one in page["signatures"]] == [True, True, False, False]


def test_a_reply_to_a_session_where_no_words_of_a_case_are_kept(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store, policy='copies = "references_only"\n')
    listed = scene.service.sessions(scene.key(SUPERVISEE), today=scene.today)["pairs"]
    pair = Pair(scene, scene.service.people.name_of(listed[0]["supervisor"]["key"]), new_id())
    pair.scene.append(pair.supervisor, pair.opening(AD_HOC), pair.closing(1))
    sign(pair, pair.supervisor)
    words = {"reason": "disagree", "text": "She rang twice that night."}
    assert pair.refused(SUPERVISEE, event("replied", pair.session, "reply", words)) == [
        "No words of a case are kept here. Write them into the case system. Here may stand: Written in the case system"
    ]
    there = {"reason": "disagree", "text": "Written in the case system"}
    pair.scene.append(SUPERVISEE, event("replied", pair.session, "reply", there))
    assert pair.page(pair.supervisor)["record_state"] == "disputed"
    answer = {"outcome": "rating_stands", "text": "Written in the case system"}
    pair.scene.append(pair.supervisor, event("reply_answered", pair.session, "reply_answer", answer))
    assert pair.page(SUPERVISEE)["reply"]["state"] == "answered"
    scene.service.close()


def test_the_supervisor_opens_again_what_the_supervisee_has_closed(pair: Pair) -> None:
    pair.scene.append(SUPERVISEE, pair.opening(AD_HOC))
    note, closing = pair.covered(), pair.closing(1)
    pair.scene.append(SUPERVISEE, note, closing)
    sign(pair, pair.supervisor)
    assert pair.page(pair.supervisor)["close"]["closed"]["may_take_back"] is True
    assert pair.refused(pair.supervisor, pair.covered(1, note["id"], note="")) == [NOT_YOURS]
    pair.scene.append(pair.supervisor, pair.opening(AD_HOC, 2, closing["id"]))
    page = pair.page(SUPERVISEE)
    assert (page["state"], [one["void"] for one in page["signatures"]]) == ("open", [True])
    assert pair.refused(pair.supervisor, pair.covered(1, note["id"], note="")) == [NOT_YOURS]
    assert pair.refused(pair.supervisor, pair.opening(AD_HOC, 3, closing["id"])) == [NOT_YOURS]  # it no longer stands
