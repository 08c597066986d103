"""What the record of one case says: from the journal alone, under the signed hash, for the purpose that it is made for."""

from __future__ import annotations

from pathlib import Path

import pytest

from sampling.scoring.record.content import NOT_CARE, RecordData, record_of
from sampling.scoring.record.page import html_page
from sampling.scoring.record.text import plain_text
from tests.records import full_record, long_record
from tests.scoring_service import (
    MODERATOR,
    SUPERVISOR,
    Scene,
    commented,
    event,
    make_service,
    new_id,
    pointed,
    rated,
)

TRIGGER, SIGNS = "escalation_rationale/trigger_recognised", "crisis_plan_currency/signs_and_routes"
QUOTE, COMMENT = "call me on Tuesdays", "Only the first half is dated."


@pytest.fixture
def scene(tmp_path: Path, private_store: Path) -> Scene:
    return make_service(tmp_path, private_store)


def record(scene: Scene, review: str, purpose: str = "supervision", name: str = SUPERVISOR) -> RecordData:
    return scene.service.record(scene.key(name), review, purpose=purpose, now=scene.now)


def scored(scene: Scene) -> str:
    """Returns a signed review with a quote, a comment, a code, a safety answer and an action."""
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review)
    shown = scene.review(SUPERVISOR, review)
    action = new_id()
    raised = {
        "action": action, "action_kind": "update_crisis_plan", "text": "Own signs, and who answers", "owner": "Ruth Adeyemi",
        "due": "2026-11-10", "review_date": "2026-11-10", "criterion": SIGNS,
    }  # fmt: skip
    scene.append(
        SUPERVISOR,
        rated(shown, TRIGGER, 3),
        pointed(shown, TRIGGER, QUOTE),
        rated(shown, SIGNS, 0),
        commented(shown, SIGNS, COMMENT),
        event("safety_answered", review, f"safety:{SIGNS}", {"criterion": SIGNS, "answer": "handed_over"}),
        rated(shown, "safeguarding_documentation/evidence", None, code="not_applicable", reason="no_such_event"),
        event("action_raised", review, f"action:{action}", raised),
    )
    scene.sign(SUPERVISOR, review)
    return review


def line(found: RecordData, title: str) -> object:
    return next(one for rubric in found.rubrics for one in rubric.criteria if one.title == title)


def test_a_record_says_what_was_scored_under_the_signed_hash(scene: Scene) -> None:
    review = scored(scene)
    found = record(scene, review)
    shown = scene.review(SUPERVISOR, review)
    assert found.signed and found.content == shown["content"] == shown["state"]["signatures"][0]["content"]
    assert [(rubric.title, rubric.version, len(rubric.criteria)) for rubric in found.rubrics] == [
        ("Escalation rationale", "1.0", 6),
        ("Crisis-plan currency", "1.0", 6),
        ("Safeguarding documentation", "1.0", 6),
    ]
    assert found.rubrics[0].digest == shown["rubrics"][0]["digest"]
    assert found.headline == "16 of 17 scored criteria at the pass level or above"
    assert found.summary == "Below: 1, of these critical: 1. Not counted: not applicable 1, record not accessible 0."
    trigger, signs = line(found, "Trigger recognised"), line(found, "Signs and routes")
    assert (trigger.mark, trigger.below) == ("3", False)  # type: ignore[attr-defined]
    assert trigger.words == shown["rubrics"][0]["criteria"][0]["levels"][3]  # type: ignore[attr-defined]
    assert QUOTE in [pointer.quote for pointer in trigger.pointers]  # type: ignore[attr-defined]
    assert (signs.mark, signs.below, signs.comment) == ("0", True, COMMENT)  # type: ignore[attr-defined]
    assert signs.safety == "Does anyone need to act today? Yes, handed over."  # type: ignore[attr-defined]
    assert line(found, "Evidence").words == "Not applicable. Nothing of this kind happened in the period."  # type: ignore[attr-defined]
    (action,) = found.actions
    assert (action.what, action.why, action.owner, action.due, action.came_of_it) == (
        "Update the crisis plan: Own signs, and who answers",
        "criterion 9",
        "Ruth Adeyemi",
        "10 Nov 2026",
        "Open",
    )
    (signature,) = found.signatures
    assert (signature.role, signature.name, signature.void) == ("Scored by", SUPERVISOR, "")
    facts = dict(found.facts)
    assert facts["Seed ends in"] == shown["seed_tail"] and facts["Level of evidence"].startswith("L0, not evidence")
    assert facts["This copy is for"] == "Supervision of my own supervisee"


def test_reading_it_changes_nothing_in_it(scene: Scene) -> None:
    review = scored(scene)
    first = html_page(record(scene, review))
    assert html_page(record(scene.later(days=3), review)) == first


def test_an_unsigned_record_says_so_and_counts_nothing(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review, 1)
    found = record(scene, review)
    assert (found.signed, found.headline, found.signatures) == (False, "Not signed", ())
    assert "Nobody has signed yet." in html_page(found) and "0 of 18" not in html_page(found)
    assert "Nobody has signed yet." in plain_text(found)


