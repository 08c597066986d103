"""The files that a service may bring: their names, columns and examples. docs/effectiveness.md has the same in words; a test holds the two together."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from sampling.assurance.effect.brought import Better, Direction, Level
from sampling.assurance.effect.policy import EffectPolicy, load_effect_policy
from sampling.errors import StorageError
from sampling.sources.tables import Column, TableSchema

SURVEY, ASKED, INCIDENTS, AGAINST = "staff_survey", "staff_asked", "incidents", "incidents_against"
KPIS, PARTNERS, BASELINES = "kpis", "partner_feedback", "baselines"
LONGEST: Mapping[str, int] = {"team": 80, "what": 60, "name": 120, "unit": 40, "source": 200, "partner": 120, "minute": 80,
                              "summary": 500, "measure": 200}  # fmt: skip
_TEAM = Column("team", "text", "Team, as in the draws; empty for none", "North")


def brought_folder(draws: Path) -> Path:
    """Returns where the files lie unless another folder is named: beside the draws."""
    return draws / "assurance" / "brought"


def _day(name: str, meaning: str, example: str = "2026-09-30") -> Column:
    return Column(name, "date", meaning, example, required=True, unit="day")


def schemas(policy: EffectPolicy | None = None) -> dict[str, TableSchema]:
    """Returns each file's columns by the file's name; those of the survey's items and of the themes come from the policy."""
    rules = policy or load_effect_policy()
    survey = TableSchema(
        SURVEY,
        "One row a response. No name, no job title, no time of day.",
        (
            _day("wave", "The day on which the wave closed: the same for all its responses"),
            _TEAM,
            *(Column(one.id, "number", one.text, "4", unit="1 to 5") for one in rules.item),
        ),
    )
    incidents = TableSchema(
        INCIDENTS,
        "One row an incident, without a reference that leads to a person.",
        (
            _day("date", "The day it happened, or was found", "2026-08-14"),
            Column("theme", "code", "Theme", "escalation", required=True, values=tuple(one.id for one in rules.theme)),
            _TEAM,
            Column("level", "code", "Level of harm", "low", values=get_args(Level)),
            Column("supervision", "yes/no", "Whether supervision had a part in it; empty: not judged", "no"),
        ),
    )
    return {one.name: one for one in (survey, _asked(), incidents, _against(), _kpis(), _partners(), _baselines())}


def _asked() -> TableSchema:
    return TableSchema(
        ASKED,
        "How many people were asked to answer a wave.",
        (
            _day("wave", "The wave, as in staff_survey"),
            Column("team", "text", "Team; empty for the whole service", ""),
            Column("asked", "number", "How many were asked", "48", required=True, unit="people"),
        ),
    )


def _against() -> TableSchema:
    return TableSchema(
        AGAINST,
        "What the incidents of a quarter are counted against.",
        (
            Column("quarter", "text", "Quarter of the calendar", "2026-Q3", required=True),
            Column("what", "text", "What is counted", "contacts", required=True),
            Column("number", "number", "How many", "5200", required=True),
        ),
    )


def _kpis() -> TableSchema:
    return TableSchema(
        KPIS,
        "One row a value of an indicator: numerator and denominator, or a value with its unit.",
        (
            Column("name", "text", "Indicator", "Crisis plans reviewed within 12 months", required=True),
            Column("period", "text", "Month, quarter or year; one length for each indicator", "2026-Q3", required=True),
            Column("numerator", "number", "The part", "184"),
            Column("denominator", "number", "The whole", "230"),
            Column("value", "number", "The value, where there is no numerator and denominator", ""),
            Column("unit", "text", "Unit of the value", ""),
            Column("target", "number", "Target, in per cent or in the unit", "85"),
            Column("better", "code", "Which way is better", "higher", required=True, values=get_args(Better)),
            Column("source", "text", "Where the value and the target stand", "Contract schedule 6", required=True),
            Column("may_leave", "yes/no", "Whether a value without a denominator may leave the service", ""),
        ),
    )


def _partners() -> TableSchema:
    return TableSchema(
        PARTNERS,
        "What partner agencies said, for governance. No case, no name.",
        (
            _day("date", "The day it was said or written", "2026-09-02"),
            Column("partner", "text", "Agency", "Children's social care", required=True),
            Column("direction", "code", "Direction", "positive", required=True, values=get_args(Direction)),
            Column("minute", "text", "Reference of the governance minutes", "CGG 2026-09 item 7"),
            Column("summary", "text", "What it was about, in a sentence", "Referrals say what was seen and when"),
        ),
    )


def _baselines() -> TableSchema:
    return TableSchema(
        BASELINES,
        "Counts from before this way of sampling began.",
        (
            Column("measure", "text", "What was counted", "Records without a review date", required=True),
            _day("first", "First day that it covers", "2025-10-01"),
            _day("last", "Last day that it covers", "2026-03-31"),
            Column("number", "number", "The count", "31", required=True),
            Column("of", "number", "Of how many", "60"),
            Column("source", "text", "Where it stands", "Audit of April 2026", required=True),
        ),
    )


def write_templates(folder: Path, policy: EffectPolicy | None = None) -> tuple[Path, ...]:
    """Writes a blank CSV file for each kind, header row alone, and returns their paths. A file that is there stays as it is.

    Raises StorageError where the folder cannot be written.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, schema in schemas(policy).items():
            path = folder / f"{name}.csv"
            if any((folder / f"{name}{suffix}").exists() for suffix in (".csv", ".xlsx")):
                continue
            line = io.StringIO()
            csv.writer(line).writerow([column.name for column in schema.columns])
            path.write_text(line.getvalue(), encoding="utf-8-sig", newline="")  # so that Excel opens it as UTF-8
            written.append(path)
    except OSError as error:
        raise StorageError(
            f"The blank files cannot be written ({type(error).__name__}). Check the folder and who may write to it."
        ) from None
    return tuple(written)
