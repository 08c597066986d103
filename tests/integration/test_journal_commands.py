"""sampling journal verify | export | backup | restore: end to end, on both engines."""

from __future__ import annotations

import csv
import json
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sampling.errors import SecretError, StateError, UsageError, VerificationError
from sampling.journal.export import guarded
from sampling.journal.sealing import lead_key_path
from sampling.journal.store import Journal
from tests.journals import (  # noqa: F401
    ANN,
    BOB,
    NOW,
    OTHER,
    REF,
    by_hand,
    commented,
    journal,
    later,
    opened,
    place,
    raised,
    rated,
    server,
    stored_bytes,
)

Run = Callable[..., tuple[int, dict[str, Any], str]]
HOSTILE = ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", 'a "quoted"\nline, with commas', "Zoë 👩‍⚕️", "<b>&</b>")


@pytest.fixture
def filled(place: str) -> tuple[str, str]:  # noqa: F811
    """A place with a journal in it, and its head."""
    with opened(place) as fresh:
        comments = [commented(text, number) for number, text in enumerate(HOSTILE)]
        fresh.append([rated(2), rated(1, 1, actor=BOB), *comments, raised("7" * 32, due="2026-10-01")], now=NOW)
        fresh.append([rated(3, review=OTHER, sealed=True)], now=later(1))
        gone = commented("purged words", len(HOSTILE))
        fresh.append([gone], now=later(2))
        fresh.purge([gone.id], "rule", ANN, later(3))
        return place, fresh.verify().head_text


# Verify


def test_verify_says_that_a_journal_holds_and_what_to_note(filled: tuple[str, str], run_sampling: Run) -> None:
    status, said, error = run_sampling("journal", "verify", filled[0])
    assert (status, said["ok"], said["entries"], said["head"], error) == (0, True, 15, filled[1], "")
    assert run_sampling("journal", "verify", filled[0], "--head", filled[1])[0] == 0


def test_verify_names_the_entry_that_was_changed(filled: tuple[str, str], run_sampling: Run) -> None:
    by_hand(filled[0], "UPDATE journal_entry SET actor = 'x' || substr(actor, 2) WHERE sequence = 4")
    status, said, _ = run_sampling("journal", "verify", filled[0])
    assert (status, said["ok"], said["bad"]) == (VerificationError.exit_code, False, 4)
    assert said["why"] == "Entry 4: its hash is not that of what it says."


def test_verify_holds_a_journal_to_a_noted_head(filled: tuple[str, str], run_sampling: Run) -> None:
    status, said, _ = run_sampling("journal", "verify", filled[0], "--head", "15 " + "0" * 64)
    assert status == VerificationError.exit_code and "the head that was noted is not in it" in said["why"]
    status, said, _ = run_sampling("journal", "verify", filled[0], "--head", "nonsense")
    assert status == UsageError.exit_code and said["message"].startswith('A head is written as "N HASH"')


