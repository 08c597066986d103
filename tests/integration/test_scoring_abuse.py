"""What a person could try with events that are well formed: each way round a rule of scoring is refused, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from scoring_service import (
    MODERATOR,
    OTHER_SUPERVISOR,
    SUPERVISEE,
    SUPERVISOR,
    Scene,
    event,
    full_rating,
    make_service,
    new_id,
    rated,
)

from sampling.journal.events import Replied
from sampling.journal.store import Draft, Opener
from sampling.scoring.errors import AccessRefused, EventsRefused, NotFound, OutOfDate
from sampling.scoring.rules.signing import void_id
from sampling.scoring.settings.access import Standing, refusal_to_choose

NO_CONFLICT = "There are no two such values to choose between. Reload the page"
NOT_YOUR_CHOICE = "Which of two values stands is for the person to say whose entry it is"
OPEN_NOW = "Both ratings of this case are open now, so what was rated blind stays. The moderator's row says what holds"
RESCORING = "You are scoring this case again. What was scored first is shown once you have signed the follow-up."


@pytest.fixture
def scene(tmp_path: Path, private_store: Path) -> Iterator[Scene]:
    made = make_service(tmp_path, private_store)
    yield made
    made.service.close()


def refused(scene: Scene, name: str, *events: dict[str, Any]) -> list[str]:
    """Returns the sentences with which the events are refused."""
    with pytest.raises(EventsRefused) as caught:
        scene.append(name, *events)
    return [finding.message for finding in caught.value.findings]


def choice(review: str, subject: str, chosen: str, instead_of: str, base: int, **more: Any) -> dict[str, Any]:
    return event("conflict_resolved", review, subject, {"chosen": chosen, "instead_of": instead_of}, base, **more)


def one_ref(shown: dict[str, Any]) -> str:
    return str(next(iter(shown["state"]["criteria"])))


def twice_rated(scene: Scene) -> tuple[str, str, str, str, str]:
    """Rates a case twice, far apart, both signed. Returns first rater, first review, ref, and the two ratings that the first gave it."""
    (first_rater, first), (second_rater, second) = scene.double()
    ref = one_ref(scene.review(first_rater, first))
    old = rated(scene.review(first_rater, first), ref, 1)
    scene.append(first_rater, old)
    rest = full_rating(scene.review(first_rater, first), 3)
    scene.append(first_rater, *rest)
    new = next(one for one in rest if one["kind"] == "rated" and one["data"]["criterion"] == ref)
    scene.sign(first_rater, first)
    scene.rate_all(second_rater, second, 1)
    scene.sign(second_rater, second)
    return first_rater, first, ref, old["id"], new["id"]


def test_a_choice_between_values_does_not_change_a_rating_once_both_are_open(scene: Scene) -> None:
    rater, first, ref, old, new = twice_rated(scene)
    shown = scene.review(rater, first)
    assert not shown["sealed"]
    base = shown["state"]["criteria"][ref]["revision"]
    subject = f"rating:{ref}"
    assert refused(scene, rater, choice(first, subject, old, new, base)) == [OPEN_NOW]
    assert refused(scene, rater, choice(first, subject, old, new, base, undoes=new)) == [OPEN_NOW]
    assert scene.review(rater, first)["state"]["criteria"][ref]["level"] == 3


def test_only_two_values_that_were_written_at_once_are_chosen_between(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    ref = one_ref(scene.review(SUPERVISOR, review))
    old = rated(scene.review(SUPERVISOR, review), ref, 0)
    scene.append(SUPERVISOR, old)
    new = rated(scene.review(SUPERVISOR, review), ref, 2)
    scene.append(SUPERVISOR, new)
    subject = f"rating:{ref}"
    assert refused(scene, SUPERVISOR, choice(review, subject, old["id"], new["id"], 2)) == [NO_CONFLICT]
    other = rated(scene.review(SUPERVISOR, review), ref, 3, base=0)
    assert scene.append(SUPERVISOR, other)["receipts"][0]["status"] == "conflict"
    undoing = choice(review, subject, other["id"], new["id"], 3, undoes=old["id"])
    assert refused(scene, SUPERVISOR, undoing) == [NO_CONFLICT]
    scene.append(SUPERVISOR, choice(review, subject, other["id"], new["id"], 3))
    assert refused(scene, SUPERVISOR, choice(review, subject, new["id"], other["id"], 4)) == [NO_CONFLICT]
    assert scene.review(SUPERVISOR, review)["state"]["criteria"][ref]["level"] == 3


def test_nobody_chooses_a_void_signature_back_to_life(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review)
    signed = scene.sign(SUPERVISOR, review)["receipt"]["id"]
    shown = scene.review(SUPERVISOR, review)
    change = rated(shown, one_ref(shown), 3)
    scene.append(SUPERVISOR, change)
    back = choice(review, "signature:rater", signed, void_id(change["id"], "rater"), 2)
    assert refused(scene, SUPERVISOR, back) == [NOT_YOUR_CHOICE]
    assert not scene.service.parts(scene.key(SUPERVISOR), scene.today).asking.has_signed(review)


def test_who_may_say_which_of_two_values_stands(scene: Scene) -> None:
    """Whoever wrote them: a supervisee never between ratings, a rater never between replies, nobody between signatures."""
    one = scene.service.world().reviews[scene.single(SUPERVISOR)]
    supervisee = replace(scene.people[SUPERVISEE], key=one.practitioner_key)
    rater, moderator = scene.people[SUPERVISOR], scene.people[MODERATOR]
    moderation = replace(one, stage="moderation", rater="")
    signed = Standing(signed=True, unsealed=False)
    allowed = {
        ("rating:r/c", "rater"), ("comment:r/c", "rater"), ("reply_answer", "rater"), ("deviation:manager", "rater"),
        ("reply", "supervisee"), ("deviation:practitioner", "supervisee"), ("moderation:r/c", "moderator"),
    }  # fmt: skip
    subjects = {subject for subject, _ in allowed} | {"signature:rater", "signature:supervisee", "rubrics", "access"}
    people = {"rater": (rater, one), "supervisee": (supervisee, one), "moderator": (moderator, moderation)}
    found = {
        (subject, who)
        for subject in subjects
        for who, (person, review) in people.items()
        if not refusal_to_choose(person, review, subject, signed)
    }
    assert found == allowed


def test_a_signature_stands_under_the_sentence_that_was_shown_and_no_other(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review)
    content = scene.review(SUPERVISOR, review)["content"]
    for words in ("I do not sign this.", "x" * 2_000, ["I sign."], "\ud800"):
        request = {"id": new_id(), "review": review, "role": "rater", "statement": words, "content": content}
        with pytest.raises(OutOfDate, match="This is not the sentence that was shown"):
            scene.service.sign(scene.key(SUPERVISOR), request, now=scene.now)
    assert scene.review(SUPERVISOR, review)["state"]["signatures"] == []


@pytest.mark.parametrize("name", ["\ud800", "\x00", "ü", "../x", "=1+1", "a" * 100_000])
def test_an_id_that_is_none_is_refused_before_the_journal_is_asked(scene: Scene, name: str) -> None:
    data = {"reason": "agree", "text": ""}
    assert refused(scene, SUPERVISOR, event("replied", name, "reply", data)) == ["review must be 32 hexadecimal digits"]
    request = {"id": new_id(), "review": name, "role": "rater", "statement": "", "content": ""}
    with pytest.raises(NotFound):
        scene.service.sign(scene.key(SUPERVISOR), request, now=scene.now)


def test_a_phrase_is_changed_by_whoever_kept_it(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    said = {"criterion": one_ref(scene.review(SUPERVISOR, review)), "text": "No reason is given.", "shared": True}
    assert refused(scene, SUPERVISOR, event("phrase_kept", "", "phrase:mine", said)) == [
        "A phrase is kept on the review that it is taken from. Reload the page"
    ]
    scene.append(SUPERVISOR, event("phrase_kept", review, "phrase:mine", said))
    taken = event("phrase_kept", review, "phrase:mine", {**said, "text": ""}, 1)
    assert refused(scene, OTHER_SUPERVISOR, taken)[0] == "This review is another rater's"
    elsewhere = event("phrase_kept", scene.single(OTHER_SUPERVISOR), "phrase:mine", {**said, "text": ""})
    assert refused(scene, OTHER_SUPERVISOR, elsewhere) == ["This phrase is another person's. Keep your own beside it"]
    scene.append(SUPERVISOR, taken)


def test_a_shared_phrase_from_a_case_that_is_rated_twice_is_sealed_until_both_have_signed(scene: Scene) -> None:
    (first, one), (second, other) = scene.double()
    words = "The plan of the zebra crossing names nobody."
    shown = scene.review(first, one)
    ref = one_ref(shown)
    scene.append(first, *full_rating(shown, 2))
    scene.append(first, event("phrase_kept", one, "phrase:zebra", {"criterion": ref, "text": words, "shared": True}))

    def bank(name: str, review: str) -> list[str]:
        return [row["text"] for row in scene.review(name, review)["phrases"].get(ref, [])]

    (stored,) = [entry for entry in scene.service.journal.as_(None).entries(review=one) if entry.base == 0][-1:]
    assert (stored.kind, stored.sealed) == ("sealed", True)
    assert bank(first, one) == [words] and bank(second, other) == []
    scene.sign(first, one)
    assert bank(second, other) == []
    scene.rate_all(second, other, 2)
    scene.sign(second, other)
    assert bank(second, other) == [words]


def test_a_phrase_of_a_case_that_is_rated_once_is_offered_at_once(scene: Scene) -> None:
    mine, theirs = scene.single(SUPERVISOR), scene.single(OTHER_SUPERVISOR)
    ref = one_ref(scene.review(SUPERVISOR, mine))
    scene.append(SUPERVISOR, event("phrase_kept", mine, "phrase:a", {"criterion": ref, "text": "Yes.", "shared": True}))
    assert scene.review(OTHER_SUPERVISOR, theirs)["phrases"][ref] == [{"text": "Yes.", "shared": True}]


# A choice between two values that is sent twice


def two_values(scene: Scene) -> tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Returns a review, the two ratings written from one starting point, and the event that chooses the later one."""
    review = scene.single(SUPERVISOR)
    shown = scene.review(SUPERVISOR, review)
    ref = one_ref(shown)
    mine, theirs = rated(shown, ref, 2), rated(shown, ref, 1)
    scene.append(SUPERVISOR, mine, theirs)
    choice = {"chosen": theirs["id"], "instead_of": mine["id"]}
    return review, mine, theirs, event("conflict_resolved", review, mine["subject"], choice, 2)


