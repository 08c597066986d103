"""What every address of live calibration has in common: the sessions behind it, plain errors, and streams of one page's own view."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tornado.escape import xhtml_escape
from tornado.iostream import StreamClosedError

from sampling.calibration.errors import LiveRefused, NotInSession
from sampling.calibration.server.limiting import MINUTE, Rate, WrongCodes
from sampling.calibration.server.streams import Streams, as_json
from sampling.chain import parse_json
from sampling.scoring.server import clock
from sampling.scoring.server.answers import BUSY_SECONDS, PlainHandler, Refused, error_body
from sampling.scoring.server.handlers import Workers

if TYPE_CHECKING:
    from sampling.calibration.live import Live
    from sampling.calibration.policy import CalibrationPolicy

MAXIMUM_BODY = 64 * 1024
MOST_WAITING = 2_000  # calls: a room of 200 whose pages all ask at once, as at a reveal


class Limits:
    """What one address and one rater may do in a time, by the policy of these sessions."""

    def __init__(self, policy: CalibrationPolicy) -> None:
        self.codes = WrongCodes(policy.wrong_codes_a_second, time.monotonic)
        self.joins = Rate(policy.joins_a_minute, MINUTE, time.monotonic)
        self.answers = Rate(policy.answers_a_minute, MINUTE, time.monotonic)


class Room:
    """What the handlers of one server share. `trainer` tells whether a request is the trainer's; `by_seat` opens the sessions that a notebook's
    seat names, where there is a Jupyter server around us.
    """

    def __init__(
        self, workers: Workers, trainer: Callable[[PlainHandler], bool], *, live: Live | None = None, by_seat: Callable[[str], Live] | None = None
    ) -> None:  # fmt: skip
        self._live = live
        self._by_seat = by_seat
        self.workers = workers
        self.is_trainer = trainer
        self.join_address = ""  # where raters type the code, as the wall says it; "" where the page finds it by itself
        self._streams: Streams | None = None
        self._limits: Limits | None = None

    @property
    def live(self) -> Live:
        """Returns the sessions of this server. Raises Refused (409) where no notebook has opened them yet."""
        if self._live is None:
            raise Refused(409, "No calibration is open on this server. Run the notebook's cell again.")
        return self._live

    def sit_down(self, seat: str) -> None:
        """Opens the sessions that a seat names, unless they are open; pages of other sessions then lead nowhere.

        Raises Refused (409) while a session of another folder still takes raters or answers: a whole room would lose it.
        """
        if self._by_seat is None:
            return
        live = self._by_seat(seat)
        if live is self._live:
            return
        if self._live is not None and self._live.is_busy(clock.now()):
            raise Refused(
                409,
                "A session of another folder is open on this server. Finish it on its trainer's page, then run the cell again.",
            )
        if self._streams is not None:
            self._streams.close()
        self._live, self._streams, self._limits = live, None, None

    @property
    def streams(self) -> Streams:
        """Returns what wakes the pages."""
        if self._streams is None:
            self._streams = Streams(self.live)
        return self._streams

    @property
    def limits(self) -> Limits:
        """Returns the counts of what was asked for lately."""
        if self._limits is None:
            self._limits = Limits(self.live.policy)
        return self._limits


class RoomHandler(PlainHandler):
    """Base of all: JSON in and out, errors in words, calls of the journal in threads."""

    log_name = "calibration"

    def initialize(self, room: Room) -> None:
        """Takes what the routes were made with."""
        self.room = room

    def check_host(self) -> bool:
        """Tells whether the request was meant for this server: for this computer, or for the address that the trainer named."""
        host = self.request.host_name
        return host in self.settings.get("local_hostnames", ()) or bool(super().check_host())

    @property
    def root(self) -> str:
        """Returns the path below which all of calibration lies."""
        return str(self.base_url) + "calibrate/"

    async def run(self, call: Callable[[], Any]) -> Any:
        """Returns what the call returns, in a thread of its own."""
        return await self.room.workers.run(call)

    def reply(self, value: object) -> None:
        """Answers with JSON."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(as_json(value))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answers an error as JSON."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if status_code == 503:
            self.set_header("Retry-After", str(BUSY_SECONDS))
        self.reply(error_body(error, status_code))

    def error_page(self, status_code: int, **kwargs: Any) -> None:
        """Answers an error as a small page: whoever opens an address reads no JSON."""
        message = error_body(kwargs.get("exc_info", (None, None, None))[1], status_code)["error"]["message"]
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(
            '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>Calibration</title></head><body><main><h1>Calibration</h1><p>{xhtml_escape(message)}</p></main></body></html>"
        )

    def known(self) -> None:
        """Notes that the trainer or a rater was here, so that whatever ends idle Jupyter servers leaves a session alone. A stranger keeps none running."""
        self.settings["api_last_activity"] = clock.now()

    def body(self) -> dict[str, Any]:
        """Returns the JSON object of the request. Raises Refused for one that is too long, or none."""
        if len(self.request.body) > MAXIMUM_BODY:
            raise Refused(413)
        try:
            value = parse_json(self.request.body.decode("utf-8"))
        except (ValueError, RecursionError):
            raise Refused(400, "The request is not JSON text.") from None
        if not isinstance(value, dict):
            raise Refused(400, "The request is not a JSON object.")
        return value

    def for_trainer(self) -> None:
        """Raises Refused (403) for anybody but the trainer."""
        if not self.room.is_trainer(self):
            raise Refused(403, "Only the trainer of this session can do that.")
        self.known()

    def ticket(self, session: str) -> str:
        """Returns the cookie by which a rater of that session is known, "" without one."""
        return str(self.get_cookie(cookie_of(session), "") or "")

    async def stream(self, session: str, view: Callable[[], Any], who: str = "") -> None:
        """Sends a view whenever it changes, until the page is gone. `who` is the trainer or rater who looks on, "" for whoever is at an address.

        Raises Refused where too many look on already: such a page asks again and again.
        """
        streams = self.room.streams
        with streams.place(who or f"at {self.request.remote_ip}"):
            await self.run(view)  # refuses before the stream begins
            self.set_header("Content-Type", "text/event-stream; charset=utf-8")
            self.set_header("X-Accel-Buffering", "no")
            self._following = asyncio.current_task()

            async def send(text: str) -> None:
                if who and text.startswith("data:"):
                    self.known()
                self.write(text)
                await self.flush()

            try:
                await streams.follow(session, lambda: self.run(view), send)
            except (StreamClosedError, asyncio.CancelledError, NotInSession, LiveRefused):
                return

    def on_connection_close(self) -> None:
        """Ends the stream of a page that is gone."""
        following = getattr(self, "_following", None)
        if following is not None:
            following.cancel()
        super().on_connection_close()


def cookie_of(session: str) -> str:
    """Returns the name of a rater's cookie."""
    return f"calibration-{session[:16]}"
