"""How a scripted rater scores an invented case: from the lines of its notes, now and then with a slip, always by the draw's seed.

What a rater hands in are the events of the form, with what the form would require: a pointer for a level 2 or 3, a comment for a 0 or
1, an answer where a critical criterion is at 0, and two linked actions for a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sampling.journal.events import QUOTE_CHARACTERS
from sampling.scoring.rules.actions import KIND_LABELS
from sampling.scoring.settings.assignments import FIRST
from sampling.sources.synthetic_note_words import WORDINGS
from sampling.sources.synthetic_notes import Mark, marks
from sampling.tickets import digest

_SLIPS = {"first": 0.07, "second": 0.16}  # shares of criteria on which a rater is one level off
COMMENTS: Mapping[int, tuple[str, ...]] = {
    0: (
        "Nothing in the notes of the period speaks to this.",
        "Looked through notes and documents; there is no entry on this.",
        "The entries end before this; a colleague could not tell what was done.",
    ),
    1: (
        "There is an entry, but a reader who does not know the case could not act on it.",
        "Half of what the level above asks for: when and by whom cannot be told.",
        "General words only; what was meant has to be guessed from later entries.",
        "The entry looks back and leaves out what was known on the day.",
    ),
}
_GUIDELINE = "Crisis pathway: seen within one working day"


@dataclass(frozen=True)
class Rater:
    """Who scores, at which stage, and the chances that the draw's seed gives them."""

    stage: str
    chance: Callable[[str], float]
    new_id: Callable[[str], str]
    today: date

    def pick(self, options: tuple[str, ...], name: str) -> str:
        """Returns one of the options, by chance."""
        return options[int(self.chance(name) * len(options))]


@dataclass(frozen=True)
class Found:
    """What the notes say to one criterion: the best level, and the note, with the place in it, that says so."""

    level: int
    note: Mapping[str, Any]
    mark: Mark


def chances(*parts: str) -> Callable[[str], float]:
    """Returns a number from 0 to 1 for each name, the same for the same parts."""
    return lambda name: int(digest("|".join(("practice", *parts, name)))[:12], 16) / 16**12


def identities(*parts: str) -> Callable[[str], str]:
    """Returns an event id for each name, the same for the same parts: a practice that is run twice writes everything once."""
    return lambda name: digest("|".join(("practice", "id", *parts, name)))[:32]


def events_of(shown: Mapping[str, Any], rater: Rater) -> list[dict[str, Any]]:
    """Returns the events that score a whole review as GET api/review shows it, and raise its actions."""
    notes = shown["panel"]["notes"]
    told = _told(notes)
    events: list[dict[str, Any]] = []
    gaps: list[str] = []
    for rubric in shown["rubrics"]:
        speaks = any(ref.startswith(rubric["id"] + "/") for ref in told)
        for criterion in rubric["criteria"]:
            scored = _criterion(shown, rubric, criterion, rater, told.get(criterion["ref"]), speaks=speaks)
            events += scored.events
            gaps += (
                [criterion["ref"]]
                if scored.level is not None and scored.level <= shown["policy"]["gap_to_level"]
                else []
            )
    if rater.stage == FIRST:
        events += _actions(shown, rater, gaps)
        events += _deviation(shown, rater) if gaps and rater.chance("deviation") < 0.06 else []
    if not shown["policy"]["text_kept"]:
        events.append(
            _event(
                shown,
                rater,
                "pasted_into_record",
                "paste",
                {"pasted_on": rater.today.isoformat(), "reference": "supervision tab"},
            )
        )
    seconds = 420 + int(rater.chance("time") * 900)
    return [*events, _event(shown, rater, "time_spent", "time", {"seconds": seconds})]


