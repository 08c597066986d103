"""Imported once by the process from which all runs are forked: what every run needs, ready before the first one.

No database, socket or thread may be opened here: a fork copies their locks and none of their threads.
"""

from __future__ import annotations

import gc
from importlib import import_module
from pkgutil import walk_packages

from sampling import evidence, page, plots, reporting, suppression
from sampling.batch import notebooks  # before all that needs nbformat: it keeps a slow import of nbformat's away
from sampling.batch.rendering import warm_up

# What the notebooks import, and what the engine and the pages do.
LIBRARIES = (
    "pandas", "pyarrow", "numpy", "scipy.stats", "scipy.optimize", "IPython.display", "nbformat", "papermill.execute",
    "sqlalchemy.dialects.sqlite", "sampling.batch.forked", "sampling.batch.kernel", "sampling.batch.worker",
)  # fmt: skip
ROOMS = (evidence, page, plots, reporting, suppression)

for room in ROOMS:
    for module in walk_packages(room.__path__, f"{room.__name__}."):
        import_module(module.name)
for name in LIBRARIES:
    import_module(name)
with notebooks.quiet():
    warm_up()
gc.collect()
gc.freeze()  # so that the children's collector leaves the shared pages alone
