"""The open actions of each supervisee of the invented years as the supervisor sees them: what a session looks at first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sampling.journal.events import ActionClosed, ActionMoved, ActionRaised, ActionSeen, Payload
from sampling.journal.store import Entry
from sampling.scoring.errors import refused
from sampling.scoring.rules import action_rules
from sampling.scoring.rules.actions import Action, actions
from sampling.scoring.service import Service

KINDS = tuple(one.kind for one in (ActionRaised, ActionMoved, ActionSeen, ActionClosed))


@dataclass
class Ledger:
    """Reads the journal on from where it last read. `practitioner_of` is review id -> whose case it is."""

    service: Service
    practitioner_of: Mapping[str, str]
    _read: dict[str, int] = field(default_factory=dict)
    _whose: dict[str, str] = field(default_factory=dict)
    _entries: dict[tuple[str, str], list[Entry]] = field(default_factory=dict)

    def open_of(self, supervisee: str, supervisor: str) -> tuple[Action, ...]:
        """Returns the actions of a supervisee that are not closed, the longest due first, as their supervisor may read them."""
        self._read_on(supervisor)
        found = actions(self._entries.get((supervisor, supervisee), ()))
        return tuple(sorted((one for one in found if one.closed is None), key=lambda one: (one.due, one.raised)))

    def check(self, said: Payload, action: Action, today: date) -> None:
        """Raises EventsRefused where the service would refuse what is said of an action."""
        if isinstance(said, ActionClosed) and said.outcome == "done":
            return  # judged with what was seen of it, which is said in the same breath
        if faults := action_rules.refusals(said, action, today=today, signed=True):
            raise refused(("case", why) for why in faults)

    def _read_on(self, supervisor: str) -> None:
        person = self.service.people.by_key(supervisor)
        assert person is not None
        last = self._read.get(supervisor, 0)
        for entry in self.service.seen_by(person).entries(kinds=KINDS, after=last):
            said = entry.payload
            if isinstance(said, ActionRaised) and said.practitioner:
                self._whose[entry.review] = said.practitioner
            whose = self.practitioner_of.get(entry.review) or self._whose.get(entry.review, "")
            self._entries.setdefault((supervisor, whose), []).append(entry)
            self._read[supervisor] = entry.sequence
