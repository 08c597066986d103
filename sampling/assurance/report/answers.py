"""The answer to each of the commissioner's tests in one sentence, from the cells and sentences that are shown, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from sampling.assurance.report.kept import Part, ShownTable
from sampling.page.words import counted

LEADERS = "Leaders: "  # how what leaders did begins, in the sentence of a pattern
ANSWERED = f"{LEADERS}answered on "
LATE = f"{LEADERS}no response is recorded, and its day has passed."
WAITING = f"{LEADERS}no response is recorded yet."
ENDED = f"{LEADERS}no response is asked for, since it has ended."
NOTHING = "No number may be shown."


def of_tables(tables: Iterable[ShownTable]) -> tuple[str, ...]:
    """Returns a sentence a table: the cells of its last row, the whole of it, that are not hidden.

    >>> of_tables([ShownTable("Actions", ("What", "Raised", "Open"), (("North", "5", "*"), ("Service", "230", "*")))])
    ('Actions, service: raised 230; the rest is hidden.',)
    >>> of_tables([ShownTable("Actions", ("What", "Raised", "Open"), (("Service", "c", "k"),))])
    ('Actions, service: hidden.',)
    """
    return tuple(_whole(table) for table in tables if table.rows)


def of_rows(tables: Iterable[ShownTable], names: Iterable[str]) -> tuple[str, ...]:
    """Returns a sentence for each of these rows of the tables, as `of_tables` does for the last one."""
    wanted = set(names)
    return tuple(_row(table, row) for table in tables for row in table.rows if row[0] in wanted)


def _whole(table: ShownTable) -> str:
    return _row(table, table.rows[-1])


def _row(table: ShownTable, row: tuple[str, ...]) -> str:
    name, *cells = row
    told = [
        f"{column[:1].lower()}{column[1:]} {cell}"
        for column, cell in zip(table.columns[1:], cells, strict=True)
        if any(letter.isdigit() for letter in cell)  # every profile has marks of its own, and none has a figure in it
    ]
    if len(told) < len(cells):
        told.append("the rest is hidden" if told else "hidden")
    whole = f"{name[:1].lower()}{name[1:]}"
    return f"{table.caption}, {whole}: {'; '.join(told)}."


def of_patterns(shown: Part) -> str:
    """Returns how many patterns may be told, and how many of them leaders answered.

    >>> of_patterns(Part(sentences=("A. Leaders: answered on 1 May.", "B. " + LATE)))
    'Of 2 patterns that may be told, leaders answered 1; 1 has no response though its day has passed.'
    """
    told = [words for words in shown.sentences if LEADERS in words]
    if not told:
        return shown.refusal or "No pattern may be told here: none stands, or all rest on small numbers."
    answered, late = sum(ANSWERED in words for words in told), sum(words.endswith(LATE) for words in told)
    return (
        f"Of {counted(len(told), 'pattern')} that may be told, leaders answered {answered}; {late} "
        f"{'has' if late == 1 else 'have'} no response though {'its' if late == 1 else 'their'} day has passed."
    )
