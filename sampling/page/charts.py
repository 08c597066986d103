"""The three charts of the page: from caseload to draw, the reasons, and who could be drawn first."""

from __future__ import annotations

from sampling.disclosure import HIDDEN, MEANING, SuppressedRow, rounded, shown_percent, suppressed_breakdown
from sampling.page.bars import Bar, Chart, width_of
from sampling.page.facts import Facts, eligible_groups, signal_counts
from sampling.page.words import capital, counted, day_of

MOST_REASONS = 8  # the table behind the page has every signal
EVERY_GROUP = "All groups"  # of a breakdown that is too small to be shown at all


def flow(facts: Facts) -> Chart:
    """Returns the way from caseload to draw. These totals stand in the published commitment, so none is
    suppressed.
    """
    frame, excluded = len(facts.cases), len(facts.exclusions)
    whole, volatile, drawn_cases = frame + excluded, len(facts.volatile), len(facts.drawn)
    steps = [
        ("Open cases", whole),
        ("Could be drawn", frame),
        ("With recent recorded change", volatile),
        ("Drawn", drawn_cases),
    ]
    finding = (
        f"{counted(drawn_cases, 'case')} of {whole:,} open on {day_of(facts.as_of)} "
        f"{'was' if drawn_cases == 1 else 'were'} drawn"
    )
    bars = tuple(Bar(name, width_of(value, whole), f"{value:,}") for name, value in steps)
    return Chart(
        finding,
        f"n = {whole:,} open cases of the whole service.",
        (("", bars),),
        ("Step", "Cases"),
        tuple((name, f"{value:,}") for name, value in steps),
    )


def reasons(facts: Facts) -> Chart | None:
    """Returns how often each reason occurs among the cases with recent recorded change; None where there is no such case."""
    counts, whole = signal_counts(facts), len(facts.volatile)
    told = [(signal, count) for signal, count in counts if signal not in facts.untold_signals]
    seen = [(signal, count) for signal, count in told if count][:MOST_REASONS]
    if not seen:
        return None
    bars = tuple(
        Bar(capital(signal.one), width_of(count, whole), shown_percent(count, whole)) for signal, count in seen
    )
    finding = f"{bars[0].name} is the most common reason, in {bars[0].shown} of cases with recent change"
    untold = len(counts) - len(told)
    basis = (
        f"n = {counted(whole, 'case')} with recent recorded change; a case can have several "
        f"reasons. The {len(seen)} most common of {len(told)} signals are shown"
        + (f"; {counted(untold, 'more signal')} cannot be told from this extract." if untold else ".")
    )
    table = tuple((bar.name, f"{count:,}", bar.shown) for bar, (_, count) in zip(bars, seen, strict=True))
    return Chart(finding, basis, (("", bars),), ("Reason", "Cases", "Share"), table)


def eligibility(facts: Facts) -> Chart:
    """Returns the share of cases with recent recorded change in each recorded group: the bias table."""
    size, volatile = len(facts.cases), len(facts.volatile)
    groups, rows, shares = [], [], []
    for title, found in eligible_groups(facts):
        shown = suppressed_breakdown(found) or [SuppressedRow(EVERY_GROUP, HIDDEN, HIDDEN, HIDDEN)]
        # a bar is as long as the whole per cent beside it says, never finer
        bars = [Bar(row.name, 0 if row.share == HIDDEN else int(row.share[:-1]), row.share) for row in shown]
        rows += [(title, row.name, row.cases, row.having, row.share) for row in shown]
        shares += [bar.width for bar in bars if bar.shown != HIDDEN]
        groups.append((title, tuple(bars)))
    overall = shown_percent(volatile, size)
    spread = f"; the groups that can be shown lie between {min(shares)}% and {max(shares)}%" if shares else ""
    return Chart(
        f"{overall} of all cases had recent recorded change{spread}",
        f"n = about {counted(rounded(size), 'case')} that could be drawn. Counts are rounded to the nearest 5; {MEANING}. "
        "The line marks the share among all cases.",
        tuple(groups),
        ("Recorded", "Group", "Cases", "With recent change", "Share"),
        tuple(rows),
        int(overall[:-1]),
    )
