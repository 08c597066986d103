"""What a notebook cell shows of live calibration: the trainer's page where a Jupyter server stands beside it, and words where none does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sampling.scoring.server import clock
from sampling.scoring.server.notebook import beside_a_server
from sampling.scoring.server.seats import Seat, take_seat

if TYPE_CHECKING:
    from sampling.calibration.server.widget import TrainersPage

NO_SERVER = (
    "To hold a session, run in a terminal: sampling calibrate. With phones in the room: sampling calibrate --host ADDRESS, with this computer's "
    "address in their network."
)


class Words:
    """Words, for a notebook that runs without a server."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def open_room(folder: str) -> TrainersPage | Words:
    """Returns the trainer's page over the sessions of a folder, or how to open it."""
    if not beside_a_server():
        return Words(NO_SERVER)
    from sampling.calibration.server.widget import TrainersPage

    seat = Seat(str(Path(folder).absolute()), "", "", "", "")
    return TrainersPage(seat=take_seat(seat, now=clock.now()))