def test_a_choice_that_is_clicked_twice_is_known_the_second_time(scene: Scene) -> None:
    review, _, _, choice = two_values(scene)
    stored = scene.append(SUPERVISOR, choice)["receipts"][0]
    again = {**choice, "id": new_id(), "base": 3}
    before = scene.service.journal.head()
    (receipt,) = scene.append(SUPERVISOR, again)["receipts"]
    assert receipt == {**stored, "id": again["id"], "status": "known"}
    assert scene.service.journal.head() == before
    assert scene.review(SUPERVISOR, review)["state"]["conflicts"] == []


def test_both_clicks_in_one_request_are_one_choice(scene: Scene) -> None:
    review, _, _, choice = two_values(scene)
    again = {**choice, "id": new_id()}
    receipts = scene.append(SUPERVISOR, choice, again)["receipts"]
    assert [(one["id"], one["status"]) for one in receipts] == [(choice["id"], "stored"), (again["id"], "known")]
    assert len(scene.service.journal.entries(review=review, kinds=["conflict_resolved"])) == 1


def test_the_other_choice_after_the_first_is_refused_in_words(scene: Scene) -> None:
    _, mine, theirs, choice = two_values(scene)
    scene.append(SUPERVISOR, choice)
    other = {**choice, "id": new_id(), "base": 3, "data": {"chosen": mine["id"], "instead_of": theirs["id"]}}
    assert refused(scene, SUPERVISOR, other) == [NO_CONFLICT]


