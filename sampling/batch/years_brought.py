"""What the invented service brings beside its journal: a survey of two waves, incidents, indicators, words of partners, counts from before.

Everything in it is known: after the change more staff say that supervision helps with decisions on risk, and fewer that the workload leaves
time; incidents about escalation become rarer; plans are reviewed more often. A service without a change brings files in which neither moves.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

from sampling.assurance.effect.columns import (
    AGAINST,
    ASKED,
    BASELINES,
    INCIDENTS,
    KPIS,
    PARTNERS,
    SURVEY,
    brought_folder,
    schemas,
)
from sampling.assurance.effect.policy import load_effect_policy

ASKED_STAFF, ANSWERED = 48, (36, 38)  # of each wave: staff of the whole directorate, so that a share can be told
HELPS, WORKLOAD = "helps_risk_decisions", "workload"
AGREED = {HELPS: (14, 28), WORKLOAD: (24, 15)}  # how many of those who answered agree: before, after
OTHERS_AGREE = (25, 26)
THEME, THEMES = "escalation", ("crisis_plan", "contact", "record", "handover", "capacity")
EVERY_DAYS = (17, 41)  # from one incident about escalation to the next: before, after
OTHER_EVERY_DAYS = 33
PLANS, REVIEWED = "Crisis plans reviewed within 12 months", ((158, 230), (196, 230))
TARGET = 85
_SOURCE = "Contract schedule 6"
_WAVE_AFTER = timedelta(days=45)  # after the change, and as many before it: the two waves
_SAID = (
    (70, "Housing", "mixed", "Referrals sometimes leave out who was told"),
    (160, "Children's social care", "positive", "Referrals say what was seen and when"),
    (250, "Emergency department", "positive", "Plans can be found, and say whom to ring"),
)


def write_brought(
    home: Path, days: tuple[date, date], changed_from: date | None, chance: Callable[[str], float]
) -> Path:
    """Writes the files into the home's folder and returns it; `days` are the first and the last of the years."""
    folder = brought_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    middle = changed_from or days[0] + (days[1] - days[0]) / 2
    after = int(changed_from is not None)
    waves = (max(days[0], middle - _WAVE_AFTER), min(days[1], middle + _WAVE_AFTER * 6))
    _write(folder, SURVEY, [row for place, wave in enumerate(waves) for row in _answers(wave, place, place * after)])
    _write(folder, ASKED, [(wave, "", ASKED_STAFF) for wave in waves])
    _write(folder, INCIDENTS, _incidents(days, middle, after, chance))
    quarters = list(_quarters(*days))
    _write(folder, AGAINST, [(quarter, "contacts", 4800 + int(chance(quarter) * 400)) for quarter, _ in quarters])
    _write(
        folder,
        KPIS,
        [
            (PLANS, quarter, *REVIEWED[after * (first >= middle)], "", "", TARGET, "higher", _SOURCE, "")
            for quarter, first in quarters
        ],
    )
    _write(
        folder,
        PARTNERS,
        [
            (day, who, way, f"CGG {day:%Y-%m} item 7", what)
            for after_days, who, way, what in _SAID
            if (day := middle + timedelta(days=after_days)) <= days[1]
        ],
    )
    before = (days[0] - timedelta(days=182), days[0] - timedelta(days=1))
    _write(
        folder, BASELINES, [("Escalation notes without a review date", *before, 31, 60, "Audit before sampling began")]
    )
    return folder


def _answers(wave: date, place: int, changed: int) -> Iterable[Sequence[object]]:
    """Yields the responses of a wave: of each item so many agree, the first ones; no team, since a small one would name people."""
    items = load_effect_policy().item
    for number in range(ANSWERED[place]):
        said = []
        for item in items:
            agree = AGREED[item.id][changed] if item.id in AGREED else OTHERS_AGREE[place]
            likes = (number * 7 + len(item.id)) % ANSWERED[place] < agree
            good = likes == (item.good == "agree")
            said.append((5 if number % 2 else 4) if good else 2)
        yield (wave, "", *said)


def _incidents(
    days: tuple[date, date], middle: date, after: int, chance: Callable[[str], float]
) -> Iterable[Sequence[object]]:
    first, last = days
    day = first + timedelta(days=4)
    while day <= last:
        yield (
            day,
            THEME,
            "",
            ("low", "none", "moderate")[int(chance(f"level {day}") * 3)],
            "yes" if chance(f"part {day}") < 0.3 else "no",
        )
        every = EVERY_DAYS[after * (day >= middle)]
        day += timedelta(days=every - 5 + int(chance(f"escalation {day}") * 11))
    day, number = first + timedelta(days=9), 0
    while day <= last:
        yield day, THEMES[number % len(THEMES)], "", "low", ""
        day, number = day + timedelta(days=OTHER_EVERY_DAYS - 6 + int(chance(f"other {day}") * 13)), number + 1


def _quarters(first: date, last: date) -> Iterable[tuple[str, date]]:
    """Yields the whole quarters of the calendar between two days, each with its first day."""
    year, month = first.year, (first.month - 1) // 3 * 3 + 1
    while True:
        begins = date(year, month, 1)
        year, month = (year + 1, 1) if month == 10 else (year, month + 3)
        if date(year, month, 1) - timedelta(days=1) > last:
            return
        if begins >= first:
            yield f"{begins.year}-Q{(begins.month + 2) // 3}", begins


def _write(folder: Path, name: str, rows: Iterable[Sequence[object]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in schemas()[name].columns])
    writer.writerows(rows)
    (folder / f"{name}.csv").write_text(text.getvalue(), encoding="utf-8")
