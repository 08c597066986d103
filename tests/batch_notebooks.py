"""Small notebooks for the tests of the batch, with the parameters of the real one, and ways to run them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat

from sampling.batch.runner import BatchOrder, Run

# The parameters of notebooks/04_evidence.ipynb.
PARAMETERS = (
    'journal = ""\ndraws = ""\nteam = None  # required: whose\nbaseline = ""\nperiod = None  # required: the month\n'
    'purpose = None  # required: supervision, audit or training\nsuppression = "mhsds"'
)
TABLE = "import pandas as pd\ntable = pd.DataFrame({'measure': ['clear rationale', None], 'share': [0.5, 0.25]})\ntable"
CHART = (
    "from IPython.display import SVG, display\n"
    'display(SVG(\'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>\'),'
    " metadata={'image/svg+xml': {'alt': 'A black square'}})"
)
PNG = (
    "import struct, zlib\n"
    "def chunk(kind, data):\n"
    "    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))\n"
    "class Picture:\n"
    "    def _repr_png_(self):\n"
    "        rows = b''.join(b'\\x00' + bytes(x * y % 256 for x in range(64)) for y in range(64))\n"
    "        return (b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 64, 64, 8, 0, 0, 0, 0))\n"
    "                + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))\n"
    "    def __repr__(self):\n"
    "        return 'a picture'\n"
    "Picture()"
)
END = (
    "class Shown:\n    def _repr_html_(self):\n        return f'<h2>Result</h2><p>{team} in {period}, for {purpose}.</p>'\n"
    "    def __repr__(self):\n        return 'shown'\nShown()"
)


def write(path: Path, *sources: str, parameters: str = PARAMETERS, tags: Mapping[int, list[str]] | None = None) -> Path:
    """Writes a notebook: the cell of parameters, these cells, and END, which stands on the page. `tags` are by place in `sources`."""
    texts = [(parameters, ["parameters"]), *((text, (tags or {}).get(n, [])) for n, text in enumerate(sources))]
    cells = [
        nbformat.v4.new_code_cell(text, metadata={"tags": marks} if marks else {}, id=f"cell-{number}")
        for number, (text, marks) in enumerate([*texts, (END, ["page"])])
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def execute(notebook: Path, engine: str | None, **options: Any) -> tuple[Any, Exception | None]:
    """Runs a notebook by papermill alone, with one of its engines: what it left in the file, and the error that it raised."""
    from papermill.execute import execute_notebook

    out = notebook.with_suffix(".out.ipynb")
    failure = None
    with warnings.catch_warnings():
        warnings.simplefilter(
            "default"
        )  # those of the libraries are not ours, and a forked child has the filters of its parent
        try:
            execute_notebook(notebook, out, engine_name=engine, progress_bar=False, **options)
        except Exception as error:
            failure = error
    return nbformat.read(out, as_version=4), failure


def states(notebook: Any) -> list[str]:
    """Returns papermill's word for each code cell: completed, failed, pending."""
    return [cell.metadata.papermill.status for cell in notebook.cells if cell.cell_type == "code"]


def run(team: str, **changed: Any) -> Run:
    """Returns a run for one team, with a journal that no file may name."""
    parameters = {"team": team, "period": "2026-10", "purpose": "audit", "journal": "/private/journal of Jane.sqlite"}
    about: dict[str, Any] = {"data": "d" * 64, "title": f"Evidence of {team}", "facts": (("Team", team),)}
    given = {name: changed.pop(name) for name in list(changed) if name in about}
    return Run(label=team, parameters={**parameters, **changed}, **{**about, **given})


def order(notebook: Path, out: Path, *teams: str, **changed: Any) -> BatchOrder:
    """Returns the order of a batch for these teams."""
    given: dict[str, Any] = {"title": "Packs of October 2026", "private": ("journal", "draws"), **changed}
    runs = given.pop("runs", None) or [run(team) for team in teams]
    return BatchOrder(notebook=notebook, out=out, runs=runs, **given)


def whole(out: Path) -> dict[str, bytes]:
    """Returns place -> bytes of each file that a batch leaves for people, locks left out."""
    files = (path for path in out.rglob("*") if path.is_file() and not path.name.endswith(".lock"))
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


class Heard:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.skipped = -1
        self.cells: list[tuple[str, int, int]] = []
        self.messages: dict[str, str] = {}

    def begun(self, runs: int, skipped: int) -> None:
        """Remembers how many are skipped."""
        self.skipped = skipped

    def started(self, label: str) -> None:
        """Remembers nothing."""

    def cell(self, label: str, number: int, of: int) -> None:
        """Remembers the cell."""
        self.cells.append((label, number, of))

    def ended(self, label: str, message: str) -> None:
        """Remembers how it ended."""
        self.messages[label] = message
