"""The edge of the review: the folder of files that a service brings, read and checked whole. Every fault of every file is found at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sampling.assurance.coverage_counts import window_of
from sampling.assurance.effect.brought import Against, Asked, Baseline, Brought, Feedback, Incident, Kpi, Response
from sampling.assurance.effect.columns import (
    AGAINST,
    ASKED,
    BASELINES,
    INCIDENTS,
    KPIS,
    PARTNERS,
    SURVEY,
    schemas,
)
from sampling.assurance.effect.left import WAVES_APART, spelling
from sampling.assurance.effect.policy import EffectPolicy, load_effect_policy
from sampling.assurance.effect.sheets import Sheet, find_file, open_sheet
from sampling.errors import Finding, SourceError, UsageError
from sampling.sources.text import Faults

_QUARTER = re.compile(r"[12][0-9]{3}-Q[1-4]")


def load_brought(folder: Path, policy: EffectPolicy | None = None) -> Brought:
    """Returns what lies in the folder; every file is optional, and a folder that is not there has none.

    Raises SourceError with every fault of every file: none of them is used until all are right.
    """
    rules = policy or load_effect_policy()
    faults = Faults()
    sheets: dict[str, Sheet] = {}
    for name, schema in schemas(rules).items():
        path = find_file(folder, name, faults)
        sheet = open_sheet(path, schema, faults) if path else None
        if sheet is not None:
            sheets[name] = sheet
    found = {name: _READERS[name](sheets[name], rules) for name in sheets}
    _note_others(folder, set(schemas(rules)), faults)
    brought = Brought(**{_FIELDS[name]: tuple(rows) for name, rows in found.items()}, files=tuple(sheets))
    if ASKED in sheets:
        _check_asked(sheets[ASKED], brought)
    findings = tuple(faults.findings)
    if wrong := [one for one in findings if one.severity == "error"]:
        count = f"{len(wrong)} fault{'' if len(wrong) == 1 else 's'}"
        raise SourceError(
            f"The files that were brought have {count}. None of them is used until all are right.", findings
        )
    return Brought(**{**vars(brought), "notes": findings})


def _note_others(folder: Path, known: set[str], faults: Faults) -> None:
    if not folder.is_dir():
        return
    names = {f"{name}{suffix}" for name in known for suffix in (".csv", ".xlsx")}
    others = sum(path.name not in names and not path.name.startswith((".", "~$")) for path in folder.iterdir())
    if others:
        count = f"{others} file{' has' if others == 1 else 's have'} a name that is none of these"
        step = f"Files are called {', '.join(sorted(known))}, with .csv or .xlsx."
        faults.findings.append(
            Finding("BROUGHT_FILE_UNKNOWN", f"{count}, and {'was' if others == 1 else 'were'} not read", step, "note")
        )


def _full(*columns: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Returns the rows in which no required cell is missing; those that have one are faults already."""
    return [row for row in zip(*columns, strict=True) if all(value is not None for value in row)]


def _twice(sheet: Sheet, column: str, keys: Sequence[Hashable], message: str) -> None:
    seen: set[Hashable] = set()
    places = []
    for place, key in enumerate(keys):
        if key in seen:
            places.append(place)
        seen.add(key)
    sheet.fault("BROUGHT_ROW_TWICE", message, column, places, "Keep one row.", show=False)


def _survey(sheet: Sheet, policy: EffectPolicy) -> list[Response]:
    waves, teams = sheet.days("wave"), sheet.texts("team")
    if not any(one.id in sheet.table.frame for one in policy.item):
        step = "The columns are in docs/effectiveness.md: each item has its short name, such as access."
        sheet.faults.add("COLUMN_MISSING", "no column of any item is there", table=sheet.table, next_step=step)
    items = {one.id: sheet.answers(one.id) for one in policy.item}
    answers = [
        {item: given for item, column in items.items() if (given := column[place]) is not None} for place in sheet.rows
    ]
    _check_waves(sheet, waves)
    empty = [place for place, given in enumerate(answers) if not given]
    if empty:
        message = "no item is answered: the row counts as no response"
        sheet.faults.add("BROUGHT_NO_ANSWER", message, table=sheet.table, positions=empty, severity="note")
    return [
        Response(wave, team, given) for wave, team, given in zip(waves, teams, answers, strict=True) if wave and given
    ]


