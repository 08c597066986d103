"""What a supervision session refuses, in sentences for the person who can put it right, and the words of its parts.

A function returns sentences; none means allowed. The order of the form is that of the seeds' session: recap and earlier actions,
information, problem solving, summary (Bournemouth, stages of supervision; PG41, "review earlier actions").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sampling.journal.events import (
    ActionRaised,
    AgendaCovered,
    CaseDiscussed,
    JudgementEndorsed,
    Payload,
    PriorActionReviewed,
    PromptAnswered,
    SessionClosed,
    SessionOpened,
)
from sampling.page.words import counted
from sampling.scoring.rules.describing import endorsing
from sampling.scoring.rules.sessions import FORMAL, GROUP, REFLECTIVE, Session

CPD = "cpd"  # one of the three functions in children's services, its records kept apart (PG41, seed B11)
KIND_LABELS: dict[str, tuple[str, str]] = {  # kind -> label, note
    FORMAL: ("Formal one-to-one", "Planned and regular. The only kind that counts to coverage."),
    REFLECTIVE: (
        "Reflective",
        "About the work and the worker. Nothing is scored, and the notes are for the two of you.",
    ),
    GROUP: ("Group", "On anonymised cases. Adds to one-to-one supervision and never replaces it."),
    "duty_consultation": (
        "Duty consultation",
        "In the moment, on one case. Never a substitute for planned supervision.",
    ),
    "ad_hoc": ("Ad hoc", "Unplanned. Adds to formal supervision."),
    "specialist": ("Specialist", "Extra support in complex abuse or in extreme cases."),
    CPD: (
        "Professional development",
        "Kept apart from the supervision of cases. Adds to formal supervision and never replaces it.",
    ),
}
AGENDA: dict[str, tuple[str, str]] = {  # item -> label, hint (supervision models article, agenda of five)
    "formulation_updates": ("Formulation updates", "What is understood differently since last time?"),
    "safeguarding_indicators": ("Safeguarding indicators", "Which were seen, and what was done about each?"),
    "escalation_use": ("Use of escalation", "When was a case escalated, when not, and was the reason written down?"),
    "contact_frequency": ("Contact frequency", "Does how often each person is seen fit what is happening?"),
    "documentation_sampling": ("Documentation sampling", "What did the drawn cases show?"),
}
PROMPTS: dict[str, tuple[str, str]] = {  # City of York: the cycle; skipping a step invites the same again
    "experience": ("Experience", "What happened?"),
    "reflection": ("Reflection", "What was it like, and what did you notice in yourself?"),
    "analysis": ("Analysis", "What does it mean, and what else could it mean?"),
    "action_planning": ("Action planning", "What will you do, and what will you do if that does not work?"),
}
FINDINGS: dict[str, str] = {
    "done": "Done",
    "in_hand": "In hand",
    "slipped": "Slipped",
    "not_needed": "No longer needed",
}
CAME_BY: dict[str, str] = {
    "drawn": "Drawn",
    "tabled_by_supervisee": "Put forward by the supervisee",
    "tabled_by_supervisor": "Put forward by the supervisor",
}
STAGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("recap", "Recap: earlier actions", ("prior",)),
    ("seeking", "Information: agenda and cases", ("agenda", "discussed", "endorsed")),
    ("solving", "Reflection and problem solving", ("prompts",)),
    ("summary", "Summary, actions and signatures", ("actions", "described", "close", "signatures", "copy")),
)
SESSION_CLOSED = "This session is closed. Take the closing back to change its record; signatures then no longer stand."
NO_CASES = "Professional development is kept apart from cases. Discuss this case in another session."
NOT_IN_SESSION = "A session's record is written by the people whose session it is."
NOT_OPENED = "There is no such session. Open it first."
NO_OPENING = "A session keeps its opening. Reload the page."
PEOPLE_STAY = "Who a session is with does not change once it is opened. Open another session."
SUPERVISOR_CHANGES = "The kind and the day of a session are changed by its supervisor."
SUPERVISOR_CLOSES = "The supervisor closes the session."
NOT_YOURS = "An undo takes back an entry of one's own, in the same session."
WHOSE_WORK = "The person whose work an action is about is one of the session's supervisees."
WRITTEN_BY_EITHER = ("duty_consultation", "ad_hoc")  # recorded by the supervisee as a management decision (Bournemouth)


@dataclass(frozen=True)
class Known:
    """What the rules need to know beyond the session: who may meet whom, which cases may be discussed, what is still to be looked at."""

    pairs: frozenset[tuple[str, str]]  # (supervisor, supervisee)
    cases: Mapping[str, str]  # case key -> drawn, tabled_by_supervisee or tabled_by_supervisor
    prior: frozenset[str]  # the earlier actions of the session
    left: int  # of them, still to be looked at
    today: date


@dataclass(frozen=True)
class Change:
    """What an event makes of a session: as it stands before, and as it would stand with the event and with what the event takes back.

    What an event says is not all that it does: an undo brings back what stood earlier. So it is judged by what would stand after it.
    """

    before: Session | None
    after: Session | None
    undoes: str = ""


def refusals(said: Payload, change: Change, *, actor: str, known: Known) -> list[str]:
    """Returns why an event of a session may not be stored."""
    before, after = change.before, change.after
    if before is None and not isinstance(said, SessionOpened):
        return [NOT_OPENED]
    if before is not None and actor not in before.pair:
        return [NOT_IN_SESSION]
    reopens = isinstance(said, SessionOpened) and before is not None and change.undoes == before.closing
    if before is not None and before.closed and not reopens:
        return [SESSION_CLOSED]
    found = _opening(said, before, actor, known) if isinstance(said, SessionOpened) else []
    if after is None:
        return found or [NO_OPENING]
    found = found or transition(change, actor=actor, known=known)
    if isinstance(said, SessionClosed) and after.closed is None:  # written at the same time as something else
        found += _closing(said, after, actor, known)
    if isinstance(said, PriorActionReviewed) and said.action not in known.prior:
        found.append("That is not one of the earlier actions of this session.")
    if isinstance(said, PromptAnswered) and said.skipped and said.note:
        found.append("A skipped prompt has no note. Answer it, or leave the note empty.")
    if isinstance(said, JudgementEndorsed):
        found += endorsing(said, supervises=actor == after.supervisor, cases=known.cases)
    return found + (_discussing(said, known) if isinstance(said, CaseDiscussed) else [])


def transition(change: Change, *, actor: str, known: Known) -> list[str]:
    """Returns why a session may not become what it would be, whatever the event says that makes it so. `known` is of what it would be.

    Its people stay; its kind and its day are its supervisor's; and nothing closes it but what a closing needs.
    """
    before, after = change.before, change.after
    if after is None:
        return [NO_OPENING]
    found = _changed(before, after, actor) if before is not None else []
    if after.kind == CPD and (after.discussed or after.endorsed):
        found.append(NO_CASES)
    if after.closed is not None and (before is None or after.closing != before.closing):
        found += _closing(after.closed, after, actor, known)
    return found


def _changed(before: Session, now: Session | SessionOpened, actor: str) -> list[str]:
    """Returns what of a session that is opened already may not become otherwise."""
    if (now.supervisor, set(now.supervisees)) != (before.supervisor, set(before.supervisees)):
        return [PEOPLE_STAY]
    kind = now.session_kind if isinstance(now, SessionOpened) else now.kind
    same = (kind, now.held_on, now.anonymised) == (before.kind, before.held_on, before.anonymised)
    return [] if same or actor == before.supervisor else [SUPERVISOR_CHANGES]


def _opening(said: SessionOpened, session: Session | None, actor: str, known: Known) -> list[str]:
    """Returns what is wrong with an opening, also with one that does not count yet: it may be chosen later."""
    if session is not None and (changed := _changed(session, said, actor)):
        return changed
    found = []
    writers = (said.supervisor, *said.supervisees) if said.session_kind in WRITTEN_BY_EITHER else (said.supervisor,)
    if actor not in writers and session is None:
        found.append("A session of this kind is opened by its supervisor.")
    if not said.supervisees:
        found.append("Say with whom the session is.")
    if len(set(said.supervisees)) != len(said.supervisees) or said.supervisor in said.supervisees:
        found.append("Name each person of the session once, the supervisor not among the supervisees.")
    if said.session_kind != GROUP and len(said.supervisees) > 1:
        found.append("A session with more than one supervisee is a group session.")
    if said.session_kind == GROUP and not said.anonymised:
        found.append("A group discusses anonymised cases: say that they are.")
    if session is None and any((said.supervisor, one) not in known.pairs for one in said.supervisees):
        found.append("That person is not supervised by this supervisor. The people file says who is.")
    return found


def _closing(said: SessionClosed, session: Session, actor: str, known: Known) -> list[str]:
    found = []
    if actor != session.supervisor and session.kind not in WRITTEN_BY_EITHER:
        found.append(SUPERVISOR_CLOSES)
    if session.held_on > known.today:
        found.append("The session's day is still to come. Close it when it has been held.")
    if said.minutes == 0:
        found.append("Say how many minutes the session took.")
    if session.kind == FORMAL and known.left:
        found.append(left_words(known.left, len(known.prior)) + " Look at each before you close the session.")
    return found


def whose_work(said: Payload, session: Session) -> list[str]:
    """Returns why an action may not be raised in a session: it is about the work of a supervisee of it, or in a group of nobody alone."""
    if not isinstance(said, ActionRaised) or said.practitioner in session.supervisees:
        return []
    return [] if said.practitioner is None and session.kind == GROUP else [WHOSE_WORK]


def _discussing(said: CaseDiscussed, known: Known) -> list[str]:
    came = known.cases.get(said.case)
    if came is None:
        return ["This case was neither drawn nor put forward for this session's people."]
    if (came == "drawn") != (said.came_by == "drawn"):
        return ["This case was drawn." if came == "drawn" else "This case was put forward, not drawn."]
    return []


def left_words(left: int, of: int) -> str:
    """Returns how many of the earlier actions are still to be looked at.

    >>> left_words(2, 5), left_words(0, 1), left_words(0, 0)
    ('2 of 5 earlier actions are still to be reviewed.', 'The earlier action has been reviewed.', 'There are no earlier actions.')
    """
    if not of:
        return "There are no earlier actions."
    if not left:
        return "The earlier action has been reviewed." if of == 1 else f"All {of} earlier actions have been reviewed."
    verb = "is" if left == 1 else "are"
    return f"{left} of {counted(of, 'earlier action')} {verb} still to be reviewed."


def ratio_words(drawn: int, tabled: int) -> str:
    """Returns how many cases were drawn and how many a person put forward, with their ratio (Community Care: a balance of the two).

    >>> ratio_words(3, 1)
    '3 drawn, 1 put forward: three drawn cases for each one put forward.'
    >>> ratio_words(1, 2)
    '1 drawn, 2 put forward: more were put forward than drawn.'
    """
    if not drawn and not tabled:
        return "No case has been discussed yet."
    counts = f"{drawn} drawn, {tabled} put forward"
    if not tabled:
        return f"{counts}: drawn cases only."
    if not drawn:
        return f"{counts}: none of the drawn cases."
    if drawn == tabled:
        return f"{counts}: as many of one as of the other."
    if drawn < tabled:
        return f"{counts}: more were put forward than drawn."
    if drawn % tabled:
        return f"{counts}: more were drawn than put forward."
    times = drawn // tabled
    word = {2: "two", 3: "three", 4: "four", 5: "five"}.get(times, str(times))
    return f"{counts}: {word} drawn cases for each one put forward."


def agenda_words(agenda: Mapping[str, AgendaCovered]) -> str:
    """Returns how much of the agenda was covered, with what was left out."""
    covered = sum(one.covered for one in agenda.values())
    left_out = [AGENDA[item][0].lower() for item in AGENDA if item in agenda and not agenda[item].covered]
    more = f" Left out: {', '.join(left_out)}." if left_out else ""
    return f"{covered} of {len(AGENDA)} agenda items covered.{more}"


def skipped_words(prompts: Mapping[str, PromptAnswered]) -> str:
    """Returns which reflective prompts were skipped or are still open: a skipped step stays visible."""
    skipped = [PROMPTS[prompt][0].lower() for prompt in PROMPTS if prompt in prompts and prompts[prompt].skipped]
    still_open = [PROMPTS[prompt][0].lower() for prompt in PROMPTS if prompt not in prompts]
    said = (
        f"Skipped: {', '.join(skipped)}. A step that is skipped tends to come back." if skipped else "None is skipped."
    )
    return f"{said} Still open: {', '.join(still_open)}." if still_open else said
