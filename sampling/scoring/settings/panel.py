"""The case panel: what the record says of one case, in plain words, with what the extract could not show kept apart from "none"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from sampling.pack import Pack
from sampling.rubric.vignettes import Vignette
from sampling.rubric.vignettes.model import PLAN_DAYS
from sampling.scoring.settings.draws import DrawnCase
from sampling.scoring.settings.policy import ScoringPolicy
from sampling.scoring.settings.snapshot import Snapshot, snapshot_of, snapshots
from sampling.sources.canonical import CHILDREN_EVENT_KINDS, CHILDREN_PLAN_KINDS
from sampling.sources.tables import EVENT_KINDS, PLAN_KINDS
from sampling.tickets import digest

NO_SNAPSHOT = "The record of this draw's cases was not taken along. Run: sampling prepare DIR SOURCE"
NO_TEXT = "This service keeps no words of a case here. Read the notes in the case system."
_MISSING_TABLES = {
    "events": "Recorded events",
    "plans": "Plans",
    "documents": "Which documents there are",
    "notes": "The text of notes",
}
Author = Callable[[str | None], str]


def load_panel(
    pack: Pack,
    case_key: str,
    policy: ScoringPolicy,
    day: date | None = None,
    *,
    author: Author = lambda key: "",
    profile: str = "",
) -> dict[str, Any]:
    """Returns timeline, plans and notes of a case, from the newest snapshot or the newest that is no later than `day`.

    `cannot_tell` names each thing that the extract could not show, so that nothing there is not read as none; `note`
    says why the panel is empty. `author` gives the label of whoever wrote a note; `profile` is that of the draw's policy.
    """
    snapshot = snapshot_of(pack, day)
    empty: dict[str, Any] = {"timeline": [], "plans": [], "notes": [], "text_kept": policy.text_kept}
    if snapshot is None:
        return {**empty, "covers_to": None, "taken_on": None, "cannot_tell": [], "note": NO_SNAPSHOT}
    notes = snapshot.rows("notes", case_key) if policy.text_kept else []
    return {
        "timeline": _timeline(snapshot, case_key),
        "plans": [_plan_row(row, snapshot) for row in snapshot.rows("plans", case_key)],
        "notes": [_note_row(row, author) for row in sorted(notes, key=lambda row: (row["day"] or "", row["key"]))],
        "text_kept": policy.text_kept,
        "covers_to": snapshot.about["covers_to"],
        "taken_on": snapshot.day.isoformat(),
        "cannot_tell": cannot_tell(snapshot, policy, profile),
        "note": "" if policy.text_kept else NO_TEXT,
    }


def without_references(panel: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a panel without what leads into the case system, where a rater is to know a case by its alias alone; it would also tell a
    seeded case, which has none. A document whose text stands among the notes is not listed beside it.
    """
    written = {note["ref"] for note in panel["notes"] if note["ref"]}
    events = [row for row in panel["timeline"] if row["kind"] != "document" or row["source"] not in written]
    return {
        **panel,
        "timeline": [{**row, "source": ""} for row in events],
        "notes": [{**note, "ref": ""} for note in panel["notes"]],
    }


def planted_panel(
    pack: Pack, vignette: Vignette, policy: ScoringPolicy, *, case: DrawnCase, author: Author, profile: str
) -> dict[str, Any]:
    """Returns the panel of a seeded vignette, as the newest snapshot of the draw would show such a case: its practitioner wrote most of
    the notes. Raises nothing: without a snapshot with notes there is no seeded case.
    """
    snapshot = snapshot_of(pack)
    if snapshot is None:
        return load_panel(pack, "", policy, author=author, profile=profile)
    moved = placed(pack, vignette)
    seal = f"csr1/planted|{vignette.id}"
    ((most, _),) = Counter(one.author for one in moved.documents).most_common(1)
    cannot = set(snapshot.about["cannot"])  # a kind of event that this extract never shows would give the case away
    events: list[dict[str, Any]] = [
        {
            "key": _key(seal, "event", n),
            "day": one.day.isoformat(),
            "time": one.time or None,
            "kind": one.kind,
            "source": "",
        }
        for n, one in enumerate(moved.events)
        if one.kind not in cannot
    ]
    plans: list[dict[str, Any]] = [
        {
            "key": _key(seal, "plan", n),
            "kind": one.kind,
            **{name: one.days[name].isoformat() if name in one.days else None for name in PLAN_DAYS},
        }
        for n, one in enumerate(moved.plans)
    ]
    notes: list[dict[str, Any]] = [
        {
            "key": _key(seal, "note", n),
            "day": one.day.isoformat(),
            "kind": one.kind,
            "ref": "",
            "text": one.text,
            "author_key": case.practitioner_key if one.author == most else digest(f"{case.case_key}|{one.author}"),
        }
        for n, one in enumerate(moved.documents)
    ]
    return {
        **load_panel(pack, "", policy, author=author, profile=profile),
        "timeline": _in_time(_event_row(row) for row in events if snapshot.has("events")),
        "plans": [_plan_row(row, snapshot) for row in plans if snapshot.has("plans")],
        "notes": [_note_row(row, author) for row in notes],
    }