def test_verify_in_words(filled: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    from sampling.cli import main

    assert main(["journal", "verify", filled[0]]) == 0
    assert capsys.readouterr().out == (
        "1 content was deleted under retention rules, and the chain still holds:\n  1 under the rule rule\n"
        f"The journal verifies: 15 entries. Its head is\n{filled[1]}\n"
        "Note the head elsewhere: only one that was noted shows that the end was not cut off since.\n"
    )


def test_an_absent_journal_is_an_error_in_words(tmp_path: Path, run_sampling: Run) -> None:
    for words in (["verify"], ["export", "--out", tmp_path / "out"], ["backup", "--out", tmp_path / "copy"]):
        status, said, _ = run_sampling("journal", words[0], tmp_path / "none.sqlite", *words[1:])
        assert status == StateError.exit_code and said["message"].startswith("There is no journal at")
    assert list(tmp_path.iterdir()) == []


# Export


def test_export_writes_every_view_and_the_chain(filled: tuple[str, str], run_sampling: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    status, said, _ = run_sampling("journal", "export", filled[0], "--out", out)
    assert (status, said["ok"], said["head"]) == (0, True, filled[1])
    assert (out / "head.txt").read_text() == filled[1] + "\n"
    names = {path.stem for path in out.glob("*.parquet")}
    assert names == {path.stem for path in out.glob("*.csv")} == set(said["rows"])
    assert {name: len(pd.read_parquet(out / f"{name}.parquet")) for name in names} == said["rows"]
    assert said["rows"]["ratings"] == 1 and said["rows"]["sealed"] == 1
    assert pd.read_parquet(out / "actions.parquet")["state"].tolist() == ["overdue"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}
    lines = [json.loads(line) for line in (out / "entries.jsonl").read_text().splitlines()]
    assert [line["sequence"] for line in lines] == list(range(1, 16))
    assert "purged words" not in "".join(path.read_text(errors="replace") for path in out.glob("*.[cj]*"))


def test_no_cell_of_an_export_is_a_formula(tmp_path: Path, run_sampling: Run) -> None:
    where, out = tmp_path / "journal.sqlite", tmp_path / "out"
    with opened(where) as fresh:
        for number, text in enumerate(HOSTILE):
            fresh.append([rated(1, review=f"{number:032x}"), commented(text, review=f"{number:032x}")], now=NOW)
    assert run_sampling("journal", "export", where, "--out", out)[0] == 0
    with (out / "ratings.csv").open(encoding="utf-8", newline="") as file:
        said = [row["comment"] for row in csv.DictReader(file)]
    assert said == ["'" + text if text[0] in "=+-@\t" else text for text in HOSTILE]
    for path in out.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert pd.read_parquet(out / "ratings.parquet")["comment"].tolist() == list(HOSTILE), "Parquet runs nothing"


def test_days_and_moments_are_written_plainly() -> None:
    table = pd.DataFrame({"a": pd.Series(["2026-11-03"], dtype="datetime64[s]"), "b": pd.Series(["=1"], dtype="str")})
    assert guarded(table).values.tolist() == [["2026-11-03", "'=1"]]


def test_seals_stay_closed_unless_asked_and_the_key_is_here(
    filled: tuple[str, str], run_sampling: Run, tmp_path: Path
) -> None:
    status, said, _ = run_sampling("journal", "export", filled[0], "--out", tmp_path / "open", "--open-seals")
    assert status == 0 and said["rows"]["ratings"] == 2 and said["rows"]["sealed"] == 0
    entries = [json.loads(line) for line in (tmp_path / "open" / "entries.jsonl").read_text().splitlines()]
    assert [entry["kind"] for entry in entries if "cipher" in str(entry["body"])] == ["sealed"], (
        "the chain stays as it is"
    )
    for key in lead_key_path("x").parent.glob("*.key"):
        key.unlink()
    status, said, _ = run_sampling("journal", "export", filled[0], "--out", tmp_path / "shut", "--open-seals")
    assert status == SecretError.exit_code and not (tmp_path / "shut").exists()
    assert said["message"] == "The lead key of this journal is not in the private store, so that its seals stay closed."


def test_an_export_never_overwrites(filled: tuple[str, str], run_sampling: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    status, said, _ = run_sampling("journal", "export", filled[0], "--out", tmp_path)
    assert status == StateError.exit_code and "is there already, and not empty" in said["message"]
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_an_export_of_a_broken_journal_says_so(filled: tuple[str, str], run_sampling: Run, tmp_path: Path) -> None:
    by_hand(filled[0], "UPDATE journal_entry SET revision = 9 WHERE sequence = 3")
    status, said, _ = run_sampling("journal", "export", filled[0], "--out", tmp_path / "out")
    assert status == VerificationError.exit_code and said["why"].startswith("Entry 3:")
    assert (tmp_path / "out" / "entries.jsonl").is_file(), "what is there can still be read"


def test_a_stranger_verifies_the_export_with_a_few_lines(
    filled: tuple[str, str], run_sampling: Run, tmp_path: Path
) -> None:
    """The lines are those of docs/journal.md, run as they stand there."""
    out = tmp_path / "out"
    assert run_sampling("journal", "export", filled[0], "--out", out)[0] == 0
    text = (Path(__file__).resolve().parents[2] / "docs" / "journal.md").read_text(encoding="utf-8")
    program = text.partition("```python\n")[2].partition("```")[0]

    def verify() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", "-c", program], cwd=out, capture_output=True, text=True, timeout=60
        )

    assert verify().stdout == f"whole: {filled[1]}\n"
    lines = (out / "entries.jsonl").read_text()
    for old, new in (('"level":2', '"level":3'), ('"revision":2', '"revision":1'), ("rule", "r0le")):
        assert old.replace('"', '\\"') in lines or old in lines
        changed = (
            lines.replace(old.replace('"', '\\"'), new.replace('"', '\\"'), 1)
            if old not in lines
            else lines.replace(old, new, 1)
        )
        (out / "entries.jsonl").write_text(changed)
        assert verify().returncode == 1 and "AssertionError" in verify().stderr
    (out / "entries.jsonl").write_text("".join(lines.splitlines(keepends=True)[:-1]))
    assert verify().returncode == 1


# Backup and restore


def test_a_backup_is_restored_to_the_same_entries(
    filled: tuple[str, str], run_sampling: Run, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    copy = tmp_path / "backups" / "copy"
    status, said, _ = run_sampling("journal", "backup", filled[0], "--out", copy)
    assert (status, said["head"]) == (0, filled[1])
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600 and [path.name for path in copy.parent.iterdir()] == ["copy"]
    assert copy.read_bytes().startswith(b"{" if filled[0].startswith("postgresql") else b"SQLite format 3\0")
    assert b"purged words" not in copy.read_bytes()
    with opened(filled[0]) as old:
        entries = old.entries()
    for target in (str(tmp_path / "restored" / "journal.sqlite"), request.getfixturevalue("server").new()):
        status, said, _ = run_sampling("journal", "restore", copy, "--to", target)
        assert (status, said["head"], said["lead_key"]) == (0, filled[1], True)
        with opened(target) as new:
            assert new.entries() == entries and new.verify(filled[1]).ok
            new.append([rated(0, 2)], now=later(60))
            assert new.verify(filled[1]).entries == 16
        again = run_sampling("journal", "restore", copy, "--to", target)
        assert again[0] == StateError.exit_code and "already" in again[1]["message"]


def test_an_export_is_a_backup_too(filled: tuple[str, str], run_sampling: Run, tmp_path: Path) -> None:
    run_sampling("journal", "export", filled[0], "--out", tmp_path / "out")
    target = tmp_path / "journal.sqlite"
    assert (
        run_sampling("journal", "restore", tmp_path / "out" / "entries.jsonl", "--to", target)[1]["head"] == filled[1]
    )


def test_a_backup_never_overwrites_a_file(filled: tuple[str, str], run_sampling: Run, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("mine")
    status, said, _ = run_sampling("journal", "backup", filled[0], "--out", tmp_path / "copy")
    assert status == StateError.exit_code and "A backup never overwrites a file: name another." in said["message"]
    assert (tmp_path / "copy").read_text() == "mine"


def test_a_broken_journal_gives_no_backup(filled: tuple[str, str], run_sampling: Run, tmp_path: Path) -> None:
    by_hand(filled[0], "UPDATE journal_entry SET revision = 9 WHERE sequence = 3")
    folder = tmp_path / "backups"
    status, said, _ = run_sampling("journal", "backup", filled[0], "--out", folder / "copy")
    assert status == VerificationError.exit_code and said["message"].startswith(
        "The journal or its copy does not verify"
    )
    assert list(folder.iterdir()) == []


def test_a_backup_is_consistent_while_others_write(place: str, tmp_path: Path) -> None:  # noqa: F811
    from sampling.journal.backup import backup, check_file

    with opened(place) as fresh:
        stop, written = threading.Event(), []

        def write() -> None:
            while not stop.is_set():
                written.append(fresh.append([rated(1, -1), rated(2, -1), rated(3, -1)], now=NOW)[0].sequence)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            counts = [backup(fresh, tmp_path / f"copy-{number}").entries for number in range(4)]
        finally:
            stop.set()
            writer.join()
    assert all(count % 3 == 1 for count in counts), "each copy has whole calls alone"
    assert counts == sorted(counts) and counts[-1] > 1
    assert all(check_file(tmp_path / f"copy-{number}").ok for number in range(4))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda data: data.replace(b'"revision":2', b'"revision":1', 1), "The backup does not verify"),
        (lambda data: data[: len(data) // 2], "this is no whole entry of a journal"),
        (lambda data: data[:-1], "this is no whole entry of a journal"),
        (lambda data: b"", "The backup does not verify"),
        (lambda data: b"a letter\n", "line 1: this is no whole entry of a journal"),
        (lambda data: b"[" * 100_000 + b"\n", "line 1: this is no whole entry of a journal"),
        (
            lambda data: data.replace(b'"base":0', b'"base":0,"more":1', 1),
            "line 1: this is no whole entry of a journal",
        ),
    ],
)
def test_a_spoilt_backup_restores_nothing(
    tmp_path: Path, run_sampling: Run, spoil: Callable[[bytes], bytes], words: str
) -> None:
    where, target = tmp_path / "journal.sqlite", tmp_path / "new" / "journal.sqlite"
    with opened(where) as fresh:
        fresh.append([rated(2), rated(1, 1)], now=NOW)
    run_sampling("journal", "export", where, "--out", tmp_path / "out")
    file = tmp_path / "out" / "entries.jsonl"
    file.write_bytes(spoil(file.read_bytes()))
    status, said, _ = run_sampling("journal", "restore", file, "--to", target)
    assert status == VerificationError.exit_code and words in said["message"]
    assert not target.exists()


def test_a_spoilt_sqlite_backup_restores_nothing(tmp_path: Path, run_sampling: Run) -> None:
    where, copy, target = tmp_path / "journal.sqlite", tmp_path / "copy", tmp_path / "new" / "journal.sqlite"
    with opened(where) as fresh:
        fresh.append([rated(2), rated(1, 1)], now=NOW)
    run_sampling("journal", "backup", where, "--out", copy)
    before = copy.read_bytes()
    by_hand(str(copy), "DELETE FROM journal_entry WHERE sequence = 3")
    status, said, _ = run_sampling("journal", "restore", copy, "--to", target)
    assert status == VerificationError.exit_code and "its end was cut off" in said["message"]
    copy.write_bytes(before[:5000])
    status, said, _ = run_sampling("journal", "restore", copy, "--to", target)
    assert status in (StateError.exit_code, VerificationError.exit_code) and "damaged" in said["message"]
    assert not target.exists()


def test_a_backup_is_read_without_being_touched(tmp_path: Path, run_sampling: Run) -> None:
    where, folder = tmp_path / "journal.sqlite", tmp_path / "read only"
    with opened(where) as fresh:
        fresh.append([rated(2)], now=NOW)
    run_sampling("journal", "backup", where, "--out", folder / "copy #1?.sqlite")
    before = (folder / "copy #1?.sqlite").read_bytes()
    assert run_sampling("journal", "restore", folder / "copy #1?.sqlite", "--to", tmp_path / "new.sqlite")[0] == 0
    assert (folder / "copy #1?.sqlite").read_bytes() == before
    assert [path.name for path in folder.iterdir()] == ["copy #1?.sqlite"]


def test_without_the_lead_key_a_restore_says_what_is_missing(tmp_path: Path, run_sampling: Run) -> None:
    where = tmp_path / "journal.sqlite"
    with opened(where) as fresh:
        fresh.append([rated(2, sealed=True)], now=NOW)
        lead_key_path(fresh.id).unlink()
    run_sampling("journal", "backup", where, "--out", tmp_path / "copy")
    assert (
        run_sampling("journal", "restore", tmp_path / "copy", "--to", tmp_path / "new.sqlite")[1]["lead_key"] is False
    )


def test_nothing_of_a_comment_reaches_an_error(tmp_path: Path) -> None:
    """The driver's own messages quote values; ours never do."""
    where = tmp_path / "journal.sqlite"
    with opened(where) as fresh:
        fresh.append([commented("Jane Example lives here")], now=NOW)
    by_hand(str(where), 'UPDATE journal_entry SET body = \'{"data":{"text":"Jane Example"}}\' WHERE sequence = 2')
    with opened(where) as again:
        with pytest.raises(
            StateError, match="Entry 2 of the journal is damaged. Run: sampling journal verify"
        ) as refused:
            again.entries()
        assert "Jane" not in str(refused.value) and "Jane" not in again.verify().why
    assert isinstance(again, Journal) and REF not in str(refused.value) and b"Jane" in stored_bytes(str(where))
