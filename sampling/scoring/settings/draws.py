"""The draws of a service as scoring sees them: the cases under review, who holds each, and which seed decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, cast

import pyarrow.parquet as pq

from sampling.errors import StateError
from sampling.keys import Keyring, private_home
from sampling.pack import PRIVATE, SHARE, Pack, open_pack, reviewed, sibling_packs
from sampling.policy import COUNT_CAP, SignalPolicy, load_signals
from sampling.signals import SIGNALS_A_WORD
from sampling.tickets import digest

SYSTEMS = ("canonical", "mhsds", "annex-a", "database")  # the names under which the readers key their ids
CaseState = Literal["selected", "replacement", "replaced"]
_COLUMNS = ["case", "case_key", "practitioner", "practitioner_key", "team", "stratum", "reasons", "word0", "word1"]


@dataclass(frozen=True)
class DrawnCase:
    """One case that was drawn, or that took a drawn one's place. `case` and `practitioner` are the digests of the keys."""

    case: str
    case_key: str
    practitioner: str
    practitioner_key: str
    team: str
    stratum: str
    reasons: str
    signals: tuple[str, ...]
    state: CaseState
    follows: str = ""  # the selected case in whose place it stands, or itself


@dataclass(frozen=True)
class Tabled:
    """A case that a person put forward: listed, never counted."""

    case: str
    case_key: str
    practitioner_key: str
    tabled_by: str
    team: str = ""


@dataclass(frozen=True)
class Draw:
    """A drawn pack. `drawn_at` is UTC text; `seed` the draw's seed, from which every later random choice derives."""

    folder: Path
    commit: str
    draw_id: str
    period: str
    as_of: date
    drawn_at: str
    seed: str
    profile: str
    cases: tuple[DrawnCase, ...]
    tabled: tuple[Tabled, ...]
    withdrawn: bool = False

    def case(self, case: str) -> DrawnCase | None:
        """Returns the case of that digest, or None."""
        return next((one for one in self.cases if one.case == case), None)

    @property
    def under_review(self) -> tuple[DrawnCase, ...]:
        """Returns the cases that are to be scored: a replaced one is not."""
        return tuple(case for case in self.cases if case.state != "replaced")


def load_draws(home: Path) -> tuple[Draw, ...]:
    """Returns every drawn pack of a home, oldest draw date first. One that is frozen and not yet drawn is left out.

    Raises StateError when a pack is damaged, or its private folder is not here.
    """
    draws = [draw for folder in sibling_packs(home) if (draw := load_draw(folder)) is not None]
    return tuple(sorted(draws, key=lambda draw: (draw.as_of, draw.drawn_at, draw.draw_id)))


def load_draw(folder: Path) -> Draw | None:
    """Returns the drawn pack in that folder, or None when it is frozen alone."""
    pack = open_pack(folder)
    drawn = pack.entry("drawn")
    if drawn is None:
        return None
    states = reviewed(pack.manifest(), pack.log)
    policy = signals_of(pack)
    tabled = _tabled(pack)
    rows = frame_rows(pack, {*states, *tabled})
    return Draw(
        folder=folder,
        commit=str(pack.commitment["commit"]),
        draw_id=str(pack.commitment["draw_id"]),
        period=str(pack.commitment["period"]),
        as_of=date.fromisoformat(pack.commitment["as_of"]),
        drawn_at=str(drawn["at"]),
        seed=str(drawn["data"]["seed"]),
        profile=policy.profile,
        cases=_cases(rows, states, _followed(pack), policy),
        tabled=_tabled_rows(tabled, rows),
        withdrawn=pack.entry("withdrawn") is not None,
    )


def signals_of(pack: Pack) -> SignalPolicy:
    """Returns the signals of a draw: the very file that was committed to."""
    return load_signals("", pack.share / "signals.toml")


def frame_rows(pack: Pack, cases: set[str]) -> dict[str, dict[str, Any]]:
    """Returns case digest -> its row of the private frame. The frame of a country is read through, never held.

    An older frame has the keys alone; its digests are made anew. Raises StateError when the private folder is not here.
    """
    path = pack.private / "frame.parquet"
    if not path.is_file():
        raise StateError(
            f"The private folder of the draw {pack.commitment['draw_id']} is not here. Score where the draw was frozen."
        )
    present = set(pq.read_schema(path).names)
    columns = [name for name in _COLUMNS if name in present]
    filters = [("case", "in", sorted(cases))] if cases and "case" in present else None
    rows = pq.read_table(path, columns=columns, filters=filters).to_pylist() if cases else []
    found = {}
    for row in rows:
        case = row.get("case") or digest(row["case_key"])
        if case in cases:
            found[case] = {
                **row,
                "case": case,
                "practitioner": row.get("practitioner") or digest(row["practitioner_key"]),
            }
    return found


