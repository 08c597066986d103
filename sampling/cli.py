"""The command line: reads the words, runs the command, prints what it returns. The only place that prints or reads the clock."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from sampling import __version__
from sampling.commands import draws, extracts
from sampling.errors import Finding, SamplingError

_SHOWN_FINDINGS = 40


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status of one command: 0, or the code of its kind of error (sampling.errors)."""
    options = build_parser().parse_args(arguments)
    options.now = options.now or datetime.now(UTC)
    options.say = _say if sys.stderr.isatty() else None
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
        extracts.add_month,
        extracts.add_synth,
        extracts.add_check,
        draws.add_freeze,
        draws.add_draw,
        draws.add_replace,
        draws.add_withdraw,
        draws.add_verify,
        draws.add_worklist,
    ):
        add(commands)
    return parser


def _say(stage: str) -> None:
    print(f"{stage} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
