"""A purge from plan to deletion log: one person plans, another approves, and what is then deleted is exactly what was approved.

The plan file holds counts and digests, never an id. Who planned it and who approved it stand in the journal's chain, so that a changed
file gains nobody anything. Entries and log go in one transaction; the files go afterwards, and a run that was killed is run again.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from sampling.assurance.files import remaining, remove
from sampling.assurance.holdings import Due, Known, due, standing_holds
from sampling.assurance.known import Names, read_known
from sampling.assurance.plans import FORMAT, Plan, Told, digest_of, taken_of, told_of
from sampling.assurance.retention import OWN, RetentionPolicy, load_retention
from sampling.chain import canonical_json, utc_text
from sampling.errors import StateError, UsageError
from sampling.journal.events import HoldLifted, HoldSet, Payload, PurgeApproved, PurgeFinished, PurgePlanned, PurgeRun
from sampling.journal.events_retention import MOST_FILES
from sampling.journal.purging import IN_COPIES, Purging
from sampling.journal.sealing import load_lead_key
from sampling.journal.store import SYSTEM, Draft, Entry, Journal, Opener
from sampling.keys import Keyring, load_secret
from sampling.scoring.settings.home import default_journal
from sampling.scoring.settings.people import Person
from sampling.storage import write_whole
from sampling.tickets import digest

MAY = (
    "lead",
    "moderator",
    "supervisor",
)  # who may plan a deletion or set a hold; one of a purge's two people is a lead
NO_SUCH = "Nobody of that name has a seat in the people file. Write the name as it stands there."
NOT_YOURS = "Only a lead, a moderator or a supervisor plans or approves a deletion, or sets a hold."
SAME = "You planned this purge, so somebody else approves it: two people decide about a deletion."
NO_LEAD = (
    "One of the two people who decide about a deletion must be a lead: you are none, and whoever planned it is none."
)
NOT_APPROVED = "Nobody has approved this plan yet. A second person runs: sampling purge DIR approve PLAN --as NAME"
HELD_SINCE = "A legal hold was set since the plan was made. Plan again: what it covers is left out."
HELD_FILES = "A legal hold was set after this purge began, and files or folders of it are still there: {}. They stay. Lift the hold to finish."
OTHER_POLICY = "The retention policy was changed since the plan was made. Plan again."
NOTHING = "Nothing is due, so that there is nothing to plan."
CHANGED = (
    "What is due has changed since the plan was made: {} entries and {} files then, {} and {} now. Plan again, so that what is approved "
    "is what is deleted."
)


@dataclass(frozen=True)
class Done:
    """What a run did: `state` says whether it purged now, finished an earlier run, or found it all done."""

    state: Literal["purged", "finished", "done"]
    entries: int
    files: int
    left: str


class Purger:
    """A service's retention: what is due, plans, approvals, runs and legal holds."""

    def __init__(self, known: Known, names: Names, policy: RetentionPolicy, journal: Journal) -> None:
        self.known = known
        self.names = names
        self.policy = policy
        self.journal = journal

    @classmethod
    def open(cls, home: Path, *, journal: str = "", people: Path | None = None) -> Purger:
        """Returns the retention of a home of draws; its own retention.toml holds where there is one. Raises SamplingError in words."""
        home = home.resolve()
        keyring = Keyring(load_secret())
        known, names = read_known(home, keyring, people)
        own = home / OWN
        policy = load_retention(own if own.is_file() else None)
        opened = Journal.open(journal or default_journal(home))
        view = opened.as_(Opener(load_secret(), SYSTEM, load_lead_key(opened.id)))
        return cls(known, names, policy, view)

    def close(self) -> None:
        """Closes the journal."""
        self.journal.close()

    def look(self, today: date) -> Due:
        """Returns what is due on a day: a dry run, which changes nothing."""
        return due(self.policy, self.known, self.journal.entries(), today)

    def plan(self, path: Path, name: str, now: datetime) -> Plan:
        """Writes the plan of what is due, and that this person planned it into the journal. Returns the plan.

        Raises UsageError for who may not, StateError where nothing is due or the file is there already.
        """
        person = self._person(name)
        if path.exists():
            raise StateError(f"{path.name} is there already. Name another file for the plan.")
        made: list[Plan] = []

        def decide(journal: Journal) -> Sequence[Draft]:
            entries = journal.entries()
            found = due(self.policy, self.known, entries, now.date())
            if not found.entries and not found.files:
                raise StateError(NOTHING)
            if len(found.files) > MOST_FILES:
                raise StateError(f"{len(found.files)} files are due, and one purge takes {MOST_FILES} at most.")
            made.append(Plan(self._content(found, entries[-1], now)))
            said = PurgePlanned(
                plan=made[0].digest,
                as_of=now.date(),
                policy=self.policy.digest,
                taken=taken_of(found),
                held=found.held,
            )
            return [_draft(person.key, said)]

        self.journal.append_decided(decide, now=now)
        text = canonical_json({**made[0].content, "plan": made[0].digest})
        write_whole(path, (text + "\n").encode("ascii"))
        return made[0]

    def _content(self, found: Due, last: Entry, now: datetime) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "journal": self.journal.id,
            "head": f"{last.sequence} {last.hash}",
            "made_at": utc_text(now),
            "as_of": now.date().isoformat(),
            "policy": self.policy.digest,
            "entries": digest_of(found.entries),
            "files": digest_of(item.digest for item in found.files),
            "counts": [
                {"class": kept.id, "entries": entries, "files": files, "month": month, "rule": kept.rule}
                for kept, month, entries, files in found.counts()
            ],
            "held": found.held,
            "waiting": dict(found.waiting),
        }

    def approve(self, plan: Plan, name: str, now: datetime) -> None:
        """Writes into the journal that a second person approved the plan; approving again changes nothing.

        Raises UsageError for who may not, StateError where what is due has changed or a hold was set since.
        """
        person = self._person(name)

        def decide(journal: Journal) -> Sequence[Draft]:
            entries = journal.entries()
            told = told_of(entries, plan)
            self._second(told.planned.actor, person)
            self._unchanged(plan, told, entries)
            if told.approved is not None and told.approved.actor == person.key:
                return []
            return [_draft(person.key, PurgeApproved(plan=plan.digest))]

        self.journal.append_decided(decide, now=now)

    def run(self, plan: Plan, now: datetime) -> Done:
        """Deletes what the plan names, or finishes what an earlier run began. Returns what was done.

        Raises StateError where nobody approved it, what is due has changed, or a hold was set since: then nothing is deleted.
        """
        entries = self.journal.entries()
        told = told_of(entries, plan)
        began = told.run is None
        if began:
            left = self.journal.purge_decided(lambda journal: self._purging(journal, plan), now=now)
            told = told_of(self.journal.entries(), plan)
        else:
            self._files_not_held(told, entries)
            left = self.journal.sweep()
        assert told.run is not None and isinstance(told.run.payload, PurgeRun)
        said = told.run.payload
        removed = remove(self.known.home, set(said.files))
        swept = left in ("", IN_COPIES)
        if not told.finished:
            self.journal.append(
                [_draft(SYSTEM, PurgeFinished(plan=plan.digest, files=len(said.files), swept=swept))], now=now
            )
        state: Literal["purged", "finished", "done"] = "purged" if began else "done" if told.finished else "finished"
        taken = sum(one.entries for one in said.taken)
        return Done(state, taken if began else 0, len(said.files) if began else removed, left)

    def _purging(self, journal: Journal, plan: Plan) -> Purging:
        entries = journal.entries()
        told = told_of(entries, plan)
        if told.approved is None:
            raise StateError(NOT_APPROVED)
        found = self._unchanged(plan, told, entries)
        said = PurgeRun(
            plan=plan.digest,
            planned_by=told.planned.actor,
            approved_by=told.approved.actor,
            taken=taken_of(found),
            files=tuple(sorted(item.digest for item in found.files)),
        )
        return Purging(found.by_rule(), [_draft(SYSTEM, said)])

    def _unchanged(self, plan: Plan, told: Told, entries: Sequence[Entry]) -> Due:
        """Returns what is due by the plan. Raises StateError where that is no longer what the plan says."""
        if told.run is not None:
            raise StateError("This plan was carried out already.")
        if any(isinstance(one.payload, HoldSet) for one in entries if one.sequence > told.planned.sequence):
            raise StateError(HELD_SINCE)
        if self.policy.digest != plan.content["policy"]:
            raise StateError(OTHER_POLICY)
        found = due(self.policy, self.known, entries, plan.as_of)
        same = digest_of(found.entries) == plan.content["entries"]
        if not same or digest_of(item.digest for item in found.files) != plan.content["files"]:
            then = [sum(one[name] for one in plan.content["counts"]) for name in ("entries", "files")]
            raise StateError(CHANGED.format(*then, len(found.entries), len(found.files)))
        return found

    def _files_not_held(self, told: Told, entries: Sequence[Entry]) -> None:
        assert told.run is not None and isinstance(told.run.payload, PurgeRun)
        there = remaining(self.known.home, set(told.run.payload.files))
        since = [entry for entry, _ in standing_holds(entries) if entry.sequence > told.run.sequence]
        if there and since:
            raise StateError(HELD_FILES.format(len(there)))

    def hold(self, name: str, reason: str, *, person: str = "", case: str = "", now: datetime) -> str:
        """Sets a legal hold on a person (name or staff id), on a case (the service's id), or with neither on everything; returns its id."""
        who = self._person(name)
        target = self.names.person(person) if person else self.names.case(case) if case else None
        scope = "person" if person else "case" if case else "everything"
        identity = secrets.token_hex(16)
        words = f"I set a legal hold on {'a ' if target else ''}{scope}, because of: {reason.replace('_', ' ')}. Until it is lifted nothing of it is deleted."
        signed = digest(
            "csp1/hold|"
            + canonical_json({"hold": identity, "reason": reason, "scope": scope, "target": target, "statement": words})
        )
        said = HoldSet.model_validate(
            {
                "hold": identity,
                "reason": reason,
                "scope": scope,
                "target": target,
                "statement": words,
                "content": signed,
            }
        )
        self.journal.append([_draft(who.key, said)], now=now)
        return identity

    def lift(self, hold: str, name: str, reason: str, now: datetime) -> str:
        """Lifts the hold whose id begins so; returns the id. Raises UsageError where no hold that stands does, or more than one."""
        who = self._person(name)
        standing = [
            said.hold for _, said in standing_holds(self.journal.entries()) if said.hold.startswith(hold.lower())
        ]
        if len(standing) != 1 or not hold:
            raise UsageError(
                "No legal hold that stands has that id, or more than one does. See: sampling purge DIR log"
            )
        words = f"I lift this legal hold, because of: {reason.replace('_', ' ')}."
        signed = digest("csp1/lift|" + canonical_json({"hold": standing[0], "reason": reason, "statement": words}))
        said = HoldLifted.model_validate({"hold": standing[0], "reason": reason, "statement": words, "content": signed})
        self.journal.append([_draft(who.key, said)], now=now)
        return standing[0]

    def _person(self, name: str) -> Person:
        person = self.names.people.named(name)
        if person is None:
            raise UsageError(NO_SUCH)
        if not person.has(*MAY):
            raise UsageError(NOT_YOURS)
        return person

    def _second(self, planner: str, person: Person) -> None:
        """Raises UsageError unless the person is another than the planner, by key and by name, and one of the two is a lead."""
        names = self.names.people.names
        if person.key == planner or person.name.casefold() == names.get(planner, "").casefold():
            raise UsageError(SAME)
        first = self.names.people.by_key(planner)
        if not person.has("lead") and not (first and first.has("lead")):
            raise UsageError(NO_LEAD)


def _draft(actor: str, said: Payload) -> Draft:
    return Draft(id=secrets.token_hex(16), actor=actor, payload=said)
