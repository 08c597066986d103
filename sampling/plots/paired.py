"""The same cases scored twice: how many went from which level to which. Repair, never improvement."""

from __future__ import annotations

from collections.abc import Sequence

from sampling.plots.drawing import BLUE, GREY, INK, ORANGE, SOFT, Drawing, Scale
from sampling.plots.figure import Figure

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 360, 170, 170, 40, 46
LEVELS = 4


def paired_chart(
    table: Sequence[Sequence[int]], *, name: str, finding: str, basis: str, method: str, notes: Sequence[str] = ()
) -> Figure:
    """Returns the figure of a 4x4 table, rows before and columns after: a line a way, as thick as it has cases, its number beside it."""
    total = sum(map(sum, table))
    better = sum(table[a][b] for a in range(LEVELS) for b in range(LEVELS) if b > a)
    worse = sum(table[a][b] for a in range(LEVELS) for b in range(LEVELS) if b < a)
    return Figure(
        name=name,
        finding=finding,
        basis=basis,
        method=method,
        words=f"Lines from the level before to the level after. {finding}. Of {total}, {better} improved, {total - better - worse} are "
        f"unchanged and {worse} worsened.",
        columns=("Level before", *(f"After: level {after}" for after in range(LEVELS))),
        rows=tuple((f"Level {before}", *(str(count) for count in row)) for before, row in enumerate(table)),
        svg=_svg(table) if total else "",
        notes=tuple(notes),
        refusal="" if total else "No case was scored twice yet.",
    )


def _svg(table: Sequence[Sequence[int]]) -> str:
    drawing = Drawing(WIDTH, HEIGHT)
    up = Scale(0, LEVELS - 1, HEIGHT - BOTTOM, TOP)
    most = max(max(row) for row in table)
    left, right = LEFT, WIDTH - RIGHT
    for kind in ("same", "worse", "better"):  # what changed lies on top
        for before, row in enumerate(table):
            for after, count in enumerate(row):
                if not count or kind != ("same" if before == after else "better" if after > before else "worse"):
                    continue
                colour = {"same": GREY, "worse": ORANGE, "better": BLUE}[kind]
                width = 1.5 + 9 * count / most
                drawing.line(
                    left,
                    up(before),
                    right,
                    up(after),
                    colour=colour,
                    width=width,
                    dash="9 5" if kind == "worse" else "",
                )
    for level in range(LEVELS):
        for x, anchor, count in (
            (left - 14, "end", sum(table[level])),
            (right + 14, "start", sum(row[level] for row in table)),
        ):
            drawing.text(x, up(level) + 5, f"level {level}: {count}", anchor=anchor, bold=True)
        for x in (left, right):
            drawing.circle(x, up(level), 5, fill=INK)
    drawing.text(left, TOP - 20, "before", anchor="middle", colour=SOFT)
    drawing.text(right, TOP - 20, "after", anchor="middle", colour=SOFT)
    for x, colour, dash, words in (
        (40, BLUE, "", "improved"), (190, GREY, "", "unchanged"), (350, ORANGE, "9 5", "worsened")
    ):  # fmt: skip
        drawing.line(x, HEIGHT - 12, x + 36, HEIGHT - 12, colour=colour, width=5, dash=dash)
        drawing.text(x + 44, HEIGHT - 7, words)
    return drawing.svg()
