"""A report's every number, computed again from its own CSV with plain Python: summary, tables, chart titles, limits."""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path
from statistics import fmean

import pytest

from sampling.reporting import files, sections
from sampling.reporting.analysis import Analysis
from sampling.reporting.files import csv_text, plain
from tests.evidence_months import gathered
from tests.evidence_packs import found, page, read_csv

Rows = list[dict[str, str]]


@cache
def made() -> Analysis:
    return found(Path("/nonexistent"), gathered(effect=0.8, seed=8), "2026-10", suppression="none")


@cache
def tables() -> dict[str, Rows]:
    return {name: read_csv(text) for name, text in files.tables(made()).items()}


@cache
def words() -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page(made())))


def weighted(side: str, ref: str, column: str, month: str = "") -> tuple[float, int]:
    """Returns the mean of a column over the frame, and the scored cases: each stratum stood for its population when they were put together."""
    rows = [
        row
        for row in tables()["streams"]
        if row["Side"] == side and row["Criterion"] == ref and month in ("", row["Month"])
    ]
    size, total = (sum(float(row[name]) for row in rows) for name in ("Weight", column))
    return total / size, sum(int(row["Scored"]) for row in rows)


def estimate(measure: str, side: str) -> dict[str, str]:
    (row,) = [row for row in tables()["estimates"] if (row["Measure"], row["Side"]) == (measure, side)]
    return row


RATIONALE, REVIEW = "escalation_rationale/decision_and_reason", "escalation_rationale/deviation_and_review"
MEAN, BELOW = "Mean level: rationale of decisions", "Below the standard: review"


def percent(share: float) -> str:
    return f"{int(100 * share + 0.5)}%"


def test_no_file_has_a_row_of_one_practitioner_s_month() -> None:
    rows = tables()["streams"]
    assert len(rows) == 2 * 24, "a row a month and criterion"
    assert {(row["Stream"], row["Strata"]) for row in rows} == {("volatile", "9")}
    assert not any(
        "Population" in row and "Strata" not in row and "Month" in row for table in tables().values() for row in table
    )


@pytest.mark.parametrize("side", ["before", "after"])
def test_the_headline_estimates_follow_from_the_strata(side: str) -> None:
    mean, scored = weighted(side, RATIONALE, "Weighted sum of levels")
    row = estimate(MEAN, side)
    assert float(row["Value"]) == pytest.approx(mean) and int(row["Cases"]) == scored
    assert float(row["Weighted sum"]) / float(row["Weight"]) == pytest.approx(mean)
    met, n = weighted(side, REVIEW, "Weighted at the standard")
    assert float(estimate(BELOW, side)["Value"]) == pytest.approx(1 - met)
    low, high = (float(row[name]) for name in ("Lower", "Upper"))
    said = f"was {mean:.1f} (weighted; 95% CI {low:.2f} to {high:.2f}; {scored} of "
    assert said in words()
    assert f"{percent(1 - met)} (weighted; 95% CI" in words() and f"; {n} of " in words()


def test_the_change_in_the_first_words_is_after_less_before() -> None:
    change = (
        weighted("after", RATIONALE, "Weighted sum of levels")[0]
        - weighted("before", RATIONALE, "Weighted sum of levels")[0]
    )
    row = estimate(MEAN, "change")
    assert float(row["Value"]) == pytest.approx(change)
    assert f"({change:+.2f} levels, 95% interval {float(row['Lower']):+.2f} to {float(row['Upper']):+.2f})" in words()
    points = 100 * (float(estimate(BELOW, "after")["Value"]) - float(estimate(BELOW, "before")["Value"]))
    assert f"Reviews below the standard changed by {round(points):+d} percentage points" in words()


