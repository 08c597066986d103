"""What a report on the invented years should find, from the model and not from the sample: written beside the draws as truth.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from sampling.batch.years_model import (
    EFFECTS,
    NARROWER,
    RATIONALE,
    REPAIR,
    REVIEW_DATES,
    SETTLED_SHARE,
    SLIPS,
    UNTOUCHED,
    VOLATILE,
    Floats,
    Model,
    Population,
    at_standard,
    both_at_standard,
    mean_level,
)

ABOUT = (
    "Written by the practice of two years: nobody in this service exists. Shares and means are those of all cases that could be drawn, "
    "and to which the criterion applies, as the service's own raters would score them: expected from the model, with nothing drawn."
)
SPREAD_RUBRIC = RATIONALE[0].partition("/")[
    0
]  # as in the reports, variation is between practitioners' cases on the whole rubric
_DIGITS = 6
Row = Mapping[str, float]


def truth_of(model: Model, populations: Sequence[Population], drawn: Mapping[str, frozenset[str]]) -> dict[str, Any]:
    """Returns the truth of the years as JSON. `drawn` is period -> the digests of the cases drawn, for what a follow-up would find.

    `before` and `after` are the months before the change and from it on (for a service without one, the two halves), each month
    counting with the number of cases to which the criterion applies: of `all` cases, and of those with recent recorded change.
    """
    halves = [[one for one in populations if _is_after(model, one, populations) == after] for after in (False, True)]
    return {
        "about": ABOUT,
        "all": _sides(model, halves),
        "volatile": _sides(model, halves, VOLATILE),
        "change": _change(model),
        "follow_up": _follow_up(model, populations, drawn),
        "periods": {one.period: _rows(model, [one]) for one in populations},
        "practitioners": {"before": _practitioners(model, halves[0]), "after": _practitioners(model, halves[1])},
        "raters": {
            rater: round(model.severity(rater), _DIGITS)
            for rater in sorted({one.rater for population in populations for one in population.members})
        },
        "seed": model.seed,
        "spread": {side: _spread(model, half) for side, half in zip(("before", "after"), halves, strict=True)},
    }


def split_of(model: Model, periods: Sequence[str]) -> str:
    """Returns the first month of the second part: that of the change, or the middle of the span for a service without one."""
    return model.changed_from or periods[len(periods) // 2]


def _is_after(model: Model, population: Population, populations: Sequence[Population]) -> bool:
    return population.period >= split_of(model, [one.period for one in populations])


def _change(model: Model) -> dict[str, Any] | None:
    if not model.changed_from:
        return None
    return {
        "effects_in_logits": dict(EFFECTS),
        "from": model.changed_from,
        "rationale": list(RATIONALE),
        "review_dates": list(REVIEW_DATES),
        "spread_between_practitioners_times": NARROWER,
        "untouched": UNTOUCHED,
    }


def _shares(model: Model, population: Population) -> tuple[Floats, Floats]:
    logits = model.logits(population)
    return at_standard(logits, SLIPS["first"]), mean_level(logits, SLIPS["first"])


def _rows(model: Model, populations: Iterable[Population], stratum: str = "") -> dict[str, Row]:
    """Returns ref -> number of cases that it applies to (summed over months), expected share at the standard and mean level.

    With a stratum, of its cases alone.
    """
    count, met, level = (np.zeros(len(model.refs)) for _ in range(3))
    for population in populations:
        shares, means = _shares(model, population)
        inside = np.array([stratum in ("", one.stratum) for one in population.members], dtype=bool)
        applies = population.applies & inside[:, None]
        count += applies.sum(axis=0)
        met += np.where(applies, shares, 0.0).sum(axis=0)
        level += np.where(applies, means, 0.0).sum(axis=0)
    return {
        ref: {
            "cases": int(count[place]),
            "at_standard": _rounded(met[place], count[place]),
            "mean_level": _rounded(level[place], count[place]),
        }
        for place, ref in enumerate(model.refs)
    }


def _sides(model: Model, halves: Sequence[Sequence[Population]], stratum: str = "") -> dict[str, dict[str, Row]]:
    """Returns before, after and the difference of the two, by ref."""
    before, after = (_rows(model, half, stratum) for half in halves)
    return {
        "before": before,
        "after": after,
        "difference": {ref: _difference(before[ref], after[ref]) for ref in model.refs},
    }


def _difference(before: Row, after: Row) -> dict[str, float]:
    return {name: round(after[name] - before[name], _DIGITS) for name in ("at_standard", "mean_level")}


def _rounded(total: float, count: float) -> float:
    return round(float(total / count), _DIGITS) if count else 0.0


def _practitioners(model: Model, populations: Sequence[Population]) -> dict[str, Any]:
    """Returns, for each changed criterion and the control, the expected share of each practitioner and the spread (SD) between them."""
    wanted = [(ref, model.refs.index(ref)) for ref in (*EFFECTS, UNTOUCHED) if ref in model.refs]
    met: dict[str, Floats] = {}
    count: dict[str, Floats] = {}
    for population in populations:
        shares, _ = _shares(model, population)
        for place, member in enumerate(population.members):
            applies = population.applies[place]
            met[member.practitioner] = met.get(member.practitioner, 0.0) + np.where(applies, shares[place], 0.0)
            count[member.practitioner] = count.get(member.practitioner, 0.0) + applies
    found = {}
    for ref, place in wanted:
        shares_of = {name: _rounded(met[name][place], count[name][place]) for name in sorted(met) if count[name][place]}
        found[ref] = {
            "at_standard": shares_of,
            "spread": round(float(np.std(list(shares_of.values()), ddof=1)), _DIGITS) if len(shares_of) > 1 else 0.0,
        }
    return found


def _spread(model: Model, populations: Sequence[Population]) -> float:
    """Returns the standard deviation between practitioners, in levels, of the mean over SPREAD_RUBRIC that each would have with the
    volatile cases of all: what is left when neither chance nor the mix of cases differs.
    """
    wanted = np.array([ref.startswith(SPREAD_RUBRIC + "/") for ref in model.refs])
    means: dict[str, list[float]] = {}
    for population in populations:
        inside = np.array([one.stratum == VOLATILE for one in population.members], dtype=bool)
        asked = population.applies & inside[:, None] & wanted
        for practitioner in sorted({one.practitioner_id for one in population.members if one.stratum == VOLATILE}):
            levels = mean_level(model.logits(population, skill=model.skill(practitioner)), SLIPS["first"])
            means.setdefault(practitioner, []).append(float(levels[asked].mean()) if asked.any() else 0.0)
    averages = [float(np.mean(months)) for months in means.values()]
    return round(float(np.std(averages, ddof=1)), _DIGITS) if len(averages) > 1 else 0.0


def _follow_up(
    model: Model, populations: Sequence[Population], drawn: Mapping[str, frozenset[str]]
) -> dict[str, dict[str, float]]:
    """Returns, for drawn cases with a gap on a criterion: the share at the standard a week later that settling alone explains (the
    regression to the mean of crises that end and of raters that slip), and the share with the repair.
    """
    gaps, alone, repaired = (np.zeros(len(model.refs)) for _ in range(3))
    slips = SLIPS["first"]
    for population in populations:
        chosen = np.array([one.case in drawn[population.period] for one in population.members], dtype=bool)
        applies = population.applies & chosen[:, None]
        now, later = model.logits(population), model.logits(population, crisis=1 - SETTLED_SHARE)
        gap = 1 - at_standard(now, slips)
        gaps += np.where(applies, gap, 0.0).sum(axis=0)
        for total, after in ((alone, later), (repaired, later + REPAIR)):
            gained = at_standard(after, slips) - both_at_standard(now, after, slips)
            total += np.where(applies, gained, 0.0).sum(axis=0)
    return {
        ref: {
            "settling_alone": _rounded(alone[place], gaps[place]),
            "with_repair": _rounded(repaired[place], gaps[place]),
        }
        for place, ref in enumerate(model.refs)
    }
