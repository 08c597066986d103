"""Care contacts of MHSDS as events: who came, when, whom they saw, and discharges after which nobody saw the person."""

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


def events_of(frame: pd.DataFrame, kind: str, number: str, **columns: str | pd.Series) -> pd.DataFrame:
    """Returns events of one kind from a table's rows; `columns` name the source column of each, or give it."""
    made = pd.DataFrame(index=frame.index, columns=list(EVENT_COLUMNS), dtype=object)
    for name, value in columns.items():
        made[name] = frame[value] if isinstance(value, str) else value
    made["kind"] = kind
    made["source_table"] = codes.TABLE_SPECS[number].name
    made["happened_on"] = made["happened_on"].astype("datetime64[s]")
    return made[made["happened_on"].notna()]


def read_contacts(loaded: Loaded, cases: pd.DataFrame) -> pd.DataFrame:
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


def contact_events(contacts: pd.DataFrame) -> Iterable[pd.DataFrame]:
    """Yields contacts by what became of them, and those that were out of hours, with a crisis team or at a place of safety."""
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
        yield events_of(contacts[status.isin(wanted)], kind, "201", case="case", **own)
    attended = contacts[status.isin(codes.ATTENDED)]
    late = out_of_hours(attended["CareContDate"], attended["CareContTime"])
    yield events_of(
        attended[late], "out_of_hours_contact", "201", case="case", **{**own, "source_code": "CareContTime"}
    )
    crisis = attended[attended["team_type"].isin(codes.CRISIS_TEAMS)]
    yield events_of(crisis, "crisis_contact", "201", person="person", **{**own, "source_code": "team_type"})
    safety = attended[attended["PlaceOfSafetyInd"] == codes.YES]
    yield events_of(safety, "place_of_safety", "201", person="person", **{**own, "source_code": "PlaceOfSafetyInd"})


def out_of_hours(days: pd.Series, times: pd.Series) -> pd.Series:
    """Returns whether each contact was outside working hours: at a weekend or on a bank holiday in England, else by its time.

    A missing time, or midnight, says nothing, so that on a working day the answer is False.
    """
    recorded = times.notna() & (times != NO_TIME)
    start, end = WORKING_HOURS
    text = times.fillna(start).astype(str)
    outside: pd.Series = ~working_days(days) | (recorded & ((text < start) | (text >= end)))
    return outside & days.notna()


def working_days(days: pd.Series) -> pd.Series:
    """Returns whether each day is Monday to Friday and no bank holiday in England."""
    years = [int(year) for year in days.dt.year.dropna().unique()]
    bank = list(holidays.country_holidays("GB", subdiv="ENG", years=years)) if years else []
    weekday: pd.Series = days.dt.day_of_week <= LAST_WORKING_DAY
    return weekday & ~days.isin(pd.DatetimeIndex(bank).as_unit("s"))


def not_followed_up(
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
    return events_of(
        missed,
        "discharge_not_followed_up",
        "501",
        person="person",
        happened_on="_until",
        source_code="DestOfDischHospProvSpell",
    )
