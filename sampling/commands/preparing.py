"""The command prepare: takes the record of a draw's cases along for scoring. Heavy libraries are imported inside, as in extracts.py."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sampling.commands.common import FORMATS, add_extract_day, command


def add_prepare(commands: Any) -> None:
    """Adds the command `prepare`."""
    parser = command(
        commands, "prepare", _prepare, "Take the record of the drawn cases along, from this extract or a newer one."
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder of the draw")
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="a folder of MHSDS v6 tables, an Annex A workbook, our own tables, or postgresql://…",
    )
    parser.add_argument("--format", choices=FORMATS, help="the format, where it is not recognised")
    parser.add_argument(
        "--extension",
        type=Path,
        metavar="PATH",
        help="extension tables (docs/schema.md), notes among them, where they do not lie in SOURCE/extension",
    )
    add_extract_day(parser)


def _prepare(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.keys import Keyring, load_secret
    from sampling.scoring.settings.preparing import prepare

    prepared = prepare(
        options.folder,
        options.source,
        Keyring(load_secret()),
        options.now,
        format=options.format,
        extension=options.extension,
        extract_day=options.extract_day,
    )
    about = prepared.snapshot.about
    tables = (
        ", ".join(name for name in about["tables"] if name not in ("cases", "practitioners")) or "nothing but the cases"
    )
    lines = [
        f"Taken along: the record of {prepared.cases:,} cases of draw {prepared.pack.commitment['draw_id']} ({tables}).",
        *([f"{prepared.absent:,} of its cases are not in this extract."] if prepared.absent else []),
        *(["No text of notes: this service keeps no words of a case."] if not about["text_kept"] else []),
        f"Next: sampling score {options.folder}",
    ]
    return {
        "absent": prepared.absent,
        "cases": prepared.cases,
        "covers_to": about["covers_to"],
        "day": prepared.snapshot.day.isoformat(),
        "draw_id": prepared.pack.commitment["draw_id"],
        "tables": about["tables"],
        "text_kept": about["text_kept"],
    }, "\n".join(lines)
