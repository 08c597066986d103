"""Policies are data: the signals, quotas and intervals of policies/*.toml, read and checked, each with its source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from sampling.chain import parse_json
from sampling.errors import Finding, PolicyError
from sampling.tickets import digest

Basis = Literal["event", "practitioner_change", "plan_stale", "review_overdue"]
STRATA = ("volatile", "other")
SIGNALS_LIMIT = 30  # two 64-bit words of fifteen four-bit counts (sampling/signals.py)
_SIGNAL_KEYS = {
    "id", "one", "many", "basis", "kinds", "minimum", "window_days", "major", "source", "counted", "grace_days",
}  # fmt: skip
LONGEST_WINDOW = 3_660  # days: ten years
COUNT_CAP = 15  # the largest count that is kept of a signal: four bits (sampling/signals.py)


def shared_folder(name: str) -> Path:
    """Returns the folder `name` (policies, notebooks) of the checkout, or of the installed package."""
    installed = Path(__file__).parent / "_shared" / name
    return installed if installed.is_dir() else Path(__file__).parent.parent / name


@dataclass(frozen=True)
class Signal:
    """One kind of recorded change, or of a missed expected event. `window_days` counts back from the draw date.

    `counted` is False where a number would say nothing (a state on the day of the extract). `grace_days` is how long a case must
    have been open before a missing plan counts.
    """

    id: str
    one: str
    many: str
    basis: Basis
    kinds: tuple[str, ...]
    window_days: int
    major: bool
    source: str
    minimum: int = 1
    counted: bool = True
    grace_days: int = 0

    def reason(self, count: int) -> str:
        """Returns the reason in words, such as "2 unattended contacts". Never a score."""
        words = self.one if count == 1 else self.many
        if not self.counted or self.basis in ("plan_stale", "review_overdue"):
            return words
        return f"{count} or more {words}" if count == COUNT_CAP else f"{count} {words}"


@dataclass(frozen=True)
class SignalPolicy:
    """A signal file: eligible as volatile are cases with `major` major signals or `distinct` distinct ones."""

    id: str
    version: int
    profile: str
    major: int
    distinct: int
    signals: tuple[Signal, ...]
    text: str

    @property
    def digest(self) -> str:
        """Returns H of the file's text, which the plan commits to."""
        return digest(self.text)


@dataclass(frozen=True)
class Plan:
    """How a draw is made. `stream` is (stratum, n a team), or None for no stream."""

    quota: Mapping[str, int]
    order: tuple[str, ...]
    reserve: int
    stream: tuple[str, int] | None
    cool_off_months: int
    keep_multiple: int


def load_signals(profile: str, path: Path | None = None) -> SignalPolicy:
    """Returns the signal file of a profile (adult or children), or the one given. Raises PolicyError with every fault found."""
    file = path or shared_folder("policies") / f"signals_{profile}.toml"
    text = _read(file)
    data = _parse_toml(file, text)
    faults: list[str] = []
    entries = data.get("signal", [])
    header, rule = data.get("file", {}), data.get("rule", {})
    if not all(isinstance(part, Mapping) for part in (header, rule, *entries)) or not _whole(header.get("version"), 0):
        _raise(file, ["file and rule must be tables, file.version a whole number, and each [[signal]] a table"])
    signals = [_signal(entry, position, faults) for position, entry in enumerate(entries, 1)]
    ids = [signal.id for signal in signals]
    faults += [f'signal "{name}" stands twice' for name in sorted({name for name in ids if ids.count(name) > 1})]
    if not 1 <= len(signals) <= SIGNALS_LIMIT:
        faults.append(f"a file has 1 to {SIGNALS_LIMIT} signals, this one has {len(signals)}")
    for name in ("major", "distinct"):
        if not _whole(rule.get(name), 1):
            faults.append(f"rule.{name} must be a whole number from 1")
    if header.get("profile") not in ("adult", "children"):
        faults.append('file.profile must be "adult" or "children"')
    _raise(file, faults)
    return SignalPolicy(
        str(header.get("id", "")),
        int(header.get("version", 0)),
        header["profile"],
        rule["major"],
        rule["distinct"],
        tuple(signals),
        text,
    )


