"""A calibration report's files: every table, and the numbers behind every figure, as CSV; and what stands above its page."""

from __future__ import annotations

from sampling.calibration.report import sections
from sampling.calibration.report.opening import Report
from sampling.evidence.agreement.sentences import STANDING_SENTENCE
from sampling.reporting.files import csv_text

_KEEP = {
    "training": "It is for training: raters have aliases.",
    "supervision": "It is for group supervision: raters have aliases.",
    "audit": "It is for audit: no figure of a rater stands here.",
}


def heading(found: Report) -> dict[str, object]:
    """Returns title, lead, facts and the foot, as the page takes them."""
    head = sections.heading(found)
    return {
        "title": head.title,
        "lead": head.lead,
        "facts": [list(pair) for pair in head.facts],
        "standing": STANDING_SENTENCE,
        "keep": _KEEP[found.purpose],
    }


def tables(found: Report) -> dict[str, str]:
    """Returns name -> CSV of every table of the report, in order."""
    every = {one.name: csv_text(one.columns, one.exact or one.rows) for one in sections.all_figures(found)}
    return every | {one.id: csv_text(one.columns, one.rows) for one in sections.all_tables(found)}
