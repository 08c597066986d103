"""A funnel: each unit's share against its number of cases, with limits. Units are not ranked, and nothing but the limits is a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sampling.plots.drawing import BLUE, GREY, INK, LINE, ORANGE, PAPER, SOFT, Drawing, Scale, ticks
from sampling.plots.figure import Figure
from sampling.plots.intervals import percent

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 400, 64, 150, 20, 70
FEWEST_UNITS = 5


@dataclass(frozen=True)
class Unit:
    """A team or an alias, with its cases and the share of them at the standard. `outside` is "", "95%" or "99.8%"."""

    name: str
    n: int
    share: float
    outside: str = ""


@dataclass(frozen=True)
class Limit:
    """The limits at one number of cases: 95% and 99.8%, lower and upper."""

    n: int
    low95: float
    high95: float
    low998: float
    high998: float


def funnel_chart(
    units: Sequence[Unit],
    limits: Sequence[Limit],
    centre: float,
    *,
    name: str,
    finding: str,
    basis: str,
    method: str,
    notes: Sequence[str] = (),
) -> Figure:
    """Returns the figure, units in order of name. With fewer than five units there is no picture, and it says so."""
    ordered = sorted(units, key=lambda unit: unit.name)
    outside = [unit for unit in ordered if unit.outside]
    words = (
        "; ".join(f"{unit.name}, outside the {unit.outside} limits" for unit in outside)
        or "no unit is outside its limits"
    )
    few = len(ordered) < FEWEST_UNITS
    return Figure(
        name=name,
        finding=finding,
        basis=basis,
        method=method,
        words=f"Funnel plot of {len(ordered)} units around {percent(centre)}. {finding}. {words}.",
        columns=("Unit", "Cases", "At the standard", "Outside the limits"),
        rows=tuple((unit.name, str(unit.n), percent(unit.share), unit.outside or "no") for unit in ordered),
        svg="" if few else _svg(ordered, limits, centre),
        notes=tuple(notes),
        refusal=f"A funnel is not drawn under {FEWEST_UNITS} units." if few else "",
    )


def _svg(units: Sequence[Unit], limits: Sequence[Limit], centre: float) -> str:
    drawing = Drawing(WIDTH, HEIGHT)
    most = max(*(unit.n for unit in units), *(limit.n for limit in limits))
    across, up = Scale(0, most, LEFT, WIDTH - RIGHT), Scale(0, 1, HEIGHT - BOTTOM, TOP)
    for tick in ticks(0, 1):
        drawing.line(LEFT, up(tick), WIDTH - RIGHT, up(tick), colour=LINE)
        drawing.text(LEFT - 8, up(tick) + 5, percent(tick), anchor="end", colour=SOFT)
    for tick in ticks(0, most):
        if tick <= most:
            drawing.text(across(tick), HEIGHT - BOTTOM + 18, f"{tick:.0f}", anchor="middle", colour=SOFT, size=12)
    drawing.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 38, "Cases", anchor="middle", colour=SOFT)
    drawing.line(LEFT, up(centre), WIDTH - RIGHT, up(centre), width=1.5)
    drawing.text(WIDTH - RIGHT + 8, up(centre) + 5, f"all units {percent(centre)}", size=12.5)
    for low, high, dash, label in (("low95", "high95", "5 4", "95%"), ("low998", "high998", "", "99.8%")):
        for field in (low, high):
            points = [(across(limit.n), up(getattr(limit, field))) for limit in limits]
            drawing.polyline(points, colour=SOFT, dash=dash)
            if field == high and points:
                drawing.text(points[-1][0] + 8, points[-1][1] + 5, f"{label} limit", colour=SOFT, size=12)
    for unit in units:
        x, y = across(unit.n), up(unit.share)
        if unit.outside:
            drawing.rect(x - 6, y - 6, 12, 12, fill=ORANGE if unit.share < centre else BLUE, stroke=INK)
            drawing.text(x + 10, y - 8, unit.name, size=12.5, bold=True)
        else:
            drawing.circle(x, y, 5.5, fill=GREY, stroke=PAPER)
    drawing.circle(LEFT + 12, HEIGHT - 17, 5.5, fill=GREY, stroke=PAPER)
    drawing.text(LEFT + 24, HEIGHT - 12, "inside the limits")
    drawing.rect(LEFT + 160, HEIGHT - 23, 12, 12, fill=PAPER, stroke=INK)
    drawing.text(LEFT + 180, HEIGHT - 12, "outside, named")
    return drawing.svg()
