"""A supervisee's own file as plain text, to keep (City of York: records belong to the supervisee and the council; seed D16)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def file_text(page: Row, copies: Sequence[str]) -> str:
    """Returns the file. `page` is the supervisee's own page (sampling.scoring.parts.assurance_part), `copies` the records of their
    sessions as text, in order.
    """
    coverage = page["coverage"]
    noted = [
        *(row["words"] for row in page["absences"]),
        *(f"{row['words']} {row['reason_label']}." for row in page["delays"]),
        *(f"Agreed: {row['words']} Reason: {row['reason_label']}." for row in page["intervals"]),
        *(f"Appraisal on {row['on_label']}." for row in page["appraisals"]),
        *(["Newly qualified."] if page["newly_qualified"] else []),
    ]
    parts: tuple[tuple[str, list[str]], ...] = (
        (
            f"Coverage, {coverage['period']}" if coverage["period"] else "Coverage",
            coverage["sentences"] or [coverage["note"]],
        ),
        ("Agreements", _each(page["agreements"], _agreement)),
        ("Noted", noted),
        ("Folder", [f"{row['label']}: {row['on_label']}" for row in page["folder"] if row["on"]]),
        ("Cases", [line for case in page["cases"] for line in _case(case)]),
        ("Whether supervision meets my needs", _each(page["needs"], _flag)),
        ("Objections and requests", _each(page["objections"], _objection)),
        (
            "Who else opened it",
            _each(page["accesses"], lambda row: f"{row['on']}: {row['name']}, {row['of']}, {row['purpose_label']}"),
        ),
        ("Actions", _each(page["actions"], lambda row: f"{row['text']} (owner: {row['owner']}; {row['state_label']})")),
    )
    head = [f"Supervision file of {page['person']['name']}, {page['today_label']}"]
    body = [line for title, lines in parts if lines for line in ("", title, *(f"- {line}" for line in lines))]
    return "\n".join([*head, *body, "", *(copy for one in copies for copy in ("-" * 60, one))]).rstrip() + "\n"


def _each(rows: Iterable[Row], words: Callable[[Row], str]) -> list[str]:
    return [words(row) for row in rows]


def _agreement(row: Row) -> str:
    reviewed = f" Reviewed: {', '.join(row['reviewed'])}." if row["reviewed"] else ""
    return f"With {row['supervisor']['name']}, kept at {row['reference']}. {row['words']}{reviewed}"


def _case(case: Row) -> list[str]:
    rows = (*case["exemptions"], *case["delays"], *case["intervals"])
    return [f"{case['case_label']}: {row['words']} {row['reason_label']}." for row in rows]


def _flag(row: Row) -> str:
    answer = (
        f" Answer: {row['answer']['outcome_label']}. {row['answer']['note']}" if row["answer"] else " Not answered yet."
    )
    return f"{row['reason_label']}. {row['note']}{answer}".strip()


def _objection(row: Row) -> str:
    said = row["decision"]
    asked = f"{row['about_label']}, asked on {row['asked_on']}. {row['note']}".strip()
    if said is None:
        return f"{asked} Not decided yet."
    return (
        f"{asked} {said['decision_label']}: {said['reason_label'].lower()}. "
        f"Decided by {said['decided_by']}, {said['decided_on_label']}."
    )
