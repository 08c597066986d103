"""The invented notes: the same each time, of every level, told again from their text, and beside every format."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from sampling.keys import Keyring
from sampling.model import Extract, Period, Profile
from sampling.sources.opening import open_extract
from sampling.sources.synthesis import synthesise
from sampling.sources.synthetic import Simulated, simulate
from sampling.sources.synthetic_hostile import HOSTILE_TEXTS
from sampling.sources.synthetic_note_words import STORIES, WORDINGS
from sampling.sources.synthetic_notes import marks, notes_frame, rewritten


def service(profile: Profile, *, hostile: bool = False) -> Simulated:
    return simulate(profile=profile, cases=300, months=8, seed=3, last_month=Period("2026-10"), hostile=hostile)


@pytest.fixture(scope="module", params=["adult", "children"])
def notes(request: pytest.FixtureRequest) -> pd.DataFrame:
    return notes_frame(service(request.param), 3)


def test_the_same_service_gives_the_same_notes() -> None:
    frames = [notes_frame(service("adult"), seed) for seed in (3, 3, 4)]
    assert frames[0].equals(frames[1])
    assert not frames[0].equals(frames[2])


def test_a_share_of_the_cases_has_notes_and_none_lies_in_the_future(notes: pd.DataFrame) -> None:
    assert 230 <= notes["case_id"].nunique() <= 280
    assert notes["written_on"].max() <= pd.Timestamp(date(2026, 10, 31))
    assert notes["ref"].is_unique
    assert notes["text"].str.len().max() < 3_000


def test_every_criterion_is_told_at_every_level_somewhere(notes: pd.DataFrame) -> None:
    told = Counter(
        (mark.rubric, mark.criterion, mark.level) for text in notes["text"] for mark in marks(text) if mark.level > 0
    )
    rubrics = (
        WORDINGS
        if ("crisis_plan_currency", "exists_and_current", 2) in told
        else set(WORDINGS) - {"crisis_plan_currency"}
    )
    expected = {
        (rubric, criterion, level) for rubric in rubrics for criterion in WORDINGS[rubric] for level in (1, 2, 3)
    }
    assert set(told) == expected


def test_a_mark_names_the_line_that_it_came_from() -> None:
    text = "Visit.\nReview soon.\nNothing of ours.\nMessage left."
    assert [(mark.criterion, mark.level, text[mark.start : mark.end]) for mark in marks(text)] == [
        ("deviation_and_review", 1, "Review soon."),
        ("told_and_response", 1, "Message left."),
    ]


@pytest.mark.parametrize(("rubric", "profile"), list(STORIES))
def test_no_gap_of_a_sentence_is_left_open(rubric: str, profile: Profile) -> None:
    for number in range(40):
        note = rewritten(f"C{number}", profile, rubric, list(WORDINGS[rubric]), on=date(2026, 11, 9), seed=1)
        levels: dict[str, int] = {}
        for mark in marks(note.text):
            levels[mark.criterion] = max(levels.get(mark.criterion, -1), mark.level)
        assert set(levels) == set(WORDINGS[rubric])
        assert set(levels.values()) <= {-1, 2, 3}
        assert "{" not in note.text


def test_hostile_notes_are_among_those_of_a_hostile_service() -> None:
    texts = set(notes_frame(service("adult", hostile=True), 3)["text"])
    assert set(HOSTILE_TEXTS) <= texts


@pytest.mark.parametrize("format", ["canonical", "mhsds", "annex-a"])
def test_notes_stand_beside_each_format_under_the_ids_of_its_cases(
    tmp_path: Path, keyring: Keyring, format: str
) -> None:
    synthesise(format=format, cases=60, months=3, seed=5, out=tmp_path / "x", until="2026-10")
    plain = open_extract(str(tmp_path / "x"), keyring)
    assert "notes" not in plain.tables
    keys = keys_of(plain)
    extract = open_extract(str(tmp_path / "x"), keyring, notes=keys)
    assert [finding.line() for finding in extract.findings] == [finding.line() for finding in plain.findings]
    (table,) = extract.tables["notes"]
    assert set(table["case_id"].to_pylist()) <= set(keys)  # type: ignore[union-attr]
    assert table.num_rows > 200  # type: ignore[union-attr]
    authors = set(table["author_id"].to_pylist())  # type: ignore[union-attr]
    holders = {key for part in extract.tables["allocations"] for key in part["practitioner_id"].to_pylist()}  # type: ignore[union-attr]
    assert len(authors & holders) > 2


def keys_of(extract: Extract) -> list[str]:
    return [key for part in extract.tables["cases"] for key in part["case_id"].to_pylist()]  # type: ignore[union-attr]
