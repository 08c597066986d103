"""What may not leave beside what left: an indicator's overlapping spans, under any spelling of its name, and a survey that was given another day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.assurance.coverage_counts import window_of
from sampling.assurance.effect import Effectiveness, Released, effectiveness, released
from sampling.assurance.effect.brought import Brought, Kpi, Response
from sampling.assurance.effect.left import Figure, beside, figures_in, same_indicator
from sampling.journal.frames import frame
from sampling.reporting.gathering import ACTIONS, CASES, DESIGN, DRAWS, SCORES, Gathered
from sampling.suppression import load_profile

EMPTY = {"scores": SCORES, "design": DESIGN, "cases": CASES, "actions": ACTIONS, "draws": DRAWS}
PERIODS = [
    *(f"2026-{month:02}" for month in range(1, 13)),
    *(f"2026-Q{number}" for number in range(1, 5)),
    "2026",
    "2027",
]


def review(brought: Brought, window: str, left: Sequence[str] = ()) -> Effectiveness:
    tables = {name: frame(columns, []) for name, columns in EMPTY.items()}
    nothing = Gathered(**tables, rubrics=(), journal_head=(0, ""))
    return effectiveness(brought, nothing, window_of(window), date(2028, 1, 10), left=left)


def plans(period: str, part: int, name: str = "Plans", of: int = 100) -> Brought:
    return Brought(kpis=(Kpi(name, period, part, of, None, "", None, "higher", "Contract", False),))


def runs(*brought: tuple[str, Brought]) -> list[Released]:
    """Returns the releases of a file after another, each for the window with its name."""
    left: list[str] = []
    found = []
    for window, files in brought:
        found.append(released(review(files, window, left), load_profile("mhsds")))
        left += found[-1].tables
    return found


@pytest.mark.parametrize("name", ["Plans", "  plans", "PLANS ", "Plan", "Plans (quarterly)", "Plans, Q3", "Pláns"])
def test_a_quarter_is_not_shown_beside_its_months_whatever_its_spelling(name: str) -> None:
    """Of July all is shown and August is hidden: the quarter less July would be August and September, and so on."""
    months = (plans("2026-07", 60), plans("2026-08", 2), plans("2026-Q3", 122, name, 300))
    *_, last = runs(*zip(("2026-07", "2026-08", "2026-09"), months, strict=True))
    assert last.tables == {}
    assert last.refused == {
        f"{name}, 2026-Q3": f"{name}, 2026-Q3: not shown, since Plans, 2026-07; Plans, 2026-08 left the service. The one less the other would be "
        "a number that nobody released."
    }


def test_nor_months_beside_their_quarter_nor_a_quarter_beside_its_year() -> None:
    year = Brought(kpis=plans("2026", 50, of=400).kpis)
    *_, month, quarter = runs(("2026-12", year), ("2026-11", plans("2026-11", 3)), ("2026-09", plans("2026-Q3", 30)))
    assert month.tables == quarter.tables == {}
    assert "Plans, 2026-11: not shown, since Plans, 2026 left the service." in month.refused["Plans, 2026-11"]


def test_another_indicator_and_another_span_leave() -> None:
    first, other, later = runs(
        ("2026-07", plans("2026-07", 60)),
        ("2026-09", plans("2026-Q3", 40, "Waits for a bed")),
        ("2026-12", plans("2026-Q4", 50)),
    )
    assert len(first.tables) == len(other.tables) == len(later.tables) == 1


def test_of_two_names_that_are_nearly_one_in_a_file_the_first_leaves() -> None:
    """Alike but for capitals they are refused when they are read; nearly alike they reach the release."""
    both = Brought(kpis=(*plans("2026-09", 60, "Plans seen").kpis, *plans("2026-Q3", 160, "Plans sen", 300).kpis))
    (found,) = runs(("2026-Q3", both))
    assert list(found.tables) == ["Plans seen, 2026-09"] and list(found.refused) == ["Plans sen, 2026-Q3"]


def test_a_value_that_was_not_shown_holds_nothing_back() -> None:
    bare = Brought(kpis=(Kpi("Posts", "2026-07", None, None, 3.5, "posts", None, "lower", "Board", False),))
    stated = Brought(kpis=(Kpi("Posts", "2026-Q3", None, None, 3.5, "posts", None, "lower", "Board", True),))
    kept, shown = runs(("2026-07", bare), ("2026-09", stated))
    assert kept.tables == {} and list(shown.tables) == ["Posts, 2026-Q3"]


def test_the_review_says_so_inside_before_anything_leaves() -> None:
    found = review(plans("2026-Q3", 122, of=300), "2026-09", ["Plans, 2026-07", "Staff survey of 1 July 2026: Service"])
    (note,) = found.notes
    assert (note.code, note.severity, note.file, note.column) == ("BROUGHT_LEFT", "note", "kpis", "period")
    assert (
        "kpis, column period: Plans, 2026-Q3: not shown, since Plans, 2026-07 left the service. The one less the other would be a number that "
        "nobody released. Bring it by the spans that left, or leave it out of what leaves. [BROUGHT_LEFT]" in found.said
    )
    assert review(plans("2026-07", 60), "2026-07", ["Plans, 2026-07"]).notes == ()  # its own, made again


def answers(wave: date, number: int) -> Brought:
    return Brought(tuple(Response(wave, "", {"access": 5 if place % 2 else 1}) for place in range(number)))


def test_a_survey_does_not_leave_again_with_another_day() -> None:
    """With one late answer and the day moved into the next quarter, the two would tell how one person answered."""
    first, again, other = runs(
        ("2026-Q3", answers(date(2026, 9, 30), 60)),
        ("2026-Q4", answers(date(2026, 10, 2), 61)),
        ("2027-Q3", answers(date(2027, 9, 30), 60)),
    )
    assert len(first.tables) == len(other.tables) == 1 and again.tables == {}
    assert again.refused == {
        "Staff survey of 2 October 2026": "Staff survey of 2 October 2026: not shown, since the survey of 30 September 2026 left the service. Less than "
        "28 days apart they are one survey: the one less the other would be the answers of a few."
    }
    (note,) = review(answers(date(2026, 10, 2), 61), "2026-Q4", list(first.tables)).notes
    assert note.code == "BROUGHT_LEFT" and note.file == "staff_survey"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Plans", "plans ", True),
        ("Plans - reviewed", "Plans: reviewed", True),
        ("Plans July 2026", "Plans Q3", True),
        ("Reviewd plans", "Reviewed plans", True),
        ("Plans reviewed", "Reviewed plans", True),
        ("Plans", "Plans, North", True),  # one may be a part of the other
        ("Team A: plans", "Team B: plans", False),
        ("Ward 1 falls", "Ward 2 falls", False),
        ("Seen > 7 days", "Seen < 7 days", False),
        ("Plans", "Waits", False),
        ("May", "June", False),  # a name that is a month and nothing else
    ],
)
def test_when_two_names_may_be_one_indicator(one: str, other: str, same: bool) -> None:
    assert same_indicator(one, other) is same and same_indicator(other, one) is same


@given(st.lists(st.sampled_from(PERIODS), max_size=12), st.sampled_from(PERIODS))
def test_what_is_shown_never_overlaps_with_other_bounds(before: list[str], period: str) -> None:
    """Days counted one by one: two spans share one, and neither is the other, exactly where the later is held back."""
    left = list(figures_in(f"Plans, {one}" for one in before))
    mine = Figure("Plans", window_of(period))
    days = _days(mine)
    expected = [one for one in left if _days(one) & days and _days(one) != days]
    assert beside(mine, left) == expected


def _days(one: Figure) -> set[date]:
    number = (one.window.last - one.window.first).days + 1
    return {one.window.first + timedelta(days=ahead) for ahead in range(number)}


@given(st.text(max_size=30), st.sampled_from(PERIODS))
def test_every_caption_is_read_back(name: str, period: str) -> None:
    one = Figure(name, window_of(period))
    assert list(figures_in([one.caption])) == [one]
