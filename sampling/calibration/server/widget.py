"""The trainer's page as a notebook shows it: a frame of the server beside it."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

_LOADER = Path(__file__).parents[1] / "static" / "room_loader.js"


class TrainersPage(anywidget.AnyWidget):
    """The page. It holds nothing: what is done there goes from the browser to the server."""

    _esm = _LOADER.read_text(encoding="utf-8")
    seat = traitlets.Unicode("").tag(sync=True)
