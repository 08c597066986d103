"""What a session was, in closed codes: the four functions of supervision, what policies ask of it, and judgements that were endorsed."""

from __future__ import annotations

from collections.abc import Mapping

from sampling.journal.events import JudgementEndorsed, SessionDescribed

FUNCTIONS: dict[str, str] = {  # PG41, functions of supervision (seed B1)
    "management": "Management: competent, accountable work",
    "mediation": "Mediation: engaging the individual with the organisation",
    "development": "Development: continuing professional development",
    "support": "Support: personal and emotional",
}
ASKED: dict[str, tuple[str, str]] = {  # field -> label, what asks for it
    "development": ("Professional development was covered", "City of York, the annual review is fed by each session"),
    "personal": ("Personal issues were covered", "Bournemouth, monthly"),
    "uninterrupted": ("It was uninterrupted", "National standard 5: at least 90 minutes"),
}
POINTS: dict[str, str] = {
    "escalation": "Escalating",
    "no_escalation": "Not escalating",
    "safeguarding_referral": "A safeguarding referral",
    "risk_decision": "A decision on risk",
    "plan_change": "A change of the plan",
    "transfer": "Handing the case over",
    "closing": "Closing the case",
    "other": "Another key point",
}
ENDORSED: dict[str, str] = {
    "endorsed": "Endorsed",
    "endorsed_with_change": "Endorsed with a change",
    "not_endorsed": "Not endorsed",
}
SUPERVISOR_ENDORSES = "A judgement is endorsed by the session's supervisor."
NOT_OF_SESSION = "This case was neither drawn nor put forward for this session's people."


def endorsing(said: JudgementEndorsed, *, supervises: bool, cases: Mapping[str, str]) -> list[str]:
    """Returns why an endorsement may not be stored. `cases` are those of the session's people, by key (seed C5)."""
    found = [] if supervises else [SUPERVISOR_ENDORSES]
    return found if said.case in cases else [*found, NOT_OF_SESSION]


def described_words(said: SessionDescribed | None) -> str:
    """Returns which functions a session served.

    >>> described_words(None)
    'Which functions the session served is not said yet.'
    """
    if said is None or not said.functions:
        return "Which functions the session served is not said yet."
    served = [code for code in FUNCTIONS if code in said.functions]
    return f"{len(served)} of {len(FUNCTIONS)} functions served: {', '.join(served)}."
