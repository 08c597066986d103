"""One brought file as checked cells: every fault by file, sheet, column and spreadsheet row, and never a text that could be somebody's."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

from sampling.assurance.effect.columns import LONGEST
from sampling.errors import Finding, SourceError
from sampling.rubric.vignettes.texts import kept_out
from sampling.sources.files import formula_cells, read_table, sheet_names, shown_name, without_total_row
from sampling.sources.tables import TableSchema
from sampling.sources.text import Faults, TextTable, add_missing, add_shape_faults, parsed
from sampling.sources.values import EARLIEST, LATEST, parse_date, parse_number, parse_yes_no

MOST_BYTES = 5 * 1024**2  # a survey of a thousand people has a hundredth of it
MOST_UNPACKED = 100 * 1024**2  # a workbook is a compressed archive, which can be made to unpack to anything
MOST_ROWS = 20_000
SUFFIXES = (".csv", ".xlsx")
_FORMULA = re.compile(r"^[=+@\-]")
# What the net for texts calls its findings where the text is a vignette, and what they are called here.
_NET = {
    "VIGNETTE_CHARACTERS": ("BROUGHT_CHARACTERS", "Type the cell again; such characters come in by copying."),
    "VIGNETTE_MARKUP": ("BROUGHT_MARKUP", "Write plain text: 'under 5', not '<5'."),
    "VIGNETTE_IDENTIFIER": ("BROUGHT_IDENTIFIER", "Take it out: nothing here may lead to a person."),
}
_SAVE_AGAIN = "Open it in Excel and save it again as .xlsx, or as CSV UTF-8."
_AT_SOURCE = "Correct the cell in the file."
Value = TypeVar("Value")
Number = TypeVar("Number", int, float)
FEWEST_DIGITS = 9  # an NHS or CHI number has ten, nine where a spreadsheet took its leading 0 away; a telephone number ten or eleven
FRACTION = 6  # digits before the point of a number whose decimals are taken for decimals: our choice
LONG = 10 ** (FEWEST_DIGITS - 1)


def find_file(folder: Path, name: str, faults: Faults) -> Path | None:
    """Returns the file of that name in the folder, or None; adds a finding where it stands there twice."""
    there = [path for suffix in SUFFIXES if (path := folder / f"{name}{suffix}").is_file()]
    if len(there) > 1:
        faults.findings.append(
            Finding(
                "BROUGHT_FILE_TWICE",
                f"{name} is there as .csv and as .xlsx",
                "Keep one of the two.",
                file=there[0].name,
            )
        )
        return None
    return there[0] if there else None


def open_sheet(path: Path, schema: TableSchema, faults: Faults) -> Sheet | None:
    """Returns the file's checked sheet, or None where it cannot be read at all; adds every fault of its shape."""
    from sampling.sources.schema import with_canonical_headers  # pandera is slow to import

    before = _errors(faults)
    try:
        sheet = _fits(path, schema.name, faults)
        if _errors(faults) > before:
            return None
        text = read_table(path, sheet=sheet)
    except SourceError as error:
        message = error.message.removeprefix(f"{shown_name(path)}: ").rstrip(".")
        faults.findings.append(Finding("FILE_UNREADABLE", message, file=shown_name(path)))
        return None
    except Exception as error:  # a workbook that opens and has a damaged sheet raises zip, XML, key and value errors
        message = f"the sheet cannot be read ({type(error).__name__})"
        faults.findings.append(Finding("FILE_UNREADABLE", message, _SAVE_AGAIN, file=shown_name(path)))
        return None
    table = with_canonical_headers(without_total_row(text, faults))
    add_shape_faults(table, faults)
    if len(table.frame) > MOST_ROWS:
        step = "Bring counts, not the register; or fewer years."
        faults.add("BROUGHT_TOO_LARGE", f"the file has more than {MOST_ROWS:,} rows", table=table, next_step=step)
        return None
    _columns(table, schema, faults)
    return Sheet(table, schema, faults) if _errors(faults) == before else None


def _errors(faults: Faults) -> int:
    return sum(one.severity == "error" for one in faults.findings)


