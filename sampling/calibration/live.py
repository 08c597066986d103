"""Live sessions over one journal: what the trainer and the raters may do, each decided here and stored before it is answered.

One process writes the journal of calibration. What a session's pages see is kept in memory and rebuilt from the journal when the process
starts: nothing that was answered "saved" is lost with it. Raters' answers are sealed; to reveal a round is to publish their keys.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from threading import RLock
from typing import Any

from sampling.calibration import views
from sampling.calibration.aliases import offered
from sampling.calibration.checks import (
    check_answers,
    check_joining,
    check_open,
    check_times,
    read_answer,
    read_written,
)
from sampling.calibration.errors import LiveRefused, NotInSession
from sampling.calibration.held import Held
from sampling.calibration.lobby import lobby_of
from sampling.calibration.policy import CalibrationPolicy
from sampling.calibration.revisiting import open_actions
from sampling.calibration.state import Session, may_step
from sampling.chain import utc_text
from sampling.journal.events import (
    AnchorProposed,
    CalibrationAnswered,
    CalibrationJoined,
    CalibrationOpened,
    CalibrationRemoved,
    CalibrationStaged,
    CalibrationStepped,
    GroupRecorded,
    RubricUsed,
    subject_of,
)
from sampling.journal.records import CURRENT, Draft
from sampling.rubric import Rubric
from sampling.rubric.vignettes import Vignette

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without 0 and O, 1, I and L, and U: read aloud and typed without doubt
CODE_CHARACTERS = 6
TOKEN_BYTES = 32


def consent_line(policy: CalibrationPolicy) -> str:
    """Returns what a rater agrees to: what is kept, for whom, how long."""
    return (
        "Kept on the trainer's computer: an alias, the levels that you choose and the words of the case that you quote, and when. Your name is not asked for. "
        "The trainer sees who has locked, and figures, under the alias. The trainer and your service's "
        f"leads can see how the group scored, and use it to put thresholds and rubrics right; it is not used to judge any one person. It is deleted after "
        f"{policy.keep_days} days, when the program is next opened. You may stop at any time by closing the page."
    )


def key_of(token: str) -> str:
    """Returns the key under which the holder of a token is stored: the token itself is nowhere but in the rater's browser."""
    return sha256(f"csr1/rater|{token}".encode()).hexdigest()


