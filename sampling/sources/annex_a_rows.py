"""The rows of lists 1 to 9 of a synthetic children's service, column by column under Ofsted's headers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from sampling.sources.annex_a_lists import LISTS
from sampling.sources.synthetic import Simulated

_CONTACT_SOURCES = {
    "1A": "a) 1A: Individual", "1B": "b) 1B: Individual", "2A": "e) 2A: Schools",
    "2B": "f) 2B: Education services",
    "3A": "g) 3A: Health services", "3D": "j) 3D: Health services", "4": "m) 4: Housing",
    "5A": "n) 5A: LA services", "6": "q) 6: Police", "8": "s) 8: Other", "9": "t) 9: Anonymous",
}  # fmt: skip
_ETHNICITIES = "WBRI WIRI WIRT WOTH WROM MWBC MWBA MWAS MOTH AIND APKN ABAN AOTH BCRB BAFR BOTH CHNE OOTH REFU".split()
_SEXES = {"male": "a) Male", "female": "b) Female", "neither": "d) Neither"}
_LEGAL = {"C1": "C1: ICO", "C2": "C2: FCO", "E1": "E1: Placement order", "V2": "V2: Single period under S20"}
_CATEGORIES = {
    "NEG": "a) Neglect",
    "PHY": "b) Physical abuse",
    "SAB": "c) Sexual abuse",
    "EMO": "d) Emotional abuse",
}
_STATUSES = {
    "cin": "c) Child in need plan",
    "cp": "b) Child Protection plan",
    "looked_after": "a) Looked after child",
}
Rows = pd.DataFrame
_NEVER = pd.Series(dtype="datetime64[s]")


class Record:
    """A synthetic children's service as the lists see it: the cases on the last day, the events by kind."""

    def __init__(self, simulated: Simulated) -> None:
        frames = simulated.frames
        self.end = pd.Timestamp(simulated.last_day).as_unit("s")
        self.half_year = self.end - pd.DateOffset(months=6)
        self.year = self.end - pd.DateOffset(months=12)
        names = simulated.workers.drop_duplicates("practitioner_id").set_index("practitioner_id")["name"]
        held = frames["allocations"]
        held = held[held["role"].eq("allocated_worker") & (held["started"] <= self.end)]
        last = held.sort_values(["case_id", "started"]).drop_duplicates("case_id", keep="last").set_index("case_id")
        current = last["ended"].isna() | (last["ended"] >= self.end)
        cases = frames["cases"].merge(simulated.people[["person_id", "born", "postcode"]], on="person_id", how="left")
        cases = cases.set_index("case_id", drop=False)
        closed = cases["closed"].notna() & (cases["closed"] <= self.end)
        cases["closed"] = cases["closed"].where(closed)
        # a closed case names its last worker; an open one only the worker who holds it
        cases["worker"] = last["practitioner_id"].map(names).where(current | closed.reindex(last.index))
        self.cases = cases[cases["closed"].isna() | (cases["closed"] >= self.half_year)]
        plans = frames["plans"].drop_duplicates("case_id", keep="last").set_index("case_id")
        self.plan_kind = plans["kind"].reindex(self.cases.index)
        self.started = plans["created"].reindex(self.cases.index).fillna(self.cases["opened"])
        events = frames["events"]
        self.events = events[events["happened_on"].le(self.end) & events["case_id"].isin(self.cases.index)]

    def of(self, kind: str, since: pd.Timestamp | None = None) -> Rows:
        """Returns the events of one kind, oldest first, from a day on."""
        rows = self.events[self.events["kind"].eq(kind)]
        rows = rows if since is None else rows[rows["happened_on"] > since]
        return rows.sort_values(["happened_on", "event_id"])

    def last(self, kind: str, column: str = "happened_on") -> pd.Series:
        """Returns the last event of one kind by case: its day, or another column of it."""
        rows = self.of(kind).drop_duplicates("case_id", keep="last").set_index("case_id")[column]
        return rows.reindex(self.cases.index)

    def number(self, kind: str, since: pd.Timestamp) -> pd.Series:
        """Returns how many events of one kind each case has had from a day on."""
        counts = self.of(kind, since).groupby("case_id").size()
        return counts.reindex(self.cases.index).fillna(0).astype(int)

    def who(self, ids: pd.Series) -> Rows:
        """Returns the columns that describe the child, under Ofsted's headers, in the order of the ids."""
        cases = self.cases.loc[ids]
        age = ((self.end - cases["born"]).dt.days / 365.2425).map(lambda years: int(years) if years == years else None)
        return pd.DataFrame(
            {
                "Child Unique ID": cases["case_id"].to_numpy(dtype=object),
                "Gender": cases["sex"].map(_SEXES).fillna("c) Not stated/recorded").to_numpy(dtype=object),
                "Ethnicity": cases["ethnicity"].map(_ethnicity).to_numpy(dtype=object),
                "Date of Birth": cases["born"].to_numpy(),
                "Age of Child (Years)": age.to_numpy(dtype=object),
                "Does the Child have a Disability": "b) No",
                "Allocated Team": cases["team_id"].to_numpy(dtype=object),
                "Allocated Worker": cases["worker"].to_numpy(dtype=object),
            }
        )


