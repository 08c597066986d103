"""A limit on wrong join codes: of one address, and of all together, within a minute."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable

MINUTE = 60.0
ALL_TOGETHER = 10  # times what one address may: a room behind one router is one address, a guesser may have many


class WrongCodes:
    """Counts wrong codes. `clock` gives seconds that only grow."""

    def __init__(self, a_minute: int, clock: Callable[[], float]) -> None:
        self._a_minute = a_minute
        self._clock = clock
        self._at: defaultdict[str, deque[float]] = defaultdict(deque)

    def too_many(self, address: str) -> bool:
        """Tells whether this address, or all together, must wait."""
        return self._count(address) >= self._a_minute or self._count("") >= self._a_minute * ALL_TOGETHER

    def note(self, address: str) -> None:
        """Notes a wrong code from this address."""
        for name in (address, ""):
            self._at[name].append(self._clock())

    def _count(self, name: str) -> int:
        if name not in self._at:
            return 0
        since = self._clock() - MINUTE
        times = self._at[name]
        while times and times[0] <= since:
            times.popleft()
        if not times and name:
            del self._at[name]
            return 0
        return len(times)
