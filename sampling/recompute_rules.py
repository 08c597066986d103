"""The rules of docs/pack.md for what a pack may say: each function raises CheckFailed with the fault that it finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sampling.chain import utc_moment, utc_text
from sampling.recompute_files import HEX, STRATUM, CheckFailed
from sampling.replacement import INELIGIBLE, REASONS, UNAVAILABLE, WITHDRAWALS
from sampling.timestamps import check_token

FROZEN_FILES = {
    "commitment.json",
    "plan.json",
    "frame.csv",
    "exclusions.csv",
    "teams.csv",
    "tabled.csv",
    "signals.toml",
}
DRAWN_FILES = {"randomness.json", "manifest.csv"}
TIMESTAMP = "timestamp.tsr"
_LATER = DRAWN_FILES | {TIMESTAMP, "log.jsonl", "log.head", "register.jsonl"}
_MOST = 1_000_000  # the largest number that a plan may name (sampling.policy)
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")
_PROOFS = {"drand": {"pulse"}, "two-party": {"nonces"}, "dice": {"digits", "witnesses"}, "operator": set()}
_PULSE = {"round", "randomness", "signature", "previous_signature"}

Rule = Callable[[Any], bool]


def whole(value: object) -> bool:
    """Returns whether a value is a whole number from 0; true and 1.0 are none."""
    return type(value) is int and 0 <= value <= _MOST


def _matches(pattern: str) -> Rule:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_moment(value: object) -> bool:
    try:
        return isinstance(value, str) and utc_text(utc_moment(value)) == value
    except ValueError:
        return False


def fits(value: object, rules: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None) -> bool:
    """Returns whether a value is an object with those keys, and no others, each as its rule wants it."""
    every = {**rules, **(optional or {})}
    if not isinstance(value, dict) or not rules.keys() <= value.keys() <= every.keys():
        return False
    return all(every[name](found) for name, found in value.items())


def _counts(value: object) -> bool:
    return isinstance(value, dict) and all(_is_stratum(name) and whole_any(n) for name, n in value.items())


def whole_any(value: object) -> bool:
    """Returns whether a value is a whole number from 0, however large: a size, not a rule."""
    return type(value) is int and value >= 0


def _is_order(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_stratum, value)) and len({*value}) == len(value)


def _is_list_of_digests(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_digest, value)) and len({*value}) == len(value)


def _is_files(value: object) -> bool:
    return isinstance(value, dict) and all(_FILE.fullmatch(name) and _is_digest(found) for name, found in value.items())


_is_digest, _is_stratum = _matches(HEX), _matches(STRATUM)
_is_period, _is_day = _matches(r"[0-9]{4}-(0[1-9]|1[0-2])"), _matches(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_ABOUT: dict[str, Rule] = {
    "as_of": _is_day,
    "period": _is_period,
    "protocol": _matches("cst1"),
    "randomness_ref": _is_text,
}
_COMMITMENT: dict[str, Rule] = {
    **_ABOUT,
    "commit": _is_digest,
    "draw_id": _is_text,
    "exclusions": _is_digest,
    "exclusions_size": whole_any,
    "frame": _is_digest,
    "size": whole_any,
    "strata": _counts,
}
_PLAN: dict[str, Rule] = {
    **_ABOUT,
    "cool_off": lambda value: fits(value, {"keep_multiple": whole, "months": whole}, {"from": _is_list_of_digests}),
    "order": _is_order,
    "quota": lambda value: isinstance(value, dict) and all(map(whole, value.values())),
    "reserve": whole,
    "signals": lambda value: fits(value, {"digest": _is_digest, "file": _is_text, "version": whole_any}),
    "software": _is_text,
    "stream": lambda value: value is None or fits(value, {"n": whole, "stratum": _is_stratum}),
    "tabled": _is_digest,
    "teams": _is_digest,
}
_DATA: dict[str, tuple[dict[str, Rule], dict[str, Rule]]] = {
    "frozen": (
        {"commit": _is_digest, "files": _is_files},
        {"cool_off": lambda value: fits(value, {"left_out": whole_any, "shortened": whole_any})},
    ),
    "drawn": (
        {
            "evidence_level": _matches("L[0-3]"),
            "files": _is_files,
            "reason": _is_text,
            "seed": _is_digest,
            "witnesses": whole,
        },
        {"signature_checked": lambda value: isinstance(value, bool), "stamped_at": _is_moment},
    ),
    "replaced": (
        {
            "approved_by": _is_digest,
            "case": _is_digest,
            "kind": _matches(f"{INELIGIBLE}|{UNAVAILABLE}"),
            "practitioner": _is_digest,
            "reason": _is_text,
            "replacement": _matches(f"({HEX})?"),
            "requested_by": _is_digest,
            "stratum": _is_stratum,
        },
        {},
    ),
    "withdrawn": ({"reason": lambda value: value in WITHDRAWALS}, {}),
}
_REGISTERED: dict[str, Rule] = {"commit": _is_digest, "draw_id": _is_text, "sequence": whole}


def check_commitment(about: object) -> None:
    """Fails unless commitment.json has its keys, and no others, each of its type."""
    if not fits(about, _COMMITMENT):
        raise CheckFailed("commitment.json lacks a key, or has one that is unknown or malformed")


def check_plan(plan: Any) -> None:
    """Fails unless the plan has its keys, and no others, with values that can be drawn by."""
    if not fits(plan, _PLAN):
        raise CheckFailed("plan.json lacks a key, or has one that is unknown or malformed")
    if plan["quota"].keys() != {*plan["order"]}:
        raise CheckFailed("plan.json does not name the same strata in quota and order")
    if plan["stream"] and plan["stream"]["stratum"] not in plan["order"]:
        raise CheckFailed("plan.json has a stream of a stratum that its order does not name")


def named_files(plan: Mapping[str, Any]) -> dict[str, str]:
    """Returns file name -> SHA-256 of the files that the plan commits to."""
    return {"teams.csv": plan["teams"], "tabled.csv": plan["tabled"], "signals.toml": plan["signals"]["digest"]}


def check_stored_shape(stored: Any) -> None:
    """Fails where randomness.json holds more than what proves the randomness."""
    proof = stored.get("proof")
    known = isinstance(proof, dict) and proof.keys() == _PROOFS.get(stored.get("kind"))
    known = known and stored.keys() == {"checks", "kind", "proof", "ref", "text"}
    checks, pulse = stored.get("checks"), proof.get("pulse", {}) if known else {}
    if not known or not isinstance(pulse, dict) or not pulse.keys() <= _PULSE:
        raise CheckFailed("randomness.json lacks a key, or has one that is unknown")
    if not isinstance(checks, list) or not all(map(_is_text, checks)):
        raise CheckFailed("randomness.json must say what was checked as sentences")


def check_entries(entries: Sequence[Mapping[str, Any]]) -> None:
    """Fails where an entry is of an unknown event, or tells more, less or otherwise than its event does."""
    for number, entry in enumerate(entries, 1):
        required, optional = _DATA.get(entry["event"], ({}, {}))
        if entry["event"] not in _DATA or not fits(entry["data"], required, optional):
            raise CheckFailed(f"log.jsonl line {number} is of no known event, or has unknown or malformed data")
        files = entry["data"].get("files", {}).keys()
        if entry["event"] == "frozen" and not (files >= FROZEN_FILES and files.isdisjoint(_LATER)):
            raise CheckFailed(f"log.jsonl line {number} does not name the files that are frozen")
        stamp = {TIMESTAMP} if "stamped_at" in entry["data"] else set()
        if entry["event"] == "drawn" and files != DRAWN_FILES | stamp:
            raise CheckFailed(f"log.jsonl line {number} does not name the files of the draw")


def check_history(entries: Sequence[Mapping[str, Any]], *, drawn: bool) -> None:
    """Fails unless the events stand in an order in which they can have happened."""
    events = [entry["event"] for entry in entries]
    if events[:1] != ["frozen"] or events.count("frozen") != 1 or events.count("drawn") != int(drawn):
        raise CheckFailed("the log does not begin with one freeze, or does not tell of one draw")
    if "replaced" in events and "drawn" not in events[: events.index("replaced")]:
        raise CheckFailed("a case was replaced before the draw")
    if "withdrawn" in events[:-1]:
        raise CheckFailed("something happened to the draw after it was withdrawn")
    moments = [entry["at"] for entry in entries]  # texts of one form, which sort as their moments do
    if moments != sorted(moments):
        raise CheckFailed("the times of the log run backwards")


def since_head(entries: Sequence[Mapping[str, Any]], noted: str) -> int:
    """Returns how many entries follow a head that was noted earlier. Fails where the log does not hold it."""
    heads = [[str(number), entry["hash"]] for number, entry in enumerate(entries, 1)]
    if noted.lower().split() not in heads:
        raise CheckFailed("the log does not hold the head that was noted: entries were removed or changed")
    return len(heads) - 1 - heads.index(noted.lower().split())


def check_stamp(token: bytes, commit: str, roots: bytes | None, claimed: str) -> datetime:
    """Returns the moment of a time stamp over the commitment. Fails, or raises RandomnessError, where it is not as claimed."""
    stamped = check_token(token, commit, roots=roots)
    if utc_text(stamped) != claimed:
        raise CheckFailed(f"the time stamp is of {utc_text(stamped)}, not of the moment that the log claims")
    return stamped


def check_replaced(entry: Mapping[str, Any], row: Sequence[str]) -> None:
    """Fails where a replacement has no ground, was not approved by another person, or misnames its case's row."""
    if entry["reason"] != entry["kind"] and REASONS.get(entry["reason"]) != entry["kind"]:
        raise CheckFailed("a replacement has a reason that is none, or that does not fit its kind")
    if entry["requested_by"] == entry["approved_by"]:
        raise CheckFailed("a replacement was requested and approved by the same person")
    if [entry["practitioner"], entry["stratum"]] != list(row[:2]):
        raise CheckFailed("a replacement names another practitioner or stratum than the manifest")


def check_register(entries: Sequence[Mapping[str, Any]]) -> None:
    """Fails where the register has a malformed line or a gap, or names a draw twice."""
    if not entries or not all(entry["event"] == "frozen" and fits(entry["data"], _REGISTERED) for entry in entries):
        raise CheckFailed("the register of draws has a malformed line")
    if [entry["data"]["sequence"] for entry in entries] != list(range(1, len(entries) + 1)):
        raise CheckFailed("the register of draws has a gap")
    names = [entry["data"]["draw_id"] for entry in entries]
    if len({*names}) != len(names):
        raise CheckFailed("the register of draws names a draw twice")
