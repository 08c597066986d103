"""The tables of a calibration report, as text. A group of fewer than the session's least stands as a number alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from hashlib import sha256

from sampling import __version__
from sampling.calibration.report import agreeing
from sampling.calibration.report.by_alias import ByAlias
from sampling.calibration.report.gathering import Action
from sampling.calibration.report.opening import Report
from sampling.calibration.report.recording import NOT_TOLD, Item
from sampling.calibration.report.words import (
    FEW,
    FINDINGS,
    SETTINGS,
    day_in_words,
    moment_in_words,
    rubric_title,
    titles,
    vignette_title,
)
from sampling.calibration.results import change_of
from sampling.calibration.revisiting import CLOSED
from sampling.calibration.state import Session
from sampling.chain import canonical_json
from sampling.evidence.agreement.severity import Severity
from sampling.evidence.agreement.summaries import CriterionSpread
from sampling.evidence.sentences import percent
from sampling.journal.events import LEVELS
from sampling.page.words import capital, day_of
from sampling.reporting.tables import Table
from sampling.rubric.vignettes.model import CODES

_GROUP = (("decisions", "Decisions reviewed"), ("concern", "Concern"), ("evidence", "Evidence"), ("immediate_actions", "Immediate actions"),
          ("rationale", "Rationale"), ("follow_up", "Follow-up"))  # fmt: skip


def vignettes(report: Report) -> Table:
    """Returns the vignettes on offer."""
    named = {one.id: one.title for one in report.shelf.rubrics}
    rows = tuple(
        (one.title, SETTINGS[one.setting], str(one.minutes), ", ".join(named.get(rubric, rubric) for rubric in one.rubrics))
        for one in report.shelf.vignettes
        if not one.retired
    )  # fmt: skip
    return Table("vignettes", "Vignettes on offer", ("Vignette", "Setting", "Minutes to read", "Rubrics"), rows)


def spread(report: Report, session: Session) -> Table:
    """Returns the criteria of round 1, those that part the raters furthest first, and then those with too few raters."""
    named, found = titles(report), agreeing.spreads(report, session)
    shown = {one.criterion for one in found}
    rows = [(named[one.criterion], *_spread(one)) for one in found]
    counts = agreeing.answers_of(report, session, 1).groupby("criterion")["level"].count()
    rows += [(named[ref], str(counts.get(ref, 0)), *[FEW] * 5) for ref in session.opened.criteria if ref not in shown]
    columns = (
        "Criterion",
        "Raters",
        "At the standard",
        "Same level, of pairs",
        "Within one level, of pairs",
        "Mean distance of two raters",
        "Splits at the threshold",
    )
    return Table("criteria-by-spread", "Criteria by how far they part the raters, round 1", columns, tuple(rows))  # fmt: skip


def _spread(one: CriterionSpread) -> tuple[str, ...]:
    total = one.at_standard + one.below
    pairs = (one.exact, one.within_one)
    apart = "none" if one.apart is None else f"{one.apart:.2f}"
    shares = ("none" if pair is None else percent(pair) for pair in pairs)
    return (str(one.raters), f"{one.at_standard} of {total}", *shares, apart, "yes" if one.split_cases else "no")


def movement(report: Report, session: Session) -> Table | None:
    """Returns round 1 by round 2 of every criterion together, 4 by 4; None where no criterion has enough raters in both."""
    found = [change_of(session, ref).table for ref in session.opened.criteria]
    shown = [one for one in found if one is not None]
    if not shown or len(report.rounds) < 2:
        return None
    rows = tuple((f"Level {one}", *(str(sum(table[one][two] for table in shown)) for two in LEVELS)) for one in LEVELS)  # fmt: skip
    caption = f"Levels in round 1 and round 2, {len(shown)} of {len(found)} criteria together"
    return Table("round-1-to-2", caption, ("Round 1", *(f"Round 2: level {level}" for level in LEVELS)), rows)


def movement_by_criterion(report: Report, session: Session) -> Table:
    """Returns each criterion's movement between the rounds."""
    named = titles(report)
    rows = tuple(
        (
            named[one.criterion], str(one.both), str(one.up), str(one.down), str(one.same), str(one.crossed),
            *("none" if side.exact is None else percent(side.exact) for side in (one.first, one.second)),
        )
        for one in agreeing.changes(report, session)
    )  # fmt: skip
    columns = ("Criterion", "Raters in both", "Up", "Down", "Same", "Changed sides of the standard", "Same level, of pairs, round 1", "Same level, of pairs, round 2")  # fmt: skip
    return Table("movement", "Who moved between the rounds", columns, rows)


