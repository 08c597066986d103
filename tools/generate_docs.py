"""Writes the generated parts of the documents: each command's help text, the schema of the canonical tables, the list of decisions.

    python tools/generate_docs.py          writes them
    python tools/generate_docs.py --check  says which are behind, and exits 1 if any is

A generated part stands between `<!-- generated: NAME -->` and `<!-- /generated: NAME -->`; the words around it are written by hand.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HELP_WIDTH = "96"  # argparse wraps help to the terminal's width; a fixed one keeps the documents the same everywhere


def subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Returns each command's own parser by name, in the order of the help text."""
    for action in parser._actions:  # argparse has no public way to list them
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def help_text(parser: argparse.ArgumentParser) -> str:
    """Returns the help text as a terminal of fixed width without colours shows it."""
    kept = {name: os.environ.get(name) for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    os.environ |= {"COLUMNS": HELP_WIDTH, "NO_COLOR": "1"}
    os.environ.pop("FORCE_COLOR", None)
    try:
        return parser.format_help().rstrip()
    finally:
        for name, value in kept.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def command_parts(parser: argparse.ArgumentParser) -> dict[str, str]:
    """Returns the generated parts of docs/commands.md: `help` for the program, `help NAME` for each command and `help NAME PART` for its parts."""
    parts = {"help": parser}
    for name, command in subcommands(parser).items():
        parts[f"help {name}"] = command
        parts |= {f"help {name} {part}": below for part, below in subcommands(command).items()}
    return {name: f"```text\n{help_text(command)}\n```" for name, command in parts.items()}


def schema_parts() -> dict[str, str]:
    """Returns the generated part of docs/schema.md: a table a canonical table."""
    from sampling.sources.tables import TABLES

    lines: list[str] = []
    for table in TABLES.values():
        kind = (
            "Needed."
            if table.required
            else "Extension file: may stand beside any format."
            if table.extension
            else "May be left out."
        )
        lines += [f"### {table.name}", "", f"{table.meaning} {kind}", ""]
        lines += ["| column | type | unit | needed | meaning | example |", "|---|---|---|---|---|---|"]
        for column in table.columns:
            values = f" One of: {', '.join(f'`{value}`' for value in column.values)}." if column.values else ""
            example = f"`{column.example}`" if column.example else ""
            lines.append(
                f"| `{column.name}` | {column.type} | {column.unit} | {'yes' if column.required else ''} | {column.meaning}.{values} | {example} |"
            )
        lines += (
            ["", f"No two rows may share {' and '.join(f'`{name}`' for name in table.unique)}.", ""]
            if table.unique
            else [""]
        )
    return {"schema": "\n".join(lines).strip()}


def decision_parts() -> dict[str, str]:
    """Returns the generated part of docs/decisions/README.md: a link a decision, by its heading."""
    lines = []
    for path in sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md")):
        title = path.read_text(encoding="utf-8").splitlines()[0].lstrip("# ").strip()
        words = re.sub(r"^\d+\.?\s*[-–—:]?\s*", "", title)
        lines.append(f"- [{int(path.name[:4])} {words}]({path.name})")
    return {"decisions": "\n".join(lines)}


def fill(text: str, parts: dict[str, str]) -> str:
    """Returns the text with each named part between its markers. Raises LookupError for a part without a place, or a place without a part.

    >>> fill("a\\n<!-- generated: x -->\\n<!-- /generated: x -->\\nb", {"x": "new"})
    'a\\n<!-- generated: x -->\\nnew\\n<!-- /generated: x -->\\nb'
    """
    places = re.findall(r"<!-- generated: (.*?) -->", text)
    wrong = sorted(set(parts) ^ set(places))
    if wrong or len(places) != len(set(places)):
        raise LookupError(
            f"these parts have no place, no text or two places: {', '.join(wrong) or 'a part named twice'}"
        )
    for name, part in parts.items():
        marker = re.escape(name)
        pattern = re.compile(rf"(<!-- generated: {marker} -->\n).*?(<!-- /generated: {marker} -->)", re.DOTALL)
        text = pattern.sub(lambda match, part=part: f"{match[1]}{part}\n{match[2]}", text)
    return text


def add_missing_commands(text: str, parts: dict[str, str]) -> str:
    """Returns docs/commands.md with a heading and a place for each command that it lacks; a person then adds the words."""
    for name in parts:
        if f"<!-- generated: {name} -->" not in text:
            text += f"\n## sampling {name.removeprefix('help ')}\n\n<!-- generated: {name} -->\n<!-- /generated: {name} -->\n"
    return text


def documents() -> Iterator[tuple[Path, str]]:
    """Yields each document with generated parts and the text it should have."""
    from sampling.cli import build_parser

    commands = ROOT / "docs" / "commands.md"
    parts = command_parts(build_parser())
    yield commands, fill(add_missing_commands(commands.read_text(encoding="utf-8"), parts), parts)
    schema = ROOT / "docs" / "schema.md"
    yield schema, fill(schema.read_text(encoding="utf-8"), schema_parts())
    decisions = ROOT / "docs" / "decisions" / "README.md"
    yield decisions, fill(decisions.read_text(encoding="utf-8"), decision_parts())


def main(arguments: list[str]) -> int:
    """Writes the documents, or with --check says which are behind. Returns the exit code."""
    behind = [(path, text) for path, text in documents() if path.read_text(encoding="utf-8") != text]
    for path, text in behind:
        if "--check" in arguments:
            sys.stderr.write(f"{path.relative_to(ROOT)} is behind. Run: make docs\n")
        else:
            path.write_text(text, encoding="utf-8")
    return 1 if behind and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
