"""A service's own seeded vignettes, as short as the checks allow: each criterion has the reference level that a test asks for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sampling.rubric import rubrics_published
from sampling.rubric.vignettes import load_vignette, publish

HEADER = """\
[vignette]
slug = "{slug}"
version = "1.0"
title = "{title}"
setting = "adult"
record_to = 2026-02-27
rubrics = [{rubrics}]
reader = "For clinicians."
anonymity = "Everything here is invented."
planted = true
signals = ["non_attendance"]

[[document]]
file = "01-note.txt"
kind = "progress note"
date = 2026-02-24
author = "nurse"

[[event]]
kind = "contact_not_attended"
date = 2026-02-17
time = "10:15"

[[plan]]
kind = "crisis"
created = 2025-11-07
review_due = 2026-05-08
"""
NOTE = (
    "Home visit on [[Tuesday 24 February]]. Plan of [[7 November 2025]] read together; she was well. Seen by {slug}.\n"
)


def own_vignette(home: Path, slug: str = "ms-t-and-the-teapot", *, level: int = 1) -> Path:
    """Writes and publishes a seeded vignette below a home of draws, with that reference level throughout; returns its folder."""
    folder = home / "vignettes" / f"{slug}-1.0"
    folder.mkdir(parents=True)
    adult = {rubric.id: rubric for rubric in rubrics_published() if "adult" in rubric.profiles}.values()
    named = ", ".join(f'"{rubric.id}-{rubric.version}"' for rubric in adult)
    why = 'why = "It says \\"she was well\\" on [[24 February]], and no more."'
    references = "".join(
        f'\n[[reference]]\nrubric = "{rubric.id}"\ncriterion = "{one.id}"\nlevel = {level}\n{why}\n'
        for rubric in adult
        for one in rubric.criteria
    )
    text = HEADER.format(slug=slug, title=slug.replace("-", " "), rubrics=named) + references
    (folder / "vignette.toml").write_text(text, encoding="utf-8")
    (folder / "01-note.txt").write_text(NOTE.format(slug=slug), encoding="utf-8")
    publish(load_vignette(folder), folder.parent, date(2026, 10, 1))
    return folder
