"""Invented hospital stays, ward incidents, Mental Health Act periods and reviews, as MHSDS tables."""

from __future__ import annotations

import pandas as pd

from sampling.sources.mhsds_submission import Submitted
from sampling.sources.synthetic import Simulated

WARD = "WARD-1"
BEFORE_DAYS = 30  # an invented discharge without an admission in the window was admitted this long before it
ORDER_DAYS = 365  # a community treatment order follows an earlier section 3, which is put this long before it
USUAL_RESIDENCE = "19"  # DestOfDischHospProvSpell
CLINICAL_ADVICE = "1"  # MethOfDischMHHospProvSpell
ADULT_ACUTE = "200"  # MHAdmittedPatientClass
SECTION_3 = "03"
CLINICIAN = "responsible_clinician"
_INCIDENTS = {
    "assault": ("MHS506Assault", "DateAssault"),
    "self_harm": ("MHS507SelfHarm", "DateSelfHarm"),
    "absence_without_leave": ("MHS511AbsenceWithoutLeave", "StartDateMHAbsWOLeave"),
    "police_assistance": ("MHS516PoliceAssistanceRequest", "PoliceAssistReqDate"),
}


def hospital_tables(simulated: Simulated, cases: pd.DataFrame, events: pd.DataFrame) -> list[Submitted]:
    """Returns MHS4xx, MHS5xx and MHS7xx; `events` has person_id beside each event."""
    spells = _spells(events, cases)
    stays = pd.DataFrame(
        {
            "WardStayID": "W" + spells["HospProvSpellID"],
            "WardCode": WARD,
            "HospProvSpellID": spells["HospProvSpellID"],
            "StartDateWardStay": spells["StartDateHospProvSpell"],
            "EndDateWardStay": spells["DischDateHospProvSpell"],
            "MHAdmittedPatientClass": ADULT_ACUTE,
            "_case": spells["ServiceRequestID"],
        }
    )
    return [
        _DischargedLater("MHS501HospProvSpell", spells, "StartDateHospProvSpell", "DischDateHospProvSpell"),
        Submitted("MHS502WardStay", stays, "StartDateWardStay", "EndDateWardStay"),
        *_incidents(events, spells),
        *_act_tables(simulated, cases, events),
        *_reviews(cases, events),
    ]