def severity(found: Severity) -> Table:
    """Returns the severity of each alias, in the order of their names."""
    rows = tuple(
        (one.rater, f"{one.expected:.2f}", f"{one.expected_interval.low:.2f} to {one.expected_interval.high:.2f}", f"{one.logits:+.2f}", str(one.ratings))
        for one in sorted(found.raters, key=lambda one: one.rater)
    )  # fmt: skip
    columns = ("Alias", "Expected level", "95% interval", "Severity, logits (above 0 stricter)", "Ratings")
    return Table("severity", "Expected level by alias, from a model of raters and criteria", columns, rows)


def level_use(found: ByAlias) -> Table:
    """Returns how often each alias used each level, and on how many criteria it lay on the side of the standard where most of the others lay."""
    rows = tuple(
        (
            one.rater, *(str(count) for count in one.levels), _share(one.middle), _share(one.others_middle), f"{sum(one.levels[found.cut:])} of {one.ratings}",
            "none" if one.with_consensus is None else f"{round(one.with_consensus * one.decided)} of {one.decided}",
        )
        for one in sorted(found.facts, key=lambda one: one.rater)
    )  # fmt: skip
    columns = (
        "Alias", *(f"Level {level}" for level in LEVELS), "Own levels that are 1 or 2", "The others' on the same criteria", "At the standard",
        "On the side of most others",
    )  # fmt: skip
    return Table("level-use", "Use of the levels by alias, round 1", columns, rows)


def _share(value: float | None) -> str:
    return "none" if value is None else percent(value)


def reference(report: Report, session: Session) -> Table:
    """Returns each criterion of each round beside its reference."""
    named, least = titles(report), session.opened.least
    tolerance = f"Within {report.shelf.policy.tolerance} of it"
    rows = []
    for one in (one for number in report.rounds for one in agreeing.beside_reference(report, session, number)):
        agreed = CODES.get(one.reference, f"level {one.reference}")
        figures: tuple[str, ...] = (f"fewer than {least}", FEW, FEW)
        if one.shown:
            within = "none" if one.within is None else f"{one.within} of {one.answers}"
            bias = "none" if one.bias is None else f"{one.bias:+.2f}" if one.bias else "0.00"
            figures = (f"{one.same} of {one.answers}", within, bias)
        rows.append((named[one.ref], str(one.round), agreed, str(one.answers), *figures))
    columns = ("Criterion", "Round", "Reference", "Raters", "As the reference", tolerance, "Mean difference from it")
    order = {named[ref]: place for place, ref in enumerate(session.opened.criteria)}
    rows.sort(key=lambda row: (order[row[0]], row[1]))
    return Table("reference", "Levels beside the reference", columns, tuple(rows))


def holding(report: Report, session: Session) -> Table:
    """Returns each criterion of the session in every session on the same vignette so far, round 1, side by side."""
    named, rows = titles(report), []
    every = (*report.before, session)
    found = {one.id: {each.criterion: each for each in agreeing.spreads(report, one)} for one in every}
    beside = {one.id: {each.ref: each for each in agreeing.beside_reference(report, one, 1)} for one in every}
    for ref in session.opened.criteria:
        for one in (one for one in every if ref in one.opened.criteria):
            answers = agreeing.answers_of(report, one, 1)
            given = int(answers[answers["criterion"] == ref]["level"].count())
            figures: tuple[str, ...] = (FEW, FEW, FEW)
            if ref in found[one.id]:
                each, agreed = found[one.id][ref], beside[one.id].get(ref)
                as_reference = "not shown" if agreed is None or not agreed.shown else f"{agreed.same} of {agreed.answers}"  # fmt: skip
                exact = "none" if each.exact is None else percent(each.exact)
                figures = (f"{each.at_standard} of {given}", exact, as_reference)
            rows.append((named[ref], moment_in_words(one.opened_at), one.opened.rubric.version, str(given), *figures))
    columns = ("Criterion", "Session", "Rubric version", "Raters", "At the standard", "Same level, of pairs", "As the reference")  # fmt: skip
    return Table("thresholds", "The same vignette in each session so far, round 1", columns, tuple(rows))


def sessions(report: Report) -> Table:
    """Returns the sessions of the span, round 1."""
    rows = []
    for one in report.span:
        found = agreeing.spreads(report, one)
        raters = agreeing.answers_of(report, one, 1)["rater"].nunique()
        figures = (FEW, FEW)
        if found:
            met, all_levels = sum(each.at_standard for each in found), sum(sum(each.levels) for each in found)
            figures = (f"{len(agreeing.splitting(found))} of {len(found)}", f"{met} of {all_levels}")
        rows.append((moment_in_words(one.opened_at), vignette_title(report, one), rubric_title(report, one), str(raters), *figures))  # fmt: skip
    columns = ("Session", "Vignette", "Rubric", "Raters", "Criteria that split the group", "Levels at the standard")
    return Table("sessions", "Sessions, round 1", columns, tuple(rows))