def test_a_date_that_was_missed_is_not_taken_back(scene: Scene) -> None:
    """Two slips stay two, whatever is undone afterwards."""
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review)
    action = new_id()
    first, second, third = (str(scene.today + timedelta(days=days)) for days in (2, 7, 30))

    def of_action(kind: str, base: int, due: str, **more: Any) -> dict[str, Any]:
        undoes = {"undoes": more.pop("undoes")} if "undoes" in more else {}
        data = {"action": action, "due": due, "review_date": due, **more}
        return event(kind, review, f"action:{action}", data, base, **undoes)

    words = {"action_kind": "other", "text": "Ring the GP.", "owner": "Ruth"}
    scene.append(SUPERVISOR, of_action("action_raised", 0, first, **words))
    scene.sign(SUPERVISOR, review)
    moved = of_action("action_moved", 1, second, reason="On leave.")
    scene.later(days=5).append(SUPERVISOR, moved)
    late = scene.later(days=20)
    hiding = of_action("action_moved", 2, third, reason="Again.", undoes=moved["id"])
    missed = "This date was missed, so that it stays on record. Move it with a reason, or close the action"
    assert refused(late, SUPERVISOR, hiding) == [missed]
    late.append(SUPERVISOR, of_action("action_moved", 2, third, reason="Again."))
    (row,) = late.service.follow_up(late.key(SUPERVISOR), today=late.today)["later"]
    assert [one["due"] for one in row["missed"]] == [first, second] and row["slipped"] == 2


