"""Names of workers in Annex A: spellings of one name brought together before the name becomes a key, and
never shown.

Only what is safe is folded: Unicode form, no-break and doubled spaces, case, and "Surname, Forename". Names
that look alike
beyond that (a hyphen, an accent, the order of the parts) may be two people: they stay apart and are counted
as possible twins.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# What services write where nobody is allocated. A key for one of these would give a vacancy a quota of cases.
NOBODY = frozenset(
    (
        ";n a;na;nil;none;null;no worker;no allocated worker;not allocated;unallocated;to be allocated;tba;"
        "tbc;awaiting allocation;not recorded;not known;unknown;vacant;vacancy;duty;duty worker;duty team;"
        "duty social worker;ref;value;name;div 0"
    ).split(";")
)


def fold_name(name: str) -> str:
    """Returns a name in the one spelling that is keyed, or an empty text when it names nobody.

    >>> fold_name("Jane\u00a0 EXAMPLE"), fold_name("Example, Jane"), fold_name("#N/A"), fold_name("TBC")
    ('jane example', 'jane example', '', '')
    """
    text = " ".join(unicodedata.normalize("NFC", name.replace("\u00a0", " ").replace("\u202f", " ")).split()).casefold()
    text = unicodedata.normalize("NFC", text)
    parts = [part.strip() for part in text.split(",")]
    if len(parts) == 2 and all(parts):
        text = f"{parts[1]} {parts[0]}"
    letters = " ".join(re.findall(r"\w+", text.replace("_", " ")))
    return "" if letters in NOBODY else text


def twin_key(folded: str) -> str:
    """Returns what two spellings of perhaps one name share: no accents, no punctuation, the parts in
    alphabetical order.

    >>> twin_key("anne-marie o'neill") == twin_key("o’neill anne marie")
    True
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    plain = re.sub("['’‘`´]", "", plain)
    return " ".join(sorted(re.findall(r"\w+", plain)))


def possible_twins(folded: Iterable[str]) -> list[set[str]]:
    """Returns the groups of different folded names that may be one person, in a fixed order."""
    groups: dict[str, set[str]] = {}
    for name in folded:
        if name:
            groups.setdefault(twin_key(name), set()).add(name)
    return [groups[key] for key in sorted(groups) if len(groups[key]) > 1]
