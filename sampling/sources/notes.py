"""Notes with their text, the only words of the record that are ever read: of the cases asked for, and of no other.

Nothing here can stop a draw, so that every finding is a note; none shows a cell, not even its shape, since in a table of text a
misplaced cell is text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sampling.errors import Finding
from sampling.keys import Keyring
from sampling.model import Count, Extract
from sampling.sources.canonical import Found, find_tables, keyed, load_text
from sampling.sources.extension import NOTES, as_the_reader_spells, conform, known_only
from sampling.sources.parquet import columns_of
from sampling.sources.parquet_checks import check_parquet
from sampling.sources.tables import arrow_schema
from sampling.sources.text import Faults

MAXIMUM_CHARACTERS = 32_767  # what a cell of a workbook holds (Microsoft, Excel specifications and limits)
_LONGEST_CELL = 4_000_000  # of a CSV; what is longer is a quotation mark that was never closed
_BATCH_ROWS = 10_000
# Control characters but for the ends of lines and tabs; marks that turn the order of what is read; the byte-order mark.
_UNSEEN = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x{9F}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2066}-\x{2069}\x{FEFF}]"
_NEEDED = ("case_id", "written_on", "text")
_TOO_LONG = (
    "NOTE_TOO_LONG",
    f"a note is longer than {MAXIMUM_CHARACTERS:,} characters",
    "It is cut there; the whole of it stands in the record system.",
)


def with_notes(extract: Extract, path: Path | None, keyring: Keyring, cases: Collection[str]) -> Extract:
    """Returns the extract with a table `notes` of these cases alone, given by their keys, and with what is wrong in the whole table.

    Ids are as in the rest of the extract. Without a table of notes the extract is returned as it is; without cases it is counted
    and checked, and nothing of it kept. Rows without a case, a day or a text, and rows of cases that the extract does not have,
    are left out and counted in a finding.
    """
    place = find_tables(path, (NOTES,)).get(NOTES) if path else None
    if place is None:
        return extract
    faults = Faults()
    empty = arrow_schema(NOTES).empty_table()
    kept, named = [empty], [empty.select(["case_id"])]
    for part in _parts(place, faults):
        sound = _sound(part)
        mine = sound.filter(_is_wanted(sound["case_id"], extract, keyring, set(cases)))
        kept.append(mine.set_column(mine.schema.get_field_index("text"), "text", clean_text(mine["text"])))
        named.append(sound.select(["case_id"]))
    _note_unknown_cases(extract, pa.concat_tables(named), keyring, faults)
    notes = {NOTES: (_in_the_extracts_ids(extract, pa.concat_tables(kept), keyring),)} if cases else {}
    return replace(
        extract,
        tables={**extract.tables, **notes},
        counts=(*extract.counts, Count(NOTES, sum(part.num_rows for part in named))),
        findings=(*extract.findings, *(replace(finding, severity="note", seen="") for finding in faults.findings)),
    )


def clean_text(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Returns each text without what cannot be seen, its lines ended alike, and cut at MAXIMUM_CHARACTERS."""
    plain = pc.replace_substring_regex(texts.cast(pa.string()), r"\r\n?|\x{2028}|\x{2029}", "\n")
    return pc.utf8_slice_codeunits(pc.replace_substring_regex(plain, _UNSEEN, ""), 0, MAXIMUM_CHARACTERS)


def _parts(place: Found, faults: Faults) -> Iterator[pa.Table]:
    """Yields the table a part at a time, its long notes counted; nothing where it cannot be used at all."""
    if not place.is_parquet:
        loaded = load_text(NOTES, place, faults, longest_cell=_LONGEST_CELL)
        if loaded:
            _count_long(loaded[0], place, faults)
            yield loaded[0]
        return
    if check_parquet(NOTES, place.shown, place.paths, faults) is None:
        return
    schema = arrow_schema(NOTES)
    columns = [name for name in schema.names if name in columns_of(place.paths)]
    for path in place.paths:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH_ROWS, columns=columns):
                part = conform(pa.Table.from_batches([batch]), schema)
                _count_long(part, place, faults)
                yield part


def _count_long(part: pa.Table, place: Found, faults: Faults) -> None:
    long = int(pc.sum(pc.greater(pc.utf8_length(part["text"]), MAXIMUM_CHARACTERS)).as_py() or 0)
    if not long:
        return
    code, message, next_step = _TOO_LONG
    last = faults.findings[-1] if faults.findings else None
    if last is not None and last.code == code:
        faults.findings[-1] = replace(last, count=last.count + long)
    else:
        faults.findings.append(Finding(code, message, next_step, "note", place.shown, column="text", count=long))


def _sound(part: pa.Table) -> pa.Table:
    valid = [pc.is_valid(part[name]) for name in _NEEDED]
    return part.filter(pc.and_(pc.and_(valid[0], valid[1]), valid[2]))


def _is_wanted(ids: pa.ChunkedArray, extract: Extract, keyring: Keyring, wanted: set[str]) -> pa.Array:
    """Returns for each local id whether its case is among the keys wanted."""
    mine = [local for local in pc.unique(ids).to_pylist() if wanted and _key(local, extract, keyring) in wanted]
    return pc.is_in(ids, value_set=pa.array(mine, pa.string()))


def _key(local: str, extract: Extract, keyring: Keyring) -> str:
    return keyring.key("case", extract.system, extract.local_prefix + local)


def _in_the_extracts_ids(extract: Extract, table: pa.Table, keyring: Keyring) -> pa.Table:
    if extract.ids == "local":
        return table
    return keyed(as_the_reader_spells(extract, table), keyring, extract.system, extract.local_prefix)


def _note_unknown_cases(extract: Extract, named: pa.Table, keyring: Keyring, faults: Faults) -> None:
    known_only(extract, {NOTES: _in_the_extracts_ids(extract, named, keyring)}, faults)