def test_each_criterion_s_share_and_its_place_in_the_chart_s_title() -> None:
    for name in ("crisis-plan-currency", "escalation-rationale", "safeguarding-documentation"):
        rows = tables()[f"criteria-{name}"]
        shares = {}
        for row in rows:
            one = estimate(f"At the standard: {row['Name']}", "after")
            share = float(one["Weighted sum"]) / float(one["Weight"])
            assert float(one["Value"]) == pytest.approx(share)
            assert row["At the standard"] == f"{share:.0%}" and row["Cases"].endswith(f" of {one['Cases']}")
            assert row["95% interval"] == f"{float(one['Lower']):.0%} to {float(one['Upper']):.0%}"
            shares[row["Name"]] = share
        lowest = min(shares, key=lambda key: (shares[key], key))
        assert f"{lowest} is met least often, in {shares[lowest]:.0%} of cases" in words()


def moving_ranges(values: list[float]) -> float:
    """Returns the mean moving range, those beyond 3.267 times it left out once (Making Data Count)."""
    ranges = [abs(later - first) for first, later in zip(values, values[1:], strict=False)]
    return fmean([one for one in ranges if one < 3.267 * fmean(ranges)])


def test_the_chart_of_the_rationale_its_points_centre_and_limits() -> None:
    rows = tables()["rationale-over-time"]
    assert len(rows) == 24
    months = sorted({row["Month"] for row in tables()["streams"]})
    for row, month in zip(rows, months, strict=True):
        side = "before" if month < "2025-11" else "after"
        mean, n = weighted(side, RATIONALE, "Weighted sum of levels", month)
        assert float(row["Mean level"]) == pytest.approx(mean) and int(row["Cases"]) == n
    first = [float(row["Mean level"]) for row in rows[:12]]
    centre, spread = fmean(first), 2.66 * moving_ranges(first)
    for row in rows:
        assert float(row["Mean"]) == pytest.approx(centre)
        assert float(row["Lower limit"]) == pytest.approx(centre - spread)
        assert float(row["Upper limit"]) == pytest.approx(centre + spread)
    assert f"n = {sum(int(row['Cases']) for row in rows)} scored cases in 24 months" in words()
    improved = [row for row in rows[12:] if "improvement" in row["Signal"]]
    assert improved and "Clearness of the escalation rationale: a signal of improvement since the change" in words()


def test_the_chart_of_the_reviews_its_shares_and_limits() -> None:
    rows = tables()["review-dates-over-time"]
    shares, sizes = ([float(row[name]) for row in rows] for name in ("Below the standard", "Cases"))
    counts = [share * n for share, n in zip(shares, sizes, strict=True)]
    assert all(abs(count - round(count)) < 1e-6 for count in counts)
    centre = sum(counts[:12]) / sum(sizes[:12])
    for row, n in zip(rows, sizes, strict=True):
        assert float(row["Mean"]) == pytest.approx(centre)
        half = 3 * (centre * (1 - centre) / n) ** 0.5
        if row["Lower limit"] != "none":
            assert float(row["Lower limit"]) == pytest.approx(max(0.0, centre - half))
            assert float(row["Upper limit"]) == pytest.approx(min(1.0, centre + half))


def test_repairs_in_titles_and_sentences_follow_from_their_tables() -> None:
    named = {row["Criterion"]: row for row in tables()["repair-table"]}
    for name, title in (
        ("decision-and-reason", "Decision and reason"),
        ("deviation-and-review", "Deviation and review"),
    ):
        square = [[int(row[f"After: level {after}"]) for after in range(4)] for row in tables()[f"repair-{name}"]]
        n = sum(map(sum, square))
        improved = sum(square[a][b] for a in range(4) for b in range(4) if b > a)
        same = sum(square[a][a] for a in range(4))
        assert f"Repair, same cases: {title} improved in {improved} of {n} re-scored cases" in words()
        assert (
            f"{title}: Of {n} re-scored cases {improved} improved, {same} were unchanged and {n - improved - same} worsened"
            in words()
        )
        row = named[title]
        assert [int(row[key]) for key in ("Cases", "Improved", "Unchanged", "Worsened")] == [
            n,
            improved,
            same,
            n - improved - same,
        ]


