#!/usr/bin/env python3
"""Verifies one draw from its pack alone:  python cst1_verify.py [PACK_FOLDER] [--commit HEX] [--log-head "N HASH"]

It needs Python 3.10 or later and nothing else, least of all the software that made the draw. Use a copy that you trust.
Give --commit as you received it before the draw, and --log-head as you noted it after the draw: nothing else shows that
no other commitment was put in its place, and no replacement taken back. The first check that fails ends the run, with
exit status 1. It checks no time stamp, and no pulse's own signature: compare with drand's public site.
"""

from __future__ import annotations

import argparse
import calendar
import hashlib
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any

CHECKS = "frame exclusions commit randomness seed tickets ranks probabilities selection log sequence".split()
HEX, NAME, MOMENT = "[0-9a-f]{64}", "[A-Za-z0-9._:/-]{1,64}", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
ROW = re.compile(f"{HEX},{NAME},{HEX},([1-9][0-9]{{0,2}}|1000)")
TEAMS, FRAME = ("practitioner", "team"), ("practitioner", "stratum", "case", "weight")
MANIFEST = (*FRAME, "ticket", "rank", "probability", "status", "stream")
FROZEN = {"commitment.json", "plan.json", "frame.csv", "exclusions.csv", "teams.csv", "tabled.csv", "signals.toml"}
DRAWN = {"randomness.json", "manifest.csv"}
LATER = DRAWN | {"timestamp.tsr", "log.jsonl", "log.head", "register.jsonl"}
REASONS = {"INELIGIBLE": {"INELIGIBLE", "CLOSED_BEFORE_T0", "DUPLICATE", "WRONG_PRACTITIONER"}}
REASONS["UNAVAILABLE"] = {"UNAVAILABLE", "LEGAL_HOLD", "SEALED", "CONFLICT_OF_INTEREST"}
WITHDRAWALS = ["WRONG_EXTRACT", "WRONG_PERIOD", "WRONG_PLAN", "RANDOMNESS_NOT_REVEALED", "RANDOMNESS_LOST"]
# drand's chain hash -> when its first round was due, seconds between rounds
BEACONS = {"8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce": (1595431050, 30)}
BEACONS["52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"] = (1692803367, 3)
REF = re.compile(f"drand:({'|'.join(BEACONS)}):[1-9][0-9]{{0,18}}|two-party:{HEX}:{HEX}|dice|operator")
ABOUT = "as_of period protocol randomness_ref "
COMMITMENT = ABOUT + "commit draw_id exclusions exclusions_size frame size strata"
PLAN = ABOUT + "cool_off order quota reserve signals software stream tabled teams"
EVENTS = {"frozen": "commit files cool_off?", "withdrawn": "reason"}  # what each event says; "?" may be absent
EVENTS["drawn"] = "evidence_level files reason seed witnesses signature_checked? stamped_at?"
EVENTS["replaced"] = "approved_by case kind practitioner reason replacement requested_by stratum"
Row = tuple[str, ...]


def H(text: str | bytes) -> str:
    return hashlib.sha256(text.encode("utf-8") if isinstance(text, str) else text).hexdigest()


def read(path: Path) -> str:
    return path.read_bytes().decode("ascii")


def seconds_of(moment: str) -> int:
    return calendar.timegm(time.strptime(moment, "%Y-%m-%dT%H:%M:%SZ"))


def plain_json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def is_like(pattern: str, *values: Any) -> bool:
    return all(isinstance(value, str) and re.fullmatch(pattern, value) for value in values)


def is_whole(*values: Any) -> bool:
    return all(type(value) is int and 0 <= value <= 1_000_000 for value in values)


def has(value: Any, keys: str) -> bool:
    """Returns whether a value is an object with those keys and no others."""
    known, needed = ({key.rstrip("?") for key in keys.split()}, {key for key in keys.split() if key[-1] != "?"})
    return isinstance(value, dict) and needed <= value.keys() <= known


