"""Who may see and write what. Every answer of the service passes here; hiding something on the screen alone would hide nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sampling.scoring.settings.assignments import MODERATION, SECOND, Review
from sampling.scoring.settings.people import Person
from sampling.scoring.settings.policy import AUDIT, SUPERVISION, TRAINING

# What a rater writes on their own review. Signatures, unsealing and the like are never handed in.
BY_RATER = frozenset(
    (
        "rated", "commented", "evidence_pointed", "evidence_withdrawn", "safety_answered", "deviation_recorded",
        "action_raised", "action_moved", "action_seen_in_record", "action_closed", "parked", "referred", "conflict_resolved",
        "time_spent", "pasted_into_record", "reply_answered", "phrase_kept",
    )
)  # fmt: skip
# What goes on after a rater has left: their actions, and answers to replies.
BY_KEEPER = frozenset(("action_moved", "action_seen_in_record", "action_closed", "reply_answered", "conflict_resolved"))
BY_SUPERVISEE = frozenset(("replied", "deviation_recorded", "conflict_resolved"))
BY_MODERATOR = frozenset(("moderated", "anchor_flagged", "conflict_resolved", "reply_answered", "time_spent"))
# What the service, another server or a command writes, and no form.
NEVER = frozenset(
    (
        "signed", "signature_voided", "unsealed", "journal_opened", "accessed", "purged", "rubrics_frozen", "seed_shown",
        "hold_set", "hold_lifted", "purge_planned", "purge_approved", "purge_run", "purge_finished",
        "calibration_opened", "calibration_joined", "calibration_removed", "calibration_answered", "calibration_staged",
        "calibration_stepped", "anchor_proposed", "group_recorded",
    )
)  # fmt: skip
OF_SESSIONS = frozenset(
    (
        "session_opened", "agenda_covered", "prompt_answered", "prior_action_reviewed", "case_discussed", "session_closed",
        "session_described", "judgement_endorsed",
    )
)  # fmt: skip
# What was rated blind stays as it was once both may see it; actions and replies go on.
CONTENT = frozenset(("rated", "commented", "evidence_pointed", "evidence_withdrawn", "safety_answered"))
# Whose values are whose, by the beginning of their subjects: who may say which of two stands. Of signatures nobody may.
CONTENT_SUBJECTS = ("rating:", "comment:", "evidence:", "safety:")
_CHOSEN_BY_RATER = (*CONTENT_SUBJECTS, "action:", "deviation:manager", "parked", "referred", "paste", "reply_answer")
_CHOSEN_BY_KEEPER = ("action:", "reply_answer")
_CHOSEN_BY_SUPERVISEE = ("deviation:practitioner", "reply")
_CHOSEN_BY_MODERATOR = ("moderation:", "anchor:")
TOLD = (
    "This was a seeded vignette, an invented case, and you have been told its levels. What you scored stays as it was."
)
OPEN_NOW = "Both ratings of this case are open now, so what was rated blind stays. The moderator's row says what holds."
NOT_YOUR_CHOICE = "Which of two values stands is for the person to say whose entry it is."

NOT_YOURS = "This review is another rater's."
BLIND_SECOND = "This case is rated twice, by two people who do not see each other's ratings until both have signed."
UNSIGNED = "This review is shown to you once its rater has signed it."
RESCORING = "You are scoring this case again. What was scored first is shown once you have signed the follow-up."
NO_SEAT = "You have no seat here. Ask whoever keeps the people file."


@dataclass(frozen=True)
class Standing:
    """What access needs to know of a review: whether its rater has signed, whether both raters have and it is unsealed, and whether
    a follow-up of the case is being scored; `told`: it is a seeded vignette, and its rater was told so.
    """

    signed: bool
    unsealed: bool
    referred: bool = False
    rescoring: bool = False
    told: bool = False


def is_own(person: Person, review: Review) -> bool:
    """Returns whether the review is this person's to write."""
    return bool(review.rater) and person.key == review.rater


def keeps(person: Person, review: Review) -> bool:
    """Returns whether the person follows up what the review found: its rater, or whoever took over when the rater lost their seat."""
    return bool(review.keeper) and person.key == review.keeper


def is_supervisee(person: Person, review: Review) -> bool:
    """Returns whether the case is this person's own, as its practitioner."""
    return person.has("supervisee") and person.key == review.practitioner_key


