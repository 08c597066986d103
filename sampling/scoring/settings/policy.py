"""The constants of scoring: policies/scoring.toml, with what a service's own file says in their place, all faults at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, cast, get_args

from sampling.errors import Finding, PolicyError
from sampling.journal.events import ActionKind
from sampling.policy import shared_folder

FILE = "scoring.toml"
# the purposes that rules hang on (sampling.scoring.settings.access)
SUPERVISION, AUDIT, TRAINING = "supervision", "audit", "training"
REASON_KEYS = 9  # a closed reason has a number key of its own, 1 to 9
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_CRITERION = re.compile(rf"{_CODE.pattern}(/{_CODE.pattern})?")
LABEL_CHARACTERS = 200


@dataclass(frozen=True)
class ScoringPolicy:
    """How drawn cases are scored, checked a second time, followed up and recorded. Days are calendar days.

    A rating at `evidence_from_level` or above needs a pointer, one at `comment_to_level` or below a comment; one at
    `gap_to_level` or below is a gap. About one in `seeded_one_in` second ratings is of a seeded vignette, none at 0. With `copies` "references_only" no words of a case are stored.
    """

    copies: Literal["kept", "references_only"]
    outbox: bool
    evidence_from_level: int
    comment_to_level: int
    gap_to_level: int
    review_after_days: int
    safety_due_days: int
    quick_seconds: int
    second_share: Fraction
    first_days: int
    second_sees_case_id: bool
    seeded_one_in: int
    gap_actions: Mapping[str, tuple[str, ...]]
    not_applicable: Mapping[str, str]
    not_accessible: Mapping[str, str]
    purposes: Mapping[str, str]

    @property
    def text_kept(self) -> bool:
        """Returns whether words of a case may be stored here."""
        return self.copies == "kept"

    def reasons(self, code: str) -> Mapping[str, str]:
        """Returns the closed reasons of a code: not_applicable or not_accessible."""
        return self.not_applicable if code == "not_applicable" else self.not_accessible


def load_scoring_policy(path: Path | None = None) -> ScoringPolicy:
    """Returns policies/scoring.toml, with what the given file says in its place. Raises PolicyError with every fault found.

    Of [second_rating] each key is replaced by itself, so that a service may change the share alone; the other tables are
    replaced whole, so that a service may leave a reason out.
    """
    default = shared_folder("policies") / FILE
    data = _read(default)
    faults: list[str] = []
    if path:
        given = _read(path)
        faults += [
            f'unknown key "{name}"; known are {", ".join(sorted(data))}' for name in sorted(set(given) - set(data))
        ]
        second = given.get("second_rating")
        if isinstance(second, Mapping):
            given["second_rating"] = {**data["second_rating"], **second}
        data = {**data, **{name: value for name, value in given.items() if name in data}}
    faults += [fault for name, check in _CHECKS.items() for fault in check(name, data[name])]
    if faults:
        file = (path or default).name
        findings = [Finding("POLICY_FAULT", fault, "Mend the file.", file=file) for fault in faults]
        count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
        raise PolicyError(f"The scoring policy {file} has {count}.", findings)
    return _policy(data)


def _policy(data: Mapping[str, Any]) -> ScoringPolicy:
    second = data["second_rating"]
    plain = {name: data[name] for name in (*_NUMBERS, "copies", "outbox")}
    return ScoringPolicy(
        **plain,
        second_share=Fraction(second["share"]),
        first_days=second["first_days"],
        second_sees_case_id=second["sees_case_id"],
        seeded_one_in=second["seeded_one_in"],
        gap_actions={name: tuple(kinds) for name, kinds in data["gap_actions"].items()},
        not_applicable=dict(data["not_applicable"]),
        not_accessible=dict(data["not_accessible"]),
        purposes=dict(data["purposes"]),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise PolicyError(
            f"The scoring policy {path.name} cannot be read. Check its path, and that it is UTF-8 text."
        ) from None
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"The scoring policy {path.name} is not valid TOML: {error}.") from None


_SECOND = ("share", "first_days", "sees_case_id", "seeded_one_in")
# Each check returns sentences. A number has its least and its greatest value; 4 as evidence_from_level means "never".
_NUMBERS = {
    "evidence_from_level": (0, 4),
    "comment_to_level": (-1, 3),
    "gap_to_level": (0, 2),
    "review_after_days": (0, 365),
    "safety_due_days": (0, 7),
    "quick_seconds": (0, 3_600),
}


def _number(name: str, value: object) -> list[str]:
    low, high = _NUMBERS[name]
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        return [f"{name} must be a whole number from {low} to {high}"]
    return []


def _copies(name: str, value: object) -> list[str]:
    return [] if value in ("kept", "references_only") else [f'{name} must be "kept" or "references_only"']


def _outbox(name: str, value: object) -> list[str]:
    return [] if isinstance(value, bool) else [f"{name} must be true or false"]


def _second_rating(name: str, value: object) -> list[str]:
    if not isinstance(value, Mapping):
        return [f"{name} must be a table with {', '.join(_SECOND)}"]
    faults = [f'{name} has an unknown key "{key}"' for key in sorted(set(value) - set(_SECOND))]
    share, days = value.get("share"), value.get("first_days")
    if isinstance(share, bool) or not isinstance(share, int | Decimal) or not 0 <= share <= 1:
        faults.append(f"{name}.share must be a number from 0 to 1, such as 0.15")
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= 366:
        faults.append(f"{name}.first_days must be a whole number from 0 to 366")
    if not isinstance(value.get("sees_case_id"), bool):
        faults.append(f"{name}.sees_case_id must be true or false")
    one_in = value.get("seeded_one_in")
    if isinstance(one_in, bool) or not isinstance(one_in, int) or (one_in != 0 and not 5 <= one_in <= 1000):
        faults.append(f"{name}.seeded_one_in must be 0 for none, or a whole number from 5 to 1000")
    return faults


def _gap_actions(name: str, value: object) -> list[str]:
    if not isinstance(value, Mapping):
        return [f"{name} must be a table: a rubric or criterion, and the actions that a gap raises"]
    kinds = get_args(ActionKind)
    faults = []
    for target, raised in value.items():
        if not _CRITERION.fullmatch(target):
            faults.append(f'{name}: "{target[:40]}" is neither a rubric nor rubric/criterion')
        if not isinstance(raised, list) or not raised or any(kind not in kinds for kind in raised):
            faults.append(f"{name}.{target[:40]} must list actions out of: {', '.join(kinds)}")
    return faults


def _labels(name: str, value: object) -> list[str]:
    if not isinstance(value, Mapping) or not value:
        return [f"{name} must be a table with at least one code and its words"]
    faults = [f'{name}: "{code[:40]}" is no code: use a-z, 0-9 and _' for code in value if not _CODE.fullmatch(code)]
    for code, words in value.items():
        if not isinstance(words, str) or not words.strip() or len(words) > LABEL_CHARACTERS:
            faults.append(f"{name}.{code[:40]} must be a text of 1 to {LABEL_CHARACTERS} characters")
    return faults


def _reasons(name: str, value: object) -> list[str]:
    faults = _labels(name, value)
    if isinstance(value, Mapping) and len(value) > REASON_KEYS:
        faults.append(
            f"{name} has {len(value)} reasons; each needs a number key of its own, so {REASON_KEYS} is the most"
        )
    return faults


def _purposes(name: str, value: object) -> list[str]:
    faults = _labels(name, value)
    for needed in (SUPERVISION, AUDIT):
        if isinstance(value, Mapping) and needed not in value:
            faults.append(f'{name} must name "{needed}": identifiers and the log of access hang on it')
    return faults


_CHECKS: Mapping[str, Callable[[str, object], list[str]]] = {
    "copies": _copies,
    "outbox": _outbox,
    **dict.fromkeys(_NUMBERS, cast(Callable[[str, object], list[str]], _number)),
    "second_rating": _second_rating,
    "gap_actions": _gap_actions,
    "not_applicable": _reasons,
    "not_accessible": _reasons,
    "purposes": _purposes,
}
