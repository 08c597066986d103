"""The journal as tables: entries in, DataFrames out. Every table has a total order and fixed types, the same on every engine.

Only what the given entries show is in them: a sealed entry that may not be opened is in `sealed`, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import pandas as pd

from sampling.journal.events import (
    Accessed,
    Commented,
    ConflictResolved,
    EvidencePointed,
    Moderated,
    Payload,
    Rated,
    Replied,
    ReplyAnswered,
    SignatureVoided,
    Signed,
)
from sampling.journal.fold import Grouped, by_subject, standing
from sampling.journal.frames import MOMENT, NUMBER, TEXT, YES_NO, frame
from sampling.journal.records import Entry

_ANSWER = {"level": NUMBER, "code": TEXT, "reason": TEXT}
_WHO = {"actor": TEXT, "at": MOMENT, "revision": NUMBER, "state": TEXT}


def ratings(entries: Sequence[Entry]) -> pd.DataFrame:
    """Returns the rating that stands of each review and criterion. Neither level nor code means that it was cleared: not scored."""
    comments = {
        (review, subject.partition(":")[2]): last.payload.text
        for review, subject, last in _standing(entries, "comment:")
        if isinstance(last.payload, Commented)
    }
    pointers: dict[tuple[str, str], int] = {}
    for review, _, last in _standing(entries, "evidence:"):
        if isinstance(last.payload, EvidencePointed):
            at = (review, last.payload.criterion)
            pointers[at] = pointers.get(at, 0) + 1
    rows = []
    for review, subject, last in _standing(entries, "rating:"):
        at = (review, subject.partition(":")[2])
        found = {"comment": comments.get(at), "pointers": pointers.get(at, 0)}
        rows.append({"criterion": at[1], **_fields(last, Rated), **_envelope(last), **found})
    columns = {"review": TEXT, "criterion": TEXT, **_ANSWER, "comment": TEXT, "pointers": NUMBER}
    return frame(
        columns | {"rubric_version": TEXT, "rubric_digest": TEXT, **_WHO}, _sorted(rows, "review", "criterion")
    )


def rating_history(entries: Sequence[Entry]) -> pd.DataFrame:
    """Returns every rating that was ever given, also those that were taken back or set aside; `stands` marks the one that counts."""
    rows = []
    for (_, subject), group in by_subject(entries).items():
        if subject.startswith("rating:"):
            last = standing(group)
            for entry in (each for each in group if each.kind == Rated.kind or each.state == "purged"):
                criterion = subject.partition(":")[2]
                about = {"conflict": entry.conflict, "stands": entry is last, "undoes": entry.undoes, "id": entry.id}
                rows.append({**_fields(entry, Rated), **_envelope(entry), **about, "criterion": criterion})
    columns = {
        "review": TEXT,
        "criterion": TEXT,
        "revision": NUMBER,
        **_ANSWER,
        "rubric_version": TEXT,
        "rubric_digest": TEXT,
    }
    columns |= {
        "actor": TEXT,
        "at": MOMENT,
        "stands": YES_NO,
        "conflict": YES_NO,
        "undoes": TEXT,
        "state": TEXT,
        "id": TEXT,
    }
    return frame(columns, _sorted(rows, "review", "criterion", "revision"))


def signatures(entries: Sequence[Entry]) -> pd.DataFrame:
    """Returns every signature, in the order of signing; `stands` is false once it was voided, signed again, or set aside."""
    rows = []
    for group in by_subject(entries).values():
        last = standing(group)
        for number, entry in enumerate(group):
            if entry.kind == Signed.kind:
                void = next(
                    (later for later in group[number + 1 :] if isinstance(later.payload, SignatureVoided)), None
                )
                rows.append(
                    {
                        "role": entry.subject.partition(":")[2],
                        **_fields(entry, Signed),
                        **_envelope(entry),
                        "stands": entry is last,
                        "void": void is not None,
                        "void_reason": void.payload.reason
                        if void and isinstance(void.payload, SignatureVoided)
                        else None,
                        "voided_at": void.at if void else None,
                    }
                )
    columns = {
        "review": TEXT,
        "role": TEXT,
        "actor": TEXT,
        "at": MOMENT,
        "statement": TEXT,
        "content": TEXT,
        "stands": YES_NO,
    }
    columns |= {"void": YES_NO, "void_reason": TEXT, "voided_at": MOMENT, "revision": NUMBER, "state": TEXT}
    return frame(columns, _sorted(rows, "sequence"))


def accesses(entries: Sequence[Entry]) -> pd.DataFrame:
    """Returns who opened what, when and for which purpose, in order."""
    rows = [{**_fields(entry, Accessed), **_envelope(entry)} for entry in entries if entry.kind == Accessed.kind]
    columns = {
        "review": TEXT,
        "actor": TEXT,
        "at": MOMENT,
        "purpose": TEXT,
        "what": TEXT,
        "sequence": NUMBER,
        "state": TEXT,
    }
    return frame(columns, _sorted(rows, "sequence"))


def moderations(entries: Sequence[Entry]) -> pd.DataFrame:
    """Returns the moderator's decision that stands of each review and criterion."""
    rows = [
        {**_fields(last, Moderated), **_envelope(last), "criterion": subject.partition(":")[2]}
        for _, subject, last in _standing(entries, "moderation:")
    ]
    columns = {"review": TEXT, "criterion": TEXT, "choice": TEXT, **_ANSWER, "note": TEXT, **_WHO}
    return frame(columns, _sorted(rows, "review", "criterion"))


