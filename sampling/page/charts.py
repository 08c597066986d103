"""The three charts of the page: from caseload to draw, the reasons, and who could be drawn first."""

from __future__ import annotations

from sampling.disclosure import HIDDEN, shown_count, shown_percent
from sampling.page.bars import Bar, Chart, width_of
from sampling.page.facts import Facts, eligible_groups, signal_counts
from sampling.page.words import capital, counted, day_of

MOST_REASONS = 8  # the table behind the page has every signal


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
    """Returns how often each reason occurs among the cases with recent recorded change; None when too few."""
    counts, whole = signal_counts(facts), len(facts.volatile)
    seen = [(signal, count) for signal, count in counts if count and shown_percent(count, whole) != HIDDEN][
        :MOST_REASONS
    ]
    if not seen:
        return None
    bars = tuple(
        Bar(capital(signal.one), width_of(count, whole), shown_percent(count, whole)) for signal, count in seen
    )
    finding = f"{bars[0].name} is the most common reason, in {bars[0].shown} of cases with recent change"
    basis = (
        f"n = {counted(whole, 'case')} with recent recorded change; a case can have several "
        f"reasons. The most common of {len(counts)} signals are shown."
    )
    table = tuple((bar.name, shown_count(count), bar.shown) for bar, (_, count) in zip(bars, seen, strict=True))
    return Chart(finding, basis, (("", bars),), ("Reason", "Cases", "Share"), table)


def eligibility(facts: Facts) -> Chart:
    """Returns the share of cases with recent recorded change in each recorded group: the bias table."""
    tables = eligible_groups(facts)
    size, volatile = len(facts.cases), len(facts.volatile)
    groups, rows, shares = [], [], []
    for title, found in tables:
        bars = []
        for name, n, eligible in found:
            percent = shown_percent(eligible, n)
            bars.append(Bar(name, 0 if percent == HIDDEN else width_of(eligible, n), percent))
            rows.append((title, name, shown_count(n), shown_count(eligible), percent))
            shares += [int(percent[:-1])] if percent != HIDDEN else []
        groups.append((title, tuple(bars)))
    overall = shown_percent(volatile, size)
    spread = f"; the groups large enough to show lie between {min(shares)}% and {max(shares)}%" if shares else ""
    return Chart(
        f"{overall if overall != HIDDEN else 'Too few'} of all cases had recent recorded change{spread}",
        f"n = {counted(size, 'case')} that could be drawn. The line marks the share among all of them; * "
        "stands for too few to show.",
        tuple(groups),
        ("Recorded", "Group", "Cases", "With recent change", "Share"),
        tuple(rows),
        width_of(volatile, size) if overall != HIDDEN else None,
    )
