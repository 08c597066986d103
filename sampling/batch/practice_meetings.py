"""What scripted people do together: a moderator settles where two raters differ, and each pair holds one formal session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sampling.scoring.rules.session_rules import AGENDA, PROMPTS
from sampling.scoring.rules.sessions import FORMAL
from sampling.scoring.service import Service
from sampling.scoring.settings.people import Person

MODERATED_CASES = 2  # the others wait for a person to try
NOTES = {
    "formulation_updates": "What the drawn cases say of the formulation, and what has moved since last month.",
    "safeguarding_indicators": "Two indicators looked at together; one was already with the safeguarding lead.",
    "escalation_use": "When to ring duty and what to write then; the agreed structure was gone through again.",
    "contact_frequency": "Fits for all but one case, where it was doubled.",
    "documentation_sampling": "The two drawn cases, criterion by criterion.",
}
ANSWERS = {
    "experience": "A call late on a Friday, with nobody left to ask.",
    "reflection": "Relief when duty answered; hurry in the entry afterwards.",
    "analysis": "The reason was clear in the room and is missing from the note.",
    "action_planning": "Write the entry before leaving, in the agreed structure; ring the senior if that is not possible.",
}
ACTION = "Bring the rewritten entries to the next session"
_REASONS = ("judgement", "evidence_missed", "scoring_slip", "anchor_unclear")
NewId = Callable[[str], str]


def decide(service: Service, moderator: Person, new_id: NewId, now: datetime) -> int:
    """Returns how many cases the moderator has settled, after settling the first few that wait: a third row, with a reason."""
    today = now.date()
    listed = service.moderation_list(moderator.key, today=today)["cases"]
    waiting = sorted((row for row in listed if row["open"] and row["may_moderate"]), key=lambda row: str(row["case"]))
    settled = sum(bool(row["decided"]) and not row["to_decide"] for row in waiting)
    for row in [row for row in waiting if row["to_decide"]][: max(0, MODERATED_CASES - settled)]:
        page = service.moderation(moderator.key, row["case"], now=now)
        open_ones = [one for one in page["criteria"] if one["needs_decision"] and not one["decision"]]
        events = [_decision(page["review"], one, place, new_id) for place, one in enumerate(open_ones)]
        service.append(moderator.key, events, now=now)
        now += timedelta(minutes=20)
        settled += 1
    return settled


def _decision(review: str, one: Mapping[str, Any], place: int, new_id: NewId) -> dict[str, Any]:
    lower_first = (one["a"]["level"] or 0) <= (one["b"]["level"] or 0)
    said = {
        "criterion": one["ref"], "choice": "a" if lower_first == bool(place % 2) else "b", "reason": _REASONS[place % len(_REASONS)],
        "note": "The entry was read again with the anchors beside it.",
    }  # fmt: skip
    return _event(new_id, "moderated", review, f"moderation:{one['ref']}", said, one["revision"])


def hold_sessions(service: Service, chance: Callable[[str], float], new_id: NewId, now: datetime) -> int:
    """Returns how many formal sessions were held: one for each supervisor and supervisee with a seat, signed by both."""
    count = 0
    for person in service.people.having("supervisor"):
        pairs = service.sessions(person.key, today=now.date())["pairs"]
        for pair in (one for one in pairs if service.people.by_key(one["supervisee"]["key"])):
            now += timedelta(minutes=5)
            _hold(service, person, pair["supervisee"]["key"], chance=chance, new_id=new_id, now=now)
            count += 1
    return count


def _hold(
    service: Service,
    supervisor: Person,
    supervisee: str,
    *,
    chance: Callable[[str], float],
    new_id: NewId,
    now: datetime,
) -> None:
    session, day = new_id(f"session {supervisor.key} {supervisee} {now.date()}"), now.date()
    opened = {
        "session_kind": FORMAL,
        "held_on": day.isoformat(),
        "supervisor": supervisor.key,
        "supervisees": [supervisee],
    }
    there = service.journal.entries(review=session)
    if not there:
        service.append(supervisor.key, [_event(new_id, "session_opened", session, "session", opened, 0)], now=now)
    page = service.session(supervisor.key, session, now=now)
    if page["state"] == "open":
        service.append(supervisor.key, _spoken_of(page, session, supervisee, chance, new_id), now=now)
        page = service.session(supervisor.key, session, now=now)
        closed = {
            "minutes": 60 + 15 * int(chance(session) * 3),
            "note": "Useful to both; next time begin with the tabled case.",
        }
        service.append(
            supervisor.key, [_event(new_id, "session_closed", session, "session", closed, page["revision"])], now=now
        )
    for actor in (supervisor.key, supervisee):
        page = service.session(actor, session, now=now)
        if page["sign_as"]:
            request = {"id": new_id(f"{session} sign {page['sign_as']}"), "review": session, "role": page["sign_as"]}
            service.sign(actor, {**request, "statement": page["statement"], "content": page["content"]}, now=now)


def _spoken_of(
    page: Mapping[str, Any], session: str, supervisee: str, chance: Callable[[str], float], new_id: NewId
) -> list[dict[str, Any]]:
    """Returns the events of one session: earlier actions, agenda, cases, prompts (one may be skipped), one action."""
    events = []
    for row in page["prior"]:
        finding = "done" if row["state"] == "closed" else "slipped" if row["slipped"] else "in_hand"
        said = {"action": row["action"], "finding": finding, "note": ""}
        events.append(
            _event(new_id, "prior_action_reviewed", session, f"prior:{row['action']}", said, row["prior_revision"])
        )
    for item in AGENDA:
        covered = chance(f"{session} {item}") < 0.9
        said = {"item": item, "covered": covered, "note": NOTES[item] if covered else ""}
        events.append(_event(new_id, "agenda_covered", session, f"agenda:{item}", said, 0))
    for case in page["available"][:3]:
        said = {"case": case["case"], "came_by": case["came_by"], "note": ""}
        events.append(_event(new_id, "case_discussed", session, f"discussed:{case['case']}", said, 0))
    for prompt in PROMPTS:
        skipped = chance(f"{session} {prompt}") < 0.2
        said = {"prompt": prompt, "skipped": skipped, "note": "" if skipped else ANSWERS[prompt]}
        events.append(_event(new_id, "prompt_answered", session, f"prompt:{prompt}", said, 0))
    return [*events, _action(page, session, supervisee, new_id)]


def _action(page: Mapping[str, Any], session: str, supervisee: str, new_id: NewId) -> dict[str, Any]:
    action = new_id(f"{session} action")
    held_on = datetime.fromisoformat(page["held_on"]).date()
    due = (held_on + timedelta(days=28)).isoformat()
    name = next(one["name"] for one in page["supervisees"] if one["key"] == supervisee)
    said = {
        "action": action, "action_kind": "other", "text": ACTION, "owner": name, "due": due, "review_date": due, "practitioner": supervisee,
    }  # fmt: skip
    return _event(new_id, "action_raised", session, f"action:{action}", said, 0)


def _event(new_id: NewId, kind: str, review: str, subject: str, data: Mapping[str, Any], base: int) -> dict[str, Any]:
    identity = new_id(f"{review} {kind} {subject} {base}")
    return {"id": identity, "kind": kind, "review": review, "subject": subject, "base": base, "data": dict(data)}
