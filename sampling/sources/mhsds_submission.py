"""How a table is submitted month by month: open rows again and again, dated rows once, dates only when they have come true."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Submitted:
    """One table for all months. A row is submitted in each month from `start` to `end`, or, with a `point`, in that day's month.

    `later` names dates that are left blank until the month in which they come true.
    """

    name: str
    frame: pd.DataFrame
    start: str = ""
    end: str = ""
    point: str = ""
    later: tuple[str, ...] = ()

    def month(self, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
        """Returns the rows of one month, as they were known on its last day."""
        frame = self.frame
        if self.point:
            return frame[(frame[self.point] >= first) & (frame[self.point] <= last)]
        if self.start:
            frame = frame[frame[self.start].isna() | (frame[self.start] <= last)]
        if self.end:
            frame = frame[frame[self.end].isna() | (frame[self.end] >= first)]
        blank = {name: frame[name].mask(frame[name] > last) for name in {*self.later, self.end} if name}
        return frame.assign(**blank)


@dataclass(frozen=True)
class SubmittedPeople(Submitted):
    """A death is submitted in its own month alone: rule MHS00158 rejects it in any later one."""

    def month(self, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
        """Returns the persons of one month, with a death only in the month it happened."""
        frame = super().month(first, last)
        return frame.assign(PersDeathDate=frame["PersDeathDate"].mask(frame["PersDeathDate"] < first))
