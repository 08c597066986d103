"""Drift against anchors: vignettes that two or more sessions scored, as they were, with the same rubric. Round 1 alone: each scored for themselves.

Until the group of the newest session on an anchor has seen its reference levels, nothing on this page says how far a session lay from them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from sampling.calibration.report.agreeing import cut_of, shown
from sampling.calibration.report.due import Due, anchors_due
from sampling.calibration.report.opening import Report
from sampling.calibration.report.words import day_in_words
from sampling.calibration.state import Session
from sampling.evidence.agreement.data import rating_table
from sampling.evidence.agreement.drift import WORDS, Drift, GroupLevels, drift, group_levels
from sampling.evidence.agreement.reference import AgainstReference, against_reference
from sampling.evidence.results import counted
from sampling.rubric.vignettes import Vignette


@dataclass(frozen=True)
class Held:
    """One session on an anchor: what its group gave, how that lies beside the reference (None where it may not be shown), and since the first session."""

    session: Session
    given: GroupLevels
    beside: AgainstReference | None
    since_first: Drift | None


@dataclass(frozen=True)
class Anchor:
    """A vignette with its sessions in the order of time, two or more; the last one's drift is what is said of it. `left_out` counts the sessions on the
    vignette that are not compared: another version of it or of the rubric, or too few raters.
    """

    title: str
    cut: int
    held: tuple[Held, ...]
    left_out: int

    @property
    def newest(self) -> Drift:
        """Returns the newest session beside the first."""
        found = self.held[-1].since_first
        assert found is not None
        return found


def anchors(report: Report, session: Session) -> tuple[Anchor, ...]:
    """Returns the anchors of all sessions up to this one, that of this session first, then those that were used last."""
    return report.once(("anchors", session.id), lambda: _anchors(report, session))


def _anchors(report: Report, session: Session) -> tuple[Anchor, ...]:
    told = report.gathered.told
    told = told[: told.index(session) + 1]
    groups: dict[tuple[str, ...], list[Session]] = {}
    for one in told:
        if shown(report, one, 1)["level"].notna().any():
            groups.setdefault(_key(one), []).append(one)
    newest_first = sorted(groups.items(), key=lambda one: (one[0] == _key(session), one[1][-1].opened_at), reverse=True)
    every = {key: sum(one.opened.vignette == sessions[0].opened.vignette for one in told) for key, sessions in groups.items()}  # fmt: skip
    return tuple(_anchor(report, sessions, every[key] - len(sessions)) for key, sessions in newest_first if len(sessions) > 1)  # fmt: skip


def _key(session: Session) -> tuple[str, ...]:
    """Returns what must be the same in sessions that are compared."""
    opened = session.opened
    return (opened.vignette, opened.vignette_digest, opened.rubric.rubric, opened.rubric.digest)


def _anchor(report: Report, sessions: list[Session], left_out: int) -> Anchor:
    cut, least, first = cut_of(report, sessions[0]), max(one.opened.least for one in sessions), sessions[0]
    known = (one for one in report.shelf.vignettes if one.digest == first.opened.vignette_digest)
    vignette = next(known, None)
    seen = sessions[-1].step in ("reference", "finished")
    beside = _beside(report, sessions, vignette) if vignette is not None and seen else {}
    held = []
    for place, one in enumerate(sessions):
        frame = shown(report, one, 1)
        given = group_levels(frame, cut=cut)
        assert given is not None
        since = drift(shown(report, first, 1), frame, least=least, cut=cut, since=day_in_words(first.opened_at)) if place else None  # fmt: skip
        held.append(Held(one, given, beside.get(one.id), since))
    return Anchor(vignette.title if vignette else first.opened.vignette, cut, tuple(held), left_out)


def _beside(report: Report, sessions: list[Session], vignette: Vignette) -> dict[str, AgainstReference]:
    """Returns each session's group beside the reference levels: a column is a session, and what stands together in an interval is a rater."""
    agreed = {one.ref: one.level for one in vignette.references if one.level is not None}
    frames = [shown(report, one, 1).assign(group=one.id) for one in sessions]
    frame = pd.concat(frames, ignore_index=True)
    person = frame["group"] + "/" + frame["rater"].astype(str)
    table = replace(rating_table(frame.assign(case=person, rater=frame["group"])), together="rater")
    reference = {(one, ref): level for one in person.unique() for ref, level in agreed.items()}
    found = against_reference(table, reference, tolerance=report.shelf.policy.tolerance)
    return {one.rater: one for one in found if one.n}


def overall(found: tuple[Anchor, ...]) -> str:
    """Returns in words on how many anchors thresholds hold, and on how many they moved, and which way."""
    if not found:
        return "No vignette was scored in two sessions with enough raters, so nothing shows whether thresholds hold. Use one again next quarter."
    told = [one.newest.verdict for one in found]
    parts = [f"{WORDS[verdict]} on {told.count(verdict)}" for verdict in WORDS if verdict in told]
    return f"Of {counted(len(found), 'anchor')}: {'; '.join(parts)}."


def due_now(report: Report) -> Due | None:
    """Returns which anchors are due in the cycle of the report's day, None where there is no session."""
    if report.today is None or report.session is None:
        return None
    day = report.today.isoformat()
    told = [one for one in report.gathered.told if one.opened_at[:10] <= day]
    return anchors_due(told, report.shelf.vignettes, report.shelf.policy, report.today)
