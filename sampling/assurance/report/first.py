"""The first words of a report: what is well, what is so but for a few, what is not, what nobody can tell, each with its number.

No grade is inferred: the lists follow from the service's own rules alone, and from NEARLY (docs/assurance.md). A sentence is one topic, so that
a list is never longer than the topics, which stand with the gravest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sampling.assurance.patterns import Pattern
from sampling.assurance.patterns_policy import PatternRule
from sampling.assurance.report.audited import the_verdict
from sampling.assurance.report.found import Assurance
from sampling.assurance.report.lines import ServiceLine, service_lines
from sampling.assurance.report.parts import FEWEST_FOR_PER_CENT, share
from sampling.assurance.report.seen import running
from sampling.assurance.report.tracker import drawn_discussed, undiscussed
from sampling.assurance.rules import RULES, SESSION_RULES
from sampling.page.words import capital, counted

Standing = Literal["well", "nearly", "not", "untold"]
NEARLY = (95, 100)  # our choice: of 20 or more, so many of a hundred done is "but for a few"
MEETINGS = (
    *SESSION_RULES,
    "agreed_session",
    "professional",
    "personal",
)  # rules of formal one-to-ones, whatever is covered in them
OF_SESSIONS, OF_CASES = "Formal supervision", "Case discussed"
ABOUT_RISK = ("missed_escalation", "out_of_hours")  # rules whose patterns stand before the others


@dataclass(frozen=True)
class Said:
    """One thing that is said: its topic, how it stands, and the words after the topic's."""

    topic: str
    standing: Standing
    words: str


@dataclass(frozen=True)
class FirstWords:
    """The four lists, the gravest first, and one sentence that says how many there are of each."""

    well: tuple[str, ...]
    nearly: tuple[str, ...]
    not_well: tuple[str, ...]
    untold: tuple[str, ...]

    @property
    def answer(self) -> str:
        """Returns the sentence above the lists: how many points stand in each."""
        few = f"So but for a few: {len(self.nearly)}. " if self.nearly else ""
        return f"As it should be: {len(self.well)}. {few}Not so: {len(self.not_well)}. Nobody can tell: {len(self.untold)}. Each stands below with its number."


def first_words(found: Assurance) -> FirstWords:
    """Returns what stands first in the editions that stay inside. What sources lack is one sentence here, and a list at the end of the page."""
    said = [
        *_record(found), *_patterns(found, about_risk=True), *_overdue(found), *_coverage(found), *_patterns(found, about_risk=False),
        *_discussed(found), *_audit(found), *_brought(found),
    ]  # fmt: skip
    more = lacking(found)
    rest = (f"{counted(len(more), 'more question')} the sources cannot answer: they are listed under “What cannot be told”.",) if more else ()  # fmt: skip
    return FirstWords(_list(said, "well"), _list(said, "nearly"), _list(said, "not"), (*_list(said, "untold"), *rest))


def _list(said: Iterable[Said], standing: Standing) -> tuple[str, ...]:
    """Returns a sentence each topic."""
    topics: dict[str, list[str]] = {}
    for one in said:
        if one.standing == standing:
            topics.setdefault(one.topic, []).append(one.words)
    return tuple(_sentence(topic, words) for topic, words in topics.items())


def _sentence(topic: str, words: Sequence[str]) -> str:
    text = "; ".join(one.removesuffix(".") for one in words)  # some are whole sentences of other pages
    return f"{topic}: {text}." if topic else f"{text}."


def _so(part: int, whole: int) -> Standing:
    """Returns how a share that should be whole stands."""
    if part == whole:
        return "well"
    least, of = NEARLY
    return "nearly" if whole >= FEWEST_FOR_PER_CENT and part * of >= least * whole else "not"


def untold(found: Assurance) -> tuple[str, ...]:
    """Returns what nobody can tell, each sentence once: what sources lack, what was not brought, what rules could not look at."""
    return tuple(dict.fromkeys([*lacking(found), *found.effect.absent]))


def lacking(found: Assurance) -> tuple[str, ...]:
    """Returns what draws, journal and extract cannot tell, each sentence once."""
    looked = [f"{one.rule.title}: {one.cannot}" for one in found.patterns.looked if one.cannot]
    thin = sum(one.thin for one in found.patterns.looked)
    few = [f"In {counted(thin, 'place')} there were too few cases to say whether a pattern stands."] if thin else []
    return tuple(dict.fromkeys([*found.material.untold, *found.coverage.untold, *looked, *few]))


