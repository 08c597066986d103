"""Runs one operation in forked children, killing each with SIGKILL before its n-th change to the file system, for every n.

Started by test_kill.py as a process of its own: the parent has the libraries imported, the source read and no engine open, so that a
fork is sound. Reading changes no file, so that no moment is lost by doing it once.
Prints one JSON line: how many moments were tried, and what went wrong, if anything did.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb  # noqa: F401  imported before the forks, so that each child starts at once
import pandas  # noqa: F401

from sampling import randomness, workflow
from sampling.keys import Keyring
from sampling.model import Extract, Period
from sampling.pack import is_pack, open_pack
from sampling.verify import verify_draw

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.forked import child  # noqa: E402

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
KEYRING = Keyring(bytes(32))
WRITES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "shutil.rmtree"}


def freeze(extract: Extract, home: Path) -> None:
    workflow.freeze(extract, workflow.FreezeOrder(Period("2026-10")), home / "draw", keyring=KEYRING, now=NOW)


def draw(home: Path) -> None:
    ref = randomness.parse_ref("operator")
    workflow.draw(home / "draw", randomness.from_operator(ref, "kill test"), now=NOW)


def replace(home: Path, key: str) -> None:
    workflow.replace(
        home / "draw", key, reason="DUPLICATE", requested_by="A", approved_by="B", keyring=KEYRING, now=NOW
    )


def killed_at(moment: int, home: Path) -> None:
    """Arranges that this process dies before the moment-th change below `home`."""
    count = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        writing = event in WRITES or (
            event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        )
        if writing and str(home) in str(arguments[0]):
            count += 1
            if count == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def state_of(folder: Path) -> str:
    """Returns the bytes that decide: the commitment, the manifest and the log, as they stand after recovery."""
    if not is_pack(folder):
        return "absent"
    open_pack(folder)
    if not verify_draw(folder).ok:
        return f"does not verify: {verify_draw(folder).failed}"
    return "".join(
        (folder / "share" / name).read_text()
        for name in ("commitment.json", "log.jsonl", "manifest.csv")
        if (folder / "share" / name).is_file()
    )


def try_every_moment(name: str, base: Path, scratch: Path, operation: Callable[[Path], None]) -> dict[str, object]:
    def fresh(label: str) -> Path:
        home = scratch / label
        shutil.copytree(base, home)
        return home

    before = state_of(base / "draw")
    reference = fresh(f"{name}-reference")
    assert child(lambda: operation(reference)) == 0
    after = state_of(reference / "draw")
    moment, faults, seen = 0, [], set()
    while True:
        moment += 1
        home = fresh(f"{name}-{moment}")

        def work(home: Path = home, moment: int = moment) -> None:
            killed_at(moment, home)
            operation(home)

        status = child(work)
        if status == 0:
            break
        if not os.WIFSIGNALED(status):
            faults.append(f"moment {moment}: the operation failed by itself")
            break
        found = state_of(home / "draw")
        seen.add("before" if found == before else "after" if found == after else "between")
        if found not in (before, after):
            faults.append(f"moment {moment}: neither the old state nor the new: {found[:80]}")
        if found == before and (child(lambda home=home: operation(home)) != 0 or state_of(home / "draw") != after):
            faults.append(f"moment {moment}: the operation could not be done again")
        leftover = [path.name for path in (home / "draw").glob(".step.*")] + [
            path.name for path in home.glob(".draw.*")
        ]
        if found == before and leftover:
            faults.append(f"moment {moment}: left behind {leftover}")
        shutil.rmtree(home)
    return {"name": name, "moments": moment - 1, "seen": sorted(seen), "faults": faults}


def main() -> None:
    source, scratch = Path(sys.argv[1]), Path(sys.argv[2])
    os.environ["SAMPLING_HOME"] = str(scratch / "private")
    extract = workflow.open_source(str(source), KEYRING)
    results = []
    empty = scratch / "empty"
    empty.mkdir()
    results.append(try_every_moment("freeze", empty, scratch, lambda home: freeze(extract, home)))
    frozen = scratch / "frozen"
    frozen.mkdir()
    assert child(lambda: freeze(extract, frozen)) == 0
    results.append(try_every_moment("draw", frozen, scratch, draw))
    drawn = scratch / "drawn"
    shutil.copytree(frozen, drawn)
    assert child(lambda: draw(drawn)) == 0
    key = workflow.selected_cases(open_pack(drawn / "draw"))[0]["case_key"]
    results.append(try_every_moment("replace", drawn, scratch, lambda home: replace(home, key)))
    print(json.dumps(results))


if __name__ == "__main__":
    main()
