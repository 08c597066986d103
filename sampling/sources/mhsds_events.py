"""From MHSDS tables to events: what the record says happened to a case, or to the person and so to each of their open cases.

A crisis referral, a bed, a legal status or an incident on a ward is recorded under a referral of its own or under the person,
while the case that is reviewed is the community referral. Such events therefore count for every case of that person that was
open on the day. Contacts, team changes, onward referrals, work with others and measures count for their own referral alone.
"""

from __future__ import annotations

from collections.abc import Iterable

import holidays
import pandas as pd

from sampling.sources import mhsds_codes as codes
from sampling.sources.mhsds_files import Loaded

# Local working hours: a policy of ours, since no data set states them. From the first to before the second, Monday to Friday.
WORKING_HOURS = ("09:00", "17:00")
LAST_WORKING_DAY = 4  # Friday, as pandas counts from Monday = 0
NO_TIME = "00:00"  # databases fill an unrecorded time with midnight; a true midnight contact is lost, which we accept
EVENT_COLUMNS = (
    "case",
    "person",
    "practitioner",
    "happened_on",
    "happened_at",
    "kind",
    "source_table",
    "source_code",
)
INFORMAL = ("01", "98", "99")  # informal, not applicable, not known: no Mental Health Act status
PLACE_OF_SAFETY = ("19", "20")  # sections 135 and 136


def _events(frame: pd.DataFrame, kind: str, number: str, **columns: str | pd.Series) -> pd.DataFrame:
    """Returns events of one kind from a table's rows; `columns` name the source column of each, or give it."""
    made = pd.DataFrame(index=frame.index, columns=list(EVENT_COLUMNS), dtype=object)
    for name, value in columns.items():
        made[name] = frame[value] if isinstance(value, str) else value
    made["kind"] = kind
    made["source_table"] = codes.TABLE_SPECS[number].name
    made["happened_on"] = made["happened_on"].astype("datetime64[s]")
    return made[made["happened_on"].notna()]


def read_events(loaded: Loaded, cases: pd.DataFrame, covers_to: pd.Timestamp | None) -> pd.DataFrame:
    """Returns all events with case, practitioner and day; `cases` has case, person, opened, closed and team_type of each referral."""
    contacts = _contacts(loaded, cases)
    spells = _with_person(loaded.table("501"), cases)
    parts = [
        *_contact_events(contacts),
        *_referral_events(loaded, cases),
        *_hospital_events(spells),
        _not_followed_up(spells, contacts, loaded, covers_to),
        *_act_events(loaded),
        *_ward_events(loaded, spells),
        *_other_events(loaded, contacts),
        _protection_plans(loaded, covers_to),
    ]
    filled = [part for part in parts if not part.empty]
    return _spread(pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=list(EVENT_COLUMNS)), cases)


