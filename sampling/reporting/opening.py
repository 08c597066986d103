"""What the evidence notebook opens: a home of draws and its journal, analysed for a team or the service, for a stated purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from sampling.errors import UsageError
from sampling.reporting.account import FILE, load_account
from sampling.reporting.analysis import Analysis, Order, analyse
from sampling.reporting.gathering import Gathered
from sampling.reporting.held import evidence_of

Purpose = Literal["supervision", "audit", "training"]
PURPOSES: tuple[str, ...] = get_args(Purpose)
IDENTIFYING = ("supervision", "audit")  # teams keep their names; practitioners and cases never have any here


def open_evidence(
    draws: str,
    *,
    period: str,
    purpose: str,
    today: str,
    journal: str = "",
    team: str = "",
    baseline: str = "",
    account: str = "",
) -> Analysis:
    """Returns the analysis of the draws in a folder, up to a month. `today` is a day, as "2026-11-01".

    For training the teams have letters in place of names. Raises UsageError for a purpose, month or day that is none, StateError where
    draws or journal are missing, PolicyError with every fault of the account.
    """
    home = Path(draws).absolute()
    day = _day(today)
    check_purpose(purpose)
    gathered = evidence_of(home, journal, day)
    written = load_account(Path(account) if account else home / FILE)
    if purpose not in IDENTIFYING:
        gathered, names = lettered(gathered)
        team = names.get(team, team)
    return analyse(gathered, written, Order(period, day, team, baseline))


def check_purpose(purpose: str) -> None:
    """Raises UsageError for a purpose that is none: it decides what may be shown, so it has no default."""
    if purpose not in PURPOSES:
        raise UsageError(
            f"Say for which purpose the report is made: {', '.join(PURPOSES)}. It decides what may be shown."
        )


def lettered(gathered: Gathered) -> tuple[Gathered, Mapping[str, str]]:
    """Returns the same with letters in place of the teams' names, and team -> its letters."""
    names = {team: f"Team {_letters(place)}" for place, team in enumerate(gathered.teams)}
    tables = {
        name: getattr(gathered, name).replace({"team": names}) for name in ("scores", "design", "cases", "actions")
    }
    return replace(gathered, **tables), names


def _letters(place: int) -> str:
    """Returns A to Z, then AA, AB and so on.

    >>> [_letters(place) for place in (0, 25, 26, 53)]
    ['A', 'Z', 'AA', 'BB']
    """
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError('The day of the report must be written as "2026-11-01".') from None
