"""The tests that oversight puts to supervision, each answered by what the data show, what they do not, and where each number is from.

Governance has the four of what "oversight bodies typically test", a commissioner and an inspector those of their own expectations
(supervision models article, seed A; rows A2, A23, A24). No grade is inferred.
"""

from __future__ import annotations

from dataclasses import dataclass

from sampling.assurance.coverage import AGENDA
from sampling.assurance.report import audited, seen, tracker
from sampling.assurance.report.found import Assurance
from sampling.assurance.report.lines import service_lines
from sampling.assurance.report.parts import Block, Fold, Part, share
from sampling.assurance.rules import SESSION_RULES
from sampling.page.words import counted, day_of
from sampling.reporting.analysis import Analysis
from sampling.reporting.tables import Table
from sampling.scoring.rules.session_rules import AGENDA as AGENDA_WORDS

RISK_ITEMS = ("safeguarding_indicators", "escalation_use")
WHERE = "The numbers behind the answer, and where each is from"
JOURNAL, EXTRACT, DRAWS = "journal of supervision and scoring", "extract of the record", "draws and their scores"


@dataclass(frozen=True)
class Number:
    """A number of an answer, with what it is of and where it is from."""

    what: str
    value: str
    source: str


@dataclass(frozen=True)
class Tested:
    """One test: the question, its answer as a finding, the numbers behind it, and what they do not show."""

    id: str
    question: str
    answer: str
    numbers: tuple[Number, ...]
    shows_not: tuple[str, ...]

    @property
    def block(self) -> Block:
        """Returns it as a part of the page: the question as heading, the answer right under it."""
        rows = tuple((one.what, one.value, one.source) for one in self.numbers)
        table = Table(self.id, f"Where the answer is from: {self.question.lower()}", ("What", "Number", "From"), rows)
        said = tuple(f"It does not show: {words}" for words in self.shows_not)
        return Block(self.question, (self.answer,), items=said, folds=(Fold(WHERE, tables=(table,)),))


def governance(found: Assurance) -> Part:
    """Returns the four tests of oversight (row A2)."""
    every = (risk_focus(found), clear_actions(found), consistent(found), early_sight(found))
    return Part("The four tests of oversight", tuple(one.block for one in every))


def risk_focus(found: Assurance) -> Tested:
    """Returns whether supervision looks at risk and safeguarding, and not at workload alone."""
    balance = found.coverage.balance
    numbers = [
        Number(
            f"Formal one-to-ones that covered: {AGENDA_WORDS[item][0].lower()}",
            share(balance.agenda[item], balance.formal),
            JOURNAL,
        )
        for item in AGENDA
    ]
    whole, discussed = tracker.drawn_discussed(found)
    numbers.append(Number("Drawn cases discussed in a session", share(discussed, whole), f"{DRAWS}; {JOURNAL}"))
    risk = sum(one.raised for one in found.record.by_kind)
    numbers.append(Number("Actions about risk, of all raised", share(risk, found.log.all.raised), JOURNAL))
    covered = " and ".join(
        f"{AGENDA_WORDS[item][0].lower()} in {share(balance.agenda[item], balance.formal)}" for item in RISK_ITEMS
    )
    answer = f"Formal one-to-ones covered {covered}." if balance.formal else tracker.agenda_words(found)
    return Tested("test-risk", "Does supervision look at risk and safeguarding decisions?", answer, tuple(numbers), (
        "how well an item was covered: that it was ticked says that it was talked about.",
    ))  # fmt: skip


def clear_actions(found: Assurance) -> Tested:
    """Returns whether actions are clear, dated and visible in the record."""
    every, record = found.log.all, found.record.all
    numbers = (
        Number("Actions with an owner and a date", share(every.raised, every.raised), f"{JOURNAL}: no other is taken"),
        Number("Overdue", share(every.overdue, every.raised), JOURNAL),
        Number("Done, and somebody saw it in the record", share(every.seen, every.done), JOURNAL),
        Number(
            "Risk actions said to be in the record in time",
            share(record.agree + record.only_said, record.told),
            JOURNAL,
        ),
        Number(
            "Risk actions found in the record in time", share(record.agree + record.only_found, record.told), EXTRACT
        ),
        Number("Risk actions of which nobody can tell", str(record.cannot_tell), EXTRACT),
    )
    reached = f"{share(record.agree + record.only_found, record.told)} risk actions that can be told were found in the record in time"
    told = reached if record.told else "of no risk action can it be told whether it reached the record"
    answer = f"Of {counted(every.raised, 'action')}, {every.overdue} {'is' if every.overdue == 1 else 'are'} overdue; {told}."
    return Tested("test-actions", "Are actions clear, dated and visible in case records?", answer, numbers, (
        "that what is in the record is what was agreed, or is good.",
    ))  # fmt: skip


