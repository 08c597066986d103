"""A worker's folder (C12): what it should hold, when each item was last brought up to date, and whether that is too long ago."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sampling.assurance.facts import Person
from sampling.assurance.profile import EACH_SESSION, FolderItem, Profile

Standing = Literal["up to date", "out of date", "missing"]
# Of items, in the order in which a pair reads them. What nobody noted may be there all the same.
_STATES: Mapping[Standing, str] = {"out of date": "out of date", "missing": "no day noted"}


@dataclass(frozen=True)
class FolderLine:
    """One item of the checklist. `due` is the last day on which it is up to date; None where it does not expire, or is missing."""

    item: FolderItem
    updated: date | None
    due: date | None
    standing: Standing


def folder_lines(
    profile: Profile, updated: Mapping[str, date | None], sessions: Sequence[date], today: date
) -> tuple[FolderLine, ...]:
    """Returns the checklist in the order of the profile. `updated` is item -> day; an item that it lacks, or that has no day, is missing.

    What is brought up to date for each session must be no older than the last of the `sessions` up to today.
    """
    last = max((day for day in sessions if day <= today), default=None)
    return tuple(_line(item, updated.get(item.item), last, today) for item in profile.folder)


def recorded(person: Person) -> Mapping[str, date]:
    """Returns item -> day of what the journal itself shows of a worker's folder: the last agreement that both signed, and the last appraisal.
    Nobody has to note these a second time.
    """
    signed = [max((one.signed, *one.reviewed)) for one in person.agreements if one.by_both]
    days = {"agreement": signed, "appraisal": list(person.appraisals or ())}
    return {item: max(found) for item, found in days.items() if found}


def folder_sentences(lines: Sequence[FolderLine]) -> tuple[str, ...]:
    """Returns what of a checklist is missing or out of date, in sentences for the pair; none where the profile asks for no folder."""
    by_state = {state: [one.item.words for one in lines if one.standing == state] for state in _STATES}
    said = [f"Worker's folder, {_STATES[state]}: {'; '.join(items)}." for state, items in by_state.items() if items]
    return (tuple(said) or ("Worker's folder: every item is up to date.",)) if lines else ()


def _line(item: FolderItem, updated: date | None, last_session: date | None, today: date) -> FolderLine:
    if updated is None or updated > today:
        return FolderLine(item, None, None, "missing")
    if item.span is not None:
        due = item.span.after(updated)
        return FolderLine(item, updated, due, "up to date" if today <= due else "out of date")
    old = item.every == EACH_SESSION and last_session is not None and updated < last_session
    return FolderLine(item, updated, None, "out of date" if old else "up to date")
