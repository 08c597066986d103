"""The HTTP interface of scoring: JSON in, JSON out, and the page's own files. It decides nothing; the service does.

Saves come here and not to a kernel, so that they outlive one (docs/decisions/0012-scoring-server.md). A call of the service runs in
a thread of its own: a slow disk holds up its own answer and nobody else's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_async
from tornado import web

from sampling.chain import parse_json, utc_text
from sampling.scoring.server import clock
from sampling.scoring.server.answers import BUSY_SECONDS, PlainHandler, Refused, error_body
from sampling.scoring.server.facade import Door, Facade

STATIC_FOLDER = Path(__file__).parents[1] / "static"
MAXIMUM_BODY = 4 * 1024 * 1024  # bytes; an outbox full of long comments stays far below
MAXIMUM_EVENTS = 500
ANSWER_SECONDS = 20.0  # after that the page is told to try again; the same event twice is one event
THREADS = 8
WAITING_CALLS = 64
SEAT_HEADER = "X-Sampling-Seat"
SIGN_OUT = "sign_out"
RESOURCE = "sampling"  # what a Jupyter authorizer calls us


class Workers:
    """A few threads for the service's work, with a limit on what may wait."""

    def __init__(self, most_waiting: int = WAITING_CALLS) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="scoring")
        self._most = most_waiting
        self._waiting = 0

    async def run(self, call: Callable[[], Any], seconds: float = ANSWER_SECONDS) -> Any:
        """Returns what the call returns. Raises Refused (503) when too much waits, or the call takes longer than `seconds`."""
        if self._waiting >= self._most:
            raise Refused(503)
        self._waiting += 1
        task = asyncio.get_running_loop().run_in_executor(self._pool, call)
        task.add_done_callback(self._done)
        try:
            return await asyncio.wait_for(asyncio.shield(task), seconds)
        except TimeoutError:
            raise Refused(503) from None

    def _done(self, task: asyncio.Future[Any]) -> None:
        self._waiting -= 1
        if not task.cancelled():
            task.exception()  # seen, so that a late failure is not reported by the loop, with its text

    def close(self) -> None:
        """Lets what runs end and takes no more."""
        self._pool.shutdown(wait=True, cancel_futures=True)


