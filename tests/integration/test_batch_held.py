"""Evidence is gathered once for a batch: no run reads the journal again, and each pack is what its notebook makes alone."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from sampling.batch.folder import folder_name
from sampling.batch.notebooks import run_notebook
from sampling.batch.packs import PacksOrder, batch_of
from sampling.batch.runner import run_batch
from sampling.errors import StateError
from sampling.model import Period
from sampling.reporting import held
from sampling.reporting.gathering import Gathered
from sampling.scoring.settings.home import default_journal
from tests import batch_notebooks as small

DAY = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def nothing_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test hands to this process is none of the next one's."""
    monkeypatch.setattr(held, "_held", {})


def same(one: Gathered, other: Gathered) -> bool:
    """Returns whether two gatherings are alike, types of columns too."""
    return one.digest == other.digest and all(
        getattr(one, name).equals(getattr(other, name)) for name in ("scores", "design", "cases", "actions", "draws")
    )


def test_what_was_handed_over_is_taken_for_its_place_and_day_alone(home: Path) -> None:
    read = held.evidence_of(home, "", DAY)
    held.hold(held.pack_up(home, "", DAY, read))
    default_journal(home).rename(home / "away.sqlite")
    assert same(held.evidence_of(home, "", DAY), read)
    with pytest.raises(StateError, match="the draws have no journal beside them"):
        held.evidence_of(home, "", date(2026, 11, 2))
    assert same(held.evidence_of(home, str(home / "away.sqlite"), DAY), read)


def test_a_batch_reads_the_journal_once_and_its_packs_are_those_of_the_notebook_alone(
    home: Path, tmp_path: Path
) -> None:
    order = PacksOrder(home, Period("2026-10"), "training", out=tmp_path / "packs", jobs=2, pdf=False)
    batch = batch_of(order)
    team = batch.runs[1]
    alone = run_notebook(batch.notebook, team.parameters, tmp_path / "alone.ipynb", private=batch.private)
    default_journal(home).rename(home / "away.sqlite")
    heard = small.Heard()
    result = run_batch(batch, heard)
    assert result.failed == (), heard.messages
    pack = tmp_path / "packs" / folder_name(team.label) / "pack.ipynb"
    cells = [json.loads(one.read_text(encoding="utf-8"))["cells"] for one in (pack, alone)]
    assert cells[0] == cells[1]
    with pytest.raises(StateError, match="the draws have no journal beside them"):
        batch_of(order)