class Live:
    """All live sessions of one journal, for one process. Safe to call from many threads."""

    def __init__(self, held: Held, policy: CalibrationPolicy, release: Callable[[], object] = lambda: None) -> None:
        self.policy = policy
        self._release = release
        self._held = held
        self._lock = RLock()
        self.listen = held.listen

    def close(self) -> None:
        """Closes the journal, and lets other processes have the folder."""
        self._held.close()
        self._release()

    # What is asked

    def lobby(self, now: datetime) -> dict[str, Any]:
        """Returns what a trainer chooses from, and the sessions there are, the newest first."""
        with self._lock:
            return lobby_of(self._held, self.policy, consent_line(self.policy), now)

    def trainer(self, session: str) -> dict[str, Any]:
        """Returns the trainer's view of a session."""
        with self._lock:
            found = self._held.session(session)
            return {
                **views.trainer(found, self._held.stage(found)), "rounds": self.policy.rounds, "talk_seconds": self.policy.talk_seconds,
                "revisit": open_actions(self._held.sessions.values(), session), "wall": self._held.wall_key(session),
            }  # fmt: skip

    def wall(self, session: str) -> dict[str, Any]:
        """Returns the wall's view of a session."""
        with self._lock:
            found = self._held.session(session)
            return views.wall(found, self._held.stage(found))

    def rater(self, session: str, token: str) -> dict[str, Any]:
        """Returns the rater's view. Raises NotInSession for a token that is not of this session."""
        with self._lock:
            found = self._held.session(session)
            return views.rater(found, self._held.stage(found), self._rater(found, token))

    def by_wall(self, key: str) -> str:
        """Returns the id of the session that a wall's address names. Raises NotInSession where there is none."""
        with self._lock:
            for session in self._held.sessions:
                if hmac.compare_digest(self._held.wall_key(session), key):
                    return session
        raise NotInSession("There is no such wall. Open it from the trainer's page.")

    def is_over(self, session: str, now: datetime) -> bool:
        """Tells whether nobody joins or answers in a session any more."""
        with self._lock:
            return self._held.session(session).is_over(now)

    def is_busy(self, now: datetime) -> bool:
        """Tells whether any session still takes raters or answers."""
        with self._lock:
            return any(not one.is_over(now) for one in self._held.sessions.values())

    def by_code(self, code: str, now: datetime) -> str:
        """Returns the id of the session that a join code opens. Raises NotInSession, in the same words whether there is none or it is over."""
        typed = code.strip().upper().replace(" ", "")
        with self._lock:
            for session in self._held.sessions.values():
                if hmac.compare_digest(session.opened.code.encode(), typed.encode()) and not session.is_over(now):
                    return session.id
        raise NotInSession("No session is open under that code. Look at the wall and type it again.")

    def consent(self, session: str, now: datetime) -> dict[str, Any]:
        """Returns what someone who is about to join must know: which case it is, and what they agree to."""
        with self._lock:
            found = self._held.session(session)
            stage = self._held.stage(found)
            return {"title": stage.vignette.title, "consent": found.opened.consent, "may_join": found.may_join and not found.is_over(now)}  # fmt: skip

    def aliases(self, session: str) -> list[str]:
        """Returns a few aliases that nobody in the session has."""
        with self._lock:
            return offered({one.alias for one in self._held.session(session).raters.values()}, secrets.randbelow(2**32))

    # What a trainer does

    def open(self, vignette: str, criteria: Iterable[str], *, auto_reveal: bool, now: datetime) -> str:
        """Opens a session and returns its id. Raises LiveRefused for a vignette or criteria that are not on offer."""
        with self._lock:
            case, refs = self._held.vignettes.get(vignette), tuple(dict.fromkeys(criteria))
            if not self._held.can_reveal:
                raise LiveRefused(
                    "The key that opens sealed answers is not in this computer's private store, so nothing could be revealed. Bring it from the backup, "
                    "or name another folder."
                )
            if case is None or case.retired:
                raise LiveRefused("There is no such vignette on offer. Choose one of the list.")
            rubric = self._rubric_for(case, refs)
            until = utc_text(now + timedelta(hours=self.policy.open_hours))
            opened = CalibrationOpened(
                vignette=case.id, vignette_digest=case.digest,
                rubric=RubricUsed(rubric=rubric.id, version=rubric.version, digest=rubric.digest),
                criteria=tuple(rubric.ref(one) for one in rubric.criteria if rubric.ref(one) in refs), code=self._new_code(now), until=until, auto_reveal=auto_reveal,
                least=self.policy.least, consent=consent_line(self.policy),
            )  # fmt: skip
            session = secrets.token_hex(16)
            self._held.store(self._held.of_trainer(session, opened, "calibration"), now)
            return session

    def step(self, session: str, step: str, number: int, now: datetime) -> None:
        """Goes on to a step and round. Raises LiveRefused where the session cannot."""
        with self._lock:
            found = self._held.session(session)
            why = may_step(found, step, number, self.policy.rounds)
            if step == "scoring" and found.is_over(now):
                why = why or "The time of this session is over, so no round can begin. Finish it and open another."
            if why:
                raise LiveRefused(why)
            self._step(found, step, number, now)

    def focus(self, session: str, ref: str, now: datetime) -> None:
        """Sets which criterion the wall shows."""
        with self._lock:
            found = self._held.session(session)
            if ref not in found.opened.criteria:
                raise LiveRefused("That criterion is not part of this session.")
            self._stage(found, now, focus=ref)

    def timer(self, session: str, seconds: int, now: datetime) -> None:
        """Starts the timer of the talk; 0 ends it."""
        with self._lock:
            until = utc_text(now + timedelta(seconds=seconds)) if seconds > 0 else ""
            self._stage(self._held.session(session), now, talk_until=until)

    def joining(self, session: str, allowed: bool, now: datetime) -> None:
        """Sets whether anybody else may join."""
        with self._lock:
            self._stage(self._held.session(session), now, may_join=allowed)

    def remove(self, session: str, handle: str, now: datetime) -> None:
        """Takes a rater out. Raises LiveRefused for one who is not there, and once levels were shown: what went from them would be that rater's."""
        with self._lock:
            found = self._held.session(session)
            gone = next((one for one in found.present if one.handle == handle), None)
            if gone is None:
                raise LiveRefused("That rater is not in the session any more.")
            if found.revealed:  # what then goes from the wall would be theirs
                raise LiveRefused(
                    "Levels were shown already, so nobody can be taken out any more. End this session and open another."
                )
            self._held.store(self._held.of_trainer(session, CalibrationRemoved(rater=gone.key), ""), now)

    def write(self, session: str, kind: str, data: Any, base: int, now: datetime) -> int:
        """Stores what the group writes down (a proposal for an anchor, its record) and returns its revision.

        Raises LiveRefused for what cannot be stored, and when another page wrote it meanwhile: then nothing is stored.
        """
        payload = read_written(kind, data)
        with self._lock:
            found = self._held.session(session)
            if isinstance(payload, GroupRecorded) and base != found.record_revision:
                raise LiveRefused(
                    "Another page has changed the record meanwhile. Reload this one; what you wrote is still in it."
                )
            if isinstance(payload, AnchorProposed) and payload.criterion not in found.opened.criteria:
                raise LiveRefused("That criterion is not part of this session.")
            base = base if isinstance(payload, GroupRecorded) else CURRENT
            return self._held.store(self._held.of_trainer(session, payload, subject_of(payload) or "", base), now)

    # What a rater does

    def join(self, session: str, alias: str, token: str, *, agreed: bool, now: datetime, made: str = "") -> str:
        """Lets someone in and returns the token that is theirs: the one that they bring, where it is of this session already.

        `made` is a token that the page for joining made: who sends it again, as when an answer was lost, is the same rater. Raises LiveRefused without the consent, with an alias that is taken, once nobody else may join, or when too many have.
        """
        with self._lock:
            found = self._held.session(session)
            for one in filter(None, (token, made)):
                known = found.raters.get(key_of(one))
                if known is not None and not known.removed:
                    return one
            check_joining(found, alias, agreed=agreed, most=self.policy.most_raters, now=now)
            fresh = made if made and key_of(made) not in found.raters else secrets.token_hex(TOKEN_BYTES)
            late = found.step not in ("lobby", "scoring") or found.round > 1
            payload = CalibrationJoined(alias=alias, from_round=2 if late else 1, agreed=True)
            self._held.store(Draft(secrets.token_hex(16), key_of(fresh), payload, session), now)
            return fresh

    def answer(
        self, session: str, token: str, number: int, given: list[dict[str, Any]], *, locked: bool, now: datetime, turn: int = 0,
    ) -> tuple[bool, int]:  # fmt: skip
        """Stores a rater's answers of the open round, whole, in place of earlier ones; locked ones must be complete.

        `turn` is the page's count of its changes: what comes late, after a higher one, is not stored; 0 is the next. Returns whether these
        answers are what stands, and the turn that does. Raises LiveRefused when the round is not open to this rater, or an answer cannot be stored.
        """
        answers = tuple(read_answer(one) for one in given)
        with self._lock:
            found = self._held.session(session)
            key = self._rater(found, token)
            check_open(found, key, number, now)
            check_answers(found, self._held.stage(found), answers, locked=locked)
            stands = found.answers.get((number, key))
            if stands is not None and 0 < turn <= stands.turn:
                same = (stands.locked, stands.given) == (locked, {one.criterion: one for one in answers})
                return turn == stands.turn and same, stands.turn
            check_times(stands, self.policy.answers_a_round)
            turn = turn or (stands.turn + 1 if stands else 1)
            payload = CalibrationAnswered(round=number, locked=locked, answers=answers, turn=turn)
            subject = f"answers:{number}/{key}"
            self._held.store(Draft(secrets.token_hex(16), key, payload, session, subject, CURRENT, sealed=True), now)
            self._reveal_if_all_locked(found, now)
            return True, turn

    # Inside

    def _reveal_if_all_locked(self, found: Session, now: datetime) -> None:
        everyone = found.active(found.round)
        waits = found.opened.auto_reveal and found.step == "scoring"
        if waits and len(everyone) > 1 and len(found.locked(found.round)) == len(everyone):
            self._step(found, "revealed", found.round, now)

    def _step(self, found: Session, step: str, number: int, now: datetime) -> None:
        payload = CalibrationStepped.model_validate({"step": step, "round": number})
        draft = self._held.of_trainer(found.id, payload, "step", CURRENT)
        if step == "revealed":
            self._held.reveal(draft, number, now)
        else:
            self._held.store(draft, now)

    def _stage(self, found: Session, now: datetime, **changed: Any) -> None:
        stands = CalibrationStaged(focus=found.focus, talk_until=found.talk_until, may_join=found.may_join)
        payload = stands.model_copy(update=changed)
        if payload != stands:
            self._held.store(self._held.of_trainer(found.id, payload, "stage", CURRENT), now)

    def _rater(self, found: Session, token: str) -> str:
        key = key_of(token) if token else ""
        if key not in found.raters:
            raise NotInSession("This page is not in the session. Join with the code on the wall.")
        return key

    def _rubric_for(self, case: Vignette, refs: tuple[str, ...]) -> Rubric:
        ids = {ref.partition("/")[0] for ref in refs}
        only = min(ids, default="")
        rubric = self._held.rubrics.get((only, case.rubrics.get(only, ""))) if len(ids) == 1 else None
        if rubric is None or not set(refs) <= {rubric.ref(one) for one in rubric.criteria}:
            raise LiveRefused("Choose one or more criteria of one rubric that this vignette is for.")
        return rubric

    def _new_code(self, now: datetime) -> str:
        taken = {one.opened.code for one in self._held.sessions.values() if not one.is_over(now)}
        while True:
            code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARACTERS))
            if code not in taken:
                return code