def _check_waves(sheet: Sheet, waves: Sequence[date | None]) -> None:
    """Adds a finding for the rows of a wave that begins too soon after another: most often each has the day of its own response."""
    days = sorted({day for day in waves if day})
    near = {later for earlier, later in zip(days, days[1:], strict=False) if (later - earlier).days < WAVES_APART}
    sheet.fault(
        "BROUGHT_WAVES",
        f"the wave is less than {WAVES_APART} days after another",
        "wave",
        [place for place, day in enumerate(waves) if day in near],
        "Give all responses of one survey the same day, that on which it closed: days of their own would tell who answered.",
    )


def _asked(sheet: Sheet, _: EffectPolicy) -> list[Asked]:
    waves, teams, numbers = sheet.days("wave"), sheet.texts("team"), sheet.whole("asked")
    _twice(sheet, "team", list(zip(waves, teams, strict=True)), "the wave and team stand further up already")
    return [Asked(*row) for row in _full(waves, teams, numbers)]


def _check_asked(sheet: Sheet, brought: Brought) -> None:
    """Adds a finding where more people answered than were asked, or the teams have more than the whole service."""
    if len(brought.asked) < len(sheet.rows):
        return  # a row with a fault of its own: its neighbours' places are not known any more
    answered = Counter((one.wave, one.team) for one in brought.responses)
    everyone = Counter(one.wave for one in brought.responses)
    parts: Counter[date] = Counter()
    for one in brought.asked:
        parts[one.wave] += one.number if one.team else 0
    wrong = [
        place
        for place, one in enumerate(brought.asked)
        if one.number < (answered[one.wave, one.team] if one.team else max(everyone[one.wave], parts[one.wave]))
    ]
    message = "fewer people were asked than answered, or than the teams have together"
    sheet.fault("BROUGHT_TOO_FEW_ASKED", message, "asked", wrong, "Compare the two files.")


def _incidents(sheet: Sheet, _: EffectPolicy) -> list[Incident]:
    days, themes, teams = sheet.days("date"), sheet.codes("theme"), sheet.texts("team")
    levels, parts = sheet.codes("level"), sheet.yes_no("supervision")
    rows = zip(days, themes, teams, levels, parts, strict=True)
    return [Incident(on, theme, team, level, part) for on, theme, team, level, part in rows if on and theme]  # type: ignore[arg-type]


def _against(sheet: Sheet, _: EffectPolicy) -> list[Against]:
    quarters = sheet.periods("quarter", lambda text: text if _QUARTER.fullmatch(text) else None, "2026-Q3")
    whats, numbers = sheet.texts("what"), sheet.whole("number")
    _twice(sheet, "what", list(zip(quarters, whats, strict=True)), "the quarter has this already")
    none = [place for place, number in enumerate(numbers) if number == 0]
    sheet.fault("BROUGHT_NUMBERS", "nothing can be counted against 0", "number", none, "Leave the row out.")
    return [Against(*row) for row in _full(quarters, whats, numbers) if row[2]]


def _period(text: str) -> str | None:
    try:
        return window_of(text).text
    except UsageError:
        return None


def _kpis(sheet: Sheet, _: EffectPolicy) -> list[Kpi]:
    names, periods, units, sources = (
        sheet.texts("name"),
        sheet.periods("period", _period, "2026-Q3"),
        sheet.texts("unit"),
        sheet.texts("source"),
    )
    parts, wholes, values = sheet.whole("numerator"), sheet.whole("denominator"), sheet.numbers("value")
    targets, better, leave = sheet.numbers("target"), sheet.codes("better"), sheet.yes_no("may_leave")
    alike = [spelling(name) for name in names]
    _check_spelling(sheet, names, alike)
    _twice(sheet, "name", list(zip(alike, periods, strict=True)), "the indicator has a value of this period already")
    _check_lengths(sheet, alike, periods)
    _check_numbers(sheet, parts, wholes, values)
    rows = zip(names, periods, parts, wholes, values, units, targets, better, sources, leave, strict=True)
    return [
        Kpi(name, period, part, whole, value, unit, target, way, source, bool(may))
        for name, period, part, whole, value, unit, target, way, source, may in rows
        if name and period and way
    ]


