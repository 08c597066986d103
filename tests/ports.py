"""A port for a server that has to be told one."""

from __future__ import annotations

import random
import socket

# below the ports that a system gives out by itself: Linux from 32768, Windows and macOS from 49152
LOWEST, HIGHEST = 12_000, 30_000


def free_port() -> int:
    """Returns a port on which nothing listens, and which no program is given that asks for any port.

    A port of the system's own choosing can be given to a notebook's kernel before the server that it was meant for has started.
    """
    while True:
        port = random.SystemRandom().randint(LOWEST, HIGHEST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
