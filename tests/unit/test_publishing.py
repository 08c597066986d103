"""Packs under a profile that hides: all of them, over two half-years, are attacked by differencing; what leaves holds nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from sampling.errors import StateError, UsageError
from sampling.reporting import files
from sampling.reporting.counting import HEADLINES, SERVICE, scope_of
from sampling.reporting.gathering import Gathered
from sampling.reporting.kept import FOLDER, load_kept
from sampling.reporting.opening import up_to
from sampling.reporting.publishing import NOT_YET, profile_of, publish
from sampling.suppression import Suppressed, Table, load_profile
from tests.evidence_months import TEAMS, gathered
from tests.evidence_packs import COACHED, KINDS, as_read, found, page, published
from tests.suppression_attacker import given_away

_HALVES = ("2026-04", "2026-10")


def months() -> Gathered:
    """Returns two years of the two headline criteria: more make the attack slow and no stronger."""
    held = gathered(people=6, seed=8)
    return replace(held, scores=held.scores[held.scores["ref"].isin(HEADLINES)])


@pytest.mark.parametrize("profile", ["mhsds", "dfe"])
def test_the_packs_of_two_half_years_are_attacked_together_and_give_no_small_number_away(
    tmp_path: Path, profile: str
) -> None:
    held = months()
    releases: list[tuple[Suppressed, list[Table]]] = []
    for period in _HALVES:
        published(tmp_path, held, period, profile)
        packs = {
            scope_of(team): files.tables(found(tmp_path, held, period, suppression=profile, team=team))
            for team in ("", *TEAMS)
        }
        (kept,) = [one for name, (_, one) in load_kept(tmp_path / FOLDER).items() if name.startswith(period)]
        assert not kept.refusal and set(packs) >= {SERVICE}
        releases.append((as_read(kept, packs, held.rubrics), [table.source.table for table in kept.tables]))
    hidden = sum(len(table.primary | table.secondary) for release, _ in releases for table in release.tables)
    assert hidden > 5, "nothing was at stake"
    assert given_away(releases, profile) == []


def test_no_number_stands_in_the_words_that_does_not_stand_in_the_release(tmp_path: Path) -> None:
    held = months()
    published(tmp_path, held, "2026-10", "mhsds")
    for team in ("", *TEAMS):
        one = found(tmp_path, held, "2026-10", suppression="mhsds", team=team)
        text = page(one)
        assert "<svg" not in text and "No chart is drawn under the suppression profile mhsds" in text
        outside = re.sub(r"<table>.*?</table>", " ", text, flags=re.S)
        words = re.sub(r"\d{4}-\d\d|[A-Z][a-z]+ \d{4}|20\d\d|<[^>]*>|95%", " ", outside)
        shown = {str(cell) for table in one.publication.release.tables for cell in table.shown.to_numpy().ravel()}  # type: ignore[union-attr]
        counts = {number for number in re.findall(r"(?<![\d.+-])(\d+)(?:%| (?:scored|cases|criteria|actions))", words)}
        assert counts and counts <= shown, counts - shown
        names = set(held.cases["case"]) | set(held.cases["practitioner"].dropna())
        assert not any(name in text for name in names)
        assert set(files.tables(one)) <= {
            "changes",
            "draws",
            "rubrics",
            "reproduce",
            "teams-table",
            *(f"{kind}-table" for kind in KINDS),
        }


def test_a_hidden_number_is_withheld_in_the_words_too(tmp_path: Path) -> None:
    held = gathered(people=3, seed=8, count=12, changed_in=99)
    published(tmp_path, held, "2025-10", "mhsds")
    texts = [page(found(tmp_path, held, "2025-10", suppression="mhsds", team=team)) for team in TEAMS]
    assert any("is withheld: the profile mhsds hides it." in text for text in texts)


def test_numbers_are_published_by_the_half_year_and_stay(tmp_path: Path) -> None:
    held = months()
    first = found(tmp_path, held, "2025-03", suppression="mhsds")
    assert first.publication.refusal == NOT_YET and NOT_YET in page(first)
    for period in ("2025-04", "2025-05", "2025-09"):
        published(tmp_path, held, period, "mhsds")
        assert len(load_kept(tmp_path / FOLDER)) == 1
        one = found(tmp_path, held, period, suppression="mhsds")
        assert one.order.period == "2025-04" and "this report ends with April 2025." in page(one)
    later = replace(held, scores=held.scores[held.scores["period"] != "2025-01"])
    again = found(tmp_path, later, "2025-05", suppression="mhsds")
    assert (
        files.tables(again)["before-table"]
        == files.tables(found(tmp_path, held, "2025-05", suppression="mhsds"))["before-table"]
    )


def test_another_baseline_after_numbers_were_published_is_refused(tmp_path: Path) -> None:
    held = months()
    published(tmp_path, held, "2026-04", "mhsds")
    span = up_to(held, COACHED, "2026-10", "2024-11:2025-08")
    with pytest.raises(StateError, match="Make the report with the same baseline: 2024-11:2025-10"):
        publish(tmp_path, *span, load_profile("mhsds"), teams=True)


def test_a_kept_release_that_is_damaged_stops_everything(tmp_path: Path) -> None:
    held = months()
    published(tmp_path, held, "2025-04", "mhsds")
    (path,) = (tmp_path / FOLDER).glob("*.json")
    path.write_text("{}")
    with pytest.raises(StateError, match="put back the copy from your backup"):
        found(tmp_path, held, "2025-05", suppression="mhsds")


def test_the_commissioner_gets_the_service_alone_words_first_and_no_practitioner(tmp_path: Path) -> None:
    held = months()
    one = found(tmp_path, held, "2026-10", edition="commissioner")
    text = page(one)
    assert one.publication.profile.name == "mhsds" and "No figure of practitioners" in text
    assert text.index("How sure this is") < text.index("<table>") and "Practice improved" in text
    head = files.heading(one)
    assert head["title"] == "Report for the commissioner: the whole service" and not re.search(r"\d+ drawn", str(head))
    before = files.tables(one)
    published(tmp_path, held, "2026-10", "mhsds")  # a training pack with its teams, say
    assert set(files.tables(found(tmp_path, held, "2026-10", edition="commissioner"))) == set(before)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("audit", "none", "commissioner"), "needs a suppression profile that hides small numbers, such as mhsds"),
        (("supervision", "", "commissioner"), "A commissioner's report is made for audit"),
        (("audit", "ons", "team"), "There is no suppression profile"),
        (("audit", "", "board"), "There is no edition of that name. Choose one of: team, commissioner."),
        (("", "", "team"), "Say for which purpose the report is made"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(asked: tuple[str, str, str], said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        profile_of(*asked)


def test_each_purpose_has_its_profile_and_says_so(tmp_path: Path) -> None:
    held = gathered(count=2, changed_in=99)
    assert [profile_of(purpose, "", "team").name for purpose in ("supervision", "audit", "training")] == [
        "none",
        "none",
        "mhsds",
    ]
    assert "for use inside the service only" in page(found(tmp_path, held, "2024-12"))
    shown = page(found(tmp_path, held, "2024-12", purpose="training", suppression="none"))
    assert "<svg" not in shown and "No chart of real cases is drawn for training" in shown


def test_a_release_that_is_nested_without_end_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "2026-09.json").write_text("[" * 200_000, encoding="utf-8")
    with pytest.raises(StateError, match=r"releases/2026-09\.json is not one that this version wrote"):
        load_kept(tmp_path)
