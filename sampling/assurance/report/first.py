"""The first words of a report: what is well, what is not, what nobody can tell, each a sentence with its number. No grade is inferred.

"Well" and "not well" follow from the service's own rules alone: what fell due was done in time, what was agreed reached the record, a
pattern's rule is met or not, a response is late or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sampling.assurance.coverage import Line
from sampling.assurance.report.audited import the_verdict
from sampling.assurance.report.found import Assurance
from sampling.assurance.report.parts import share
from sampling.assurance.report.seen import running
from sampling.assurance.report.tracker import drawn_discussed, undiscussed
from sampling.page.words import counted


@dataclass(frozen=True)
class FirstWords:
    """The three lists, the gravest first, and one sentence that says how many there are of each."""

    well: tuple[str, ...]
    not_well: tuple[str, ...]
    untold: tuple[str, ...]

    @property
    def answer(self) -> str:
        """Returns the sentence above the lists."""
        return (
            f"As it should be: {len(self.well)}. Not so: {len(self.not_well)}. Nobody can tell: {len(self.untold)}. Each stands below with its "
            "number."
        )


def first_words(found: Assurance) -> FirstWords:
    """Returns what stands first in the governance edition. What sources lack is one sentence here, and a list at the end of the page."""
    said = [
        *_coverage(found),
        *_discussed(found),
        *_actions(found),
        *_patterns(found),
        *_audit(found),
        *_brought(found),
    ]
    well, bad, open_ = (tuple(words for kind, words in said if kind == which) for which in ("well", "not", "untold"))
    more = lacking(found)
    rest = (f"{counted(len(more), 'more question')} the sources cannot answer: they are listed under “What cannot be told”.",) if more else ()  # fmt: skip
    return FirstWords(well, bad, (*open_, *rest))


def untold(found: Assurance) -> tuple[str, ...]:
    """Returns what nobody can tell, each sentence once: what sources lack, what was not brought, what rules could not look at."""
    return tuple(dict.fromkeys([*lacking(found), *found.effect.absent]))


def lacking(found: Assurance) -> tuple[str, ...]:
    """Returns what draws, journal and extract cannot tell, each sentence once."""
    looked = [f"{one.rule.title}: {one.cannot}" for one in found.patterns.looked if one.cannot]
    thin = sum(one.thin for one in found.patterns.looked)
    few = [f"In {counted(thin, 'place')} there were too few cases to say whether a pattern stands."] if thin else []
    return tuple(dict.fromkeys([*found.material.untold, *found.coverage.untold, *looked, *few]))


def _coverage(found: Assurance) -> Iterator[tuple[str, str]]:
    for one in sorted((one for one in found.coverage.lines if one.tally.due), key=_gravity):
        counts = one.tally
        if counts.in_time == counts.due:
            yield "well", f"{one.words}, {one.threshold}: all {counts.due} that fell due were done in time."
        else:
            yield "not", f"{one.words}, {one.threshold}: {counts.words}."


def _gravity(one: Line) -> tuple[bool, int]:
    return one.threshold != "floor", -(one.tally.due - one.tally.in_time)


def _discussed(found: Assurance) -> Iterator[tuple[str, str]]:
    whole, discussed = drawn_discussed(found)
    if whole:
        yield (
            "well" if discussed == whole else "not",
            f"Drawn cases: {share(discussed, whole)} were discussed in a session.",
        )
    missed, never, held = undiscussed(found)
    if held:
        yield (
            "not" if missed else "well",
            (
                f"Open cases: {share(missed, held)} were not discussed in a formal one-to-one, {never} of them never since records begin."
            ),
        )


def _actions(found: Assurance) -> Iterator[tuple[str, str]]:
    every, record = found.log.all, found.record.all
    if not every.raised:
        yield (
            "untold",
            "No action was raised from the draws of these months, so whether actions are followed up cannot be said.",
        )
        return
    yield (
        "not" if every.overdue else "well",
        f"Actions: {every.overdue} of {every.raised} are overdue, {every.done} done.",
    )
    if record.told:
        reached = record.agree + record.only_found
        kind = "well" if reached == record.told else "not"
        yield (
            kind,
            f"Risk actions: {share(reached, record.told)} that can be told were found in the record by their review date.",
        )
    if record.cannot_tell:
        yield (
            "untold",
            f"Of {counted(record.cannot_tell, 'risk action')} nobody can tell whether they reached the record.",
        )


def _patterns(found: Assurance) -> Iterator[tuple[str, str]]:
    late = {one.pattern for one in found.answered if one.late}
    for rule in found.pattern_policy.rules:
        mine = [one for one in running(found) if one.rule.id == rule.id]
        teams = len({one.scope.team for one in mine} - {""})
        where = [
            *(["the service"] if any(not one.scope.team for one in mine) else []),
            *([counted(teams, "team")] if teams else []),
        ]
        silent = sum(one.id in late for one in mine)
        answer = f", {silent} without a response though its day has passed" if silent else ""
        if mine:
            yield "not", f"{rule.title}: {counted(len(mine), 'pattern')} in {' and '.join(where)}{answer}."
    stands = running(found)
    if stands and not late:
        yield "well", f"Leaders' responses: none is late, of {counted(len(stands), 'pattern')}."


def _brought(found: Assurance) -> Iterator[tuple[str, str]]:
    if found.effect.absent:
        yield (
            "untold",
            f"{counted(len(found.effect.absent), 'file')} of the review of effect {'was' if len(found.effect.absent) == 1 else 'were'} not brought, so what staff, incidents, indicators or partners say is not known in full.",
        )


def _audit(found: Assurance) -> Iterator[tuple[str, str]]:
    said = the_verdict(found)
    if said is None:
        yield "untold", str(found.audit)
    else:
        yield {"improved": "well", "worse": "not"}.get(said.kind, "untold"), said.answer
