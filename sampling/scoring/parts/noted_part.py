"""What is noted for coverage, as it stands for one person's question: the entries, and what the rules of writing need to know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from sampling.journal.events import Payload
from sampling.journal.records import Entry
from sampling.scoring.parts.asking import Asking
from sampling.scoring.parts.session_part import all_sessions, pairs
from sampling.scoring.rules.noting import NOTING_KINDS, Around, refusals
from sampling.scoring.rules.reviewing import conflicts_of
from sampling.scoring.rules.standing import Fact, current

Said = TypeVar("Said", bound=Payload)


def noted_facts(asking: Asking) -> list[Entry]:
    """Returns the entries on coverage and patterns, in order: what belongs to no review and no session."""
    return [entry for entry in asking.read(kinds=NOTING_KINDS) if not entry.review]


def cases_of(asking: Asking) -> dict[str, str]:
    """Returns case key -> whose it is, of every case that was drawn or put forward here; the newest draw counts."""
    found: dict[str, str] = {}
    for draw in asking.world.draws:
        found |= {case.case_key: case.practitioner_key for case in draw.cases}
        found |= {case.case_key: case.practitioner_key for case in draw.tabled}
    return {case: whose for case, whose in found.items() if whose}


def noting_around(asking: Asking, facts: Iterable[Fact]) -> Around:
    """Returns what the rules of noting need to know, with these entries as they stand."""
    key = asking.person.key
    records = {one.id for one in all_sessions(asking) if key in one.supervisees}
    records |= {review.id for review in asking.world.reviews.values() if review.practitioner_key == key}
    held = {one.id for one in all_sessions(asking) if one.supervisor == key}
    held |= {review.id for review in asking.world.reviews.values() if key in (review.rater, review.keeper)}
    return Around(
        actor=key,
        lead=asking.person.has("lead"),
        supervisor=asking.person.has("supervisor"),
        pairs=frozenset(pairs(asking)),
        cases=cases_of(asking),
        records=frozenset(records),
        standing={subject: entry for (_, subject), entry in current(facts).items()},
        today=asking.today,
        held=frozenset(held),
    )


def written_twice(asking: Asking, facts: Sequence[Entry], of: Callable[[Payload], bool]) -> list[dict[str, Any]]:
    """Returns what was noted twice from one starting point, as far as the person wrote one of the two, can still say which stands, and
    `of` holds of it: so that no word is lost by a reload before they chose.
    """
    around, by_id = noting_around(asking, facts), {entry.id: entry for entry in facts}
    found = []
    for row in conflicts_of(facts, asking.names()):
        sides = [by_id[side["id"]] for side in (row["standing"], row["other"]) if side["id"]]
        said = [side.payload for side in sides if side.payload is not None and of(side.payload)]
        mine = any(side.actor == asking.person.key for side in sides)
        differ = len(said) == len(sides) > 1 and said[0] != said[1]
        if mine and differ and not any(refusals(one, row["subject"], around) for one in said):
            found.append(row)
    return found


def said_of(standing: Iterable[Fact], kind: type[Said]) -> list[Said]:
    """Returns what stands of one kind and was not withdrawn, oldest first."""
    ordered = sorted(standing, key=lambda entry: entry.sequence)
    said = [one.payload for one in ordered if isinstance(one.payload, kind)]
    return [one for one in said if not getattr(one, "withdrawn", False)]
