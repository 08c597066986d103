"""Every record that was ever taken of the drawn cases: the snapshots beside the draws, and the newest extract."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pandas as pd

from sampling.assurance.action_matching import DAYS
from sampling.assurance.action_record import RecordShown
from sampling.assurance.action_snapshots import records_of
from sampling.keys import Keyring
from sampling.model import Extract
from sampling.pack import open_pack
from sampling.scoring.settings.draws import Draw
from sampling.scoring.settings.snapshot import read_cases
from sampling.tickets import digest

OF_EXTRACT = ""  # stands where a draw's id would, for the record of the newest extract
NOT_FOUND = (
    "No action is compared with this extract: it has none of the drawn cases, or has the service's own ids, and the private store that "
    "leads from the draws to these is not on this machine."
)


def records_of_draws(draws: Iterable[Draw], today: date) -> list[tuple[str, RecordShown]]:
    """Returns (draw id, record) of each snapshot that was taken by a day, oldest draw first."""
    return [
        (draw.draw_id, one)
        for draw in draws
        for one in records_of(open_pack(draw.folder), draw.profile)
        if one.taken <= today
    ]


def record_of_extract(extract: Extract, keyring: Keyring, draws: Iterable[Draw], today: date) -> RecordShown | None:
    """Returns what an extract shows of every case that was ever drawn or put forward; None where it says nothing of them.

    It tells up to the day on which it ends; a database is read as it is today. An extract that does not say until when it goes is no
    record: that nothing is in it would mean nothing.
    """
    reaches = today if extract.connection else extract.covers_to
    if reaches is None:
        return None
    draws = tuple(draws)
    cases = {one.case_key for draw in draws for one in draw.cases} | {
        one.case_key for draw in draws for one in draw.tabled
    }
    wanted = ("cases", *DAYS)
    rows = read_cases(extract, keyring, cases, set(), commits=[draw.commit for draw in draws], wanted=wanted)
    there = frozenset(digest(str(row["case_key"])) for row in rows["cases"] or ())
    if not there:
        return None
    tables = {
        name: pd.DataFrame(
            [{"case": digest(str(row["case_key"])), **{column: row[column] for column in columns}} for row in found],
            columns=["case", *columns],
            dtype=object,
        )
        for name, days in DAYS.items()
        if (found := rows[name]) is not None and (columns := ("key", "kind", *days))
    }
    return RecordShown(today, reaches, draws[-1].profile, there, tables, extract.cannot)
