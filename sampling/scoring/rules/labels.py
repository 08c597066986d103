"""What a case or a person is called on the screen: the service's own id for supervision, else an alias that says nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_FIRST_LETTER = re.compile(r"(?<![^\W_])[^\W\d_]")  # at the beginning, or after a space, a hyphen or an apostrophe
ALIAS_CHARACTERS = 4
PRACTITIONER_UNKNOWN = "No practitioner"
STAGE_LABELS = {"first": "First rating", "second": "Second rating", "moderation": "Moderation"}
STATE_LABELS = {
    "not_started": "Not started",
    "in_progress": "In progress",
    "parked": "Parked",
    "referred": "Referred to the moderator",
    "ready_to_sign": "Ready to sign",
    "signed": "Signed",
    "waiting_second": "Signed, waits for the other rater",
    "differs": "The two ratings differ",
    "moderated": "Moderated",
    "seeded": "Seeded vignette: see how you scored it",
    "deleted": "Deleted under the retention rule",
}
TABLED_LABELS = {
    "supervisee": "the supervisee",
    "supervisor": "the supervisor",
    "complaint": "a complaint",
    "incident": "an incident",
}


def aliases(digests: Iterable[str]) -> dict[str, str]:
    """Returns digest -> its first letters in capitals: four, or as many more as tell all of them apart.

    >>> aliases(["4f2a00", "9c1b00"])
    {'4f2a00': '4F2A', '9c1b00': '9C1B'}
    """
    distinct = sorted(set(digests))
    length = ALIAS_CHARACTERS
    while len({one[:length] for one in distinct}) < len(distinct):
        length += 1
    return {one: one[:length].upper() for one in distinct}


def stage_label(stage: str) -> str:
    """Returns a stage in words.

    >>> stage_label("second"), stage_label("follow_up-2")
    ('Second rating', 'Follow-up 2')
    """
    return STAGE_LABELS.get(stage) or f"Follow-up {stage.rpartition('-')[2]}"


def written_name(local: str) -> str:
    """Returns a practitioner's own id as people read it. Annex A has names for ids, and its reader keeps them in one folded spelling, in
    small letters: a name of two words or more gets its capitals back, as far as a rule can tell. Any other id stays as it is.

    >>> written_name("anne-marie o'neill"), written_name("P000-0003"), written_name("jsmith")
    ("Anne-Marie O'Neill", 'P000-0003', 'jsmith')
    """
    is_folded = len(local.split()) > 1 and local == local.casefold() and not any(letter.isdigit() for letter in local)
    return _FIRST_LETTER.sub(lambda found: found[0].upper(), local) if is_folded else local


def case_label(alias: Mapping[str, str], case: str, local: str = "") -> str:
    """Returns a case's label: the local id where it may be shown, else its alias, as "Case 4F2A"."""
    return local or f"Case {alias.get(case, case[:ALIAS_CHARACTERS].upper())}"


def practitioner_label(alias: Mapping[str, str], practitioner: str, local: str = "") -> str:
    """Returns a practitioner's label: the local id where it may be shown, else an alias, as "Practitioner 9C1B"."""
    if not practitioner:
        return PRACTITIONER_UNKNOWN
    return local or f"Practitioner {alias.get(practitioner, practitioner[:ALIAS_CHARACTERS].upper())}"
