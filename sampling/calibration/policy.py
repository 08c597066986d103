"""The constants of calibration, from policies/calibration.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from sampling.errors import Finding, PolicyError
from sampling.policy import shared_folder

FILE = "calibration.toml"
_LIMITS = {
    "least": (2, 100),
    "rounds": (1, 2),
    "talk_seconds": (10, 3_600),
    "open_hours": (1, 24),
    "most_raters": (2, 1_000),
    "wrong_codes_a_second": (1, 1_000),
    "joins_a_minute": (1, 10_000),
    "answers_a_minute": (10, 10_000),
    "answers_a_round": (10, 100_000),
    "keep_days": (0, 36_500),
    "tolerance": (0, 3),
    "anchors_each_cycle": (1, 12),
    "cycle_months": (1, 12),
}


@dataclass(frozen=True)
class CalibrationPolicy:
    """What policies/calibration.toml says; each value's source stands there."""

    least: int
    rounds: int
    talk_seconds: int
    open_hours: int
    most_raters: int
    wrong_codes_a_second: int
    joins_a_minute: int
    answers_a_minute: int
    answers_a_round: int
    keep_days: int
    tolerance: int
    anchors_each_cycle: int
    cycle_months: int


def load_calibration_policy(path: Path | None = None) -> CalibrationPolicy:
    """Returns the shipped policy, with what the given file says in its place. Raises PolicyError with every fault found."""
    default = shared_folder("policies") / FILE
    values = _read(default) | (_read(path) if path else {})
    file = (path or default).name
    known = [field.name for field in fields(CalibrationPolicy)]
    faults = [f'unknown key "{name[:40]}"; known are {", ".join(known)}' for name in values if name not in known]
    for name in known:
        low, high = _LIMITS[name]
        value = values.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            faults.append(f"{name} must be a whole number from {low} to {high}")
    if faults:
        findings = [Finding("POLICY_FAULT", fault, "Mend the file.", file=file) for fault in faults]
        raise PolicyError(
            f"The calibration policy {file} has {len(faults)} fault{'s' if len(faults) > 1 else ''}.", findings
        )
    return CalibrationPolicy(**{name: values[name] for name in known})


def _read(path: Path) -> dict[str, int]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise PolicyError(
            f"The calibration policy {path.name} cannot be read. Check its path, and that it is UTF-8 text."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"The calibration policy {path.name} is not valid TOML: {error}.") from None
