"""What the evidence notebook opens: a home of draws and its journal, analysed for a team or the service, for a stated purpose."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import cast

from sampling.errors import UsageError
from sampling.reporting.account import FILE, Account, load_account
from sampling.reporting.analysis import Analysis, Order, analyse
from sampling.reporting.gathering import Gathered
from sampling.reporting.held import evidence_of
from sampling.reporting.publishing import Edition, Purpose, profile_of, publication
from sampling.reporting.windows import Windows, windows

INVENTED = "truth.json"  # stands beside draws of invented months alone: charts of them may be shown to anyone
_SAID = ("what", "dose", "reason")  # of a change, in people's own words
IDENTIFYING = ("supervision", "audit")  # teams keep their names; practitioners and cases never have any here


def open_evidence(
    draws: str,
    *,
    period: str,
    purpose: str,
    today: str,
    suppression: str = "",
    edition: str = "team",
    journal: str = "",
    team: str = "",
    baseline: str = "",
    account: str = "",
) -> Analysis:
    """Returns the analysis of the draws in a folder, up to a month. `today` is a day, as "2026-11-01".

    `suppression` "" is what the purpose asks for (publishing.DEFAULTS); under a profile that hides, the report ends with the last whole
    half-year. For training the teams have letters in place of names. Raises UsageError for a purpose, profile, edition, month or day that is
    none, StateError where draws or journal are missing, PolicyError with every fault of the account.
    """
    home = Path(draws).absolute()
    day = _day(today)
    profile = profile_of(purpose, suppression, edition)
    gathered = evidence_of(home, journal, day)
    written = load_account(Path(account) if account else home / FILE)
    whole, span = up_to(gathered, written, period, baseline)
    shown = publication(
        home, whole, span, purpose=cast(Purpose, purpose), profile=profile, edition=cast(Edition, edition), team=team,
        invented=(home / INVENTED).is_file(),
    )  # fmt: skip
    if purpose not in IDENTIFYING:
        gathered, names = lettered(gathered)
        written = unnamed(written, names)
        team = names.get(team, team)
        scopes = {names[one]: scope for one, scope in shown.scopes.items()}
        shown = replace(
            shown, scopes=scopes, scope=scopes.get(team, shown.scope)
        )  # a team is asked for by name or by letters
    found = analyse(gathered, written, Order(shown.last or period, day, team, baseline))
    return replace(found, publication=shown)


def up_to(gathered: Gathered, account: Account, period: str, baseline: str) -> tuple[Gathered, Windows]:
    """Returns what was gathered up to a month, and what is compared there, for the whole service. Raises UsageError as windows does."""
    span = windows(gathered, account, last=period, baseline=baseline)
    return gathered.between(gathered.periods[0], period), span


def lettered(gathered: Gathered) -> tuple[Gathered, Mapping[str, str]]:
    """Returns the same with letters in place of the teams' names, and team -> its letters. Cases of no team stay of none.

    No letters are the name of another team: asked for by its letters, a report would be on that one.
    """
    teams = [team for team in gathered.teams if team]
    taken, word = {team.casefold() for team in teams}, "Team"
    while any(f"{word} {_letters(place)}".casefold() in taken for place in range(len(teams))):
        word += " under letter"
    names = {team: f"{word} {_letters(place)}" for place, team in enumerate(teams)}
    tables = {
        name: getattr(gathered, name).replace({"team": names}) for name in ("scores", "design", "cases", "actions")
    }
    return replace(gathered, **tables), names


def unnamed(account: Account, names: Mapping[str, str]) -> Account:
    """Returns the account with a team's letters wherever its name was written, in capitals or not."""
    if not names:
        return account
    longest = sorted(names, key=len, reverse=True)
    named = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)", re.IGNORECASE)
    to = {team.casefold(): letters for team, letters in names.items()}

    def plain(value: object) -> object:
        return (
            named.sub(lambda found: to.get(found[0].casefold(), "a team"), value) if isinstance(value, str) else value
        )

    changes = tuple(one.model_copy(update={key: plain(getattr(one, key)) for key in _SAID}) for one in account.change)
    texts = {key: plain(value) for key, value in dict(account).items()}
    return account.model_copy(update={**texts, "change": changes})


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
