"""Freezing: the frame of a draw date, committed to before any randomness is known, as a folder that appears whole."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sampling.chain import canonical_json, chain_text, extended
from sampling.commitment import FreezeOrder, commitment, tabled_text, teams_text
from sampling.engine import Hasher, open_adapter, open_hasher
from sampling.errors import PolicyError, SourceError, StateError, UsageError
from sampling.frame import Frame, build_frame, cool_off_cutoff
from sampling.keys import Keyring, private_home
from sampling.model import Extract
from sampling.pack import (
    PRIVATE,
    REGISTER,
    SHARE,
    Pack,
    current_register,
    earlier_draws,
    file_digests,
    is_pack,
    open_pack,
    sibling_packs,
    write_log,
    write_register,
)
from sampling.policy import Plan, SignalPolicy, load_plan, load_signals
from sampling.randomness import parse_ref
from sampling.signals import cases_sql, practitioners_sql, signal_table
from sampling.storage import locked, whole_folder

REGISTER_LOCK = ".register.lock"
_DRAW_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}")
EXPORTED = ("cst1_verify.py", "verify.sql", "README.txt")


def freeze(extract: Extract, order: FreezeOrder, out: Path, *, keyring: Keyring, now: datetime) -> Pack:
    """Freezes the frame and commits to it: makes the folder `out` (docs/pack.md) and returns it opened.

    The same inputs give the same commitment. Raises SourceError when the extract has errors, StateError when `out` or the
    draw_id is taken by another draw, PolicyError and RandomnessError when those inputs are wrong.
    """
    _refuse_errors(extract, order)
    parse_ref(order.randomness_ref)
    order = order.named(extract.profile)
    if not _DRAW_ID.fullmatch(order.draw_id) or re.search(r"[0-9]{9}", order.draw_id):
        raise UsageError(
            "A draw_id is made of 1 to 64 of the characters A-Z a-z 0-9 . _ : / - and begins with a letter or figure. It is public: "
            "no name, and no number of nine figures or more."
        )
    policy, plan = load_signals(extract.profile, order.signals), load_plan(order.plan)
    if policy.profile != extract.profile:
        raise PolicyError(
            f"The signal file is for a service of the kind {policy.profile}, and the extract is of {extract.profile}."
        )
    out = out.absolute()
    home = out.parent
    with locked(home, REGISTER_LOCK), open_hasher() as hasher:
        earlier = earlier_draws(
            home,
            before=order.draw_date,
            since=cool_off_cutoff(order.draw_date, plan.cool_off_months),
            draw_id=order.draw_id,
            evidence=order.randomness_ref != "operator",
        )
        frame, sql = build(extract, order, policy, plan, earlier.last, keyring=keyring, hasher=hasher)
        frame = replace(frame, notes=(*earlier.notes, *frame.notes), follows=earlier.commits)
        if is_pack(out) or (out.exists() and (not out.is_dir() or any(out.iterdir()))):
            return _refrozen(out, frame, policy, plan, order, hasher)
        register = current_register(home)
        with whole_folder(out) as folder:
            about = _write_frozen(folder, frame, policy, plan, order, sql, hasher)
            register = _registered(register, order.draw_id, about["commit"], now)
            refuse_spent(home, order.draw_id)
            (folder / SHARE / REGISTER).write_text(
                chain_text(_up_to(register, order.draw_id)), encoding="ascii", newline="\n"
            )
            files = file_digests(folder / SHARE)
            data = {"commit": about["commit"], "cool_off": dict(frame.cool_off), "files": files}
            write_log(folder / SHARE, list(extended([], "frozen", now, data)))
            _store_local_ids(frame.local_ids, about["commit"])
        write_register(home, register)
    return open_pack(out)


def _refuse_errors(extract: Extract, order: FreezeOrder) -> None:
    if extract.errors:
        count = len(extract.errors)
        raise SourceError(
            f"The extract has {count} error{'s' if count > 1 else ''} that would make the draw wrong. Nothing was frozen.",
            extract.errors,
        )
    if not order.period.first_day <= order.draw_date <= order.period.last_day:
        raise UsageError(
            f"The draw date {order.draw_date.isoformat()} does not lie in {order.period.text}. Name a day of the period with --as-of."
        )
    # Our own tables do not say until when they go; their last recorded day may lie far back, which is said in a note.
    if extract.format != "canonical" and extract.covers_to and extract.covers_to < order.period.first_day:
        raise SourceError(
            f"The extract ends on {extract.covers_to.isoformat()}, before {order.period.text} begins. Freeze an earlier period, or use a newer extract."
        )


def build(
    extract: Extract,
    order: FreezeOrder,
    policy: SignalPolicy,
    plan: Plan,
    drawn_before: Mapping[str, date],
    *,
    keyring: Keyring,
    hasher: Hasher,
) -> tuple[Frame, str]:
    """Returns the frame of the draw date and the SELECT that found the signals."""
    with open_adapter(extract) as adapter:
        table = signal_table(policy, order.draw_date, adapter.tables(), extract.cannot)
        adapter.create_signal_table(table.rows)
        sql = cases_sql(table, order.draw_date)
        rows = adapter.select(sql)
        practitioners = adapter.select(practitioners_sql(order.draw_date))
    frame = build_frame(
        rows,
        practitioners,
        extract,
        policy=policy,
        plan=plan,
        drawn_before=drawn_before,
        as_of=order.draw_date,
        untold=table.cannot_tell,
        keyring=keyring,
        hasher=hasher,
    )
    if len(rows) == 0 and not any(count.name == "open_cases" and count.expected == 0 for count in extract.counts):
        raise SourceError(
            f"The extract has no open case on {order.draw_date.isoformat()}. An export that failed looks like this. If it is true, "
            "say so with a control total of open_cases 0."
        )
    if (
        extract.covers_to is None or order.draw_date >= extract.covers_to
    ):  # the service counted on the extract's last day
        _check_control_total(extract, len(rows))
    return frame, sql


def _check_control_total(extract: Extract, open_cases: int) -> None:
    """The caseload must be the one that the service counted by itself, where it gave a count."""
    for count in extract.counts:
        if count.name == "open_cases" and count.expected is not None and count.expected != open_cases:
            raise SourceError(
                f"The extract has {open_cases:,} open cases on the draw date, but the control total says {count.expected:,}. "
                "Find the missing or extra cases before you freeze, or correct control_totals."
            )


def _write_frozen(
    folder: Path, frame: Frame, policy: SignalPolicy, plan: Plan, order: FreezeOrder, sql: str, hasher: Hasher
) -> dict[str, Any]:
    about, plan_text, cases, exclusions = commitment(frame, policy, plan, order, hasher)
    share, private = folder / SHARE, folder / PRIVATE
    share.mkdir()
    private.mkdir(mode=0o700)
    texts = {
        "commitment.json": canonical_json(about) + "\n",
        "plan.json": plan_text,
        "teams.csv": teams_text(frame),
        "tabled.csv": tabled_text(frame),
        "signals.sql": sql + "\n",
        "signals.toml": policy.text,
    }
    for name, text in texts.items():
        (share / name).write_text(text, encoding="utf-8", newline="\n")
    hasher.write_csv(cases, share / "frame.csv")
    hasher.write_csv(exclusions, share / "exclusions.csv")
    exported = Path(__file__).parent / "share"
    for name in EXPORTED:
        (share / name).write_bytes((exported / name).read_bytes())
    for name, table in (
        ("frame", frame.cases),
        ("exclusions", frame.exclusions),
        ("teams", pa.Table.from_pandas(frame.practitioners, preserve_index=False)),
        ("tabled", pa.Table.from_pandas(frame.tabled, preserve_index=False)),
    ):
        pq.write_table(table, private / f"{name}.parquet")
    for name, content in (("notes", frame.notes), ("untold", frame.untold), ("bias", _bias_table(frame.cases))):
        (private / f"{name}.json").write_text(canonical_json(list(content)), encoding="ascii")
    for path in private.iterdir():
        path.chmod(0o600)  # a copy of the folder keeps the files' modes, not the folder's
    return about


def _bias_table(cases: pa.Table) -> list[dict[str, Any]]:
    """Returns who may be drawn first, by sex, age band and ethnicity as recorded: exact counts, for the service alone."""
    rows = []
    for attribute in ("sex", "age_band", "ethnicity"):
        counted = cases.group_by([attribute, "stratum"]).aggregate([([], "count_all")]).to_pylist()
        for value in sorted({row[attribute] for row in counted}, key=lambda value: (value is None, value)):
            of_value = {row["stratum"]: row["count_all"] for row in counted if row[attribute] == value}
            about = {"attribute": attribute, "recorded_as": value}
            rows.append({**about, "cases": sum(of_value.values()), "volatile": of_value.get("volatile", 0)})
    return rows


def _refrozen(out: Path, frame: Frame, policy: SignalPolicy, plan: Plan, order: FreezeOrder, hasher: Hasher) -> Pack:
    """Returns the draw that is there already when it is the same one; a folder never gets a second commitment."""
    if is_pack(out):
        pack = open_pack(out)
        if pack.entry("withdrawn"):
            raise StateError(
                f"The draw {pack.commitment['draw_id']} is withdrawn. Freeze into another folder, with another --draw-id."
            )
        if pack.commitment["commit"] == commitment(frame, policy, plan, order, hasher)[0]["commit"]:
            return pack
        raise StateError(
            f"That folder holds the draw {pack.commitment['draw_id']}, committed to other inputs. A commitment is never replaced: name another folder and --draw-id."
        )
    raise StateError("That folder is not empty and holds no draw. Name a new folder for --out.")


def _registered(register: list[dict[str, Any]], draw_id: str, commit: str, now: datetime) -> list[dict[str, Any]]:
    for entry in register:
        if entry["data"]["draw_id"] == draw_id:
            if entry["data"]["commit"] == commit:
                return register
            raise StateError(
                f'The draw_id "{draw_id}" was committed already, to other inputs. One draw_id has one commitment: give this draw another --draw-id.'
            )
    return extended(register, "frozen", now, {"commit": commit, "draw_id": draw_id, "sequence": len(register) + 1})


def refuse_spent(home: Path, draw_id: str, the_seed: str = "", out: Path | None = None) -> None:
    """Raises StateError when a draw of that name beside this one is withdrawn, or drawn with another seed: one draw_id, one draw."""
    for folder in sibling_packs(home):
        if out is not None and folder == out:
            continue
        other = open_pack(folder)
        if other.commitment["draw_id"] != draw_id:
            continue
        if other.entry("withdrawn"):
            raise StateError(
                f"The draw {draw_id} was withdrawn, in a folder beside this one. Give the new draw another --draw-id."
            )
        drawn = other.entry("drawn")
        if the_seed and drawn and drawn["data"]["seed"] != the_seed:
            raise StateError(f"The draw {draw_id} is drawn already, in a folder beside this one. A draw is made once.")


def _up_to(register: list[dict[str, Any]], draw_id: str) -> list[dict[str, Any]]:
    position = [entry["data"]["draw_id"] for entry in register].index(draw_id)
    return register[: position + 1]


def _store_local_ids(local_ids: pa.Table, commit: str) -> None:
    """Writes the table back to local ids into the private store, never beside the draw."""
    folder = private_home() / "local_ids"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = folder / f".{commit}.partial"
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        pq.write_table(local_ids, file)
    temporary.replace(folder / f"{commit}.parquet")
