"""`sampling purge` as people run it: a dry run, a plan, the second person, the deletion, and every refusal in its own words."""

from __future__ import annotations

import json
import re
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from shutil import copytree

import pytest

from sampling.assurance import plans, purging
from sampling.assurance.purging import Purger
from sampling.chain import canonical_json
from sampling.cli import main
from sampling.journal.events import Parked, PurgeApproved, PurgePlanned
from sampling.journal.store import Journal
from sampling.scoring.settings.draws import load_draws, local_ids
from sampling.scoring.settings.home import default_journal
from tests.journals import draft, stored_bytes
from tests.scoring_service import (
    LEAD,
    MODERATOR,
    PEOPLE,
    SECOND_RATER,
    SUPERVISEE,
    SUPERVISOR,
    Scene,
    commented,
    event,
    make_service,
    rated,
)

NOW = "2033-06-01T09:00:00Z"
MOMENT = datetime(2033, 6, 1, 9, tzinfo=UTC)
ENTRIES = 5  # a rating, a comment, an access, and two of the session
WORDS = "the neighbour heard shouting"
SESSION = "5" * 32


@pytest.fixture
def scene(tmp_path: Path, private_store: Path) -> Scene:
    """A service with a half-scored case, a session of someone who left in 2028, and people of every role."""
    made = make_service(tmp_path, private_store)
    review = made.single(SUPERVISOR)
    shown = made.review(SUPERVISOR, review)
    first = next(iter(shown["state"]["criteria"]))
    made.append(SUPERVISOR, rated(shown, first, 1), commented(shown, first, WORDS))
    about = {
        "session_kind": "formal_one_to_one",
        "held_on": "2026-11-02",
        "supervisor": made.key(SUPERVISOR),
        "supervisees": [made.key(SUPERVISEE)],
    }
    made.append(SUPERVISOR, event("session_opened", SESSION, "session", about))
    made.append(
        SUPERVISOR,
        event(
            "agenda_covered",
            SESSION,
            "agenda:escalation_use",
            {"item": "escalation_use", "covered": True, "note": WORDS},
        ),
    )
    made.service.close()
    text = PEOPLE.replace(f'name = "{SUPERVISEE}"', f'name = "{SUPERVISEE}"\nleft = 2028-03-31')
    (made.home / "people.toml").write_text(text, encoding="utf-8")
    return made


def purge(scene: Scene, *words: str, now: str = NOW) -> int:
    """Runs the command on the scene's home."""
    return main(["purge", str(scene.home), words[0], "--now", now, *words[1:]])


def planned(scene: Scene, name: str = MODERATOR) -> Path:
    """Returns the file of a new plan."""
    path = scene.home.parent / "plan.json"
    path.unlink(missing_ok=True)
    assert purge(scene, "plan", "--out", str(path), "--as", name) == 0
    return path


