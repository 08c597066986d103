"""Draws docs/pictures/cycle.svg, the monthly cycle: six boxes in order, with a title and a description for those who cannot see it."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
TITLE = "The monthly cycle"
DESCRIPTION = (
    "Six steps in a row. One, check: the extract is read and every fault is listed. Two, freeze: the sampling frame and the exclusions "
    "are fixed. Three, commit: one digest of all that was frozen is published. Four, randomness: a public pulse, two parties or dice. "
    "Five, draw: two high-volatility cases for each practitioner. Six, verify: anyone recomputes it from the share folder. Outsiders see steps three, four and six. An arrow leads "
    "back from the last step to the first: next month. A line below says that supervision itself, scoring and follow-up are not yet part "
    "of the program."
)
STEPS = (
    ("1 Check", ("every fault of the", "extract, with its row")),
    ("2 Freeze", ("who may be drawn,", "who may not and why")),
    ("3 Commit", ("publish one digest", "of all that is frozen")),
    ("4 Randomness", ("a public pulse, two", "parties, or dice")),
    ("5 Draw", ("two cases for each", "practitioner")),
    ("6 Verify", ("anyone recomputes", "it, without a name")),
)
BOX, GAP, TOP, HEIGHT, MARGIN = 168, 28, 56, 126, 16
SEEN_OUTSIDE = ("Commit", "Randomness", "Verify")
WIDTH = 2 * MARGIN + len(STEPS) * BOX + (len(STEPS) - 1) * GAP
# Dark text on near-white, 12:1 and more; nothing is told by colour alone.
INK, PAPER, EDGE, PUBLIC = "#1a2733", "#f5f8fa", "#33556e", "#e3f0e6"


def text(x: int, y: int, words: str, *, size: int = 15, weight: str = "400") -> str:
    """Returns one line of text, centred on x."""
    return f'  <text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" text-anchor="middle" fill="{INK}">{escape(words)}</text>'


def box(position: int) -> list[str]:
    """Returns one step: its box, its name and what it does, and the arrow to the next."""
    name, lines = STEPS[position]
    x = MARGIN + position * (BOX + GAP)
    middle = x + BOX // 2
    fill = PUBLIC if name[2:] in SEEN_OUTSIDE else PAPER
    drawn = [
        f'  <rect x="{x}" y="{TOP}" width="{BOX}" height="{HEIGHT}" rx="8" fill="{fill}" stroke="{EDGE}" stroke-width="2"/>'
    ]
    drawn.append(text(middle, TOP + 34, name, size=18, weight="700"))
    drawn += [text(middle, TOP + 62 + 20 * line, words) for line, words in enumerate(lines)]
    if name[2:] in SEEN_OUTSIDE:
        drawn.append(text(middle, TOP + HEIGHT - 14, "outsiders see this", size=13, weight="700"))
    if position < len(STEPS) - 1:
        drawn.append(
            f'  <path d="M{x + BOX + 3} {TOP + HEIGHT // 2} h{GAP - 10}" stroke="{EDGE}" stroke-width="2" marker-end="url(#arrow)"/>'
        )
    return drawn


def cycle() -> str:
    """Returns the picture as SVG."""
    first, last = MARGIN + BOX // 2, WIDTH - MARGIN - BOX // 2
    below = TOP + HEIGHT
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {below + 96}" role="img" aria-labelledby="title description" '
        'font-family="Arial, Helvetica, sans-serif">',
        f'  <title id="title">{escape(TITLE)}</title>',
        f'  <desc id="description">{escape(DESCRIPTION)}</desc>',
        f'  <defs><marker id="arrow" markerWidth="9" markerHeight="8" refX="7" refY="4" orient="auto"><path d="M0 0 L9 4 L0 8 z" fill="{EDGE}"/></marker></defs>',
        f'  <rect width="{WIDTH}" height="{below + 96}" fill="#ffffff"/>',
        text(WIDTH // 2, 32, "Each month, for each practitioner", size=17),
    ]
    for position in range(len(STEPS)):
        lines += box(position)
    lines.append(
        f'  <path d="M{last} {below + 4} v26 H{first} v-22" fill="none" stroke="{EDGE}" stroke-width="2" marker-end="url(#arrow)"/>'
    )
    lines.append(text(WIDTH // 2, below + 52, "next month"))
    lines.append(
        text(
            WIDTH // 2,
            below + 80,
            "Not yet part of the program: scoring by rubric, follow-up of actions, evidence over time",
        )
    )
    return "\n".join([*lines, "</svg>", ""])


def main() -> None:
    """Writes the picture."""
    target = ROOT / "docs" / "pictures" / "cycle.svg"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(cycle(), encoding="utf-8")


if __name__ == "__main__":
    main()
