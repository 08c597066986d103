"""The record of the drawn cases, taken once beside the draw: what the case panel shows, and what changed between two days.

Only the cases of the draw are taken (drawn, reserve, replacement, tabled), with keys in place of ids, into private/record/<day>/. The
engine filters, so that a national extract is never held. What the extract could never show is kept with it: its absence means nothing.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sampling.chain import canonical_json, parse_json, utc_text
from sampling.engine import Adapter, open_adapter
from sampling.errors import StateError
from sampling.keys import Keyring
from sampling.model import Extract
from sampling.pack import Pack, reviewed
from sampling.scoring.settings.draws import frame_rows, local_ids
from sampling.sources.notes import clean_text
from sampling.storage import locked, whole_folder
from sampling.tickets import digest

FOLDER = "record"
ABOUT = "about.json"
_TABLES = ("cases", "practitioners", "events", "plans", "documents", "notes")
# Table -> the columns that are kept: (name here, canonical name, kind). No more than the panel shows and the assignment needs; ids of
# events, plans and documents are not taken at all.
_COLUMNS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "cases": (("case_key", "case_id", "case"),),
    "practitioners": (
        ("practitioner_key", "practitioner_id", "practitioner"), ("role", "role", "text"),
        ("supervisor_key", "supervisor_id", "practitioner"),
    ),
    "events": (
        ("case_key", "case_id", "case"), ("practitioner_key", "practitioner_id", "practitioner"), ("day", "happened_on", "day"),
        ("time", "happened_at", "text"), ("kind", "kind", "text"), ("source", "source_table", "text"), ("code", "source_code", "text"),
    ),
    "plans": (
        ("case_key", "case_id", "case"), ("kind", "kind", "text"), ("created", "created", "day"), ("updated", "updated", "day"),
        ("agreed", "agreed", "day"), ("review_due", "review_due", "day"), ("ended", "ended", "day"),
    ),
    "documents": (
        ("case_key", "case_id", "case"), ("author_key", "author_id", "practitioner"), ("day", "written_on", "day"),
        ("kind", "kind", "text"), ("ref", "ref", "text"),
    ),
    "notes": (
        ("case_key", "case_id", "case"), ("author_key", "author_id", "practitioner"), ("day", "written_on", "day"),
        ("kind", "kind", "text"), ("ref", "ref", "text"), ("text", "text", "text"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Snapshot:
    """One snapshot: the day on which it was taken, what the extract could not show, and where its tables lie."""

    folder: Path
    day: date
    about: Mapping[str, Any]

    def rows(self, table: str, case_key: str = "") -> list[dict[str, Any]]:
        """Returns the rows of a table, of one case where it is named; none where the extract had no such table."""
        path = self.folder / f"{table}.parquet"
        if not path.is_file():
            return []
        filters = [("case_key", "==", case_key)] if case_key else None
        found: list[dict[str, Any]] = pq.read_table(path, filters=filters).to_pylist()
        return found

    def has(self, table: str) -> bool:
        """Returns whether the extract had that table at all: without it, nothing there means nothing."""
        return table in self.about["tables"]


def cases_of(pack: Pack) -> set[str]:
    """Returns the keys of the cases whose record is kept: drawn, reserve, replacement and tabled."""
    named = {row["case"] for row in pack.manifest() if row["status"] in ("selected", "reserve")}
    named |= set(reviewed(pack.manifest(), pack.log))
    drawn = {str(row["case_key"]) for row in frame_rows(pack, named).values()}
    tabled = pack.private / "tabled.parquet"
    put_forward = pq.read_table(tabled, columns=["case_key"])["case_key"].to_pylist() if tabled.is_file() else []
    return drawn | set(put_forward)


def take_snapshot(
    pack: Pack,
    extract: Extract,
    keyring: Keyring,
    now: datetime,
    *,
    text_kept: bool = True,
    check: Callable[[set[str]], None] = lambda cases: None,
) -> Snapshot:
    """Returns the snapshot of the drawn cases' record, written whole below private/record; every file is for its owner alone.

    The same record again changes nothing: the snapshot that is there is returned. Another record of the same day stands beside the
    first. With `text_kept` false no note is stored, whatever the extract has (policy: copies = "references_only"). `check` is handed the
    keys of the cases that the extract has, before anything is written, and may raise.
    """
    tables = read_record(pack, extract, keyring, text_kept=text_kept)
    check({str(row["case_key"]) for row in tables["cases"] or []})
    about = {
        "cannot": sorted(extract.cannot),
        "covers_to": extract.covers_to.isoformat() if extract.covers_to else None,
        "digest": digest(canonical_json({name: rows for name, rows in tables.items() if rows is not None})),
        "format": extract.format,
        "tables": sorted(name for name, rows in tables.items() if rows is not None),
        "text_kept": text_kept,
    }
    with locked(pack.folder):
        there = snapshots(pack)
        if there and all(there[-1].about[name] == value for name, value in about.items()):
            return there[-1]
        home = pack.private / FOLDER
        home.mkdir(exist_ok=True, mode=0o700)
        day = now.date().isoformat()
        number = sum(one.day.isoformat() == day for one in there) + 1
        with whole_folder(home / (day if number == 1 else f"{day}-{number}")) as folder:
            folder.chmod(0o700)
            for name, rows in tables.items():
                if rows is not None:
                    _write(folder / f"{name}.parquet", _as_arrow(name, rows))
            text = canonical_json({**about, "taken_at": utc_text(now)})
            _write_private(folder / ABOUT, text.encode("ascii"))
    return snapshots(pack)[-1]


def _as_arrow(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    columns = ["key", *(column for column, _, _ in _COLUMNS[name])]
    return pa.table({column: pa.array([row[column] for row in rows], pa.string()) for column in columns})


def _write(path: Path, table: pa.Table) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        pq.write_table(table, file)


def _write_private(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def snapshots(pack: Pack) -> list[Snapshot]:
    """Returns the snapshots of a draw, oldest first. Raises StateError for one whose about.json this program did not write."""
    found = []
    for path in (pack.private / FOLDER).glob(f"[0-9]*/{ABOUT}"):
        parts = path.parent.name.split("-")
        day = date(int(parts[0]), int(parts[1]), int(parts[2]))
        number = int(parts[3]) if len(parts) > 3 else 1
        found.append((day, number, Snapshot(path.parent, day, _about(path))))
    return [one for _, _, one in sorted(found, key=lambda row: row[:2])]


def _about(path: Path) -> dict[str, Any]:
    try:
        about = parse_json(path.read_text(encoding="ascii"))
    except ValueError:
        about = None
    if not isinstance(about, dict):
        place = f"{FOLDER}/{path.parent.name}/{ABOUT}"
        raise StateError(f"{place} of this draw is not as it was written. Put it back from your backup.")
    return about


def snapshot_of(pack: Pack, day: date | None = None) -> Snapshot | None:
    """Returns the newest snapshot, or the newest that is no later than `day` (else the oldest), or None when there is none."""
    there = snapshots(pack)
    if not there or day is None:
        return there[-1] if there else None
    return next((one for one in reversed(there) if one.day <= day), there[0])


def read_record(
    pack: Pack, extract: Extract, keyring: Keyring, *, text_kept: bool
) -> dict[str, list[dict[str, Any]] | None]:
    """Returns table -> its rows of the draw's cases, keyed and in a fixed order, or None for a table that the extract lacks."""
    keys = cases_of(pack)
    practitioners = _practitioners_of(pack, keys)
    wanted = [name for name in _TABLES if name != "notes" or text_kept]
    return read_cases(extract, keyring, keys, practitioners, commits=[pack.commitment["commit"]], wanted=wanted)


