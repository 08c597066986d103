"""The canonical tables: the one published schema that every reader fills and every later stage reads.

`TABLES` is the truth; docs/schema.md is generated from it (a test holds the two together) and `pandera_schema` turns a table
into a pandera schema, the validation library. Sources of the vocabulary: MHSDS v6 data model, Ofsted Annex A (August 2019),
Standard Safeguarding Dataset; see docs/methods.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd
import pyarrow as pa

ColumnType = Literal["id", "text", "code", "date", "time", "number", "yes/no"]

_ARROW_TYPES: dict[str, pa.DataType] = {
    "id": pa.string(),
    "text": pa.string(),
    "code": pa.string(),
    "time": pa.string(),
    "date": pa.date32(),
    "number": pa.float64(),
    "yes/no": pa.bool_(),
}

# One accountable practitioner a case: an allocation counts for a quota only in one of these roles.
ACCOUNTABLE_ROLES = ("care_coordinator", "key_worker", "allocated_worker", "lead_professional")
OTHER_ROLES = ("second_worker", "responsible_clinician", "duty_worker")

PLAN_KINDS = {
    "crisis": "Crisis or contingency plan (MHSDS CarePlanTypeMH 12)",
    "care": "Care plan (MHSDS CarePlanTypeMH 10)",
    "urgent": "Urgent and emergency care plan (MHSDS CarePlanTypeMH 11)",
    "behaviour_support": "Positive behaviour support plan (MHSDS CarePlanTypeMH 13)",
    "transition": "Transition plan of a child or young person (MHSDS CarePlanTypeMH 14)",
    "cin": "Child in need plan (Annex A list 6)",
    "cp": "Child protection plan (Annex A list 7)",
    "looked_after": "Care plan of a child in care (Annex A list 8)",
    "pathway": "Pathway plan of a care leaver (Annex A list 9)",
}

EVENT_KINDS = {
    "contact_attended": "Care contact that took place",
    "contact_not_attended": "Care contact not attended, or the person arrived too late to be seen",
    "contact_cancelled_by_patient": "Care contact cancelled by or for the person",
    "contact_cancelled_by_provider": "Care contact cancelled by the service",
    "out_of_hours_contact": "Contact outside local working hours, at a weekend or on a bank holiday",
    "crisis_referral": "Referral to a crisis team, or with very urgent or emergency priority",
    "crisis_contact": "Contact with a crisis team",
    "ed_liaison": "Referral from an emergency department, or to a liaison team",
    "admission": "Admission to a hospital bed",
    "discharge": "Discharge from a hospital bed",
    "discharge_not_followed_up": "No attended contact within three days of discharge",
    "mha_change": "Start or end of a Mental Health Act legal status, community treatment order or recall",
    "place_of_safety": "Brought to a place of safety (sections 135 and 136)",
    "team_change": "Another team joined or took over the case",
    "onward_referral": "Referred on to another organisation",
    "safeguarding_concern": "Safeguarding concern or referral recorded",
    "child_protection_parent": "Person with parenting role has a child subject to a child protection plan",
    "self_harm": "Self-harm recorded (in MHSDS: on a ward only)",
    "assault": "Assault recorded (in MHSDS: on a ward only)",
    "absence_without_leave": "Absence without leave",
    "restrictive_intervention": "Restrictive intervention",
    "police_assistance": "Police assistance requested",
    "risk_entry_rewritten": "Risk or safety plan entry rewritten",
    "medication_change": "Change of medication",
    "duty_consultation": "Duty worker or manager consulted about the case",
    "incident": "Incident reported on the case",
    "indirect_activity": "Work on the case with others, the person not present",
    "measure_recorded": "Outcome measure or assessment scored",
    "review_held": "Review meeting held",
    "contact_received": "Contact about a child received (Annex A list 1)",
    "early_help_assessment": "Early help assessment (Annex A list 2)",
    "referral_received": "Referral of a child received (Annex A list 3)",
    "re_referral": "Referral within twelve months of an earlier one",
    "assessment_started": "Statutory assessment started",
    "assessment_authorised": "Statutory assessment authorised",
    "assessment_late": "Statutory assessment over its timescale, done or not",
    "strategy_discussion": "Strategy discussion that started a section 47 enquiry",
    "repeat_section_47": "Two or more section 47 enquiries in twelve months, on the day of the extract",
    "conference_held": "Initial child protection conference held",
    "conference_late": "Initial child protection conference later than its timescale",
    "repeat_protection_plan": "Second or later child protection plan, open on the day of the extract",
    "emergency_protection": "Emergency protection order or police protection, within six months of the extract",
    "statutory_visit": "Statutory visit to a child",
    "visit_overdue": "Statutory visit overdue on the day of the extract",
    "child_not_seen_alone": "Child not seen alone at the last statutory visit",
    "missing_episode": "Missing or absent from placement, within twelve months of the extract unless dated",
    "return_interview_not_done": "No return interview after the last missing episode",
    "placement_move": "Placement started",
    "many_placements": "Three or more placements in twelve months, on the day of the extract",
    "legal_status_change": "Legal status of a child in care started",
    "step_down_reversed": "Plan stepped down and up again",
    "plan_started": "Child's plan or period of care started",
    "plan_ended": "Child's plan or period of care ended",
}


@dataclass(frozen=True)
class Column:
    """One column of a canonical table: `type` as published, `unit` where it has one, `values` where the list is closed."""

    name: str
    type: ColumnType
    meaning: str
    example: str
    required: bool = False
    unit: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableSchema:
    """One canonical table. `unique` names the columns that no two rows may share; `extension` tables may go beside any format."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...] = ()
    required: bool = False
    extension: bool = False

    def column(self, name: str) -> Column:
        """Returns the column of that name. Raises KeyError when there is none."""
        return next(column for column in self.columns if column.name == name)


