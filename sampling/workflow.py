"""The main path, one function a stage: check, freeze, draw, replace, verify. Times and randomness are passed in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sampling import __version__
from sampling.chain import canonical_json, chain_text, extended, utc_moment
from sampling.draw import allocate, draw_manifest
from sampling.engine import Hasher, open_adapter, open_hasher
from sampling.errors import SamplingError, SourceError, StateError, VerificationError
from sampling.frame import Frame, build_frame
from sampling.keys import Keyring, load_secret, private_home
from sampling.model import Extract, Period
from sampling.pack import (
    BLINDED_COLUMNS,
    PRIVATE,
    REGISTER,
    SHARE,
    Pack,
    append_step,
    current_register,
    earlier_draws,
    file_digests,
    is_pack,
    open_pack,
    reviewed,
    write_log,
    write_register,
)
from sampling.policy import Plan, SignalPolicy, load_plan, load_signals
from sampling.randomness import Randomness, evidence_level, parse_ref
from sampling.replacement import INELIGIBLE, checked_people, checked_reason, next_rank
from sampling.signals import cases_sql, practitioners_sql, signal_table
from sampling.sources.opening import open_extract
from sampling.storage import locked, whole_folder
from sampling.tickets import commit as commitment_of
from sampling.tickets import digest, seed
from sampling.verify import verify_draw

REGISTER_LOCK = ".register.lock"
# Closed reasons: free text could name a person, and a withdrawn commitment stays visible for ever.
WITHDRAWALS = ("WRONG_EXTRACT", "WRONG_PERIOD", "WRONG_PLAN", "RANDOMNESS_NOT_REVEALED", "RANDOMNESS_LOST")


@dataclass(frozen=True)
class FreezeOrder:
    """What a freeze is asked for. `signals` and `plan` name policy files in place of the shipped ones."""

    period: Period
    randomness_ref: str = "operator"
    draw_id: str = ""
    as_of: date | None = None
    plan: Path | None = None
    signals: Path | None = None

    @property
    def draw_date(self) -> date:
        """Returns the day on which caseloads are counted: the last day of the period unless another is given."""
        return self.as_of or self.period.last_day

    @property
    def name(self) -> str:
        """Returns the draw_id: the period unless another is given."""
        return self.draw_id or self.period.text


def open_source(source: str, keyring: Keyring, *, format: str | None = None, extension: Path | None = None, as_of: date | None = None) -> Extract:
    """Returns the extract with all its findings. Raises SourceError only when nothing can be read at all."""
    return open_extract(source, keyring, format=format, extension=extension, as_of=as_of)


def local_keyring() -> Keyring:
    """Returns a keyring with the service's own secret."""
    return Keyring(load_secret())


def freeze(extract: Extract, order: FreezeOrder, out: Path, *, keyring: Keyring, now: datetime) -> Pack:
    """Freezes the frame and commits to it: makes the folder `out` (docs/pack.md) and returns it opened.

    The same inputs give the same commitment. Raises SourceError when the extract has errors, StateError when `out` or the
    draw_id is taken by another draw, PolicyError and RandomnessError when those inputs are wrong.
    """
    _refuse_errors(extract, order)
    parse_ref(order.randomness_ref)
    policy, plan = load_signals(extract.profile, order.signals), load_plan(order.plan)
    out = out.absolute()
    home = out.parent
    with locked(home, REGISTER_LOCK), open_hasher() as hasher:
        drawn_before = earlier_draws(home, before=order.draw_date, draw_id=order.name)
        frame, sql = build(extract, order, policy, plan, drawn_before, keyring=keyring, hasher=hasher)
        if is_pack(out) or (out.exists() and (not out.is_dir() or any(out.iterdir()))):
            return _refrozen(out, frame, policy, plan, order, hasher)
        register = current_register(home)
        with whole_folder(out) as folder:
            about = _write_frozen(folder, frame, policy, plan, order, sql, hasher)
            register = _registered(register, order.name, about["commit"], now)
            (folder / SHARE / REGISTER).write_text(chain_text(_up_to(register, order.name)), encoding="ascii", newline="\n")
            files = file_digests(folder / SHARE)
            write_log(folder / SHARE, list(extended([], "frozen", now, {"commit": about["commit"], "files": files})))
            _store_local_ids(frame.local_ids, about["commit"])
        write_register(home, register)
    return open_pack(out)


