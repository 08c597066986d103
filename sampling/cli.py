"""The command line: one function a command. Heavy libraries are imported inside, so that `--help` answers at once."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampling import __version__
from sampling.errors import Finding, SamplingError, UsageError

if TYPE_CHECKING:
    from sampling.randomness import Randomness

FORMATS = ("canonical", "mhsds", "annex-a")
# The synthetic service always ends in the same month unless told otherwise: the same command gives the same bytes on any day.
SYNTHETIC_UNTIL = "2026-10"
_SHOWN_FINDINGS = 40


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status of one command: 0, or the code of its kind of error (sampling.errors)."""
    options = build_parser().parse_args(arguments)
    try:
        result, text = options.run(options)
    except SamplingError as error:
        _show_error(error, as_json=options.json)
        return error.exit_code
    except KeyboardInterrupt:
        _show_error(SamplingError("Stopped. Nothing is half-written; run the command again."), as_json=options.json)
        return 130
    except OSError as error:
        _show_error(
            SamplingError(
                f"The computer refused to read or write a file: {error.strerror}. Check free space and permissions."
            ),
            as_json=options.json,
        )
        return SamplingError.exit_code
    _print(json.dumps(result, sort_keys=True) if options.json else text)
    return int(result.get("exit", 0)) if "exit" in result else 0


def _print(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stdout = open(os.devnull, "w")  # so that Python's own last flush does not fail again


def _show_error(error: SamplingError, *, as_json: bool) -> None:
    if as_json:
        findings = [
            {"where": finding.where, "code": finding.code, "text": finding.line()} for finding in error.findings
        ]
        print(json.dumps({"error": error.kind, "findings": findings, "message": error.message}, sort_keys=True))
        return
    lines = [error.message, *_finding_lines(error.findings)]
    print("\n".join(lines), file=sys.stderr)


def _finding_lines(findings: Sequence[Finding]) -> list[str]:
    lines = [f"  {finding.line()}" for finding in findings[:_SHOWN_FINDINGS]]
    if len(findings) > _SHOWN_FINDINGS:
        lines.append(f"  … and {len(findings) - _SHOWN_FINDINGS} more. `sampling check SOURCE` lists them all.")
    return lines


def build_parser() -> argparse.ArgumentParser:
    """Returns the parser of every command; docs/commands.md is generated from it."""
    parser = argparse.ArgumentParser(
        prog="sampling", description="Structured case sampling for supervision: a monthly draw that anyone can verify."
    )
    parser.add_argument("--version", action="version", version=f"sampling {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (
        _add_month,
        _add_synth,
        _add_check,
        _add_freeze,
        _add_draw,
        _add_replace,
        _add_withdraw,
        _add_verify,
        _add_worklist,
    ):
        add(commands)
    return parser


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], tuple[dict[str, Any], str]], text: str
) -> argparse.ArgumentParser:
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


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day like 2026-10-31, got {text!r}") from None


def _now(options: argparse.Namespace) -> datetime:
    return options.now or datetime.now(UTC)


def _add_source_options(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
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
        type=_day,
        metavar="DAY",
        help="the day of the extract, and the draw date (default: what the extract says, and the last day of the period)",
    )


def _add_freeze_options(parser: argparse.ArgumentParser, *, default_period: str = "") -> None:
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


def _add_synth(commands: Any) -> None:
    parser = _command(commands, "synth", _synth, "Write a synthetic service in a real format.")
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
    source = options.out / names[0] if options.format == "annex-a" else options.out
    return {
        "files": names,
        "source": str(source),
    }, f"Wrote {len(names)} files of a synthetic service; none of its people exists.\nNext: sampling check {source}"


def _add_check(commands: Any) -> None:
    parser = _command(
        commands, "check", _check, "Say what is wrong with an extract, all at once, and what it cannot tell."
    )
    _add_source_options(parser)
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
        as_of=options.as_of,
    )
    if options.html:
        write_whole(options.html, quality.page(extract, made_at=utc_text(_now(options))).encode("utf-8"))
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


