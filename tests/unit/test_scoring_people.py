"""The people file: every fault at once, entries named by number and never by name or id, ids turned into keys."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from sampling.commands.scoring import _as_json, _in_words
from sampling.errors import PolicyError
from sampling.keys import Keyring
from sampling.scoring.settings.people import load_people, single_person
from sampling.scoring.settings.people_check import Known, unmatched

GOOD = """
[[person]]
id = "P1"
name = "Ruth Adeyemi"
role = ["supervisor", "lead"]
started = 2026-05-01
supervises = ["team:North", "P7"]

[[person]]
id = "P7"
name = "Ada Brook"
role = "supervisee"
"""


def staff_key(local: str) -> str:
    return f"key of {local}"


def people_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "people.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load_people(people_file(tmp_path, text), staff_key)
    return [finding.message for finding in caught.value.findings]


def test_people_are_keyed_and_in_order_of_name(tmp_path: Path) -> None:
    people = load_people(people_file(tmp_path, GOOD), staff_key)
    ada, ruth = people.everyone
    assert (ada.name, ada.key, ada.roles) == ("Ada Brook", "key of P7", {"supervisee"})
    assert (ruth.teams, ruth.practitioners, ruth.started) == ({"North"}, {"key of P7"}, date(2026, 5, 1))
    assert people.by_key("key of P1") is ruth and people.named(" Ruth Adeyemi ") is ruth
    assert people.name_of("key of P9") == "Someone without a seat"
    assert people.having("lead") == (ruth,)
    assert ruth.can_rate and not ada.can_rate and ruth.supervises_named


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ('name = "A"\nrole = "supervisor"', "person 1: id must be the service's own staff id"),
        ('id = 12\nname = "A"\nrole = "supervisor"', "person 1: id must be the service's own staff id"),
        ('id = "1"\nrole = "supervisor"', "person 1: name must be a text of 1 to 100 characters"),
        ('id = "1"\nname = "A"', "person 1: role must be one or more of: supervisor, supervisee"),
        ('id = "1"\nname = "A"\nrole = "boss"', "person 1: role must be one or more of"),
        ('id = "1"\nname = "A"\nrole = "supervisor"\nstarted = "2026-05-01"', "started must be a day without quotes"),
        ('id = "1"\nname = "A"\nrole = "supervisor"\nstarted = 2026-05-01T09:00:00', "started must be a day"),
        (
            'id = "1"\nname = "A"\nrole = "supervisor"\nsupervises = [3]',
            "supervises must list practitioner ids, or teams",
        ),
        (
            'id = "1"\nname = "A"\nrole = "lead"\nsupervises = ["P1"]',
            "supervises is given, but the role supervisor is not",
        ),
        (
            'id = "1"\nname = "A"\nrole = "supervisor"\nemail = "x"',
            "person 1: unknown keys: email; known are id, left, name",
        ),
    ],
)
def test_each_value_is_checked(tmp_path: Path, entry: str, fault: str) -> None:
    assert any(fault in found for found in faults(tmp_path, f"[[person]]\n{entry}\n"))


def test_every_fault_is_told_at_once_and_no_name_or_id_is(tmp_path: Path) -> None:
    text = '[[person]]\nid = "SECRET-1"\nname = "Zebedee Q"\nrole = "boss"\n' * 2
    found = faults(tmp_path, text)
    assert found == [
        "nobody has the role supervisor, so that no case could be scored",
        "person 1: role must be one or more of: supervisor, supervisee, second_rater, moderator, lead",
        "person 2: role must be one or more of: supervisor, supervisee, second_rater, moderator, lead",
        "person 2: the same id as person 1; one person has one entry, with all roles",
    ]
    assert "SECRET-1" not in " ".join(found) and "Zebedee" not in " ".join(found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file names nobody"),
        ("[person]\nid = 1", r"may hold \[\[person\]\] entries alone"),
        ("people = 1", r"may hold \[\[person\]\] entries alone"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(PolicyError, match=r"people.toml has 1 fault\.") as caught:
        load_people(people_file(tmp_path, text), staff_key)
    assert re.search(words, caught.value.findings[0].message)


def test_a_file_that_cannot_be_read_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="people file gone.toml cannot be read"):
        load_people(tmp_path / "gone.toml", staff_key)
    with pytest.raises(PolicyError, match="people.toml is not valid TOML"):
        load_people(people_file(tmp_path, "x = "), staff_key)


def test_a_single_person_supervises_moderates_and_leads_all(keyring: Keyring) -> None:
    person = single_person(" Ruth ", keyring).everyone[0]
    assert person.everyone and person.roles == {"supervisor", "moderator", "lead"} and person.name == "Ruth"
    assert person.key == keyring.key("staff", "names", "Ruth")
    with pytest.raises(PolicyError, match="Say who scores"):
        single_person("  ", keyring)


# What leads nowhere


KNOWN = Known(frozenset(("key of P1", "key of P7")), frozenset(("key of S1",)), frozenset(("North",)))


def test_a_file_whose_ids_are_all_known_gives_no_warning(tmp_path: Path) -> None:
    assert unmatched(people_file(tmp_path, GOOD), staff_key, KNOWN) == []


def test_an_id_or_team_that_nobody_has_is_told_by_its_line_and_never_by_itself(tmp_path: Path) -> None:
    text = (
        GOOD.replace('"P7"]', '"P8", "team:Nroth"]').replace('id = "P7"', 'id = "P9"')
        + """
[[person]]
id = "S2"
name = "Tom Brook"
role = "supervisor"

[[person]]
id = "S3"
name = "Ines Duarte"
role = ["second_rater", "moderator", "lead"]
"""
    )
    assert unmatched(people_file(tmp_path, text), staff_key, KNOWN) == [
        "people.toml, line 7: of 1 practitioner ids in supervises, 1 match nobody in any draw or record here.",
        "people.toml, line 7: of 2 team names in supervises, 1 match no team in any draw here. Check the spelling.",
        "people.toml, line 9: no draw and no record here has a practitioner with this id, so that this supervisee sees no case.",
        "people.toml, line 14: no record here names this id as a supervisor, so that no case comes to this person. "
        "Check the id, or add supervises.",
    ]


def test_the_warnings_stand_before_the_addresses() -> None:
    told = _in_words([("Ruth", "http://127.0.0.1:1/")], ["people.toml, line 9: no draw has it."])
    assert told.splitlines()[0] == "Warning: people.toml, line 9: no draw has it."
    assert _as_json([], ["w"]) == '{"addresses": [], "warnings": ["w"]}'
