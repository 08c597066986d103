"""Errors for the person who can act: what is wrong, where, the value seen, what to do next.

Every error that a command shows without a traceback is a `SamplingError`. Each kind has an exit code of its own, so that
a scheduled job can tell them apart. docs/errors.md has an entry for each kind and for each finding code; a test holds it to that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

Severity = Literal["error", "note"]

# A value is shown only when it can be nothing but a date, a time, a number of up to six digits or a short code. Anything
# else (a name in a date column, a ten-digit NHS number, a note) is shown by its shape alone.
_SAFE_VALUE = re.compile(
    r"""^(
        \d{1,4}[/.\- ]\d{1,2}[/.\- ]\d{1,4}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?Z?)?   # a date, with or without a time
      | \d{1,2}:\d{2}(:\d{2})?                                                           # a time
      | -?\d{1,6}(\.\d{1,4})?                                                            # a small number
      | [A-Za-z]{0,2}\d{0,3}[A-Za-z]?                                                    # a short code: A02, X, 05
      | \#N/A | \#REF! | \#VALUE! | \#NAME\? | \#DIV/0! | \*                             # spreadsheet errors, suppression
    )$""",
    re.VERBOSE,
)
_SHAPE_LENGTH = 24


def describe_value(value: object) -> str:
    """Returns what may be shown of a cell's value: the value itself where it is plainly a date, number or code, else its shape.

    >>> describe_value("31/3/26")
    '"31/3/26"'
    >>> describe_value("Jane Example")
    'text shaped "Aaaa Aaaaaaa" (12 characters)'
    >>> describe_value("9434765919")
    'text shaped "9999999999" (10 characters)'
    >>> describe_value(None)
    'an empty cell'
    """
    text = "" if value is None else str(value)
    if not text.strip():
        return "an empty cell"
    if _SAFE_VALUE.match(text):
        return f'"{text}"'
    shape = "".join(
        "9"
        if c.isdigit()
        else "A"
        if c.isupper()
        else "a"
        if c.isalpha()
        else " "
        if c.isspace()
        else c
        if c in ",.:;/-_'()"
        else "?"
        for c in text[:_SHAPE_LENGTH]
    )
    more = "…" if len(text) > _SHAPE_LENGTH else ""
    return f'text shaped "{shape}{more}" ({len(text)} characters)'


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with, or worth knowing of, an input. Never holds an identifier.

    `row` is the row that a spreadsheet shows (the header is row 1, or row 2 under a title). `count` says how many rows have
    the same fault; `row` is then the first of them. `seen` comes from `describe_value`, never raw.
    """

    code: str
    message: str
    next_step: str = ""
    severity: Severity = "error"
    file: str = ""
    sheet: str = ""
    column: str = ""
    row: int | None = None
    seen: str = ""
    count: int = 1
    text_line: int | None = None  # where the file is a text, such as a rubric

    @property
    def where(self) -> str:
        """Returns the place in words: file, sheet, row, column, line, as far as they are known."""
        parts = [self.file, f'sheet "{self.sheet}"' if self.sheet else "", f"row {self.row}" if self.row else ""]
        parts.append(f"column {self.column}" if self.column else "")
        parts.append(f"line {self.text_line}" if self.text_line else "")
        return ", ".join(part for part in parts if part)

    def line(self) -> str:
        """Returns the finding as one line of text: where, what, what was seen, how many more, what to do next."""
        seen = f", got {self.seen}" if self.seen else ""
        more = f" ({self.count:,} rows in all)" if self.count > 1 else ""
        where = f"{self.where}: " if self.where else ""
        next_step = f" {self.next_step}" if self.next_step else ""
        return f"{where}{self.message}{seen}.{more}{next_step} [{self.code}]"


class SamplingError(Exception):
    """Base class of the errors that are shown without a traceback. `exit_code` is the command's exit status."""

    exit_code: ClassVar[int] = 1
    kind: ClassVar[str] = "error"

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.findings = tuple(findings)


class UsageError(SamplingError):
    """The command's words are off: a missing or contradictory option."""

    exit_code = 2
    kind = "usage"


class SourceError(SamplingError):
    """The extract cannot be used as it is; `findings` has every fault found."""

    exit_code = 10
    kind = "source"


class PolicyError(SamplingError):
    """A policy or plan file is wrong."""

    exit_code = 11
    kind = "policy"


class StateError(SamplingError):
    """The draw is not at the stage that this command needs: already frozen, already drawn, not yet drawn."""

    exit_code = 12
    kind = "state"


class RandomnessError(SamplingError):
    """The randomness handed in is not what the commitment promised, or is malformed."""

    exit_code = 13
    kind = "randomness"


class VerificationError(SamplingError):
    """A draw does not verify; the message names the failing check."""

    exit_code = 14
    kind = "verification"


class ReplacementError(SamplingError):
    """A replacement is refused: the reason, the people or the case do not allow it."""

    exit_code = 15
    kind = "replacement"


class SecretError(SamplingError):
    """The local secret or the private store is missing, unreadable by us, or readable by others."""

    exit_code = 16
    kind = "keys"


class NotebookError(SamplingError):
    """A notebook was given an unknown parameter, or one of its cells failed."""

    exit_code = 17
    kind = "notebook"


class StorageError(SamplingError):
    """The computer refused to read or write a file: the disk is full, or a permission is missing."""

    exit_code = 18
    kind = "storage"


class ProgramError(SamplingError):
    """A fault of this program, not of its input."""

    exit_code = 70  # EX_SOFTWARE of sysexits.h
    kind = "program"