def read_cases(
    extract: Extract,
    keyring: Keyring,
    cases: set[str],
    practitioners: set[str],
    *,
    commits: Iterable[str],
    wanted: Sequence[str] = _TABLES,
) -> dict[str, list[dict[str, Any]] | None]:
    """Returns table -> its rows of the cases and practitioners with these keys, as read_record does; `commits` are those of the draws
    that they are of.
    """
    staff = practitioners
    if extract.ids == "local":  # the extract knows its own ids alone; the private store leads back to them
        store: dict[str, str] = {}
        for commit in commits:
            store |= local_ids(commit, cases | practitioners)
        cases = {store[key] for key in cases if key in store}
        staff = {store[key] for key in practitioners if key in store}
    found: dict[str, list[dict[str, Any]] | None] = dict.fromkeys(_TABLES)
    with open_adapter(extract, wanted) as adapter:
        for name in wanted:
            if name in adapter.tables():
                found[name] = _rows(name, adapter, staff if name == "practitioners" else cases, extract, keyring)
    return found


def _practitioners_of(pack: Pack, keys: set[str]) -> set[str]:
    rows = frame_rows(pack, {digest(key) for key in keys}).values()
    return {str(row["practitioner_key"]) for row in rows}


def _rows(name: str, adapter: Adapter, ids: set[str], extract: Extract, keyring: Keyring) -> list[dict[str, Any]]:
    if not ids:
        return []
    found = adapter.select(_select(name, ids))
    if name == "notes" and extract.connection:  # a file's notes were cleaned as they were read
        found = found.set_column(found.schema.get_field_index("text"), "text", clean_text(found["text"]))
    rows = found.to_pylist()
    keyed = {kind: _Keys(kind, extract, keyring) for kind in ("case", "practitioner")}
    keyed_rows = []
    for row in rows:
        one: dict[str, Any] = {}
        for column, _, kind in _COLUMNS[name]:
            value = row[column]
            one[column] = keyed[kind](value) if kind in keyed else _day_text(value) if kind == "day" else value
        keyed_rows.append(one)
    return _with_keys(name, sorted(keyed_rows, key=canonical_json))


