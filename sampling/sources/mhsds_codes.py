"""What is known of MHSDS v6: its tables and elements, their natural keys, and the national codes that decide anything here.

Sources. Table and element names, and the natural keys: NHS England, MHSDS v6.0 validation rules (a test holds this file to
them; the keys are those of the group rules "More than one ... submitted for this ..."). Code lists: NHS Data Model and
Dictionary, and the public reference tables of NHS England's monthly MHSDS statistics (github.com/NHSDigital), which give each
code's first and last month. Codes of earlier versions stay in the lists, because a twelve-month extract can hold them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TableSpec:
    """One MHSDS table: the elements read from it by kind, its natural key, and whether a draw is possible without it.

    Only the elements named here are ever kept; whatever else a file holds is dropped when it is read.
    """

    name: str
    ids: tuple[str, ...]
    dates: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    required: bool = False

    @property
    def number(self) -> str:
        """Returns the three digits of the table.

        >>> TABLE_SPECS["201"].number
        '201'
        """
        return self.name[3:6]

    @property
    def elements(self) -> tuple[str, ...]:
        """Returns all elements that are read from the table."""
        return self.ids + self.dates + self.times + self.codes


def _spec(
    name: str,
    ids: str,
    dates: str = "",
    times: str = "",
    codes: str = "",
    *,
    key: str = "",
    needed: str = "",
    required: bool = False,
) -> TableSpec:
    split = (ids.split(), dates.split(), times.split(), codes.split(), key.split(), needed.split())
    i, d, t, c, k, n = (tuple(part) for part in split)
    return TableSpec(name, i, d, t, c, k, n or k, required)


_PERIOD = "ReportingPeriodStartDate ReportingPeriodEndDate"
_MHA = "MHActLegalStatusClassPeriodID"

# `needed` are elements without which the table says nothing; by default the natural key.
TABLE_SPECS: dict[str, TableSpec] = {
    spec.number: spec
    for spec in (
        _spec(
            "MHS000Header",
            "",
            _PERIOD,
            codes="DatSetVer OrgIDProvider",
            key="OrgIDProvider " + _PERIOD,
            required=True,
        ),
        _spec(
            "MHS001MPI",
            "LocalPatientID",
            "PersDeathDate",
            codes="GenderIDCode EthnicCategory",
            key="LocalPatientID",
            required=True,
        ),
        _spec("MHS005PatInd", "LocalPatientID", codes="ParentalResp CPP", key="LocalPatientID"),
        _spec(
            "MHS006MHCareCoord",
            "LocalPatientID CareProfLocalID",
            "StartDateAssCareCoord EndDateAssCareCoord",
            codes="CareProfServOrTeamTypeAssoc",
            key="LocalPatientID StartDateAssCareCoord CareProfLocalID CareProfServOrTeamTypeAssoc",
            needed="LocalPatientID StartDateAssCareCoord CareProfLocalID",
            required=True,
        ),
        _spec(
            "MHS008CarePlanType",
            "CarePlanID LocalPatientID",
            "CarePlanCreatDate CarePlanLastUpdateDate",
            codes="CarePlanTypeMH",
            key="CarePlanID",
            needed="CarePlanID LocalPatientID CarePlanTypeMH",
        ),
        _spec(
            "MHS009CarePlanAgreement",
            "CarePlanID",
            "CarePlanContentAgreedDate",
            codes="CarePlanContentAgreedBy",
            key="CarePlanID CarePlanContentAgreedBy CarePlanContentAgreedDate",
            needed="CarePlanID",
        ),
        _spec(
            "MHS101Referral",
            "ServiceRequestID LocalPatientID CareProfTeamLocalID",
            "ReferralRequestReceivedDate ServDischDate ReferRejectionDate",
            codes="SourceOfReferralMH ClinRespPriorityType",
            key="ServiceRequestID",
            needed="ServiceRequestID LocalPatientID ReferralRequestReceivedDate",
            required=True,
        ),
        _spec(
            "MHS102OtherServiceType",
            "ServiceRequestID OtherCareProfTeamLocalID",
            "ReferClosureDate ReferRejectionDate",
            key="ServiceRequestID OtherCareProfTeamLocalID",
        ),
        _spec(
            "MHS105OnwardReferral",
            "ServiceRequestID",
            "OnwardReferDate",
            codes="OnwardReferReason OrgIDReceiving",
            key="ServiceRequestID OnwardReferDate OrgIDReceiving",
            needed="ServiceRequestID OnwardReferDate",
        ),
        _spec(
            "MHS201CareContact",
            "CareContactID ServiceRequestID OtherCareProfTeamLocalID",
            "CareContDate",
            "CareContTime",
            "ConsMechanismMH PlaceOfSafetyInd AttendStatus",
            key="CareContactID",
            needed="CareContactID ServiceRequestID CareContDate AttendStatus",
        ),
        _spec("MHS202CareActivity", "CareActID CareContactID", key="CareActID", needed="CareActID CareContactID"),
        _spec(
            "MHS204IndirectActivity",
            "ServiceRequestID CareProfLocalID",
            "IndirectActDate",
            "IndirectActTime",
            key="ServiceRequestID IndirectActDate IndirectActTime CareProfLocalID",
            needed="ServiceRequestID IndirectActDate",
        ),
        _spec("MHS206StaffActivity", "CareActID CareProfLocalID", key="CareActID CareProfLocalID"),
        _spec(
            "MHS401MHActPeriod",
            f"{_MHA} LocalPatientID",
            "StartDateMHActLegalStatusClass EndDateMHActLegalStatusClass",
            codes="LegalStatusCode",
            key=_MHA,
            needed=f"{_MHA} LocalPatientID StartDateMHActLegalStatusClass",
        ),
        _spec(
            "MHS402RespClinicianAssignPeriod",
            f"{_MHA} CareProfLocalID",
            "StartDateRespClinAssign EndDateRespClinAssign",
            key=f"{_MHA} StartDateRespClinAssign CareProfLocalID",
        ),
        _spec(
            "MHS403ConditionalDischarge",
            _MHA,
            "StartDateMHCondDisch EndDateMHCondDisch",
            key=f"{_MHA} StartDateMHCondDisch",
        ),
        _spec(
            "MHS404CommTreatOrder",
            _MHA,
            "StartDateCommTreatOrd EndDateCommTreatOrd",
            key=f"{_MHA} StartDateCommTreatOrd",
        ),
        _spec(
            "MHS405CommTreatOrderRecall",
            _MHA,
            "StartDateCommTreatOrdRecall EndDateCommTreatOrdRecall",
            key=f"{_MHA} StartDateCommTreatOrdRecall",
        ),
        _spec(
            "MHS501HospProvSpell",
            "HospProvSpellID ServiceRequestID",
            "StartDateHospProvSpell DischDateHospProvSpell",
            "StartTimeHospProvSpell DischTimeHospProvSpell",
            "MethAdmMHHospProvSpell MethOfDischMHHospProvSpell DestOfDischHospProvSpell",
            key="HospProvSpellID",
            needed="HospProvSpellID ServiceRequestID StartDateHospProvSpell",
        ),
        _spec(
            "MHS502WardStay",
            "WardStayID HospProvSpellID",
            key="WardStayID",
            needed="WardStayID HospProvSpellID",
        ),
        _spec(
            "MHS505RestrictiveInterventInc",
            "RestrictiveIntIncID HospProvSpellID",
            "StartDateRestrictiveIntInc",
            "StartTimeRestrictiveIntInc",
            "RestrictiveIntReason",
            key="RestrictiveIntIncID",
            needed="RestrictiveIntIncID HospProvSpellID StartDateRestrictiveIntInc",
        ),
        _spec(
            "MHS516PoliceAssistanceRequest",
            "WardStayID",
            "PoliceAssistReqDate",
            "PoliceAssistReqTime",
            key="WardStayID PoliceAssistReqDate PoliceAssistReqTime",
            needed="WardStayID PoliceAssistReqDate",
        ),
        _spec("MHS506Assault", "WardStayID", "DateAssault", key="WardStayID DateAssault"),
        _spec("MHS507SelfHarm", "WardStayID", "DateSelfHarm", key="WardStayID DateSelfHarm"),
        _spec(
            "MHS511AbsenceWithoutLeave",
            "WardStayID",
            "StartDateMHAbsWOLeave",
            "StartTimeMHAbsWOLeave",
            key="WardStayID StartDateMHAbsWOLeave StartTimeMHAbsWOLeave",
            needed="WardStayID StartDateMHAbsWOLeave",
        ),
        _spec(
            "MHS606CodedScoreAssessmentRefer",
            "ServiceRequestID CareProfLocalID",
            "AssToolCompTimestamp",
            codes="CodedAssToolType",
            key="ServiceRequestID AssToolCompTimestamp CodedAssToolType",
            needed="ServiceRequestID AssToolCompTimestamp",
        ),
        _spec(
            "MHS607CodedScoreAssessmentAct",
            "CareActID",
            codes="CodedAssToolType",
            key="CareActID CodedAssToolType",
            needed="CareActID",
        ),
        _spec(
            "MHS701CPACareEpisode",
            "CPAEpisodeID LocalPatientID",
            key="CPAEpisodeID",
            needed="CPAEpisodeID LocalPatientID",
        ),
        _spec(
            "MHS702CPAReview",
            "CPAEpisodeID CareProfLocalID",
            "CPAReviewDate",
            key="CPAEpisodeID CPAReviewDate",
        ),
        _spec(
            "MHS901StaffDetails",
            "CareProfLocalID",
            codes="CareProfStaffGpMH OccCode CareProfJobRoleCode",
            key="CareProfLocalID",
        ),
        _spec(
            "MHS902ServiceTeamDetails",
            "CareProfTeamLocalID",
            codes="ServTeamTypeMH",
            key="CareProfTeamLocalID",
            needed="CareProfTeamLocalID ServTeamTypeMH",
            required=True,
        ),
    )
}

# Read for the age band alone, then dropped; never kept, shown or counted.
BIRTH_ELEMENT = "PersonBirthDate"
# Columns that national copies and warehouses add to each table; no part of the data set itself.
PROVIDER_COLUMNS = ("OrgIDProv", "OrgIDProvider")
MONTH_COLUMN = "UniqMonthID"
RECORD_COLUMN = "RecordNumber"
PERIOD_END_COLUMN = "ReportingPeriodEndDate"
FIRST_MONTH_YEAR = 1900  # UniqMonthID 1 is April 1900, so that 1429 is April 2019 (NHS England, MHSDS derivations)
FIRST_MONTH = 4

# v5 name -> v6 name, by table number. Each is accepted with a note.
V5_ELEMENTS: dict[str, dict[str, str]] = {
    "006": {"CareProfServOrTeamTypeAssocMH": "CareProfServOrTeamTypeAssoc"},
    "009": {"CarePlanAgreedBy": "CarePlanContentAgreedBy", "CarePlanAgreedDate": "CarePlanContentAgreedDate"},
    "102": {"CareProfTeamLocalID": "OtherCareProfTeamLocalID"},
    "201": {
        "AttendOrDNACode": "AttendStatus",
        "CareProfTeamLocalID": "OtherCareProfTeamLocalID",
        "ConsMediumUsed": "ConsMechanismMH",
    },
    "204": {"CareProfTeamLocalID": "OtherCareProfTeamLocalID"},
    "902": {"ServTeamTypeRefToMH": "ServTeamTypeMH"},
}
# v5 codes that mean another thing, or nothing, in v6; read so where the column has its v5 name.
V5_CODES: dict[str, dict[str, str]] = {
    "ConsMediumUsed": {"03": "11"},  # telemedicine, which v6 calls video consultation
}
V5_TABLES = {"MHS102ServiceTypeReferredTo": "MHS102OtherServiceType"}
V5_RENUMBERED = {"504": "MHS518ClinReadyforDischarge", "603": "MHS609PresComp"}  # neither is read in v5 or v6
V5_STAFF_ELEMENT = "CareProfLocalID"  # stood in MHS202CareActivity until v5; MHS206StaffActivity has it in v6

ATTENDED = ("5", "6")  # on time; late but seen
NOT_ATTENDED = ("3", "7")  # did not attend; arrived late and could not be seen. NHS England counts both
CANCELLED_BY_PATIENT = "2"
CANCELLED_BY_PROVIDER = "4"
FUTURE = "0"  # the appointment lies in the future: says nothing yet
CRISIS_PLAN = "12"
PLAN_TYPES = {"10": "care", "11": "urgent", "12": "crisis", "13": "behaviour_support", "14": "transition"}
PRIORITY_ORDER = (
    "1",
    "4",
    "2",
    "3",
)  # emergency, very urgent (added in v5), urgent, routine: never sort the digits
VERY_URGENT = ("1", "4")
URGENT = ("1", "4", "2")

# Crisis teams by SERVICE OR TEAM TYPE. A18 (single point of access) also takes routine referrals, and A11 is liaison.
# Teams with a caseload that a care co-ordinator holds: community, early intervention, perinatal, eating disorder, learning disability.
CASELOAD_TEAMS = ("A05", "A06", "A07", "A08", "A09", "A14", "A16", "C02", "C10", "E01", "E02", "E03", "E04")
CRISIS_TEAMS = ("A02", "A03", "A04", "A19", "A20", "A21", "A22", "A23", "A24", "A25")
ACCESS_TEAM = "A18"
LIAISON_TEAM = "A11"
EMERGENCY_DEPARTMENT = "H1"  # SourceOfReferralMH

# 72 hour follow-up (NHS England MHS78 to MHS80): mechanisms that count, and discharges that are no discharge to the community.
FOLLOW_UP_MECHANISMS = ("01", "02", "04", "11")
FOLLOW_UP_DAYS = 3
DIED_METHODS = ("4", "5")
TRANSFER_DESTINATIONS = ("30", "37", "38", "48", "49", "50", "53", "79", "84", "87")

PROTECTION_PLAN_CURRENT = "3"  # CPP: 1 never, 2 previously, 3 current, X not known
YES = "Y"
SEX = {"1": "male", "2": "female", "9": "indeterminate"}  # X, not known, is read as not recorded
NOT_KNOWN_ETHNICITY = "99"
