"""The suppression profiles of policies/suppression.toml: what each hides, what it rounds, and where a chart is refused."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sampling.errors import PolicyError, UsageError
from sampling.policy import shared_folder

Area = Literal["local", "regional", "national"]
Purpose = Literal["supervision", "audit", "training"]
POLICY_FILE = "suppression.toml"
_FEWEST_SAFE = 2  # one possible value is a number given away


@dataclass(frozen=True)
class Rule:
    """How the counts of one area are shown. `hidden` is the first and last count that is too small, or None where none is."""

    hidden: tuple[int, int] | None
    round_to: int
    small_mark: str
    mark: str
    safe_values: int
    not_applicable: str

    def is_small(self, count: int) -> bool:
        """Tells whether the count by itself is too small to show."""
        return self.hidden is not None and self.hidden[0] <= count <= self.hidden[1]

    def shows_zero(self) -> bool:
        """Tells whether a count of none is always shown."""
        return self.hidden is not None and self.hidden[0] > 0

    def rounded(self, count: int) -> int:
        """Returns the count to the nearest multiple of `round_to`, half upwards."""
        return (count + self.round_to // 2) // self.round_to * self.round_to

    def show(self, count: int) -> str:
        """Returns the count as it stands in a table by itself, before anything else is hidden."""
        return self.small_mark if self.is_small(count) else str(self.rounded(count))

    def around(self, count: int) -> tuple[int, int]:
        """Returns the least and the most that a reader knows of a count that is shown, not small."""
        if count == 0 and self.shows_zero():
            return 0, 0
        least = self.rounded(count) - self.round_to // 2
        return max(least, self.large_from()), least + self.round_to - 1

    def large_from(self) -> int:
        """Returns the smallest count that is not too small, zero apart."""
        return 0 if self.hidden is None else self.hidden[1] + 1


@dataclass(frozen=True)
class Profile:
    """A named set of rules, one for each area. `rate_least_whole` is the least denominator of a rate, where a table asks for it."""

    name: str
    title: str
    source: str
    rules: Mapping[Area, Rule]
    inside_only: bool
    percent_decimals: int
    mean_decimals: int
    rate_least_whole: int | None


def load_profile(name: str) -> Profile:
    """Returns the profile of that name (mhsds, hes, dfe, none) from policies/suppression.toml.

    Raises UsageError for a name that the file does not have, PolicyError for a file that cannot be read.
    """
    path = shared_folder("policies") / POLICY_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PolicyError(f"The policy file {POLICY_FILE} cannot be read ({type(error).__name__}).") from None
    profiles = parse_profiles(text)
    if name not in profiles:
        known = ", ".join(sorted(profiles))
        raise UsageError(f'There is no suppression profile "{name}". Choose one of: {known}.')
    return profiles[name]


def parse_profiles(text: str) -> dict[str, Profile]:
    """Returns the profiles of a policy text by name. Raises PolicyError with the first fault found."""
    try:
        data = tomllib.loads(text)
        return {entry["name"]: _profile(entry) for entry in data["profile"]}
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"The policy file {POLICY_FILE} is not valid TOML: {error}.") from None
    except KeyError as error:
        raise PolicyError(f"The policy file {POLICY_FILE} lacks {error}.") from None


def _profile(entry: Mapping[str, Any]) -> Profile:
    rules = {area: _rule(entry["name"], rule) for rule in entry["rule"] for area in rule["areas"]}
    if set(rules) != set(get_args(Area)):
        raise PolicyError(f"Profile {entry['name']}: local, regional and national each need one rule.")
    return Profile(
        entry["name"],
        entry["title"],
        entry["source"],
        rules,
        entry.get("inside_only", False),
        entry["percent_decimals"],
        entry["mean_decimals"],
        entry.get("rate_least_whole"),
    )


def _rule(name: str, entry: Mapping[str, Any]) -> Rule:
    hidden = (entry["hidden"][0], entry["hidden"][1]) if "hidden" in entry else None
    rule = Rule(
        hidden,
        entry["round_to"],
        entry.get("small_mark", entry["mark"]),
        entry["mark"],
        entry.get("safe_values", 0),
        entry["not_applicable"],
    )
    if hidden and not (0 <= hidden[0] < hidden[1] and _FEWEST_SAFE <= rule.safe_values <= hidden[1] - hidden[0] + 1):
        raise PolicyError(
            f"Profile {name}: hidden is [first, last], and safe_values lies between {_FEWEST_SAFE} and their number."
        )
    if rule.round_to < 1:
        raise PolicyError(f"Profile {name}: round_to is a whole number from 1.")
    return rule


def chart_refusal(profile: Profile, purpose: Purpose, *, synthetic: bool = False) -> str:
    """Returns why no chart may be drawn under this profile and purpose, in words for a reader; "" where one may.

    A chart for training needs invented data (`synthetic`): training uses anonymised or invented records only (General Medical Council,
    Confidentiality), and a chart of real small numbers is neither. Raises UsageError for an unknown purpose.
    """
    if purpose not in get_args(Purpose):
        raise UsageError(f'The purpose "{purpose}" is not one of: {", ".join(get_args(Purpose))}.')
    if not profile.inside_only:
        return (
            f"No chart is drawn under the suppression profile {profile.name}: its numbers are rounded or hidden, so process limits, "
            "shifts and trends drawn from them would be wrong, and an exact point would show what the table hides. "
            "Draw the chart inside the service with the profile none, and publish the suppressed table."
        )
    if purpose == "training" and not synthetic:
        return (
            "No chart of real cases is drawn for training: training uses anonymised or invented data only, and nothing is hidden "
            "under the profile none. Use the invented service, or the suppressed table."
        )
    return ""
