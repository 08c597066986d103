"""What one address or one rater may ask for in a time, so that no script fills a session, guesses its code or floods its journal."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from contextlib import suppress

SECOND = 1.0
MINUTE = 60.0
ALL_TOGETHER = 3  # times what one address may: a room behind one router is one address, a guesser may have many
MOST_WAITING = 200  # with their codes, of one address: as many as a session takes may press the button at once
_MANY_NAMES = 5_000


class Rate:
    """Counts what each of several names did within the last `seconds`. `clock` gives seconds that only grow."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float]) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._at: defaultdict[str, deque[float]] = defaultdict(deque)

    def take(self, name: str) -> bool:
        """Notes one more for a name, and tells whether it was allowed; what was not allowed is not counted."""
        if self.wait(name):
            return False
        self._at[name].append(self._clock())
        return True

    def give_back(self, name: str) -> None:
        """Takes the last that was noted for a name away again."""
        if self._at.get(name):
            self._at[name].pop()

    def wait(self, name: str) -> float:
        """Returns how many seconds a name has to wait until it may do one more, 0 where it may now."""
        now = self._clock()
        if len(self._at) > _MANY_NAMES:
            self._at = defaultdict(deque, {one: at for one, at in self._at.items() if at and at[-1] > now - self._seconds})  # fmt: skip
        at = self._at[name]
        while at and at[0] <= now - self._seconds:
            at.popleft()
        return 0.0 if len(at) < self._most else at[0] + self._seconds - now


class WrongCodes:
    """Lets wrong codes be tried at a pace that makes guessing hopeless, and lets right ones through: whoever comes too quickly waits a turn."""

    def __init__(
        self, a_second: int, clock: Callable[[], float], pause: Callable[[float], Awaitable[None]] | None = None
    ) -> None:
        self._pause = pause or self._until_freed
        self._own, self._all = Rate(a_second, SECOND, clock), Rate(a_second * ALL_TOGETHER, SECOND, clock)
        self._waiting: defaultdict[str, int] = defaultdict(int)
        self._freed = asyncio.Event()

    async def turn(self, address: str) -> bool:
        """Waits until a code of this address may be looked up, and counts it as wrong until `right` is told; False where too many wait already."""
        if self._waiting[address] >= MOST_WAITING:
            return False
        self._waiting[address] += 1
        try:
            while wait := max(self._own.wait(address), self._all.wait("")):
                await self._pause(wait)
            return self._own.take(address) and self._all.take("")  # nothing else runs between the question and this
        finally:
            self._waiting[address] -= 1
            if not self._waiting[address]:
                del self._waiting[address]

    def right(self, address: str) -> None:
        """Takes back the count of a code that was right."""
        self._own.give_back(address)
        self._all.give_back("")
        freed, self._freed = self._freed, asyncio.Event()
        freed.set()

    async def _until_freed(self, wait: float) -> None:
        """Waits so many seconds, or until a code was right: its place is then free at once."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._freed.wait(), wait)