def test_a_changed_record_shows_the_signature_that_no_longer_stands(scene: Scene) -> None:
    review = scored(scene)
    shown = scene.review(SUPERVISOR, review)
    scene.append(SUPERVISOR, commented(shown, SIGNS, "Seen again."))
    found = record(scene, review)
    assert not found.signed
    assert found.signatures[0].void == "What was signed was changed afterwards"
    assert "no longer stands: What was signed was changed afterwards" in html_page(found)


def test_for_audit_case_and_practitioner_have_aliases(scene: Scene) -> None:
    review = scored(scene)
    named, found = record(scene, review), record(scene, review, "audit")
    assert named.case_label.startswith("SR000-") and found.case_label.startswith("Case ")
    page = html_page(found)
    assert named.case_label not in page and named.practitioner_label not in page
    assert dict(found.facts)["This copy is for"] == "Audit or quality assurance"
    assert QUOTE in page and SUPERVISOR in page
    assert "Case and practitioner have aliases" in page
    assert found.content == named.content


def test_a_copy_for_training_has_no_words_of_the_record_and_no_name(scene: Scene) -> None:
    review = scored(scene)
    named, found = record(scene, review), record(scene, review, "training")
    for text in (html_page(found), plain_text(found)):
        for secret in (QUOTE, COMMENT, SUPERVISOR, named.case_label, named.practitioner_label, "who answers"):
            assert secret not in text
        assert "Update the crisis plan" in text and "the rater" in text
    assert "left out of a copy for audit or training" in " ".join(found.left_out)


def test_a_moderated_criterion_shows_both_the_rating_and_the_decision(scene: Scene) -> None:
    (first, review), (second, other) = scene.double()
    for name, one, level in ((first, review, 2), (second, other, 0)):
        scene.rate_all(name, one, level)
        scene.sign(name, one)
    world = scene.service.world()
    moderation = world.stages(world.reviews[review])["moderation"]
    case = next(
        row["case"]
        for row in scene.service.moderation_list(scene.key(MODERATOR), today=scene.today)["cases"]
        if row["to_decide"]
    )
    page = scene.service.moderation(scene.key(MODERATOR), case, now=scene.now)
    assert page["review"] == moderation.id
    choice = "a" if page["criteria"][0]["a"]["level"] == 0 else "b"
    said = {"criterion": TRIGGER, "choice": choice, "reason": "evidence_missed", "note": ""}
    scene.append(MODERATOR, event("moderated", moderation.id, f"moderation:{TRIGGER}", said))
    found = record(scene, review, name=first)
    trigger = line(found, "Trigger recognised")
    assert trigger.mark == "2"  # type: ignore[attr-defined]
    assert trigger.moderated.startswith("The moderator decided on level 0, evidence missed: The record holds a change")  # type: ignore[attr-defined]


def test_the_text_for_the_case_system_holds_all_of_it_in_plain_letters() -> None:
    text = plain_text(long_record())
    assert max(map(len, text.splitlines())) <= 96
    assert text.encode("cp1252").decode("cp1252") == text
    assert '<b>"C-1\\</b>' in text and "<script>alert(1)</script> & =1+1" in text and "\x07" not in text
    whole = " ".join(plain_text(full_record()).split())
    for said in (
        "FILE REVIEW FOR SUPERVISION: SR000-000417",
        "1. Trigger recognised (critical): level 2 of 3. An entry made at the time",
        "4. Decision and reason (critical): level 0 of 3, below the pass level.",
        "Comment: Contact for out of hours is the old number",
        "- Make the safeguarding referral (criterion 16). Owner: Sam Okafor; due 10 Nov 2026, review 10 Nov 2026. Done.",
        f"Hash of the content, as it was signed: {'9f3a' * 16}",
        NOT_CARE,
    ):
        assert said in whole


def test_where_no_words_are_kept_a_comment_has_its_place(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store, policy='copies = "references_only"\n')
    review = scene.single(SUPERVISOR)
    shown = scene.review(SUPERVISOR, review)
    scene.append(SUPERVISOR, rated(shown, TRIGGER, 1), rated(shown, SIGNS, 2), pointed(shown, SIGNS))
    text = plain_text(record(scene, review), text_kept=False)
    assert "Comment: (to be written here)" in text
    assert "Evidence: 14 Oct 2026, progress note\n" in text
    assert "This service keeps no words of a case here" in text


def test_nothing_of_a_label_can_leave_its_place(scene: Scene) -> None:
    """What stands in the page's own style is letters, figures and escapes alone."""
    page = html_page(long_record())
    foot = next(text for text in page.splitlines() if "@bottom-left { content:" in text)
    inside = foot.partition('content: "')[2].partition('"')[0]
    assert set(inside) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789\\")
    assert "<script>" not in page and "&lt;script&gt;" in page


def test_the_record_is_a_function_of_the_view(scene: Scene) -> None:
    review = scored(scene)
    person = scene.people[SUPERVISOR]
    found = scene.service.world().reviews[review]
    view = scene.service.view(person, found)
    assert record_of(view, found, "supervision") == record(scene, review)
