"""The draws as scoring sees them: staff ids keyed as each format keys them, replacements in their place, tabled cases listed beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from scoring_service import LEAD, OTHER_SUPERVISOR, SUPERVISOR, Scene, make_service

from sampling import workflow
from sampling.keys import Keyring, load_secret
from sampling.model import Period
from sampling.randomness import from_operator, parse_ref
from sampling.scoring.parts.world import RubricLibrary, build_world
from sampling.scoring.rules.labels import aliases, case_label, practitioner_label
from sampling.scoring.settings.draws import load_draws, local_ids, staff_keys
from sampling.scoring.settings.people import single_person
from sampling.scoring.settings.policy import load_scoring_policy
from sampling.sources.synthesis import synthesise

NOW = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def scene(tmp_path: Path, private_store: Path) -> Iterator[Scene]:
    made = make_service(tmp_path, private_store)
    yield made
    made.service.close()


@pytest.mark.parametrize("format", ["canonical", "mhsds", "annex-a"])
def test_a_staff_id_leads_to_the_key_that_the_draw_has(format: str, tmp_path: Path) -> None:
    """As the service writes it: without the provider's code of MHSDS, and a name of Annex A in any spelling."""
    source = tmp_path / "source"
    synthesise(format=format, cases=120, months=4, seed=5, out=source, until="2026-10")
    keyring = Keyring(load_secret())
    place = str(source / "annex_a.xlsx" if format == "annex-a" else source)
    extract = workflow.open_source(place, keyring, draw_date=date(2026, 10, 31))
    home = tmp_path / "draws"
    workflow.freeze(extract, workflow.FreezeOrder(Period("2026-10")), home / "october", keyring=keyring, now=NOW)
    assert load_draws(home) == (), "frozen is not drawn"
    workflow.draw(home / "october", from_operator(parse_ref("operator"), "x"), now=NOW)
    draws = load_draws(home)
    key_of = staff_keys(draws, keyring)
    found = local_ids(draws[0].commit, {case.practitioner_key for case in draws[0].cases})
    assert len(found) > 3
    for key, local in found.items():
        assert key_of(local) == key
        assert key_of(local.partition(":")[2] if format == "mhsds" else local) == key
        if format == "annex-a":
            assert key_of(f" {local.upper()} ") == key
    world = build_world(draws, single_person("Ruth Adeyemi", keyring), load_scoring_policy(), RubricLibrary(()))
    for key, local in found.items():
        shown = world.practitioner_label(draws[0], key, identified=True)
        assert shown == (" ".join(part.capitalize() for part in local.split()) if format == "annex-a" else local)
        assert local not in world.practitioner_label(draws[0], key, identified=False)


def test_a_replacement_stands_in_the_place_of_the_case_that_was_selected(scene: Scene) -> None:
    keyring = Keyring(load_secret())
    draw = scene.service.world().draws[0]
    held = Counter(row["practitioner"] for row in scene.pack.manifest() if row["stratum"] == "volatile")
    old = max((case for case in draw.cases if case.stratum == "volatile"), key=lambda case: held[case.practitioner])
    first = workflow.replace(
        scene.pack.folder, old.case_key, reason="SEALED", requested_by="A", approved_by="B", keyring=keyring, now=NOW
    )
    workflow.replace(
        scene.pack.folder,
        first["replacement"],
        reason="SEALED",
        requested_by="A",
        approved_by="B",
        keyring=keyring,
        now=NOW,
    )
    draw = scene.service.world().draws[0]
    states = {case.case_key: (case.state, case.follows) for case in draw.cases}
    assert states[old.case_key] == ("replaced", old.case)
    assert states[first["replacement"]] == ("replaced", old.case)
    (new,) = [case for case in draw.under_review if case.follows == old.case]
    assert new.state == "replacement" and len(draw.under_review) == len(draw.cases) - 2
    assert new.case in {review.case for review in scene.service.world().reviews.values()}


def test_tabled_cases_stand_beside_the_drawn_ones_and_are_never_scored_as_drawn(scene: Scene) -> None:
    draw = scene.service.world().draws[0]
    assert draw.tabled, "the synthetic service puts some cases forward"
    told = {name: scene.queue(name)["tabled"] for name in (SUPERVISOR, OTHER_SUPERVISOR, LEAD)}
    assert len(told[LEAD]) == len(draw.tabled)
    assert len(told[SUPERVISOR]) + len(told[OTHER_SUPERVISOR]) == len(draw.tabled), "each concerns one supervisor"
    assert all(row["case_label"].startswith("SR000-") for row in told[SUPERVISOR] + told[OTHER_SUPERVISOR])
    assert {row["tabled_by"] for row in told[LEAD]} <= {
        "the supervisee",
        "the supervisor",
        "a complaint",
        "an incident",
    }
    assert all(row["case_label"].startswith("Case ") for row in told[LEAD])
    queue = scene.queue(SUPERVISOR)
    ratio = queue["ratio"]
    assert (ratio["drawn"], ratio["tabled"]) == (len(queue["reviews"]), len(told[SUPERVISOR]))
    drawn = {case.case for case in draw.cases}
    assert {review.case for review in scene.service.world().reviews.values()} == drawn


def test_aliases_grow_until_they_tell_all_apart() -> None:
    found = aliases(["4f2a00", "4f2a11", "9c1b00"])
    assert found == {"4f2a00": "4F2A0", "4f2a11": "4F2A1", "9c1b00": "9C1B0"}
    assert case_label(found, "4f2a00") == "Case 4F2A0" and case_label(found, "4f2a00", "SR-1") == "SR-1"
    assert practitioner_label({}, "") == "No practitioner"
    assert aliases([]) == {}
