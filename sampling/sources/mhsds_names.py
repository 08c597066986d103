"""Names of an MHSDS file's columns: as v6 spells them, whatever the platform made of them; and lines that are no rows at all."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from sampling.sources import mhsds_codes as codes
from sampling.sources.files import Faults, TextTable
from sampling.sources.mhsds_codes import TableSpec

# What query tools write around the rows: dashes under the header, the count of rows and the time at the end.
_DASHES = re.compile(r"^-{2,}$")
_FOOTER = re.compile(r"^\(\d+ rows? affected\)$|^Completion time: ", re.IGNORECASE)


def plain(name: str) -> str:
    """Returns a name without case, spaces, underscores or other marks.

    >>> plain("Care_Prof_Local_Id") == plain("CareProfLocalID")
    True
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


def without_query_lines(table: TextTable, faults: Faults) -> TextTable:
    """Returns the table without the lines that a query tool writes under the header and after the last row, and notes them."""
    count = len(table.frame)
    filled = [[cell for cell in table.frame.iloc[row] if isinstance(cell, str)] for row in range(min(1, count))]
    start = int(bool(filled) and all(_DASHES.match(cell) for cell in filled[0]) and bool(filled[0]))
    end = count
    while end > start:
        cells = [cell for cell in table.frame.iloc[end - 1] if isinstance(cell, str)]
        if len(cells) != 1 or not _FOOTER.match(cells[0]):
            break
        end -= 1
    dropped = [*range(start), *range(end, count)]
    if not dropped:
        return table
    message = "a line of the query tool (dashes under the header, or the count of rows) was left out"
    faults.add("QUERY_LINE", message, table=table, positions=dropped, severity="note")
    return replace(
        table,
        frame=table.frame.iloc[start:end].reset_index(drop=True),
        first_row=table.first_row + start,
        rows=table.rows[start:end],
        overlong=tuple(place - start for place in table.overlong if start <= place < end),
    )


def names_read(spec: TableSpec) -> tuple[dict[str, str], dict[str, str]]:
    """Returns, by plain spelling, the names that are read and the names of v5 that lead to one of them."""
    extra = (codes.MONTH_COLUMN, codes.RECORD_COLUMN, codes.PERIOD_END_COLUMN, *codes.PROVIDER_COLUMNS)
    wanted = {plain(name): name for name in (*spec.elements, *extra)}
    if spec.number == "001":
        wanted[plain(codes.BIRTH_ELEMENT)] = codes.BIRTH_ELEMENT
    if spec.number == "202":
        wanted[plain(codes.V5_STAFF_ELEMENT)] = codes.V5_STAFF_ELEMENT
    return wanted, {plain(name): new for name, new in codes.V5_ELEMENTS.get(spec.number, {}).items()}


def renamed(table: TextTable, spec: TableSpec, faults: Faults) -> TextTable:
    """Returns the table with the names of v6, and with no column but those that are read."""
    wanted, old = names_read(spec)
    taken: dict[str, int] = {}
    twice = [wanted[plain(name)] for name in table.repeated if plain(name) in wanted]
    former: dict[str, str] = {}
    for position, name in enumerate(table.frame.columns):
        new = wanted.get(plain(str(name)))
        if new in taken:
            twice.append(new)
        elif new:
            taken[new] = position
    for position, name in enumerate(table.frame.columns):
        new = old.get(plain(str(name)))
        if new and new not in taken:
            taken[new] = position
            former[new] = str(name)
            message = f"{name} is the v5 name of {new}; it was read as such"
            faults.add("V5_NAME", message, table=table, column=new, severity="note")
    if spec.number == "202" and codes.V5_STAFF_ELEMENT in taken:
        message = "the practitioner stands in MHS202 as in v5; where MHS206StaffActivity names one, that one counts"
        faults.add("V5_NAME", message, table=table, column=codes.V5_STAFF_ELEMENT, severity="note")
    frame = table.frame.iloc[:, list(taken.values())].copy()
    frame.columns = pd.Index(list(taken))
    table = replace(table, frame=frame, repeated=tuple(dict.fromkeys(twice)))
    for new, name in former.items():
        _recode(table, new, name, faults)
    return table


def _recode(table: TextTable, column: str, name: str, faults: Faults) -> None:
    """Puts the codes of v6 in place of those that a column has by its v5 name, and notes how many."""
    known = {plain(former): changed for former, changed in codes.V5_CODES.items()}.get(plain(name), {})
    values = table.frame[column].map(lambda text: known.get(text.zfill(2)), na_action="ignore")
    changed = values.notna()
    if changed.any():
        pairs = ", ".join(f"{before} as {after}" for before, after in known.items())
        message = f"{int(changed.sum())} code(s) of v5 were read by their meaning in v6: {pairs}"
        faults.add("V5_CODE", message, table=table, column=column, severity="note")
        table.frame[column] = values.where(changed, table.frame[column])
