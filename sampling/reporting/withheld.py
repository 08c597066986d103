"""A report's sentences under a profile that hides: every number comes from the release, or is withheld in words."""

from __future__ import annotations

from collections.abc import Iterator

from sampling.evidence.measures import RATIONALE, REVIEW
from sampling.evidence.paired import MEANING
from sampling.evidence.regression_to_mean import HOW_CHOSEN
from sampling.evidence.results import Estimate
from sampling.reporting import figures
from sampling.reporting.analysis import Analysis, Side
from sampling.reporting.counting import ALL, IMPROVED, MET, PAIRS, RAISED, SAME, SCORED, SEEN, Kind
from sampling.reporting.publishing import HALF_YEAR, empty

# Mental Health Services Monthly Statistics shows no rate with a denominator below 100. An estimate weighted by the design cannot be handed to the
# suppression, so it is shown under no profile that hides unless each side has so many cases.
LEAST_CASES = 100


def standard(found: Analysis, ref: str) -> Iterator[str]:
    """Yields the share at the standard on a criterion, before and after, or that it is withheld."""
    title = figures.titles(found.gathered.rubrics).get(ref, ref)
    sides: tuple[tuple[Kind, Side], ...] = (("before", found.before), ("after", found.after))
    for kind, side in sides:
        if side.window.periods:
            share, scored = (found.publication.text(kind, ref, name) for name in (f"{MET}, %", SCORED))
            what = f"at the standard on “{title}” {side.window.words}"
            yield _share(found, share, scored, "scored cases were", what)


def repaired(found: Analysis) -> Iterator[str]:
    """Yields how many of the cases scored again improved, and what that can show."""
    for ref in (RATIONALE, REVIEW):
        title = figures.titles(found.gathered.rubrics).get(ref, ref)
        share, pairs = (found.publication.text("repair", ref, name) for name in (f"{IMPROVED}, %", PAIRS))
        yield _share(found, share, pairs, "cases scored again", f"improved on “{title}”")
    yield HOW_CHOSEN["level"]
    yield MEANING["repair"]


def acted(found: Analysis) -> str:
    """Returns how many of the actions were seen in the record."""
    share, raised = (found.publication.text("actions", ALL, name) for name in (f"{SEEN}, %", RAISED))
    if not found.publication.text("actions", ALL, RAISED):
        return found.publication.refusal or "No number of actions is told."
    return _share(found, share, raised, "actions raised from gaps were", "seen in the record")


def agreed(found: Analysis) -> str:
    """Returns how often two raters gave the same level."""
    row = "Double-scored criteria"
    share, pairs = (found.publication.text("agreement", row, name) for name in (f"{SAME}, %", PAIRS))
    return _share(found, share, pairs, "criteria that two people scored blind have", "exactly the same level")


def change_words(found: Analysis) -> str:
    """Returns the change of the rationale with its interval, to one decimal, "" where too few cases stand behind it or they are hidden."""
    shown = [found.publication.text(kind, RATIONALE, SCORED) for kind in _SIDES]
    behind = [side.headlines.rationale.mean.n for side in (found.before, found.after)]
    return "" if any(map(empty, shown)) or min(behind) < LEAST_CASES else interval_words(found.rationale_change)


_SIDES: tuple[Kind, ...] = ("before", "after")


def interval_words(change: Estimate) -> str:
    """Returns "+0.5 levels, 95% interval +0.3 to +0.7", "" where there is none."""
    if change.value is None or change.interval is None:
        return ""
    return f"{change.value:+.1f} levels, 95% interval {change.interval.low:+.1f} to {change.interval.high:+.1f}"


def until(found: Analysis) -> str:
    """Returns why the report ends where it does."""
    publication = found.publication
    if publication.refusal:
        return publication.refusal
    return (
        f"Under the profile {publication.profile.name} numbers are published for whole half-years of {HALF_YEAR} drawn months, so that no month can be had "
        f"by subtraction: this report ends with {found.windows.after.span.rpartition(' to ')[2] if found.windows.after.periods else found.windows.before.span.rpartition(' to ')[2]}."
    )


def _share(found: Analysis, share: str, whole: str, of_what: str, what: str) -> str:
    profile = found.publication.profile
    if not share or empty(share):
        return f"How many {of_what.removesuffix(' were').removesuffix(' have')} {_then(of_what)}{what} is withheld: the profile {profile.name} hides it."
    about = "about " if profile.rules["local"].round_to > 1 else ""
    return f"{share}% of {about}{whole} {of_what} {what}."


def _then(of_what: str) -> str:
    return next((f"{verb} " for verb in ("were", "have") if of_what.endswith(verb)), "")
