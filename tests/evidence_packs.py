"""Packs from made-up months without a batch: the same sections, pages and files, in a second each; and how to read them back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from sampling.reporting import figures, sections
from sampling.reporting.account import Account
from sampling.reporting.analysis import Analysis, Order, analyse
from sampling.reporting.gathering import Gathered
from sampling.reporting.opening import up_to
from sampling.reporting.publishing import profile_of, publication, publish
from sampling.reporting.tables import action_name
from sampling.rubric import Rubric
from sampling.suppression import Suppressed

KINDS = ("before", "after", "repair", "actions")
TODAY = date(2026, 11, 1)
COACHED = Account.model_validate(
    {"change": [{"from": "2025-11", "what": "Coaching on rationale", "criteria": ["escalation_rationale"]}]}
)
PARTS = (
    sections.summary, sections.why, sections.methods, sections.over_time, sections.by_criterion, sections.repair, sections.between, sections.agreement,
    sections.actions, sections.discussion, sections.reproduce,
)  # fmt: skip


def published(home: Path, months: Gathered, period: str, suppression: str) -> None:
    """Keeps what the packs of a month show, as a batch does."""
    publish(home, *up_to(months, COACHED, period, ""), profile_of("audit", suppression, "team"), teams=True)


def found(home: Path, months: Gathered, period: str, **asked: Any) -> Analysis:
    """Returns the analysis of one pack. `asked` may have suppression, edition, team and purpose."""
    purpose, edition, team = asked.get("purpose", "audit"), asked.get("edition", "team"), asked.get("team", "")
    profile = profile_of(purpose, asked.get("suppression", ""), edition)
    shown = publication(
        home, *up_to(months, COACHED, period, ""), purpose=purpose, profile=profile, edition=edition, team=team, invented=False
    )  # fmt: skip
    return replace(analyse(months, COACHED, Order(shown.last or period, TODAY, team)), publication=shown)


def page(one: Analysis) -> str:
    """Returns the pack's sections as one page."""
    return "".join(part(one).html for part in PARTS)


def read_csv(text: str) -> list[dict[str, str]]:
    """Returns the rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(text)))


def as_read(release: Suppressed, packs: Mapping[str, Mapping[str, str]], rubrics: Iterable[Rubric]) -> Suppressed:
    """Returns the release with the numbers that stand in the files of the packs, in place of its own. `packs` is
    scope -> name of a file -> its text."""
    named = figures.titles(rubrics)
    tables = []
    for table in release.tables:
        scope, kind = table.name.split()[-2:]
        if kind in KINDS:
            rows = read_csv(packs[scope][f"{kind}-table"])
            shown = table.shown.copy()
            assert len(rows) == len(shown)
            for (ref, _), row in zip(table.shown.iterrows(), rows, strict=True):
                first, *cells = row.values()
                assert first == (action_name(str(ref)) if kind == "actions" else named[str(ref)])
                shown.loc[ref] = cells
            table = replace(table, shown=shown)
        tables.append(table)
    return replace(release, tables=tuple(tables))
