"""The rules of patterns to governance, from policies/patterns.toml: read and checked whole, every share an exact decimal."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args

from sampling.errors import Finding, PolicyError
from sampling.policy import shared_folder

FILE = "patterns.toml"
RuleId = Literal["same_criterion", "missed_escalation", "threshold_disagreement", "drift", "out_of_hours"]
Counted = Literal["draws", "cases"]
_WHOLE = {"threshold": (1, 1_000), "months": (1, 60), "fewest": (1, 10_000), "fewest_people": (2, 100)}
_SHARES = ("per_draw", "over")
_TEXTS = ("title", "source", "row", "shows_not")
_TOP = {"version", "respond_within_days", "escalation", "pathway", "rule"}
_DAYS, _HOURS = (1, 366), (0, 24 * 14)


@dataclass(frozen=True)
class PatternRule:
    """One rule; what each number means stands at the head of the file. `row` is the row of the requirements, such as A10."""

    id: RuleId
    title: str
    threshold: int
    counted: Counted
    per_draw: Decimal
    over: Decimal
    months: int
    fewest: int
    fewest_people: int
    source: str
    row: str
    shows_not: str


@dataclass(frozen=True)
class PatternPolicy:
    """All rules, in the order of RuleId; the rubric of escalation; which records make a contact one inside the pathway, and how near."""

    rules: tuple[PatternRule, ...]
    respond_within_days: int
    escalation_rubric: str
    pathway_kinds: tuple[str, ...]
    within_hours: int

    def rule(self, name: RuleId) -> PatternRule:
        """Returns the rule of that id."""
        return next(one for one in self.rules if one.id == name)


def load_patterns(path: Path | None = None) -> PatternPolicy:
    """Returns the shipped policy, with what the given file says in its place: a rule whole, by its id.

    Raises PolicyError with every fault found.
    """
    default = shared_folder("policies") / FILE
    given = _read(path) if path else {}
    values = _read(default)
    faults = _shape_faults(given, whole=False) or _shape_faults(values, whole=True)
    if not faults:
        rules = {one["id"]: one for one in (*values["rule"], *given.get("rule", ()))}
        values = {**values, **given, "rule": [rules[name] for name in get_args(RuleId)]}
        faults = [fault for one in values["rule"] for fault in _rule_faults(one)] + _other_faults(values)
    if faults:
        file = (path or default).name
        findings = [Finding("POLICY_FAULT", fault, "Mend the file.", file=file) for fault in faults]
        count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
        raise PolicyError(f"The policy of patterns {file} has {count}.", findings)
    return PatternPolicy(
        tuple(PatternRule(**{name: _exact(name, one[name]) for name in _KEYS}) for one in values["rule"]),
        values["respond_within_days"],
        values["escalation"]["rubric"],
        tuple(values["pathway"]["kinds"]),
        values["pathway"]["within_hours"],
    )


_KEYS = tuple(field.name for field in fields(PatternRule))


def _exact(name: str, value: Any) -> Any:
    return Decimal(value) if name in _SHARES else value


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError):
        raise PolicyError(
            f"The policy of patterns {path.name} cannot be read. Check its path, and that it is UTF-8 text."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"The policy of patterns {path.name} is not valid TOML: {error}.") from None


def _shape_faults(data: Mapping[str, Any], *, whole: bool) -> list[str]:
    """Returns what keeps the rules from being put together: unknown or missing parts, a rule without a known id, one that is there twice."""
    faults = [f'unknown key "{name[:40]}"; known are {", ".join(sorted(_TOP))}' for name in sorted(set(data) - _TOP)]
    rules = data.get("rule", [])
    if not isinstance(rules, list) or not all(isinstance(one, Mapping) for one in rules):
        return [*faults, "rules are written as [[rule]]"]
    names = [one.get("id") for one in rules]
    known = get_args(RuleId)
    faults += [f"each rule needs an id, one of: {', '.join(known)}"] if any(one not in known for one in names) else []
    faults += [f"the rule {name} is there twice" for name in known if names.count(name) > 1]
    if whole and (missing := [*sorted(_TOP - set(data)), *(name for name in known if name not in names)]):
        faults.append(f"these are missing: {', '.join(missing)}")
    return faults


def _rule_faults(one: Mapping[str, Any]) -> list[str]:
    name = one["id"]
    if set(one) != set(_KEYS):
        return [f"the rule {name} must have {', '.join(_KEYS)}, and nothing else"]
    faults = []
    for key, (low, high) in _WHOLE.items():
        if not _is_whole(one[key], low, high):
            faults.append(f"{key} of the rule {name} must be a whole number from {low} to {high}")
    for key in _SHARES:
        if not _is_share(one[key]):
            faults.append(f"{key} of the rule {name} must be a share from 0.0 to 1.0")
    for key in _TEXTS:
        if not isinstance(one[key], str) or not one[key].strip():
            faults.append(f"{key} of the rule {name} must be a text that is not empty")
    if one["counted"] not in get_args(Counted):
        faults.append(f"counted of the rule {name} must be one of: {', '.join(get_args(Counted))}")
    return faults


def _other_faults(values: Mapping[str, Any]) -> list[str]:
    faults = [] if values["version"] == 1 else ["version must be 1"]
    if not _is_whole(values["respond_within_days"], *_DAYS):
        faults.append(f"respond_within_days must be a whole number from {_DAYS[0]} to {_DAYS[1]}")
    escalation, pathway = values["escalation"], values["pathway"]
    if (
        not isinstance(escalation, Mapping)
        or set(escalation) != {"rubric"}
        or not isinstance(escalation["rubric"], str)
    ):
        faults.append("escalation must have rubric, a text, and nothing else")
    if not isinstance(pathway, Mapping) or set(pathway) != {"kinds", "within_hours"}:
        return [*faults, "pathway must have kinds and within_hours, and nothing else"]
    if not isinstance(pathway["kinds"], list) or not all(isinstance(kind, str) for kind in pathway["kinds"]):
        faults.append("kinds of the pathway must be a list of kinds of events")
    if not _is_whole(pathway["within_hours"], *_HOURS):
        faults.append(f"within_hours of the pathway must be a whole number from {_HOURS[0]} to {_HOURS[1]}")
    return faults


def _is_share(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    return Decimal(value).is_finite() and 0 <= value <= 1


def _is_whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
