"""The files that a service brings: every fault of every file at once, by file, sheet, column and row, and never a text that may identify."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from sampling.assurance.effect import brought_folder, load_brought, write_templates
from sampling.assurance.effect.brought import Against, Asked, Baseline, Feedback, Incident, Kpi, Response
from sampling.assurance.effect.columns import schemas
from sampling.assurance.effect.policy import load_effect_policy
from sampling.assurance.effect.sheets import MOST_ROWS, MOST_UNPACKED
from sampling.cli import main
from sampling.errors import Finding, PolicyError, SourceError

ROOT = Path(__file__).resolve().parents[2]
HEADERS = {name: ",".join(column.name for column in schema.columns) for name, schema in schemas().items()}


def write(folder: Path, name: str, *rows: str, header: str = "", encoding: str = "utf-8") -> Path:
    path = folder / f"{name}.csv"
    path.write_bytes("\n".join([header or HEADERS[name], *rows]).encode(encoding))
    return path


def faults(folder: Path) -> list[Finding]:
    """Returns the errors found; there must be some."""
    with pytest.raises(SourceError, match="None of them is used until all are right") as caught:
        load_brought(folder)
    return [one for one in caught.value.findings if one.severity == "error"]


def codes(folder: Path) -> list[str]:
    return [one.code for one in faults(folder)]


# What is read


def test_nothing_brought_is_nothing_and_no_fault(tmp_path: Path) -> None:
    assert load_brought(tmp_path / "not there").files == ()
    assert load_brought(tmp_path).files == ()


def test_each_file_is_read_with_its_values(tmp_path: Path) -> None:
    write(tmp_path, "staff_survey", "30/09/2026,North,4,agree,Strongly Disagree,,,,,,,", "2026-09-30,,5,,,,,,,,,")
    write(tmp_path, "staff_asked", "2026-09-30,,48", "2026-09-30,North,20")
    write(tmp_path, "incidents", "2026-08-14,Crisis plan,North,Severe,yes", "15/08/2026,other,,,")
    write(tmp_path, "incidents_against", '2026-Q3,contacts,"5,200"')
    write(
        tmp_path,
        "kpis",
        "Plans,2026-Q3,184,230,,,85,higher,Contract,",
        "Vacancies,2026-07,,,3.5,posts,,lower,Board,yes",
    )
    write(tmp_path, "partner_feedback", "2026-09-02,Housing,Positive,CGG 7,Clear referrals")
    write(tmp_path, "baselines", "Records,2025-10-01,2026-03-31,31,60,Audit")
    found = load_brought(tmp_path)
    day = date(2026, 9, 30)
    assert found.responses == (
        Response(day, "North", {"access": 4, "protected_time": 4, "challenging_and_supportive": 1}),
        Response(day, "", {"access": 5}),
    )
    assert found.asked == (Asked(day, "", 48), Asked(day, "North", 20))
    assert found.incidents == (
        Incident(date(2026, 8, 14), "crisis_plan", "North", "severe", True),
        Incident(date(2026, 8, 15), "other", "", None, None),
    )
    assert found.against == (Against("2026-Q3", "contacts", 5200),)
    assert found.kpis == (
        Kpi("Plans", "2026-Q3", 184, 230, None, "", 85.0, "higher", "Contract", False),
        Kpi("Vacancies", "2026-07", None, None, 3.5, "posts", None, "lower", "Board", True),
    )
    assert found.feedback == (Feedback(date(2026, 9, 2), "Housing", "positive", "CGG 7", "Clear referrals"),)
    assert found.baselines == (Baseline("Records", date(2025, 10, 1), date(2026, 3, 31), 31, 60, "Audit"),)
    assert found.files == tuple(HEADERS) and found.notes == ()


def test_a_workbook_is_read_from_its_sheet_of_that_name(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "Read me"
    sheet = book.create_sheet("Staff Asked")
    sheet.append(["Wave", "Team", "Asked"])
    sheet.append([date(2026, 9, 30), "North", 20])
    book.save(tmp_path / "staff_asked.xlsx")
    assert load_brought(tmp_path).asked == (Asked(date(2026, 9, 30), "North", 20),)


@pytest.mark.parametrize(
    ("encoding", "noted"), [("utf-8", []), ("utf-8-sig", []), ("cp1252", ["BROUGHT_ENCODING"]), ("utf-16", [])]
)
def test_encodings_of_a_csv_are_read_and_windows_is_told(tmp_path: Path, encoding: str, noted: list[str]) -> None:
    write(tmp_path, "partner_feedback", "2026-09-02,Café Wyre – housing,positive,,£5 saved", encoding=encoding)
    found = load_brought(tmp_path)
    assert found.feedback[0].partner == "Café Wyre – housing"
    assert [one.code for one in found.notes] == noted


def test_a_column_that_the_file_does_not_have_is_dropped_unread(tmp_path: Path) -> None:
    header = HEADERS["staff_asked"] + ",name"
    write(tmp_path, "staff_asked", "2026-09-30,North,20,Jane Example", header=header)
    found = load_brought(tmp_path)
    assert found.asked == (Asked(date(2026, 9, 30), "North", 20),)
    assert [one.code for one in found.notes] == ["COLUMN_DROPPED"] and "Jane" not in found.notes[0].line()


def test_blank_files_have_the_columns_and_are_read_as_nothing(tmp_path: Path) -> None:
    folder = brought_folder(tmp_path)
    kept = folder / "kpis.csv"
    folder.mkdir(parents=True)
    kept.write_text("mine", encoding="utf-8")
    written = write_templates(folder)
    assert kept.read_text(encoding="utf-8") == "mine"
    assert {path.stem for path in written} == set(HEADERS) - {"kpis"}
    for path in written:
        assert next(csv.reader(io.StringIO(path.read_text("utf-8-sig")))) == HEADERS[path.stem].split(",")
    kept.unlink()
    write_templates(folder)
    found = load_brought(folder)
    assert (found.responses, found.kpis, found.incidents) == ((), (), ())


def test_the_command_writes_the_blank_files_and_no_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["assurance", str(tmp_path), "--templates"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"7 blank files are in {brought_folder(tmp_path)}") and not (tmp_path / "reports").exists()
    assert main(["assurance", str(tmp_path), "--templates", "--brought", str(tmp_path / "mine")]) == 0
    assert len(list((tmp_path / "mine").iterdir())) == 7


def test_the_document_names_each_file_and_column() -> None:
    text = (ROOT / "docs" / "effectiveness.md").read_text(encoding="utf-8")
    rows = {name: next(line for line in text.splitlines() if line.startswith(f"| `{name}` |")) for name in HEADERS}
    items = {item.id for item in load_effect_policy().item}
    for name, schema in schemas().items():
        for column in schema.columns:
            mark = f"**`{column.name}`**" if column.required else f"`{column.name}`"
            assert mark in (text if column.name in items else rows[name]), (name, column.name)
    assert all(f"`{theme.id}`" in text for theme in load_effect_policy().theme)


# What is refused: file, rows, codes


FAULTY: dict[str, tuple[str, list[str], list[tuple[str, str, int | None]]]] = {
    "an unreadable day": ("incidents", ["31/13/2026,other,,,"], [("DATE_UNREADABLE", "date", 2)]),
    "a year of two digits": ("incidents", ["31/03/26,other,,,"], [("DATE_UNREADABLE", "date", 2)]),
    "a year before 1900": ("incidents", ["1026-03-31,other,,,"], [("DATE_UNREADABLE", "date", 2)]),
    "no day": ("incidents", [",other,,,"], [("VALUE_MISSING", "date", 2)]),
    "a theme that is none": ("incidents", ["2026-03-01,other,,,", "2026-03-01,Ms Example hit,,,"], [("CODE_UNKNOWN", "theme", 3)]),
    "a level that is none": ("incidents", ["2026-03-01,other,,catastrophic,"], [("CODE_UNKNOWN", "level", 2)]),
    "an answer of 6": ("staff_survey", ["2026-09-30,,6,,,,,,,,,"], [("BROUGHT_ANSWER", "access", 2)]),
    "an answer between": ("staff_survey", ["2026-09-30,,3.5,,,,,,,,,"], [("BROUGHT_ANSWER", "access", 2)]),
    "waves a day apart": ("staff_survey", ["2026-09-29,,3,,,,,,,,,", "2026-09-30,,3,,,,,,,,,"], [("BROUGHT_WAVES", "wave", 3)]),
    "half a person": ("staff_asked", ["2026-09-30,,4.5"], [("NUMBER_UNREADABLE", "asked", 2)]),
    "fewer than none": ("staff_asked", ["2026-09-30,,-4"], [("NUMBER_UNREADABLE", "asked", 2)]),
    "a wave twice": ("staff_asked", ["2026-09-30,North,9", "30/09/2026,North,8"], [("BROUGHT_ROW_TWICE", "team", 3)]),
    "teams of more than the service": ("staff_asked", ["2026-09-30,,9", "2026-09-30,North,10"], [("BROUGHT_TOO_FEW_ASKED", "asked", 2)]),
    "a quarter that is none": ("incidents_against", ["2026-Q5,contacts,9"], [("BROUGHT_PERIOD", "quarter", 2)]),
    "counted against nothing": ("incidents_against", ["2026-Q1,contacts,0"], [("BROUGHT_NUMBERS", "number", 2)]),
    "a part of no whole": ("kpis", ["P,2026,1,,,,,higher,S,"], [("BROUGHT_NUMBERS", "numerator", 2)]),
    "both ways": ("kpis", ["P,2026,1,2,3,,,higher,S,"], [("BROUGHT_NUMBERS", "numerator", 2)]),
    "neither way": ("kpis", ["P,2026,,,,,,higher,S,"], [("BROUGHT_NUMBERS", "numerator", 2)]),
    "more than the whole": ("kpis", ["P,2026,3,2,,,,higher,S,"], [("BROUGHT_NUMBERS", "numerator", 2)]),
    "of none": ("kpis", ["P,2026,0,0,,,,higher,S,"], [("BROUGHT_NUMBERS", "numerator", 2)]),
    "an indicator twice": ("kpis", ["P,2026,1,2,,,,higher,S,"] * 2, [("BROUGHT_ROW_TWICE", "name", 3)]),
    "a quarter among months": ("kpis", ["P,2026-07,1,2,,,,higher,S,", "P,2026-Q3,1,2,,,,higher,S,"], [("BROUGHT_LENGTHS", "period", 3)]),
    "a quarter among months, in other capitals": ("kpis", ["P x,2026-07,1,2,,,,higher,S,", "p  X,2026-Q3,1,2,,,,higher,S,"], [("BROUGHT_SPELLING", "name", 3), ("BROUGHT_LENGTHS", "period", 3)]),
    "no direction and no source": ("kpis", ["P,2026,1,2,,,,,,"], [("VALUE_MISSING", "source", 2), ("VALUE_MISSING", "better", 2)]),
    "ten digits": ("kpis", ["P,2026,,,9434765919,,,higher,S,"], [("BROUGHT_LONG_NUMBER", "value", 2), ("BROUGHT_NUMBERS", "numerator", 2)]),
    "ten digits that begin with 0": ("kpis", ["P,2026,,,0101701234,,,higher,S,"], [("BROUGHT_LONG_NUMBER", "value", 2), ("BROUGHT_NUMBERS", "numerator", 2)]),
    "ten digits with a point": ("kpis", ["P,2026,,,450557710.412,,,higher,S,"], [("BROUGHT_LONG_NUMBER", "value", 2), ("BROUGHT_NUMBERS", "numerator", 2)]),
    "nine digits, of ten whose 0 a spreadsheet took": ("kpis", ["P,2026,,,101701234,,,higher,S,"], [("BROUGHT_LONG_NUMBER", "value", 2), ("BROUGHT_NUMBERS", "numerator", 2)]),
    "ten digits of people": ("staff_asked", ["2026-09-30,,9434765919"], [("BROUGHT_LONG_NUMBER", "asked", 2)]),
    "a suppressed number": ("kpis", ["P,2026,*,2,,,,higher,S,"], [("NUMBER_UNREADABLE", "numerator", 2), ("BROUGHT_NUMBERS", "numerator", 2)]),
    "backwards": ("baselines", ["M,2026-03-31,2025-10-01,1,2,S"], [("BROUGHT_ORDER", "last", 2)]),
    "a baseline above its whole": ("baselines", ["M,2025-10-01,2026-03-31,3,2,S"], [("BROUGHT_NUMBERS", "number", 2)]),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTY)
def test_each_fault_is_told_by_file_column_and_row(tmp_path: Path, case: str) -> None:
    name, rows, expected = FAULTY[case]
    write(tmp_path, name, *rows)
    found = faults(tmp_path)
    assert [(one.code, one.column, one.row) for one in found] == expected
    assert all(one.file == f"{name}.csv" and one.next_step for one in found)


def test_eight_digits_and_a_share_with_many_decimals_are_numbers(tmp_path: Path) -> None:
    write(tmp_path, "kpis", "P,2026,,,12345678,,,higher,S,", "Q,2026,,,0.123456789012,,,higher,S,")
    assert [one.value for one in load_brought(tmp_path).kpis] == [12345678, 0.123456789012]


def test_a_survey_without_any_item_is_a_fault(tmp_path: Path) -> None:
    write(tmp_path, "staff_survey", "2026-09-30,4", header="wave,I know how I can get supervision")
    (found,) = faults(tmp_path)
    assert (found.code, found.message) == ("COLUMN_MISSING", "no column of any item is there")


def test_more_answers_than_people_asked(tmp_path: Path) -> None:
    write(tmp_path, "staff_survey", *["2026-09-30,North,4,,,,,,,,,"] * 3)
    write(tmp_path, "staff_asked", "2026-09-30,North,2")
    assert codes(tmp_path) == ["BROUGHT_TOO_FEW_ASKED"]


def test_faults_of_all_files_are_found_at_once_and_none_is_used(tmp_path: Path) -> None:
    write(tmp_path, "incidents", "soon,other,,,", "2026-03-01,nothing,,,", "2026-03-01,other,,,maybe")
    write(tmp_path, "kpis", "P,July,1,2,,,,up,S,")
    (tmp_path / "partner_feedback.xlsx").write_bytes(b"no workbook")
    write(tmp_path, "baselines", header="measure,first")
    assert sorted((one.file, one.code, one.column) for one in faults(tmp_path)) == [
        ("baselines.csv", "COLUMN_MISSING", "last"),
        ("baselines.csv", "COLUMN_MISSING", "number"),
        ("baselines.csv", "COLUMN_MISSING", "source"),
        ("incidents.csv", "ANSWER_UNREADABLE", "supervision"),
        ("incidents.csv", "CODE_UNKNOWN", "theme"),
        ("incidents.csv", "DATE_UNREADABLE", "date"),
        ("kpis.csv", "BROUGHT_PERIOD", "period"),
        ("kpis.csv", "CODE_UNKNOWN", "better"),
        ("partner_feedback.xlsx", "FILE_UNREADABLE", ""),
    ]


# Hostile files


IDENTIFYING = {
    "an NHS number": ("Ring about 943 476 5919", "BROUGHT_IDENTIFIER"),
    "an e-mail address": ("jane.example@trust.nhs.uk wrote", "BROUGHT_IDENTIFIER"),
    "a telephone number": ("Call 020 7946 1234 back", "BROUGHT_IDENTIFIER"),
    "a postcode": ("Lives at YO1 7EP", "BROUGHT_IDENTIFIER"),
    "markup": ("<script>alert(1)</script>", "BROUGHT_MARKUP"),
    "an entity": ("5 &lt; 6", "BROUGHT_MARKUP"),
    "a formula": ("=cmd|'/c calc'!A1", "BROUGHT_FORMULA"),
    "another formula": ("@SUM(A1)", "BROUGHT_FORMULA"),
    "something invisible": ("Jane\u200b Example", "BROUGHT_CHARACTERS"),
    "a long text": ("x" * 501, "BROUGHT_TOO_LONG"),
}


@pytest.mark.parametrize("case", IDENTIFYING)
def test_texts_that_may_identify_or_act_are_refused_and_never_shown(tmp_path: Path, case: str) -> None:
    text, code = IDENTIFYING[case]
    with (tmp_path / "partner_feedback.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [HEADERS["partner_feedback"].split(","), ["2026-09-02", "Housing", "mixed", "", text]]
        )
    (found,) = faults(tmp_path)
    assert (found.code, found.column, found.row, found.seen) == (code, "summary", 2, "")
    assert text not in found.line() and "Jane" not in found.line()


def test_what_is_shown_of_a_faulty_cell_is_its_shape(tmp_path: Path) -> None:
    write(tmp_path, "staff_survey", "2026-09-30,,Jane Example,,,,,,,,,", "9434765919,,3,,,,,,,,,")
    lines = " ".join(one.line() for one in faults(tmp_path))
    assert "Jane" not in lines and "9434765919" not in lines and 'shaped "Aaaa Aaaaaaa"' in lines


def test_a_workbook_with_a_formula_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["wave", "team", "asked"])
    book.active.append([date(2026, 9, 30), "North", "=1+19"])
    book.save(tmp_path / "staff_asked.xlsx")
    (found,) = faults(tmp_path)
    assert (found.code, found.row, found.message) == ("BROUGHT_FORMULA", 2, "the cell holds a formula")


def test_a_workbook_of_several_sheets_without_its_name_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("Jane Example")
    book.save(tmp_path / "kpis.xlsx")
    (found,) = faults(tmp_path)
    assert found.code == "BROUGHT_SHEET" and "Jane" not in found.line()


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "kpis.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(MOST_UNPACKED // 2**20 + 1):
                part.write(b" " * 2**20)
    assert codes(tmp_path) == ["BROUGHT_TOO_LARGE"]


def test_a_damaged_sheet_in_a_sound_workbook_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    sound = tmp_path / "sound.xlsx"
    openpyxl.Workbook().save(sound)
    with zipfile.ZipFile(sound) as source, zipfile.ZipFile(tmp_path / "kpis.xlsx", "w") as target:
        for name in source.namelist():
            target.writestr(name, b"<worksheet><sheetData><row" if "sheet1.xml" in name else source.read(name))
    sound.unlink()
    (found,) = faults(tmp_path)
    assert (found.code, found.file) == ("FILE_UNREADABLE", "kpis.xlsx")


def test_a_quotation_mark_that_is_never_closed_is_a_fault(tmp_path: Path) -> None:
    write(tmp_path, "partner_feedback", '2026-09-02,"Housing,positive,,' + "x" * 200_000)
    assert set(codes(tmp_path)) <= {"FILE_UNREADABLE", "CODE_UNKNOWN", "VALUE_MISSING", "BROUGHT_TOO_LONG"}


def test_too_many_rows_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "incidents", *["2026-03-01,other,,,"] * (MOST_ROWS + 1))
    assert codes(tmp_path) == ["BROUGHT_TOO_LARGE"]


def test_a_page_saved_as_csv_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kpis.csv").write_text(
        "<html><body><table><tr><td>name</td></tr></table></body></html>", encoding="utf-8"
    )
    assert set(codes(tmp_path)) == {"COLUMN_MISSING"}


def test_a_file_in_two_forms_and_files_of_other_names(tmp_path: Path) -> None:
    write(tmp_path, "kpis")
    openpyxl.Workbook().save(tmp_path / "kpis.xlsx")
    (tmp_path / "Jane Example survey.csv").write_text("x", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        load_brought(tmp_path)
    assert sorted(one.code for one in caught.value.findings) == ["BROUGHT_FILE_TWICE", "BROUGHT_FILE_UNKNOWN"]
    assert not any("Jane" in one.line() for one in caught.value.findings)


def test_a_response_without_an_answer_is_noted_and_counts_as_none(tmp_path: Path) -> None:
    write(tmp_path, "staff_survey", "2026-09-30,North,,,,,,,,,,")
    found = load_brought(tmp_path)
    assert found.responses == () and [one.code for one in found.notes] == ["BROUGHT_NO_ANSWER"]


# The policy file


def test_a_policy_with_faults_tells_them_all(tmp_path: Path) -> None:
    shipped = (ROOT / "policies" / "effectiveness.toml").read_text(encoding="utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(
        shipped.replace("fewest_responses = 10", "fewest_responses = 1").replace('good = "disagree"', 'good = "no"'),
        encoding="utf-8",
    )
    with pytest.raises(PolicyError, match="mine.toml has 2 faults") as caught:
        load_effect_policy(path)
    assert [one.code for one in caught.value.findings] == ["POLICY_FAULT"] * 2
    path.write_text(shipped.replace('id = "record"', 'id = "handover"'), encoding="utf-8")
    with pytest.raises(PolicyError, match="has 1 fault"):
        load_effect_policy(path)
