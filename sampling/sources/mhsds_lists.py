"""National code lists of MHSDS elements, and names of teams. Sources as in mhsds_codes."""

from __future__ import annotations


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TEAM_TYPES = _codes(
    """A01 A02 A03 A04 A05 A06 A07 A08 A09 A10 A11 A12 A13 A14 A15 A16 A17 A18 A19 A20 A21 A22 A23 A24 A25 B01 B02
    C01 C02 C03 C04 C05 C06 C07 C08 C09 C10 D01 D02 D03 D04 D05 D06 D07 D08 E01 E02 E03 E04 F01 F02 F03 F04 F05 F06 Z01 Z02"""
)

# Element -> national codes of v4 to v6. An unknown code of `DECISIVE` is an error, because a signal hangs on it.
NATIONAL_CODES: dict[str, frozenset[str]] = {
    "AttendStatus": _codes("0 2 3 4 5 6 7"),
    "CarePlanTypeMH": _codes("10 11 12 13 14"),
    "CareProfServOrTeamTypeAssoc": _TEAM_TYPES,
    "ClinRespPriorityType": _codes("1 2 3 4"),
    "ConsMechanismMH": _codes("01 02 03 04 05 06 09 10 11 12 13 98"),
    "CPP": _codes("1 2 3 X"),
    "EthnicCategory": _codes("A B C D E F G H J K L M N P R S Z 99"),
    "GenderIDCode": _codes("1 2 9 X"),
    "LegalStatusCode": _codes("01 02 03 04 05 06 07 08 09 10 12 13 14 15 16 17 18 19 20 31 32 34 35 36 37 38 98 99"),
    "ParentalResp": _codes("Y N U X Z"),
    "PlaceOfSafetyInd": _codes("Y N"),
    "ServTeamTypeMH": _TEAM_TYPES,
}
DECISIVE = ("AttendStatus", "CarePlanTypeMH", "ClinRespPriorityType", "ServTeamTypeMH")
TWO_DIGITS = ("CarePlanTypeMH", "ConsMechanismMH", "LegalStatusCode")  # spreadsheets strip the leading 0

TEAM_NAMES = {
    "A02": "Crisis resolution and home treatment",
    "A05": "Primary care mental health",
    "A06": "Community mental health, functional",
    "A07": "Community mental health, organic",
    "A08": "Assertive outreach",
    "A09": "Community rehabilitation",
    "A11": "Psychiatric liaison",
    "A14": "Early intervention in psychosis",
    "A16": "Personality disorder",
    "A18": "Single point of access",
    "C02": "Perinatal community",
    "C10": "Community eating disorder",
    "E01": "Community learning disability",
}