def gaps_of(shown: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns the criteria of a review, as it is shown, that are at a gap."""
    most = shown["policy"]["gap_to_level"]
    return tuple(
        ref for ref, one in shown["state"]["criteria"].items() if one["level"] is not None and one["level"] <= most
    )


def gaps_in(events: Iterable[Mapping[str, Any]], shown: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns the criteria that these events put at a gap."""
    most = shown["policy"]["gap_to_level"]
    rated = [one["data"] for one in events if one["kind"] == "rated"]
    return tuple(one["criterion"] for one in rated if one.get("level") is not None and one["level"] <= most)


def _told(notes: list[dict[str, Any]]) -> dict[str, Found]:
    """Returns criterion ref -> the best that any line of the notes says to it; of two alike the later one."""
    found: dict[str, Found] = {}
    for note in notes:
        for mark in marks(note["text"]):
            ref = f"{mark.rubric}/{mark.criterion}"
            if ref not in found or mark.level >= found[ref].level:
                found[ref] = Found(mark.level, note, mark)
    return found


@dataclass(frozen=True)
class _Scored:
    level: int | None
    events: list[dict[str, Any]]


def _criterion(
    shown: Mapping[str, Any],
    rubric: Mapping[str, Any],
    criterion: Mapping[str, Any],
    rater: Rater,
    found: Found | None,
    *,
    speaks: bool,
) -> _Scored:
    ref = criterion["ref"]
    if not shown["panel"]["notes"] and shown["policy"]["text_kept"]:
        return _Scored(None, [_rated(shown, rubric, ref, rater, code="not_accessible", reason="held_elsewhere")])
    if not speaks and rubric["id"] != "crisis_plan_currency":
        return _Scored(None, [_rated(shown, rubric, ref, rater, code="not_applicable", reason="no_such_event")])
    if found is not None and found.level < 0:
        return _Scored(None, [_rated(shown, rubric, ref, rater, code="not_applicable", reason="not_this_person")])
    level = _slipped(found.level if found else 0, rater, ref)
    events = [_rated(shown, rubric, ref, rater, level=level)]
    if level >= shown["policy"]["evidence_from_level"]:
        events.append(_pointed(shown, ref, rater, found))
    if level <= shown["policy"]["comment_to_level"] and shown["policy"]["text_kept"]:
        text = rater.pick(COMMENTS[min(level, 1)], f"comment {ref}")
        events.append(_event(shown, rater, "commented", f"comment:{ref}", {"criterion": ref, "text": text}))
    if level == 0 and criterion["critical"]:
        answer = "handed_over" if rater.chance(f"safety {ref}") < 0.2 else "nobody"
        events.append(_event(shown, rater, "safety_answered", f"safety:{ref}", {"criterion": ref, "answer": answer}))
    return _Scored(level, events)


def _slipped(level: int, rater: Rater, ref: str) -> int:
    share = _SLIPS.get("second" if rater.stage == "second" else "first", 0)
    if rater.chance(f"slip {ref}") >= share:
        return level
    return min(3, level + 1) if rater.chance(f"which {ref}") < 0.5 else max(0, level - 1)


def _rated(
    shown: Mapping[str, Any], rubric: Mapping[str, Any], ref: str, rater: Rater, **answer: Any
) -> dict[str, Any]:
    said = {"criterion": ref, "rubric_version": rubric["version"], "rubric_digest": rubric["digest"], **answer}
    return _event(shown, rater, "rated", f"rating:{ref}", said)


def _pointed(shown: Mapping[str, Any], ref: str, rater: Rater, found: Found | None) -> dict[str, Any]:
    pointer = rater.new_id(f"{shown['review']} pointer {ref}")
    note = (
        found.note
        if found
        else (shown["panel"]["notes"] or [{"day": rater.today.isoformat(), "kind": "progress note"}])[-1]
    )
    said: dict[str, Any] = {
        "pointer": pointer,
        "criterion": ref,
        "note_date": note["day"],
        "note_kind": note["kind"] or "note",
    }
    if found and shown["policy"]["text_kept"]:
        end = min(found.mark.end, found.mark.start + QUOTE_CHARACTERS)
        said |= {
            "note": note["key"],
            "start": found.mark.start,
            "end": end,
            "quote": note["text"][found.mark.start : end],
        }
    return _event(shown, rater, "evidence_pointed", f"evidence:{pointer}", said)


def _actions(shown: Mapping[str, Any], rater: Rater, gaps: list[str]) -> list[dict[str, Any]]:
    """Returns the actions of the first gap of each rubric, linked to one another where a gap raises two."""
    events = []
    for rubric in WORDINGS:
        ref = next((gap for gap in gaps if gap.startswith(rubric + "/")), None)
        kinds = shown["policy"]["gap_actions"].get(ref) or shown["policy"]["gap_actions"].get(rubric) or []
        if ref is None:
            continue
        ids = {kind: rater.new_id(f"{shown['review']} action {ref} {kind}") for kind in kinds}
        due = rater.today + timedelta(days=shown["policy"]["review_after_days"])
        for kind in kinds:
            others = [one for other, one in ids.items() if other != kind]
            said = {
                "action": ids[kind], "action_kind": kind, "text": KIND_LABELS[kind], "owner": shown["choices"]["owners"][0]["label"],
                "due": due.isoformat(), "review_date": due.isoformat(), "criterion": ref, **({"linked": others[0]} if others else {}),
            }  # fmt: skip
            events.append(_event(shown, rater, "action_raised", f"action:{ids[kind]}", said))
    return events


def _deviation(shown: Mapping[str, Any], rater: Rater) -> list[dict[str, Any]]:
    said = {
        "by": "manager",
        "guideline": _GUIDELINE,
        "text": "Seen on the second day, with a relative there meanwhile; agreed by telephone.",
    }
    return [_event(shown, rater, "deviation_recorded", "deviation:manager", said)]


def _event(shown: Mapping[str, Any], rater: Rater, kind: str, subject: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Returns one event as the form hands it in, based on what it shows."""
    return {
        "id": rater.new_id(f"{shown['review']} {rater.stage} {subject}"),
        "kind": kind,
        "review": shown["review"],
        "subject": subject,
        "base": shown["state"]["revisions"].get(subject, 0),
        "data": dict(data),
    }
