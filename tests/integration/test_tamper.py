"""The tamper matrix: whatever is changed in a drawn pack fails, and fails by its right name."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import sampling
from sampling.chain import canonical_json, chain_text, entry_hash, head_text, read_chain
from sampling.pack import open_pack
from sampling.verify import CHECKS, verify_draw

VERIFIER = Path(sampling.__file__).parent / "share" / "cst1_verify.py"


@pytest.fixture(scope="module")
def drawn(adult_service: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn pack with two replacements, second in its service's register."""
    from datetime import UTC, datetime

    from sampling import randomness, workflow
    from sampling.keys import Keyring
    from sampling.model import Period

    keyring = Keyring(bytes(32))
    home = tmp_path_factory.mktemp("draws")
    now = datetime(2026, 11, 1, 9, tzinfo=UTC)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAMPLING_HOME", str(tmp_path_factory.mktemp("store")))
        for month, as_id in (("2026-09", "first"), ("2026-10", "second")):
            extract = workflow.open_source(str(adult_service), keyring)
            order = workflow.FreezeOrder(Period(month), "dice", as_id)
            workflow.freeze(extract, order, home / as_id, keyring=keyring, now=now)
        pack = workflow.draw(
            home / "second",
            randomness.from_dice(randomness.parse_ref("dice"), "01234567890123456789", ("a", "b")),
            now=now,
            witnesses=2,
        )
        volatile = [row["case_key"] for row in workflow.selected_cases(pack) if row["stratum"] == "volatile"]
        for key, reason in ((volatile[0], "DUPLICATE"), (volatile[2], "SEALED")):
            workflow.replace(
                home / "second", key, reason=reason, requested_by="A", approved_by="B", keyring=keyring, now=now
            )
    return home / "second"


@pytest.fixture
def pack(drawn: Path, tmp_path: Path) -> Path:
    """A copy of the drawn pack that a test may spoil."""
    shutil.copytree(drawn.parent, tmp_path / "draws")
    return tmp_path / "draws" / "second"


def test_the_untouched_pack_verifies(pack: Path) -> None:
    result = verify_draw(pack)
    assert [check.name for check in result.checks] == list(CHECKS)
    assert result.ok, result.checks
    assert verify_draw(pack / "share").ok


def change(path: Path, edit: Callable[[list[str]], list[str]]) -> None:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    changed = edit(list(lines))
    assert changed != lines
    path.write_text("".join(changed), encoding="utf-8", newline="\n")


def cell(line: int, column: int, value: Callable[[str], str]) -> Callable[[list[str]], list[str]]:
    def edit(lines: list[str]) -> list[str]:
        cells = lines[line].rstrip("\n").split(",")
        cells[column] = value(cells[column])
        lines[line] = ",".join(cells) + "\n"
        return lines

    return edit


def flip(text: str) -> str:
    return ("0" if text[0] != "0" else "1") + text[1:]


def swap_ranks(lines: list[str]) -> list[str]:
    """Swaps the ranks of two rows of one group."""
    rows = [line.rstrip("\n").split(",") for line in lines]
    first = next(i for i in range(1, len(rows) - 1) if rows[i][:2] == rows[i + 1][:2])
    rows[first][5], rows[first + 1][5] = rows[first + 1][5], rows[first][5]
    return [",".join(row) + "\n" for row in rows]


def swap_status(lines: list[str]) -> list[str]:
    """Swaps a selected case for one that was not."""
    rows = [line.rstrip("\n").split(",") for line in lines]
    chosen = next(i for i, row in enumerate(rows) if row[7] == "selected")
    other = next(i for i, row in enumerate(rows) if row[7] == "not_selected")
    rows[chosen][7], rows[other][7] = rows[other][7], rows[chosen][7]
    return [",".join(row) + "\n" for row in rows]


