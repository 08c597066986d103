"""How long things are kept: the classes of policies/retention.toml, read and checked whole, and the day on which a clock has run out."""

from __future__ import annotations

import calendar
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from sampling.errors import Finding, PolicyError
from sampling.journal.events import payload_kinds
from sampling.journal.events_coverage import NOTED_KINDS
from sampling.journal.purging import KEPT
from sampling.policy import shared_folder
from sampling.tickets import digest

OWN = "retention.toml"  # a service's own, beside its draws
Clock = Literal["left", "case_closed", "period_end", "written"]
Takes = Literal["entries", "files", "itself"]
Where = Literal["session", "review", "noted", "any", "calibration", "record", "local_ids", "reports", "draws"]
PLACES: tuple[Where, ...] = ("record", "local_ids", "reports", "draws")
_PLACE_WORDS = {"session": "a session", "review": "a review", "noted": "what is noted of a person or a case"}
COPY_IT = "an older copy lacks what came since: take the class over from policies/retention.toml"
# Which rubric versions a case is scored with: no word of a person, and without it what is left could not be read.
NOT_PERSONAL = ("rubrics_frozen",)
_KEYS = {"id", "holds", "where", "kinds", "clock", "keep", "takes", "source", "seed"}
_KEEP = re.compile(r"(\d{1,4}) (day|month|year)s?")
_ID = re.compile(r"[a-z][a-z_]{0,39}")
_SEED = re.compile(r".{1,60}")


@dataclass(frozen=True)
class KeptClass:
    """One class of what is kept: which entries or files, from which clock on, how long, by which source, and what goes then."""

    id: str
    holds: str
    where: Where
    kinds: tuple[str, ...]
    clock: Clock
    keep: str
    takes: Takes
    source: str
    seed: str

    @property
    def rule(self) -> str:
        """Returns the rule in words as it stands in the deletion log; the plan holds the digest of the file with its source."""
        since = {
            "left": "after leaving",
            "case_closed": "after the case was closed",
            "period_end": "after the month",
            "written": "after it was written",
        }
        return f"{self.id}: {self.keep} {since[self.clock]} ({self.seed})"

    def goes_on(self, start: date) -> date:
        """Returns the first day on which it may go, where its clock started on `start`: the last day that there is, where that lies beyond
        it, since many systems write 31 December 9999 for what has no end.

        >>> KeptClass("a", "", "any", (), "left", "3 years", "entries", "", "").goes_on(date(2028, 2, 29))
        datetime.date(2031, 3, 2)
        """
        number, unit = _KEEP.fullmatch(self.keep).groups()  # type: ignore[union-attr]
        try:
            if unit == "day":
                return start + timedelta(days=int(number) + 1)
            return later(start, int(number) * (12 if unit == "year" else 1)) + timedelta(days=1)
        except (ValueError, OverflowError):
            return date.max


@dataclass(frozen=True)
class RetentionPolicy:
    """Every class, in the order of the file, and the digest of its text, to which a plan is bound."""

    classes: tuple[KeptClass, ...]
    digest: str

    def of_entry(self, kind: str, *, session: bool) -> KeptClass | None:
        """Returns the class of an entry of that kind in a session or elsewhere, or None for what stays for ever."""
        place = "noted" if kind in NOTED_KINDS else "session" if session else "review"
        return next((one for one in self.classes if kind in one.kinds and one.where in (place, "any")), None)

    def of_files(self) -> tuple[KeptClass, ...]:
        """Returns the classes of files."""
        return tuple(one for one in self.classes if one.takes == "files")


def later(start: date, months: int) -> date:
    """Returns the same day so many months later; where that month has no such day, the first of the next one: never too early."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    month += 1
    if start.day <= calendar.monthrange(year, month)[1]:
        return date(year, month, start.day)
    return date(year + month // 12, month % 12 + 1, 1)


def month_end(day: date) -> date:
    """Returns the last day of a day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def load_retention(path: Path | None = None) -> RetentionPolicy:
    """Returns the retention policy of a file, or the shipped one. Raises PolicyError with every fault found."""
    path = path or shared_folder("policies") / OWN
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError):
        raise PolicyError(
            f"The retention policy {path.name} cannot be read. Check its path, and that it is UTF-8 text."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"The retention policy {path.name} is not valid TOML: {error}.") from None
    faults = _faults(data)
    if faults:
        findings = [Finding("POLICY_FAULT", fault, "Mend the file.", file=path.name) for fault in faults]
        count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
        raise PolicyError(f"The retention policy {path.name} has {count}.", findings)
    classes = tuple(KeptClass(**{**one, "kinds": tuple(one["kinds"])}) for one in data["class"])
    return RetentionPolicy(classes, digest(text))


