"""The index of a batch: each run, whether its pack is there, and where it is not, why."""

from __future__ import annotations

from dataclasses import dataclass
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
    """How a run stands: its label, its folder, and where it failed the message for a person."""

    label: str
    folder: str
    state: State
    message: str = ""


def page(title: str, outcomes: tuple[Outcome, ...], *, pdf: bool = True) -> str:
    """Returns the index as one HTML file without script or network."""
    count = {state: sum(one.state == state for one in outcomes) for state in ("done", "failed", "waiting")}
    return (
        page_environment()
        .get_template("pack_index.html.j2")
        .render(
            title=title,
            outcomes=outcomes,
            count=count,
            of=len(outcomes),
            page=rendering.PAGE,
            pdf=rendering.PDF if pdf else "",
            software=f"sampling {__version__}",
        )
    )


def write(out: Path, title: str, outcomes: tuple[Outcome, ...], *, pdf: bool = True) -> None:
    """Writes the index, whole."""
    write_whole(out / INDEX, page(title, outcomes, pdf=pdf).encode("utf-8"))
