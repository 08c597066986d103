"""Who can see what: each role, and nobody, against each address of the scoring server and each file that a service keeps.

The tables are the rule (docs/people.md, "Who sees what"; City of York, standard 7). An address, a kind of entry or a file that no table has fails
the test, so that nothing new is left out.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sampling.keys import HOME_VARIABLE
from sampling.scoring.server.routing import routes
from tests.scoring_server import Client, Server, scoring_server
from tests.scoring_service import (
    LEAD,
    MODERATOR,
    OTHER_SUPERVISOR,
    PEOPLE,
    SECOND_RATER,
    SUPERVISEE,
    SUPERVISOR,
    Scene,
    commented,
    event,
    full_rating,
    make_service,
    new_id,
)

COLLEAGUE = "Ada Quill"
COLLEAGUE_LINES = f'\n[[person]]\nid = "P000-0003"\nname = "{COLLEAGUE}"\nrole = "supervisee"\n'
ROLES = (SUPERVISOR, OTHER_SUPERVISOR, SECOND_RATER, MODERATOR, LEAD, SUPERVISEE, COLLEAGUE)
SIGNED_OUT = "nobody"

# words  the answer has what somebody wrote about the case or in the session
# read   the page answers, and has no such word
# -      refused, with a sentence
# Cases: `begun` and `signed` are Ruth Adeyemi's own, each rated once, the practitioner Sam Okafor; `sealed` is rated twice by Ruth Adeyemi
# and Ines Duarte and signed by the first alone; `both` is rated twice by Ruth Adeyemi and Tom Brook and signed by both, so that it is open.
ADDRESSES = """
address                    supervisor  other_supervisor  second_rater  moderator  lead   supervisee  colleague  nobody
me                         read        read              read          read       read   read        read       -
queue                      read        read              read          read       read   read        read       -
follow_up                  words       words             words         read       read   words       read       -
moderation                 read        read              read          read       read   read        read       -
sessions                   read        read              read          read       read   read        read       -
session/of_the_pair        words       -                 -             -          read   words       -          -
review/begun               words       -                 -             -          read   -           -          -
review/signed              words       -                 -             -          read   words       -          -
review/sealed              words       -                 -             -          -      -           -          -
review/sealed_second       -           -                 words         -          -      -           -          -
review/both                words       -                 -             words      read   -           -          -
moderation/both            words       words             -             words      -      -           -          -
moderation/sealed          -           -                 -             -          -      -           -          -
compare/signed             -           -                 -             -          -      -           -          -
record/begun.html          words       -                 -             -          read   -           -          -
record/signed.html         words       -                 -             -          read   words       -          -
record/signed.txt          words       -                 -             -          read   words       -          -
record/signed.pdf          read        -                 -             -          read   read        -          -
record/sealed.html         words       -                 -             -          -      -           -          -
heartbeat                  read        read              read          read       read   read        read       -
static/app.js              read        read              read          read       read   read        read       -
"""
WORD = "zebracrossing"  # stands in every text that anybody writes here
COLUMN_GAP = re.compile(r"\s{2,}")


def table(text: str) -> dict[str, dict[str, str]]:
    """Returns the cells of a table above: row -> column -> cell."""
    head, *rows = [COLUMN_GAP.split(line.strip()) for line in text.strip().splitlines()]
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


COLUMNS = {
    "supervisor": SUPERVISOR, "other_supervisor": OTHER_SUPERVISOR, "second_rater": SECOND_RATER, "moderator": MODERATOR, "lead": LEAD,
    "supervisee": SUPERVISEE, "colleague": COLLEAGUE, "nobody": SIGNED_OUT,
}  # fmt: skip


@dataclass
class Stage:
    """A service in the middle of its life, the server over it, and what the tables' names stand for."""

    scene: Scene
    server: Server
    private: Path
    stands_for: dict[str, str]

    def client(self, column: str) -> Client:
        """A client in a role; "nobody" is one that knows a place and has no token."""
        name = COLUMNS[column]
        return self.server.client(SUPERVISOR, signed_in=False) if name == SIGNED_OUT else self.server.client(name)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One service and one server for all rows."""
    folder = tmp_path_factory.mktemp("roles")
    private = folder / "private"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(private))
        scene = make_service(folder, private, people=PEOPLE + COLLEAGUE_LINES)
        named = live(scene)
        with scoring_server(scene.home) as server:
            yield Stage(scene, server, private, named)
        scene.service.close()


def live(scene: Scene) -> dict[str, str]:
    """Brings the service to where the tables begin; returns what their names stand for."""
    world = scene.service.world()
    firsts = [one for one in world.reviews.values() if one.stage == "first" and not world.is_closed(one)]
    of_pair = [one for one in firsts if one.practitioner_key == scene.key(SUPERVISEE) and not one.planted]
    signed = next(one for one in of_pair if not one.sealed)
    sealed = next(one for one in of_pair if one.sealed)
    begun = next(one for one in firsts if world.names[one.rater] == SUPERVISOR and not one.sealed and one != signed)
    (first, both), (second, both_second) = scene.double()
    if both == sealed.id:
        raise AssertionError("The two cases that are rated twice must differ.")
    for name, review in ((SUPERVISOR, signed.id), (SUPERVISOR, sealed.id), (first, both), (second, both_second)):
        write(scene, name, review, begun=False)
    write(scene, SUPERVISOR, begun.id, begun=True)
    sealed_second = world.stages(sealed)["second"]
    write(scene, world.names[sealed_second.rater], sealed_second.id, begun=True)
    return {
        "review/begun": f"review/{begun.id}", "review/signed": f"review/{signed.id}", "review/sealed": f"review/{sealed.id}",
        "review/sealed_second": f"review/{sealed_second.id}", "review/both": f"review/{both}",
        "moderation/both": f"moderation/{world.reviews[both].case}", "moderation/sealed": f"moderation/{sealed.case}",
        "compare/signed": f"compare/{signed.id}", "session/of_the_pair": f"session/{meet(scene)}",
        **{f"record/{case}.{kind}": f"record/{review.id}.{kind}" for case, review, kind in (
            ("begun", begun, "html"), ("sealed", sealed, "html"), ("signed", signed, "html"), ("signed", signed, "txt"), ("signed", signed, "pdf"),
        )},
    }  # fmt: skip


def write(scene: Scene, name: str, review: str, *, begun: bool) -> None:
    """Scores a review with the word in each comment, an action too; signs it unless it is only begun."""
    shown = scene.review(name, review)
    ref = next(iter(shown["state"]["criteria"]))
    action, due = new_id(), str(scene.today)
    raised = {"action": action, "action_kind": "gp_liaison", "text": WORD, "owner": SUPERVISEE, "criterion": ref}
    events = [one for one in full_rating(shown) if one["kind"] != "commented"]
    events.append(commented(shown, ref, WORD))
    events.append(event("action_raised", review, f"action:{action}", {**raised, "due": due, "review_date": due}))
    scene.append(name, *(events[:1] + events[-2:] if begun else events))
    if not begun:
        scene.sign(name, review)


def meet(scene: Scene) -> str:
    """Returns a formal one-to-one of the pair with the word in a note."""
    session, day = new_id(), str(scene.today)
    pair = {"supervisor": scene.key(SUPERVISOR), "supervisees": [scene.key(SUPERVISEE)]}
    opened = {"session_kind": "formal_one_to_one", "held_on": day, **pair, "anonymised": False}
    covered = {"item": "escalation_use", "covered": True, "note": WORD}
    scene.append(SUPERVISOR, event("session_opened", session, "session", opened))
    scene.append(SUPERVISOR, event("agenda_covered", session, "agenda:escalation_use", covered))
    return session


@pytest.mark.parametrize("column", COLUMNS)
def test_each_role_at_each_address(stage: Stage, column: str) -> None:
    client, found = stage.client(column), {}
    rows = table(ADDRESSES)
    for row in rows:
        path = stage.stands_for.get(row, row)
        prefix = "sampling/static" if path.startswith("static/") else "sampling/api"
        answer = client.get(f"{prefix}/{path.removeprefix('static/')}{'?purpose=supervision' if '/' in path else ''}")
        found[row] = cell(answer.status, answer.body)
    assert found == {row: cells[column] for row, cells in rows.items()}


def cell(status: int, body: bytes) -> str:
    """Returns what a table says of such an answer."""
    if status == 200:
        return "words" if WORD.encode() in body else "read"
    assert status in (403, 404) and WORD.encode() not in body
    return "-"


def test_every_address_of_the_server_has_a_row() -> None:
    patterns = [pattern for pattern, _, _ in routes("", None, None)]  # type: ignore[arg-type]
    rows = set(table(ADDRESSES))
    bare = [re.sub(r"^/sampling/(api/)?|\(.*$", "", pattern).rstrip("/") for pattern in patterns]
    written = {"events", "sign"}  # these take, and the tables below have them
    assert {one for one in bare if one and one != ".*"} - {row.partition("/")[0] for row in rows} == written


# mode  what the program gives the file: 600 is the service's own account, 644 is whoever gets the folder
# holds names, ids (of the record system), keys, words; "-" is none of them, so that the file may leave the service
FILES = """
place    file                  mode  holds
private  secret.key            600   secret
private  seals/*               600   secret
private  local_ids/*           600   ids, keys
home     people.toml           its   names, ids
home     journal/*             600   names, keys, words
home     */private/*           600   keys, words
home     */private/record/*/*  600   keys, words
home     */share/*             644   -
home     register.jsonl        644   -
home     */.lock               644   -
home     .register.lock        644   -
"""


def test_each_file_that_a_service_keeps_is_as_private_as_its_table_says(stage: Stage) -> None:
    places = {"private": stage.private, "home": stage.scene.home}
    rules = [COLUMN_GAP.split(line.strip()) for line in FILES.strip().splitlines()[1:]]
    met = set()
    for place, folder in places.items():
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            name = path.relative_to(folder).as_posix()
            rule = next((rule for rule in rules if rule[0] == place and fits(name, rule[1])), None)
            assert rule is not None, f"no row has {place} {name}"
            met.add(tuple(rule))
            if rule[2] != "its":
                assert oct(path.stat().st_mode & 0o777) == f"0o{rule[2]}", name
            held = holds(path, stage)
            assert held <= set(rule[3].split(", ")), (name, held)
    assert met == {tuple(rule) for rule in rules}


def fits(name: str, pattern: str) -> bool:
    """Tells whether a path is one that a row stands for: a star is one folder or file."""
    return name.count("/") == pattern.count("/") and fnmatch.fnmatchcase(name, pattern)


def holds(path: Path, stage: Stage) -> set[str]:
    """Returns which kinds of things a file has: names, ids, keys, words, secret."""
    if path.suffix == ".parquet":
        columns = pq.read_table(path).to_pydict()
        text = json.dumps(columns, default=str)
    else:
        text = path.read_bytes().decode("utf-8", errors="ignore")
    keys = {person.key for person in stage.scene.people.values()}
    keys |= {
        key for row in stage.scene.service.world().reviews.values() for key in (row.practitioner_key, row.case_key)
    }
    found = {
        "names": [name for name in ROLES if name in text],
        "ids": re.findall(r"\b(?:P|SR)\d{3}-\d{4}", text),
        "keys": [key for key in keys if key and key in text],
        "words": [WORD] if WORD in text else [],
        "secret": [path] if stage.private in path.parents and path.parent.name != "local_ids" else [],
    }
    return {kind for kind, values in found.items() if values}
