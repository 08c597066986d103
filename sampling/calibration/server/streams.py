"""Server-sent events: each page hears its own view again when that view has changed, and nothing of another's."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sampling.scoring.server.answers import Refused

if TYPE_CHECKING:
    from sampling.calibration.live import Live

BEAT_SECONDS = 15.0  # so that a proxy does not take a silent stream for a dead one
TOGETHER_SECONDS = 0.1  # changes that come in quicker are told together
MOST_STREAMS = 1_000
MOST_EACH = 6  # of one rater, or one wall's address: as many as a browser opens to one server


class Streams:
    """Wakes the streams of a session when it changes. Made inside the running loop; `changed` may be called from any thread."""

    def __init__(self, live: Live) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._open: Counter[str] = Counter()
        self.close = live.listen(self._changed)

    def _changed(self, session: str) -> None:
        self._loop.call_soon_threadsafe(self._wake, session)

    def _wake(self, session: str) -> None:
        for event in self._waiting.get(session, ()):
            event.set()

    @contextmanager
    def place(self, who: str) -> Iterator[None]:
        """Takes a place for one stream of somebody while the block lasts. Raises Refused where they, or all together, have too many."""
        if self._open.total() >= MOST_STREAMS:
            raise Refused(503)
        if self._open[who] >= MOST_EACH:
            raise Refused(429, "This session is open in too many tabs here. Close some.")
        self._open[who] += 1
        try:
            yield
        finally:
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]

    async def follow(
        self, session: str, view: Callable[[], Awaitable[Any]], send: Callable[[str], Awaitable[None]]
    ) -> None:
        """Sends the view now, and again each time that it is another one, until sending fails or the task is cancelled."""
        event = asyncio.Event()
        self._waiting[session].add(event)
        last = ""
        try:
            while True:
                event.clear()
                text = as_json(await view())
                await send(": still here\n\n" if text == last else f"data: {text}\n\n")
                last = text
                try:
                    await asyncio.wait_for(event.wait(), BEAT_SECONDS)
                    await asyncio.sleep(TOGETHER_SECONDS)
                except TimeoutError:
                    continue
        finally:
            self._waiting[session].discard(event)


def as_json(value: object) -> str:
    """Returns a view as one line of JSON."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
