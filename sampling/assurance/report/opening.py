"""What the assurance notebook opens: a home of draws, its journal and an extract, worked out once for a span of months, for a stated purpose."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from sampling.assurance.action_log import action_log
from sampling.assurance.action_matching import load_matches
from sampling.assurance.action_record import reconcile
from sampling.assurance.action_times import time_to_close
from sampling.assurance.coverage import all_dues, coverage
from sampling.assurance.effect import brought_folder, effectiveness, load_brought
from sampling.assurance.gathering import GatheredAssurance, gather_assurance
from sampling.assurance.patterns import find_patterns
from sampling.assurance.patterns_log import answered
from sampling.assurance.patterns_policy import load_patterns
from sampling.assurance.profile import STRICTEST
from sampling.assurance.reading import profile_named
from sampling.assurance.report.found import EDITIONS, Asked, Assurance, Edition
from sampling.assurance.report.period import months_of, span_of
from sampling.assurance.report.releasing import left_of, release_of
from sampling.errors import UsageError
from sampling.reporting.account import FILE, load_account
from sampling.reporting.analysis import Analysis, Order, analyse
from sampling.reporting.opening import INVENTED, up_to
from sampling.reporting.publishing import PURPOSES, profile_of, publication
from sampling.suppression import load_profile

PURPOSE = "audit"
INSIDE, OUTSIDE = "none", "mhsds"
NO_DRAW = "No month was drawn up to the end of this period, so there is no sampling audit to show."
NO_FOLDER = "The folder of what the service brings is not there, or is a file. Check its name; without one, the folder beside the draws is read."


def open_assurance(
    draws: str, *, period: str, purpose: str, edition: str, today: str, suppression: str = "", policy: str = STRICTEST,
    journal: str = "", source: str = "", extension: str = "", extract_day: str = "", brought: str = "",
) -> Assurance:  # fmt: skip
    """Returns what a report on a span of months says. `today` is a day, as "2026-11-01"; `source` "" is no extract, `extract_day` the day of one that does not say it; `brought` is the folder of
    what the service brings (staff survey, incidents and so on), "" for the one beside the draws.

    Raises UsageError for a purpose, edition, profile, span, day or folder of what is brought that is none, StateError where draws or journal are missing, and
    whatever is wrong with extract, policy or what was brought.
    """
    asked = asked_for(
        draws, period=period, purpose=purpose, edition=edition, today=today, suppression=suppression, policy=policy
    )
    folder = _brought(brought)
    material = gather_assurance(
        asked.home,
        journal,
        source,
        extension=extension,
        extract_day=_day(extract_day) if extract_day else None,
        today=asked.today,
        profile=asked.policy,
    )
    return assure(asked, material, folder)


def asked_for(
    draws: str, *, period: str, purpose: str, edition: str, today: str, suppression: str = "", policy: str = STRICTEST
) -> Asked:  # fmt: skip
    """Returns what is asked for, once it is sound. Raises UsageError as open_assurance, PolicyError for a policy that there is not."""
    if purpose != PURPOSE:
        one = "" if purpose in PURPOSES else " Say for which purpose the report is made: it decides what may be shown."
        raise UsageError(f"An assurance report is made for audit. Set the purpose to {PURPOSE}.{one}")
    if edition not in EDITIONS:
        raise UsageError(f"There is no edition of that name. Choose one of: {', '.join(EDITIONS)}.")
    outside = edition == "commissioner"
    profile = profile_of(purpose, suppression, edition) if outside else load_profile(INSIDE)
    named: Edition = next(one for one in EDITIONS if one == edition)
    return Asked(Path(draws).absolute(), span_of(period), named, _day(today), profile, profile_named(policy))


def assure(asked: Asked, material: GatheredAssurance, brought: Path | None = None) -> Assurance:
    """Returns the report's results from what was gathered."""
    window, today, facts = asked.window, asked.today, material.facts
    months = months_of(window)
    actions = material.actions
    log = action_log(actions[actions["period"].isin(months)], today)
    policy = load_patterns()
    patterns = find_patterns(material.observed, policy, months[-1])
    record = reconcile(log, material.records or (), load_matches())
    found = Assurance(
        asked=asked,
        material=material,
        dues=tuple(due for due in all_dues(facts, asked.policy, today) if window.has(due.due)),
        coverage=coverage(facts, asked.policy, window, today),
        log=log,
        earlier=action_log(actions[actions["period"] < months[0]], today),
        record=record,
        time=time_to_close(log.actions, today),
        patterns=patterns,
        answered=answered(patterns.found, material.entries, policy, today),
        pattern_policy=policy,
        audit=_audit(asked, material),
        effect=effectiveness(
            load_brought(brought or brought_folder(asked.home)),
            material.gathered,
            window,
            today,
            facts=facts,
            observed=material.observed,
            left=left_of(asked.home),
        ),  # fmt: skip
    )
    return found if asked.edition != "commissioner" else _with_release(found)


def _with_release(found: Assurance) -> Assurance:
    return replace(found, release=release_of(found))


def _audit(asked: Asked, material: GatheredAssurance) -> Analysis | str:
    """Returns what the draws up to the end of the window show, under the profile of the edition."""
    gathered, last = material.gathered, months_of(asked.window)[-1]
    drawn = [period for period in gathered.periods if period <= last]
    if not drawn:
        return NO_DRAW
    account = load_account(asked.home / FILE)
    whole, span = up_to(gathered, account, drawn[-1], "")
    shown = publication(
        asked.home, whole, span, purpose="audit", profile=asked.suppression, team="",
        edition="commissioner" if asked.edition == "commissioner" else "team", invented=(asked.home / INVENTED).is_file(),
    )  # fmt: skip
    found = analyse(whole, account, Order(shown.last or drawn[-1], asked.today))
    return replace(found, publication=shown)


def _brought(named: str) -> Path | None:
    """Returns the folder that was named, None for the one beside the draws, which may be absent. A misspelt name would read as "not brought"."""
    if named and not Path(named).is_dir():
        raise UsageError(NO_FOLDER)
    return Path(named) if named else None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError('The day of the report must be written as "2026-11-01".') from None