class ApiHandler(PlainHandler):
    """Base of the JSON handlers: signed in, of the same origin, errors in words."""

    log_name = "api"
    is_activity = True

    def initialize(self, door: Door, workers: Workers) -> None:
        """Takes what the routes were made with."""
        self.door = door
        self.workers = workers

    async def prepare(self) -> None:  # type: ignore[override]
        """Lets in only people who are signed in, from our own pages. A Jupyter server may leave that to each handler."""
        await super().prepare(_redirect_to_login=False)
        user = self.current_user
        action = "read" if self.request.method in ("GET", "HEAD") else "write"
        if user is None or not await ensure_async(self.authorizer.is_authorized(self, user, action, RESOURCE)):
            raise Refused(403)
        if not self.check_origin():
            raise Refused(404)

    async def ask(self, call: Callable[[Facade, str], Any], seconds: float = ANSWER_SECONDS) -> Any:
        """Returns what the service answers to the person who asks."""
        user = self.current_user.username
        seat = self.request.headers.get(SEAT_HEADER) or self.get_query_argument("seat", "")

        def at_work() -> Any:
            service, actor = self.door.enter(user, seat)
            return call(service, actor)

        return await self.workers.run(at_work, seconds)

    def on_finish(self) -> None:
        """Counts as activity, so that whatever ends idle Jupyter servers leaves one alone in which somebody scores."""
        if self.is_activity and self.current_user is not None:
            self.settings["api_last_activity"] = clock.now()

    def reply(self, value: object) -> None:
        """Answers with JSON."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_as_text)
        self.finish(text.encode(errors="backslashreplace"))  # half of a character, as it is written in JSON

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answers an error as JSON. The status is that of the error's kind."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if status_code == 503:
            self.set_header("Retry-After", str(BUSY_SECONDS))
        self.reply(error_body(error, status_code))


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in an answer")


@dataclass(frozen=True)
class Question:
    """What a reading request asks: the ids in its path, for which purpose, and when."""

    ids: tuple[str, ...]
    purpose: str
    now: datetime
    may_sign_out: bool = False

    @property
    def today(self) -> date:
        """Returns the day on which it is asked."""
        return self.now.date()


Read = Callable[[Facade, str, Question], Any]


class ReadHandler(ApiHandler):
    """Answers one reading request."""

    def initialize(self, door: Door, workers: Workers, name: str, read: Read) -> None:  # type: ignore[override]
        """Takes which request this is."""
        super().initialize(door, workers)
        self.log_name = name
        self.read = read

    async def get(self, *ids: str) -> None:
        """Answers what the service says."""
        asked = Question(ids, self.get_query_argument("purpose", ""), clock.now(), self.door.may_sign_out)
        self.reply(await self.ask(lambda service, actor: self.read(service, actor, asked)))


class HeartbeatHandler(ApiHandler):
    """Tells a page that the server is there, and keeps its XSRF cookie fresh."""

    log_name = "heartbeat"
    is_activity = False  # a page that stands open is no work

    async def get(self) -> None:
        """Answers with the time."""
        assert self.xsrf_token  # sets the cookie where there is none
        self.reply({"now": clock.now()})


class NothingHandler(ApiHandler):
    """Whatever else is asked for below our address."""

    log_name = "nothing"

    async def get(self, *ids: str) -> None:
        """There is nothing here."""
        raise Refused(404)

    post = put = patch = delete = get


@web.stream_request_body
class WriteHandler(ApiHandler):
    """Base of the requests with a body. A body that is too long is counted and thrown away, not kept."""

    def initialize(self, door: Door, workers: Workers) -> None:
        """Begins with an empty body."""
        super().initialize(door, workers)
        self._chunks: list[bytes] = []
        self._length = 0

    def data_received(self, chunk: bytes) -> None:
        """Takes the next part of the body."""
        self._length += len(chunk)
        if self._length <= MAXIMUM_BODY:
            self._chunks.append(chunk)
        else:
            self._chunks.clear()

    def body(self) -> dict[str, Any]:
        """Returns the JSON object of the body. Raises Refused (413) when it is too long, (400) when it is none."""
        if self._length > MAXIMUM_BODY:
            raise Refused(413)
        try:
            value = parse_json(b"".join(self._chunks).decode("utf-8"))
        except (ValueError, RecursionError):
            raise Refused(400, "The request is not JSON text.") from None
        if not isinstance(value, dict):
            raise Refused(400, "The request is not a JSON object.")
        return value


class EventsHandler(WriteHandler):
    """Takes events; the answer comes after their commit."""

    log_name = "events"

    async def post(self) -> None:
        """Answers with a receipt for each event, or refuses all of them."""
        events = self.body().get("events")
        if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
            raise Refused(400, "The request has no list of events.")
        if len(events) > MAXIMUM_EVENTS:
            raise Refused(413)
        now = clock.now()

        def stored(service: Facade, actor: str) -> dict[str, Any]:
            receipts = service.append(actor, events, now=now)
            reviews = sorted({str(event["review"]) for event in events if event.get("review")})
            return {"receipts": receipts, **service.committed(actor, reviews)}

        self.reply(await self.ask(stored))


class SignHandler(WriteHandler):
    """Takes a signature."""

    log_name = "sign"

    async def post(self) -> None:
        """Answers with the receipt, or 409 when something has changed since the page was shown."""
        request, now = self.body(), clock.now()
        self.reply(await self.ask(lambda service, actor: service.sign(actor, request, now=now)))


class StaticHandler(ApiHandler):
    """The page's own scripts and styles: the files of our folder, by name, and nothing else."""

    log_name = "static"
    keeping = "no-cache"

    async def get(self, name: str) -> None:
        """Answers with the file."""
        self.send_file(STATIC_FOLDER, name)