class _DischargedLater(Submitted):
    """How and where to a person was discharged is blank until they are."""

    def month(self, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
        """Returns the spells of one month."""
        frame = super().month(first, last)
        there = frame["DischDateHospProvSpell"].isna()
        names = ["MethOfDischMHHospProvSpell", "DestOfDischHospProvSpell"]
        return frame.assign(**{name: frame[name].mask(there) for name in names})


def _spells(events: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Returns hospital spells: each discharge with the latest admission before it, and admissions without a discharge.

    A spell ends with its referral at the latest, since no table may be submitted for a closed one.
    """
    closed = cases.set_index("case_id")["closed"]
    columns = ["case_id", "happened_on", "event_id"]
    admitted = events.loc[events["kind"] == "admission", columns].sort_values(["happened_on", "event_id"])
    left = events.loc[events["kind"] == "discharge", columns].sort_values(["happened_on", "event_id"])
    admitted = admitted.drop_duplicates(["case_id", "happened_on"]).rename(columns={"event_id": "spell"})
    paired = pd.merge_asof(
        left,
        admitted.assign(start=admitted["happened_on"]),
        on="happened_on",
        by="case_id",
        direction="backward",
    )
    paired = paired.drop_duplicates("spell", keep="first") if paired["spell"].notna().all() else _first_each(paired)
    staying = admitted[~admitted["spell"].isin(paired["spell"].dropna())]
    opened = cases.set_index("case_id")["opened"]
    start = paired["start"].fillna(
        (paired["happened_on"] - pd.Timedelta(days=BEFORE_DAYS)).clip(lower=paired["case_id"].map(opened))
    )
    ended = pd.DataFrame(
        {
            "HospProvSpellID": "H" + paired["spell"].fillna(paired["event_id"]),
            "ServiceRequestID": paired["case_id"],
            "StartDateHospProvSpell": start,
            "DischDateHospProvSpell": paired["happened_on"],
        }
    )
    open_spells = pd.DataFrame(
        {
            "HospProvSpellID": "H" + staying["spell"],
            "ServiceRequestID": staying["case_id"],
            "StartDateHospProvSpell": staying["happened_on"],
            "DischDateHospProvSpell": staying["case_id"].map(closed),
        }
    )
    spells = pd.concat([ended, open_spells], ignore_index=True)
    return spells.assign(MethOfDischMHHospProvSpell=CLINICAL_ADVICE, DestOfDischHospProvSpell=USUAL_RESIDENCE)


def _first_each(paired: pd.DataFrame) -> pd.DataFrame:
    known = paired[paired["spell"].notna()].drop_duplicates("spell", keep="first")
    return pd.concat([known, paired[paired["spell"].isna()]], ignore_index=True)


def _incidents(events: pd.DataFrame, spells: pd.DataFrame) -> list[Submitted]:
    """Returns incidents that fell into a hospital spell of their case; others have no place in MHSDS."""
    kinds = [*_INCIDENTS, "restrictive_intervention"]
    wide = events[events["kind"].isin(kinds)].merge(spells, left_on="case_id", right_on="ServiceRequestID")
    until = wide["DischDateHospProvSpell"]
    wide = wide[
        (wide["happened_on"] >= wide["StartDateHospProvSpell"]) & (until.isna() | (wide["happened_on"] <= until))
    ]
    wide = wide.drop_duplicates("event_id")
    made = []
    for kind, (table, column) in _INCIDENTS.items():
        rows = wide[wide["kind"] == kind]
        frame = pd.DataFrame(
            {
                "WardStayID": "W" + rows["HospProvSpellID"],
                column: rows["happened_on"],
                "_case": rows["case_id"],
            }
        )
        made.append(Submitted(table, frame.drop_duplicates(), point=column))
    return [*made, *_restrictive(wide[wide["kind"] == "restrictive_intervention"])]


def _restrictive(rows: pd.DataFrame) -> list[Submitted]:
    incident = pd.DataFrame(
        {
            "RestrictiveIntIncID": "R" + rows["event_id"],
            "HospProvSpellID": rows["HospProvSpellID"],
            "StartDateRestrictiveIntInc": rows["happened_on"],
            "_case": rows["case_id"],
        }
    )
    kind = pd.DataFrame(
        {
            "RestrictiveIntIncID": incident["RestrictiveIntIncID"],
            "RestrictiveIntTypeID": "T" + rows["event_id"],
            "RestrictiveIntType": rows["source_code"],
            "StartDateRestrictiveIntType": rows["happened_on"],
            "_case": rows["case_id"],
        }
    )
    return [
        Submitted("MHS505RestrictiveInterventInc", incident, point="StartDateRestrictiveIntInc"),
        Submitted("MHS515RestrictiveInterventType", kind, point="StartDateRestrictiveIntType"),
    ]


def _act_tables(simulated: Simulated, cases: pd.DataFrame, events: pd.DataFrame) -> list[Submitted]:
    changes = events[events["kind"] == "mha_change"].merge(cases[["case_id", "closed"]], on="case_id")
    order = changes["source_table"].str.startswith("MHS404")
    start = changes["happened_on"].where(~order, changes["happened_on"] - pd.Timedelta(days=ORDER_DAYS))
    periods = pd.DataFrame(
        {
            "MHActLegalStatusClassPeriodID": "M" + changes["event_id"],
            "LocalPatientID": changes["person_id"],
            "StartDateMHActLegalStatusClass": start,
            "StartTimeMHActLegalStatusClass": "10:00",
            "EndDateMHActLegalStatusClass": changes["closed"],
            "LegalStatusCode": changes["source_code"].mask(order, SECTION_3),
        }
    )
    orders = pd.DataFrame(
        {
            "MHActLegalStatusClassPeriodID": periods.loc[order, "MHActLegalStatusClassPeriodID"],
            "StartDateCommTreatOrd": changes.loc[order, "happened_on"],
            "EndDateCommTreatOrd": changes.loc[order, "closed"],
            "_person": changes.loc[order, "person_id"],
        }
    )
    span = ("StartDateMHActLegalStatusClass", "EndDateMHActLegalStatusClass")
    return [
        Submitted("MHS401MHActPeriod", periods, *span),
        Submitted("MHS402RespClinicianAssignPeriod", _clinicians(simulated, periods, cases), "_from", "_until"),
        Submitted("MHS404CommTreatOrder", orders, "StartDateCommTreatOrd", "EndDateCommTreatOrd"),
    ]


def _clinicians(simulated: Simulated, periods: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Returns responsible clinicians of persons with a Mental Health Act period; MHSDS can tell of no others."""
    held = simulated.frames["allocations"].merge(cases[["case_id", "person_id"]], on="case_id")
    held = held[held["role"] == CLINICIAN].merge(
        periods.drop_duplicates("LocalPatientID"), left_on="person_id", right_on="LocalPatientID"
    )
    until = held["ended"].fillna(held["EndDateMHActLegalStatusClass"])
    frame = pd.DataFrame(
        {
            "MHActLegalStatusClassPeriodID": held["MHActLegalStatusClassPeriodID"],
            "StartDateRespClinAssign": held["started"],
            "CareProfLocalID": held["practitioner_id"],
            "EndDateRespClinAssign": until,
            "_person": held["person_id"],
            # submitted while both the assignment and its Mental Health Act period run
            "_from": held[["started", "StartDateMHActLegalStatusClass"]].max(axis=1),
            "_until": held[["ended", "EndDateMHActLegalStatusClass"]].min(axis=1),
        }
    )
    return frame


def _reviews(cases: pd.DataFrame, events: pd.DataFrame) -> list[Submitted]:
    held = events[events["kind"] == "review_held"]
    started = cases.groupby("person_id")["opened"].min()
    people = held["person_id"].drop_duplicates()
    episodes = pd.DataFrame(
        {"CPAEpisodeID": "E" + people, "LocalPatientID": people, "StartDateCPA": people.map(started)}
    )
    reviews = pd.DataFrame(
        {
            "CPAEpisodeID": "E" + held["person_id"],
            "CPAReviewDate": held["happened_on"],
            "CareProfLocalID": held["practitioner_id"],
            "_person": held["person_id"],
        }
    )
    return [
        Submitted("MHS701CPACareEpisode", episodes, "StartDateCPA"),
        Submitted("MHS702CPAReview", reviews.drop_duplicates(), point="CPAReviewDate"),
    ]
