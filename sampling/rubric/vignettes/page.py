"""A vignette to read: plain text for the terminal and one HTML file for paper. Reference levels appear only where they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import fill

from sampling.quality import page_environment
from sampling.rubric.folder import rubrics_published
from sampling.rubric.model import Rubric
from sampling.rubric.page import CRITICAL, month_name
from sampling.rubric.vignettes.model import CODES, Reference, Vignette

SETTINGS = {"adult": "adult mental health", "children": "children's services"}
WHO_SET_THEM = (
    "The authors of this vignette set these levels. No panel has confirmed them: have your own clinical and safeguarding leads read "
    "them before you use them."
)
_WIDTH = 100


@dataclass(frozen=True)
class Shown:
    """One reference as it is shown: the criterion's title, the level or code in words, the reason, and why it is hard, if it is."""

    title: str
    level: str
    why: str
    hard: str


def rubrics_of(vignette: Vignette, rubrics: Sequence[Rubric]) -> tuple[Rubric, ...]:
    """Returns the rubrics that a vignette is for, in their own order, out of all published ones."""
    return tuple(rubric for rubric in rubrics if vignette.rubrics.get(rubric.id) == rubric.version)


def references_of(vignette: Vignette, rubric: Rubric) -> tuple[Shown, ...]:
    """Returns a vignette's references for one rubric, in the order of its criteria."""
    shown = []
    for criterion in rubric.criteria:
        reference = vignette.reference(rubric.id, criterion.id)
        title = f"{criterion.title}{' ' + CRITICAL if criterion.critical else ''}"
        shown.append(Shown(title, level_words(reference), reference.why, reference.hard))
    return tuple(shown)


def level_words(reference: Reference) -> str:
    """Returns a reference's level or code in words."""
    return CODES[reference.code] if reference.code else f"level {reference.level}"


def day_words(day: date) -> str:
    """Returns a day in words: 3 March 2026."""
    return f"{day.day} {month_name(day.month)} {day.year}"


def plain_text(vignette: Vignette, *, references: bool = False) -> str:
    """Returns the vignette as plain text of at most a hundred characters a line; the documents keep their own lines."""
    rubrics = rubrics_of(vignette, rubrics_published())
    parts = [
        f"{vignette.title} ({vignette.id}), {SETTINGS[vignette.setting]}, about {vignette.minutes} minutes to read",
        fill(vignette.reader, _WIDTH),
        fill(f"For: {', '.join(f'{rubric.title} {rubric.version}' for rubric in rubrics)}.", _WIDTH),
        f"The record is read as of {day_words(vignette.record_to)}.",
        "\n".join(fill(f"- {rule}", _WIDTH, subsequent_indent="  ") for rule in vignette.local_rules),
        *(
            f"--- {entry.kind}, {day_words(entry.day)}, {entry.author} ---\n\n{entry.text}"
            for entry in vignette.documents
        ),
        fill(vignette.anonymity, _WIDTH),
    ]
    if references:
        parts += [fill(WHO_SET_THEM, _WIDTH), *(_reference_text(vignette, rubric) for rubric in rubrics)]
    return "\n\n".join(part for part in parts if part)


def _reference_text(vignette: Vignette, rubric: Rubric) -> str:
    lines = [f"{rubric.title} {rubric.version}"]
    for shown in references_of(vignette, rubric):
        lines.append(
            fill(f"{shown.title}: {shown.level}. {shown.why}", _WIDTH, initial_indent="  ", subsequent_indent="    ")
        )
        if shown.hard:
            lines.append(
                fill(f"Hard between 1 and 2: {shown.hard}", _WIDTH, initial_indent="    ", subsequent_indent="    ")
            )
    return "\n".join(lines)


def html(vignette: Vignette, *, references: bool = False) -> str:
    """Returns the vignette as one HTML file without script or network, to be read on a screen or printed on A4.

    Without `references` the page holds no reference level and no reason, also not in its source.
    """
    rubrics = rubrics_of(vignette, rubrics_published())
    levels: Mapping[str, tuple[Shown, ...]] = {rubric.title: references_of(vignette, rubric) for rubric in rubrics}
    return (
        page_environment()
        .get_template("vignette.html.j2")
        .render(
            vignette=vignette.for_raters(),
            days=[day_words(entry.day) for entry in vignette.documents],
            record_to=day_words(vignette.record_to),
            setting=SETTINGS[vignette.setting],
            rubrics=[f"{rubric.title} {rubric.version}" for rubric in rubrics],
            levels=levels if references else {},
            who_set_them=WHO_SET_THEM,
        )
    )
