"""The command `years`: two years of an invented service, with and without a change. Heavy libraries are imported inside, as in extracts.py."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sampling.commands.batch import watcher
from sampling.commands.common import SYNTHETIC_UNTIL, command


def add_years(commands: Any) -> None:
    """Adds the command `years`."""
    parser = command(
        commands,
        "years",
        _years,
        "Play two years of an invented service, with a known change and without, and report on both.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder for both services, absent or an earlier run's")
    parser.add_argument(
        "--until", default=SYNTHETIC_UNTIL, metavar="MONTH", help=f"the last month (default: {SYNTHETIC_UNTIL})"
    )
    parser.add_argument(
        "--seed", type=int, metavar="S", help="the same seed gives the same years (default: the demo's)"
    )
    parser.add_argument(
        "--months", type=int, metavar="N", help="months of each; the change comes half-way (default: 24)"
    )
    parser.add_argument("--cases", type=int, metavar="N", help="open cases on the last day (default: 240)")
    parser.add_argument("--jobs", type=int, metavar="N", help="packs at a time (default: one a processor)")
    parser.add_argument("--no-pdf", action="store_true", help="pages alone, in about half the time")


def _years(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.batch.twins import NAMES, TwinsOrder, play_twins
    from sampling.batch.twins_page import said, write_page
    from sampling.model import Period

    given = {name: getattr(options, name) for name in ("seed", "months", "cases", "jobs")}
    order = TwinsOrder(
        options.folder,
        Period(options.until),
        pdf=not options.no_pdf,
        **{name: value for name, value in given.items() if value is not None},
    )
    tell = (lambda line: None) if options.json else options.tell
    twins = play_twins(order, now=options.now, tell=tell, watch=lambda: watcher(options))
    page = write_page(twins)
    failed = [one for result in twins.packs for one in result.failed]
    about = {
        "exit": max(result.exit_code for result in twins.packs),
        "failed": {one.label: one.message for one in failed},
        "page": str(page),
        "services": {
            told.name: {
                "answer": told.answer,
                "index": str(result.page),
                "kind": told.kind,
                "right": told.is_right,
                "true": told.headline.true,
            }
            for told, result in zip(twins.told, twins.packs, strict=True)
        },
    }
    words = [f"{NAMES[told.name]}: {told.answer}\n  {said(told)}" for told in twins.told]
    words += [f"  {one.label}: {one.message}" for one in failed]
    return about, "\n".join([*words, f"Begin here: {page}"])