def test_who_scores_a_case_again_finds_the_first_levels_nowhere(scene: Scene) -> None:
    rater, first, ref, _, _ = twice_rated(scene)
    service, moderator = scene.service, scene.key(MODERATOR)
    case = next(
        row["case"] for row in service.moderation_list(moderator, today=scene.today)["cases"] if row["may_moderate"]
    )
    page = service.moderation(moderator, case, now=scene.now)
    settled = {"choice": "other", "level": 1, "reason": "judgement"}
    rows = [one for one in page["criteria"] if one["needs_decision"]]
    scene.append(
        MODERATOR,
        *(
            event("moderated", page["review"], f"moderation:{one['ref']}", {"criterion": one["ref"], **settled})
            for one in rows
        ),
    )
    assert service.moderation(scene.key(rater), case, now=scene.now)["view"] == "learning"
    later = scene.later(days=8)
    again = service.follow_up(later.key(rater), today=later.today)["rescore"][0]["review"]
    later.append(rater, rated(later.review(rater, again), ref, 2))
    with pytest.raises(AccessRefused) as caught:
        service.moderation(later.key(rater), case, now=later.now)
    assert caught.value.message == RESCORING
    later.append(rater, *full_rating(later.review(rater, again), 1))
    later.sign(rater, again)
    assert service.compare(later.key(rater), again, today=later.today)["first"] == first
    last = later.later(days=10)
    rows = service.follow_up(last.key(rater), today=last.today)["rescore"]
    third = next(row["review"] for row in rows if row["stage"] == "follow_up-2")
    last.append(rater, rated(last.review(rater, third), ref, 2))
    with pytest.raises(AccessRefused) as caught:
        service.compare(last.key(rater), again, today=last.today)
    assert caught.value.message == RESCORING


