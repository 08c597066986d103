"""A rubric to read: plain text for the terminal, and one HTML file for the wall, for A4 and for a small screen."""

from __future__ import annotations

from datetime import date
from textwrap import fill

from sampling.quality import page_environment
from sampling.rubric.model import Criterion, Rubric

CRITICAL = "‡"
LEVEL_MEANINGS = (
    "nothing in the record",
    "present, but not usable",
    "clear and complete",
    "clear, complete and connected: another worker could act on it tonight",
)
_WIDTH = 100
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_FATE_WORDS = {
    "same": "as before: ratings are carried over",
    "rescore": "changed: ratings are to be made again",
    "new": "new",
    "dropped": "dropped",
}


def status_words(rubric: Rubric) -> str:
    """Returns whether a version is published, in words."""
    if rubric.status != "published":
        return "a draft, not for use"
    day = date.fromisoformat(rubric.published)
    return f"published on {day.day} {month_name(day.month)} {day.year}"


def month_name(month: int) -> str:
    """Returns the name of month 1 to 12."""
    return MONTHS[month - 1]


def plain_text(rubric: Rubric) -> str:
    """Returns the whole rubric as plain text of at most a hundred characters a line."""
    profiles = " and ".join(rubric.profiles)
    parts = [
        f"{rubric.title} ({rubric.id}), version {rubric.version}, {status_words(rubric)}",
        _wrapped(rubric.purpose),
        _wrapped(f"Applies when: {rubric.applies_when}"),
        f"Services: {profiles}. Pass level: {rubric.pass_level} and above. {CRITICAL} marks a critical criterion.",
        *(_criterion(criterion, number) for number, criterion in enumerate(rubric.criteria, 1)),
        "\n".join(["Sources:", *(_wrapped(source, "  - ") for source in rubric.sources)]),
        f"Digest: {rubric.digest}",
    ]
    return "\n\n".join(parts)


def _criterion(criterion: Criterion, number: int) -> str:
    lines = [f"{number}. {criterion.title}{' ' + CRITICAL if criterion.critical else ''}  [{criterion.id}]"]
    lines.append(_wrapped(criterion.question, "   "))
    lines += [_wrapped(f"{level}  {anchor}", "   ", "      ") for level, anchor in enumerate(criterion.levels)]
    lines += [_wrapped(f"Note: {criterion.note}", "   ")] if criterion.note else []
    return "\n".join(lines)


def _wrapped(text: str, first: str = "", rest: str | None = None) -> str:
    later = " " * len(first) if rest is None else rest
    return fill(text, _WIDTH, initial_indent=first, subsequent_indent=later, break_long_words=False)


def html(rubric: Rubric) -> str:
    """Returns the rubric as one HTML file without script or network, to be read on a screen or printed on A4."""
    titles = {criterion.id: criterion.title for criterion in rubric.criteria}
    maps = [
        (entry.before, [(titles.get(id, id), _FATE_WORDS[fate]) for id, fate in entry.fates.items()])
        for entry in rubric.maps
    ]
    return (
        page_environment()
        .get_template("rubric.html.j2")
        .render(
            rubric=rubric,
            status=status_words(rubric),
            services={"adult": "adult services", "children": "children's services"},
            meanings=LEVEL_MEANINGS,
            critical=CRITICAL,
            maps=maps,
        )
    )
