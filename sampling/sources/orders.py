"""Days that must follow one another in a record, and those that real records get wrong without harm to the
draw.
"""

from __future__ import annotations

from sampling.errors import Severity

# (table, earlier column, later column, finding code, message, severity)
ORDERS: tuple[tuple[str, str, str, str, str, Severity], ...] = (
    ("cases", "opened", "closed", "CLOSED_BEFORE_OPENED", "the case is closed before it is opened", "error"),
    (
        "allocations",
        "started",
        "ended",
        "ENDED_BEFORE_STARTED",
        "the allocation ends before it starts",
        "error",
    ),
    (
        "practitioners",
        "started",
        "left_on",
        "LEFT_BEFORE_STARTED",
        "the leaving day is before the first day",
        "error",
    ),
    (
        "plans",
        "created",
        "updated",
        "UPDATED_BEFORE_CREATED",
        "the plan is updated before it is created",
        "note",
    ),
    ("plans", "created", "ended", "PLAN_ENDED_BEFORE_CREATED", "the plan ends before it is created", "note"),
)
