"""A record of a case with three rubrics and eighteen criteria, filled as a thorough rater fills it; and one with far more words."""

from __future__ import annotations

from dataclasses import replace

from sampling.rubric import Rubric, rubrics_in_use
from sampling.scoring.record.content import (
    EVIDENCE,
    CriterionPart,
    PointerPart,
    RecordData,
    RubricPart,
    SaidPart,
    SignaturePart,
)
from sampling.scoring.rules.record_actions import ActionPart
from sampling.scoring.rules.signing import STATEMENTS

HASH = "9f3a" * 16
LEVELS: tuple[int | None, ...] = (2, 1, 2, 0, 3, 2, 2, 1, 3, 2, None, 1, 2, 2, 3, 1, 2, 2)
QUOTES = (
    "Reported by their sister on 14 October at 09:40: no sleep for three nights and pacing in the flat.",
    "Considered an assessment by home treatment today, or an extra visit tomorrow; the first because the change is fast.",
    "Told the home treatment shift lead at 10:55, who answered: accepted, two nurses at 18:00.",
    "Steps they chose: walking the dog before eight. Surroundings: tablets in weekly packs from the pharmacy.",
)
COMMENTS = (
    "Says what was done but not since when, and nobody is named as the source; the sister's call is in the phone note only.",
    "No decision is recorded after the call, although the visit then took place; the reason can only be guessed from the letter.",
    "Contact for out of hours is the old number, and the signs would fit anyone.",
)


def _criterion(rubric: Rubric, place: int, number: int, level: int | None) -> CriterionPart:
    criterion = rubric.criteria[place]
    below = level is not None and level < rubric.pass_level
    quoted = (PointerPart("14 Oct 2026, phone contact", QUOTES[number % len(QUOTES)]),)
    reason = "Not applicable. Does not apply to this person, and the record says why."
    return CriterionPart(
        number=number,
        title=criterion.title,
        critical=criterion.critical,
        mark="n/a" if level is None else str(level),
        level=level,
        below=below,
        words=reason if level is None else criterion.levels[level],
        comment=COMMENTS[number % len(COMMENTS)] if below else "",
        pointers=() if below or level is None else quoted,
        safety="Does anyone need to act today? Yes, handed over." if level == 0 else "",
        moderated="",
    )


def full_record() -> RecordData:
    """Returns a signed record of eighteen criteria with realistic comments, quotes, three actions, a deviation and a reply."""
    rubrics, number = [], 0
    for rubric in rubrics_in_use("adult"):
        lines = []
        for place in range(len(rubric.criteria)):
            lines.append(_criterion(rubric, place, number + 1, LEVELS[number]))
            number += 1
        rubrics.append(RubricPart(rubric.title, rubric.version, rubric.digest, rubric.pass_level, tuple(lines)))
    update = "Update the crisis plan: own signs, numbers in and out of hours, who answers and by when"
    reply = "Reply of the practitioner, 4 November 2026: There is evidence that was missed"
    return RecordData(
        review="a" * 32,
        case_label="SR000-000417",
        practitioner_label="Sam Okafor",
        headline="12 of 17 scored criteria at the pass level or above",
        summary="Below: 5, of these critical: 1. Not counted: not applicable 1, record not accessible 0.",
        facts=(
            ("Practitioner", "Sam Okafor"),
            ("Scored by", "Ruth Adeyemi, first rating"),
            ("Draw", "2026-10/adult, drawn 1 November 2026"),
            ("Seed ends in", "a91f"),
            ("Level of evidence", EVIDENCE["L2"]),
            ("This copy is for", "Supervision of my own supervisee"),
        ),
        rubrics=tuple(rubrics),
        actions=(
            ActionPart(
                "Rewrite the escalation note in the agreed structure",
                "criterion 4",
                "Sam Okafor",
                "10 Nov 2026",
                "10 Nov 2026",
                "Open",
            ),
            ActionPart(
                update,
                "criterion 4",
                "Sam Okafor",
                "10 Nov 2026",
                "10 Nov 2026",
                "Seen in the record on 9 Nov 2026, NOTE/81",
            ),
            ActionPart(
                "Make the safeguarding referral", "criterion 16", "Sam Okafor", "10 Nov 2026", "10 Nov 2026", "Done"
            ),
        ),
        deviations=(
            SaidPart(
                "Deviation recorded by the manager: Visit within a day",
                "They stayed with a relative; agreed by telephone.",
            ),
        ),
        replies=(
            SaidPart(reply, "The call stands in the duty diary."),
            SaidPart("Answer, 5 November 2026: The rating stands", "The diary is no record."),
        ),
        signatures=(
            SignaturePart("Scored by", "Ruth Adeyemi", "3 November 2026, 14:03:22", STATEMENTS["rater"], HASH, ""),
            SignaturePart(
                "Seen by the practitioner",
                "Sam Okafor",
                "4 November 2026, 09:10:02",
                STATEMENTS["supervisee"],
                HASH,
                "",
            ),
        ),
        content=HASH,
        signed=True,
        stood="5 Nov 2026, 16:20",
        paste="",
        left_out=(),
    )


def long_record() -> RecordData:
    """Returns a record whose comments are longer than a page holds, with markup, a formula and a control character among them."""
    record = full_record()
    text = (
        "<script>alert(1)</script> & =1+1 \x07 "
        + "The entry was read again, and each sentence held against the anchor. " * 6
    )
    rubrics = [
        replace(rubric, criteria=tuple(replace(line, comment=text) for line in rubric.criteria))
        for rubric in record.rubrics
    ]
    return replace(record, rubrics=tuple(rubrics), case_label='<b>"C-1\\</b>')