def _coverage(found: Assurance) -> Iterator[Said]:
    for one in sorted((one for one in service_lines(found) if one.tally.due), key=_gravity):
        counts = one.tally
        late = counts.late_with_reason + counts.late_without_reason
        missed = f", {late} late, {counts.not_done} not done" if late + counts.not_done else ""
        subject = RULES[one.rule].subject
        topic = OF_SESSIONS if one.rule in MEETINGS else OF_CASES if subject == "case" else "What else fell due"
        what = one.words.removeprefix(OF_CASES).strip() if subject == "case" else one.words
        words = f"{what[:1].lower()}{what[1:]} ({one.threshold}), {share(counts.in_time, counts.due)} in time{missed}"
        yield Said(topic, _so(counts.in_time, counts.due), words)


def _gravity(one: ServiceLine) -> tuple[bool, bool, int]:
    return one.rule not in MEETINGS, one.threshold != "floor", -(one.tally.due - one.tally.in_time)


def _discussed(found: Assurance) -> Iterator[Said]:
    topic = "Cases"
    missed, never, held = undiscussed(found)
    if held:
        ever = f", {never} of them never since records begin" if never else ""
        words = f"{share(missed, held)} open ones were not discussed in a formal one-to-one{ever}"
        yield Said(topic, _so(held - missed, held), words)
    whole, discussed = drawn_discussed(found)
    if whole:
        yield Said(topic, _so(discussed, whole), f"{share(discussed, whole)} drawn ones were discussed in a session")


def _overdue(found: Assurance) -> Iterator[Said]:
    every = found.log.all
    if not every.raised:
        yield Said(
            "",
            "untold",
            "No action was raised from the draws of these months, so whether actions are followed up cannot be said.",
        )
        return
    words = f"{share(every.overdue, every.raised)} are overdue, {every.done} done"
    yield Said("Actions", _so(every.raised - every.overdue, every.raised), words)


def _record(found: Assurance) -> Iterator[Said]:
    record = found.record.all
    if record.told:
        reached = record.agree + record.only_found
        words = f"{share(reached, record.told)} that can be told were found in the record by their review date"
        yield Said("Risk actions", _so(reached, record.told), words)
    if record.cannot_tell:
        yield Said("Risk actions", "untold", f"of {record.cannot_tell} nobody can tell whether they reached the record")


def _patterns(found: Assurance, *, about_risk: bool) -> Iterator[Said]:
    rules = [one for one in found.pattern_policy.rules if (one.id in ABOUT_RISK) is about_risk]
    stands = running(found)
    mine = [(rule, [one for one in stands if one.rule.id == rule.id]) for rule in rules]
    for rule, patterns in mine:
        if patterns:
            yield Said(
                "Patterns about risk" if about_risk else "Other patterns", "not", _pattern(found, rule, patterns)
            )
    if stands and not about_risk and not any(one.late for one in found.answered):
        yield Said("Leaders' responses", "well", f"none is late, of {counted(len(stands), 'pattern')}")


def _pattern(found: Assurance, rule: PatternRule, mine: Sequence[Pattern]) -> str:
    late = {one.pattern for one in found.answered if one.late}
    teams = len({one.scope.team for one in mine} - {""})
    where = [
        *(["the service"] if any(not one.scope.team for one in mine) else []),
        *([counted(teams, "team")] if teams else []),
    ]
    silent = sum(one.id in late for one in mine)
    answer = f", {silent} without a response by its day" if silent else ""
    return f"{rule.title[:1].lower()}{rule.title[1:]}, {counted(len(mine), 'pattern')} in {' and '.join(where)}{answer}"


def _brought(found: Assurance) -> Iterator[Said]:
    absent = len(found.effect.absent)
    if absent:
        were = "was" if absent == 1 else "were"
        words = f"{counted(absent, 'file')} of the review of effect {were} not brought, so what staff, incidents, indicators or partners say is not known in full."
        yield Said("", "untold", capital(words))


def _audit(found: Assurance) -> Iterator[Said]:
    said = the_verdict(found)
    if said is None:
        yield Said("", "untold", str(found.audit))
    else:
        standing: dict[str, Standing] = {"improved": "well", "worse": "not"}
        yield Said("", standing.get(said.kind, "untold"), said.answer)