def _check_spelling(sheet: Sheet, names: Sequence[str], alike: Sequence[str]) -> None:
    """Adds a finding where an indicator is spelt in two ways: as two, its months and quarters would stand beside each other."""
    first: dict[str, str] = {}
    other = [
        place for place, (name, key) in enumerate(zip(names, alike, strict=True)) if first.setdefault(key, name) != name
    ]
    step = "Write its name alike in every row."
    sheet.fault(
        "BROUGHT_SPELLING", "the indicator stands further up in other capitals, spaces or signs", "name", other, step
    )


def _length(period: str) -> str:
    return "quarter" if "Q" in period else "year" if len(period) == len("2026") else "month"


def _check_lengths(sheet: Sheet, names: Sequence[str], periods: Sequence[str | None]) -> None:
    """Adds a finding where an indicator has months and a quarter, say: the one less the other would show what is hidden."""
    first: dict[str, str] = {}
    mixed = [
        place
        for place, (name, period) in enumerate(zip(names, periods, strict=True))
        if period and first.setdefault(name, _length(period)) != _length(period)
    ]
    step = "Bring months alone, or quarters alone, or years alone."
    sheet.fault("BROUGHT_LENGTHS", "the indicator has periods of another length further up", "period", mixed, step)


def _check_numbers(
    sheet: Sheet, parts: Sequence[int | None], wholes: Sequence[int | None], values: Sequence[float | None]
) -> None:
    rows = list(enumerate(zip(parts, wholes, values, strict=True)))
    both = "Give numerator and denominator, or a value with its unit."
    wrong = [
        place
        for place, (part, whole, value) in rows
        if ((part is None) != (whole is None)) or ((part is None) == (value is None))
    ]
    sheet.fault(
        "BROUGHT_NUMBERS", "the row has not exactly one of the two ways to give a value", "numerator", wrong, both
    )
    more = [
        place
        for place, (part, whole, _) in rows
        if part is not None and whole is not None and (part > whole or not whole)
    ]
    sheet.fault("BROUGHT_NUMBERS", "the part is more than the whole, or the whole is 0", "numerator", more)


def _partners(sheet: Sheet, _: EffectPolicy) -> list[Feedback]:
    days, names, ways = sheet.days("date"), sheet.texts("partner"), sheet.codes("direction")
    rows = zip(days, names, ways, sheet.texts("minute"), sheet.texts("summary"), strict=True)
    return [Feedback(on, name, way, minute, said) for on, name, way, minute, said in rows if on and way]  # type: ignore[arg-type]


def _baselines(sheet: Sheet, _: EffectPolicy) -> list[Baseline]:
    measures, firsts, lasts = sheet.texts("measure"), sheet.days("first"), sheet.days("last")
    numbers, wholes, sources = sheet.whole("number"), sheet.whole("of"), sheet.texts("source")
    backwards = [
        place for place, (first, last) in enumerate(zip(firsts, lasts, strict=True)) if first and last and last < first
    ]
    sheet.fault("BROUGHT_ORDER", "the last day is before the first", "last", backwards)
    more = [
        place
        for place, (part, whole) in enumerate(zip(numbers, wholes, strict=True))
        if part is not None and whole is not None and part > whole
    ]
    sheet.fault("BROUGHT_NUMBERS", "the part is more than the whole", "number", more)
    rows = zip(measures, firsts, lasts, numbers, wholes, sources, strict=True)
    return [
        Baseline(measure, first, last, number, whole, source)
        for measure, first, last, number, whole, source in rows
        if first and last and number is not None
    ]


_READERS: dict[str, Callable[[Sheet, EffectPolicy], list[Any]]] = {
    SURVEY: _survey, ASKED: _asked, INCIDENTS: _incidents, AGAINST: _against, KPIS: _kpis, PARTNERS: _partners, BASELINES: _baselines,
}  # fmt: skip
_FIELDS = {
    SURVEY: "responses", ASKED: "asked", INCIDENTS: "incidents", AGAINST: "against", KPIS: "kpis", PARTNERS: "feedback",
    BASELINES: "baselines",
}  # fmt: skip
