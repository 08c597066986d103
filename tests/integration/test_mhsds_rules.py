"""NHS England's published validation rules as the oracle: names read and written stand in them, and what is written obeys them."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from sampling.model import Period
from sampling.sources import mhsds_codes as codes
from sampling.sources.mhsds_lists import NATIONAL_CODES
from sampling.sources.mhsds_writer import write
from sampling.sources.synthetic import simulate

MONTHS = 4
ID_LENGTH = 20  # an20: the longest of the local identifiers (NHS Data Model and Dictionary)
# What can be checked mechanically on the tables we write; a fall says that the parser or the writer lost something.
LEAST_CHECKED = {"Blank": 80, "Format": 120, "National Code": 9, "Dates": 71, "Links": 34, "Unique": 15}
# Columns of national copies and names of v5 are read on purpose and stand in no v6 rule.
OUTSIDE_V6 = {codes.MONTH_COLUMN, codes.RECORD_COLUMN, "OrgIDProv"}


@dataclass(frozen=True)
class Rule:
    table: str
    element: str
    kind: str
    text: str


@pytest.fixture(scope="module")
def rules(shared_data: Path) -> list[Rule]:
    with (shared_data / "mhsds" / "MHSDS_validation_rules_v6.0.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    kind = next(name for name in rows[0] if name.startswith("Generic Validation Type"))
    text = "Validation Text with Action"
    return [Rule(row["Table"], row["XML ELEMENT NAME"], row[kind], re.sub(r"\s+", " ", row[text])) for row in rows]


@pytest.fixture(scope="module")
def submissions(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, pd.DataFrame]]:
    """The tables of each month of a synthetic submission."""
    service = simulate(profile="adult", cases=600, months=MONTHS, seed=7, last_month=Period("2026-10"))
    months: dict[str, dict[str, pd.DataFrame]] = {}
    for path in write(service, tmp_path_factory.mktemp("mhsds")):
        name, month = path.stem.rsplit("_", 1)
        months.setdefault(month, {})[name] = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    return list(months.values())


def plain(text: str) -> str:
    """Returns a rule's text without the numbers of its elements, up to the values that it would show."""
    return re.sub(r"\[M\w+\] ?", "", text)


def test_there_are_1134_rules_over_62_tables(rules: list[Rule]) -> None:
    assert (len(rules), len({rule.table for rule in rules})) == (1134, 62)


def test_each_table_and_element_that_is_read_stands_in_the_rules(rules: list[Rule]) -> None:
    known = {(rule.table, rule.element) for rule in rules}
    read = [(spec.name, element) for spec in codes.TABLE_SPECS.values() for element in spec.elements]
    assert len(read) > 100
    assert [pair for pair in [*read, ("MHS001MPI", codes.BIRTH_ELEMENT)] if pair not in known] == []


def test_names_of_v5_lead_to_names_of_v6(rules: list[Rule]) -> None:
    known = {(rule.table[3:6], rule.element) for rule in rules}
    tables = {rule.table for rule in rules}
    pairs = [(number, old, new) for number, names in codes.V5_ELEMENTS.items() for old, new in names.items()]
    assert [pair for pair in pairs if (pair[0], pair[2]) not in known or (pair[0], pair[1]) in known] == []
    assert set(codes.V5_TABLES.values()) | set(codes.V5_RENUMBERED.values()) <= tables
    assert not set(codes.V5_TABLES) & tables


def test_natural_keys_are_those_of_the_group_rules(rules: list[Rule]) -> None:
    """Apart from MHS006 (whose published key has the end date, so that an assignment's end would not replace its open row),
    MHS607 (the score) and MHS000."""
    published = {}
    for rule in rules:
        match = re.search(r"More than one (?:\w+) submitted for this (.+?)(?: combination)?\.", plain(rule.text))
        if match and rule.element == rule.table and "where" not in match[1]:
            published.setdefault(rule.table, set()).add(frozenset(match[1].replace(" ", "").split("+")))
    apart = ("000", "006", "607")
    ours = {spec.name: frozenset(spec.key) for spec in codes.TABLE_SPECS.values() if spec.number not in apart}
    assert [name for name, key in ours.items() if name in published and key not in published[name]] == []


def test_each_table_and_element_that_is_written_stands_in_the_rules(
    rules: list[Rule], submissions: list[dict[str, pd.DataFrame]]
) -> None:
    known = {(rule.table, rule.element) for rule in rules}
    written = {(name, column) for month in submissions for name, frame in month.items() for column in frame}
    assert written - known == set()
    needed = {spec.name for spec in codes.TABLE_SPECS.values()}
    absent = {"MHS403ConditionalDischarge", "MHS405CommTreatOrderRecall", "MHS607CodedScoreAssessmentAct"}
    assert needed - {name for name, _ in written} == absent


def blank_faults(rules: list[Rule], month: dict[str, pd.DataFrame]) -> tuple[int, list[str]]:
    checked, faults = 0, []
    for rule in rules:
        if rule.kind == "Blank" and rule.table in month:
            checked += 1
            frame = month[rule.table]
            if len(frame) and (rule.element not in frame or frame[rule.element].isna().any()):
                faults.append(f"{rule.table}.{rule.element}")
    return checked, faults


def shape_of(element: str) -> str:
    """Returns the format that an element's name states, as a regular expression; the rules do not print it."""
    if element.endswith("Timestamp") or element.startswith("DateTime"):
        return r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"
    if "Date" in element:
        return r"\d{4}-\d\d-\d\d"
    if "Time" in element:
        return r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d"
    return rf"[!-~ ]{{1,{ID_LENGTH}}}"