def _fits(path: Path, name: str, faults: Faults) -> str | None:
    """Returns the sheet to read of a workbook, None for a text file. Adds findings for what is too large, for formulas, and for encodings."""
    shown = shown_name(path)
    if path.stat().st_size > MOST_BYTES or _unpacked(path) > MOST_UNPACKED:
        step = "Bring counts, not the register; or fewer years."
        faults.findings.append(Finding("BROUGHT_TOO_LARGE", "the file is too large for what it is", step, file=shown))
        return None
    if path.suffix.lower() == ".csv":
        _note_encoding(path, faults)
        return None
    sheets = sheet_names(path)
    mine = [one for one in sheets if one.strip().casefold().replace(" ", "_") == name]
    if not mine and len(sheets) > 1:
        step = f'Name the sheet "{name}", or keep one sheet alone.'
        faults.findings.append(
            Finding("BROUGHT_SHEET", f"the workbook has {len(sheets)} sheets and none of its name", step, file=shown)
        )
        return None
    sheet = (mine or sheets)[0]
    formulas = formula_cells(path, sheet)
    for row, _ in formulas[:5]:
        step = "Copy the cells and paste them as values."
        faults.findings.append(
            Finding(
                "BROUGHT_FORMULA", "the cell holds a formula", step, file=shown, sheet=name if mine else "", row=row
            )
        )
    return sheet


def _unpacked(path: Path) -> int:
    if path.suffix.lower() != ".xlsx":
        return 0
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(one.file_size for one in archive.infolist())
    except (zipfile.BadZipFile, OSError):
        return 0  # no archive at all: the reader says so


def _note_encoding(path: Path, faults: Faults) -> None:
    content = path.read_bytes()
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        step = "Check that £, dashes and accents are right; or save it as CSV UTF-8."
        faults.findings.append(
            Finding(
                "BROUGHT_ENCODING", "the file is not UTF-8 and was read as Windows-1252", step, "note", shown_name(path)
            )
        )


def _columns(table: TextTable, schema: TableSchema, faults: Faults) -> None:
    for column in schema.columns:
        if column.required and column.name not in table.frame:
            step = "The columns are in docs/effectiveness.md."
            faults.add("COLUMN_MISSING", "the column is missing", table=table, column=column.name, next_step=step)
    unknown = [name for name in table.frame.columns if name not in {column.name for column in schema.columns}]
    if unknown:
        count = f"{len(unknown)} column{'' if len(unknown) == 1 else 's'} that this file does not have"
        message = f"{count} {'was' if len(unknown) == 1 else 'were'} dropped unread"
        step = "The columns are in docs/effectiveness.md."
        faults.add("COLUMN_DROPPED", message, table=table, next_step=step, severity="note")


