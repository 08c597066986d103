"""What fell due in the service, by rule, for a page that others than the pair read: no line rests on one supervisee alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sampling.assurance.coverage import Line
from sampling.assurance.coverage_counts import Tally, tally
from sampling.assurance.intervals import Due
from sampling.assurance.report.found import Assurance
from sampling.assurance.rules import ORDER, RULES, SESSION_RULES, Threshold

FEWEST_PEOPLE = 2  # as for a team (docs/coverage.md): a line of one supervisee is that pair's
# Their sum stands on the page, so that one of them left out could be subtracted.
OF_SESSIONS = (*SESSION_RULES, "agreed_session")
TOGETHER = "Formal one-to-one, whichever interval"


@dataclass(frozen=True)
class ServiceLine:
    """One rule at one threshold, with the intervals and rows of what fell due by it."""

    rule: str
    threshold: Threshold
    words: str
    tally: Tally
    interval: str
    row: str


def service_lines(found: Assurance) -> tuple[ServiceLine, ...]:
    """Returns a line each rule and threshold. Rules for formal one-to-ones go together where one of them is about one supervisee alone;
    any other line of one supervisee is left out.
    """
    lines = found.coverage.lines
    alone = {(one.rule, one.threshold) for one in lines if _is_alone(_dues(found, [one]), one.rule)}
    shown = []
    for one in lines:
        mine = [one]
        if one.rule in OF_SESSIONS and any((rule, one.threshold) in alone for rule in OF_SESSIONS):
            mine = [other for other in lines if other.rule in OF_SESSIONS and other.threshold == one.threshold]
        if one is mine[0] and not _is_alone(dues := _dues(found, mine), one.rule):
            shown.append(_line(mine, dues))
    return tuple(shown)


def left_out(found: Assurance) -> str:
    """Returns the sentence under the table where a rule has no line of its own, "" where each has one."""
    shown = service_lines(found)
    here = {(one.rule, one.threshold) for one in shown}
    here |= {(rule, one.threshold) for one in shown if one.words == TOGETHER for rule in OF_SESSIONS}
    gone = [one for one in found.coverage.lines if (one.rule, one.threshold) not in here]
    words = dict.fromkeys(one.words for one in sorted(gone, key=lambda one: ORDER[one.rule]))
    if not words:
        return ""
    return f"About one supervisee alone, and so without a line of their own here: {'; '.join(words)}."


def _dues(found: Assurance, lines: Sequence[Line]) -> list[Due]:
    keys = {(one.rule, one.threshold) for one in lines}
    return [due for due in found.dues if (due.rule, due.threshold) in keys]


def _is_alone(dues: Sequence[Due], rule: str) -> bool:
    return RULES[rule].subject == "person" and 0 < len({due.subject for due in dues}) < FEWEST_PEOPLE


def _line(lines: Sequence[Line], dues: Sequence[Due]) -> ServiceLine:
    first = lines[0]
    interval, row = ("; ".join(dict.fromkeys(getattr(due, name) for due in dues)) for name in ("interval", "row"))
    if len(lines) == 1:
        return ServiceLine(first.rule, first.threshold, first.words, first.tally, interval, row)
    return ServiceLine(first.rule, first.threshold, TOGETHER, tally(dues), interval, row)