def format_faults(rules: list[Rule], month: dict[str, pd.DataFrame]) -> tuple[int, list[str]]:
    checked, faults = 0, []
    for rule in rules:
        if rule.kind == "Format" and rule.element in month.get(rule.table, ()):
            checked += 1
            values = month[rule.table][rule.element].dropna()
            wrong = values[~values.str.fullmatch(shape_of(rule.element))]
            if "Date" in rule.element:
                wrong = pd.concat([wrong, values[pd.to_datetime(values.str[:10], errors="coerce").isna()]])
            faults += [f"{rule.table}.{rule.element}"] * (len(wrong) > 0)
    return checked, faults


def code_faults(rules: list[Rule], month: dict[str, pd.DataFrame]) -> tuple[int, list[str]]:
    checked, faults = 0, []
    for rule in rules:
        if (
            rule.kind == "National Code"
            and rule.element in NATIONAL_CODES
            and rule.element in month.get(rule.table, ())
        ):
            checked += 1
            values = month[rule.table][rule.element].dropna()
            faults += [f"{rule.table}.{rule.element}"] * (not values.isin(NATIONAL_CODES[rule.element]).all())
    return checked, faults


def other_dates(month: dict[str, pd.DataFrame], table: str, element: str) -> pd.Series | None:
    """Returns the other date of a rule beside each row of the table: its own, the header's, or that of the row it hangs from."""
    frame = month[table]
    if element in frame:
        return frame[element]
    if element in month["MHS000Header"]:
        return pd.Series(month["MHS000Header"][element].iloc[0], index=frame.index)
    for other in month.values():
        shared = [
            name for name in other if name in frame and name.endswith("ID") and not other[name].duplicated().any()
        ]
        if element in other and shared:
            return frame[shared[0]].map(other.set_index(shared[0])[element])
    return None


def date_faults(rules: list[Rule], month: dict[str, pd.DataFrame]) -> tuple[int, list[str]]:
    checked, faults = 0, []
    for rule in rules:
        match = re.search(r"(\w+) is (before|after) the (?:associated )?(\w+)\.", plain(rule.text))
        if not match or match[1] not in month.get(rule.table, ()):
            continue
        other = other_dates(month, rule.table, match[3])
        if other is None:
            continue
        checked += 1
        own = month[rule.table][match[1]].str[:10]
        other = other.str[:10]
        broken = (own < other) if match[2] == "before" else (own > other)
        faults += [f"{rule.table}: {match[0]}"] * bool((broken & own.notna() & other.notna()).any())
    return checked, faults


def link_faults(rules: list[Rule], month: dict[str, pd.DataFrame]) -> tuple[int, list[str]]:
    checked, faults = 0, []
    for rule in rules:
        match = re.search(r"No valid \[(MHS\d+)\] ?\w+ submitted for this \[\w+\] ?(\w+)\.", rule.text)
        if not match or match[2] not in month.get(rule.table, ()):
            continue
        parent = next((frame for name, frame in month.items() if name.startswith(match[1])), pd.DataFrame())
        if match[2] in parent:
            checked += 1
            values = month[rule.table][match[2]].dropna()
            faults += [f"{rule.table}: {match[0]}"] * (not values.isin(parent[match[2]]).all())
    return checked, faults


def unique_faults(rules: list[Rule], month: dict[str, pd.DataFrame]) -> tuple[int, list[str]]:
    checked, faults = 0, []
    for rule in rules:
        match = re.search(r"More than one \w+ submitted for this (.+?)(?: combination)?\.", plain(rule.text))
        if not match or rule.table not in month or "where" in match[1]:
            continue
        key = [name for name in match[1].replace(" ", "").split("+") if name in month[rule.table]]
        if key:
            checked += 1
            faults += [f"{rule.table}: {match[0]}"] * bool(month[rule.table].duplicated(key).any())
    return checked, faults


CHECKS = {
    "Blank": blank_faults,
    "Format": format_faults,
    "National Code": code_faults,
    "Dates": date_faults,
    "Links": link_faults,
    "Unique": unique_faults,
}


@pytest.mark.parametrize("name", CHECKS)
def test_what_is_written_obeys_the_rules(
    name: str, rules: list[Rule], submissions: list[dict[str, pd.DataFrame]]
) -> None:
    for month in submissions:
        checked, faults = CHECKS[name](rules, month)
        assert faults == []
        assert checked >= LEAST_CHECKED[name]


def test_the_checks_see_a_fault(rules: list[Rule], submissions: list[dict[str, pd.DataFrame]]) -> None:
    """Each check on a month in which its own fault was planted."""
    month = {name: frame.copy() for name, frame in submissions[-1].items()}
    month["MHS101Referral"].loc[0, "OrgIDComm"] = None
    month["MHS201CareContact"].loc[0, "CareContTime"] = "9.30"
    month["MHS201CareContact"].loc[1, "AttendStatus"] = "8"
    month["MHS201CareContact"].loc[2, "CareContDate"] = date(2020, 1, 1).isoformat()
    month["MHS201CareContact"].loc[3, "ServiceRequestID"] = "NOBODY"
    month["MHS201CareContact"].loc[4, "CareContactID"] = month["MHS201CareContact"].loc[5, "CareContactID"]
    assert [bool(check(rules, month)[1]) for check in CHECKS.values()] == [True] * len(CHECKS)