def placed(pack: Pack, vignette: Vignette) -> Vignette:
    """Returns a seeded vignette with its days as the panel of that draw shows them: those of the first snapshot, so that a later one
    moves nothing that was read and quoted.
    """
    there = snapshots(pack)
    return vignette.as_of(_end_of(there[0]) if there else vignette.record_to)


def _end_of(snapshot: Snapshot) -> date:
    return date.fromisoformat(snapshot.about["covers_to"] or snapshot.day.isoformat())


def _key(seal: str, table: str, number: int) -> str:
    return digest(f"{seal}|{table}|{number}")[:16]


def _timeline(snapshot: Snapshot, case_key: str) -> list[dict[str, Any]]:
    rows = [_event_row(row) for row in snapshot.rows("events", case_key)]
    return _in_time([*rows, *(_document_row(row) for row in snapshot.rows("documents", case_key))])


def _in_time(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["day"] or "", row["time"] or "", row["key"]))


def _event_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "key": row["key"],
        "day": row["day"],
        "time": row["time"],
        "kind": row["kind"],
        "label": event_label(row["kind"]),
        "source": row["source"] or "",
    }


def _document_row(row: Mapping[str, Any]) -> dict[str, Any]:
    label = (row["kind"] or "document").strip()
    return {
        "key": row["key"],
        "day": row["day"],
        "time": None,
        "kind": "document",
        "label": label[:1].upper() + label[1:],
        "source": row["ref"] or "",
    }


def _plan_row(row: Mapping[str, Any], snapshot: Snapshot) -> dict[str, Any]:
    untold = f"review_overdue:{row['kind']}" in snapshot.about["cannot"]
    return {
        **{name: row[name] for name in ("key", "kind", "created", "updated", "agreed", "review_due", "ended")},
        "kind_label": plan_label(row["kind"]),
        "review_due_words": row["review_due"] or ("not told by this extract" if untold else "none recorded"),
    }


def _note_row(row: Mapping[str, Any], author: Author) -> dict[str, Any]:
    return {
        "key": row["key"],
        "day": row["day"],
        "kind": row["kind"] or "note",
        "author": author(row["author_key"]),
        "ref": row["ref"] or "",
        "text": row["text"] or "",
    }


def event_label(kind: str | None) -> str:
    """Returns what an event is called on the screen."""
    return EVENT_KINDS.get(kind or "", (kind or "event").replace("_", " "))


def plan_label(kind: str | None) -> str:
    """Returns what a plan is called on the screen, without the code that it came from.

    >>> plan_label("crisis")
    'Crisis or contingency plan'
    """
    return PLAN_KINDS.get(kind or "", (kind or "plan").replace("_", " ")).partition(" (")[0]


def cannot_tell(snapshot: Snapshot, policy: ScoringPolicy, profile: str = "") -> list[str]:
    """Returns the name of each thing that this extract could not show, in the order of the published lists.

    What only a record of children's social care has is left out where `profile` is "adult": nobody looks for it there.
    """
    foreign = CHILDREN_EVENT_KINDS | CHILDREN_PLAN_KINDS if profile == "adult" else frozenset()
    cannot = {name for name in snapshot.about["cannot"] if name.rpartition(":")[2] not in foreign}
    found = [
        label
        for table, label in _MISSING_TABLES.items()
        if not snapshot.has(table) and (table != "notes" or policy.text_kept)
    ]
    if snapshot.has("events"):
        found += [label for kind, label in EVENT_KINDS.items() if kind in cannot]
    if snapshot.has("plans"):
        for kind in PLAN_KINDS:
            if f"plan_stale:{kind}" in cannot:
                found.append(plan_label(kind))
            elif f"review_overdue:{kind}" in cannot:
                found.append(f"{plan_label(kind)}, when its review is due")
    return found


def changes_between(pack: Pack, case_key: str, earlier: date, later: date) -> list[dict[str, str]] | None:
    """Returns what the record of a case has gained from the snapshot of one day to that of another: rows of day, label, source.

    None when no snapshot was taken in between, which is not the same as no change.
    """
    before, after = snapshot_of(pack, earlier), snapshot_of(pack, later)
    if before is None or after is None or before.folder == after.folder:
        return None
    old = {row["key"] for table in _MISSING_TABLES for row in before.rows(table, case_key)}
    new = [row for row in _timeline(after, case_key) if row["key"] not in old]
    found = [{"day": row["day"] or "", "label": row["label"], "source": row["source"]} for row in new]
    for plan in after.rows("plans", case_key):
        if plan["key"] not in old:
            day = max(filter(None, (plan["updated"], plan["created"], plan["agreed"], plan["ended"])), default="")
            words = "ended" if plan["ended"] else "changed"
            found.append({"day": day, "label": f"{plan_label(plan['kind'])}: {words}", "source": "plans"})
    found += [
        {"day": row["day"] or "", "label": f"Note: {row['kind'] or 'note'}", "source": row["ref"] or ""}
        for row in after.rows("notes", case_key)
        if row["key"] not in old
    ]
    return sorted(found, key=lambda row: (row["day"], row["label"]))
