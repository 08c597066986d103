"""What a report may show: its suppression profile, whether charts are drawn, and the one release that all packs of a month share.

Every pack of a month computes, or finds, the same release: the service and all teams are suppressed together, and together with what was
published in other months. So no pack can be subtracted from another, nor this month's from last month's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd

from sampling.chain import canonical_json
from sampling.errors import StateError, UsageError
from sampling.reporting.beside import joined, kept_actions, only_known
from sampling.reporting.counting import SERVICE, Kind, count, scope_of
from sampling.reporting.deciding import deciding
from sampling.reporting.gathering import Gathered
from sampling.reporting.kept import FOLDER, keep, load_kept
from sampling.reporting.windows import Window, Windows
from sampling.suppression import (
    Cell,
    Profile,
    Relation,
    ShownTable,
    Suppressed,
    Table,
    chart_refusal,
    load_profile,
    suppress,
)
from sampling.tickets import digest

Purpose = Literal["supervision", "audit", "training"]
Edition = Literal["team", "commissioner"]
PURPOSES: tuple[str, ...] = get_args(Purpose)
EDITIONS: tuple[str, ...] = get_args(Edition)
# What holds where nobody names a profile. Supervision and local audit stay inside the team or service that gives the care, where nothing need be
# hidden (General Medical Council, Confidentiality), and each page says that it may not leave; training and commissioners are outside.
INSIDE = "none"
OUTSIDE = "mhsds"  # for a commissioner
DEFAULTS: dict[str, str] = {"supervision": INSIDE, "audit": INSIDE, "training": OUTSIDE}
HALF_YEAR = 6  # months that are published at a time under a profile that hides
NOT_YET = f"No number is shown: they are published for whole half-years, and there are no {HALF_YEAR} months yet."
NO_WAY = (
    "Not shown: no way to hide numbers makes these tables safe together with what was published before. Put small teams together, or cover more "
    "months before the next report."
)


@dataclass(frozen=True)
class Publication:
    """What one report may show. `charts` is why none is drawn, "" where they are; `release` has the tables of all packs, None where
    nothing is hidden; `scope` is whose report it is; `scopes` leads from each team, by the name it has in this report, to its scope; `last` is the last month of the release.
    """

    profile: Profile
    purpose: Purpose = "supervision"
    edition: Edition = "team"
    charts: str = ""
    release: Suppressed | None = field(default=None, repr=False)
    name: str = ""
    scope: str = SERVICE
    scopes: Mapping[str, str] = field(default_factory=dict)
    last: str = ""

    @property
    def hides(self) -> bool:
        """Returns whether counts are hidden and every number comes from the release."""
        return not self.profile.inside_only

    @property
    def refusal(self) -> str:
        """Returns why no number is shown at all, "" where they are."""
        if not self.hides:
            return ""
        return NOT_YET if self.release is None else NO_WAY if self.release.refusal else ""

    def table(self, kind: Kind, scope: str = "") -> ShownTable | None:
        """Returns a table of the release, this report's own unless a scope is named; None where there is none."""
        name = f"{self.name} {scope or self.scope} {kind}"
        held = () if self.release is None else self.release.tables
        return next((table for table in held if table.name == name), None)

    def text(self, kind: Kind, row: str, column: str) -> str:
        """Returns one number as it is shown: its mark where it is hidden, "" where the release has none."""
        table = self.table(kind)
        if table is None or row not in table.shown.index or column not in table.shown:
            return ""
        return str(table.shown.at[row, column])


def check_purpose(purpose: str) -> None:
    """Raises UsageError for a purpose that is none: it decides what may be shown, so it has no default."""
    if purpose not in PURPOSES:
        raise UsageError(
            f"Say for which purpose the report is made: {', '.join(PURPOSES)}. It decides what may be shown."
        )


