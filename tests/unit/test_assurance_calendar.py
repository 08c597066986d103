"""England's working days and calendar months, against days that gov.uk has published."""

from __future__ import annotations

from datetime import date

import pytest

from sampling.assurance.calendar import (
    add_months,
    bank_holidays,
    is_working_day,
    working_days_after,
    working_days_between,
)
from sampling.assurance.spans import Span, parse_span

D = date.fromisoformat

# As gov.uk lists them for England and Wales (bank-holidays.json), with substitute days and the days that were moved or added once.
PUBLISHED = {
    2011: "01-03 04-22 04-25 04-29 05-02 05-30 08-29 12-26 12-27",
    2012: "01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26",
    2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
    2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
    2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_c8_the_weekdays_off_are_those_that_are_published(year: int) -> None:
    assert sorted(f"{day:%m-%d}" for day in bank_holidays(year) if day.weekday() < 5) == PUBLISHED[year].split()


# happened, working days -> due
AFTER = """
2026-11-16  2 -> 2026-11-18   an ordinary Monday
2026-11-19  2 -> 2026-11-23   a Thursday: over the weekend
2026-11-21  2 -> 2026-11-24   a Saturday: Monday is day 1
2026-11-22  2 -> 2026-11-24   a Sunday: the same
2026-04-02  2 -> 2026-04-08   Maundy Thursday: Good Friday and Easter Monday are left out
2026-12-23  2 -> 2026-12-29   Christmas; Boxing Day is a Saturday, its substitute a Monday
2026-12-24  2 -> 2026-12-30   Christmas Eve
2021-12-24  2 -> 2021-12-30   both substitute days
2027-12-24  2 -> 2027-12-30   both substitute days, weekend first
2022-09-16  2 -> 2022-09-21   the state funeral
2023-05-05  2 -> 2023-05-10   the coronation
2020-05-07  1 -> 2020-05-11   the bank holiday that was moved to a Friday
2020-04-30  2 -> 2020-05-04   its usual Monday was worked
2026-08-28  2 -> 2026-09-02   the summer bank holiday, which Scotland does not have
2027-12-31  2 -> 2028-01-05   New Year's Day is a Saturday, its substitute a Monday
2026-11-18  0 -> 2026-11-18   none is the day itself
"""


@pytest.mark.parametrize("row", [line for line in AFTER.splitlines() if line], ids=lambda row: f"C8 {row[33:]}")
def test_working_days_after(row: str) -> None:
    first, number, _, due = row.split()[:4]
    assert working_days_after(D(first), int(number)) == D(due)
    assert working_days_between(D(first), D(due)) == int(number)


def test_an_added_bank_holiday_is_no_working_day() -> None:
    added = frozenset({D("2026-11-17")})
    assert not is_working_day(D("2026-11-17"), added)
    assert working_days_after(D("2026-11-16"), 2, added) == D("2026-11-19")
    assert working_days_between(D("2026-11-16"), D("2026-11-19"), added) == 2
    assert working_days_between(D("2026-11-19"), D("2026-11-16")) == 0


MONTHS = """
2027-01-31  1 -> 2027-02-28
2028-01-31  1 -> 2028-02-29
2028-02-29 12 -> 2029-02-28
2027-03-31  1 -> 2027-04-30
2027-12-15  1 -> 2028-01-15
2027-11-30  3 -> 2028-02-29
2027-02-28  1 -> 2027-03-28
"""


@pytest.mark.parametrize("row", [line for line in MONTHS.splitlines() if line])
def test_months_are_calendar_months_cut_at_the_end(row: str) -> None:
    first, number, _, due = row.split()
    assert add_months(D(first), int(number)) == D(due)


@pytest.mark.parametrize(
    ("text", "due", "lengths"),
    [
        ("28 days", "2027-02-28", (28, 28)),
        ("4 weeks", "2027-02-28", (28, 28)),
        ("1 month", "2027-02-28", (28, 31)),
        ("3 months", "2027-04-30", (89, 92)),
        ("1 year", "2028-01-31", (365, 366)),
        ("2 working days", "2027-02-02", (2, 6)),
    ],
)
def test_a_span_says_itself_and_how_long_it_can_be(text: str, due: str, lengths: tuple[int, int]) -> None:
    span = parse_span(text)
    assert (span.after(D("2027-01-31")), span.words, span.lengths) == (D(due), text, lengths)


@pytest.mark.parametrize(
    "text", ["", "monthly", "0 days", "1.5 weeks", "2  weeks", "-1 day", "1000 days", "2 fortnights"]
)
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match='must be a span such as "2 weeks"'):
        parse_span(text)


def test_one_is_said_in_the_singular() -> None:
    assert (Span(1, "week").words, Span(1, "working day").working) == ("1 week", True)
