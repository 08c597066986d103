"""A journal as files that other programs read: the chained entries, and every view as CSV and Parquet."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pandas as pd

from sampling.errors import StateError
from sampling.journal.backup import check_file
from sampling.journal.records import Verification
from sampling.journal.store import Journal
from sampling.journal.views import all_views
from sampling.storage import whole_folder

ENTRIES, HEAD = "entries.jsonl", "head.txt"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet read a text as a formula (OWASP, CSV injection)


def export(journal: Journal, out: Path, *, today: date) -> tuple[dict[str, int], Verification]:
    """Writes a journal into a folder that is absent or empty, whole or not at all.

    Returns the number of rows of each view, and whether the chain of the entries that were written holds.

    `entries.jsonl` has every entry as it is stored, sealed ones sealed; the views show what the journal's opener may see. All ids
    are keys. The files are for their owner's eyes alone: they hold what people wrote.
    """
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise StateError(
            f"{out} is there already, and not empty. Name another folder: an export never overwrites files."
        )
    with whole_folder(out) as folder:
        folder.chmod(0o700)
        journal.write_rows(folder / ENTRIES)
        outcome = check_file(folder / ENTRIES)
        (folder / HEAD).write_text(outcome.head_text + "\n", encoding="ascii", newline="\n")
        written = [entry for entry in journal.entries() if entry.sequence <= outcome.entries or not outcome.ok]
        tables = all_views(written, today)  # of what was written: others may have gone on
        for name, table in tables.items():
            table.to_parquet(folder / f"{name}.parquet", index=False)
            csv = guarded(table).to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%dT%H:%M:%SZ")
            (folder / f"{name}.csv").write_text(csv, encoding="utf-8", newline="")
        for path in folder.iterdir():
            os.chmod(path, 0o600)
    return {name: len(table) for name, table in tables.items()}, outcome


def guarded(table: pd.DataFrame) -> pd.DataFrame:
    """Returns the table with an apostrophe before each text that a spreadsheet would take for a formula, and days without a time."""
    copy = table.copy()
    for name in copy.columns:
        column = copy[name]
        if isinstance(column.dtype, pd.StringDtype):
            copy[name] = ("'" + column).where(column.str.startswith(_FORMULA).fillna(False).astype(bool), column)
        elif str(column.dtype) == "datetime64[s]":
            copy[name] = column.dt.strftime("%Y-%m-%d")
    return copy
