"""The index of a batch: each run, whether its pack is there, and where it is not, why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from sampling import __version__
from sampling.batch import rendering
from sampling.quality import page_environment
from sampling.storage import write_whole

INDEX = "index.html"
State = Literal["waiting", "done", "failed"]


@dataclass(frozen=True)
class Outcome:
    """How a run stands: its label, its folder, where it failed the message for a person, and whether its pack may leave the service."""

    label: str
    folder: str
    state: State
    message: str = ""
    outside: bool = False

    @property
    def leaves(self) -> bool:
        """Returns whether what lies in the folder may leave: while a pack is not made, an earlier one that hides nothing may lie there."""
        return self.outside and self.state == "done"


@dataclass(frozen=True)
class Other:
    """A pack that lies in the folder and is not of this batch, with the day on which it was made."""

    label: str
    folder: str
    made: date

    @property
    def day(self) -> str:
        """Returns the day in words, as "1 November 2026"."""
        return f"{self.made.day} {self.made:%B %Y}"


def page(title: str, outcomes: tuple[Outcome, ...], others: tuple[Other, ...] = (), *, pdf: bool = True) -> str:
    """Returns the index as one HTML file without script or network. It says which packs may be passed on outside the service."""
    count = {state: sum(one.state == state for one in outcomes) for state in ("done", "failed", "waiting")}
    return (
        page_environment()
        .get_template("pack_index.html.j2")
        .render(
            title=title,
            outcomes=outcomes,
            others=others,
            outside=[one for one in outcomes if one.leaves],
            count=count,
            of=len(outcomes),
            page=rendering.PAGE,
            pdf=rendering.PDF if pdf else "",
            software=f"sampling {__version__}",
        )
    )


def write(out: Path, text: str) -> None:
    """Writes the index, whole."""
    write_whole(out / INDEX, text.encode("utf-8"))
