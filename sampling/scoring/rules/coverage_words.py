"""The closed codes of what is noted for coverage, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sampling.journal.events_coverage import (
    AgreedReason,
    DelayReason,
    ExemptionReason,
    NeedsOutcome,
    NeedsReason,
    ObjectionAbout,
    ObjectionDecision,
    ObjectionReason,
)

DELAYS: Mapping[DelayReason, str] = {
    "supervisee_away": "The supervisee was away",
    "supervisor_away": "The supervisor was away",
    "urgent_work": "Urgent work on a case came first",
    "asked_by_supervisee": "The supervisee asked for another day",
    "no_supervisor": "There was no supervisor",
    "changed_hands": "The case or the person had just changed hands",
    "other": "Another reason, in the supervision record",
}
EXEMPTIONS: Mapping[ExemptionReason, str] = {
    "plan_on_course": "The plan is on course, and nothing new is to be decided",
    "about_to_close": "The case is about to be closed or handed over",
    "supervised_elsewhere": "Another team supervises the case",
    "cared_for_elsewhere": "Another service cares for the person for now",
    "other": "Another reason, where the references lead",
}
AGREED: Mapping[AgreedReason, str] = {
    "returned": "return after a long absence",
    "newly_qualified": "newly qualified",
    "capability": "support with the work",
    "risk": "risk",
    "complexity": "complexity",
    "progression": "how the work goes on",
    "asked_for": "asked for by the supervisee",
    "other": "another reason, in the supervision record",
}
NEEDS: Mapping[NeedsReason, str] = {
    "model": "The model does not fit my work",
    "frequency": "It is too seldom, or too often",
    "content": "What I need is not on the agenda",
    "relationship": "The relationship does not work",
    "protected_time": "The time is not protected",
    "other": "Something else",
}
NEEDS_OUTCOMES: Mapping[NeedsOutcome, str] = {
    "changed": "Something was changed",
    "talked_over": "We talked it over, and go on",
    "passed_on": "Passed on to a senior manager",
    "other_supervision": "Other supervision was arranged",
}
OBJECTIONS: Mapping[ObjectionAbout, str] = {
    "third_party_access": "Nobody else should read it",
    "redaction": "Something should be taken out",
}
DECISIONS: Mapping[ObjectionDecision, str] = {
    "upheld": "Upheld",
    "partly_upheld": "Upheld in part",
    "not_upheld": "Not upheld",
}
DECISION_REASONS: Mapping[ObjectionReason, str] = {
    "accurate": "The record is accurate",
    "inaccurate": "The record is not accurate",
    "about_somebody_else": "It is about somebody else",
    "purpose_stated": "It is read for a purpose of the policy",
    "purpose_not_stated": "It is read for no purpose of the policy",
    "legal_duty": "A legal duty asks for it",
    "other": "Another reason, in the answer that was given",
}
# What a worker's folder should hold (seed C12), in the words of the profile that asks for it: policies/assurance/bournemouth.toml.
FOLDER_ITEMS: Mapping[str, str] = {
    "agreement": "Supervision agreement, signed by both",
    "caseload": "Printed current caseload",
    "case_sheets": "Supervision record sheet of each service user, in alphabetical order",
    "plans": "Latest plan of each service user (child protection, care, child in need)",
    "personal": "Section for personal issues",
    "training": "Training profile",
    "appraisal": "Copy of the last appraisal (PADR)",
    "qualification": "Copy of the qualification certificate",
    "registration": "Registration number",
    "driving_licence": "Copy of the driving licence",
    "car_insurance": "Copy of the car insurance",
    "mot": "Copy of the MOT certificate",
}


def listed(words: Mapping[Any, str]) -> list[dict[str, str]]:
    """Returns code and label of each choice, as the screens take them.

    >>> listed({"a": "A"})
    [{'code': 'a', 'label': 'A'}]
    """
    return [{"code": code, "label": label} for code, label in words.items()]
