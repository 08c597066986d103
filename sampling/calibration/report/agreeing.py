"""The figures of a calibration report, from the tables of revealed answers. Below the session's least, nothing but a number is used.

The first round is what tells of agreement: each scored alone. The second was scored knowing the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sampling.calibration.report.opening import Report, rubric_of
from sampling.calibration.state import Session
from sampling.evidence.agreement.coefficients import (
    Agreement,
    distribution,
    exact_agreement,
    gwet_ac,
    krippendorff_alpha,
    within_one,
)
from sampling.evidence.agreement.data import AT_THE_STANDARD, Ratings, rating_table
from sampling.evidence.agreement.standard import at_each_standard
from sampling.evidence.agreement.summaries import (
    CriterionSpread,
    RoundsChange,
    between_rounds,
    criteria_by_spread,
)
from sampling.evidence.results import counted


@dataclass(frozen=True)
class Coefficients:
    """The figures in the order to be read, each under a short name, and the warnings that belong to all of them."""

    named: tuple[tuple[str, Agreement], ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Beside:
    """One criterion of one round beside its reference, a level or a code in words. `shown` is False with too few answers: then none else is.

    `answers` counts the levels where the reference is a level, else all answers. `bias` is the mean of level less reference; above 0 is more lenient.
    """

    ref: str
    round: int
    reference: str
    answers: int
    shown: bool
    same: int = 0
    within: int | None = None
    bias: float | None = None


def cut_of(report: Report, session: Session) -> int:
    """Returns the level from which a session's rubric is met."""
    rubric = rubric_of(report.shelf, session)
    return rubric.pass_level if rubric else AT_THE_STANDARD


def answers_of(report: Report, session: Session, number: int) -> pd.DataFrame:
    """Returns the answers of one revealed round as a tidy frame (case, rater, criterion, level, code); a criterion stands as its reference."""
    return report.once(("answers", session.id, number), lambda: _answers(report.gathered.ratings, session.id, number))


def _answers(ratings: pd.DataFrame, session: str, number: int) -> pd.DataFrame:
    rows = ratings[(ratings["session"] == session) & (ratings["round"] == number)]
    return rows.assign(case=rows["session"], criterion=rows["ref"])[["case", "rater", "criterion", "level", "code"]]


def enough(frame: pd.DataFrame, least: int) -> pd.DataFrame:
    """Returns the answers on criteria with so many levels at least: of the others no figure is made."""
    given = frame.groupby("criterion")["level"].count()
    return frame[frame["criterion"].isin(given.index[given >= least])]


def shown(report: Report, session: Session, number: int) -> pd.DataFrame:
    """Returns the answers of a round from which figures may be made."""
    return enough(answers_of(report, session, number), session.opened.least)


def spreads(report: Report, session: Session, number: int = 1) -> tuple[CriterionSpread, ...]:
    """Returns the criteria of a round that may be shown, those that part the raters furthest first."""
    return report.once(("spreads", session.id, number), lambda: _spreads(report, session, number))


def _spreads(report: Report, session: Session, number: int) -> tuple[CriterionSpread, ...]:
    found = shown(report, session, number)
    return criteria_by_spread(found, cut=cut_of(report, session)) if len(found) else ()


def changes(report: Report, session: Session) -> tuple[RoundsChange, ...]:
    """Returns each criterion's change between the rounds, where enough raters gave a level in both."""
    return report.once(("changes", session.id), lambda: _changes(report, session))


def _changes(report: Report, session: Session) -> tuple[RoundsChange, ...]:
    frames = [answers_of(report, session, number) for number in (1, 2)]
    if any(frame.empty for frame in frames):
        return ()
    found = between_rounds(frames[0], frames[1], cut=cut_of(report, session))
    order = {ref: place for place, ref in enumerate(session.opened.criteria)}
    return tuple(sorted((one for one in found if one.both >= session.opened.least), key=lambda one: order[one.criterion]))  # fmt: skip