def _select(name: str, ids: Iterable[str]) -> str:
    """Returns the SELECT of a table's rows of these cases or practitioners, in SQL that both engines read.

    A day comes as the number 20261031: a day's text depends on how a server is set up.
    """
    parts = []
    for column, source, kind in _COLUMNS[name]:
        number = (
            f"CAST(EXTRACT(YEAR FROM t.{source}) * 10000 + EXTRACT(MONTH FROM t.{source}) * 100 "
            f"+ EXTRACT(DAY FROM t.{source}) AS BIGINT)"
        )
        parts.append(f"{number if kind == 'day' else f't.{source}'} AS {column}")
    identity = "practitioner_id" if name == "practitioners" else "case_id"
    listed = ", ".join("'" + one.replace("'", "''") + "'" for one in sorted(ids))
    return f"SELECT {', '.join(parts)} FROM {name} AS t WHERE t.{identity} IN ({listed})"


def _day_text(number: int | None) -> str | None:
    return None if number is None else f"{number // 10000:04}-{number // 100 % 100:02}-{number % 100:02}"


class _Keys:
    """Turns an id of the extract into its key; ids that are keys already stay."""

    def __init__(self, kind: str, extract: Extract, keyring: Keyring) -> None:
        self._kind, self._extract, self._keyring = kind, extract, keyring

    def __call__(self, value: str | None) -> str | None:
        if value is None or self._extract.ids == "key":
            return value
        return self._keyring.key(self._kind, self._extract.system, value)


def _with_keys(name: str, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns the rows each with a key that says nothing but tells them apart: the same row has the same key in every snapshot."""
    seen: Counter[str] = Counter()
    found = []
    for row in rows:
        key = digest(f"csr1/record|{name}|{canonical_json(row)}")[:16]
        seen[key] += 1
        found.append({"key": key if seen[key] == 1 else f"{key}-{seen[key]}", **row})
    return found
