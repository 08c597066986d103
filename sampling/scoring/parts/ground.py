"""What the service stands on: the files as they are now, the people, and the journal as each person sees it."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from sampling.errors import SamplingError
from sampling.journal.events import (
    ActionRaised,
    Commented,
    EvidencePointed,
    Parked,
    Rated,
    Referred,
    SafetyAnswered,
    SeedShown,
    Signed,
)
from sampling.journal.store import Entry, Journal, Opener, Receipt
from sampling.keys import Keyring, load_secret
from sampling.pack import open_pack
from sampling.policy import Signal, shared_folder
from sampling.rubric import rubrics_published
from sampling.rubric.vignettes import Vignette, load_all, vignettes_home
from sampling.scoring.errors import AccessRefused
from sampling.scoring.parts.caseview import CaseView, case_views
from sampling.scoring.parts.world import RubricLibrary, World, build_world
from sampling.scoring.rules.signing import ROLES_OF_RATER
from sampling.scoring.settings.access import NO_SEAT
from sampling.scoring.settings.assignments import Begun, Review
from sampling.scoring.settings.draws import Draw, fingerprint, load_draws, signals_of, staff_keys
from sampling.scoring.settings.home import own_vignettes
from sampling.scoring.settings.people import People, Person, load_people
from sampling.scoring.settings.people_check import known_in, unmatched
from sampling.scoring.settings.planting import Pool
from sampling.scoring.settings.policy import load_scoring_policy
from sampling.scoring.settings.snapshot import snapshot_of
from sampling.signals import told_as

_BEGINS = frozenset(
    kind.kind for kind in (Rated, Commented, EvidencePointed, SafetyAnswered, ActionRaised, Parked, Referred)
)  # what a rater alone writes
_RATERS_SIGNATURES = frozenset(f"signature:{role}" for role in ROLES_OF_RATER)
Said = Callable[[Entry], dict[str, Any] | None]  # what an entry says, as the person who asks may read it


def plainly_said(entry: Entry) -> dict[str, Any] | None:
    """Returns what an entry says, as it is stored."""
    return entry.payload.model_dump(mode="json") if entry.payload else None


class Ground:
    """A home of draws, a journal, people, rubrics and a policy. Safe to use from several threads."""

    def __init__(
        self,
        home: Path,
        journal: Journal,
        keyring: Keyring,
        *,
        people: People | Path,
        policy: Path | None,
        rubrics: Path | None,
    ) -> None:
        self.home = home
        self.journal = journal
        self.policy = load_scoring_policy(policy)
        self._keyring = keyring
        self._people = people
        self._rubrics = rubrics or shared_folder("rubrics")
        self.lock = threading.RLock()
        self._seen: object = None
        self._cached: World | None = None
        self.trouble = ""
        self.left_out = ""

    @property
    def people(self) -> People:
        """Returns everyone with a seat."""
        return self.world().people

    def close(self) -> None:
        """Closes the journal."""
        self.journal.close()

    def world(self) -> World:
        """Returns what the files say now: read again only when a draw, the record, the people file or a rubric has changed.

        A file that was spoilt while people score does not stop them: what was read before holds until it is mended, and `trouble` says
        so. Raises PolicyError or StateError when nothing sound was read yet.
        """
        with self.lock:
            own = own_vignettes(self.home)
            seen = (fingerprint(self.home), _stamp(self._people), _stamp(self._rubrics), _stamps(own))
            if self._cached is None or seen != self._seen:
                try:
                    self._cached, self.trouble = self._read(), ""
                except SamplingError as error:
                    if self._cached is None:
                        raise
                    self.trouble = f"{error.message} What was read before still holds; mend the file."
                self._seen = seen
            return self._cached

    def _read(self) -> World:
        draws = load_draws(self.home)
        people = self._people
        if isinstance(people, Path):
            people = load_people(people, staff_keys(draws, self._keyring))
        library = RubricLibrary(rubrics_published(self._rubrics))
        return build_world(draws, people, self.policy, library, _begun(self.journal), self._pool())

    def _pool(self) -> Pool:
        """Returns what may be planted among second ratings: our vignettes of that sort and the service's own. Scoring can begin without
        the service's own where they are faulty, and `left_out` says so.
        """
        secret, own, ours = self.secret(), own_vignettes(self.home), vignettes_home()
        found = list(_plantable(ours, _stamps(ours)))
        try:
            found += _plantable(own, _stamps(own)) if own.is_dir() else ()
            self.left_out = ""
        except SamplingError as error:
            if self._cached is not None:  # what was read before holds, with what was begun
                raise
            self.left_out = f"The service's own seeded vignettes are left out: {error.message} Each folder's faults: sampling vignette check FOLDER"
        return Pool(
            tuple({one.id: one for one in found}.values()),  # a copy of ours is the service's own, and stands once
            lambda text: hmac.new(secret, f"csr1/planted|{text}".encode(), hashlib.sha256).hexdigest(),
            _signals,
        )

    def told(self) -> frozenset[str]:
        """Returns the ids of the reviews of seeded vignettes of which the rater was told."""
        return frozenset(entry.review for entry in self.journal.as_(None).entries(kinds=[SeedShown.kind]))

    def world_of(self, person: Person, told: Collection[str] = ()) -> World:
        """Returns the world as a person may know it: of the seeded cases only their own, less those in `told`."""
        return self.world().as_seen_by(person.key, told)

    def warnings(self) -> list[str]:
        """Returns what of the people file leads nowhere, a sentence a line of it; no id is in them."""
        if not isinstance(self._people, Path):
            return []
        draws = self.world().draws
        return unmatched(self._people, staff_keys(draws, self._keyring), known_in(draws))

    def person(self, actor: str) -> Person:
        """Returns the person with that key. Raises AccessRefused when nobody has it."""
        person = self.world().people.by_key(actor)
        if person is None:
            raise AccessRefused(NO_SEAT)
        return person

    def secret(self) -> bytes:
        """Returns the service's own secret, under which sealed entries are written."""
        return load_secret()

    def seen_by(self, person: Person) -> Journal:
        """Returns the journal as that person sees it: what is sealed to them stays closed."""
        return self.journal.as_(Opener(self.secret(), person.key))

    def view(self, person: Person, review: Review, within: Journal | None = None) -> CaseView:
        """Returns the case of a review as the person sees it. `within` is the journal as a writing transaction sees it."""
        return self.views(person, [review], within)[review.commit, review.case]

    def views_of(self, person: Person, ids: Iterable[str], within: Journal | None = None) -> dict[str, CaseView]:
        """Returns review id -> view of its case, for the ids that are reviews. `within` as for `view`."""
        world = self.world()
        reviews = [world.reviews[one] for one in sorted(ids) if one in world.reviews]
        views = self.views(person, reviews, within)
        return {review.id: views[review.commit, review.case] for review in reviews}

    def views(
        self, person: Person, reviews: Sequence[Review], within: Journal | None = None
    ) -> dict[tuple[str, str], CaseView]:
        """Returns the cases of these reviews as the person sees them: what is sealed to them stays closed."""
        world = self.world()
        stages = {stage.id: stage for review in reviews for stage in world.stages(review).values()}
        if not stages:
            return {}
        journal = within or self.journal
        entries = journal.as_(Opener(self.secret(), person.key)).entries(reviews=list(stages))
        return case_views(world, reviews, entries, _still_sealed(journal, stages.values()))

    def receipt(self, receipt: Receipt, said: Said = plainly_said) -> dict[str, Any]:
        """Returns a receipt as JSON; `other` is the value that stands, where two were written from the same starting point, in the
        words of `said`.
        """
        found: dict[str, Any] = {
            "id": receipt.id,
            "status": receipt.status,
            "revision": receipt.revision,
            "sequence": receipt.sequence,
            "at": receipt.at,
        }
        return {**found, "other": self._other(receipt.other, said)} if receipt.other else found

    def _other(self, entry: Entry, said: Said) -> dict[str, Any]:
        name = self.people.name_of(entry.actor)
        return {"id": entry.id, "revision": entry.revision, "data": said(entry), "actor_label": name, "at": entry.at}


