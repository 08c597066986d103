"""The invented years: what is true of them is known and found again, the service reads their journal, and the same seed repeats them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sampling.batch.practice import NOT_INVENTED
from sampling.batch.years import SOURCE, TRUTH, Years, YearsOrder, play_years
from sampling.batch.years_model import EFFECTS, RATIONALE, SLIPS, UNTOUCHED, Member, Model, at_standard, mean_level
from sampling.cli import main
from sampling.errors import StateError, UsageError
from sampling.journal.store import Journal
from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE, Keyring, load_secret
from sampling.model import Period
from sampling.policy import shared_folder
from sampling.reporting.gathering import Gathered, gather
from sampling.scoring.service import Service, open_service
from sampling.scoring.settings.home import default_journal
from sampling.scoring.settings.policy import SUPERVISION, load_scoring_policy
from sampling.sources.synthetic import simulate
from sampling.sources.synthetic_core import Settled
from sampling.verify import verify_draw

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
UNTIL = Period("2026-10")
SECRET = "5e" * 32
MONTHS, CHANGED_IN = 4, 3


@dataclass(frozen=True)
class Played:
    """Years that were played, and what a report gathers from them."""

    years: Years
    found: Gathered


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("years-private")


@pytest.fixture(autouse=True)
def the_same_private_store(private_store: Path, private: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The module's years are made once, so that their private store is that of every test here."""
    monkeypatch.setenv(HOME_VARIABLE, str(private))
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)


Play = Callable[..., Played]


