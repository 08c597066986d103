"""The QR code of the address for joining, as the wall draws it: black squares on white, for a telephone's camera."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import segno

QUIET = 4  # squares of white around it (ISO/IEC 18004)
LONGEST = 300  # characters of an address


@dataclass(frozen=True)
class Squares:
    """A QR code as an SVG path: `size` squares wide and high, the white around it included."""

    size: int
    path: str


@lru_cache(maxsize=32)
def squares_of(address: str) -> Squares:
    """Returns the QR code of an address, with the middle level of error correction, which a picture on a wall can lose 15 % by."""
    rows = [bytes(row) for row in segno.make_qr(address, error="m").matrix]
    path = []
    for y, row in enumerate(rows, QUIET):
        x = QUIET
        for dark, run in groupby(row):
            wide = len(list(run))
            if dark:
                path.append(f"M{x} {y}h{wide}v1h-{wide}z")
            x += wide
    return Squares(len(rows) + 2 * QUIET, "".join(path))
