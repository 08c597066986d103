"""The invented people of a practice service: who supervises which team, who rates a second time, who moderates. Nobody in it exists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sampling.scoring.settings.draws import Draw, local_ids
from sampling.storage import write_whole
from sampling.tickets import digest

SEATS_A_TEAM = 2  # practitioners of each team who have a seat of their own: they reply, and sign what they have seen
HEADING = (
    "# Written by `sampling month --practice`: invented people for an invented service. For a service of your own write a file of\n"
    "# your own (docs/commands.md, score).\n"
)
SUPERVISORS = ("Ruth Adeyemi", "Tom Brook", "Ines Duarte", "Kofi Lamptey", "Hana Novak", "Piers Whitlock")
SUPERVISEES = (
    "Sam Okafor", "Lena Ferreira", "Dev Mistry", "Orla Quinn", "Marek Zielinski", "Aisha Rahman", "Joe Tanner", "Wei Chen",
    "Freya Holm", "Luca Moretti", "Nadia Petrova", "Owen Price",
)  # fmt: skip
SECOND_RATER, MODERATOR, LEAD = "Grace Osei", "Maya Lind", "Jo Petrov"


def write_people(path: Path, draw: Draw) -> None:
    """Writes people.toml for the teams and practitioners of a draw, unless there is one already."""
    if path.exists():
        return
    teams = sorted({case.team for case in draw.under_review if case.team})
    groups = [teams[place :: len(SUPERVISORS)] for place in range(min(len(SUPERVISORS), len(teams)))]
    entries = [
        entry(f"practice-s{place}", name, ["supervisor"], [f"team:{team}" for team in group])
        for place, (name, group) in enumerate(zip(SUPERVISORS, groups, strict=False))
    ]
    entries += [
        entry(local, name, ["supervisee"]) for local, name in zip(_seats(draw, teams), SUPERVISEES, strict=False)
    ]
    others = {"second_rater": SECOND_RATER, "moderator": MODERATOR, "lead": LEAD}
    entries += [entry(f"practice-{role}", name, [role]) for role, name in others.items()]
    write_whole(path, (HEADING + "\n".join(entries)).encode("utf-8"))


def _seats(draw: Draw, teams: Sequence[str]) -> list[str]:
    """Returns the staff ids of the practitioners with a seat: of each team the seed's first two."""
    ids = local_ids(draw.commit, {case.practitioner_key for case in draw.under_review})
    found: list[str] = []
    for team in teams:
        keys = {case.practitioner_key for case in draw.under_review if case.team == team} & set(ids)
        # one person may hold cases of two teams
        found += sorted(keys - set(found), key=lambda key: digest(f"practice|{draw.seed}|seat|{key}"))[:SEATS_A_TEAM]
    return [ids[key] for key in found]


def entry(
    local: str, name: str, roles: Sequence[str], supervises: Sequence[str] = (), *, left: date | None = None
) -> str:
    """Returns the lines of one person of a people file; `left` is the last day of somebody who has no seat any more."""
    lines = ["[[person]]", f"id = {_text(local)}", f"name = {_text(name)}", f"role = [{', '.join(map(_text, roles))}]"]
    lines += [f"supervises = [{', '.join(map(_text, supervises))}]"] if supervises else []
    lines += [f"left = {left.isoformat()}"] if left else []
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    """Returns a text as TOML, with every letter that could end it written by its number."""
    inside = "".join(
        letter if letter.isprintable() and letter not in '"\\' else f"\\u{ord(letter):04X}" for letter in value
    )
    return f'"{inside}"'
