"""Ends a purge at many moments, in forked children, and looks at what is left. Started by test_purge_kill.py; prints one JSON line.

  steps  SIGKILL before the n-th instruction of SQLite's virtual machine, for n spread over a whole run, its cleaning of the file included
  files  SIGKILL before the n-th renaming or deletion of a file, for every n

After each kill the journal must verify, and running again must end with the same: nothing of the words, the same entries, no file.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import alembic.command  # noqa: E402, F401  imported before the forks, so that each child starts at once
from sqlalchemy import Engine, event  # noqa: E402

from sampling.assurance.holdings import Known  # noqa: E402
from sampling.assurance.known import Names  # noqa: E402
from sampling.assurance.plans import Plan, read_plan  # noqa: E402
from sampling.assurance.purging import Purger  # noqa: E402
from sampling.assurance.retention import load_retention  # noqa: E402
from sampling.journal.store import Journal  # noqa: E402
from sampling.keys import Keyring  # noqa: E402
from sampling.scoring.settings.assignments import review_id  # noqa: E402
from sampling.scoring.settings.draws import Draw, DrawnCase  # noqa: E402
from sampling.scoring.settings.people import People, Person  # noqa: E402
from tests.forked import child  # noqa: E402
from tests.journals import ANN, BOB, LEAD, NOW, commented, opener, rated, stored_bytes  # noqa: E402

MOMENTS = 18
LATER = datetime(2033, 6, 1, 9, tzinfo=UTC)
COMMIT, CASE = "e" * 64, "1" * 64
WORDS = b"shouting"
ON_DISK = ("os.rename", "os.remove", "os.rmdir")


def known_at(home: Path) -> Known:
    """Returns one draw of October 2026 with one case, below a home."""
    case = DrawnCase(
        case=CASE, case_key=CASE, practitioner=BOB, practitioner_key=BOB, team="", stratum="other", reasons="", signals=(), state="selected"
    )  # fmt: skip
    day, at = date(2026, 10, 31), "2026-11-01T09:00:00Z"
    old = Draw(home / "2026-10", COMMIT, "d", "2026-10", day, at, "s", "adult", (case,), ())
    return Known(
        home, (old, replace(old, folder=home / "2040-01", commit="f" * 64, period="2040-01", cases=())), {}, {}
    )


def purger(folder: Path) -> Purger:
    """Returns the retention of a folder's service, with its journal open."""
    people = People((Person(ANN, "Ann", frozenset({"lead"})), Person(LEAD, "Jo", frozenset({"lead"}))))
    names = Names(people, lambda text: text, frozenset({CASE}), frozenset({BOB}), Keyring(bytes(32)))
    journal = Journal.open(folder / "journal.sqlite", opener())
    return Purger(known_at(folder / "draws"), names, load_retention(), journal)


def started(scratch: Path) -> tuple[Path, Plan]:
    """Returns a folder with a service whose purge is planned and approved, and the plan."""
    base = scratch / "base"
    for place in ("draws/2026-10/private/record/2026-11-01", "draws/2026-10/share", "draws/reports/2026-10/pack"):
        (base / place).mkdir(parents=True)
        (base / place / "file.txt").write_text("x", encoding="ascii")
    review = review_id(COMMIT, CASE, "first")
    words = [commented(f"{WORDS.decode()} {number} " + "x" * 900, number, review=review) for number in range(12)]
    with closing(Journal.open(base / "journal.sqlite", opener(), create_at=NOW)) as journal:
        journal.append([*words, rated(1, review=review)], now=NOW)
    with closing(purger(base)) as office:
        plan = office.plan(scratch / "plan.json", "Ann", LATER)
        office.approve(plan, "Jo", LATER)
    return base, read_plan(scratch / "plan.json")


def by_instruction(moment: int, count: list[int] | None = None) -> None:
    """Makes this process end before SQLite's moment-th instruction (0: never); `count` holds how many there were so far."""
    seen = count if count is not None else [0]

    def tick() -> int:
        seen[0] += 1
        if seen[0] == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    def watched(connection: sqlite3.Connection, _: object) -> None:
        connection.set_progress_handler(tick, 1)

    event.listen(Engine, "connect", watched)


