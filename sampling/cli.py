"""The command line: reads the words, runs the command, prints what it returns. The only place that prints or reads the clock."""

from __future__ import annotations

import argparse
import difflib
import io
import itertools
import json
import os
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from sampling import __version__
from sampling.commands import (
    accounts,
    assuring,
    batch,
    calibrating,
    draws,
    extracts,
    journals,
    policies,
    practising,
    preparing,
    purges,
    rubrics,
    scoring,
    vignettes,
)
from sampling.errors import Finding, ProgramError, SamplingError, StorageError, UsageError

DEBUG_VARIABLE = "SAMPLING_DEBUG"
_SHOWN_FINDINGS = 40


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status of one command: 0, or the code of its kind of error (sampling.errors)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in words
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows only ASCII shows a question mark for the rest
    try:
        options = build_parser().parse_args(words)
        options.now = options.now or datetime.now(UTC)
        options.say = _say if sys.stderr.isatty() else None
        options.tell = _print  # for a command that has something to say before it ends
        result, text = options.run(options)
    except SamplingError as error:
        return _show_error(error, as_json=as_json)
    except KeyboardInterrupt:
        _show_error(SamplingError("Stopped. Nothing is half-written; run the command again."), as_json=as_json)
        return 130
    except OSError as error:
        reason = error.strerror or type(error).__name__
        refused = f"The computer refused to read or write a file: {reason}. Check the path, free space and permissions."
        return _show_error(StorageError(refused), as_json=as_json)
    except Exception as error:  # whatever is left is our own fault; its text could hold a value of the record
        if os.environ.get(DEBUG_VARIABLE):
            raise
        return _show_error(ProgramError(_fault(error)), as_json=as_json)
    _print(json.dumps(result, sort_keys=True) if as_json else text)
    return int(result.get("exit", 0))


def _fault(error: Exception) -> str:
    """Returns where the program failed, without the error's own text."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "sampling" in Path(frame.filename).parts]
    frame = ours[-1] if ours else last
    return (
        f"The program failed ({type(error).__name__}, {Path(frame.filename).name} line {frame.lineno}). This is a fault of the "
        f"program, and nothing is half-written. Please report this line; with {DEBUG_VARIABLE}=1 it shows more, for your own eyes."
    )


def _print(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stdout = open(os.devnull, "w")  # so that Python's own last flush does not fail again


def _show_error(error: SamplingError, *, as_json: bool) -> int:
    """Prints the error and returns its exit status."""
    if as_json:
        findings = [
            {"where": finding.where, "code": finding.code, "text": finding.line()} for finding in error.findings
        ]
        _print(json.dumps({"error": error.kind, "findings": findings, "message": error.message}, sort_keys=True))
    else:
        print("\n".join([error.message, *_finding_lines(error.findings)]), file=sys.stderr)
    return error.exit_code


def _finding_lines(findings: Sequence[Finding]) -> list[str]:
    lines = [f"  {finding.line()}" for finding in findings[:_SHOWN_FINDINGS]]
    if len(findings) > _SHOWN_FINDINGS:
        lines.append(f"  … and {len(findings) - _SHOWN_FINDINGS} more. `sampling check SOURCE` lists them all.")
    return lines


class _Parser(argparse.ArgumentParser):
    """A parser whose refusals are errors like any other, so that --json holds for them, too."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Refuses an option that there is none of before one that is missing: the one is often the other, misspelt."""
        if self._subparsers is None:  # the words of a command, not of the program
            for word in itertools.takewhile(lambda one: one != "--", args or ()):
                name = word.partition("=")[0]
                if name.startswith("--") and not any(known.startswith(name) for known in self._option_string_actions):
                    near = difflib.get_close_matches(name, self._option_string_actions, 1)
                    self.error(f"there is no option {name}" + (f", but there is {near[0]}" if near else ""))
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}. See: {self.prog} --help")


def build_parser() -> argparse.ArgumentParser:
    """Returns the parser of every command; docs/commands.md is generated from it."""
    parser = _Parser(
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
        preparing.add_prepare,
        scoring.add_score,
        calibrating.add_calibrate,
        calibrating.add_calibration_report,
        assuring.add_assurance,
        batch.add_batch,
        accounts.add_account,
        practising.add_years,
        journals.add_journal,
        purges.add_purge,
        rubrics.add_rubric,
        vignettes.add_vignette,
        policies.add_policy,
    ):
        add(commands)
    return parser


def _say(stage: str) -> None:
    print(f"{stage} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
