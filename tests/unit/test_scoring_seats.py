"""A seat is a private file of a working day: what is no seat of ours is refused, whatever its name or content."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sampling.errors import SecretError
from sampling.scoring.errors import AccessRefused
from sampling.scoring.server.seats import SEAT_HOURS, Seat, open_seat, take_seat

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
SEAT = Seat("/draws", "", "/people.toml", "", "Ruth Adeyemi")
NO_SEAT = "This form has no seat. Run the notebook's cell again; nothing that was saved is lost."


def test_a_seat_comes_back_as_it_was_taken(private_store: Path) -> None:
    name = take_seat(SEAT, now=NOW)
    assert open_seat(name, now=NOW + timedelta(hours=SEAT_HOURS, seconds=-1)) == SEAT
    path = private_store / "seats" / f"{name}.json"
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)] == [0o600, 0o700]
    assert take_seat(SEAT, now=NOW) != name


def test_a_seat_ends_with_the_day_and_is_cleared_away(private_store: Path) -> None:
    name, later = take_seat(SEAT, now=NOW), NOW + timedelta(hours=SEAT_HOURS)
    with pytest.raises(AccessRefused, match=f"opened more than {SEAT_HOURS} hours ago. Run the notebook's cell again"):
        open_seat(name, now=later)
    other = take_seat(SEAT, now=later)
    assert [path.stem for path in (private_store / "seats").iterdir()] == [other]


@pytest.mark.parametrize(
    "name", ["", "0" * 64, "../secret", "a" * 63, "A" * 64, "a" * 64 + "\n", "/etc/passwd", "a" * 100_000]
)
def test_a_name_that_is_no_seat_is_refused(private_store: Path, name: str) -> None:
    take_seat(SEAT, now=NOW)
    with pytest.raises(AccessRefused) as refused:
        open_seat(name, now=NOW)
    assert refused.value.message == NO_SEAT


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "[" * 100_000,
        json.dumps({"until": "2026-11-04T00:00:00Z"}),
        json.dumps({"draws": "", "journal": "", "people": "", "policy": "", "rater": "", "until": "tomorrow"}),
        json.dumps(
            {"draws": 1, "journal": "", "people": "", "policy": "", "rater": "", "until": "2026-11-04T00:00:00Z"}
        ),
        json.dumps(
            {
                "draws": "",
                "journal": "",
                "people": "",
                "policy": "",
                "rater": "",
                "until": "2026-11-04T00:00:00Z",
                "x": "",
            }
        ),
    ],
)
def test_a_file_that_is_no_seat_is_refused(private_store: Path, content: str) -> None:
    name = take_seat(SEAT, now=NOW)
    (private_store / "seats" / f"{name}.json").write_text(content, encoding="utf-8")
    with pytest.raises(AccessRefused, match="has no seat"):
        open_seat(name, now=NOW)


def test_a_link_to_another_file_is_no_seat(private_store: Path, tmp_path: Path) -> None:
    name = take_seat(SEAT, now=NOW)
    path = private_store / "seats" / f"{name}.json"
    path.rename(tmp_path / "moved.json")
    path.symlink_to(tmp_path / "moved.json")
    with pytest.raises(AccessRefused, match="has no seat"):
        open_seat(name, now=NOW)


def test_a_folder_that_others_can_read_is_refused(private_store: Path) -> None:
    take_seat(SEAT, now=NOW)
    os.chmod(private_store / "seats", 0o755)
    with pytest.raises(SecretError, match="Other users of this machine can read .*Run: chmod 700"):
        take_seat(SEAT, now=NOW)
