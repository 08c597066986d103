"""What a notebook cell shows: the form where a Jupyter server stands beside it, and a plain table where none does."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampling.scoring.server import clock
from sampling.scoring.server.seats import Seat, take_seat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sampling.scoring.server.widget import Form

SERVED_VARIABLE = (
    "SAMPLING_SERVED"  # set by `sampling score`: the page belongs to a signed-in person, and needs no seat
)
# set for a notebook's kernel by a Jupyter server, and by Voilà as a part of one
_SERVER_VARIABLES = ("JPY_SESSION_NAME", "VOILA_REQUEST_URL")
_NO_SERVER = (
    "No Jupyter server stands beside this notebook, so there is no form here. To score, run: sampling score DIR. Or open this "
    "notebook in JupyterLab."
)
# An executed notebook is kept, and may be sent on: no case is named in it, and nobody's words stand in it.
_QUEUE = (("number", "Number"), ("stage_label", "Stage"), ("state_label", "State"), ("due", "Due"))
_ACTIONS = (("action_kind_label", "Action"), ("due_label", "Due"), ("state_label", "State"))


class Waiting:
    """A plain table of what waits for a person, for a notebook that runs without a server."""

    def __init__(self, title: str, columns: Sequence[tuple[str, str]], rows: Sequence[dict[str, Any]]) -> None:
        self.title = title
        self.columns = tuple(columns)
        self.rows = [[str(row.get(name) or "") for name, _ in columns] for row in rows]

    def __repr__(self) -> str:
        """Returns the table as text."""
        lines = ["  ".join(title for _, title in self.columns), *("  ".join(row) for row in self.rows)]
        return "\n".join([f"{self.title} ({len(self.rows)})", *lines, _NO_SERVER])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{escape(title)}</th>' for _, title in self.columns)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in self.rows)
        caption = f"<caption>{escape(self.title)} ({len(self.rows)})</caption>"
        table = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f"{table}<p>{escape(_NO_SERVER)}</p>"


def beside_a_server() -> bool:
    """Returns whether a Jupyter server stands beside this process, as beside a notebook's kernel."""
    return any(os.environ.get(name) for name in _SERVER_VARIABLES)


def open_form(
    *,
    draws: str,
    rater: str = "",
    journal: str = "",
    people: str = "",
    policy: str = "",
    screen: str = "queue",
    purpose: str = "supervision",
) -> Form | Waiting:
    """Returns the form for `rater`, opened at `screen` (queue or follow_up), over the draws of the folder `draws`.

    Where no Jupyter server stands beside the notebook it is a table of what waits. Raises SamplingError in words when there is no
    draw, or the rater is not known.
    """
    if os.environ.get(SERVED_VARIABLE):
        from sampling.scoring.server.widget import Form

        return Form(screen=screen, purpose=purpose)
    seat = Seat(_absolute(draws), _absolute(journal), _absolute(people), _absolute(policy), rater)
    if beside_a_server():
        from sampling.scoring.server.opening import home_of
        from sampling.scoring.server.widget import Form

        home_of(Path(seat.draws))  # says at once, in the notebook, what is wrong with the folder
        return Form(screen=screen, purpose=purpose, seat=take_seat(seat, now=clock.now()))
    return _waiting(seat, screen)


def _waiting(seat: Seat, screen: str) -> Waiting:
    from sampling.scoring.server.opening import open_for

    now = clock.now()
    service, actor = open_for(seat, now=now)
    try:
        if screen == "follow_up":
            found = service.follow_up(actor, today=now.date())
            return Waiting("Actions that wait", _ACTIONS, [*found["overdue"], *found["due"], *found["later"]])
        return Waiting("Cases to be scored", _QUEUE, service.queue(actor, today=now.date(), now=now)["reviews"])
    finally:
        service.close()


def _absolute(place: str) -> str:
    """The server stands in another folder than the notebook; a database's address and nothing at all stay as they are."""
    return place if not place or "://" in place else str(Path(place).absolute())