TEXT_CHANGES: dict[str, tuple[str, Callable[[list[str]], list[str]], str]] = {
    "frame: a case's digest": ("frame.csv", cell(1, 2, flip), "frame"),
    "frame: a practitioner's digest": ("frame.csv", cell(1, 0, flip), "frame"),
    "frame: a stratum": ("frame.csv", cell(1, 1, lambda s: "other" if s == "volatile" else "volatile"), "frame"),
    "frame: a weight": ("frame.csv", cell(1, 3, lambda _: "2"), "frame"),
    "frame: a row removed": ("frame.csv", lambda lines: lines[:3] + lines[4:], "frame"),
    "frame: a row repeated": ("frame.csv", lambda lines: [*lines[:3], lines[2], *lines[3:]], "frame"),
    "frame: rows swapped": ("frame.csv", lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], "frame"),
    "frame: the header": ("frame.csv", lambda lines: ["a,b,c,d\n", *lines[1:]], "frame"),
    "frame: a byte that means nothing": ("frame.csv", lambda lines: [*lines[:-1], lines[-1].rstrip("\n")], "frame"),
    "exclusions: a reason": ("exclusions.csv", cell(1, 1, lambda _: "SEALED2"), "exclusions"),
    "exclusions: a row removed": ("exclusions.csv", lambda lines: lines[:-1], "exclusions"),
    "plan: the quota": ("plan.json", lambda lines: [lines[0].replace('"volatile":2', '"volatile":3')], "commit"),
    "plan: a space": ("plan.json", lambda lines: [lines[0] + "\n"], "commit"),
    "teams: a team": ("teams.csv", cell(1, 1, flip), "commit"),
    "commitment: the draw_id": (
        "commitment.json",
        lambda lines: [lines[0].replace('"draw_id":"second"', '"draw_id":"third"')],
        "commit",
    ),
    "commitment: a space": ("commitment.json", lambda lines: [lines[0] + "\n"], "commit"),
    "commitment: randomness_ref": (
        "commitment.json",
        lambda lines: [lines[0].replace('"dice"', '"operator"')],
        "commit",
    ),
    "randomness: a digit": (
        "randomness.json",
        lambda lines: [lines[0].replace("01234567890123456789", "11234567890123456789")],
        "randomness",
    ),
    "randomness: a space": ("randomness.json", lambda lines: [lines[0] + "\n"], "randomness"),
    "manifest: a ticket": ("manifest.csv", cell(1, 4, flip), "tickets"),
    "manifest: a case": ("manifest.csv", cell(1, 2, flip), "tickets"),
    "manifest: a row removed": ("manifest.csv", lambda lines: lines[:-1], "tickets"),
    "manifest: ranks swapped": ("manifest.csv", swap_ranks, "ranks"),
    "manifest: a stream": ("manifest.csv", cell(1, 8, lambda s: flip(s) if s else "0" * 64), "ranks"),
    "manifest: a probability": ("manifest.csv", cell(1, 6, lambda p: "1" + p), "probabilities"),
    "manifest: selection swapped": ("manifest.csv", swap_status, "selection"),
    "manifest: a byte that means nothing": (
        "manifest.csv",
        lambda lines: [*lines[:-1], lines[-1].rstrip("\n")],
        "tickets",
    ),
    "signals: a window": ("signals.toml", lambda lines: [line.replace("90", "91") for line in lines], "commit"),
    "the query": ("signals.sql", lambda lines: ["-- nothing\n", *lines], "log"),
    "the verifier": ("cst1_verify.py", lambda lines: ["import sys\n", *lines], "log"),
    "the SQL verifier": ("verify.sql", lambda lines: ["-- nothing\n", *lines], "log"),
    "the read-me": ("README.txt", lambda lines: lines[:-1], "log"),
    "the tabled list": ("tabled.csv", lambda lines: lines[:-1], "commit"),
    "log: the time": ("log.jsonl", lambda lines: [lines[0].replace("2026-11-01", "2026-10-01"), *lines[1:]], "log"),
    "log.head: the count": ("log.head", lambda lines: ["9" + lines[0][1:]], "log"),
    "register: the commit": (
        "register.jsonl",
        lambda lines: [lines[0].replace('"sequence":1', '"sequence":2'), *lines[1:]],
        "sequence",
    ),
    "register: the first draw removed": ("register.jsonl", lambda lines: lines[1:], "sequence"),
    "register: this draw removed": ("register.jsonl", lambda lines: lines[:-1], "sequence"),
}


@pytest.mark.parametrize("name", TEXT_CHANGES)
def test_a_change_fails_by_its_name(pack: Path, name: str) -> None:
    file, edit, check = TEXT_CHANGES[name]
    change(pack / "share" / file, edit)
    result = verify_draw(pack)
    assert result.failed == check, result.checks


@pytest.mark.parametrize("line", range(4))
def test_a_deleted_log_line_fails_as_log(pack: Path, line: int) -> None:
    change(pack / "share" / "log.jsonl", lambda lines: lines[:line] + lines[line + 1 :])
    assert verify_draw(pack).failed == "log"