def _followed(pack: Pack) -> dict[str, str]:
    """Returns replacement -> the case that was first selected, through as many replacements as there were."""
    first: dict[str, str] = {}
    for entry in pack.log:
        if entry["event"] == "replaced" and entry["data"]["replacement"]:
            replaced = entry["data"]["case"]
            first[entry["data"]["replacement"]] = first.get(replaced, replaced)
    return first


def _cases(
    rows: Mapping[str, Mapping[str, Any]], states: Mapping[str, str], followed: Mapping[str, str], policy: SignalPolicy
) -> tuple[DrawnCase, ...]:
    return tuple(
        DrawnCase(
            case=case,
            case_key=rows[case]["case_key"],
            practitioner=rows[case]["practitioner"],
            practitioner_key=rows[case]["practitioner_key"],
            team=rows[case].get("team") or "",
            stratum=rows[case]["stratum"],
            reasons=rows[case].get("reasons") or "",
            signals=_signal_ids(policy, rows[case].get("word0") or 0, rows[case].get("word1") or 0),
            state=cast(CaseState, states[case]),
            follows=followed.get(case, case),
        )
        for case in sorted(states)
        if case in rows
    )


def _signal_ids(policy: SignalPolicy, word0: int, word1: int) -> tuple[str, ...]:
    """Returns the ids of the signals that the frame counted for a case (sampling.signals says how they are packed)."""
    found = []
    for position, signal in enumerate(policy.signals):
        word, slot = divmod(position, SIGNALS_A_WORD)
        if ((word1 if word else word0) >> (4 * slot)) & COUNT_CAP:
            found.append(signal.id)
    return tuple(found)


def _tabled(pack: Pack) -> dict[str, tuple[str, str]]:
    path = pack.private / "tabled.parquet"
    listed = pq.read_table(path).to_pylist() if path.is_file() else []
    return {digest(row["case_key"]): (row["case_key"], row["tabled_by"]) for row in listed}


def _tabled_rows(tabled: Mapping[str, tuple[str, str]], rows: Mapping[str, Mapping[str, Any]]) -> tuple[Tabled, ...]:
    none: Mapping[str, Any] = {}
    return tuple(
        Tabled(
            case=case,
            case_key=key,
            practitioner_key=str(rows.get(case, none).get("practitioner_key") or ""),
            tabled_by=by,
            team=str(rows.get(case, none).get("team") or ""),
        )
        for case, (key, by) in sorted(tabled.items())
    )


def fingerprint(home: Path) -> tuple[tuple[str, int, int], ...]:
    """Returns what changes when a draw is made, replaced in or withdrawn, or a record is taken: name, size and time of each file."""
    found = []
    for folder in sibling_packs(home):
        records = (folder / PRIVATE / "record").glob("[0-9]*")
        for path in (folder / SHARE / "log.jsonl", *sorted(records)):
            about = path.stat()
            found.append((f"{folder.name}/{path.name}", about.st_size, about.st_mtime_ns))
    return tuple(found)


def local_ids(draw_commit: str, keys: set[str]) -> dict[str, str]:
    """Returns key -> the service's own id, from the private store; empty where that store is not on this machine."""
    path = private_home() / "local_ids" / f"{draw_commit}.parquet"
    if not path.is_file() or not keys:
        return {}
    table = pq.read_table(path, columns=["key", "local_id"], filters=[("key", "in", sorted(keys))])
    return dict(zip(table["key"].to_pylist(), table["local_id"].to_pylist(), strict=True))


def staff_keys(draws: tuple[Draw, ...], keyring: Keyring) -> Callable[[str], str]:
    """Returns what turns a staff id into the key that the newest draw has for that person.

    The way is found by trying the readers' names on one practitioner of the private store, whose id and key are both known.
    Raises StateError when no draw's private store is on this machine.
    """
    for draw in reversed(draws):
        found = local_ids(draw.commit, {case.practitioner_key for case in draw.cases})
        for key, local in sorted(found.items()):
            for system in SYSTEMS:
                if keyring.key("practitioner", system, local) == key:
                    return _keyed_by(system, _common_prefix(found.values()) if system == "mhsds" else "", keyring)
    raise StateError(
        "The people file needs the private store that leads back to the service's ids, and it is not on this machine, "
        "or SAMPLING_HOME names another folder."
    )


def _common_prefix(ids: Any) -> str:
    """Returns the provider's code with its colon, when all ids begin with the same one (sampling.sources.mhsds)."""
    prefixes = {local.partition(":")[0] + ":" for local in ids if ":" in local}
    return prefixes.pop() if len(prefixes) == 1 else ""


def _keyed_by(system: str, prefix: str, keyring: Keyring) -> Callable[[str], str]:
    def key(local: str) -> str:
        if system == "annex-a":
            from sampling.sources.annex_a_workers import fold_name

            local = fold_name(local) or local
        local = local if prefix and local.startswith(prefix) else prefix + local
        return keyring.key("practitioner", system, local)

    return key
