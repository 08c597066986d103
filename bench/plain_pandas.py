"""The same rule in plain pandas, as a good analyst would write it: what our engine is measured against."""

from __future__ import annotations

import hmac
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pandas as pd

from sampling.policy import Plan, SignalPolicy
from sampling.sources.tables import ACCOUNTABLE_ROLES

SYSTEM = "canonical"


def draw(
    folder: Path, policy: SignalPolicy, plan: Plan, day: date, secret: bytes, seed: str
) -> list[tuple[str, str, int]]:
    """Returns (practitioner digest, case digest, rank) of every drawn case."""
    cases = pd.read_parquet(folder / "cases.parquet", columns=["case_id", "team_id", "opened", "closed", "died_on"])
    held = pd.read_parquet(
        folder / "allocations.parquet", columns=["case_id", "practitioner_id", "role", "started", "ended"]
    )
    staff = pd.read_parquet(
        folder / "practitioners.parquet", columns=["practitioner_id", "team_id", "started", "left_on"]
    )
    cases, held, staff = (_dated(frame) for frame in (cases, held, staff))
    today = pd.Timestamp(day)
    cases = cases[(cases["opened"] <= today) & ~(cases["closed"] <= today)].set_index("case_id")
    held = held[held["role"].isin(ACCOUNTABLE_ROLES)]
    hits = _signals(folder, policy, day, cases["opened"], held)
    cases["volatile"] = False
    flags = pd.DataFrame(hits)
    if len(flags):
        majors = flags[flags["major"]].groupby("case_id").size().reindex(cases.index, fill_value=0)
        distinct = flags.groupby("case_id").size().reindex(cases.index, fill_value=0)
        cases["volatile"] = (majors >= policy.major) | (distinct >= policy.distinct)
    frame = _frame(cases, held, staff, today)
    return _drawn(frame, _teams(frame, staff, today), plan, secret, seed)


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    columns = [
        name
        for name in ("opened", "closed", "died_on", "started", "ended", "left_on", "created", "updated", "review_due")
        if name in frame
    ]
    return frame.assign(**{name: pd.to_datetime(frame[name]) for name in columns})


def _signals(folder: Path, policy: SignalPolicy, day: date, opened: pd.Series, held: pd.DataFrame) -> pd.DataFrame:
    """Returns case_id, major: one row for each signal of each case."""
    of_events = [signal for signal in policy.signals if signal.basis == "event"]
    longest = max(signal.window_days for signal in of_events)
    events = pd.read_parquet(
        folder / "events.parquet",
        columns=["case_id", "happened_on", "kind"],
        filters=[("happened_on", ">", day - timedelta(days=longest)), ("happened_on", "<=", day)],
    )
    events["happened_on"] = pd.to_datetime(events["happened_on"])
    plans = _dated(
        pd.read_parquet(
            folder / "plans.parquet", columns=["case_id", "kind", "created", "updated", "review_due", "ended"]
        )
    )
    today = pd.Timestamp(day)
    found = []
    for signal in policy.signals:
        start = today - pd.Timedelta(days=signal.window_days)
        if signal.basis == "event":
            inside = events[events["kind"].isin(signal.kinds) & (events["happened_on"] > start)]
            counts = inside.groupby("case_id").size()
        elif signal.basis == "practitioner_change":
            counts = _changes(held, start, today)
        elif signal.basis == "plan_stale":
            running = plans[plans["kind"].isin(signal.kinds) & ~(plans["ended"] <= today)]
            fresh = running[
                running["created"].between(start, today, "right") | running["updated"].between(start, today, "right")
            ]
            settled = opened.index[opened <= today - pd.Timedelta(days=signal.grace_days)]
            counts = pd.Series(1, index=settled.difference(pd.Index(fresh["case_id"].unique())))
        else:
            late = plans[plans["kind"].isin(signal.kinds) & (plans["review_due"] < today) & ~(plans["ended"] <= today)]
            counts = late.groupby("case_id").size()
        counts = counts[counts >= signal.minimum]
        found.append(pd.DataFrame({"case_id": counts.index, "major": signal.major}))
    return pd.concat(found, ignore_index=True)


