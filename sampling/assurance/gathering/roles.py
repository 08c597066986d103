"""Whom the policy is for: everybody but the roles that it leaves out (City of York, "not admin", D18)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from sampling.assurance.coverage_facts import Sources
from sampling.assurance.profile import Profile
from sampling.page.words import counted

LEFT_OUT = "{people} in roles that the policy leaves out ({roles}): nothing falls due for {whom} here."
NO_ROLES = "No job role is recorded for {n} of {of} people: they are counted like everyone else."
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class InScope:
    """The sources without those whom the policy leaves out, how many these were, and what to say of it."""

    sources: Sources
    left_out: int
    untold: tuple[str, ...]


def in_scope(sources: Sources, profile: Profile) -> InScope:
    """Returns the sources of the people whom a policy is for. A role is left out where its first words are the policy's own: nobody is
    for the sake of a contract, or because a role is not recorded (D8).
    """
    roles = profile.scope.left_out if profile.scope else ()
    out = {one.person for one in sources.staff if any(_is(one.role, role) for role in roles)}
    said = []
    if out:
        listed = ", ".join(role.replace("_", " ") for role in roles)
        said.append(LEFT_OUT.format(people=counted(len(out), "person is", "people are"), roles=listed, whom="them"))
    nameless = sum(not one.role for one in sources.staff)
    if roles and nameless:
        said.append(NO_ROLES.format(n=nameless, of=len(sources.staff)))
    return InScope(_without(sources, out) if out else sources, len(out), tuple(said))


def _is(role: str, left_out: str) -> bool:
    wanted = _WORD.findall(left_out.casefold())
    return bool(wanted) and _WORD.findall(role.casefold())[: len(wanted)] == wanted


def _without(sources: Sources, out: set[str]) -> Sources:
    """A group in which somebody else was, too, stays theirs."""
    sessions = [
        replace(one, supervisees=left)
        for one in sources.sessions
        if (left := tuple(key for key in one.supervisees if key not in out)) or not one.supervisees
    ]
    rows = sources.supervisions
    return replace(
        sources,
        sessions=tuple(sessions),
        staff=tuple(one for one in sources.staff if one.person not in out),
        supervisions=None if rows is None else tuple(one for one in rows if one.person not in out),
        seen=tuple(one for one in sources.seen if one.person not in out),
    )