@pytest.fixture(scope="module")
def play(private: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """Plays years into a new home, in the module's private store."""
    patch = pytest.MonkeyPatch()
    patch.setenv(HOME_VARIABLE, str(private))
    patch.setenv(SECRET_VARIABLE, SECRET)

    def played(seed: int, months: int, changed_in: int | None) -> Played:
        home = tmp_path_factory.mktemp("years") / "home"
        years = play_years(
            YearsOrder(home, seed, UNTIL, months=months, changed_in=changed_in), Keyring(load_secret()), now=NOW
        )
        return Played(years, gathered(home))

    yield played
    patch.undo()


def gathered(home: Path) -> Gathered:
    with closing(Journal.open(default_journal(home))) as journal:
        return gather(home, journal, load_scoring_policy(), shared_folder("rubrics"), today=NOW.date())


@pytest.fixture(scope="module")
def small(play: Play) -> Played:
    return play(5, MONTHS, CHANGED_IN)


@pytest.fixture(scope="module")
def service(small: Played, play: Play) -> Iterator[Service]:
    opened = open_service(small.years.home, keyring=Keyring(bytes.fromhex(SECRET)), now=NOW)
    yield opened
    opened.close()


# The service that is drawn from


@pytest.mark.parametrize("seed", [1, 2])
def test_a_settled_service_is_as_large_in_its_first_month_as_in_its_last(seed: int) -> None:
    service = simulate(
        profile="adult",
        cases=280,
        months=27,
        seed=seed,
        last_month=UNTIL,
        settled=Settled(teams=3, staff=18),
    )
    cases, held = service.frames["cases"], service.frames["allocations"]
    assert len(service.frames["practitioners"]) == 18 and cases["team_id"].nunique() == 3
    counts, holders = [], []
    for day in pd.date_range("2024-11-30", "2026-10-31", freq="ME"):
        there = (cases["opened"] <= day) & ~(cases["closed"] <= day)
        counts.append(int(there.sum()))
        now = held[(held["started"] <= day) & ~(held["ended"] <= day) & held["case_id"].isin(cases["case_id"][there])]
        holders.append(now["practitioner_id"].nunique())
    assert np.ptp(counts) < 0.25 * np.mean(counts)
    assert min(holders) >= 9


# The model


def some_members(count: int) -> list[Member]:
    return [
        Member(f"{place:064x}", f"SR-{place}", f"{place % 12:064x}", f"P-{place % 12}", "North", "A rater", "volatile" if place % 3 else "other")
        for place in range(count)
    ]  # fmt: skip


def test_the_truth_is_what_many_ratings_by_the_same_rules_come_to() -> None:
    """Every rating that is drawn, rated as the scripted raters rate it, against the expected share and mean."""
    refs = (*RATIONALE, UNTOUCHED)
    model = Model(3, refs, "2026-09")
    population = model.population("2026-10", some_members(3_000))
    logits = model.logits(population)
    levels = np.array(
        [
            [
                model.rated(
                    logits[place, column] + model.noise("2026-10", one.case_id, ref),
                    slips=SLIPS["first"],
                    chance=model.chance(one.case_id, ref),
                )
                for column, ref in enumerate(refs)
            ]
            for place, one in enumerate(population.members)
        ]
    )
    within = 4 * 0.5 / np.sqrt(len(levels))
    assert np.abs((levels >= 2).mean(axis=0) - at_standard(logits, SLIPS["first"]).mean(axis=0)).max() < within
    assert np.abs(levels.mean(axis=0) - mean_level(logits, SLIPS["first"]).mean(axis=0)).max() < 2.5 * within


def test_the_change_touches_what_it_names_and_nothing_else() -> None:
    refs = (*EFFECTS, UNTOUCHED)
    with_change, without = Model(4, refs, "2026-09"), Model(4, refs)
    members = some_members(200)
    for period, differs in (("2026-08", False), ("2026-09", True)):
        changed, same = (model.logits(model.population(period, members)) for model in (with_change, without))
        assert np.array_equal(changed[:, -1], same[:, -1])
        assert np.array_equal(changed[:, :-1], same[:, :-1]) is not differs
        if differs:
            assert np.allclose((changed - same).mean(axis=0)[:-1], list(EFFECTS.values()), atol=0.35)


# The years as the service and the reports read them


def test_each_month_is_a_draw_of_its_own_that_verifies(small: Played) -> None:
    draws = small.found.draws
    assert draws["period"].tolist() == ["2026-07", "2026-08", "2026-09", "2026-10"]
    assert set(draws["evidence_level"]) == {"L0"} and draws["seed"].nunique() == MONTHS
    for row in draws.to_dict("records"):
        assert row["as_of"] == Period(row["period"]).last_day.isoformat()
        assert verify_draw(small.years.home / row["period"]).ok
        assert pd.Timestamp(row["drawn_at"]).day == 1
    assert draws["excluded"].iloc[1:].gt(draws["excluded"].iloc[0]).all(), (
        "the cool-off leaves out what was drawn before"
    )
    assert draws["eligibility_rule"].nunique() == draws["sampling_rule"].nunique() == 1


def test_the_frames_have_every_state_and_code_that_a_service_has(small: Played) -> None:
    cases, scores, counts = small.found.cases, small.found.scores, small.years.counts
    states = Counter(zip(cases["stage"], cases["state"], strict=True))
    assert (
        states["first", "signed"] + states["first", "sealed"] + states["first", "unsigned"]
        == small.found.draws["drawn"].sum()
    )
    assert states["follow_up-1", "signed"] == counts["again"] > 10
    assert 0 < states["first", "sealed"] + states["first", "unsigned"] < 0.12 * counts["signed"]
    assert 0.10 <= cases.loc[cases["stage"] == "first", "double"].mean() <= 0.20
    assert 25 <= small.found.draws["drawn"].mean() <= 35
    assert set(scores["code"]) == {"", "not_applicable", "not_accessible", "not_scored"}
    assert cases.groupby("period")["practitioner"].nunique().between(8, 13).all() and cases["team"].nunique() == 3
    assert set(small.found.actions["state"]) >= {"closed", "overdue"}
    assert counts["draws"] == MONTHS


def test_every_signature_stands_and_nothing_is_missing_under_it(service: Service, small: Played) -> None:
    """The service folds the journal anew: each content hash is that of what was signed, and its rules find nothing missing."""
    world = service.world()
    entries = service.journal.entries()
    assert not any(entry.conflict for entry in entries)
    signed = {entry.review for entry in entries if entry.kind == "signed"}
    opened = {entry.review for entry in entries if entry.state == "open"}
    assert signed < opened and len(signed) > 100
    for person in world.people.having("supervisor", "second_rater"):
        own = [review for review in world.reviews.values() if review.rater == person.key and review.id in signed]
        for key, view in service.views(person, own).items():
            for review in (one for one in own if (one.commit, one.case) == key):
                assert view.is_signed(review) and view.missing(review) == []
                assert view.state(review).signatures[-1]["content"] == view.content(review)


def test_a_case_can_be_opened_as_the_form_opens_it(service: Service) -> None:
    world = service.world()
    signed = {entry.review for entry in service.journal.entries(kinds=["signed"])}
    for stage in ("first", "second", "follow_up-1"):
        review = next(one for one in world.reviews.values() if one.stage == stage and one.id in signed)
        shown = service.review(review.rater, review.id, purpose=SUPERVISION, now=NOW)
        assert shown["sign_as"] is None or shown["sign_as"] == ""
        assert [one["void"] for one in shown["state"]["signatures"]] == [False]
    again = next(one for one in world.reviews.values() if one.stage == "follow_up-1" and one.id in signed)
    assert service.compare(again.rater, again.id, today=NOW.date())["criteria"]
    rows = service.follow_up(again.rater, today=NOW.date())
    assert rows["overdue"], "some actions were left"


def test_the_journal_verifies_and_nothing_in_it_lies_ahead_or_steps_back(
    small: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["journal", "verify", str(default_journal(small.years.home))]) == 0
    assert "steps back" not in capsys.readouterr().out
    with closing(Journal.open(default_journal(small.years.home))) as journal:
        entries = journal.entries()
    times = [entry.at for entry in entries if entry.kind != "accessed"]
    assert times == sorted(times) and times[-1] < "2026-11-22"
    kinds = Counter(entry.kind for entry in entries)
    for kind in ("rubrics_frozen", "rated", "evidence_pointed", "commented", "signed", "unsealed", "time_spent", "action_raised",
                 "action_seen_in_record", "action_closed", "action_moved"):  # fmt: skip
        assert kinds[kind] > 0, kind


# The same again


def test_the_same_seed_gives_the_same_digest_and_truth(small: Played, play: Play) -> None:
    again = play(5, MONTHS, CHANGED_IN)
    assert again.found.digest == small.found.digest
    assert again.years.truth == small.years.truth


def test_a_second_run_changes_nothing_and_another_order_is_refused(small: Played, tmp_path: Path) -> None:
    home, keyring = small.years.home, Keyring(bytes.fromhex(SECRET))
    before = {
        path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file() and "journal" not in path.parts
    }
    order = YearsOrder(home, 5, UNTIL, months=MONTHS, changed_in=CHANGED_IN)
    assert play_years(order, keyring, now=NOW) == small.years
    assert before == {path: path.stat().st_mtime_ns for path in before}
    for other in (YearsOrder(home, 6, UNTIL, months=MONTHS, changed_in=CHANGED_IN), YearsOrder(home, 5, UNTIL)):
        with pytest.raises(StateError, match=r"That folder holds something else\. Name a new folder for the years"):
            play_years(other, keyring, now=NOW)
    (tmp_path / "mine.txt").write_text("mine", encoding="ascii")
    with pytest.raises(StateError, match="nothing is overwritten"):
        play_years(YearsOrder(tmp_path, 5, UNTIL, months=MONTHS, changed_in=CHANGED_IN), keyring, now=NOW)


def test_years_whose_extract_was_changed_are_refused(play: Play) -> None:
    years = play(7, 1, None).years
    with next((years.home / SOURCE).glob("*.parquet")).open("ab") as file:
        file.write(b"x")
    with pytest.raises(UsageError) as refusal:
        play_years(YearsOrder(years.home, 7, UNTIL, months=1, changed_in=None), Keyring(bytes.fromhex(SECRET)), now=NOW)
    assert refusal.value.message == NOT_INVENTED


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"months": 0}, "at least 1 month and 60 cases"),
        ({"cases": 10}, "at least 1 month and 60 cases"),
        ({"months": 6, "changed_in": 7}, "a change in one of the months"),
        ({"until": Period("2026-11")}, "The scoring of 2026-11 goes on until 2026-12-20, which has not come yet"),
    ],
)
def test_years_that_cannot_be_are_refused_before_anything_is_made(
    given: dict[str, object], text: str, tmp_path: Path
) -> None:
    order = YearsOrder(**{"home": tmp_path / "home", "seed": 1, "until": UNTIL, **given})  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=text):
        play_years(order, Keyring(bytes.fromhex(SECRET)), now=NOW)
    assert not (tmp_path / "home").exists()


def test_the_truth_is_written_beside_the_draws_without_a_key_or_an_id(small: Played) -> None:
    path = small.years.home / TRUTH
    truth = json.loads(path.read_text(encoding="ascii"))
    assert truth == dict(small.years.truth)
    assert truth["change"]["from"] == "2026-09" and truth["change"]["untouched"] == UNTOUCHED
    assert set(truth["periods"]) == set(small.found.periods)
    assert 0 < truth["spread"]["after"] < truth["spread"]["before"]
    spread = truth["practitioners"]
    assert all(spread["after"][ref]["spread"] < spread["before"][ref]["spread"] for ref in RATIONALE)
    known = {*small.found.cases["practitioner"]}
    assert known <= set(spread["before"][UNTOUCHED]["at_standard"]) | set(spread["after"][UNTOUCHED]["at_standard"])
    text = path.read_text(encoding="ascii")
    assert "SR000" not in text and "P000" not in text
    assert date.fromisoformat(truth["order"]["until"] + "-01") == UNTIL.first_day
