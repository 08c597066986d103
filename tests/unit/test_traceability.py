"""docs/traceability.md against the program: every row of the founding texts once, what it points to exists, and what is missing is said."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "traceability.md"
ROWS_OF_TEXTS = {"A": 25, "B": 14, "C": 13, "D": 18, "E": 9}
STATES = ("met", "in part", "not yet")


def rows() -> list[list[str]]:
    """Returns the cells of each row of the table."""
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if re.match(r"\| [A-E]\d", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_each_row_of_the_founding_texts_stands_there_once() -> None:
    wanted = [f"{text}{number}" for text, count in ROWS_OF_TEXTS.items() for number in range(1, count + 1)]
    assert [row[0] for row in rows()] == wanted
    assert all(len(row) == 6 and row[1] for row in rows())


def test_what_is_met_points_to_something_and_what_is_not_says_why() -> None:
    for name, _, has, where, state, missing in rows():
        assert state in STATES, name
        target = re.fullmatch(r"\[([^\]]+)\]\(\.\./([^)]+)\)", where)
        assert (target is not None and target[1] == target[2] and (ROOT / target[1]).exists()) == (
            state != "not yet"
        ), name
        assert bool(has) == (state != "not yet") and bool(missing) == (state != "met"), name


def test_the_sentence_above_counts_them() -> None:
    counts = Counter(row[4] for row in rows())
    sentence = (
        f"Of {len(rows())} rows {counts['met']} are met, {counts['in part']} in part, and {counts['not yet']} not yet"
    )
    assert sentence in TABLE.read_text(encoding="utf-8")