def _refuse_errors(extract: Extract, order: FreezeOrder) -> None:
    if extract.errors:
        count = len(extract.errors)
        raise SourceError(f"The extract has {count} error{'s' if count > 1 else ''} that would make the draw wrong. Nothing was frozen.", extract.errors)
    if extract.covers_to and extract.covers_to < order.period.first_day:
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
        table = signal_table(policy, order.draw_date, adapter.tables())
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
        keyring=keyring,
        hasher=hasher,
    )
    if extract.covers_to is None or order.draw_date >= extract.covers_to:  # the service counted on the extract's last day
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


def _plan_text(frame: Frame, policy: SignalPolicy, plan: Plan, order: FreezeOrder, teams_text: str) -> str:
    stream = {"stratum": plan.stream[0], "n": plan.stream[1]} if plan.stream else None
    return canonical_json(
        {
            "as_of": order.draw_date.isoformat(),
            "cool_off": {"keep_multiple": plan.keep_multiple, "months": plan.cool_off_months},
            "order": list(plan.order),
            "period": order.period.text,
            "protocol": "cst1",
            "quota": dict(plan.quota),
            "randomness_ref": order.randomness_ref,
            "reserve": plan.reserve,
            "signals": {"digest": policy.digest, "file": policy.id, "version": policy.version},
            "software": f"sampling {__version__}",
            "stream": stream,
            "tabled": digest(_tabled_text(frame)),
            "teams": digest(teams_text),
        }
    )


def _tabled_text(frame: Frame) -> str:
    rows = sorted((digest(key), by) for key, by in frame.tabled.itertuples(index=False))
    return "case,tabled_by\n" + "".join(f"{case},{by}\n" for case, by in rows)


def _teams_text(frame: Frame) -> str:
    rows = sorted((digest(key), digest(team)) for key, team in frame.practitioners[["practitioner_key", "team_key"]].itertuples(index=False))
    return "practitioner,team\n" + "".join(f"{practitioner},{team}\n" for practitioner, team in rows)


def _commitment(frame: Frame, policy: SignalPolicy, plan: Plan, order: FreezeOrder, hasher: Hasher) -> tuple[dict[str, Any], str, pa.Table, pa.Table]:
    """Returns the commitment's content, the plan text, and the blinded frame and ledger."""
    plan_text = _plan_text(frame, policy, plan, order, _teams_text(frame))
    cases, exclusions = hasher.blind(_frame_table(frame.cases)), hasher.blind(_frame_table(frame.exclusions))
    digests = hasher.digest(cases), hasher.digest(exclusions)
    about = {
        "as_of": order.draw_date.isoformat(),
        "commit": commitment_of(order.name, digests[0], digests[1], plan_text, order.randomness_ref),
        "draw_id": order.name,
        "exclusions": digests[1],
        "exclusions_size": len(exclusions),
        "frame": digests[0],
        "period": order.period.text,
        "protocol": "cst1",
        "randomness_ref": order.randomness_ref,
        "size": len(cases),
        "strata": {str(stratum): int(n) for stratum, n in frame.cases["stratum"].value_counts().sort_index().items()},
    }
    return about, plan_text, cases, exclusions


def _frame_table(frame: pd.DataFrame) -> pa.Table:
    columns = {name: pa.array(frame[name], pa.string()) for name in ("practitioner_key", "stratum", "case_key")}
    return pa.table({**columns, "weight": pa.array(frame["weight"], pa.int64())})


def _write_frozen(folder: Path, frame: Frame, policy: SignalPolicy, plan: Plan, order: FreezeOrder, sql: str, hasher: Hasher) -> dict[str, Any]:
    about, plan_text, cases, exclusions = _commitment(frame, policy, plan, order, hasher)
    share, private = folder / SHARE, folder / PRIVATE
    share.mkdir()
    private.mkdir(mode=0o700)
    texts = {
        "commitment.json": canonical_json(about) + "\n",
        "plan.json": plan_text,
        "teams.csv": _teams_text(frame),
        "tabled.csv": _tabled_text(frame),
        "signals.sql": sql + "\n",
        "signals.toml": policy.text,
    }
    for name, text in texts.items():
        (share / name).write_text(text, encoding="utf-8", newline="\n")
    hasher.write_csv(cases, share / "frame.csv")
    hasher.write_csv(exclusions, share / "exclusions.csv")
    exported = Path(__file__).parent / "share"
    for name in ("cst1_verify.py", "verify.sql", "README.txt"):
        (share / name).write_bytes((exported / name).read_bytes())
    for name, table in (("frame", frame.cases), ("exclusions", frame.exclusions), ("teams", frame.practitioners), ("tabled", frame.tabled)):
        pq.write_table(pa.Table.from_pandas(table, preserve_index=False), private / f"{name}.parquet")
    (private / "notes.json").write_text(canonical_json(list(frame.notes)), encoding="ascii")
    return about