def test_from_dry_run_to_deletion_log(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    where = str(default_journal(scene.home))
    before = stored_bytes(where)
    assert before.count(WORDS.encode()) == 2
    assert purge(scene, "plan", "--json") == 0
    dry = json.loads(capsys.readouterr().out)
    assert {one["class"] for one in dry["counts"]} == {
        "access_log",
        "professional_supervision",
        "ratings",
        "record_snapshots",
    }
    assert dry["entries"] == ENTRIES and dry["plan"] == "" and stored_bytes(where) == before, (
        "a dry run changes nothing"
    )
    plan = planned(scene)
    shown = capsys.readouterr().out
    assert "2026-11  ratings: 2 entries. Rule: ratings: 5 years after the month" in shown
    held = plan.read_text(encoding="ascii")
    assert not re.search(r'"[0-9a-f]{32}"', held.replace(json.loads(held)["journal"], "")) and SUPERVISOR not in held
    assert all(key not in held for key in (scene.key(SUPERVISOR), scene.key(MODERATOR)))
    assert purge(scene, "approve", str(plan), "--as", LEAD) == 0
    assert purge(scene, "run", str(plan)) == 0
    assert "Deleted: the content of 5 entries, and 1 file or folder." in capsys.readouterr().out
    assert WORDS.encode() not in stored_bytes(where)
    assert list((scene.home / "2026-10" / "private" / "record").iterdir()) == []
    assert purge(scene, "log") == 0
    shown = capsys.readouterr().out
    assert "There was never a legal hold." in shown and shown.count(f"Planned by {MODERATOR}, approved by {LEAD}.") == 4
    with closing(Journal.open(where)) as journal:
        outcome = journal.verify()
        assert outcome.ok and outcome.notes == ()
        assert dict(outcome.purged) == {
            "access_log: 6 years after it was written (D13)": 1,
            "professional_supervision: 3 years after leaving (D15)": 2,
            "ratings: 5 years after the month (information governance)": 2,
        }
    assert main(["journal", "verify", where]) == 0
    assert "5 contents were deleted under retention rules, and the chain still holds" in capsys.readouterr().out


def test_a_second_run_finds_it_done_and_the_log_names_both(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    (scene.home / "people.toml").write_text(PEOPLE, encoding="utf-8")  # nobody left: the session stays
    plan = planned(scene)
    with closing(Purger.open(scene.home)) as purger:
        purger.approve(plans.read_plan(plan), LEAD, MOMENT)
        assert purger.run(plans.read_plan(plan), MOMENT).state == "purged"
        head = purger.journal.head()
        assert purger.run(plans.read_plan(plan), MOMENT).state == "done" and purger.journal.head() == head


def refused(scene: Scene, text: str, *words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Asserts that the command is refused in these words, and that the journal has not grown."""
    where = default_journal(scene.home)
    with closing(Journal.open(where)) as journal:
        head = journal.head()
    capsys.readouterr()
    assert purge(scene, *words) != 0
    assert text in capsys.readouterr().err
    with closing(Journal.open(where)) as journal:
        assert journal.head() == head


def test_each_refusal_of_people(scene: Scene, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = str(tmp_path / "other.json")
    refused(scene, "Say who plans: --as NAME.", "plan", "--out", out, capsys=capsys)
    refused(scene, purging.NO_SUCH, "plan", "--out", out, "--as", "Nobody", capsys=capsys)
    refused(scene, purging.NO_SUCH, "plan", "--out", out, "--as", SUPERVISEE, capsys=capsys)
    refused(scene, purging.NOT_YOURS, "plan", "--out", out, "--as", SECOND_RATER, capsys=capsys)
    plan = planned(scene)
    refused(scene, purging.SAME, "approve", str(plan), "--as", MODERATOR, capsys=capsys)
    refused(scene, purging.NO_LEAD, "approve", str(plan), "--as", SUPERVISOR, capsys=capsys)
    refused(scene, purging.NOT_APPROVED, "run", str(plan), capsys=capsys)
    refused(scene, "is there already. Name another file", "plan", "--out", str(plan), "--as", LEAD, capsys=capsys)
    plan.write_text(plan.read_text(encoding="ascii").replace('"held":0', '"held":1'), encoding="ascii")
    refused(scene, f"plan.json {plans.NO_PLAN}", "approve", str(plan), "--as", LEAD, capsys=capsys)


def test_a_plan_that_no_longer_fits_is_refused(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    plan = planned(scene)
    assert purge(scene, "approve", str(plan), "--as", LEAD) == 0
    people = scene.home / "people.toml"
    kept = people.read_text(encoding="utf-8")
    people.write_text(PEOPLE, encoding="utf-8")
    refused(scene, purging.CHANGED.format(ENTRIES, 1, ENTRIES - 2, 1), "run", str(plan), capsys=capsys)
    people.write_text(kept, encoding="utf-8")
    own = scene.home / "retention.toml"
    shipped = Path(__file__).parents[2] / "policies" / "retention.toml"
    own.write_text(shipped.read_text(encoding="utf-8").replace('"6 years"', '"7 years"'), encoding="utf-8")
    refused(scene, purging.OTHER_POLICY, "run", str(plan), capsys=capsys)
    own.unlink()
    assert purge(scene, "hold", "--as", SUPERVISOR, "--because", "claim", "--person", SUPERVISEE) == 0
    refused(scene, purging.HELD_SINCE, "run", str(plan), capsys=capsys)
    assert purge(scene, "plan") == 0
    assert "Kept by a legal hold: 3." in capsys.readouterr().out, "two entries of the session, and the record"
    assert purge(scene, "log") == 0
    shown = capsys.readouterr().out
    [hold] = re.findall(r"  ([0-9a-f]{8})  person, set on 2033-06-01 by Ruth Adeyemi: claim.", shown)
    assert purge(scene, "lift", hold, "--as", LEAD, "--because", "matter_closed") == 0
    refused(
        scene,
        "No legal hold that stands has that id",
        "lift",
        hold,
        "--as",
        LEAD,
        "--because",
        "matter_closed",
        capsys=capsys,
    )


def test_whoever_planned_cannot_approve_under_another_name_or_past_the_command(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = planned(scene, LEAD)
    people = scene.home / "people.toml"
    people.write_text(people.read_text(encoding="utf-8").replace(LEAD, "Jo Married"), encoding="utf-8")
    refused(scene, purging.SAME, "approve", str(plan), "--as", "Jo Married", capsys=capsys)
    with closing(Purger.open(scene.home)) as purger:
        said = PurgeApproved(plan=plans.read_plan(plan).digest)
        purger.journal.append([draft(said, "", review="", actor=scene.key(LEAD))], now=MOMENT)
    refused(scene, purging.NOT_APPROVED, "run", str(plan), capsys=capsys)


def test_a_plan_is_for_its_own_journal_alone(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    made = plans.read_plan(planned(scene))
    other = plans.Plan({**made.content, "head": f"1 {'0' * 64}"})
    path = scene.home / "other.json"
    path.write_text(canonical_json({**other.content, "plan": other.digest}), encoding="ascii")
    refused(scene, plans.NOT_HERE, "approve", str(path), "--as", LEAD, capsys=capsys)
    with closing(Purger.open(scene.home)) as purger:  # somebody writes the entry of a plan with a head that never was
        said = PurgePlanned(plan=other.digest, as_of=other.as_of, policy="0" * 64, taken=(), held=0)
        purger.journal.append([draft(said, "", review="", actor=scene.key(MODERATOR))], now=MOMENT)
    refused(scene, plans.NOT_HERE, "approve", str(path), "--as", LEAD, capsys=capsys)


def test_a_hold_that_comes_between_a_stopped_run_and_the_next_keeps_its_files(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    record = scene.home / "2026-10" / "private" / "record"
    copytree(record, scene.home.parent / "copy", dirs_exist_ok=True)
    plan = planned(scene)
    assert purge(scene, "approve", str(plan), "--as", LEAD) == 0 and purge(scene, "run", str(plan)) == 0
    copytree(scene.home.parent / "copy", record, dirs_exist_ok=True)  # as if the run had been stopped before its files
    assert purge(scene, "hold", "--as", LEAD, "--because", "inquest", "--everything") == 0
    refused(scene, purging.HELD_FILES.format(1), "run", str(plan), capsys=capsys)
    assert len(list(record.iterdir())) == 1


def test_entries_that_come_later_and_are_not_due_leave_the_plan_as_it_is(scene: Scene) -> None:
    plan = planned(scene)
    with closing(Purger.open(scene.home)) as purger:
        purger.approve(plans.read_plan(plan), LEAD, MOMENT)
        grown = [
            draft(Parked(parked=True), "parked", review="9" * 32),
            draft(Parked(parked=True), "parked", review="8" * 32),
        ]
        purger.journal.append(grown, now=MOMENT)
        assert purger.run(plans.read_plan(plan), MOMENT).entries == ENTRIES
        assert {entry.state for entry in purger.journal.entries(reviews=["9" * 32, "8" * 32])} == {"open"}


def test_holds_name_who_and_what_in_the_services_own_words(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    nobody = ("hold", "--as", LEAD, "--because", "inquest", "--person", "P999-9999")
    refused(scene, "Nobody of that name or staff id is known here.", *nobody, capsys=capsys)
    unknown = ("hold", "--as", LEAD, "--because", "inquest", "--case", "C-none")
    refused(scene, "No drawn case has that id.", *unknown, capsys=capsys)
    assert purge(scene, "hold", "--as", LEAD, "--because", "public_inquiry", "--everything") == 0
    refused(scene, purging.NOTHING, "plan", "--out", str(scene.home / "p.json"), "--as", LEAD, capsys=capsys)
    assert purge(scene, "plan", "--json") == 0
    assert json.loads(capsys.readouterr().out)["held"] >= 5


def test_a_home_without_people_is_refused_in_words(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    (scene.home / "people.toml").unlink()
    refused(scene, "A deletion needs two people, one who plans it and another who approves it", "plan", capsys=capsys)


def test_closures_are_read_and_a_fault_of_them_is_told(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    closures = scene.home / "closures.csv"
    closures.write_text("case_id,closed_on\nC-1,soon\n", encoding="utf-8")
    refused(scene, "closures.csv has 1 fault. Nothing was planned.", "plan", capsys=capsys)
    closures.write_text("case,closed\n", encoding="utf-8")
    refused(scene, "the columns must be case_id, closed_on", "plan", capsys=capsys)
    case = load_draws(scene.home)[0].cases[0].case_key
    local = local_ids(scene.pack.commitment["commit"], {case})[case]
    closures.write_text(
        f"case_id,closed_on\nC-unknown,2026-12-01\n{local},2027-01-31\n{local},2026-12-24\n", encoding="utf-8"
    )
    with closing(Purger.open(scene.home)) as purger:
        assert purger.known.closed == {case: date(2027, 1, 31)}