def _signal(entry: Mapping[str, Any], position: int, faults: list[str]) -> Signal:
    name = str(entry.get("id", f"number {position}"))
    unknown = sorted(set(entry) - _SIGNAL_KEYS)
    if unknown:
        faults.append(f'signal "{name}" has unknown keys: {", ".join(unknown)}')
    missing = sorted({"id", "one", "many", "basis", "window_days", "major", "source"} - set(entry))
    if missing:
        faults.append(f'signal "{name}" lacks: {", ".join(missing)}')
    basis = entry.get("basis")
    if basis not in get_args(Basis):
        faults.append(f'signal "{name}": basis must be one of {", ".join(get_args(Basis))}')
    if basis != "practitioner_change" and not entry.get("kinds"):
        faults.append(f'signal "{name}" needs kinds')
    if basis == "plan_stale" and len(entry.get("kinds", ())) != 1:
        faults.append(f'signal "{name}": plan_stale takes one kind of plan; write another signal for another kind')
    least = {"window_days": 0, "minimum": 1, "grace_days": 0}
    faults += [
        f'signal "{name}": {key} must be a whole number from {low}'
        for key, low in least.items()
        if not _whole(entry.get(key, low), low) or entry.get(key, low) > LONGEST_WINDOW
    ]
    return Signal(
        name,
        str(entry.get("one", "")),
        str(entry.get("many", "")),
        cast(Basis, basis),
        tuple(entry.get("kinds", ())),
        entry.get("window_days", 0),
        bool(entry.get("major", False)),
        str(entry.get("source", "")),
        entry.get("minimum", 1),
        bool(entry.get("counted", True)),
        entry.get("grace_days", 0),
    )


def load_plan(path: Path | None = None) -> Plan:
    """Returns the plan: policies/plan.toml, with what the given TOML or JSON file says in its place. Raises PolicyError."""
    default = shared_folder("policies") / "plan.toml"
    data = _parse_toml(default, _read(default))
    file = path or default
    if path:
        text = _read(path)
        given = _parse_json(path, text) if text.lstrip().startswith("{") else _parse_toml(path, text)
        unknown = sorted(set(given) - set(data))
        _raise(path, [f'unknown key "{name}"; known are {", ".join(sorted(data))}' for name in unknown])
        data = {**data, **given}
    _raise(file, _plan_faults(data))
    stream = data["stream"]
    return Plan(
        {stratum: data["quota"].get(stratum, 0) for stratum in STRATA},
        tuple(data["order"]),
        data["reserve"],
        (stream["stratum"], stream["n"]) if stream and stream["n"] else None,
        data["cool_off"]["months"],
        data["cool_off"]["keep_multiple"],
    )


def _plan_faults(data: Mapping[str, Any]) -> list[str]:
    faults = []
    quota, stream, cool_off = data["quota"], data["stream"], data["cool_off"]
    if not isinstance(quota, Mapping) or set(quota) - set(STRATA) or not all(_whole(n, 0) for n in quota.values()):
        faults.append(f"quota must name whole numbers for {' and '.join(STRATA)}")
    if not isinstance(data["order"], list) or sorted(map(str, data["order"])) != sorted(STRATA):
        faults.append(f"order must name each stratum once: {', '.join(STRATA)}")
    if not _whole(data["reserve"], 0):
        faults.append("reserve must be a whole number")
    if stream and not (isinstance(stream, Mapping) and stream.get("stratum") in STRATA and _whole(stream.get("n"), 0)):
        faults.append("stream must name a stratum and n, a whole number, or be null or empty")
    if not (
        isinstance(cool_off, Mapping) and _whole(cool_off.get("months"), 0) and _whole(cool_off.get("keep_multiple"), 1)
    ):
        faults.append("cool_off must name months and keep_multiple, whole numbers")
    return faults


def _whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= 1_000_000


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise PolicyError(
            f"The policy file {path.name} cannot be read. Check its path, and that it is UTF-8 text."
        ) from None


def _parse_toml(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"The policy file {path.name} is not valid TOML: {error}.") from None


def _parse_json(path: Path, text: str) -> dict[str, Any]:
    try:
        return cast(dict[str, Any], parse_json(text))
    except ValueError as error:
        raise PolicyError(f"The plan {path.name} is not valid JSON ({type(error).__name__}).") from None


def _raise(path: Path, faults: list[str]) -> None:
    if faults:
        findings = [Finding("POLICY_FAULT", fault, "Mend the file.", file=path.name) for fault in faults]
        raise PolicyError(
            f"The policy file {path.name} has {len(faults)} fault{'s' if len(faults) > 1 else ''}.", findings
        )