def consistent(found: Assurance) -> Tested:
    """Returns whether escalation is applied consistently."""
    rules = ("missed_escalation", "threshold_disagreement", "out_of_hours")
    numbers = []
    for one in (one for one in found.patterns.looked if one.rule.id in rules):
        standing = sum(pattern.rule.id == one.rule.id for pattern in seen.running(found))
        numbers.append(
            Number(
                one.rule.title,
                f"{standing} stand, looked at in {one.scopes} places" if not one.cannot else "cannot be told",
                _source(one.rule.id),
            )
        )
    audit = found.audit
    if isinstance(audit, Analysis) and audit.agreement.pairs:
        alike = share(audit.agreement.exact, audit.agreement.pairs)
        numbers.append(Number("Criteria on which two raters gave the same level", alike, DRAWS))
    standing = sum(pattern.rule.id in rules for pattern in seen.running(found))
    answer = f"{counted(standing, 'pattern')} of missed escalation, unlike thresholds or contacts outside the pathway {'stands' if standing == 1 else 'stand'}."
    return Tested("test-escalation", "Is escalation applied consistently?", answer, tuple(numbers), (
        "escalation in cases that were not drawn, or were never written down.",
    ))  # fmt: skip


def _source(rule: str) -> str:
    return EXTRACT if rule == "out_of_hours" else DRAWS


def early_sight(found: Assurance) -> Tested:
    """Returns whether variation is seen early and answered."""
    stands = seen.running(found)
    new = sum(one.state == "new" for one in stands)
    answered = sum(bool(one.responses) for one in found.answered)
    late = sum(one.late for one in found.answered)
    days = found.pattern_policy.respond_within_days
    numbers = (
        Number("Patterns that stand", str(len(stands)), DRAWS),
        Number("New this month", str(new), DRAWS),
        Number("Patterns with a response of leaders", share(answered, len(found.answered)), JOURNAL),
        Number(f"Without a response after {days} days", str(late), JOURNAL),
    )
    answer = f"{counted(len(stands), 'pattern')} {'stands' if len(stands) == 1 else 'stand'}, {new} new; {late} {'has' if late == 1 else 'have'} no response by its day."
    return Tested("test-variation", "Is variation seen early, and answered?", answer, numbers, (
        "variation that the rules do not look for, or that small numbers hide.",
    ))  # fmt: skip


def inspector(found: Assurance) -> Part:
    """Returns the three tests of an inspector (row A24)."""
    every = (access(found), strengthens(found), leaders(found))
    return Part("The three questions of an inspector", tuple(one.block for one in every))


def access(found: Assurance) -> Tested:
    """Returns whether staff can describe how they get supervision: what they say in the survey, beside what was held."""
    survey = found.effect.survey
    items = survey.groups[0].items if survey.groups else ()
    asked = {one.id: one.text for one in found.effect.policy.item}
    numbers = [
        Number(f"Staff who agree: “{asked.get(one.item, one.item)}”", share(one.agree, one.answered), "staff survey")
        for one in items
    ]
    lines = [one for one in service_lines(found) if one.rule in SESSION_RULES and one.tally.due]
    numbers += [
        Number(f"{one.words}, {one.threshold}: in time", share(one.tally.in_time, one.tally.due), JOURNAL)
        for one in lines
    ]
    numbers.append(Number("Sessions of other kinds", str(sum(found.coverage.balance.kinds.values()) - found.coverage.balance.formal), JOURNAL))  # fmt: skip
    told = (
        survey.sentences[0]
        if survey.sentences
        else "No staff survey was brought, so what staff would say is not known."
    )
    return Tested("test-access", "Can staff describe how they get supervision?", f"{told} {tracker.due_words(found)}.", tuple(numbers), (
        "what a member of staff would answer: only asking shows that.", "whether time that was booked was protected.",
    ))  # fmt: skip


def strengthens(found: Assurance) -> Tested:
    """Returns whether supervision strengthens practice: the verdict of the evidence report, and actions that reached the record."""
    said, record = audited.the_verdict(found), found.record.all
    whole, discussed = tracker.drawn_discussed(found)
    numbers = (
        Number("Drawn cases discussed in a session", share(discussed, whole), f"{DRAWS}; {JOURNAL}"),
        Number("Actions done", share(found.log.all.done, found.log.all.raised), JOURNAL),
        Number(
            "Risk actions found in the record in time", share(record.agree + record.only_found, record.told), EXTRACT
        ),
    )
    answer = str(found.audit) if said is None else said.answer
    against = said.against if said else ()
    return Tested("test-practice", "Does supervision strengthen practice?", answer, numbers, (
        "that supervision brought a change about.", *against,
    ))  # fmt: skip


def leaders(found: Assurance) -> Tested:
    """Returns whether leaders respond when variation or risk emerges, with dates."""
    base = early_sight(found)
    first = [one.first_seen for one in found.answered if one.first_seen]
    dates = [Number("First seen by leaders, newest", day_of(max(first)), JOURNAL)] if first else []
    done = [row for one in found.answered for row in one.responses if row.outcome]
    outcome = Number(
        "Responses with an outcome", share(len(done), sum(len(one.responses) for one in found.answered)), JOURNAL
    )
    return Tested("test-leaders", "Do leaders respond when variation or risk emerges?", base.answer, (*base.numbers, *dates, outcome), (
        *base.shows_not, "whether a response was the right one.",
    ))  # fmt: skip
