"""The pages that a practice ends on: an index, the record of each scored case, then and now, and the actions with their dates.

File names say nothing: a record is named by a part of its review's id. All of it stays in the service, as report/ does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sampling import __version__
from sampling.batch.practice import Practised
from sampling.errors import StateError
from sampling.keys import Keyring
from sampling.page.words import counted, day_of
from sampling.quality import page_environment
from sampling.scoring.parts.follow_pages import actions_html, follow_up_finding, follow_up_html, gather
from sampling.scoring.record.content import RecordData
from sampling.scoring.record.page import html_page
from sampling.scoring.record.pdf import pdf_bytes
from sampling.scoring.rules.labels import stage_label
from sampling.scoring.service import Service, open_service
from sampling.scoring.settings.assignments import FIRST, FOLLOW_UPS, SECOND, Review
from sampling.scoring.settings.policy import SUPERVISION
from sampling.storage import write_whole

INDEX, RECORDS, FOLLOW_UP, ACTIONS = "index.html", "records", "follow_up.html", "actions.html"
PDFS = 3  # a PDF takes about a second; any page prints to A4 from the browser
_NAME_LETTERS = 16


@dataclass(frozen=True)
class RecordRow:
    """One record as the index lists it."""

    file: str
    pdf: str
    case: str
    stage: str
    finding: str


def write_pages(practised: Practised, out: Path, report: Path, keyring: Keyring) -> Path:
    """Returns the index, after writing all pages of a practice below `report`; the same week gives the same bytes.

    `out` is the draw's folder as the person named it: the index says how to score in the one that it lies in.
    """
    service = open_service(practised.home, keyring=keyring, now=practised.ended)
    try:
        rows = _records(service, practised, report / RECORDS)
        supervisors = [one.key for one in service.people.having("supervisor")]
        followed = gather(service, supervisors, today=practised.ended.date())
    finally:
        service.close()
    software = f"sampling {__version__}"
    write_whole(report / FOLLOW_UP, follow_up_html(followed, software=software).encode("utf-8"))
    write_whole(report / ACTIONS, actions_html(followed, software=software).encode("utf-8"))
    html = _index(practised, rows, finding=follow_up_finding(followed), software=software, home=str(out.parent))
    write_whole(report / INDEX, html.encode("utf-8"))
    return report / INDEX


def _records(service: Service, practised: Practised, folder: Path) -> list[RecordRow]:
    rows: list[RecordRow] = []
    for review in _signed(service, practised.pack.commitment["commit"]):
        record = service.record(review.rater, review.id, purpose=SUPERVISION, now=practised.ended)
        name = review.id[:_NAME_LETTERS]
        write_whole(folder / f"{name}.html", html_page(record).encode("utf-8"))
        pdf = f"{name}.pdf" if len(rows) < PDFS and _write_pdf(folder / f"{name}.pdf", record) else ""
        rows.append(RecordRow(f"{name}.html", pdf, record.case_label, stage_label(review.stage), record.headline))
    return rows


def _write_pdf(path: Path, record: RecordData) -> bool:
    """Returns whether the PDF was written: a computer without Pango does without, since every record is a page, too."""
    try:
        data = pdf_bytes(record)
    except StateError:
        return False
    write_whole(path, data)
    return True


def _signed(service: Service, commit: str) -> list[Review]:
    """Returns the signed reviews of a draw, each case's in the order of its stages."""
    stages = (FIRST, SECOND, *FOLLOW_UPS)
    found = [
        review
        for review in service.world().reviews.values()
        if not review.planted and review.commit == commit and review.stage in stages and _is_signed(service, review)
    ]
    return sorted(found, key=lambda review: (review.case, stages.index(review.stage)))


def _is_signed(service: Service, review: Review) -> bool:
    person = service.people.by_key(review.rater)
    return person is not None and service.view(person, review).is_signed(review)


def _index(practised: Practised, rows: Iterable[RecordRow], *, finding: str, software: str, home: str) -> str:
    return (
        page_environment()
        .get_template("practice.html.j2")
        .render(
            title=f"{counted(practised.signed, 'rating')} signed, {counted(practised.rescored, 'case')} scored again a week later",
            facts=_facts(practised),
            rows=list(rows),
            finding=finding,
            records=RECORDS,
            home=home,
            software=software,
            draw_id=practised.pack.commitment["draw_id"],
        )
    )


def _facts(practised: Practised) -> tuple[tuple[str, Any], ...]:
    return (
        ("Day of the follow-up", day_of(practised.ended.date())),
        ("Ratings signed", practised.signed),
        ("Seen and signed by their practitioners", practised.seen),
        ("Cases settled by the moderator", practised.moderated),
        ("Formal sessions held", practised.sessions),
        ("Cases scored again", practised.rescored),
    )
