"""What a session records of the items that GRRAS asks for (Kottner and others 2011). What nobody wrote down stays missing."""

from __future__ import annotations

from sampling.calibration.report import agreeing
from sampling.calibration.report.opening import Report
from sampling.calibration.report.words import SETTINGS, rubric_title, vignette_title
from sampling.calibration.state import Session
from sampling.evidence.results import counted


def recorded(report: Report, session: Session) -> dict[int, str]:
    """Returns GRRAS item -> what is recorded of it; an item without is left out."""
    frames = {number: agreeing.answers_of(report, session, number) for number in report.rounds}
    sizes = [f"round {number}: {counted(frame['rater'].nunique(), 'rater')}, {counted(int(frame['level'].count()), 'level')}" for number, frame in frames.items()]  # fmt: skip
    case = f"one invented case, “{vignette_title(report, session)}”"
    if report.vignette is not None:
        case += f", {SETTINGS[report.vignette.setting]}"
    second = " Round 2, after talking, is not independent of round 1." if len(report.rounds) > 1 else ""
    found = {
        1: "The title says agreement.",
        2: f"{rubric_title(report, session)}, digest {session.opened.rubric.digest[:12]}; its anchors stand in the published rubric.",
        3: f"Here for {case}.",
        7: "The trainer chose the case, and raters are who joined: neither was drawn at random.",
        8: f"Each scored alone from the same documents, sealed until the reveal; {counted(len(report.rounds), 'round')} of the same case.",
        9: "In round 1 nobody could see another's level in the program; what was said in the room is not recorded."
        + second,
        10: "Named below each figure, with weights, and why a figure or an interval is missing.",
        11: f"1 case, {counted(len(session.opened.criteria), 'criterion', 'criteria')}; {'; '.join(sizes)}.",
        13: "In the section on agreement.",
        15: "Raters at each level, by criterion and round, in the tables; levels by alias stay in the journal.",
    }
    written = session.record
    if written is not None and (written.decisions or written.follow_up):
        found[14] = "In the group's own words in the record of group supervision."
    return found
