"""The refusals of the scoring service, each for the person who asked; the handlers turn them into an HTTP status."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from sampling.errors import Finding, SamplingError


class AccessRefused(SamplingError):
    """The person may not see or do this. The message says why, and never what is hidden."""

    status: ClassVar[int] = 403


class NotFound(SamplingError):
    """There is no such review, case or session for this person."""

    status: ClassVar[int] = 404


class OutOfDate(SamplingError):
    """What was to be signed is no longer what is stored."""

    status: ClassVar[int] = 409


class EventsRefused(SamplingError):
    """Events that may not be stored, refused as a whole; `findings` has every fault with its place."""

    status: ClassVar[int] = 400


def refused(faults: Iterable[tuple[str, str]]) -> EventsRefused:
    """Returns the refusal of events from (place, sentence) pairs."""
    findings = [Finding("EVENT_REFUSED", sentence.removesuffix("."), file=where) for where, sentence in faults]
    count = len(findings)
    return EventsRefused(
        f"{count} change{'' if count == 1 else 's'} could not be stored, so none of what was sent was stored.", findings
    )