_CASE = Column("case_id", "id", "The case in the service's own system", "SR-000123", required=True)
_PRACTITIONER = Column("practitioner_id", "id", "The practitioner in the service's own system", "P0042")

TABLES: dict[str, TableSchema] = {
    table.name: table
    for table in (
        TableSchema(
            "cases",
            "One row a case: an open referral to an adult service, or a child with an open plan.",
            (
                _CASE,
                Column("person_id", "id", "The person; several cases may share one", "PAT-77"),
                Column("service", "text", "Service that holds the case", "Adult community"),
                Column("team_id", "text", "Team that holds the case", "CMHT North"),
                Column("opened", "date", "Day the case was opened", "2026-03-02", required=True, unit="day"),
                Column("closed", "date", "Day the case was closed; empty while open", "2026-09-30", unit="day"),
                Column("legal_status", "code", "Legal status on the extract date, as coded by the source", "02"),
                Column("died_on", "date", "Day of death, if recorded", "", unit="day"),
                Column("sex", "text", "As recorded, for the bias table only", "female"),
                Column(
                    "age_band", "text", "Age band on the extract date, for the bias table only", "25-34", unit="years"
                ),
                Column("ethnicity", "text", "As recorded, for the bias table only", "A"),
            ),
            unique=("case_id",),
            required=True,
        ),
        TableSchema(
            "allocations",
            "Who held the case, from when to when: history, since the holder on the draw date decides whose quota it is.",
            (
                _CASE,
                Column("practitioner_id", "id", "The practitioner who held the case", "P0042", required=True),
                Column(
                    "role",
                    "code",
                    "Role in the case",
                    "care_coordinator",
                    required=True,
                    values=ACCOUNTABLE_ROLES + OTHER_ROLES,
                ),
                Column("started", "date", "First day held", "2026-03-05", required=True, unit="day"),
                Column("ended", "date", "Last day held; empty while held", "", unit="day"),
                Column("reason", "text", "Why it ended", "left the team"),
            ),
            required=True,
        ),
        TableSchema(
            "practitioners",
            "One row a practitioner.",
            (
                Column("practitioner_id", "id", "The practitioner in the service's own system", "P0042", required=True),
                Column("role", "text", "Job role", "Community psychiatric nurse"),
                Column("team_id", "text", "Team", "CMHT North"),
                Column("fte", "number", "Share of full time", "0.8", unit="full-time equivalent"),
                Column("started", "date", "First day in the team", "2024-01-08", unit="day"),
                Column("left_on", "date", "Last day in the team; empty while there", "", unit="day"),
                Column("supervisor_id", "id", "Practitioner id of the supervisor", "P0007"),
                Column("agency", "yes/no", "Agency or locum worker", "no"),
            ),
            unique=("practitioner_id",),
        ),
        TableSchema(
            "events",
            "What the record says happened, one row an event.",
            (
                Column("event_id", "id", "The event in the service's own system", "CC-9001"),
                _CASE,
                _PRACTITIONER,
                Column("happened_on", "date", "Day it happened", "2026-10-14", required=True, unit="day"),
                Column("happened_at", "time", "Local time of day, if recorded", "21:40", unit="hour and minute"),
                Column(
                    "kind",
                    "code",
                    "What kind of event",
                    "contact_not_attended",
                    required=True,
                    values=tuple(EVENT_KINDS),
                ),
                Column("source_table", "text", "Table or sheet it came from", "MHS201CareContact"),
                Column("source_code", "text", "Code it came from", "3"),
            ),
        ),
        TableSchema(
            "plans",
            "Plans, one row a plan (the latest version of it).",
            (
                Column("plan_id", "id", "The plan in the service's own system", "CP-31"),
                _CASE,
                Column("kind", "code", "What kind of plan", "crisis", required=True, values=tuple(PLAN_KINDS)),
                Column("created", "date", "Day it was made", "2026-02-01", unit="day"),
                Column("updated", "date", "Day it was last updated", "2026-08-19", unit="day"),
                Column("agreed", "date", "Day it was agreed", "2026-02-03", unit="day"),
                Column("agreed_by", "text", "By whom, as coded by the source", "10"),
                Column("review_due", "date", "Day its review is due", "2026-12-01", unit="day"),
                Column("ended", "date", "Day it ended; empty while it runs", "", unit="day"),
            ),
        ),
        TableSchema(
            "documents",
            "Index of documents on the record. Their text is never read for the draw.",
            (
                Column("document_id", "id", "The document in the service's own system", "D-5"),
                _CASE,
                Column("author_id", "id", "Practitioner id of the author", "P0042"),
                Column("written_on", "date", "Day it was written", "2026-10-15", required=True, unit="day"),
                Column("kind", "text", "Kind of document", "management oversight"),
                Column("ref", "text", "Where to find it in the record system", "DOC/55"),
            ),
        ),
        TableSchema(
            "supervisions",
            "Supervision sessions held.",
            (
                Column("practitioner_id", "id", "Supervisee", "P0042", required=True),
                Column("supervisor_id", "id", "Supervisor", "P0007", required=True),
                Column("held_on", "date", "Day held", "2026-10-09", required=True, unit="day"),
                Column(
                    "kind",
                    "code",
                    "Kind of session",
                    "formal_one_to_one",
                    required=True,
                    values=("formal_one_to_one", "reflective", "group", "duty_consultation", "ad_hoc", "specialist"),
                ),
                Column("case_id", "id", "Case discussed, if one", "SR-000123"),
                Column("minutes", "number", "Length", "90", unit="minutes"),
            ),
            extension=True,
        ),
        TableSchema(
            "review_due",
            "Review dates of plans, which no national extract carries.",
            (
                _CASE,
                Column("kind", "code", "Kind of plan", "crisis", required=True, values=tuple(PLAN_KINDS)),
                Column("review_due", "date", "Day its review is due", "2026-12-01", required=True, unit="day"),
            ),
            extension=True,
        ),
        TableSchema(
            "safeguarding",
            "Safeguarding concerns and referrals.",
            (
                _CASE,
                Column("raised_on", "date", "Day raised", "2026-10-02", required=True, unit="day"),
                Column("kind", "text", "Adult, child, or as the service codes it", "adult"),
                Column("outcome", "text", "Outcome, as the service codes it", "section 42 enquiry"),
            ),
            extension=True,
        ),
        TableSchema(
            "out_of_hours",
            "Contacts outside working hours, such as messages.",
            (
                _CASE,
                _PRACTITIONER,
                Column("happened_on", "date", "Day", "2026-10-03", required=True, unit="day"),
                Column("happened_at", "time", "Local time of day", "23:10", unit="hour and minute"),
                Column("channel", "text", "Channel", "text message"),
                Column("in_pathway", "yes/no", "Within the escalation pathway", "no"),
            ),
            extension=True,
        ),
        TableSchema(
            "note_index",
            "Index of notes: that a note exists, of which kind, where to find it. Never its text.",
            (
                _CASE,
                Column("author_id", "id", "Practitioner id of the author", "P0042"),
                Column("written_on", "date", "Day written", "2026-10-15", required=True, unit="day"),
                Column("kind", "text", "Kind of note", "management oversight", required=True),
                Column("ref", "text", "Where to find it in the record system", "NOTE/81"),
            ),
            extension=True,
        ),
        TableSchema(
            "notes",
            "Notes with their text: the only table that holds words of the record. Read for the drawn cases alone, for the case "
            "panel of the person who scores; never for the draw, never in share/, and no finding shows a word of it.",
            (
                _CASE,
                Column("written_on", "date", "Day written", "2026-10-15", required=True, unit="day"),
                Column("kind", "text", "Kind of note", "phone contact"),
                Column("author_id", "id", "Practitioner id of the author", "P0042"),
                Column("ref", "text", "Where to find it in the record system", "NOTE/81"),
                Column(
                    "text",
                    "text",
                    "The note, plain; HTML is shown as it stands. What is longer than 32,767 characters is cut",
                    "Rang as agreed.",
                    required=True,
                ),
            ),
            extension=True,
        ),
        TableSchema(
            "local_events",
            "Recorded change that no national extract carries.",
            (
                _CASE,
                Column("happened_on", "date", "Day it happened", "2026-10-20", required=True, unit="day"),
                Column(
                    "kind",
                    "code",
                    "What kind of event",
                    "risk_entry_rewritten",
                    required=True,
                    values=(
                        "risk_entry_rewritten",
                        "medication_change",
                        "duty_consultation",
                        "incident",
                        "self_harm",
                        "police_assistance",
                    ),
                ),
            ),
            extension=True,
        ),
        TableSchema(
            "exclusions",
            "Cases that may not be drawn, each with a closed reason and who approved it.",
            (
                _CASE,
                Column(
                    "reason",
                    "code",
                    "Why",
                    "LEGAL_HOLD",
                    required=True,
                    values=("LEGAL_HOLD", "SEALED", "CONFLICT", "OBJECTION", "DUPLICATE"),
                ),
                Column("approved_by", "id", "Who approved it", "P0007", required=True),
            ),
            unique=("case_id",),
            extension=True,
        ),
        TableSchema(
            "tabled",
            "Cases put forward by a person: reviewed and listed, never counted to a quota, never in an estimate.",
            (
                _CASE,
                Column(
                    "tabled_by",
                    "code",
                    "Who put it forward",
                    "supervisee",
                    required=True,
                    values=("supervisee", "supervisor", "complaint", "incident"),
                ),
                Column("tabled_on", "date", "Day", "2026-10-20", required=True, unit="day"),
            ),
            extension=True,
        ),
        TableSchema(
            "control_totals",
            "Independent counts to check the extract against.",
            (
                Column(
                    "name",
                    "code",
                    "What was counted",
                    "open_cases",
                    required=True,
                    values=("open_cases", "practitioners", "events", "plans"),
                ),
                Column("expected", "number", "The count", "1234", required=True, unit="rows"),
            ),
            unique=("name",),
            extension=True,
        ),
    )
}


def arrow_schema(name: str) -> pa.Schema:
    """Returns the Arrow schema of a canonical table: text for ids, codes and times, date32, float64, bool."""
    return pa.schema([(column.name, _ARROW_TYPES[column.type]) for column in TABLES[name].columns])


def to_arrow(name: str, frame: pd.DataFrame) -> pa.Table:
    """Returns the frame as that canonical table: its columns in order, missing ones all null, others dropped.

    Date columns may hold datetime64, datetime.date or None. Raises pyarrow.ArrowInvalid when a column cannot be converted,
    which is a fault of the reader, not of the file.
    """
    arrays = []
    for column in TABLES[name].columns:
        kind = _ARROW_TYPES[column.type]
        if column.name not in frame:
            arrays.append(pa.nulls(len(frame), kind))
            continue
        values = frame[column.name]
        if column.type == "date" and pd.api.types.is_datetime64_any_dtype(values):
            values = values.astype("datetime64[s]")
        arrays.append(pa.Array.from_pandas(values, type=kind))
    return pa.Table.from_arrays(arrays, schema=arrow_schema(name))
