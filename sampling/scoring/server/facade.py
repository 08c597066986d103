"""What the server asks of a service, and of the door that leads to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from sampling.scoring.settings.policy import ScoringPolicy


class Facade(Protocol):
    """One service, as its pages see it (sampling.scoring.service). `actor` is the key of the person who asks."""

    @property
    def policy(self) -> ScoringPolicy:
        """Returns the scoring policy."""

    def me(self, actor: str) -> dict[str, Any]:
        """Returns who the person is here, and what their pages need to know."""

    def queue(self, actor: str, *, today: date, now: datetime | None = None) -> dict[str, Any]:
        """Returns the reviews that wait for the person."""

    def review(self, actor: str, review: str, *, purpose: str, now: datetime) -> dict[str, Any]:
        """Returns one review with its case, and records that it was opened."""

    def append(self, actor: str, events: list[dict[str, Any]], *, now: datetime) -> list[dict[str, Any]]:
        """Stores all of the events, or none, and returns their receipts after the commit."""

    def committed(self, actor: str, reviews: Iterable[str]) -> dict[str, Any]:
        """Returns what stands now of these reviews: the hash that a signature signs, what is missing, what was voided."""

    def sign(self, actor: str, request: dict[str, Any], *, now: datetime) -> dict[str, Any]:
        """Stores a signature under exactly what the person saw."""

    def follow_up(self, actor: str, *, today: date) -> dict[str, Any]:
        """Returns the actions and re-scores that are due."""

    def compare(self, actor: str, review: str, *, today: date) -> dict[str, Any]:
        """Returns a signed follow-up review beside the first one."""

    def moderation_list(self, actor: str, *, today: date, now: datetime | None = None) -> dict[str, Any]:
        """Returns the cases with two ratings."""

    def moderation(self, actor: str, case: str, *, now: datetime) -> dict[str, Any]:
        """Returns the two ratings of one case."""

    def sessions(self, actor: str, *, today: date) -> dict[str, Any]:
        """Returns the person's sessions."""

    def session(self, actor: str, session_id: str, *, now: datetime) -> dict[str, Any]:
        """Returns one session."""

    def assurance_mine(self, actor: str, *, period: str = "", now: datetime) -> dict[str, Any]:
        """Returns the person's own file as a supervisee, and records that it was opened."""

    def assurance_person(self, actor: str, person: str, *, period: str = "", now: datetime) -> dict[str, Any]:
        """Returns the file of one of the person's supervisees, and records that it was opened."""

    def assurance_supervisees(self, actor: str, *, now: datetime) -> dict[str, Any]:
        """Returns the person's supervisees."""

    def assurance_patterns(self, actor: str, *, now: datetime) -> dict[str, Any]:
        """Returns the patterns with the leaders' responses, for a lead."""

    def assurance_leading(self, actor: str, *, now: datetime) -> dict[str, Any]:
        """Returns what waits for a lead."""

    def assurance_export(self, actor: str, kind: Literal["txt", "json"], *, now: datetime) -> bytes:
        """Returns the person's own file with the records of their sessions, to keep."""

    def record(self, actor: str, review: str, *, purpose: str, now: datetime) -> Any:
        """Returns what the printed record of a review says."""


class Door(Protocol):
    """Leads from who asks to the service that they may use, and to who they are in it. Called in a worker's thread."""

    may_sign_out: bool  # whether signing out is ours to offer, or that of the Jupyter server around us

    def enter(self, user: str, seat: str) -> tuple[Facade, str]:
        """Returns the service and the person's key. Raises SamplingError for whoever may not enter."""
