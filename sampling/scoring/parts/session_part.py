"""What sessions answer: the list, one session, and the signature under its record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sampling.journal.events import Signed
from sampling.scoring.errors import AccessRefused, NotFound, OutOfDate
from sampling.scoring.parts.asking import Asking
from sampling.scoring.parts.session_pages import (
    COVERAGE_NOTE,
    Around,
    CaseLabel,
    kinds_part,
    list_row,
    session_page,
    statement_of,
)
from sampling.scoring.rules.action_rows import long_day
from sampling.scoring.rules.actions import Action, actions
from sampling.scoring.rules.deleted import deleted_words
from sampling.scoring.rules.reply import reply_part
from sampling.scoring.rules.reviewing import fold
from sampling.scoring.rules.session_rules import Known, ratio_words
from sampling.scoring.rules.sessions import (
    FORMAL,
    GROUP,
    Session,
    drawn_and_tabled,
    prior_actions,
    prior_left,
    session_content,
    sessions,
    signers,
)
from sampling.scoring.settings.access import may_identify
from sampling.scoring.settings.draws import Draw

RECENT_DRAWS = 2  # this month's draw and the last one's
CHANGED = "The record was changed since you opened it. Read it again, then sign."
SUPERVISION = "supervision"


def all_sessions(asking: Asking) -> tuple[Session, ...]:
    """Returns every session, newest first."""
    return sessions(entry for entries in asking.ledger.values() for entry in entries)


def _sees(asking: Asking, session: Session) -> bool:
    return asking.person.key in session.pair or asking.person.has("lead")


def found_session(asking: Asking, session: str) -> Session:
    """Returns a session that the person may see. Raises NotFound for any other id."""
    for one in all_sessions(asking):
        if one.id == session and _sees(asking, one):
            return one
    gone = asking.ledger.get(session, ())
    known = asking.person.has("lead") or any(entry.actor == asking.person.key for entry in gone)
    raise NotFound((known and deleted_words(gone)) or "There is no such session here.")


def pairs(asking: Asking) -> tuple[tuple[str, str], ...]:
    """Returns (supervisor, supervisee) of everyone who is supervised here now, in order: whoever supervised them before is not among them."""
    return tuple(sorted(asking.world.pairs))


def sessions_page(asking: Asking) -> dict[str, Any]:
    """Returns the list of sessions, the kinds that there are, and with whom the person may open one."""
    names = asking.names()
    labels = asking.labels(())
    every = all_sessions(asking)
    raised = _by_session(asking)
    mine = [one for one in pairs(asking) if asking.person.key in one]
    return {
        "sessions": [
            list_row(session, raised=raised.get(session.id, ()), labels=labels, actor=asking.person.key)
            for session in every
            if _sees(asking, session)
        ],
        "kinds": kinds_part(),
        "may_open": bool(mine),
        "pairs": [_pair_row(asking, pair, every, names) for pair in mine],
        "coverage_note": COVERAGE_NOTE,
    }


def _by_session(asking: Asking) -> dict[str, tuple[Action, ...]]:
    return {one: actions(entries) for one, entries in asking.ledger.items() if one not in asking.world.reviews}


def _pair_row(
    asking: Asking, pair: tuple[str, str], every: Iterable[Session], names: Mapping[str, str]
) -> dict[str, Any]:
    supervisor, supervisee = pair
    theirs = [one for one in every if supervisee in one.supervisees and one.supervisor == supervisor]
    held = [one.held_on for one in theirs if one.counts]
    last = max(held, default=None)
    still_open = [
        action for action, practitioner in _all_actions(asking) if practitioner == supervisee and action.closed is None
    ]
    return {
        "supervisor": {"key": supervisor, "name": names.get(supervisor, "")},
        "supervisee": {"key": supervisee, "name": names.get(supervisee, "")},
        "open_actions": len(still_open),
        "last_formal": str(last) if last else "",
        "last_formal_label": long_day(last) if last else "",
        "ratio_words": ratio_words(*drawn_and_tabled(theirs)),
        "words": f"Last formal one-to-one: {long_day(last)}." if last else "No formal one-to-one is recorded yet.",
    }


def _all_actions(asking: Asking) -> list[tuple[Action, str]]:
    """Returns every action that the person's entries hold, with the practitioner whose it is."""
    found = []
    for one, entries in asking.ledger.items():
        review = asking.world.reviews.get(one)
        if review is not None and not asking.may_follow(review):
            continue
        found += [(action, review.practitioner_key if review else action.practitioner) for action in actions(entries)]
    return found


