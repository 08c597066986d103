"""How a calibration report names sessions, criteria, levels and codes."""

from __future__ import annotations

from datetime import date

from sampling.calibration.report.opening import Report, rubric_of
from sampling.calibration.state import Session
from sampling.chain import utc_moment
from sampling.page.words import capital, day_of

FINDINGS = {"done": "done", "in_hand": "in hand", "slipped": "slipped", "not_needed": "not needed any more"}
SETTINGS = {"adult": "adult mental health", "children": "children's social care and CAMHS"}
FEW = "too few"


def day_in_words(at: str) -> str:
    """Returns the day of a moment in UTC."""
    return day_of(utc_moment(at).date())


def moment_in_words(at: str) -> str:
    """Returns a moment in UTC, which tells two sessions of one day apart."""
    return f"{day_in_words(at)}, {utc_moment(at):%H:%M} UTC"


def month_in_words(month: str) -> str:
    """Returns a month as it is said.

    >>> month_in_words("2026-11")
    'November 2026'
    """
    return f"{date.fromisoformat(month + '-01'):%B %Y}"


def titles(report: Report) -> dict[str, str]:
    """Returns "<rubric>/<criterion>" -> its title, for every session; where a rubric is not here as it was, what its id says."""
    named: dict[str, str] = {}
    for session in report.gathered.sessions.values():
        rubric = rubric_of(report.shelf, session)
        known = {rubric.ref(one): one.title for one in rubric.criteria} if rubric else {}
        for ref in session.opened.criteria:
            named[ref] = known.get(ref) or named.get(ref) or capital(ref.partition("/")[2].replace("_", " "))
    return named


def vignette_title(report: Report, session: Session) -> str:
    """Returns the title of a session's vignette, or its id where it is not here."""
    found = (one.title for one in report.shelf.vignettes if one.id == session.opened.vignette)
    return next(found, session.opened.vignette)


def rubric_title(report: Report, session: Session) -> str:
    """Returns title and version of a session's rubric."""
    rubric, used = rubric_of(report.shelf, session), session.opened.rubric
    return f"{rubric.title if rubric else used.rubric.replace('_', ' ')} {used.version}"


def listed(names: list[str]) -> str:
    """Returns names as a list in a sentence.

    >>> listed(["A", "B", "C"]), listed(["A"])
    ('A, B and C', 'A')
    """
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