def _spread(events: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Returns events with a case each: those of a person go to each of their cases that was open on the day."""
    own = events[events["case"].notna() & events["case"].isin(cases["case"])]
    personal = events[events["case"].isna() & events["person"].notna()].drop(columns="case")
    wide = personal.merge(cases[["case", "person", "opened", "closed"]], on="person")
    open_then = (wide["opened"] <= wide["happened_on"]) & (
        wide["closed"].isna() | (wide["closed"] >= wide["happened_on"])
    )
    both = [part for part in (own, wide.loc[open_then, list(EVENT_COLUMNS)]) if not part.empty]
    return pd.concat(both, ignore_index=True) if both else events.iloc[:0]


def _with_person(frame: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    return frame.merge(cases[["case", "person"]], left_on="ServiceRequestID", right_on="case", how="inner")


def _contacts(loaded: Loaded, cases: pd.DataFrame) -> pd.DataFrame:
    """Returns the care contacts of known referrals with person, team type and the practitioner who saw the person."""
    contacts = loaded.table("201").merge(
        cases[["case", "person", "team_type"]], left_on="ServiceRequestID", right_on="case", how="inner"
    )
    staff = contact_staff(loaded)
    contacts = contacts.merge(staff, on="CareContactID", how="left")
    teams = loaded.table("902").set_index("CareProfTeamLocalID")["ServTeamTypeMH"]
    contacts["team_type"] = contacts["OtherCareProfTeamLocalID"].map(teams).astype(object).fillna(contacts["team_type"])
    return contacts


def contact_staff(loaded: Loaded) -> pd.DataFrame:
    """Returns CareContactID and practitioner: of MHS206 through MHS202 (v6), else of MHS202 itself (v5).

    Where several practitioners were there, the first by id counts, so that the answer never hangs on the order of rows.
    """
    activities = loaded.table("202")
    named = activities.merge(
        loaded.table("206")[["CareActID", "CareProfLocalID"]],
        on="CareActID",
        how="left",
        suffixes=("_v5", ""),
    )
    if "CareProfLocalID_v5" in named:
        named["CareProfLocalID"] = named["CareProfLocalID"].astype(object).fillna(named["CareProfLocalID_v5"])
    named = named.dropna(subset=["CareProfLocalID"]).sort_values("CareProfLocalID", kind="stable")
    return named.drop_duplicates("CareContactID")[["CareContactID", "CareProfLocalID"]].rename(
        columns={"CareProfLocalID": "practitioner"}
    )


def _contact_events(contacts: pd.DataFrame) -> Iterable[pd.DataFrame]:
    status = contacts["AttendStatus"]
    kinds = {
        "contact_attended": codes.ATTENDED,
        "contact_not_attended": codes.NOT_ATTENDED,
        "contact_cancelled_by_patient": (codes.CANCELLED_BY_PATIENT,),
        "contact_cancelled_by_provider": (codes.CANCELLED_BY_PROVIDER,),
    }
    own = {
        "happened_on": "CareContDate",
        "happened_at": "CareContTime",
        "practitioner": "practitioner",
        "source_code": "AttendStatus",
    }
    for kind, wanted in kinds.items():
        yield _events(contacts[status.isin(wanted)], kind, "201", case="case", **own)
    attended = contacts[status.isin(codes.ATTENDED)]
    late = out_of_hours(attended["CareContDate"], attended["CareContTime"])
    yield _events(attended[late], "out_of_hours_contact", "201", case="case", **{**own, "source_code": "CareContTime"})
    crisis = attended[attended["team_type"].isin(codes.CRISIS_TEAMS)]
    yield _events(crisis, "crisis_contact", "201", person="person", **{**own, "source_code": "team_type"})
    safety = attended[attended["PlaceOfSafetyInd"] == codes.YES]
    yield _events(safety, "place_of_safety", "201", person="person", **{**own, "source_code": "PlaceOfSafetyInd"})


def out_of_hours(days: pd.Series, times: pd.Series) -> pd.Series:
    """Returns whether each contact was outside working hours: by time, at a weekend, or on a bank holiday in England.

    False where no time is recorded, since a missing time says nothing.
    """
    recorded = times.notna() & (times != NO_TIME) & days.notna()
    start, end = WORKING_HOURS
    text = times.fillna(start).astype(str)
    years = [int(year) for year in days.dt.year.dropna().unique()]
    bank = (
        pd.DatetimeIndex(list(holidays.country_holidays("GB", subdiv="ENG", years=years))).as_unit("s")
        if years
        else pd.DatetimeIndex([])
    )
    outside: pd.Series = (text < start) | (text >= end) | (days.dt.day_of_week > LAST_WORKING_DAY) | days.isin(bank)
    return outside & recorded


def _referral_events(loaded: Loaded, cases: pd.DataFrame) -> Iterable[pd.DataFrame]:
    priority, team = cases["ClinRespPriorityType"], cases["team_type"]
    # A single point of access also takes routine referrals: there, only an urgent one counts.
    crisis = (
        team.isin(codes.CRISIS_TEAMS)
        | priority.isin(codes.VERY_URGENT)
        | ((team == codes.ACCESS_TEAM) & priority.isin(codes.URGENT))
    )
    own = {"person": "person", "happened_on": "opened"}
    yield _events(cases[crisis], "crisis_referral", "101", source_code="ClinRespPriorityType", **own)
    liaison = (team == codes.LIAISON_TEAM) | (cases["SourceOfReferralMH"] == codes.EMERGENCY_DEPARTMENT)
    yield _events(cases[liaison], "ed_liaison", "101", source_code="SourceOfReferralMH", **own)
    onward = loaded.table("105")
    yield _events(
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
    yield _events(
        other,
        "team_change",
        "102",
        case="ServiceRequestID",
        happened_on=ended,
        source_code="OtherCareProfTeamLocalID",
    ).assign(source_code="closed")
    began = loaded.table("101").set_index("ServiceRequestID")["_first"]
    joined = other[other["_first"] > other["ServiceRequestID"].map(began)]
    yield _events(joined, "team_change", "102", case="ServiceRequestID", happened_on="_first").assign(
        source_code="joined"
    )
    months = loaded.teams_by_month
    if months.empty or "CareProfTeamLocalID" not in months:
        return
    months = months.dropna(subset=["_period", "CareProfTeamLocalID"]).sort_values(
        ["ServiceRequestID", "_period", "_row"], kind="stable"
    )
    before = months.groupby("ServiceRequestID")["CareProfTeamLocalID"].shift()
    moved = months[before.notna() & (before != months["CareProfTeamLocalID"])]
    yield _events(moved, "team_change", "101", case="ServiceRequestID", happened_on="_period").assign(
        source_code="moved"
    )


def _hospital_events(spells: pd.DataFrame) -> Iterable[pd.DataFrame]:
    kinds = {
        "admission": ("StartDateHospProvSpell", "StartTimeHospProvSpell", "MethAdmMHHospProvSpell"),
        "discharge": ("DischDateHospProvSpell", "DischTimeHospProvSpell", "DestOfDischHospProvSpell"),
    }
    for kind, (day, time, code) in kinds.items():
        yield _events(spells, kind, "501", person="person", happened_on=day, happened_at=time, source_code=code)


def _not_followed_up(
    spells: pd.DataFrame, contacts: pd.DataFrame, loaded: Loaded, covers_to: pd.Timestamp | None
) -> pd.DataFrame:
    """Returns discharges to the community without an attended contact on the three days after, nor a readmission from the day itself.

    NHS England's 72 hour measure (MHS78 to MHS80) by days: a contact on the day of discharge does not count, the mechanisms are
    face to face, telephone, talk type and video. Ours differs in counting all beds, not the acute ones alone. Not judged: after
    death or transfer, when the three days end after the extract, or when contacts or their mechanism are not recorded at all.
    """
    if covers_to is None or not loaded.has("201") or contacts["ConsMechanismMH"].isna().all():
        return pd.DataFrame(columns=list(EVENT_COLUMNS))
    deaths = loaded.table("001").set_index("LocalPatientID")["PersDeathDate"]
    left = spells["DischDateHospProvSpell"]
    until = left + pd.Timedelta(days=codes.FOLLOW_UP_DAYS)
    home = ~spells["MethOfDischMHHospProvSpell"].isin(codes.DIED_METHODS) & ~spells["DestOfDischHospProvSpell"].isin(
        codes.TRANSFER_DESTINATIONS
    )
    alive = ~(spells["person"].map(deaths) <= until)
    judged = spells.assign(_until=until)[left.notna() & (until <= covers_to) & home & alive]
    seen = contacts[
        contacts["AttendStatus"].isin(codes.ATTENDED) & contacts["ConsMechanismMH"].isin(codes.FOLLOW_UP_MECHANISMS)
    ]
    met = judged.merge(seen[["person", "CareContDate"]], on="person")
    met = met[(met["CareContDate"] > met["DischDateHospProvSpell"]) & (met["CareContDate"] <= met["_until"])]
    again = judged.merge(
        spells[["person", "HospProvSpellID", "StartDateHospProvSpell"]], on="person", suffixes=("", "_next")
    )
    again = again[
        (again["HospProvSpellID_next"] != again["HospProvSpellID"])
        & (again["StartDateHospProvSpell_next"] >= again["DischDateHospProvSpell"])
        & (again["StartDateHospProvSpell_next"] <= again["_until"])
    ]
    done = set(met["HospProvSpellID"]) | set(again["HospProvSpellID"])
    missed = judged[~judged["HospProvSpellID"].isin(done)]
    return _events(
        missed,
        "discharge_not_followed_up",
        "501",
        person="person",
        happened_on="_until",
        source_code="DestOfDischHospProvSpell",
    )


def _act_events(loaded: Loaded) -> Iterable[pd.DataFrame]:
    """Yields starts and ends of Mental Health Act statuses, conditional discharges, community treatment orders and recalls."""
    periods = loaded.table("401")
    formal = periods[periods["LegalStatusCode"].notna() & ~periods["LegalStatusCode"].isin(INFORMAL)]
    own = {"person": "LocalPatientID", "source_code": "LegalStatusCode"}
    for day in ("StartDateMHActLegalStatusClass", "EndDateMHActLegalStatusClass"):
        yield _events(formal, "mha_change", "401", happened_on=day, **own)
    safety = formal[formal["LegalStatusCode"].isin(PLACE_OF_SAFETY)]
    yield _events(safety, "place_of_safety", "401", happened_on="StartDateMHActLegalStatusClass", **own)
    persons = periods.set_index("MHActLegalStatusClassPeriodID")["LocalPatientID"]
    for number in ("403", "404", "405"):
        table = loaded.table(number)
        person = table["MHActLegalStatusClassPeriodID"].map(persons)
        for day in codes.TABLE_SPECS[number].dates:
            yield _events(table, "mha_change", number, person=person, happened_on=day)


def _ward_events(loaded: Loaded, spells: pd.DataFrame) -> Iterable[pd.DataFrame]:
    """Yields incidents on wards, which lead to the person through ward stay, hospital spell and referral."""
    persons = spells.set_index("HospProvSpellID")["person"]
    restrictive = loaded.table("505")
    yield _events(
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
        yield _events(table, kind, number, person=table["WardStayID"].map(stays), happened_on=spec.dates[0], **times)


def _other_events(loaded: Loaded, contacts: pd.DataFrame) -> Iterable[pd.DataFrame]:
    indirect = loaded.table("204")
    yield _events(
        indirect,
        "indirect_activity",
        "204",
        case="ServiceRequestID",
        practitioner="CareProfLocalID",
        happened_on="IndirectActDate",
        happened_at="IndirectActTime",
    )
    scored = loaded.table("606")
    yield _events(
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
    yield _events(within, "measure_recorded", "607", happened_on="CareContDate", **own)
    reviews = loaded.table("702")
    persons = loaded.table("701").set_index("CPAEpisodeID")["LocalPatientID"]
    own = {"practitioner": "CareProfLocalID", "happened_on": "CPAReviewDate"}
    yield _events(reviews, "review_held", "702", person=reviews["CPAEpisodeID"].map(persons), **own)


def _protection_plans(loaded: Loaded, covers_to: pd.Timestamp | None) -> pd.DataFrame:
    """Returns persons with parental responsibility whose child is subject to a protection plan, dated at the period's end.

    MHS005 says that it is so, never since when.
    """
    table = loaded.table("005")
    current = table[(table["CPP"] == codes.PROTECTION_PLAN_CURRENT) & (table["ParentalResp"] == codes.YES)]
    day = current["_period"].fillna(covers_to) if covers_to is not None else current["_period"]
    return _events(
        current, "child_protection_parent", "005", person="LocalPatientID", happened_on=day, source_code="CPP"
    )