def _refrozen(out: Path, frame: Frame, policy: SignalPolicy, plan: Plan, order: FreezeOrder, hasher: Hasher) -> Pack:
    """Returns the draw that is there already when it is the same one; a folder never gets a second commitment."""
    if is_pack(out):
        pack = open_pack(out)
        if pack.commitment["commit"] == _commitment(frame, policy, plan, order, hasher)[0]["commit"]:
            return pack
        raise StateError(f"That folder holds the draw {pack.commitment['draw_id']}, committed to other inputs. A commitment is never replaced: name another folder and --draw-id.")
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


def _up_to(register: list[dict[str, Any]], draw_id: str) -> list[dict[str, Any]]:
    position = [entry["data"]["draw_id"] for entry in register].index(draw_id)
    return register[: position + 1]


def _store_local_ids(local_ids: pd.DataFrame, commit: str) -> None:
    """Writes the table back to local ids into the private store, never beside the draw."""
    folder = private_home() / "local_ids"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = folder / f".{commit}.partial"
    pq.write_table(pa.Table.from_pandas(local_ids, preserve_index=False), temporary)
    temporary.chmod(0o600)
    temporary.replace(folder / f"{commit}.parquet")


def draw(folder: Path, randomness: Randomness, *, now: datetime, witnesses: int = 0, third_party_timestamp: bool = False) -> Pack:
    """Draws the frozen frame with the randomness and returns the draw opened. Raises StateError when it is drawn or withdrawn already."""
    open_pack(folder)
    with locked(folder), open_hasher() as hasher:
        pack = open_pack(folder)
        if pack.entry("drawn") or pack.entry("withdrawn"):
            raise StateError(f"The draw {pack.commitment['draw_id']} is {'withdrawn' if pack.entry('withdrawn') else 'drawn already'}. A draw is made once.")
        _refuse_unsound(pack)
        ref = parse_ref(pack.commitment["randomness_ref"])
        level, why = evidence_level(
            ref, frozen_at=utc_moment(pack.log[0]["at"]), third_party_timestamp=third_party_timestamp, witnesses=witnesses
        )
        the_seed = seed(pack.commitment["commit"], randomness.text)
        blinded = hasher.read_csv(pack.share / "frame.csv", BLINDED_COLUMNS)
        shares = allocate(hasher.groups(blinded), teams=_teams(pack), **_plan_arguments(pack.plan))
        manifest = draw_manifest(blinded, the_seed, shares, pack.plan["reserve"], hasher)
        _write_drawn(pack, manifest, canonical_json(randomness.stored(ref)) + "\n", {"evidence_level": level, "reason": why, "seed": the_seed, "witnesses": witnesses}, now, hasher)
    return open_pack(folder)


def _refuse_unsound(pack: Pack) -> None:
    verification = verify_draw(pack.folder)
    if not verification.ok:
        raise VerificationError(f"The frozen draw does not verify: the check {verification.failed} fails. Restore the folder from a copy; nothing was drawn.")


def _plan_arguments(plan: Mapping[str, Any]) -> dict[str, Any]:
    stream = plan["stream"]
    return {"quota": plan["quota"], "order": plan["order"], "stream": (stream["stratum"], stream["n"]) if stream else None}


def _teams(pack: Pack) -> dict[str, str]:
    lines = (pack.share / "teams.csv").read_text(encoding="ascii").splitlines()[1:]
    return dict(line.split(",") for line in lines)  # type: ignore[misc]


def _write_drawn(pack: Pack, manifest: pa.Table, randomness_text: str, about: dict[str, Any], now: datetime, hasher: Hasher) -> None:
    scratch = pack.private / ".manifest.csv"
    try:
        hasher.write_csv(manifest, scratch)
        content = scratch.read_bytes()
    finally:
        scratch.unlink(missing_ok=True)
    files = {"manifest.csv": content, "randomness.json": randomness_text.encode("ascii")}
    digests = {name: _bytes_digest(data) for name, data in files.items()}
    append_step(pack, extended(pack.log, "drawn", now, {**about, "files": digests}), files)


def _bytes_digest(data: bytes) -> str:
    from hashlib import sha256

    return sha256(data).hexdigest()