class Sheet:
    """The cells of a file by column, parsed; each parse adds its faults. Lists run along the rows; None is an empty or faulty cell."""

    def __init__(self, table: TextTable, schema: TableSchema, faults: Faults) -> None:
        self.table, self.schema, self.faults = table, schema, faults
        self.rows = range(len(table.frame))

    def days(self, column: str) -> list[date | None]:
        """Returns the days of a column that is required."""
        return self._parsed(
            column,
            lambda text: day if (day := parse_date(text)) and EARLIEST <= day <= LATEST else None,
            ("DATE_UNREADABLE", "expected a date like 2026-03-31 or 31/03/2026"),
        )

    def whole(self, column: str) -> list[int | None]:
        """Returns whole numbers from 0."""
        return self._short(
            column, self._parsed(column, _whole, ("NUMBER_UNREADABLE", "expected a whole number, 0 or more"))
        )

    def numbers(self, column: str) -> list[float | None]:
        """Returns numbers."""
        return self._short(column, self._parsed(column, parse_number, ("NUMBER_UNREADABLE", "expected a number")))

    def _short(self, column: str, numbers: list[Number | None]) -> list[Number | None]:
        """Returns the numbers less those that are long enough to be somebody's NHS number or telephone, each a fault without its value."""
        if column not in self.table.frame:
            return numbers
        cells = [self._text(cell) for cell in self.table.frame[column]]
        long = [place for place, number in enumerate(numbers) if number is not None and _is_long(cells[place], number)]
        self.fault(
            "BROUGHT_LONG_NUMBER", "a number of nine digits or more could be somebody's", column, long, show=False
        )
        return [None if place in long else number for place, number in enumerate(numbers)]

    def answers(self, column: str) -> list[int | None]:
        """Returns answers from 1 to 5, also where they are given in words."""
        return self._parsed(
            column, _answer, ("BROUGHT_ANSWER", "expected 1 to 5, from strongly disagree to strongly agree")
        )

    def yes_no(self, column: str) -> list[bool | None]:
        """Returns True, False or None."""
        return self._parsed(column, parse_yes_no, ("ANSWER_UNREADABLE", "expected yes or no"))

    def codes(self, column: str) -> list[str | None]:
        """Returns the codes of a closed list, written in capitals or with spaces too."""
        values = self.schema.column(column).values
        return self._parsed(
            column,
            lambda text: code if (code := text.strip().casefold().replace(" ", "_")) in values else None,
            ("CODE_UNKNOWN", f"the code is not in the list; use one of: {', '.join(values)}"),
        )

    def periods(self, column: str, parse: Callable[[str], str | None], example: str) -> list[str | None]:
        """Returns the texts that `parse` takes for a period."""
        message = f"expected a period like {example}, as text: Excel makes a date of 2026-07"
        return self._parsed(column, parse, ("BROUGHT_PERIOD", message))

    def texts(self, column: str) -> list[str]:
        """Returns the texts of a column, "" where there is none, after the net for what could be somebody's."""
        if column not in self.table.frame:
            return ["" for _ in self.rows]
        if self.schema.column(column).required:
            add_missing(self.table, column, self.faults)
        found: dict[tuple[str, str, str], list[int]] = {}
        texts = [self._text(cell) for cell in self.table.frame[column]]
        for place, text in enumerate(texts):
            for fault in _text_faults(column, text):
                found.setdefault(fault, []).append(place)
        for (code, message, step), places in found.items():
            self.fault(code, message, column, places, step, show=False)
        return texts

    def fault(
        self, code: str, message: str, column: str, places: Sequence[int], step: str = _AT_SOURCE, *, show: bool = True
    ) -> None:
        """Adds one fault of these rows, counted from 0, where there are any."""
        if places:
            self.faults.add(
                code, message, table=self.table, column=column, positions=list(places), next_step=step, show=show
            )

    @staticmethod
    def _text(cell: object) -> str:
        return " ".join(cell.replace("\r", "").split("\n")).strip() if isinstance(cell, str) else ""

    def _parsed(self, column: str, parse: Callable[[str], Value | None], fault: tuple[str, str]) -> list[Value | None]:
        if column not in self.table.frame:
            return [None for _ in self.rows]
        values, bad = parsed(self.table.frame[column], parse)
        self.fault(*fault, column, bad, show=fault[0] != "CODE_UNKNOWN")
        if self.schema.column(column).required:
            add_missing(self.table, column, self.faults)
        return list(values)


def _text_faults(column: str, text: str) -> list[tuple[str, str, str]]:
    found = [(*_NET[code][:1], message, _NET[code][1]) for code, message, _ in kept_out(text)]
    if _FORMULA.match(text):
        found.append(("BROUGHT_FORMULA", "a spreadsheet would take the text for a formula", "Begin it with a letter."))
    if len(text) > LONGEST[column]:
        found.append(("BROUGHT_TOO_LONG", f"the text has more than {LONGEST[column]} characters", "Shorten it."))
    return found


def _is_long(text: str, number: float) -> bool:
    """Tells whether a number may be somebody's. The text counts, too: a Scottish CHI number may begin with 0, and a point or spaces may stand
    anywhere in a number that is written by hand. A share with many decimals is none: little stands before its point.
    """
    whole = len(_digits(text.partition(".")[0]))
    return abs(number) >= LONG or whole >= FEWEST_DIGITS or (whole > FRACTION and len(_digits(text)) >= FEWEST_DIGITS)


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def _whole(text: str) -> int | None:
    number = parse_number(text)
    return int(number) if number is not None and number >= 0 and number == int(number) else None


_WORDS = {
    "strongly disagree": 1, "disagree": 2, "neither agree nor disagree": 3, "neutral": 3, "agree": 4, "strongly agree": 5,
}  # fmt: skip


def _answer(text: str) -> int | None:
    if text.strip().casefold() in _WORDS:
        return _WORDS[text.strip().casefold()]
    number = _whole(text)
    return number if number is not None and number in _WORDS.values() else None