def _changes(held: pd.DataFrame, start: pd.Timestamp, today: pd.Timestamp) -> pd.Series:
    new = held[(held["started"] > start) & (held["started"] <= today)]
    pairs = new.merge(held[["case_id", "practitioner_id", "started"]], on="case_id", suffixes=("", "_before"))
    changed = pairs[
        (pairs["started_before"] < pairs["started"]) & (pairs["practitioner_id_before"] != pairs["practitioner_id"])
    ]
    return changed.groupby("case_id")["practitioner_id"].nunique()


def _frame(cases: pd.DataFrame, held: pd.DataFrame, staff: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    """Returns the cases that may be drawn, each with its one accountable practitioner."""
    holding = held[(held["started"] <= today) & ~(held["ended"] < today)]
    latest = holding[holding["started"] == holding.groupby("case_id")["started"].transform("max")]
    by_case = latest.groupby("case_id")["practitioner_id"]
    holders = by_case.nunique()
    holder = by_case.first()[holders == 1]
    frame = cases.join(holder.rename("practitioner_id"), how="inner")
    left = staff.loc[staff["left_on"] < today, "practitioner_id"]
    return frame[~(frame["died_on"] <= today) & ~frame["practitioner_id"].isin(left)].reset_index()


def _teams(frame: pd.DataFrame, staff: pd.DataFrame, today: pd.Timestamp) -> pd.Series:
    """Returns practitioner -> team: their own, else the one that most of their cases are in."""
    inside = staff[~(staff["started"] > today) & ~(staff["left_on"] < today)]
    own = inside.dropna(subset=["team_id"]).set_index("practitioner_id")["team_id"]
    counts = frame.groupby(["practitioner_id", "team_id"]).size().reset_index(name="n")
    common = counts.sort_values(["practitioner_id", "n", "team_id"], ascending=[True, False, True])
    return own.combine_first(common.drop_duplicates("practitioner_id").set_index("practitioner_id")["team_id"])


def _drawn(frame: pd.DataFrame, teams: pd.Series, plan: Plan, secret: bytes, seed: str) -> list[tuple[str, str, int]]:
    prefix = f"case\x1f{SYSTEM}\x1f"
    keys = [hmac.digest(secret, (prefix + case).encode(), "sha256").hex() for case in frame["case_id"]]
    frame["case"] = [sha256(key.encode()).hexdigest() for key in keys]
    start = "cst1/ticket|" + seed
    frame["ticket"] = [sha256((start + case).encode()).hexdigest() for case in frame["case"]]
    frame["stratum"] = frame["volatile"].map({True: "volatile", False: "other"})
    sizes = frame.groupby(["practitioner_id", "stratum"]).size().unstack(fill_value=0)
    taken, deficit = {}, 0
    for stratum in plan.order:
        wanted = plan.quota[stratum] + deficit
        taken[stratum] = sizes[stratum].clip(upper=wanted)
        deficit = wanted - taken[stratum]
    picked = []
    unit = frame["practitioner_id"] + "|" + frame["stratum"]
    n = pd.Series(0, index=frame.index)
    for stratum, counts in taken.items():
        of = frame["stratum"] == stratum
        n[of] = frame.loc[of, "practitioner_id"].map(counts)
    if plan.stream:
        streamed = (frame["stratum"] == plan.stream[0]) & (n == 0)
        unit[streamed] = "team|" + frame.loc[streamed, "practitioner_id"].map(teams)
        n[streamed] = plan.stream[1]
    rank = frame.groupby(unit)["ticket"].rank(method="first").astype("int64")
    chosen = frame[rank <= n].assign(rank=rank)
    prefix = f"practitioner\x1f{SYSTEM}\x1f"
    for practitioner, case, place in chosen[["practitioner_id", "case", "rank"]].itertuples(index=False):
        key = hmac.digest(secret, (prefix + practitioner).encode(), "sha256").hex()
        picked.append((sha256(key.encode()).hexdigest(), case, int(place)))
    return picked