def table(path: Path, columns: Row) -> Iterator[Row]:
    """Yields the rows below the header; the files have no quotes, and LF line ends."""
    with open(path, encoding="ascii", newline="\n") as lines:
        if lines.readline() != ",".join(columns) + "\n":
            raise ValueError(f"{path.name} does not have the columns {', '.join(columns)}")
        for line in lines:
            row = tuple(line[:-1].split(","))
            if len(row) != len(columns) or line[-1] != "\n":
                raise ValueError(f"{path.name} has a malformed line")
            yield row


def frame_rows(path: Path) -> list[Row]:
    rows: list[Row] = []
    for row in table(path, FRAME):
        if not ROW.fullmatch(",".join(row)) or (rows and row < rows[-1]):
            raise ValueError(f"{path.name} line {len(rows) + 2} is malformed or out of order")
        rows.append((sys.intern(row[0]), sys.intern(row[1]), row[2], sys.intern(row[3])))
    return rows


def frame_digest(rows: list[Row]) -> str:
    groups = []
    for (practitioner, stratum), members in groupby(rows, key=lambda row: row[:2]):
        head = practitioner + H(stratum)
        leaves = sorted(H("cst1/leaf|" + head + case + H(weight)) for _, _, case, weight in members)
        groups.append(H(f"cst1/group|{head}{len(leaves)}|" + "".join(leaves)))
    return H(f"cst1/frame|{len(rows)}|" + "".join(sorted(groups)))


def chain(path: Path) -> tuple[list[dict[str, Any]], str]:
    """Returns a log's entries and its last hash; each line must be bound to the line before it."""
    entries: list[dict[str, Any]] = []
    last = "0" * 64
    *lines, rest = read(path).split("\n")
    for line in lines:
        entry = json.loads(line)
        body = plain_json({key: value for key, value in entry.items() if key != "hash"})
        follows = entry["previous"] == last and entry["hash"] == H("cst1/log|" + last + H(body))
        right = has(entry, "at data event hash previous") and is_like(MOMENT, entry["at"])
        if rest or not follows or not right or line != plain_json(entry):
            raise ValueError(f"{path.name} line {len(entries) + 1} was changed or does not follow")
        entries.append(entry)
        last = entry["hash"]
    return entries, last


def log_of(folder: Path) -> list[dict[str, Any]]:
    """Returns the log; each entry must be of a known event, and say what that event says and nothing else."""
    for number, entry in enumerate(entries := chain(folder / "log.jsonl")[0], start=1):
        event, data = entry["event"], entry["data"]
        right, files = has(data, EVENTS[event]), data.get("files", {})
        right &= is_like("[A-Za-z0-9_][A-Za-z0-9._-]*", *files) and is_like(HEX, *files.values())
        if event == "frozen":
            right &= FROZEN <= files.keys() and LATER.isdisjoint(files)
            left = data.get("cool_off", {"left_out": 0, "shortened": 0})
            right &= has(left, "left_out shortened") and is_whole(*left.values())
        elif event == "drawn":
            right &= files.keys() == DRAWN | ({"timestamp.tsr"} if "stamped_at" in data else set())
            right &= is_whole(data["witnesses"]) and isinstance(data.get("signature_checked", True), bool)
            right &= is_like(HEX, data["seed"]) and is_like(MOMENT, data.get("stamped_at", entry["at"]))
        elif event == "replaced":
            right &= is_like(HEX, data["case"], data["requested_by"], data["approved_by"]) and data["kind"] in REASONS
        else:
            right &= data["reason"] in WITHDRAWALS
        if not right:
            raise ValueError(f"log.jsonl line {number} does not say what its event says, or says more")
    return entries


def plan_holds(plan: Any) -> bool:
    """Returns whether the plan has its keys and no others, with values that can be drawn by."""
    order, quota, stream, cool_off = plan["order"], plan["quota"], plan["stream"], plan["cool_off"]
    right = has(plan, PLAN) and has(plan["signals"], "digest file version") and plan["protocol"] == "cst1"
    right &= isinstance(order, list) and is_like(NAME, *order) and len(set(order)) == len(order) > 0
    right &= set(order) == quota.keys() and is_whole(plan["reserve"], *quota.values())
    before = [*cool_off.get("from", [])]
    right &= is_like(HEX, *before) and len(set(before)) == len(before)
    right &= has(cool_off, "keep_multiple months from?") and is_whole(cool_off["keep_multiple"], cool_off["months"])
    right &= stream is None or (has(stream, "n stratum") and is_whole(stream["n"]) and stream["stratum"] in order)
    return right


