"""From MHSDS tables to events: what the record says happened to a case, or to the person and so to each of their open cases.

A crisis referral, a bed, a legal status or an incident on a ward is recorded under a referral of its own or under the person,
while the case that is reviewed is the community referral. Such events therefore count for every case of that person that was
open on the day or was opened within DAYS_BEFORE_OPENING after it. Contacts, team changes, onward referrals, work with others and measures count for their own referral alone.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from sampling.sources import mhsds_codes as codes
from sampling.sources.mhsds_contacts import EVENT_COLUMNS, contact_events, events_of, not_followed_up, read_contacts
from sampling.sources.mhsds_files import Loaded

# A person may be stepped down to a team after the crisis: an event counts for a referral that came so many days later, too.
DAYS_BEFORE_OPENING = 90
INFORMAL = ("01", "98", "99")  # informal, not applicable, not known: no Mental Health Act status
PLACE_OF_SAFETY = ("19", "20")  # sections 135 and 136


def read_events(loaded: Loaded, cases: pd.DataFrame, covers_to: pd.Timestamp | None) -> pd.DataFrame:
    """Returns all events with case, practitioner and day; `cases` has case, person, opened, closed and team_type of each referral."""
    contacts = read_contacts(loaded, cases)
    spells = _with_person(loaded.table("501"), cases)
    parts = [
        *contact_events(contacts),
        *_referral_events(loaded, cases),
        *_hospital_events(spells),
        not_followed_up(spells, contacts, loaded, covers_to),
        *_act_events(loaded),
        *_ward_events(loaded, spells),
        *_other_events(loaded, contacts),
        _protection_plans(loaded, covers_to),
    ]
    filled = [part for part in parts if not part.empty]
    return _spread(pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=list(EVENT_COLUMNS)), cases)


def _spread(events: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Returns events with a case each: those of a person go to each of their cases that was open then or soon after."""
    own = events[events["case"].notna() & events["case"].isin(cases["case"])]
    personal = events[events["case"].isna() & events["person"].notna()].drop(columns="case")
    wide = personal.merge(cases[["case", "person", "opened", "closed"]], on="person")
    day = wide["happened_on"].astype("datetime64[s]")
    soon = day + pd.Timedelta(days=DAYS_BEFORE_OPENING)
    open_then = (wide["opened"] <= soon) & (wide["closed"].isna() | (wide["closed"] >= day))
    both = [part for part in (own, wide.loc[open_then, list(EVENT_COLUMNS)]) if not part.empty]
    return pd.concat(both, ignore_index=True) if both else events.iloc[:0]


