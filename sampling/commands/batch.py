"""The command `batch`: an evidence pack for every team of a month. Heavy libraries are imported inside, as in extracts.py."""

from __future__ import annotations

import argparse
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from sampling.commands.common import command, day

PURPOSES = ("supervision", "audit", "training")


def add_batch(commands: Any) -> None:
    """Adds the command `batch`."""
    parser = command(commands, "batch", _batch, "Make the evidence pack of every team for a month, several at a time.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder in which your draws lie side by side")
    parser.add_argument("--period", required=True, metavar="MONTH", help="the last month of the reports, as 2026-10")
    parser.add_argument("--by", choices=("team",), default="team", help="what each pack is about (default: team)")
    parser.add_argument(
        "--purpose", required=True, choices=PURPOSES, help="what the packs are for: it decides what they may show"
    )
    parser.add_argument(
        "--suppression",
        choices=("mhsds", "hes", "dfe", "none"),
        default="",
        help="how small numbers are hidden (default: none for supervision and audit, whose packs stay in the service and say so; mhsds for "
        "training, and always for the commissioner)",
    )
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="packs at a time, each for 512 MB of memory (default: one a processor)"
    )
    parser.add_argument("--resume", action="store_true", help="make only the packs that are missing or out of date")
    parser.add_argument("--no-pdf", action="store_true", help="pages alone, in about half the time")
    parser.add_argument(
        "--baseline",
        default="",
        metavar="SPAN",
        help="the months to compare with, as 2025-01:2025-12 (default: those before the first change in evidence.toml)",
    )
    parser.add_argument(
        "--as-of",
        type=day,
        metavar="DAY",
        help="the day on which actions are overdue or not (default: the first day after the month)",
    )
    parser.add_argument(
        "--journal",
        default="",
        metavar="WHERE",
        help="where decisions are kept: a file or postgresql://… (default: journal/journal.sqlite beside the draws)",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where the packs go (default: reports/MONTH/PURPOSE beside the draws)"
    )


def _batch(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.batch.processes import warm

    warm()  # it gets ready while this process reads its own libraries and the journal
    from sampling.batch.packs import PacksOrder, batch_of
    from sampling.batch.runner import run_batch
    from sampling.model import Period

    given = {} if options.jobs is None else {"jobs": options.jobs}
    order = PacksOrder(
        home=options.folder,
        period=Period(options.period),
        purpose=options.purpose,
        suppression=options.suppression,
        journal=options.journal,
        baseline=options.baseline,
        today=options.as_of,
        out=options.out,
        resume=options.resume,
        pdf=not options.no_pdf,
        **given,
    )
    batch = batch_of(order)
    with watcher(options) as watching:
        result = run_batch(batch, watching)
    others = [one.label for one in result.others]
    about = {
        "exit": result.exit_code,
        "failed": {one.label: one.message for one in result.failed},
        "index": str(result.page),
        "others": others,
        "packs": {one.label: one.state for one in result.outcomes},
    }
    made = len(result.outcomes) - len(result.failed)
    words = [f"{made:,} of {len(result.outcomes):,} packs stand.", f"Begin here: {result.page}"]
    if others:
        words.append(f"{len(others):,} in that folder not of this batch: {', '.join(others)}.")
    if on_terminal():  # a log has a line for each already
        words += [f"  {one.label}: {one.message}" for one in result.failed]
    return about, "\n".join(words)


def watcher(options: argparse.Namespace) -> AbstractContextManager[Any]:
    """Returns who shows how far it is: bars on a terminal, lines in a log, nobody where JSON is asked for."""
    from sampling.batch.progress import Bars, Lines

    if options.json:
        return nullcontext(Lines(lambda line: None))
    if on_terminal():
        from rich.console import Console

        return Bars(Console(stderr=True))
    return nullcontext(Lines(options.tell))


def on_terminal() -> bool:
    """Returns whether bars are shown, which leave no words behind."""
    return sys.stderr.isatty()