def randomness_holds(ref: str, stored: dict[str, Any]) -> bool:
    """Returns whether the stored text is what was promised before it was known."""
    text, proof, (kind, *promised) = stored["text"], stored["proof"], ref.split(":")
    if (stored["kind"], stored["ref"]) != (kind, ref) or not has(stored, "checks kind proof ref text"):
        return False
    if kind == "drand":
        pulse = proof["pulse"]
        right = has(proof, "pulse") and has(pulse, "round randomness signature previous_signature?")
        right &= is_like("([0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{192})", *(pulse[key] for key in pulse if key != "round"))
        right &= text == pulse["randomness"] == H(bytes.fromhex(pulse["signature"]))
        return right and str(pulse["round"]) == promised[1]
    if kind == "two-party":
        right = has(proof, "nonces") and is_like(HEX, *proof["nonces"])
        return right and [H(nonce) for nonce in proof["nonces"]] == promised and text == "".join(proof["nonces"])
    if kind == "dice":
        right = is_like("[0-9]{20}", text) and is_whole(proof["witnesses"])
        return right and proof == {"digits": text, "witnesses": proof["witnesses"]}
    return kind == "operator" and proof == {} and bool(text.strip()) and len(text) <= 1000


def level_of(ref: str, stored: dict[str, Any], frozen: dict[str, Any], drawn: dict[str, Any]) -> str:
    """Returns what the draw is worth by what its log says; a time stamp is taken at the log's word."""
    kind, *promised = ref.split(":")
    if kind == "dice" and stored["proof"]["witnesses"] == drawn["witnesses"]:
        return "L2" if drawn["witnesses"] >= 2 else "L1"
    if kind != "drand":
        return {"operator": "L0", "two-party": "L2"}[kind]
    first, seconds = BEACONS[promised[0]]
    known = first + (int(promised[1]) - 1) * seconds <= seconds_of(drawn.get("stamped_at", frozen["at"]))
    if known or not drawn.get("signature_checked", True):
        return "L0"
    return "L3" if "stamped_at" in drawn else "L1"


def groups_to_draw(frame: list[Row], plan: Any, teams: dict[str, str]) -> Iterator[tuple[list[int], int, str]]:
    """Yields each group of rows to draw from, how many to take, and the team where it is a team's pool."""
    pools: dict[str, list[int]] = {}
    for practitioner, own in groupby(range(len(frame)), key=lambda i: frame[i][0]):
        strata = {stratum: list(rows) for stratum, rows in groupby(own, key=lambda i: frame[i][1])}
        deficit = 0  # what one stratum lacks is topped up from the next
        for stratum in [*plan["order"], *(s for s in strata if s not in plan["order"])]:
            rows, n = strata.get(stratum, []), 0
            if stratum in plan["order"]:
                n = plan["quota"][stratum] + deficit
                deficit = max(n - len(rows), 0)
            if plan["stream"] and stratum == plan["stream"]["stratum"] and n == 0:
                pools.setdefault(teams[practitioner], []).extend(rows)
            else:
                yield rows, min(n, len(rows)), ""
    for team, rows in pools.items():
        yield rows, min(plan["stream"]["n"], len(rows)), team


def replacements_hold(events: list[Any], frame: list[Row], ranked: list[tuple[list[int], int]]) -> bool:
    """Returns whether each replaced case was up for review and gave way to the next rank of its own group."""
    group_of = {frame[i][2]: (rows, n, i) for rows, n in ranked for i in rows} if events else {}
    review = {frame[i][2] for rows, n in ranked for i in rows[:n]}
    ever = set(review)
    for data in events:
        rows, n, row = group_of[data["case"]]
        left = [frame[i][2] for i in rows[n:] if frame[i][2] not in ever]
        allowed = left[:1] if left and data["kind"] == "INELIGIBLE" else [*left[:1], ""]
        right = (data["practitioner"], data["stratum"]) == frame[row][:2] and data["requested_by"] != data[
            "approved_by"
        ]
        right &= data["reason"] in REASONS[data["kind"]] and data["replacement"] in allowed
        if data["case"] not in review or not right:
            return False
        review = review - {data["case"]} | {data["replacement"]} - {""}
        ever |= review
    return True


