"""What became of risk actions in the record of the invented years: plans that were updated, safeguarding concerns that were raised.

It is written into the extract when all is drawn and scored, as the extract of a later day has it: the draws were made without it, and stay as
they are. Some actions that people said were seen are not in the record, and some are that nobody came back to: how many is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sampling.batch.years_ledger import KINDS
from sampling.scoring.rules.actions import Action, actions
from sampling.scoring.rules.standing import day_in_england
from sampling.scoring.service import Service
from sampling.scoring.settings.draws import local_ids
from sampling.sources.synthesis import mark_again

PLANS, CONCERNS = "plans.parquet", Path("extension") / "safeguarding.parquet"
PLAN, CONCERN = "update_crisis_plan", "safeguarding_referral"
MONTHS = (-4, -1)  # of the draws: the last one's actions have their review dates after the extract ends
_REACHED = {
    True: 0.86,
    False: 0.3,
}  # share of cases whose record shows it in time: where somebody said so, where nobody did
_OUTCOMES = ("section 42 enquiry", "no further action", "information and advice")
_DAY = timedelta(days=1)
Row = dict[str, Any]


@dataclass(frozen=True)
class Risky:
    """A risk action: the local id of its case, its month, its window, and whether a person said in time that the record shows it."""

    case: str
    month: str
    kind: str
    raised: date
    review: date
    said: bool
    closed_early: bool


def write_later_record(service: Service, source: Path, chance: Callable[[str], float]) -> dict[str, Any]:
    """Writes what became of the risk actions into the extract at `source`, and returns month -> kind -> standing -> number of actions.

    The standings are agree, only_said, only_found, neither and cannot_tell, as docs/action-log.md counts them, and dropped.
    """
    risky = _risky(service)
    tables = {name: pq.read_table(source / name) for name in (PLANS, CONCERNS)}
    plans, concerns = tables[PLANS].to_pylist(), tables[CONCERNS].to_pylist()
    for (case, _, kind), own in _by_case(risky).items():
        first, last = max(one.raised for one in own), min(one.review for one in own)
        if first >= last or chance(f"{kind} {case} {first}") >= _REACHED[any(one.said for one in own)]:
            continue
        day = first + _DAY * (1 + int(chance(f"day {kind} {case}") * (last - first).days))
        if kind == PLAN:
            _update(plans, case, day)
        else:
            outcome = _OUTCOMES[int(chance(f"outcome {case}") * len(_OUTCOMES))]
            concerns.append({"case_id": case, "raised_on": day, "kind": "adult", "outcome": outcome})
    for name, rows in ((PLANS, plans), (CONCERNS, concerns)):
        table = pa.Table.from_pylist(rows, schema=tables[name].schema)
        pq.write_table(table, source / name, compression="zstd", compression_level=1)
    mark_again(source)
    return _standings(risky, plans, concerns)


def _risky(service: Service) -> list[Risky]:
    world = service.world()
    found: list[Risky] = []
    for draw in world.draws[slice(*MONTHS)]:
        reviews = {key: review for key, review in world.reviews.items() if review.commit == draw.commit}
        ids = local_ids(draw.commit, {review.case_key for review in reviews.values()})
        entries = service.journal.as_(None).entries(reviews=list(reviews), kinds=KINDS)
        for one in actions(entries):
            if one.kind in (PLAN, CONCERN):
                found.append(_one(one, ids[reviews[one.review].case_key], draw.period))
    return found


def _one(action: Action, case: str, month: str) -> Risky:
    raised = day_in_england(action.raised_at)
    said = action.seen is not None and raised <= action.seen.seen_on <= action.review_date
    dropped = action.closed is not None and action.closed.outcome != "done"
    early = dropped and action.closed is not None and day_in_england(action.closed.at) <= action.review_date
    return Risky(case, month, action.kind, raised, action.review_date, said, early)


def _by_case(risky: Iterable[Risky]) -> Mapping[tuple[str, str, str], list[Risky]]:
    """Returns (case, month, kind) -> its actions: one change of the record meets them all."""
    found: dict[tuple[str, str, str], list[Risky]] = {}
    for one in risky:
        found.setdefault((one.case, one.month, one.kind), []).append(one)
    return found


def _update(plans: Iterable[Row], case: str, day: date) -> None:
    for row in plans:
        if row["case_id"] == case and row["kind"] == "crisis" and row["created"] <= day:
            row["updated"] = day


def _standings(
    risky: Sequence[Risky], plans: Sequence[Row], concerns: Sequence[Row]
) -> dict[str, dict[str, dict[str, int]]]:
    changed: dict[tuple[str, str], list[Row]] = {}
    for row in plans:
        if row["kind"] == "crisis":
            changed.setdefault((row["case_id"], PLAN), []).append(row)
    for row in concerns:
        changed.setdefault((row["case_id"], CONCERN), []).append(row)
    counts: dict[str, dict[str, Counter[str]]] = {}
    for one in risky:
        standing = _standing(one, changed.get((one.case, one.kind), ()))
        counts.setdefault(one.month, {}).setdefault(one.kind, Counter())[standing] += 1
    return {month: {kind: dict(sorted(n.items())) for kind, n in kinds.items()} for month, kinds in counts.items()}


def _standing(one: Risky, rows: Iterable[Row]) -> str:
    if one.closed_early:
        return "dropped"
    names = ("created", "updated", "agreed") if one.kind == PLAN else ("raised_on",)
    days = [[row[name] for name in names if row[name]] for row in rows]
    if any(one.raised <= day <= one.review for each in days for day in each):
        return "agree" if one.said else "only_found"
    if one.kind == PLAN and any(max(each) > one.review and each[0] <= one.review for each in days):
        return "cannot_tell"  # the extract has the last change of a plan alone
    return "only_said" if one.said else "neither"
