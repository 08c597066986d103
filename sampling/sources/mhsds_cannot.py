"""What MHSDS, or this extract of it, could never show, so that its absence is not read as none."""

from __future__ import annotations

from sampling.sources.mhsds_codes import PLAN_TYPES, TABLE_SPECS
from sampling.sources.mhsds_files import Loaded
from sampling.sources.tables import EVENT_KINDS, PLAN_KINDS

CANNOT_TELL = (
    "when a plan's review is due: no MHSDS table holds it (extension table review_due)",
    "who supervises whom, and supervision held (extension table supervisions)",
    "names of practitioners, their hours and whether they are agency staff",
    "when a practitioner joined or left a team",
    "notes, risk and safety plan entries, and what any plan says",
    "self-harm, assault or police assistance outside a ward",
    "medication and its changes (extension table local_events)",
    "safeguarding concerns and referrals (extension table safeguarding)",
    "out-of-hours contacts that are not recorded as care contacts, such as messages (extension table out_of_hours)",
    "duty consultations and incidents (extension table local_events)",
    "when another team joined a referral, more closely than the month",
    "since when a parent's child has been subject to a protection plan",
)
OPTIONAL = {
    "005": "children subject to a protection plan",
    "008": "plans, so that no plan can be called missing or out of date",
    "009": "when and by whom plans were agreed",
    "102": "other teams that joined a referral",
    "105": "onward referrals",
    "201": "care contacts, attended or not",
    "206": "who saw the person at a contact",
    "401": "Mental Health Act statuses",
    "404": "community treatment orders",
    "501": "admissions and discharges",
    "502": "ward stays, and with them incidents on wards",
    "505": "restrictive interventions",
    "507": "self-harm on wards",
    "901": "roles of practitioners",
}
_WARD = ("501", "502")
# Event kind -> the ways in which it can be told, each by the tables and elements that it takes. A kind that is not here never is.
TOLD_BY: dict[str, tuple[tuple[str, ...], ...]] = {
    "contact_attended": (("201",),),
    "contact_not_attended": (("201",),),
    "contact_cancelled_by_patient": (("201",),),
    "contact_cancelled_by_provider": (("201",),),
    "out_of_hours_contact": (("201",),),
    "crisis_contact": (("201",),),
    "crisis_referral": (("101",),),
    "ed_liaison": (("101",),),
    "admission": (("501",),),
    "discharge": (("501",),),
    "discharge_not_followed_up": (("501", "201.ConsMechanismMH"),),
    "mha_change": (("401",),),
    "place_of_safety": (("201.PlaceOfSafetyInd",), ("401",)),
    "onward_referral": (("105",),),
    "child_protection_parent": (("005.CPP", "005.ParentalResp"),),
    "self_harm": (("507", *_WARD),),
    "assault": (("506", *_WARD),),
    "absence_without_leave": (("511", *_WARD),),
    "restrictive_intervention": (("505", "501"),),
    "police_assistance": (("516", *_WARD),),
    "indirect_activity": (("204",),),
    "measure_recorded": (("606",), ("607", "202", "201")),
    "review_held": (("701", "702"),),
}


def cannot(loaded: Loaded) -> frozenset[str]:
    """Returns what the extract could never show, by the names of sampling.model.Extract.cannot."""
    told = {kind for kind, ways in TOLD_BY.items() if any(all(_has(loaded, part) for part in way) for way in ways)}
    if loaded.has("102") or loaded.months_of("101")["_period"].nunique() > 1:
        told.add("team_change")
    plans = PLAN_TYPES.values() if loaded.has("008") else ()
    return frozenset(
        [
            *(kind for kind in EVENT_KINDS if kind not in told),
            *(f"review_overdue:{kind}" for kind in PLAN_KINDS),
            *(f"plan_stale:{kind}" for kind in PLAN_KINDS if kind not in plans),
        ]
    )


def _has(loaded: Loaded, part: str) -> bool:
    """Returns whether the extract has a table, or one of its elements: filled somewhere, unless the table has no row."""
    number, _, element = part.partition(".")
    if not element or not loaded.has(number):
        return loaded.has(number)
    frame = loaded.frames[number]
    return element in frame and (frame.empty or bool(frame[element].notna().any()))


def absent(loaded: Loaded) -> tuple[str, ...]:
    """Returns what cannot be told because a table is not in the extract, in words."""
    return tuple(
        f"{what}: the table {TABLE_SPECS[number].name} is not in the extract"
        for number, what in OPTIONAL.items()
        if not loaded.has(number)
    )
