"""Two assurance reports at once, and one that was killed half way: what leaves is decided once, and nothing stays behind."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filelock import FileLock

from sampling.batch.years import YearsOrder, play_years
from sampling.errors import StateError
from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE, Keyring, load_secret
from sampling.model import Period
from sampling.reporting import deciding as deciding_module
from sampling.reporting.deciding import LOCK, deciding, standing
from sampling.reporting.kept import FOLDER

SPAN, MONTH = "2026-07:2026-09", "2026-09"
RELEASES = Path(FOLDER) / "assurance"
HELD_BACK = "have left the service: the one less the other would be numbers that nobody released."


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Three months of an invented service."""
    folder = tmp_path_factory.mktemp("ends")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(folder / "private"))
        patch.setenv(SECRET_VARIABLE, "3c" * 32)
        order = YearsOrder(folder / "years", 5, Period("2026-09"), months=3, changed_in=1, cases=60)
        play_years(order, Keyring(load_secret()), now=datetime(2026, 11, 22, 9, tzinfo=UTC))
        yield folder / "years"


@pytest.fixture
def home(played: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of its own, with the keys that it was drawn with."""
    monkeypatch.setenv(HOME_VARIABLE, str(shutil.copytree(played.parent / "private", tmp_path / "private")))
    monkeypatch.setenv(SECRET_VARIABLE, "3c" * 32)
    return Path(shutil.copytree(played, tmp_path / "years"))


def started(home: Path, period: str) -> subprocess.Popen[str]:
    """Starts the command as a service's own scheduler does."""
    asked = ["assurance", str(home), "--period", period, "--today", "2026-10-20", "--no-pdf"]
    return subprocess.Popen(
        [sys.executable, "-m", "sampling", *asked], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def ended(running: subprocess.Popen[str]) -> None:
    """Waits for a command, which has to end well."""
    told, _ = running.communicate(timeout=300)
    assert running.returncode == 0, told


def written(folder: Path) -> dict[str, bytes]:
    """Returns place -> content of each file, those of locks left out."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.endswith("lock"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_of_two_overlapping_spans_at_once_one_leaves_and_one_killed_between_its_releases_is_made_anew(
    home: Path,
) -> None:
    with started(home, SPAN) as one, started(home, MONTH) as other:
        ended(one)
        ended(other)
    [release] = (home / RELEASES).glob("*.json")
    pages = {
        period.replace(":", "_"): (home / "reports" / "2026-09" / folder / "commissioner" / "pack.html").read_text()
        for period, folder in ((SPAN, "assurance-quarter"), (MONTH, "assurance-month"))
    }
    assert {name: HELD_BACK in page for name, page in pages.items()} == {name: name != release.stem for name in pages}
    whole = written(home)
    release.unlink()  # now as if its actions were kept, and the command had been killed before the rest
    shutil.rmtree(home / "reports")
    mine = home / "assurance" / release.stem
    killed = Path(shutil.copytree(mine, mine.with_name(f".{mine.name}.0123456789ab.earlier")))  # the swap had begun
    with started(home, release.stem.replace("_", ":")) as again:
        ended(again)
    others = {name for name in whole if name.startswith("reports/") and name.split("/")[2] != _folder(release.stem)}
    now = written(home)
    assert sorted(now) == sorted(set(whole) - others) and not killed.exists()
    assert [name for name in now if now[name] != whole[name]] == []


def _folder(span: str) -> str:
    return "assurance-quarter" if "_" in span else "assurance-month"


def test_who_decides_is_waited_for_and_told_of_where_it_does_not_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with deciding(tmp_path), deciding(tmp_path):  # what publishes may be part of what decides
        before = standing(tmp_path)
    (tmp_path / RELEASES).mkdir()
    (tmp_path / RELEASES / "one.json").write_text(json.dumps({}))
    assert before == () and [name for name, *_ in standing(tmp_path)] == ["releases/assurance/one.json"]
    monkeypatch.setattr(deciding_module, "WAIT_SECONDS", 0.05)
    with FileLock(tmp_path / FOLDER / LOCK), pytest.raises(StateError, match="has not ended for twenty minutes"):  # noqa: SIM117
        with deciding(tmp_path):
            pytest.fail("two decide at once")
