"""Two ratings of a case are made known once both raters have signed: at the signature, or when what stood in the way then is gone.

The lead's key may be away when both sign, and a process may end between a signature and the unsealing. So whatever waits is looked for
again when a service opens and whenever its queue, a moderation or a review is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sampling.errors import SamplingError, StateError
from sampling.journal.records import SEALED
from sampling.journal.sealing import load_lead_key
from sampling.journal.store import SYSTEM, Entry, Journal, Opener
from sampling.scoring.parts.asking import by_review
from sampling.scoring.parts.caseview import case_views
from sampling.scoring.parts.world import World
from sampling.scoring.rules.rated import signature_of
from sampling.scoring.rules.signing import ROLES_OF_RATER
from sampling.scoring.settings.assignments import FIRST, SECOND, Review
from sampling.tickets import digest

SIGNATURES = ("signed", "signature_voided")  # never sealed, so that anybody can see who has signed
LEAD_KEY_AWAY = (
    "The lead's private key is not on this machine, so that ratings of cases that are rated twice stay sealed."
)
CHANGED_MEANWHILE = (
    "A rating was changed while it was to be made known, so that it stays sealed until it is signed again."
)
Pair = tuple[Review, Review]


class Unsealing:
    """What of one journal waits to be unsealed. It remembers which pairs are open, so that a reading asks of the others alone.

    Not safe for several threads: the service holds its lock.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._open: set[str] = set()
        self._trouble = ""

    def note(self) -> str:
        """Returns what keeps ratings sealed, for the lead, or "": no key on this machine, one that is none, or what went wrong last."""
        try:
            return self._trouble if load_lead_key(self._journal.id) else LEAD_KEY_AWAY
        except SamplingError as error:
            return error.message

    def unseal(self, world: World, secret: bytes, now: datetime) -> None:
        """Publishes both ratings of each case whose raters have both signed what stands, where the lead's key is on this machine.

        Whatever goes wrong stops nobody who reads or has signed: it is kept for `note`, and tried again at the next reading.
        """
        try:
            waiting = self._waiting(world)
            key = load_lead_key(self._journal.id) if waiting else None
            if key is not None:
                opener = Opener(secret, SYSTEM, key)
                for pair in waiting:
                    self._publish(world, pair, opener, now)
            self._trouble = ""
        except SamplingError as error:
            self._trouble = error.message

    def _waiting(self, world: World) -> list[Pair]:
        """Returns the pairs that both raters have signed and that hold something sealed. Most readings ask for signatures alone."""
        pairs = [pair for pair in _pairs(world) if pair[1].id not in self._open]
        signed = self._of(pairs, SIGNATURES)
        both = [pair for pair in pairs if all(_is_signed(signed, review) for review in pair)]
        sealed = self._of(both, (SEALED,))
        waiting = [pair for pair in both if any(review.id in sealed for review in pair)]
        self._open |= {pair[1].id for pair in both} - {pair[1].id for pair in waiting}
        return waiting

    def _of(self, pairs: list[Pair], kinds: tuple[str, ...]) -> Mapping[str, list[Entry]]:
        """Returns review id -> its entries of these kinds, as someone without any key sees them."""
        ids = [review.id for pair in pairs for review in pair]
        return by_review(self._journal.as_(None).entries(reviews=ids, kinds=kinds)) if ids else {}

    def _publish(self, world: World, pair: Pair, opener: Opener, now: datetime) -> None:
        """Publishes a pair, unless what was signed is no longer what stands; the same pair twice is one entry."""
        ids = [review.id for review in pair]
        stages = [stage.id for stage in world.stages(pair[0]).values()]

        def both_signed(journal: Journal) -> bool:
            (view,) = case_views(world, pair, journal.entries(reviews=stages), frozenset(ids)).values()
            return view.both_signed

        def expect(journal: Journal) -> None:
            if not both_signed(journal):  # another process was quicker
                raise StateError(CHANGED_MEANWHILE)

        journal = self._journal.as_(opener)
        if both_signed(journal):
            journal.unseal(ids, now=now, id=digest(f"csr1/unsealed|{'|'.join(ids)}")[:32], expect=expect)
            self._open.add(pair[1].id)


def _pairs(world: World) -> list[Pair]:
    """Returns the first and the second rating of each case that is rated twice without either rater seeing the other."""
    stages = [world.stages(review) for review in world.reviews.values() if review.stage == SECOND and review.sealed]
    return [(one[FIRST], one[SECOND]) for one in stages]


def _is_signed(signed: Mapping[str, list[Entry]], review: Review) -> bool:
    return signature_of(signed.get(review.id, ()), *ROLES_OF_RATER) is not None
