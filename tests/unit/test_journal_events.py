"""Payloads are strict: what one engine would keep and another would not, or what is no day, is refused in a plain sentence."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest
from pydantic import BaseModel, ValidationError

from sampling.journal.events import (
    Accessed,
    Commented,
    EvidencePointed,
    Parked,
    Payload,
    Rated,
    Replied,
    SessionOpened,
    payload_kinds,
    plain_faults,
    read_payload,
    subject_fits,
    subject_of,
)

ID, KEY, REF = "0" * 32, "a" * 64, "crisis_plan/signs"
# One of each kind, as the browser sends it: a test below says when a kind is missing here.
EXAMPLES: dict[str, tuple[str, dict[str, object]]] = {
    "journal_opened": ("", {"journal": ID, "seal_key": KEY}),
    "accessed": ("access", {"purpose": "audit", "what": "case"}),
    "rubrics_frozen": ("rubrics", {"rubrics": [{"rubric": "crisis_plan", "version": "1.0", "digest": KEY}]}),
    "rated": (f"rating:{REF}", {"criterion": REF, "rubric_version": "1.0", "rubric_digest": KEY, "level": 2}),
    "commented": (f"comment:{REF}", {"criterion": REF, "text": "é\nü\t"}),
    "evidence_pointed": (
        f"evidence:{ID}",
        {"pointer": ID, "criterion": REF, "note_date": "2026-10-31", "note_kind": "phone", "start": 0, "end": 9},
    ),
    "evidence_withdrawn": (f"evidence:{ID}", {"pointer": ID}),
    "safety_answered": (f"safety:{REF}", {"criterion": REF, "answer": "nobody"}),
    "deviation_recorded": ("deviation:manager", {"by": "manager", "guideline": "g", "text": "t"}),
    "action_raised": (
        f"action:{ID}",
        {
            "action": ID,
            "action_kind": "other",
            "text": "t",
            "owner": "o",
            "due": "2026-11-01",
            "review_date": "2026-11-08",
        },
    ),
    "action_moved": (
        f"action:{ID}",
        {"action": ID, "due": "2026-11-01", "review_date": "2026-11-08", "reason": "r"},
    ),
    "action_seen_in_record": (f"action:{ID}", {"action": ID, "seen_on": "2026-11-01", "reference": "note 4"}),
    "action_closed": (f"action:{ID}", {"action": ID, "outcome": "done"}),
    "hold_set": (
        "",
        {"hold": ID, "reason": "inquest", "scope": "person", "target": KEY, "statement": "s", "content": KEY},
    ),
    "hold_lifted": ("", {"hold": ID, "reason": "matter_closed", "statement": "s", "content": KEY}),
    "purge_planned": (
        "",
        {
            "plan": KEY,
            "as_of": "2031-01-01",
            "policy": KEY,
            "taken": [{"part": "ratings", "rule": "r", "entries": 2, "files": 0}],
            "held": 0,
        },
    ),
    "purge_approved": ("", {"plan": KEY}),
    "purge_run": ("", {"plan": KEY, "planned_by": KEY, "approved_by": KEY, "taken": [], "files": [KEY]}),
    "purge_finished": ("", {"plan": KEY, "files": 1, "swept": True}),
    "parked": ("parked", {"parked": True}),
    "referred": ("referred", {"reason": "r"}),
    "signed": ("signature:rater", {"role": "rater", "statement": "s", "content": KEY}),
    "seed_shown": ("seed", {"vignette": "mr-u-and-the-umbrella-1.0", "vignette_digest": KEY, "because": "referred"}),
    "signature_voided": ("signature:rater", {"role": "rater", "content": KEY, "reason": "changed"}),
    "replied": ("reply", {"reason": "agree", "text": "t"}),
    "reply_answered": ("reply_answer", {"outcome": "rating_stands", "text": "t"}),
    "unsealed": ("", {"keys": {ID: KEY}}),
    "moderated": (f"moderation:{REF}", {"criterion": REF, "choice": "first", "reason": "judgement"}),
    "anchor_flagged": (f"anchor:{REF}", {"criterion": REF, "rubric_version": "1.0", "note": "n"}),
    "conflict_resolved": (f"rating:{REF}", {"chosen": ID, "instead_of": "1" * 32}),
    "phrase_kept": ("phrase:1", {"criterion": REF, "text": "t", "shared": False}),
    "pasted_into_record": ("paste", {"pasted_on": "2026-11-01", "reference": "r"}),
    "session_opened": (
        "session",
        {"session_kind": "group", "held_on": "2026-11-01", "supervisor": KEY, "supervisees": [KEY]},
    ),
    "agenda_covered": ("agenda:escalation_use", {"item": "escalation_use", "covered": True}),
    "prompt_answered": ("prompt:analysis", {"prompt": "analysis", "skipped": False}),
    "prior_action_reviewed": (f"prior:{ID}", {"action": ID, "finding": "done"}),
    "case_discussed": (f"discussed:{KEY}", {"case": KEY, "came_by": "drawn"}),
    "session_closed": ("session", {"minutes": 60}),
    "time_spent": ("time", {"seconds": 60}),
    "purged": ("", {"rule": "r", "entries": [ID]}),
    "calibration_opened": (
        "calibration",
        {
            "vignette": "ms-a-1.0",
            "vignette_digest": KEY,
            "rubric": {"rubric": "crisis_plan", "version": "1.0", "digest": KEY},
            "criteria": [REF],
            "code": "K7M2QX",
            "until": "2026-11-30T12:00:00Z",
            "auto_reveal": False,
            "least": 5,
            "consent": "Kept: levels.",
        },
    ),
    "calibration_joined": ("", {"alias": "Heron 2", "from_round": 1, "agreed": True}),
    "calibration_removed": ("", {"rater": KEY}),
    "calibration_answered": (
        f"answers:1/{KEY}",
        {"round": 1, "locked": True, "answers": [{"criterion": REF, "level": 2, "quote": "q"}]},
    ),
    "calibration_staged": ("stage", {"focus": REF, "talk_until": "", "may_join": True}),
    "calibration_stepped": ("step", {"step": "revealed", "round": 1}),
    "anchor_proposed": (f"anchor:{ID}", {"proposal": ID, "criterion": REF, "level": 1, "text": "t"}),
    "pattern_seen": (
        f"pattern_seen:{ID}/2026-10",
        {"pattern": ID, "rule": "drift", "month": "2026-10", "seen_on": "2026-11-05"},
    ),
    "pattern_response": (
        f"pattern_response:{ID}/{ID}",
        {"pattern": ID, "response": ID, "decided_on": "2026-11-05", "what": "w", "owner": "o", "due": "2026-12-01"},
    ),
    "pattern_outcome": (
        f"pattern_outcome:{ID}/{ID}",
        {"pattern": ID, "response": ID, "outcome": "done", "on": "2026-12-01"},
    ),
    "absence_noted": (f"absence:{ID}", {"absence": ID, "person": KEY, "first": "2026-11-02", "last": "2026-11-06"}),
    "newly_qualified_noted": (f"newly_qualified:{KEY}", {"person": KEY, "newly_qualified": True}),
    "delay_noted": (
        f"delay:{ID}",
        {"delay": ID, "person": KEY, "first": "2026-11-02", "reason": "supervisee_away"},
    ),
    "case_delay_noted": (
        f"case_delay:{ID}",
        {"delay": ID, "case": KEY, "first": "2026-11-02", "reason": "changed_hands"},
    ),
    "case_exempted": (
        f"exemption:{ID}",
        {
            "exemption": ID,
            "case": KEY,
            "first": "2026-11-02",
            "reason": "about_to_close",
            "case_reference": "note 4",
            "session_reference": "3 November",
        },
    ),
    "interval_agreed": (
        f"interval:{ID}",
        {"agreed": ID, "person": KEY, "every": 2, "unit": "week", "first": "2026-11-02", "reason": "returned"},
    ),
    "case_interval_agreed": (
        f"case_interval:{ID}",
        {"agreed": ID, "case": KEY, "every": 2, "unit": "week", "first": "2026-11-02", "reason": "risk"},
    ),
    "agreement_drafted": (
        f"agreement:{ID}",
        {
            "agreement": ID,
            "person": KEY,
            "supervisor": "b" * 64,
            "drafted_on": "2026-11-02",
            "reference": "file, section 1",
        },
    ),
    "agreement_signed": (
        f"agreement_signed:{ID}/supervisee",
        {"agreement": ID, "person": KEY, "role": "supervisee", "content": KEY, "agreed_on": "2026-11-01"},
    ),
    "agreement_reviewed": (
        f"agreement_review:{ID}/{ID}",
        {"agreement": ID, "review": ID, "person": KEY, "on": "2026-11-02"},
    ),
    "appraisal_held": (f"appraisal:{ID}", {"appraisal": ID, "person": KEY, "on": "2026-11-02"}),
    "folder_checked": (f"folder:{KEY}/training", {"person": KEY, "item": "training", "on": "2026-11-02"}),
    "supervisor_trained": (f"trained:{ID}", {"training": ID, "person": KEY, "on": "2026-11-02"}),
    "needs_flagged": (
        f"needs:{ID}",
        {"flag": ID, "person": KEY, "supervisor": "b" * 64, "to": "supervisor", "reason": "model"},
    ),
    "needs_answered": (f"needs_answer:{ID}", {"flag": ID, "person": KEY, "outcome": "changed"}),
    "objection_raised": (f"objection:{ID}", {"objection": ID, "person": KEY, "about": "redaction", "of": ID}),
    "objection_decided": (
        f"objection_decision:{ID}",
        {
            "objection": ID,
            "person": KEY,
            "decision": "upheld",
            "reason": "inaccurate",
            "decided_by": "Assistant Director",
            "decided_on": "2026-11-02",
        },
    ),
    "session_described": ("described", {"functions": ["management", "support"], "personal": True}),
    "judgement_endorsed": (
        f"endorsed:{ID}",
        {"endorsement": ID, "case": KEY, "point": "escalation", "outcome": "endorsed"},
    ),
    "group_recorded": (
        "group",
        {"concern": "c", "actions": [{"action": ID, "text": "t", "owner": "o", "due": "2026-11-30"}], "reviewed": []},
    ),
}


def test_there_is_an_example_of_each_kind() -> None:
    ours = {kind for kind, payload in payload_kinds().items() if payload.__module__.startswith("sampling.")}
    assert ours - set(EXAMPLES) == set()


@pytest.mark.parametrize("kind", EXAMPLES)
def test_each_kind_comes_back_from_its_own_json(kind: str) -> None:
    subject, data = EXAMPLES[kind]
    payload = read_payload(kind, data)
    assert read_payload(kind, json.loads(json.dumps(payload.model_dump(mode="json")))) == payload
    assert subject_fits(payload, subject)
    assert not subject_fits(payload, "nonsense:of:mine") or kind == "conflict_resolved"


@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_unknown_field_is_refused(kind: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_payload(kind, {**EXAMPLES[kind][1], "surprise": 1})
    assert ("surprise", "this field is not known") in plain_faults(refused.value)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no such kind of event"):
        read_payload("rated_twice", {})


def test_subjects_are_said_by_the_payload() -> None:
    answered = Replied(reason="agree", text="")
    assert subject_of(answered) is None
    assert subject_fits(answered, "reply") and subject_fits(answered, f"reply:{REF}") and not subject_fits(answered, "")
    assert subject_fits(Accessed(purpose="audit", what="case"), "")
    assert not subject_fits(Parked(parked=True), "")


DAYS_REFUSED = (
    0,
    1,
    1793404800,
    20000.5,
    "0",
    "1793404800",
    "2026-11-30T00:00:00",
    "31/10/2026",
    "٢٠٢٦-١١-٣٠",
    None,
    True,
)


@pytest.mark.parametrize("value", [*DAYS_REFUSED, datetime(2026, 11, 30)], ids=repr)
def test_what_is_no_day_is_refused(value: object) -> None:
    data = {**EXAMPLES["evidence_pointed"][1], "note_date": value}
    with pytest.raises(ValidationError) as refused:
        read_payload("evidence_pointed", data)
    assert plain_faults(refused.value) == [("note_date", "a day is written like 2026-11-30")]


def test_a_day_that_no_month_has_is_refused() -> None:
    with pytest.raises(ValidationError) as refused:
        read_payload("evidence_pointed", {**EXAMPLES["evidence_pointed"][1], "note_date": "2026-02-30"})
    assert plain_faults(refused.value) == [("note_date", "there is no such day")]


def test_a_day_is_a_day() -> None:
    payload = read_payload("evidence_pointed", {**EXAMPLES["evidence_pointed"][1], "note_date": date(2026, 10, 31)})
    assert isinstance(payload, EvidencePointed) and payload.note_date == date(2026, 10, 31)


@pytest.mark.parametrize("character", ["\0", "\x01", "\x0b", "\r", "\x1b", "\x7f", "\x85", "\ud800", "\udfff"])
def test_a_character_that_not_every_engine_keeps_is_refused(character: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Commented(criterion=REF, text=f"abc{character}d")
    [(where, sentence)] = plain_faults(refused.value)
    assert where == "text"
    expected = (f"character 4 (U+{ord(character):04X}) cannot be stored; delete it", "this cannot be stored as it is")
    assert sentence in expected


@pytest.mark.parametrize("text", ["a\nb\tc", "Zoë 👩‍⚕️", "‏עברית", "= + - @", "[" * 500, "\\" * 99 + '"', "￿", "  "])
def test_every_other_text_is_kept(text: str) -> None:
    assert Commented(criterion=REF, text=text).text == text


@pytest.mark.parametrize(
    ("kind", "change", "where", "sentence"),
    [
        ("commented", {"text": "x" * 20_001}, "text", "this may have at most 20000 characters"),
        ("action_raised", {"owner": ""}, "owner", "this may not be empty"),
        ("rated", {"level": 4}, "level", "this number is too large"),
        ("rated", {"level": -1}, "level", "this number is too small"),
        ("rated", {"level": "2"}, "level", "this must be a whole number"),
        ("rated", {"level": True}, "level", "this must be a whole number"),
        ("rated", {"criterion": "Crisis Plan"}, "criterion", "this is not written as it must be"),
        ("rated", {"code": "not_accessible"}, "", "a rating is a level or a code, not both"),
        ("rated", {"level": None, "code": "not_accessible"}, "", "a code needs its reason, and a reason its code"),
        ("parked", {"parked": 1}, "parked", "this must be yes or no"),
        (
            "action_raised",
            {"review_date": "2026-10-31"},
            "",
            "an action is reviewed on or after the day on which it is due",
        ),
        ("safety_answered", {"answer": "no"}, "answer", "this must be one of: 'nobody', 'acting_now' or 'handed_over'"),
        ("session_opened", {"supervisees": [KEY] * 201}, "supervisees", "this may have at most 200 items"),
        ("session_opened", {"supervisees": KEY}, "supervisees", "this must be a list"),
        ("rubrics_frozen", {"rubrics": [{"rubric": "x"}]}, "rubrics.0.version", "this is missing"),
        ("absence_noted", {"last": "2026-11-01"}, "", "the last day cannot be before the first"),
        ("case_exempted", {"case_reference": ""}, "case_reference", "this may not be empty"),
        ("interval_agreed", {"every": 0}, "every", "this number is too small"),
        ("session_described", {"functions": ["support", "support"]}, "", "each function is named once"),
    ],
)
def test_a_fault_is_told_in_words_without_the_value(
    kind: str, change: dict[str, object], where: str, sentence: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        read_payload(kind, {**EXAMPLES[kind][1], **change})
    assert (where, sentence) in plain_faults(refused.value)


def test_a_payload_cannot_be_changed() -> None:
    payload = Rated(criterion=REF, rubric_version="1.0", rubric_digest=KEY, level=1)
    with pytest.raises(ValidationError, match="frozen"):
        payload.level = 2  # type: ignore[misc]


def test_payloads_are_all_payloads() -> None:
    assert all(issubclass(kind, Payload) and issubclass(kind, BaseModel) for kind in payload_kinds().values())
    assert SessionOpened in payload_kinds().values()
