"""The interface in a Jupyter server: JupyterLab's own, or one that JupyterHub started. Each form sits at a seat.

Every Jupyter server of this computer loads this module when it starts, so it imports little, and a service is opened when its
first form asks.
"""

from __future__ import annotations

import re
from collections import defaultdict
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sampling.scoring.server.facade import Facade
    from sampling.scoring.server.seats import Seat


class SeatDoor:
    """Leads a seat to its service. A service is opened once for all the seats that name the same draws and journal."""

    may_sign_out = False

    def __init__(self) -> None:
        self._services: dict[Seat, tuple[Facade, str]] = {}
        self._locks: defaultdict[Seat, Lock] = defaultdict(Lock)  # one that is slow to open holds up nobody else

    def enter(self, user: str, seat: str) -> tuple[Facade, str]:
        """Returns the service and the key of the person at the seat. Raises SamplingError when the seat or the service is not sound."""
        from sampling.scoring.server import clock
        from sampling.scoring.server.opening import open_for
        from sampling.scoring.server.seats import open_seat

        asked = open_seat(seat, now=clock.now())
        with self._locks[asked]:
            if asked not in self._services:
                self._services[asked] = open_for(asked, now=clock.now())
            return self._services[asked]


def _load_jupyter_server_extension(server: Any) -> None:
    """Adds our addresses to a running Jupyter server."""
    from sampling.scoring.server.handlers import Workers
    from sampling.scoring.server.routing import routes

    application = server.web_app
    prefix = re.escape(application.settings["base_url"].rstrip("/"))
    application.add_handlers(".*$", routes(prefix, SeatDoor(), Workers()))
