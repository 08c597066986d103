"""What a rater may hand in, and when: each refusal in words for whoever asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ValidationError

from sampling.calibration.aliases import is_alias
from sampling.calibration.errors import LiveRefused, NotInSession
from sampling.calibration.state import Answers, Session
from sampling.calibration.views import Stage
from sampling.journal.events import CalibrationAnswer, Payload, plain_faults, read_payload

_WRITTEN_DOWN = ("anchor_proposed", "group_recorded")


def check_joining(found: Session, alias: str, *, agreed: bool, most: int, now: datetime) -> None:
    """Raises LiveRefused unless someone may join under that alias; `most` is how many a session takes."""
    taken = {one.alias for one in found.raters.values()}
    for wrong, sentence in (
        (found.is_over(now), "This session is over."),
        (not agreed, "To take part, agree to what is kept. Without that nothing is stored."),
        (not found.may_join, "Nobody else may join this session. Ask the trainer."),
        (len(found.present) >= most, "This session has as many raters as it can take. Ask the trainer."),
        (alias in taken or not is_alias(alias), "That alias is taken. Choose another one."),
    ):
        if wrong:
            raise LiveRefused(sentence)


def check_open(found: Session, key: str, number: int, now: datetime) -> None:
    """Raises LiveRefused unless that round is open to that rater, and NotInSession for one who was taken out."""
    rater = found.raters[key]
    if rater.removed:
        raise NotInSession("The trainer has taken this page out of the session.")
    if found.is_over(now) or found.step != "scoring" or found.round != number or rater.from_round > number:
        raise LiveRefused("This round is not open any more: what you chose last was not stored.")


def check_times(stands: Answers | None, most: int) -> None:
    """Raises LiveRefused once a rater's answers of a round were stored `most` times."""
    if stands is not None and stands.times >= most:
        raise LiveRefused("This page has stored as many answers as one takes in a round. What it stored before stands.")


def check_answers(found: Session, stage: Stage, answers: tuple[CalibrationAnswer, ...], *, locked: bool) -> None:
    """Raises LiveRefused for answers that are not of this session, and for locked ones that are not complete."""
    refs, asked = [one.criterion for one in answers], set(found.opened.criteria)
    if len(set(refs)) < len(refs) or not set(refs) <= asked:
        raise LiveRefused("An answer belongs to no criterion of this session, or to one that has an answer already.")
    if locked and set(refs) != asked:
        raise LiveRefused("Score every criterion before you lock your answers.")
    texts = [" ".join(one.text.split()) for one in stage.vignette.documents]
    for one in answers:
        if one.quote and not any(" ".join(one.quote.split()) in text for text in texts):
            raise LiveRefused("A quote must stand in the case as it is: mark it there.")


def read_answer(one: object) -> CalibrationAnswer:
    """Returns one answer as a page hands it in. Raises LiveRefused for what is none."""
    try:
        return CalibrationAnswer.model_validate(one)
    except ValidationError as error:
        raise LiveRefused("An answer could not be read: " + _words(error)) from None


def read_written(kind: str, data: Any) -> Payload:
    """Returns what a group writes down. Raises LiveRefused for another kind of event, and for what cannot be stored."""
    if kind not in _WRITTEN_DOWN:
        raise LiveRefused("That cannot be written down here.")
    try:
        return read_payload(kind, data)
    except ValidationError as error:
        raise LiveRefused("This could not be stored: " + _words(error)) from None


def _words(error: ValidationError) -> str:
    return "; ".join(f"{where or 'it'}: {sentence}" for where, sentence in plain_faults(error)) + "."