def _ethnicity(code: object) -> str:
    if code not in _ETHNICITIES:
        return "s) NOBT"
    return f"{chr(ord('a') + _ETHNICITIES.index(str(code)))}) {code}"


def _yes(values: pd.Series) -> Any:
    return values.map({True: "a) Yes", False: "b) No"}).to_numpy(dtype=object)


def _source(codes: pd.Series) -> Any:
    return codes.map(_CONTACT_SOURCES).fillna("u) 10: Unknown").to_numpy(dtype=object)


def list_rows(record: Record) -> dict[int, Rows]:
    """Returns the rows of lists 1 to 9 with Ofsted's headers in Ofsted's order; lists 10 and 11 have none."""
    makers: dict[int, Callable[[Record], Rows]] = {
        1: _contacts,
        2: _early_help,
        3: _referrals,
        4: _assessments,
        5: _enquiries,
        6: _in_need,
        7: _protection,
        8: _care,
        9: _leavers,
    }
    rows = {number: make(record) for number, make in makers.items()}
    empty = pd.DataFrame()
    return {
        number: rows.get(number, empty).rename(columns=str.strip).reindex(columns=[h.strip() for h in entry.headers])
        for number, entry in LISTS.items()
    }


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    """Returns the columns as they are, typed: pandas' stubs take no mixed ones from a literal."""
    return values


def _contacts(record: Record) -> Rows:
    events = record.of("contact_received", record.half_year)
    return record.who(events["case_id"]).assign(
        **_columns(
            {
                "Date of Contact": events["happened_on"].to_numpy(),
                "Contact Source": _source(events["source_code"]),
            }
        )
    )


def _early_help(record: Record) -> Rows:
    events = record.of("early_help_assessment", record.half_year)
    return record.who(events["case_id"]).assign(
        **_columns(
            {
                "Assessment start date": events["happened_on"].to_numpy(),
                "Organisation completing assessment": "Early Help Service",
            }
        )
    )


def _referrals(record: Record) -> Rows:
    """The number counts referrals in the twelve months before the latest; a re-referral makes it 1."""
    events = record.of("referral_received", record.half_year)
    earlier = record.number("referral_received", record.year) - 1
    again = record.number("re_referral", record.half_year) > 0
    count = earlier.where(~again, earlier.clip(lower=1)).clip(lower=0)
    return record.who(events["case_id"]).assign(
        **_columns(
            {
                "Date of referral": events["happened_on"].to_numpy(),
                "Referral Source": _source(events["source_code"]),
                "Referral NFA?": "b) No",
                "Number of Referrals in Last 12 Months": count.loc[events["case_id"]].to_numpy(),
            }
        )
    )


def _followed(record: Record, first: str, then: str) -> Rows:
    """Returns the events of the first kind; `followed` has the day of the next event of the other kind."""
    left = record.of(first)[["case_id", "happened_on"]].reset_index(drop=True)
    left["next"] = left.groupby("case_id")["happened_on"].shift(-1)
    right = record.of(then)[["case_id", "happened_on"]].rename(columns={"happened_on": "day"})
    right["followed"] = right["day"]
    pairs = pd.merge_asof(left, right, left_on="happened_on", right_on="day", by="case_id", direction="forward")
    pairs["followed"] = pairs["followed"].where(pairs["next"].isna() | (pairs["followed"] < pairs["next"]))
    return pairs


def _assessments(record: Record) -> Rows:
    """Returns the assessments authorised within six months, and those still open."""
    pairs = _followed(record, "assessment_started", "assessment_authorised")
    closed = record.cases["closed"].reindex(pairs["case_id"]).notna().to_numpy()
    recent = pairs["followed"].ge(record.half_year) | (pairs["followed"].isna() & ~closed)
    pairs = pairs[recent & (pairs["followed"].notna() | pairs["next"].isna())]
    return record.who(pairs["case_id"]).assign(
        **_columns(
            {
                "Continuous Assessment Start Date": pairs["happened_on"].to_numpy(),
                "Child Seen During Continuous Assessment": "a) Yes",
                "Continuous Assessment Date of Authorisation": pairs["followed"].to_numpy(),
            }
        )
    )


def _enquiries(record: Record) -> Rows:
    pairs = _followed(record, "strategy_discussion", "conference_held")
    pairs = pairs[pairs["happened_on"] > record.half_year]
    earlier = (record.number("strategy_discussion", record.year) - 1).clip(lower=0)
    unnecessary = pairs["followed"].isna()
    return record.who(pairs["case_id"]).assign(
        **_columns(
            {
                LISTS[5].header_of("started"): pairs["happened_on"].to_numpy(),
                LISTS[5].header_of("unnecessary"): _yes(unnecessary),
                LISTS[5].header_of("conference"): pairs["followed"].to_numpy(),
                LISTS[5].header_of("earlier"): earlier.loc[pairs["case_id"]].to_numpy(),
                "Number of ICPCs in the last 12 months": 0,
            }
        )
    )


