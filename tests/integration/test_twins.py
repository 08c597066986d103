"""The command of the demonstration, as it stands: two years of a service with a known change and of its twin, and what the reports find."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sampling.batch.progress import Lines
from sampling.batch.twins import CHANGED, KILLED, TWIN, TwinsOrder, play_twins
from sampling.batch.years import TRUTH
from sampling.batch.years_model import EFFECTS
from sampling.cli import main
from sampling.errors import StateError
from sampling.evidence.estimates import weighted_share
from sampling.evidence.measures import RATIONALE
from sampling.evidence.results import Estimate
from sampling.journal.store import Journal
from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE
from sampling.model import Period
from sampling.policy import shared_folder
from sampling.reporting.files import tables
from sampling.reporting.gathering import Gathered, gather
from sampling.reporting.held import hold, pack_up
from sampling.reporting.opening import open_evidence
from sampling.scoring.settings.home import default_journal
from sampling.scoring.settings.policy import load_scoring_policy

NOW = ("--now", "2026-11-22T09:00:00Z")
UNTIL = Period("2026-10")
CHANGE = "2025-11"
DAY = date(2026, 11, 1)
_LEVELS = re.compile(r"\(([+-]\d\.\d\d) levels, 95% interval ([+-]\d\.\d\d) to ([+-]\d\.\d\d)\)")


@dataclass(frozen=True)
class Ran:
    """One run of the command with the seed of the demonstration: its folder, what it printed, and the user's own private store."""

    out: Path
    printed: str
    store: Path