def _with_person(frame: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    return frame.merge(cases[["case", "person"]], left_on="ServiceRequestID", right_on="case", how="inner")


def _referral_events(loaded: Loaded, cases: pd.DataFrame) -> Iterable[pd.DataFrame]:
    priority, team = cases["ClinRespPriorityType"], cases["team_type"]
    # A single point of access also takes routine referrals: there, only an urgent one counts.
    crisis = (
        team.isin(codes.CRISIS_TEAMS)
        | priority.isin(codes.VERY_URGENT)
        | ((team == codes.ACCESS_TEAM) & priority.isin(codes.URGENT))
    )
    own = {"person": "person", "happened_on": "opened"}
    yield events_of(cases[crisis], "crisis_referral", "101", source_code="ClinRespPriorityType", **own)
    liaison = (team == codes.LIAISON_TEAM) | (cases["SourceOfReferralMH"] == codes.EMERGENCY_DEPARTMENT)
    yield events_of(cases[liaison], "ed_liaison", "101", source_code="SourceOfReferralMH", **own)
    onward = loaded.table("105")
    yield events_of(
        onward,
        "onward_referral",
        "105",
        case="ServiceRequestID",
        happened_on="OnwardReferDate",
        source_code="OnwardReferReason",
    )
    yield from _team_changes(loaded)


def _team_changes(loaded: Loaded) -> Iterable[pd.DataFrame]:
    """Yields team changes. MHS102 has no date of joining: a team that first appears in a later month than its referral is dated
    at that month's end, and so is a referral whose own team differs from the month before."""
    other = loaded.table("102")
    ended = other["ReferClosureDate"].fillna(other["ReferRejectionDate"])
    yield events_of(
        other,
        "team_change",
        "102",
        case="ServiceRequestID",
        happened_on=ended,
        source_code="OtherCareProfTeamLocalID",
    ).assign(source_code="closed")
    began = dict(loaded.table("101").set_index("ServiceRequestID")["_first"])
    joined = other[other["_first"] > other["ServiceRequestID"].map(began).astype("datetime64[s]")]
    yield events_of(joined, "team_change", "102", case="ServiceRequestID", happened_on="_first").assign(
        source_code="joined"
    )
    months = loaded.months_of("101").dropna(subset=["_period", "CareProfTeamLocalID"])
    months = months.sort_values(["ServiceRequestID", "_period"], kind="stable")
    before = months.groupby("ServiceRequestID")["CareProfTeamLocalID"].shift()
    moved = months[before.notna() & (before != months["CareProfTeamLocalID"])]
    yield events_of(moved, "team_change", "101", case="ServiceRequestID", happened_on="_period").assign(
        source_code="moved"
    )


def _hospital_events(spells: pd.DataFrame) -> Iterable[pd.DataFrame]:
    kinds = {
        "admission": ("StartDateHospProvSpell", "StartTimeHospProvSpell", "MethAdmMHHospProvSpell"),
        "discharge": ("DischDateHospProvSpell", "DischTimeHospProvSpell", "DestOfDischHospProvSpell"),
    }
    for kind, (day, time, code) in kinds.items():
        yield events_of(spells, kind, "501", person="person", happened_on=day, happened_at=time, source_code=code)


def _act_events(loaded: Loaded) -> Iterable[pd.DataFrame]:
    """Yields starts and ends of Mental Health Act statuses, conditional discharges, community treatment orders and recalls."""
    periods = loaded.table("401")
    formal = periods[periods["LegalStatusCode"].notna() & ~periods["LegalStatusCode"].isin(INFORMAL)]
    own = {"person": "LocalPatientID", "source_code": "LegalStatusCode"}
    for day in ("StartDateMHActLegalStatusClass", "EndDateMHActLegalStatusClass"):
        yield events_of(formal, "mha_change", "401", happened_on=day, **own)
    safety = formal[formal["LegalStatusCode"].isin(PLACE_OF_SAFETY)]
    yield events_of(safety, "place_of_safety", "401", happened_on="StartDateMHActLegalStatusClass", **own)
    persons = periods.set_index("MHActLegalStatusClassPeriodID")["LocalPatientID"]
    for number in ("403", "404", "405"):
        table = loaded.table(number)
        person = table["MHActLegalStatusClassPeriodID"].map(persons)
        for day in codes.TABLE_SPECS[number].dates:
            yield events_of(table, "mha_change", number, person=person, happened_on=day)


def _ward_events(loaded: Loaded, spells: pd.DataFrame) -> Iterable[pd.DataFrame]:
    """Yields incidents on wards, which lead to the person through ward stay, hospital spell and referral."""
    persons = spells.set_index("HospProvSpellID")["person"]
    restrictive = loaded.table("505")
    yield events_of(
        restrictive,
        "restrictive_intervention",
        "505",
        person=restrictive["HospProvSpellID"].map(persons),
        happened_on="StartDateRestrictiveIntInc",
        happened_at="StartTimeRestrictiveIntInc",
        source_code="RestrictiveIntReason",
    )
    stays = loaded.table("502").set_index("WardStayID")["HospProvSpellID"].map(persons)
    kinds = {"506": "assault", "507": "self_harm", "511": "absence_without_leave", "516": "police_assistance"}
    for number, kind in kinds.items():
        table, spec = loaded.table(number), codes.TABLE_SPECS[number]
        times = {"happened_at": spec.times[0]} if spec.times else {}
        yield events_of(table, kind, number, person=table["WardStayID"].map(stays), happened_on=spec.dates[0], **times)


def _other_events(loaded: Loaded, contacts: pd.DataFrame) -> Iterable[pd.DataFrame]:
    indirect = loaded.table("204")
    yield events_of(
        indirect,
        "indirect_activity",
        "204",
        case="ServiceRequestID",
        practitioner="CareProfLocalID",
        happened_on="IndirectActDate",
        happened_at="IndirectActTime",
    )
    scored = loaded.table("606")
    yield events_of(
        scored,
        "measure_recorded",
        "606",
        case="ServiceRequestID",
        practitioner="CareProfLocalID",
        happened_on="AssToolCompTimestamp",
        source_code="CodedAssToolType",
    )
    acts = loaded.table("202")[["CareActID", "CareContactID"]].merge(
        contacts[["CareContactID", "case", "CareContDate", "practitioner"]], on="CareContactID"
    )
    within = loaded.table("607").merge(acts, on="CareActID")
    own = {"case": "case", "practitioner": "practitioner", "source_code": "CodedAssToolType"}
    yield events_of(within, "measure_recorded", "607", happened_on="CareContDate", **own)
    reviews = loaded.table("702")
    persons = loaded.table("701").set_index("CPAEpisodeID")["LocalPatientID"]
    own = {"practitioner": "CareProfLocalID", "happened_on": "CPAReviewDate"}
    yield events_of(reviews, "review_held", "702", person=reviews["CPAEpisodeID"].map(persons), **own)


def _protection_plans(loaded: Loaded, covers_to: pd.Timestamp | None) -> pd.DataFrame:
    """Returns persons with parental responsibility whose child is subject to a protection plan: one event for each month that
    says so, dated at that month's end. MHS005 says that it is so, never since when."""
    table = loaded.months_of("005")
    current = table[(table["CPP"] == codes.PROTECTION_PLAN_CURRENT) & (table["ParentalResp"] == codes.YES)]
    day = current["_period"].fillna(covers_to) if covers_to is not None else current["_period"]
    return events_of(
        current, "child_protection_parent", "005", person="LocalPatientID", happened_on=day, source_code="CPP"
    )
