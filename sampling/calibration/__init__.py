"""Calibration: how consistently a group applies the thresholds. Live sessions on invented cases, and what they show."""

from __future__ import annotations

from typing import Any


def open_room(folder: str) -> Any:
    """Returns what a notebook shows of the sessions in a folder: the trainer's page where a Jupyter server stands beside it, else how to
    hold a session. Imported here and no earlier: each Jupyter server on this computer imports this module when it starts.
    """
    from sampling.calibration.server import notebook

    return notebook.open_room(folder)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Tells a Jupyter server where our extension is."""
    return [{"module": "sampling.calibration.server.extension"}]