def test_actions_levels_and_the_funnel_follow_from_their_tables() -> None:
    acts = tables()["actions"]
    raised, seen = (sum(int(row[name]) for row in acts) for name in ("Raised", "Seen in the record"))
    assert f"{raised} actions were raised from gaps; {seen} were seen in the record." in words()
    assert all(int(row["Raised"]) == sum(int(row[name]) for name in ("Open", "Overdue", "Closed")) for row in acts)
    for row in tables()["levels"]:
        shares = [int(row[f"Level {level}"].rstrip("%")) for level in range(4)]
        assert 98 <= sum(shares) <= 102
        met = estimate(f"At the standard: {row['Criterion']}", "after")
        assert abs(shares[2] + shares[3] - 100 * float(met["Value"])) <= 1.01
    units = tables()["practitioners"]
    outside = [row for row in units if row["Outside the limits"] != "no"]
    assert (f"{len(outside)} of {len(units)} outside the limits" in words()) == bool(outside)
    assert f"n = {sum(int(row['Cases']) for row in units)} cases; share at the standard" in words()
    for row in tables()["balancing"]:
        for cell in list(row.values())[1:]:
            if told := re.fullmatch(r"(under 1|\d+)% \(([\d,]+) of ([\d,]+)\)", cell):
                part, whole = (int(told[place].replace(",", "")) for place in (2, 3))
                assert told[1] == (
                    "under 1" if part and 100 * part / whole < 0.5 else percent(part / whole).rstrip("%")
                )


def test_how_far_raters_agree_follows_from_the_square_of_their_levels() -> None:
    square = [[int(row[f"Second: level {level}"]) for level in range(4)] for row in tables()["agreement-square"]]
    n = sum(map(sum, square))
    alike = sum(square[level][level] for level in range(4))
    near = sum(square[a][b] for a in range(4) for b in range(4) if abs(a - b) <= 1)
    side = sum(square[a][b] for a in range(4) for b in range(4) if (a >= 2) == (b >= 2))
    told = {row["Name"]: row for row in tables()["agreement-of-raters"]}
    for name, share in (
        ("Exactly alike", alike / n),
        ("Within one level", near / n),
        ("Same side of the standard", side / n),
    ):
        assert told[name]["Value"] == f"{share:.2f}" and told[name]["Cases"] == f"{n:,}"
    assert f"Two raters give exactly the same level in {alike / n:.0%} of shared ratings" in words()
    rows = tables()["agreement-by-criterion"]
    assert (
        sum(int(row["Shared ratings"]) for row in rows)
        == n
        == sum(int(row["Shared ratings"]) for row in tables()["agreement-over-time"])
        == sum(int(row["Shared ratings"]) for row in tables()["agreement-by-month"])
    )
    months = [
        (int(row["Shared ratings"]), int(row["Exactly alike"].rstrip("%"))) for row in tables()["agreement-by-month"]
    ]
    lately, before = (sum(size for size, _ in part) for part in (months[-6:], months[:-6]))
    shares = [
        sum(size * share for size, share in part) / total
        for part, total in ((months[-6:], lately), (months[:-6], before))
    ]
    said = re.search(
        r"Exactly alike are (\d+)% of (\d+) shared ratings .*?, and were (\d+)% of (\d+) shared ratings", words()
    )
    assert said is not None and (int(said[2]), int(said[4])) == (lately, before)
    assert [int(said[1]), int(said[3])] == pytest.approx(shares, abs=1)  # months are rounded
    assert "stricter than others" in words() or "No difference in strictness between the raters is shown" in words()


def test_every_table_and_chart_of_the_page_has_its_file() -> None:
    text = page(made())
    named = set(re.findall(r"<code>([a-z0-9-]+)\.csv</code>", text))
    assert (
        named and named <= set(tables()) and all(re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,79}", name) for name in tables())
    )
    assert {figure.name for figure in sections.all_figures(made()) if figure.rows} <= set(tables())


def test_no_cell_is_a_formula_and_numbers_stay_numbers() -> None:
    for cell in ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", " =1"):
        assert plain(cell) == f"'{cell}"
    for cell in ("-0.5", "+3%", "12,000", "Team A", ""):
        assert plain(cell) == cell
    assert csv_text(("a",), [("=1",), ('say "x"',)]) == 'a\r\n\'=1\r\n"say ""x"""\r\n'
    for text in files.tables(made()).values():
        assert not re.search(r"(^|,)[=@|]", text, flags=re.M)
