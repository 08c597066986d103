"""What several commands share: their common options."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sampling.errors import Finding, PolicyError

FORMATS = ("canonical", "mhsds", "annex-a")
# The synthetic service always ends in the same month unless told otherwise: the same command gives the same bytes on any day.
SYNTHETIC_UNTIL = "2026-10"


def command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], tuple[dict[str, Any], str]], text: str
) -> argparse.ArgumentParser:
    """Returns the parser of a new command, with the options that every command has."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")
    parser.add_argument(
        "--now",
        type=_moment,
        default=None,
        metavar="TIME",
        help="the time to record, as 2026-11-01T09:00:00Z (default: the clock)",
    )
    parser.set_defaults(run=run)
    return parser


def _moment(text: str) -> datetime:
    from sampling.chain import utc_moment

    try:
        return utc_moment(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a time like 2026-11-01T09:00:00Z, got {text!r}") from None


def day(text: str) -> date:
    """Returns the day that an option spells, as argparse's `type`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day like 2026-10-31, got {text!r}") from None


LAST_PORT = 65535


def check_result(what: str, findings: Sequence[Finding]) -> tuple[dict[str, Any], str]:
    """Returns what a command prints that checks one thing a person wrote: the verdict, then every finding; the exit code is that of a fault."""
    errors = sum(finding.severity == "error" for finding in findings)
    notes = len(findings) - errors
    result = {
        "errors": errors,
        "exit": PolicyError.exit_code if errors else 0,
        "findings": [
            {"code": finding.code, "severity": finding.severity, "text": finding.line(), "where": finding.where}
            for finding in findings
        ],
        "notes": notes,
        "ok": not errors,
    }
    verdict = f"{what} has {_counted(errors, 'fault') if errors else 'no fault'}"
    verdict += f" and {_counted(notes, 'note')}." if notes else "."
    return result, "\n".join([verdict, *(f"  {finding.line()}" for finding in findings)])


def _counted(number: int, one: str) -> str:
    return f"{number} {one}{'' if number == 1 else 's'}"


def port_number(text: str) -> int:
    """Returns the port that an option spells, as argparse's `type`."""
    if not text.isascii() or not text.isdigit() or int(text) > LAST_PORT:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to {LAST_PORT}, got {text[:10]!r}")
    return int(text)


def add_source_options(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """Adds SOURCE and how to read it."""
    kinds = "a folder of MHSDS v6 tables, an Annex A workbook, our own tables, or postgresql://…"
    if optional:
        parser.add_argument(
            "source", metavar="SOURCE", nargs="?", help=f"{kinds} (default: a synthetic service, invented beside DIR)"
        )
    else:
        parser.add_argument("source", metavar="SOURCE", help=kinds)
    parser.add_argument("--format", choices=FORMATS, help="the format, where it is not recognised")
    parser.add_argument(
        "--extension",
        type=Path,
        metavar="PATH",
        help="extension tables (docs/schema.md), where they do not lie in SOURCE/extension",
    )
    parser.add_argument(
        "--as-of",
        type=day,
        metavar="DAY",
        help="the draw date, a day of the period (default: its last day)",
    )
    add_extract_day(parser)


def add_extract_day(parser: argparse.ArgumentParser) -> None:
    """Adds the day of an extract."""
    parser.add_argument(
        "--extract-day",
        type=day,
        metavar="DAY",
        help="the day on which the extract was made, where it does not say (Annex A; default: the latest day in it)",
    )


def add_freeze_options(parser: argparse.ArgumentParser, *, default_period: str = "") -> None:
    """Adds what a freeze is asked for."""
    if default_period:
        parser.add_argument(
            "--period",
            metavar="MONTH",
            help=f"the month of the draw, as 2026-10 (default: {default_period}, without SOURCE alone)",
        )
    else:
        parser.add_argument("--period", required=True, metavar="MONTH", help="the month of the draw, as 2026-10")
    parser.add_argument(
        "--draw-id",
        default="",
        metavar="ID",
        help="name of the draw (default: the period and the kind of service, as 2026-10/adult); one draw_id has one commitment",
    )
    parser.add_argument(
        "--plan",
        type=Path,
        metavar="FILE",
        help="quotas, stream, reserve and cool-off, TOML or JSON (default: policies/plan.toml)",
    )
    parser.add_argument(
        "--signals",
        type=Path,
        metavar="FILE",
        help="signal file (default: policies/signals_adult.toml or signals_children.toml)",
    )
    parser.add_argument(
        "--randomness-ref",
        default="operator",
        metavar="REF",
        help="what will decide: drand:CHAIN:ROUND, two-party:HASH:HASH, dice, operator (default: operator, which is no evidence)",
    )


def add_randomness_options(parser: argparse.ArgumentParser) -> None:
    """Adds the four ways to hand in the randomness."""
    parser.add_argument("--pulse", type=Path, metavar="FILE", help="the JSON of the promised drand round")
    parser.add_argument(
        "--nonce",
        action="append",
        metavar="HEX",
        help="a revealed nonce of 64 hex digits; give two, in the order of the commitment",
    )
    parser.add_argument("--dice", metavar="DIGITS", help="20 ten-sided dice")
    parser.add_argument(
        "--witness",
        action="append",
        default=[],
        metavar="NAME",
        help="who saw the dice; give two for evidence level L2 (names are not stored)",
    )
    parser.add_argument("--operator", metavar="TEXT", help="any text: for training and the demo, no evidence")
