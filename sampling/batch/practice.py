"""Scripted raters for an invented service: every drawn case scored, signed and followed up a week later through the service itself.

What they hand in goes through the same door as the form's (sampling.scoring.service), is checked by the same rules and stored in the
same journal. The draw's seed decides it, so that the same draw gives the same week; a second run changes nothing. A real extract is
refused: nobody but a person may score it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sampling.batch.practice_later import later_extract
from sampling.batch.practice_meetings import decide, hold_sessions
from sampling.batch.practice_people import MODERATOR, write_people
from sampling.batch.practice_raters import Rater, chances, events_of, gaps_in, gaps_of, identities
from sampling.chain import utc_moment
from sampling.errors import StateError, UsageError
from sampling.keys import Keyring
from sampling.model import Extract
from sampling.pack import Pack, is_pack, open_pack
from sampling.scoring.rules.signing import statement
from sampling.scoring.service import Service, open_service
from sampling.scoring.settings.assignments import FIRST, FOLLOW_UPS, SECOND, Review
from sampling.scoring.settings.draws import load_draw
from sampling.scoring.settings.home import PEOPLE
from sampling.scoring.settings.people import Person
from sampling.scoring.settings.policy import SUPERVISION
from sampling.scoring.settings.preparing import prepare_from
from sampling.scoring.settings.snapshot import snapshots, take_snapshot
from sampling.sources.synthesis import seed_of

SCORED_AFTER, REWRITTEN_AFTER, FOLLOWED_UP_AFTER = timedelta(days=1), timedelta(days=6), timedelta(days=8)
LASTS = timedelta(days=9)  # so long before today the draw of a practice is dated: nothing in its journal lies ahead
NOT_INVENTED = (
    "Scripted raters score an invented service alone, and SOURCE is not one that `sampling synth` wrote and nobody changed. "
    "A real extract is scored by people: run the month without --practice, then sampling prepare and sampling score."
)
NOT_DRAWN = (
    "Nothing is drawn there yet, so that there is nothing to score. A practice needs its draw at once: add --operator with any text, "
    "for example: sampling month --out DIR --practice --operator practice"
)
_DONE, _RESCORED = (
    0.75,
    0.6,
)  # shares of actions that are seen in the record a week later, of cases that are scored again
_WORKING_DAY = timedelta(hours=7)


@dataclass(frozen=True)
class Practised:
    """What the week came to, as counts; `ended` is when its last entry was written, on the day of the follow-up."""

    home: Path
    pack: Pack
    ended: datetime
    signed: int
    seen: int
    moderated: int
    sessions: int
    rescored: int


def refuse_unless_invented(source: str) -> None:
    """Raises UsageError for any source but a service that `sampling synth` wrote and nobody changed."""
    if seed_of(source) is None:
        raise UsageError(NOT_INVENTED)


def refuse_undrawn(folder: Path) -> None:
    """Raises StateError where `folder` has no draw that was made; nothing is written."""
    if not is_pack(folder) or open_pack(folder).entry("drawn") is None:
        raise StateError(NOT_DRAWN)


def practise(
    folder: Path, source: str, extract: Extract, keyring: Keyring, *, now: datetime, extension: Path | None = None
) -> Practised:
    """Returns what became of the week after the draw in `folder`, scored and followed up by scripted raters.

    Raises UsageError for a source that is not invented, and StateError for a draw that is not made or younger than the week.
    """
    refuse_unless_invented(source)
    draw = load_draw(folder.absolute())
    if draw is None:
        raise StateError(NOT_DRAWN)
    drawn_at = utc_moment(draw.drawn_at)
    if drawn_at + LASTS > now:
        raise StateError(
            "That draw is younger than the week that the practice plays. Name a new folder for --out: its draw is dated nine days back."
        )
    if not snapshots(open_pack(draw.folder)):
        prepare_from(folder, source, extract, keyring, drawn_at, extension=extension)
    home = draw.folder.parent
    write_people(home / PEOPLE, draw)
    morning = drawn_at.replace(hour=9, minute=0, second=0)
    service = open_service(home, keyring=keyring, now=morning + SCORED_AFTER)
    try:
        return _Week(service, draw.commit, draw.seed, morning).play(source, extract, keyring, extension)
    finally:
        service.close()


class _Week:
    """The week after one draw. Every step may be run again: what is stored already is known, and what a person began is left alone."""

    def __init__(self, service: Service, commit: str, seed: str, morning: datetime) -> None:
        self.service, self.commit, self.seed = service, commit, seed
        self.scoring, self.later = morning + SCORED_AFTER, morning + FOLLOWED_UP_AFTER
        self.rewritten_on = (morning + REWRITTEN_AFTER).date()
        self.chance, self.new_id = chances(seed), identities(seed)

    def play(self, source: str, extract: Extract, keyring: Keyring, extension: Path | None) -> Practised:
        """Returns what the week came to."""
        gaps = self._score((FIRST, SECOND), self.scoring)
        seen = self._acknowledge()
        moderator = self.service.people.named(MODERATOR)
        moderated = decide(self.service, moderator, self.new_id, self.scoring + timedelta(days=1)) if moderator else 0
        self._take_later_record(source, extract, keyring, extension, gaps)
        self._look_after_actions()
        self._score(FOLLOW_UPS[:1], self.later)
        sessions = hold_sessions(self.service, self.chance, self.new_id, self.later + timedelta(hours=8))
        rescored = sum(self._is_signed(review) for review in self._reviews(FOLLOW_UPS[:1]))
        signed = sum(self._is_signed(review) for review in self._reviews((FIRST, SECOND)))
        pack = open_pack(self.service.world().draw(self._reviews((FIRST,))[0]).folder)
        return Practised(
            self.service.home, pack, self.later + _WORKING_DAY * 2, signed, seen, moderated, sessions, rescored
        )

    def _reviews(self, stages: Iterable[str]) -> list[Review]:
        """Returns the reviews of the draw at these stages that are still written to, seeded ones left out, in the order of their ids."""
        world, wanted = self.service.world(), set(stages)
        found = [
            review
            for review in world.reviews.values()
            if not review.planted
            and review.commit == self.commit
            and review.stage in wanted
            and not world.is_closed(review)
        ]
        return sorted(found, key=lambda review: (review.stage, review.id))

    def _is_signed(self, review: Review) -> bool:
        person = self.service.people.by_key(review.rater)
        return person is not None and self.service.view(person, review).is_signed(review)

    def _score(self, stages: Iterable[str], morning: datetime) -> dict[str, tuple[str, ...]]:
        """Returns case key -> criteria at a gap, after scoring and signing every review that nobody else began."""
        gaps: dict[str, tuple[str, ...]] = {}
        due = self._due(stages, morning.date())
        for number, review in enumerate(due, 1):
            now = morning + _WORKING_DAY * number / len(due)
            found = self._rate(review, now)
            if review.stage == FIRST:
                gaps[review.case_key] = found
        return gaps

    def _due(self, stages: Iterable[str], today: date) -> list[Review]:
        """Returns the reviews to be scored: of the follow-ups those that there are, less a share that is left for people to try."""
        reviews = self._reviews(stages)
        if not set(stages) & set(FOLLOW_UPS):
            return reviews
        there = {
            row["review"]
            for person in self.service.people.having("supervisor")
            for row in self.service.follow_up(person.key, today=today)["rescore"]
        }
        return [one for one in reviews if one.id in there and self.chance(f"again {one.case}") < _RESCORED]

    def _rate(self, review: Review, now: datetime) -> tuple[str, ...]:
        """Returns the gaps of a review, after scoring and signing it; one that a person began, or that is signed, is only read."""
        shown = self.service.review(review.rater, review.id, purpose=SUPERVISION, now=now)
        if shown["sign_as"] != "rater":
            return gaps_of(shown)
        person = Rater(review.stage, chances(self.seed, review.id), self.new_id, now.date())
        events = events_of(shown, person)
        written = {entry.id for entry in self.service.journal.entries(review=review.id)} - {one["id"] for one in events}
        if any(one["level"] is not None for one in shown["state"]["criteria"].values()) and written:
            events = []
        if events:
            self.service.append(review.rater, events, now=now)
        content = self.service.committed(review.rater, [review.id])
        if not content["missing"][review.id]:
            self._sign(review.rater, review.id, "rater", content["content"][review.id], now)
        return gaps_in(events, shown) if events else gaps_of(shown)

    def _sign(self, actor: str, review: str, role: str, content: str, now: datetime) -> None:
        request = {"id": self.new_id(f"{review} sign {role}"), "review": review, "role": role, "content": content}
        self.service.sign(actor, {**request, "statement": statement(role)}, now=now)

    def _acknowledge(self) -> int:
        """Returns how many reviews their practitioners have seen and signed; the first of each replies, and is answered."""
        count = 0
        now = self.scoring + timedelta(hours=8)
        for person in self.service.people.having("supervisee"):
            own = [
                one
                for one in self._reviews((FIRST,))
                if one.practitioner_key == person.key and self._open_to(person, one)
            ]
            for place, review in enumerate(own):
                now += timedelta(minutes=3)
                if place == 0 and self.chance(f"reply {person.key}") < 0.5:
                    self._reply(person, review, now)
                shown = self.service.review(person.key, review.id, purpose=SUPERVISION, now=now)
                if shown["sign_as"] == "supervisee":
                    self._sign(person.key, review.id, "supervisee", shown["content"], now)
                count += 1
        return count

    def _open_to(self, person: Person, review: Review) -> bool:
        view = self.service.view(person, review)
        return view.is_signed(review) and (not review.sealed or view.unsealed)

    def _reply(self, person: Person, review: Review, now: datetime) -> None:
        """Writes a reply of the practitioner and its answer, once."""
        shown = self.service.review(person.key, review.id, purpose=SUPERVISION, now=now)
        if shown["reply"]["state"] != "none":
            return
        said = {"reason": "evidence_missed", "text": "The call with the family stands in the duty diary of that week."}
        self.service.append(person.key, [self._event("replied", review.id, "reply", said)], now=now)
        answer = {
            "outcome": "rating_stands",
            "text": "The diary is no part of the case record. Please copy the entry across.",
        }
        self.service.append(
            review.rater,
            [self._event("reply_answered", review.id, "reply_answer", answer)],
            now=now + timedelta(minutes=1),
        )

    def _event(self, kind: str, review: str, subject: str, data: Mapping[str, Any], base: int = 0) -> dict[str, Any]:
        identity = self.new_id(f"{review} {kind} {subject} {base}")
        return {"id": identity, "kind": kind, "review": review, "subject": subject, "base": base, "data": dict(data)}

    def _take_later_record(
        self,
        source: str,
        extract: Extract,
        keyring: Keyring,
        extension: Path | None,
        gaps: Mapping[str, tuple[str, ...]],
    ) -> None:
        """Takes the record along again, with what was rewritten meanwhile; once."""
        draw = next(one for one in self.service.world().draws if one.commit == self.commit)
        if any(one.day >= self.later.date() for one in snapshots(open_pack(draw.folder))):
            return
        later = later_extract(
            draw, source, extract, keyring, extension, gaps={
                key: tuple(ref for ref in refs if self.chance(f"mended {key} {ref}") < 0.8) for key, refs in gaps.items()
            }, on=self.rewritten_on,
        )  # fmt: skip
        take_snapshot(open_pack(draw.folder), later, keyring, self.later, text_kept=self.service.policy.text_kept)

    def _look_after_actions(self) -> None:
        """Sees most actions in the record and closes them; gives the others a reason and a new date."""
        today = self.later.date()
        for person in self.service.people.having("supervisor"):
            page = self.service.follow_up(person.key, today=today)
            rows = [row for part in ("overdue", "due", "later") for row in page[part]]
            events = [event for row in rows if _waits(row) for event in self._after_a_week(row, today)]
            if events:
                self.service.append(person.key, events, now=self.later)

    def _after_a_week(self, row: Mapping[str, Any], today: date) -> list[dict[str, Any]]:
        subject, base = f"action:{row['action']}", row["revision"]
        if self.chance(f"done {row['action']}") < _DONE:
            day = self.rewritten_on
            seen = {
                "action": row["action"],
                "seen_on": day.isoformat(),
                "reference": f"Note of {day:%d/%m/%Y}, rewritten entry",
            }
            closed = {"action": row["action"], "outcome": "done", "text": ""}
            return [
                self._event("action_seen_in_record", row["review"], subject, seen, base),
                self._event("action_closed", row["review"], subject, closed, base + 1),
            ]
        due = (max(today, date.fromisoformat(row["due"])) + timedelta(days=7)).isoformat()
        moved = {
            "action": row["action"],
            "due": due,
            "review_date": due,
            "reason": "On leave for most of the week; agreed in supervision.",
        }
        return [self._event("action_moved", row["review"], subject, moved, base)]


def _waits(row: Mapping[str, Any]) -> bool:
    """Returns whether nobody has looked after an action of a review yet."""
    untouched = row["state"] in ("open", "overdue") and not row["missed"]
    return bool(row["may_write"] and row["from"] == "review" and untouched)
