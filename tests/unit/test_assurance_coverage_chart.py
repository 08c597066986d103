"""The calendar of coverage as a picture: each cell has its letter, and the table behind it says the same in words."""

from __future__ import annotations

from xml.etree import ElementTree

from sampling.assurance.coverage_calendar import MEANING
from sampling.plots.calendar import SHADES, calendar_chart
from sampling.plots.figure import Figure

CELLS = {("North", "4 Jan"): "L", ("North", "11 Jan"): "D", ("A & B", "4 Jan"): "N", ("A & B", "11 Jan"): "U"}


def chart(*rows: str) -> Figure:
    return calendar_chart(
        rows,
        ("4 Jan", "11 Jan"),
        CELLS,
        MEANING,
        name="calendar",
        finding="One week was late",
        basis="2 teams",
        method="m",
    )


def test_each_cell_has_its_letter_and_its_words() -> None:
    figure = chart("North", "A & B")
    texts = [element.text for element in ElementTree.fromstring(figure.svg).iter() if element.tag.endswith("text")]
    assert [text for text in texts if text in MEANING] == ["L", "D", "N", "U"]
    assert figure.rows == (("North", "late or not done", "done"), ("A & B", "none due", "due, not yet done"))
    assert texts[-1] == "L late or not done; U due, not yet done; D done; N none due"


def test_the_shades_differ_in_grey() -> None:
    grey = sorted(
        sum(int(shade[at : at + 2], 16) * part for at, part in ((1, 0.299), (3, 0.587), (5, 0.114)))
        for shade in SHADES.values()
    )
    assert min(second - first for first, second in zip(grey, grey[1:], strict=False)) > 10
    assert set(SHADES) == set(MEANING)


def test_without_rows_it_is_refused_in_words() -> None:
    assert (chart().svg, chart().refusal) == ("", "There is no row to show.")
