"""The documents say what the program does: each command with its real help text, each error, each word of the vocabulary, each link."""

from __future__ import annotations

import argparse
import ast
import doctest
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PACKAGE = ROOT / "sampling"
_IGNORED = {
    ".venv",
    ".git",
    "build",
    "dist",
    "outputs",
    "node_modules",
    ".pytest_cache",
    ".hypothesis",
    ".ruff_cache",
    ".mypy_cache",
}
MARKDOWN = sorted(path for path in ROOT.rglob("*.md") if not _IGNORED & set(path.relative_to(ROOT).parts[:-1])) + [
    ROOT / "outputs" / "README.md"
]
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)
_CODE = re.compile(r"^[A-Z]{5,}$|^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$")

sys.path.insert(0, str(ROOT / "tools"))
import generate_docs  # noqa: E402
import make_pictures  # noqa: E402

# Style: one word a thing (docs/glossary.md, "Use these words and no others").
VOCABULARY = (
    "case", "case_id", "sampling frame", "exclusion", "stratum", "allocation", "seed", "ticket", "draw", "reserve", "round",
    "inclusion probability", "design weight", "rubric", "criterion", "level", "anchor", "rater", "rating", "moderation", "agreement",
    "supervisor", "supervisee", "finding", "action", "owner", "due date", "review date", "baseline", "centre line", "process limits",
    "common cause", "special cause", "rebase", "ledger", "evidence pack",
)  # fmt: skip


def section_titles(text: str, level: int) -> set[str]:
    """Returns the headings of that level, without the marks of code."""
    return {match.strip().strip("`") for match in re.findall(rf"(?m)^{'#' * level} (.+)$", text)}


# Commands


def parser() -> argparse.ArgumentParser:
    """Returns the real parser of the command line."""
    from sampling.cli import build_parser

    return build_parser()


def test_each_command_is_documented_with_its_real_help_text() -> None:
    parts = generate_docs.command_parts(parser())
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert len(parts) > 1, "the parser has no commands"
    assert generate_docs.fill(text, parts) == text, "docs/commands.md is behind the program. Run: make docs"


def test_each_command_is_documented_in_words_too() -> None:
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    bare = [
        name
        for name in generate_docs.subcommands(parser())
        if not re.search(rf"(?m)^## sampling {name}\n\n[A-Z`]", text)
    ]
    assert bare == [], "these commands have help text but no words of explanation above it"


def test_the_published_schema_is_the_one_that_the_readers_fill() -> None:
    text = (DOCS / "schema.md").read_text(encoding="utf-8")
    assert generate_docs.fill(text, generate_docs.schema_parts()) == text, (
        "docs/schema.md is behind sampling/sources/tables.py. Run: make docs"
    )


def test_a_stale_or_missing_help_text_is_found() -> None:
    sample = argparse.ArgumentParser(prog="sampling")
    sample.add_subparsers().add_parser("check", help="look").add_argument("--json", action="store_true")
    parts = generate_docs.command_parts(sample)
    assert set(parts) == {"help", "help check"}
    places = "\n".join(f"<!-- generated: {name} -->\nold\n<!-- /generated: {name} -->" for name in parts)
    filled = generate_docs.fill(places, parts)
    assert filled != places and "--json" in filled and generate_docs.fill(filled, parts) == filled
    with pytest.raises(LookupError, match="help check"):
        generate_docs.fill("<!-- generated: help -->\n<!-- /generated: help -->", parts)
    with pytest.raises(LookupError, match="help gone"):
        generate_docs.fill(places + "<!-- generated: help gone -->\n<!-- /generated: help gone -->", parts)


# Errors