def test_a_reply_in_a_session_is_its_writers_own(scene: Scene) -> None:
    """The supervisor neither takes it back nor chooses an earlier one; a closed record is not changed by a choice."""
    world, supervisee = scene.service.world(), scene.key(SUPERVISEE)
    supervisor = next(
        world.names[one.rater] for one in world.reviews.values() if one.practitioner_key == supervisee and one.rater
    )
    session = new_id()
    about = {"held_on": str(scene.today), "supervisor": scene.key(supervisor), "supervisees": [supervisee]}
    opened = event("session_opened", session, "session", {"session_kind": "ad_hoc", **about})
    other = event("session_opened", session, "session", {"session_kind": "formal_one_to_one", **about}, 1)
    scene.append(supervisor, opened)
    scene.append(supervisor, other)
    stale = event("session_opened", session, "session", {"session_kind": "ad_hoc", **about}, 1)
    assert scene.append(supervisor, stale)["receipts"][0]["status"] == "conflict"
    scene.append(supervisor, event("session_closed", session, "session", {"minutes": 20, "note": ""}, 3))
    closed = choice(session, "session", stale["id"], other["id"], 4)
    assert refused(scene, supervisor, closed) == [
        "This session is closed. Take the closing back to change its record; signatures then no longer stand"
    ]
    said = [Replied(reason="agree", text=""), Replied(reason="disagree", text="Not so.")]
    drafts = [Draft(new_id(), supervisee, one, session, "reply", 0) for one in said]  # from two pages at once
    secret = scene.service.secret()
    scene.service.journal.as_(Opener(secret, supervisee)).append(drafts, now=scene.now)
    for forged in (
        choice(session, "reply", drafts[1].id, drafts[0].id, 2),
        choice(session, "signature:supervisee", drafts[1].id, drafts[0].id, 0),
    ):
        assert refused(scene, supervisor, forged) == [NOT_YOUR_CHOICE]
    scene.append(SUPERVISEE, choice(session, "reply", drafts[1].id, drafts[0].id, 2))
    answer = {"reason": "agree", "text": ""}
    assert refused(scene, SUPERVISEE, event("replied", session, "reply_answer", answer)) == [NOT_YOUR_CHOICE]


def test_no_stale_change_of_the_first_rating_tells_what_it_was_while_the_case_is_scored_again(scene: Scene) -> None:
    """A change from an old starting point is answered with the value that stands."""
    review = scene.single(OTHER_SUPERVISOR)
    scene.rate_all(OTHER_SUPERVISOR, review, 1)
    scene.sign(OTHER_SUPERVISOR, review)
    later = scene.later(days=8)
    (again,) = later.service.follow_up(later.key(OTHER_SUPERVISOR), today=later.today)["rescore"]
    shown = later.review(OTHER_SUPERVISOR, again["review"])
    stale = {**rated(shown, one_ref(shown), 2), "review": review}
    later.append(OTHER_SUPERVISOR, rated(shown, one_ref(shown), 2))
    assert refused(later, OTHER_SUPERVISOR, stale) == [RESCORING.rstrip(".")]
    pair = choice(review, stale["subject"], new_id(), new_id(), 1)
    assert refused(later, OTHER_SUPERVISOR, pair) == [RESCORING.rstrip(".")]


def test_nobody_takes_an_id_that_the_service_writes_under(scene: Scene) -> None:
    """Else what the service writes under it would be refused for ever, and the other's case could be neither opened nor scored."""
    mine, theirs = scene.single(SUPERVISOR), scene.single(OTHER_SUPERVISOR)
    ref = one_ref(shown := scene.review(OTHER_SUPERVISOR, theirs))
    scene.append(OTHER_SUPERVISOR, rated(shown, ref, 2))
    written = scene.service.journal.entries(review=theirs, kinds=["accessed", "rubrics_frozen"])
    assert len(written) == 2
    spent = event("time_spent", mine, "time", {"seconds": 5})
    taken = "Its id is one of those that the service keeps for its own entries. Give it a new id"
    own = [*(entry.id for entry in written), void_id(spent["id"], "rater")]
    for identity in own:
        assert refused(scene, SUPERVISOR, {**spent, "id": identity}) == [taken]
        with pytest.raises(EventsRefused) as caught:
            scene.service.sign(scene.key(SUPERVISOR), {"id": identity, "review": mine, "role": "rater"}, now=scene.now)
        assert [finding.message for finding in caught.value.findings] == [taken]


def test_a_signature_sent_again_in_another_form_is_refused_in_words(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review)
    shown = scene.review(SUPERVISOR, review)
    asked = {"id": new_id(), "review": review, "role": "rater", "statement": shown["statement"]}
    scene.service.sign(scene.key(SUPERVISOR), {**asked, "content": shown["content"]}, now=scene.now)
    for wrong in ({**asked, "content": None}, {**asked, "content": "x"}, {**asked, "role": ["rater"]}):
        with pytest.raises(EventsRefused) as caught:
            scene.service.sign(scene.key(SUPERVISOR), wrong, now=scene.now)
        assert caught.value.findings[0].message
    assert len(scene.service.journal.entries(review=review, kinds=["signed"])) == 1
