"""What a session was, and which judgements were endorsed in it, as its page and its copy show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sampling.scoring.rules.describing import ASKED, ENDORSED, FUNCTIONS, POINTS, described_words
from sampling.scoring.rules.sessions import Session

_ANSWERS = {True: "yes", False: "no", None: "not said"}


def described_part(session: Session, cases: Mapping[str, str], *, may_read: bool) -> dict[str, Any]:
    """Returns the functions, the questions and the endorsements of a session's page. `cases` is case key -> label; references are null for
    whoever may not read notes.
    """
    said = session.described
    return {
        "described": {
            "functions": [
                {"code": code, "label": label, "served": said is not None and code in said.functions}
                for code, label in FUNCTIONS.items()
            ],
            "asked": [
                {"code": code, "label": label, "source": source, "answer": getattr(said, code) if said else None}
                for code, (label, source) in ASKED.items()
            ],
            "words": described_words(said),
            "revision": session.revisions.get("described", 0),
        },
        "endorsed": [
            {
                "endorsement": key,
                "case": one.case,
                "case_label": cases.get(one.case, ""),
                "point": one.point,
                "point_label": POINTS[one.point],
                "outcome": one.outcome,
                "outcome_label": ENDORSED[one.outcome],
                "reference": one.reference if may_read else None,
                "revision": session.revisions.get(f"endorsed:{key}", 0),
            }
            for key, one in session.endorsed.items()
        ],
        "points": [{"code": code, "label": label} for code, label in POINTS.items()],
        "endorsements": [{"code": code, "label": label} for code, label in ENDORSED.items()],
    }


def described_lines(session: Session) -> list[str]:
    """Returns the lines of the supervisee's copy; none where nothing was said."""
    said = session.described
    if said is None:
        return []
    asked = [f"{label}: {_ANSWERS[getattr(said, code)]}" for code, (label, _) in ASKED.items()]
    return [described_words(said), *asked]


def endorsed_lines(session: Session, cases: Mapping[str, str]) -> list[str]:
    """Returns a line for each judgement that was looked at."""
    return [
        f"{cases.get(one.case, 'A case')}, {POINTS[one.point].lower()}: {ENDORSED[one.outcome].lower()}"
        + (f" (recorded at: {one.reference})" if one.reference else "")
        for one in session.endorsed.values()
    ]