def finding_codes(tree: ast.AST) -> Iterator[str]:
    """Yields each finding code: in a call of Finding(...) or of something about faults or findings, given as `code`, or a default of it."""
    for node in ast.walk(tree):
        candidates: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).lower()
            if name.rpartition(".")[2] == "_add":
                candidates += node.args
            elif ("finding" in name or "fault" in name) and node.args:
                candidates.append(node.args[0])
            candidates += [keyword.value for keyword in node.keywords if keyword.arg == "code"]
        elif isinstance(node, ast.FunctionDef):
            arguments = node.args
            positional = [*arguments.posonlyargs, *arguments.args]
            pairs = [
                *zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True),
                *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
            ]
            candidates += [default for argument, default in pairs if argument.arg == "code" and default is not None]
        for candidate in candidates:
            for part in ast.walk(candidate):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and _CODE.match(part.value):
                    yield part.value


def reader_codes(tree: ast.AST) -> Iterator[str]:
    """Yields what looks like a finding code anywhere in a reader, where codes also stand in tables; the closed values of columns are none."""
    from sampling.sources.tables import TABLES

    values = {value for table in TABLES.values() for column in table.columns for value in column.values}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and "_" in node.value
            and _CODE.match(node.value)
            and node.value not in values
        ):
            yield node.value


def error_kinds(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yields kind and exit code of each class that sets both: the kinds of error that a command shows."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            values = {
                target.id: statement.value.value
                for statement in node.body
                if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
                for target in statement.targets
                if isinstance(target, ast.Name)
            }
            if {"kind", "exit_code"} <= values.keys():
                yield str(values["kind"]), int(str(values["exit_code"]))


def error_documents() -> str:
    """Returns the text of docs/errors*.md."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("errors*.md")))


def trees() -> list[ast.Module]:
    """Returns the syntax tree of each of our modules."""
    return [ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES]


def test_each_finding_code_is_explained() -> None:
    codes = {code for tree in trees() for code in finding_codes(tree)}
    codes |= {
        code
        for path in SOURCES
        if path.parent.name == "sources"
        for code in reader_codes(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert len(codes) > 3, "the scan for finding codes finds nothing"
    assert sorted(codes - section_titles(error_documents(), 3)) == [], (
        "these finding codes have no entry (### CODE) in docs/errors*.md"
    )


def test_no_explained_code_is_unknown_to_the_program() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    titles = {title for title in section_titles(error_documents(), 3) if _CODE.match(title)}
    assert sorted(title for title in titles if title not in text) == [], (
        "docs/errors*.md explains codes that the program never gives"
    )


def test_each_kind_of_error_is_explained_with_its_exit_code() -> None:
    kinds = dict(kind for tree in trees() for kind in error_kinds(tree))
    assert len(kinds) >= 9 and len(set(kinds.values())) == len(kinds), "each kind has an exit code of its own"
    text = error_documents()
    missing = [
        kind for kind, code in kinds.items() if not re.search(rf"(?m)^### `?{kind}`?\n\nExit code {code}\.", text)
    ]
    assert missing == [], "each kind of error has an entry in docs/errors.md that begins with its exit code"


@pytest.mark.parametrize(
    "text",
    [
        'Finding("A_CODE", "message")',
        'faults.add("A_CODE", "message")',
        'self._faults.add("A_CODE", "m")',
        'helper(table, code="A_CODE")',
        'def f(code: str = "A_CODE") -> None: ...',
        'def f(*, code: str = "A_CODE") -> None: ...',
        'errors.Finding("A_CODE" if x else "A_CODE", "m")',
    ],
)
def test_the_scan_finds_a_code(text: str) -> None:
    assert set(finding_codes(ast.parse(text))) == {"A_CODE"}


def test_the_scan_of_readers_finds_codes_in_tables() -> None:
    assert set(reader_codes(ast.parse('X = {"A_CODE": 1, "LEGAL_HOLD": 2, "PLAIN": 3}; y = ("B_CODE", "text")'))) == {
        "A_CODE",
        "B_CODE",
    }


def test_the_scan_finds_a_kind_and_no_other_text() -> None:
    assert list(error_kinds(ast.parse('class E(Exception):\n    kind = "odd"\n    exit_code = 99'))) == [("odd", 99)]
    assert list(finding_codes(ast.parse('print("A_CODE"); add("not a code")'))) == []


# Words, links, the two commands, examples


def test_each_word_of_the_vocabulary_is_in_the_glossary() -> None:
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    words = {
        word.strip().lower()
        for line in re.findall(r"(?m)^\*\*(.+?)\*\*", text)
        for word in line.replace("`", "").split(",")
    }
    assert sorted(word for word in VOCABULARY if word not in words) == []


def links(text: str) -> list[str]:
    """Returns the targets of a document's links and pictures, less those in code and in comments."""
    text = re.sub(r"(?s)```.*?```|`[^`\n]*`|<!--.*?-->", "", text)
    return [target.split()[0] for target in re.findall(r"\]\(([^)]+)\)", text)] + re.findall(
        r'(?:src|href)="([^"]+)"', text
    )


