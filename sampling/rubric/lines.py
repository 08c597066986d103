"""Where in a TOML file each table and key stands, and every line that is no TOML, not only the first: tomllib tells neither."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Place = tuple[str | int, ...]  # ("criterion", 0, "levels", "2")

_KEY_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_KEY = rf"{_KEY_PART}(?:[ \t]*\.[ \t]*{_KEY_PART})*"
_START = re.compile(rf"(?m)^[ \t]*(?:\[\[[ \t]*(?P<many>{_KEY})|\[[ \t]*(?P<one>{_KEY})|(?P<key>{_KEY})[ \t]*=)")
_PART = re.compile(_KEY_PART)
_TOKEN = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""+|\'\'\'[\s\S]*?\'\'\'+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\#[^\n]*|[^"'\#\n\[\]{}]+|[\s\S]''',
    re.DOTALL,
)
_WHERE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
MOST_SYNTAX_FAULTS = 20

# What tomllib says -> what the author can do about it.
_SAID = (
    ("Illegal character '\\n'", "the text is not closed; end it with a quotation mark on the same line"),
    ("Unterminated string", "the text is not closed; three quotation marks that open it need three that close it"),
    ("Expected newline or end of document", "something stands after the value; inside a text, write a quotation mark as \\\" or '"),
    ("Cannot overwrite a value", "this name stands twice in its table"),
    ("Cannot declare", "this table stands twice"),
    ("Cannot mutate", "this table is closed already"),
    ("Unclosed array", "the list is not closed, or a comma is missing between two of its texts"),
    ("Unclosed inline table", "the table in curly brackets is not closed"),
    ("Expected '=' after a key", "a name needs an equals sign and a value after it"),
    ("Invalid value", "the value is not understood; put a text in quotation marks, and write true or false without"),
    ("Unescaped", "a backslash in a text must be written twice"),
    ("Invalid hex value", "a backslash in a text must be written twice"),
    ("Invalid statement", "a line holds a name, an equals sign and a value, or the name of a table in square brackets"),
    ("Expected ']'", "the name of a table ends with a square bracket"),
    ("Illegal character", "the line holds a control character"),
)  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """A table header, or a key with its value: which it is, its first and last line (from 1), and whether its value is closed."""

    place: Place
    line: int
    last: int
    closed: bool = True
    header: bool = False


@dataclass(frozen=True)
class SyntaxFault:
    """A line that is no TOML, and what to do about it."""

    line: int
    words: str


def statements(text: str) -> Iterator[Statement]:
    """Yields each table header and each key of a TOML text, faulty or not, in order."""
    breaks = [match.start() for match in re.finditer("\n", text)]
    table: Place = ()
    counts: dict[Place, int] = {}
    position = 0
    while match := _START.search(text, position):
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        line = bisect_right(breaks, start - 1) + 1 if start else 1
        names = [part.strip("\"'") for part in _PART.findall(match["many"] or match["one"] or match["key"])]
        if match["key"] is not None:
            position, closed = _after_value(text, match.end())
            yield Statement((*table, *names), line, bisect_right(breaks, position - 1) + 1, closed)
            continue
        table = _resolved(names, counts)
        if match["many"] is not None:
            counts[table] = counts.get(table, -1) + 1
            table = (*table, counts[table])
        end = text.find("\n", match.end())
        position = len(text) if end < 0 else end
        yield Statement(table, line, line, header=True)


def _resolved(names: list[str], counts: dict[Place, int]) -> Place:
    """Returns the place of a table, with the number of the latest entry in each list of tables on the way."""
    place: Place = ()
    for number, name in enumerate(names):
        place = (*place, name)
        if number < len(names) - 1 and place in counts:
            place = (*place, counts[place])
    return place


def _after_value(text: str, position: int) -> tuple[int, bool]:
    """Returns where a value ends, and whether its brackets and quotation marks are closed."""
    depth = 0
    while token := _TOKEN.match(text, position):
        found = token[0]
        if found == "\n" and depth <= 0:
            return position, True
        if found in ('"', "'"):
            end = text.find("\n", position)
            return (len(text) if end < 0 else end), False
        depth += (found in "[{") - (found in "]}") if len(found) == 1 else 0
        position = token.end()
    return len(text), depth <= 0


def line_of(text: str) -> dict[Place, int]:
    """Returns the line of each table and key; of two with the same name, the first.

    >>> line_of('[rubric]\\nid = "a"\\n\\n[[criterion]]\\nid = "b"')[("criterion", 0, "id")]
    5
    """
    found: dict[Place, int] = {}
    for statement in statements(text):
        found.setdefault(statement.place, statement.line)
        if isinstance(statement.place[-1], int):  # the list itself stands where its first table does
            found.setdefault(statement.place[:-1], statement.line)
    return found


def read_toml(text: str) -> tuple[dict[str, Any], list[SyntaxFault]]:
    """Returns what a TOML text holds, and all lines that are no TOML. Each faulty line is left out and the rest read again."""
    faults: list[SyntaxFault] = []
    while True:
        try:
            return tomllib.loads(text), faults
        except RecursionError:
            return {}, [*faults, SyntaxFault(1, "brackets are nested too deeply")]
        except ValueError as error:  # TOMLDecodeError, or a number of thousands of digits
            fault, rest = _without_fault(text, str(error))
            faults.append(fault)
            if rest == text or len(faults) == MOST_SYNTAX_FAULTS:
                return {}, faults
            text = rest


def _without_fault(text: str, said: str) -> tuple[SyntaxFault, str]:
    """Returns the fault that tomllib names, and the text without the statement that has it."""
    where = _WHERE.search(said)
    lines = text.split("\n")
    found = list(statements(text))
    if where and where[1]:
        at = min(int(where[1]), len(lines))
        around = [statement for statement in found if statement.line <= at <= statement.last]
    else:  # the end of the text came too soon: some statement is not closed
        around = [statement for statement in found if not statement.closed][:1] or found[-1:]
        at = around[0].line if around else len(lines)
    start, whole = (around[-1].line, around[-1].closed) if around else (at, True)
    words = next((plain for key, plain in _SAID if said.startswith(key)), "the line cannot be understood")
    end = around[-1].last if around else at
    if around and around[-1].header:  # without it, its keys would go to the table above
        below = around[-1].place
        others = (
            entry for entry in found if entry.header and entry.line > start and entry.place[: len(below)] != below
        )
        end = next((entry.line - 1 for entry in others), len(lines))
    elif not whole:  # it runs on to the next line that looks like a key or a table
        end = next((number for number in range(start, len(lines)) if _START.match(lines[number])), len(lines))
    blank = [*lines[: start - 1], *([""] * (end - start + 1)), *lines[end:]]
    return SyntaxFault(at if whole else start, words), "\n".join(blank)
