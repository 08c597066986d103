"""Where a report answers the items that GRRAS asks for (Kottner and others 2011). What nobody wrote down stays missing."""

from __future__ import annotations

from dataclasses import dataclass

from sampling.calibration.report import agreeing
from sampling.calibration.report.opening import Report
from sampling.calibration.report.told import ASKED
from sampling.calibration.report.words import SETTINGS, rubric_title, vignette_title
from sampling.calibration.state import Session
from sampling.evidence.agreement.grras import ITEMS
from sampling.evidence.results import counted

NOT_TOLD = "nothing"


@dataclass(frozen=True)
class Item:
    """One item: what it asks, where in the report it is answered, and what is told. `missing` says who can write what is not told, "" where all is."""

    number: int
    asks: str
    where: str
    told: str
    missing: str = ""


def items(report: Report, session: Session) -> tuple[Item, ...]:
    """Returns the 15 items. What people wrote stands after what the program knows."""
    places, known = _places(report), _known(report, session)
    found = []
    for number, asks in ITEMS.items():
        asked = ASKED.get(number)
        words = report.told.get(asked.key, "") if asked else ""
        told = " ".join(one for one in (known.get(number, ""), words) if one)
        missing = "" if asked is None or words or (number == 14 and told) else asked.section
        found.append(Item(number, asks, places.get(number, "Here"), told or NOT_TOLD, missing))
    return tuple(found)


def missing_words(found: tuple[Item, ...]) -> list[str]:
    """Returns for each item that is missing who can write it, and where."""
    return [
        f"Missing: {one.number}, {one.asks}. {ASKED[one.number].question} {one.missing.capitalize()} can write it, under “{ASKED[one.number].key}” in agreement.toml."
        for one in found
        if one.missing
    ]  # fmt: skip


def _places(report: Report) -> dict[int, str]:
    """Returns item -> the section that answers it, where it is not this one."""
    places = {
        1: "The title",
        2: "The head of the page, To make this again",
        10: "Below each figure",
        11: "Here, Levels by criterion",
        13: "Agreement",
        14: "Record of group supervision",
        15: "Levels by criterion",
    }
    return places | ({5: "Here, Do thresholds hold?"} if report.before else {})


def _known(report: Report, session: Session) -> dict[int, str]:
    """Returns item -> what the program knows of it."""
    frames = {number: agreeing.answers_of(report, session, number) for number in report.rounds}
    sizes = [f"round {number}: {counted(frame['rater'].nunique(), 'rater')}, {counted(int(frame['level'].count()), 'level')}" for number, frame in frames.items()]  # fmt: skip
    case = f"one invented case, “{vignette_title(report, session)}”"
    if report.vignette is not None:
        case += f", {SETTINGS[report.vignette.setting]}, about {report.vignette.minutes} minutes to read"
    second = " Round 2, after talking, is not independent of round 1." if len(report.rounds) > 1 else ""
    told = report.gathered.told
    earlier = sum(one.opened.rubric.rubric == session.opened.rubric.rubric for one in told[: told.index(session)])
    rounds = counted(len(report.rounds), "round")
    found = {
        1: "The title says agreement.",
        2: f"{rubric_title(report, session)}, digest {session.opened.rubric.digest[:12]}; its anchors stand in the published rubric.",
        3: f"Here for {case}.",
        4: "Whoever had the join code, which was open to the group, could rate. The program asks for no name, profession or experience.",
        5: f"{counted(earlier, 'earlier session')} with this rubric in this journal." if earlier else "This is the first session with this rubric in this journal.",
        6: f"No number was calculated before: one case, and whoever joined. On a criterion with fewer than {session.opened.least} levels no figure is made.",
        7: "The trainer chose the case, and raters are who joined: neither was drawn at random.",
        8: f"Each scored alone from the same documents on an own screen; {rounds} of the same case"
        + (", the second after the reveal and the talk." if len(report.rounds) > 1 else "."),
        9: "Answers were sealed in the journal until the reveal, so in round 1 nobody could see another's level in the program; what was said in the room is not recorded." + second,
        10: "Named below each figure, with weights, and why a figure or an interval is missing. Codes in place of a level are no level.",
        11: f"1 case, {counted(len(session.opened.criteria), 'criterion', 'criteria')}; {'; '.join(sizes)}.",
        12: f"The case: {case}. Of the raters nothing is recorded.",
        13: "Each with its interval, or with why there is none.",
        15: "Raters at each level, by criterion and round; levels by alias stay in the journal.",
    }  # fmt: skip
    written = session.record
    if written is not None and (written.decisions or written.follow_up):
        found[14] = "In the group's own words."
    return found
