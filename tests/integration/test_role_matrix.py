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
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sampling.errors import SamplingError
from sampling.journal.events import payload_kinds
from sampling.keys import HOME_VARIABLE
from sampling.scoring.errors import EventsRefused
from sampling.scoring.server.routing import routes
from tests.scoring_server import Client, Server, scoring_server
from tests.scoring_service import (
    COLLEAGUE,
    COLLEAGUE_LINES,
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
assurance/mine             -           -                 -             -          -      words       read       -
assurance/person/supervisee  words     -                 -             -          -      words       -          -
assurance/supervisees      read        read              -             -          -      -           -          -
assurance/patterns         -           -                 -             -          read   -           -          -
assurance/leading          -           -                 -             -          words  -           -          -
assurance/file.txt         -           -                 -             -          -      words       read       -
assurance/file.json        -           -                 -             -          -      words       read       -
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

    def id_of(self, row: str) -> str:
        """The id of what a row of the first table is about."""
        return self.stands_for[row].partition("/")[2]

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
    ask(scene)
    return {
        "assurance/person/supervisee": f"assurance/person/{scene.key(SUPERVISEE)}",
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
    scene.append(name, *(events[:2] + events[-2:] if begun else events))
    if not begun:
        scene.sign(name, review)


def ask(scene: Scene) -> None:
    """The supervisee says that supervision does not meet their needs, and objects to who may read their record."""
    flag, objection = new_id(), new_id()
    person, supervisor = scene.key(SUPERVISEE), scene.key(SUPERVISOR)
    said = {
        "flag": flag,
        "person": person,
        "supervisor": supervisor,
        "to": "supervisor",
        "reason": "model",
        "note": WORD,
    }
    asked = {"objection": objection, "person": person, "about": "third_party_access", "note": WORD}
    scene.append(
        SUPERVISEE,
        event("needs_flagged", "", f"needs:{flag}", said),
        event("objection_raised", "", f"objection:{objection}", asked),
    )


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


def test_every_address_of_the_server_has_a_row(stage: Stage) -> None:
    patterns = [pattern for pattern, _, _ in routes("", None, None)]  # type: ignore[arg-type]
    paths = [
        f"/sampling/{'' if row.startswith('static/') else 'api/'}{stage.stands_for.get(row, row)}"
        for row in table(ADDRESSES)
    ]
    left = [pattern for pattern in patterns if not any(re.fullmatch(pattern, path) for path in paths)]
    assert left == ["/sampling/api/events", "/sampling/api/sign"]  # these take, and the tables below have them


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


# Who may write each kind of entry. `on` is where it is tried; an entry that the program alone writes is refused to everyone. What a seat of the
# calibration server, `sampling purge` and the journal's own keepers write has no way in at this server at all.
ENTRIES = """
kind                   on       supervisor  other_supervisor  second_rater  moderator  lead  supervisee  colleague
rated                  begun    yes         -                 -             -          -     -           -
commented              begun    yes         -                 -             -          -     -           -
evidence_pointed       begun    yes         -                 -             -          -     -           -
evidence_withdrawn     begun    yes         -                 -             -          -     -           -
safety_answered        begun    yes         -                 -             -          -     -           -
action_raised          begun    yes         -                 -             -          -     -           -
action_moved           begun    yes         -                 -             -          -     -           -
action_seen_in_record  begun    yes         -                 -             -          -     -           -
action_closed          begun    yes         -                 -             -          -     -           -
parked                 begun    yes         -                 -             -          -     -           -
referred               begun    yes         -                 -             -          -     -           -
pasted_into_record     begun    yes         -                 -             -          -     -           -
deviation_recorded     signed   -           -                 -             -          -     yes         -
time_spent             begun    yes         -                 -             -          -     -           -
phrase_kept            begun    yes         -                 -             -          -     -           -
replied                signed   -           -                 -             -          -     yes         -
reply_answered         signed   yes         -                 -             -          -     -           -
moderated              both     -           -                 -             yes        -     -           -
anchor_flagged         both     -           -                 -             yes        -     -           -
session_opened         session  yes         -                 -             -          -     -           -
agenda_covered         session  yes         -                 -             -          -     yes         -
prompt_answered        session  yes         -                 -             -          -     yes         -
case_discussed         session  yes         -                 -             -          -     yes         -
prior_action_reviewed  session  yes         -                 -             -          -     yes         -
session_described      session  yes         -                 -             -          -     yes         -
judgement_endorsed     session  yes         -                 -             -          -     -           -
session_closed         session  yes         -                 -             -          -     -           -
absence_noted          noted    yes         -                 -             -          -     -           -
delay_noted            noted    yes         -                 -             -          -     -           -
interval_agreed        noted    yes         -                 -             -          -     -           -
appraisal_held         noted    yes         -                 -             -          -     -           -
folder_checked         noted    yes         -                 -             -          -     yes         -
case_exempted          noted    yes         -                 -             -          -     -           -
case_delay_noted       noted    yes         -                 -             -          -     -           -
case_interval_agreed   noted    yes         -                 -             -          -     -           -
agreement_drafted      noted    yes         -                 -             -          -     -           -
agreement_signed       noted    -           -                 -             -          -     yes         -
agreement_reviewed     noted    yes         -                 -             -          -     yes         -
newly_qualified_noted  noted    -           -                 -             -          yes   -           -
supervisor_trained     noted    yes         -                 -             -          yes   -           -
needs_flagged          noted    -           -                 -             -          -     yes         -
needs_answered         noted    yes         -                 -             -          -     -           -
objection_raised       noted    -           -                 -             -          -     yes         -
objection_decided      noted    -           -                 -             -          yes   -           -
pattern_seen           noted    -           -                 -             -          yes   -           -
pattern_response       noted    -           -                 -             -          yes   -           -
pattern_outcome        noted    -           -                 -             -          yes   -           -
"""
BY_NOBODY_HERE = frozenset(
    (
        "journal_opened", "accessed", "unsealed", "purged", "hold_set", "hold_lifted", "purge_planned", "purge_approved", "purge_run",
        "purge_finished", "rubrics_frozen", "signed", "seed_shown", "signature_voided", "calibration_opened", "calibration_joined",
        "calibration_removed", "calibration_answered", "calibration_staged", "calibration_stepped", "anchor_proposed", "group_recorded",
    )
)  # fmt: skip
ELSEWHERE = frozenset(("conflict_resolved",))  # whoever may write a value may choose: test_scoring_drafts.py


def test_each_role_and_each_kind_of_entry(stage: Stage) -> None:
    rows, found = table(ENTRIES), {}
    made = Making(stage)
    for kind, cells in rows.items():
        found[kind] = {"on": cells["on"]}
        for column in sorted((name for name in cells if name != "on"), key=lambda name: cells[name] == "yes"):
            try:
                stage.scene.append(COLUMNS[column], made.event(kind, cells["on"], column))
                found[kind][column] = "yes"
            except SamplingError as refusal:
                assert refusal.message.endswith((".", ":")) and WORD not in str(refusal.findings), kind
                found[kind][column] = "-"
    assert found == rows


@pytest.mark.parametrize("kind", sorted(BY_NOBODY_HERE))
def test_what_only_the_program_writes_is_refused_to_everyone(stage: Stage, kind: str) -> None:
    review = stage.id_of("review/begun")
    for name in ROLES:
        with pytest.raises(EventsRefused) as refusal:
            stage.scene.append(name, event(kind, review, "", {}))
        assert [one.message for one in refusal.value.findings] == ["This is written by the service alone"]


def test_every_kind_of_entry_has_a_row() -> None:
    assert set(payload_kinds()) == set(table(ENTRIES)) | BY_NOBODY_HERE | ELSEWHERE


class Making:
    """Makes an entry of a kind that is right in everything but perhaps its writer."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.scene = stage, stage.scene
        self.shown = self.scene.review(SUPERVISOR, stage.id_of("review/begun"))
        self.ref = next(iter(self.shown["state"]["criteria"]))
        self.pointer, self.action = self._first("evidence_pointed", "pointer"), self._first("action_raised", "action")

        self.agreement, self.content = self._drafted()
        self.flag = self._first("needs_flagged", "flag", "")
        self.objection = self._first("objection_raised", "objection", "")
        self.pattern, self.response, self.added = "a" * 32, new_id(), new_id()

    def _drafted(self) -> tuple[str, str]:
        """Returns (agreement of the pair that the supervisor has signed, the hash of its content)."""
        agreement, person, supervisor = new_id(), self.scene.key(SUPERVISEE), self.scene.key(SUPERVISOR)
        self.scene.append(SUPERVISOR, self.noted("agreement_drafted", agreement))
        shown = self.scene.service.assurance_person(supervisor, person, now=self.scene.now)
        content = next(row["content"] for row in shown["agreements"] if row["agreement"] == agreement)
        said = {"agreement": agreement, "person": person, "role": "supervisor", "content": content}
        self.scene.append(SUPERVISOR, event("agreement_signed", "", f"agreement_signed:{agreement}/supervisor", said))
        return agreement, content

    def _first(self, kind: str, name: str, review: str | None = None) -> str:
        """Returns the id in the first entry of a kind on the case that is begun, or where it is said to be."""
        where = self.shown["review"] if review is None else review
        entries = self.scene.service.journal.entries(review=where, kinds=[kind])
        return str(getattr(entries[0].payload, name))

    def event(self, kind: str, on: str, column: str) -> dict[str, Any]:
        """Returns the entry as the form of that person would hand it in."""
        if on == "noted":
            return self.noted(kind, new_id())
        subject, data = self.data(kind)
        review = {
            "begun": self.shown["review"], "signed": self.stage.id_of("review/signed"), "session": self.stage.id_of("session/of_the_pair"),
            "both": self.moderated_review(),
        }[on]  # fmt: skip
        if kind == "session_opened":
            review = new_id()
        kept = self.scene.service.journal.entries(review=review)
        revision = max((entry.revision for entry in kept if entry.subject == subject), default=0)
        return event(kind, review, subject, data, revision)

    def noted(self, kind: str, new: str) -> dict[str, Any]:
        """Returns an entry that belongs to no review: about the supervisee, one of their cases, or a pattern."""
        day, person, supervisor = str(self.scene.today), self.scene.key(SUPERVISEE), self.scene.key(SUPERVISOR)
        case = self.scene.service.world().reviews[self.stage.id_of("review/signed")].case_key
        days, of, more = {"first": day, "last": day}, {"person": person}, {"every": 2, "unit": "week"}
        agreement = {"agreement": getattr(self, "agreement", new), "person": person}
        response = {"pattern": getattr(self, "pattern", ""), "response": getattr(self, "response", "")}
        entries_of: dict[str, tuple[str, dict[str, Any]]] = {
            "absence_noted": (f"absence:{new}", {"absence": new, **of, **days}),
            "delay_noted": (f"delay:{new}", {"delay": new, **of, **days, "reason": "urgent_work"}),
            "interval_agreed": (f"interval:{new}", {"agreed": new, **of, **days, **more, "reason": "returned"}),
            "appraisal_held": (f"appraisal:{new}", {"appraisal": new, **of, "on": day}),
            "folder_checked": (f"folder:{person}/registration", {**of, "item": "registration", "on": day}),
            "case_exempted": (f"exemption:{new}", {
                "exemption": new, "case": case, **days, "reason": "plan_on_course", "case_reference": "R 1", "session_reference": "R 2",
            }),
            "case_delay_noted": (f"case_delay:{new}", {"delay": new, "case": case, **days, "reason": "urgent_work"}),
            "case_interval_agreed": (f"case_interval:{new}", {"agreed": new, "case": case, **days, **more, "reason": "risk"}),
            "agreement_drafted": (f"agreement:{new}", {
                "agreement": new, **of, "supervisor": supervisor, "drafted_on": day, "reference": "R 3",
            }),
            "agreement_signed": (f"agreement_signed:{agreement['agreement']}/supervisee", {
                **agreement, "role": "supervisee", "content": getattr(self, "content", ""),
            }),
            "agreement_reviewed": (f"agreement_review:{agreement['agreement']}/{new}", {**agreement, "review": new, "on": day}),
            "newly_qualified_noted": (f"newly_qualified:{person}", {**of, "newly_qualified": True}),
            "supervisor_trained": (f"trained:{new}", {"training": new, "person": supervisor, "on": day}),
            "needs_flagged": (f"needs:{new}", {"flag": new, **of, "supervisor": supervisor, "to": "supervisor", "reason": "model"}),
            "needs_answered": (f"needs_answer:{self.flagged()}", {"flag": self.flagged(), **of, "outcome": "talked_over"}),
            "objection_raised": (f"objection:{new}", {"objection": new, **of, "about": "redaction"}),
            "objection_decided": (f"objection_decision:{self.objected()}", {
                "objection": self.objected(), **of, "decision": "upheld", "reason": "accurate", "decided_by": "Director", "decided_on": day,
            }),
            "pattern_seen": (f"pattern_seen:{response['pattern']}/2026-10", {
                "pattern": response["pattern"], "rule": "drift", "month": "2026-10", "seen_on": day,
            }),
            "pattern_response": (f"pattern_response:{response['pattern']}/{response['response']}", {
                **response, "decided_on": day, "what": WORD, "owner": "A lead", "due": day,
            }),
            "pattern_outcome": (f"pattern_outcome:{response['pattern']}/{response['response']}", {**response, "outcome": "done", "on": day}),
        }  # fmt: skip
        subject, data = entries_of[kind]
        entries = self.scene.service.journal.entries(review="")
        revision = max((entry.revision for entry in entries if entry.subject == subject), default=0)
        return event(kind, "", subject, data, revision)

    def flagged(self) -> str:
        """Returns the flag that stands."""
        return str(getattr(self, "flag", ""))

    def objected(self) -> str:
        """Returns the objection that stands."""
        return str(getattr(self, "objection", ""))

    def moderated_review(self) -> str:
        """Returns the moderation of the case that is open."""
        world = self.scene.service.world()
        case = world.reviews[self.stage.id_of("review/both")].case
        return next(one.id for one in world.reviews.values() if one.case == case and one.stage == "moderation")

    def data(self, kind: str) -> tuple[str, dict[str, Any]]:
        """Returns (subject, what it says)."""
        day, rubric = str(self.scene.today), self.shown["rubrics"][0]
        rated = {"criterion": self.ref, "rubric_version": rubric["version"], "rubric_digest": rubric["digest"]}
        pointer, action, new = {"pointer": self.pointer}, {"action": self.action}, new_id()
        days = {"due": day, "review_date": day}
        later = dict.fromkeys(days, str(self.scene.today + timedelta(days=3)))
        pair = {"supervisor": self.scene.key(SUPERVISOR), "supervisees": [self.scene.key(SUPERVISEE)]}
        case = self.scene.service.world().reviews[self.stage.id_of("review/signed")].case_key
        return {
            "rated": (f"rating:{self.ref}", {**rated, "level": 3}),
            "commented": (f"comment:{self.ref}", {"criterion": self.ref, "text": WORD}),
            "evidence_pointed": (f"evidence:{new}", {"pointer": new, "criterion": self.ref, "note_date": day, "note_kind": "progress note"}),
            "evidence_withdrawn": (f"evidence:{self.pointer}", pointer),
            "safety_answered": (f"safety:{self.ref}", {"criterion": self.ref, "answer": "nobody"}),
            "action_raised": (f"action:{new}", {"action": new, "action_kind": "other", "text": WORD, "owner": "x", **days}),
            "action_moved": (f"action:{self.action}", {**action, **later, "reason": WORD}),
            "action_seen_in_record": (f"action:{self.action}", {**action, "seen_on": day, "reference": WORD}),
            "action_closed": (f"action:{self.action}", {**action, "outcome": "done"}),
            "parked": ("parked", {"parked": True, "reason": WORD}),
            "referred": ("referred", {"reason": WORD}),
            "pasted_into_record": ("paste", {"pasted_on": day, "reference": WORD}),
            "deviation_recorded": ("deviation:practitioner", {"by": "practitioner", "guideline": WORD, "text": WORD}),
            "time_spent": ("time", {"seconds": 5}),
            "phrase_kept": (f"phrase:{new}", {"criterion": self.ref, "text": WORD, "shared": False}),
            "replied": ("reply", {"reason": "disagree", "text": WORD}),
            "reply_answered": ("reply_answer", {"outcome": "rating_stands", "text": WORD}),
            "moderated": (f"moderation:{self.ref}", {"criterion": self.ref, "choice": "other", "level": 1, "reason": "judgement"}),
            "anchor_flagged": (f"anchor:{self.ref}", {"criterion": self.ref, "rubric_version": rubric["version"], "note": WORD}),
            "session_opened": ("session", {"session_kind": "formal_one_to_one", "held_on": day, **pair, "anonymised": False}),
            "agenda_covered": ("agenda:escalation_use", {"item": "escalation_use", "covered": True, "note": WORD}),
            "prompt_answered": ("prompt:analysis", {"prompt": "analysis", "skipped": False, "note": WORD}),
            "case_discussed": (f"discussed:{case}", {"case": case, "came_by": "drawn", "note": WORD}),
            "prior_action_reviewed": (f"prior:{self.prior()}", {"action": self.prior(), "finding": "in_hand", "note": WORD}),
            "session_described": ("described", {"functions": ["support"], "personal": True}),
            "judgement_endorsed": (f"endorsed:{new}", {"endorsement": new, "case": case, "point": "escalation", "outcome": "endorsed"}),
            "session_closed": ("session", {"minutes": 60}),
        }[kind]  # fmt: skip

    def prior(self) -> str:
        """Returns an earlier action of the pair, which their session has to look at."""
        page = self.scene.service.session(
            self.scene.key(SUPERVISOR), self.stage.id_of("session/of_the_pair"), now=self.scene.now
        )
        return str(page["prior"][0]["action"])
