"""Imported last by the process from which all runs are forked: what the engine and the pages need, ready before the first run.

What the notebook imports comes before it (preloading.py). No database, socket or thread may be opened here: a fork copies their locks and none
of their threads.
"""

from __future__ import annotations

import gc
from importlib import import_module

from sampling.batch import notebooks  # before all that needs nbformat: it keeps a slow import of nbformat's away
from sampling.batch.rendering import warm_up

for name in (
    "IPython.display",
    "nbformat",
    "papermill.execute",
    "sampling.batch.forked",
    "sampling.batch.kernel",
    "sampling.batch.worker",
):
    import_module(name)
with notebooks.quiet():
    warm_up()
gc.collect()
gc.freeze()  # so that the children's collector leaves the shared pages alone
