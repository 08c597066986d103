"""The record of one case as a page: one HTML file without script or network, laid out for A4 and for a small screen."""

from __future__ import annotations

from sampling.quality import page_environment
from sampling.scoring.record.content import NOT_CARE, RecordData

# Sizes of print in points, largest first; nothing is printed smaller (the least that an A4 form is read at without effort).
PRINT_SIZES = (9.0, 8.25, 7.5)
_CHARACTERS = (4_600, 6_000)  # that an A4 page holds at the first size, at the second; more takes the third


def html_page(record: RecordData, size: float | None = None) -> str:
    """Returns the record as HTML. `size` is that of the print in points; without it the size that its length asks for."""
    return (
        page_environment()
        .get_template("record.html.j2")
        .render(record=record, not_care=NOT_CARE, size=size or _likely_size(record), foot=_foot(record))
    )


def _foot(record: RecordData) -> str:
    """Returns what stands at the foot of each printed page, as the inside of a CSS string: whatever is no letter or figure is escaped."""
    text = f"{record.case_label} · content {record.short_hash}… · {NOT_CARE}"
    return "".join(letter if letter.isascii() and letter.isalnum() else f"\\{ord(letter):06x}" for letter in text)


def _likely_size(record: RecordData) -> float:
    """Returns the largest size at which the record is likely to fit on one page: a browser that prints cannot be asked."""
    lines = [line for rubric in record.rubrics for line in rubric.criteria]
    length = sum(
        len(line.words) + len(line.comment) + sum(len(one.quote) + len(one.where) for one in line.pointers) + 60
        for line in lines
    )
    length += sum(len(action.what) + 120 for action in record.actions)
    length += sum(len(said.text) + len(said.heading) for said in (*record.deviations, *record.replies))
    return next(
        (size for size, limit in zip(PRINT_SIZES, _CHARACTERS, strict=False) if length <= limit), PRINT_SIZES[-1]
    )
