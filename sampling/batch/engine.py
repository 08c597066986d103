"""The engine that papermill finds under the name `sampling-forked` (entry point `papermill.engine`).

papermill imports every engine at its own start, in the midst of its import: so this module imports nothing, and the work
stands in forked.py. `papermill run.ipynb out.ipynb --engine sampling-forked` uses it without the rest of this package.
"""

from __future__ import annotations

from typing import Any

NAME = "sampling-forked"


class ForkedEngine:
    """Runs a notebook in a child forked from a warm process, or by nbclient where no fork is to be had."""

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **options: Any) -> Any:
        """Returns the executed notebook. `options` are papermill's, and those of forked.Forked.execute_managed_notebook."""
        from sampling.batch.forked import Forked

        return Forked.execute_notebook(nb, kernel_name, **options)

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        """Returns the name of the kernel; a notebook that names none is Python."""
        return name or str(nb.metadata.get("kernelspec", {}).get("name", "python3"))

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        """Returns the language: this engine knows Python alone."""
        return language or "python"
