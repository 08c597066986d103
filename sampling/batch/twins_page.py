"""The page on which the twins begin: what the report of each says beside what is true, and where the reports are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from sampling import __version__
from sampling.batch.rendering import PAGE
from sampling.batch.twins import CHANGED, NAMES, Beside, Told, Twins
from sampling.quality import page_environment
from sampling.storage import write_whole

INDEX = "index.html"


def write_page(twins: Twins) -> Path:
    """Returns the page of the twins, after writing it; the same twins give the same bytes."""
    path = twins.order.out / INDEX
    write_whole(path, html(twins).encode("utf-8"))
    return path


def html(twins: Twins) -> str:
    """Returns the page as one HTML file without script or network."""
    order, changed = twins.order, twins.order.years(CHANGED)
    start = f"{date.fromisoformat(changed.changed_from + '-01'):%B %Y}"
    return (
        page_environment()
        .get_template("twins.html.j2")
        .render(
            title=title(twins.told),
            start=start,
            facts=(
                ("Months", str(order.months)),
                ("Change of practice", start),
                ("First ratings signed, each", " and ".join(sorted({f"{one.signed:,}" for one in twins.told}))),
                ("Seed", str(order.seed)),
            ),
            sides=[
                {
                    "name": NAMES[told.name],
                    "told": told,
                    "said": said(told),
                    "index": result.page.relative_to(order.out).as_posix(),
                    "report": (result.page.parent / result.outcomes[0].folder / PAGE).relative_to(order.out).as_posix(),
                }
                for told, result in zip(twins.told, twins.packs, strict=True)
            ],
            rows=list(_rows(twins.told)),
            software=f"sampling {__version__}",
        )
    )


def title(told: tuple[Told, ...]) -> str:
    """Returns the finding: whether both reports are right."""
    if all(one.is_right for one in told):
        return "The reports find the change, and none in the twin"
    return "Not every report is right here: what each found, beside what is true"


def said(told: Told) -> str:
    """Returns in a sentence how the headline of a report stands to the truth."""
    one = told.headline
    if one.low is None or one.high is None:
        return f"In truth the level changed by {one.true:+.2f}; the report gives no interval."
    place = (
        "within the report's interval"
        if one.holds
        else "outside the report's interval, as one in twenty is expected to be"
    )
    return f"In truth the level changed by {one.true:+.2f}: {place}."


def _rows(told: tuple[Told, ...]) -> Iterator[tuple[str, ...]]:
    for place, one in enumerate(told[0].criteria):
        cells = [text for side in told for text in _cells(side.criteria[place])]
        touched = "no" if place == len(told[0].criteria) - 1 else "yes"
        yield (one.title, touched, *cells)


def _cells(one: Beside) -> tuple[str, str]:
    """Returns what was found, with its interval, and what is true, in percentage points."""
    if one.found is None or one.low is None or one.high is None:
        return "cannot say", _points(one.true)
    return f"{_points(one.found)} ({_points(one.low)} to {_points(one.high)})", _points(one.true)


def _points(share: float) -> str:
    return f"{points:+d}" if (points := round(100 * share)) else "0"
