"""The scoring form as a notebook shows it: a frame that loads the page's own script from the server beside it."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

STATIC_FOLDER = Path(__file__).parents[1] / "static"


class Form(anywidget.AnyWidget):
    """The form. It holds no rating: what a person enters goes from the browser to the server, and not through here."""

    _esm = (STATIC_FOLDER / "loader.js").read_text(encoding="utf-8")
    screen = traitlets.Unicode("queue").tag(sync=True)
    purpose = traitlets.Unicode("supervision").tag(sync=True)
    seat = traitlets.Unicode("").tag(sync=True)
