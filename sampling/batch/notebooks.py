"""Runs one notebook by papermill, keeps it only when every cell ran, and turns it into a page.

papermill's own record cannot be trusted after a crash (a killed kernel leaves cells marked completed) and it
writes the output file
cell by cell. So the run stays in memory, is checked here, and is written whole at the end.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import tempfile
import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sampling import errors
from sampling.errors import NotebookError, SamplingError
from sampling.quality import page_environment
from sampling.storage import write_whole
from sampling.surroundings import environment

# jsonschema imports this module, where JupyterLab has installed it, to check one format that no notebook
# uses; building its grammars
# takes two seconds at each start. jsonschema does without it when it is not there (python-
# jsonschema/jsonschema issue 1428).
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

NOT_KEPT = "(not kept)"
# cells whose output stands on the page; the last code cell must be one, and is the proof that the run got
# there
PAGE_TAG = "page"
_PLACE = re.compile(r" at 0x[0-9A-Fa-f]+")
KERNEL = "sampling-own-python"
_BODY = (
    "{% for cell in nb.cells %}{% for output in cell.get('outputs', []) %}{{ output.get('data', "
    "{}).get('text/html', '') }}\n{% endfor %}{% endfor %}"
)
# The kernel's raw error stream goes nowhere: each start warns there that sockets of this one machine are not
# encrypted, a library
# may report leaks when the process ends after an error, and neither is for the person who runs the month.
# Errors come as messages.
_LAUNCH = (
    "import os, sys; sys.path = [place for place in sys.path if place]; "
    "os.dup2(os.open(os.devnull, os.O_WRONLY), 2); "
    "from ipykernel.kernelapp import launch_new_instance as launch; launch()"
)


class CellError(NotebookError):
    """A cell failed. `cause` is the kind of SamplingError that it raised, or NotebookError where it raised
    something else.
    """

    def __init__(self, message: str, cause: type[SamplingError] = NotebookError) -> None:
        super().__init__(message)
        self.cause = cause


def run_notebook(
    notebook: Path,
    parameters: Mapping[str, object],
    out: Path,
    *,
    private: Collection[str] = (),
    progress: bool = False,
) -> Path:
    """Runs the notebook with these parameters and returns `out`, the executed notebook, which appears whole
    or not at all.

    `private` names the parameters that the stored notebook must not hold: a path can carry a person's name or
    number. Raises
    NotebookError for a parameter that the notebook does not have, and CellError when a cell fails or does not
    run to its end.
    """
    check_parameters(notebook, parameters)
    executed = _execute(notebook, parameters, progress=progress)
    check_whole(notebook, executed)
    write_whole(out, stored_text(executed, notebook, private).encode("utf-8"))
    return out


def page_of(executed: Path, template: str, **context: object) -> str:
    """Returns the page of an executed notebook: the output of its cells tagged `page`, inside one of our
    templates.
    """
    with quiet():
        import nbformat
        from nbconvert import HTMLExporter

        notebook = nbformat.read(executed, as_version=4)  # type: ignore[no-untyped-call]
        notebook.cells = [cell for cell in notebook.cells if PAGE_TAG in cell.metadata.get("tags", [])]
        exporter = HTMLExporter(raw_template=_BODY)  # type: ignore[no-untyped-call]
        body, _ = exporter.from_notebook_node(notebook)
    # The body was escaped where it was made (sampling.page), so it goes in as it is.
    return page_environment().get_template(template).render(body=body, **context)


def check_parameters(notebook: Path, parameters: Mapping[str, object]) -> None:
    """papermill only warns of an unknown parameter, and then runs with the default: a misspelt word gives the
    wrong month.
    """
    with quiet():
        from papermill.inspection import inspect_notebook

        known = inspect_notebook(notebook)
    if not known:
        raise NotebookError(f"{notebook.name} has no parameters: it lacks a cell tagged `parameters`.")
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise NotebookError(
            f"{notebook.name} has no parameter {' and no parameter '.join(unknown)}. It has: {', '.join(known)}."
        )
    missing = [
        name
        for name, about in known.items()
        if about["default"] == "None" and about["help"].startswith("required") and name not in parameters
    ]
    if missing:
        raise NotebookError(f"{notebook.name} needs the parameter {' and the parameter '.join(missing)}.")


def _execute(notebook: Path, parameters: Mapping[str, object], *, progress: bool) -> Any:
    with quiet(), own_kernel():
        from nbclient.exceptions import CellTimeoutError, DeadKernelError
        from papermill.exceptions import (
            PapermillException,
            PapermillExecutionError,
        )
        from papermill.execute import execute_notebook

        try:
            return execute_notebook(
                notebook, None, parameters=dict(parameters), kernel_name=KERNEL, progress_bar=progress
            )
        except PapermillExecutionError as error:
            failure = cell_error(notebook, error)
        except (DeadKernelError, CellTimeoutError):
            failure = CellError(
                f"{notebook.name} stopped half-way: its process was killed, perhaps for want of memory. "
                "Nothing was kept; run it again."
            )
        except PapermillException:
            failure = CellError(f"{notebook.name} could not be run. Nothing was kept.")
    raise failure from None


def cell_error(notebook: Path, error: Any) -> CellError:
    """Returns the plain message of a failed cell. Other messages than our own could quote the record, so only
    their kind is told.
    """
    kind = getattr(errors, str(error.ename), None)
    if isinstance(kind, type) and issubclass(kind, SamplingError):
        return CellError(str(error.evalue), kind)
    return CellError(
        f"Cell {error.exec_count} of {notebook.name} failed ({error.ename}). Nothing was kept. Open the "
        "notebook in JupyterLab and run it there to see more."
    )


def check_whole(notebook: Path, executed: Any) -> None:
    """Raises CellError unless each code cell ran without an error and the last one, which ends the page, gave
    its output.
    """
    cells = [cell for cell in executed.cells if cell.cell_type == "code" and cell.source.strip()]
    outputs = [output for cell in cells for output in cell.outputs]
    ran = all(cell.execution_count for cell in cells) and not any(output.output_type == "error" for output in outputs)
    last = cells[-1] if cells else None
    if not ran or last is None or not any("text/html" in output.get("data", {}) for output in last.outputs):
        raise CellError(f"{notebook.name} did not run to its end. Nothing was kept; run it again.")


def stored_text(executed: Any, notebook: Path, private: Collection[str], **about_it: object) -> str:
    """Returns the notebook as it is kept: no path, no times, no random ids, so that the same run gives the
    same bytes. `about_it` joins what its metadata say of it.
    """
    given = dict(executed.metadata.papermill.parameters)
    kept = {name: NOT_KEPT if name in private and value else value for name, value in given.items()}
    cells = []
    for number, cell in enumerate(executed.cells, 1):
        tags = list(cell.metadata.get("tags", []))
        source = (
            "".join(f"{name} = {value!r}\n" for name, value in kept.items())
            if "injected-parameters" in tags
            else cell.source
        )
        about: dict[str, Any] = {
            "cell_type": cell.cell_type,
            "id": f"cell-{number}",
            "metadata": {"tags": tags} if tags else {},
            "source": source,
        }
        if cell.cell_type == "code":
            about |= {"execution_count": cell.execution_count, "outputs": [_placeless(one) for one in cell.outputs]}
        cells.append(about)
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "sampling": {"notebook": notebook.name, "parameters": kept, **about_it},
    }
    return (
        json.dumps(
            {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5},
            indent=1,
            ensure_ascii=False,
        )
        + "\n"
    )


def _placeless(output: Any) -> Any:
    """Returns an output without places in memory (`<Figure at 0x7f01>`), which are others in each run."""
    plain = output.get("data", {}).get("text/plain")
    if plain is None or not _PLACE.search(plain):
        return output
    return {**output, "data": {**output["data"], "text/plain": _PLACE.sub(" at 0x0", plain)}}


@contextmanager
def own_kernel() -> Iterator[None]:
    """Offers a kernel that is this very Python, whatever kernels are installed, with no history and no start-
    up files of the user's.
    """
    with tempfile.TemporaryDirectory(prefix="sampling-kernel-") as folder:
        place = Path(folder) / "kernels" / KERNEL
        place.mkdir(parents=True)
        switches = ["--HistoryManager.enabled=False", "--IPKernelApp.log_level=40"]
        argv = [sys.executable, "-Xfrozen_modules=off", "-c", _LAUNCH, "-f", "{connection_file}", *switches]
        (place / "kernel.json").write_text(
            json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}), encoding="utf-8"
        )
        own = {
            "JUPYTER_PATH": folder,
            "IPYTHONDIR": str(Path(folder) / "ipython"),
            "JUPYTER_RUNTIME_DIR": str(Path(folder) / "runtime"),
        }
        with environment(own):
            yield


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps other people's deprecations and papermill's log, which names paths, from the person who runs the
    month.
    """
    papermill_log = logging.getLogger("papermill")
    level = papermill_log.level
    papermill_log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=DeprecationWarning)
            warnings.filterwarnings("ignore", category=PendingDeprecationWarning)
            yield
    finally:
        papermill_log.setLevel(level)
