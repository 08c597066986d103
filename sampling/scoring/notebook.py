"""What a notebook cell shows: the form where a Jupyter server stands beside it, and a plain table where none does."""

from __future__ import annotations

import os
from typing import Any

SERVED_VARIABLE = (
    "SAMPLING_SERVED"  # set by `sampling score`: the page belongs to a signed-in person, and needs no seat
)
_SESSION_VARIABLE = "JPY_SESSION_NAME"  # set by a Jupyter server for the kernels of its notebooks


def open_form(
    *,
    draws: str,
    rater: str = "",
    journal: str = "",
    people: str = "",
    policy: str = "",
    screen: str = "queue",
    purpose: str = "supervision",
) -> Any:
    """Returns the form for `rater`, opened at `screen`, over the draws of the folder `draws`."""
    if os.environ.get(SERVED_VARIABLE):
        from sampling.scoring.widget import Form

        return Form(screen=screen)
    raise NotImplementedError
