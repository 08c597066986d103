"""The files and pages of a real batch under a profile that hides, all together, attacked by differencing."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime
from pathlib import Path

from sampling.batch.folder import folder_name
from sampling.batch.packs import COMMISSIONER, FOLDERS, WHOLE, PacksOrder, batch_of
from sampling.batch.progress import Lines
from sampling.batch.runner import run_batch
from sampling.batch.years import YearsOrder, play_years
from sampling.keys import Keyring, load_secret
from sampling.model import Period
from sampling.reporting.counting import scope_of
from sampling.reporting.held import evidence_of
from sampling.reporting.kept import FOLDER, load_kept
from tests.evidence_packs import as_read, read_csv
from tests.suppression_attacker import given_away

PROFILE = "mhsds"


def tables_of(pack: Path) -> dict[str, str]:
    """Returns name -> CSV of a pack, each of which stands on its page with the same cells."""
    page = (pack / "pack.html").read_text(encoding="utf-8")
    assert "<svg" not in re.sub(r"<header.*?</header>", "", page, flags=re.S)
    rows = {
        tuple(html.unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row))
        for row in re.findall(r"<tr>(.*?)</tr>", page)
    }
    found = {path.stem: path.read_bytes().decode("utf-8") for path in (pack / "tables").glob("*.csv")}
    assert all(tuple(row.values()) in rows for text in found.values() for row in read_csv(text))
    return found


def test_all_packs_of_a_batch_together_give_no_small_number_away(tmp_path: Path, private_store: Path) -> None:
    home = tmp_path / "years"
    years = YearsOrder(home, 5, Period("2026-10"), months=6, changed_in=None, cases=80)
    play_years(years, Keyring(load_secret()), now=datetime(2026, 11, 22, 9, tzinfo=UTC))
    order = PacksOrder(home, Period("2026-10"), "audit", suppression=PROFILE, jobs=1, pdf=False)
    result = run_batch(batch_of(order), Lines(lambda line: None))
    assert not result.failed and {WHOLE, COMMISSIONER} <= {one.label for one in result.outcomes}
    assert COMMISSIONER in result.page.read_text(encoding="utf-8")
    gathered = evidence_of(home, "", date(2026, 11, 1))
    teams = [team for team in gathered.teams if team]
    packs = {
        scope_of(team): tables_of(order.folder / (folder_name(team) if team else FOLDERS[WHOLE]))
        for team in ("", *teams)
    }
    outside = tables_of(order.folder / FOLDERS[COMMISSIONER])
    shared = set(outside) - {"reproduce"}
    assert {name: outside[name] for name in shared} == {name: packs["service"][name] for name in shared}
    ((_, kept),) = load_kept(home / FOLDER).values()
    read = as_read(kept, packs, gathered.rubrics)
    assert sum(len(table.primary) for table in kept.tables) > 10, "nothing was at stake"
    assert given_away([(read, [table.source.table for table in kept.tables])], PROFILE) == []