def replace(folder: Path, case_key: str, *, reason: str, requested_by: str, approved_by: str, review: bool = True, keyring: Keyring, now: datetime) -> dict[str, Any]:
    """Replaces a drawn case by the next rank and returns what was logged, with the replacement's case_key.

    Raises ReplacementError when the reason, the people or the case do not allow it.
    """
    kind, name = checked_reason(reason)
    checked_people(requested_by, approved_by)
    open_pack(folder)
    with locked(folder):
        pack = open_pack(folder)
        row, following = next_rank(pack.manifest(), pack.log, digest(case_key))
        if kind != INELIGIBLE and not review:
            following = ""
        data = {
            "approved_by": keyring.key("staff", "names", approved_by.strip()),
            "case": row["case"],
            "kind": kind,
            "practitioner": row["practitioner"],
            "reason": name,
            "replacement": following,
            "requested_by": keyring.key("staff", "names", requested_by.strip()),
            "stratum": row["stratum"],
        }
        append_step(pack, extended(pack.log, "replaced", now, data), {})
    keyed = pack.keyed_cases().set_index("case")
    return {"kind": kind, "reason": name, "replaced": case_key, "replacement": str(keyed.loc[following, "case_key"]) if following else None}


def withdraw(folder: Path, *, reason: str, now: datetime) -> Pack:
    """Withdraws a draw: it stays visible, with its reason (one of WITHDRAWALS), and its draw_id stays taken."""
    reason = reason.strip().upper().replace("-", "_").replace(" ", "_")
    if reason not in WITHDRAWALS:
        raise StateError(f"A withdrawal needs one of these reasons, since the commitment stays visible: {', '.join(WITHDRAWALS)}.")
    open_pack(folder)
    with locked(folder):
        pack = open_pack(folder)
        if pack.entry("withdrawn"):
            raise StateError("The draw is withdrawn already.")
        append_step(pack, extended(pack.log, "withdrawn", now, {"reason": reason}), {})
    return open_pack(folder)


def summary(pack: Pack) -> dict[str, Any]:
    """Returns what `freeze` and `draw` print: digests, sizes and, once drawn, seed, evidence level and the cases under review."""
    about = {name: pack.commitment[name] for name in ("draw_id", "frame", "exclusions", "commit", "size", "strata")}
    drawn = pack.entry("drawn")
    if drawn is None:
        return about
    return {**about, "seed": drawn["data"]["seed"], "evidence_level": drawn["data"]["evidence_level"], "selected": selected_cases(pack)}


def selected_cases(pack: Pack) -> list[dict[str, Any]]:
    """Returns the drawn cases with their keys, in order of practitioner, stratum and rank; `drawn_by` is quota or stream."""
    rows = {row["case"]: row for row in pack.manifest() if row["status"] == "selected"}
    keyed = pack.keyed_cases()
    found = [
        {
            "case_key": case_key,
            "practitioner_key": practitioner_key,
            "stratum": stratum,
            "rank": int(rows[case]["rank"]),
            "ticket": rows[case]["ticket"],
            "probability": rows[case]["probability"],
            "drawn_by": "stream" if rows[case]["stream"] else "quota",
        }
        for case_key, practitioner_key, stratum, case in keyed[["case_key", "practitioner_key", "stratum", "case"]].itertuples(index=False)
        if case in rows
    ]
    return sorted(found, key=lambda row: (row["practitioner_key"], row["stratum"], row["rank"], row["case_key"]))


def worklist(folder: Path) -> pd.DataFrame:
    """Returns the cases under review with the service's own ids, from the private store: for the service's own eyes.

    Columns: practitioner, team, case, stratum, reasons, state. Raises StateError when the private store of this draw is not here.
    """
    pack = open_pack(folder)
    state = reviewed(pack.manifest(), pack.log)
    path = private_home() / "local_ids" / f"{pack.commitment['commit']}.parquet"
    if not path.is_file():
        raise StateError("The private store that leads back to the service's ids is not on this machine, or SAMPLING_HOME names another folder.")
    local = pd.read_parquet(path).set_index("key")["local_id"]
    cases = pack.keyed_cases()
    cases = cases[cases["case"].isin(list(state))]
    table = pd.DataFrame(
        {
            "practitioner": cases["practitioner_key"].map(local).fillna(cases["practitioner_key"]),
            "team": cases["team"],
            "case": cases["case_key"].map(local).fillna(cases["case_key"]),
            "case_key": cases["case_key"],
            "stratum": cases["stratum"],
            "reasons": cases["reasons"],
            "state": cases["case"].map(state),
        }
    )
    return table.sort_values(["practitioner", "stratum", "case"]).reset_index(drop=True)


def load_json(path: Path) -> str:
    """Returns the text of a pulse file handed in. Raises SamplingError when it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
        json.loads(text)
    except (OSError, ValueError):
        raise SamplingError("The pulse file cannot be read as JSON. Fetch the round again, as it is served by any drand relay.") from None
    return text