def proposals(report: Report, session: Session) -> Table:
    """Returns the wordings that the group proposes, beside those that stand."""
    named = titles(report)
    criteria = {report.rubric.ref(one): one for one in report.rubric.criteria} if report.rubric else {}
    rows = []
    for one in session.proposals.values():
        now = criteria.get(one.criterion)
        stands = "not here any more" if now is None else now.question if one.level is None else now.levels[one.level]
        where = "Question" if one.level is None else f"Level {one.level}"
        rows.append((named.get(one.criterion, one.criterion), where, stands, one.text))
    rows.sort(key=lambda row: row[:2])
    return Table("proposed-wordings", "Proposed wordings", ("Criterion", "Of", "As it stands", "Proposed"), tuple(rows))


def group_record(session: Session) -> Table:
    """Returns what the group wrote down, heading by heading."""
    record = session.record
    rows = tuple((title, getattr(record, name) or "not written") for name, title in _GROUP) if record else ()
    return Table("group-record", "Record of group supervision", ("Heading", "What the group wrote"), rows)


def actions(report: Report, session: Session) -> Table:
    """Returns the actions that the session agreed."""
    found = [one for one in report.gathered.actions if one.session == session.id]
    return Table("actions", "Actions agreed in this session", _ACTIONS, tuple(_action(report, one) for one in found))


def revisited(report: Report, session: Session) -> Table:
    """Returns the actions of earlier sessions that were open when this one began, with what became of them."""
    earlier = list(report.gathered.sessions)[: list(report.gathered.sessions).index(session.id)]
    found = [one for one in report.gathered.actions if one.session in earlier and not _closed_in(one, earlier)]
    return Table(
        "actions-revisited",
        "Actions of earlier sessions that were still open",
        _ACTIONS,
        tuple(_action(report, one) for one in found),
    )


_ACTIONS = ("Action", "By whom", "Due", "Agreed on", "What became of it")


def _closed_in(one: Action, sessions: list[str]) -> bool:
    return any(each.session in sessions and each.finding in CLOSED for each in one.revisited)


def _action(report: Report, one: Action) -> tuple[str, ...]:
    said = [f"{FINDINGS[each.finding]} ({day_in_words(each.at)}{': ' + each.note if each.note else ''})" for each in one.revisited]  # fmt: skip
    due = date.fromisoformat(one.due)
    late = report.today is not None and due < report.today
    state = "; ".join(said) or ("not revisited yet, and overdue" if late else "not revisited yet")
    # an owner is a role or an alias, and people write names there all the same
    owner = "not shown for audit" if report.purpose == "audit" else one.owner or "nobody named"
    return (one.text, owner, day_of(due), day_in_words(one.at), state)


def grras(found: Sequence[Item]) -> Table:
    """Returns the items of GRRAS, each with where it is answered."""
    rows = tuple(
        (str(one.number), capital(one.asks), _answered(one), one.where, one.told) for one in found
    )  # fmt: skip
    columns = ("Item", "What GRRAS asks", "Answered", "Where in this report", "What is told")
    return Table("grras", "The 15 items of GRRAS, and where they are answered", columns, rows)


def _answered(one: Item) -> str:
    if not one.missing:
        return "yes"
    return f"no: {one.missing} can write it" if one.told == NOT_TOLD else f"in part: {one.missing} can write the rest"


def reproduce(report: Report) -> Table:
    """Returns what is needed to make the same report again."""
    return Table("reproduce", "What this was made from", ("What", "Value"), tuple(_made_from(report)))


def _made_from(report: Report) -> Iterator[tuple[str, str]]:
    yield "Software", f"sampling {__version__}"
    yield "Journal, entries and hash of the last", report.gathered.head or "none yet"
    yield (
        "Words of people, agreement.toml",
        sha256(canonical_json(dict(report.told)).encode()).hexdigest() if report.told else "none",
    )
    yield "Purpose", report.purpose
    if report.session is None:
        return
    opened = report.session.opened
    yield "Session", report.session.id
    yield "Months", f"{report.first}:{report.last}"
    yield "Today", str(report.today)
    for name, there, text in (
        ("Vignette", report.vignette, f"{opened.vignette}, digest {opened.vignette_digest}"),
        ("Rubric", report.rubric, f"{opened.rubric.rubric} {opened.rubric.version}, digest {opened.rubric.digest}"),
    ):
        yield name, text if there else f"{text}; not here any more as it was"