def replies(entries: Sequence[Entry]) -> pd.DataFrame:
    """Returns what each supervisee replied to the ratings, and what came of it."""
    answers = {
        (review, subject.removeprefix("reply_answer")): last
        for review, subject, last in _standing(entries, "reply_answer")
        if isinstance(last.payload, ReplyAnswered)
    }
    rows = []
    for review, subject, last in _standing(entries, "reply"):
        if subject.startswith("reply_answer"):
            continue
        answer = answers.get((review, subject.removeprefix("reply")))
        given = _fields(answer, ReplyAnswered) if answer else {}
        rows.append(
            {
                **_fields(last, Replied),
                **_envelope(last),
                "outcome": given.get("outcome"),
                "answer": given.get("text"),
                "answered_by": answer.actor if answer else None,
                "answered_at": answer.at if answer else None,
            }
        )
    columns = {"review": TEXT, "criterion": TEXT, "reason": TEXT, "text": TEXT, **_WHO}
    columns |= {"outcome": TEXT, "answer": TEXT, "answered_by": TEXT, "answered_at": MOMENT}
    return frame(columns, _sorted(rows, "review", "sequence"))


def conflicts(entries: Sequence[Entry]) -> pd.DataFrame:
    """Returns each value that was written from a starting point that no longer stood, and whether a person has settled it."""
    rows = []
    for group in by_subject(entries).values():
        settlements = [each for each in group if isinstance(each.payload, ConflictResolved) and not each.conflict]
        last = standing(group)
        for entry in group:
            if not entry.conflict or isinstance(entry.payload, ConflictResolved):
                continue
            settled = next((each for each in settlements if entry.id in _named(each)), None)
            rows.append(
                {
                    **_envelope(entry),
                    "other": entry.id,
                    "other_actor": entry.actor,
                    "other_at": entry.at,
                    "standing": last.id if last else None,
                    "standing_actor": last.actor if last else None,
                    "standing_at": last.at if last else None,
                    "settled": settled is not None,
                    "settled_by": settled.actor if settled else None,
                    "settled_at": settled.at if settled else None,
                }
            )
    columns = {
        "review": TEXT,
        "subject": TEXT,
        "revision": NUMBER,
        "other": TEXT,
        "other_actor": TEXT,
        "other_at": MOMENT,
    }
    columns |= {"standing": TEXT, "standing_actor": TEXT, "standing_at": MOMENT}
    columns |= {"settled": YES_NO, "settled_by": TEXT, "settled_at": MOMENT}
    return frame(columns, _sorted(rows, "sequence"))


def sealed(entries: Sequence[Entry]) -> pd.DataFrame:
    """Returns how many entries of each review and author are sealed and may not be opened here."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        if entry.state == "sealed":
            groups.setdefault((entry.review, entry.actor), []).append(entry)
    rows = [
        {"review": review, "actor": actor, "entries": len(group), "first_at": group[0].at, "last_at": group[-1].at}
        for (review, actor), group in groups.items()
    ]
    columns = {"review": TEXT, "actor": TEXT, "entries": NUMBER, "first_at": MOMENT, "last_at": MOMENT}
    return frame(columns, _sorted(rows, "review", "actor"))


def all_views(entries: Sequence[Entry], today: date) -> dict[str, pd.DataFrame]:
    """Returns every view by name; `today` decides which actions are overdue."""
    from sampling.journal.views_follow import actions, sessions
    from sampling.journal.views_retention import deletions, holds

    plain: tuple[Callable[[Sequence[Entry]], pd.DataFrame], ...] = (
        ratings, rating_history, signatures, sessions, accesses, moderations, replies, conflicts, sealed,
        deletions, holds,
    )  # fmt: skip
    grouped = Grouped(entries)
    return {view.__name__: view(grouped) for view in plain} | {"actions": actions(grouped, today)}


def _standing(entries: Sequence[Entry], prefix: str) -> Iterator[tuple[str, str, Entry]]:
    """Yields review, subject and standing entry of each subject that begins so."""
    for (review, subject), group in by_subject(entries).items():
        if subject.startswith(prefix) and (last := standing(group)) is not None:
            yield review, subject, last


def _fields(entry: Entry, kind: type[Payload]) -> dict[str, Any]:
    """Returns the fields of a payload of that kind; nothing where it was purged or is another."""
    return dict(entry.payload) if isinstance(entry.payload, kind) else {}


def _envelope(entry: Entry) -> dict[str, Any]:
    return {
        name: getattr(entry, name) for name in ("review", "subject", "actor", "at", "revision", "state", "sequence")
    }


def _named(entry: Entry) -> tuple[str, ...]:
    return (entry.payload.chosen, entry.payload.instead_of) if isinstance(entry.payload, ConflictResolved) else ()


def _sorted(rows: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: tuple(row[name] for name in names))
