"""The page of a draw, counted and worded: from packs made here, without a notebook."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from datetime import UTC, datetime
from math import comb
from pathlib import Path

import pandas as pd
import pytest

from sampling import page, workflow
from sampling.disclosure import rounded, suppressed_breakdown
from sampling.frame import EXCLUSIONS
from sampling.keys import HOME_VARIABLE, Keyring
from sampling.model import Extract, Period
from sampling.page import charts, words
from sampling.page import facts as counting
from sampling.page.facts import Facts, fewest_compatible, group_of
from sampling.randomness import from_operator, parse_ref
from sampling.replacement import WITHDRAWALS
from sampling.sources import canonical_writer
from sampling.sources.opening import open_extract
from sampling.sources.synthetic import simulate
from sampling.tickets import digest
from sampling.verify import CHECKS, Check, Verification, verify_draw

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
SECTIONS = ("summary", "drawn", "signals", "fairness", "left_out", "evidence", "limits")
SECRET = bytes(range(32))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Extract]:
    """A frozen draw and its extract."""
    folder = tmp_path_factory.mktemp("page")
    service = simulate(profile="adult", cases=200, months=8, seed=3, last_month=Period("2026-10"))
    canonical_writer.write([service], folder / "source", kind="csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(folder / "private"))
        keyring = Keyring(SECRET)
        extract = open_extract(str(folder / "source"), keyring)
        order = workflow.FreezeOrder(Period("2026-10"))
        for name in ("frozen", "drawn", "replaced"):
            pack = workflow.freeze(extract, order, folder / name / "d", keyring=keyring, now=NOW)
            if name != "frozen":
                pack = workflow.draw(pack.folder, from_operator(parse_ref("operator"), "x"), now=NOW)
        first = next(row for row in workflow.selected_cases(pack) if not row["probability"].startswith("1/1"))
        workflow.replace(
            pack.folder,
            first["case_key"],
            reason="DUPLICATE",
            requested_by="A One",
            approved_by="B Two",
            keyring=keyring,
            now=NOW,
        )
    return folder, extract


def _facts(made: tuple[Path, Extract], name: str) -> Facts:
    folder, extract = made
    place = folder / name / "d"
    return page.gather(workflow.open_pack(place), verify_draw(place), extract)


@pytest.fixture
def frozen(made: tuple[Path, Extract]) -> Facts:
    """A draw that is committed and waits."""
    return _facts(made, "frozen")


@pytest.fixture
def drawn(made: tuple[Path, Extract]) -> Facts:
    """A draw that is made."""
    return _facts(made, "drawn")


def _whole(facts: Facts) -> str:
    return "\n".join(getattr(page, name)(facts).html for name in SECTIONS)


def test_the_same_draw_gives_the_same_page(made: tuple[Path, Extract]) -> None:
    assert _whole(_facts(made, "drawn")) == _whole(_facts(made, "drawn"))


def test_no_key_stands_on_the_page_in_full(drawn: Facts) -> None:
    html = _whole(drawn)
    for column in ("case_key", "practitioner_key"):
        for key in drawn.cases[column]:
            assert key not in html and digest(key) not in html
    assert not any(key[:8] in html for key in drawn.practitioners["practitioner_key"])
    assert all(key[:8] in html for key in drawn.selected["case_key"])


def test_the_counts_agree_with_the_manifest(drawn: Facts) -> None:
    rows = list(drawn.pack.manifest())
    teams = counting.team_counts(drawn)
    selected = [row for row in rows if row["status"] == "selected"]
    ways = {way: sum(team[way] for team in teams) for way in ("quota", "top-up", "stream")}
    assert sum(ways.values()) == len(selected) == len(drawn.selected)
    assert ways["stream"] == sum(1 for row in selected if row["stream"])
    assert ways["quota"] == sum(1 for row in selected if row["stratum"] == "volatile")
    assert sum(team["frame"] for team in teams) == len(rows)
    assert sum(team["practitioners"] for team in teams) == len(drawn.practitioners)


def test_nobody_is_dropped_from_the_shortfalls(drawn: Facts) -> None:
    found = counting.shortfall(drawn)
    held = set(drawn.cases["practitioner_key"])
    assert found["none"] == sum(key not in held for key in drawn.practitioners["practitioner_key"])
    by_hand = drawn.volatile["practitioner_key"].value_counts()
    assert found["few_volatile"] == sum(by_hand.get(key, 0) < 2 for key in held)


def test_signals_are_counted_from_the_packed_words(drawn: Facts) -> None:
    for signal, count in counting.signal_counts(drawn):
        if signal.basis == "event":
            named = (
                drawn.volatile["reasons"]
                .str.split("; ")
                .map(
                    lambda parts, signal=signal: any(
                        part.split(" ", 1)[-1] in (signal.one, signal.many) for part in parts
                    )
                )
            )
            assert count == int(named.sum()), signal.id


def _rows(html: str) -> list[list[str]]:
    return [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(<th scope=\"row\".*?)</tr>", html)
    ]


def test_breakdowns_of_people_are_suppressed_by_the_rule_for_whole_tables(drawn: Facts) -> None:
    html = page.fairness(drawn).html
    rows = _rows(html)
    assert len(rows) > 10
    for title, groups in counting.eligible_groups(drawn):
        found = [row[1:] for row in rows if row[0] == title]
        expected = suppressed_breakdown(groups)
        if expected is None:
            assert found == [["All groups", "*", "*", "*"]]
        else:
            assert found == [[row.name, row.cases, row.having, row.share] for row in expected]
    assert any("*" in row for row in rows) and any("*" not in row for row in rows)
    bars = re.findall(r"<div class=\"row\">(.*?)</div>", html)
    assert len(bars) == len(rows) and sum("<svg" not in bar for bar in bars) == sum(row[-1] == "*" for row in rows)
    assert all(("<svg" in bar) == ('value">*<' not in bar) for bar in bars)
    size = len(drawn.cases)
    assert f"n = about {rounded(size)} cases" in html and "* stands for fewer than five, or for" in html


def test_counts_of_work_are_exact(drawn: Facts) -> None:
    html = page.drawn(drawn).html
    for team in counting.team_counts(drawn):
        shown = [team[name] for name in ("practitioners", "frame", "volatile", "quota", "top-up", "stream")]
        assert [team["team"], *(str(number) for number in shown)] in _rows(html)
    reasons = drawn.exclusions["stratum"].value_counts().to_dict()
    left = [row[1] for row in _rows(page.left_out(drawn).html)]
    assert sorted(left) == sorted(str(count) for count in reasons.values())
    told = [row for row in _rows(page.signals(drawn).html) if len(row) == 6]
    assert sorted(int(row[3]) for row in told) == sorted(count for _, count in counting.signal_counts(drawn))
    assert not any("*" in cell for row in (*_rows(html), *told) for cell in row)


def test_the_stream_says_what_it_drew_from(drawn: Facts) -> None:
    others = int((drawn.cases["stratum"] == "other").sum())
    pool = sum(1 for row in drawn.pack.manifest() if row["stream"])
    assert 0 < pool < others
    html = page.drawn(drawn).html
    assert f"more from {pool} of the {others} cases without recent recorded change, those whose practitioner" in html
    every = drawn.cases.assign(pooled=drawn.cases["stratum"] == "other")
    html = page.drawn(dataclasses.replace(drawn, cases=every)).html
    assert f"more from the {others} cases without recent recorded change, so that" in html


def test_the_page_says_which_practitioners_it_counts(drawn: Facts) -> None:
    html = page.drawn(drawn).html
    assert "in post on the draw date, or are named in the extract as holding a case" in html
    staff = pd.DataFrame({"practitioner_key": ["f" * 64, "e" * 64], "team": [counting.NO_TEAM, "Team B"]})
    more = dataclasses.replace(drawn, practitioners=pd.concat([drawn.practitioners, staff]))
    before = counting.shortfall(drawn)
    assert counting.shortfall(more) == before | {"none": before["none"] + 2, "unplaced": before["unplaced"] + 1}
    assert "1 of them has no open case and no team in the extract, so check" in page.drawn(more).html


def test_a_signal_that_cannot_be_told_is_never_a_nought(made: tuple[Path, Extract], tmp_path: Path) -> None:
    folder, extract = made
    place = shutil.copytree(folder / "drawn" / "d", tmp_path / "d")
    signal = next(s for s in _facts(made, "drawn").policy.signals if s.basis == "event")
    (place / "private" / "untold.json").write_text(json.dumps([signal.id]), encoding="ascii")
    noted = page.gather(workflow.open_pack(place), verify_draw(place), None)
    (place / "private" / "untold.json").unlink()
    later = page.gather(
        workflow.open_pack(place), verify_draw(place), dataclasses.replace(extract, cannot=frozenset(signal.kinds))
    )
    for facts in (noted, later):
        html = page.signals(facts).html
        row = next(row for row in _rows(html) if row[0] == words.capital(signal.one) and len(row) == 6)
        assert row[3:5] == ["cannot be told from this extract", ""]
        assert f"The signal “{words.capital(signal.one)}” cannot be told from this extract." in html
        chart = charts.reasons(facts)
        assert chart is not None and "1 more signal cannot be told from this extract." in chart.basis
        assert words.capital(signal.one) not in chart.label


def test_the_notes_of_the_freeze_stand_near_the_top(made: tuple[Path, Extract], tmp_path: Path) -> None:
    place = shutil.copytree(made[0] / "frozen" / "d", tmp_path / "d")
    notes = ["The extract ends 29 days before the draw date.", "The cool-off left out 3 cases."]
    (place / "private" / "notes.json").write_text(json.dumps(notes), encoding="ascii")
    facts = page.gather(workflow.open_pack(place), verify_draw(place))
    top = page.summary(facts).html
    assert all(f"<p>{note}</p>" in top for note in notes)
    assert top.index("Keep in mind") < top.index("How to read this page")


def test_a_frozen_draw_says_what_to_do_next_and_lists_no_case(frozen: Facts) -> None:
    summary = page.summary(frozen)
    assert summary.words.startswith("The frame is committed. Nothing is drawn yet.")
    assert page.drawn(frozen).html == ""
    assert "to come" in page.evidence(frozen).html
    assert dict(page.heading(frozen)["facts"])["Cases drawn"] == "not yet"
    for key in frozen.cases["case_key"]:
        assert key[:8] not in _whole(frozen)


@pytest.mark.parametrize("kind", ["drand", "two-party", "dice", "operator"])
def test_each_kind_of_randomness_has_its_next_step(kind: str) -> None:
    assert words.NEXT_STEP[kind].format(round="7").endswith(".") or "(--" in words.NEXT_STEP[kind]


def test_a_failed_check_stands_at_the_top_by_its_name(drawn: Facts) -> None:
    broken = Verification((Check("tickets", False, "row 3"), Check("log", True, "fine")))
    html = page.summary(dataclasses.replace(drawn, verification=broken)).html
    assert "Do not use this draw: the check “tickets” fails." in html and "verdict stop" in html
    assert ">fails<" in page.evidence(dataclasses.replace(drawn, verification=broken)).html


def test_a_withdrawn_draw_says_so_first(drawn: Facts) -> None:
    log = (*drawn.pack.log, {"event": "withdrawn", "data": {"reason": "WRONG_EXTRACT"}})
    pack = dataclasses.replace(drawn.pack, log=log)
    told = page.summary(dataclasses.replace(drawn, pack=pack)).words
    assert told.startswith("This draw is withdrawn. Do not use it.") and "the extract was the wrong one" in told


def test_a_replaced_case_stays_on_the_page_beside_its_replacement(made: tuple[Path, Extract]) -> None:
    facts = _facts(made, "replaced")
    states = facts.selected["state"].value_counts().to_dict()
    assert states["replaced"] == states["replacement"] == 1
    html = page.drawn(facts).html
    assert "1 case was replaced by the next rank" in html and "Drawn, then replaced" in html
    assert len(facts.drawn) == len(_facts(made, "drawn").drawn)
    assert set(facts.selected["way"]) <= {"quota", "top-up", "stream"}


def test_operator_randomness_is_called_no_evidence(drawn: Facts) -> None:
    html = page.summary(drawn).html
    assert "Not evidence (level L0)" in html and "To make the next draw evidence" in html


def test_every_code_has_words() -> None:
    assert set(words.CHECKS) == set(CHECKS)
    assert set(words.LEVELS) == set(words.HIGHER) == {"L0", "L1", "L2", "L3"}
    assert set(words.WITHDRAWN) == set(WITHDRAWALS)
    assert all(EXCLUSIONS.values())


@pytest.mark.parametrize(("caseload", "sampled"), [(20, 2), (20, 1), (40, 2), (10, 3), (2, 2)])
def test_the_fewest_sound_cases_agree_with_the_hypergeometric_distribution(caseload: int, sampled: int) -> None:
    by_hand = next(
        sound for sound in range(sampled, caseload + 1) if comb(sound, sampled) * 20 >= comb(caseload, sampled)
    )
    assert fewest_compatible(caseload, sampled) == by_hand


@pytest.mark.parametrize(
    ("characteristic", "value", "group"),
    [
        ("sex", "not recorded", "Not recorded"),
        ("sex", float("nan"), "Not recorded"),
        ("age_band", "25-34", "25-34"),
        ("ethnicity", "99", "Not recorded"),
        ("ethnicity", "Z", "Not stated"),
        ("ethnicity", "wbri", "White"),
        ("ethnicity", "R", "Asian"),
    ],
)
def test_recorded_values_go_to_their_groups(characteristic: str, value: object, group: str) -> None:
    assert group_of(characteristic, value) == group


def test_age_bands_stand_in_order_of_age_and_the_unrecorded_last(drawn: Facts) -> None:
    bands = ["10-15", "Under 1", None, "5-9", "1-4", "16-17"]
    cases = drawn.cases.assign(age_band=[bands[i % len(bands)] for i in range(len(drawn.cases))])
    groups = dict(counting.eligible_groups(dataclasses.replace(drawn, cases=cases)))["Age band"]
    assert [name for name, _, _ in groups] == ["Under 1", "1-4", "5-9", "10-15", "16-17", "Not recorded"]


def test_the_style_for_jupyterlab_touches_nothing_but_our_own_classes() -> None:
    style = page.look().html
    assert ":root" not in style and "\nbody" not in style and "details" not in style
