"""Commands on extracts: month, synth, check. Heavy libraries are imported inside, so that `--help` answers at once."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sampling.commands.common import (
    FORMATS,
    SYNTHETIC_UNTIL,
    add_freeze_options,
    add_randomness_options,
    add_source_options,
    command,
)
from sampling.errors import UsageError


def add_month(commands: Any) -> None:
    """Adds the command `month`."""
    parser = command(commands, "month", _month, "Run the monthly cycle: check, freeze, draw and verify, as a page.")
    add_source_options(parser, optional=True)
    add_freeze_options(parser, default_period=SYNTHETIC_UNTIL)
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder of the draw; keep all draws of a service in one parent folder",
    )
    add_randomness_options(parser)
    parser.add_argument(
        "--practice",
        action="store_true",
        help="have scripted raters score the cases of an invented service, and follow them up; a real extract is refused",
    )


def _month(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.batch import month
    from sampling.model import Period

    if options.source and not options.period:
        raise UsageError(
            "Name the month of your extract: --period 2026-10. Only the synthetic service has a month of its own."
        )
    order = month.MonthOrder(
        Period(options.period or SYNTHETIC_UNTIL),
        options.out,
        source=options.source or "",
        format=options.format,
        extension=options.extension,
        as_of=options.as_of,
        extract_day=options.extract_day,
        draw_id=options.draw_id,
        plan=options.plan,
        signals=options.signals,
        randomness_ref=options.randomness_ref,
        randomness={
            "dice": options.dice,
            "nonces": options.nonce,
            "operator": options.operator,
            "pulse": options.pulse,
            "witnesses": options.witness,
        },
        practice=options.practice,
    )
    result = month.run(order, now=options.now, say=options.say, progress=options.say is not None)
    return result.about, result.text


def add_synth(commands: Any) -> None:
    """Adds the command `synth`."""
    parser = command(commands, "synth", _synth, "Write a synthetic service in a real format.")
    parser.add_argument("--format", choices=FORMATS, required=True, help="the format to write")
    parser.add_argument("--cases", type=int, required=True, metavar="N", help="open cases on the last day")
    parser.add_argument("--months", type=int, required=True, metavar="M", help="months of history")
    parser.add_argument("--seed", type=int, required=True, metavar="S", help="the same seed gives the same service")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write, absent or empty")
    parser.add_argument(
        "--until", default=SYNTHETIC_UNTIL, metavar="MONTH", help=f"the last month (default: {SYNTHETIC_UNTIL})"
    )
    parser.add_argument(
        "--profile", choices=("adult", "children"), help="kind of service (default: children for annex-a, else adult)"
    )
    parser.add_argument("--hostile", action="store_true", help="with the hard cases that real extracts have")
    parser.add_argument(
        "--files",
        choices=("csv", "parquet", "xlsx"),
        default="csv",
        help="file type of canonical tables (default: csv)",
    )


def _synth(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.sources.synthesis import synthesise

    files = synthesise(
        format=options.format,
        cases=options.cases,
        months=options.months,
        seed=options.seed,
        out=options.out,
        until=options.until,
        profile=options.profile,
        hostile=options.hostile,
        files=options.files,
    )
    names = [str(path.relative_to(options.out)) for path in files]
    return (
        {
            "files": names,
            "source": str(options.out),
        },
        f"Wrote {len(names)} files of a synthetic service; none of its people exists.\nNext: sampling check {options.out}",
    )


def add_check(commands: Any) -> None:
    """Adds the command `check`."""
    parser = command(
        commands, "check", _check, "Say what is wrong with an extract, all at once, and what it cannot tell."
    )
    add_source_options(parser)
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the report as a page, too")


def _check(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling import quality, workflow
    from sampling.chain import utc_text
    from sampling.errors import SourceError
    from sampling.storage import write_whole

    extract = workflow.open_source(
        options.source,
        workflow.local_keyring(),
        format=options.format,
        extension=options.extension,
        as_of=options.extract_day,
        draw_date=options.as_of,
        notes=(),
    )
    if options.html:
        write_whole(options.html, quality.page(extract, made_at=utc_text(options.now)).encode("utf-8"))
    errors = len(extract.errors)
    result = {
        "errors": errors,
        "exit": SourceError.exit_code if errors else 0,
        "findings": [
            {"code": finding.code, "severity": finding.severity, "text": finding.line(), "where": finding.where}
            for finding in extract.findings
        ],
        "format": extract.format,
        "notes": len(extract.findings) - errors,
        "ok": not errors,
    }
    return result, quality.report(extract)
