"""The rules that a policy profile may give an interval: a closed list, so that each is computed in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Threshold = Literal["norm", "floor"]
THRESHOLDS: tuple[Threshold, ...] = ("norm", "floor")
Subject = Literal["person", "case", "record", "service"]


@dataclass(frozen=True)
class Rule:
    """What falls due by a rule, in words; what it runs from; whom it is about."""

    id: str
    words: str
    runs_from: str
    subject: Subject


_ALL = (
    Rule("newly_qualified", "Formal one-to-one with a newly qualified worker", "the start, then each formal one-to-one", "person"),
    Rule("new_starter", "Formal one-to-one with a new starter", "the start, then each formal one-to-one", "person"),
    Rule("everyone", "Formal one-to-one", "the start, then each formal one-to-one", "person"),
    Rule("agreed_session", "Formal one-to-one as often as agreed", "the day from which it was agreed, then each formal one-to-one", "person"),
    Rule("professional", "Professional supervision", "the start, then each formal one-to-one with professional supervision", "person"),
    Rule("personal", "Personal issues in a formal one-to-one", "the start, then each formal one-to-one with personal issues", "person"),
    Rule("appraisal", "Appraisal", "the start, then each appraisal", "person"),
    Rule("agreement_new", "New supervision agreement", "the start of the pair, or the return from a long absence", "person"),
    Rule("agreement_review", "Review of the supervision agreement", "the signing, then each review", "person"),
    Rule("case", "Case discussed in a formal one-to-one", "the opening of the case, then each discussion", "case"),
    Rule("agreed_case", "Case discussed as often as agreed", "the day from which it was agreed, then each discussion", "case"),
    Rule("record_session", "Record of a formal one-to-one", "the session", "record"),
    Rule("record_decision", "Decision on a child in the child's file", "the session", "record"),
    Rule("record_ad_hoc", "Ad hoc discussion in the child's file", "the discussion", "record"),
    Rule("group", "Group supervision", "the last one", "service"),
    Rule("audit", "Audit of supervision", "the last one", "service"),
    Rule("case_audit", "Audit of case records", "the last one", "service"),
    Rule("senior_reading", "Senior managers read case files and supervision notes", "the last reading", "service"),
    Rule("effectiveness", "Review of the effect of supervision", "the last one", "service"),
    Rule("survey", "Questionnaire to staff", "the last one", "service"),
)  # fmt: skip
RULES: Mapping[str, Rule] = {rule.id: rule for rule in _ALL}
SESSION_RULES = (
    "newly_qualified",
    "new_starter",
    "everyone",
)  # one clock: the shortest that applies to the person counts
STARTER_RULES = ("newly_qualified", "new_starter")  # these end after the first weeks or months
AGREED_RULES = ("agreed_session", "agreed_case")  # these are the pair's, not a profile's
ORDER: Mapping[str, int] = {rule.id: number for number, rule in enumerate(_ALL)}