def around(asking: Asking, session: Session) -> Around:
    """Returns what a session's page needs beyond the session."""
    reviews = [review for review in asking.world.reviews.values() if asking.may_follow(review)]
    raised = _by_session(asking).get(session.id, ())
    own = asking.of(session.id)
    by_supervisor = session.signed.get("supervisor") is not None and session.closed is not None
    reply = reply_part(
        own,
        asking.names(),
        may_reply=asking.person.key in session.supervisees and by_supervisor and session.kind != GROUP,
        may_answer=asking.person.key == session.supervisor,
    )
    ours = asking.person.key in session.pair
    labels = asking.labels(reviews, [session.id] if ours else [])
    if not ours:
        labels = replace(labels, wordless=frozenset((*asking.ledger, session.id)))
    return Around(
        labels=labels,
        actor=asking.person.key,
        today=asking.today,
        cases=_cases(asking, session),
        prior=_prior(asking, session),
        raised=raised,
        review_after_days=asking.world.policy.review_after_days,
        reply=reply,
    )


def _prior(asking: Asking, session: Session) -> tuple[Action, ...]:
    found = _all_actions(asking)
    whose = {action.review: practitioner for action, practitioner in found}
    return prior_actions(session, [action for action, _ in found], practitioner_of=whose, sessions=all_sessions(asking))


def _cases(asking: Asking, session: Session) -> tuple[CaseLabel, ...]:
    """Returns the cases of the session's people: drawn and put forward in the two newest draws, and any that was discussed."""
    draws = [draw for draw in asking.world.draws if not draw.withdrawn]
    identified = may_identify(SUPERVISION) and asking.person.key in session.pair and not session.anonymised
    found: dict[str, CaseLabel] = {}
    for draw in reversed(draws):
        recent = draw in draws[-RECENT_DRAWS:]
        for case, case_key, practitioner, came_by in _of_draw(draw):
            if case_key in session.discussed or (recent and practitioner in session.supervisees):
                label = asking.world.case_label(draw, case, case_key, identified=identified)
                who = asking.world.practitioner_label(draw, practitioner, identified=identified)
                found.setdefault(case_key, CaseLabel(case_key, label, who, came_by))
    return tuple(found.values())


def _of_draw(draw: Draw) -> Iterable[tuple[str, str, str, str]]:
    """Yields (case digest, case key, practitioner key, how it came) of a draw, the drawn ones first."""
    for case in draw.under_review:
        yield case.case, case.case_key, case.practitioner_key, "drawn"
    for tabled in draw.tabled:
        by = "tabled_by_supervisee" if tabled.tabled_by == "supervisee" else "tabled_by_supervisor"
        yield tabled.case, tabled.case_key, tabled.practitioner_key, by


def session_answer(asking: Asking, session: str) -> dict[str, Any]:
    """Returns one session's page. Raises NotFound for a session that is not the person's."""
    found = found_session(asking, session)
    page = session_page(found, around(asking, found))
    ours = asking.person.key in found.pair
    conflicts = fold(asking.of(session), session, (), asking.world.names).conflicts if ours else ()
    return {**page, "conflicts": list(conflicts)}


def known_of(asking: Asking, session: Session | None) -> Known:
    """Returns what the rules of a session need to know."""
    prior = _prior(asking, session) if session else ()
    return Known(
        pairs=frozenset(pairs(asking)),
        cases={case.key: case.came_by for case in _cases(asking, session)} if session else {},
        prior=frozenset(action.action for action in prior),
        left=len(prior_left(session, prior)) if session and session.kind == FORMAL else 0,
        today=asking.today,
    )


def signature(asking: Asking, session: str, *, role: str, statement: str, content: str) -> Signed:
    """Returns the signature of a session's record, to be stored.

    Raises NotFound, AccessRefused for whoever does not sign in that role or too early, OutOfDate when the record has changed.
    """
    found = found_session(asking, session)
    mine = "supervisor" if asking.person.key == found.supervisor else "supervisee"
    if asking.person.key not in found.pair or role != mine or mine not in signers(found):
        raise AccessRefused("A session's record is signed by its supervisor and its supervisee, each for themselves.")
    if found.closed is None:
        raise AccessRefused("Close the session before its record is signed.")
    if content != session_content(found, _by_session(asking).get(session, ())) or statement != statement_of(found):
        raise OutOfDate(CHANGED)
    return Signed(role=mine, statement=statement, content=content)