def test_a_log_rewritten_with_its_chain_and_head_fails_as_selection(pack: Path) -> None:
    """Someone who rewrites the whole log to take a replacement back cannot pass off another order of replacements."""
    share = pack / "share"
    entries = read_chain((share / "log.jsonl").read_text())
    del entries[2]
    previous = entries[1]["hash"]
    entries[2]["data"]["replacement"] = entries[2]["data"]["case"]
    entries[2]["previous"] = previous
    entries[2]["hash"] = entry_hash(entries[2])
    (share / "log.jsonl").write_text(chain_text(entries))
    (share / "log.head").write_text(head_text(entries))
    assert verify_draw(pack).failed == "selection"


@pytest.mark.parametrize(
    ("file", "check"),
    [
        ("frame.csv", "frame"),
        ("exclusions.csv", "exclusions"),
        ("plan.json", "commit"),
        ("teams.csv", "commit"),
        ("randomness.json", "randomness"),
        ("manifest.csv", "tickets"),
        ("log.jsonl", "log"),
        ("log.head", "log"),
        ("register.jsonl", "sequence"),
        ("verify.sql", "log"),
    ],
)
def test_a_missing_file_fails_by_its_name(pack: Path, file: str, check: str) -> None:
    (pack / "share" / file).unlink()
    assert verify_draw(pack).failed == check


