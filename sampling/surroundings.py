"""Variables of the environment that hold for a while: for what reads them when it starts, and is not to see the user's own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def environment(own: Mapping[str, str]) -> Iterator[None]:
    """Sets these variables inside the block; each is as it was before when the block ends, also by an error."""
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
