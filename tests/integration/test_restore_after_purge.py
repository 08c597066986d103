"""A backup from before a purge brings deleted words back, and says so; with the newer journal's deletion log it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from sampling.cli import main
from sampling.journal import backup
from sampling.journal.store import Journal
from tests.journals import ANN, NOW, Schemas, by_hand, commented, later, opened, server, stored_bytes  # noqa: F401

WORDS = "the neighbour heard shouting"


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """A backup from before a purge, and one from after it."""
    before, after = tmp_path / "before.sqlite", tmp_path / "after.sqlite"
    with opened(tmp_path / "journal.sqlite") as fresh:
        made = [commented(f"{WORDS} {number}", number) for number in range(3)]
        fresh.append(made, now=NOW)
        backup.backup(fresh, before)
        fresh.purge([made[0].id, made[1].id], "five years", ANN, later(60))
        fresh.append([commented("new words", 3)], now=later(120))
        backup.backup(fresh, after)
    return before, after


def test_an_old_backup_warns_that_words_are_back(
    two: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "restored.sqlite"
    assert main(["journal", "restore", str(two[0]), "--to", str(target)]) == 0
    assert "Warning: what a retention rule has deleted since this backup was made is back." in capsys.readouterr().out
    assert WORDS.encode() in stored_bytes(str(target))


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_with_the_newer_log_the_words_never_reach_the_new_place(
    two: tuple[Path, Path],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    engine: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = str(tmp_path / "restored.sqlite") if engine == "sqlite" else request.getfixturevalue("server").new()
    words = ["journal", "restore", str(two[0]), "--to", target, "--purged-by", str(two[1])]
    assert main([*words, "--now", "2033-01-01T09:00:00Z"]) == 0
    assert "What the newer journal had deleted was left out" in capsys.readouterr().out
    journal = Journal.open(target)
    outcome = journal.verify()
    assert outcome.ok and outcome.purged == (("five years", 2),)
    states = [(one.state, one.purged_at) for one in journal.entries(kinds=["commented"])]
    assert states == [("purged", "2033-01-01T09:00:00Z")] * 2 + [("open", "")]
    journal.close()
    if engine == "sqlite":
        held = stored_bytes(target)
        assert f"{WORDS} 0".encode() not in held and f"{WORDS} 2".encode() in held


def test_a_file_that_does_not_go_on_from_the_backup_is_refused(
    two: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "restored.sqlite"
    assert main(["journal", "restore", str(two[1]), "--to", str(target), "--purged-by", str(two[0])]) == 12
    assert backup.OTHER_JOURNAL in capsys.readouterr().err and not target.exists()
    by_hand(str(two[1]), "UPDATE journal_entry SET actor = 'x' WHERE sequence = 2")
    assert main(["journal", "restore", str(two[0]), "--to", str(target), "--purged-by", str(two[1])]) == 14
    assert "The newer journal does not verify, so that nothing was restored." in capsys.readouterr().err
    assert not target.exists()