def checks(folder: Path, given: str | None, head: str | None, log: list[Any], drawn: bool) -> Iterator[Any]:
    """Yields, in the order of CHECKS, whether each holds and what it found."""
    said = json.loads(read(folder / "commitment.json"))
    frame = frame_rows(folder / "frame.csv")
    cases = {row[2] for row in frame}
    strata = plain_json([len(frame), Counter(row[1] for row in frame)]) == plain_json([said["size"], said["strata"]])
    strata = strata and len(cases) == len(frame)
    yield strata and frame_digest(frame) == said["frame"], f"{len(frame)} cases could be drawn"
    excluded = frame_rows(folder / "exclusions.csv")
    once = len(cases.union(row[2] for row in excluded)) == len(cases) + len(excluded)
    once &= plain_json(said["exclusions_size"]) == str(len(excluded))
    yield frame_digest(excluded) == said["exclusions"] and once, f"{len(excluded)} cases could not"
    plan_text, ref = read(folder / "plan.json"), said["randomness_ref"]
    plan, teams = json.loads(plan_text), {row[0]: row[1] for row in table(folder / "teams.csv", TEAMS)}
    sound = has(said, COMMITMENT) and read(folder / "commitment.json") == plain_json(said) + "\n"
    sound &= plan_holds(plan) and plan_text == plain_json(plan)
    sound &= is_like(HEX, *teams, *teams.values()) and all(plan[key] == said[key] for key in ABOUT.split())
    named = {"teams.csv": plan["teams"], "tabled.csv": plan["tabled"], "signals.toml": plan["signals"]["digest"]}
    sound &= all(H((folder / name).read_bytes()) == digest for name, digest in named.items())
    commit = H("cst1/commit|" + H(said["draw_id"]) + said["frame"] + said["exclusions"] + H(plan_text) + H(ref))
    sound &= REF.fullmatch(ref) is not None and len({*ref.split(":")}) == ref.count(":") + 1
    yield sound and commit == said["commit"] and (given is None or given.strip().lower() == commit), commit
    of_draw = checks_of_the_draw(folder, log, frame, plan, teams, (commit, ref))
    yield from of_draw if drawn else [(True, "not drawn yet")] * 6
    yield log_holds(folder, commit, head, drawn), f"{len(log)} entries"
    register = chain(folder / "register.jsonl")[0]
    draws = [entry["data"] for entry in register if entry["event"] == "frozen"]
    known = all(has(data, "commit draw_id sequence") and is_like(HEX, data["commit"]) for data in draws)
    no_gap = plain_json([data["sequence"] for data in draws]) == plain_json([*range(1, len(draws) + 1)])
    known &= len({data["draw_id"] for data in draws}) == len(draws)
    last = [draws[-1]["draw_id"], draws[-1]["commit"], len(draws)] == [said["draw_id"], commit, len(register)]
    yield known and no_gap and last, f"draw {len(draws)} of the register"


