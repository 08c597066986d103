"""The ids of the entries that the service writes of itself: they follow from what they are about, so that the same one is written once.

Whoever can work such an id out could hand in an event under it first, and what the service writes then would be refused for ever. So these
ids begin as no browser's do, and nobody hands one in.
"""

from __future__ import annotations

from sampling.tickets import digest

RESERVED = "00000000"  # a browser's 32 random digits begin so once in four thousand million times, and are then refused
TAKEN = "Its id is one of those that the service keeps for its own entries. Give it a new id"


def own_id(about: str) -> str:
    """Returns the id of an entry that the service writes, 32 hexadecimal digits: the same for the same text.

    >>> own_id("csr1/void|1|rater")[:8], len(own_id(""))
    ('00000000', 32)
    """
    return RESERVED + digest(about)[: 32 - len(RESERVED)]


def file_of(person: str) -> str:
    """Returns the id under which it is logged that a person's own page was opened (City of York, standard 7): it is no review's and no
    session's.

    >>> len(file_of("a" * 64))
    32
    """
    return own_id(f"csr1/file|{person}")


def is_reserved(identity: object) -> bool:
    """Tells whether an id that was handed in is one of the service's own."""
    return isinstance(identity, str) and identity.startswith(RESERVED)
