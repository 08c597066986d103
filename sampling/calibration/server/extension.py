"""Live calibration in a Jupyter server: the trainer is its user, by a notebook's seat; raters need the code on the wall and nothing of Jupyter.

Every Jupyter server of this computer loads this module when it starts, so it imports little, and a journal is opened when a seat asks.
"""

from __future__ import annotations

import re
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sampling.calibration.live import Live


class Seats:
    """Leads a seat to the sessions of its folder, which are opened once."""

    def __init__(self) -> None:
        self._open: dict[str, Live] = {}
        self._lock = Lock()

    def open(self, seat: str) -> Live:
        """Returns the sessions. Raises SamplingError when the seat is over, or the folder is not sound."""
        from sampling.calibration.opening import open_live
        from sampling.scoring.server import clock
        from sampling.scoring.server.seats import open_seat

        folder = open_seat(seat, now=clock.now()).draws
        with self._lock:
            if folder not in self._open:
                self._open[folder] = open_live(Path(folder), now=clock.now())
            return self._open[folder]


def _load_jupyter_server_extension(server: Any) -> None:
    """Adds our addresses to a running Jupyter server."""
    from sampling.calibration.server.handlers import routes
    from sampling.calibration.server.rooms import MOST_WAITING, Room
    from sampling.scoring.server.handlers import Workers

    application = server.web_app
    prefix = re.escape(application.settings["base_url"].rstrip("/"))
    room = Room(Workers(MOST_WAITING), lambda handler: handler.current_user is not None, by_seat=Seats().open)
    application.add_handlers(".*$", routes(prefix, room))
