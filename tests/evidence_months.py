"""Gathered frames made up of chosen levels: months, practitioners and an effect, without a draw or a journal. Fast, and the truth is known."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pandas as pd

from sampling.journal.frames import frame
from sampling.policy import shared_folder
from sampling.reporting.gathering import ACTIONS, CASES, DESIGN, DRAWS, SCORES, Gathered
from sampling.rubric import rubrics_published
from sampling.tickets import digest

RUBRICS = tuple(
    sorted(
        (one for one in rubrics_published(shared_folder("rubrics")) if "adult" in one.profiles), key=lambda one: one.id
    )
)
LOW = -0.5  # a case whose record is poorer than this is scored again a week later
TEAMS = ("CMHT North", "EIP", "OPMH")


def months(first: str, count: int) -> list[str]:
    """Returns so many months from the first."""
    start = int(first[:4]) * 12 + int(first[5:]) - 1
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(start, start + count)]


def gathered(
    *, first: str = "2024-11", count: int = 24, people: int = 9, changed_in: int = 13, effect: float = 0.8, level: str = "L2", seed: int = 7,
    rubric_digest: Mapping[int, str] | None = None,
) -> Gathered:  # fmt: skip
    """Returns months of scored cases: two of each practitioner with recent change and one a team at random.

    From month `changed_in` on, the escalation rubric's levels are higher by `effect` on average. Every sixth case is scored twice, and
    those with the poorest records once more a week later. `rubric_digest` gives a month (from 0) and those after it another digest.
    """
    chance = random.Random(seed)
    scores, design, cases, draws, actions = [], [], [], [], []
    practitioners = {digest(f"practitioner {number}"): TEAMS[number % len(TEAMS)] for number in range(people)}
    skill = {name: chance.gauss(0, 0.25) for name in practitioners}
    for place, period in enumerate(months(first, count)):
        draw_id = f"{period}/adult"
        number = 0
        for name, team in practitioners.items():
            population = chance.randint(4, 12)
            design.append(_group(draw_id, period, team, name, "volatile", "volatile", population, 2))
            for turn in range(2):
                number += 1
                about = {"draw_id": draw_id, "period": period, "case": digest(f"{period} {name} {turn}"), "practitioner": name, "team": team,
                         "stratum": "volatile", "kind": "volatile"}  # fmt: skip
                shift = skill[name] + (effect if place + 1 >= changed_in else 0.0)
                _score(chance, about, shift, number, scores, cases, actions, _digests(rubric_digest, place))
        for team in TEAMS:
            design.append(_group(draw_id, period, team, "", "pool/other", "random", 40, 1))
            name = next(one for one, its in practitioners.items() if its == team)
            about = {"draw_id": draw_id, "period": period, "case": digest(f"{period} {team}"), "practitioner": name, "team": team,
                     "stratum": "pool/other", "kind": "random"}  # fmt: skip
            number += 1
            shift = 0.3 + (effect if place + 1 >= changed_in else 0.0)
            _score(chance, about, shift, number, scores, cases, actions, _digests(rubric_digest, place))
        draws.append({
            "draw_id": draw_id, "period": period, "as_of": f"{period}-28", "drawn_at": f"{period}-28T08:00:00Z", "profile": "adult",
            "evidence_level": level, "randomness": "dice", "seed": digest(draw_id), "commit": digest(f"commit {draw_id}"), "size": 200,
            "excluded": 12, "drawn": number, "replaced": 0, "tabled": 0, "eligibility_rule": "e1", "sampling_rule": "s1",
        })  # fmt: skip
    tables = {
        "scores": frame(SCORES, scores).fillna({"code": ""}),
        "design": frame(DESIGN, design).fillna({"practitioner": ""}),
    }
    return Gathered(
        **tables, cases=frame(CASES, cases), actions=frame(ACTIONS, actions), draws=frame(DRAWS, draws), rubrics=RUBRICS,
        journal_head=(1, "0" * 64),
    )  # fmt: skip


def _digests(changed: Mapping[int, str] | None, place: int) -> str:
    return next((text for start, text in sorted((changed or {}).items(), reverse=True) if place >= start), "")


def _group(
    draw_id: str, period: str, team: str, practitioner: str, stratum: str, kind: str, population: int, drawn: int
) -> dict[str, object]:
    return {"draw_id": draw_id, "period": period, "team": team, "practitioner": practitioner, "stratum": stratum, "kind": kind,
            "population": population, "drawn": drawn, "available": drawn, "eligibility_rule": "e1", "sampling_rule": "s1"}  # fmt: skip


def _score(
    chance: random.Random, about: dict[str, str], shift: float, number: int, scores: list[dict[str, object]], cases: list[dict[str, object]],
    actions: list[dict[str, object]], digest_: str,
) -> None:  # fmt: skip
    at = f"{about['period']}-28T10:00:00Z"
    latent = chance.gauss(0, 0.6)
    again = latent < LOW
    stages = ["first", *(["second"] if number % 6 == 0 else []), *(["follow_up-1"] if again else [])]
    for stage in stages:
        cases.append(
            {**about, "stage": stage, "state": "signed", "double": "second" in stages, "signed_at": at, "rubrics": ""}
        )
        for rubric in RUBRICS:
            for criterion in rubric.criteria:
                helped = shift if rubric.id == "escalation_rationale" else 0.0
                mean = 1.3 + latent + helped + (0.8 if stage.startswith("follow") else 0.0) + chance.gauss(0, 0.5)
                coded = chance.random() < 0.05
                found = None if coded else min(3, max(0, round(mean)))
                scores.append({
                    **about, "stage": stage, "rubric": rubric.id, "criterion": criterion.id, "ref": rubric.ref(criterion), "level": found,
                    "code": "not_applicable" if coded else None, "own_level": found, "moderated": False, "rubric_version": rubric.version,
                    "rubric_digest": digest_ or rubric.digest, "rater": digest(stage), "at": at,
                })  # fmt: skip
    if again:
        actions.append({
            **about, "criterion": "escalation_rationale/decision_and_reason", "action_kind": "rewrite_escalation_note",
            "state": "closed" if number % 2 else "overdue", "raised_at": at, "due": pd.Timestamp(f"{about['period']}-28").date(),
            "review_date": pd.Timestamp(f"{about['period']}-28").date(),
            "seen_on": pd.Timestamp(f"{about['period']}-28").date() if number % 2 else None, "outcome": "done" if number % 2 else None,
            "changed_at": at, "moved": 0,
        })  # fmt: skip