def refusal_to_read(person: Person, review: Review, standing: Standing) -> str:
    """Returns why a person may not read a review, or "". Sealed contents stay closed to everyone but their author until both signed."""
    if is_own(person, review):
        hidden = standing.rescoring and review.stage != "moderation"
        return RESCORING if hidden else ""
    closed = review.sealed and not standing.unsealed
    if is_supervisee(person, review) or keeps(person, review):
        if not standing.signed:
            return UNSIGNED
        again = standing.rescoring and keeps(person, review)
        return BLIND_SECOND if closed else RESCORING if again else ""
    if person.has("moderator"):
        if closed:
            return BLIND_SECOND
        return "" if standing.unsealed or standing.referred or person.has("lead") else NOT_YOURS
    if person.has("lead"):
        return BLIND_SECOND if closed else ""
    if review.stage == SECOND or person.has("second_rater"):
        return BLIND_SECOND if review.sealed and not standing.unsealed else NOT_YOURS
    return NOT_YOURS


def refusal_to_write(person: Person, review: Review, kind: str, standing: Standing) -> str:
    """Returns why a person may not write an event of that kind on a review, or "". Raises nothing; the words are for the person."""
    if kind in NEVER:
        return "This is written by the service alone."
    if is_own(person, review) and kind in BY_RATER:
        if standing.told and kind != "time_spent":
            return TOLD
        if kind in CONTENT and standing.rescoring:
            return RESCORING  # what stands there would be told in the answer
        if kind in CONTENT and review.sealed and standing.unsealed:
            return OPEN_NOW
        return ""
    if keeps(person, review) and kind in BY_KEEPER:
        return _not_open_yet(review, standing)
    if is_supervisee(person, review) and kind in BY_SUPERVISEE:
        return refusal_to_read(person, review, standing)
    if person.has("moderator") and kind in BY_MODERATOR and review.stage == MODERATION:
        return ""
    if person.has("moderator") and kind == "reply_answered":
        return refusal_to_read(person, review, standing)
    return NOT_YOURS


def _not_open_yet(review: Review, standing: Standing) -> str:
    if not standing.signed:
        return UNSIGNED
    return BLIND_SECOND if review.sealed and not standing.unsealed else ""


def refusal_to_choose(person: Person, review: Review, subject: str, standing: Standing) -> str:
    """Returns why a person may not say which of two values on a subject stands, or "": whoever wrote them chooses."""
    if is_own(person, review) and standing.told:
        return TOLD
    if is_own(person, review) and subject.startswith(_CHOSEN_BY_RATER):
        rated = subject.startswith(CONTENT_SUBJECTS)
        if rated and standing.rescoring:
            return RESCORING
        return OPEN_NOW if rated and review.sealed and standing.unsealed else ""
    if keeps(person, review) and subject.startswith(_CHOSEN_BY_KEEPER):
        return ""
    if is_supervisee(person, review) and subject.startswith(_CHOSEN_BY_SUPERVISEE):
        return NOT_YOUR_CHOICE if subject.startswith("reply_answer") else ""
    if person.has("moderator") and review.stage == MODERATION and subject.startswith(_CHOSEN_BY_MODERATOR):
        return ""
    return NOT_YOUR_CHOICE


def purpose_for(person: Person, review: Review, purpose: str) -> str:
    """Returns the purpose that is logged and that decides about identifiers: "supervision" is the first rater's (or that of whoever
    took over from them) and the supervisee's.

    Whoever checks another's rating does so as audit, whatever they asked for (City of York, supervision standard 7).
    """
    if purpose != SUPERVISION:
        return purpose
    own = (is_own(person, review) or keeps(person, review)) and review.stage not in (SECOND, MODERATION)
    return SUPERVISION if own or is_supervisee(person, review) else AUDIT


def may_read_words(person: Person, review: Review, purpose: str) -> bool:
    """Returns whether notes, quotes, comments and references may be shown: free text identifies, whatever the labels say.

    Audit sees levels and coded facts, and so does training, which anonymised material alone may serve (NHS England, confidentiality;
    City of York, supervision standard 7). Whoever scores the case or moderates it works from the record's own words, for audit too. A
    purpose is one click of the person who asks, so none of them opens the words to a lead: that takes a seat that works on the case.
    """
    works = is_own(person, review) or keeps(person, review) or person.has("moderator")
    if purpose == TRAINING:
        return False
    return works or (purpose != AUDIT and is_supervisee(person, review))


def may_identify(purpose: str) -> bool:
    """Returns whether local ids may be shown for this purpose."""
    return purpose == SUPERVISION
