"""The command `assurance`: the report for governance, commissioner and inspector. Heavy libraries are imported inside, as in extracts.py."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sampling.commands.common import add_extract_day, command, day

DEFAULT_HOME = Path("outputs") / "draws"


def add_assurance(commands: Any) -> None:
    """Adds the command `assurance`."""
    about = "Report coverage, audit, actions, patterns and effect of supervision: for governance, the commissioner and an inspector."
    parser = command(commands, "assurance", _assurance, about)
    parser.add_argument("draws", type=Path, nargs="?", default=DEFAULT_HOME, metavar="DRAWS", help=f"the folder in which your draws lie side by side (default: {DEFAULT_HOME.as_posix()})")  # fmt: skip
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--period", metavar="SPAN", help="a month, a quarter or a year, as 2026-10, 2026-07:2026-09 or 2026-04:2027-03")  # fmt: skip
    what.add_argument("--templates", action="store_true", help="write blank files for what the service brings, and nothing else")  # fmt: skip
    parser.add_argument("--source", default="", metavar="EXTRACT", help="the newest extract, as for the draw (default: none; then what only an extract tells is said to be untold)")  # fmt: skip
    parser.add_argument(
        "--extension", default="", metavar="PATH", help="extension tables, where they do not lie in EXTRACT/extension"
    )
    add_extract_day(parser)
    parser.add_argument(
        "--journal", default="", metavar="JOURNAL", help="the journal (default: the one beside the draws)"
    )
    parser.add_argument("--profile", default="strictest", metavar="ID", help="policy of supervision (default: strictest; sampling policy show lists them)")  # fmt: skip
    parser.add_argument(
        "--today", type=day, metavar="DAY", help="the day on which what is due is overdue or not (default: the clock's)"
    )
    parser.add_argument("--suppression", default="", metavar="NAME", help="how the commissioner's edition hides small numbers: mhsds, hes or dfe (default: mhsds)")  # fmt: skip
    parser.add_argument("--brought", default="", metavar="FOLDER", help="staff survey, incidents, indicators and partner feedback (default: DRAWS/assurance/brought)")  # fmt: skip
    parser.add_argument("--no-pdf", action="store_true", help="pages and tables alone")


def _assurance(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    if options.templates:
        return _templates(Path(options.brought) if options.brought else None, options.draws)
    from sampling.batch.assured import AssuranceOrder, assurance_report

    order = AssuranceOrder(
        options.draws,
        options.period,
        options.today or options.now.date(),
        journal=options.journal,
        source=_absolute(options.source),
        extension=_absolute(options.extension),
        extract_day=options.extract_day.isoformat() if options.extract_day else "",
        policy=options.profile,
        suppression=options.suppression,
        brought=_absolute(options.brought),
        pdf=not options.no_pdf,
    )
    pages = assurance_report(order)
    return {"pages": dict(pages)}, f"Three editions are made. Begin here: {pages['governance']}"


def _templates(brought: Path | None, draws: Path) -> tuple[dict[str, Any], str]:
    from sampling.assurance.effect import brought_folder, write_templates

    folder = brought or brought_folder(draws)
    written = [path.name for path in write_templates(folder)]
    told = f"{len(written)} blank {'file is' if len(written) == 1 else 'files are'} in {folder}; a file that was there stays as it was."
    return {"folder": str(folder), "written": written}, told


def _absolute(text: str) -> str:
    """Returns a path in full, since notebooks run elsewhere; an address of a database as it is."""
    return text if not text or "://" in text else str(Path(text).absolute())