def test_every_byte_of_every_shared_file_counts(pack: Path) -> None:
    """One byte changed, anywhere in any file of the pack, and verification fails (every 97th byte, and each file's ends)."""
    for path in sorted((pack / "share").iterdir()):
        original = path.read_bytes()
        places = sorted({0, len(original) - 1, *range(0, len(original), max(1, len(original) // 12))})
        for place in places:
            changed = bytearray(original)
            changed[place] ^= 1
            path.write_bytes(bytes(changed))
            assert not verify_draw(pack).ok, (path.name, place)
        path.write_bytes(original)
    assert verify_draw(pack).ok


def test_a_changed_private_frame_fails_as_frame(pack: Path) -> None:
    import pandas as pd

    path = pack / "private" / "frame.parquet"
    frame = pd.read_parquet(path)
    frame.loc[0, "case_key"] = "0" * 64
    frame.to_parquet(path)
    assert verify_draw(pack).failed == "frame"


def test_the_published_commitment_decides(pack: Path) -> None:
    commit = open_pack(pack).commitment["commit"]
    assert verify_draw(pack, commit).ok
    assert verify_draw(pack, "0" * 64).failed == "commit"


def test_a_draw_taken_back_from_the_service_register_fails_as_sequence(pack: Path) -> None:
    register = pack.parent / "register.jsonl"
    entries = read_chain(register.read_text())[:1]
    register.write_text(chain_text(entries))
    assert verify_draw(pack).failed == "sequence"


def test_the_manifest_says_what_json_says(pack: Path) -> None:
    about = json.loads((pack / "share" / "commitment.json").read_text())
    assert sum(about["strata"].values()) == about["size"]


# -- a forger who holds the pack writes the unsigned chain anew


def relog(share: Path, edit: Callable[[list[dict[str, Any]]], object] = lambda entries: None) -> None:
    """Writes the log anew after an edit, with the digests that the files now have."""
    entries = [json.loads(line) for line in (share / "log.jsonl").read_text().splitlines()]
    edit(entries)
    previous = "0" * 64
    for entry in entries:
        for name in entry["data"].get("files", {}):
            entry["data"]["files"][name] = sha256((share / name).read_bytes()).hexdigest()
        entry["previous"] = previous
        previous = entry["hash"] = entry_hash(entry)
    (share / "log.jsonl").write_text(chain_text(entries))
    (share / "log.head").write_text(head_text(entries))


def stranger(share: Path, *options: str) -> str:
    """Returns the check that the pack's own kind of verifier fails, or an empty text."""
    command = [sys.executable, "-I", "-S", str(VERIFIER), str(share), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    return "".join(line.split()[0] for line in done.stdout.splitlines() if " FAILED " in line)


def said(**changes: Any) -> Callable[[Path], None]:
    def edit(share: Path) -> None:
        about = json.loads((share / "commitment.json").read_text())
        (share / "commitment.json").write_text(canonical_json({**about, **changes}) + "\n")
        relog(share)

    return edit


def logged(number: int, **changes: Any) -> Callable[[Path], None]:
    return lambda share: relog(share, lambda entries: entries[number]["data"].update(changes))


def appended(event: str, at: str = "2026-11-01T09:00:00Z", **data: Any) -> Callable[[Path], None]:
    return lambda share: relog(share, lambda entries: entries.append({"at": at, "event": event, "data": data}))


def rewritten(name: str, text: str) -> Callable[[Path], None]:
    def edit(share: Path) -> None:
        (share / name).write_text(text)
        relog(share)

    return edit


FORGED: dict[str, tuple[Callable[[Path], None], str]] = {
    "tabled": (rewritten("tabled.csv", "case,tabled_by\n"), "commit"),
    "signals": (rewritten("signals.toml", "# another\n"), "commit"),
    "a quote at the start of a long field": (rewritten("teams.csv", '"' + "x" * 140_000), "commit"),
    "strata": (said(strata={"volatile": 1}), "frame"),
    "size": (said(size=5), "frame"),
    "exclusions_size": (said(exclusions_size=5), "exclusions"),
    "period": (said(period="2026-09"), "commit"),
    "randomness_ref": (said(randomness_ref="drand:0:0"), "commit"),
    "a key more": (said(note="Jane Smith"), "commit"),
    "level": (logged(1, evidence_level="L3"), "randomness"),
    "witnesses": (logged(1, witnesses=3), "randomness"),
    "a stamp without its file": (logged(1, stamped_at="2020-01-01T00:00:00Z"), "log"),
    "reason untidy": (logged(2, reason="UNTIDY_FILE"), "selection"),
    "reason of the other kind": (logged(2, reason="SEALED"), "selection"),
    "people": (logged(2, approved_by="", requested_by="x"), "log"),
    "practitioner": (logged(2, practitioner="c" * 64), "selection"),
    "free text": (logged(2, note="Jane Smith"), "log"),
    "an unknown event": (appended("note", text="x"), "log"),
    "times backwards": (appended("withdrawn", "1999-01-01T00:00:00Z", reason="WRONG_PLAN"), "log"),
    "withdrawn in free words": (appended("withdrawn", reason="x"), "log"),
    "replaced before drawn": (
        lambda share: relog(share, lambda entries: entries.insert(1, entries.pop(2))),
        "log",
    ),
    "no files": (logged(0, files={}), "log"),
    "a deep log": (lambda share: (share / "log.jsonl").write_text("[" * 100_000) and None, "log"),
    "a returned line end": (
        lambda share: (share / "log.head").write_bytes((share / "log.head").read_bytes()[:-1] + b"\r\n") and None,
        "log",
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_both_verifiers_refuse_what_a_forger_wrote_into_the_chain_too(pack: Path, name: str) -> None:
    forge, check = FORGED[name]
    forge(pack / "share")
    assert (verify_draw(pack).failed, stranger(pack / "share")) == (check, check)


def test_a_replacement_taken_back_is_told_by_the_head_that_was_noted(pack: Path) -> None:
    head = (pack / "share" / "log.head").read_text()
    assert verify_draw(pack, log_head=head).ok and not stranger(pack / "share", "--log-head", head)
    relog(pack / "share", lambda entries: entries.pop())
    assert verify_draw(pack).ok
    assert verify_draw(pack, log_head=head).failed == stranger(pack / "share", "--log-head", head) == "log"


def test_an_empty_commitment_is_a_wrong_one_and_spelling_does_not_matter(pack: Path) -> None:
    commit = str(open_pack(pack).commitment["commit"])
    for value, failed in (("", "commit"), (f" {commit.upper()} ", "")):
        assert (verify_draw(pack, value).failed or "", stranger(pack / "share", "--commit", value)) == (failed, failed)


def test_a_withdrawn_draw_is_said_to_be(pack: Path) -> None:
    appended("withdrawn", reason="WRONG_PLAN")(pack / "share")
    assert (verify_draw(pack).failed, verify_draw(pack).withdrawn) == (None, "WRONG_PLAN")


def test_verifying_reads_a_step_that_is_not_finished_and_moves_nothing(pack: Path) -> None:
    pending = pack / ".next" / "share"
    pending.mkdir(parents=True)
    (pack / "share" / "log.jsonl").rename(pending / "log.jsonl")
    assert verify_draw(pack).ok
    assert (pending / "log.jsonl").is_file() and not (pack / "share" / "log.jsonl").exists()


@pytest.mark.parametrize("part", ["frame", "exclusions"])
def test_an_older_private_file_has_its_keys_alone(pack: Path, part: str) -> None:
    import pandas as pd

    path = pack / "private" / f"{part}.parquet"
    table = pd.read_parquet(path).drop(columns=["practitioner", "case"])
    table.to_parquet(path)
    assert verify_draw(pack).ok
    table.iloc[1:].to_parquet(path)
    assert verify_draw(pack).failed == part


def test_the_exported_verifier_knows_the_same_reasons() -> None:
    """The verifier in each pack imports nothing of ours, so that it has its own copy of the closed lists."""
    from sampling.replacement import WITHDRAWALS
    from sampling.share import cst1_verify

    assert tuple(cst1_verify.WITHDRAWALS) == WITHDRAWALS
