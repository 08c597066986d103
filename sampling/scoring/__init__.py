"""Scoring, follow-up, moderation and sessions: shows state, hands typed events to the journal, decides nothing itself."""

from __future__ import annotations

from typing import Any


def open_form(**asked: Any) -> Any:
    """Returns what a notebook shows: the scoring form, or a plain table of what waits where no Jupyter server runs.

    The parameters are those of sampling.scoring.server.notebook.open_form. It is imported here and no earlier: each Jupyter server on
    this computer imports this module when it starts, also those that never score.
    """
    from sampling.scoring.server import notebook

    return notebook.open_form(**asked)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Tells a Jupyter server where our extension is."""
    return [{"module": "sampling.scoring.server.extension"}]
