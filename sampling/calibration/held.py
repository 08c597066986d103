"""The sessions of one journal as they stand in memory: rebuilt when the process starts, changed by what is stored, and by nothing else."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from hashlib import sha256

from sampling.calibration.errors import LiveRefused, NotInSession
from sampling.calibration.state import Session, sessions_of
from sampling.calibration.views import Stage
from sampling.journal.events import CalibrationJoined, CalibrationOpened, Payload, payload_kinds
from sampling.journal.records import Draft, Entry, Receipt
from sampling.journal.sealing import load_lead_key
from sampling.journal.store import Journal, Opener
from sampling.rubric import Rubric
from sampling.rubric.vignettes import Vignette

KINDS = tuple(sorted(kind for kind in payload_kinds() if kind.startswith("calibration_"))) + (
    "anchor_proposed",
    "group_recorded",
)
_ENVELOPE = ("id", "actor", "payload", "review", "subject", "base", "undoes", "sealed")


def entries_of(journal: Journal, secret: bytes) -> list[Entry]:
    """Returns every entry of calibration in order, each rater's answers opened with that rater's own key."""
    entries = journal.entries()
    raters = {one.actor for one in entries if isinstance(one.payload, CalibrationJoined)}
    found = {one.id: one for one in entries if one.kind in KINDS}
    for key in raters:
        own = journal.as_(Opener(secret, key)).entries(actor=key)
        found |= {one.id: one for one in own if one.kind in KINDS}
    return sorted(found.values(), key=lambda one: one.sequence)


class Held:
    """The sessions, and what stands around each. Not safe for several threads by itself: Live holds the lock."""

    def __init__(
        self, journal: Journal, secret: bytes, trainer: str, rubrics: list[Rubric], vignettes: list[Vignette]
    ) -> None:
        self.rubrics = {(one.id, one.version): one for one in rubrics}
        self.vignettes = {one.id: one for one in vignettes}
        self._journal, self._secret, self._trainer = journal, secret, trainer
        self._lead_key = load_lead_key(journal.id)
        self._stages: dict[str, Stage] = {}
        self._listeners: list[Callable[[str], None]] = []
        self.sessions = sessions_of(entries_of(journal, secret))

    def listen(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Calls the listener with a session's id after each change; returns what ends that."""
        self._listeners.append(listener)

        def end() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return end

    @property
    def can_reveal(self) -> bool:
        """Tells whether sealed answers can be opened here."""
        return self._lead_key is not None

    def close(self) -> None:
        """Closes the journal."""
        self._journal.close()

    def session(self, session: str) -> Session:
        """Returns a session. Raises NotInSession where there is none."""
        if session not in self.sessions:
            raise NotInSession("There is no such session.")
        return self.sessions[session]

    def stage(self, found: Session) -> Stage:
        """Returns what stands around a session. Raises LiveRefused where its vignette or rubric is not here as it was."""
        if found.id not in self._stages:
            used = found.opened.rubric
            case, rubric = self.vignettes.get(found.opened.vignette), self.rubrics.get((used.rubric, used.version))
            same = case is not None and rubric is not None
            if not same or case.digest != found.opened.vignette_digest or rubric.digest != used.digest:  # type: ignore[union-attr]
                raise LiveRefused("The vignette or rubric of this session is not here any more as it was.")
            assert case is not None and rubric is not None
            self._stages[found.id] = Stage(case, rubric)
        return self._stages[found.id]

    def wall_key(self, session: str) -> str:
        """Returns what the wall's address names a session by: nobody who knows the session's id, as each rater does, can tell it."""
        return hmac.new(self._secret, f"csr1/wall|{session}".encode("ascii"), sha256).hexdigest()[:32]

    def of_trainer(self, session: str, payload: Payload, subject: str, base: int = 0) -> Draft:
        """Returns the trainer's draft of an event."""
        return Draft(secrets.token_hex(16), self._trainer, payload, session, subject, base)

    def reveal(self, draft: Draft, number: int, now: datetime) -> None:
        """Stores the step that reveals a round, and with it publishes the keys of what was locked then: both or neither, so that no kill can part
        them. Earlier and unlocked answers stay sealed. Raises StateError where the journal's lead key is not here.
        """
        found = self.sessions[draft.review]
        locked = [found.answers[number, one.key].entry for one in found.locked(number)]
        lead = self._journal.as_(Opener(self._secret, self._trainer, self._lead_key))
        self._take(draft, lead.unseal_with(locked, [draft], now=now)[0])

    def store(self, draft: Draft, now: datetime) -> int:
        """Stores a draft, takes it into what stands, tells the listeners, and returns its revision."""
        journal = self._journal.as_(Opener(self._secret, draft.actor)) if draft.sealed else self._journal
        receipt = journal.append([draft], now=now)[0]
        self._take(draft, receipt)
        return receipt.revision

    def _take(self, draft: Draft, receipt: Receipt) -> None:
        entry = Entry(
            **{name: getattr(draft, name) for name in _ENVELOPE}, sequence=receipt.sequence, revision=receipt.revision, at=receipt.at,
            kind=draft.payload.kind, previous="", hash="", conflict=False, state="open",
        )  # fmt: skip
        if isinstance(draft.payload, CalibrationOpened):
            self.sessions |= sessions_of([entry])
        else:
            self.sessions[draft.review].apply(entry)
        self._tell(draft.review)

    def _tell(self, session: str) -> None:
        for listener in tuple(self._listeners):
            listener(session)
