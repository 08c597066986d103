"""What a report on agreement must tell: the 15 items of GRRAS (Kottner and others 2011, Journal of Clinical Epidemiology 64: 96-106).

The items are worded for this toolkit. A report says where each is answered, and lists in words what nobody wrote down.
"""

from __future__ import annotations

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