@dataclass(frozen=True)
class Played:
    """One of the two: its home, its truth, and what a report gathers from it."""

    home: Path
    truth: Mapping[str, Any]
    found: Gathered


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Runs what `make demo` runs, less the PDFs."""
    out, store = tmp_path_factory.mktemp("years") / "years", tmp_path_factory.mktemp("own") / "store"
    environment = {name: value for name, value in os.environ.items() if name != SECRET_VARIABLE} | {
        HOME_VARIABLE: str(store)
    }
    done = subprocess.run(
        [sys.executable, "-m", "sampling", "years", str(out), "--no-pdf", *NOW],
        env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return Ran(out, done.stdout, store)


def played(ran: Ran, name: str) -> Played:
    home = ran.out / name
    with closing(Journal.open(default_journal(home))) as journal:
        found = gather(home, journal, load_scoring_policy(), shared_folder("rubrics"), today=DAY)
    hold(pack_up(home, "", DAY, found))  # as a batch does: what reads the same again below is handed this
    return Played(home, json.loads((home / TRUTH).read_text(encoding="ascii")), found)


@pytest.fixture(scope="module")
def changed(ran: Ran) -> Played:
    return played(ran, CHANGED)


@pytest.fixture(scope="module")
def twin(ran: Ran) -> Played:
    return played(ran, TWIN)


# What a reader sees


def page(ran: Ran, name: str) -> str:
    path = ran.out / name / "reports" / "2026-10" / "audit" / "the-whole-service" / "pack.html"
    return path.read_text(encoding="utf-8")


def verdict_of(html: str) -> tuple[str, float, float]:
    """Returns the sentence with which a report begins, and the ends of its interval."""
    said = re.search(r'<div class="verdict[^"]*">\s*<p><strong>(.*?)</strong>', html, re.DOTALL)
    assert said is not None
    ends = _LEVELS.search(said.group(1))
    assert ends is not None
    return said.group(1), float(ends.group(2)), float(ends.group(3))


def test_the_report_finds_the_change_and_its_interval_holds_the_truth(ran: Ran, changed: Played) -> None:
    said, low, high = verdict_of(page(ran, CHANGED))
    true = changed.truth["volatile"]["difference"][RATIONALE]["mean_level"]
    assert said.startswith(
        "Practice improved in these training draws (level L0, not evidence): the rationale of escalation decisions is clearer"
    )
    assert said.endswith("and the chart over time shows it too.")
    assert changed.truth["change"]["from"] == CHANGE
    assert true > 0.5 and 0 < low <= true <= high


def test_the_report_finds_nothing_in_the_twin(ran: Ran, twin: Played) -> None:
    said, low, high = verdict_of(page(ran, TWIN))
    true = twin.truth["volatile"]["difference"][RATIONALE]["mean_level"]
    assert said.startswith("No improvement is shown")
    assert twin.truth["change"] is None
    assert abs(true) < 0.1 and low <= true <= high and low < 0 < high


def test_the_command_says_what_each_report_found_beside_the_truth_and_where_to_begin(ran: Ran) -> None:
    lines = ran.printed.splitlines()
    assert lines[-1] == f"Begin here: {ran.out / 'index.html'}"
    assert lines[-5].startswith("With the change: Practice improved")
    assert lines[-3].startswith("Twin without a change: No improvement is shown")
    assert all("within the report's interval" in lines[place] for place in (-4, -2))
    assert "With the change: Scoring the months of 2026" in lines and "5 of 5  " in ran.printed
    html = (ran.out / "index.html").read_text(encoding="utf-8")
    assert "<h1>The reports find the change, and none in the twin</h1>" in html
    for link in re.findall(r'href="([^"#]+)"', html):
        assert (ran.out / link).is_file(), link


def test_both_are_one_service_until_the_change(changed: Played, twin: Played) -> None:
    assert changed.found.draws["seed"].tolist() == twin.found.draws["seed"].tolist() and len(changed.found.draws) == 24
    columns = ["period", "case", "stage", "ref", "level", "code"]
    rows = [one.found.scores[columns].reset_index(drop=True) for one in (changed, twin)]
    before = [one[one["period"] < CHANGE].reset_index(drop=True) for one in rows]
    assert before[0].equals(before[1]) and not rows[0].equals(rows[1])


def test_nothing_of_it_is_in_the_private_store_of_the_user(ran: Ran) -> None:
    assert not ran.store.exists()
    for name in (CHANGED, TWIN):
        assert {path.name for path in (ran.out / "private" / name).iterdir()} == {"local_ids", "seals"}
    assert (ran.out / "private").stat().st_mode & 0o077 == 0


def test_run_again_it_leaves_what_stands(ran: Ran, capsys: pytest.CaptureFixture[str]) -> None:
    def stamps() -> dict[Path, int]:
        written_again = {"index.html", "manifest.json", ".lock"}  # the same bytes
        files = (path for path in ran.out.rglob("*") if path.is_file() and "journal" not in path.parts)
        return {path: path.stat().st_mtime_ns for path in files if path.name not in written_again}

    before, index = stamps(), (ran.out / "index.html").read_bytes()
    assert main(["years", str(ran.out), "--no-pdf", "--json", *NOW]) == 0
    about = json.loads(capsys.readouterr().out)
    assert {name: one["kind"] for name, one in about["services"].items()} == {CHANGED: "improved", TWIN: "not_shown"}
    assert all(one["right"] for one in about["services"].values()) and about["failed"] == {}
    assert stamps() == before and (ran.out / "index.html").read_bytes() == index


# What stands behind it


def estimate(one: Played, ref: str, part: str) -> Estimate:
    """Returns the estimate of the share at the standard before or after, as the reports make it."""
    found, periods = one.found.scores, one.found.periods
    half = periods[: len(periods) // 2] if part == "before" else periods[len(periods) // 2 :]
    rows = found[(found["ref"] == ref) & (found["stage"] == "first") & found["period"].isin(half)]
    value = (rows["level"] >= 2).astype("Int64")
    design = one.found.design
    return weighted_share(rows.assign(value=value), design[design["period"].isin(half)])


def gain(one: Played, ref: str) -> float:
    """Returns the estimated change of the share at the standard."""
    before, after = (estimate(one, ref, part).value for part in ("before", "after"))
    assert before is not None and after is not None
    return after - before


def test_the_truth_lies_in_the_intervals_of_the_estimates(changed: Played, twin: Played) -> None:
    inside = []
    for one, parts in ((changed, ("before", "after")), (twin, ("after",))):
        for part in parts:
            for ref, truth in one.truth["all"][part].items():
                interval = estimate(one, ref, part).interval
                assert interval is not None
                inside.append(interval.low <= truth["at_standard"] <= interval.high)
    assert len(inside) == 3 * 18
    assert np.mean(inside) >= 0.87  # of 95% intervals of one service, whose criteria go together


def test_the_change_is_recovered_and_all_else_stays(changed: Played) -> None:
    true = {ref: row["at_standard"] for ref, row in changed.truth["all"]["difference"].items()}
    assert min(true[ref] for ref in EFFECTS) > 0.15 and max(abs(true[ref]) for ref in true if ref not in EFFECTS) < 0.06
    touched = [gain(changed, ref) for ref in EFFECTS]
    untouched = [gain(changed, ref) for ref in true if ref not in EFFECTS]
    assert abs(np.mean(touched) - np.mean([true[ref] for ref in EFFECTS])) < 0.1
    assert abs(np.mean(untouched)) < 0.1 < np.mean(touched)


def test_the_twin_has_no_change_and_shows_none(twin: Played) -> None:
    assert max(abs(row["at_standard"]) for row in twin.truth["all"]["difference"].values()) < 0.06
    assert abs(np.mean([gain(twin, ref) for ref in EFFECTS])) < 0.1


def test_for_training_a_team_is_the_same_by_its_name_and_by_its_letters(changed: Played) -> None:
    def shown(team: str) -> dict[str, str]:
        return tables(
            open_evidence(str(changed.home), period="2026-10", purpose="training", today="2026-11-01", team=team)
        )

    lettered = shown("Team A")
    assert (
        "after-table" in lettered
        and lettered["after-table"]
        == shown(
            open_evidence(str(changed.home), period="2026-10", purpose="audit", today="2026-11-01").gathered.teams[0]
        )["after-table"]
    )


def test_every_criterion_of_the_report_stands_beside_its_truth(changed: Played, twin: Played) -> None:
    """A report compares cases with recent recorded change, before and after what people wrote down."""
    inside: list[bool] = []
    for one in (changed, twin):
        found = open_evidence(str(one.home), period="2026-10", purpose="audit", today="2026-11-01")
        assert found.windows.change == CHANGE and found.windows.comparability.comparable
        assert bool(found.account.changes) is (one is changed)
        true = {ref: row["at_standard"] for ref, row in one.truth["volatile"]["difference"].items()}
        for ref, change in found.changes.items():
            assert change.interval is not None
            inside.append(change.interval.low <= true[ref] <= change.interval.high)
        touched = np.mean([found.changes[ref].value or 0.0 for ref in EFFECTS])
        # twelve months a side, about 160 cases each: the standard error of this difference is near 0.04
        assert abs(touched - np.mean([true[ref] for ref in EFFECTS])) < 0.12
    assert np.mean(inside) >= 0.85 and len(inside) == 2 * 18


def test_a_week_later_shows_repair_beyond_what_settles_by_itself(changed: Played, twin: Played) -> None:
    met, expected, alone = [], [], []
    for one in (changed, twin):
        scores = one.found.scores.set_index(["draw_id", "case", "ref"])
        first, again = (scores.loc[scores["stage"] == stage, "level"].dropna() for stage in ("first", "follow_up-1"))
        pairs = pd.concat([first.rename("then"), again.rename("now")], axis=1, join="inner")
        pairs = pairs[pairs["then"] <= 1].reset_index()
        truth = one.truth["follow_up"]
        met += (pairs["now"] >= 2).tolist()
        expected += [truth[ref]["with_repair"] for ref in pairs["ref"]]
        alone += [truth[ref]["settling_alone"] for ref in pairs["ref"]]
    assert len(met) > 200
    assert abs(np.mean(met) - np.mean(expected)) < 0.08
    assert 0.2 < np.mean(alone) < np.mean(expected) - 0.2, "part of the gain would have come without any repair"


def test_every_drawn_case_counts_in_the_stratum_that_it_was_drawn_from(changed: Played) -> None:
    """Somebody may hold a case in another team: it counts for the team it was drawn for."""
    first = changed.found.cases[changed.found.cases["stage"] == "first"]
    pools = first["stratum"].str.startswith("pool/")
    keys = ["draw_id", "team", "stratum"]
    design = changed.found.design
    drawn = design[design["stratum"].str.startswith("pool/")].set_index(keys)["drawn"]
    assert first[pools].groupby(keys).size().reindex(drawn.index, fill_value=0).tolist() == drawn.tolist()


# What goes wrong


def test_years_that_lie_ahead_are_refused_by_the_process_that_plays_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["years", str(tmp_path / "years"), "--until", "2026-11", "--json", *NOW]) == 2
    assert "The scoring of 2026-11 goes on until 2026-12-20" in json.loads(capsys.readouterr().out)["message"]


def test_a_killed_process_is_told_and_the_next_run_goes_on(tmp_path: Path) -> None:
    order = TwinsOrder(tmp_path / "years", UNTIL, seed=3, months=2, cases=60, pdf=False)
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)

    def kill(line: str) -> None:
        if line.startswith("Twin without a change: Scoring"):
            for process in multiprocessing.active_children():
                os.kill(process.pid or 0, signal.SIGKILL)

    with pytest.raises(StateError) as stopped:
        play_twins(order, now=now, tell=kill, watch=lambda: nullcontext(Lines(lambda line: None)))
    assert stopped.value.message == KILLED
    twins = play_twins(order, now=now, tell=lambda line: None, watch=lambda: nullcontext(Lines(lambda line: None)))
    assert [one.failed for one in twins.packs] == [(), ()]
    assert [path.name for path in order.out.iterdir() if ".partial" in path.name] == []