def by_file(moment: int) -> None:
    """Makes this process end before the moment-th renaming or deletion of a file that Python asks for."""
    count = 0

    def hook(name: str, _: object) -> None:
        nonlocal count
        if name in ON_DISK:
            count += 1
            if count == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def run_in(folder: Path, plan: Plan) -> None:
    """Runs the plan on a folder's service."""
    with closing(purger(folder)) as office:
        office.run(plan, LATER)


def left(folder: Path, plan: Plan) -> tuple[str, str]:
    """Returns where the kill fell ("before", "after" the commit), and what is wrong with what it left, if anything is."""
    with closing(purger(folder)) as office:
        outcome = office.journal.verify()
        gone = [entry for entry in office.journal.entries() if entry.state == "purged"]
        if not outcome.ok:
            return "", f"does not verify: {outcome.why}"
        if len(gone) not in (0, 13):
            return "", f"{len(gone)} of 13 entries were purged"
        done = office.run(plan, LATER)
        outcome = office.journal.verify()
        gone_after = [entry for entry in office.journal.entries() if entry.state == "purged"]
        logs = [entry.kind for entry in office.journal.entries(kinds=["purge_run", "purge_finished"])]
    if not outcome.ok or outcome.notes or len(gone_after) != 13 or logs != ["purge_run", "purge_finished"]:
        return "", f"running again does not complete it: {outcome.why} {outcome.notes} {len(gone_after)} {logs} {done}"
    if WORDS in stored_bytes(str(folder / "journal.sqlite")):
        return "", "the words are still in the file"
    if there := [path.name for path in (folder / "draws").rglob("*") if path.name != "reports"]:
        return "", f"files are left: {there}"
    return ("after" if gone else "before"), ""


def tried(scratch: Path, name: str, arrange: Callable[[], None]) -> tuple[int, Path]:
    """Returns how a child ended that runs the plan on a copy of the base, and the copy."""
    folder = scratch / name
    shutil.copytree(scratch / "base", folder)
    plan = read_plan(scratch / "plan.json")

    def work() -> None:
        arrange()
        run_in(folder, plan)

    return child(work), folder


def main() -> None:
    """Tries the moments of both sorts."""
    scratch = Path(sys.argv[1])
    os.environ["SAMPLING_HOME"] = str(scratch / "private")
    _, plan = started(scratch)
    faults: list[str] = []
    seen: list[str] = []

    def look(name: str, status: int, folder: Path) -> None:
        if os.WIFSIGNALED(status):
            side, fault = left(folder, plan)
            seen.append(side)
            faults.extend([f"{name}: {fault}"] if fault else [])
        elif os.WEXITSTATUS(status):
            faults.append(f"{name}: the child failed by itself")
        shutil.rmtree(folder)

    total = instructions(scratch)
    for number in range(MOMENTS):
        moment = 1 + total * number // MOMENTS
        look(f"step {moment}", *tried(scratch, f"s{number}", lambda moment=moment: by_instruction(moment)))  # type: ignore[misc]
    kills = 0
    for number in range(1, 100):
        status, folder = tried(scratch, f"f{number}", lambda number=number: by_file(number))  # type: ignore[misc]
        look(f"file {number}", status, folder)
        if not os.WIFSIGNALED(status):
            break
        kills += 1
    print(json.dumps({"faults": faults, "files": kills, "seen": sorted(set(seen)), "tries": len(seen)}))


def instructions(scratch: Path) -> int:
    """Returns how many instructions a whole run takes."""
    note = scratch / "count"
    folder = scratch / "whole"
    shutil.copytree(scratch / "base", folder)
    plan = read_plan(scratch / "plan.json")

    def work() -> None:
        count = [0]
        by_instruction(0, count)
        run_in(folder, plan)
        note.write_text(str(count[0]), encoding="ascii")

    assert child(work) == 0
    shutil.rmtree(folder)
    return int(note.read_text(encoding="ascii"))


if __name__ == "__main__":
    main()