def checks_of_the_draw(folder: Path, log: Any, frame: list[Row], plan: Any, teams: Any, ids: Row) -> Iterator[Any]:
    (commit, ref), stored = ids, json.loads(read(folder / "randomness.json"))
    sound = randomness_holds(ref, stored) and read(folder / "randomness.json") == plain_json(stored) + "\n"
    told = [entry["data"] for entry in log if entry["event"] == "drawn"]
    worth = [level_of(ref, stored, log[0], data) for data in told] if sound else []
    yield sound and worth == [data["evidence_level"] for data in told], f"{ref}, evidence level {''.join(worth)}"
    seed = H("cst1/seed|" + commit + H(stored["text"]))
    yield all(data["seed"] == seed for data in told), seed
    tickets = [H("cst1/ticket|" + seed + row[2]) for row in frame]
    expected: list[Row] = [()] * len(frame)
    ranked = []
    for rows, n, team in groups_to_draw(frame, plan, teams):
        rows.sort(key=tickets.__getitem__)
        for rank, i in enumerate(rows, start=1):
            reserve = 0 < n < rank <= n + plan["reserve"]
            status = "selected" if rank <= n else "reserve" if reserve else "not_selected"
            expected[i] = (tickets[i], str(rank), f"{n}/{len(rows)}", status, team)
        ranked.append((rows, n))
    holds = [True] * 4
    for row, want, found in zip_longest(frame, expected, table(folder / "manifest.csv", MANIFEST), fillvalue=()):
        holds[0] &= found[:5] == row + want[:1]
        holds[1] &= (found[5:6], found[8:]) == (want[1:2], want[4:])
        holds[2] &= found[6:7] == want[2:3]
        holds[3] &= found[7:8] == want[3:4]
    yield from zip(holds[:3], ("recomputed", "in the order of the tickets", "each is n/N"), strict=True)
    replaced = [entry["data"] for entry in log if entry["event"] == "replaced"]
    taken = f"{sum(n for _, n in ranked)} taken, {len(replaced)} replaced since"
    yield holds[3] and replacements_hold(replaced, frame, ranked), taken


def log_holds(folder: Path, commit: str, head: str | None, drawn: bool) -> bool:
    entries = log_of(folder)
    events, moments = [entry["event"] for entry in entries], [entry["at"] for entry in entries]
    files = [pair for entry in entries for pair in entry["data"].get("files", {}).items()]
    same = all(H((folder / name).read_bytes()) == digest for name, digest in files)
    heads = [f"{number} {entry['hash']}" for number, entry in enumerate(entries, start=1)]
    noted = heads[-1] if head is None else " ".join(head.lower().split())
    whole = read(folder / "log.head") == heads[-1] + "\n" and noted in heads
    once = events[0] == "frozen" and events.count("frozen") == 1 and events.count("drawn") == int(drawn)
    after = "replaced" not in events or "drawn" in events[: events.index("replaced")]
    ended = "withdrawn" not in events[:-1] and moments == sorted(moments, key=seconds_of)
    return same and whole and once and after and ended and bool(entries[0]["data"]["commit"] == commit)


def verify(folder: Path, given: str | None = None, head: str | None = None) -> str:
    """Prints each check, and returns the name of the one that failed, or an empty text."""
    problems = (ValueError, LookupError, TypeError, AttributeError, OSError, ArithmeticError, RuntimeError, MemoryError)
    try:
        log = log_of(folder)
    except problems:  # a broken log fails under its own name below; nothing is compared with it
        log = []
    drawn = any((folder / name).exists() for name in DRAWN) or any(entry["event"] == "drawn" for entry in log)
    results = checks(folder, given, head, log, drawn)
    failed = pulse = ""
    for name in CHECKS:
        try:
            holds, note = next(results)
        except problems as problem:
            holds, note = False, repr(problem)[:200]
        print(f"{name:14}{'ok    ' if holds else 'FAILED'}  {note}")
        pulse = pulse or note[: note.startswith("drand:")]
        failed = "" if holds else name
        if failed:
            break
    data = {entry["event"]: entry["data"] for entry in log}
    stamp = " NOT CHECKED HERE: the time stamp." if "stamped_at" in data.get("drawn", {}) else ""
    trusted = (" NOT CHECKED HERE: the beacon's signature." if pulse else "") + stamp
    print(f"\nNOT VERIFIED: {failed} failed." if failed else f"\nVERIFIED: every check holds.{trusted}")
    if "withdrawn" in data:
        print(f"This draw is withdrawn: {data['withdrawn']['reason']}.")
    if not failed and given is None:
        print("Compare the commitment above with the one that you received before the draw.")
    return failed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Verifies one draw from its pack alone.")
    parser.add_argument("folder", nargs="?", default=".", type=Path, help="the pack (default: this folder)")
    parser.add_argument("--commit", help="the commitment as you received it before the draw")
    parser.add_argument("--log-head", metavar="'N HASH'", help="the log's head as you noted it after the draw")
    options = parser.parse_args()
    sys.exit(1 if verify(options.folder, options.commit, options.log_head) else 0)
