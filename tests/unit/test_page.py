"""The page of a draw, counted and worded: from packs made here, without a notebook."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime
from math import comb
from pathlib import Path

import pytest

from sampling import page, workflow
from sampling.frame import EXCLUSIONS
from sampling.keys import HOME_VARIABLE, Keyring
from sampling.model import Extract, Period
from sampling.page import facts as counting
from sampling.page import words
from sampling.page.facts import Facts, fewest_compatible, group_of
from sampling.randomness import from_operator, parse_ref
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
    rows = drawn.pack.manifest()
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


def test_breakdowns_are_suppressed_and_never_finer_than_the_rule(drawn: Facts) -> None:
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", page.fairness(drawn).html)
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in rows]
    assert len(cells) > 10 and "Not recorded" in {group for group, *_ in cells}
    for _, cases, volatile, share in cells:
        assert all(count == "*" or int(count) % 5 == 0 for count in (cases, volatile))
        assert share == "*" or re.fullmatch(r"\d{1,3}%", share)


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
    assert set(words.WITHDRAWN) == set(workflow.WITHDRAWALS)
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
