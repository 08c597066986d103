"""What a reader is told of a suppressed table, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sampling.suppression.profiles import Profile, Rule

INSIDE_ONLY = (
    "Nothing is hidden or rounded (suppression profile none): for use inside the service only. "
    "Small numbers here can point to a person. Do not publish this table or pass it on."
)


@dataclass(frozen=True)
class Tally:
    """How many counts a table has, how many are hidden as small and for protection, and how many figures are hidden.

    told_apart: whether readers may know how many of the hidden ones are small.
    """

    counts: int
    small: int
    protecting: int
    figures: int
    told_apart: bool


def table_sentences(profile: Profile, rule: Rule, tally: Tally, *, figures: bool) -> tuple[str, ...]:
    """Returns what stands under a table: what the marks mean, how many numbers are hidden and why, what is rounded."""
    if profile.inside_only:
        return (INSIDE_ONLY,)
    found = [f"Suppression profile {profile.name}: {profile.title}.", *_marks(rule), _hidden(tally)]
    if rule.round_to > 1:
        found.append(
            f"Counts are rounded to the nearest {rule.round_to}, so they need not add up to the totals shown, which are "
            "rounded for themselves."
        )
    if figures:
        found.append(_figures(tally.figures))
    if rule.hidden:
        found.append(_promise(rule))
    return tuple(found)


def _marks(rule: Rule) -> list[str]:
    absent = f"{rule.not_applicable} stands where a number does not apply."
    if not rule.hidden:
        return [f"{rule.mark} stands for a number that would give a small one in another table away.", absent]
    first, last = rule.hidden
    zero = [] if rule.is_small(0) else ["0 is exactly none."]
    if rule.small_mark == rule.mark:
        return [
            f"{rule.mark} stands for {first} to {last}, or for a number that would give such a one away.",
            *zero,
            absent,
        ]
    return [
        f"{rule.small_mark} stands for {first} to {last}, which rounds to zero and is not zero.",
        f"{rule.mark} stands for a number that is hidden so that none of {first} to {last} can be worked out.",
        *zero,
        absent,
    ]


def _hidden(tally: Tally) -> str:
    if not tally.small + tally.protecting:
        return f"None of the {tally.counts} counts is hidden."
    total = tally.small + tally.protecting
    verb = "is" if total == 1 else "are"
    if not tally.told_apart:
        return (
            f"{total} of the {tally.counts} counts {verb} hidden: each is small, or would help to work a small one out."
        )
    reasons = [f"{tally.small} because {_are(tally.small)} small"] if tally.small else []
    if tally.protecting:
        reasons.append(f"{tally.protecting} because a small one could be worked out from {_them(tally.protecting)}")
    return f"{total} of the {tally.counts} counts {verb} hidden: {' and '.join(reasons)}."


def _figures(hidden: int) -> str:
    start = "Percentages, rates and means are computed from the exact counts and then rounded"
    if not hidden:
        return f"{start}; none is hidden."
    verb, they = ("is", "it") if hidden == 1 else ("are", "they")
    return (
        f"{start}; {hidden} {verb} hidden, because a count behind {_them(hidden)} is small or hidden, "
        f"or because {they} would give one away."
    )


def _promise(rule: Rule) -> str:
    return (
        f"Whatever is worked out from all that is shown, at least {rule.safe_values} different values stay possible for each hidden "
        "small number."
    )


def _are(count: int) -> str:
    return "it is" if count == 1 else "they are"


def _them(count: int) -> str:
    return "it" if count == 1 else "them"


def release_sentences(profile: Profile, tables: int, earlier: int, *, hidden: int) -> tuple[str, ...]:
    """Returns what is said of a whole release: that its tables, and those before it, were protected as one."""
    if profile.inside_only:
        return (INSIDE_ONLY,)
    counts = "No count is" if not hidden else f"{hidden} {'count is' if hidden == 1 else 'counts are'}"
    found = f"{counts} hidden in {tables} {'table' if tables == 1 else 'tables published together'}."
    if tables == 1 and not earlier:
        return (found,)
    before = f", with {earlier} earlier {'release' if earlier == 1 else 'releases'}" if earlier else ""
    return (
        found,
        f"They were protected as one{before}: subtracting one table from another gives no hidden number away.",
    )


def refusal_sentence(names: Sequence[str]) -> str:
    """Returns why nothing is shown. Names tables, never a number or a group."""
    tables = ", ".join(names)
    return (
        f"Not shown: no way to hide numbers makes this release safe. In {tables} a small number could be worked out from what readers "
        "know already (totals published elsewhere, or an earlier release). Put small groups together, or cover more months."
    )