@cache
def _plantable(folder: Path, stamps: object) -> tuple[Vignette, ...]:
    """Returns the vignettes of a folder that can be planted; read again only when one of its files has changed."""
    return load_all(folder, retired=True, planted=True)


def _stamps(folder: Path) -> tuple[tuple[str, int, int], ...]:
    found = []
    for path in sorted(folder.glob("**/*.*")):
        with suppress(OSError):  # an editor's lock that leads nowhere, or a file that went while we looked
            about = path.stat()
            found.append((str(path), about.st_mtime_ns, about.st_size))
    return tuple(found)


def _signals(draw: Draw) -> tuple[Signal, ...]:
    """Returns the signals of a draw that its extract could show at all."""
    pack = open_pack(draw.folder)
    snapshot = snapshot_of(pack)
    cannot = set(snapshot.about["cannot"]) if snapshot else set()
    return tuple(
        one
        for one in signals_of(pack).signals
        if not one.kinds or not all(told_as(one.basis, kind) in cannot for kind in one.kinds)
    )


def _begun(journal: Journal) -> dict[str, Begun]:
    """Returns review id -> who rates it, from the journal's envelopes alone: what is sealed need not be opened for it.

    Whoever wrote last as its rater: a rating that went over to someone else is theirs from their first entry on.
    """
    found: dict[str, Begun] = {}
    for entry in journal.as_(None).entries():
        signs = entry.subject in _RATERS_SIGNATURES and entry.kind == Signed.kind
        if not entry.review or not (entry.sealed or signs or entry.kind in _BEGINS):
            continue
        before = found.get(entry.review)
        kept = before is not None and before.rater == entry.actor
        found[entry.review] = Begun(
            entry.actor,
            sealed=entry.sealed or (before is not None and before.sealed),
            signed=signs or (kept and before is not None and before.signed),
        )
    return found


def _still_sealed(journal: Journal, reviews: Iterable[Review]) -> frozenset[str]:
    """Returns the ids of the reviews that hold entries which nobody published yet."""
    sealed = [review.id for review in reviews if review.sealed]
    if not sealed:
        return frozenset()
    plain = journal.as_(None).entries(reviews=sealed)
    return frozenset(entry.review for entry in plain if entry.state == "sealed")


def _stamp(place: object) -> object:
    """Returns what changes when a file, or a file in a folder, is written."""
    if not isinstance(place, Path):
        return None
    files = sorted(place.glob("*.toml")) if place.is_dir() else [place]
    return tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files if path.is_file())
