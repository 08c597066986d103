"""What a report on agreement must tell: the 15 items of GRRAS (Kottner and others 2011, Journal of Clinical Epidemiology 64: 96-106).

The items are worded for this toolkit. What is recorded is handed in by number; what is not is listed in words, never made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sampling.evidence.results import counted

ITEMS: dict[int, str] = {
    1: "the title says that agreement or reliability was studied",
    2: "the rubric by name and version, with its anchors",
    3: "which cases it is used for",
    4: "who the raters are, and their training with the rubric",
    5: "what is known already about agreement with this rubric, and why this study",
    6: "how the numbers of cases, raters and repeated ratings were chosen",
    7: "how cases and raters were sampled",
    8: "how the rating was done: blinding, order, time between ratings, what was at hand",
    9: "whether the ratings were independent of each other",
    10: "the statistics, with weights, missing ratings and how intervals were made",
    11: "how many cases and raters took part, and how many ratings each gave",
    12: "what the raters and the cases were like",
    13: "the estimates, each with its uncertainty",
    14: "what the figures mean for practice",
    15: "the detailed results: the table of raters by cases, under aliases",
}


@dataclass(frozen=True)
class Grras:
    """The items with what is recorded of each, those missing, and a sentence."""

    recorded: tuple[tuple[int, str, str], ...]
    missing: tuple[tuple[int, str], ...]
    sentence: str


def grras(recorded: Mapping[int, str]) -> Grras:
    """Returns the 15 items: number, item and what is recorded, and those of which nothing is (an empty text counts as nothing).

    >>> grras({2: "escalation_rationale v2"}).missing[0]
    (1, 'the title says that agreement or reliability was studied')
    """
    texts = {number: recorded.get(number, "").strip() for number in ITEMS}
    missing = tuple((number, ITEMS[number]) for number, text in texts.items() if not text)
    sentence = (
        f"All {len(ITEMS)} GRRAS items are recorded."
        if not missing
        else f"{len(ITEMS) - len(missing)} of {counted(len(ITEMS), 'GRRAS item')} are recorded. Missing: "
        + "; ".join(f"{number}, {item}" for number, item in missing)
        + "."
    )
    return Grras(tuple((number, ITEMS[number], text) for number, text in texts.items() if text), missing, sentence)
