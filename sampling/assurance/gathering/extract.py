"""What an extract knows that neither draws nor journal do, keyed as the draws key it; the engine filters, so that little of it is ever held.

Of the events only contacts out of hours and what may have led to them are read, and of the cases only those that were open since records
began.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sampling.assurance.coverage_facts import Allocation, Opened, Seen, Staff, Supervision
from sampling.engine import CORE_TABLES, Adapter, open_adapter
from sampling.keys import Keyring
from sampling.model import Extract
from sampling.sources.tables import ACCOUNTABLE_ROLES

CONTACT = "out_of_hours_contact"
MESSAGES = "out_of_hours"  # the extension table, which alone says whether a contact was inside the pathway
INSIDE, OUTSIDE = "in pathway", "outside pathway"  # as sampling.sources.extension writes it
TABLES = (*CORE_TABLES, "supervisions", MESSAGES)
NO_ESCALATIONS = (
    "The extract cannot tell of these, which would make a contact out of hours one inside the escalation pathway: {kinds}. Some that are "
    "counted as outside may have been inside."
)
NO_STAFF = "The extract has no table of practitioners: who is supervised is known from the draws, the people file and the sessions alone."
HOLDER_CHANGES = "practitioner_change"  # among Extract.cannot of a source that names the present holder alone


@dataclass(frozen=True)
class Contact:
    """A contact out of hours, or what may explain one: case and person are keys; `inside` is None where the record does not say."""

    case: str
    person: str
    kind: str
    on: date
    at: str
    inside: bool | None = None


@dataclass(frozen=True)
class Extracted:
    """What was read, by key. None is what the extract cannot tell. `begins` is the day on which records of supervision begin."""

    begins: date
    staff: tuple[Staff, ...] = field(repr=False)
    seen: tuple[Seen, ...] = field(repr=False)
    supervisions: tuple[Supervision, ...] | None = field(repr=False)
    cases: tuple[Opened, ...] = field(repr=False)
    allocations: tuple[Allocation, ...] | None = field(repr=False)
    contacts: tuple[Contact, ...] | None = field(repr=False)
    escalations: tuple[Contact, ...] | None = field(repr=False)
    untold: tuple[str, ...] = ()


def read_extract(
    extract: Extract,
    keyring: Keyring,
    today: date,
    begins: Callable[[Sequence[Supervision]], date],
    *,
    pathway: Collection[str],
) -> Extracted:
    """Returns what an extract tells up to `today`. `begins` is handed its supervisions and says when records begin; `pathway` are the
    kinds of event that make a contact one inside the escalation pathway.

    Raises SourceError where a database breaks off the reading.
    """
    with open_adapter(extract, TABLES) as adapter:
        rows = _Rows(adapter, extract, keyring)
        there = adapter.tables()
        supervisions = tuple(_supervisions(rows)) if "supervisions" in there else None
        first = begins(supervisions or ())
        on = min(extract.covers_to or today, today)
        staff = list(_staff(rows, first, today))
        able = "events" in there and CONTACT not in extract.cannot
        told = [kind for kind in pathway if kind not in extract.cannot] if "events" in there else []
        lacking = sorted(kind.replace("_", " ") for kind in pathway if kind not in told)
        return Extracted(
            first,
            tuple(one for one, _ in staff),
            tuple(Seen(one.person, supervisor, on) for one, supervisor in staff if supervisor),
            supervisions,
            tuple(_cases(rows, first, today)),
            tuple(_allocations(rows, first, today)) if "allocations" in there else None,
            (*_contacts(rows, today), *(_messages(rows, today) if MESSAGES in there else ()))
            if able or MESSAGES in there
            else None,
            tuple(_escalations(rows, told, messages=MESSAGES in there)) if told else None,
            tuple(
                words
                for words, holds in (
                    (NO_ESCALATIONS.format(kinds=", ".join(lacking)), lacking and (able or MESSAGES in there)),
                    (NO_STAFF, "practitioners" not in there),
                )
                if holds
            ),
        )


class _Rows:
    """Rows of a SELECT with keys in place of ids and days as dates."""

    def __init__(self, adapter: Adapter, extract: Extract, keyring: Keyring) -> None:
        self._adapter, self._local = adapter, extract.ids == "local"
        self._extract, self._keyring = extract, keyring
        self._keys: dict[str, dict[str, str]] = {}

    def of(self, columns: Mapping[str, str], rest: str) -> Iterator[tuple[Any, ...]]:
        """Yields the rows of `columns` (name -> case, practitioner, day, number or text) of the table and conditions in `rest`.

        A day comes as the number 20261031, since its text depends on how a server is set up.
        """
        parts = [_selected(name, kind) for name, kind in columns.items()]
        table = self._adapter.select(f"SELECT {', '.join(parts)} FROM {rest}")
        made: dict[str, Callable[[Any], Any]] = {name: self._key(name) for name in ("case", "practitioner")}
        made["day"] = _day
        values = [
            [None if value is None else made.get(kind, _same)(value) for value in column.to_pylist()]
            for kind, column in zip(columns.values(), table.columns, strict=True)
        ]
        return zip(*values, strict=True)

    def _key(self, kind: str) -> Callable[[str], str]:
        if not self._local:
            return _same
        known = self._keys.setdefault(kind, {})

        def key(value: str) -> str:
            found = known.get(value)
            if found is None:
                found = known[value] = self._keyring.key(kind, self._extract.system, value)
            return found

        return key


def _selected(name: str, kind: str) -> str:
    if kind == "day":
        parts = f"EXTRACT(YEAR FROM t.{name}) * 10000 + EXTRACT(MONTH FROM t.{name}) * 100 + EXTRACT(DAY FROM t.{name})"
        return f"CAST({parts} AS BIGINT) AS {name}"
    return f"CAST(t.{name} AS BIGINT) AS {name}" if kind == "number" else f"t.{name}"


def _same(value: Any) -> Any:
    return value


def _day(number: int) -> date:
    return date(number // 10000, number // 100 % 100, number % 100)


def _text(day: date) -> str:
    return f"DATE '{day.isoformat()}'"


def _listed(values: Collection[str]) -> str:
    return ", ".join("'" + one.replace("'", "''") + "'" for one in sorted(values))


def _supervisions(rows: _Rows) -> Iterator[Supervision]:
    columns = {
        "practitioner_id": "practitioner", "supervisor_id": "practitioner", "held_on": "day", "kind": "text", "case_id": "case",
        "minutes": "number",
    }  # fmt: skip
    for row in rows.of(columns, "supervisions AS t"):
        if row[0] and row[1] and row[2] and row[3]:
            yield Supervision(*row)


def _staff(rows: _Rows, first: date, today: date) -> Iterator[tuple[Staff, str]]:
    columns = {
        "practitioner_id": "practitioner", "role": "text", "team_id": "text", "started": "day", "left_on": "day",
        "supervisor_id": "practitioner",
    }  # fmt: skip
    where = f"(t.left_on IS NULL OR t.left_on >= {_text(first)}) AND (t.started IS NULL OR t.started <= {_text(today)})"
    for key, role, team, started, left, supervisor in rows.of(columns, f"practitioners AS t WHERE {where}"):
        yield Staff(key, role or "", team or "", started, left), supervisor or ""


def _cases(rows: _Rows, first: date, today: date) -> Iterator[Opened]:
    columns = {"case_id": "case", "opened": "day", "closed": "day", "died_on": "day"}
    where = f"t.opened <= {_text(today)} AND (t.closed IS NULL OR t.closed >= {_text(first)})"
    for key, opened, closed, died in rows.of(columns, f"cases AS t WHERE {where}"):
        yield Opened(key, opened, min((one for one in (closed, died) if one), default=None))


def _allocations(rows: _Rows, first: date, today: date) -> Iterator[Allocation]:
    columns = {"case_id": "case", "practitioner_id": "practitioner", "started": "day", "ended": "day", "role": "text"}
    where = f"t.role IN ({_listed(ACCOUNTABLE_ROLES)}) AND t.started <= {_text(today)} AND (t.ended IS NULL OR t.ended >= {_text(first)})"
    for row in rows.of(columns, f"allocations AS t WHERE {where}"):
        yield Allocation(*row)


_CONTACT_COLUMNS = {
    "case_id": "case",
    "practitioner_id": "practitioner",
    "kind": "text",
    "happened_on": "day",
    "happened_at": "text",
    "source_table": "text",
    "source_code": "text",
}


def _contacts(rows: _Rows, today: date) -> Iterator[Contact]:
    rest = f"events AS t WHERE t.kind = '{CONTACT}' AND t.happened_on <= {_text(today)}"
    for case, person, kind, on, at, table, code in rows.of(_CONTACT_COLUMNS, rest):
        said = {INSIDE: True, OUTSIDE: False}.get(code or "") if table == MESSAGES else None
        yield Contact(case, person or "", kind, on, at or "", said)


def _messages(rows: _Rows, today: date) -> Iterator[Contact]:
    """Yields the rows of a database's own table of contacts out of hours; of files they are among the events."""
    columns = {
        "case_id": "case",
        "practitioner_id": "practitioner",
        "happened_on": "day",
        "happened_at": "text",
        "said": "text",
    }
    said = (
        "(SELECT *, CASE WHEN in_pathway THEN 'yes' WHEN NOT in_pathway THEN 'no' END AS said FROM out_of_hours) AS t"
    )
    for case, person, on, at, inside in rows.of(columns, f"{said} WHERE t.happened_on <= {_text(today)}"):
        yield Contact(case, person or "", CONTACT, on, at or "", {"yes": True, "no": False}.get(inside or ""))


def _escalations(rows: _Rows, kinds: Collection[str], *, messages: bool) -> Iterator[Contact]:
    more = f" UNION SELECT m.case_id FROM {MESSAGES} AS m" if messages else ""
    cases = f"SELECT e.case_id FROM events AS e WHERE e.kind = '{CONTACT}'{more}"
    rest = f"events AS t WHERE t.kind IN ({_listed(kinds)}) AND t.case_id IN ({cases})"
    for case, person, kind, on, at, _, _ in rows.of(_CONTACT_COLUMNS, rest):
        yield Contact(case, person or "", kind, on, at or "")