def _on(record: Record, kind: str) -> pd.Index:
    return record.cases.index[record.plan_kind.eq(kind)]


def _in_need(record: Record) -> Rows:
    """Every child but care leavers: Ofsted's guidance puts children of lists 7 and 8 on list 6 too."""
    ids = record.cases.index[record.plan_kind.ne("pathway")]
    cases = record.cases.loc[ids]
    status = record.plan_kind.loc[ids].map(_STATUSES).fillna("d) Open assessment")
    ended = cases["closed"].notna()
    return record.who(pd.Series(ids)).assign(
        **_columns(
            {
                "CIN Start Date": cases["opened"].to_numpy(),
                "Primary Need Code": "N1 - Abuse or neglect",
                "Date Child Was Last Seen": record.last("statutory_visit").loc[ids].to_numpy(),
                "CIN Closure Date": cases["closed"].to_numpy(),
                "Reason for Closure": ended.map(
                    {True: "RC7 - Services ceased for any other reason", False: None}
                ).to_numpy(),
                "Case status": status.mask(ended, "e) Closed episode").to_numpy(dtype=object),
            }
        )
    )


def _protection(record: Record) -> Rows:
    ids = _on(record, "cp")
    visited = record.last("statutory_visit").loc[ids]
    unseen = record.last("child_not_seen_alone").loc[ids] >= visited
    category = record.last("plan_started", "source_code").loc[ids].map(_CATEGORIES).fillna("a) Neglect")
    emergency = record.number("emergency_protection", record.half_year).loc[ids] > 0
    second = record.number("repeat_protection_plan", record.half_year).loc[ids].clip(upper=1)
    return record.who(pd.Series(ids)).assign(
        **_columns(
            {
                LISTS[7].header_of("started"): record.started.loc[ids].to_numpy(),
                "Initial Category of Abuse": category.to_numpy(dtype=object),
                "Latest Category of Abuse": category.to_numpy(dtype=object),
                LISTS[7].header_of("visited"): visited.to_numpy(),
                LISTS[7].header_of("alone"): _yes(~unseen),
                LISTS[7].header_of("reviewed"): record.last("review_held").loc[ids].to_numpy(),
                LISTS[7].header_of("ended"): record.cases["closed"].loc[ids].to_numpy(),
                LISTS[7].header_of("emergency"): _yes(emergency),
                LISTS[7].header_of("earlier"): second.to_numpy(),
            }
        )
    )


def _care(record: Record) -> Rows:
    ids = _on(record, "looked_after")
    cases, started = record.cases.loc[ids], record.started.loc[ids]
    missing = record.number("missing_episode", record.year).loc[ids]
    talked = record.number("return_interview_not_done", record.year).loc[ids] == 0
    moves = record.number("placement_move", record.year).loc[ids]
    many = record.number("many_placements", record.half_year).loc[ids] > 0
    legal = record.last("legal_status_change", "source_code").loc[ids].fillna(cases["legal_status"])
    reason = {True: "e) E4A: Returned home to live with parents or relatives - part of planning", False: None}
    values: dict[str, Any] = {
        "started": started,
        "status_started": record.last("legal_status_change").loc[ids].fillna(started),
        "legal_status": legal.map(_LEGAL).fillna(_LEGAL["V2"]),
        "reviewed": record.last("review_held").loc[ids],
        "visited": record.last("statutory_visit").loc[ids],
        "placements": (moves + 1).where(~many, (moves + 1).clip(lower=3)),
        "ended": cases["closed"],
        "reason": cases["closed"].notna().map(reason),
        "placed": record.last("placement_move").loc[ids].fillna(started),
        "missing": missing,
        "absent": 0 * missing,
    }
    rows = record.who(pd.Series(ids)).assign(
        **_columns({LISTS[8].header_of(name): column.to_numpy() for name, column in values.items()})
    )
    return rows.assign(
        **_columns(
            {
                LISTS[8].headers[5]: "b) No",
                LISTS[8].header_of("second"): "b) No",
                "Child's Category of Need": "N1 - Abuse or neglect",
                LISTS[8].header_of("offered"): _yes((missing > 0).where(missing > 0)) if len(ids) else None,
                LISTS[8].header_of("accepted"): _yes(talked.where(missing > 0)) if len(ids) else None,
                "Placement Type": "f) U6: Foster placement - not FFA",
                "Placement Provider": "b) PR1: Own provision",
                "Placement postcode": cases["postcode"].to_numpy(dtype=object),
                "Placement Location": "a) In",
            }
        )
    )


def _leavers(record: Record) -> Rows:
    ids = record.cases.index[record.plan_kind.eq("pathway") & record.cases["closed"].isna()]
    return record.who(pd.Series(ids)).assign(
        **_columns(
            {
                "Eligibility Category": "b) Former relevant child",
                "LA In Touch": "a) Yes",
                "Type of Accommodation": "U: Independent living",
                "Suitability of Accommodation": "a) Suitable",
                "Activity Status": "F3: Full time in training or employment",
            }
        )
    )
