#!/usr/bin/env python3
"""Verifies one draw from its pack alone:  python cst1_verify.py [PACK_FOLDER] [--commit HEX]

It needs Python 3.10 or later and nothing else, least of all the software that made the draw. Use a copy that
you trust. Give --commit as you received it before the draw: nothing else shows that no other was put in its
place. The first check that fails ends the run, with exit status 1. Before the draw it checks what there is by
then. It does not check a drand pulse's own signature: compare the pulse with drand's public site.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any

CHECKS = "frame exclusions commit randomness seed tickets ranks probabilities selection log sequence".split()
ROW = re.compile(r"[0-9a-f]{64},[A-Za-z0-9._:/-]{1,64},[0-9a-f]{64},([1-9][0-9]{0,2}|1000)")
FROZEN = {"commitment.json", "plan.json", "frame.csv", "exclusions.csv", "teams.csv"}
DRAWN = {"randomness.json", "manifest.csv"}
Row = tuple[str, ...]


def H(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def plain_json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def table(path: Path) -> Iterator[Row]:
    """Yields the rows below the header; the files have no quotes, and LF line ends."""
    with open(path, encoding="utf-8", newline="\n") as lines:
        next(lines)
        for line in lines:
            yield tuple(line.rstrip("\n").split(","))


def frame_rows(path: Path) -> list[Row]:
    rows: list[Row] = []
    for row in table(path):
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
    for line in read(path).removesuffix("\n").split("\n"):
        entry = json.loads(line)
        body = plain_json({key: value for key, value in entry.items() if key != "hash"})
        follows = entry["previous"] == last and entry["hash"] == H("cst1/log|" + last + H(body))
        if not follows or line != plain_json(entry):
            raise ValueError(f"{path.name} line {len(entries) + 1} was changed or does not follow")
        entries.append(entry)
        last = entry["hash"]
    return entries, last


def randomness_holds(ref: str, stored: dict[str, Any]) -> bool:
    """Returns whether the stored text is what was promised before it was known."""
    text, proof, (kind, *promised) = stored["text"], stored["proof"], ref.split(":")
    if (stored["kind"], stored["ref"]) != (kind, ref):
        return False
    if kind == "drand":
        pulse = proof["pulse"]
        signed = hashlib.sha256(bytes.fromhex(pulse["signature"])).hexdigest()
        return str(pulse["round"]) == promised[1] and text == pulse["randomness"] == signed
    if kind == "two-party":
        return [H(nonce) for nonce in proof["nonces"]] == promised and text == "".join(proof["nonces"])
    if kind == "dice":
        return bool(re.fullmatch("[0-9]{20}", text)) and text == proof["digits"]
    return kind == "operator" and bool(text.strip())


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
        same = (data["practitioner"], data["stratum"]) == frame[row][:2]
        if data["case"] not in review or not same or data["requested_by"] == data["approved_by"]:
            return False
        if data["replacement"] not in allowed:
            return False
        review.remove(data["case"])
        if data["replacement"]:
            review.add(data["replacement"])
        ever |= review
    return True


def checks(folder: Path, given: str | None, log: list[dict[str, Any]], drawn: bool) -> Iterator[tuple[bool, str]]:
    """Yields, in the order of CHECKS, whether each holds and what it found."""
    said = json.loads(read(folder / "commitment.json"))
    frame = frame_rows(folder / "frame.csv")
    cases = {row[2] for row in frame}
    once = len(cases) == len(frame)
    yield frame_digest(frame) == said["frame"] and once, f"{len(frame)} cases could be drawn"
    excluded = frame_rows(folder / "exclusions.csv")
    once = len(cases.union(row[2] for row in excluded)) == len(cases) + len(excluded)
    yield frame_digest(excluded) == said["exclusions"] and once, f"{len(excluded)} cases could not"
    plan_text, ref = read(folder / "plan.json"), said["randomness_ref"]
    plan, teams = json.loads(plan_text), {row[0]: row[1] for row in table(folder / "teams.csv")}
    commit = H("cst1/commit|" + H(said["draw_id"]) + said["frame"] + said["exclusions"] + H(plan_text) + H(ref))
    published = commit == said["commit"] and given in (None, commit)
    yield published and H(read(folder / "teams.csv")) == plan["teams"], commit
    if drawn:
        yield from checks_of_the_draw(folder, log, frame, plan, teams, commit, ref)
    else:
        yield from [(True, "not drawn yet")] * 6
    yield log_holds(folder, commit, drawn), f"{len(log)} entries"
    register = [entry["data"] for entry in chain(folder / "register.jsonl")[0]]
    ids = [entry["draw_id"] for entry in register]
    no_gap = [entry["sequence"] for entry in register] == list(range(1, len(ids) + 1))
    yield (
        no_gap
        and len(set(ids)) == len(ids)
        and (ids[-1], register[-1]["commit"])
        == (
            said["draw_id"],
            commit,
        ),
        f"draw {len(ids)} of the register",
    )


def checks_of_the_draw(
    folder: Path, log: list[Any], frame: list[Row], plan: Any, teams: dict[str, str], commit: str, ref: str
) -> Iterator[tuple[bool, str]]:
    stored = json.loads(read(folder / "randomness.json"))
    yield randomness_holds(ref, stored), ref
    seed = H("cst1/seed|" + commit + H(stored["text"]))
    yield all(entry["data"]["seed"] == seed for entry in log if entry["event"] == "drawn"), seed
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
    for row, want, found in zip_longest(frame, expected, table(folder / "manifest.csv"), fillvalue=()):
        holds[0] &= found[:5] == row + want[:1]
        holds[1] &= (found[5:6], found[8:]) == (want[1:2], want[4:])
        holds[2] &= found[6:7] == want[2:3]
        holds[3] &= found[7:8] == want[3:4]
    yield from zip(holds[:3], ("recomputed", "in the order of the tickets", "each is n/N"), strict=True)
    replaced = [entry["data"] for entry in log if entry["event"] == "replaced"]
    taken = f"{sum(n for _, n in ranked)} taken, {len(replaced)} replaced since"
    yield holds[3] and replacements_hold(replaced, frame, ranked), taken


def log_holds(folder: Path, commit: str, drawn: bool) -> bool:
    entries, last = chain(folder / "log.jsonl")
    events = [entry["event"] for entry in entries]
    listed = {"frozen": FROZEN, "drawn": DRAWN}
    for entry in entries:
        files = entry["data"].get("files", {})
        inside = all(Path(name).name == name for name in files)
        if not inside or not listed.get(entry["event"], set()) <= files.keys():
            return False
        if any(hashlib.sha256((folder / name).read_bytes()).hexdigest() != files[name] for name in files):
            return False
    whole = read(folder / "log.head") == f"{len(entries)} {last}\n" and events[0] == "frozen"
    once = events.count("frozen") == 1 and events.count("drawn") == int(drawn)
    return whole and once and bool(entries[0]["data"]["commit"] == commit)


def verify(folder: Path, given: str | None = None) -> str:
    """Prints each check, and returns the name of the one that failed, or an empty text."""
    problems = (ValueError, LookupError, TypeError, AttributeError, OSError, StopIteration, RuntimeError)
    try:
        log = chain(folder / "log.jsonl")[0]
    except problems:  # a broken log fails under its own name below; nothing is compared with it
        log = []
    drawn = any((folder / name).exists() for name in DRAWN) or any(e["event"] == "drawn" for e in log)
    results = checks(folder, given, log, drawn)
    for name in CHECKS:
        try:
            holds, note = next(results)
        except problems as problem:
            holds, note = False, repr(problem)
        print(f"{name:14}{'ok    ' if holds else 'FAILED'}  {note}")
        if not holds:
            return name
    return ""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Verifies one draw from its pack alone.")
    parser.add_argument("folder", nargs="?", default=".", type=Path, help="the pack (default: this folder)")
    parser.add_argument("--commit", help="the commitment as you received it before the draw")
    options = parser.parse_args()
    failed = verify(options.folder, options.commit)
    print(f"\nNOT VERIFIED: {failed} failed." if failed else "\nVERIFIED: every check holds.")
    if not (failed or options.commit):
        print("Compare the commitment above with the one that you received before the draw.")
    sys.exit(1 if failed else 0)
