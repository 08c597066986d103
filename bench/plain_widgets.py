"""The same form in plain ipywidgets, as a good analyst would write it for Voilà: what our form is measured against.

Data of the bench, and no notebook of ours: `write_notebook` makes it in a folder for temporary files.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

Control = Literal["ToggleButtons", "RadioButtons"]

# Every change goes through the kernel into the same kind of SQLite, and a label says so when it is stored.
_SOURCE = """
import os, sqlite3, uuid
import ipywidgets as widgets
from IPython.display import display

connection = sqlite3.connect(os.environ["BENCH_JOURNAL"], timeout=60, isolation_level=None)
for pragma in ("journal_mode=WAL", "synchronous=FULL"):
    connection.execute(f"PRAGMA {{pragma}}")
connection.execute("CREATE TABLE IF NOT EXISTS entry (id TEXT PRIMARY KEY, rater TEXT, case_number INTEGER, field TEXT, value TEXT)")
rater, case, stored = uuid.uuid4().hex, 1, 0
label = widgets.Label("Nothing stored yet")
loading = False


def store(field, value):
    global stored
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", (uuid.uuid4().hex, rater, case, field, str(value)))
    connection.execute("COMMIT")
    stored += 1
    label.value = f"Stored {{stored}}"


def changed(field):
    return lambda change: None if loading else store(field, change["new"])


levels, rows = [], []
for title, anchors in {criteria!r}:
    level = widgets.{control}(options=[(f"{{number}} {{anchor}}", number) for number, anchor in enumerate(anchors)], value=None)
    level.observe(changed("level " + title), "value")
    levels.append(level)
    rows.append(widgets.VBox([widgets.HTML(f"<h2>{{title}}</h2>"), level]))

comment = widgets.Textarea(placeholder="Comment", continuous_update=True)
comment.observe(changed("comment"), "value")
heading = widgets.HTML("<h1>Case 1</h1>")


def submit(_):
    global case, loading
    store("submitted", case)
    case, loading = case + 1, True
    for level in levels:
        level.value = None
    comment.value = ""
    loading = False
    heading.value = f"<h1>Case {{case}}</h1>"


button = widgets.Button(description="Submit and next")
button.on_click(submit)
display(widgets.VBox([heading, label, *rows, comment, button]))
"""


def criteria_of(rubric: Path) -> list[tuple[str, list[str]]]:
    """Returns (title, the four anchors) of a rubric file's criteria."""
    from sampling.rubric import load_rubric

    return [(criterion.title, list(criterion.levels)) for criterion in load_rubric(rubric).criteria]


def write_notebook(folder: Path, rubric: Path, control: Control) -> Path:
    """Writes the notebook with one such control a criterion, and returns its path."""
    source = _SOURCE.format(criteria=criteria_of(rubric), control=control).strip()
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "form",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": source,
    }
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    path = folder / f"plain_{control}.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    return path
