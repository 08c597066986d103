"""What the warm process reads before it is forked: what the notebook of the batch imports, as far as it is known to bear a fork."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from sampling.chain import parse_json
from sampling.policy import shared_folder

NOTEBOOK = "04_evidence.ipynb"  # what `sampling batch` runs
# Of these no import opens a file, a socket or a thread that a fork would break, or looks at an environment that a run has otherwise
# (matplotlib does: charts would not become outputs). Whatever else a notebook imports, each run imports for itself.
_KNOWN = ("numpy", "pandas", "pyarrow", "sampling", "scipy", "statsmodels")
# What pandas imports when a frame is first shown, written or read.
_WITH_PANDAS = ("pandas.io.formats.csvs", "pandas.io.formats.html", "pyarrow.dataset", "pyarrow.pandas_compat")


def evidence_notebook() -> Path:
    """Returns the notebook of the evidence packs."""
    return shared_folder("notebooks") / NOTEBOOK


def modules_of(notebook: Path) -> tuple[str, ...]:
    """Returns the known modules that a notebook's cells import, in their order; none for a cell that is not plain Python,
    nor for a notebook that cannot be read, which says so itself when it is run.

    A name from a package may be a module or not: both are given, and the warm process passes over what is none.
    """
    try:
        cells = parse_json(notebook.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    named = [name for text in texts for name in _imported(text) if name.partition(".")[0] in _KNOWN]
    more = _WITH_PANDAS if any(name.partition(".")[0] in ("pandas", "sampling") for name in named) else ()
    return tuple(dict.fromkeys([*named, *more]))


def _imported(text: str) -> Iterator[str]:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names if one.name != "*")