def profile_of(purpose: str, suppression: str, edition: str) -> Profile:
    """Returns the profile that holds: the one named, or what the purpose asks for.

    Raises UsageError for a purpose, profile or edition that is none, and for a commissioner's report that is not for audit or hides nothing.
    """
    check_purpose(purpose)
    if edition not in EDITIONS:
        raise UsageError(f"There is no edition of that name. Choose one of: {', '.join(EDITIONS)}.")
    if edition == "commissioner" and purpose != "audit":
        raise UsageError("A commissioner's report is made for audit. Set the purpose to audit.")
    profile = load_profile(suppression or (OUTSIDE if edition == "commissioner" else DEFAULTS[purpose]))
    if edition == "commissioner" and profile.inside_only:
        raise UsageError(
            f"A commissioner's report leaves the service, so it needs a suppression profile that hides small numbers, such as {OUTSIDE}."
        )
    return profile


def closed(gathered: Gathered, span: Windows) -> tuple[Gathered, Windows] | None:
    """Returns what is published under a profile that hides: the whole half-years since the change, or before it while there is none after.

    A month by itself is too small: next month's counts less this month's would be that month's. None before the first half-year is whole.
    """
    before, after = span.before.periods, span.after.periods
    whole = (before, _halves(after)) if len(after) >= HALF_YEAR else (before, ()) if after else (_halves(before), ())
    if not whole[0]:
        return None
    last = (*whole[0], *whole[1])[-1]
    kept = replace(
        span, before=Window(whole[0]), after=Window(whole[1]), change=span.change if whole[1] else "",
        breaks=tuple(one for one in span.breaks if one.period <= last),
    )  # fmt: skip
    return gathered.between(gathered.periods[0], last), kept


