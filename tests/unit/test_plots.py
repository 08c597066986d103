"""Charts as SVG: well formed, the same bytes each time, every meaning by shape or word, and the numbers beside the picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import get_args
from xml.etree import ElementTree

import pytest

from sampling.plots.drawing import Drawing, Scale, number, ticks
from sampling.plots.figure import Figure, refused
from sampling.plots.funnel import Limit, Unit, funnel_chart
from sampling.plots.heat import heat_chart
from sampling.plots.icons import Assurance, Variation, assurance_icon, variation_icon
from sampling.plots.intervals import Interval, Rows, interval_chart, level, percent
from sampling.plots.marks import MEANINGS
from sampling.plots.paired import paired_chart
from sampling.plots.series import Event, Point, Series, time_chart

HOSTILE = '<script>alert("x")</script>&'
ABOUT = {"name": "a-chart", "finding": "It rose", "basis": "n = 20 cases.", "method": "Rules."}
POINTS = (
    Point("Jan 26", 1.2, 20, 1.5, 1.0, 2.0),
    Point("Feb 26", None, 0, 1.5, 1.0, 2.0),
    Point("Mar 26", 2.4, 21, 1.5, 1.0, 2.0, "improvement", "outside a limit"),
    Point("Apr 26", 0.7, 19, 1.8, 1.3, 2.3, "concern", "outside a limit"),
)
SERIES = Series(POINTS, "Mean level", level, target=2.0, events=(Event(3, f"New template {HOSTILE}", True),))
LIMITS = tuple(Limit(n, 0.4, 0.8, 0.3, 0.9) for n in (10, 50, 100))
UNITS = tuple(
    Unit(f"Team {letter} {HOSTILE}", 20 + place, 0.5, "95%" if letter == "C" else "")
    for place, letter in enumerate("EDCBA")
)
TABLE = [[1, 2, 0, 0], [0, 3, 4, 0], [0, 1, 5, 2], [0, 0, 0, 6]]


def charts() -> dict[str, Callable[[], Figure]]:
    rows = Rows((Interval("Trigger", 0.6, 0.5, 0.7, "30 of 50", before=0.4), Interval("Voice", None, None, None, "1 of 50", why="too few")),
                "At the standard", percent, reference=0.6, reference_name="aim")  # fmt: skip
    cells: dict[tuple[str, str], tuple[float | None, int]] = {
        ("Trigger", "EIP"): (2.0, 8),
        ("Trigger", "CMHT"): (1.0, 3),
    }
    return {
        "series": lambda: time_chart(SERIES, **ABOUT),
        "intervals": lambda: interval_chart(rows, **ABOUT),
        "funnel": lambda: funnel_chart(UNITS, LIMITS, 0.6, **ABOUT),
        "paired": lambda: paired_chart(TABLE, **ABOUT),
        "heat": lambda: heat_chart(["Trigger", "Voice"], ["EIP", "CMHT"], cells, **ABOUT),
    }


@pytest.mark.parametrize("kind", charts())
def test_a_chart_is_well_formed_and_repeats_byte_for_byte(kind: str) -> None:
    first, again = charts()[kind](), charts()[kind]()
    assert first == again and first.svg and first.words and first.rows
    assert all(len(row) == len(first.columns) for row in first.rows)
    root = ElementTree.fromstring(first.svg)
    assert root.attrib["aria-hidden"] == "true"
    assert (
        "<script" not in first.svg
        and "nan" not in first.svg.lower()
        and "inf" not in first.svg.lower().replace("info", "")
    )


@pytest.mark.parametrize("kind", charts())
def test_nothing_lies_outside_the_picture(kind: str) -> None:
    root = ElementTree.fromstring(charts()[kind]().svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for element in root.iter():
        for name, most in (("x", width), ("cx", width), ("x1", width), ("x2", width), ("y", height), ("cy", height)):
            if name in element.attrib:
                assert -1 <= float(element.attrib[name]) <= most + 1, (element.tag, element.attrib)


def test_a_series_says_its_span_its_changes_and_its_signals() -> None:
    figure = time_chart(SERIES, **ABOUT)
    assert figure.words.startswith("Line chart. It rose. Mean level, 3 periods from Jan 26, 1.20, to Apr 26, 0.70.")
    assert "from Apr 26." in figure.words and figure.words.endswith("2 points are signals.")
    assert figure.rows[1] == ("Feb 26", "none", "0", "1.50", "1.00", "2.00", "")
    assert figure.rows[2][-1] == "signal of improvement: outside a limit"


def test_a_missing_period_and_a_new_baseline_break_the_line() -> None:
    lines = re.findall(r'<polyline points="([^"]+)" fill="none" stroke="#44535f" stroke-width="1.5" stroke-linejoin="round"/>',
                       time_chart(SERIES, **ABOUT).svg)  # fmt: skip
    assert lines == []  # no two neighbours here may be joined
    whole = replace(SERIES, points=tuple(replace(point, value=1.0) for point in POINTS), events=())
    assert "stroke-linejoin" in time_chart(whole, **ABOUT).svg


def test_each_signal_has_a_shape_of_its_own() -> None:
    shapes = set()
    for mark in MEANINGS:
        point = Point("Jan 26", 1.0, 5, mark=mark)
        drawn = time_chart(Series((point,), "Mean", level), **ABOUT).svg
        shapes.add(
            tuple(
                re.sub(r'(fill|stroke)="#\w+"', "", part)
                for part in re.findall(r"<(?:circle|rect|polygon)[^>]*>", drawn)
            )
        )
        assert MEANINGS[mark] in drawn
    assert len(shapes) == len(MEANINGS)


def test_what_has_no_number_is_refused_in_words() -> None:
    empty = time_chart(Series((Point("Jan 26", None, 0),), "Mean", level), **ABOUT)
    assert (empty.svg, empty.refusal) == ("", "No period has a number yet.")
    assert paired_chart([[0] * 4] * 4, **ABOUT).refusal == "No case was scored twice yet."
    assert funnel_chart(UNITS[:4], LIMITS, 0.6, **ABOUT).refusal == "A funnel is not drawn under 5 units."
    assert heat_chart(["Trigger"], ["EIP"], {("Trigger", "EIP"): (2.0, 4)}, **ABOUT).refusal == "No cell has 5 cases."
    nothing = Rows((Interval("Trigger", None, None, None, "0", why="nobody was scored"),), "At the standard", percent)
    assert interval_chart(nothing, **ABOUT).refusal == "No row has an estimate yet."
    assert interval_chart(nothing, **ABOUT).rows == (("Trigger", "nobody was scored", "none", "0"),)


def test_a_refused_figure_keeps_its_table_and_its_reason() -> None:
    figure = refused(time_chart(SERIES, **ABOUT), "Rounded numbers cannot be charted.")
    assert (figure.svg, figure.words, figure.refusal) == ("", "", "Rounded numbers cannot be charted.")
    assert len(figure.rows) == 4


def test_units_stand_in_order_of_name_never_of_value() -> None:
    assert [row[0][:6] for row in funnel_chart(UNITS, LIMITS, 0.6, **ABOUT).rows] == [
        f"Team {letter}" for letter in "ABCDE"
    ]
    assert charts()["heat"]().columns == ("Criterion", "CMHT", "EIP")


def test_few_cases_in_a_cell_are_said_and_not_shown() -> None:
    assert charts()["heat"]().rows == (
        ("Trigger", "too few (n = 3)", "2 (n = 8)"),
        ("Voice", "too few (n = 0)", "too few (n = 0)"),
    )


def test_the_icons_carry_a_letter_beside_their_colour() -> None:
    for kind in get_args(Variation):
        letter = {"high": ">H<", "low": ">L<"}.get(kind.rpartition("_")[2], "")
        icon = variation_icon(kind, "The latest point is higher.")
        assert letter in icon.svg and icon.words == "The latest point is higher."
    letters = [re.search(r">(\S)</text>", assurance_icon(kind, "").svg) for kind in get_args(Assurance)]
    assert [found.group(1) for found in letters if found] == ["P", "F", "?"]


def test_a_scale_of_one_value_lies_in_the_middle() -> None:
    assert Scale(2, 2, 0, 100)(2) == 50 and Scale(0, 4, 100, 0)(1) == 75


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, (0, 0.2, 0.4, 0.6, 0.8, 1)),
        (0.31, 0.34, None),
        (0, 137, None),
        (-3, 2, None),
        (1e-7, 2e-7, None),
        (0, 100000, None),
    ],
)
def test_ticks_are_round_and_hold_every_value(low: float, high: float, expected: tuple[float, ...] | None) -> None:
    found = ticks(low, high)
    assert expected is None or found == expected
    assert found[0] <= low + 1e-9 and found[-1] >= high - 1e-9 and 2 <= len(found) <= 9
    assert number(-0.0) == "0" and Drawing(1, 1).svg().startswith("<svg ")