def coefficients(ratings: Ratings, cuts: Sequence[int]) -> Coefficients:
    """Returns the figures: plain shares first, then the coefficients, then those on meeting the standard. `cuts` has each row's own standard."""
    standard = at_each_standard(ratings, cuts)
    where = f"At {cuts[0]} or above" if len(set(cuts)) == 1 else "At the standard of each rubric"
    named = (
        ("Exact agreement", exact_agreement(ratings)),
        ("Within one level", within_one(ratings)),
        ("Alpha (Krippendorff, ordinal)", krippendorff_alpha(ratings, "krippendorff_ordinal")),
        ("AC2 (Gwet, quadratic)", gwet_ac(ratings, "quadratic")),
        (f"{where}: exact agreement", standard.exact),
        (f"{where}: AC1 (Gwet)", standard.ac1),
        (f"{where}: kappa (Conger)", standard.kappa),
    )
    return Coefficients(named, tuple(filter(None, (distribution(ratings).warning, standard.warning))))


def of_round(report: Report, session: Session, number: int) -> Coefficients | None:
    """Returns the figures of one round over all its criteria; None where none has enough levels."""
    return report.once(("round", session.id, number), lambda: _of_round(report, session, number))


def _of_round(report: Report, session: Session, number: int) -> Coefficients | None:
    found = shown(report, session, number)
    if not found["level"].notna().any():
        return None
    table = rating_table(found)
    return coefficients(table, [cut_of(report, session)] * len(table.cases))


def over_sessions(report: Report) -> Coefficients | None:
    """Returns the figures over the sessions of the span, first rounds: pairs within a session, intervals over vignettes.

    None with fewer than two sessions that have enough raters.
    """
    return report.once(("sessions",), lambda: _over_sessions(report))


def _over_sessions(report: Report) -> Coefficients | None:
    frames = [_apart(shown(report, one, 1), one.id) for one in report.span]
    frames = [one for one in frames if one["level"].notna().any()]
    if len(frames) < 2:
        return None
    table = rating_table(pd.concat(frames, ignore_index=True))
    vignettes = {one.id: one.opened.vignette for one in report.span}
    home = pd.factorize(pd.Series([vignettes[case] for case in table.cases]), sort=True)[0]
    table = replace(table, cluster=np.asarray(home, dtype=np.int64), together="vignette")
    standards = {one.id: cut_of(report, one) for one in report.span}
    found = coefficients(table, [standards[case] for case in table.cases])
    basis = f"{len(table.cases)} criteria in {counted(len(set(table.cases)), 'session')} on {counted(table.clusters, 'vignette')}"
    return replace(found, named=tuple((short, replace(one, basis=basis)) for short, one in found.named))


def _apart(frame: pd.DataFrame, session: str) -> pd.DataFrame:
    """Returns the answers with each alias kept apart from the same alias in other sessions."""
    return frame.assign(rater=session + "/" + frame["rater"].astype(str))


def beside_reference(report: Report, session: Session, number: int) -> tuple[Beside, ...]:
    """Returns each criterion of a round beside the reference, in the session's order; nothing where the reference was not shown, or is not here."""
    return report.once(("beside", session.id, number), lambda: _beside_reference(report, session, number))


def _beside_reference(report: Report, session: Session, number: int) -> tuple[Beside, ...]:
    if report.vignette is None or session.step not in ("reference", "finished"):
        return ()
    references = {one.ref: one for one in report.vignette.references}
    frame = answers_of(report, session, number)
    found = []
    for ref in (ref for ref in session.opened.criteria if ref in references):
        rows, agreed = frame[frame["criterion"] == ref], references[ref]
        if agreed.level is None:
            found.append(_beside_code(rows, Beside(ref, number, str(agreed.code), len(rows), len(rows) >= session.opened.least)))  # fmt: skip
        else:
            found.append(_beside_level(rows.dropna(subset=["level"]), Beside(ref, number, str(agreed.level), 0, False), report, session.opened.least))  # fmt: skip
    return tuple(found)


def _beside_code(rows: pd.DataFrame, one: Beside) -> Beside:
    return replace(one, same=int((rows["code"] == one.reference).sum())) if one.shown else one


def _beside_level(rows: pd.DataFrame, one: Beside, report: Report, least: int) -> Beside:
    one = replace(one, answers=len(rows), shown=len(rows) >= least)
    if not one.shown:
        return one
    apart = rows["level"].to_numpy(dtype=np.float64) - int(one.reference)
    within = int((np.abs(apart) <= report.shelf.policy.tolerance).sum())
    return replace(one, same=int((apart == 0).sum()), within=within, bias=float(apart.mean()))


def splitting(found: Sequence[CriterionSpread]) -> list[CriterionSpread]:
    """Returns the criteria on which the threshold splits the group."""
    return [one for one in found if one.split_cases]
