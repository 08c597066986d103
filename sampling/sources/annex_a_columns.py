"""What a column of an Annex A list is, and the columns and headers that several lists share.

Source: Ofsted, ILACS Annex A child-level data template and guidance, August 2019. Only the columns that the
canonical tables use have a name of ours. The rest is never read on, above all Date of Birth beyond an age
band, and Placement postcode.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CellKind = Literal["id", "date", "count", "yes/no", "code", "worker", "team", "born", "age"]
ASSESSMENTS = 4
CASE_LISTS = (6, 7, 8, 9)


@dataclass(frozen=True)
class ListColumn:
    """One column that we read: our name, Ofsted's header, other headers seen, and what its cells hold.

    Without a `needed` column a draw would be wrong, so that its absence is an error; without another, a
    signal is not recorded.
    """

    name: str
    header: str
    kind: CellKind
    needed: bool = False
    variants: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChildList:
    """One list: its title, every header of Ofsted's template in order, and the columns that we read."""

    number: int
    title: str
    headers: tuple[str, ...]
    columns: tuple[ListColumn, ...] = ()

    def header_of(self, name: str) -> str:
        """Returns Ofsted's header of one of our column names.

        Raises KeyError when the list has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column.header
        raise KeyError(name)


CHILD = ListColumn(
    "child",
    "Child Unique ID",
    "id",
    needed=True,
    variants=("Child ID", "Unique Child ID", "Child Unique Identifier", "Unique ID", "Person ID"),
)
PEOPLE = ("Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age of Child (Years)")
DISABILITY = "Does the Child have a Disability"
HOLDER = ("Allocated Team", "Allocated Worker")
WHO = (
    CHILD,
    ListColumn("sex", "Gender", "code", variants=("Sex",)),
    ListColumn("ethnicity", "Ethnicity", "code", variants=("Ethnic Origin", "Ethnic Group")),
    ListColumn("born", "Date of Birth", "born", variants=("DOB", "Date of Birth or Expected Date of Birth")),
    ListColumn("age", "Age of Child (Years)", "age", variants=("Age", "Age (Years)", "Age of Child")),
)
TEAM = ListColumn("team", "Allocated Team", "team", variants=("Team", "Current Allocated Team"))


def worker(needed: bool) -> ListColumn:
    """Returns the column of the allocated worker: needed where a case is held, not where an event is told."""
    return ListColumn(
        "worker",
        "Allocated Worker",
        "worker",
        needed,
        ("Worker", "Allocated Social Worker", "Social Worker", "Allocated Practitioner"),
    )


def date(name: str, header: str, *variants: str, needed: bool = False) -> ListColumn:
    """Returns a column of dates with the other spellings of its header."""
    return ListColumn(name, header, "date", needed, variants)


MISSING = "Number of Episodes the Child has been ‘Missing’ from their Placement in the last 12 months"
ABSENT = "Number of Episodes the Child has been ‘Absent’ from their Placement in the last 12 months"
OFFERED = "Was the child offered a Return Interview after their last missing episode (Y/N)?"
ACCEPTED = "Did the child accept a Return Interview after their last missing episode (Y/N)?"
SECOND_PERIOD = "Is this a second or subsequent period of being a Looked After Child within the last 12 months (Y/N)"
EMERGENCY = "Subject to Emergency Protection Order or Protected Under Police Powers in Last Six Months (Y/N)"
ASYLUM = "Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N)"
UNNECESSARY = "Was an Initial Child Protection Conference deemed unnecessary?"
STRATEGY = "Strategy discussion initiating Section 47 Enquiry Start Date"
SUPPORT = "Was the child assessed as requiring LA children’s social care support"
RESULT = "Did the Initial Child Protection Conference Result in a Child Protection Plan"

# Lists 10 and 11 have no worker and no case of their own: written and counted, not read.
ADOPTION_HEADERS = (
    "Child Unique ID",
    "Family identifier",
    "Gender",
    "Ethnicity",
    "Date of Birth",
    "Age of Child (Years)",
    DISABILITY,
    "Date the Child Entered Care",
    "Date of Decision that Child Should be Placed for Adoption",
    "Date of Placement Order",
    "Date of Matching Child and Prospective Adopters",
    "Date Placed for Adoption",
    "Date of Adoption Order ",
    "Date of Decision that Child Should No Longer be Placed for Adoption",
    "Reason Why Child No Longer Placed for Adoption",
    "Date the child was placed for fostering in FFA or concurrent planning placement",
)
ADOPTER_HEADERS = (
    "Individual adopter identifier",
    "Family identifier",
    "Gender",
    "Ethnicity",
    "Disability",
    "Is the (prospective) adopter fostering for adoption?",
    "Date enquiry received",
    "Date Stage 1 started",
    "Date Stage 1 ended",
    "Date Stage 2 started",
    "Date Stage 2 ended",
    "Date application submitted",
    "Date application approved",
    "Date adopter matched with child(ren)",
    "Date child/children placed with adopter(s)",
    "No. of children placed",
    "Date of Adoption Order",
    "Date of leaving adoption process",
    "Reason for leaving adoption process",
)