def anchors(text: str) -> set[str]:
    """Returns the anchors that headings make, as code hosts make them."""
    titles = re.findall(r"(?m)^#+ (.+)$", re.sub(r"(?s)```.*?```", "", text))
    return {re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in titles}


def broken_links(path: Path, text: str) -> list[str]:
    """Returns the relative links of a document that lead nowhere."""
    broken = []
    for target in links(text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = unquote(target).partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or not there.is_relative_to(ROOT):
            broken.append(target)
        elif (
            anchor
            and there.suffix == ".md"
            and anchor not in anchors(there.read_text(encoding="utf-8") if file else text)
        ):
            broken.append(target)
    return broken


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_link_leads_somewhere(path: Path) -> None:
    assert broken_links(path, path.read_text(encoding="utf-8")) == []


def test_a_broken_link_is_found() -> None:
    text = "# A heading\n[a](no/such.md) [b](LICENSE) [c](#a-heading) [d](#gone) [e](https://example.org) ![f](x.svg) `[g](gone.md)`"
    assert broken_links(ROOT / "README.md", text) == ["no/such.md", "#gone", "x.svg"]


def test_the_readme_names_the_two_commands_and_has_a_place_for_the_figures() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"(?m)^make demo\b", text) and re.search(r"(?m)^make test\b", text)
    assert re.search(r"(?s)<!-- bench -->.*<!-- /bench -->", text)


def test_the_picture_is_the_one_that_its_script_draws_and_can_be_read_aloud() -> None:
    text = (DOCS / "pictures" / "cycle.svg").read_text(encoding="utf-8")
    assert text == make_pictures.cycle(), "docs/pictures/cycle.svg is behind. Run: make docs"
    assert '<title id="title">' in text and '<desc id="description">' in text and 'role="img"' in text


def test_no_document_is_left_unreachable() -> None:
    """Every page under docs/ can be reached from the README by links."""
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        seen.add(page)
        targets = [
            unquote(target).partition("#")[0]
            for target in links(page.read_text(encoding="utf-8"))
            if not re.match(r"[a-z]+:", target)
        ]
        found = {(page.parent / target).resolve() for target in targets if target.endswith(".md")}
        waiting += [path for path in found if path.exists() and path not in seen]
    assert sorted(path.relative_to(ROOT).as_posix() for path in DOCS.rglob("*.md") if path not in seen) == []


def test_the_list_of_decisions_is_whole() -> None:
    text = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    assert generate_docs.fill(text, generate_docs.decision_parts()) == text, (
        "docs/decisions/README.md is behind. Run: make docs"
    )


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted((DOCS / "decisions").glob("[0-9]*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("path", sorted((DOCS / "decisions").glob("[0-9]*.md")), ids=lambda path: path.stem)
def test_each_decision_has_the_four_parts(path: Path) -> None:
    titles = section_titles(path.read_text(encoding="utf-8"), 2)
    assert {"Context", "Options", "Choice", "Consequence"} <= titles


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_examples_in_docstrings_are_true(path: Path) -> None:
    if ">>>" not in path.read_text(encoding="utf-8"):
        return
    parts = ("sampling", *path.relative_to(PACKAGE).with_suffix("").parts)
    module = importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    assert doctest.testmod(module).failed == 0
