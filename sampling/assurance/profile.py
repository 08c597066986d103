"""Policy profiles: what a supervision policy asks for, each value with its source. The strictest of all is computed from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sampling.assurance.rules import ORDER, THRESHOLDS, Threshold
from sampling.assurance.spans import Span

STRICTEST = "strictest"
EACH_SESSION, ONCE = "each session", "once"


@dataclass(frozen=True)
class Origin:
    """Where a value comes from: the profile, the source in words, the row of the requirements (such as C3), how firm it is, a note."""

    profile: str
    source: str
    row: str
    standing: str
    note: str = ""


@dataclass(frozen=True)
class Interval:
    """How often something is due. `until` is how long after a person's start it holds. `owner` and `destination` are those of a record."""

    rule: str
    every: Span
    threshold: Threshold
    origin: Origin
    until: Span | None = None
    owner: str = ""
    destination: str = ""

    @property
    def words(self) -> str:
        """Returns the interval in words: "every 2 weeks for the first 3 months", "within 2 working days"."""
        if self.every.working or self.rule == "agreement_new":
            return f"within {self.every.words}"
        first = f" for the first {self.until.words}" if self.until else ""
        return f"every {self.every.words.removeprefix('1 ')}{first}"


@dataclass(frozen=True)
class Figure:
    """One number of a policy, in the unit that its name says."""

    value: int
    origin: Origin


@dataclass(frozen=True)
class FolderItem:
    """What a worker's folder holds. `every` is a span, or "each session" or "once" where `span` is None."""

    item: str
    words: str
    every: str
    span: Span | None
    origin: Origin


@dataclass(frozen=True)
class Reading:
    """Who may read supervision records, and for what."""

    purpose: str
    words: str
    origin: Origin


@dataclass(frozen=True)
class Scope:
    """Whom the policy is for: roles that it leaves out, and kinds of worker that it names as in. Nobody else is ever left out."""

    left_out: tuple[str, ...]
    named_in: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True)
class BankHoliday:
    """A bank holiday that the calendar does not know yet."""

    on: date
    words: str
    origin: Origin


@dataclass(frozen=True)
class Profile:
    """A supervision policy. Intervals are in the order of the rules. What a profile does not say is None or empty, never guessed."""

    id: str
    title: str
    document: str
    note: str
    intervals: tuple[Interval, ...] = ()
    long_absence_days: Figure | None = None
    session_minutes: Figure | None = None
    scope: Scope | None = None
    folder: tuple[FolderItem, ...] = ()
    readings: tuple[Reading, ...] = ()
    bank_holidays: tuple[BankHoliday, ...] = ()

    def of(self, *rules: str, threshold: Threshold | None = None) -> tuple[Interval, ...]:
        """Returns the intervals of these rules, of one threshold if it is named."""
        return tuple(
            one for one in self.intervals if one.rule in rules and (threshold is None or one.threshold == threshold)
        )

    @property
    def added_days(self) -> frozenset[date]:
        """Returns the bank holidays that the profile adds to the calendar."""
        return frozenset(one.on for one in self.bank_holidays)

    def is_for(self, role: str) -> bool:
        """Tells whether the policy is for a role: all are in but those that it leaves out, whatever the contract (D8, D18)."""
        return self.scope is None or role not in self.scope.left_out


def in_order(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Returns intervals by rule, norm before floor, then by how long they hold and how long they are, then by profile."""
    return tuple(
        sorted(
            intervals,
            key=lambda one: (
                ORDER[one.rule],
                THRESHOLDS.index(one.threshold),
                one.until is None,
                one.until.lengths if one.until else (0, 0),
                one.every.lengths,
                one.origin.profile,
                one.origin.row,
            ),
        )
    )


def covers(one: Interval, other: Interval) -> bool:
    """Tells whether whoever keeps `one` always keeps `other`, too: it is never longer, and holds for at least as long."""
    same = (one.rule, one.threshold) == (other.rule, other.threshold)
    lasts = one.until is None or (other.until is not None and one.until.lengths[0] >= other.until.lengths[1])
    lasts = lasts or one.until == other.until
    shorter = one.every == other.every or one.every.lengths[1] <= other.every.lengths[0]
    return same and lasts and shorter and (one.owner, one.destination) == (other.owner, other.destination)


def strictest(profiles: Sequence[Profile]) -> Profile:
    """Returns the strictest of all: per rule and threshold the shortest interval, with the profile that it comes from.

    Where of two neither is always the shorter (13 weeks, 3 months), both stay, and what falls due first counts.
    """
    return Profile(
        STRICTEST,
        "The strictest of all profiles",
        "computed from: " + ", ".join(one.id for one in profiles),
        "For each rule the shortest interval of any profile. Who keeps it, keeps every one of them.",
        _unbeaten([one for profile in profiles for one in profile.intervals]),
        _extreme([one.long_absence_days for one in profiles], min),
        _extreme([one.session_minutes for one in profiles], max),
        _scope([one.scope for one in profiles]),
        _folder([item for one in profiles for item in one.folder]),
        _readings(profiles),
        tuple(sorted({day.on: day for one in profiles for day in one.bank_holidays}.values(), key=lambda day: day.on)),
    )


def _unbeaten(intervals: list[Interval]) -> tuple[Interval, ...]:
    kept: list[Interval] = []
    for one in intervals:
        if not any(covers(other, one) for other in kept):
            kept = [*(other for other in kept if not covers(one, other)), one]
    return in_order(kept)


def _extreme(figures: list[Figure | None], pick: Callable[..., Figure]) -> Figure | None:
    stated = [figure for figure in figures if figure is not None]
    return pick(stated, key=lambda figure: figure.value) if stated else None


def _scope(scopes: list[Scope | None]) -> Scope | None:
    """A role is left out only where every profile leaves it out; whoever is named in one is in."""
    stated = [scope for scope in scopes if scope is not None]
    if not stated or len(stated) < len(scopes):
        return None
    named = tuple(dict.fromkeys(word for scope in stated for word in scope.named_in))
    left_out = tuple(role for role in stated[0].left_out if all(role in scope.left_out for scope in stated))
    widest = max(stated, key=lambda scope: len(scope.named_in))
    return Scope(left_out, named, widest.origin)


def _folder(items: list[FolderItem]) -> tuple[FolderItem, ...]:
    kept: dict[str, FolderItem] = {}
    for item in items:
        held = kept.get(item.item)
        if held is None or _often(item) < _often(held):
            kept[item.item] = item
    return tuple(kept.values())


def _often(item: FolderItem) -> tuple[int, int]:
    """Each session is the oftenest, once the most seldom."""
    if item.span is not None:
        return 1, item.span.lengths[0]
    return (0, 0) if item.every == EACH_SESSION else (2, 0)


def _readings(profiles: Sequence[Profile]) -> tuple[Reading, ...]:
    """A purpose stands only where no profile that names purposes leaves it out."""
    stated = [profile for profile in profiles if profile.readings]
    allowed = [{one.purpose for one in profile.readings} for profile in stated]
    return tuple(one for one in stated[0].readings if all(one.purpose in some for some in allowed)) if stated else ()