def _halves(periods: tuple[str, ...]) -> tuple[str, ...]:
    return periods[: len(periods) // HALF_YEAR * HALF_YEAR]


def publication(
    home: Path, gathered: Gathered, span: Windows, *, purpose: Purpose, profile: Profile, edition: Edition, team: str, invented: bool
) -> Publication:  # fmt: skip
    """Returns what a report on a team ("" is the service) may show. `gathered` and `span` are of the whole service, up to the month asked
    for; `invented`: its cases are nobody's. Raises StateError where an earlier release parts the months elsewhere.
    """
    charts = chart_refusal(profile, purpose, synthetic=invented)
    bare = Publication(profile, purpose, edition, charts)
    whole = None if profile.inside_only else closed(gathered, span)
    if whole is None:
        return bare
    identity, release = release_of(home, *whole, profile, teams=edition != "commissioner")
    # a commissioner's report is of the service: it must not begin to name teams because some other pack published theirs
    scopes = {one: scope_of(one) for one in gathered.teams if one and edition != "commissioner"}
    return replace(bare, release=release, name=identity, scope=scope_of(team), scopes=scopes, last=whole[0].periods[-1])


def publish(home: Path, gathered: Gathered, span: Windows, profile: Profile, *, teams: bool) -> None:
    """Keeps the release of a month before its packs are made, so that all of them, and every later month, know it. Without `teams` only
    the service's tables are published.
    """
    whole = None if profile.inside_only else closed(gathered, span)
    if whole is None:
        return
    with deciding(home):
        identity, release = release_of(home, *whole, profile, teams=teams)
        if not (home / FOLDER / f"{identity}.json").exists():
            keep(home / FOLDER, identity, _about(whole[1]), release)


def release_of(
    home: Path, gathered: Gathered, span: Windows, profile: Profile, *, teams: bool
) -> tuple[str, Suppressed]:
    """Returns (identity, release) of these months: the one that was published, or else the one that would be. Without `teams` it is of
    the service alone, unless one with its teams was published.

    What was published stays as it is, also where cases of these months are signed later: they count from the next half-year on.
    """
    kept = load_kept(home / FOLDER)
    identity = _identity(profile, span, teams=True)
    if not teams and identity not in kept:
        identity = _identity(profile, span, teams=False)
    if identity in kept:
        return identity, kept[identity][1]
    counts = count(gathered, span, identity, teams=teams)
    told = [one for one in kept.values() if not one[1].refusal]
    relations = [*counts.relations]
    for about, release in told:
        _check_nested(about, span)
        relations += _growth(counts.tables, release, about, span)
    return identity, _beside(home, counts.tables, gathered, [release for _, release in told], relations, profile)


def _beside(
    home: Path, tables: Mapping[tuple[str, Kind], Table], gathered: Gathered, told: Sequence[Suppressed], relations: Sequence[Relation],
    profile: Profile,
) -> Suppressed:  # fmt: skip
    """Returns the release of these tables beside all that left before, without those of actions where assurance reports told of the same
    actions and no hiding makes the two safe together.
    """
    assured = kept_actions(home)
    acted = {scope: table for (scope, kind), table in tables.items() if kind == "actions"}
    joins = (
        None
        if assured is None
        else joined(acted, (gathered.periods[0], gathered.periods[-1]), [one for one, _ in assured])
    )
    before = only_known([*told, *(one for _, one in assured or ())])
    if joins is not None:
        shown = suppress(list(tables.values()), profile, relations=[*relations, *joins], earlier=before)
        if not (shown.refusal and joins):
            return shown
    names = {table.name for table in acted.values()}
    rest = [one for one in tables.values() if one.name not in names]
    known = [one for one in relations if not names & {one.total.table, *(part.table for part in one.parts)}]
    return suppress(rest, profile, relations=known, earlier=before)


def _identity(profile: Profile, span: Windows, *, teams: bool) -> str:
    said = digest(canonical_json({"profile": profile.name, "teams": teams, **_about(span)}))
    return f"{(*span.before.periods, *span.after.periods)[-1]}-{profile.name}-{said[:8]}"


def _about(span: Windows) -> dict[str, list[str]]:
    return {"before": list(span.before.periods), "after": list(span.after.periods)}


def _check_nested(about: Mapping[str, Any], span: Windows) -> None:
    """Raises StateError unless one of two releases has, on each side of the change, all months of the other."""
    before, after = set(about["before"]), set(about["after"])
    same = before == set(span.before.periods) and _nested(after, set(span.after.periods))
    begun = not (after and span.after.periods) and _nested(before, set(span.before.periods))
    if not (same or begun):
        old = f"{about['before'][0]}:{about['before'][-1]}"
        raise StateError(
            f"Numbers were published with the months {old} as the baseline. With another one the two could be subtracted from each other, "
            f"and small numbers worked out. Make the report with the same baseline: {old}."
        )


def _nested(one: set[str], other: set[str]) -> bool:
    return one <= other or other <= one


def _growth(
    tables: Mapping[tuple[str, Kind], Table], release: Suppressed, about: Mapping[str, Any], span: Windows
) -> list[Relation]:
    """Returns what joins these counts to those of an earlier release: each is the other and what is new since, whichever is larger."""
    now = _about(span)
    found = []
    for (scope, kind), table in tables.items():
        sides = [kind] if kind in now else list(now)
        for old in (one.source.table for one in release.tables if one.name.endswith(f" {scope} {kind}")):
            found += _grown(table, old, over=all(now[side] == about[side] for side in sides))
    return found


def _grown(this: Table, old: Table, *, over: bool) -> list[Relation]:
    """Returns the relations of a table and an earlier one. `over`: both are of the same months, so that nothing new is expected, and counts
    that are the same may be known to be.
    """
    relations = []
    for row in (str(row) for row in this.counts.index if row in old.counts.index):
        for column in (str(column) for column in this.counts if column in old.counts):
            new, was = Cell(this.name, row, column), Cell(old.name, row, column)
            growth = (this.value(row, column) or 0) - (old.value(row, column) or 0)
            more, less = (new, was) if growth >= 0 else (was, new)
            relations.append(Relation(more, (less,), rest=growth != 0 or not over))
    return relations


def empty(text: str) -> bool:
    """Returns whether a shown number is a mark: hidden, or not applicable."""
    return not text.replace(".", "").isdigit()


def marks(frame: pd.DataFrame) -> int:
    """Returns how many numbers of a shown table are hidden or do not apply."""
    return int(sum(empty(str(cell)) for cell in frame.to_numpy().ravel()))