def _add_freeze(commands: Any) -> None:
    parser = _command(commands, "freeze", _freeze, "Freeze the frame of a month and commit to it.")
    _add_source_options(parser)
    _add_freeze_options(parser)
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder of the draw, absent or empty; keep all draws of a service in one parent folder",
    )


def _freeze(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling import workflow
    from sampling.model import Period

    order = workflow.FreezeOrder(
        Period(options.period), options.randomness_ref, options.draw_id, options.as_of, options.plan, options.signals
    )
    keyring = workflow.local_keyring()
    extract = workflow.open_source(
        options.source, keyring, format=options.format, extension=options.extension, as_of=options.as_of
    )
    pack = workflow.freeze(extract, order, options.out, keyring=keyring, now=_now(options))
    about = workflow.summary(pack)
    strata = ", ".join(f"{n:,} {stratum}" for stratum, n in about["strata"].items())
    text = (
        f"Frozen: draw {about['draw_id']}, {about['size']:,} cases ({strata}), {pack.commitment['exclusions_size']:,} exclusions.\n"
        f"Commitment: {about['commit']}\n"
        f"Randomness: {order.randomness_ref}\n"
        "Next: publish the commitment where the service cannot change it, then run: "
        f"sampling draw {options.out}"
    )
    return about, text


def _add_draw(commands: Any) -> None:
    parser = _command(commands, "draw", _draw, "Draw the frozen month with the randomness that was promised.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder that freeze made")
    _add_randomness_options(parser)
    parser.add_argument(
        "--timestamp",
        type=Path,
        metavar="FILE",
        help="RFC 3161 time-stamp reply (.tsr) over the commitment's text, for evidence level L3",
    )
    parser.add_argument(
        "--timestamp-roots",
        type=Path,
        metavar="PEM",
        help="the root certificates of time-stamping authorities that you trust",
    )


def _add_randomness_options(parser: argparse.ArgumentParser) -> None:
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


def _draw(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling import workflow

    randomness, witnesses = _randomness(options)
    roots = options.timestamp_roots.read_bytes() if options.timestamp_roots else None
    stamp = workflow.Stamp(options.timestamp.read_bytes(), roots) if options.timestamp else None
    pack = workflow.draw(options.folder, randomness, now=_now(options), witnesses=witnesses, stamp=stamp)
    about = workflow.summary(pack)
    drawn = pack.entry("drawn") or {"data": {"reason": ""}}
    text = (
        f"Drawn: {len(about['selected']):,} cases of draw {about['draw_id']}.\nSeed: {about['seed']}\n"
        f"Evidence level {about['evidence_level']}: {drawn['data']['reason']}\n"
        f"Next: sampling verify {options.folder}; the cases with your own ids: sampling worklist {options.folder}"
    )
    return about, text


def _randomness(options: argparse.Namespace) -> tuple[Randomness, int]:
    """Returns the randomness handed in and the number of distinct witnesses. Raises UsageError unless one kind is given."""
    from sampling import randomness as kinds
    from sampling import workflow
    from sampling.pack import open_pack

    given = [name for name in ("pulse", "nonce", "dice", "operator") if getattr(options, name) is not None]
    if len(given) != 1:
        raise UsageError(
            "Give the randomness in exactly one way: --pulse FILE, --nonce A --nonce B, --dice DIGITS or --operator TEXT."
        )
    ref = kinds.parse_ref(open_pack(options.folder).commitment["randomness_ref"])
    if options.pulse is not None:
        return kinds.from_pulse(ref, workflow.load_json(options.pulse)), 0
    if options.nonce is not None:
        if len(options.nonce) != 2:
            raise UsageError("Two nonces are needed: --nonce A --nonce B, in the order of the commitment.")
        return kinds.from_nonces(ref, *options.nonce), 0
    if options.dice is not None:
        keyring = workflow.local_keyring()
        witnesses = sorted(
            {
                keyring.key("staff", "names", " ".join(name.casefold().split()))
                for name in options.witness
                if name.strip()
            }
        )
        return kinds.from_dice(ref, options.dice, witnesses), len(witnesses)
    return kinds.from_operator(ref, options.operator), 0


def _add_replace(commands: Any) -> None:
    parser = _command(commands, "replace", _replace, "Replace a drawn case by the next rank.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder of the draw")
    parser.add_argument("case_key", metavar="CASE_KEY", help="the key of the case, from worklist or draw --json")
    parser.add_argument(
        "--reason",
        required=True,
        metavar="R",
        help="CLOSED_BEFORE_T0, DUPLICATE, WRONG_PRACTITIONER, LEGAL_HOLD, SEALED or CONFLICT_OF_INTEREST",
    )
    parser.add_argument("--requested-by", required=True, metavar="X", help="who asks for it")
    parser.add_argument("--approved-by", required=True, metavar="Y", help="who approves it: another person")


def _replace(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling import workflow

    done = workflow.replace(
        options.folder,
        options.case_key,
        reason=options.reason,
        requested_by=options.requested_by,
        approved_by=options.approved_by,
        keyring=workflow.local_keyring(),
        now=_now(options),
    )
    text = (
        f"Replaced ({done['kind']}, {done['reason']}). The next rank is {done['replacement']}."
        if done["replacement"]
        else "Replaced; no rank is left to follow it."
    )
    return done, text


def _add_withdraw(commands: Any) -> None:
    parser = _command(commands, "withdraw", _withdraw, "Withdraw a draw; it stays visible with its reason.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder of the draw")
    parser.add_argument(
        "--reason",
        required=True,
        metavar="R",
        help="WRONG_EXTRACT, WRONG_PERIOD, WRONG_PLAN, RANDOMNESS_NOT_REVEALED or RANDOMNESS_LOST",
    )


def _withdraw(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling import workflow

    pack = workflow.withdraw(options.folder, reason=options.reason, now=_now(options))
    return {
        "draw_id": pack.commitment["draw_id"],
        "withdrawn": True,
    }, f"Draw {pack.commitment['draw_id']} is withdrawn and stays visible. Freeze again with another --draw-id."


def _add_verify(commands: Any) -> None:
    parser = _command(commands, "verify", _verify, "Recompute a whole draw and name the check that fails, if one does.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder of the draw, or its share folder alone")
    parser.add_argument("--commit", metavar="HEX", help="the commitment as it was published")


def _verify(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.errors import VerificationError
    from sampling.verify import verify_draw

    result = verify_draw(options.folder, options.commit)
    lines = [f"{'ok    ' if check.ok else 'FAILED'} {check.name}: {check.detail}" for check in result.checks]
    lines.append("The draw verifies." if result.ok else f"The draw does not verify: {result.failed}.")
    about = {
        "checks": [{"detail": c.detail, "name": c.name, "ok": c.ok} for c in result.checks],
        "failed": result.failed,
        "ok": result.ok,
    }
    return {**about, "exit": 0 if result.ok else VerificationError.exit_code}, "\n".join(lines)


def _add_worklist(commands: Any) -> None:
    parser = _command(
        commands,
        "worklist",
        _worklist,
        "Show the drawn cases with your own ids, from the private store: not for sharing.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder of the draw")


def _worklist(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling import workflow

    table = workflow.worklist(options.folder)
    return {"cases": table.to_dict(orient="records")}, table.to_string(index=False)


def _add_month(commands: Any) -> None:
    parser = _command(commands, "month", _month, "Run the monthly cycle: check, freeze, draw and verify, as a page.")
    _add_source_options(parser, optional=True)
    _add_freeze_options(parser, default_period=SYNTHETIC_UNTIL)
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder of the draw; keep all draws of a service in one parent folder",
    )
    _add_randomness_options(parser)


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
    )
    watched = sys.stderr.isatty()
    result = month.run(order, now=_now(options), say=_say if watched else None, progress=watched)
    return result.about, result.text


def _say(stage: str) -> None:
    print(f"{stage} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
