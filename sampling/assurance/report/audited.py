"""The sampling audit beside what supervision was about: the three headline measures of the evidence report, its verdict, and what speaks against it."""

from __future__ import annotations

from dataclasses import replace

from sampling.assurance.coverage import AGENDA
from sampling.assurance.report.found import Assurance
from sampling.assurance.report.parts import Block, Fold, Part, share, shortened
from sampling.assurance.report.tracker import drawn_discussed
from sampling.evidence.sentences import spread_sentence
from sampling.plots.figure import Figure, refused
from sampling.reporting import figures, sections, tables, withheld
from sampling.reporting.analysis import Analysis
from sampling.reporting.gathering import SIGNED
from sampling.reporting.tables import Table
from sampling.reporting.verdict import Verdict, verdict
from sampling.scoring.rules.session_rules import AGENDA as AGENDA_WORDS
from sampling.scoring.settings.assignments import FIRST

TITLE = "Sampling audit: what supervision looked at, and whether records became better"
RUBRIC_OF = {  # which rubric an agenda item is about (docs/assurance.md); our reading
    "escalation_use": "escalation_rationale",
    "safeguarding_indicators": "safeguarding_documentation",
    "formulation_updates": "crisis_plan_currency",
}
_CRITERIA = ("before-table", "after-table", "repair-table")
HOW_SURE = "How sure this is"
RELEASED = "Each criterion before and after the change, as released"
SIDE_BY_SIDE = (
    "Focus and change stand side by side. That supervision brought the change about is not shown by it: what speaks against the finding "
    "stands above."
)


def audited(found: Assurance) -> Part:
    """Returns the whole section."""
    audit = found.audit
    if isinstance(audit, str):
        return Part(TITLE, (Block(sentences=(audit,)),))
    said = verdict(audit)
    return Part(
        TITLE,
        (
            shortened(said.answer, (*said.how_sure[:1], _pack(audit), *said.how_sure[1:]), 2, HOW_SURE),
            Block("What speaks against it", items=said.against),
            Block("The three headline measures by month", _spreads(audit), figures=headlines(audit)),
            _scope(found, audit),
            Block("What supervision was about, and what changed", (SIDE_BY_SIDE,), (focus(found, audit),)),
        ),
    )


def outside(found: Assurance) -> Block:
    """Returns the audit as it may leave: the verdict's words and the release of the evidence report."""
    audit = found.audit
    if isinstance(audit, str):
        return Block("Whether records became better", (audit,))
    said = verdict(audit)
    told = shortened(
        said.answer, (*said.how_sure[:1], withheld.until(audit), _pack(audit), *said.how_sure[1:]), 3, HOW_SURE
    )
    released = released_tables(found)
    folds = (Fold(RELEASED, tables=released),) if released else ()
    return replace(told, items=said.against, folds=(*told.folds, *folds))


def released_tables(found: Assurance) -> tuple[Table, ...]:
    """Returns the tables of criteria from the evidence report's own release; its actions stand in the assurance report's."""
    return (
        ()
        if isinstance(found.audit, str)
        else tuple(one for one in tables.all_released(found.audit) if one.id in _CRITERIA)
    )


def the_verdict(found: Assurance) -> Verdict | None:
    """Returns the verdict of the evidence report, None where nothing was drawn."""
    return None if isinstance(found.audit, str) else verdict(found.audit)


def headlines(audit: Analysis) -> tuple[Figure, ...]:
    """Returns the three charts, or the tables behind them where no chart may be drawn."""
    why = audit.publication.charts
    return tuple(refused(one, why) if why else one for one in figures.over_time(audit))


def _spreads(audit: Analysis) -> tuple[str, ...]:
    sides = [side for side in (audit.before, audit.after) if side.window.periods]
    return tuple(spread_sentence(side.headlines.variation, side.window.words) for side in sides)


def _pack(audit: Analysis) -> str:
    return (
        f"Every criterion, team and test behind this stands in the evidence pack of {audit.order.period} "
        f"(sampling batch --period {audit.order.period} --purpose audit), made from the same draws and journal."
    )


def _scope(found: Assurance, audit: Analysis) -> Block:
    cases = audit.gathered.cases
    first = cases[(cases["stage"] == FIRST) & cases["period"].isin(found.months)]
    signed = int((first["state"] == SIGNED).sum())
    drawn, discussed = drawn_discussed(found)
    rows = (
        ("Cases drawn for these months", str(drawn)),
        ("Scored and signed, counting a case in each draw that it came up in", share(signed, len(first))),
        ("Discussed in a closed session", share(discussed, drawn)),
        (
            "Months without a draw",
            ", ".join(month for month in found.months if month not in audit.gathered.periods) or "none",
        ),
    )
    table = Table("audited", "What was drawn, scored and discussed", ("What", "Number"), rows)
    return Block(
        f"{share(signed, len(first))} drawn cases are scored and signed",
        (),
        (table,),
        folds=(Fold("Each criterion, level by level", tables=(tables.levels(audit),)),),
    )


def focus(found: Assurance, audit: Analysis) -> Table:
    """Returns each agenda item with how often it was covered, beside how the criteria of its rubric changed and the actions from them."""
    balance = found.coverage.balance
    rows = []
    for item in AGENDA:
        rubric = RUBRIC_OF.get(item, "")
        spans = [one.interval for ref, one in audit.changes.items() if ref.partition("/")[0] == rubric and one.interval]
        rose, fell = sum(one.low > 0 for one in spans), sum(one.high < 0 for one in spans)
        changed = f"{rose} rose, {fell} fell, {len(spans) - rose - fell} neither" if spans else "cannot be said" if rubric else "no rubric of its own"  # fmt: skip
        raised = sum(one.criterion.partition("/")[0] == rubric for one in found.log.actions) if rubric else 0
        covered = share(balance.agenda[item], balance.formal)
        rows.append((AGENDA_WORDS[item][0], covered, changed, str(raised) if rubric else "none of its own"))
    columns = (
        "Agenda item",
        "Formal one-to-ones that covered it",
        "Criteria of its rubric since the change",
        "Actions from its criteria",
    )
    return Table("focus", "Focus of supervision beside change in the records", columns, tuple(rows))


def look() -> str:
    """Returns the style of the fragments."""
    return sections.look().html