def _faults(data: Mapping[str, Any]) -> list[str]:
    classes = data.get("class")
    if set(data) != {"version", "class"} or data["version"] != 1 or not isinstance(classes, list):
        return ["the file must hold version = 1 and [[class]] entries alone"]
    faults: list[str] = []
    for number, one in enumerate(classes, 1):
        faults += [f"class {number}: {fault}" for fault in _class_faults(one)]
    if faults:
        return faults
    names = [one["id"] for one in classes]
    faults += [f"{name} is there twice" for name in sorted({name for name in names if names.count(name) > 1})]
    places = [one["where"] for one in classes]
    faults += [
        f"no class, or more than one, is of the files in {place}" for place in PLACES if places.count(place) != 1
    ]
    return [*faults, *_unclassed(classes)]


def _class_faults(one: Any) -> list[str]:
    if not isinstance(one, Mapping) or set(one) != _KEYS:
        return [f"it must have {', '.join(sorted(_KEYS))}, and nothing else"]
    texts = {name: one[name] for name in sorted(_KEYS - {"kinds"})}
    if not all(isinstance(value, str) and value.strip() for value in texts.values()):
        return ["each value must be a text that is not empty, and kinds a list"]
    faults = [] if _ID.fullmatch(one["id"]) else ["its id must be small letters and underscores"]
    for name, values in (("clock", get_args(Clock)), ("takes", get_args(Takes)), ("where", get_args(Where))):
        faults += [] if one[name] in values else [f"{name} must be one of: {', '.join(values)}"]
    faults += [] if _SEED.fullmatch(one["seed"]) else ["its seed must be one line of at most 60 characters"]
    if one["takes"] != "itself" and not _KEEP.fullmatch(one["keep"]):
        faults.append('keep must be written as "3 years", "12 months" or "90 days"')
    if (one["takes"] == "files") != (one["where"] in PLACES):
        faults.append("it must take files where it is of files, and nowhere else")
    if one["takes"] == "files" and one["clock"] != "period_end":
        faults.append("the clock of files is period_end")
    if one["clock"] == "left" and one["where"] not in ("session", "noted"):
        faults.append(
            "the clock left is for sessions, and what is noted of a person: a review has no one worker whose record it is"
        )
    kinds = one["kinds"]
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        faults.append("kinds must be a list of kinds of entries")
    elif unknown := sorted(set(kinds) - (set(payload_kinds()) - set(KEPT) - set(NOT_PERSONAL))):
        faults.append(f"these kinds are not known, or never deleted: {', '.join(kind[:40] for kind in unknown)}")
    return faults


def _unclassed(classes: list[Mapping[str, Any]]) -> list[str]:
    """Returns a sentence for each kind of entry that has no class in one of its places, or more than one."""
    faults = []
    elsewhere = {kind for one in classes if one["takes"] == "itself" for kind in one["kinds"]}
    for kind in sorted(set(payload_kinds()) - set(KEPT) - set(NOT_PERSONAL) - elsewhere):
        if not payload_kinds()[kind].__module__.startswith("sampling."):
            continue
        found = {
            place: [one["id"] for one in classes if kind in one["kinds"] and one["where"] in (place, "any")]
            for place in (("noted",) if kind in NOTED_KINDS else ("session", "review"))
        }
        if not any(found.values()):
            faults.append(f"entries of the kind {kind} have no class, so that nobody would ever delete them; {COPY_IT}")
        faults += [
            f"entries of the kind {kind} have two classes in {_PLACE_WORDS[name]}"
            for name, ids in found.items()
            if len(ids) > 1
        ]
    return faults
