"""Notebooks stay thin, carry no output and name no place on anyone's disk. A stored output here could be a patient."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MAXIMUM_CODE_LINES = 40
MAXIMUM_CELL_LINES = 10
# A path from the root of a disk, a home folder, a drive letter or a network share, inside quotation marks.
_ABSOLUTE_PATH = re.compile(r"""["'](?:/[A-Za-z0-9_.]|~[/\\]|[A-Za-z]:[/\\]|\\\\)""")


def code_lines(cell: dict[str, Any]) -> list[str]:
    """Returns a code cell's lines, less the empty ones and those with a comment alone."""
    lines = "".join(cell["source"]).splitlines()
    return [line for line in lines if line.strip() and not line.strip().startswith("#")]


def size_faults(cells: list[dict[str, Any]]) -> list[str]:
    """Returns what makes the notebook too thick."""
    lengths = [len(code_lines(cell)) for cell in cells]
    found = (
        []
        if sum(lengths) <= MAXIMUM_CODE_LINES
        else [f"{sum(lengths)} lines of code, {MAXIMUM_CODE_LINES} is the most"]
    )
    return found + [
        f"a cell of {length} lines, {MAXIMUM_CELL_LINES} is the most"
        for length in lengths
        if length > MAXIMUM_CELL_LINES
    ]


def code_faults(cell: dict[str, Any]) -> list[str]:
    """Returns what belongs in the package, not in a cell: definitions, shell commands, places on a disk."""
    text = "".join(cell["source"])
    found = [f"a place on a disk: {match.group()}" for match in _ABSOLUTE_PATH.finditer(text)]
    if re.search(r"(?m)^\s*[!%]", text):
        return [*found, "a shell or magic command"]
    definitions = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
    return found + [
        f"line {node.lineno} defines a function or class"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, definitions)
    ]


def faults(notebook: dict[str, Any]) -> list[str]:
    """Returns everything that is wrong with a notebook."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    parameters = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    found = size_faults(cells)
    found += [] if len(parameters) == 1 else [f"{len(parameters)} cells tagged parameters, it must be one"]
    found += [fault for cell in cells for fault in code_faults(cell)]
    found += ["a stored output" for cell in cells if cell["outputs"]]
    found += ["an execution count" for cell in cells if cell["execution_count"] is not None]
    found += [
        "traces of a run in the metadata"
        for part in (notebook, *notebook["cells"])
        if {"papermill", "execution", "widgets"} & part["metadata"].keys()
    ]
    first = notebook["cells"][0] if notebook["cells"] else {"cell_type": "none"}
    return (
        found if first["cell_type"] == "markdown" else [*found, "it does not begin by saying, in words, what it is for"]
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_the_notebook_is_thin_and_bare(path: Path) -> None:
    assert faults(json.loads(path.read_text(encoding="utf-8"))) == []


def _code(
    source: str, *, tags: tuple[str, ...] = (), outputs: tuple[str, ...] = (), count: int | None = None
) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "source": source.splitlines(keepends=True),
        "metadata": {"tags": list(tags)},
        "outputs": list(outputs),
        "execution_count": count,
    }


def _notebook(*cells: dict[str, Any], title: bool = True) -> dict[str, Any]:
    head = [{"cell_type": "markdown", "source": ["# The draw"], "metadata": {}}] if title else []
    return {"cells": [*head, *cells], "metadata": {}}


PARAMETERS = _code('source = "outputs/demo-service"\nperiod = "2026-10"', tags=("parameters",))


def test_a_good_notebook_passes() -> None:
    assert faults(_notebook(PARAMETERS, _code("from sampling import workflow\n\nworkflow.show(source, period)"))) == []


@pytest.mark.parametrize(
    ("notebook", "word"),
    [
        (_notebook(_code("x = 1")), "0 cells tagged"),
        (_notebook(PARAMETERS, PARAMETERS), "2 cells tagged"),
        (_notebook(PARAMETERS, _code("x = 1", outputs=("text",))), "stored output"),
        (_notebook(PARAMETERS, _code("x = 1", count=3)), "execution count"),
        (_notebook(PARAMETERS, _code("x = 1\n" * 11)), "a cell of 11"),
        (_notebook(PARAMETERS, *[_code("x = 1\n" * 10) for _ in range(4)]), "42 lines of code"),
        (_notebook(PARAMETERS, _code("def f():\n    pass")), "defines"),
        (_notebook(PARAMETERS, _code("class C:\n    pass")), "defines"),
        (_notebook(PARAMETERS, _code("f = lambda x: x")), "defines"),
        (_notebook(PARAMETERS, _code('x = open("/home/ann/extract.csv")')), "place on a disk"),
        (_notebook(PARAMETERS, _code("x = open('C:\\\\data\\\\extract.csv')")), "place on a disk"),
        (_notebook(PARAMETERS, _code("!rm -r outputs")), "shell"),
        (_notebook(PARAMETERS, title=False), "in words"),
        ({**_notebook(PARAMETERS), "metadata": {"papermill": {}}}, "traces of a run"),
    ],
)
def test_each_fault_is_found(notebook: dict[str, Any], word: str) -> None:
    assert any(word in fault for fault in faults(notebook))
