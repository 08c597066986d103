"""A calibration report's files: every table, and the numbers behind every figure, as CSV; and what stands above its page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sampling.calibration.report import sections
from sampling.calibration.report.opening import Report
from sampling.evidence.agreement.sentences import STANDING_SENTENCE
from sampling.reporting.files import csv_text, head_of

CAUTION = "Read with this"
_KEEP = {
    "training": "It is for training: raters have aliases.",
    "supervision": "It is for group supervision: raters have aliases.",
    "audit": "It is for audit: no figure of a rater stands here.",
}


def heading(found: Report) -> dict[str, object]:
    """Returns title, lead, facts and the foot, as the page takes them."""
    return {
        **head_of(sections.heading(found)),
        "standing": STANDING_SENTENCE,
        "keep": _KEEP[found.purpose],
    }


def tables(found: Report) -> dict[str, str]:
    """Returns name -> CSV of every table of the report, in order. Each row ends with the standing sentence, so that no copy of a row goes without."""
    every = {one.name: _csv(one.columns, one.exact or one.rows) for one in sections.all_figures(found)}
    return every | {one.id: _csv(one.columns, one.rows) for one in sections.all_tables(found)}


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return csv_text((*columns, CAUTION), [(*row, STANDING_SENTENCE) for row in rows])
